"""Segmentations: masks on a series, taken from a file or drawn; who may see and change them.

Whoever may read a series sees its segmentations; only who made one, or who may change the series, changes
and removes it. The one exception is a series that everybody may read (the demo): there nobody reads what
other readers wrote. Bytes of masks count in the storage of who made them. Verbs that write commit.
"""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import func, select

from app.archive import audit, masks, volumes
from app.archive.access import series_for
from app.archive.deletions import note_deleted, was_deleted
from app.archive.errors import BadParameter, Conflict, Gone, NotFound
from app.archive.incoming import disk_room
from app.archive.labelparsing import ReadLabels, ReadSegment, read_labels
from app.archive.labelreading import MOST_NAME, grid_as_json
from app.archive.readers import TooMuch, writing
from app.archive.room import check_disk, check_quota
from app.archive.segmentchanges import read_changes, read_words
from app.archive.volumes import Shown
from app.imaging.errors import N_, NotAVolume
from app.imaging.segments import BoxMask, Grid
from app.imaging.values import clean_text
from app.models import Segmentation, SegmentRow, Series, User, db, new_id, utc_now
from app.storage.store import Store, write_synced

MOST_SEGMENTATIONS = 200
"""Of one account on one series."""
# Okabe and Ito's colours without black: they stay apart for every kind of colour vision.
PALETTE = ("#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7")


class StaleSegmentation(Conflict):
    """It was changed since; ``present`` holds its revision as it is now."""

    code = "stale"

    def __init__(self, revision: int) -> None:
        super().__init__(
            N_("Changed in another window meanwhile: this is that version. Repeat your change if need be.")
        )
        self.present = {"revision": revision}


class NoVolume(NotAVolume):
    """Masks belong to a volume, and this part is none."""

    def __init__(self) -> None:
        super().__init__(N_("The series is no volume; segmentations lie on volumes only."))


def segmentations_of(user: User, series: Series, part: int | None = None) -> list[Segmentation]:
    """What *user*, who may read *series*, may see of its segmentations; the oldest first."""
    found = select(Segmentation).where(Segmentation.series_row_id == series.id)
    if part is not None:
        found = found.where(Segmentation.part == part)
    rows = db.session.scalars(found.order_by(Segmentation.created_at, Segmentation.id))
    return [row for row in rows if _may_see(user, row, series)]


def segmentation_for(user: User, segmentation_id: str, *, write: bool = False) -> Segmentation:
    """The segmentation, if *user* may see it (with *write*: change it).

    Raises
    ------
    NotFound
        Gone, a kind of it, where he removed it, or the series under it.
    """
    row = db.session.get(Segmentation, segmentation_id)
    if row is None:
        raise Gone if was_deleted(user.id, segmentation_id) else NotFound
    series = series_for(user, row.series_row_id)
    if not _may_see(user, row, series):
        raise NotFound
    if write and row.user_id != user.id:
        series_for(user, series.id, write=True)
    return row


def may_change(user: User, segmentation: Segmentation, series: Series) -> bool:
    """Whether :func:`segmentation_for` gives it for writing."""
    return user.id in (segmentation.user_id, series.owner_id)


def _may_see(user: User, row: Segmentation, series: Series) -> bool:
    if row.user_id in (user.id, series.owner_id) or series.owner_id == user.id:
        return True
    return not series.study.is_demo


def target_grid(shown: Shown, store: Store) -> Grid:
    """The grid of the shown volume.

    Raises
    ------
    NoVolume
    """
    if not shown.is_volume:
        raise NoVolume
    header = volumes.load(shown, store).header
    frame = header.frame_of_reference_uid if header.spacing_source != "none" else None
    return Grid.of(header.shape_ijk, header.affine, frame or "")


