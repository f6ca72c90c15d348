"""Studies and series over ``/api/v1``: the shapes of the specification, and whose they are."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.models import Study, db
from app.worker import run_queued
from tests.conftest import sign_in
from tests.studies.rows import add_study
from tests.studies.uploading import ct_files, send, upload

STUDY_KEYS = {
    "id",
    "patient_name",
    "patient_id",
    "description",
    "date",
    "modalities",
    "series_count",
    "instance_count",
}


@pytest.fixture
def alice(app: Flask, people: dict[str, Any]) -> FlaskClient:
    return sign_in(app, "alice")


@pytest.fixture
def uploaded(app: Flask, alice: FlaskClient) -> dict[str, Any]:
    """A CT of four slices, prepared; the answer of its upload."""
    answer: dict[str, Any] = upload(
        alice,
        ct_files(4, PatientName="Doe^Jane", PatientID="P-1", StudyDescription="Chest", StudyDate="20240226"),
    ).json
    run_queued(app)
    return answer


def test_the_list_has_exactly_the_keys_of_the_specification(
    alice: FlaskClient, uploaded: dict[str, Any]
) -> None:
    body = alice.get("/api/v1/studies").json
    assert set(body) == {"studies", "total"}
    study = body["studies"][0]
    assert set(study) == STUDY_KEYS
    assert study | {"id": ""} == {
        "id": "",
        "patient_name": "Doe^Jane",
        "patient_id": "P-1",
        "description": "Chest",
        "date": "2024-02-26",
        "modalities": ["CT"],
        "series_count": 1,
        "instance_count": 4,
    }


def test_a_study_has_its_series(alice: FlaskClient, uploaded: dict[str, Any]) -> None:
    body = alice.get(f"/api/v1/studies/{uploaded['studies'][0]}").json
    assert set(body) == STUDY_KEYS | {"series"}
    series = body["series"][0]
    assert set(series) == {"id", "modality", "description", "number", "instance_count", "state"}
    assert (series["id"], series["instance_count"], series["state"]) == (uploaded["series"][0], 4, "ready")


def test_a_series_has_its_geometry(alice: FlaskClient, uploaded: dict[str, Any]) -> None:
    body = alice.get(f"/api/v1/series/{uploaded['series'][0]}").json
    assert set(body) == {
        "id",
        "study_id",
        "modality",
        "description",
        "instance_count",
        "state",
        "shape",
        "spacing_mm",
        "affine",
        "orientation",
        "dtype",
        "unit",
        "windows",
        "value_range",
        "parts",
    }
    # The phantom: 4 slices of 4 rows and 5 columns, rows 2 mm and columns 0.5 mm apart.
    assert (body["study_id"], body["state"], body["shape"]) == (uploaded["studies"][0], "ready", [5, 4, 4])
    assert body["spacing_mm"][:2] == [0.5, 2.0]
    assert (body["orientation"], body["dtype"], body["unit"]) == ("LPS", "int16", "HU")
    assert [len(row) for row in body["affine"]] == [4, 4, 4, 4]


def test_a_series_that_is_no_volume_says_why(app: Flask, alice: FlaskClient) -> None:
    answer = upload(alice, ct_files(1)).json
    queued = alice.get(f"/api/v1/series/{answer['series'][0]}").json
    assert (queued["state"], queued["shape"]) == ("queued", None)
    run_queued(app)
    body = alice.get(f"/api/v1/series/{answer['series'][0]}").json
    assert (body["state"], body["shape"]) == ("stack", None)
    assert body["reason"]


@pytest.mark.parametrize(
    ("query", "field"),
    [("from=yesterday", "from"), ("to=2024-02-30", "to"), ("sort=name", "sort"), ("page=x", "page")],
)
def test_what_cannot_be_meant_is_400_with_its_field(alice: FlaskClient, query: str, field: str) -> None:
    answer = alice.get(f"/api/v1/studies?{query}")
    assert (answer.status_code, answer.json["error"]["field"]) == (400, field)


def test_lists_page_and_carry_the_total(app: Flask, alice: FlaskClient, people: dict[str, Any]) -> None:
    with app.app_context():
        for n in range(5):
            add_study(people["alice"], f"P{n}")
    body = alice.get("/api/v1/studies?per_page=2&page=3&sort=patient").json
    assert (body["total"], [study["patient_name"] for study in body["studies"]]) == (5, ["P4"])


def test_strangers_find_nothing(app: Flask, uploaded: dict[str, Any]) -> None:
    study, series = uploaded["studies"][0], uploaded["series"][0]
    for name in ("bob", "charlie"):
        client = sign_in(app, name)
        assert client.get("/api/v1/studies").json == {"studies": [], "total": 0}
        for path in (f"/api/v1/studies/{study}", f"/api/v1/series/{series}"):
            assert client.get(path).status_code == 404
            assert send(client, "DELETE", path).status_code == 404
        assert client.get(f"/api/v1/progress?study={study}").json == {"studies": []}
    for path in (
        "/api/v1/studies",
        f"/api/v1/studies/{study}",
        f"/api/v1/series/{series}",
        "/api/v1/progress",
    ):
        answer = app.test_client().get(path)
        assert (answer.status_code, set(answer.json["error"]) >= {"code", "message"}) == (401, True)


def test_deletion_takes_rows_and_files(app: Flask, alice: FlaskClient, uploaded: dict[str, Any]) -> None:
    study, series = uploaded["studies"][0], uploaded["series"][0]
    store = app.extensions["store"]
    assert any(store.series_folder(series).iterdir())
    answer = send(alice, "DELETE", f"/api/v1/studies/{study}")
    assert (answer.status_code, answer.data) == (204, b"")
    assert alice.get(f"/api/v1/studies/{study}").status_code == 404
    assert not store.series_folder(series).exists()
    assert not list((store.root / "originals").rglob("*.dcm"))


def test_deleting_the_last_series_takes_the_study(alice: FlaskClient, uploaded: dict[str, Any]) -> None:
    assert send(alice, "DELETE", f"/api/v1/series/{uploaded['series'][0]}").status_code == 204
    assert alice.get("/api/v1/studies").json["total"] == 0


def test_a_cookie_without_the_header_deletes_nothing(alice: FlaskClient, uploaded: dict[str, Any]) -> None:
    answer = alice.delete(f"/api/v1/studies/{uploaded['studies'][0]}")
    assert (answer.status_code, answer.json["error"]["code"]) == (400, "csrf")


def test_everybody_reads_the_demo_study_and_nobody_deletes_it(
    app: Flask, alice: FlaskClient, people: dict[str, Any]
) -> None:
    with app.app_context():
        demo = add_study(people["bob"])
        db.session.get_one(Study, demo).is_demo = True
        db.session.commit()
    assert alice.get(f"/api/v1/studies/{demo}").status_code == 200
    assert send(alice, "DELETE", f"/api/v1/studies/{demo}").status_code == 404


def test_progress_tells_the_states(app: Flask, alice: FlaskClient) -> None:
    answer = upload(alice, ct_files(4)).json
    path = f"/api/v1/progress?study={answer['studies'][0]}"
    before = alice.get(path).json["studies"][0]
    run_queued(app)
    after = alice.get(path).json["studies"][0]
    assert (before["preparing"], before["progress"], before["series"][0]["state"]) == (True, 0.0, "queued")
    assert (after["preparing"], after["progress"], after["series"][0]["state"]) == (False, 1.0, "ready")
