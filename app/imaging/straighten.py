"""Resampling a stack to an upright, even grid: gantry tilt undone, uneven spacing evened.

A tilted gantry gives slices that are parallel but not stacked along their normal; each is moved in its
own plane to where the grid of the normal has it. Slices at uneven distances are mixed, linearly along the
normal, to even ones. Both moves are linear interpolation; where one of the contributors is padding or lies
outside its image, the nearest contributor counts alone, so that no value is invented at an edge.

References
----------
PS3.3 C.7.6.2.1.1 (position and orientation), C.8.2.1 (Gantry/Detector Tilt (0018,1120), not relied on:
positions say the same and are what other programs measure with).
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float64]
# Nearer than a thousandth of a step or pixel it is taken as it is: positions are written with few digits.
_NEAR = 1e-3
# A slice of the new grid that lies this many steps from every original is the filling of a gap.
_MADE_UP = 0.9
# What an upright stack may lie beside its even places, in steps, and as it is counted in usual distances.
_JITTER = 0.11


@dataclass(frozen=True)
class StraightPlane:
    """One slice of the new grid.

    Attributes
    ----------
    values : (rows, columns) float64 array
        NaN where nothing was measured.
    outside : int
        Voxels that lie outside the original images.
    """

    values: Plane
    outside: int


def nearest_slices(places_ijk: NDArray[np.float64], count: int) -> list[int]:
    """For each k of the new grid the number of the original slice that lies nearest.

    Parameters
    ----------
    places_ijk : (n, 3) float array
        Where the first voxel of each original slice lies in the new grid, by increasing k.
    """
    if _one_to_one(places_ijk, count):
        return list(range(count))
    return [int(n) for n in _nearest(places_ijk[:, 2], count)]


def made_up_slices(places_k: NDArray[np.float64], count: int) -> int:
    """How many of the *count* slices of the new grid lie in a gap, far from every original."""
    nearest = places_k[_nearest(places_k, count)]
    return int(np.sum(np.abs(nearest - np.arange(count)) > _MADE_UP))


def straight_planes(
    places_ijk: NDArray[np.float64], shape_ijk: tuple[int, int, int], read_plane: Callable[[int], Plane]
) -> Iterator[StraightPlane]:
    """The planes of the new grid in order of k; at most two original slices are held.

    Parameters
    ----------
    places_ijk : (n, 3) float array
        Where the first voxel of each original slice lies in the new grid, by increasing k.
    shape_ijk : 3 ints
        Columns, rows and slices of the new grid.
    read_plane : callable
        Original slice *n* as float64, NaN for padding.
    """
    columns, rows, count = shape_ijk
    one_to_one = _one_to_one(places_ijk, count)
    held: dict[int, StraightPlane] = {}

    def moved(n: int) -> StraightPlane:
        if n not in held:
            held[n] = moved_plane(read_plane(n), places_ijk[n, 0], places_ijk[n, 1], columns, rows)
        return held[n]

    for k in range(count):
        if one_to_one:
            below, weight = k, 0.0
        else:
            below, weight = _between(places_ijk[:, 2], k)
        for n in [n for n in held if n < below]:
            del held[n]
        yield moved(below) if weight == 0 else mixed(moved(below), moved(below + 1), weight)


def mixed(below: StraightPlane, above: StraightPlane, weight: float) -> StraightPlane:
    """(1 − *weight*) of *below* and *weight* of *above*; the nearer one where the other has nothing."""
    values = below.values * (1 - weight) + above.values * weight
    nearer = above if weight > 0.5 else below
    return StraightPlane(np.where(np.isnan(values), nearer.values, values), nearer.outside)


def moved_plane(plane: Plane, right: float, down: float, columns: int, rows: int) -> StraightPlane:
    """*plane* with its first voxel at column *right* and row *down* of a plane of *columns* × *rows*.

    Voxels have an extent: half a voxel beyond the outermost centre still belongs to the image.
    """
    values, high = _moved(plane, down, rows)
    values, wide = _moved(values.T, right, columns)
    return StraightPlane(np.ascontiguousarray(values.T), rows * columns - high * wide)


def _moved(plane: Plane, offset: float, size: int) -> tuple[Plane, int]:
    """out[n] = plane[n − offset] along axis 0, and how many of the *size* rows have a source."""
    length = plane.shape[0]
    whole = math.floor(-offset)
    part = -offset - whole
    if min(part, 1 - part) < _NEAR:
        whole, part = round(-offset), 0.0
    first = max(0, math.ceil(offset - 0.5))
    last = min(size - 1, math.floor(offset + length - 0.5))
    out = np.full((size, plane.shape[1]), np.nan)
    if last < first:
        return out, 0
    edged = np.concatenate((plane[:1], plane, plane[-1:]))
    start = first + whole + 1
    before = edged[start : start + last - first + 1]
    if part == 0:
        out[first : last + 1] = before
    else:
        after = edged[start + 1 : start + last - first + 2]
        values = before * (1 - part) + after * part
        out[first : last + 1] = np.where(np.isnan(values), after if part > 0.5 else before, values)
    return out, last - first + 1


def _one_to_one(places_ijk: NDArray[np.float64], count: int) -> bool:
    """Whether each slice is a slice of the new grid, the table's jitter apart, as in an upright stack."""
    return len(places_ijk) == count and bool(np.all(np.abs(places_ijk[:, 2] - np.arange(count)) < _JITTER))


def _nearest(places_k: NDArray[np.float64], count: int) -> NDArray[np.intp]:
    wanted = np.arange(count)
    after = np.clip(np.searchsorted(places_k, wanted), 1, len(places_k) - 1)
    before_is_nearer = wanted - places_k[after - 1] <= places_k[after] - wanted
    return np.where(before_is_nearer, after - 1, after)


def _between(places_k: NDArray[np.float64], k: int) -> tuple[int, float]:
    """The slice at or below *k*, and the weight of the one above it."""
    nearest = int(np.argmin(np.abs(places_k - k)))
    if abs(places_k[nearest] - k) < _NEAR:
        return nearest, 0.0
    below = int(np.clip(np.searchsorted(places_k, k) - 1, 0, len(places_k) - 2))
    weight = (k - places_k[below]) / (places_k[below + 1] - places_k[below])
    return below, float(np.clip(weight, 0.0, 1.0))
