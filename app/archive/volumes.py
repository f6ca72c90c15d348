"""Series as volumes or stacks, opened for reading (:mod:`app.archive.stacking` makes them).

Everything derived carries the revision of the series, so that what was made of yesterday's instances
is never shown for today's. An opened volume is a read-only memory map: all workers and users share it.
"""

import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Set
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Generic, TypeVar

from sqlalchemy import select

from app.archive.errors import Conflict, NotFound
from app.archive.jobs import ACTIVE
from app.imaging.errors import N_
from app.imaging.limits import DEFAULT_LIMITS
from app.imaging.pixels import Frame, read_frame
from app.imaging.volume import Volume, VolumeHeader, load_volume
from app.models import Job, Series, db
from app.storage.store import Store

KIND = "volume"
_OPEN_VOLUMES = 16
_KEPT_FRAME_BYTES = 64 * 1024 * 1024
# Images of a stack are decoded in the web process, beside everybody's requests, and need some ten times
# their stored size meanwhile. The largest radiographs and mammograms have half of this.
_FRAME_LIMITS = replace(DEFAULT_LIMITS, max_frame_bytes=_KEPT_FRAME_BYTES)
_MISSING = N_("What was made of the series is missing on the server; it has to be made again.")
_NOT_READY = {
    "queued": N_("The series is still being prepared."),
    "running": N_("The series is still being prepared."),
    "stack": N_("The series is no volume; it is shown image by image."),
    "failed": N_("The series could not be prepared."),
}
Value = TypeVar("Value")


@dataclass(frozen=True)
class StackFrame:
    """One image of a stack: frame number *frame*, from 0, of the file at *path*."""

    path: Path
    frame: int
    rows: int
    columns: int


@dataclass(frozen=True)
class Stack:
    """The images of a series in the order in which it is leafed through."""

    frames: tuple[StackFrame, ...]


def job_of(series: Series) -> Job | None:
    """The latest job that makes, or made, this revision's volume: its progress is the series'."""
    return db.session.scalar(
        select(Job)
        .where(Job.key == job_key(series.id, series.revision))
        .order_by(Job.created_at.desc())
        .limit(1)
    )


def active_jobs(owner_id: str, series_ids: Set[str]) -> list[Job]:
    """The waiting and running jobs that make volumes of the owner's *series_ids*."""
    active = select(Job).where(Job.owner_id == owner_id, Job.kind == KIND, Job.state.in_(ACTIVE))
    return [job for job in db.session.scalars(active) if job.arguments["series_id"] in series_ids]


def load(series: Series, store: Store) -> Volume:
    """The volume of the series, memory-mapped.

    Raises
    ------
    Conflict
        It is not ready, or the series is no volume.
    """
    if series.state != "ready":
        raise Conflict(_NOT_READY[series.state])
    key = (str(store.root), series.id, series.revision)
    volume = _open_volumes.get(key)
    if volume is None:
        # The sidecar is long: it is read from the row only here.
        path = store.volume_array(series.id, series.revision)
        try:
            volume = load_volume(path, VolumeHeader.from_json(series.volume or {}))
        except (FileNotFoundError, KeyError):
            raise Conflict(_MISSING) from None
        _open_volumes.put(key, volume)
    return volume


def stack_of(series: Series, store: Store) -> Stack:
    """The images of a series that is no volume, in order.

    Raises
    ------
    Conflict
        Its job has not been done, or found a volume.
    """
    if series.state != "stack":
        raise Conflict(_NOT_READY.get(series.state, N_("The series is a volume and no stack.")))
    if not series.has_pixels:
        return Stack(())
    path = store.stack(series.id, series.revision)
    try:
        stored = json.loads(path.read_text())
    except FileNotFoundError:
        raise Conflict(_MISSING) from None
    return Stack(
        tuple(
            StackFrame(
                store.original(series.owner_id, item["sha256"]), item["frame"], item["rows"], item["columns"]
            )
            for item in stored["frames"]
        )
    )


def stack_frame(series: Series, store: Store, index: int) -> Frame:
    """Image *index*, from 0, of a stack, decoded.

    Raises
    ------
    NotFound
        The stack has no such image.
    ImagingError
        It cannot be decoded.
    """
    frames = stack_of(series, store).frames
    if not 0 <= index < len(frames):
        raise NotFound
    key = (str(store.root), series.id, series.revision, index)
    frame = _decoded_frames.get(key)
    if frame is None:
        frame = read_frame(frames[index].path, frames[index].frame, _FRAME_LIMITS)
        _decoded_frames.put(key, frame)
    return frame


def thumbnail_path(series: Series, store: Store) -> Path:
    """The PNG of the middle image; it is absent until the job has been there."""
    return store.thumbnail(series.id, series.revision)


def forget(series_id: str) -> None:
    """Let go of what this process holds open of a series."""
    _open_volumes.drop(series_id)
    _decoded_frames.drop(series_id)


class _Kept(Generic[Value]):
    """The most recently used values, up to a total weight. Keys are (root, series id, …)."""

    def __init__(self, limit: int, weight: Callable[[Value], int]) -> None:
        self._limit = limit
        self._weigh = weight
        self._values: OrderedDict[tuple[Any, ...], Value] = OrderedDict()
        self._total = 0
        self._lock = threading.Lock()

    def get(self, key: tuple[Any, ...]) -> Value | None:
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key)

    def put(self, key: tuple[Any, ...], value: Value) -> None:
        with self._lock:
            self._remove(key)
            self._values[key] = value
            self._total += self._weigh(value)
            while self._total > self._limit and len(self._values) > 1:
                self._remove(next(iter(self._values)))

    def drop(self, series_id: str) -> None:
        with self._lock:
            for key in [key for key in self._values if key[1] == series_id]:
                self._remove(key)

    def _remove(self, key: tuple[Any, ...]) -> None:
        value = self._values.pop(key, None)
        if value is not None:
            self._total -= self._weigh(value)


_open_volumes: _Kept[Volume] = _Kept(_OPEN_VOLUMES, lambda volume: 1)
_decoded_frames: _Kept[Frame] = _Kept(_KEPT_FRAME_BYTES, lambda frame: int(frame.values.nbytes))


def job_key(series_id: str, revision: int) -> str:
    """The key of the job that makes this revision's volume."""
    return f"{KIND}:{series_id}:{revision}"
