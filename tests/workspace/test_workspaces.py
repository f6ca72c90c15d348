"""What a reader makes of a series comes back as it was, to him alone, and overwrites nothing unseen."""

import threading
from functools import reduce
from typing import Any

import pytest
from flask import Flask

from app.archive import habits, workspaces
from app.models import Mark, Study, User, db
from tests.archive.conftest import Archive, series_of
from tests.viewer.conftest import Reader
from tests.workspace.conftest import CURVE_ID, LENGTH, MARK_ID, OTHER_ID, Page, page_of

CURVE = {"name": "Lung", "unit": "HU", "points": [[-1000, 0], [-500, 200], [200, 255]]}
NOTHING = {"state": None, "saved_at": None, "marks": [], "curves": [], "preferences": {}}
STATE = {"point": [1, 2, 3], "window": {"center": 40, "width": 400}, "layout": "2x2"}


def without_told(mark: dict[str, Any]) -> dict[str, Any]:
    told = ("id", "series_id", "part", "revision", "created_at", "updated_at")
    return {name: value for name, value in mark.items() if name not in told}


def test_a_new_reader_has_nothing(page: Page) -> None:
    assert page.workspace() == NOTHING


def test_state_comes_back_and_the_last_to_save_wins(page: Page) -> None:
    path = f"series/{page.series_id}/workspace"
    first = page.call("PUT", path, {"state": STATE}).json
    found = page.workspace()
    assert (found["state"], found["saved_at"]) == (STATE, first["saved_at"])
    assert page.call("PUT", path, {"state": {"layout": "1x1"}}).json["saved_at"] > first["saved_at"]
    assert page.workspace()["state"] == {"layout": "1x1"}


def test_a_mark_comes_back_as_it_was_sent(page: Page) -> None:
    mark = LENGTH | {"points": [[10.500000123456789, -18, 33], [11.5, -18.1, 33]], "label": "nódulo “2”"}
    answer = page.put(mark, created_at="2020-01-01T00:00:00Z", updated_at=None)
    assert (answer.status_code, answer.json["revision"]) == (200, 1)
    (found,) = page.marks()
    assert without_told(found) == mark
    told = [found[name] for name in ("id", "series_id", "part", "revision")]
    assert told == [MARK_ID, page.series_id, 0, 1]
    assert found["created_at"] > "2026"  # the server's
    assert answer.json["saved_at"] == found["updated_at"]


def test_a_changed_mark_takes_the_place_of_the_old(page: Page) -> None:
    page.put(LENGTH)
    page.put(LENGTH, OTHER_ID)
    assert page.put(LENGTH | {"hidden": True}).json["revision"] == 2
    assert [(mark["id"], mark["hidden"]) for mark in page.marks()] == [(MARK_ID, True), (OTHER_ID, False)]


def test_work_of_another_tab_is_not_silently_lost(page: Page) -> None:
    page.put(LENGTH)
    assert page.put(LENGTH | {"label": "here"}, revision=1).json["revision"] == 2
    stale = page.put(LENGTH | {"label": "there"}, revision=1)
    assert (stale.status_code, stale.json["error"]["code"]) == (409, "stale")
    assert (stale.json["mark"]["label"], stale.json["mark"]["revision"]) == ("here", 2)
    assert page.marks()[0]["label"] == "here"
    assert page.put(LENGTH | {"label": "there"}, revision=2).json["revision"] == 3


def test_a_mark_deleted_in_another_tab_is_told_and_can_be_made_again(page: Page) -> None:
    page.put(LENGTH)
    assert page.call("DELETE", f"marks/{MARK_ID}").status_code == 204
    assert page.marks() == []
    stale = page.put(LENGTH, revision=1)
    assert (stale.status_code, stale.json["mark"]) == (409, None)
    assert page.put(LENGTH).status_code == 200  # undone
    assert page.marks()[0]["id"] == MARK_ID


def test_deleting_twice_does_no_harm(page: Page) -> None:
    for _ in range(2):
        assert page.call("DELETE", f"marks/{MARK_ID}").status_code == 204
        assert page.call("DELETE", f"curves/{CURVE_ID}").status_code == 204


