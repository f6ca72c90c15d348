"""Contours sorted into parallel planes, and how far each plane reaches to both sides.

A set may be drawn on the slices of the volume, on planes along another axis of its grid, or on any parallel
planes. Each plane stands for the space half-way to its neighbours; at the ends, and where a neighbour is
missing, for half the usual distance, which is never less than the grid's own. Where the file states the
distance of the planes it was drawn on, more is a gap. So is what is wider than any slice: two islands, each
on one slice, are no neighbours.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.imaging.geometry import index_from_world, spacing_from_affine
from app.imaging.segments import Grid

Points = NDArray[np.float64]

MOST_DIRECTIONS = 8
_FLAT_STEPS = 0.5  # of a voxel: what lies within is on one slice
_SAME_PLANE_MM = 0.1
_SAME_PLANE_STEPS = 0.25
_MISSING_STEPS = 1.5  # gaps wider than this many usual distances are gaps
_THICKEST_MM = 10.0
_DIGITS = 6


@dataclass(frozen=True)
class PlaneSet:
    """Closed contours on parallel planes.

    Attributes
    ----------
    axis : 0, 1, 2 or None
        The axis of the grid (i, j, k) that the planes cut at one index each; None where there is no such.
    normal : (3,) float array
        Unit vector across the planes, LPS.
    offsets : (P,) float array, increasing
        Of the planes: indices along the axis, or mm along the normal.
    low, high : (P,) float arrays
        What each plane stands for, half open, in the same terms.
    contours : for each plane its contours' (N, 3) points: fractional (i, j, k), or LPS mm where oblique
    usual : float
        Distance between neighbours, in the same terms; 0 where no two planes are neighbours.
    """

    axis: int | None
    normal: Points
    offsets: Points
    low: Points
    high: Points
    contours: tuple[tuple[Points, ...], ...]
    usual: float

    @property
    def is_on_slices(self) -> bool:
        """Whether these are slices of the volume, each plane one."""
        on_centres = np.abs(self.offsets - np.round(self.offsets)) <= 0.05
        return self.axis == 2 and self.usual < _MISSING_STEPS and bool(on_centres.all())


def plane_sets(
    contours: Sequence[Points], grid: Grid, stated_mm: float = 0.0
) -> tuple[tuple[PlaneSet, ...], int]:
    """The closed *contours*, (N, 3) LPS mm, by planes, and how many have none in common with others.

    *stated_mm* is the distance of the planes that they were drawn on, 0 where nobody says it.
    """
    if not contours:
        return (), 0
    ends = np.cumsum([len(points) for points in contours])[:-1]
    indices = np.split(index_from_world(grid.matrix, np.concatenate(contours)), ends)
    axis = _common_axis(indices)
    if axis is not None:
        return (_on_axis(axis, indices, grid, stated_mm),), 0
    made = []
    groups, rest = _directions(contours, grid)
    for normal, members in groups:
        axis = _common_axis([indices[n] for n in members])
        if axis is not None:
            made.append(_on_axis(axis, [indices[n] for n in members], grid, stated_mm))
            continue
        step_mm = float(np.abs(normal @ grid.matrix[:3, :3]).max())
        chosen = [contours[n] for n in members]
        along = [points @ normal for points in chosen]
        made.append(_stacked(None, normal, chosen, along, step_mm, 1.0, stated_mm))
    return tuple(made), rest


def _on_axis(axis: int, indices: Sequence[Points], grid: Grid, stated_mm: float) -> PlaneSet:
    step_mm = spacing_from_affine(grid.matrix)[axis]
    normal = np.linalg.inv(grid.matrix[:3, :3])[axis]
    along = [points[:, axis] for points in indices]
    return _stacked(axis, normal / np.linalg.norm(normal), indices, along, 1.0, step_mm, stated_mm)


def _stacked(
    axis: int | None,
    normal: Points,
    contours: Sequence[Points],
    along: Sequence[Points],
    step: float,
    unit_mm: float,
    stated_mm: float,
) -> PlaneSet:
    """*step* is the grid's own distance between planes, *unit_mm* how long a unit of *along* is."""
    places = np.round([(values.min() + values.max()) / 2 for values in along], _DIGITS)
    tolerance = min(_SAME_PLANE_MM / unit_mm, _SAME_PLANE_STEPS * step)
    offsets: list[float] = []
    members: list[list[Points]] = []
    for n in np.argsort(places, kind="stable"):
        if not offsets or places[n] - offsets[-1] > tolerance:
            offsets.append(float(places[n]))
            members.append([])
        members[-1].append(contours[n])
    planes = np.array(offsets)
    gaps = np.diff(planes)
    usual = float(np.sort(gaps)[(len(gaps) - 1) // 2]) if len(gaps) else 0.0
    if usual * unit_mm > (stated_mm or _THICKEST_MM):
        usual = stated_mm / unit_mm
    reach = max(usual, step)
    between = np.where(gaps <= _MISSING_STEPS * reach, gaps, reach) / 2
    low = planes - np.concatenate([[reach / 2], between])
    high = planes + np.concatenate([between, [reach / 2]])
    return PlaneSet(axis, normal, planes, low, high, tuple(tuple(some) for some in members), usual)


def _directions(contours: Sequence[Points], grid: Grid) -> tuple[list[tuple[Points, list[int]]], int]:
    """Unit normals and the contours, by number, that are flat along them; the largest contours lead."""
    tolerance = max(_FLAT_STEPS * min(spacing_from_affine(grid.matrix)), _SAME_PLANE_MM)
    normals = _normals(contours)
    areas = np.linalg.norm(normals, axis=1)
    normals /= np.where(areas > 0, areas, 1.0)[:, None]
    counts = [len(points) for points in contours]
    heights = (np.concatenate(contours) * np.repeat(normals, counts, axis=0)).sum(axis=1)
    starts = np.cumsum([0, *counts[:-1]])
    bent = np.maximum.reduceat(heights, starts) - np.minimum.reduceat(heights, starts) > tolerance
    order = np.argsort(-areas, kind="stable")
    left = order[~bent[order]]
    groups: list[tuple[Points, list[int]]] = []
    while left.size and len(groups) < MOST_DIRECTIONS and areas[left[0]] > 0:
        normal = normals[left[0]]
        flat = _spans([contours[n] @ normal[:, None] for n in left])[:, 0] <= tolerance
        groups.append((normal, [int(n) for n in np.sort(left[flat])]))
        left = left[~flat]
    return groups, int(bent.sum()) + len(left)


def _common_axis(indices: Sequence[Points]) -> int | None:
    """The axis (i, j, k) along which all contours are flat, the last where several are."""
    worst = _spans(indices).max(axis=0)
    flattest = 2 - int(np.argmin(worst[::-1]))
    return flattest if worst[flattest] <= _FLAT_STEPS else None


def _spans(contours: Sequence[Points]) -> Points:
    """How far each contour extends along each of its columns, (contours, columns)."""
    starts = np.cumsum([0, *(len(points) for points in contours[:-1])])
    every = np.concatenate(contours)
    spans: Points = np.maximum.reduceat(every, starts) - np.minimum.reduceat(every, starts)
    return spans


def _normals(contours: Sequence[Points]) -> Points:
    """Twice the area of each polygon, as a vector across it (Newell); signs chosen so that equals agree."""
    counts = np.array([len(points) for points in contours])
    starts = np.cumsum(counts) - counts
    every = np.concatenate(contours)
    offset = every - np.repeat(every[starts], counts, axis=0)
    following = np.arange(1, len(every) + 1)
    following[starts + counts - 1] = starts
    normals: Points = np.add.reduceat(np.cross(offset, offset[following]), starts)
    largest = np.take_along_axis(normals, np.abs(normals).argmax(axis=1)[:, None], axis=1)
    return np.where(largest < 0, -normals, normals)