def import_file(
    user: User,
    shown: Shown,
    path: Path,
    *,
    name: str,
    store: Store,
    settings: Mapping[str, Any],
    assume: bool = False,
    source_instance_id: str | None = None,
    address: str = "",
) -> Segmentation:
    """A segmentation of the shown part from the NRRD, NIfTI, SEG or RTSTRUCT at *path*, which stays.

    Parameters
    ----------
    assume : bool
        Somebody says that another frame of reference, or none, is the same place.

    Raises
    ------
    NoVolume, ImagingError
        Nothing can be shown on it, or the file cannot be read or placed.
    OtherFrameOfReference, Conflict
        It belongs elsewhere; or the series was changed meanwhile.
    QuotaExceeded, StorageFull, TooMuch
    """
    series, grid = shown.series, target_grid(shown, store)
    series_id, part, revision = series.id, shown.part, series.revision
    series_uid = series.series_instance_uid
    check_quota(user.id, 0, settings)
    check_disk(0, store, settings)
    db.session.rollback()  # parsing takes its time: no connection is held meanwhile
    placed = read_labels(path, grid, series_uid=series_uid, assume=assume, store=store, settings=settings)
    with placed as read:
        row = _row(user.id, series_id, part, grid)
        row.kind, row.placement, row.warnings = read.kind, read.placement, list(read.warnings)
        row.name = clean_text(name, MOST_NAME) or read.kind
        row.layers, row.source_instance_id = read.layers, source_instance_id
        row.segments = [_segment_row(one) for one in read.segments]
        with _entering(user, row, revision, store, settings, address):
            _adopt(row, read, store)
    return row


def create_empty(
    user: User, shown: Shown, name: object, *, store: Store, settings: Mapping[str, Any], address: str = ""
) -> Segmentation:
    """A segmentation to draw in, with one empty segment.

    Raises
    ------
    BadParameter, NoVolume, QuotaExceeded, StorageFull, TooMuch
    """
    words = read_words("name", name)
    grid, empty = target_grid(shown, store), BoxMask((0, 0, 0), np.zeros((0, 0, 0), np.bool_))
    stored = empty.to_bytes()
    row = _row(user.id, shown.series.id, shown.part, grid)
    row.kind, row.placement, row.warnings, row.name = "drawn", "exact", [], words
    row.layers = [{"index": 0, "box": [[0, 0, 0], [0, 0, 0]], "segments": [1], "bytes": 0}]
    row.segments = [
        SegmentRow(
            number=1, name=words, color=PALETTE[0], code=None, box=[[0, 0, 0], [0, 0, 0]],
            voxels=0, size=len(stored), file_revision=1,
        )
    ]  # fmt: skip
    with _entering(user, row, shown.series.revision, store, settings, address):
        path = masks.mask_path(row, row.segments[0], store)
        store.make_series_folder(row.series_row_id)
        store.adopt_all(written([(path, stored)], store))
    return row


def change(user: User, segmentation_id: str, given: Mapping[str, Any], revision: int | None) -> Segmentation:
    """Change ``name``, and ``name``, ``color`` and ``code`` of segments by their ``number``.

    Parameters
    ----------
    revision : int or None
        That of the segmentation which is to be changed; None changes it whatever it is.

    Raises
    ------
    NotFound, BadParameter, StaleSegmentation
    """
    segmentation_for(user, segmentation_id, write=True)
    name = read_words("name", given["name"]) if "name" in given else None
    changes = read_changes(given.get("segments", []))
    with writing(user):
        row = row_at(segmentation_id, revision)
        by_number = {segment.number: segment for segment in row.segments}
        for number, values in changes:
            if number not in by_number:
                raise BadParameter("number", N_("There is no segment %(found)s."), str(number))
            for field, value in values.items():
                setattr(by_number[number], field, value)
        if name is not None:
            row.name = name
        row.revision, row.updated_at = row.revision + 1, utc_now()
    return row


def row_at(segmentation_id: str, revision: int | None) -> Segmentation:
    """The row as it is in this transaction; with *revision* None whatever it is.

    Raises
    ------
    Gone, StaleSegmentation
    """
    row = db.session.get(Segmentation, segmentation_id, populate_existing=True)
    if row is None:
        raise Gone
    if revision is not None and revision != row.revision:
        raise StaleSegmentation(row.revision)
    return row


