"""RT Structure Sets written, filled again by Matplotlib's even-odd paths and by our own reader."""

import io
import shutil
import subprocess
from datetime import datetime
from pathlib import Path

import numpy as np
import pydicom
import pytest
from matplotlib.path import Path as Polygon

from app.imaging.contours import fill_structures
from app.imaging.formats.rtstruct import read_structures
from app.imaging.formats.rtstructwriter import rtstruct_bytes
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

ABOUT = WrittenAs(
    "1.2.3.4.5",
    "1.2.3.4.7",
    "Plan de la lesión número 1",
    "1.0",
    {2: Algorithm("MANUAL")},
    datetime(2026, 11, 21, 9, 5, 3),  # noqa: DTZ001 - DICOM's local time
)
NAMES = {2: "ring", 5: "islands", 6: "voxel", 9: "organ"}


def written(affine=AXIAL) -> bytes:
    return rtstruct_bytes(segments(), grid_of(affine), sources(affine), ABOUT)


def read(content: bytes) -> pydicom.Dataset:
    return pydicom.dcmread(io.BytesIO(content))


@pytest.mark.parametrize("name", GRIDS)
def test_even_odd_fill_gives_the_same_voxels(name):
    affine = np.array(GRIDS[name], np.float64)
    columns, rows = np.meshgrid(np.arange(SHAPE_IJK[0]), np.arange(SHAPE_IJK[1]))
    centers = np.column_stack([columns.ravel(), rows.ravel()])

    for item in read(written(GRIDS[name])).ROIContourSequence:
        filled = np.zeros(SHAPE_KJI, np.bool_)
        for contour in item.ContourSequence:
            points = np.array(contour.ContourData, float).reshape(-1, 3) - affine[:3, 3]
            indices = points @ np.linalg.inv(affine[:3, :3]).T
            (k,) = set(np.round(indices[:, 2], 4))
            inside = Polygon(indices[:, :2]).contains_points(centers)
            filled[int(k)] ^= inside.reshape(SHAPE_KJI[1:])
        assert np.array_equal(filled, masks()[NAMES[item.ReferencedROINumber]])


@pytest.mark.parametrize("name", GRIDS)
def test_our_own_reader_fills_the_same_voxels(tmp_path, name):
    path = tmp_path / "rtstruct.dcm"
    path.write_bytes(written(GRIDS[name]))
    grid = grid_of(GRIDS[name])

    placed = fill_structures(read_structures(path), grid)

    assert placed.warnings == ()
    assert [segment.name for segment in placed.segments] == ["Anillo <b>ñ</b>", "islas", "Segment 6", "GTV/1"]
    assert placed.segments[0].color_rgb == (230, 25, 75)
    for segment in placed.segments:
        expected = masks()[NAMES[segment.number]]
        assert np.array_equal(segment.mask.full(SHAPE_KJI), expected)


def test_the_hole_is_a_contour_of_its_own():
    ring = read(written()).ROIContourSequence[0]

    # Slices 1 and 4 have one, slices 2 and 3 an outer and an inner one.
    assert [contour.NumberOfContourPoints for contour in ring.ContourSequence] == [4, 4, 4, 4, 4, 4]
    # Columns 2…8 of 0.5 mm from 10, rows 1…8 of 2 mm from -20, half a voxel around.
    assert sorted(set(ring.ContourSequence[0].ContourData[0::3])) == [10.75, 14.25]
    assert sorted(set(ring.ContourSequence[0].ContourData[1::3])) == [-19, -3]
    assert set(ring.ContourSequence[0].ContourData[2::3]) == {33}


def test_references_lead_to_study_series_and_images():
    dataset = read(written())

    assert (dataset.PatientName, dataset.StudyInstanceUID) == ("Phantom^Hand", STUDY_UID)
    frame = dataset.ReferencedFrameOfReferenceSequence[0]
    assert frame.FrameOfReferenceUID == FRAME_UID
    series = frame.RTReferencedStudySequence[0].RTReferencedSeriesSequence[0]
    assert series.SeriesInstanceUID == SERIES_UID
    assert [image.ReferencedSOPInstanceUID for image in series.ContourImageSequence] == [
        f"{SERIES_UID}.{n}" for n in range(1, 8)
    ]
    for contour in dataset.ROIContourSequence[0].ContourSequence:
        k = round((contour.ContourData[2] - 30) / 3)
        (image,) = contour.ContourImageSequence
        assert image.ReferencedSOPInstanceUID == f"{SERIES_UID}.{k + 1}"


