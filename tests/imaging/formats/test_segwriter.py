"""DICOM SEG written, and read back by highdicom, by its bits alone, and by our own reader."""

import io
import shutil
import subprocess
from pathlib import Path

import highdicom
import numpy as np
import pydicom
import pytest

from app.imaging.formats.dicomseg import read_seg
from app.imaging.formats.segwriter import seg_bytes
from app.imaging.formats.sourceimages import NotWritable, SourceImages
from app.imaging.formats.writtenas import Algorithm, WrittenAs
from app.imaging.segments import BoxMask, Code, Grid, Segment
from tests.imaging.formats.masksamples import (
    AXIAL,
    GRIDS,
    OBLIQUE,
    SHAPE_IJK,
    SHAPE_KJI,
    grid_of,
    headers,
    masks,
    segments,
    sources,
)
from tests.imaging.phantoms import FRAME_UID, SERIES_UID, STUDY_UID

ABOUT = WrittenAs("1.2.3.4.5", "1.2.3.4.6", "Lesión", "1.0", {2: Algorithm("MANUAL")})
NAMES = ["ring", "islands", "voxel", "organ"]


def written(affine=AXIAL, *, overlap: bool = True) -> bytes:
    return seg_bytes(segments(overlap=overlap), grid_of(affine), sources(affine), ABOUT)


def voxels_lps(mask: np.ndarray, affine) -> set[tuple[float, ...]]:
    """The places of the voxels of *mask*, mm."""
    matrix = np.array(affine, np.float64)
    points = np.argwhere(mask)[:, ::-1] @ matrix[:3, :3].T + matrix[:3, 3]
    return {tuple(point) for point in np.round(points, 3) + 0.0}


@pytest.mark.parametrize("overlap", [True, False])
@pytest.mark.parametrize("name", GRIDS)
def test_bits_lie_where_the_frames_say(name, overlap):
    """Read by the words of PS3.5 8.1.1 alone: bits in a row, the lowest first."""
    affine = GRIDS[name]
    dataset = pydicom.dcmread(io.BytesIO(written(affine, overlap=overlap)))
    bits = np.unpackbits(np.frombuffer(dataset.PixelData, np.uint8), bitorder="little")
    shared = dataset.SharedFunctionalGroupsSequence[0]
    cosines = np.array(shared.PlaneOrientationSequence[0].ImageOrientationPatient, float).reshape(2, 3)
    down, across = (float(mm) for mm in shared.PixelMeasuresSequence[0].PixelSpacing)
    found: dict[int, set[tuple[float, ...]]] = {}
    for n, item in enumerate(dataset.PerFrameFunctionalGroupsSequence):
        plane = bits[n * 143 : (n + 1) * 143].reshape(11, 13)
        rows, columns = np.nonzero(plane)
        corner = np.array(item.PlanePositionSequence[0].ImagePositionPatient, float)
        points = corner + np.outer(columns * across, cosines[0]) + np.outer(rows * down, cosines[1])
        number = item.SegmentIdentificationSequence[0].ReferencedSegmentNumber
        found.setdefault(number, set()).update(tuple(point) for point in np.round(points, 3) + 0.0)

    names = NAMES if overlap else NAMES[:3]
    assert found == {n: voxels_lps(masks()[key], affine) for n, key in enumerate(names, 1)}
    assert dataset.SegmentsOverlap == ("YES" if overlap else "NO")


@pytest.mark.parametrize("name", GRIDS)
def test_highdicom_reads_the_same_voxels(name):
    affine = GRIDS[name]
    file = highdicom.seg.segread(io.BytesIO(written(affine)))

    volume = file.get_volume(combine_segments=False)
    for n, key in enumerate(NAMES):
        indices = np.argwhere(volume.array[..., n])
        points = indices @ volume.affine[:3, :3].T + volume.affine[:3, 3]
        assert {tuple(point) for point in np.round(points, 3) + 0.0} == voxels_lps(masks()[key], affine)


def test_our_own_reader_reads_the_same_segments(tmp_path):
    path = tmp_path / "seg.dcm"
    path.write_bytes(written(OBLIQUE))

    image = read_seg(path)

    assert image.series_uid == SERIES_UID
    assert image.grid.frame_of_reference_uid == FRAME_UID
    assert [segment.name for segment in image.segments] == ["Anillo <b>ñ</b>", "islas", "Segment 3", "GTV/1"]
    assert [segment.color_rgb for segment in image.segments] == [
        (230, 25, 75), (60, 180, 75), None, (0, 130, 200),
    ]  # fmt: skip
    for segment, key in zip(image.segments, NAMES, strict=True):
        whole = segment.mask.full(image.grid.shape_kji)
        assert voxels_lps(whole, image.grid.affine) == voxels_lps(masks()[key], OBLIQUE)


