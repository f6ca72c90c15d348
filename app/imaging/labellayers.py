"""Segments packed into as few label arrays as their overlaps allow, for drawing.

References
----------
The layers of 3D Slicer's segmentations follow the same idea.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.imaging.errors import N_, LimitExceeded
from app.imaging.limits import MIB
from app.imaging.segments import BoxMask, Index, Segment

MOST_IN_A_LAYER = 255
MOST_LAYER_BYTES = 2048 * MIB


@dataclass(frozen=True)
class Layer:
    """Segments that do not overlap, in one array.

    Attributes
    ----------
    numbers : of the segments
        The voxels of ``numbers[n]`` have the value n + 1.
    origin_ijk : 3 ints
        Where the layer's box begins in the grid.
    labels : (k, j, i) uint8 array of the box
        0 where no segment is.
    """

    numbers: tuple[int, ...]
    origin_ijk: Index
    labels: NDArray[np.uint8]


def pack_layers(segments: Sequence[Segment], shape_kji: Index) -> tuple[Layer, ...]:
    """*segments* in layers: each goes to the first layer where it overlaps nobody.

    Parameters
    ----------
    shape_kji : 3 ints
        Of the whole grid, which all boxes lie in.

    Raises
    ------
    ValueError
        A box ends beyond the grid.
    LimitExceeded
        The layers together would take too much memory.
    """
    members: list[list[Segment]] = []
    for segment in segments:
        end = segment.mask.box_ijk[1]
        if any(stop > count for stop, count in zip(end, shape_kji[::-1], strict=True)):
            raise ValueError("the mask ends beyond its grid")
        for layer in members:
            if len(layer) < MOST_IN_A_LAYER and not any(_overlap(segment.mask, one.mask) for one in layer):
                layer.append(segment)
                break
        else:
            members.append([segment])
    boxes = [_box([segment.mask for segment in layer]) for layer in members]
    size = sum(int(np.prod(end - first)) for first, end in boxes)
    if size > MOST_LAYER_BYTES:
        raise LimitExceeded(
            N_("The segments overlap so much that they take %(size)s bytes; at most %(limit)s are shown."),
            size=size,
            limit=MOST_LAYER_BYTES,
        )
    return tuple(_layer(layer, *box) for layer, box in zip(members, boxes, strict=True))


def _overlap(one: BoxMask, other: BoxMask) -> bool:
    """Whether the masks share a voxel."""
    (a0, a1), (b0, b1) = one.box_ijk, other.box_ijk
    low = [max(a, b) for a, b in zip(a0, b0, strict=True)]
    high = [min(a, b) for a, b in zip(a1, b1, strict=True)]
    if any(end <= start for start, end in zip(low, high, strict=True)):
        return False
    shared = []
    for mask in (one, other):
        spans = [
            slice(start - at, end - at) for start, end, at in zip(low, high, mask.origin_ijk, strict=True)
        ]
        shared.append(mask.voxels[tuple(reversed(spans))])
    # Slice by slice: most overlaps show early, and nothing as large as the boxes is made.
    return any(bool(np.any(a & b)) for a, b in zip(*shared, strict=True))


def _box(masks: Sequence[BoxMask]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First and end (i, j, k) of the box around all of *masks*."""
    boxes = np.array([mask.box_ijk for mask in masks if mask.voxels.size], np.int64)
    if not len(boxes):
        return np.zeros(3, np.int64), np.zeros(3, np.int64)
    return boxes[:, 0].min(0), boxes[:, 1].max(0)


def _layer(members: Sequence[Segment], first: NDArray[np.int64], end: NDArray[np.int64]) -> Layer:
    labels = np.zeros((end - first)[::-1], np.uint8)
    for n, segment in enumerate(members):
        i, j, k = (at - start for at, start in zip(segment.mask.origin_ijk, first, strict=True))
        voxels = segment.mask.voxels
        part = labels[k : k + voxels.shape[0], j : j + voxels.shape[1], i : i + voxels.shape[2]]
        if voxels.size:
            part[voxels] = n + 1
    i, j, k = (int(value) for value in first)
    return Layer(tuple(segment.number for segment in members), (i, j, k), labels)
