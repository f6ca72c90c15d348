"""The embedded engine: outlines from clicks without weights and without a GPU. It claims no confidence.

A mask is worked out on at most 80³ voxels around the prompt and brought back to the volume. A later
prompt changes its neighbourhood only: a positive one adds there, a negative one removes. Sessions hold
the mask's box, the places of the prompts and the last regions; nothing is shared between them.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.engines import embeddedfilters, embeddedflood
from app.engines.base import Box, Capabilities, EngineVolume, Lasso, Mask, MaskChange, Point, Prompt, Scribble
from app.engines.embeddedmask import Bools, cut, first_ijk, opposite_mm, pasted
from app.engines.embeddedplan import Plan, Target, first_mask
from app.engines.embeddedregion import Span, region_of, sample
from app.engines.embeddedscene import Scenes
from app.engines.embeddedseeds import Places, places_of
from app.engines.embeddedsolve import edit, finer
from app.imaging.errors import N_, UnsupportedData
from app.imaging.geometry import spacing_from_affine
from app.imaging.segments import BoxMask

MOST_UNDO = 50
REACH = 2.5
LEAST_REACH = 3.0
_MARGIN = 0.25
_NOTHING = np.zeros((0, 0, 0), np.bool_)
_EMPTY = BoxMask((0, 0, 0), _NOTHING)
_SAMPLE = 1 << 20
_CAPABILITIES = Capabilities("embedded", frozenset(("point", "box", "scribble", "lasso", "mask")))


@dataclass(frozen=True)
class _Step:
    """What a prompt changed: the window as it was, in packed bits, and the prompts before it."""

    window: Span
    before: bytes
    plan: Plan


class EmbeddedEngine:
    """The engine of every machine; it keeps nothing but its compiled loops."""

    def capabilities(self) -> Capabilities:
        """All kinds of prompts, quick, on the CPU."""
        return _CAPABILITIES

    def open(self, volume: EngineVolume) -> "EmbeddedSession":
        """A session on *volume*, (k, j, i) of one value a voxel.

        Raises
        ------
        UnsupportedData
            A colour image, or one in which nothing differs.
        """
        # The compiler begins now, and is done when a hand has clicked.
        embeddedflood.compiled(0)
        embeddedfilters.compiled(0)
        _check(volume.array)
        return EmbeddedSession(volume)


def _check(array: NDArray[np.generic]) -> None:
    if array.ndim != 3 or array.dtype.kind not in "iufb":
        raise UnsupportedData(
            N_("Colour images cannot be outlined by prompts; a volume of grey values is wanted.")
        )
    if not array.size:
        raise UnsupportedData(N_("The volume holds no voxel."))
    stride = max(1, int((array.size / _SAMPLE) ** (1 / 3)))
    # A look at some voxels settles nearly all volumes; only where they are alike, all have to be asked.
    for some in (array[::stride, ::stride, ::stride], array):
        values = np.asarray(some)
        low, high = (np.nanmin(values), np.nanmax(values)) if not _all_nan(values) else (0, 0)
        if low != high:
            return
    if low == 0:
        raise UnsupportedData(N_("All voxels of the volume are zero; there is nothing to outline."))
    raise UnsupportedData(N_("All voxels of the volume have the same value; there is nothing to outline."))


def _all_nan(values: NDArray[np.generic]) -> bool:
    return values.dtype.kind == "f" and bool(np.isnan(values).all())


class EmbeddedSession:
    """One object of one volume."""

    def __init__(self, volume: EngineVolume) -> None:
        self._array = volume.array
        self._shape = volume.array.shape
        self._spacing = np.array(spacing_from_affine(volume.grid.matrix)[::-1], np.float64)
        self._scenes = Scenes(volume.array)
        self._mask = _EMPTY
        self._plan = Plan()
        self._steps: list[_Step] = []

    @property
    def mask(self) -> BoxMask:
        """The mask as it is now."""
        return self._mask

    def add(self, prompt: Prompt) -> MaskChange:
        """Take *prompt*, checked by ``base.check_prompt``; the mask in the box that it may have changed."""
        if isinstance(prompt, Mask):
            return self._replace(prompt.mask)
        plan = self._plan.with_prompt(prompt)
        if self._mask.count:
            found = self._edited(prompt, plan)
        elif prompt.include:
            found = first_mask(self._scenes, Target.of(prompt, plan, self._shape, self._spacing))
        else:
            found = None
        return self._take(found, plan)

    def set_mask(self, mask: BoxMask) -> None:
        """Go on from *mask*; earlier prompts are forgotten, and nothing of it can be taken back."""
        self._mask = BoxMask.of(mask.voxels, mask.origin_ijk)
        self._plan = Plan()
        self._steps.clear()

    def undo(self) -> MaskChange | None:
        """Take the last of at most 50 prompts back."""
        if not self._steps:
            return None
        step = self._steps.pop()
        shape = tuple(part.stop - part.start for part in step.window)
        bits = np.unpackbits(np.frombuffer(step.before, np.uint8), count=int(np.prod(shape)))
        before = bits.astype(np.bool_).reshape(shape)
        self._plan = step.plan
        if not before.size:
            return MaskChange((0, 0, 0), _NOTHING)
        self._mask = pasted(self._mask, step.window, before)
        return MaskChange(first_ijk(step.window), before)

    def reset(self) -> None:
        """An empty mask and no prompts."""
        self._mask, self._plan = _EMPTY, Plan()
        self._steps.clear()

    def close(self) -> None:
        """Let go of the volume and of what was worked out on it."""
        self.reset()
        self._scenes.clear()

    def _replace(self, mask: BoxMask) -> MaskChange:
        """Another mask instead of what was there, as a step that can be taken back."""
        boxes = [m.box_ijk for m in (self._mask, mask) if m.voxels.size]
        if not boxes:
            return self._take(None, Plan())
        low = np.min([first for first, _ in boxes], axis=0)[::-1]
        high = np.max([end for _, end in boxes], axis=0)[::-1]
        k, j, i = (slice(int(a), int(b)) for a, b in zip(low, high, strict=True))
        return self._take(((k, j, i), cut(mask, (k, j, i))), Plan())

    def _take(self, found: tuple[Span, Bools] | None, plan: Plan) -> MaskChange:
        window, voxels = found if found is not None else ((slice(0, 0),) * 3, _NOTHING)
        before = cut(self._mask, window)
        self._steps.append(_Step(window, np.packbits(before).tobytes(), self._plan))
        del self._steps[:-MOST_UNDO]
        self._plan = plan
        if not voxels.size:
            return MaskChange((0, 0, 0), _NOTHING)
        self._mask = pasted(self._mask, window, voxels)
        return MaskChange(first_ijk(window), voxels)

    def _edited(self, prompt: Point | Box | Scribble | Lasso, plan: Plan) -> tuple[Span, Bools] | None:
        if isinstance(prompt, Box):
            return self._boxed(prompt, plan)
        places = places_of(prompt)
        lows, ends = places.min(axis=0), places.max(axis=0) + 1
        around: Span = tuple(slice(int(a), int(b)) for a, b in zip(lows, ends, strict=True))  # type: ignore[assignment]
        held = cut(self._mask, around)[tuple((places - lows).T)]
        wrong = places[held != prompt.include]
        if not len(wrong):
            return None
        # The deepest of some places of a stroke tells how large the fault is.
        some = wrong[:: 1 + len(wrong) // 16]
        deep_mm = max(opposite_mm(self._mask, place, self._shape, self._spacing) for place in some)
        reach_mm = max(LEAST_REACH * self._object_unit_mm(), REACH * deep_mm)
        return self._flooded(places, wrong, prompt, plan, reach_mm)

    def _flooded(
        self, places: Places, wrong: Places, prompt: Point | Scribble | Lasso, plan: Plan, reach_mm: float
    ) -> tuple[Span, Bools]:
        room = (reach_mm * 1.2 + 2 * self._spacing.min()) / self._spacing
        low, high = wrong.min(axis=0) + 0.5 - room, wrong.max(axis=0) + 0.5 + room
        region = region_of(low, high, self._shape, self._spacing)
        window = region.span
        native = cut(self._mask, window)
        scene = self._scenes.scene(region)
        held = sample(native, region, is_cut=True) > 0.5
        others = plan.exclude if prompt.include else plan.include
        clicked = region.inside(region.working(wrong))
        changed = edit(
            scene, held, clicked, region.marked_places(others), reach_mm / region.unit_mm, adds=prompt.include
        )
        voxels = finer(native, held, changed, region, adds=prompt.include)
        # What the hand has marked is as it says, however small.
        there = places - [part.start for part in window]
        there = there[((there >= 0) & (there < voxels.shape)).all(axis=1)]
        voxels[tuple(there.T)] = prompt.include
        return window, voxels

    def _boxed(self, box: Box, plan: Plan) -> tuple[Span, Bools] | None:
        """A box adds what lies in it, or empties it."""
        if box.include:
            window, found = first_mask(self._scenes, Target.of(box, plan, self._shape, self._spacing))
            return window, found | cut(self._mask, window)
        k, j, i = (slice(a, b) for a, b in zip(box.first_ijk[::-1], box.end_ijk[::-1], strict=True))
        return (k, j, i), np.zeros((k.stop - k.start, j.stop - j.start, i.stop - i.start), np.bool_)

    def _object_unit_mm(self) -> float:
        """How large the working voxels of the whole object are."""
        first, end = self._mask.box_ijk
        low, high = np.array(first[::-1]), np.array(end[::-1])
        margin = _MARGIN * (high - low)
        return region_of(low - margin, high + margin, self._shape, self._spacing).unit_mm
