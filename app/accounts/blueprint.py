"""The blueprint that the routes of this feature share, and what all its pages may use."""

from typing import Any

from flask import Blueprint, current_app, request
from flask_babel import gettext as _

from app.archive.accounts.registration import registration_mode

blueprint = Blueprint("accounts", __name__)


def address() -> str:
    """Who asks: the peer's address, or what a configured proxy (and no other) says it is."""
    return request.remote_addr or ""


def current_registration() -> str:
    """``open``, ``invitation`` or ``off``."""
    return registration_mode(current_app.config["REGISTRATION"])


@blueprint.context_processor
def page_words() -> dict[str, Any]:
    roles = {"student": _("Student"), "teacher": _("Teacher"), "admin": _("Administrator")}
    return {"role_names": roles, "registration": current_registration()}
