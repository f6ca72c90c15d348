"""How far a job is, what it made, and calling it off: ``/api/v1/jobs``."""

from typing import Any

from flask import Blueprint, current_app, send_file
from flask_login import current_user, login_required
from werkzeug.wrappers import Response

from app.archive.access import job_for
from app.archive.jobs import cancel
from app.i18n import tell
from app.jobs.results import result_of
from app.models import Job, db

blueprint = Blueprint("jobs", __name__, url_prefix="/api/v1/jobs")
blueprint.before_request(login_required(lambda: None))


@blueprint.get("/<job_id>")
def job(job_id: str) -> dict[str, Any]:
    """The state of a job of the caller's."""
    return _answer(job_for(current_user, job_id))


@blueprint.get("/<job_id>/result")
def result(job_id: str) -> Response:
    """The file a job made; 409 while it is not done."""
    made = result_of(job_for(current_user, job_id), current_app.extensions["store"])
    answer = send_file(made.path, as_attachment=True, download_name=made.download_name)
    answer.cache_control.private = True
    return answer


@blueprint.delete("/<job_id>")
def call_off(job_id: str) -> tuple[str, int]:
    """Cancel a job; one that has ended stays as it is."""
    cancel(job_for(current_user, job_id))
    db.session.commit()
    return "", 204


def _answer(row: Job) -> dict[str, Any]:
    answer = {
        "id": row.id,
        "kind": row.kind,
        "state": row.state,
        "progress": row.progress,
        "message": tell(row.message),
    }
    return answer | ({"error": tell(row.error)} if row.error else {})