def test_header_joins_study_series_and_images():
    dataset = pydicom.dcmread(io.BytesIO(written()))

    assert (dataset.PatientName, dataset.PatientID, dataset.StudyDate) == ("Phantom^Hand", "PH-1", "20200131")
    assert (dataset.StudyInstanceUID, dataset.SeriesInstanceUID) == (STUDY_UID, "1.2.3.4.5")
    assert (dataset.SegmentationType, dataset.BitsAllocated, dataset.Modality) == ("BINARY", 1, "SEG")
    series = dataset.ReferencedSeriesSequence[0]
    assert series.SeriesInstanceUID == SERIES_UID
    assert [image.ReferencedSOPInstanceUID for image in series.ReferencedInstanceSequence] == [
        f"{SERIES_UID}.{n}" for n in range(1, 8)
    ]
    # 4 slices of the ring, 1 and 2 of the islands, 1 of the voxel, 5 of the organ: none empty.
    assert dataset.NumberOfFrames == 13


def test_each_frame_is_derived_from_the_image_at_its_place():
    dataset = pydicom.dcmread(io.BytesIO(written()))

    for item in dataset.PerFrameFunctionalGroupsSequence:
        image = item.DerivationImageSequence[0].SourceImageSequence[0]
        height = item.PlanePositionSequence[0].ImagePositionPatient[2]  # 30 + 3 k
        assert image.ReferencedSOPInstanceUID == f"{SERIES_UID}.{round((height - 30) / 3) + 1}"


@pytest.mark.parametrize("name", GRIDS)
def test_joined_layers_count_their_dimensions_as_a_single_one_does(name):
    plain, joined = (
        pydicom.dcmread(io.BytesIO(written(GRIDS[name], overlap=overlap))) for overlap in (False, True)
    )

    def heights(dataset):
        items = dataset.PerFrameFunctionalGroupsSequence
        values = [tuple(item.FrameContentSequence[0].DimensionIndexValues) for item in items]
        assert values == sorted(values)
        assert len(set(values)) == len(values)
        return [item.FrameContentSequence[0].InStackPositionNumber for item in items][:4]

    assert heights(plain) == heights(joined)


def test_segments_say_what_they_are_and_how_they_were_made():
    dataset = pydicom.dcmread(io.BytesIO(written()))
    ring, islands, voxel, _organ = dataset.SegmentSequence

    assert [item.SegmentNumber for item in dataset.SegmentSequence] == [1, 2, 3, 4]
    assert ring.SegmentAlgorithmType == "MANUAL"
    assert "SegmentationAlgorithmIdentificationSequence" not in ring
    assert islands.SegmentAlgorithmType == "SEMIAUTOMATIC"
    assert islands.SegmentAlgorithmName == "Triplano"
    assert ring.SegmentedPropertyTypeCodeSequence[0].CodeValue == "64033007"
    assert ring.SegmentedPropertyCategoryCodeSequence[0].CodeMeaning == "Anatomical Structure"
    assert islands.SegmentedPropertyCategoryCodeSequence[0].CodeValue == "49755003"
    assert voxel.SegmentedPropertyTypeCodeSequence[0].CodeMeaning == "Tissue"
    assert "RecommendedDisplayCIELabValue" not in voxel


def test_a_straightened_volume_names_the_series_but_no_image_a_frame():
    file = seg_bytes(segments(), grid_of(AXIAL), SourceImages(tuple(headers(AXIAL))), ABOUT)
    dataset = pydicom.dcmread(io.BytesIO(file))

    assert len(dataset.ReferencedSeriesSequence[0].ReferencedInstanceSequence) == 7
    items = dataset.PerFrameFunctionalGroupsSequence
    assert not any(item.get("DerivationImageSequence") for item in items)


