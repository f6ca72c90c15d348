"""Which voxel centres lie inside polygons, by the even-odd rule.

All polygons of a plane are filled at once: a polygon inside another is a hole, one inside that an island.
A centre counts as inside where an odd number of edges lie at or before it on its row; an edge takes the
centres at its lower end and not those at its upper one. So polygons that share an edge share no voxel and
leave none out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.imaging.errors import N_, LimitExceeded

Points = NDArray[np.float64]

MOST_CROSSINGS = 200_000_000
"""Of edges with rows of voxels, in one structure set: hundreds of large organs have some millions."""
_DIGITS = 6  # of a voxel: coordinates come from 16 characters, and noise must decide no voxel
_AT_ONCE = 4_000_000
_TOO_MUCH = N_("The contours are too intricate: their edges cross more than %(limit)s rows of voxels.")


@dataclass
class CrossingBudget:
    """How many crossings may still be computed."""

    left: int = MOST_CROSSINGS

    def spend(self, count: int) -> None:
        """Take *count* of them.

        Raises
        ------
        LimitExceeded
            There are not so many left.
        """
        self.left -= count
        if self.left < 0:
            raise LimitExceeded(_TOO_MUCH, limit=MOST_CROSSINGS)


@dataclass(frozen=True)
class _Edges:
    """Edges with their lower end first; ``plane`` counts from 0."""

    x1: Points
    y1: Points
    x2: Points
    y2: Points
    plane: NDArray[np.int64]


def fill_planes(
    planes: Sequence[Sequence[Points]], size: tuple[int, int], budget: CrossingBudget
) -> tuple[tuple[int, int], NDArray[np.bool_]]:
    """The filled polygons of several planes of *size* (columns, rows) pixels.

    Parameters
    ----------
    planes : for each plane its polygons, (N, 2) float arrays of (column, row), pixel centres at integers

    Returns
    -------
    (column, row), (planes, rows, columns) bool array
        The first pixel of the box round all polygons, and the box in each plane.
    """
    edges = _edges(planes)
    (left, right), (top, bottom) = (
        _span(edges.x1, edges.x2, size[0]),
        _span(edges.y1, edges.y2, size[1]),
    )
    filled = np.zeros((len(planes), bottom - top, right - left), np.uint8)
    if filled.size:
        _toggle(filled, edges, left, top, budget)
        np.bitwise_xor.accumulate(filled, axis=2, out=filled)
    return (left, top), filled.view(np.bool_)


def _edges(planes: Sequence[Sequence[Points]]) -> _Edges:
    polygons = [polygon for polygons in planes for polygon in polygons]
    plane_of = [number for number, polygons in enumerate(planes) for _ in polygons]
    counts = np.array([len(polygon) for polygon in polygons], np.int64)
    ends = np.cumsum(counts)
    start = np.round(np.concatenate(polygons), _DIGITS)
    following = np.arange(1, len(start) + 1)
    following[ends - 1] = ends - counts
    end = start[following]
    swapped = (start[:, 1] > end[:, 1])[:, None]
    lower, upper = np.where(swapped, end, start), np.where(swapped, start, end)
    return _Edges(lower[:, 0], lower[:, 1], upper[:, 0], upper[:, 1], np.repeat(plane_of, counts))


def _span(one: Points, other: Points, size: int) -> tuple[int, int]:
    """The pixels, first and end, whose centres polygons may hold along an axis."""
    low, high = min(one.min(), other.min()), max(one.max(), other.max())
    first = int(np.clip(np.ceil(low), 0, size))
    return first, max(first, int(np.clip(np.floor(high) + 1, 0, size)))


def _toggle(filled: NDArray[np.uint8], edges: _Edges, left: int, top: int, budget: CrossingBudget) -> None:
    """Mark in each row the pixels from which on one edge more lies before."""
    _, rows, columns = filled.shape
    first = np.clip(np.ceil(edges.y1) - top, 0, rows).astype(np.int64)
    counts = np.clip(np.ceil(edges.y2) - top, 0, rows).astype(np.int64) - first
    total = np.cumsum(counts)
    budget.spend(int(total[-1]))
    flat = filled.reshape(-1)
    begin = 0
    while begin < len(counts):
        done = total[begin - 1] if begin else 0
        end = max(begin + 1, int(np.searchsorted(total, done + _AT_ONCE, "right")))
        some = slice(begin, end)
        repeated = np.repeat(np.arange(begin, end), counts[some])
        nth = np.arange(len(repeated)) - np.repeat(total[some] - counts[some] - done, counts[some])
        row = first[repeated] + nth
        y1, x1 = edges.y1[repeated], edges.x1[repeated]
        slope = (edges.x2[repeated] - x1) / (edges.y2[repeated] - y1)
        crossing = np.round(x1 + (row + top - y1) * slope, _DIGITS)
        column = np.clip(np.ceil(crossing) - left, 0, columns).astype(np.int64)
        within = column < columns
        at = (edges.plane[repeated] * rows + row) * columns + column
        np.bitwise_xor.at(flat, at[within], 1)
        begin = end


def inside_polygons(polygons: Sequence[Points], points: Points, budget: CrossingBudget) -> NDArray[np.bool_]:
    """Which of the (N, 2) *points*, anywhere in their plane, lie inside the polygons of that plane."""
    edges = _edges([polygons])
    order = np.argsort(points[:, 1], kind="stable")
    x, y = points[order].T
    begins, ends = np.searchsorted(y, edges.y1), np.searchsorted(y, edges.y2)
    budget.spend(int((ends - begins).sum()))
    odd = np.zeros(len(points), np.bool_)
    for n in np.flatnonzero(ends > begins):
        some = slice(begins[n], ends[n])
        slope = (edges.x2[n] - edges.x1[n]) / (edges.y2[n] - edges.y1[n])
        odd[some] ^= x[some] >= edges.x1[n] + (y[some] - edges.y1[n]) * slope
    found = np.empty_like(odd)
    found[order] = odd
    return found
