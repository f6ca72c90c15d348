"""Who may join: invitations and the switch of registration; and the log of all that was done."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app.admin import service
from app.admin.audit_log import AuditQuery, read_log
from app.admin.blueprint import actor, blueprint, current_registration
from app.admin.forms import InvitationForm
from app.admin.words import action_names
from app.archive.accounts.links import open_invitations


@blueprint.get("/invitations")
def invitations() -> Any:
    return _page(InvitationForm(formdata=None))


@blueprint.post("/invitations")
def invite() -> Any:
    form = InvitationForm()
    if not form.validate():
        return _page(form), 422
    link, secret = service.invite(actor(), form.role.data)
    address = url_for("accounts.invitation", token=secret, _external=True)
    # Shown in this answer only: it is kept nowhere.
    return _page(InvitationForm(formdata=None), new=link, address=address), 201


@blueprint.post("/invitations/<link_id>/revoke")
def revoke_invitation(link_id: str) -> Any:
    service.revoke_invitation(actor(), link_id)
    flash(_("The invitation was revoked."), "success")
    return redirect(url_for("admin.invitations"))


@blueprint.post("/registration")
def choose_registration() -> Any:
    service.choose_registration(actor(), request.form.get("mode", ""))
    flash(_("Registration was switched."), "success")
    return redirect(url_for("admin.invitations"))


@blueprint.get("/audit")
def audit() -> Any:
    log = read_log(AuditQuery.from_arguments(request.args))
    return render_template("admin/audit.html", log=log, action_names=action_names())


def _page(form: InvitationForm, **values: Any) -> str:
    return render_template(
        "admin/invitations.html",
        form=form,
        invitations=open_invitations(),
        mode=current_registration(),
        **values,
    )
