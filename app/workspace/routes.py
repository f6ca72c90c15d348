"""Marks, layout, curves and habits of the caller under ``/api/v1``; values in a region of a series."""

from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, request
from flask_login import current_user, login_required

from app.archive import habits, workspaces
from app.archive.access import series_for
from app.archive.addressing import read_part, read_shown
from app.archive.regionvalues import region_values
from app.workspace.bodies import read_body, read_place

blueprint = Blueprint("workspace", __name__, url_prefix="/api/v1")
blueprint.before_request(login_required(lambda: None))


@blueprint.get("/series/<series_id>/workspace")
def workspace(series_id: str) -> dict[str, Any]:
    """Layout, marks, curves and habits of the caller for a part of a series."""
    series = series_for(current_user, series_id)
    part = read_part(series, request.args)
    workspaces.check_part(series, part)
    return workspaces.workspace_of(current_user, series, part)


@blueprint.put("/series/<series_id>/workspace")
def save_state(series_id: str) -> dict[str, str]:
    """Keep how the caller left a part; the last to save wins."""
    part = read_part(series_for(current_user, series_id), request.args)
    kept = workspaces.save_state(current_user, series_id, part, read_body().get("state"))
    return {"saved_at": kept.saved_at.isoformat()}


@blueprint.post("/series/<series_id>/statistics")
def statistics(series_id: str) -> dict[str, Any]:
    """What an ellipse, a rectangle, an outline or a probe holds."""
    shown = read_shown(series_for(current_user, series_id), request.args)
    return region_values(shown, current_app.extensions["store"], read_body())


@blueprint.put("/marks/<uuid:mark_id>")
def put_mark(mark_id: UUID) -> dict[str, Any]:
    """Keep a mark; 409 with the mark of today where somebody changed it since ``revision``."""
    body = read_body()
    series_id, part = read_place(current_user, body)
    kept = workspaces.put_mark(current_user, str(mark_id), series_id, part, body)
    return {"saved_at": kept.updated_at.isoformat(), "revision": kept.revision}


@blueprint.delete("/marks/<uuid:mark_id>")
def delete_mark(mark_id: UUID) -> tuple[str, int]:
    """Delete a mark; to be asked twice does no harm."""
    workspaces.delete_mark(current_user, str(mark_id))
    return "", 204


@blueprint.put("/curves/<uuid:curve_id>")
def put_curve(curve_id: UUID) -> dict[str, Any]:
    """Keep a curve of greys."""
    return habits.curve_answer(habits.put_curve(current_user, str(curve_id), read_body()))


@blueprint.delete("/curves/<uuid:curve_id>")
def delete_curve(curve_id: UUID) -> tuple[str, int]:
    """Delete a curve of greys."""
    habits.delete_curve(current_user, str(curve_id))
    return "", 204


@blueprint.patch("/viewer-preferences")
def change_preferences() -> dict[str, Any]:
    """Keep some habits, forget those that are null; all of them as they are then."""
    return habits.change_preferences(current_user, read_body())
