"""Copies: what is gone, what is new, what stays, and that the preview says the same."""

import struct
from copy import deepcopy as copy_of
from io import BytesIO
from pathlib import Path

import pytest
from pydicom import dcmwrite
from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.tag import BaseTag

from app.imaging.deid_presets import PRESETS
from app.imaging.deid_scan import scan_bytes
from app.imaging.deidentify import Deidentifier
from app.imaging.dicomfile import read_dataset
from app.imaging.errors import ImagingError, InvalidElement
from tests.imaging.deid_samples import CT, KEY, ct
from tests.imaging.phantoms import ct_slice


def test_identity_goes_and_the_image_stays() -> None:
    copy = Deidentifier(KEY).dataset(ct(PatientBirthDate="19670412", StudyDescription="for Salgado", KVP=120))
    assert (copy.PatientName, copy.KVP) == ("ANONYMOUS", 120)
    assert copy["PatientBirthDate"].is_empty
    assert "StudyDescription" not in copy
    assert copy.PatientID.startswith("ANON-")
    assert copy.SOPClassUID == CT


def test_original_is_not_changed() -> None:
    original = ct(PatientBirthDate="19670412")
    before = original.to_json()
    Deidentifier(KEY).dataset(original)
    assert original.to_json() == before


def test_copy_states_how_it_was_made() -> None:
    copy = Deidentifier(KEY, "characteristics").dataset(ct(PatientSex="F", PatientAge="095Y"))
    assert copy.PatientIdentityRemoved == "YES"
    assert copy.LongitudinalTemporalInformationModified == "REMOVED"
    assert list(copy.DeidentificationMethod) == [
        "PS3.15 2024b Basic Application Confidentiality Profile",
        "PS3.15 2024b Retain Patient Characteristics Option",
    ]
    codes = [
        (code.CodeValue, code.CodingSchemeDesignator) for code in copy.DeidentificationMethodCodeSequence
    ]
    assert codes == [("113100", "DCM"), ("113108", "DCM")]
    assert (copy.PatientSex, copy.PatientAge) == ("F", "090Y")


def test_reference_keeps_only_what_points() -> None:
    purpose, image = Dataset(), Dataset()
    purpose.CodeMeaning = "Localizer"
    image.ReferencedSOPClassUID, image.ReferencedSOPInstanceUID = CT, "2.999.1.2"
    image.ReferencedFrameNumber = 3
    image.PurposeOfReferenceCodeSequence = Sequence([purpose])
    maker = Deidentifier(KEY)
    item = maker.dataset(ct(ReferencedImageSequence=Sequence([image]))).ReferencedImageSequence[0]
    assert [element.keyword for element in item] == [
        "ReferencedSOPClassUID",
        "ReferencedSOPInstanceUID",
        "ReferencedFrameNumber",
    ]
    other = maker.dataset(ct(SOPInstanceUID="2.999.1.2"))
    assert item.ReferencedSOPInstanceUID == other.SOPInstanceUID != "2.999.1.2"


def test_name_typed_into_a_technical_field_is_replaced() -> None:
    item = Dataset()
    item.SegmentLabel = "liver of SALGADO"
    copy = Deidentifier(KEY).dataset(ct(BodyPartExamined="CHEST", SegmentSequence=Sequence([item])))
    assert copy.BodyPartExamined == "CHEST"
    assert copy.SegmentSequence[0].SegmentLabel == "REMOVED"


def test_value_under_the_wrong_representation_goes() -> None:
    original = ct()
    original.add_new(0x00180060, "LO", "Salgado")  # KVP is DS
    assert "KVP" not in Deidentifier(KEY).dataset(original)


@pytest.mark.parametrize("keyword", ["SliceThickness", "ImagesInAcquisition", "PatientWeight"])
def test_words_in_place_of_numbers_go(keyword: str) -> None:
    original = ct()
    tag, text = BaseTag(tag_for_keyword(keyword)), b"Perez A "
    original[tag] = RawDataElement(tag, dictionary_VR(tag), len(text), text, 0, False, True)
    copy = Deidentifier(KEY, "characteristics").dataset(original)
    assert not copy.get_item(tag) or not copy.get_item(tag).value


