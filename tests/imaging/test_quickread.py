"""Quick reading of plain values gives what the careful way and pydicom give, on real and on broken files."""

import random
import time

import pydicom
import pytest

from app.imaging import values
from app.imaging.errors import ImagingError
from app.imaging.facts import FACT_TAGS
from app.imaging.layout import LAYOUT_TAGS
from app.imaging.pixels import RESCALE_TAGS
from app.imaging.quickread import QuickHeader, parse_spans, quick_header
from app.imaging.structure import read_structure
from tests.imaging.phantoms import ct_slice, write_file
from tests.shared_data import SHARED, shared

KEYWORDS = (
    "AccessionNumber", "BitsAllocated", "Columns", "ContentDate", "EchoTime", "FrameOfReferenceUID",
    "ImageOrientationPatient", "ImagePositionPatient", "ImageType", "InstanceNumber", "Manufacturer",
    "Modality", "NumberOfFrames", "PatientAge", "PatientBirthDate", "PatientID", "PatientName",
    "PhotometricInterpretation", "PixelPaddingValue", "PixelRepresentation", "PixelSpacing",
    "RescaleIntercept", "RescaleSlope", "RescaleType", "Rows", "SamplesPerPixel", "SeriesDescription",
    "SeriesInstanceUID", "SliceLocation", "SOPInstanceUID", "SpecificCharacterSet", "StudyDate",
    "StudyDescription", "StudyInstanceUID", "StudyTime", "WindowCenter", "WindowCenterWidthExplanation",
    "WindowWidth", "ModalityLUTSequence", "ReferencedImageSequence", "BurnedInAnnotation",
)  # fmt: skip
TAGS = tuple(
    {*FACT_TAGS, *LAYOUT_TAGS, *RESCALE_TAGS, *(pydicom.datadict.keyword_dict[name] for name in KEYWORDS)}
)
FUNCTIONS = (values.raw_value, values.texts, values.numbers, values.uid, values.has_bytes)


def differences(path):
    """What the quick header of *path* says otherwise than pydicom's data set; None where there is none."""
    structure = read_structure(path)
    spans = [structure.elements[tag] for tag in TAGS if tag in structure.elements]
    spans = [span for span in spans if span.end - span.start <= values.MAX_ELEMENT]
    if quick_header(structure, spans) is None:
        return None
    found = []
    for function in FUNCTIONS:
        header, parsed = quick_header(structure, spans), parse_spans(structure, spans)
        for keyword in KEYWORDS:
            if not isinstance(header, QuickHeader):
                header = quick_header(structure, spans)  # one that was parsed is quick no more
            quick, careful = function(header, keyword), function(parsed, keyword)
            if repr(quick) != repr(careful):
                found.append((keyword, function.__name__, quick, careful))
    return found


def every_file():
    """Files of the shared data that may be DICOM, by their names there."""
    if not (SHARED / "data").is_dir():
        return ["data"]
    names = (path.relative_to(SHARED).as_posix() for path in (SHARED / "data").rglob("*") if path.is_file())
    other = (".json", ".md", ".gz", ".nrrd", ".nhdr", ".txt", ".raw", ".zip")
    return sorted(name for name in names if not name.endswith(other))


def test_every_shared_file_is_read_alike():
    shared("data")
    quick = 0
    for name in every_file():
        try:
            found = differences(shared(name))
        except ImagingError:
            continue
        assert not found, name
        quick += found is not None
    assert quick > 300


