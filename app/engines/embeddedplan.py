"""From the first prompt to a first mask: where to look, how finely, and when to look farther."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from app.engines.base import Box, Lasso, Point, Scribble
from app.engines.embeddedmask import Bools
from app.engines.embeddedregion import Region, Span, region_of
from app.engines.embeddedscene import Scenes
from app.engines.embeddedseeds import Look, Places, places_of
from app.engines.embeddedsolve import (
    FULL,
    WIDTHS,
    edge_contrast,
    first_answer,
    is_plausible,
    looks_of,
    native_of,
)

HALF_MM = 80.0
COARSE = 48**3
"""Working voxels while the extent of the object is not known."""

WEAKEST = 0.2
"""The share of a mask's edge by which the ways to find it are told apart: a leak has a weak place."""

_MARGIN = 0.25
_MARGIN_UNITS = 4.0
_GROWTH = 0.5
_ROUNDS = 3
_NEAR_EDGE = 2
_CORE = 0.2  # of a box: its middle belongs to the object

Triple = NDArray[np.float64]


@dataclass(frozen=True)
class Plan:
    """The places that prompts have marked so far, (n, 3) of (k, j, i) each."""

    include: tuple[Places, ...] = ()
    exclude: tuple[Places, ...] = ()

    def with_prompt(self, prompt: Point | Box | Scribble | Lasso) -> "Plan":
        """With the places of *prompt*; a box marks none."""
        if isinstance(prompt, Box):
            return self
        places = places_of(prompt)
        if prompt.include:
            return replace(self, include=(*self.include, places))
        return replace(self, exclude=(*self.exclude, places))


@dataclass(frozen=True)
class Target:
    """What a first mask is made from: the places of object and background, and where it may lie.

    ``first`` and ``end`` are places (edges) of the region to begin with; ``closed`` are the first and last
    edges of a box out of which the object cannot reach; ``flat`` is an axis and the slice in which all but
    the included places is background.
    """

    include: tuple[Places, ...]
    exclude: tuple[Places, ...]
    first: Triple
    end: Triple
    spacing_mm: Triple
    closed: tuple[Triple, Triple] | None = None
    flat: tuple[int, int] | None = None

    @classmethod
    def of(
        cls, prompt: Point | Box | Scribble | Lasso, plan: Plan, shape: Sequence[int], spacing_mm: Triple
    ) -> "Target":
        """The target of the first positive *prompt*."""
        if isinstance(prompt, Box):
            return _target_of_box(prompt, plan, shape, spacing_mm)
        places = places_of(prompt)
        low, end = places.min(axis=0).astype(np.float64), places.max(axis=0) + 1.0
        if not isinstance(prompt, Lasso):
            room = HALF_MM / spacing_mm
            return cls(plan.include, plan.exclude, low - room, end + room, spacing_mm)
        # A body with this outline is about as deep as it is wide.
        flat = int(np.argmin(end - low))
        size_mm = (end - low) * spacing_mm
        room = np.zeros(3)
        room[flat] = float(np.delete(size_mm, flat).mean()) / 2 / spacing_mm[flat]
        closed = (np.maximum(low - room, 0), np.minimum(end + room, shape))
        margin = _MARGIN * (closed[1] - closed[0])
        return cls(
            plan.include, plan.exclude, closed[0] - margin, closed[1] + margin, spacing_mm, closed,
            (flat, int(low[flat])),
        )  # fmt: skip


def _target_of_box(box: Box, plan: Plan, shape: Sequence[int], spacing_mm: Triple) -> Target:
    low, end = np.array(box.first_ijk[::-1], np.float64), np.array(box.end_ijk[::-1], np.float64)
    size_mm = (end - low) * spacing_mm
    flat = int(np.argmin(size_mm))
    if end[flat] - low[flat] == 1 and shape[flat] > 1:
        room = float(np.delete(size_mm, flat).mean()) / 2 / spacing_mm[flat]
        low[flat], end[flat] = max(low[flat] - room, 0), min(end[flat] + room, shape[flat])
    within = [p for p in plan.include if ((p >= low) & (p < end)).all()]
    if not within:
        middle, half = (low + end) / 2, (end - low) / 2
        axes = [
            np.arange(int(np.floor(m - h * _CORE)), int(np.floor(m + h * _CORE)) + 1)
            for m, h in zip(middle, half, strict=True)
        ]
        core = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
        within = [np.clip(core, 0, np.asarray(shape) - 1).astype(np.int64)]
    margin = np.maximum(_MARGIN * (end - low), 2)
    return Target(tuple(within), plan.exclude, low - margin, end + margin, spacing_mm, (low, end))


