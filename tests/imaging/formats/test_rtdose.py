"""Dose grids as files hold them."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from app.imaging.errors import ImagingError, InvalidElement, LimitExceeded, MissingElement, UnsupportedData
from app.imaging.formats import rtdose
from app.imaging.formats.rtdose import read_dose
from tests.imaging.phantoms import FRAME_UID, ct_slice, write_file
from tests.imaging.rtsamples import dose_grid
from tests.shared_data import shared

STORED = np.arange(3 * 4 * 5, dtype=np.uint16).reshape(3, 4, 5)


@pytest.fixture
def read(tmp_path):
    def from_dataset(dataset):
        return read_dose(write_file(tmp_path / "dose.dcm", dataset))

    return from_dataset


def test_values_are_gray_on_their_own_grid(read) -> None:
    dose = read(dose_grid(STORED))
    assert_allclose(dose.values_gy, STORED * 0.01, rtol=1e-6)
    assert dose.values_gy.dtype == np.float32
    assert dose.grid.shape_ijk == (5, 4, 3)
    assert_array_equal(dose.grid.matrix, [[2, 0, 0, 10], [0, 4, 0, -20], [0, 0, 3, 30], [0, 0, 0, 1]])
    assert dose.grid.frame_of_reference_uid == FRAME_UID
    assert (dose.kind, dose.unit, dose.summation) == ("PHYSICAL", "GY", "PLAN")
    assert dose.largest == pytest.approx(0.59)
    assert dose.warnings == ()


def test_stored_values_of_32_bits_keep_their_height(read) -> None:
    stored = np.full((2, 2, 2), 4_000_000_000, np.uint32)
    assert_allclose(read(dose_grid(stored, DoseGridScaling="1e-8")).values_gy, 40.0)


def test_relative_doses_say_so(read) -> None:
    assert read(dose_grid(STORED, DoseUnits="RELATIVE")).unit == "RELATIVE"


@pytest.mark.parametrize(
    ("offsets", "orientation", "step", "first"),
    [
        ([0, 3, 6], [1, 0, 0, 0, 1, 0], (0, 0, 3), (10, -20, 30)),
        ([0, -3, -6], [1, 0, 0, 0, 1, 0], (0, 0, -3), (10, -20, 30)),
        # Absolute places on the z axis, upwards and downwards, and with rows from left to right turned.
        ([30, 33, 36], [1, 0, 0, 0, 1, 0], (0, 0, 3), (10, -20, 30)),
        ([30, 27, 24], [1, 0, 0, 0, 1, 0], (0, 0, -3), (10, -20, 30)),
        ([30, 33, 36], [1, 0, 0, 0, -1, 0], (0, 0, 3), (10, -20, 30)),
        # Relative ones follow the normal: for these rows and columns it points to the feet.
        ([0, 3, 6], [1, 0, 0, 0, -1, 0], (0, 0, -3), (10, -20, 30)),
        # Relative ones that do not begin with 0.
        ([6, 9, 12], [1, 0, 0, 0, 1, 0], (0, 0, 3), (10, -20, 36)),
        # Coronal planes: the normal of +x and −z is +y.
        ([0, 3, 6], [1, 0, 0, 0, 0, -1], (0, 3, 0), (10, -20, 30)),
        ([0, 3, 6], [1, 0, 0, 0, 0.8, 0.6], (0, -1.8, 2.4), (10, -20, 30)),
    ],
)
def test_planes_lie_where_their_offsets_say(read, offsets, orientation, step, first) -> None:
    dose = read(dose_grid(STORED, GridFrameOffsetVector=offsets, ImageOrientationPatient=orientation))
    assert_allclose(dose.grid.matrix[:3, 2], step, atol=1e-9)
    assert_allclose(dose.grid.matrix[:3, 3], first, atol=1e-9)


def test_single_plane_is_as_thick_as_it_says_or_a_millimetre(read) -> None:
    thick = read(dose_grid(STORED[:1], GridFrameOffsetVector=None, SliceThickness=4))
    assert_array_equal(thick.grid.matrix[:3, 2], [0, 0, 4])
    assert thick.warnings == ()
    thin = read(dose_grid(STORED[:1], GridFrameOffsetVector=None))
    assert_array_equal(thin.grid.matrix[:3, 2], [0, 0, 1])
    assert len(thin.warnings) == 1


@pytest.mark.parametrize(
    ("change", "fault", "match"),
    [
        ({"GridFrameOffsetVector": [0, 3, 7]}, UnsupportedData, "3.000 to 4.000 mm apart"),
        ({"GridFrameOffsetVector": [0, 3]}, InvalidElement, "one number for each of 3 frames"),
        ({"GridFrameOffsetVector": [0, 0, 0]}, InvalidElement, "Grid Frame Offset Vector"),
        ({"GridFrameOffsetVector": None}, InvalidElement, "Grid Frame Offset Vector"),
        ({"DoseGridScaling": None}, MissingElement, "Dose Grid Scaling"),
        ({"DoseGridScaling": "0"}, InvalidElement, "is 0; a number above 0"),
        ({"DoseGridScaling": "-1"}, InvalidElement, "is -1; a number above 0"),
        ({"DoseUnits": None}, MissingElement, "Dose Units"),
        ({"DoseUnits": "RAD"}, InvalidElement, "GY or RELATIVE"),
        ({"DoseType": "ERROR"}, UnsupportedData, "errors of a dose"),
        ({"ImagePositionPatient": None}, MissingElement, "Image Position"),
        ({"ImagePositionPatient": [1, 2]}, InvalidElement, "Image Position"),
        ({"ImageOrientationPatient": [1, 0, 0, 1, 0, 0]}, InvalidElement, "Image Orientation"),
        ({"PixelSpacing": [0, 1]}, InvalidElement, "Pixel Spacing"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.2"}, UnsupportedData, "no RT Dose"),
        ({"Rows": 60_000}, ImagingError, "Truncated"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(read, change, fault, match: str) -> None:
    with pytest.raises(fault, match=match):
        read(dose_grid(STORED, **change))


def test_images_are_no_dose(read) -> None:
    with pytest.raises(UnsupportedData):
        read(ct_slice())


def test_memory_is_bounded(read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rtdose, "MAX_BYTES", 200)
    with pytest.raises(LimitExceeded, match="240 bytes"):
        read(dose_grid(STORED))


def test_real_dose_of_the_zoo() -> None:
    dose = read_dose(shared("data/zoo/multiframe/rtdose.dcm"))
    assert dose.grid.shape_ijk == (10, 10, 15)
    assert dose.unit == "RELATIVE"
    assert dose.summation == "BEAM"
    assert dose.largest == pytest.approx(1.254)  # pydicom: pixel_array.max() × Dose Grid Scaling
    assert_array_equal(dose.grid.matrix[:3, 2], [0, 0, 5])


def test_damaged_anywhere_it_is_read_or_refused_by_name(tmp_path) -> None:
    path = write_file(tmp_path / "dose.dcm", dose_grid(STORED))
    data = path.read_bytes()
    rng = np.random.default_rng(5)
    for _ in range(300):
        broken = bytearray(data)
        for at in rng.integers(140, len(data), 3):
            broken[at] = rng.integers(256)
        path.write_bytes(bytes(broken[: rng.integers(200, len(data))] if rng.random() < 0.2 else broken))
        try:
            dose = read_dose(path)
        except ImagingError:
            continue
        assert np.isfinite(dose.values_gy).all()
        assert abs(np.linalg.det(dose.grid.matrix[:3, :3])) > 0
