"""One mask on another grid: moved voxel by voxel, or by its nearest voxels.

``to_target`` is (4, 4), from (i, j, k) of the mask's grid to those of the target, fractions allowed. A mask
is never unfolded to its whole grid: the work is that of the boxes, a slab at a time.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from app.imaging.segments import BoxMask, Index

SAME_VOXELS = 0.1
"""How far a corner of the mask's grid may lie from a voxel centre of the target, in voxels, as slices of one
even volume may. The nearest voxels are then one to one."""
_AT_ONCE = 1 << 20  # voxels
# Halves come out of the arithmetic as 0.4999999 and 0.5000001: they all go up, as in ITK.
_HALF = 0.5 + 1e-6
_EMPTY = BoxMask((0, 0, 0), np.zeros((0, 0, 0), np.bool_))


def whole_mapping(to_target: NDArray[np.float64], shape_ijk: Index) -> tuple[NDArray[np.int64], float] | None:
    """*to_target* in whole voxels, (3, 4), where each voxel of the file is one of the volume; else None.

    With it comes how far, in voxels, a corner is from its place.
    """
    whole = np.rint(to_target[:3])
    steps = whole[:, :3]
    if not (np.array_equal(np.abs(steps).sum(0), [1, 1, 1]) and abs(round(np.linalg.det(steps))) == 1):
        return None
    ends = _corners(np.zeros(3), np.asarray(shape_ijk, np.float64) - 1)
    apart = np.abs(ends @ (to_target[:3, :3] - steps).T + to_target[:3, 3] - whole[:, 3])
    return (whole.astype(np.int64), float(apart.max())) if float(apart.max()) <= SAME_VOXELS else None


def slice_mapping(
    to_target: NDArray[np.float64], shape_ijk: Index
) -> tuple[NDArray[np.float64], Index, int] | None:
    """*to_target* and *shape_ijk* of a file some of whose slices are missing, as if none were; else None.

    With them comes how many slices of the volume one step between slices of the file is: masks are to be
    :func:`spread` by so many. A single slice has no step.
    """
    step = to_target[:3, 2]
    along = int(np.argmax(np.abs(step)))
    stride = max(1, round(abs(float(step[along])))) if shape_ijk[2] > 1 else 1
    closer = to_target.copy()
    closer[:3, 2] = step / (stride if shape_ijk[2] > 1 else abs(step[along]))
    shape = (shape_ijk[0], shape_ijk[1], (shape_ijk[2] - 1) * stride + 1)
    return (closer, shape, stride) if whole_mapping(closer, shape) is not None else None


def spread(mask: BoxMask, stride: int) -> BoxMask:
    """*mask* with empty slices between its own, each of which has *stride* times its index."""
    if stride == 1 or not mask.voxels.size:
        return mask
    depth, height, width = mask.voxels.shape
    voxels = np.zeros(((depth - 1) * stride + 1, height, width), np.bool_)
    voxels[::stride] = mask.voxels
    i, j, k = mask.origin_ijk
    return BoxMask((i, j, k * stride), voxels)


def moved(mask: BoxMask, whole: NDArray[np.int64], shape_ijk: Index) -> BoxMask:
    """*mask* with its axes in the volume's order and direction; what lies outside is left out."""
    if not mask.voxels.size:
        return mask
    first, end = (np.array(index) for index in mask.box_ijk)
    ends = np.stack([whole[:, :3] @ first, whole[:, :3] @ (end - 1)]) + whole[:, 3]
    origin = ends.min(0)
    source_of = [int(np.flatnonzero(whole[axis, :3])[0]) for axis in range(3)]
    voxels = mask.voxels.transpose([2 - source_of[axis] for axis in (2, 1, 0)])
    backwards = [whole[axis, source_of[axis]] < 0 for axis in (2, 1, 0)]
    voxels = voxels[tuple(slice(None, None, -1 if turned else 1) for turned in backwards)]
    low = np.maximum(-origin, 0)
    high = np.minimum(np.asarray(shape_ijk) - origin, voxels.shape[::-1])
    if np.any(high <= low):
        return _EMPTY
    (i0, j0, k0), (i1, j1, k1) = low, high
    inside = voxels[k0:k1, j0:j1, i0:i1]
    i, j, k = (int(value) for value in origin + low)
    if inside.shape == voxels.shape:
        return BoxMask((i, j, k), np.ascontiguousarray(inside))
    return BoxMask.of(inside, (i, j, k))


def _corners(low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.float64]:
    """(8, 3): the corners of the box from *low* to *high*."""
    return np.array(np.meshgrid(*zip(low, high, strict=True), indexing="ij")).reshape(3, -1).T


