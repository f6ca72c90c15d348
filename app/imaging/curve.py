"""Modality values to 256 greys by a curve that the reader draws: straight lines between points.

Below the first point its grey holds, above the last one that of the last; between two points

    grey = floor(g0 + (x - v0) / (v1 - v0) × (g1 - g0) + 0.5)

in double precision and in this order, which is that of ``greyOf`` in ``static/js/lib/curve.js``: pictures
that the browser makes are those of the server, pixel by pixel.
"""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.imaging.errors import N_, ImagingError

MIN_POINTS, MAX_POINTS = 2, 32
LARGEST_VALUE = 1e9
"""Values of points lie between ± this, in modality units."""
_AT_ONCE = 1 << 20  # values; each takes some 40 bytes on the way


class InvalidCurve(ImagingError):
    """Points that are no curve of greys."""

    code = "invalid_curve"


@dataclass(frozen=True)
class Curve:
    """A piecewise linear curve from modality values to greys.

    Attributes
    ----------
    points : tuple of 2 to 32 (value, grey)
        Values in modality units (HU for CT), each above the one before; greys 0 to 255, also fractions.

    Raises
    ------
    InvalidCurve
        The points are none such.
    """

    points: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        if not MIN_POINTS <= len(self.points) <= MAX_POINTS:
            raise InvalidCurve(
                N_("A curve has %(least)s to %(most)s points, not %(found)s."),
                least=MIN_POINTS,
                most=MAX_POINTS,
                found=len(self.points),
            )
        for value, grey in self.points:
            if not (math.isfinite(value) and abs(value) <= LARGEST_VALUE):
                template = N_("A point of the curve stands at %(found)s; a number up to %(limit)s is wanted.")
                raise InvalidCurve(template, found=f"{value:g}", limit=f"{LARGEST_VALUE:g}")
            if not 0 <= grey <= 255:  # nor NaN
                template = N_("A point of the curve has grey %(found)s; 0 to 255 is wanted.")
                raise InvalidCurve(template, found=f"{grey:g}")
        for (before, _), (after, _) in pairwise(self.points):
            if not before < after:
                template = N_("The points of a curve must rise: %(after)s comes after %(before)s.")
                raise InvalidCurve(template, before=f"{before:.10g}", after=f"{after:.10g}")

    @property
    def key(self) -> str:
        """The same text for the same curve: ``value:grey`` with commas between."""
        return ",".join(f"{value!r}:{grey!r}" for value, grey in self.points)

    def greys(self, plane: NDArray[Any]) -> NDArray[np.uint8]:
        """The greys of modality values, 0 to 255; NaN gives 0."""
        flat = np.ravel(plane)
        greys = np.empty(flat.shape, np.uint8)
        for start in range(0, flat.size, _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            greys[part] = self._greys(flat[part].astype(np.float64))
        return greys.reshape(plane.shape)

    def _greys(self, values: NDArray[np.float64]) -> NDArray[np.uint8]:
        knots = np.array(self.points, np.float64)
        # Past either end the ends themselves stand, infinities too; NaN is no data, and black.
        is_number = ~np.isnan(values)
        inside = np.clip(np.where(is_number, values, knots[0, 0]), knots[0, 0], knots[-1, 0])
        place = np.minimum(np.searchsorted(knots[:, 0], inside, side="right") - 1, len(knots) - 2)
        rise = np.diff(knots, axis=0)
        inside -= knots[place, 0]
        inside /= rise[place, 0]
        inside *= rise[place, 1]
        grey = knots[place, 1] + inside
        grey += 0.5
        return np.where(is_number, grey, 0).astype(np.uint8)  # which cuts off: nothing is below 0