def remove(
    user: User, segmentation_id: str, store: Store, *, revision: int | None = None, address: str = ""
) -> None:
    """Remove a segmentation with its masks.

    Raises
    ------
    NotFound, StaleSegmentation
    """
    series_id = segmentation_for(user, segmentation_id, write=True).series_row_id
    with writing(user):
        row = row_at(segmentation_id, revision)
        note_deleted(user.id, [segmentation_id])
        _record("delete_segmentation", user.id, row, address)
        db.session.delete(row)
    store.remove_segmentation(series_id, segmentation_id)


@contextmanager
def _entering(
    user: User, row: Segmentation, revision: int, store: Store, settings: Mapping[str, Any], address: str
) -> Iterator[None]:
    """Enter *row*, whose files the block puts into place: both are there, or neither."""
    series_id, segmentation_id, owner_id = row.series_row_id, row.id, row.user_id
    try:
        with writing(user, series_id):
            series = series_for(user, series_id)
            if series.revision != revision:
                raise Conflict(N_("The series was changed in the meantime. Reload the page."))
            _check_count(owner_id, series_id)
            row.size = sum(segment.size for segment in row.segments)
            check_quota(owner_id, row.size, settings)
            db.session.add(row)
            _record("create_segmentation", owner_id, row, address)
            db.session.flush()
            with disk_room():
                yield
    except BaseException:
        store.remove_segmentation(series_id, segmentation_id)
        raise


def _row(user_id: str, series_id: str, part: int, grid: Grid) -> Segmentation:
    return Segmentation(
        id=new_id(),
        series_row_id=series_id,
        part=part,
        user_id=user_id,
        grid=grid_as_json(grid),
        revision=1,
        mask_revision=1,
    )


def _segment_row(read: ReadSegment) -> SegmentRow:
    color = "#{:02x}{:02x}{:02x}".format(*read.color_rgb) if read.color_rgb else default_color(read.number)
    return SegmentRow(
        number=read.number,
        name=read.name,
        color=color,
        code=read.code,
        box=read.box,
        voxels=read.voxels,
        size=read.size,
        file_revision=1,
    )


def default_color(number: int) -> str:
    """The colour of segment *number* where nobody chose one."""
    return PALETTE[(number - 1) % len(PALETTE)]


def _adopt(row: Segmentation, read: ReadLabels, store: Store) -> None:
    by_number = {segment.number: segment for segment in row.segments}
    store.make_series_folder(row.series_row_id)
    store.adopt_all((one.path, masks.mask_path(row, by_number[one.number], store)) for one in read.segments)


def written(contents: Sequence[tuple[Path, bytes]], store: Store) -> Iterator[tuple[Path, Path]]:
    """Each content in a temporary file, and where it is to go."""
    folder = store.new_working_folder()
    try:
        for number, (final, content) in enumerate(contents):
            temporary = folder / str(number)
            write_synced(temporary, content)
            yield temporary, final
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _check_count(user_id: str, series_id: str) -> None:
    count = db.session.scalar(
        select(func.count())
        .select_from(Segmentation)
        .where(Segmentation.user_id == user_id, Segmentation.series_row_id == series_id)
    )
    if (count or 0) >= MOST_SEGMENTATIONS:
        template = N_("There are %(found)s segmentations on the series already; at most %(most)s are kept.")
        raise TooMuch("segmentations", template, MOST_SEGMENTATIONS, MOST_SEGMENTATIONS)


def _record(action: str, user_id: str, row: Segmentation, address: str) -> None:
    audit.record(
        action,
        actor_id=user_id,
        object_kind="segmentation",
        object_id=row.id,
        address=address,
        series=row.series_row_id,
        kind=row.kind,
        segments=len(row.segments),
    )
