"""``/healthz`` and ``/readyz``: public, and empty of facts about the installation."""

from typing import Any

from flask import Blueprint, current_app
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.models import db

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@blueprint.get("/readyz")
def readyz() -> tuple[dict[str, Any], int]:
    """Database, disk and job runner can be used: 200, else 503 with the part that cannot."""
    parts = {"database": _database_answers(), "disk": _disk_has_room(), "jobs": _jobs_are_taken()}
    ready = all(parts.values())
    return {"status": "ready" if ready else "unavailable", **parts}, 200 if ready else 503


def _database_answers() -> bool:
    try:
        db.session.execute(text("select 1 from users limit 1"))
    except SQLAlchemyError:
        return False
    return True


def _disk_has_room() -> bool:
    return bool(current_app.extensions["store"].free_bytes() >= current_app.config["MIN_FREE_DISK"])


def _jobs_are_taken() -> bool:
    """Whether this process carries out jobs; one that was never to do so lacks nothing."""
    runner = current_app.extensions.get("job_runner")
    return runner is None or bool(runner.is_running)
