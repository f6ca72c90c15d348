"""The viewer's page, and the service of slices, values and elements that it and scripts share."""

import json
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, render_template, request
from flask_babel import get_locale
from flask_login import current_user, login_required

from app.archive import volumes, workspaces
from app.archive.access import series_for
from app.archive.addressing import read_shown
from app.archive.errors import NotFound
from app.archive.volumes import Shown
from app.imaging.anatomy import concepts
from app.imaging.colormap import COLORMAPS
from app.imaging.reslice import PlaneName
from app.models import Series
from app.storage.store import Store
from app.viewer import comparing, description, facts, service, wording
from app.viewer.firstpictures import first_pictures
from app.viewer.parameters import read_rendering
from app.viewer.partlinks import part_links
from app.viewer.pictures import color_bar, image_picture, slice_picture
from app.viewer.planes import plane_picture, read_plane, read_slab, slab_picture
from app.viewer.voxels import colormap_words, read_voxels, voxel_answer

blueprint = Blueprint("viewer", __name__)
blueprint.before_request(login_required(lambda: None))

# Part of every picture's ETag: raise it when the same voxels come out as other pixels or bytes.
PICTURES = 2
_MOST_IN_PAGE = 256 * 1024  # characters
_KEEP = "private, max-age=2592000, immutable"
_ASK_AGAIN = "private, no-cache"


def _store() -> Store:
    store: Store = current_app.extensions["store"]
    return store


def _shown(series_id: str) -> Shown:
    """What the address shows of a series that the user may read."""
    return read_shown(series_for(current_user, series_id), request.args)


@blueprint.get("/viewer/<series_id>")
def view(series_id: str) -> str:
    """The viewer of a series, or how far its preparation is, or why it cannot be shown."""
    series = series_for(current_user, series_id)
    if series.state not in ("ready", "stack"):
        return render_template("viewer/waiting.html", series=description.page_words(series))
    shown = read_shown(series, request.args)
    if not _has_pictures(shown):
        return render_template("viewer/waiting.html", series=description.page_words(series, shown))
    return _viewer_page(shown, comparing.second_shown(current_user, _store(), request.args))


def _has_pictures(shown: Shown) -> bool:
    return shown.is_volume or bool(volumes.stack_of(shown, _store()).frames)


def _viewer_page(shown: Shown, second: Shown | None) -> str:
    data = _page_data(shown)
    alone = "2x2" if shown.is_volume else "stack"
    workspace = workspaces.workspace_of(current_user, shown.series, shown.part)
    return render_template(
        "viewer/view.html",
        series=description.page_words(shown.series, shown),
        data=data,
        workspace=_small(workspace),
        first_pictures={} if second else first_pictures(data, workspace["state"]),
        layout="pair" if second else alone,
        parts=part_links(shown),
        unit=wording.shown_unit(data["unit"]),
        plane_words=wording.plane_words(),
        colormap_words=wording.colormap_words(),
        fact_groups=facts.fact_groups(shown, _store()),
        second=_compared(second) if second else None,
        studies_to_compare=comparing.candidates(current_user, _store(), shown, second),
        stop_url=comparing.stop_url(shown),
    )


def _small(workspace: dict[str, Any]) -> dict[str, Any] | None:
    """What a page may carry; a workspace of many outlines is asked for by its script."""
    return workspace if len(json.dumps(workspace)) <= _MOST_IN_PAGE else None


def _page_data(shown: Shown) -> dict[str, Any]:
    """What the script is told of a series."""
    make = description.volume_data if shown.is_volume else description.stack_data
    token = comparing.frame_token(shown, _store(), current_app.config["SECRET_KEY"].encode())
    return {**make(shown, _store()), "frame_of_reference": token}


def _compared(second: Shown) -> dict[str, Any]:
    """The words and the data of the series to compare with."""
    data = _page_data(second)
    words = description.page_words(second.series, second)
    return {"words": words, "data": data, "unit": wording.shown_unit(data["unit"])}


@blueprint.get("/series/<series_id>/slices/<any(axial, coronal, sagittal):plane>/<int:index>.png")
def slice_png(series_id: str, plane: PlaneName, index: int) -> Response:
    """One slice of one plane of a volume, or the slab around it."""
    shown = _shown(series_id)
    rendering, slab = read_rendering(request.args), read_slab(request.args)
    if slab:
        key = f"{shown.key}-{plane}-{index}-{slab.key}-{rendering.key}"
        return _kept(shown.series, key, lambda: slab_picture(shown, _store(), plane, index, slab, rendering))
    key = f"{shown.key}-{plane}-{index}-{rendering.key}"
    return _kept(shown.series, key, lambda: slice_picture(shown, _store(), plane, index, rendering))


