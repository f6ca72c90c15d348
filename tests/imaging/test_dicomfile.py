"""Facts of good files, and the reasons for which files are refused."""

import struct
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

import app
from app.imaging.dicomfile import InstanceFacts, ReadLimits, inspect_file, list_elements, read_dataset
from app.imaging.errors import (
    ImagingError,
    InvalidElement,
    LimitExceeded,
    MissingElement,
    NoPixelData,
    NotDicom,
    TruncatedFile,
    UnsupportedData,
)
from tests.imaging.phantoms import FRAME_UID, SERIES_UID, STUDY_UID, ct_slice, write_file
from tests.shared_data import SHARED, shared


def write(tmp_path, **elements):
    return write_file(tmp_path / "one.dcm", ct_slice(**elements))


def test_facts_of_a_slice(tmp_path):
    path = write(
        tmp_path,
        PatientBirthDate="19700229",
        StudyDate="20240131",
        StudyTime="101502.123",
        StudyDescription="Thorax",
        SeriesNumber=7,
        PatientAge="050Y",
        BodyPartExamined="CHEST",
    )
    facts = inspect_file(path)
    assert (facts.study_instance_uid, facts.series_instance_uid) == (STUDY_UID, SERIES_UID)
    assert (facts.frame_of_reference_uid, facts.sop_instance_uid) == (FRAME_UID, f"{SERIES_UID}.1")
    assert (facts.rows, facts.columns, facts.frames, facts.has_pixels) == (4, 5, 1, True)
    assert (facts.patient_name, facts.patient_id, facts.modality) == ("Phantom^Hand", "PH-1", "CT")
    assert (facts.study_date, facts.study_time, facts.birth_date) == ("2024-01-31", "10:15:02", None)
    assert (facts.study_description, facts.series_number, facts.instance_number) == ("Thorax", 7, 1)
    assert (facts.patient_age, facts.body_part, facts.image_type[2]) == ("050Y", "CHEST", "AXIAL")
    assert facts.transfer_syntax_uid == "1.2.840.10008.1.2.1"


def test_facts_survive_json(tmp_path):
    facts = inspect_file(write(tmp_path))
    assert InstanceFacts.from_json(facts.as_json()) == facts


@pytest.mark.parametrize(
    ("name", "patient"),
    [
        ("chrH31.dcm", "Yamada^Tarou=山田^太郎=やまだ^たろう"),
        ("chrGreek.dcm", "Διονυσιος"),
        ("chrI2.dcm", "Hong^Gildong=洪^吉洞=홍^길동"),
        ("chrX1.dcm", "Wang^XiaoDong=王^小東"),
        ("chrArab.dcm", "قباني^لنزار"),
        ("chrFren.dcm", "Buc^Jérôme"),
    ],
)
def test_names_are_decoded_by_their_character_set(name, patient):
    assert inspect_file(shared(f"data/zoo/charsets/{name}")).patient_name == patient


def test_series_description_is_decoded_by_its_character_set(tmp_path):
    path = write(tmp_path, SpecificCharacterSet="ISO_IR 192", SeriesDescription="Tórax sin contraste, 山田")
    assert inspect_file(path).series_description == "Tórax sin contraste, 山田"


def test_unknown_character_set_costs_the_accents_only(tmp_path):
    path = write(tmp_path, StudyDescription="Thorax")
    raw = path.read_bytes().replace(b"\x08\x00\x08\x00CS", b"\x08\x00\x05\x00CS")
    path.write_bytes(raw)
    assert inspect_file(path).study_description == "Thorax"


def test_control_characters_and_nul_leave_the_texts(tmp_path):
    hostile = ("a\x00b\x07c\u202eevil\u0085\ttab" + "x" * 400).encode()
    path = write(tmp_path, SpecificCharacterSet="ISO_IR 192", StudyDescription="plain.")
    raw = path.read_bytes()
    stated = b"\x08\x00\x30\x10LO\x06\x00plain."
    path.write_bytes(raw.replace(stated, stated[:6] + struct.pack("<H", len(hostile)) + hostile))
    found = inspect_file(path).study_description
    assert found.startswith("abcevil tabxxx")
    assert len(found) <= 256
    assert not any(ord(c) < 32 or c in "\u202e\u0085" for c in found)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty (0 bytes)"),
        (b"\0", "not a DICOM file: no DICM marker and no group 0002 or 0008 element"),
        (b"x" * 131, "not a DICOM file: no DICM marker and no group 0002 or 0008 element"),
        (b"Dear reader,\n" * 500, "not a DICOM file: no DICM marker and no group 0002 or 0008 element"),
        (
            b"\x08\x00\x05\x00" + b"\xff" * 400,
            "not a DICOM file: no DICM marker and no group 0002 or 0008 element",
        ),
    ],
)
def test_what_is_no_dicom_says_so(tmp_path, content, reason):
    path = tmp_path / "x"
    path.write_bytes(content)
    with pytest.raises(NotDicom) as fault:
        inspect_file(path)
    assert str(fault.value) == reason