def test_frames_of_one_file_are_named_by_number():
    header = headers(AXIAL)[0]
    header.SOPClassUID = "1.2.840.10008.5.1.4.1.1.4.1"
    by_k = tuple((str(header.SOPInstanceUID), 6 - k) for k in range(7))

    file = seg_bytes(segments(), grid_of(AXIAL), SourceImages((header,), by_k), ABOUT)

    for item in pydicom.dcmread(io.BytesIO(file)).PerFrameFunctionalGroupsSequence:
        image = item.DerivationImageSequence[0].SourceImageSequence[0]
        k = round((item.PlanePositionSequence[0].ImagePositionPatient[2] - 30) / 3)
        assert image.ReferencedFrameNumber == 7 - k
        assert image.ReferencedSOPClassUID == "1.2.840.10008.5.1.4.1.1.4.1"


def test_names_and_days_of_the_images_are_copied_however_odd():
    found = headers(AXIAL)
    for header in found:
        header.PatientName = "Peña^María=x" + "y" * 80
        header["PatientBirthDate"] = pydicom.DataElement(
            "PatientBirthDate", "DA", "1970.1.1", validation_mode=pydicom.config.IGNORE
        )
        header.SpecificCharacterSet = "ISO_IR 100"

    dataset = pydicom.dcmread(
        io.BytesIO(seg_bytes(segments(), grid_of(AXIAL), SourceImages(tuple(found)), ABOUT))
    )

    assert str(dataset.PatientName).startswith("Peña^María=x")
    assert dataset["PatientBirthDate"].value == "1970.1.1"


def test_slightly_skew_axes_are_written():
    affine = np.array(AXIAL, float)
    affine[0, 1], affine[1, 2] = 0.004, 0.01

    dataset = pydicom.dcmread(
        io.BytesIO(seg_bytes(segments(), Grid.of(SHAPE_IJK, affine, FRAME_UID), sources(AXIAL), ABOUT))
    )

    assert dataset.NumberOfFrames == 13


def test_what_cannot_be_written_is_refused_with_the_reason():
    grid = grid_of(AXIAL)
    empty = Segment(1, "nothing", BoxMask.of(np.zeros(SHAPE_KJI, np.bool_)))

    with pytest.raises(NotWritable, match="was not read from any"):
        seg_bytes(segments(), grid, SourceImages(()), ABOUT)
    with pytest.raises(NotWritable, match="Frame of Reference"):
        seg_bytes(segments(), Grid.of(SHAPE_IJK, AXIAL), sources(AXIAL), ABOUT)
    with pytest.raises(NotWritable, match="no voxel"):
        seg_bytes([empty], grid, sources(AXIAL), ABOUT)


def test_empty_segment_among_others_is_described_without_frames():
    empty = Segment(1, "nothing", BoxMask.of(np.zeros(SHAPE_KJI, np.bool_)))

    dataset = pydicom.dcmread(
        io.BytesIO(seg_bytes([empty, *segments()[:1]], grid_of(AXIAL), sources(AXIAL), ABOUT))
    )

    assert len(dataset.SegmentSequence) == 2
    assert dataset.NumberOfFrames == 4


@pytest.mark.skipif(not shutil.which("dciodvfy"), reason="dicom3tools are not installed")
@pytest.mark.parametrize("overlap", [True, False])
def test_dciodvfy_finds_no_fault(tmp_path: Path, overlap):
    path = tmp_path / "seg.dcm"
    path.write_bytes(written(OBLIQUE, overlap=overlap))

    found = subprocess.run(["dciodvfy", "-new", path], capture_output=True, text=True, check=False)

    assert found.stderr.split() == ["Segmentation"]


def test_more_than_255_segments_keep_their_numbers():
    many = []
    for n in range(300):
        mask = np.zeros((10, 10, 10), np.bool_)
        mask.reshape(-1)[n] = True
        many.append(Segment(n + 1, f"s{n}", BoxMask.of(mask), None, Code("123", "99X", "thing")))
    grid = Grid.of((10, 10, 10), np.eye(4), FRAME_UID)

    dataset = pydicom.dcmread(io.BytesIO(seg_bytes(many, grid, SourceImages(tuple(headers(AXIAL))), ABOUT)))

    assert dataset.NumberOfFrames == 300
    assert dataset.SegmentsOverlap == "NO"  # in spite of two layers of 8 bits
    last = dataset.PerFrameFunctionalGroupsSequence[-1]
    assert last.SegmentIdentificationSequence[0].ReferencedSegmentNumber == 300
    assert last.PlanePositionSequence[0].ImagePositionPatient[2] == 2
