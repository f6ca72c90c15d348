"""The browser's session: begun with an empty cookie, ended by hand or by age."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec
from urllib.parse import urlsplit

from flask import abort, current_app, redirect, request, session, url_for
from flask_login import current_user, login_user, logout_user

from app.errors import error_answer, tell_status, wants_json
from app.models import User

P = ParamSpec("P")
_BEGUN = "begun"


def begin(user: User, *, keep: bool = False) -> None:
    """Sign *user* in. Nothing that was in the cookie before survives; *keep* outlives the browser."""
    session.clear()
    login_user(user)
    session[_BEGUN] = int(time.time())
    session.permanent = keep


def begin_again() -> None:
    """Keep this session when all sessions of its account were just ended."""
    begin(current_user._get_current_object(), keep=session.permanent)


def end() -> None:
    """Sign out and empty the cookie."""
    logout_user()
    session.clear()


def end_when_old() -> None:
    """Before each request: a session lasts its time however busy it is."""
    begun = session.get(_BEGUN)
    lifetime = current_app.permanent_session_lifetime.total_seconds()
    if begun is not None and time.time() - begun > lifetime:
        end()


def ask_to_sign_in() -> Any:
    """What nobody gets instead of a page of somebody's."""
    if wants_json():
        answer, status = error_answer(401, "unauthorized", tell_status(401))
        return answer, status, {"WWW-Authenticate": "Bearer"}
    wanted = request.script_root + request.full_path.rstrip("?")
    is_page = request.method == "GET" and wanted != f"{request.script_root}/"
    return redirect(url_for("accounts.login", next=wanted if is_page else None))


def own_page(view: Callable[P, Any]) -> Callable[P, Any]:
    """A page of the signed-in account. A token cannot open it, so that a lost one cannot make another."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> Any:
        if not current_user.is_authenticated:
            return ask_to_sign_in()
        if "Authorization" in request.headers:
            abort(403)
        return view(*args, **kwargs)

    return guarded


def safe_next(target: str | None) -> str:
    """*target* when it is a path of this site, else the worklist: a link must not lead elsewhere."""
    home = f"{request.script_root}/"
    if not target or not target.startswith("/") or target.startswith("//") or "\\" in target:
        return home
    if any(ord(character) < 0x20 or ord(character) == 0x7F for character in target):
        return home
    parts = urlsplit(target)
    return home if parts.scheme or parts.netloc else target