def first_mask(scenes: Scenes, target: Target) -> tuple[Span, Bools]:
    """The first mask of *target*: the window of the volume that holds it, and its voxels."""
    first, end, looks = target.first, target.end, None
    for turn in range(_ROUNDS + 1):
        if target.closed is not None:
            break
        region = region_of(first, end, scenes.shape, target.spacing_mm, COARSE)
        answer, looks = _roughly(scenes, target, region)
        before, behind, low, high = _reached(region, answer)
        grows = turn < _ROUNDS and bool(before.any() or behind.any())
        size = end - first
        margin = np.maximum(_MARGIN * (high - low), _MARGIN_UNITS * region.unit_mm / target.spacing_mm)
        first, end = (
            (first - _GROWTH * size * before, end + _GROWTH * size * behind)
            if grows
            else (low - margin, high + margin)
        )
        if not grows:
            break
    region = region_of(first, end, scenes.shape, target.spacing_mm)
    scene = scenes.scene(region)
    include = region.marked_places(target.include)
    exclude = region.marked_places(target.exclude)
    if looks is None:
        looks = [look.wider(2.0) for look in looks_of(scene, include)]
    answer = first_answer(scene, include, exclude, looks, _closed(region, target))
    return native_of(answer, region, target.include)


def _roughly(scenes: Scenes, target: Target, region: Region) -> tuple[Bools, list[Look]]:
    """The mask on a coarse grid and the looks that led to it: the best edge without a leak."""
    scene = scenes.scene(region)
    include = region.marked_places(target.include)
    exclude = region.marked_places(target.exclude)
    narrow = looks_of(scene, include)
    best: tuple[float, Bools, list[Look]] | None = None
    for width in reversed(WIDTHS):
        looks = [look.wider(width) for look in narrow]
        answer = first_answer(scene, include, exclude, looks)
        if best is not None and not is_plausible(region, answer, include[-1], FULL * answer.size):
            continue
        contrast = edge_contrast(scene, answer, WEAKEST)
        if best is None or contrast > best[0]:
            best = contrast, answer, looks
    assert best is not None  # the first is always taken
    return best[1], best[2]


def _reached(region: Region, answer: Bools) -> tuple[NDArray[np.bool_], NDArray[np.bool_], Triple, Triple]:
    """On which sides the mask meets the region's edge where the volume goes on; its first and end place."""
    before, behind, low, high = [], [], [], []
    for axis in range(3):
        others = tuple(other for other in range(3) if other != axis)
        filled = np.flatnonzero(answer.any(axis=others))
        first, last = (int(filled[0]), int(filled[-1])) if len(filled) else (0, region.shape[axis] - 1)
        before.append(region.is_open[axis][0] and first < _NEAR_EDGE)
        behind.append(region.is_open[axis][1] and last >= region.shape[axis] - _NEAR_EDGE)
        low.append(region.start[axis] + first * region.step[axis])
        high.append(region.start[axis] + (last + 1) * region.step[axis])
    return np.array(before), np.array(behind), np.array(low), np.array(high)


def _closed(region: Region, target: Target) -> Bools | None:
    """The working voxels that cannot be of the object."""
    if target.closed is None:
        return None
    centers = [
        s + (np.arange(n) + 0.5) * t for s, n, t in zip(region.start, region.shape, region.step, strict=True)
    ]
    inside = np.ones(region.shape, np.bool_)
    for axis, (center, low, end) in enumerate(zip(centers, *target.closed, strict=True)):
        within = (center > low) & (center < end)
        inside &= within.reshape([-1 if other == axis else 1 for other in range(3)])
    if target.flat is not None:
        axis, number = target.flat
        at = int(np.clip((number + 0.5 - region.start[axis]) / region.step[axis], 0, region.shape[axis] - 1))
        layer: list[slice | int] = [slice(None)] * 3
        layer[axis] = at
        drawn = np.zeros(region.shape, np.bool_)
        for places in region.marked_places(target.include):
            drawn[tuple(places.T)] = True
        inside[tuple(layer)] &= drawn[tuple(layer)]
    return ~inside
