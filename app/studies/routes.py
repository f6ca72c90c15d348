"""The pages: worklist, one study, upload. They can be read without script."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, current_app, render_template, request
from flask_login import current_user, login_required

from app.archive.access import study_for
from app.archive.parts import main_volume, parts_of
from app.archive.room import storage_used
from app.archive.volumes import thumbnail_path
from app.models import Series
from app.studies.filters import read_filter
from app.studies.findings import findings_of
from app.studies.queries import (
    count_own,
    demo_study,
    list_studies,
    load_shown_parts,
    modalities_of,
    study_row,
)

blueprint = Blueprint("studies", __name__)
blueprint.before_request(login_required(lambda: None))


@blueprint.context_processor
def _of_series() -> dict[str, Callable[[Series], Any]]:
    """What the pages ask of a series: its parts, and whether it has a picture (some have none)."""
    store = current_app.extensions["store"]
    return {
        "has_thumbnail": lambda series: thumbnail_path(series, store).is_file(),
        "main_volume": main_volume,
        "parts_of": parts_of,
    }


@blueprint.get("/")
def worklist() -> str:
    """The studies of the signed-in account and the demo study."""
    asked, faults = read_filter(request.args)
    page = list_studies(current_user, asked)
    load_shown_parts(page.rows)
    return render_template(
        "studies/worklist.html",
        asked=asked,
        faults=faults,
        page=page,
        own_count=count_own(current_user),
        demo=demo_study(),
        modalities=modalities_of(current_user),
        used=storage_used(current_user.id),
    )


@blueprint.get("/studies/<study_id>")
def study(study_id: str) -> str:
    """One study: its series, their state, what was found."""
    row = study_row(study_for(current_user, study_id))
    return render_template(
        "studies/study.html",
        row=row,
        study=row.study,
        findings=findings_of(row),
        may_change=row.study.owner_id == current_user.id,
    )


@blueprint.get("/upload")
def upload_page() -> str:
    """Where files are dropped or chosen."""
    return render_template("studies/upload.html", used=storage_used(current_user.id))
