"""Which points of a lattice lie in an ellipse, a rectangle or an outline drawn by hand.

Everything is in the lattice's own pixels: ``(x, y)`` with centres at integers, x along the columns.

* A region is closed: a centre on its outline belongs to it, within :data:`ON_OUTLINE` of a pixel, which
  is more than coordinates lose by being stored.
* An outline that crosses itself encloses what is on the odd side of it (even-odd rule): the middle of an
  eight's two loops belongs to it, an area that it goes round twice does not.
"""

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray

RegionKind = Literal["ellipse", "rectangle", "freehand"]
Points = NDArray[np.float64]

ON_OUTLINE = 1e-5
_PAIRS_AT_ONCE = 1 << 18


def region_window(kind: RegionKind, points_px: Points, shape: tuple[int, int]) -> tuple[slice, slice]:
    """The rows and the columns of a lattice of *shape* (rows, columns) that a region may reach."""
    low, high = region_bounds(kind, points_px)
    slices = []
    for axis, count in ((1, shape[0]), (0, shape[1])):
        first = min(max(math.ceil(low[axis] - ON_OUTLINE), 0), count)
        end = min(max(math.floor(high[axis] + ON_OUTLINE) + 1, first), count)
        slices.append(slice(first, end))
    return slices[0], slices[1]


def region_bounds(kind: RegionKind, points_px: Points) -> tuple[Points, Points]:
    """The least and the largest (x, y) of a region."""
    if kind == "ellipse":
        centre, first, second = _half_axes(points_px)
        reach = np.hypot(first, second)
        return centre - reach, centre + reach
    return points_px.min(axis=0), points_px.max(axis=0)


def region_mask(kind: RegionKind, points_px: Points, window: tuple[slice, slice]) -> NDArray[np.bool_]:
    """Which pixels of *window* belong to a region.

    Parameters
    ----------
    kind : {"ellipse", "rectangle", "freehand"}
    points_px : (n, 2) float array
        Ellipse: centre and the ends of two half axes, or of two conjugate half diameters. Rectangle: the
        corners in order. Freehand: the outline, closed from the last point to the first.
    window : rows and columns of the lattice, as :func:`region_window` gives them

    Returns
    -------
    (rows, columns) bool array
    """
    rows, columns = window
    x, y = np.arange(columns.start, columns.stop), np.arange(rows.start, rows.stop)
    if kind == "ellipse":
        return _in_ellipse(points_px, x, y)
    mask = np.zeros((y.size, x.size), np.bool_)
    if mask.size:
        following = np.roll(points_px, -1, axis=0)
        for row, line in zip(mask, y, strict=True):
            _fill_row(row, float(line), columns.start, points_px, following)
    return mask


def region_centre(kind: RegionKind, points_px: Points) -> Points:
    """The middle of a region, (2,): of an outline its centre of area, or of its points where it has none."""
    if kind == "ellipse":
        return np.asarray(points_px[0], np.float64)
    middle: Points = points_px.mean(axis=0)
    centred = points_px - middle
    following = np.roll(centred, -1, axis=0)
    parts = centred[:, 0] * following[:, 1] - centred[:, 1] * following[:, 0]
    doubled = float(parts.sum())
    if abs(doubled) <= 1e-9 * float(np.abs(parts).sum()) or doubled == 0:
        return middle
    return np.asarray(middle + (parts @ (centred + following)) / (3 * doubled), np.float64)


def crosses_itself(points: Points) -> bool:
    """Whether two edges of the closed outline *points*, (n, 2), cross; touching is no crossing."""
    following = np.roll(points, -1, axis=0)
    low, high = np.minimum(points, following), np.maximum(points, following)
    count = len(points)
    block = max(1, _PAIRS_AT_ONCE // count)
    for begin in range(0, count, block):
        mine = slice(begin, begin + block)
        # Later edges whose boxes overlap; neighbours only touch, in the point that they share.
        near = low[mine, np.newaxis, 0] <= high[np.newaxis, begin:, 0]
        for reaches, starts in ((high[:, 0], low[:, 0]), (high[:, 1], low[:, 1])):
            near &= reaches[mine, np.newaxis] >= starts[np.newaxis, begin:]
        near &= low[mine, np.newaxis, 1] <= high[np.newaxis, begin:, 1]
        one, other = np.nonzero(np.triu(near, 1))
        a, b = points[one + begin], following[one + begin]
        c, d = points[other + begin], following[other + begin]
        if np.any((_side(a, b, c) * _side(a, b, d) < 0) & (_side(c, d, a) * _side(c, d, b) < 0)):
            return True
    return False


def _side(start: Points, end: Points, point: Points) -> NDArray[np.float64]:
    """On which side of the lines from *start* to *end* points lie: −1, 0 or 1."""
    along, away = end - start, point - start
    return np.sign(along[..., 0] * away[..., 1] - along[..., 1] * away[..., 0])


def _half_axes(points_px: Points) -> tuple[Points, Points, Points]:
    centre = points_px[0]
    return centre, points_px[1] - centre, points_px[2] - centre


def _in_ellipse(points_px: Points, x: NDArray[np.int_], y: NDArray[np.int_]) -> NDArray[np.bool_]:
    """Centre + u·a + v·b with u² + v² ≤ 1; a flat ellipse has no inside."""
    centre, a, b = _half_axes(points_px)
    cross = float(a[0] * b[1] - a[1] * b[0])
    reach = math.hypot(*a, *b)
    mask = np.zeros((y.size, x.size), np.bool_)
    if abs(cross) <= ON_OUTLINE * reach:
        return mask
    dx = x[np.newaxis] - centre[0]
    # A radiograph has 20 million pixels: some rows at a time, or they would take 600 MB on the way.
    rows = max(1, _PAIRS_AT_ONCE // max(1, x.size))
    for begin in range(0, y.size, rows):
        dy = y[begin : begin + rows, np.newaxis] - centre[1]
        u, v = (dx * b[1] - dy * b[0]) / cross, (dy * a[0] - dx * a[1]) / cross
        # Of a pixel's tolerance what it is along the shortest axis.
        mask[begin : begin + rows] = u**2 + v**2 <= 1 + 2 * ON_OUTLINE * reach / abs(cross)
    return mask


def _fill_row(row: NDArray[np.bool_], y: float, first_x: int, start: Points, end: Points) -> None:
    """Mark the pixels of one row, in place: between crossings, on level edges, on corners."""
    above = start[:, 1] <= y, end[:, 1] <= y
    cut = above[0] != above[1]
    x0, y0, x1, y1 = start[cut, 0], start[cut, 1], end[cut, 0], end[cut, 1]
    crossings = np.sort(x0 + (y - y0) / (y1 - y0) * (x1 - x0))
    # What the rule of crossings leaves out: edges along the row, and corners that only touch it.
    at_start, at_end = np.abs(start[:, 1] - y) <= ON_OUTLINE, np.abs(end[:, 1] - y) <= ON_OUTLINE
    corners = start[at_start, 0]
    others = np.where(at_end[at_start], end[at_start, 0], corners)
    left = np.concatenate((crossings[::2], np.minimum(corners, others)))
    right = np.concatenate((crossings[1::2], np.maximum(corners, others)))
    begin = np.clip(np.ceil(left - ON_OUTLINE) - first_x, 0, row.size).astype(np.intp)
    stop = np.clip(np.floor(right + ON_OUTLINE) + 1 - first_x, begin, row.size).astype(np.intp)
    changes = np.bincount(begin, minlength=row.size + 1) - np.bincount(stop, minlength=row.size + 1)
    row[:] = np.cumsum(changes)[:-1] > 0
