"""Signing in and out: the cookie, the one message, the slowing down, the way back."""

import statistics
import time
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.archive.accounts import passwords, throttle
from app.models import SYSTEM_ROLE, AuditEntry, User, db
from tests.conftest import PASSWORD, csrf_of, make_user, sign_in


def try_sign_in(client: FlaskClient, name: str, password: str, **fields: str) -> Any:
    headers = fields.pop("headers", None)
    data = {"csrf_token": csrf_of(client, "/login"), "name": name, "password": password, **fields}
    return client.post("/login", data=data, headers=headers)


def cookie(client: FlaskClient) -> str:
    found = client.get_cookie("session")
    return found.value if found else ""


def test_cookie_before_and_after_sign_in_differ(app: Flask) -> None:
    make_user(app, "alice")
    client = app.test_client()
    client.get("/login")
    before = cookie(client)
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
    answer = try_sign_in(client, "alice", PASSWORD)
    assert answer.status_code == 302
    assert answer.location == "/"
    assert cookie(client) != before
    with client.session_transaction() as session:
        assert "planted" not in session


def test_name_does_not_mind_capitals_and_blanks(app: Flask) -> None:
    make_user(app, "alice")
    assert try_sign_in(app.test_client(), " Alice ", PASSWORD).status_code == 302


def test_every_failure_looks_the_same(app: Flask) -> None:
    make_user(app, "alice")
    off = make_user(app, "off")
    with app.app_context():
        db.session.get(User, off).is_enabled = False  # type: ignore[union-attr]
        db.session.add(User(name="demo", role=SYSTEM_ROLE, password_hash=passwords.hash_password(PASSWORD)))
        db.session.add(User(name="invited"))
        db.session.commit()
    texts = set()
    for name, password in [
        ("alice", "wrong password"),
        ("nobody", PASSWORD),
        ("off", PASSWORD),
        ("demo", PASSWORD),
        ("invited", PASSWORD),
    ]:
        client = app.test_client()
        answer = try_sign_in(client, name, password)
        assert answer.status_code == 401
        texts.add(answer.text.split('id="password-note">')[1].split("</div>")[0])
    assert len(texts) == 1


def test_unknown_name_costs_the_time_of_a_wrong_password(app: Flask) -> None:
    stored = passwords.hash_password(PASSWORD)
    passwords.verify("", "warm up")
    timings: dict[str, list[float]] = {stored: [], "": []}
    for _ in range(15):  # in turns, so that a busy machine slows both
        for kept in timings:
            begun = time.process_time()
            assert not passwords.verify(kept, "wrong password")
            timings[kept].append(time.process_time() - begun)
    known, unknown = (statistics.median(values) for values in timings.values())
    assert 0.5 < known / unknown < 2


def test_sixth_attempt_is_answered_429_and_the_right_password_too(app: Flask) -> None:
    make_user(app, "alice")
    client = app.test_client()
    answers = [try_sign_in(client, "alice", "wrong password").status_code for _ in range(6)]
    assert answers == [401] * 5 + [429]
    answer = try_sign_in(client, "alice", PASSWORD)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 60


def test_forged_forwarded_address_is_ignored(app: Flask) -> None:
    make_user(app, "alice")
    client = app.test_client()
    answers = [
        try_sign_in(
            client,
            "alice",
            "wrong password",
            headers={"X-Forwarded-For": f"203.0.113.{number}"},  # type: ignore[arg-type]
        ).status_code
        for number in range(6)
    ]
    assert answers[-1] == 429


def test_two_workers_count_together(app: Flask) -> None:
    """Another application object on the same database stands for another process."""
    from app import create_app

    make_user(app, "alice")
    other = create_app({**{key: app.config[key] for key in ("INSTANCE", "SECRET_KEY")}, "TESTING": True})
    clients = [app.test_client(), other.test_client()]
    answers = [try_sign_in(clients[number % 2], "alice", "wrong password").status_code for number in range(6)]
    with other.app_context():
        db.engine.dispose()
    assert answers == [401] * 5 + [429]


