"""Strangers' masks and doses, read by the child process (:mod:`app.archive.labelreading`), seen from here."""

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.archive.errors import Conflict
from app.archive.labelreading import grid_as_json
from app.archive.parsing import parse_pool
from app.imaging.errors import ImagingError, LimitExceeded, Message, UnsupportedData
from app.imaging.segments import Grid
from app.storage.store import Store

Settings = Mapping[str, Any]
# Beside what the file itself may take: a mask of the whole volume is a byte a voxel, and there are several
# copies of it on the way.
_BYTES_A_VOXEL = 6
_LEAST_ROOM = 512 * 1024 * 1024


class OtherFrameOfReference(Conflict):
    """The masks belong to another frame of reference; whoever assumes the same place has them placed."""

    code = "other_frame"


class RefusedFile(ImagingError):
    """A file that the child refused; its own ``code`` says what for."""

    def __init__(self, message: Message, code: str) -> None:
        super().__init__(message.template, **message.values)
        self.code = code


@dataclass(frozen=True)
class ReadSegment:
    """A segment as the child hands it over: its mask is the file at ``path``."""

    number: int
    name: str
    color_rgb: tuple[int, int, int] | None
    code: dict[str, str] | None
    box: list[list[int]]
    voxels: int
    path: Path
    size: int


@dataclass(frozen=True)
class ReadLabels:
    """Masks on the grid of a volume."""

    kind: str
    placement: str
    warnings: tuple[dict[str, Any], ...]
    segments: tuple[ReadSegment, ...]
    layers: list[dict[str, Any]]

    @property
    def size(self) -> int:
        """Bytes of all mask files."""
        return sum(segment.size for segment in self.segments)


@contextmanager
def read_labels(
    path: Path, target: Grid, *, series_uid: str, assume: bool, store: Store, settings: Settings
) -> Iterator[ReadLabels]:
    """The masks in the file at *path* on the grid *target*; whatever of them is not moved goes in the end.

    Raises
    ------
    OtherFrameOfReference, ImagingError
    """
    folder = store.new_working_folder()
    try:
        request = {
            "read": "labels",
            "path": str(path),
            "into": str(folder),
            "target": grid_as_json(target),
            "series_uid": series_uid,
            "assume": assume,
            "room": room_for(target),
        }
        yield _labels(_asked(request, settings)["labels"], folder, target)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def read_dose(path: Path, *, store: Store, settings: Settings) -> Iterator[tuple[dict[str, Any], Path]]:
    """What is known of the RT Dose at *path*, and its array as a ``.npy`` that goes in the end.

    Raises
    ------
    ImagingError
    """
    folder = store.new_working_folder()
    try:
        request = {"read": "dose", "path": str(path), "into": str(folder), "room": _LEAST_ROOM}
        yield dict(_asked(request, settings)["dose"]), folder / "dose.npy"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def read_reference(path: Path, settings: Settings) -> dict[str, Any]:
    """What the object at *path* refers to (:class:`app.imaging.references.FileReference`).

    Raises
    ------
    ImagingError
    """
    return dict(_asked({"read": "reference", "path": str(path)}, settings)["reference"])


def room_for(target: Grid) -> int:
    """Bytes that the child may use beside its own for masks on *target*."""
    i, j, k = target.shape_ijk
    return max(_LEAST_ROOM, i * j * k * _BYTES_A_VOXEL)


def _asked(request: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    """The child's answer; its refusals are raised here."""
    reply = parse_pool(settings).ask(request)
    if isinstance(reply, Message):
        raise RefusedFile(reply, "unreadable")
    if "refused" not in reply:
        return reply
    message, code = Message.from_json(reply["refused"]), str(reply["code"])
    if code == OtherFrameOfReference.code:
        raise OtherFrameOfReference(message.template, **message.values)
    if code == LimitExceeded.code:
        raise LimitExceeded(message.template, **message.values)
    if code == UnsupportedData.code:
        raise UnsupportedData(message.template, **message.values)
    raise RefusedFile(message, code)


def _labels(reply: Mapping[str, Any], folder: Path, target: Grid) -> ReadLabels:
    """The reply as values. The child may have been taken over: what it says is made to fit."""
    segments = []
    for one in reply["segments"]:
        number, path = int(one["number"]), folder / f"{int(one['number'])}.mask"
        color, box = one["color_rgb"], [[int(n) for n in corner] for corner in one["box"]]
        if not all(0 <= low <= high <= n for low, high, n in zip(*box, target.shape_ijk, strict=True)):
            raise ValueError("a box beyond its grid")
        segments.append(
            ReadSegment(
                number=number,
                name=str(one["name"]),
                color_rgb=(int(color[0]) & 255, int(color[1]) & 255, int(color[2]) & 255) if color else None,
                code={name: str(text) for name, text in one["code"].items()} if one["code"] else None,
                box=box,
                voxels=int(one["voxels"]),
                path=path,
                size=path.stat().st_size,
            )
        )
    warnings = tuple(Message.from_json(warning).as_json() for warning in reply["warnings"])
    layers = json.loads(json.dumps(reply["layers"]))
    return ReadLabels(str(reply["kind"]), str(reply["placement"]), warnings, tuple(segments), layers)