def test_a_mark_stays_with_its_series(page: Page, app: Flask, volume: Reader) -> None:
    page.put(LENGTH)
    other = {"SeriesInstanceUID": "1.2.9", "StudyInstanceUID": "1.2.8"}
    with app.app_context():
        owner = db.session.scalars(db.select(User).where(User.name == "alice")).one()
        files = series_of(1, SOPInstanceUID="1.2.9.1", **other)
        series_id = Archive(owner.id, app.extensions["store"], app.config).take(files).series_ids[0]
    answer = page.put(LENGTH, series_id=series_id)
    assert (answer.status_code, answer.json["error"]["code"]) == (409, "conflict")
    # Of a series still in preparation parts are not known: what was made is kept all the same.
    assert page.put(LENGTH, OTHER_ID, series_id=series_id, part=3).status_code == 200


def test_marks_outlive_new_images_of_the_series(page: Page, app: Flask, volume: Reader) -> None:
    page.put(LENGTH)
    with app.app_context():
        owner = db.session.scalars(db.select(User).where(User.name == "alice")).one()
        Archive(owner.id, app.extensions["store"], app.config).take(series_of(4))
    assert [mark["id"] for mark in page.marks()] == [MARK_ID]


def test_curves_come_back_are_renamed_and_go(page: Page) -> None:
    assert page.call("PUT", f"curves/{CURVE_ID}", CURVE).json == CURVE | {"id": CURVE_ID}
    page.call("PUT", f"curves/{CURVE_ID}", CURVE | {"name": "Lungs"})
    assert page.workspace()["curves"] == [CURVE | {"id": CURVE_ID, "name": "Lungs"}]
    page.call("DELETE", f"curves/{CURVE_ID}")
    assert page.workspace()["curves"] == []


def test_habits_are_kept_key_by_key(page: Page) -> None:
    assert page.call("PATCH", "viewer-preferences", {"keys": {"i": "x"}, "tour": 1}).json["tour"] == 1
    changed = page.call("PATCH", "viewer-preferences", {"tour": None, "layout.CT": "1x3"}).json
    assert changed == page.workspace()["preferences"] == {"keys": {"i": "x"}, "layout.CT": "1x3"}


@pytest.mark.parametrize(
    ("mark", "status", "field"),
    [
        (LENGTH | {"kind": "volume"}, 400, "kind"),
        (LENGTH | {"points": [[1, 2, 3]]}, 400, "points"),
        (LENGTH | {"owner": "charlie"}, 400, "owner"),
        (LENGTH | {"revision": "1"}, 400, "revision"),
        (LENGTH | {"part": "0"}, 400, "part"),
        (LENGTH | {"series_id": 7}, 400, "series_id"),
        (LENGTH | {"part": 1}, 404, None),
        (LENGTH | {"part": -1}, 404, None),
        (LENGTH | {"statistics": {"mean": 1e400}}, 400, "mark"),
        (LENGTH | {"shown": {"deep": reduce(lambda inner, _: [inner], range(40), 0)}}, 400, "mark"),
        (LENGTH | {"statistics": {"text": "x" * (400 << 10)}}, 413, "mark"),
    ],
)
def test_what_is_no_mark_is_refused_by_its_field(
    page: Page, mark: dict[str, Any], status: int, field: str | None
) -> None:
    answer = page.put(mark)
    assert (answer.status_code, answer.json["error"].get("field")) == (status, field), answer.json
    assert page.marks() == []


