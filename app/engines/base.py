"""What an engine is, and what it is told: prompts in voxel indices, checked before any engine sees them.

Indices are (i, j, k) of the volume, voxel centres at integers; boxes are half open; arrays are (k, j, i).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from app.imaging.errors import N_, ImagingError, Message
from app.imaging.segments import BoxMask, Grid, Index

PromptKind = Literal["point", "box", "scribble", "lasso", "mask"]
MOST_VERTICES = 10_000


class InvalidPrompt(ImagingError):
    """A prompt that cannot be meant; ``field`` is the one at fault."""

    code = "invalid_prompt"

    def __init__(self, field: str, template: str, /, **values: Any) -> None:
        self.field = field
        super().__init__(template, field=field, **values)


class EngineError(ImagingError):
    """An engine could not do what it was asked; the session is as it was before."""

    code = "engine_failed"


class EngineUnavailable(EngineError):
    """The engine is not installed, has no weights, or its server does not answer."""

    code = "engine_unavailable"


class EngineBusy(EngineError):
    """No session or no memory is free just now; ``retry_after_s`` says when to come again."""

    code = "engine_busy"

    def __init__(self, template: str, /, retry_after_s: float = 10.0, **values: Any) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(template, **values)


class SessionLost(EngineError):
    """The engine has forgotten the session: it has to be opened again and given its mask."""

    code = "session_lost"


@dataclass(frozen=True)
class Point:
    """One voxel that belongs to the object, or with ``include`` false does not."""

    index_ijk: Index
    include: bool = True
    kind: PromptKind = "point"


@dataclass(frozen=True)
class Box:
    """A half-open box around the object; one slice thick along one axis for engines that want it flat."""

    first_ijk: Index
    end_ijk: Index
    include: bool = True
    kind: PromptKind = "box"


@dataclass(frozen=True)
class Scribble:
    """Voxels along a stroke, in the order in which they were drawn; gaps are straight lines."""

    points_ijk: tuple[Index, ...]
    include: bool = True
    kind: PromptKind = "scribble"


@dataclass(frozen=True)
class Lasso:
    """Vertices of a closed outline on one slice: all share one of the three indices."""

    points_ijk: tuple[Index, ...]
    include: bool = True
    kind: PromptKind = "lasso"


@dataclass(frozen=True)
class Mask:
    """The mask to go on from, instead of what was there."""

    mask: BoxMask
    include: bool = True
    kind: PromptKind = "mask"


Prompt = Point | Box | Scribble | Lasso | Mask


@dataclass(frozen=True)
class EngineVolume:
    """What is segmented: ``array`` (k, j, i) of modality values, grid, ``key`` naming its content."""

    array: NDArray[Any]
    grid: Grid
    modality: str = ""
    key: str = ""


@dataclass(frozen=True)
class MaskChange:
    """The mask in a box after a prompt: ``voxels`` (k, j, i) bool from ``first_ijk`` on; empty: no change."""

    first_ijk: Index
    voxels: NDArray[np.bool_]


@dataclass(frozen=True)
class Capabilities:
    """What an engine takes, and by what right it may be used.

    Attributes
    ----------
    name : str
        "embedded", "nninteractive" or "remote".
    prompts : frozenset of str
        Kinds that it takes.
    flat_boxes_only : bool
    is_learned : bool
        Whether a trained network answers.
    device : str
        "cpu", "cuda:0", or a server's own word.
    licence : str
        Of code and weights, as it is to be shown; empty where it is this application's own.
    is_slow : bool
        Whether an answer takes longer than a hand waits: then prompts run as jobs.
    reason : Message or None
        Why it is not there; None where it is.
    """

    name: str
    prompts: frozenset[PromptKind]
    flat_boxes_only: bool = False
    is_learned: bool = False
    device: str = "cpu"
    licence: str = ""
    is_slow: bool = False
    reason: Message | None = None


class EngineSession(Protocol):
    """One object of one volume, prompted by one user. Not to be called by two threads at once."""

    def add(self, prompt: Prompt) -> MaskChange:
        """Take a prompt, checked by :func:`check_prompt`, and give the mask where it changed."""

    def set_mask(self, mask: BoxMask) -> None:
        """Go on from *mask*; earlier prompts are forgotten."""

    def undo(self) -> MaskChange | None:
        """Take the last prompt back; None where there is nothing to take back."""

    def reset(self) -> None:
        """An empty mask and no prompts: the next object."""

    def close(self) -> None:
        """Give memory and places on servers back; may be called twice."""


class Engine(Protocol):
    """Shared by all users of a process; its sessions never share a mask."""

    def capabilities(self) -> Capabilities:
        """What it can do, asked without loading anything heavy."""

    def open(self, volume: EngineVolume) -> EngineSession:
        """A session on *volume*.

        Raises
        ------
        EngineUnavailable, EngineBusy
        """


def check_prompt(prompt: Prompt, grid: Grid, capabilities: Capabilities) -> None:
    """Refuse what cannot be meant on *grid*, before any engine sees it.

    Raises
    ------
    InvalidPrompt
    """
    if prompt.kind not in capabilities.prompts:
        raise InvalidPrompt(
            "kind",
            N_("%(engine)s takes no %(found)s."),
            engine=capabilities.name,
            found=prompt.kind,
        )
    if isinstance(prompt, Point):
        _check_indices("points", [prompt.index_ijk], grid.shape_ijk)
    elif isinstance(prompt, Box):
        _check_box(prompt, grid.shape_ijk, flat=capabilities.flat_boxes_only)
    elif isinstance(prompt, Mask):
        _check_mask(prompt.mask, grid.shape_ijk)
    else:
        _check_stroke(prompt, grid.shape_ijk)


def _check_indices(field: str, points: Iterable[Index], shape_ijk: Index) -> None:
    for point in points:
        whole = len(point) == 3 and all(type(value) is int for value in point)
        if not whole or not all(0 <= value < count for value, count in zip(point, shape_ijk, strict=True)):
            raise InvalidPrompt(
                field,
                N_("%(field)s holds %(found)s; whole numbers from 0, 0, 0 below %(limit)s are wanted."),
                found=", ".join(str(value) for value in point),
                limit=", ".join(str(count) for count in shape_ijk),
            )


def _check_box(box: Box, shape_ijk: Index, *, flat: bool) -> None:
    _check_indices("box", [box.first_ijk], shape_ijk)
    # The end is not of the box; its last voxel is to lie in the volume.
    _check_indices("box", [_before(box.end_ijk)], shape_ijk)
    sides = [end - first for first, end in zip(box.first_ijk, box.end_ijk, strict=True)]
    if min(sides) < 1:
        raise InvalidPrompt(
            "box",
            N_("%(field)s ends at %(found)s, at or before its first voxel %(limit)s."),
            found=", ".join(str(value) for value in box.end_ijk),
            limit=", ".join(str(value) for value in box.first_ijk),
        )
    if flat and 1 not in sides:
        raise InvalidPrompt("box", N_("%(field)s is to be one slice thick for this engine."))


def _before(end_ijk: Index) -> Index:
    i, j, k = (value - 1 for value in end_ijk)
    return (i, j, k)


def _check_stroke(stroke: Scribble | Lasso, shape_ijk: Index) -> None:
    count = len(stroke.points_ijk)
    least = 3 if isinstance(stroke, Lasso) else 1
    if not least <= count <= MOST_VERTICES:
        raise InvalidPrompt(
            "points",
            N_("%(field)s holds %(found)s points; %(least)s to %(limit)s are taken."),
            found=count,
            least=least,
            limit=MOST_VERTICES,
        )
    _check_indices("points", stroke.points_ijk, shape_ijk)
    if isinstance(stroke, Lasso) and not any(
        len({point[axis] for point in stroke.points_ijk}) == 1 for axis in range(3)
    ):
        raise InvalidPrompt("points", N_("The points of a lasso are to lie on one slice."))


def _check_mask(mask: BoxMask, shape_ijk: Index) -> None:
    first, end = mask.box_ijk
    if any(low < 0 or high > count for low, high, count in zip(first, end, shape_ijk, strict=True)):
        raise InvalidPrompt(
            "mask",
            N_("%(field)s reaches to %(found)s, outside the volume of %(limit)s voxels."),
            found=", ".join(str(value) for value in end),
            limit=", ".join(str(count) for count in shape_ijk),
        )