def test_a_marker_with_nothing_behind_it_lacks_its_elements(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"\0" * 128 + b"DICM")
    with pytest.raises(MissingElement):
        inspect_file(path)


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1"])
def test_a_file_without_preamble_is_read(tmp_path, syntax):
    whole = write_file(tmp_path / "whole.dcm", ct_slice(transfer_syntax=syntax)).read_bytes()
    bare = tmp_path / "bare.dcm"
    bare.write_bytes(whole[whole.index(b"\x08\x00\x08\x00") :])
    facts = inspect_file(bare)
    assert (facts.transfer_syntax_uid, facts.rows, facts.columns) == (syntax, 4, 5)


@pytest.mark.parametrize(
    ("keyword", "reason"),
    [
        ("StudyInstanceUID", "Study Instance UID (0020,000D) is missing."),
        ("SeriesInstanceUID", "Series Instance UID (0020,000E) is missing."),
        ("Rows", "Rows (0028,0010) is missing."),
        ("Columns", "Columns (0028,0011) is missing."),
        ("BitsAllocated", "Bits Allocated (0028,0100) is missing."),
    ],
)
def test_missing_elements_are_named(tmp_path, keyword, reason):
    with pytest.raises(MissingElement) as fault:
        inspect_file(write(tmp_path, **{keyword: None}))
    assert str(fault.value) == reason


def test_an_image_without_pixels_is_refused(tmp_path):
    with pytest.raises(NoPixelData):
        inspect_file(write(tmp_path, PixelData=None))


@pytest.mark.parametrize(
    ("class_uid", "name"),
    [
        ("1.2.840.10008.5.1.4.1.1.88.11", "Basic Text SR Storage"),
        ("1.2.840.10008.5.1.4.1.1.11.1", "Grayscale Softcopy Presentation State Storage"),
        ("1.2.840.10008.5.1.4.1.1.88.59", "Key Object Selection Document Storage"),
        ("1.2.840.10008.5.1.4.1.1.481.5", "RT Plan Storage"),
        ("1.2.840.10008.5.1.4.1.1.9.1.1", "12-lead ECG Waveform Storage"),
        ("1.2.840.10008.5.1.4.1.1.104.1", "Encapsulated PDF Storage"),
        ("1.2.840.10008.1.3.10", "Media Storage Directory Storage"),
    ],
)
def test_objects_that_hold_no_image_are_named(tmp_path, class_uid, name):
    with pytest.raises(UnsupportedData) as fault:
        inspect_file(write(tmp_path, PixelData=None, SOPClassUID=class_uid))
    assert str(fault.value) == f"{name} ({class_uid}) holds no image."


def test_a_structure_set_needs_no_pixels():
    facts = inspect_file(shared("data/zoo/rt/rtss.dcm"))
    assert (facts.modality, facts.has_pixels, facts.rows) == ("RTSTRUCT", False, 0)


def test_short_pixel_data_says_how_short(tmp_path):
    path = write(tmp_path)
    path.write_bytes(path.read_bytes()[:-7])
    with pytest.raises(TruncatedFile) as fault:
        inspect_file(path)
    assert str(fault.value) == (
        "Truncated: Pixel Data (7FE0,0010) has 33 of 40 bytes. Copy it again from its source."
    )


