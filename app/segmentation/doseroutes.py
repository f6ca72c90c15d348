"""RT Doses over a series: which there are, their voxels, dose–volume histograms."""

from typing import Any

from flask import Blueprint, Response, current_app, request
from flask_login import current_user, login_required

from app.archive.access import series_for
from app.archive.addressing import read_part
from app.archive.doses import STEPS, dose_facts, dose_for, dose_of, steps_in_pieces
from app.archive.references import FoundObject
from app.archive.workspaces import check_part
from app.i18n import tell
from app.imaging.errors import ImagingError
from app.segmentation import service
from app.segmentation.histograms import histograms
from app.storage.store import Store

blueprint = Blueprint("doses", __name__)
blueprint.before_request(login_required(lambda: None))

_MOST_LISTED = 10
_KEEP = "private, max-age=2592000, immutable"  # the file of an instance never changes


@blueprint.get("/api/v1/series/<series_id>/doses")
def listed(series_id: str) -> dict[str, Any]:
    """The doses that refer to the series or lie in its frame of reference."""
    series = series_for(current_user, series_id)
    part = read_part(series, request.args)
    check_part(series, part)
    found = service.found_for(current_user, series, part, _store(), current_app.config)
    doses = [one for one in found if one.kind == "rtdose"][:_MOST_LISTED]
    return {"doses": [_answer(one, series_id) for one in doses]}


@blueprint.get("/doses/<instance_id>/on/<series_id>.json")
def header(instance_id: str, series_id: str) -> dict[str, Any]:
    """What the bytes of a dose are: shape, affine to LPS mm, gray a step."""
    series_for(current_user, series_id)
    return _facts(dose_for(current_user, instance_id, _store()))


@blueprint.get("/doses/<instance_id>/on/<series_id>.bin")
def voxels(instance_id: str, series_id: str) -> Response:
    """The dose on its own grid: 16-bit little-endian steps, C order (k, j, i)."""
    series_for(current_user, series_id)
    found = dose_for(current_user, instance_id, _store())
    if request.if_none_match.contains(found.instance_id):
        answer = Response(status=304)
    else:
        dose = dose_of(found, _store(), current_app.config)
        pieces = steps_in_pieces(dose.values_gy, dose.largest)
        answer = Response(pieces, mimetype="application/octet-stream")
        answer.content_length = 2 * dose.values_gy.size
    answer.set_etag(found.instance_id)
    answer.headers["Cache-Control"] = _KEEP
    return answer


@blueprint.get("/api/v1/series/<series_id>/doses/<instance_id>/dvh")
def histogram(series_id: str, instance_id: str) -> dict[str, Any]:
    """The dose–volume histograms of a segmentation's segments."""
    series = series_for(current_user, series_id)
    found = dose_for(current_user, instance_id, _store())
    return histograms(current_user, series, found, request.args, _store(), current_app.config)


def _answer(found: FoundObject, series_id: str) -> dict[str, Any]:
    """A dose of the list; one that cannot be read says why."""
    words = {
        "instance_id": found.instance_id,
        "name": found.name,
        "series_description": found.series_description,
    }
    try:
        return {**words, **_facts(found), "reason": None}
    except ImagingError as fault:
        return {**words, "reason": tell(fault.message)}


def _facts(found: FoundObject) -> dict[str, Any]:
    facts = dose_facts(found, _store(), current_app.config)
    return {
        "kind": facts["kind"],
        "unit": facts["unit"],
        "summation": facts["summation"],
        "warnings": [tell(warning) for warning in facts["warnings"]],
        "max_gy": facts["max_gy"],
        "gy_per_step": facts["max_gy"] / STEPS,
        "shape_ijk": facts["grid"]["shape_ijk"],
        "affine": facts["grid"]["affine"],
        "dtype": "uint16",
    }


def _store() -> Store:
    store: Store = current_app.extensions["store"]
    return store