def test_the_longest_outline_fits(page: Page) -> None:
    points = [[-123.45678901234567 - n, 123.45678901234567, -99.12345678901234] for n in range(5000)]
    assert page.put(LENGTH | {"kind": "freehand", "points": points}).status_code == 200
    assert page.marks()[0]["points"] == points


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "field"),
    [
        ("PUT", "series/{series}/workspace", {"state": []}, 400, "state"),
        ("PUT", "series/{series}/workspace", {}, 400, "state"),
        ("PUT", "series/{series}/workspace", [], 400, "body"),
        ("PUT", "series/{series}/workspace", {"state": {"x": "y" * (64 << 10)}}, 413, "state"),
        ("PUT", "series/{series}/workspace", {"state": {"x": float("nan")}}, 400, "state"),
        ("PUT", "series/{series}/workspace?part=x", {"state": {}}, 400, "part"),
        ("PUT", "series/{series}/workspace?part=1", {"state": {}}, 404, None),
        ("GET", "series/{series}/workspace?part=1", None, 404, None),
        ("PUT", "curves/{curve}", CURVE | {"name": " "}, 400, "name"),
        ("PUT", "curves/{curve}", CURVE | {"name": "x" * 81}, 400, "name"),
        ("PUT", "curves/{curve}", CURVE | {"name": None}, 400, "name"),
        ("PUT", "curves/{curve}", CURVE | {"unit": "x" * 33}, 400, "unit"),
        ("PUT", "curves/{curve}", CURVE | {"points": [[1, 2, 3]]}, 400, "points"),
        ("PUT", "curves/{curve}", CURVE | {"points": [[1, 2]]}, 422, None),
        ("PUT", "curves/{curve}", CURVE | {"points": [[1, 2], [0, 3]]}, 422, None),
        ("PUT", "curves/not-an-id", CURVE, 404, None),
        ("PATCH", "viewer-preferences", [], 400, "body"),
        ("PATCH", "viewer-preferences", {"": 1}, 400, "preferences"),
        ("PATCH", "viewer-preferences", {"x": "y" * (16 << 10)}, 413, "preferences"),
    ],
)
def test_bounds_of_the_rest(
    page: Page, method: str, path: str, body: Any, status: int, field: str | None
) -> None:
    answer = page.call(method, path.format(series=page.series_id, curve=CURVE_ID), body)
    assert (answer.status_code, answer.json["error"].get("field")) == (status, field), answer.json
    assert page.workspace() == NOTHING


def test_bodies_that_nest_for_ever_are_refused(page: Page) -> None:
    headers = {"X-CSRFToken": page.token, "Content-Type": "application/json"}
    for path in (f"series/{page.series_id}/workspace", f"marks/{MARK_ID}"):
        answer = page.client.put(f"/api/v1/{path}", data="[" * 100_000, headers=headers)
        assert answer.status_code == 400


@pytest.mark.parametrize(
    "points", [[[10**400, 0], [1, 255]], [[0, 0], [1, 10**400]], [[0, 0], [-(10**400), 1]]]
)
def test_curves_of_numbers_beyond_all_bounds(page: Page, points: Any) -> None:
    answer = page.call("PUT", f"curves/{CURVE_ID}", {"name": "a", "unit": "HU", "points": points})
    assert (answer.status_code, answer.json["error"]["field"]) == (400, "points")


def test_there_are_bounds_on_their_number(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workspaces, "MOST_MARKS", 1)
    monkeypatch.setattr(habits, "MOST_CURVES", 1)
    assert page.put(LENGTH).status_code == 200
    assert page.put(LENGTH).status_code == 200  # in its own place
    refused = page.put(LENGTH, OTHER_ID)
    assert (refused.status_code, refused.json["error"]["field"]) == (413, "marks")
    assert page.call("PUT", f"curves/{CURVE_ID}", CURVE).status_code == 200
    assert page.call("PUT", f"curves/{OTHER_ID}", CURVE).json["error"]["field"] == "curves"
    page.call("DELETE", f"marks/{MARK_ID}")
    assert page.put(LENGTH, OTHER_ID).status_code == 200


def test_all_marks_together_have_a_bound(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workspaces, "MOST_MARK_BYTES", 1000)
    assert page.put(LENGTH).status_code == 200
    large = LENGTH | {"shown": {"x": "y" * 900}}
    assert page.put(large, OTHER_ID).json["error"]["field"] == "marks"
    assert page.put(large).json["error"]["field"] == "marks"
    assert page.put(LENGTH | {"label": ""}).status_code == 200


def test_each_reader_has_his_own_on_what_all_may_read(page: Page, stranger: Page, app: Flask) -> None:
    with app.app_context():
        db.session.execute(db.update(Study).values(is_demo=True))
        db.session.commit()
    page.put(LENGTH)
    page.call("PUT", f"series/{page.series_id}/workspace", {"state": STATE})
    assert stranger.workspace() == NOTHING
    assert stranger.put(LENGTH, OTHER_ID).status_code == 200
    assert [mark["id"] for mark in stranger.marks()] == [OTHER_ID]
    assert [mark["id"] for mark in page.marks()] == [MARK_ID]
    assert stranger.put(LENGTH).status_code == 404
    assert stranger.call("DELETE", f"marks/{MARK_ID}").status_code == 404
    assert page.marks()[0]["revision"] == 1