@blueprint.get("/series/<series_id>/plane.png")
def plane_png(series_id: str) -> Response:
    """Any plane of a volume, or a slab around it."""
    shown = _shown(series_id)
    rendering, wanted = read_rendering(request.args), read_plane(request.args)
    key = f"{shown.key}-plane-{wanted.key}-{rendering.key}"
    return _kept(shown.series, key, lambda: plane_picture(shown, _store(), wanted, rendering))


@blueprint.get("/series/<series_id>/images/<int:index>.png")
def image_png(series_id: str, index: int) -> Response:
    """One original image of a part."""
    shown = _shown(series_id)
    rendering = read_rendering(request.args)
    key = f"{shown.key}-{index}-{rendering.key}"
    return _kept(shown.series, key, lambda: image_picture(shown, _store(), index, rendering))


@blueprint.get("/series/<series_id>/voxels")
def voxel_stream(series_id: str) -> Response:
    """The voxels of a volume in slabs, nearest first."""
    shown = _shown(series_id)
    wanted = read_voxels(shown, _store(), request.args)
    answer = voxel_answer(shown, wanted, request, current_user.id)
    answer.headers["Cache-Control"] = _KEEP if request.args.get("rev") else _ASK_AGAIN
    return answer


@blueprint.get("/series/<series_id>/thumbnail.png")
def thumbnail(series_id: str) -> Response:
    """The middle image, small."""
    shown = _shown(series_id)
    path = volumes.thumbnail_path(shown.series, _store(), shown.part)
    if not path.is_file():
        raise NotFound
    return _kept(shown.series, f"{shown.part}-thumbnail", path.read_bytes)


@blueprint.get("/series/<series_id>/value")
def value(series_id: str) -> dict[str, Any]:
    """One voxel: stored value, modality value with its unit, place in the patient."""
    return service.voxel_value(_shown(series_id), _store(), request.args)


@blueprint.get("/series/<series_id>/histogram")
def histogram(series_id: str) -> dict[str, Any]:
    """How often each value occurs."""
    return service.series_histogram(_shown(series_id), _store(), request.args)


@blueprint.get("/series/<series_id>/metadata")
def metadata(series_id: str) -> dict[str, Any]:
    """The elements of one instance."""
    return service.series_metadata(_shown(series_id), _store(), request.args)


@blueprint.get("/series/<series_id>/progress")
def progress(series_id: str) -> dict[str, Any]:
    """How far the preparation is."""
    return service.series_progress(series_for(current_user, series_id))


@blueprint.get("/viewer/colormaps/<name>.png")
def colorbar(name: str) -> Response:
    """A colour map from left to right."""
    if name not in COLORMAPS:
        raise NotFound
    answer = Response(color_bar(name), mimetype="image/png")
    answer.headers["Cache-Control"] = _KEEP
    return answer


@blueprint.get("/viewer/colormaps.json")
def colormaps() -> Response:
    """All colour maps as bytes, for pictures that the browser makes."""
    answer = jsonify(colormap_words())
    answer.headers["Cache-Control"] = _KEEP
    return answer


@blueprint.get("/viewer/anatomy.json")
def anatomy() -> Response:
    """The codes that a segment may be given, named in the reader's language."""
    language = str(get_locale())
    rows = [
        {
            "value": concept.code.value,
            "scheme": concept.code.scheme,
            "meaning": concept.code.meaning,
            "name": concept.name(language),
            "group": concept.group,
        }
        for concept in concepts()
    ]
    return jsonify({"concepts": rows})


def _kept(series: Series, key: str, make: Callable[[], bytes]) -> Response:
    """A PNG that the browser may keep; what it has already is not made again.

    The ETag follows from the series' revision and the parameters alone. An address that names the revision
    can never mean another picture, so it need not be asked for again.
    """
    etag = f"{series.id}-{series.revision}-{PICTURES}-{key}"
    if request.if_none_match.contains(etag):
        answer = Response(status=304)
    else:
        answer = Response(make(), mimetype="image/png")
    answer.set_etag(etag)
    named = request.args.get("rev") == str(series.revision)
    answer.headers["Cache-Control"] = _KEEP if named else _ASK_AGAIN
    return answer
