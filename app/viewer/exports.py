"""What leaves the viewer as a file made of its pictures: films and sheets (``/api/v1/series/<id>/…``)."""

from flask import Blueprint, Response, current_app, request
from flask_login import current_user, login_required

from app.archive import jobs
from app.archive.access import series_for
from app.archive.addressing import read_shown
from app.models import db
from app.viewer.films import order_film
from app.viewer.sheets import sheet_of

blueprint = Blueprint("viewer_exports", __name__, url_prefix="/api/v1/series")
blueprint.before_request(login_required(lambda: None))


@blueprint.post("/<series_id>/films")
def film(series_id: str) -> tuple[dict[str, str], int]:
    """Start a film of slices, images or phases; the job's result is a GIF or a WebP."""
    series, body = series_for(current_user, series_id), request.get_json()
    place = request.args.to_dict()
    if isinstance(body, dict) and body.get("phase") is not None:
        place["phase"] = str(body["phase"])
    shown, store = read_shown(series, place), current_app.extensions["store"]
    job = order_film(current_user, shown, body, place, store=store, settings=current_app.config)
    db.session.commit()
    jobs.wake()
    return {"job": job.id}, 202


@blueprint.post("/<series_id>/sheet.pdf")
def sheet(series_id: str) -> Response:
    """One page with chosen key images and marks."""
    shown = read_shown(series_for(current_user, series_id), request.args)
    pdf = sheet_of(current_user, shown, request.get_json(), current_app.extensions["store"])
    answer = Response(pdf, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = 'attachment; filename="triplano-sheet.pdf"'
    return answer
