"""The job that makes the parts of a series: what is a volume, what is a stack, with their thumbnails."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import String, cast, literal, select, update

from app.archive import jobs, volumes
from app.archive.amounts import count_text
from app.archive.errors import Conflict
from app.archive.filevolumes import make_file_part
from app.archive.incoming import disk_room
from app.archive.parsing import read_limits
from app.archive.partmaking import PartMaker, PlannedPart, in_suv, plan_part
from app.archive.parts import PartSummary, state_of
from app.archive.regridding import follow_grids
from app.archive.segmentationstatistics import order_all
from app.archive.volumes import KIND, job_key
from app.imaging.errors import N_, ImagingError, LimitExceeded, Message
from app.imaging.parts import split_series
from app.imaging.sliceheader import SliceHeader
from app.imaging.slices import read_slice_headers
from app.models import Instance, Job, Series, db

NO_IMAGES = N_("The series holds no images: contours, to be shown over the images they belong to.")
UNREADABLE = N_("Unreadable images")
_READING, _STACKING = N_("Reading the images"), N_("Stacking the images")
_HEADERS_SHARE = 0.2  # of the progress
# Each gets a header and a place on a page. The longest perfusion and functional series have half of this;
# a file of some kilobytes may claim 20,000 frames of one pixel.
_MOST_FRAMES = 100_000


def prepare(series: Series) -> Job | None:
    """Have the parts of the series made, in the caller's transaction; of older revisions no more."""
    db.session.flush()
    for job in volumes.active_jobs(series.owner_id, {series.id}):
        jobs.cancel(job)
    return _submit(series)


def _submit(series: Series) -> Job | None:
    series.parts = None
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


def prepare_waiting() -> int:
    """Submit the jobs of series that wait without one, after the shape of derived files changed. Commits."""
    key = literal(f"{KIND}:") + Series.id + ":" + cast(Series.revision, String)
    is_worked_for = select(Job.id).where(Job.key == key, Job.state.in_(jobs.ACTIVE)).exists()
    waiting = select(Series).where(Series.state.in_(jobs.ACTIVE), ~is_worked_for)
    lost = db.session.scalars(waiting.order_by(Series.created_at)).all()
    for owner_id in {series.owner_id for series in lost}:
        for job in volumes.active_jobs(owner_id, {series.id for series in lost}):
            jobs.cancel(job)
    for series in lost:
        _submit(series)
    db.session.commit()
    return len(lost)


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
def make_parts(context: jobs.JobContext) -> Mapping[str, Any] | None:
    """Make the parts of one revision of a series, with their thumbnails."""
    making = _Making(context)
    if not making.begin():
        return {"state": "outdated"}
    try:
        return {"state": making.make()}
    finally:
        making.tidy()  # also after a fault: what a full disk broke off must not keep it full


