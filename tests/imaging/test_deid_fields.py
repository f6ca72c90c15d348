"""The seventeen fields: what may be written, and how presets fill them."""

import pytest
from pydicom.dataset import Dataset

from app.imaging.deid_fields import FIELDS, original_values, validate_override
from app.imaging.deid_presets import PRESETS, cap_age, preset_values
from app.imaging.errors import InvalidElement

KEY = b"0123456789abcdef"
ORIGINALS = {
    "PatientName": "Pérez^Ana",
    "PatientID": "HG-448120",
    "PatientSex": "F",
    "PatientAge": "093Y",
    "PatientWeight": "61.5",
    "StudyInstanceUID": "2.999.4",
}


def test_fields_are_the_seventeen_of_the_editor() -> None:
    assert [(field.keyword, field.vr, field.tag_text, field.level) for field in FIELDS] == [
        ("PatientName", "PN", "(0010,0010)", "patient"),
        ("PatientID", "LO", "(0010,0020)", "patient"),
        ("PatientBirthDate", "DA", "(0010,0030)", "patient"),
        ("PatientSex", "CS", "(0010,0040)", "patient"),
        ("PatientAge", "AS", "(0010,1010)", "study"),
        ("PatientWeight", "DS", "(0010,1030)", "study"),
        ("PatientAddress", "LO", "(0010,1040)", "patient"),
        ("AccessionNumber", "SH", "(0008,0050)", "study"),
        ("InstitutionName", "LO", "(0008,0080)", "series"),
        ("InstitutionAddress", "ST", "(0008,0081)", "series"),
        ("ReferringPhysicianName", "PN", "(0008,0090)", "study"),
        ("PerformingPhysicianName", "PN", "(0008,1050)", "series"),
        ("OperatorsName", "PN", "(0008,1070)", "series"),
        ("StudyID", "SH", "(0020,0010)", "study"),
        ("StudyDescription", "LO", "(0008,1030)", "study"),
        ("SeriesDescription", "LO", "(0008,103E)", "series"),
        ("ProtocolName", "LO", "(0018,1030)", "series"),
    ]


@pytest.mark.parametrize(
    ("keyword", "typed", "written"),
    [
        ("PatientName", " Caso^Uno ", "Caso^Uno"),
        ("PatientName", "Yamada^Taro=山田^太郎", "Yamada^Taro=山田^太郎"),
        ("PatientBirthDate", "2000-02-29", "20000229"),
        ("PatientSex", "f", "F"),
        ("PatientAge", "045y", "045Y"),
        ("PatientWeight", "71.5", "71.5"),
        ("OperatorsName", "Uno^A \\ Dos^B", "Uno^A\\Dos^B"),
        ("InstitutionAddress", "Calle 1\r\nMérida", "Calle 1\nMérida"),
        ("StudyDescription", "To\u0301rax", "Tórax"),
        ("StudyID", "   ", ""),
    ],
)
def test_value_is_written_as(keyword: str, typed: str, written: str) -> None:
    assert validate_override(keyword, typed) == written


@pytest.mark.parametrize(
    ("keyword", "typed", "wanted"),
    [
        ("PatientBirthDate", "20010229", "must be a date of the calendar"),
        ("PatientBirthDate", "29/02/2000", "(0010,0030)"),
        ("PatientAge", "45", "three digits"),
        ("PatientSex", "X", "F, M or O"),
        ("PatientWeight", "heavy", "between 0 and 1000"),
        ("PatientWeight", "0", "between 0 and 1000"),
        ("PatientID", "x" * 65, "has 65 characters; at most 64 fit"),
        ("AccessionNumber", "x" * 17, "at most 16"),
        ("PatientName", "a^b^c^d^e^f", "too many parts"),
        ("StudyDescription", "one\\two", "backslash"),
        ("SeriesDescription", "one\ntwo", "control character"),
        ("ProtocolName", "bell\x07", "(0018,1030)"),
        ("PatientID", "1\u202e2", "control character"),  # turns the text behind it round
        ("PatientSize", "1.80", "seventeen"),
    ],
)
def test_forbidden_value_is_refused_without_repeating_it(keyword: str, typed: str, wanted: str) -> None:
    with pytest.raises(InvalidElement) as caught:
        validate_override(keyword, typed)
    assert wanted in str(caught.value)
    assert typed not in str(caught.value) or typed in {"45", "X", "0"}


def test_original_values_are_text() -> None:
    dataset = Dataset()
    dataset.PatientName, dataset.PatientWeight = "Pérez^Ana", 61.5
    dataset.OperatorsName = ["Uno^A", "Dos^B"]
    values = original_values(dataset)
    assert (values["PatientName"], values["PatientWeight"]) == ("Pérez^Ana", "61.5")
    assert values["OperatorsName"] == "Uno^A\\Dos^B"
    assert values["StudyID"] == ""


@pytest.mark.parametrize("name", PRESETS)
def test_preset_fills_each_field_validly_and_holds_no_name(name: str) -> None:
    values = preset_values(name, ORIGINALS, KEY)
    assert list(values) == [field.keyword for field in FIELDS]
    assert {keyword: validate_override(keyword, text) for keyword, text in values.items()} == values
    assert "Pérez^Ana" not in values.values()
    assert "HG-448120" not in values.values()
    assert values["PatientID"]


def test_patients_stay_apart_and_each_stays_one() -> None:
    for name in PRESETS:
        first = preset_values(name, ORIGINALS, KEY)["PatientID"]
        assert preset_values(name, ORIGINALS | {"StudyInstanceUID": "2.999.5"}, KEY)["PatientID"] == first
        assert preset_values(name, ORIGINALS | {"PatientID": "HG-448121"}, KEY)["PatientID"] != first
        assert preset_values(name, ORIGINALS | {"IssuerOfPatientID": "B"}, KEY)["PatientID"] != first


def test_patients_without_id_are_told_apart_by_name() -> None:
    ids = {preset_values("pseudonym", {"PatientName": name}, KEY)["PatientID"] for name in ("A", "B")}
    assert len(ids) == 2


def test_characteristics_keep_what_they_say() -> None:
    values = preset_values("characteristics", ORIGINALS, KEY)
    assert (values["PatientSex"], values["PatientAge"], values["PatientWeight"]) == ("F", "090Y", "61.5")
    assert values["PatientBirthDate"] == ""


@pytest.mark.parametrize(
    ("age", "written"), [("089Y", "089Y"), ("090Y", "090Y"), ("101Y", "090Y"), ("100M", "100M"), ("", "")]
)
def test_age_over_89_is_90(age: str, written: str) -> None:
    assert cap_age(age) == written


def test_unknown_preset_names_the_known() -> None:
    with pytest.raises(InvalidElement, match="anonymous, pseudonym, characteristics"):
        preset_values("strict", ORIGINALS, KEY)
