"""What every request passes: an id, who asks, proof against forgery, and the headers of every answer."""

import uuid
from datetime import timedelta

from flask import Flask, abort, g, request
from flask_login import LoginManager, current_user
from flask_wtf.csrf import CSRFError, CSRFProtect, validate_csrf
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from werkzeug.wrappers import Response
from wtforms.validators import ValidationError

from app.archive.accounts.links import hash_secret
from app.models import ApiToken, User, db, utc_now

csrf = CSRFProtect()
login_manager = LoginManager()

# No inline script or style, no eval, no other origin. Bootstrap's arrows are data: images.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob: data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_LAST_SEEN_STEP = timedelta(minutes=5)


@login_manager.user_loader  # type: ignore[untyped-decorator]
def load_user(cookie: str) -> User | None:
    """The account of a session cookie, while it is enabled and the session was not ended."""
    user_id, _, version = cookie.partition(":")
    user = db.session.get(User, user_id)
    if user is None or not user.is_enabled or str(user.session_version) != version:
        return None
    return user


def _bearer_user(token: str) -> User | None:
    row = db.session.scalar(select(ApiToken).where(ApiToken.token_hash == hash_secret(token)))
    user = db.session.get(User, row.user_id) if row else None
    if row is None or user is None or not user.is_enabled:
        return None
    _note_time(row, "last_used_at")
    return user


def _note_time(row: ApiToken | User, column: str) -> None:
    """Write now to *column*, at most every few minutes. A database busy with an upload is left alone."""
    now, before = utc_now(), getattr(row, column)
    if before is not None and now - before <= _LAST_SEEN_STEP:
        return
    setattr(row, column, now)
    try:
        db.session.commit()
    except OperationalError:
        db.session.rollback()


def _admit() -> None:
    """Identify the request; check the CSRF token of those that a browser's cookie identifies."""
    g.request_id = uuid.uuid4().hex
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        # A bearer request never falls back to a cookie: no other site can send this header.
        user = _bearer_user(token.strip())
        if user is None:
            abort(401)
        g._login_user = user
        return
    if request.method not in {"GET", "HEAD", "OPTIONS", "TRACE"}:
        _refuse_forgery()
    if request.endpoint != "static" and current_user.is_authenticated:
        _note_time(current_user, "last_seen_at")


def _refuse_forgery() -> None:
    """CSRF token from the form, or, for the API, from the header alone.

    Looking for it in the form would receive a whole upload before knowing who sends it.
    """
    if not request.path.startswith("/api/"):
        csrf.protect()
        return
    if not current_user.is_authenticated:
        abort(401)
    try:
        validate_csrf(request.headers.get("X-CSRFToken"))
    except ValidationError as fault:
        raise CSRFError(str(fault)) from None


def _harden(response: Response) -> Response:
    """Put the security headers on; pages with data are not kept by shared caches."""
    headers = response.headers
    headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
    headers["X-Request-Id"] = g.get("request_id", "")
    if request.endpoint != "static":
        headers.setdefault("Cache-Control", "private, no-store")
    return response


def register_security(app: Flask) -> None:
    """Attach sign-in, CSRF protection and headers to *app*."""
    csrf.init_app(app)
    login_manager.init_app(app)
    login_manager.login_view = "accounts.login"
    login_manager.login_message = None
    login_manager.session_protection = "basic"
    app.before_request(_admit)
    app.after_request(_harden)
