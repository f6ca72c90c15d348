"""How an account begins, or gets its password back: registration and the one-time links."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _

from app.accounts import service, sessions
from app.accounts.blueprint import address, blueprint, current_registration
from app.accounts.forms import JoinForm, NewPasswordForm
from app.archive.accounts import links, throttle
from app.archive.accounts.errors import LinkSpent
from app.archive.audit import record
from app.models import OneTimeLink, User, db


@blueprint.route("/register", methods=["GET", "POST"])
def register() -> Any:
    if current_registration() != "open":
        return render_template("accounts/closed.html"), 403
    form = JoinForm()
    if not form.validate_on_submit():
        return _page("register", form)
    wait = throttle.attempt(throttle.register_counters(address()))
    if wait:
        return *_page("register", form, 429), {"Retry-After": str(wait)}
    return _join(form, "student", "registration")


@blueprint.route("/invitation/<token>", methods=["GET", "POST"])
def invitation(token: str) -> Any:
    if current_registration() == "off":
        return render_template("accounts/closed.html"), 403
    return _join_by_link(links.find("invitation", token))


@blueprint.route("/setup/<token>", methods=["GET", "POST"])
def setup(token: str) -> Any:
    return _join_by_link(links.find("setup", token))


@blueprint.route("/reset/<token>", methods=["GET", "POST"])
def reset(token: str) -> Any:
    link = links.find("reset", token)
    user = db.session.get(User, link.user_id)
    if user is None or not user.is_enabled:
        raise LinkSpent
    form = NewPasswordForm()
    form.owner = user.name
    if not form.validate_on_submit():
        return _page("reset", form, name=user.name)
    links.spend(link)
    service.set_password(user, form.password.data)
    throttle.unlock(user.name)
    record(
        "account_password_reset",
        actor_id=user.id,
        object_kind="user",
        object_id=user.id,
        address=address(),
    )
    db.session.commit()
    sessions.end()
    flash(_("The password was set. Sign in with it."), "success")
    return redirect(url_for("accounts.login"))


def _join_by_link(link: OneTimeLink) -> Any:
    form = JoinForm()
    if not form.validate_on_submit():
        return _page(link.kind, form, role=link.role)
    links.spend(link)
    return _join(form, link.role, link.kind)


def _join(form: JoinForm, role: str, by: str) -> Any:
    """Make the account and sign it in."""
    user = service.create_user(form.name.data, form.password.data, role=role, full_name=form.full_name.data)
    record(
        "account_created",
        actor_id=user.id,
        object_kind="user",
        object_id=user.id,
        address=address(),
        role=role,
        by=by,
    )
    db.session.commit()
    sessions.begin(user)
    return redirect(sessions.safe_next(None))


def _page(kind: str, form: NewPasswordForm, status: int | None = None, **values: Any) -> tuple[str, int]:
    status = status or (422 if form.errors else 200)
    return render_template(
        "accounts/join.html", kind=kind, form=form, too_many=status == 429, **values
    ), status
