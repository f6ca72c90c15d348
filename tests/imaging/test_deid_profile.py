"""The vendored table and the reading of its actions."""

from collections import Counter

import pytest
from pydicom.datadict import tag_for_keyword
from pydicom.sr._concepts_dict import concepts

from app.imaging.deid_presets import BASIC_CODE, OPTION_CODES, PRESETS
from app.imaging.deid_profile import RETAIN_PATIENT_CHARACTERISTICS, Action, RuleBook, load_table

CT, PT, SEG = (f"1.2.840.10008.5.1.4.1.1.{number}" for number in ("2", "128", "66.4"))
UNKNOWN = "1.2.840.10008.5.1.4.1.1.999"


def action(keyword: str, sop_class: str = CT, options: frozenset[str] = frozenset()) -> Action:
    tag = tag_for_keyword(keyword)
    assert tag is not None
    return RuleBook(sop_class, options).action(tag)


def test_table_has_the_rows_of_edition_2024b() -> None:
    counts = Counter(rule.basic for rule in load_table().values())
    # 621 rows, less three of repeating groups and the one for private attributes, all of them X.
    assert sum(counts.values()) == 617
    assert (counts["X"], counts["D"], counts["U"], counts["Z"]) == (380, 92, 54, 42)
    assert (counts["X/D"], counts["X/Z"], counts["X/Z/D"], counts["Z/D"], counts["X/Z/U*"]) == (
        22,
        11,
        8,
        6,
        2,
    )


@pytest.mark.parametrize(
    ("keyword", "expected"),
    [
        ("PatientName", Action.EMPTY),
        ("StudyDescription", Action.REMOVE),
        ("StructureSetLabel", Action.DUMMY),
        ("SOPInstanceUID", Action.NEW_UID),
        ("ReferencedImageSequence", Action.REFERENCE),
        ("SourceImageSequence", Action.REFERENCE),
        ("AnnotationGroupUID", Action.NEW_UID),
        ("SOPClassUID", Action.KEEP),
        ("ReferencedSOPClassUID", Action.KEEP),
        ("TargetFrameOfReferenceUID", Action.NEW_UID),
        ("SharedFunctionalGroupsSequence", Action.DESCEND),
        ("PixelSpacing", Action.KEEP),
        ("PatientBirthDateInAlternativeCalendar", Action.REMOVE),
        ("EncryptedAttributesSequence", Action.REMOVE),
        ("RetrieveURL", Action.REMOVE),
        ("EvaluatorName", Action.EMPTY),
        ("ItemInventoryDateTime", Action.EMPTY),
    ],
)
def test_action_of_an_attribute(keyword: str, expected: Action) -> None:
    assert action(keyword) is expected


@pytest.mark.parametrize(
    ("keyword", "sop_class", "expected"),
    [
        ("SeriesDate", CT, Action.REMOVE),  # X/D, type 3
        ("SeriesDate", PT, Action.DUMMY),  # type 1 in the PET Series module
        ("ContentDate", CT, Action.EMPTY),  # Z/D, type 2C
        ("ContentDate", SEG, Action.DUMMY),
        ("DeviceSerialNumber", CT, Action.EMPTY),  # X/Z/D
        ("DeviceSerialNumber", SEG, Action.DUMMY),  # type 1 in Enhanced General Equipment
        ("DeviceSerialNumber", UNKNOWN, Action.DUMMY),
        ("AcquisitionDate", UNKNOWN, Action.EMPTY),  # X/Z
        ("ReferencedPerformedProcedureStepSequence", UNKNOWN, Action.EMPTY),  # never a dummy item
    ],
)
def test_alternative_follows_the_type_in_the_class(keyword: str, sop_class: str, expected: Action) -> None:
    assert action(keyword, sop_class) is expected


@pytest.mark.parametrize(
    "tag",
    [
        0x00090010,
        0x00291010,
        0x50003000,
        0x501E0022,
        0x60003000,
        0x60020010,
        0xFFFCFFFC,
        0x00081234,
        0x00020003,
    ],
)
def test_private_repeating_and_unknown_tags_are_denied(tag: int) -> None:
    assert RuleBook(CT).action(tag) is Action.REMOVE


def test_option_keeps_what_its_column_keeps_and_no_more() -> None:
    options = frozenset({RETAIN_PATIENT_CHARACTERISTICS})
    kept = ("PatientSex", "PatientAge", "PatientWeight", "PatientSize", "SmokingStatus")
    assert [action(keyword, options=options) for keyword in kept] == [Action.KEEP] * 5
    assert action("EthnicGroup", options=options) is Action.REMOVE  # K, but free text
    assert action("Allergies", options=options) is Action.REMOVE  # C: nothing cleans it yet
    assert action("PatientName", options=options) is Action.EMPTY


def test_codes_are_those_of_cid_7050() -> None:
    known = {
        code: meaning
        for concept in concepts["DCM"].values()
        for code, (meaning, contexts) in concept.items()
        if 7050 in contexts
    }
    for code, meaning in (BASIC_CODE, *OPTION_CODES.values()):
        assert known[code] == meaning


def test_preset_states_its_codes() -> None:
    assert [code for code, _ in PRESETS["anonymous"].codes()] == ["113100"]
    assert [code for code, _ in PRESETS["characteristics"].codes()] == ["113100", "113108"]