def test_regions_say_their_names_kinds_and_algorithms():
    dataset = read(written())

    assert [roi.ROIName for roi in dataset.StructureSetROISequence] == [
        "Anillo <b>ñ</b>", "islas", "Segment 6", "GTV/1",
    ]  # fmt: skip
    assert [roi.ROIGenerationAlgorithm for roi in dataset.StructureSetROISequence] == [
        "MANUAL", "SEMIAUTOMATIC", "SEMIAUTOMATIC", "SEMIAUTOMATIC",
    ]  # fmt: skip
    observations = dataset.RTROIObservationsSequence
    assert [item.RTROIInterpretedType for item in observations] == ["", "", "", "GTV"]
    assert observations[0].RTROIIdentificationCodeSequence[0].CodeValue == "64033007"
    assert (dataset.StructureSetLabel, dataset.StructureSetDate) == ("Plan de la lesi", "20261121")
    assert dataset.StructureSetTime == "090503"


def test_codes_of_eighteen_digits_stand_in_the_long_value():
    mask = BoxMask.of(masks()["voxel"])
    segment = Segment(1, "x", mask, None, Code("123456789012345678", "SCT", "thing"))

    (item,) = read(rtstruct_bytes([segment], grid_of(AXIAL), sources(AXIAL), ABOUT)).RTROIObservationsSequence

    assert item.RTROIIdentificationCodeSequence[0].LongCodeValue == "123456789012345678"


def test_decimal_strings_are_short_and_long_contours_whole():
    # A comb of 3000 teeth far from the origin, with thirds for spacing.
    mask = np.zeros((1, 2, 6001), np.bool_)
    mask[0, 0, ::2] = mask[0, 1] = True
    grid = Grid.of(
        (6001, 2, 1), [[1 / 3, 0, 0, -8000], [0, 1 / 3, 0, 9000], [0, 0, 1, 7000], [0, 0, 0, 1]], FRAME_UID
    )

    content = rtstruct_bytes(
        [Segment(1, "comb", BoxMask.of(mask))], grid, SourceImages(tuple(headers(AXIAL))), ABOUT
    )
    (contour,) = read(content).ROIContourSequence[0].ContourSequence
    raw = contour.ContourData

    assert "ContourImageSequence" not in contour
    assert contour.NumberOfContourPoints * 3 == len(raw) == 36012
    assert max(len(str(number)) for number in raw) <= 16
    assert len(content) > 65534


def test_what_cannot_be_written_is_refused():
    empty = Segment(1, "nothing", BoxMask.of(np.zeros(SHAPE_KJI, np.bool_)))

    with pytest.raises(NotWritable, match="no voxel"):
        rtstruct_bytes([empty], grid_of(AXIAL), sources(AXIAL), ABOUT)
    with pytest.raises(NotWritable, match="was not read from any"):
        rtstruct_bytes(segments(), grid_of(AXIAL), SourceImages(()), ABOUT)


def test_empty_segment_among_others_has_no_contours():
    empty = Segment(1, "nothing", BoxMask.of(np.zeros(SHAPE_KJI, np.bool_)))

    dataset = read(rtstruct_bytes([empty, *segments()], grid_of(AXIAL), sources(AXIAL), ABOUT))

    assert "ContourSequence" not in dataset.ROIContourSequence[0]
    assert len(dataset.StructureSetROISequence) == 5


def test_islands_on_single_slices_stay_on_them(tmp_path):
    """Slices 0, 3 and 6: without the grid in the file they could be planes of 9 mm."""
    mask = np.zeros(SHAPE_KJI, np.bool_)
    mask[::3, 2:5, 3:6] = True
    path = tmp_path / "rtstruct.dcm"
    island = Segment(1, "islands", BoxMask.of(mask))
    path.write_bytes(rtstruct_bytes([island], grid_of(OBLIQUE), sources(OBLIQUE), ABOUT))

    placed = fill_structures(read_structures(path), grid_of(OBLIQUE))

    assert np.array_equal(placed.segments[0].mask.full(SHAPE_KJI), mask)
    assert (placed.placement, placed.warnings) == ("exact", ())
    (planes,) = read(path.read_bytes()).ROIContourSequence[0].SourcePixelPlanesCharacteristicsSequence
    assert (planes.PixelSpacing, planes.SpacingBetweenSlices) == ([2, 0.5], 3)
    assert planes.ImageOrientationPatient == [1, 0, 0, 0, 0.8, 0.6]
    assert (planes.Columns, planes.Rows, planes.NumberOfFrames) == SHAPE_IJK


@pytest.mark.skipif(not shutil.which("dciodvfy"), reason="dicom3tools are not installed")
def test_dciodvfy_finds_no_fault(tmp_path: Path):
    path = tmp_path / "rtstruct.dcm"
    path.write_bytes(written(OBLIQUE))

    found = subprocess.run(["dciodvfy", path], capture_output=True, text=True, check=False)

    # PS3.3 C.8.8.6.4 wants these three (type 1); the tool's tables do not know them there.
    unknown = ("Number of Frames", "US Rows", "US Columns", "Standard Extended SOP Class")
    said = [line for line in found.stderr.splitlines() if not any(name in line for name in unknown)]
    assert said == ["RTStructureSet"]
