"""The samples of a volume that a region holds: voxels of a slice, or points of an oblique plane.

Which of the two, and what is left out, stands in :mod:`app.imaging.regionstatistics`.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.imaging.geometry import index_from_world, spacing_from_affine, world_from_index
from app.imaging.lattice import Lattice, sample_lattice
from app.imaging.planarregion import (
    ON_OUTLINE,
    region_bounds,
    region_centre,
    region_mask,
    region_window,
)

Points = NDArray[np.float64]
Padding = tuple[float, float] | None

MOST_SAMPLES = 1 << 22
"""Points of an oblique lattice; a larger region gets a wider one."""
_PARALLEL = 1e-3
_CORNERS = np.array([[(corner >> axis) & 1 for axis in range(3)] for corner in range(8)], np.float64)
_AT_ONCE = 1 << 18


@dataclass(frozen=True)
class Samples:
    """Values inside a region before padding is looked at; ``spoiled`` marks those that padding touches."""

    values: NDArray[Any]
    spoiled: NDArray[np.bool_]
    is_cut: bool


def grid_axis(affine: NDArray[np.float64], normal: Points) -> int | None:
    """The array axis (0 = i, 1 = j, 2 = k) along which *normal* runs; None where it runs along none."""
    steps = affine[:3, :3] / np.linalg.norm(affine[:3, :3], axis=0)
    sines = np.linalg.norm(np.cross(steps.T, normal / np.linalg.norm(normal)), axis=1)
    axis = int(np.argmin(sines))
    return axis if sines[axis] <= _PARALLEL else None


def samples_of_slice(
    array: NDArray[Any], axis: int, kind: Any, points_ijk: Points, padding: Padding
) -> tuple[Samples, Points]:
    """The voxels of one slice across array axis *axis* in a region, and its middle (i, j, k)."""
    x_axis, y_axis = (other for other in range(3) if other != axis)
    points_px = points_ijk[:, (x_axis, y_axis)]
    depth = float(points_ijk[:, axis].mean())
    middle = np.empty(3)
    middle[[x_axis, y_axis]], middle[axis] = region_centre(kind, points_px), depth
    counts = array.shape[::-1]
    shape = counts[y_axis], counts[x_axis]
    if not -0.5 <= depth < counts[axis] - 0.5:
        return _nothing(array), middle
    at: list[Any] = [slice(None)] * 3
    at[2 - axis] = int(depth + 0.5)
    plane = array[tuple(at)]
    window = region_window(kind, points_px, shape)
    values = plane[window][region_mask(kind, points_px, window)]
    return Samples(values, _is_padding(values, padding), _reaches_beyond(kind, points_px, shape)), middle


def _reaches_beyond(kind: Any, points_px: Points, shape: tuple[int, int]) -> bool:
    low, high = region_bounds(kind, points_px)
    return bool(np.any(low < -0.5 - ON_OUTLINE) or np.any(high > np.array(shape[::-1]) - 0.5 + ON_OUTLINE))


def samples_of_plane(
    array: NDArray[Any],
    affine: NDArray[np.float64],
    axes: tuple[Points, Points],
    kind: Any,
    points_lps: Points,
    padding: Padding,
) -> tuple[Samples, Points]:
    """Trilinear values in a region of any plane, and its middle, LPS mm."""
    right, down = axes
    normal = np.cross(right, down)
    points = np.column_stack((points_lps @ right, points_lps @ down))
    middle = region_centre(kind, points)
    origin_lps = middle[0] * right + middle[1] * down + float((points_lps @ normal).mean()) * normal
    # What of the plane the volume's corners leave: a region may be drawn far beyond it.
    corners = world_from_index(affine, _CORNERS * array.shape[::-1] - 0.5) - origin_lps
    reach = np.column_stack((corners @ right, corners @ down))
    low_mm, high_mm = (bound - middle for bound in region_bounds(kind, points))
    clipped_low, clipped_high = np.maximum(low_mm, reach.min(axis=0)), np.minimum(high_mm, reach.max(axis=0))
    if np.any(clipped_high < clipped_low):
        return _nothing(array), origin_lps
    spacing_mm = min(spacing_from_affine(affine))
    samples = float(np.prod((clipped_high - clipped_low) / spacing_mm + 1))
    spacing_mm *= max(1.0, 1.01 * (samples / MOST_SAMPLES) ** 0.5)
    first = np.ceil(clipped_low / spacing_mm - ON_OUTLINE).astype(int)
    end = np.floor(clipped_high / spacing_mm + ON_OUTLINE).astype(int) + 1
    if np.any(end <= first):
        return _nothing(array), origin_lps
    window = slice(first[1], end[1]), slice(first[0], end[0])
    mask = region_mask(kind, (points - middle) / spacing_mm, window)
    to_index = np.linalg.inv(affine[:3, :3])
    step_right, step_down = (to_index @ (axis * spacing_mm) for axis in axes)
    corner = index_from_world(affine, origin_lps) + first[0] * step_right + first[1] * step_down
    lattice = Lattice(corner, step_right, step_down, np.zeros(3), mask.shape)
    sampled = sample_lattice(array, lattice)
    mask &= sampled.inside
    values = sampled.values[mask]
    spoiled = np.zeros(values.shape, np.bool_)
    if padding is not None:
        rows, columns = np.nonzero(mask)
        for begin in range(0, values.size, _AT_ONCE):
            part = slice(begin, begin + _AT_ONCE)
            places = corner + columns[part, np.newaxis] * step_right + rows[part, np.newaxis] * step_down
            spoiled[part] = _touches_padding(array, places, padding)
    is_cut = not bool(np.all(_inside(array, _outline(affine, kind, points_lps))))
    return Samples(values, spoiled, is_cut), origin_lps


def _outline(affine: NDArray[np.float64], kind: Any, points_lps: Points) -> Points:
    """Points of a region's outline as (i, j, k): the volume is convex, so its corners tell enough."""
    if kind == "ellipse":
        centre, first, second = points_lps[0], points_lps[1] - points_lps[0], points_lps[2] - points_lps[0]
        turn = np.linspace(0, 2 * np.pi, 64, endpoint=False)[:, np.newaxis]
        points_lps = centre + np.cos(turn) * first + np.sin(turn) * second
    return index_from_world(affine, points_lps)