class _Making:
    """One run of the job."""

    def __init__(self, context: jobs.JobContext) -> None:
        self._context = context
        self._store = context.store
        self._limits = read_limits(context.settings)
        self._series_id = str(context.arguments["series_id"])
        self._revision = int(context.arguments["revision"])
        self._originals: dict[Path, str] = {}
        self._made: list[PartSummary] = []
        self._volume_files: dict[Path, str] = {}  # NIfTI and NRRD, with the UIDs that stand for them

    def begin(self) -> bool:
        """Read what is to be done and mark the series as being worked on; whether it is still wanted."""
        wanted = self._set_state("running", None, None)
        if wanted:
            rows = db.session.execute(
                select(
                    Instance.owner_id, Instance.sha256, Instance.file_format, Instance.sop_instance_uid
                ).where(Instance.series_row_id == self._series_id, Instance.frames > 0)
            )
            for owner_id, sha256, file_format, uid in rows:
                path = self._store.original(owner_id, sha256)
                if file_format == "dicom":
                    self._originals[path] = sha256
                else:
                    self._volume_files[path] = uid
        db.session.rollback()
        return wanted

    def make(self) -> str:
        """The state the series came to."""
        self._store.make_series_folder(self._series_id)
        with disk_room():
            try:
                headers, unreadable = self._read_headers()
                parts = self._make_parts(self._planned(headers))
                self._add_volume_files(parts, unreadable)
            except FileNotFoundError:
                raise Conflict(volumes.LOST) from None
        if unreadable:
            parts.append(_failed_part(unreadable))
        self._made = parts
        state, reason = state_of(parts)
        self._set_state(state, reason, [part.as_json() for part in parts])
        follow_grids(self._series_id, self._store)
        order_all(self._series_id)
        return state

    def tidy(self) -> None:
        """Remove what older revisions and broken attempts left; everything if the series was removed."""
        revision = db.session.scalar(select(Series.revision).where(Series.id == self._series_id))
        db.session.rollback()
        if revision is None:
            self._store.remove_series(self._series_id)
            return
        self._store.remove_revisions_before(self._series_id, revision)
        if self._is_alone():
            self._store.remove_all_but(self._series_id, self._revision, self._files())

    def _is_alone(self) -> bool:
        """Whether no other worker, which took this one for lost, makes the same files."""
        key = job_key(self._series_id, self._revision)
        active = select(Job.id, Job.attempts).where(Job.key == key, Job.state.in_(jobs.ACTIVE))
        others = [
            found
            for found in db.session.execute(active)
            if tuple(found) != (self._context.job_id, self._context.attempt)
        ]
        db.session.rollback()
        return not others

    def _files(self) -> set[Path]:
        """What belongs to the parts that were made; none before all were."""
        place = (self._series_id, self._revision)
        files: set[Path] = set()
        for number, part in enumerate(self._made):
            files |= {self._store.stack(*place, number), self._store.thumbnail(*place, number)}
            for phase in range(part.phase_count):
                files.add(self._store.volume_array(*place, number, phase))
                files.add(self._store.volume_header(*place, number, phase))
        return files

    def _read_headers(self) -> tuple[list[SliceHeader], list[Message]]:
        """The headers of all frames, and what is wrong with the files that have none."""
        headers: list[SliceHeader] = []
        unreadable: list[Message] = []
        for done, path in enumerate(self._originals, 1):
            try:
                headers.extend(read_slice_headers(path, self._limits))
            except ImagingError as fault:
                unreadable.append(fault.message)
            if len(headers) > _MOST_FRAMES:
                raise LimitExceeded(
                    N_("The series has more than %(limit)s images, the most that are shown together."),
                    limit=count_text(_MOST_FRAMES),
                )
            self._context.progress(_HEADERS_SHARE * done / len(self._originals), Message(_READING))
        return headers, unreadable

    def _planned(self, headers: Sequence[SliceHeader]) -> list[PlannedPart]:
        """What the images make, volumes first."""
        headers, suv = in_suv(headers, self._limits)
        planned = [plan_part(part, suv, self._limits) for part in split_series(headers)]
        return sorted(planned, key=lambda one: not one.plans)

    def _make_parts(self, planned: list[PlannedPart]) -> list[PartSummary]:
        maker = PartMaker(
            self._store,
            self._context.settings,
            self._limits,
            self._series_id,
            self._revision,
            self._originals,
        )
        total = sum(one.voxels for one in planned) or 1
        made: list[PartSummary] = []
        before = 0
        for number, one in enumerate(planned):
            share = one.voxels

            def report(fraction: float, start: int = before, share: int = share) -> None:
                self._build_progress((start + fraction * share) / total)

            made.append(maker.make(number, one, report))
            before += share
        return made

    def _add_volume_files(self, parts: list[PartSummary], unreadable: list[Message]) -> None:
        """One part more for each NIfTI or NRRD file."""
        place = (self._series_id, self._revision)
        maker = PartMaker(self._store, self._context.settings, self._limits, *place, self._originals)
        for path, uid in self._volume_files.items():
            try:
                part = make_file_part(
                    maker,
                    len(parts),
                    path,
                    store=self._store,
                    settings=self._context.settings,
                    limits=self._limits,
                    place=place,
                    sop_instance_uid=uid,
                    on_progress=self._build_progress,
                )
            except ImagingError as fault:
                unreadable.append(fault.message)
            else:
                parts.append(part)

    def _build_progress(self, fraction: float) -> None:
        whole = _HEADERS_SHARE + (1 - _HEADERS_SHARE) * fraction
        self._context.progress(min(whole, 0.99), Message(_STACKING))

    def _set_state(self, state: str, reason: Message | None, parts: list[dict[str, Any]] | None) -> bool:
        """Write the series' state if its revision is still ours. Commits."""
        changed = db.session.execute(
            update(Series)
            .where(Series.id == self._series_id, Series.revision == self._revision)
            .values(state=state, reason=reason.as_json() if reason else None, parts=parts)
            .returning(Series.id)
            .execution_options(synchronize_session=False)
        ).first()
        db.session.commit()
        return changed is not None


def _failed_part(reasons: list[Message]) -> PartSummary:
    """The images that cannot be read, with the first one's reason."""
    return PartSummary("failed", "unreadable", Message(UNREADABLE), reasons[0], (), len(reasons))
