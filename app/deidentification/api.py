"""The JSON side: previewing one image and ordering an export (``/api/v1/deidentifications``)."""

from typing import Any

from flask import Blueprint, current_app, request
from flask_login import current_user, login_required

from app.archive import jobs
from app.archive.access import series_for
from app.deidentification.order import read_order, read_place, read_settings
from app.deidentification.originals import read_limits
from app.deidentification.preview import preview_key, preview_of
from app.deidentification.selection import choose, instance_at
from app.deidentification.service import order_export
from app.models import db

blueprint = Blueprint("deidentification_api", __name__, url_prefix="/api/v1/deidentifications")
blueprint.before_request(login_required(lambda: None))


@blueprint.post("")
def export() -> tuple[dict[str, str], int]:
    """Start an export of the chosen series."""
    order = read_order(request.get_json())
    chosen = choose(current_user, order.study_ids, order.series_ids)
    job = order_export(
        current_user,
        chosen,
        order.settings,
        store=current_app.extensions["store"],
        settings=current_app.config,
    )
    db.session.commit()
    jobs.wake()
    return {"job": job.id}, 202


@blueprint.post("/preview")
def preview() -> dict[str, Any]:
    """What the walk does to each element of one image, with the settings of the page."""
    series_id, image, given = read_place(request.get_json())
    instance = instance_at(series_for(current_user, series_id), image)
    key = preview_key(current_app.config["SECRET_KEY"], current_user.id)
    limits = read_limits(current_app.config)
    return preview_of(instance, read_settings(given), key, current_app.extensions["store"], limits)
