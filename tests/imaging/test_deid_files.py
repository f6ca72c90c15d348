"""De-identification file by file: what is refused, what is written, what real files keep."""

from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from app.imaging.deid_scan import scan_bytes, scan_name
from app.imaging.deidentify import Deidentifier, export_name
from app.imaging.errors import ImagingError, LimitExceeded, MissingElement, UnsupportedData
from tests.imaging.deid_samples import KEY, PYDICOM_FILES, ct, saved
from tests.shared_data import shared


@pytest.mark.parametrize(
    ("sop_class", "word"),
    [
        ("1.2.840.10008.5.1.4.1.1.104.1", "documents"),
        ("1.2.840.10008.5.1.4.1.1.88.33", "reports"),
        ("1.2.840.10008.5.1.4.1.1.9.1.1", "Waveforms"),
        ("1.2.840.10008.5.1.4.1.1.11.1", "Presentation"),
        ("1.2.840.10008.1.3.10", "DICOMDIR"),
    ],
)
def test_object_made_of_text_is_refused(sop_class: str, word: str) -> None:
    with pytest.raises(UnsupportedData, match=word):
        Deidentifier(KEY).dataset(ct(SOPClassUID=sop_class))


def test_object_without_pixels_or_identity_is_refused() -> None:
    bare, nameless = ct(SOPClassUID="1.2.840.10008.5.1.4.1.1.66"), ct()
    del bare.PixelData
    del nameless.SOPInstanceUID
    with pytest.raises(UnsupportedData, match="without pixels"):
        Deidentifier(KEY).dataset(bare)
    with pytest.raises(MissingElement, match=r"\(0008,0018\)"):
        Deidentifier(KEY).dataset(nameless)


def test_nesting_is_bounded() -> None:
    inner = Dataset()
    for _ in range(40):
        outer = Dataset()
        outer.SharedFunctionalGroupsSequence = Sequence([inner])
        inner = outer
    with pytest.raises(LimitExceeded, match="32"):
        Deidentifier(KEY).dataset(ct(SharedFunctionalGroupsSequence=Sequence([inner])))


