"""Invitations, the switch of registration, the audit log."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.archive.audit import record
from app.models import AuditEntry, db
from tests.conftest import csrf_of, sign_in


@pytest.fixture
def ada(app: Flask, people: dict[str, str]) -> FlaskClient:
    client = sign_in(app, "ada")
    client.environ_base["HTTP_X_CSRFTOKEN"] = csrf_of(client, "/account")
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def test_an_invitation_is_made_listed_and_revoked(app: Flask, ada: FlaskClient) -> None:
    page = ada.post("/admin/invitations", data={"role": "teacher"})
    assert page.status_code == 201
    path = re.search(r'value="http://localhost(/invitation/[^"]+)"', page.text)[1]  # type: ignore[index]
    assert app.test_client().get(path).status_code == 200
    listed = ada.get("/admin/invitations").text
    assert path not in listed
    revoke = re.search(r'action="(/admin/invitations/[^"]+/revoke)"', listed)[1]  # type: ignore[index]
    assert ada.post(revoke).status_code == 302
    assert app.test_client().get(path).status_code == 404
    assert ada.post(revoke).status_code == 404


def test_an_invitation_gives_no_made_up_role(ada: FlaskClient) -> None:
    assert ada.post("/admin/invitations", data={"role": "system"}).status_code == 422


@pytest.mark.parametrize("mode", ["open", "invitation", "off"])
def test_registration_is_switched_at_once(app: Flask, ada: FlaskClient, mode: str) -> None:
    assert ada.post("/admin/registration", data={"mode": mode}).status_code == 302
    assert app.test_client().get("/register").status_code == (200 if mode == "open" else 403)
    page = ada.get("/admin/invitations").text
    assert f'value="{mode}" aria-pressed="true"' in page
    assert ada.post("/admin/registration", data={"mode": "nonsense"}).status_code == 400


def test_the_audit_log_tells_who_did_what_to_whom(
    app: Flask, people: dict[str, str], ada: FlaskClient
) -> None:
    ada.post(f"/admin/people/{people['alice']}/disable")
    page = ada.get("/admin/audit", query_string={"action": "account_disabled"}).text
    row = page.split("<tbody>")[1].split("</tr>")[0]
    assert re.findall(r">(ada|alice|Account disabled)<", row) == ["ada", "Account disabled", "alice"]
    assert "127.0.0.1" in row


def test_the_audit_log_is_searched_by_name_id_and_address(
    app: Flask, people: dict[str, str], ada: FlaskClient
) -> None:
    with app.app_context():
        record("upload", actor_id=people["bob"], object_kind="study", object_id="an-id", address="192.0.2.1")
        db.session.commit()

    def count(text: str) -> int:
        return ada.get("/admin/audit", query_string={"q": text}).text.count('class="main"')

    assert count("bob") == count("an-id") == count("192.0.2.1") == count(people["bob"]) == 1
    assert count("%") == 0


def test_the_audit_log_comes_in_pages_and_shows_unknown_codes(app: Flask, ada: FlaskClient) -> None:
    with app.app_context():
        db.session.add_all(AuditEntry(action="new_code", object_id=f"{number:03d}") for number in range(120))
        db.session.commit()
    query = {"action": "new_code"}
    first = ada.get("/admin/audit", query_string=query).text
    assert first.count('class="main"') == 50
    assert ">119<" in first
    last = ada.get("/admin/audit", query_string=query | {"page": "3"}).text
    assert last.count('class="main"') == 20
    assert ">000<" in last


def test_what_an_audit_row_holds_is_shown_as_text(app: Flask, ada: FlaskClient) -> None:
    with app.app_context():
        record("upload", object_kind="<i>", object_id="<b>", files="<script>alert(1)</script>")
        db.session.commit()
    page = ada.get("/admin/audit").text
    assert "<script>alert" not in page
    assert "<b>" not in page.split("<tbody>")[1]
