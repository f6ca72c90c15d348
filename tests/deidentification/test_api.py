"""Orders and previews: what is checked, who may ask, what the answers hold."""

import json
from typing import Any

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from app.models import Job, Series, db
from tests.conftest import csrf_of, sign_in
from tests.deidentification.conftest import URL
from tests.deidentification.planted import add_series, planted_series

PREVIEW = f"{URL}/preview"


@pytest.mark.parametrize(
    ("overrides", "field", "words"),
    [
        ({"PatientBirthDate": "31/01/1970"}, "PatientBirthDate", "YYYYMMDD"),
        ({"PatientAge": "45"}, "PatientAge", "045Y"),
        ({"PatientSex": "X"}, "PatientSex", "F, M or O"),
        ({"PatientWeight": "70,5"}, "PatientWeight", "71.5"),
        ({"PatientName": "x" * 65}, "PatientName", "64"),
        ({"PatientID": "a\\b"}, "PatientID", "(0010,0020)"),
        ({"StudyDate": "20240101"}, "overrides", "seventeen"),
        ({"PatientName": 12}, "PatientName", "text"),
        (["PatientName"], "overrides", "object"),
    ],
)
def test_a_wrong_override_names_its_field_and_what_is_wanted(
    post: Any, series_id: str, overrides: Any, field: str, words: str
) -> None:
    answer = post(URL, {"series": [series_id], "overrides": overrides})
    assert answer.status_code in {400, 422}
    assert answer.json["error"]["field"] == field
    assert words in answer.json["error"]["message"]
    assert post(PREVIEW, {"series": series_id, "overrides": overrides}).json["error"]["field"] == field


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({}, "series"),
        ({"series": []}, "series"),
        ({"series": "all"}, "series"),
        ({"studies": [1]}, "studies"),
        ({"preset": "none of these"}, "preset"),
    ],
)
def test_an_order_of_nothing_or_nonsense_says_so(post: Any, wish: dict[str, Any], field: str) -> None:
    answer = post(URL, wish)
    assert answer.status_code in {400, 422}
    assert answer.json["error"]["field"] == field


def test_a_body_that_is_no_object_is_refused(post: Any) -> None:
    assert post(URL, ["x"]).status_code == 400


def test_an_order_needs_the_csrf_header(app: Any, alice: Any, series_id: str) -> None:
    assert alice.post(URL, json={"series": [series_id]}).status_code == 400
    with app.app_context():
        assert db.session.query(Job).count() == 0


def test_strangers_and_nobody_get_nothing(app: Any, post: Any, series_id: str) -> None:
    charlie = sign_in(app, "charlie")
    for path, wish in ((URL, {"series": [series_id]}), (PREVIEW, {"series": series_id})):
        assert post(path, wish, client=charlie).status_code == 404
        nobody = app.test_client()
        token = csrf_of(nobody, "/login")
        assert nobody.post(path, json=wish, headers={"X-CSRFToken": token}).status_code == 401
    with app.app_context():
        study_id = db.session.get(Series, series_id).study_row_id
    assert post(URL, {"studies": [study_id]}, client=charlie).status_code == 404


def rows_of(post: Any, **wish: Any) -> dict[str, dict[str, Any]]:
    answer = post(PREVIEW, wish)
    assert answer.status_code == 200, answer.text
    assert sum(answer.json["counts"].values()) == answer.json["total"] == len(answer.json["rows"])
    return {row["keyword"]: row for row in answer.json["rows"] if row["depth"] == 0}


def test_preview_shows_old_and_new_of_each_element(post: Any, series_id: str) -> None:
    rows = rows_of(post, series=series_id, preset="anonymous", overrides={"StudyID": "CASO-12"})
    assert rows["PatientName"] | {"name": ""} == {
        "tag": "(0010,0010)",
        "keyword": "PatientName",
        "name": "",
        "depth": 0,
        "fate": "replaced",
        "old": "Salgado^Iñaki",
        "new": "ANONYMOUS",
    }
    assert rows["InstitutionName"]["fate"] == "removed"
    assert rows["StudyID"]["new"] == "CASO-12"
    assert rows["ImagePositionPatient"]["fate"] == "kept"
    assert rows["PixelData"]["fate"] == "kept"


def test_preview_shows_the_image_asked_for(post: Any, series_id: str) -> None:
    assert rows_of(post, series=series_id, image=3)["InstanceNumber"]["new"] == "3"
    assert post(PREVIEW, {"series": series_id, "image": 5}).status_code == 404
    assert post(PREVIEW, {"series": series_id, "image": 0}).json["error"]["field"] == "image"
    assert post(PREVIEW, {"series": series_id, "image": "1"}).json["error"]["field"] == "image"


def test_preview_is_steady_and_not_the_export(app: Any, post: Any, exported: Any, series_id: str) -> None:
    first, second = (rows_of(post, series=series_id)["SOPInstanceUID"]["new"] for _ in range(2))
    assert first == second
    archive = exported(series=[series_id])
    assert all(first.encode() not in archive.read(name) for name in archive.namelist())


def test_preview_of_a_refused_kind_says_why(app: Any, people: Any, post: Any) -> None:
    slices = planted_series(1, SOPClassUID="1.2.840.10008.5.1.4.1.1.11.1")
    answer = post(PREVIEW, {"series": add_series(app, people["alice"], slices)})
    assert answer.status_code == 422
    assert "Presentation states" in answer.json["error"]["message"]


def test_preview_bounds_what_it_sends(app: Any, people: Any, post: Any) -> None:
    slices = planted_series(1)
    items = []
    for _ in range(2100):
        item = Dataset()
        item.ContextGroupVersion = "20200101"
        items.append(item)
    slices[0].ProcedureCodeSequence = Sequence(items)
    slices[0].PatientComments = "x" * 5000
    answer = post(PREVIEW, {"series": add_series(app, people["alice"], slices)}).json
    assert answer["cut"] is True
    assert len(answer["rows"]) == 2000
    assert answer["total"] > 2100
    assert max(len(json.dumps(row)) for row in answer["rows"]) < 1000