def test_pictures_and_voices_in_items_go() -> None:
    item = Dataset()
    item.add_new(0x7FE00010, "OW", bytes(8))
    item.ReferencedSOPInstanceUID = "2.999.1.7"
    copy = Deidentifier(KEY).dataset(
        ct(SharedFunctionalGroupsSequence=Sequence([item]), WaveformSequence=Sequence([Dataset()]))
    )
    assert "PixelData" not in copy.SharedFunctionalGroupsSequence[0]
    assert "WaveformSequence" not in copy
    assert len(copy.PixelData) == 8


def test_nothing_stands_behind_the_last_pixel() -> None:
    original = ct_slice()
    pixels = original.PixelData
    original.PixelData = pixels + b"Perez Ana 1961"
    assert Deidentifier(KEY).dataset(original).PixelData == pixels


def test_image_named_under_the_root_of_the_standard_gets_a_new_name() -> None:
    copy = Deidentifier(KEY).dataset(ct(SOPInstanceUID="1.2.840.10008.5.1.4.1.1.2.19610412.77"))
    assert copy.SOPInstanceUID.startswith("2.25.")


def test_identity_that_is_no_uid_is_refused_without_repeating_it() -> None:
    with pytest.raises(InvalidElement) as caught:
        Deidentifier(KEY).dataset(ct(SOPClassUID="PEREZ^ANA"))
    assert "PEREZ" not in str(caught.value)


DAMAGED = (
    ("ZZ", b""),
    ("ZZ", b"Salgado "),
    ("SQ", b"Salgado "),
    ("FD", b"abc"),
    ("AT", b""),
    ("UN", b"Salgado "),
)


@pytest.mark.parametrize(("vr", "value"), DAMAGED, ids=[f"{vr}-{len(value)}" for vr, value in DAMAGED])
@pytest.mark.parametrize("preset", PRESETS)
def test_damaged_representations_are_walked_or_refused(
    tmp_path: Path, preset: str, vr: str, value: bytes
) -> None:
    whole = ct(PatientAge="045Y", StudyID="EST-9", FrameOfReferenceUID="2.999.1.9", PatientSex="F")
    whole.SpecificCharacterSet, whole.BurnedInAnnotation, whole.SliceThickness = "ISO_IR 100", "NO", 3
    whole.SourceImageSequence = Sequence([Dataset()])
    for tag in (tag for tag in list(whole.keys()) if tag != 0x7FE00010):
        damaged = copy_of(whole)
        damaged[tag] = RawDataElement(tag, vr, len(value), value or None, 0, False, True)
        source, target = tmp_path / "original.dcm", tmp_path / f"{tag:08x}.dcm"
        source.write_bytes(explicit_bytes(damaged))
        try:
            Deidentifier(KEY, preset).preview(read_dataset(source))
            Deidentifier(KEY, preset).file(source, target)
        except ImagingError:
            assert not target.exists()
        else:
            # Letters may be taken for numbers: then the last look finds them.
            assert b"algado" not in target.read_bytes() or scan_bytes(target, {"salgado"}), tag


def explicit_bytes(dataset: Dataset) -> bytes:
    """A file of the data set's elements, raw ones with whatever representation they claim."""
    pieces = [bytes(128) + b"DICM" + bytes.fromhex("02001000 5549 1400") + b"1.2.840.10008.1.2.1\0"]
    for tag in sorted(dataset.keys()):
        element = dataset.get_item(tag, keep_deferred=True)
        if isinstance(element, RawDataElement):
            value, vr = element.value or b"", element.VR
            long = vr in ("SQ", "UN")
            length = len(value).to_bytes(4 if long else 2, "little")
            pieces.append(struct.pack("<HH", tag.group, tag.element) + vr.encode() + bytes(2 * long) + length)
            pieces.append(value)
        else:
            single, stream = Dataset(), BytesIO()
            single[tag] = element
            dcmwrite(stream, single, implicit_vr=False, little_endian=True)
            pieces.append(stream.getvalue())
    return b"".join(pieces)