def mutated(raw, rng):
    """*raw* with some bytes of its header changed, by chance or to what is likely to hurt."""
    raw = bytearray(raw)
    for _ in range(rng.choice((1, 1, 2, 4, 12))):
        at = rng.randrange(132, len(raw))
        kind = rng.random()
        if kind < 0.4:
            raw[at] = rng.choice(b"\0 \\=^+-.0129eEnAz\x1b\x7f\xe9\xff")
        elif kind < 0.7:
            raw[at] = rng.randrange(256)
        elif kind < 0.9:
            raw[at : at + 2] = rng.choice((b"LO", b"DS", b"US", b"SQ", b"UN", b"UI", b"PN", b"FD", b"ZZ"))
        else:
            del raw[at : at + rng.randrange(1, 9)]
    return bytes(raw)


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.1", "1.2.840.10008.1.2"])
def test_mutated_headers_are_read_alike(tmp_path, syntax):
    dataset = ct_slice(
        transfer_syntax=syntax, SpecificCharacterSet="ISO_IR 100", PatientName="Doe^Jane", PatientAge="034Y",
        WindowCenter=["40", "300"], WindowWidth=["400", "80"], WindowCenterWidthExplanation=["SOFT", "BONE"],
        PixelPaddingValue=-2000, EchoTime="1.5", AccessionNumber="7", StudyTime="101112.5",
    )  # fmt: skip
    path = write_file(tmp_path / "one.dcm", dataset)
    raw = path.read_bytes()
    rng = random.Random(7)
    quick, ends = 0, time.monotonic() + 4
    for _ in range(400):
        if time.monotonic() > ends:
            break
        path.write_bytes(mutated(raw, rng))
        try:
            found = differences(path)
        except ImagingError:
            continue
        assert not found
        quick += found is not None
    assert quick > 10


def test_a_sequence_where_text_belongs_is_no_text(tmp_path):
    raw = write_file(tmp_path / "one.dcm", ct_slice()).read_bytes()
    path = tmp_path / "odd.dcm"
    # Modality (0008,0060) as a sequence; in its item an element of a VR that nobody knows.
    item = b"\x08\x00\x00\x01SH\x02\0CT" + b"\x08\x00\x02\x01ZZ\x02\0CT"
    sequence = b"\x08\x00\x60\x00SQ\0\0\x1c\0\0\0" + b"\xfe\xff\x00\xe0\x14\0\0\0" + item
    plain = b"\x08\x00\x60\x00CS\x02\0CT"
    assert raw.count(plain) == 1
    path.write_bytes(raw.replace(plain, sequence))
    structure = read_structure(path)
    header = values.decode_elements(structure, TAGS)
    assert values.texts(header, "Modality") == ()


@pytest.mark.parametrize(
    ("change", "quick"),
    [
        ({}, True),
        ({"SpecificCharacterSet": "ISO_IR 13"}, False),
        ({"SpecificCharacterSet": ["", "ISO 2022 IR 87"]}, False),
        ({"transfer_syntax": "1.2.840.10008.1.2.2"}, False),
    ],
)
def test_what_is_not_understood_is_left_to_the_careful_way(tmp_path, change, quick):
    header = values.decode_elements(
        read_structure(write_file(tmp_path / "one.dcm", ct_slice(**change))), TAGS
    )
    assert isinstance(header, QuickHeader) is quick
    assert values.text(header, "Modality") == "CT"
    assert values.numbers(header, "PixelSpacing") == (2.0, 0.5)
    assert values.uid(header, "SOPInstanceUID") == "1.2.826.0.1.3680043.10.1.2.1"


@pytest.mark.parametrize(
    ("charset", "stored"), [("ISO_IR 100", b"\xd1u^J  "), ("ISO_IR 192", b"\xc3\x91u^J ")]
)
def test_names_beyond_ascii_stay_quick(tmp_path, charset, stored):
    dataset = ct_slice(SpecificCharacterSet=charset, PatientName="XXXX^J")
    path = write_file(tmp_path / "one.dcm", dataset)
    path.write_bytes(path.read_bytes().replace(b"XXXX^J", stored))
    header = values.decode_elements(read_structure(path), TAGS)
    assert values.text(header, "PatientName") == "Ñu^J"
    assert isinstance(header, QuickHeader)


def test_a_quick_header_becomes_a_data_set_when_it_is_used_as_one(tmp_path):
    structure = read_structure(write_file(tmp_path / "one.dcm", ct_slice(PatientAge="034Y")))
    header = values.decode_elements(structure, TAGS)
    assert header.get("EchoTime") is None
    assert "EchoTime" not in header
    assert isinstance(header, QuickHeader)
    assert header.Rows == 4
    assert type(header) is pydicom.Dataset
    header.PatientAge = "035Y"
    assert values.text(header, "PatientAge") == "035Y"


def test_a_zero_stays_there_after_it_was_read(tmp_path):
    structure = read_structure(write_file(tmp_path / "one.dcm", ct_slice(slope=0)))
    header = values.decode_elements(structure, TAGS)
    assert header.RescaleSlope == 0
    assert values.has_bytes(header, "RescaleSlope")
