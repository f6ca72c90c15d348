"""From seeds to a mask on the working grid: the first answer, and the edits that follow.

The first answer floods the region from object and background. An edit takes a click as a word about its
neighbourhood: a positive one adds voxels near it that the mask had not, a negative one removes voxels
near it that the mask had; the mask itself, or all that is outside of it, is a wall to the flood.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from app.engines.embeddedflood import BACKGROUND, FREE, OBJECT, WALL, flood
from app.engines.embeddedregion import Floats, Region, Span, refine
from app.engines.embeddedscene import Scene
from app.engines.embeddedseeds import (
    CLICK_RADIUS,
    SEED_RADIUS,
    Bools,
    Look,
    Places,
    ball,
    distance,
    distance_to,
    look_at,
    seeds_at,
    unlikeness,
)
from app.imaging.segments import BoxMask

WIDTHS = (8.0, 4.0, 2.0, 1.0)
"""Times the spread at a click: it lies in the quietest part of an object, which as a whole is less even."""

FULL = 0.5
"""Share of its room beyond which a mask has leaked."""

OBVIOUS = 6.0
EDIT_WIDTH = 2.0
TO_OBJECT, TO_BACKGROUND = 12.0, 3.0
CENTRED, CENTRED_MORE = 1.5, 1.0
_AT_PROMPT = 3.0


def first_answer(
    scene: Scene,
    include: Sequence[Places],
    exclude: Sequence[Places],
    looks: Sequence[Look],
    closed: Bools | None = None,
) -> Bools:
    """The mask of the places *include* in the scene.

    Parameters
    ----------
    include, exclude : sequences of (n, 3) working voxels
        Each prompt's.
    closed : (k, j, i) bool or None
        Where the object cannot be.
    """
    from scipy.ndimage import binary_erosion

    region, values = scene.region, scene.values
    far = unlikeness(values, looks)
    seeds = np.zeros(region.shape, np.uint8)
    seeds[binary_erosion(far > OBVIOUS) | shell_of(region)] = BACKGROUND
    if closed is not None:
        seeds[closed] = BACKGROUND
    for places in exclude:
        seeds[ball(region, places, SEED_RADIUS)] = BACKGROUND
    for places, look in zip(include, looks, strict=True):
        seeds[seeds_at(values, region, places, look)] = OBJECT
    labels = flood(seeds, *_costs(scene, far), scene.between)
    return _cleaned(region, labels == OBJECT, include)


def looks_of(scene: Scene, include: Sequence[Places]) -> list[Look]:
    """What the scene looks like at each prompt."""
    return [
        look_at(scene.values, ball(scene.region, places, CLICK_RADIUS), scene.floor) for places in include
    ]


def is_plausible(region: Region, mask: Bools, clicked: Places, most: float) -> bool:
    """Whether the mask is about as deep at a click as anywhere: a click is meant for the middle of something.

    What has leaked is deepest elsewhere, or has more than *most* voxels: it fills the room that it was given.
    """
    if np.count_nonzero(mask) > most:
        return False
    # The box of the mask with a rim is enough: what is farther is not nearer.
    box = BoxMask.of(mask)
    if not box.voxels.size:
        return True
    low = np.maximum(np.array(box.origin_ijk[::-1]) - 1, 0)
    sides = tuple(slice(int(a), part.stop + 1) for a, part in zip(low, box.slices_kji, strict=True))
    depth = distance_to(~mask[sides], region.unit)
    at = clicked - low
    at = at[((at >= 0) & (at < depth.shape)).all(axis=1)]
    here = float(depth[tuple(at.T)].max()) if len(at) else 0.0
    return float(depth.max()) <= CENTRED * here + CENTRED_MORE


def edge_contrast(scene: Scene, mask: Bools, share: float) -> float:
    """How steep the scene is at the mask's edge, in floors: the weakest *share* of it is as low or lower."""
    from scipy.ndimage import binary_dilation, binary_erosion

    edge = binary_dilation(mask) & ~binary_erosion(mask, border_value=1)
    return float(np.quantile(scene.steep[edge], share)) if edge.any() else 0.0


def _costs(scene: Scene, far: Floats) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    to_object = scene.costs(np.float32(TO_OBJECT) * np.clip(far - 2, 0, 6) / 6)
    return to_object, scene.costs(np.float32(TO_BACKGROUND) * np.clip(2 - far, 0, 2) / 4)


def shell_of(region: Region) -> Bools:
    """The outermost voxels of the region on the sides where the volume goes on."""
    shell = np.zeros(region.shape, np.bool_)
    for axis, sides in enumerate(region.is_open):
        for is_open, at in zip(sides, (0, -1), strict=True):
            if is_open:
                layer: list[slice | int] = [slice(None)] * 3
                layer[axis] = at
                shell[tuple(layer)] = True
    return shell


