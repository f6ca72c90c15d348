"""Scenes: found where they were made before, else ordered as jobs."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from app.archive import scenery, volumes
from app.archive.access import series_for
from app.archive.errors import Conflict, NotFound
from app.archive.jobs import ACTIVE, JobContext, handler, submit
from app.archive.room import check_disk
from app.archive.scenefiles import array_path, make_room, scene_path, scenes_folder, source_of, touch
from app.archive.volumes import Shown
from app.imaging.errors import N_, Message
from app.imaging.scene import SceneOrder
from app.imaging.scenepresets import COMPOSITES, first_composite, first_mode, first_surfaces
from app.imaging.scenevolume import MOST_VOXELS
from app.models import Job, User, db
from app.scene3d.orders import read_scene
from app.storage.store import Store

KIND = "scene"
MOST_ORDERED = 6
"""Scenes and surfaces of one account that wait or are being made."""
SUFFIX = ".json.gz"
MAKING = N_("Making the 3D scene")


@dataclass(frozen=True)
class Ordered:
    """A scene's name, and the job that makes it unless it is there, with its size then."""

    key: str
    size: int = 0
    job: Job | None = None


def order_scene(
    user: User, shown: Shown, body: object, *, store: Store, settings: Mapping[str, Any]
) -> Ordered:
    """The scene that *body* asks for, or the job that makes it.

    Raises
    ------
    BadParameter, Conflict, StorageFull
    """
    volume = volumes.load(shown, store)
    order, series = read_scene(body, volume.header), shown.series
    key = order.key(series.revision, shown.part, shown.phase)
    path = scene_path(series, key, SUFFIX, store)
    if touch(path):
        return Ordered(key, path.stat().st_size)
    check_disk(min(volume.array.size, MOST_VOXELS), store, settings)
    arguments = {
        "series": series.id,
        "revision": series.revision,
        "part": shown.part,
        "phase": shown.phase,
        "scene": order.as_json(),
    }
    job = submit(KIND, owner_id=user.id, key=f"{KIND}:{user.id}:{key}", arguments=arguments)
    check_turn(user)
    return Ordered(key, job=job)


def check_turn(user: User) -> None:
    """Refuse one scene too many.

    Raises
    ------
    Conflict
    """
    mine = (
        select(func.count()).select_from(Job).where(Job.owner_id == user.id, Job.kind.in_((KIND, "surface")))
    )
    if (db.session.scalar(mine.where(Job.state.in_(ACTIVE))) or 0) > MOST_ORDERED:
        template = N_("%(most)s 3D scenes of yours are being made. Wait until one of them is done.")
        raise Conflict(template, most=MOST_ORDERED)


@handler(KIND, is_quick=True)
def make_scene(context: JobContext) -> dict[str, Any]:
    """Make the scene of a job; the result names it."""
    shown = shown_of(context)
    order = SceneOrder.from_json(context.arguments["scene"])
    key = order.key(shown.series.revision, shown.part, shown.phase)
    path = scene_path(shown.series, key, SUFFIX, context.store)
    if not touch(path):
        header = volumes.load(shown, context.store).header
        request = {
            "make": "scene",
            "array": str(array_path(shown, context.store)),
            "source": source_of(header).as_json(),
            "scene": order.as_json(),
        }
        made_at(path, request, context, shown)
        make_room(shown.series, context.store, path)
    return {"scene": key, "size": path.stat().st_size}


def shown_of(context: JobContext) -> Shown:
    """What a job's arguments name, as its owner may see it now.

    Raises
    ------
    NotFound
        Also where the series has other images now.
    """
    owner = db.session.get(User, context.owner_id)
    if owner is None:
        raise NotFound
    arguments = context.arguments
    series = series_for(owner, arguments["series"])
    if series.revision != arguments["revision"]:
        raise NotFound
    return volumes.shown(series, part=arguments["part"], phase=arguments["phase"])


def made_at(path: Path, request: Mapping[str, Any], context: JobContext, shown: Shown) -> None:
    """Have the child write what *request* asks for to *path*, whole or not at all."""
    scenes_folder(shown.series, context.store)
    temporary = scenery.temporary_beside(path)
    # Read what is needed after: a long job must not hold a reading transaction open.
    db.session.expunge(shown.series)
    db.session.rollback()

    def go_on() -> None:
        context.progress(0.5, Message(MAKING))

    try:
        seconds = context.settings["JOB_SECONDS"]
        scenery.worker().make({**request, "out": str(temporary)}, seconds=seconds, on_step=go_on)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def presets_of(shown: Shown, store: Store) -> dict[str, Any]:
    """What the 3D view of a volume offers first: surfaces, curves, the range of levels."""
    header = volumes.load(shown, store).header
    surfaces = first_surfaces(header.modality, header.percentiles)
    return {
        "surfaces": [
            {
                "name": name,
                "level": style.level,
                "color": "#{:02x}{:02x}{:02x}".format(*style.color_rgb),
                "opacity": style.opacity,
                "largest": style.largest,
            }
            for name, style in surfaces.items()
        ],
        "composite": {
            name: {"colors": curves.colors, "opacities": curves.opacities, "shade": curves.shade}
            for name, curves in ((name, one.absolute(header.percentiles)) for name, one in COMPOSITES.items())
        },
        "default": {"mode": first_mode(header.modality), "preset": first_composite(header.modality)},
        "level_range": list(header.value_range),
        "percentiles": list(header.percentiles),
        "unit": header.unit,
        "revision": shown.series.revision,
    }
