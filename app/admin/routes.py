"""People: the list, a new one, one of them, and what is done with one."""

from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user, logout_user

from app.admin import people as lists
from app.admin import service
from app.admin.blueprint import actor, blueprint
from app.admin.forms import NewAccountForm, PersonForm
from app.archive.room import storage_used
from app.models import User


@blueprint.get("/people")
def people() -> Any:
    found = lists.list_people(lists.PeopleQuery.from_arguments(request.args))
    return render_template(
        "admin/people.html",
        people=found,
        totals=lists.totals(),
        quota=current_app.config["STORAGE_QUOTA"],
        last_administrator=lists.only_administrator(),
    )


@blueprint.route("/people/new", methods=["GET", "POST"])
def new_person() -> Any:
    form = NewAccountForm()
    if not form.validate_on_submit():
        return render_template("admin/new_person.html", form=form), 422 if form.errors else 200
    user, secret = service.create_account(
        actor(), form.name.data, form.full_name.data, form.role.data, form.given_password
    )
    if secret:
        return _link_page(user, secret, is_first=True), 201
    return _done(user, _("The account %(name)s was made.", name=user.name))


@blueprint.get("/people/<user_id>")
def person(user_id: str) -> Any:
    user = lists.person(user_id)
    return _person_page(user, PersonForm(formdata=None, obj=user))


@blueprint.post("/people/<user_id>")
def change_person(user_id: str) -> Any:
    user = lists.person(user_id)
    form = PersonForm()
    if not form.validate():
        return _person_page(user, form), 422
    service.change_profile(actor(), user, form.full_name.data, form.role.data)
    return _done(user, _("The changes were saved."))


@blueprint.post("/people/<user_id>/disable")
def disable(user_id: str) -> Any:
    user = lists.person(user_id)
    service.disable(actor(), user)
    return _done(user, _("The account %(name)s is disabled. Its studies are kept.", name=user.name))


@blueprint.post("/people/<user_id>/enable")
def enable(user_id: str) -> Any:
    user = lists.person(user_id)
    service.enable(actor(), user)
    return _done(user, _("The account %(name)s is active again.", name=user.name))


@blueprint.post("/people/<user_id>/end-sessions")
def end_sessions(user_id: str) -> Any:
    user = lists.person(user_id)
    service.end_sessions(actor(), user)
    return _done(user, _("Every session of %(name)s was ended.", name=user.name))


@blueprint.post("/people/<user_id>/unlock")
def unlock(user_id: str) -> Any:
    user = lists.person(user_id)
    service.unlock(actor(), user)
    return _done(user, _("%(name)s may try to sign in again at once.", name=user.name))


@blueprint.post("/people/<user_id>/reset-link")
def reset_link(user_id: str) -> Any:
    user = lists.person(user_id)
    return _link_page(user, service.make_reset_link(actor(), user), is_first=not user.password_hash), 201


@blueprint.get("/people/<user_id>/delete")
def ask_to_delete(user_id: str) -> Any:
    user = lists.person(user_id)
    return render_template(
        "admin/delete_person.html",
        user=user,
        studies=lists.study_count(user),
        stored=storage_used(user.id),
        last_administrator=lists.only_administrator(),
    )


@blueprint.post("/people/<user_id>/delete")
def delete_person(user_id: str) -> Any:
    user = lists.person(user_id)
    name, is_own = user.name, user.id == current_user.id
    service.delete(actor(), user, current_app.extensions["store"])
    if is_own:
        logout_user()  # there is nobody left to ask for a language or a theme
    flash(_("The account %(name)s and everything it stored were deleted.", name=name), "success")
    return redirect(url_for("admin.people"))


def _person_page(user: User, form: PersonForm) -> str:
    return render_template(
        "admin/person.html",
        user=user,
        form=form,
        studies=lists.study_count(user),
        stored=storage_used(user.id),
        quota=current_app.config["STORAGE_QUOTA"],
        waits_until=lists.wait_of(user),
        last_administrator=lists.only_administrator(),
    )


def _link_page(user: User, secret: str, *, is_first: bool) -> str:
    """The link, in this answer only: it is kept nowhere."""
    link = url_for("accounts.reset", token=secret, _external=True)
    return render_template("admin/link.html", user=user, link=link, is_first=is_first)


def _done(user: User, text: str) -> Any:
    """Say it, and go back to where the button was: the list, or the person."""
    flash(text, "success")
    if not current_user.is_authenticated or request.form.get("from") == "list":
        return redirect(url_for("admin.people"))
    return redirect(url_for("admin.person", user_id=user.id))
