"""Parts of series as volumes or stacks, opened for reading (:mod:`app.archive.stacking` makes them).

Everything derived carries the revision of the series, so that what was made of yesterday's instances
is never shown for today's. An opened volume is a read-only memory map: all workers and users share it.
"""

import json
from collections.abc import Set
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import select

from app.archive.errors import Conflict, NotFound
from app.archive.jobs import ACTIVE
from app.archive.kept import Kept
from app.archive.parts import PartSummary, main_part, part_of
from app.imaging.errors import N_, Message
from app.imaging.limits import DEFAULT_LIMITS
from app.imaging.pixels import Frame, read_frame
from app.imaging.volume import Volume, VolumeHeader, load_volume
from app.models import Job, Series, db
from app.storage.store import Store

KIND = "volume"
_OPEN_VOLUMES = 64  # a phase each
_KEPT_FRAME_BYTES = 64 * 1024 * 1024
_KEPT_PLACES = 100_000  # images in lists; a list may have tens of thousands
# Images of a stack are decoded in the web process, beside everybody's requests, and need some ten times
# their stored size meanwhile. The largest radiographs and mammograms have half of this.
_FRAME_LIMITS = replace(DEFAULT_LIMITS, max_frame_bytes=_KEPT_FRAME_BYTES)
_MISSING = N_("What was made of the series is missing on the server; it has to be made again.")
LOST = N_("A file of the series is missing in the store.")
_NOT_READY = {
    "queued": N_("The series is still being prepared."),
    "running": N_("The series is still being prepared."),
    "stack": N_("The series is no volume; it is shown image by image."),
    "failed": N_("The series could not be prepared."),
}


@dataclass(frozen=True)
class Shown:
    """What one address shows: a phase of a part of a series, or the original images of that part."""

    series: Series
    part: int
    phase: int
    summary: PartSummary
    is_volume: bool

    @property
    def key(self) -> str:
        """The same text for the same voxels of one revision of a series."""
        return f"{self.part}-{self.phase if self.is_volume else 'images'}"


@dataclass(frozen=True)
class StackFrame:
    """One image of a stack: frame number *frame*, from 0, of the file at *path*."""

    path: Path
    frame: int
    rows: int
    columns: int


@dataclass(frozen=True)
class Stack:
    """The images of a part in the order in which they are leafed through."""

    frames: tuple[StackFrame, ...]


def shown(
    series: Series, *, part: int | None = None, phase: int | None = None, as_stack: bool = False
) -> Shown:
    """Part *part* of the series, by default the one that opens first, at *phase*, by default the first.

    Raises
    ------
    Conflict
        The series is not prepared.
    NotFound
        It has no such part or phase.
    """
    if series.state not in ("ready", "stack"):
        raise Conflict(_NOT_READY[series.state])
    if as_stack and series.file_format != "dicom":
        raise NotFound  # a NIfTI or NRRD file was made of no images
    number = main_part(series) if part is None else part
    summary = part_of(series, number) if series.parts else _without_images(series)
    is_volume = summary.kind == "volume" and not as_stack
    phases = summary.phase_count if is_volume else 1
    if phase is not None and not 0 <= phase < phases:
        raise NotFound
    return Shown(series, number, phase or 0, summary, is_volume)


def _without_images(series: Series) -> PartSummary:
    """Contours and the like: a series without pictures has no parts."""
    reason = Message.from_json(series.reason) if series.reason else None
    return PartSummary("stack", "contours", Message(""), reason, (), 0)


def job_of(series: Series) -> Job | None:
    """The latest job that makes, or made, this revision's parts: its progress is the series'."""
    return db.session.scalar(
        select(Job)
        .where(Job.key == job_key(series.id, series.revision))
        .order_by(Job.created_at.desc())
        .limit(1)
    )