def test_strangers_find_nothing_whatever_they_ask(page: Page, stranger: Page, app: Flask) -> None:
    page.put(LENGTH)
    page.call("PUT", f"curves/{CURVE_ID}", CURVE)
    nobody_elses = page_of(app, "ada", page.series_id)
    asked = [
        ("GET", f"series/{page.series_id}/workspace", None),
        ("GET", f"series/{page.series_id}/workspace?part=x", None),
        ("PUT", f"series/{page.series_id}/workspace?part=9", {"state": []}),
        ("POST", f"series/{page.series_id}/statistics?phase=x", {}),
        ("PUT", f"marks/{MARK_ID}", LENGTH | {"series_id": page.series_id}),
        ("PUT", f"marks/{OTHER_ID}", {"series_id": page.series_id, "kind": "no mark"}),
        ("DELETE", f"marks/{MARK_ID}", None),
        ("PUT", f"curves/{CURVE_ID}", CURVE),
        ("DELETE", f"curves/{CURVE_ID}", None),
    ]
    for who in (stranger, nobody_elses):
        for method, path, body in asked:
            answer = who.call(method, path, body)
            assert (answer.status_code, answer.json["error"]["code"]) == (404, "not_found"), (method, path)
    nobody = app.test_client()
    for method, path, body in asked:
        assert nobody.open(f"/api/v1/{path}", method=method, json=body).status_code in (302, 401)
    assert len(page.marks()) == len(page.workspace()["curves"]) == 1


def test_a_series_deleted_in_another_tab_is_gone_for_its_owner(page: Page, stranger: Page) -> None:
    page.put(LENGTH)
    assert page.call("DELETE", f"series/{page.series_id}").status_code == 204
    for method, path, body in (
        ("GET", f"series/{page.series_id}/workspace", None),
        ("PUT", f"series/{page.series_id}/workspace", {"state": {}}),
        ("POST", f"series/{page.series_id}/statistics", {}),
        ("PUT", f"marks/{MARK_ID}", LENGTH | {"series_id": page.series_id}),
    ):
        answer = page.call(method, path, body)
        assert (answer.status_code, answer.json["error"]["code"]) == (410, "gone"), (method, path)
        assert stranger.call(method, path, body).status_code == 404
    picture = page.client.get(f"/series/{page.series_id}/slices/axial/1.png")
    assert (picture.status_code, picture.json["error"]["code"]) == (410, "gone")
    assert page.client.get(f"/viewer/{page.series_id}").status_code == 410


def test_scripts_save_with_a_token(page: Page, app: Flask) -> None:
    from app.archive.accounts.links import hash_secret
    from app.models import ApiToken

    with app.app_context():
        owner = db.session.scalars(db.select(User).where(User.name == "alice")).one()
        db.session.add(ApiToken(user_id=owner.id, token_hash=hash_secret("secret")))
        db.session.commit()
    body = LENGTH | {"series_id": page.series_id}
    bearer = {"Authorization": "Bearer secret"}
    assert app.test_client().put(f"/api/v1/marks/{MARK_ID}", json=body, headers=bearer).status_code == 200
    assert page.client.put(f"/api/v1/marks/{OTHER_ID}", json=body).status_code == 400  # no CSRF token
    assert [mark["id"] for mark in page.marks()] == [MARK_ID]


def test_of_many_at_once_one_wins_and_the_others_know(page: Page, app: Flask) -> None:
    page.put(LENGTH)
    statuses: list[int] = []

    def save(n: int) -> None:
        client = page_of(app, "alice", page.series_id)
        statuses.append(client.put(LENGTH | {"label": str(n)}, revision=1).status_code)

    threads = [threading.Thread(target=save, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 409, 409, 409]
    with app.app_context():
        assert db.session.scalars(db.select(Mark.revision)).all() == [2]
