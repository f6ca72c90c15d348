"""What the user chooses and sees: presets, overrides, the preview."""

from collections import Counter

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from app.imaging.deid_presets import PRESETS
from app.imaging.deidentify import Deidentifier
from app.imaging.errors import InvalidElement
from tests.imaging.deid_samples import KEY, ct, fates


def test_overrides_come_after_the_profile() -> None:
    maker = Deidentifier(
        KEY, overrides={"PatientName": "Caso^Uno", "StudyDescription": "Tórax", "PatientSex": ""}
    )
    copy = maker.dataset(ct(PatientSex="F"))
    assert (copy.PatientName, copy.StudyDescription) == ("Caso^Uno", "Tórax")
    assert copy["PatientSex"].is_empty
    assert maker.typed == ("Caso^Uno", "Tórax")


def test_empty_override_undoes_what_a_preset_keeps() -> None:
    copy = Deidentifier(KEY, "characteristics", {"PatientAge": ""}).dataset(
        ct(PatientAge="050Y", PatientSex="F")
    )
    assert "PatientAge" not in copy
    assert copy.PatientSex == "F"


def test_ages_over_89_are_one_in_items_too() -> None:
    item = Dataset()
    item.PatientAge, item.PatientSex = "097Y", "F"
    original = ct(PatientAge="054Y", SharedFunctionalGroupsSequence=Sequence([item]))
    copy = Deidentifier(KEY, "characteristics").dataset(original)
    assert (copy.PatientAge, copy.SharedFunctionalGroupsSequence[0].PatientAge) == ("054Y", "090Y")


def test_text_in_a_characteristic_is_not_kept() -> None:
    item = Dataset()
    item.PatientSex, item.SmokingStatus, item.EthnicGroup = "F ROSA", "YES", "Maya"
    original = ct(PatientSex="FEMALE ROSA", SharedFunctionalGroupsSequence=Sequence([item]))
    copy = Deidentifier(KEY, "characteristics").dataset(original)
    nested = copy.SharedFunctionalGroupsSequence[0]
    assert copy["PatientSex"].is_empty
    assert nested["PatientSex"].is_empty
    assert nested.SmokingStatus == "YES"
    assert "EthnicGroup" not in nested


def test_series_override_holds_for_its_series_only() -> None:
    maker = Deidentifier(KEY, series_overrides={"2.999.1.0": {"SeriesDescription": "Hueso"}})
    assert maker.dataset(ct()).SeriesDescription == "Hueso"
    assert "SeriesDescription" not in maker.dataset(ct(SeriesInstanceUID="2.999.1.9"))
    with pytest.raises(InvalidElement, match="whole patient or study"):
        Deidentifier(KEY, series_overrides={"2.999.1.0": {"PatientName": "Uno"}})


def test_all_seventeen_can_be_written() -> None:
    values = {
        "PatientName": "Uno^Caso", "PatientID": "C1", "PatientBirthDate": "19800229", "PatientSex": "O",
        "PatientAge": "044Y", "PatientWeight": "70.5", "PatientAddress": "Calle 1", "AccessionNumber": "A1",
        "InstitutionName": "Escuela", "InstitutionAddress": "Mérida", "ReferringPhysicianName": "Dos^Dra",
        "PerformingPhysicianName": "Tres^Dr", "OperatorsName": "Cuatro^T\\Cinco^T", "StudyID": "E1",
        "StudyDescription": "TC de tórax", "SeriesDescription": "Simple", "ProtocolName": "Tórax",
    }  # fmt: skip
    copy = Deidentifier(KEY, overrides=values).dataset(ct())
    written = {keyword: copy[keyword].value for keyword in values}
    assert {
        k: "\\".join(map(str, v)) if k == "OperatorsName" else str(v) for k, v in written.items()
    } == values


@pytest.mark.parametrize("preset", PRESETS)
def test_preview_counts_what_the_copy_shows(preset: str) -> None:
    nested = Dataset()
    nested.PatientName, nested.CodeMeaning, nested.FrameOfReferenceUID = "Salgado^Rosa", "Lung", "2.999.3"
    original = ct(
        PatientSex="F", PatientAge="050Y", StudyTime="", InstitutionName="Hospital", StudyDate="20240115",
        SharedFunctionalGroupsSequence=Sequence([nested, nested]), OtherPatientNames=["A^B", "C^D"],
        ReferencedImageSequence=Sequence([nested]), PatientIdentityRemoved="NO",
    )  # fmt: skip
    original.add_new(0x00290010, "LO", "SIEMENS CSA")
    rows = Deidentifier(KEY, preset).preview(original)
    assert Counter(row.fate for row in rows) == fates(original, Deidentifier(KEY, preset).dataset(original))


def test_preview_row_shows_old_and_new() -> None:
    rows = Deidentifier(KEY).preview(ct(StudyDescription="for Salgado"))
    by_keyword = {row.keyword: row for row in rows}
    name = by_keyword["PatientName"]
    assert (name.tag, name.fate, name.old, name.new) == (
        "(0010,0010)",
        "replaced",
        "Salgado^Rosa",
        "ANONYMOUS",
    )
    assert (by_keyword["StudyDescription"].fate, by_keyword["StudyDescription"].new) == ("removed", "")
    assert (by_keyword["PixelData"].fate, by_keyword["PixelData"].old) == ("kept", "<8 bytes>")
    assert by_keyword["DeidentificationMethod"].old == ""
    assert [row.tag for row in rows if row.depth == 0] == sorted(row.tag for row in rows if row.depth == 0)
