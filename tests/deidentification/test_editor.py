"""The page: the choice of studies, the fields as a preset fills them, the warnings."""

import json
from html import unescape
from typing import Any

import pytest
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.tag import BaseTag

from app.deidentification.cautions import shows_head
from app.deidentification.prefill import prefills
from app.models import Series, db
from tests.conftest import sign_in
from tests.deidentification.planted import add_series, planted_series

ORIGINALS = {
    "PatientName": "Salgado^Iñaki",
    "PatientSex": "M",
    "PatientAge": "093Y",
    "PatientID": "HG-448120",
}


@pytest.fixture
def in_english(app: Any) -> Any:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        yield


def for_script(page: str) -> dict[str, Any]:
    return json.loads(unescape(page.split('data-anonymise="')[1].split('"')[0]))


def test_without_studies_the_page_says_what_to_do(alice: Any) -> None:
    page = alice.get("/anonymise", headers={"Accept-Language": "en"}).text
    assert "Nothing to anonymise yet" in page
    assert 'href="/upload"' in page


def test_only_own_and_demo_studies_can_be_chosen(app: Any, people: Any, alice: Any, series_id: str) -> None:
    add_series(app, people["bob"], planted_series(1, PatientName="Bobs^Patient"))
    add_series(app, people["ada"], planted_series(1, PatientName="Demo^Triplano"), is_demo=True)
    page = alice.get("/anonymise").text
    assert "Salgado, Iñaki" in page
    assert "Demo, Triplano" in page
    assert "Bobs" not in page


def test_the_editor_belongs_to_the_owner(app: Any, alice: Any, series_id: str) -> None:
    with app.app_context():
        study_id = db.session.get(Series, series_id).study_row_id
    for query in (f"series={series_id}", f"study={study_id}"):
        assert alice.get(f"/anonymise?{query}").status_code == 200
        assert sign_in(app, "charlie").get(f"/anonymise?{query}").status_code == 404
        assert app.test_client().get(f"/anonymise?{query}").status_code == 302
    assert alice.get("/anonymise?study=../../etc").status_code == 404


def test_the_seventeen_fields_are_there_with_their_fate(alice: Any, series_id: str) -> None:
    page = alice.get(f"/anonymise?series={series_id}", headers={"Accept-Language": "en"}).text
    given = for_script(page)
    assert len(given["fields"]) == 17
    assert page.count("data-fate-of=") == 17
    assert page.count("Is removed") == 15 + 1  # and once in its template
    filled = given["presets"]["anonymous"]["prefills"]
    assert filled["PatientName"] == {
        "value": "ANONYMOUS",
        "fate": "replaced",
        "hint": "empty",
        "original": "Salgado^Iñaki",
    }
    assert given["presets"]["characteristics"]["prefills"]["PatientSex"]["fate"] == "kept"


@pytest.mark.usefixtures("in_english")
def test_a_preset_keeps_replaces_caps_and_draws() -> None:
    filled = prefills("characteristics", [ORIGINALS])
    assert (filled["PatientSex"].value, filled["PatientSex"].fate) == ("M", "kept")
    assert (filled["PatientAge"].value, filled["PatientAge"].fate) == ("090Y", "replaced")
    assert (filled["PatientName"].value, filled["PatientName"].fate) == ("ANONYMOUS", "replaced")
    assert (filled["PatientID"].value, filled["PatientID"].fate) == ("", "replaced")
    assert filled["PatientID"].hint.endswith("…")
    assert (filled["StudyDescription"].value, filled["StudyDescription"].fate) == ("", "removed")


@pytest.mark.usefixtures("in_english")
def test_values_that_differ_between_series_are_not_merged() -> None:
    filled = prefills("characteristics", [ORIGINALS, ORIGINALS | {"PatientSex": "F"}])
    assert (filled["PatientSex"].value, filled["PatientSex"].fate) == ("", "kept")
    assert filled["PatientSex"].original == ""


def test_ultrasound_and_burned_in_text_are_warned_of(app: Any, people: Any, alice: Any) -> None:
    slices = planted_series(1, Modality="US", SeriesDescription="Kidney", BurnedInAnnotation="YES")
    page = alice.get(f"/anonymise?series={add_series(app, people['alice'], slices)}").text
    assert "(0028,0301)" in page
    assert "/viewer/" in page


@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        ({"Modality": "CT", "BodyPartExamined": "HEAD"}, True),
        ({"Modality": "CT", "SeriesDescription": "TC DE CRÁNEO SIMPLE"}, True),
        ({"Modality": "MR", "ProtocolName": "t1_brain_sag"}, True),
        ({"Modality": "CT", "BodyPartExamined": "CHEST", "StudyDescription": "Torax"}, False),
        ({"Modality": "US", "BodyPartExamined": "HEAD"}, False),
        ({"Modality": "CT", "SeriesDescription": "ahead of schedule"}, False),
    ],
)
def test_heads_are_known_by_body_part_and_words(elements: dict[str, str], expected: bool) -> None:
    header = Dataset()
    for keyword, value in elements.items():
        setattr(header, keyword, value)
    assert shows_head(header) is expected


def test_a_head_that_pydicom_cannot_decode_keeps_nobody_from_the_page() -> None:
    header = Dataset()
    header.Modality, header.BodyPartExamined = "CT", "HEAD"
    tag = BaseTag(0x0008103E)
    header[tag] = RawDataElement(tag, "ZZ", 0, None, 0, False, True)
    assert shows_head(header)
