"""The blueprint of the administration. For everybody else its pages do not exist."""

from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, abort, current_app, request
from flask_babel import format_timedelta
from flask_babel import gettext as _
from flask_login import current_user

from app.admin.forms import ROLE_NAMES
from app.admin.service import Actor
from app.archive.accounts.registration import registration_mode
from app.archive.errors import NotFound
from app.i18n import tell_moment
from app.models import utc_now
from app.security import login_manager

blueprint = Blueprint("admin", __name__, url_prefix="/admin")


@blueprint.before_request
def only_administrators() -> Any:
    """Administrators in a browser. Their API tokens stay outside: a lost one must not give the house away."""
    if not current_user.is_authenticated:
        return login_manager.unauthorized()
    if not current_user.is_admin:
        raise NotFound
    if "Authorization" in request.headers:
        abort(403)
    return None


def actor() -> Actor:
    """Who asks, for the audit log."""
    return Actor(current_user.id, request.remote_addr or "")


def current_registration() -> str:
    """``open``, ``invitation`` or ``off``."""
    return registration_mode(current_app.config["REGISTRATION"])


@blueprint.context_processor
def page_words() -> dict[str, Any]:
    return {"role_names": ROLE_NAMES, "ago": _ago, "moment": tell_moment}


def _ago(moment: datetime) -> str:
    if abs(moment - utc_now()) < timedelta(minutes=1):
        return str(_("now"))
    return str(format_timedelta(moment - utc_now(), add_direction=True, granularity="minute"))
