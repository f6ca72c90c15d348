"""The tumour of the IBSI phantom, a real CT, through every format and back: 125 256 voxels, each the same."""

from pathlib import Path

import highdicom
import numpy as np
import pydicom
import pytest
import SimpleITK

from app.imaging.contours import fill_structures
from app.imaging.formats.labelwriter import nifti_bytes, nrrd_bytes
from app.imaging.formats.rtstruct import read_structures
from app.imaging.formats.rtstructwriter import rtstruct_bytes
from app.imaging.formats.segwriter import seg_bytes
from app.imaging.formats.sourceimages import SourceImages
from app.imaging.formats.writtenas import WrittenAs
from app.imaging.segments import BoxMask, Grid, Segment
from tests.shared_data import shared

ABOUT = WrittenAs("1.2.3.4.5", "1.2.3.4.6", "GTV", "1.0")
VOXELS = 125256


@pytest.fixture(scope="module")
def tumour() -> tuple[list[Segment], Grid, SourceImages]:
    folder = shared("data/ct-lung-ibsi-rtstruct-nifti")
    slices = [pydicom.dcmread(path, stop_before_pixels=True) for path in sorted((folder / "ct").iterdir())]
    slices.sort(key=lambda header: float(header.ImagePositionPatient[2]))
    image = SimpleITK.ReadImage(str(folder / "reference/mask.nii.gz"))
    mask = SimpleITK.GetArrayFromImage(image) > 0
    first = slices[0]
    affine = np.diag([*map(float, first.PixelSpacing[::-1]), 3.0, 1.0])
    affine[:3, 3] = [float(mm) for mm in first.ImagePositionPatient]
    assert image.GetOrigin() == pytest.approx(tuple(affine[:3, 3]), abs=1e-3)
    grid = Grid.of(mask.shape[::-1], affine, str(first.FrameOfReferenceUID))
    by_k = tuple((str(header.SOPInstanceUID), None) for header in slices)
    sources = SourceImages(tuple(slices), by_k)
    return [Segment(1, "GTV-1", BoxMask.of(mask), (0, 230, 0))], grid, sources


def whole(segments: list[Segment], grid: Grid) -> np.ndarray:
    (segment,) = segments
    assert segment.mask.count == VOXELS
    return segment.mask.full(grid.shape_kji)


def test_seg(tmp_path: Path, tumour) -> None:
    segments, grid, sources = tumour
    path = tmp_path / "seg.dcm"
    path.write_bytes(seg_bytes(segments, grid, sources, ABOUT))

    # By the images that the frames are derived from, in the order of the slices.
    order = [uid for uid, _frame in sources.images_by_k]
    frames = highdicom.seg.segread(path).get_pixels_by_source_instance(
        order, assert_missing_frames_are_empty=True
    )

    assert np.array_equal(frames[..., 0] > 0, whole(segments, grid))


def test_rtstruct(tmp_path: Path, tumour) -> None:
    segments, grid, sources = tumour
    path = tmp_path / "rtstruct.dcm"
    path.write_bytes(rtstruct_bytes(segments, grid, sources, ABOUT))

    placed = fill_structures(read_structures(path), grid)

    assert placed.placement == "exact"
    assert np.array_equal(placed.segments[0].mask.full(grid.shape_kji), whole(segments, grid))


@pytest.mark.parametrize(("write", "kind"), [(nifti_bytes, "nii.gz"), (nrrd_bytes, "seg.nrrd")])
def test_label_maps(tmp_path: Path, tumour, write, kind) -> None:
    segments, grid, _sources = tumour
    path = tmp_path / f"labels.{kind}"
    path.write_bytes(write(segments, grid))

    image = SimpleITK.ReadImage(str(path))

    assert np.array_equal(SimpleITK.GetArrayFromImage(image) > 0, whole(segments, grid))
    assert image.GetOrigin() == pytest.approx(tuple(grid.matrix[:3, 3]), abs=1e-3)
    assert image.GetSpacing() == pytest.approx((0.9765625, 0.9765625, 3.0), abs=1e-3)