def _inside(array: NDArray[Any], points_ijk: Points) -> NDArray[np.bool_]:
    counts = np.array(array.shape[::-1])
    inside = (points_ijk >= -0.5 - ON_OUTLINE) & (points_ijk <= counts - 0.5 + ON_OUTLINE)
    return np.asarray(inside.all(axis=-1), np.bool_)


def nearest_voxel(array: NDArray[Any], point_ijk: Points, padding: Padding, is_cut: bool = False) -> Samples:
    """The voxel in whose box a point lies; none outside the volume."""
    counts = np.array(array.shape[::-1])
    if not np.all((point_ijk >= -0.5) & (point_ijk < counts - 0.5)):
        return _nothing(array)
    i, j, k = (int(place + 0.5) for place in point_ijk)
    values = np.asarray(array[k, j, i]).reshape(1)
    return Samples(values, _is_padding(values, padding), is_cut)


def _nothing(array: NDArray[Any]) -> Samples:
    """Of a region outside the volume."""
    return Samples(np.empty(0, array.dtype), np.zeros(0, np.bool_), True)


def _is_padding(values: NDArray[Any], padding: Padding) -> NDArray[np.bool_]:
    if padding is None:
        return np.zeros(values.shape, np.bool_)
    low, high = min(padding), max(padding)
    if values.dtype.kind == "f":
        # The ends were rescaled in double precision, the voxels rounded to float32 after that.
        slack = float(np.spacing(np.float32(max(abs(low), abs(high)))))
        low, high = low - slack, high + slack
    return np.asarray((values >= low) & (values <= high), np.bool_)


def _touches_padding(array: NDArray[Any], points_ijk: Points, padding: Padding) -> NDArray[np.bool_]:
    """Whether a voxel of padding has a share in the trilinear values at *points_ijk*, (n, 3)."""
    most = np.array(array.shape[::-1]) - 1
    clipped = np.clip(points_ijk, 0, most)
    lower = np.floor(clipped + 1e-8).astype(np.intp)
    upper = np.minimum(lower + (clipped - lower > 1e-8), most)
    touched = np.zeros(len(points_ijk), np.bool_)
    for corner in _CORNERS:
        i, j, k = np.where(corner > 0, upper, lower).T
        touched |= _is_padding(array[k, j, i], padding)
    return touched
