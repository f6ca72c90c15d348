"""The account's own page: profile, password, tokens, preferences; and who may do what there."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.models import ApiToken, User, db
from tests.conftest import PASSWORD, csrf_of, make_user, sign_in

OTHER = "otra frase muy larga"
POSTS = (
    "/account",
    "/account/password",
    "/account/sessions",
    "/account/tokens",
    "/account/tokens/5d1f0f0e-0000-4000-8000-000000000000/revoke",
)


def post(client: FlaskClient, path: str, **fields: str):  # type: ignore[no-untyped-def]
    return client.post(path, data={**fields, "csrf_token": csrf_of(client, "/account")})


def new_token(app: Flask, client: FlaskClient, label: str = "notebook") -> tuple[str, str]:
    """A token made on the page, and its id."""
    page = post(client, "/account/tokens", label=label)
    assert page.status_code == 201
    secret = page.text.split('id="new-token" value="')[1].split('"')[0]
    with app.app_context():
        return secret, db.session.query(ApiToken.id).order_by(ApiToken.created_at.desc()).first()[0]


def test_nobody_is_asked_to_sign_in(app: Flask) -> None:
    client = app.test_client()
    token = csrf_of(client, "/login")
    for path in POSTS:
        answer = client.post(path, data={"csrf_token": token})
        assert (answer.status_code, answer.location) == (302, "/login"), path


def test_every_post_wants_its_csrf_token(app: Flask) -> None:
    make_user(app, "alice")
    client = sign_in(app, "alice")
    for path in (*POSTS, "/login", "/logout", "/preferences", "/register", "/setup/x", "/reset/x"):
        assert client.post(path, data={"label": "x"}).status_code == 400, path
        assert client.post(path, data={"label": "x", "csrf_token": "forged"}).status_code == 400, path


def test_changing_the_password_ends_other_sessions_and_keeps_this_one(app: Flask) -> None:
    make_user(app, "alice")
    here, elsewhere = sign_in(app, "alice"), sign_in(app, "alice")
    before = here.get_cookie("session").value  # type: ignore[union-attr]
    answer = post(here, "/account/password", current=PASSWORD, password=OTHER, again=OTHER)
    assert answer.status_code == 302
    assert here.get_cookie("session").value != before  # type: ignore[union-attr]
    assert here.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 302
    thief = app.test_client()
    thief.set_cookie("session", before)
    assert thief.get("/account").status_code == 302


@pytest.mark.parametrize(
    ("current", "password", "again"),
    [("wrong", OTHER, OTHER), (PASSWORD, "short", "short"), (PASSWORD, OTHER, "differs"), ("", OTHER, OTHER)],
)
def test_a_wrong_change_of_password_changes_nothing(
    app: Flask, current: str, password: str, again: str
) -> None:
    make_user(app, "alice")
    client = sign_in(app, "alice")
    answer = post(client, "/account/password", current=current, password=password, again=again)
    assert answer.status_code == 422
    sign_in(app, "alice")


def test_guessing_the_present_password_is_slowed_down(app: Flask) -> None:
    make_user(app, "alice")
    client = sign_in(app, "alice")
    answers = [
        post(client, "/account/password", current="wrong", password=OTHER, again=OTHER).status_code
        for _ in range(6)
    ]
    assert answers == [422] * 5 + [429]


def test_ending_other_sessions_keeps_this_one(app: Flask) -> None:
    make_user(app, "alice")
    here, elsewhere = sign_in(app, "alice"), sign_in(app, "alice")
    post(here, "/account/sessions")
    assert here.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 302


def test_a_token_is_shown_once_and_kept_as_a_hash(app: Flask) -> None:
    make_user(app, "alice")
    client = sign_in(app, "alice")
    secret, token_id = new_token(app, client)
    assert secret not in client.get("/account").text
    with app.app_context():
        row = db.session.get(ApiToken, token_id)
        assert row is not None
        assert secret not in (row.token_hash, row.label)
    bearer = {"Authorization": f"Bearer {secret}"}
    assert app.test_client().get("/api/v1/studies", headers=bearer).status_code == 200
    assert post(client, f"/account/tokens/{token_id}/revoke").status_code == 302
    assert app.test_client().get("/api/v1/studies", headers=bearer).status_code == 401


def test_a_token_cannot_open_the_account_nor_make_another(app: Flask) -> None:
    make_user(app, "ada", "admin")
    secret, _token_id = new_token(app, sign_in(app, "ada"))
    bearer = {"Authorization": f"Bearer {secret}"}
    client = app.test_client()
    assert client.get("/account", headers=bearer).status_code == 403
    assert client.post("/account/tokens", data={"label": "x"}, headers=bearer).status_code == 403
    assert client.get("/admin/people", headers=bearer).status_code == 403


def test_somebody_elses_token_is_404(app: Flask, people: dict[str, str]) -> None:
    secret, token_id = new_token(app, sign_in(app, "alice"))
    for name in ("charlie", "ada"):
        assert post(sign_in(app, name), f"/account/tokens/{token_id}/revoke").status_code == 404
    bearer = {"Authorization": f"Bearer {secret}"}
    assert app.test_client().get("/api/v1/studies", headers=bearer).status_code == 200


def test_tokens_are_counted(app: Flask) -> None:
    make_user(app, "alice")
    client = sign_in(app, "alice")
    codes = [post(client, "/account/tokens", label=f"n{number}").status_code for number in range(21)]
    assert codes == [201] * 20 + [400]


def test_names_are_shown_as_text(app: Flask) -> None:
    make_user(app, "alice")
    client = sign_in(app, "alice")
    post(client, "/account", full_name="<img src=x onerror=alert(1)>{{7*7}}")
    page = client.get("/account").text
    assert "<img src=x" not in page
    assert "{{7*7}}" in page


def test_preferences_are_kept_in_cookie_and_account(app: Flask) -> None:
    user_id = make_user(app, "alice")
    client = sign_in(app, "alice")
    post(client, "/preferences", language="en", theme="light", next="/account")
    page = client.get("/account", headers={"Accept-Language": "es"}).text
    assert '<html lang="en" data-bs-theme="light">' in page
    with app.app_context():
        user = db.session.get(User, user_id)
        assert user is not None
        assert (user.language, user.theme) == ("en", "light")


def test_preferences_work_signed_out_and_take_only_what_there_is(app: Flask) -> None:
    client = app.test_client()
    token = csrf_of(client, "/login")
    client.post("/preferences", data={"csrf_token": token, "language": "en", "theme": "light"})
    assert '<html lang="en" data-bs-theme="light">' in client.get("/login").text
    client.post("/preferences", data={"csrf_token": token, "language": "xx", "theme": "<b>"})
    assert '<html lang="en" data-bs-theme="light">' in client.get("/login").text


def test_storage_used_counts_what_is_kept(app: Flask) -> None:
    make_user(app, "alice")
    page = sign_in(app, "alice").get("/account").text
    assert 'max="21474836480" value="0"' in page
