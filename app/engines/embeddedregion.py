"""The working grid of the embedded engine: a small box of voxels around what is being outlined.

All lists of three are in the order of arrays: (k, j, i). A place is counted from the outer *edge* of the
volume's first voxel, in voxels: voxel n lies from n to n + 1, its centre at n + 0.5. Working voxels are
blocks in the same count, so that a coarser grid keeps the edges where they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

MOST_VOXELS = 80**3
THICK_RATIO = 3.0
"""Slices farther apart than this many pixels are worked on one by one, at their own places."""

_LEAST_SIDE = 3
_SAMPLES = 2  # voxels read along an axis for each working voxel, at least
_FINEST = 1.0  # working voxels are never smaller than the volume's finest side

Triple = tuple[float, float, float]
Floats = NDArray[np.float32]
Numbers = Sequence[float] | NDArray[np.float64]
Span = tuple[slice, slice, slice]


@dataclass(frozen=True)
class Region:
    """``shape`` working voxels of ``step`` (voxels of the volume, by axis) from the edge ``start`` on.

    ``unit`` is how far apart neighbours are along each axis, counted in the finest spacing ``unit_mm``.
    ``is_open`` tells for each axis whether the volume goes on before and behind the region.
    """

    start: Triple
    step: Triple
    shape: tuple[int, int, int]
    unit: Triple
    unit_mm: float
    is_open: tuple[tuple[bool, bool], ...]

    @property
    def is_thick(self) -> bool:
        """Whether slices are worked on at their own places because they lie far apart."""
        return max(self.unit) > THICK_RATIO

    @property
    def span(self) -> Span:
        """The voxels of the volume that the region touches."""
        sides = []
        for start, step, count in zip(self.start, self.step, self.shape, strict=True):
            sides.append(slice(int(np.floor(start + 1e-6)), int(np.ceil(start + step * count - 1e-6))))
        return sides[0], sides[1], sides[2]

    def working(self, index_kji: NDArray[Any]) -> NDArray[np.int64]:
        """The working voxels (n, 3) in which the volume's voxels *index_kji* (n, 3) have their centres."""
        found = np.floor((np.asarray(index_kji) + 0.5 - self.start) / self.step)
        return np.asarray(found, np.int64)

    def inside(self, working: NDArray[np.int64]) -> NDArray[np.int64]:
        """Those of the *working* voxels that are there, each once."""
        there = ((working >= 0) & (working < self.shape)).all(axis=1)
        return np.unique(working[there], axis=0)

    def marked_places(self, marks: Sequence[NDArray[np.int64]]) -> list[NDArray[np.int64]]:
        """The working voxels of each of *marks* (voxels of the volume), those left out that lie elsewhere."""
        found = (self.inside(self.working(places)) for places in marks)
        return [places for places in found if len(places)]


def region_of(
    first: Numbers,
    end: Numbers,
    shape: Sequence[int],
    spacing_mm: Numbers,
    most: int = MOST_VOXELS,
) -> Region:
    """The working grid over the places from *first* to *end*, cut to the volume's *shape*.

    Voxels are cubes, as fine as *most* of them allow and never finer than the volume; where slices lie far
    apart, they stay what they are and only the pixels change.
    """
    spacing = np.asarray(spacing_mm, np.float64)
    low = np.clip(np.floor(np.asarray(first, np.float64)), 0, np.asarray(shape) - 1)
    high = np.clip(np.ceil(np.asarray(end, np.float64)), low + 1, shape)
    thick = spacing > THICK_RATIO * spacing.min()
    extent_mm = (high - low) * spacing
    finest = _FINEST * float(spacing.min())
    kept = np.where(thick, high - low, 1)
    side_mm = max(finest, float((np.prod(extent_mm[~thick]) * np.prod(kept) / most) ** (1 / np.sum(~thick))))
    while True:
        # A side shorter than a few working voxels keeps the volume's own.
        step_mm = np.where(thick, spacing, np.minimum(side_mm, np.maximum(spacing, extent_mm / _LEAST_SIDE)))
        step_mm = np.where(step_mm < spacing * 0.5, spacing * 0.5, step_mm)
        counts = np.maximum(1, np.ceil(extent_mm / step_mm - 1e-6)).astype(int)
        if np.prod(counts) <= most or side_mm > extent_mm.max():
            break
        side_mm *= 1.02
    step = extent_mm / counts / spacing
    unit_mm = float((step * spacing).min())
    return Region(
        _triple(low),
        _triple(step),
        (int(counts[0]), int(counts[1]), int(counts[2])),
        _triple(step * spacing / unit_mm),
        unit_mm,
        tuple((bool(a > 0), bool(b < n)) for a, b, n in zip(low, high, shape, strict=True)),
    )


def sample(array: NDArray[Any], region: Region, *, is_cut: bool = False) -> Floats:
    """The values of *array* (k, j, i) in the region: means over working voxels, linear where those are finer.

    ``is_cut`` says that *array* is the region's ``span`` of the volume and not the whole.
    """
    spans, weights = [], []
    for span, start, step, count in zip(region.span, region.start, region.step, region.shape, strict=True):
        stride = max(1, int(step / _SAMPLES))
        behind = span.start if is_cut else 0
        spans.append(slice(span.start - behind, span.stop - behind, stride))
        places = np.arange(span.start, span.stop, stride) + stride / 2
        weights.append(_means(places, stride, start, step, count))
    picked = np.asarray(array[tuple(spans)]).astype(np.float32)
    np.nan_to_num(picked, copy=False, posinf=0.0, neginf=0.0)
    return _apply(picked, weights)


def refine(values: NDArray[Any], region: Region, span: Span) -> Floats:
    """Working *values*, linear between their centres, at the centres of the volume's voxels of *span*."""
    weights = []
    for part, start, step, count in zip(span, region.start, region.step, region.shape, strict=True):
        at = (np.arange(part.start, part.stop) + 0.5 - start) / step - 0.5
        weights.append(_between(at, count))
    return _apply(np.asarray(values, np.float32), weights)


def _apply(values: Floats, weights: Sequence[Floats]) -> Floats:
    """Three matrices (new, old), one along each axis."""
    along_k, along_j, along_i = weights
    depth, height, _ = values.shape
    wide = values.reshape(depth * height, -1) @ along_i.T
    tall = np.matmul(along_j, wide.reshape(depth, height, -1))
    return np.asarray((along_k @ tall.reshape(depth, -1)).reshape(len(along_k), *tall.shape[1:]), np.float32)


def _means(places: NDArray[Any], width: float, start: float, step: float, count: int) -> Floats:
    """Weights (count, places): each working voxel's share of the voxels about it."""
    centers = start + (np.arange(count) + 0.5) * step
    if step <= width:
        return _between(np.interp(centers, places, np.arange(len(places))), len(places))
    low = np.maximum(centers[:, None] - step / 2, places - width / 2)
    high = np.minimum(centers[:, None] + step / 2, places + width / 2)
    shares = np.maximum(high - low, 0)
    return np.asarray(shares / shares.sum(axis=1, keepdims=True), np.float32)


def _between(at: NDArray[Any], count: int) -> Floats:
    """Weights (at, count) of linear interpolation, the ends going on as they are."""
    at = np.clip(at, 0, count - 1)
    distance = np.abs(at[:, None] - np.arange(count))
    return np.asarray(np.maximum(1 - distance, 0), np.float32)


def _triple(values: NDArray[Any]) -> Triple:
    k, j, i = (float(value) for value in values)
    return k, j, i
