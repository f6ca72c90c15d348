"""The pages without script: what stands on them, for whom, and their links."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.imaging.errors import Message
from app.models import Series, Study, db
from app.worker import run_queued
from tests.conftest import sign_in
from tests.studies.rows import add_series, add_study
from tests.studies.uploading import ct_files, upload

ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
def alice(app: Flask, people: dict[str, Any]) -> FlaskClient:
    return sign_in(app, "alice")


def page(client: FlaskClient, path: str) -> str:
    answer = client.get(path, headers=ENGLISH)
    assert answer.status_code == 200
    return " ".join(answer.text.split())


@pytest.mark.parametrize("path", ["/", "/upload", "/studies/00000000-0000-0000-0000-000000000000"])
def test_nobody_is_sent_to_sign_in(app: Flask, path: str) -> None:
    answer = app.test_client().get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 302
    assert "/login" in answer.location


def test_an_empty_archive_offers_upload_and_the_demo(
    app: Flask, alice: FlaskClient, people: dict[str, Any]
) -> None:
    assert "Nothing to read yet" in page(alice, "/")
    with app.app_context():
        demo = add_study(people["bob"], "Demo^Triplano", is_demo=True)
    text = page(alice, "/")
    assert "Open the demo chest CT" in text
    assert f"/studies/{demo}" in text


def test_a_row_has_what_a_reader_looks_for(app: Flask, alice: FlaskClient, people: dict[str, Any]) -> None:
    with app.app_context():
        study = add_study(
            people["alice"],
            "Doe^Jane",
            patient_id="P-1",
            description="Chest <b>CT</b>",
            day="2024-02-26",
            images=3,
            size=1024 * 1024,
            patient_age="050Y",
        )
    text = page(alice, "/")
    for shown in ("Doe, Jane", "P-1 · 50 years", "Chest &lt;b&gt;CT", "Feb 26, 2024", "3 MB", "1 study"):
        assert shown in text
    assert f'href="/studies/{study}"' in text
    assert "/thumbnail.png" not in text


def test_search_sort_and_paging_work_by_links(app: Flask, alice: FlaskClient, people: dict[str, Any]) -> None:
    with app.app_context():
        for n in range(3):
            add_study(people["alice"], f"P{n}")
    text = page(alice, "/?q=P&per_page=2&sort=patient")
    assert "1 to 2 of 3" in text
    assert "/?q=P&amp;sort=patient&amp;page=2&amp;per_page=2" in text
    assert 'aria-sort="ascending"' in text
    assert "P0" in text
    assert "P2" not in text
    assert "No study matches" in page(alice, "/?q=zzz")


def test_a_wrong_date_is_told_and_the_list_stays(
    app: Flask, alice: FlaskClient, people: dict[str, Any]
) -> None:
    with app.app_context():
        add_study(people["alice"], "Doe^Jane")
    text = page(alice, "/?from=nonsense")
    assert "A date is written as year-month-day" in text
    assert "Doe, Jane" in text


def test_a_study_shows_its_series_and_what_was_found(app: Flask, alice: FlaskClient) -> None:
    answer = upload(alice, ct_files(4, SeriesDescription="Thin", SeriesNumber=2)).json
    run_queued(app)
    text = page(alice, f"/studies/{answer['studies'][0]}")
    for shown in (
        "2 Thin",
        "4 slices",
        "Volume ready",
        "Geometry is complete",
        "Values are in HU",
        "series 2",
    ):
        assert shown in text
    assert f"/viewer/{answer['series'][0]}" in text
    assert f"/series/{answer['series'][0]}/thumbnail.png" in text
    assert f"/series/{answer['series'][0]}/thumbnail.png" in page(alice, "/")


def test_a_stack_and_a_failure_give_their_reasons(
    app: Flask, alice: FlaskClient, people: dict[str, Any]
) -> None:
    with app.app_context():
        study = db.session.get_one(Study, add_study(people["alice"], series=()))
        for number, state in ((1, "stack"), (2, "failed")):
            reason = Message(f"why {number} %(n)s", {"n": "really"}).as_json()
            add_series(study, "CT", number, 3, 10, state=state, reason=reason)
        add_series(study, "RTSTRUCT", 3, 1, 10, state="stack", has_pixels=False)
        db.session.commit()
        path = f"/studies/{study.id}"
    text = page(alice, path)
    for shown in ("why 1 really", "why 2 really", "2D only", "Failed", "Could not be prepared", "No pixels"):
        assert shown in text
    assert "Geometry is complete" not in text


def test_while_it_is_prepared_the_page_says_how_far(
    app: Flask, alice: FlaskClient, people: dict[str, Any]
) -> None:
    with app.app_context():
        study_id = add_study(people["alice"])
        db.session.query(Series).update({"state": "queued"})
        db.session.commit()
    for path in ("/", f"/studies/{study_id}"):
        text = page(alice, path)
        assert "data-preparing" in text
        assert "<span data-percent>0</span>" in text


def test_strangers_find_no_study_page(app: Flask, people: dict[str, Any]) -> None:
    with app.app_context():
        study = add_study(people["alice"], "Doe^Jane")
    for name in ("bob", "charlie"):
        client = sign_in(app, name)
        assert client.get(f"/studies/{study}").status_code == 404
        assert "Doe" not in client.get("/").text


def test_the_demo_study_offers_no_deletion(app: Flask, alice: FlaskClient, people: dict[str, Any]) -> None:
    with app.app_context():
        mine, demo = add_study(people["alice"]), add_study(people["bob"], is_demo=True)
    assert "data-delete-study" in page(alice, f"/studies/{mine}")
    assert "data-delete" not in page(alice, f"/studies/{demo}").replace("delete-dialog", "")


def test_the_upload_page_knows_the_limits(app: Flask, alice: FlaskClient) -> None:
    text = page(alice, "/upload")
    assert f'data-max-file="{app.config["MAX_FILE_SIZE"]}"' in text
    assert 'data-url="/api/v1/uploads"' in text
