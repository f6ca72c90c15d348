"""How accounts begin: registration, invitation, the first administrator, reset."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.archive.accounts import links
from app.archive.accounts.registration import choose_registration_mode
from app.models import OneTimeLink, SignInThrottle, User, db
from tests.conftest import PASSWORD, csrf_of, make_user, sign_in

NEW = {
    "name": "ana",
    "full_name": "Ana Salgado",
    "password": "una frase bien larga",
    "again": "una frase bien larga",
}


def choose(app: Flask, mode: str) -> None:
    with app.app_context():
        choose_registration_mode(mode)
        db.session.commit()


def new_link(app: Flask, kind: str, role: str = "student", name: str = "") -> str:
    with app.app_context():
        user = db.session.query(User).filter_by(name=name).one() if name else None
        _link, secret = links.issue(kind, role=role, user=user)
        db.session.commit()
        return secret


def join(client: FlaskClient, path: str, **changes: str):  # type: ignore[no-untyped-def]
    return client.post(path, data={**NEW, **changes, "csrf_token": csrf_of(client, "/login")})


def role_of(app: Flask, name: str) -> str | None:
    with app.app_context():
        return db.session.query(User.role).filter_by(name=name).scalar()


def test_open_registration_makes_a_student_and_signs_in(app: Flask) -> None:
    client = app.test_client()
    assert join(client, "/register", role="admin").status_code == 302
    assert role_of(app, "ana") == "student"
    assert client.get("/account").status_code == 200


@pytest.mark.parametrize("mode", ["invitation", "off"])
def test_registration_is_shut_by_its_switch(app: Flask, mode: str) -> None:
    choose(app, mode)
    client = app.test_client()
    assert client.get("/register").status_code == 403
    assert join(client, "/register").status_code == 403
    assert role_of(app, "ana") is None
    assert "/register" not in client.get("/login").text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "alice"),
        ("name", "ALICE"),
        ("name", "a b"),
        ("name", ""),
        ("password", "short"),
        ("password", "contraseña123"),
        ("again", "another password"),
        ("full_name", "x" * 129),
    ],
)
def test_a_wrong_field_is_shown_with_its_reason(app: Flask, field: str, value: str) -> None:
    make_user(app, "alice")
    client = app.test_client()
    answer = join(client, "/register", **{field: value})
    assert answer.status_code == 422
    assert f'id="{field}-note"' in answer.text
    assert 'class="invalid-feedback"' in answer.text
    assert NEW["password"] not in answer.text
    assert role_of(app, "ana") is None


def test_an_invitation_gives_its_role_once(app: Flask) -> None:
    choose(app, "invitation")
    path = f"/invitation/{new_link(app, 'invitation', 'teacher')}"
    assert app.test_client().get(path).status_code == 200
    assert join(app.test_client(), path).status_code == 302
    assert role_of(app, "ana") == "teacher"
    assert app.test_client().get(path).status_code == 404
    assert join(app.test_client(), path, name="bea").status_code == 404
    assert role_of(app, "bea") is None


def test_an_invitation_outlives_a_name_that_is_taken(app: Flask) -> None:
    make_user(app, "alice")
    path = f"/invitation/{new_link(app, 'invitation')}"
    assert join(app.test_client(), path, name="alice").status_code == 422
    assert join(app.test_client(), path).status_code == 302


def test_invitations_wait_while_registration_is_off(app: Flask) -> None:
    choose(app, "off")
    path = f"/invitation/{new_link(app, 'invitation')}"
    assert join(app.test_client(), path).status_code == 403
    choose(app, "invitation")
    assert join(app.test_client(), path).status_code == 302


def test_setup_makes_the_first_administrator_whatever_registration_says(app: Flask) -> None:
    choose(app, "off")
    path = f"/setup/{new_link(app, 'setup', 'admin')}"
    client = app.test_client()
    assert join(client, path).status_code == 302
    assert role_of(app, "ana") == "admin"
    assert client.get("/admin/people").status_code == 200
    assert join(app.test_client(), path, name="bea").status_code == 404


def test_a_made_up_link_is_404(app: Flask) -> None:
    for kind in ("setup", "invitation", "reset"):
        assert app.test_client().get(f"/{kind}/{'x' * 43}").status_code == 404


def test_reset_ends_old_sessions_and_the_slowing_down(app: Flask) -> None:
    make_user(app, "alice")
    old = sign_in(app, "alice")
    for _ in range(6):
        guess = app.test_client()
        guess.post("/login", data={"name": "alice", "password": "no", "csrf_token": csrf_of(guess, "/login")})
    path = f"/reset/{new_link(app, 'reset', name='alice')}"
    client = app.test_client()
    assert old.get("/account").status_code == 200  # asking for a link changes nothing
    answer = join(client, path)
    assert answer.location == "/login"
    assert old.get("/account").status_code == 302
    with app.app_context():
        assert (
            not db.session.query(SignInThrottle)
            .filter(SignInThrottle.key.startswith("account:alice"))
            .count()
        )
    signed = client.post(
        "/login", data={"name": "alice", "password": NEW["password"], "csrf_token": csrf_of(client, "/login")}
    )
    assert signed.status_code == 302
    assert app.test_client().get(path).status_code == 404


def test_reset_of_a_disabled_account_does_nothing(app: Flask) -> None:
    user_id = make_user(app, "alice")
    path = f"/reset/{new_link(app, 'reset', name='alice')}"
    with app.app_context():
        db.session.get(User, user_id).is_enabled = False  # type: ignore[union-attr]
        db.session.commit()
    assert app.test_client().get(path).status_code == 404
    assert join(app.test_client(), path).status_code == 404


def test_new_account_appears_in_no_page_before_it_is_asked_for(app: Flask) -> None:
    """A token in an address must not be sent on, nor kept by a cache."""
    answer = app.test_client().get(f"/invitation/{new_link(app, 'invitation')}")
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert not re.search(r'(href|src|action)="[^"]*/invitation/', answer.text)


def test_no_account_exists_at_first_start(app: Flask) -> None:
    with app.app_context():
        assert db.session.query(User).count() == 0
        assert db.session.query(OneTimeLink).count() == 0


def test_password_equal_to_the_name_is_refused_at_registration(app: Flask) -> None:
    answer = join(
        app.test_client(),
        "/register",
        name="mariana.rios.c",
        password="Mariana.Rios.C",
        again="Mariana.Rios.C",
    )
    assert answer.status_code == 422


def test_session_of_somebody_else_is_replaced(app: Flask) -> None:
    make_user(app, "alice")
    client = sign_in(app, "alice")
    token = csrf_of(client, "/account")
    client.post("/register", data={**NEW, "csrf_token": token})
    assert "ana" in client.get("/account").text
    assert PASSWORD not in client.get("/account").text
