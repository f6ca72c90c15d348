"""Measurements under ``/api/v1/series/<id>/``: marks.csv, marks.json, marks.dcm, and their import."""

from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request
from flask_login import current_user, login_required

from app.archive.access import series_for
from app.archive.addressing import read_shown
from app.archive.markmeasures import measured_marks
from app.archive.volumes import Shown
from app.reports.importing import import_marks
from app.reports.structured import as_report
from app.reports.table import as_csv, as_json
from app.storage.store import Store

blueprint = Blueprint("reports", __name__, url_prefix="/api/v1/series")
blueprint.before_request(login_required(lambda: None))


def _store() -> Store:
    store: Store = current_app.extensions["store"]
    return store


def _shown(series_id: str) -> Shown:
    """What the address shows of a series that the user may read."""
    return read_shown(series_for(current_user, series_id), request.args)


@blueprint.get("/<series_id>/marks.csv")
def marks_csv(series_id: str) -> Response:
    """The caller's measurements as a table."""
    text = as_csv(measured_marks(current_user, _shown(series_id), _store()))
    return _file(text.encode(), "text/csv; charset=utf-8", "csv")


@blueprint.get("/<series_id>/marks.json")
def marks_json(series_id: str) -> Response:
    """The caller's marks with what they measure."""
    shown = _shown(series_id)
    marks = as_json(measured_marks(current_user, shown, _store()))
    answer = jsonify(series_id=shown.series.id, part=shown.part, marks=marks)
    return _file(answer.get_data(), "application/json", "json")


@blueprint.get("/<series_id>/marks.dcm")
def marks_dcm(series_id: str) -> Response:
    """The caller's measurements as a DICOM structured report (TID 1500)."""
    shown = _shown(series_id)
    marks = measured_marks(current_user, shown, _store())
    report = as_report(marks, shown, _store(), current_app.config["VERSION"])
    return _file(report, "application/dicom", "dcm")


@blueprint.post("/<series_id>/marks/import")
def marks_import(series_id: str) -> dict[str, Any]:
    """Marks from a structured report: those kept, and why others were not."""
    return import_marks(current_user, _shown(series_id), request, _store())


def _file(data: bytes, kind: str, suffix: str) -> Response:
    answer = Response(data, content_type=kind)
    # The name says nothing of the patient.
    answer.headers["Content-Disposition"] = f'attachment; filename="triplano-measurements.{suffix}"'
    return answer
