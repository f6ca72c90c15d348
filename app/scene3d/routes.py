"""3D scenes, meshes and surface files under ``/series/<id>/`` and ``/segmentations/<id>/``."""

import gzip
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app, request, url_for
from flask_login import current_user, login_required

from app.archive import jobs
from app.archive.access import series_for
from app.archive.addressing import read_shown
from app.archive.errors import NotFound
from app.archive.scenefiles import scene_path, touch
from app.archive.segmentations import StaleSegmentation, segmentation_for
from app.archive.volumes import Shown
from app.models import Job, db
from app.scene3d import exporting, service, surfaces
from app.scene3d.orders import read_detail, read_level_text, read_switch
from app.storage.store import Store

blueprint = Blueprint("scene3d", __name__)
blueprint.before_request(login_required(lambda: None))

_KEEP = "private, max-age=2592000, immutable"
_ASK_AGAIN = "private, no-cache"
_KEY_LENGTH = 32


def _store() -> Store:
    store: Store = current_app.extensions["store"]
    return store


def _shown(series_id: str) -> Shown:
    return read_shown(series_for(current_user, series_id), request.args)


@blueprint.post("/series/<series_id>/scenes")
def order(series_id: str) -> tuple[dict[str, Any], int]:
    """A scene: its address where it was made before, else with the job that makes it."""
    shown = _shown(series_id)
    ordered = service.order_scene(
        current_user, shown, request.get_json(), store=_store(), settings=current_app.config
    )
    url = url_for("scene3d.scene", series_id=series_id, key=ordered.key)
    if ordered.job is None:
        return {"url": url, "key": ordered.key, "bytes": ordered.size}, 200
    return {**_under_way(ordered.job), "url": url, "key": ordered.key}, 202


@blueprint.get("/series/<series_id>/scenes/<key>.json")
def scene(series_id: str, key: str) -> Response:
    """A scene that was made, for ``Bokeh.embed.embed_item``."""
    series = series_for(current_user, series_id)
    if len(key) != _KEY_LENGTH or not set(key) <= set("0123456789abcdef"):
        raise NotFound
    path = scene_path(series, key, service.SUFFIX, _store())
    if not touch(path):
        raise NotFound
    return _packed(path, "application/json", key, keep=True)


@blueprint.get("/series/<series_id>/scenes/presets")
def presets(series_id: str) -> dict[str, Any]:
    """What the 3D view of a volume offers first."""
    return service.presets_of(_shown(series_id), _store())


@blueprint.get("/series/<series_id>/surfaces/<level>.mesh")
def level_mesh(series_id: str, level: str) -> Response:
    """The surface of all values from a level up."""
    shown = _shown(series_id)
    detail, largest = read_detail(request.args), read_switch(request.args, "largest")
    wanted = read_level_text(level)
    path = surfaces.level_mesh(shown, wanted, detail, largest, store=_store(), settings=current_app.config)
    keep = request.args.get("rev") == str(shown.series.revision)
    return _packed(path, "application/octet-stream", path.name, keep=keep)


@blueprint.post("/series/<series_id>/surfaces")
def level_file(series_id: str) -> tuple[dict[str, str], int]:
    """Start writing such a surface to a file; the job's result is the file."""
    job = exporting.order_level(
        current_user, _shown(series_id), request.get_json(), store=_store(), settings=current_app.config
    )
    return _under_way(job), 202


@blueprint.get("/segmentations/<segmentation_id>/meshes/<int:number>")
def segment_mesh(segmentation_id: str, number: int) -> Response:
    """The surface of a segment."""
    segmentation = segmentation_for(current_user, segmentation_id)
    revision = request.args.get("rev", "")
    if revision not in ("", str(segmentation.revision), str(segmentation.mask_revision)):
        raise StaleSegmentation(segmentation.revision)
    detail = read_detail(request.args)
    path = surfaces.segment_mesh(segmentation, number, detail, store=_store(), settings=current_app.config)
    # A number that is the revision now may be the masks' later on: only theirs names the same bytes for ever.
    keep = revision == str(segmentation.mask_revision)
    return _packed(path, "application/octet-stream", path.name, keep=keep)


@blueprint.post("/segmentations/<segmentation_id>/surfaces")
def segment_file(segmentation_id: str) -> tuple[dict[str, str], int]:
    """Start writing the surface of a segment to a file; the job's result is the file."""
    segmentation = segmentation_for(current_user, segmentation_id)
    job = exporting.order_segment(
        current_user, segmentation, request.get_json(), store=_store(), settings=current_app.config
    )
    return _under_way(job), 202


def _under_way(job: Job) -> dict[str, str]:
    db.session.commit()
    jobs.wake()
    return {"job": job.id}


def _packed(path: Path, mimetype: str, etag: str, *, keep: bool) -> Response:
    """A file that lies compressed, as it lies; who takes no gzip gets it unpacked."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:  # left for another scene, just now
        raise NotFound from None
    takes_gzip = request.accept_encodings["gzip"] > 0
    answer = Response(content if takes_gzip else gzip.decompress(content), mimetype=mimetype)
    if takes_gzip:
        answer.content_encoding = "gzip"
    answer.vary.add("Accept-Encoding")
    answer.set_etag(f"{etag}-gzip" if takes_gzip else etag)
    answer.headers["Cache-Control"] = _KEEP if keep else _ASK_AGAIN
    answer.make_conditional(request)
    return answer