@pytest.mark.parametrize("tenth", range(1, 10))
def test_a_file_cut_at_any_tenth_is_refused_by_name(tmp_path, tenth):
    path = write(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * tenth // 10])
    with pytest.raises(ImagingError) as fault:
        inspect_file(path)
    assert isinstance(fault.value, NotDicom | TruncatedFile | MissingElement | NoPixelData)


def test_a_compressed_file_cut_in_a_fragment_is_truncated(tmp_path):
    source = shared("data/zoo/transfer-syntaxes/CTImage_RLELossless_1.2.840.10008.1.2.5.dcm").read_bytes()
    path = tmp_path / "cut.dcm"
    path.write_bytes(source[: len(source) // 2])
    with pytest.raises(TruncatedFile, match=r"a fragment of"):
        inspect_file(path)


CORRUPT = sorted((SHARED / "data/zoo/corrupt").glob("*")) if SHARED.exists() else [None]


@pytest.mark.parametrize("path", CORRUPT, ids=lambda path: getattr(path, "name", "absent"))
def test_every_corrupt_file_is_read_or_refused_in_time(path):
    path = path or shared("data/zoo/corrupt")
    begun = time.process_time()
    for read in (inspect_file, list_elements, read_dataset):
        try:
            read(path)
        except ImagingError as fault:
            assert str(fault)  # noqa: PT017 - a refusal is one of the two good ends
    assert time.process_time() - begun < 2


def test_list_elements_shows_sizes_instead_of_pixels(tmp_path):
    rows = {row.keyword: row for row in list_elements(write(tmp_path))}
    assert rows["PixelData"].value == "<40 bytes>"
    assert (rows["Modality"].tag, rows["Modality"].name, rows["Modality"].vr) == (
        "(0008,0060)",
        "Modality",
        "CS",
    )
    assert rows["ImageType"].value == "ORIGINAL\\PRIMARY\\AXIAL"
    assert rows["TransferSyntaxUID"].depth == 0


def test_list_elements_walks_sequences(tmp_path):
    inner = Dataset()
    inner.CodeValue = "T-D3000"
    outer = Dataset()
    outer.CodeMeaning = "Chest"
    outer.EquivalentCodeSequence = Sequence([inner])
    rows = list_elements(write(tmp_path, AnatomicRegionSequence=Sequence([outer])))
    found = {row.keyword: (row.value, row.depth) for row in rows if row.depth or row.vr == "SQ"}
    assert found["AnatomicRegionSequence"] == ("<1 items>", 0)
    assert found["CodeMeaning"] == ("Chest", 1)
    assert found["CodeValue"] == ("T-D3000", 2)


def test_list_elements_stops_at_its_limit(tmp_path):
    assert len(list_elements(write(tmp_path), limit=5)) == 5


def test_list_elements_bounds_long_values(tmp_path):
    path = write(tmp_path, ImageComments="y" * 10000)
    row = next(row for row in list_elements(path) if row.keyword == "ImageComments")
    assert len(row.value) == 200


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.1.99"])
def test_read_dataset_keeps_every_element(tmp_path, syntax):
    written = ct_slice(transfer_syntax=syntax)
    dataset = read_dataset(write_file(tmp_path / "one.dcm", written))
    assert dataset.PixelData == written.PixelData
    assert [element.tag for element in dataset] == [element.tag for element in written]
    assert dataset.file_meta.TransferSyntaxUID == syntax
    assert "PixelData" not in read_dataset(tmp_path / "one.dcm", stop_before_pixels=True)


def test_limits_must_be_positive():
    with pytest.raises(ValueError, match="max_depth"):
        ReadLimits(max_depth=0)


def test_invalid_uid_is_named(tmp_path):
    path = write(tmp_path)
    path.write_bytes(path.read_bytes().replace(STUDY_UID.encode(), b"../../etc/passwd".ljust(len(STUDY_UID))))
    with pytest.raises(InvalidElement, match="is not a UID"):
        inspect_file(path)


def test_too_many_elements_are_refused(tmp_path):
    with pytest.raises(LimitExceeded, match="more than 10 elements"):
        inspect_file(write(tmp_path), ReadLimits(max_elements=10))


def test_remarks_of_pydicom_reach_no_log_in_any_thread_and_those_of_others_do():
    script = """
import threading, warnings
from app.imaging import values
from pydicom.charset import convert_encodings
from pydicom.dataelem import DataElement
def remark():
    for _ in range(300):
        DataElement(0x00100030, "DA", "PEREZ^ANA")
        convert_encodings(["PEREZ", "ISO_IR 192"])
threads = [threading.Thread(target=remark) for _ in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
warnings.warn("of another package")
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=Path(app.__file__).parents[1]
    )
    assert done.returncode == 0
    assert "PEREZ" not in done.stderr
    assert "of another package" in done.stderr