def edit(
    scene: Scene, held: Bools, clicked: Places, others: Sequence[Places], reach: float, *, adds: bool
) -> Bools:
    """The voxels that a prompt changes, no farther than *reach* units from it.

    Parameters
    ----------
    held : (k, j, i) bool
        The mask so far.
    clicked : (n, 3) working voxels
        Where the mask is wrong.
    others : sequence of (n, 3)
        What prompts of the other sign have marked.
    """
    from scipy.ndimage import binary_erosion

    region, values = scene.region, scene.values
    domain = ~held if adds else held.copy()
    domain[tuple(clicked.T)] = True
    away = distance(region, clicked)
    stays = away > reach
    if adds:
        stays |= shell_of(region)
    for places in others:
        stays |= ball(region, places, SEED_RADIUS)
    look = look_at(values, ball(region, clicked, CLICK_RADIUS) & domain, scene.floor)
    # Wider than at first, since nobody checks it: only what is quite another matter stays for its values.
    stays |= binary_erosion(unlikeness(values, [look.wider(EDIT_WIDTH)]) > OBVIOUS)
    seeds = np.where(stays, BACKGROUND, FREE).astype(np.uint8)
    seeds[seeds_at(values, region, clicked, look)] = OBJECT
    seeds[~domain] = WALL
    # By slopes alone: what is wrong about a mask is mostly where values told little.
    costs = scene.costs(0.0)
    found = (flood(seeds, costs, costs, scene.between) == OBJECT) & domain & (away <= reach)
    if adds:
        return np.asarray(_cleaned(region, held | found, [clicked]) & ~held & (away <= reach))
    return np.asarray(found)


def _cleaned(region: Region, mask: Bools, include: Sequence[Places]) -> Bools:
    """Smoothed by a median, without what is not at a prompt, holes filled."""
    from scipy.ndimage import binary_fill_holes, label

    far_slices = [region.is_thick and unit > 1 for unit in region.unit]
    mask = _majority(mask, [axis for axis in range(3) if mask.shape[axis] > 2 and not far_slices[axis]])
    at_prompt = np.zeros(mask.shape, np.bool_)
    for places in include:
        mask[tuple(places.T)] = True
        at_prompt |= ball(region, places, _AT_PROMPT)
    labels, count = label(mask)
    kept = np.zeros(count + 1, np.bool_)
    kept[labels[at_prompt & mask]] = True
    kept[0] = False
    return np.asarray(binary_fill_holes(kept[labels]), np.bool_)


def _majority(mask: Bools, axes: Sequence[int]) -> Bools:
    """The median of each voxel and its neighbours along *axes*; of two values it is the more frequent one."""
    counts = mask.astype(np.uint8)
    for axis in axes:
        wide = np.pad(counts, [(int(other == axis),) * 2 for other in range(3)], mode="edge")
        along = np.moveaxis(wide, axis, 0)
        counts = np.moveaxis(along[:-2] + along[1:-1] + along[2:], 0, axis)
    return np.asarray(counts > 3 ** len(axes) // 2)


def native_of(mask: Bools, region: Region, include: Sequence[Places]) -> tuple[Span, Bools]:
    """A working mask on the volume's voxels: where, and which; the voxels of *include* belong to it."""
    window = region.span
    window, inner = _about(region, mask, window)
    voxels = refine(_signed(mask[inner], region), _part(region, inner), window) > 0
    for places in include:
        there = places - [part.start for part in window]
        voxels[tuple(there[((there >= 0) & (there < voxels.shape)).all(axis=1)].T)] = True
    return window, voxels


def finer(native: Bools, held: Bools, changed: Bools, region: Region, *, adds: bool) -> Bools:
    """The volume's voxels *native* of the region's span after the change of working voxels; others stay."""
    from scipy.ndimage import binary_dilation

    result = native.copy()
    if not changed.any():
        return result
    window, inner = _about(region, changed, region.span)
    part = _part(region, inner)
    after = (held | changed if adds else held & ~changed)[inner]
    wide = binary_dilation(changed[inner])
    inside = refine(_signed(after, region), part, window) > 0
    near = refine(wide, part, window) > 0.01
    here = tuple(
        slice(w.start - whole.start, w.stop - whole.start)
        for w, whole in zip(window, region.span, strict=True)
    )
    before = native[here]
    result[here] = before | (inside & near) if adds else before & (inside | ~near)
    return result


def _about(region: Region, mask: Bools, window: Span) -> tuple[Span, Span]:
    """The volume's voxels and the working voxels round the set ones of *mask*, with some room."""
    spans, inner = [], []
    for axis in range(3):
        others = tuple(other for other in range(3) if other != axis)
        filled = np.flatnonzero(mask.any(axis=others))
        first, end = (int(filled[0]), int(filled[-1]) + 1) if len(filled) else (0, 1)
        first, end = max(first - 2, 0), min(end + 2, region.shape[axis])
        inner.append(slice(first, end))
        low = int(np.floor(region.start[axis] + first * region.step[axis] + 1e-6))
        high = int(np.ceil(region.start[axis] + end * region.step[axis] - 1e-6))
        spans.append(slice(max(low, window[axis].start), min(high, window[axis].stop)))
    return (spans[0], spans[1], spans[2]), (inner[0], inner[1], inner[2])


def _part(region: Region, inner: Span) -> Region:
    """The region of its working voxels *inner*."""
    k, j, i = (s + p.start * t for s, p, t in zip(region.start, inner, region.step, strict=True))
    shape = (inner[0].stop - inner[0].start, inner[1].stop - inner[1].start, inner[2].stop - inner[2].start)
    return replace(region, start=(k, j, i), shape=shape)


def _signed(mask: Bools, region: Region) -> Floats:
    """The distance to the mask's edge in units, positive inside; the edge lies half-way between voxels."""
    if mask.all():
        return np.ones(mask.shape, np.float32)
    inside, outside = distance_to(~mask, region.unit), distance_to(mask, region.unit)
    return np.asarray(np.where(mask, inside - 0.5, 0.5 - outside), np.float32)
