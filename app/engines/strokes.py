"""Strokes and outlines as voxels, for engines that take masks.

Points are (i, j, k); masks are (k, j, i) and come with the index at which they begin.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.imaging.contourfill import CrossingBudget, fill_planes
from app.imaging.segments import Index

StrokeMask = tuple[Index, NDArray[np.bool_]]


def stroke_mask(
    points_ijk: Sequence[Index], shape_ijk: Index, thickness: Sequence[int] = (1, 1, 1)
) -> StrokeMask:
    """The voxels of a stroke, straight and without gaps between its points.

    Parameters
    ----------
    thickness : (i, j, k) voxels; in a stroke that lies on one slice only the two axes of the slice count
    """
    points = np.asarray(points_ijk, np.int64)
    flat = _flat_axis(points)
    # One voxel is one whatever the axis: a dot is thick on the axial slice that it is mostly drawn on.
    grown = [0 if axis == flat else int(thickness[axis]) - 1 for axis in range(3)]
    first = np.maximum(points.min(axis=0) - [n // 2 for n in grown], 0)
    end = np.minimum(points.max(axis=0) + 1 + [n - n // 2 for n in grown], shape_ijk)
    mask = np.zeros(tuple((end - first)[::-1]), np.bool_)
    for start, stop in zip(points, points[1:] if len(points) > 1 else points, strict=False):
        i, j, k = (_line(start, stop) - first).T
        mask[k, j, i] = True
    for axis, count in enumerate(grown):
        mask = _thickened(mask, 2 - axis, count)
    return _index(first), mask


def outline_mask(points_ijk: Sequence[Index], shape_ijk: Index) -> StrokeMask:
    """The voxels inside a closed outline on one slice (even-odd rule), with those of the outline itself."""
    points = np.asarray(points_ijk, np.int64)
    axis = _flat_axis(points)
    first, mask = stroke_mask([*points_ijk, points_ijk[0]], shape_ijk)
    across, down = (other for other in range(3) if other != axis)
    plane = points[:, [across, down]].astype(np.float64)
    (left, top), inside = fill_planes([[plane]], (shape_ijk[across], shape_ijk[down]), CrossingBudget())
    filled = np.zeros((int(mask.shape[2 - down]), int(mask.shape[2 - across])), np.bool_)
    rows, columns = inside.shape[1:]
    filled[top - first[down] :, left - first[across] :][:rows, :columns] = inside[0]
    return first, mask | np.expand_dims(filled, 2 - axis)


def _flat_axis(points: NDArray[np.int64]) -> int:
    """The axis along which all points share their index: k before j before i, where several do; else k."""
    flat = np.flatnonzero(points.min(axis=0) == points.max(axis=0))
    return int(flat[-1]) if flat.size else -1


def _line(start: NDArray[np.int64], stop: NDArray[np.int64]) -> NDArray[np.int64]:
    """The voxels of a straight line: one for each step along its longest axis."""
    steps = int(np.abs(stop - start).max())
    way = np.linspace(0, 1, steps + 1)[:, None]
    line: NDArray[np.int64] = np.floor(start + way * (stop - start) + 0.5).astype(np.int64)
    return line


def _thickened(mask: NDArray[np.bool_], axis: int, count: int) -> NDArray[np.bool_]:
    """*mask* with *count* voxels more along *axis*, half before and the rest behind, inside the array."""
    before = count // 2
    out = mask.copy()
    for shift in range(-before, count - before + 1):
        moved = np.roll(mask, shift, axis)
        edge = [slice(None)] * 3
        edge[axis] = slice(0, shift) if shift > 0 else slice(mask.shape[axis] + shift, None)
        if shift:
            moved[tuple(edge)] = False
        out |= moved
    return out


def _index(values: NDArray[np.int64]) -> Index:
    i, j, k = (int(value) for value in values)
    return (i, j, k)
