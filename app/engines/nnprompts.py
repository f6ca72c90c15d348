"""One object of one volume, as nnInteractive's sessions take it: the local one and the remote one alike.

They count (k, j, i), and boxes as first and end on each axis; the rest of this application counts (i, j, k).
**This module is where the order turns.** They write the mask into a buffer of ours and name the box.
"""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from app.engines.base import (
    Box,
    Capabilities,
    EngineVolume,
    Lasso,
    Mask,
    MaskChange,
    Point,
    Prompt,
    check_prompt,
)
from app.engines.strokes import outline_mask, stroke_mask
from app.imaging.segments import BoxMask, Index

Spans = Sequence[Sequence[int]]
PROMPTS = {"points": "point", "bbox2d": "box", "scribble": "scribble", "lasso": "lasso"}
"""Their words for what they take, and ours."""
UNKNOWN_LICENCE = "unknown"


class Official(Protocol):
    """What both of their sessions have, as far as it is used here."""

    target_buffer: Any
    original_image_shape: Any
    preferred_scribble_thickness: Any
    _last_paste_bbox: Spans | None

    def set_image(self, image: NDArray[Any]) -> None: ...
    def set_target_buffer(self, target_buffer: NDArray[np.uint8]) -> None: ...
    def add_point_interaction(self, coordinates: list[int], include_interaction: bool) -> Spans | None: ...
    def add_bbox_interaction(self, bbox_coords: Spans, include_interaction: bool) -> Spans | None: ...
    def add_scribble_interaction(
        self, scribble_image: NDArray[np.uint8], include_interaction: bool, *, interaction_bbox: Spans
    ) -> Spans | None: ...
    def add_lasso_interaction(
        self, lasso_image: NDArray[np.uint8], include_interaction: bool, *, interaction_bbox: Spans
    ) -> Spans | None: ...
    def add_initial_seg_interaction(self, initial_seg: NDArray[np.uint8]) -> Spans | None: ...
    def reset_interactions(self) -> None: ...
    def undo(self) -> bool: ...


def licence_word(found: str | None) -> str:
    """Their name of the licence, or that it is not known: "!!MISSING!!" is their word for that."""
    return UNKNOWN_LICENCE if not found or found == "!!MISSING!!" else found


def kinds_taken(supported: dict[str, Any]) -> frozenset[Any]:
    """Kinds of prompts, from their table of what a checkpoint was trained with; a mask always."""
    return frozenset({ours for theirs, ours in PROMPTS.items() if supported.get(theirs, False)} | {"mask"})


class Prompted:
    """An official session with its volume and buffer. No locks, no threads, no translation of errors."""

    def __init__(self, official: Official, volume: EngineVolume, capabilities: Capabilities) -> None:
        self.official = official
        self._grid = volume.grid
        self._capabilities = capabilities
        self._mask = np.zeros(volume.grid.shape_kji, np.uint8)
        self._touched: list[list[int]] | None = None
        self._can_undo = False
        official.set_image(volume.array[None])
        official.set_target_buffer(self._mask)  # after set_image, which drops it
        # A buffer of another shape is written to without a word, and the box comes back reversed.
        if (
            tuple(official.original_image_shape) != (1, *self._mask.shape)
            or official.target_buffer is not self._mask
        ):
            raise ValueError("the session has taken another image or another buffer")

    def check(self, prompt: Prompt) -> None:
        """Refuse, once more and here, what must not come to a GPU (``base.check_prompt``)."""
        check_prompt(prompt, self._grid, self._capabilities)

    def add(self, prompt: Prompt) -> MaskChange:
        change = (
            self._change(self._send(prompt)) if not isinstance(prompt, Mask) else self.set_mask(prompt.mask)
        )
        self._can_undo = True
        return change

    def set_mask(self, mask: BoxMask) -> MaskChange:
        """Start from *mask*; what changes is where it is, and where the last one was."""
        self.official.add_initial_seg_interaction(mask.full(self._grid.shape_kji).view(np.uint8))
        after = _spans(*mask.box_ijk) if mask.voxels.size else None
        change = self._change(_union(self._touched, after))
        self._touched, self._can_undo = after, False
        return change

    def undo(self) -> MaskChange | None:
        if not self._can_undo:
            return None
        self._can_undo = False
        return self._change(self.official._last_paste_bbox) if self.official.undo() else None

    def reset(self) -> None:
        self.official.reset_interactions()
        self._mask.fill(0)
        self._touched, self._can_undo = None, False

    def _send(self, prompt: Prompt) -> Spans | None:
        official, include = self.official, bool(prompt.include)
        if isinstance(prompt, Point):
            return official.add_point_interaction(list(prompt.index_ijk[::-1]), include)
        if isinstance(prompt, Box):
            return official.add_bbox_interaction(_spans(prompt.first_ijk, prompt.end_ijk), include)
        assert not isinstance(prompt, Mask)
        shape_ijk = self._grid.shape_ijk
        if isinstance(prompt, Lasso):
            spans, drawn = _drawn(*outline_mask(prompt.points_ijk, shape_ijk))
            return official.add_lasso_interaction(drawn, include, interaction_bbox=spans)
        thickness_kji = [max(1, round(n)) for n in official.preferred_scribble_thickness]
        spans, drawn = _drawn(*stroke_mask(prompt.points_ijk, shape_ijk, thickness_kji[::-1]))
        return official.add_scribble_interaction(drawn, include, interaction_bbox=spans)

    def _change(self, spans: Spans | None) -> MaskChange:
        """The mask as it is now in *spans*, which may reach out of the volume where it was zoomed out."""
        clipped = [
            [max(0, int(low)), min(int(high), count)]
            for (low, high), count in zip(spans or (), self._mask.shape, strict=bool(spans))
        ]
        if not clipped or any(high <= low for low, high in clipped):
            return MaskChange((0, 0, 0), np.zeros((0, 0, 0), np.bool_))
        self._touched = _union(self._touched, clipped)
        (k0, k1), (j0, j1), (i0, i1) = clipped
        return MaskChange((i0, j0, k0), self._mask[k0:k1, j0:j1, i0:i1] > 0)


def _spans(first_ijk: Index, end_ijk: Index) -> list[list[int]]:
    """A half-open box in their order: [[k0, k1], [j0, j1], [i0, i1]]."""
    return [[low, high] for low, high in zip(first_ijk[::-1], end_ijk[::-1], strict=True)]


def _drawn(first_ijk: Index, drawn: NDArray[np.bool_]) -> tuple[Spans, NDArray[np.uint8]]:
    """A mask and its box as they take them: negative strides are refused."""
    return _spans(*BoxMask(first_ijk, drawn).box_ijk), np.ascontiguousarray(drawn).view(np.uint8)


def _union(one: Spans | None, other: Spans | None) -> list[list[int]] | None:
    boxes = [box for box in (one, other) if box is not None]
    if not boxes:
        return None
    return [[min(box[axis][0] for box in boxes), max(box[axis][1] for box in boxes)] for axis in range(3)]