def test_burned_in_text_is_reported(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.dcm", ct(BurnedInAnnotation="YES"))
    assert "(0028,0301)" in str(Deidentifier(KEY).file(path, tmp_path / "b.dcm").warnings[0])
    capture = saved(tmp_path / "c.dcm", ct(SOPClassUID="1.2.840.10008.5.1.4.1.1.7", Modality="OT"))
    assert "OT" in str(Deidentifier(KEY).file(capture, tmp_path / "d.dcm").warnings[0])
    plain = saved(tmp_path / "e.dcm", ct())
    assert Deidentifier(KEY).file(plain, tmp_path / "f.dcm").warnings == ()


@pytest.mark.parametrize("name", ["Basic^Profile", "Anonymous^Removed", "Option^Patient", "Deid^Dcm"])
def test_words_of_our_own_do_not_stop_an_export(tmp_path: Path, name: str) -> None:
    path = saved(tmp_path / "a.dcm", ct(PatientName=name, PatientBirthDate="19000101"))
    report = Deidentifier(KEY, "characteristics").file(path, tmp_path / "b.dcm")
    assert scan_bytes(tmp_path / "b.dcm", report.identifiers) == []


def test_file_meta_is_made_anew_and_nothing_else_is_left(tmp_path: Path) -> None:
    original = ct()
    original.add_new(0xFFFCFFFC, "OB", b"ROSA")
    original.ensure_file_meta()
    original.file_meta.SourceApplicationEntityTitle = "SALGADO"
    original.preamble = b"SALGADO".ljust(128, b"\0")
    report = Deidentifier(KEY).file(saved(tmp_path / "Salgado.dcm", original), tmp_path / "sub" / "copy.dcm")
    data = (tmp_path / "sub" / "copy.dcm").read_bytes()
    copy = dcmread(tmp_path / "sub" / "copy.dcm")
    assert data[:128] == bytes(128)
    assert [element.keyword for element in copy.file_meta] == [
        "FileMetaInformationGroupLength", "FileMetaInformationVersion", "MediaStorageSOPClassUID",
        "MediaStorageSOPInstanceUID", "TransferSyntaxUID", "ImplementationClassUID",
        "ImplementationVersionName",
    ]  # fmt: skip
    assert copy.file_meta.MediaStorageSOPInstanceUID == copy.SOPInstanceUID == report.sop_instance_uid
    assert data.endswith(bytes(8))


def test_copy_never_replaces_its_original(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.dcm", ct())
    with pytest.raises(ValueError, match="original"):
        Deidentifier(KEY).file(path, tmp_path / "." / "a.dcm")


def test_names_are_numbers() -> None:
    assert export_name(2, 17) == "ST0001/SE0002/IM00017.dcm"
    with pytest.raises(ValueError, match="from 1"):
        export_name(0, 1)


def test_japanese_text_stays_as_it_is_and_the_name_goes(tmp_path: Path) -> None:
    original = ct(
        SpecificCharacterSet=["", "ISO 2022 IR 87"], PatientName="Yamada^Tarou=山田^太郎=やまだ^たろう"
    )
    original.Manufacturer, original.BodyPartExamined = "東芝", "CHEST"
    item = Dataset()
    item.CodeMeaning = "山田 様の肺"
    original.AnatomicRegionSequence = Sequence([item])
    source = saved(tmp_path / "a.dcm", original)
    report = Deidentifier(KEY, overrides={"StudyDescription": "肺"}).file(source, tmp_path / "b.dcm")
    copy = dcmread(tmp_path / "b.dcm")
    assert (copy.Manufacturer, copy.StudyDescription) == ("東芝", "肺")
    assert list(copy.SpecificCharacterSet) == ["", "ISO 2022 IR 87"]
    assert copy.AnatomicRegionSequence[0].CodeMeaning == "REMOVED"
    assert scan_bytes(tmp_path / "b.dcm", report.identifiers, (), report.encodings) == []


@pytest.mark.parametrize("charset", [None, "ISO_IR 13", ["", "ISO 2022 IR 87"]])
def test_character_set_becomes_utf_8_where_an_override_needs_it(tmp_path: Path, charset: object) -> None:
    original = ct()
    if charset:
        original.SpecificCharacterSet = charset
    original.Manufacturer = "ACME" if charset is None else "ｱｸﾒ" if charset == "ISO_IR 13" else "東芝"
    source = saved(tmp_path / "a.dcm", original)
    Deidentifier(KEY, overrides={"PatientName": "Niño^José"}).file(source, tmp_path / "b.dcm")
    copy = dcmread(tmp_path / "b.dcm")
    assert copy.SpecificCharacterSet == "ISO_IR 192"
    assert (copy.PatientName, copy.Manufacturer) == ("Niño^José", original.Manufacturer)


def test_latin_1_override_stays_latin_1(tmp_path: Path) -> None:
    source = saved(tmp_path / "a.dcm", ct(SpecificCharacterSet="ISO_IR 100", Manufacturer="Böhm"))
    Deidentifier(KEY, overrides={"PatientName": "Niño^José"}).file(source, tmp_path / "b.dcm")
    assert "Niño^José".encode("latin-1") in (tmp_path / "b.dcm").read_bytes()
    assert "Böhm".encode("latin-1") in (tmp_path / "b.dcm").read_bytes()


def test_files_of_pydicom_walk_or_are_refused(tmp_path: Path) -> None:
    """Every syntax and oddity among them: pixels stay bit for bit, nothing that identifies stays."""
    copied = 0
    for number, path in enumerate(PYDICOM_FILES):
        target, maker = tmp_path / f"{number}.dcm", Deidentifier(KEY)
        try:
            report = maker.file(path, target)
        except ImagingError:
            assert not target.exists()
            continue
        copied += 1
        known = report.identifiers | maker.uids.seen().keys()
        assert scan_bytes(target, known, (), report.encodings) == [], path.name
        before, after = dcmread(path, force=True), dcmread(target)
        # The file of this name holds 64 × 64 pixels of two bytes, and padding.
        size = 8192 if path.name == "MR_small_padded.dcm" else None
        assert before.get("PixelData", b"")[:size] == after.get("PixelData", b""), path.name
        assert after.file_meta.TransferSyntaxUID == before.file_meta.get(
            "TransferSyntaxUID", after.file_meta.TransferSyntaxUID
        )
        assert sum(report.counts.values()) == len(Deidentifier(KEY).preview(before))
        assert not any(element.tag.is_private for element in after.iterall())
    assert copied >= 60


@pytest.mark.parametrize("name", ["JPEG2000.dcm", "MR_small_RLE.dcm", "ExplVR_BigEnd.dcm", "image_dfl.dcm"])
def test_transfer_syntax_and_pixels_stay(tmp_path: Path, name: str) -> None:
    source = next(path for path in PYDICOM_FILES if path.name == name)
    Deidentifier(KEY).file(source, tmp_path / "copy.dcm")
    before, after = dcmread(source), dcmread(tmp_path / "copy.dcm")
    assert after.file_meta.TransferSyntaxUID == before.file_meta.TransferSyntaxUID
    assert after.PixelData == before.PixelData


def referenced_instances(dataset: Dataset) -> set[str]:
    return {
        str(element.value) for element in dataset.iterall() if element.keyword == "ReferencedSOPInstanceUID"
    }


def test_real_rtstruct_still_refers_to_its_ct(tmp_path: Path) -> None:
    folder, maker = shared("data/ct-lung-ibsi-rtstruct-nifti"), Deidentifier(KEY)
    frames, series, found = set(), set(), frozenset[str]()
    outputs = []
    for number, path in enumerate(sorted((folder / "ct").rglob("*.dcm"))[:8], start=1):
        outputs.append(tmp_path / export_name(1, number))
        found |= maker.file(path, outputs[-1]).identifiers
        image = dcmread(outputs[-1], stop_before_pixels=True)
        frames.add(image.FrameOfReferenceUID)
        series.add(image.SeriesInstanceUID)
    outputs.append(tmp_path / export_name(2, 1))
    found |= maker.file(folder / "rtstruct.dcm", outputs[-1]).identifiers
    structures = dcmread(outputs[-1])
    reference = structures.ReferencedFrameOfReferenceSequence[0]
    assert {reference.FrameOfReferenceUID} == frames
    named = reference.RTReferencedStudySequence[0].RTReferencedSeriesSequence[0]
    assert {named.SeriesInstanceUID} == series
    for output in outputs:
        assert scan_bytes(output, found | maker.uids.seen().keys()) == []
        assert scan_name(str(output.relative_to(tmp_path)), found) == []


def test_real_seg_still_refers_to_its_ct(tmp_path: Path) -> None:
    folder, maker = shared("data/seg-ct-liver-dcmqi"), Deidentifier(KEY)
    for path in sorted((folder / "ct").rglob("*.dcm")):
        maker.file(path, tmp_path / "ct" / path.name)
    images = {str(dcmread(path).SOPInstanceUID) for path in (tmp_path / "ct").iterdir()}
    checked = 0
    for path in sorted((folder / "seg").rglob("*.dcm")):
        maker.file(path, tmp_path / path.name)
        names = referenced_instances(dcmread(tmp_path / path.name))
        assert names
        assert len(names) == len(referenced_instances(dcmread(path)))
        assert names & images
        checked += 1
    assert checked
