"""The demo series: valid, the same every time, and anatomy where it says it is."""

import io

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk  # noqa: N813 - the name its own examples use

from app.imaging.synthetic import LESIONS, thorax_series
from app.imaging.thorax import Thorax

SLICES, SIZE = 24, 64


@pytest.fixture(scope="module")
def series():
    return list(thorax_series(SLICES, SIZE))


@pytest.fixture(scope="module")
def thorax():
    return Thorax()


def hu_at(plane, x_mm, y_mm, radius_mm=1.0):
    """Mean of the pixels of a 512 plane within a radius of a point."""
    axis = (np.arange(512) - 255.5) * 0.75
    inside = (axis[None, :] - x_mm) ** 2 + (axis[:, None] - y_mm) ** 2 <= radius_mm**2
    return float(plane[inside].mean())


def test_files_can_be_written_strictly_and_read_back(series):
    stream = io.BytesIO()
    series[5].save_as(stream, enforce_file_format=True)
    stream.seek(0)
    read = pydicom.dcmread(stream)
    assert read.PatientName == "Demo^Triplano"
    assert read.ReferringPhysicianName == "Muñoz^Inés"
    assert read.file_meta.MediaStorageSOPInstanceUID == read.SOPInstanceUID
    assert read.pixel_array.shape == (SIZE, SIZE)
    assert read.pixel_array.dtype == np.uint16
    assert int(read.pixel_array.max()) <= 4095


@pytest.mark.parametrize(
    "keyword",
    [
        "SOPClassUID",
        "SOPInstanceUID",
        "StudyInstanceUID",
        "SeriesInstanceUID",
        "FrameOfReferenceUID",
        "Modality",
        "PatientName",
        "PatientID",
        "PatientBirthDate",
        "PatientSex",
        "StudyDate",
        "StudyTime",
        "ReferringPhysicianName",
        "StudyID",
        "AccessionNumber",
        "SeriesNumber",
        "Manufacturer",
        "ImageType",
        "InstanceNumber",
        "PixelSpacing",
        "ImageOrientationPatient",
        "ImagePositionPatient",
        "SliceThickness",
        "SamplesPerPixel",
        "PhotometricInterpretation",
        "Rows",
        "Columns",
        "BitsAllocated",
        "BitsStored",
        "HighBit",
        "PixelRepresentation",
        "PixelData",
        "RescaleIntercept",
        "RescaleSlope",
        "RescaleType",
        "KVP",
        "AcquisitionNumber",
        "WindowCenter",
        "WindowWidth",
        "BodyPartExamined",
        "PatientPosition",
        "ContrastBolusAgent",
    ],
)
def test_elements_that_the_ct_image_modules_require_have_values(series, keyword):
    for dataset in series:
        assert dataset[keyword].value not in (None, "")


def test_elements_that_may_be_empty_are_there(series):
    assert series[0].PositionReferenceIndicator == ""
    assert series[0].StudyDate == "20261120"
    assert list(series[0].WindowCenter) == [40, -600]
    assert list(series[0].WindowCenterWidthExplanation) == ["MEDIASTINUM", "LUNG"]


def test_uids_are_valid_distinct_and_derived(series):
    uids = [dataset.SOPInstanceUID for dataset in series]
    assert len(set(uids)) == SLICES
    assert all(uid.is_valid and uid.startswith("2.25.") for uid in uids)
    assert len({dataset.SeriesInstanceUID for dataset in series}) == 1
    assert (
        len({series[0][k].value for k in ("StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID")})
        == 3
    )


def test_the_same_arguments_give_the_same_bytes(series):
    again = next(thorax_series(SLICES, SIZE))
    assert again.PixelData == series[0].PixelData
    assert again.SOPInstanceUID == series[0].SOPInstanceUID
    other = next(thorax_series(SLICES, SIZE, seed=2))
    assert other.PixelData != series[0].PixelData
    assert other.SOPInstanceUID != series[0].SOPInstanceUID


def test_simpleitk_reads_one_regular_volume(series, tmp_path):
    for dataset in series:
        dataset.save_as(tmp_path / f"{dataset.InstanceNumber:03d}.dcm", enforce_file_format=True)
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(tmp_path)))
    image = reader.Execute()
    assert image.GetSize() == (64, 64, 24)
    assert image.GetSpacing() == pytest.approx((6, 6, 12.5))
    assert image.GetOrigin() == pytest.approx((-189, -189, 112.5 - 23 * 12.5))
    assert sitk.GetArrayFromImage(image)[:, 0, 0] == pytest.approx(-1000, abs=60)


def test_the_full_series_has_the_stated_spacing():
    first = next(thorax_series())
    assert (first.Rows, first.Columns) == (512, 512)
    assert list(first.PixelSpacing) == [0.75, 0.75]
    assert first.SliceThickness == 1.5
    assert list(first.ImagePositionPatient) == [-191.625, -191.625, 112.5]
    air = first.pixel_array[:60].astype(int) - 1024
    assert air.mean() == pytest.approx(-1000, abs=1)
    assert air.std() == pytest.approx(12, abs=1)


@pytest.mark.parametrize("lesion", LESIONS)
def test_lesions_are_where_the_literals_say(thorax, lesion):
    x, y, z = lesion.center_lps
    plane = thorax.slice_hu(z, 512)
    assert hu_at(plane, x, y, lesion.radius_mm - 3) == pytest.approx(lesion.hu, abs=2)
    assert hu_at(plane, x, y + lesion.radius_mm + 5, 2) == pytest.approx(112, abs=25)


def test_organs_lie_on_their_sides(thorax):
    chest, belly = thorax.slice_hu(-69.0, 512), thorax.slice_hu(-141.0, 512)
    assert hu_at(chest, 45, -20, 6) > 80  # heart on the left
    assert hu_at(chest, -60, -20, 12) < -600  # lung at the same place on the right
    assert hu_at(belly, -90, 0, 8) == pytest.approx(112, abs=15)  # liver on the right
    assert hu_at(belly, 98, 36, 8) == pytest.approx(124, abs=10)  # spleen on the left
    assert hu_at(belly, 62, -58, 3) < -900  # gas in front of the fluid in the stomach
    assert hu_at(thorax.slice_hu(40.5, 512), -1, 6, 4) < -950  # windpipe
    assert hu_at(chest, 0, 51, 6) > 80  # spine


def test_sizes_without_sense_are_refused():
    with pytest.raises(ValueError, match="at least"):
        next(thorax_series(0))
