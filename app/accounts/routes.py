"""Signing in and out, and how the pages look: also for somebody who is not signed in."""

from datetime import timedelta
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.accounts import service, sessions
from app.accounts.blueprint import address, blueprint
from app.accounts.forms import SignInForm
from app.archive.audit import record
from app.i18n import LANGUAGES
from app.models import db

THEMES = ("dark", "light")


@blueprint.get("/login")
def login() -> Any:
    if current_user.is_authenticated:
        return redirect(sessions.safe_next(request.args.get("next")))
    return _sign_in_page(SignInForm(formdata=None, next=request.args.get("next", "")))


@blueprint.post("/login")
def sign_in() -> Any:
    form = SignInForm()
    if not form.validate():
        return _sign_in_page(form, 422)
    found = service.authenticate(form.name.data, form.password.data, address())
    if found.user is None:
        return _refuse(form, found)
    record("sign_in", actor_id=found.user.id, address=address())
    db.session.commit()
    sessions.begin(found.user, keep=form.keep.data)
    return redirect(sessions.safe_next(form.next.data))


@blueprint.post("/logout")
def logout() -> Any:
    if current_user.is_authenticated:
        record("sign_out", actor_id=current_user.id, address=address())
        service.end_sessions(current_user)
        db.session.commit()
    sessions.end()
    flash(_("You are signed out."), "success")
    return redirect(url_for("accounts.login"))


@blueprint.post("/preferences")
def preferences() -> Any:
    answer = redirect(sessions.safe_next(request.form.get("next")))
    for name, allowed in (("language", LANGUAGES), ("theme", THEMES)):
        chosen = request.form.get(name)
        if chosen in allowed:
            if current_user.is_authenticated:
                setattr(current_user, name, chosen)
            answer.set_cookie(
                name,
                chosen,
                max_age=timedelta(days=365),
                secure=current_app.config["SESSION_COOKIE_SECURE"],
                httponly=True,
                samesite="Lax",
            )
    db.session.commit()
    return answer


def _refuse(form: SignInForm, attempt: service.SignIn) -> Any:
    """The sign-in page again, with one message for every reason but too many attempts."""
    if attempt.wait_seconds:
        minutes = -(-attempt.wait_seconds // 60)
        form.password.errors = [
            _("Too many attempts. Try again in %(minutes)s min, or ask an administrator.", minutes=minutes)
        ]
        return *_sign_in_page(form, 429), {"Retry-After": str(attempt.wait_seconds)}
    record("sign_in_failed", object_kind="user", object_id=attempt.tried_id, address=address())
    db.session.commit()
    form.password.errors = [_("User name or password is wrong.")]
    return _sign_in_page(form, 401)


def _sign_in_page(form: SignInForm, status: int = 200) -> tuple[str, int]:
    return render_template("accounts/login.html", form=form), status
