"""How parallel slices lie one behind the other: distances, tilt, and the even grid nearest to them.

``along`` is the distance in mm along the normal, row direction × column direction, in increasing order.

References
----------
PS3.3 C.7.6.2.1.1. Slice Thickness, Spacing Between Slices and Slice Location are often wrong: positions
alone decide.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# PET tables stop within some tenths of a millimetre: 3.19 to 3.29 mm is one regular series.
GAP_TOLERANCE = 0.05
# Of the usual distance: how far a slice may lie beside, before or behind its place on the line.
LINE_TOLERANCE = 0.10
# Positions written to a tenth of a millimetre: 0.6, 0.6, 0.7 mm are 0.625 mm, if no error adds up.
WRITTEN_MM = 0.1 + 1e-6
# Below this the shear is noise of the written digits.
LEAST_TILT_DEGREES = 0.5
# An even step must be kept by this share of the gaps to count as the usual one.
_USUAL_SHARE = 0.25


@dataclass(frozen=True)
class Gap:
    """Successive distances unlike the usual one: from slice *first* to slice *last*, counted from 1."""

    first: int
    last: int
    millimetres: float

    def __str__(self) -> str:
        return f"{self.first}–{self.last}: {self.millimetres:.3f} mm"


@dataclass(frozen=True)
class StackLine:
    """Where a stack's slices lie.

    Attributes
    ----------
    along : floats, mm
        Along the normal, increasing.
    usual_mm : float
        The distance that most neighbours keep; the smaller one where two distances share the stack.
    is_even : bool
        All distances are the usual one, within the tolerances.
    tilt_degrees : float
        Between the line through the slices and their normal.
    gaps : unlike distances, in order
    farthest : (int, float)
        The slice, from 1, that lies farthest beside the line, and how far in mm.
    """

    along: NDArray[np.float64]
    usual_mm: float
    is_even: bool
    tilt_degrees: float
    gaps: tuple[Gap, ...]
    farthest: tuple[int, float]

    @property
    def is_tilted(self) -> bool:
        return self.tilt_degrees > LEAST_TILT_DEGREES

    @property
    def even_steps(self) -> int:
        """Steps of nearly the usual distance between the first slice and the last."""
        if self.is_even:
            return len(self.along) - 1
        return max(1, round(float(self.along[-1] - self.along[0]) / self.usual_mm))


def stack_line(positions: NDArray[np.float64], normal: NDArray[np.float64]) -> StackLine:
    """How the slices at *positions*, (n, 3) LPS mm in order along *normal*, lie; no two at one place."""
    along = positions @ normal
    distances = np.diff(along)
    usual = usual_distance(distances)
    unlike = np.abs(distances - usual) > GAP_TOLERANCE * usual
    # Small differences of one sign add up: 3.0 mm in one half and 3.1 mm in the other.
    drifts = _drift(along) > LINE_TOLERANCE * usual
    if not drifts:
        unlike &= np.abs(distances - usual) > WRITTEN_MM
    line = (positions[-1] - positions[0]) / (along[-1] - along[0])
    aside = np.linalg.norm(positions - positions[0] - (along - along[0])[:, None] * line, axis=1)
    farthest = int(np.argmax(aside))
    return StackLine(
        along=along,
        usual_mm=usual,
        is_even=not bool(unlike.any()) and not drifts,
        tilt_degrees=math.degrees(math.acos(min(1.0, 1.0 / float(np.linalg.norm(line))))),
        gaps=tuple(_runs(distances, unlike)),
        farthest=(farthest + 1, float(aside[farthest])),
    )


def usual_distance(distances: NDArray[np.float64]) -> float:
    """The median, or the smaller distance of those that a quarter of the neighbours keep."""
    ordered = np.sort(distances)
    start = 0
    while start < len(ordered):
        end = int(np.searchsorted(ordered, ordered[start] * (1 + 2 * GAP_TOLERANCE), side="right"))
        if end - start >= _USUAL_SHARE * len(ordered):
            return float(np.median(ordered[start:end]))
        start = max(end, start + 1)
    return float(np.median(ordered))


def _drift(along: NDArray[np.float64]) -> float:
    """How far a slice lies at most from where even steps would have it."""
    return float(np.abs(along - np.linspace(along[0], along[-1], len(along))).max())


def _runs(distances: NDArray[np.float64], unlike: NDArray[np.bool_]) -> Iterator[Gap]:
    """Unlike distances, equal neighbours as one: 14–15: 1.081 mm, 15–28: 6.999 mm."""
    first = 0
    while first < len(distances):
        last = first + 1
        if unlike[first]:
            while (
                last < len(distances)
                and unlike[last]
                and abs(distances[last] - distances[first]) <= GAP_TOLERANCE * distances[first]
            ):
                last += 1
            mean = float(np.mean(distances[first:last]))
            yield Gap(first + 1, last + 1, round(mean, 6))
        first = last


def listed(gaps: Sequence[Gap], most: int = 4) -> str:
    """The first of *gaps* for a message, the same in every language."""
    return ", ".join(map(str, gaps[:most])) + (", …" if len(gaps) > most else "")