def test_sign_in_makes_an_old_hash_anew(app: Flask) -> None:
    user_id = make_user(app, "alice")
    cheap = passwords.PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    with app.app_context():
        db.session.get(User, user_id).password_hash = cheap  # type: ignore[union-attr]
        db.session.commit()
    sign_in(app, "alice")
    with app.app_context():
        stored = db.session.get(User, user_id).password_hash  # type: ignore[union-attr]
    assert "m=19456,t=2,p=1" in stored


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "/\tevil",
        "/\r\nSet-Cookie: a=b",
        "javascript:alert(1)",
        "evil.example",
    ],
)
def test_nothing_leads_to_another_site(app: Flask, target: str) -> None:
    make_user(app, "alice")
    client = app.test_client()
    token = csrf_of(client, "/login")
    chosen = client.post("/preferences", data={"csrf_token": token, "theme": "light", "next": target})
    assert chosen.location == "/"
    answer = try_sign_in(client, "alice", PASSWORD, next=target)
    assert answer.location == "/"
    assert client.get("/login", query_string={"next": target}).location == "/"


def test_sign_in_leads_back_to_where_it_was_asked_for(app: Flask) -> None:
    make_user(app, "alice")
    client = app.test_client()
    asked = client.get("/account?part=1")
    assert asked.status_code == 302
    assert asked.location == "/login?next=/account?part%3D1"
    page = client.get(asked.location).text
    assert 'name="next" type="hidden" value="/account?part=1"' in page
    assert try_sign_in(client, "alice", PASSWORD, next="/account?part=1").location == "/account?part=1"


def test_old_cookie_is_dead_after_sign_out(app: Flask) -> None:
    make_user(app, "alice")
    client = sign_in(app, "alice")
    thief = app.test_client()
    thief.set_cookie("session", cookie(client))
    assert thief.get("/account").status_code == 200
    client.post("/logout", data={"csrf_token": csrf_of(client, "/account")})
    assert thief.get("/account").status_code == 302
    assert client.get("/account").status_code == 302


def test_a_session_ends_after_its_time_however_busy(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    make_user(app, "alice")
    client = sign_in(app, "alice")
    now = time.time()
    for hours in (1, 6, 11):
        monkeypatch.setattr("app.accounts.sessions.time.time", lambda hours=hours: now + hours * 3600)
        assert client.get("/account").status_code == 200
    monkeypatch.setattr(
        "app.accounts.sessions.time.time", lambda: now + timedelta(hours=12.1).total_seconds()
    )
    assert client.get("/account").status_code == 302


def test_only_a_kept_session_outlives_the_browser(app: Flask) -> None:
    make_user(app, "alice")
    plain = try_sign_in(app.test_client(), "alice", PASSWORD)
    kept = try_sign_in(app.test_client(), "alice", PASSWORD, keep="y")
    assert "Expires" not in plain.headers["Set-Cookie"]
    assert "Expires" in kept.headers["Set-Cookie"]
    for answer in (plain, kept):
        assert "HttpOnly" in answer.headers["Set-Cookie"]
        assert "SameSite=Lax" in answer.headers["Set-Cookie"]


def test_scripts_get_401_as_json_and_people_the_sign_in_page(app: Flask) -> None:
    client = app.test_client()
    answer = client.get("/account", headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert answer.json["error"]["code"] == "unauthorized"
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert client.get("/account").status_code == 302


def test_sign_in_and_its_failure_are_in_the_audit_log_without_what_was_typed(app: Flask) -> None:
    alice = make_user(app, "alice")
    try_sign_in(app.test_client(), "alice", "secret typed wrong")
    try_sign_in(app.test_client(), "my password by mistake", "x")
    client = sign_in(app, "alice")
    client.post("/logout", data={"csrf_token": csrf_of(client, "/account")})
    with app.app_context():
        rows = db.session.query(AuditEntry).order_by(AuditEntry.id).all()
        told = [(row.action, row.actor_id, row.object_id) for row in rows]
        assert all(row.address == "127.0.0.1" and row.detail == {} for row in rows)
    assert told == [
        ("sign_in_failed", None, alice),
        ("sign_in_failed", None, ""),
        ("sign_in", alice, ""),
        ("sign_out", alice, ""),
    ]


def test_registering_is_slowed_down_by_address(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        throttle, "register_counters", lambda address: (throttle.Counter(f"register:{address}", 2),)
    )
    answers = []
    for name in ("ana", "bea", "eva"):
        client = app.test_client()
        data = {"name": name, "full_name": "", "password": PASSWORD, "again": PASSWORD}
        answers.append(
            client.post("/register", data=data | {"csrf_token": csrf_of(client, "/register")}).status_code
        )
    assert answers == [302, 302, 429]