def active_jobs(owner_id: str, series_ids: Set[str]) -> list[Job]:
    """The waiting and running jobs that make volumes of the owner's *series_ids*."""
    active = select(Job).where(Job.owner_id == owner_id, Job.kind == KIND, Job.state.in_(ACTIVE))
    if len(series_ids) == 1:
        # An upload asks this of thousands of series, each of which waits: their rows are not all read.
        active = active.where(Job.key.startswith(f"{KIND}:{next(iter(series_ids))}:", autoescape=True))
    return [job for job in db.session.scalars(active) if job.arguments["series_id"] in series_ids]


def load(shown: Shown, store: Store) -> Volume:
    """The shown volume, memory-mapped.

    Raises
    ------
    Conflict
        It is no volume, or its files are gone.
    """
    if not shown.is_volume:
        raise Conflict(_NOT_READY["stack"])
    series = shown.series
    place = (series.id, series.revision, shown.part, shown.phase)
    key = (str(store.root), *place)
    volume = _open_volumes.get(key)
    if volume is None:
        try:
            header = VolumeHeader.from_json(json.loads(store.volume_header(*place).read_text()))
            volume = load_volume(store.volume_array(*place), header)
        except (FileNotFoundError, KeyError, ValueError):
            raise Conflict(_MISSING) from None
        _open_volumes.put(key, volume)
    return volume


def stack_of(shown: Shown, store: Store) -> Stack:
    """The original images of the shown part, in order; those of a volume too.

    Raises
    ------
    Conflict
        Their list is gone.
    """
    series = shown.series
    if not shown.summary.image_count or shown.summary.kind == "failed":
        return Stack(())
    key = (str(store.root), series.id, series.revision, shown.part)
    stack = _stacks.get(key)
    if stack is None:
        stack = _read_stack(store, series.owner_id, store.stack(*key[1:]))
        _stacks.put(key, stack)
    return stack


def _read_stack(store: Store, owner_id: str, path: Path) -> Stack:
    """The list as it was written: a revision's list never changes."""
    try:
        stored = json.loads(path.read_text())["frames"]
    except FileNotFoundError:
        raise Conflict(_MISSING) from None
    paths = {sha256: store.original(owner_id, sha256) for sha256 in {item["sha256"] for item in stored}}
    return Stack(
        tuple(
            StackFrame(paths[item["sha256"]], item["frame"], item["rows"], item["columns"]) for item in stored
        )
    )


def stack_frame(shown: Shown, store: Store, index: int) -> Frame:
    """Original image *index*, from 0, of the shown part, decoded.

    Raises
    ------
    NotFound
        The part has no such image.
    Conflict
        Its file is lost.
    ImagingError
        It cannot be decoded.
    """
    frames = stack_of(shown, store).frames
    if not 0 <= index < len(frames):
        raise NotFound
    key = (str(store.root), shown.series.id, shown.series.revision, shown.part, index)
    frame = _decoded_frames.get(key)
    if frame is None:
        try:
            frame = read_frame(frames[index].path, frames[index].frame, _FRAME_LIMITS)
        except FileNotFoundError:
            raise Conflict(LOST) from None
        _decoded_frames.put(key, frame)
    return frame


def thumbnail_path(series: Series, store: Store, part: int | None = None) -> Path:
    """The PNG of a part's middle image; it is absent until the job has been there."""
    return store.thumbnail(series.id, series.revision, main_part(series) if part is None else part)


def forget(series_id: str) -> None:
    """Let go of what this process holds open of a series."""
    _open_volumes.drop(series_id)
    _decoded_frames.drop(series_id)
    _stacks.drop(series_id)


_open_volumes: Kept[Volume] = Kept(_OPEN_VOLUMES, lambda volume: 1)
_decoded_frames: Kept[Frame] = Kept(_KEPT_FRAME_BYTES, lambda frame: int(frame.values.nbytes))
_stacks: Kept[Stack] = Kept(_KEPT_PLACES, lambda stack: len(stack.frames) + 1)


def job_key(series_id: str, revision: int) -> str:
    """The key of the job that makes this revision's volume."""
    return f"{KIND}:{series_id}:{revision}"
