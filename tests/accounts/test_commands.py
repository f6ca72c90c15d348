"""Accounts from the terminal, as the issue and the README write the commands."""

import pytest
from flask import Flask

from app.models import ApiToken, OneTimeLink, User, db
from tests.conftest import PASSWORD, csrf_of, make_user, sign_in


def test_create_user_reads_the_password_from_standard_input(app: Flask) -> None:
    arguments = ["create-user", "alice", "--role", "teacher", "--password-stdin"]
    done = app.test_cli_runner().invoke(args=arguments, input=f"{PASSWORD}\n")
    assert done.exit_code == 0, done.output
    assert PASSWORD not in done.output
    sign_in(app, "alice")
    with app.app_context():
        assert db.session.query(User.role).scalar() == "teacher"


@pytest.mark.parametrize(
    ("arguments", "password", "word"),
    [
        (["alice"], "short", "12 characters"),
        (["a b"], PASSWORD, "letters"),
        (["bob"], PASSWORD, "already"),
        (["alice", "--role", "system"], PASSWORD, "Invalid value"),
    ],
)
def test_create_user_says_what_is_wrong(app: Flask, arguments: list[str], password: str, word: str) -> None:
    make_user(app, "bob")
    done = app.test_cli_runner().invoke(args=["create-user", *arguments, "--password-stdin"], input=password)
    assert done.exit_code != 0
    assert word in done.output
    with app.app_context():
        assert db.session.query(User).count() == 1


def test_create_token_prints_a_token_that_works(app: Flask) -> None:
    make_user(app, "alice")
    done = app.test_cli_runner().invoke(args=["create-token", "alice"])
    token = done.output.strip()
    assert "\n" not in token
    answer = app.test_client().get("/api/v1/studies", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    with app.app_context():
        assert token not in db.session.query(ApiToken.token_hash).scalar()
    assert app.test_cli_runner().invoke(args=["create-token", "nobody"]).exit_code != 0


def test_setup_link_is_printed_until_there_is_an_administrator(app: Flask) -> None:
    runner = app.test_cli_runner()
    first, second = (
        runner.invoke(args=["setup-link", "--url-base", "http://127.0.0.1:5001"]).output.split()[-1]
        for _ in range(2)
    )
    assert first.startswith("http://127.0.0.1:5001/setup/")
    client = app.test_client()
    assert client.get(first.removeprefix("http://127.0.0.1:5001")).status_code == 404  # replaced
    fields = {"name": "ada", "full_name": "", "password": PASSWORD, "again": PASSWORD}
    answer = client.post(
        second.removeprefix("http://127.0.0.1:5001"), data=fields | {"csrf_token": csrf_of(client, "/login")}
    )
    assert answer.status_code == 302
    assert client.get("/admin/people").status_code == 200
    assert runner.invoke(args=["setup-link"]).output == ""


def test_no_link_is_made_beside_an_administrator(app: Flask) -> None:
    make_user(app, "ada", "admin")
    assert app.test_cli_runner().invoke(args=["setup-link"]).output == ""
    with app.app_context():
        assert db.session.query(OneTimeLink).count() == 0
