"""Surfaces as files: STL, OBJ, PLY and GLB of a level or of a segment, made by a job."""

import hashlib
import json
import os
from collections.abc import Mapping
from typing import Any

from app.archive import masks, scenery, volumes
from app.archive.errors import NotFound
from app.archive.jobs import JobContext, handler, submit
from app.archive.room import check_disk
from app.archive.scenefiles import array_path, source_of
from app.archive.segmentations import segmentation_for
from app.archive.volumes import Shown
from app.models import Job, Segmentation, User, db
from app.scene3d.orders import (
    read_detail,
    read_format,
    read_level,
    read_number_of_segment,
    read_object,
    read_switch,
)
from app.scene3d.service import check_turn, shown_of
from app.scene3d.surfaces import segment_request, segment_row
from app.storage.store import Store

KIND = "surface"


def order_level(user: User, shown: Shown, body: object, *, store: Store, settings: Mapping[str, Any]) -> Job:
    """The job that writes the surface of a level.

    Raises
    ------
    BadParameter, Conflict, StorageFull
    """
    check_disk(0, store, settings)
    volumes.load(shown, store)
    given, series = read_object(body, ""), shown.series
    wanted = {"level": read_level(given), "largest": read_switch(given, "largest"), **_file(given)}
    place = {"series": series.id, "revision": series.revision, "part": shown.part, "phase": shown.phase}
    return _submitted(user, {**place, **wanted})


def order_segment(
    user: User, segmentation: Segmentation, body: object, *, store: Store, settings: Mapping[str, Any]
) -> Job:
    """The job that writes the surface of a segment.

    Raises
    ------
    BadParameter, Conflict, NotFound, StorageFull
    """
    check_disk(0, store, settings)
    given = read_object(body, "")
    row = segment_row(segmentation, read_number_of_segment(given))
    place = {"segmentation": segmentation.id, "segment": row.number, "file_revision": row.file_revision}
    return _submitted(user, {**place, **_file(given)})


def _file(given: Mapping[str, Any]) -> dict[str, str]:
    return {"format": read_format(given), "detail": read_detail(given)}


def _submitted(user: User, arguments: dict[str, Any]) -> Job:
    digest = hashlib.sha256(json.dumps([user.id, arguments], sort_keys=True).encode()).hexdigest()
    job = submit(KIND, owner_id=user.id, key=f"{KIND}:{digest}", arguments=arguments)
    check_turn(user)
    return job


@handler(KIND)
def write_surface(context: JobContext) -> dict[str, Any]:
    """Write the surface of a job; the result names the file."""
    of_segment = "segmentation" in context.arguments
    request = _segment_request(context) if of_segment else _level_request(context)
    db.session.rollback()
    suffix = f".{context.arguments['format']}"
    temporary = context.store.incoming / f"surface-{context.job_id}-{context.attempt}{suffix}"
    request |= {"out": str(temporary), "format": context.arguments["format"]}
    try:
        made = scenery.worker().make(
            request | {"detail": context.arguments["detail"]},
            seconds=context.settings["JOB_SECONDS"],
            on_step=lambda: context.progress(0.5),
        )
        final = context.store.job_result(context.job_id, suffix)
        os.makedirs(final.parent, mode=0o700, exist_ok=True)
        context.store.adopt(temporary, final)
    finally:
        temporary.unlink(missing_ok=True)
    # No name of a segment: a file's name is seen by whoever it is sent to.
    what = (
        f"segment-{context.arguments['segment']}" if of_segment else f"surface-{context.arguments['level']:g}"
    )
    name = f"triplano-{what}{suffix}"
    return {"file": f"{context.job_id}{suffix}", "download_name": name, "size": made["bytes"]}


def _level_request(context: JobContext) -> dict[str, Any]:
    shown, arguments = shown_of(context), context.arguments
    header = volumes.load(shown, context.store).header
    return {
        "make": "isosurface",
        "array": str(array_path(shown, context.store)),
        "source": source_of(header).as_json(),
        "level": arguments["level"],
        "largest": arguments["largest"],
    }


def _segment_request(context: JobContext) -> dict[str, Any]:
    owner = db.session.get(User, context.owner_id)
    if owner is None:
        raise NotFound
    segmentation = segmentation_for(owner, context.arguments["segmentation"])
    row = segment_row(segmentation, context.arguments["segment"])
    if row.file_revision != context.arguments["file_revision"]:
        raise NotFound
    mask = masks.mask_path(segmentation, row, context.store)
    named = {"name": row.name, "color_rgb": masks.rgb_of(row.color)}
    return segment_request(segmentation, row, mask) | named
