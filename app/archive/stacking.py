"""The job that makes a volume of a series, or a stack of what is no volume, with its thumbnail."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from app.archive import jobs, volumes
from app.archive.errors import Conflict
from app.archive.incoming import disk_room
from app.archive.parsing import read_limits
from app.archive.room import check_disk
from app.archive.thumbnails import frame_thumbnail, volume_thumbnail
from app.archive.volumes import KIND, job_key
from app.imaging.errors import N_, ImagingError, Message, NotAVolume
from app.imaging.pixels import read_frame
from app.imaging.volume import (
    SliceHeader,
    VolumePlan,
    build_volume,
    load_volume,
    plan_volume,
    read_slice_header,
    stack_order,
)
from app.models import Instance, Job, Series, db

NO_IMAGES = N_("The series holds no images: contours, to be shown over the images they belong to.")
_READING, _STACKING = N_("Reading the images"), N_("Stacking the images")
_HEADERS_SHARE = 0.2  # of the progress


def prepare(series: Series) -> Job | None:
    """Have the volume of the series made, in the caller's transaction; of older revisions no more."""
    db.session.flush()
    for job in volumes.active_jobs(series.owner_id, {series.id}):
        jobs.cancel(job)
    series.volume = None
    if not series.has_pixels:
        series.state, series.reason = "stack", Message(NO_IMAGES).as_json()
        return None
    series.state, series.reason = "queued", None
    return jobs.submit(
        KIND,
        owner_id=series.owner_id,
        key=job_key(series.id, series.revision),
        arguments={"series_id": series.id, "revision": series.revision},
    )


def _failed(arguments: Mapping[str, Any], reason: Message) -> None:
    """The job was given up: the series says why."""
    db.session.execute(
        update(Series)
        .where(
            Series.id == arguments["series_id"],
            Series.revision == arguments["revision"],
            Series.state.in_(jobs.ACTIVE),
        )
        .values(state="failed", reason=reason.as_json())
        .execution_options(synchronize_session=False)
    )


@jobs.handler(KIND, failed=_failed)
def make_volume(context: jobs.JobContext) -> Mapping[str, Any] | None:
    """Make the volume, or the stack, of one revision of a series, with its thumbnail."""
    making = _Making(context)
    if not making.begin():
        return {"state": "outdated"}
    try:
        return {"state": making.make()}
    finally:
        making.tidy()


class _Making:
    """One run of the job."""

    def __init__(self, context: jobs.JobContext) -> None:
        self._context = context
        self._store = context.store
        self._limits = read_limits(context.settings)
        self._series_id = str(context.arguments["series_id"])
        self._revision = int(context.arguments["revision"])
        self._originals: dict[Path, str] = {}

    def begin(self) -> bool:
        """Read what is to be done and mark the series as being worked on; whether it is still wanted."""
        wanted = self._set_state("running", None, None)
        if wanted:
            rows = db.session.execute(
                select(Instance.owner_id, Instance.sha256).where(
                    Instance.series_row_id == self._series_id, Instance.frames > 0
                )
            )
            self._originals = {self._store.original(owner_id, sha256): sha256 for owner_id, sha256 in rows}
        db.session.rollback()
        return wanted

    def make(self) -> str:
        """The state the series came to."""
        self._store.make_series_folder(self._series_id)
        with disk_room():
            try:
                headers = self._read_headers()
                try:
                    return self._make_volume(plan_volume(headers, self._limits))
                except NotAVolume as fault:
                    return self._make_stack(headers, fault.message)
            except FileNotFoundError:
                raise Conflict(N_("A file of the series is missing in the store.")) from None

    def tidy(self) -> None:
        """Remove what older revisions left, or everything if the series was removed meanwhile."""
        revision = db.session.scalar(select(Series.revision).where(Series.id == self._series_id))
        db.session.rollback()
        if revision is None:
            self._store.remove_series(self._series_id)
            return
        self._store.remove_revisions_before(self._series_id, revision)

    def _read_headers(self) -> list[SliceHeader]:
        headers = []
        for done, path in enumerate(self._originals, 1):
            headers.append(read_slice_header(path, self._limits))
            self._context.progress(_HEADERS_SHARE * done / len(self._originals), Message(_READING))
        return headers

    def _make_volume(self, plan: VolumePlan) -> str:
        columns, rows, slices = plan.shape_ijk
        needed = columns * rows * slices * 4  # as float32, if it comes to that
        check_disk(needed, self._store, self._context.settings)
        path = self._store.volume_array(self._series_id, self._revision)
        header = build_volume(plan, path, self._build_progress, self._limits)
        described = header.as_json()
        self._store.write(
            self._store.volume_header(self._series_id, self._revision), json.dumps(described).encode()
        )
        self._store.write(self._thumbnail, volume_thumbnail(load_volume(path, header)))
        self._set_state("ready", None, described)
        return "ready"

    def _make_stack(self, headers: Sequence[SliceHeader], reason: Message) -> str:
        sizes = {header.path: (header.rows, header.columns) for header in headers}
        frames = stack_order(headers)
        stack = [
            {
                "sha256": self._originals[path],
                "frame": frame,
                "rows": sizes[path][0],
                "columns": sizes[path][1],
            }
            for path, frame in frames
        ]
        stored = json.dumps({"frames": stack}).encode()
        self._store.write(self._store.stack(self._series_id, self._revision), stored)
        if frames:
            path, frame = frames[len(frames) // 2]
            middle = next(header for header in headers if header.path == path)
            try:
                picture = frame_thumbnail(read_frame(path, frame, self._limits), middle)
                self._store.write(self._thumbnail, picture)
            except ImagingError:
                pass  # the viewer says of each image why it cannot be shown
        self._set_state("stack", reason, None)
        return "stack"

    @property
    def _thumbnail(self) -> Path:
        return self._store.thumbnail(self._series_id, self._revision)

    def _build_progress(self, fraction: float) -> None:
        whole = _HEADERS_SHARE + (1 - _HEADERS_SHARE) * fraction
        self._context.progress(min(whole, 0.99), Message(_STACKING))

    def _set_state(self, state: str, reason: Message | None, volume: dict[str, Any] | None) -> bool:
        """Write the series' state if its revision is still ours. Commits."""
        changed = db.session.execute(
            update(Series)
            .where(Series.id == self._series_id, Series.revision == self._revision)
            .values(state=state, reason=reason.as_json() if reason else None, volume=volume)
            .returning(Series.id)
            .execution_options(synchronize_session=False)
        ).first()
        db.session.commit()
        return changed is not None
