"""The embedded engine's mask on the volume itself: cutting windows out, putting them back, distances to its
edge.

A mask is the bits of its own box (:class:`app.imaging.segments.BoxMask`), so that a session on a large
volume takes no more than its object. Windows are slices (k, j, i) of the volume.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.engines.embeddedregion import Numbers, Span
from app.imaging.segments import BoxMask, Index

_FIRST_LOOK_MM = 8.0
_WIDER = 2.0

Bools = NDArray[np.bool_]


def cut(mask: BoxMask, window: Span) -> Bools:
    """The voxels of *window*, whether or not the mask's box reaches there."""
    found = np.zeros(tuple(part.stop - part.start for part in window), np.bool_)
    here, there = _common(mask, window)
    found[there] = mask.voxels[here]
    return found


def pasted(mask: BoxMask, window: Span, voxels: Bools) -> BoxMask:
    """*mask* with *voxels* in *window*."""
    if mask.voxels.size:
        sides = [
            slice(min(own.start, part.start), max(own.stop, part.stop))
            for own, part in zip(mask.slices_kji, window, strict=True)
        ]
    else:
        sides = list(window)
    whole = (sides[0], sides[1], sides[2])
    wide = cut(mask, whole)
    wide[_within(window, whole)] = voxels
    return BoxMask.of(wide, (whole[2].start, whole[1].start, whole[0].start))


def opposite_mm(mask: BoxMask, place: Sequence[int], shape: Sequence[int], spacing_mm: Numbers) -> float:
    """How far the voxel *place* lies from the nearest that is not as it, in the mask or outside, in mm."""
    at = np.asarray(place)
    look_mm = _FIRST_LOOK_MM
    own = bool(cut(mask, _window(at, np.zeros(3, int), shape))[0, 0, 0])
    while True:
        reach = np.maximum(np.ceil(look_mm / np.asarray(spacing_mm)).astype(int), 1)
        window = _window(at, reach, shape)
        others = np.argwhere(cut(mask, window) != own)
        starts = np.array([part.start for part in window])
        if len(others):
            apart = ((others + starts - at) * spacing_mm) ** 2
            nearest = float(np.sqrt(apart.sum(axis=1).min()))
            if nearest <= look_mm:
                return nearest
        stops = np.array([part.stop for part in window])
        if (starts == 0).all() and (stops == shape).all():
            # Nothing else in the whole volume, or nothing nearer than its corners.
            return nearest if len(others) else look_mm
        look_mm *= _WIDER


def _window(at: NDArray[np.int64], reach: NDArray[np.int64], shape: Sequence[int]) -> Span:
    low, high = np.maximum(at - reach, 0), np.minimum(at + reach + 1, shape)
    k, j, i = (slice(int(a), int(b)) for a, b in zip(low, high, strict=True))
    return k, j, i


def _common(mask: BoxMask, window: Span) -> tuple[Span, Span]:
    """Where mask and window overlap, counted from each."""
    here, there = [], []
    for own, part in zip(mask.slices_kji, window, strict=True):
        low, high = max(own.start, part.start), min(own.stop, part.stop)
        high = max(low, high)
        here.append(slice(low - own.start, high - own.start) if high > low else slice(0, 0))
        there.append(slice(low - part.start, high - part.start) if high > low else slice(0, 0))
    if any(part.start == part.stop for part in here):
        nothing = (slice(0, 0),) * 3
        return nothing, nothing
    return (here[0], here[1], here[2]), (there[0], there[1], there[2])


def _within(window: Span, whole: Span) -> Span:
    k, j, i = (
        slice(part.start - own.start, part.stop - own.start) for part, own in zip(window, whole, strict=True)
    )
    return k, j, i


def first_ijk(window: Span) -> Index:
    """The first voxel of *window*."""
    return (window[2].start, window[1].start, window[0].start)
