"""Uploads, studies and series under ``/api/v1``, as ``rest-v1`` says."""

from typing import Any

from flask import Blueprint, current_app, request
from flask_login import current_user, login_required
from werkzeug.datastructures import MultiDict

from app.archive.access import series_for, study_for
from app.archive.removal import remove_series, remove_study
from app.storage.store import Store
from app.studies.answers import full_study_answer, progress_answer, series_answer, study_answer
from app.studies.filters import StudyFilter, read_filter
from app.studies.queries import list_studies, progress_of, series_row, study_row
from app.studies.uploads import receive_upload

blueprint = Blueprint("studies_api", __name__, url_prefix="/api/v1")
blueprint.before_request(login_required(lambda: None))  # before anything of the body is read
MOST_WATCHED = 200


@blueprint.post("/uploads")
def upload() -> tuple[dict[str, Any], int]:
    """Take in the parts named ``files``."""
    return receive_upload(current_user, request, store=_store(), settings=current_app.config), 201


@blueprint.get("/studies")
def studies() -> dict[str, Any]:
    """What the caller may read, searched, narrowed, sorted and paged."""
    page = list_studies(current_user, _checked(request.args))
    return {"studies": [study_answer(row) for row in page.rows], "total": page.total}


@blueprint.get("/studies/<study_id>")
def study(study_id: str) -> dict[str, Any]:
    """One study with its series."""
    return full_study_answer(study_row(study_for(current_user, study_id)))


@blueprint.get("/series/<series_id>")
def series(series_id: str) -> dict[str, Any]:
    """One series with its geometry."""
    return series_answer(series_row(series_for(current_user, series_id)))


@blueprint.delete("/studies/<study_id>")
def delete_study(study_id: str) -> tuple[str, int]:
    """Remove a study, rows and files."""
    doomed = study_for(current_user, study_id, write=True)
    remove_study(current_user, doomed, _store(), address=request.remote_addr or "")
    return "", 204


@blueprint.delete("/series/<series_id>")
def delete_series(series_id: str) -> tuple[str, int]:
    """Remove a series, rows and files."""
    doomed = series_for(current_user, series_id, write=True)
    remove_series(current_user, doomed, _store(), address=request.remote_addr or "")
    return "", 204


@blueprint.get("/progress")
def progress() -> dict[str, Any]:
    """How far the studies named by ``study`` are prepared: what an open page asks again and again."""
    rows = progress_of(current_user, request.args.getlist("study")[:MOST_WATCHED])
    return {"studies": [progress_answer(row) for row in rows]}


def _checked(asked: MultiDict[str, str]) -> StudyFilter:
    """The question in the address; the first thing wrong in it is answered 400."""
    question, faults = read_filter(asked)
    if faults:
        raise faults[0]
    return question


def _store() -> Store:
    store: Store = current_app.extensions["store"]
    return store
