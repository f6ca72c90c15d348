"""Films: ordering one, and the job that makes it of the very pictures that the viewer shows."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import func, select

from app.archive.access import series_for
from app.archive.addressing import read_shown
from app.archive.errors import Conflict, NotFound, StorageFull
from app.archive.jobs import ACTIVE, JobContext, handler, submit
from app.archive.volumes import Shown
from app.imaging.errors import N_, Message
from app.imaging.film import film_frame, fitted_size, write_film
from app.models import Job, User, db
from app.storage.store import Store
from app.viewer.filmorder import PARAMETERS, PHASES, STACK, FilmOrder, plane_name, read_film
from app.viewer.images import stack_images
from app.viewer.parameters import read_rendering
from app.viewer.pictures import image_picture, slice_picture
from app.viewer.planes import read_slab, slab_picture

KIND = "film"
MOST_ORDERED = 4
"""Films of one account that wait or are being made."""
_DRAWING_SHARE = 0.8  # of the job's time; the rest is the packing
DRAWING = N_("Drawing frames, %(done)s of %(total)s")
PACKING = N_("Writing the film")
_PART = ("part", "phase", "as")


def order_film(
    user: User,
    shown: Shown,
    body: Mapping[str, Any],
    query: Mapping[str, str],
    *,
    store: Store,
    settings: Mapping[str, Any],
) -> Job:
    """The job that makes the film; the one already under way where it is the same.

    Raises
    ------
    BadParameter, LimitExceeded
        The film that *body* asks for cannot be meant, or is too large.
    StorageFull
        The disk has no room for it beside what must stay free.
    Conflict
        Enough films of the account are waiting.
    """
    order = read_film(body, shown, store)
    wanted = order.count * order.size[0] * order.size[1]
    if store.free_bytes() < wanted + settings["MIN_FREE_DISK"]:
        raise StorageFull(N_("The server's disk has no room for the film now. Try again later."))
    series = shown.series
    place = {name: query[name] for name in _PART if query.get(name)}
    film = {name: value for name, value in body.items() if name in PARAMETERS}
    arguments = {"series": series.id, "revision": series.revision, "place": place, "film": film}
    digest = hashlib.sha256(json.dumps([user.id, arguments], sort_keys=True).encode()).hexdigest()
    job = submit(KIND, owner_id=user.id, key=f"{KIND}:{digest}", arguments=arguments)
    _check_turn(user)
    return job


def _check_turn(user: User) -> None:
    """Refuse one film too many: jobs are taken in their order, and others wait for their volumes."""
    mine = select(func.count()).select_from(Job).where(Job.owner_id == user.id, Job.kind == KIND)
    if (db.session.scalar(mine.where(Job.state.in_(ACTIVE))) or 0) > MOST_ORDERED:
        template = N_("%(most)s films of yours are being made. Wait until one of them is done.")
        raise Conflict(template, most=MOST_ORDERED)


@handler(KIND)
def make_film(context: JobContext) -> dict[str, Any]:
    """Make the film of a job; the result names it."""
    owner = db.session.get(User, context.owner_id)
    if owner is None:
        raise NotFound
    shown = read_shown(series_for(owner, context.arguments["series"]), context.arguments["place"])
    order = read_film(context.arguments["film"], shown, context.store)
    frames = []
    for done, (picture, inner) in enumerate(pictures(order, shown, context.store)):
        values = {"done": f"{done:,}", "total": f"{order.count:,}"}
        db.session.rollback()  # a long job must not hold a reading transaction open
        context.progress(_DRAWING_SHARE * done / order.count, Message(DRAWING, values))
        frames.append(film_frame(picture, order.size, inner))
    context.progress(_DRAWING_SHARE, Message(PACKING))
    suffix = f".{order.style.format}"
    temporary = context.store.incoming / f"film-{context.job_id}{suffix}"
    try:
        write_film(temporary, frames, order.style)
        size = temporary.stat().st_size
        context.store.adopt(temporary, context.store.job_result(context.job_id, suffix))
    finally:
        temporary.unlink(missing_ok=True)
    return {
        "file": f"{context.job_id}{suffix}",
        # No name and no description: a file's name is seen by whoever it is sent to.
        "download_name": f"triplano-{order.plane}{suffix}",
        "frames": len(frames),
        "size": size,
    }


def pictures(order: FilmOrder, shown: Shown, store: Store) -> Iterator[tuple[bytes, tuple[int, int]]]:
    """Each frame's PNG, made as the viewer's addresses make it, and the size that it has in the film."""
    rendering, slab = read_rendering(order.looks), read_slab(order.looks)
    images = stack_images(shown, store) if order.plane == STACK else []
    for step in order.steps():
        if order.plane == STACK:
            image = images[step].as_json()
            spacing = (image["spacing_x_mm"], image["spacing_y_mm"])
            inner = fitted_size((image["width"], image["height"]), spacing, order.size)
            yield image_picture(shown, store, step, rendering), inner
            continue
        index, phase = (order.index, step) if order.over == PHASES else (step, shown.phase)
        one = replace(shown, phase=phase)
        plane = plane_name(order.plane)
        if slab:
            yield slab_picture(one, store, plane, index, slab, rendering), order.size
        else:
            yield slice_picture(one, store, plane, index, rendering), order.size