def target_box(
    mask: BoxMask, to_target: NDArray[np.float64], shape_ijk: Index
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First and end (i, j, k) of the volume's voxels whose centres may lie in the box of *mask*."""
    first, end = (np.array(index, np.float64) for index in mask.box_ijk)
    places = _corners(first - 0.5, end - 0.5) @ to_target[:3, :3].T + to_target[:3, 3]
    most = np.asarray(shape_ijk, np.float64)
    low = np.clip(np.floor(places.min(0)), 0, most)
    high = np.clip(np.ceil(places.max(0)) + 1, 0, most)
    return low.astype(np.int64), np.maximum(high, low).astype(np.int64)


def resampled(mask: BoxMask, to_target: NDArray[np.float64], shape_ijk: Index) -> BoxMask:
    """What *mask* holds at the centres of the volume's voxels."""
    if not mask.voxels.size:
        return mask
    low, high = target_box(mask, to_target, shape_ijk)
    if np.any(high <= low):
        return _EMPTY
    from_target = np.linalg.inv(to_target).astype(np.float64)
    found = np.zeros((high - low)[::-1], np.bool_)
    axes = [np.arange(a, b) for a, b in zip(low, high, strict=True)]
    first = np.asarray(mask.origin_ijk)
    aligned = _by_axes(mask, from_target, axes)
    if aligned is not None:
        found = aligned
    else:
        for slab in _slabs(found.shape):
            found[slab] = _sampled(mask, from_target, first, (axes[0], axes[1], axes[2][slab]))
    i, j, k = (int(value) for value in low)
    return BoxMask.of(found, (i, j, k))


def _slabs(shape_kji: tuple[int, ...]) -> Iterator[slice]:
    at_once = max(1, _AT_ONCE // max(1, shape_kji[1] * shape_kji[2]))
    for start in range(0, shape_kji[0], at_once):
        yield slice(start, min(start + at_once, shape_kji[0]))


def _by_axes(
    mask: BoxMask, from_target: NDArray[np.float64], axes: list[NDArray[np.int64]]
) -> NDArray[np.bool_] | None:
    """As :func:`_sampled` where each axis of the volume runs along one of the file; else None."""
    steps = from_target[:3, :3]
    is_step = np.abs(steps) * np.array([len(axis) + axis[0] for axis in axes]) > 1e-7
    if not (np.all(is_step.sum(0) == 1) and np.all(is_step.sum(1) == 1)):
        return None
    target_of = [int(np.flatnonzero(is_step[source])[0]) for source in range(3)]
    picked, inside = [], []
    for source in range(3):
        along = axes[target_of[source]]
        place = along * steps[source, target_of[source]] + from_target[source, 3]
        index = np.floor(place + _HALF).astype(np.int64) - mask.origin_ijk[source]
        within = (index >= 0) & (index < mask.voxels.shape[2 - source])
        picked.append(np.where(within, index, 0))
        inside.append(within)
    # (k, j, i) of the file, then its axes in the order of the volume's.
    taken = mask.voxels[np.ix_(picked[2], picked[1], picked[0])]
    for source, axis in ((2, 0), (1, 1), (0, 2)):
        shape = [1, 1, 1]
        shape[axis] = -1
        taken &= inside[source].reshape(shape)
    source_at = [target_of.index(target) for target in range(3)]
    return np.ascontiguousarray(taken.transpose([2 - source_at[target] for target in (2, 1, 0)]))


def _sampled(
    mask: BoxMask,
    from_target: NDArray[np.float64],
    first: NDArray[np.int64],
    axes: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]],
) -> NDArray[np.bool_]:
    """(k, j, i) bool of the voxels with the indices *axes*: the file's nearest voxel of each."""
    i, j, k = (axis.astype(np.float64) for axis in axes)
    inside: NDArray[np.bool_] = np.ones((len(k), len(j), len(i)), np.bool_)
    # What lies outside may overflow: it is made 0 before it is used. No mask has more voxels than int32.
    flat = np.zeros(inside.shape, np.int32)
    # k is the slowest axis of the file's array.
    for source in (2, 1, 0):
        x, y, z, start = from_target[source]
        place = (z * k)[:, None, None] + (y * j)[None, :, None] + (x * i + start + _HALF - first[source])
        count = mask.voxels.shape[2 - source]
        index = np.clip(np.floor(place, out=place), -1, count, out=place).astype(np.int32)
        inside &= (index >= 0) & (index < count)
        flat *= count
        flat += index
    flat *= inside
    found: NDArray[np.bool_] = np.take(mask.voxels.ravel(), flat)
    found &= inside
    return found


def outside_count(mask: BoxMask, to_target: NDArray[np.float64], shape_ijk: Index) -> int:
    """How many voxels of *mask* have their centres outside the volume."""
    if not mask.voxels.size:
        return 0
    first, end = (np.array(index, np.float64) for index in mask.box_ijk)
    most = np.asarray(shape_ijk, np.float64) - 0.5
    places = _corners(first, end - 1) @ to_target[:3, :3].T + to_target[:3, 3]
    if np.all(places > -0.5) and np.all(places < most):
        return 0
    # Along a row of the mask what lies inside the volume is one run.
    _, j, i = (np.arange(size, dtype=np.float64) for size in mask.voxels.shape)
    inside = 0
    for slab in _slabs(mask.voxels.shape):
        k = np.arange(slab.start, slab.stop, dtype=np.float64)
        low, high = np.full((len(k), len(j)), -np.inf), np.full((len(k), len(j)), np.inf)
        for axis in range(3):
            x, y, z, start = to_target[axis]
            begin = start + x * first[0] + y * (j + first[1]) + (z * (k + first[2]))[:, None]
            if abs(x) < 1e-9:
                low[(begin <= -0.5) | (begin >= most[axis])] = np.inf
                continue
            ends = (-0.5 - begin) / x, (most[axis] - begin) / x
            low, high = np.maximum(low, np.minimum(*ends)), np.minimum(high, np.maximum(*ends))
        within = (i > low[:, :, None]) & (i < high[:, :, None])
        inside += int(np.count_nonzero(within & mask.voxels[slab]))
    return mask.count - inside
