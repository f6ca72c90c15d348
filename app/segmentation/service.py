"""What the calls do beyond one verb of the archive: taking in, finding, counting."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.archive import jobs, references, segmentations, volumes
from app.archive.errors import BadParameter, Conflict
from app.archive.incoming import IncomingFile
from app.archive.references import FoundObject
from app.archive.segmentationstatistics import count_statistics, order_statistics
from app.archive.volumes import Shown
from app.imaging.errors import N_
from app.models import Segmentation, Series, User, db
from app.storage.store import Store

_SUFFIXES = re.compile(r"(\.seg)?\.(nrrd|nhdr|nii|dcm|dicom)(\.gz)?$|\.gz$", re.IGNORECASE)
_PATH = re.compile(r"^.*[/\\]")
# Statistics of a few organs are there with the first answer; the job counts those of many.
_IN_REQUEST_SECONDS = 2.0
_IN_TABLE_SECONDS = 60.0


@dataclass(frozen=True)
class Context:
    """Who asks, and what every verb needs."""

    user: User
    store: Store
    settings: Mapping[str, Any]
    address: str


def import_received(context: Context, shown: Shown, file: IncomingFile, *, assume: bool) -> Segmentation:
    """The segments of a file that was just sent, under its name."""
    made = segmentations.import_file(
        context.user,
        shown,
        file.path,
        name=_SUFFIXES.sub("", _PATH.sub("", file.name)),
        store=context.store,
        settings=context.settings,
        assume=assume,
        address=context.address,
    )
    return _with_statistics(made, context)


def create_from_body(
    context: Context, shown: Shown, body: Mapping[str, Any], *, assume: bool
) -> Segmentation:
    """The uploaded object that ``instance_id`` names, or an empty segmentation called ``name``.

    Raises
    ------
    BadParameter, NotFound
    """
    if "instance_id" not in body:
        return segmentations.create_empty(
            context.user,
            shown,
            body.get("name"),
            store=context.store,
            settings=context.settings,
            address=context.address,
        )
    if not isinstance(body["instance_id"], str):
        template = N_("%(field)s is “%(found)s”; a text is wanted.")
        raise BadParameter("instance_id", template, str(body["instance_id"]))
    found = references.object_for(context.user, body["instance_id"], context.store)
    made = segmentations.import_file(
        context.user,
        shown,
        found.path,
        name=found.name or found.series_description,
        store=context.store,
        settings=context.settings,
        assume=assume,
        source_instance_id=found.instance_id,
        address=context.address,
    )
    return _with_statistics(made, context)


def found_for(
    user: User, series: Series, part: int, store: Store, settings: Mapping[str, Any]
) -> list[FoundObject]:
    """The uploaded objects that refer to the series or its frame of reference."""
    frame_uid = ""
    if series.state == "ready":
        shown = volumes.shown(series, part=part)
        frame_uid = segmentations.target_grid(shown, store).frame_of_reference_uid if shown.is_volume else ""
    return references.found_for(user, series, frame_uid, store=store, settings=settings)


def counted(segmentation: Segmentation, store: Store) -> Series:
    """Have the statistics counted as far as a request has time; the series under it."""
    series = db.session.get_one(Series, segmentation.series_row_id)
    try:
        count_statistics(segmentation, series, store, seconds=_IN_TABLE_SECONDS)
    except Conflict:
        db.session.rollback()  # the volume is gone: the table has what the rows know
    return series


def _with_statistics(segmentation: Segmentation, context: Context) -> Segmentation:
    """Count what there is time for, and order the rest."""
    series = db.session.get_one(Series, segmentation.series_row_id)
    try:
        if not count_statistics(segmentation, series, context.store, seconds=_IN_REQUEST_SECONDS):
            order_statistics(segmentation, series)
            db.session.commit()
            jobs.wake()
    except Conflict:
        db.session.rollback()  # the volume is gone since: what was taken in is kept all the same
    return segmentation
