"""The people's page: who may see it, what it lists, what each action does."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.admin.routes import blueprint
from app.archive.accounts import throttle
from app.models import SYSTEM_ROLE, AuditEntry, Instance, Patient, Series, Study, User, db
from tests.conftest import PASSWORD, csrf_of, make_user, sign_in

ACTIONS = ("disable", "enable", "end-sessions", "unlock", "reset-link", "delete")


@pytest.fixture
def ada(app: Flask, people: dict[str, str]) -> FlaskClient:
    client = sign_in(app, "ada")
    token = csrf_of(client, "/account")
    client.environ_base["HTTP_X_CSRFTOKEN"] = token
    return client


def act(client: FlaskClient, path: str, **fields: str):  # type: ignore[no-untyped-def]
    return client.post(path, data=fields)


def user(app: Flask, user_id: str) -> User:
    with app.app_context():
        found = db.session.get(User, user_id)
        assert found is not None
        return found


def add_study(app: Flask, owner_id: str, sizes: tuple[int, ...]) -> None:
    """A study whose instances have these sizes, as rows alone."""
    with app.app_context():
        patient = Patient(owner_id=owner_id, name="Demo^Rows", patient_id="1")
        db.session.add(patient)
        db.session.flush()
        study = Study(owner_id=owner_id, patient_row_id=patient.id, study_instance_uid="2.25.1")
        db.session.add(study)
        db.session.flush()
        series = Series(owner_id=owner_id, study_row_id=study.id, series_instance_uid="2.25.2")
        db.session.add(series)
        db.session.flush()
        for number, size in enumerate(sizes):
            db.session.add(
                Instance(
                    owner_id=owner_id,
                    series_row_id=series.id,
                    sop_instance_uid=f"2.25.3.{number}",
                    sha256=f"{number:064d}",
                    size=size,
                )
            )
        db.session.commit()


def all_routes(app: Flask, people: dict[str, str]) -> list[tuple[str, str]]:
    """Every address of the administration with each of its methods."""
    found = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith(f"{blueprint.name}."):
            path = rule.rule.replace("<user_id>", people["bob"]).replace("<link_id>", people["bob"])
            assert "<" not in path, f"the matrix does not know how to fill {rule.rule}"
            found += [(method, path) for method in sorted(rule.methods - {"HEAD", "OPTIONS"})]  # type: ignore[operator]
    return found


def test_administration_does_not_exist_for_others(app: Flask, people: dict[str, str]) -> None:
    make_user(app, "teresa", "teacher")
    routes = all_routes(app, people)
    assert len(routes) == 17
    for name in ("alice", "charlie", "teresa"):
        client = sign_in(app, name)
        client.environ_base["HTTP_X_CSRFTOKEN"] = csrf_of(client, "/account")
        assert {client.open(path, method=method).status_code for method, path in routes} == {404}


def test_nobody_is_asked_to_sign_in(app: Flask, people: dict[str, str]) -> None:
    client = app.test_client()
    client.environ_base["HTTP_X_CSRFTOKEN"] = csrf_of(client, "/login")
    for method, path in all_routes(app, people):
        assert client.open(path, method=method).status_code == 302
        assert client.open(path, method=method, headers={"Accept": "application/json"}).status_code == 401


def test_every_post_wants_its_csrf_token(app: Flask, people: dict[str, str]) -> None:
    client = sign_in(app, "ada")
    for method, path in all_routes(app, people):
        if method == "POST":
            assert client.post(path, data={"csrf_token": "forged"}).status_code == 400, path
    assert user(app, people["bob"]).is_enabled


def test_unknown_and_system_accounts_are_404(app: Flask, people: dict[str, str], ada: FlaskClient) -> None:
    with app.app_context():
        owner = User(name="demo", role=SYSTEM_ROLE)
        db.session.add(owner)
        db.session.commit()
        owner_id = owner.id
    for user_id in (owner_id, "5d1f0f0e-0000-4000-8000-000000000000"):
        assert ada.get(f"/admin/people/{user_id}").status_code == 404
        for action in ACTIONS:
            assert act(ada, f"/admin/people/{user_id}/{action}").status_code == 404
    assert "demo" not in names(ada)


def names(client: FlaskClient, **arguments: str) -> list[str]:
    page = client.get("/admin/people", query_string=arguments).text
    return re.findall(r'data-person="([^"]+)"', page)


def test_list_searches_filters_and_sorts(app: Flask, people: dict[str, str], ada: FlaskClient) -> None:
    act(ada, f"/admin/people/{people['bob']}", full_name="Ramón 100%_x", role="teacher")
    act(ada, f"/admin/people/{people['charlie']}/disable")
    add_study(app, people["charlie"], (5_000_000,))
    assert names(ada) == ["ada", "alice", "charlie", "bob"]  # by full name, else by name
    assert names(ada, q="ALI") == ["alice"]
    assert names(ada, q="ram") == ["bob"]
    assert names(ada, q="%_") == ["bob"]
    assert names(ada, q="' OR 1=1 --") == []
    assert names(ada, role="admin") == ["ada"]
    assert names(ada, state="disabled") == ["charlie"]
    assert names(ada, state="active") == ["ada", "alice", "bob"]
    assert names(ada, sort="storage")[0] == "charlie"
    assert names(ada, role="nonsense", state="nonsense", sort="nonsense", page="x") == names(ada)


def test_list_comes_in_pages(app: Flask, ada: FlaskClient) -> None:
    with app.app_context():
        db.session.add_all(User(name=f"user{number:03d}") for number in range(60))
        db.session.commit()
    assert len(names(ada)) == 25
    assert names(ada, page="3")[-1] == "user059"
    assert len(names(ada, page="3")) == 14
    assert names(ada, page="99") == names(ada, page="3")
    assert "26" in ada.get("/admin/people?page=2").text


def test_storage_of_each_is_the_sum_of_its_files(
    app: Flask, people: dict[str, str], ada: FlaskClient
) -> None:
    add_study(app, people["alice"], (3 * 1024**2, 5 * 1024**2))
    assert 'value="8388608"' in ada.get("/admin/people").text
    assert 'value="8388608"' in ada.get(f"/admin/people/{people['alice']}").text


def test_a_new_account_with_a_link_on_which_the_person_chooses(app: Flask, ada: FlaskClient) -> None:
    page = act(ada, "/admin/people/new", name="Eva.Paz", full_name="Eva Paz", role="teacher", way="link")
    assert page.status_code == 201
    path = re.search(r'value="http://localhost(/reset/[^"]+)"', page.text)[1]  # type: ignore[index]
    assert "No password yet" in ada.get("/admin/people", headers={"Accept-Language": "en"}).text
    client = app.test_client()
    fields = {"password": PASSWORD, "again": PASSWORD, "csrf_token": csrf_of(client, path)}
    assert client.post(path, data=fields).location == "/login"
    sign_in(app, "eva.paz")


def test_a_new_account_with_a_password(app: Flask, ada: FlaskClient) -> None:
    answer = act(ada, "/admin/people/new", name="eva", role="student", way="password", password=PASSWORD)
    assert answer.status_code == 302
    sign_in(app, "eva")


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "alice", "role": "student", "way": "link"},
        {"name": "eva", "role": "system", "way": "link"},
        {"name": "eva", "role": "student", "way": "password", "password": "short"},
        {"name": "eva", "role": "student", "way": "password"},
        {"role": "student", "way": "link"},
    ],
)
def test_a_new_account_with_a_wrong_field_is_not_made(
    app: Flask, ada: FlaskClient, fields: dict[str, str]
) -> None:
    assert act(ada, "/admin/people/new", **fields).status_code == 422
    with app.app_context():
        assert db.session.query(User).count() == 4


def test_disabling_ends_the_session_and_the_token_at_once(
    app: Flask, people: dict[str, str], ada: FlaskClient
) -> None:
    alice = sign_in(app, "alice")
    token = app.test_cli_runner().invoke(args=["create-token", "alice"]).output.strip()
    bearer = {"Authorization": f"Bearer {token}"}
    assert app.test_client().get("/api/v1/studies", headers=bearer).status_code == 200
    act(ada, f"/admin/people/{people['alice']}/disable")
    assert alice.get("/account").status_code == 302
    assert app.test_client().get("/api/v1/studies", headers=bearer).status_code == 401
    act(ada, f"/admin/people/{people['alice']}/enable")
    assert alice.get("/account").status_code == 302  # the old session stays ended
    sign_in(app, "alice")


def test_ending_sessions(app: Flask, people: dict[str, str], ada: FlaskClient) -> None:
    alice = sign_in(app, "alice")
    act(ada, f"/admin/people/{people['alice']}/end-sessions")
    assert alice.get("/account").status_code == 302
    sign_in(app, "alice")


def test_a_reset_link_is_shown_once_and_works(app: Flask, people: dict[str, str], ada: FlaskClient) -> None:
    page = act(ada, f"/admin/people/{people['alice']}/reset-link")
    path = re.search(r'value="http://localhost(/reset/[^"]+)"', page.text)[1]  # type: ignore[index]
    assert page.headers["Cache-Control"] == "private, no-store"
    assert path not in ada.get(f"/admin/people/{people['alice']}").text
    assert app.test_client().get(path).status_code == 200


def test_unlocking(app: Flask, people: dict[str, str], ada: FlaskClient) -> None:
    with app.app_context():
        for _ in range(6):
            throttle.attempt(throttle.sign_in_counters("alice", "127.0.0.1"))
    assert f"/admin/people/{people['alice']}/unlock" in ada.get("/admin/people").text
    act(ada, f"/admin/people/{people['alice']}/unlock")
    assert "/unlock" not in ada.get("/admin/people").text
    sign_in(app, "alice")


@pytest.mark.parametrize("action", ["disable", "delete", ""])
def test_the_last_administrator_stays(
    app: Flask, people: dict[str, str], ada: FlaskClient, action: str
) -> None:
    path = f"/admin/people/{people['ada']}" + (f"/{action}" if action else "")
    assert act(ada, path, role="student", full_name="").status_code == 409
    assert user(app, people["ada"]).role == "admin"
    assert user(app, people["ada"]).is_enabled
    act(ada, f"/admin/people/{people['bob']}", role="admin", full_name="")
    assert act(ada, path, role="student", full_name="").status_code == 302
    assert ada.get("/admin/people").status_code in (302, 404)


def test_the_last_administrator_may_change_her_name(
    app: Flask, people: dict[str, str], ada: FlaskClient
) -> None:
    assert act(ada, f"/admin/people/{people['ada']}", role="admin", full_name="Ada L.").status_code == 302
    assert user(app, people["ada"]).full_name == "Ada L."


def test_deleting_names_what_goes_and_removes_it(
    app: Flask, people: dict[str, str], ada: FlaskClient
) -> None:
    add_study(app, people["alice"], (3 * 1024**2, 5 * 1024**2))
    originals = app.extensions["store"].original(people["alice"], f"{0:064d}")
    originals.parent.mkdir(parents=True)
    originals.write_bytes(b"x")
    page = ada.get(f"/admin/people/{people['alice']}/delete", headers={"Accept-Language": "en"}).text
    assert "1 study with 8\N{NO-BREAK SPACE}MB is deleted with it." in page
    assert user(app, people["alice"]).name == "alice"  # asking deletes nothing
    assert act(ada, f"/admin/people/{people['alice']}/delete").status_code == 302
    with app.app_context():
        assert db.session.get(User, people["alice"]) is None
        assert db.session.query(Instance).count() == 0
    assert not originals.exists()


def test_administrators_do_not_see_images(app: Flask, people: dict[str, str], ada: FlaskClient) -> None:
    add_study(app, people["alice"], (1,))
    with app.app_context():
        study_id, series_id = db.session.query(Study.id).scalar(), db.session.query(Series.id).scalar()
    for path in (f"/studies/{study_id}", f"/api/v1/studies/{study_id}", f"/api/v1/series/{series_id}"):
        assert ada.get(path).status_code == 404


def test_every_action_is_an_audit_row(app: Flask, people: dict[str, str], ada: FlaskClient) -> None:
    alice = people["alice"]
    for action in ("disable", "enable", "end-sessions", "unlock", "reset-link"):
        act(ada, f"/admin/people/{alice}/{action}")
    act(ada, f"/admin/people/{alice}", role="teacher", full_name="")
    act(ada, f"/admin/people/{alice}/delete")
    with app.app_context():
        rows = (
            db.session.query(AuditEntry).filter(AuditEntry.object_id == alice).order_by(AuditEntry.id).all()
        )
        assert {row.actor_id for row in rows} == {people["ada"]}
        assert {row.object_kind for row in rows} == {"user"}
        assert [row.action for row in rows] == [
            "account_disabled",
            "account_enabled",
            "account_sessions_ended",
            "account_unlocked",
            "account_reset_link_made",
            "account_role_changed",
            "account_deleted",
        ]
        assert rows[5].detail == {"was": "student", "now": "teacher"}


def test_a_refused_action_leaves_no_audit_row(app: Flask, people: dict[str, str], ada: FlaskClient) -> None:
    act(ada, f"/admin/people/{people['ada']}/disable")
    with app.app_context():
        assert db.session.query(AuditEntry).filter(AuditEntry.action == "account_disabled").count() == 0
