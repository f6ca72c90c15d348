"""The anonymising page: ``/anonymise?study=<id>&series=<id>``, or the choice of studies."""

from flask import Blueprint, current_app, render_template, request
from flask_login import current_user, login_required

from app.deidentification.editor import editor_page
from app.deidentification.selection import choose, list_studies

blueprint = Blueprint("deidentification", __name__)
blueprint.before_request(login_required(lambda: None))


@blueprint.get("/anonymise")
def editor() -> str:
    """The editor for the chosen studies and series; without any, the list to choose from."""
    studies, series = request.args.getlist("study"), request.args.getlist("series")
    if studies or series:
        chosen = choose(current_user, studies, series)
        page = editor_page(chosen, current_app.extensions["store"])
        return render_template("deidentification/editor.html", page=page)
    number = max(1, request.args.get("page", 1, type=int))
    listed, pages = list_studies(current_user, number)
    return render_template("deidentification/choose.html", studies=listed, number=number, pages=pages)
