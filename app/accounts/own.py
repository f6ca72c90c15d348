"""The account's own page: profile, password, sessions, tokens, storage."""

from typing import Any

from flask import current_app, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm

from app.accounts import service, sessions, tokens
from app.accounts.blueprint import address, blueprint
from app.accounts.forms import ChangePasswordForm, ProfileForm, TokenForm
from app.archive.audit import record
from app.archive.room import storage_used
from app.models import db


@blueprint.get("/account")
@sessions.own_page
def account() -> Any:
    return _page()


@blueprint.post("/account")
@sessions.own_page
def save_profile() -> Any:
    form = ProfileForm()
    if not form.validate():
        return _page(profile=form), 422
    current_user.full_name = form.full_name.data.strip()
    db.session.commit()
    return _saved(_("Your name was saved."), "profile")


@blueprint.post("/account/password")
@sessions.own_page
def change_password() -> Any:
    form = ChangePasswordForm()
    if not form.validate():
        return _page(password=form), 422
    attempt = service.authenticate(current_user.name, form.current.data, address())
    if attempt.user is None:
        form.current.errors = [
            _("Too many attempts. Wait a little and try again.")
            if attempt.wait_seconds
            else _("This is not your password.")
        ]
        return _page(password=form), 429 if attempt.wait_seconds else 422
    service.set_password(attempt.user, form.password.data)
    _note("account_password_changed")
    sessions.begin_again()
    return _saved(_("The password was changed. Other sessions were ended."), "security")


@blueprint.post("/account/sessions")
@sessions.own_page
def end_other_sessions() -> Any:
    service.end_sessions(current_user)
    _note("account_sessions_ended")
    sessions.begin_again()
    return _saved(_("Other sessions were ended."), "security")


@blueprint.post("/account/tokens")
@sessions.own_page
def create_token() -> Any:
    form = TokenForm()
    if not form.validate():
        return _page(token=form), 422
    secret = tokens.create_token(current_user, form.label.data)
    _note("account_token_created")
    # Shown in this answer only; a redirect would have to keep it somewhere.
    return _page(new_token=secret), 201


@blueprint.post("/account/tokens/<token_id>/revoke")
@sessions.own_page
def revoke_token(token_id: str) -> Any:
    tokens.revoke_token(current_user, token_id)
    _note("account_token_revoked")
    return _saved(_("The token was revoked."), "tokens")


def _page(**forms: FlaskForm | str) -> str:
    """The page, with the forms that were not filled in as they are now."""
    return render_template(
        "accounts/account.html",
        **{
            "profile": ProfileForm(formdata=None, full_name=current_user.full_name),
            "password": ChangePasswordForm(formdata=None),
            "token": TokenForm(formdata=None),
            "tokens": tokens.tokens_of(current_user),
            "used": storage_used(current_user.id),
            "quota": current_app.config["STORAGE_QUOTA"],
        }
        | forms,
    )


def _saved(text: str, section: str) -> Any:
    flash(text, "success")
    return redirect(url_for("accounts.account", _anchor=section))


def _note(action: str) -> None:
    """Write the action on the account's own row to the audit log, and commit."""
    record(action, actor_id=current_user.id, object_kind="user", object_id=current_user.id, address=address())
    db.session.commit()
