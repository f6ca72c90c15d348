"""What identifies a patient is recognised, and found in bytes in whatever way it is written."""

from io import BytesIO
from pathlib import Path

import pytest
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filewriter import dcmwrite
from pydicom.sequence import Sequence
from pydicom.tag import BaseTag

from app.imaging.deid_identifiers import identifiers_of
from app.imaging.deid_scan import ResidualIdentifier, require_clean, scan_bytes, scan_name
from app.imaging.deid_search import SearchTerms
from app.imaging.dicomfile import read_dataset
from tests.imaging.phantoms import ct_slice, write_file

EXPLICIT, IMPLICIT = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2"
BIG_ENDIAN, DEFLATED = "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99"


def patient(**values: object) -> Dataset:
    dataset = Dataset()
    dataset.PatientName, dataset.PatientID, dataset.PatientBirthDate = (
        "Muñoz^Rosa María",
        "HG-448120",
        "19670412",
    )
    for keyword, value in values.items():
        setattr(dataset, keyword, value)
    return dataset


def write(path: Path, dataset: Dataset, syntax: str = EXPLICIT) -> Path:
    dataset.SOPClassUID, dataset.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.2", "2.25.1"
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = syntax
    dcmwrite(path, dataset, enforce_file_format=True)
    return path


def test_identifiers_of_a_patient() -> None:
    found = identifiers_of(patient(AccessionNumber="28194977", InstitutionName="Hospital Ángeles, Puebla"))
    wanted = {"muñoz", "rosa", "maría", "muñoz^rosa", "rosa muñoz", "hg-448120", "448120", "28194977"}
    assert wanted | {"19670412", "1967-04-12", "12/04/1967", "hospital ángeles, puebla"} <= found


def test_identifiers_are_found_in_items_too() -> None:
    item = Dataset()
    item.PersonName, item.PatientID = "Salgado^Inés", "ZK90817"
    dataset = patient(ReferencedPatientSequence=Sequence([item]))
    assert {"salgado", "inés", "zk90817"} <= identifiers_of(dataset)


def test_short_and_common_values_are_no_identifiers() -> None:
    dataset = Dataset()
    dataset.PatientName, dataset.PatientID, dataset.StudyID = "Head^Test", "1234", "1"
    dataset.PatientBirthDate, dataset.AccessionNumber = "19000101", "CT1"
    dataset.InstitutionName, dataset.Manufacturer = "SIEMENS", "SIEMENS"
    dataset.ReferringPhysicianName = "ANONYMOUS"
    assert not {text for text in identifiers_of(dataset) if not text.startswith(("01", "1900"))}


def test_short_name_counts_as_a_whole_and_characters_count_more() -> None:
    assert {"li^na", "na li"} <= identifiers_of(patient(PatientName="Li^Na"))
    assert "li" not in identifiers_of(patient(PatientName="Li^Na"))
    assert {"山田", "太郎"} <= identifiers_of(patient(PatientName="Yamada^Taro=山田^太郎"))


@pytest.mark.parametrize(
    ("identifier", "text", "is_found"),
    [
        ("rosa", b"Sra. ROSA M", True),
        ("rosa", b"fibrosarcoma, rosacea", False),
        ("rosa", b"ROSA_CT1", True),
        ("salgadoiniguez", b"drasalgadoiniguezct", True),  # long: inside a word too
        ("pe\u00f1a", "PEÑA".encode(), True),
        ("pe\u00f1a", "peña".encode("latin-1"), True),
        ("pe\u00f1a", b"PENA^", True),
        ("ba\u0161i\u0107", b"Basic Application Confidentiality Profile", False),
        ("ba\u0161i\u0107", "Bašić".encode(), True),
        ("48120", b"MRN48120x", True),
        ("48120", b"1.2.481201.7", False),
        ("48120", b"-0.48120", False),
        ("48120", b"48120.25", False),
        ("山田", "山田太郎".encode(), True),
    ],
)
def test_search_finds_words_not_fragments(identifier: str, text: bytes, is_found: bool) -> None:
    assert bool(SearchTerms({identifier}).find(b"\0\0" + text + b"\0\0")) is is_found


def test_search_finds_original_uids_whole() -> None:
    terms = SearchTerms({"2.999.1.5"})
    assert terms.find(b"see 2.999.1.5\0") == [("2.999.1.5", 4)]
    assert terms.find(b"2.999.1.55 and 12.999.1.5") == []


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT, BIG_ENDIAN, DEFLATED])
@pytest.mark.parametrize(
    "keyword", ["PixelBandwidth", "PatientComments", "ManufacturerModelName", "ImageComments"]
)
def test_planted_leak_is_found(tmp_path: Path, syntax: str, keyword: str) -> None:
    copy = Dataset()
    copy.SpecificCharacterSet = "ISO_IR 100"
    if keyword != "PixelBandwidth":
        setattr(copy, keyword, "MUÑOZ")
    copy.add_new(0x00620006, "ST", "of Rosa")  # next to a tag whose bytes are letters
    copy.Rows = 2
    findings = scan_bytes(write(tmp_path / "copy.dcm", copy, syntax), identifiers_of(patient()))
    expected = {"rosa"} if keyword == "PixelBandwidth" else {"rosa", "muñoz"}
    assert {finding.identifier for finding in findings} == expected
    with pytest.raises(ResidualIdentifier):
        require_clean(findings)


