"""Segmentations under ``/api/v1``: taking them in, listing, changing, deleting, and their table."""

from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request
from flask_babel import get_locale
from flask_login import current_user, login_required
from werkzeug.wsgi import wrap_file

from app.archive import segmentations
from app.archive.access import series_for
from app.archive.addressing import read_part, read_shown
from app.archive.segmentremoval import remove_segment
from app.archive.volumes import Shown
from app.archive.workspaces import check_part
from app.models import Segmentation, Series, db
from app.segmentation import service
from app.segmentation.answers import found_answer, segment_answers, segmentation_answer
from app.segmentation.exporting import exported
from app.segmentation.receiving import read_assumption, read_body, read_revision, received_file
from app.segmentation.table import as_csv
from app.storage.store import Store

blueprint = Blueprint("segmentation", __name__, url_prefix="/api/v1")
_SMALL = 1024 * 1024  # bytes that are sent as one
blueprint.before_request(login_required(lambda: None))  # before anything of the body is read


def _store() -> Store:
    store: Store = current_app.extensions["store"]
    return store


def _shown(series_id: str) -> Shown:
    return read_shown(series_for(current_user, series_id), request.args)


def _answer(segmentation: Segmentation) -> dict[str, Any]:
    series = db.session.get_one(Series, segmentation.series_row_id)
    return segmentation_answer(segmentation, series, current_user)


@blueprint.post("/series/<series_id>/segmentations")
def create(series_id: str) -> tuple[dict[str, Any], int]:
    """A file's segments, those of an uploaded object (``instance_id``), or none, to draw in (``name``)."""
    shown, assume = _shown(series_id), read_assumption(request.args)
    context = service.Context(current_user, _store(), current_app.config, request.remote_addr or "")
    if request.is_json:
        made = service.create_from_body(context, shown, read_body(request), assume=assume)
    else:
        with received_file(current_user, request, store=_store(), settings=current_app.config) as file:
            made = service.import_received(context, shown, file, assume=assume)
    return _answer(made), 201


@blueprint.get("/series/<series_id>/segmentations")
def listed(series_id: str) -> dict[str, Any]:
    """What lies on a part of a series, and the uploaded objects that belong to it."""
    series = series_for(current_user, series_id)
    part = read_part(series, request.args)
    check_part(series, part)
    found = service.found_for(current_user, series, part, _store(), current_app.config)
    rows = segmentations.segmentations_of(current_user, series_for(current_user, series_id), part)
    return {
        "segmentations": [_answer(row) for row in rows],
        "found": [found_answer(one) for one in found],
    }


@blueprint.get("/segmentations/<segmentation_id>")
def one(segmentation_id: str) -> Response:
    """One segmentation; 304 where the caller has it as it is."""
    row = segmentations.segmentation_for(current_user, segmentation_id)
    body = _answer(row)
    answer = jsonify(body)
    answer.set_etag(f"{row.id}-{row.revision}-{body['statistics']}-{body['stale']:d}-{get_locale()}")
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.make_conditional(request)
    return answer


@blueprint.patch("/segmentations/<segmentation_id>")
def change(segmentation_id: str) -> dict[str, Any]:
    """Names, colours and codes; 409 where ``If-Match`` is not today's revision."""
    segmentations.segmentation_for(current_user, segmentation_id, write=True)
    body, revision = read_body(request), read_revision(request)
    return _answer(segmentations.change(current_user, segmentation_id, body, revision))


@blueprint.delete("/segmentations/<segmentation_id>")
def delete(segmentation_id: str) -> tuple[str, int]:
    """Remove it, rows and files."""
    segmentations.segmentation_for(current_user, segmentation_id, write=True)
    revision, address = read_revision(request), request.remote_addr or ""
    segmentations.remove(current_user, segmentation_id, _store(), revision=revision, address=address)
    return "", 204


@blueprint.delete("/segmentations/<segmentation_id>/segments/<int:number>")
def delete_segment(segmentation_id: str, number: int) -> tuple[dict[str, Any] | str, int]:
    """Remove one segment: the segmentation as it is then; 204 where it was the last, and all is gone."""
    segmentations.segmentation_for(current_user, segmentation_id, write=True)
    revision, address = read_revision(request), request.remote_addr or ""
    left = remove_segment(current_user, segmentation_id, number, _store(), revision=revision, address=address)
    return (_answer(left), 200) if left else ("", 204)


@blueprint.get("/segmentations/<segmentation_id>/statistics.csv")
def statistics_csv(segmentation_id: str) -> Response:
    """What each segment holds, as a table."""
    row = segmentations.segmentation_for(current_user, segmentation_id)
    series = service.counted(row, _store())
    text = as_csv(row.id, row.name, segment_answers(row, series))
    answer = Response(text.encode(), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="triplano-segments.csv"'
    return answer


@blueprint.get("/segmentations/<segmentation_id>/export")
def export(segmentation_id: str) -> Response:
    """The segments as a file of another program; several files as a ZIP."""
    row = segmentations.segmentation_for(current_user, segmentation_id)
    file = exported(row, request.args, _store(), current_app.config)
    if file.size <= _SMALL:
        with file.content as content:
            answer = Response(content.read(), content_type=file.mimetype)
    else:
        answer = Response(wrap_file(request.environ, file.content), content_type=file.mimetype)
        answer.direct_passthrough = True
        answer.content_length = file.size
        answer.call_on_close(file.content.close)
    # The name says nothing of the patient.
    answer.headers["Content-Disposition"] = f'attachment; filename="{file.name}"'
    return answer