@pytest.mark.parametrize("syntax", [EXPLICIT, BIG_ENDIAN])
def test_leak_filling_its_element_is_found_beside_letters_of_a_length(tmp_path: Path, syntax: str) -> None:
    copy = Dataset()
    copy.add_new(0x00620006, "ST", "Rosa" + " " * 90 + "Inés")  # 98 bytes long, "b" in ASCII
    copy.add_new(0x00620020, "UT", "organ")
    findings = scan_bytes(write(tmp_path / "copy.dcm", copy, syntax), frozenset({"rosa", "inés"}))
    assert len(findings) == 2


def test_leak_in_file_meta_and_behind_the_pixels_is_found(tmp_path: Path) -> None:
    copy = Dataset()
    copy.add_new(0x7FE00010, "OW", bytes(64))
    copy.add_new(0xFFFCFFFC, "OB", b"PADDING SALGADO ")
    path = write(tmp_path / "copy.dcm", copy)
    data = bytearray(path.read_bytes())
    data[4:8] = b"ROSA"
    path.write_bytes(bytes(data))
    found = {finding.identifier for finding in scan_bytes(path, frozenset({"rosa", "salgado"}))}
    assert found == {"rosa", "salgado"}


def test_pixels_are_not_searched(tmp_path: Path) -> None:
    copy = Dataset()
    copy.add_new(0x7FE00010, "OW", b"ROSA" * 16)
    assert scan_bytes(write(tmp_path / "copy.dcm", copy), frozenset({"rosa"})) == []


def test_leak_in_japanese_is_found(tmp_path: Path) -> None:
    copy = Dataset()
    copy.SpecificCharacterSet = ["", "ISO 2022 IR 87"]
    copy.ImageComments = "CT 山田 様"
    original = patient(PatientName="Yamada^Taro=山田^太郎")
    found = scan_bytes(write(tmp_path / "copy.dcm", copy), identifiers_of(original))
    assert [finding.identifier for finding in found] == ["山田"]


@pytest.mark.parametrize("text", ["山田太郎", "担当山田", "CT山田太郎様", "山田"])
@pytest.mark.parametrize("codec", ["iso2022_jp", "shift_jis", "euc_jp", "utf-8", "gb18030"])
def test_a_name_in_a_script_without_spaces_is_found_in_longer_text(text: str, codec: str) -> None:
    terms = SearchTerms(identifiers_of(patient(PatientName="Yamada^Taro=山田^太郎")), [codec])
    assert "山田" in dict(terms.find(text.encode(codec)))


def test_bytes_of_a_kanji_run_are_no_words_elsewhere() -> None:
    terms = SearchTerms({"田中"}, ["iso2022_jp"])  # written EDCf
    assert terms.find(b"EDCf and edcf") == []
    assert terms.find("小田中".encode("iso2022_jp")) == [("田中", 5)]


@pytest.mark.parametrize(
    ("stated", "written"),
    [("ISO_IR 192", "latin-1"), ("ISO_IR 100", "utf-8"), ("ISO_IR 138", "utf-8"), ("ISO_IR 138", "latin-1")],
)
def test_a_name_under_a_wrong_character_set_is_found(tmp_path: Path, stated: str, written: str) -> None:
    path = write(tmp_path / "original.dcm", Dataset())
    original = read_dataset(path)
    original.SpecificCharacterSet = stated
    name = "Peõa^Núria".encode(written)
    original[0x00100010] = RawDataElement(BaseTag(0x00100010), "PN", len(name), name, 0, False, True)
    terms = SearchTerms(identifiers_of(original))
    assert {"peõa", "núria"} <= set(dict(terms.find("TORAX PEõA NÚRIA".encode(written))))


def test_digits_of_other_scripts_are_no_uid() -> None:
    number = "1.2.3.\u0664\u0665\u0666"
    assert SearchTerms(identifiers_of(patient(PatientID=number))).find(number.encode())


def test_bytes_behind_the_last_pixel_are_searched(tmp_path: Path) -> None:
    copy = ct_slice()
    copy.PixelData += b"Salgado Rosa"
    path = write_file(tmp_path / "copy.dcm", copy)
    found = {finding.identifier for finding in scan_bytes(path, frozenset({"rosa", "salgado"}))}
    assert found == {"rosa", "salgado"}


def test_typed_value_warns_and_does_not_block(tmp_path: Path) -> None:
    copy = Dataset()
    copy.StudyDescription, copy.PatientComments = "Caso Rosa", "HG-448120"
    path = write(tmp_path / "copy.dcm", copy)
    findings = scan_bytes(path, identifiers_of(patient()), typed=("Caso Rosa",))
    assert {finding.identifier: finding.blocks for finding in findings} == {
        "rosa": False,
        "hg-448120": True,
        "448120": True,
    }
    require_clean([finding for finding in findings if not finding.blocks])
    assert "osa" not in " ".join(str(finding.message()) for finding in findings)


def test_entry_name_is_searched() -> None:
    assert scan_name("ST0001/MUÑOZ_ROSA.dcm", identifiers_of(patient()))
    assert scan_name("ST0001/SE0001/IM00001.dcm", identifiers_of(patient())) == []


def test_hostile_values_are_no_obstacle() -> None:
    dataset = patient()
    stream = BytesIO()
    dataset.add_new(0x00100021, "LO", "x")
    dcmwrite(stream, dataset, implicit_vr=True, little_endian=True)
    dataset.SpecificCharacterSet = "ISO_IR 999"
    assert "hg-448120" in identifiers_of(dataset)
