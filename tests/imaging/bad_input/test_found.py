"""What the bad series brought to light, each fault by itself, with numbers worked out by hand."""

import numpy as np
import pytest
from pydicom.dataelem import RawDataElement
from pydicom.tag import BaseTag

from app.imaging.dicomfile import inspect_file
from app.imaging.errors import InvalidElement, MissingElement, NotAVolume
from app.imaging.formats.nifti import read_nifti
from app.imaging.pixels import read_frame
from app.imaging.plan import plan_volume
from app.imaging.slices import read_slice_header, read_slice_headers
from app.imaging.suv import to_suv
from app.imaging.voi import read_voi_luts
from app.imaging.window import Window, to_grey
from tests.imaging.bad_input.damage import elements_of, retyped, revalued, text, without
from tests.imaging.bad_input.sound import MARK, series
from tests.imaging.formats.samples import nifti1, written
from tests.imaging.phantoms import ct_slice, write_file


def damaged(tmp_path, kind, keyword, edit):
    """The first file of a sound series with the first element called *keyword* edited."""
    data = series(kind)[0]
    element = next(found for found in elements_of(data) if found.keyword == keyword)
    path = tmp_path / "bad.dcm"
    path.write_bytes(edit(data, element))
    return path


def with_value(tmp_path, kind, keyword, value):
    return damaged(tmp_path, kind, keyword, lambda data, at: revalued(data, at, value))


def remarks(header):
    return " ".join(map(str, header.remarks))


@pytest.mark.parametrize("keyword", ["Rows", "BitsStored", "PixelRepresentation", "SamplesPerPixel"])
def test_a_name_in_the_place_of_a_number_is_not_quoted(tmp_path, keyword):
    name = f"{MARK}^Quill".encode()
    path = damaged(tmp_path, "ct", keyword, lambda data, at: retyped(data, at, "LO", name))
    with pytest.raises(InvalidElement, match="holds no number") as caught:
        inspect_file(path)
    assert MARK not in repr(caught.value.message)


@pytest.mark.parametrize("kind", ["ct", "palette"])
def test_an_unknown_photometric_interpretation_is_refused_and_not_quoted(tmp_path, kind):
    path = with_value(tmp_path, kind, "PhotometricInterpretation", MARK.upper().encode())
    with pytest.raises(
        InvalidElement, match=r"^Photometric Interpretation \(0028,0004\) is none that is known"
    ):
        inspect_file(path)


@pytest.mark.parametrize(
    ("keyword", "value", "said"),
    [
        ("Units", MARK.upper().encode(), "Units (0054,1001) is none of BQML, CNTS and GML"),
        ("DecayCorrection", MARK.upper().encode(), "Decay Correction (0054,1102) is neither START nor ADMIN"),
    ],
    ids=["units", "decay"],
)
def test_what_keeps_suv_from_being_computed_is_not_quoted(tmp_path, keyword, value, said):
    _headers, result = to_suv([read_slice_header(with_value(tmp_path, "pet", keyword, value))])
    assert str(result.reason).startswith(said)
    assert MARK.upper() not in str(result.reason)


def test_a_class_that_is_no_uid_is_not_quoted(tmp_path):
    dataset = ct_slice()
    del dataset.PixelData
    name = f"{MARK}.Quill".encode()
    dataset[0x00080016] = RawDataElement(BaseTag(0x00080016), "UI", len(name), name, 0, False, True)
    path = tmp_path / "bad.dcm"
    dataset.file_meta.MediaStorageSOPInstanceUID = "1.2"
    dataset.save_as(path, implicit_vr=False, little_endian=True)
    with pytest.raises(InvalidElement) as caught:
        inspect_file(path)
    assert MARK not in str(caught.value)


@pytest.mark.parametrize("slope", ["1e300", "-1e300", "1e-300", "1e26", "0", "NaN"])
def test_a_slope_that_float32_cannot_hold_shows_no_value(tmp_path, slope):
    path = with_value(tmp_path, "ct", "RescaleSlope", slope.encode())
    with pytest.raises(InvalidElement, match="Rescale Slope"):
        read_frame(path)
    assert not read_slice_header(path).rescale.is_usable


def test_an_intercept_that_float32_cannot_hold_shows_no_value(tmp_path):
    with pytest.raises(InvalidElement, match="Rescale Intercept"):
        read_frame(with_value(tmp_path, "ct", "RescaleIntercept", b"1e300"))


@pytest.mark.parametrize("scaling", ["0", "-0.001", "abc"])
def test_a_dose_without_a_positive_scaling_shows_no_value(tmp_path, scaling):
    with pytest.raises(InvalidElement, match="Rescale Slope"):
        read_frame(with_value(tmp_path, "dose", "DoseGridScaling", scaling.encode()))


@pytest.mark.parametrize("kind", ["ct", "enhanced-ct"])
@pytest.mark.parametrize("keyword", ["RescaleSlope", "RescaleIntercept"])
def test_without_slope_or_intercept_there_are_no_hounsfield_units(tmp_path, kind, keyword):
    path = damaged(tmp_path, kind, keyword, without)
    header = read_slice_header(path)
    assert (header.rescale.unit, read_frame(path).unit) == ("", "")
    assert "is missing: values are shown without a unit" in remarks(header)


def test_without_a_slope_pet_has_neither_activity_nor_suv(tmp_path):
    path = damaged(tmp_path, "pet", "RescaleSlope", without)
    headers, result = to_suv([read_slice_header(path)])
    assert headers[0].rescale.unit == ""
    assert str(result.reason) == "Rescale Slope (0028,1053) is missing."


def test_a_blank_slope_is_missing_in_every_frame(tmp_path):
    # pydicom makes nothing of blanks when it is first asked, and the second frame had the slope 1.
    headers = read_slice_headers(with_value(tmp_path, "enhanced-ct", "RescaleSlope", b" "))
    assert [header.rescale.is_stated for header in headers] == [False] * 3
    assert len({header.slope for header in headers}) == 1


@pytest.mark.parametrize(
    ("kind", "keyword", "said"),
    [
        ("ct", "PixelRepresentation", "Pixel Representation (0028,0103) is missing: 0 is assumed."),
        ("overlays", "BitsStored", "Bits Stored (0028,0101) is missing: 16 is assumed."),
        ("palette", "PhotometricInterpretation", "(0028,0004) is missing: MONOCHROME2 is assumed."),
        ("us", "PlanarConfiguration", "Planar Configuration (0028,0006) is missing: 0 is assumed."),
    ],
    ids=["sign", "bits", "photometric", "planar"],
)
def test_what_is_assumed_of_pixels_is_said(tmp_path, kind, keyword, said):
    path = damaged(tmp_path, kind, keyword, without)
    if keyword == "BitsStored":  # High Bit 11 would contradict
        data = path.read_bytes()
        element = next(found for found in elements_of(data) if found.keyword == "HighBit")
        path.write_bytes(without(data, element))
    assert said in remarks(read_slice_header(path))


def test_bits_below_those_shown_are_said(tmp_path):
    header = read_slice_header(with_value(tmp_path, "ct", "BitsStored", b"\x09\0"))
    assert "High Bit (0028,0102) is 15 with 9 Bits Stored" in remarks(header)


def test_more_bytes_than_the_stated_size_needs_are_said(tmp_path):
    # 8 × 12 pixels of 2 bytes are 192; 8 × 11 need 176.
    header = read_slice_header(with_value(tmp_path, "ct", "Columns", b"\x0b\0"))
    assert "has 192 bytes, more than the 176" in remarks(header)


def test_a_sound_image_has_no_remark(tmp_path):
    assert read_slice_header(write_file(tmp_path / "one.dcm", ct_slice())).remarks == ()


@pytest.mark.parametrize("bits", [1, 8, 16, 64])
def test_float_pixels_of_other_bits_are_refused(tmp_path, bits):
    with pytest.raises(InvalidElement, match=rf"Bits Allocated \(0028,0100\) is {bits}"):
        inspect_file(with_value(tmp_path, "float", "BitsAllocated", bytes((bits, 0))))


@pytest.mark.parametrize("value", [b"\xff\x7f", b"\xff\xff"], ids=["32767", "65535"])
def test_voi_luts_of_absurd_bits_end_in_tables_or_by_name(tmp_path, value):
    assert len(read_voi_luts(with_value(tmp_path, "overlays", "BitsStored", value))) == 2


def test_several_values_of_an_element_that_has_one_are_none(tmp_path):
    path = with_value(tmp_path, "pet", "PatientWeight", text(70, 80))
    _headers, result = to_suv([read_slice_header(path)])
    assert str(result.reason) == "Patient's Weight (0010,1030) is missing."
    with pytest.raises(InvalidElement, match="Rows"):
        inspect_file(with_value(tmp_path, "ct", "Rows", b"\1\0\2\0"))


def test_a_tag_is_no_number(tmp_path):
    path = damaged(
        tmp_path, "dose", "DoseGridScaling", lambda data, at: retyped(data, at, "AT", b"(\0\x10\0")
    )
    with pytest.raises(InvalidElement):
        read_frame(path)


def test_a_nifti_slope_that_makes_all_values_nothing_is_refused(tmp_path):
    path = written(tmp_path, nifti1(scl_slope=np.float32(1e-40)))
    with pytest.raises(InvalidElement, match="scl_slope"):
        read_nifti(path)


def test_large_planes_have_the_same_greys_as_small_ones():
    # 2100 × 2100 pixels are looked up in two parts.
    plane = np.arange(2100 * 2100, dtype=np.int64).astype(np.int16).reshape(2100, 2100)
    window = Window(0, 256)
    whole = to_grey(plane, window)
    assert (whole == np.concatenate([to_grey(plane[:9], window), to_grey(plane[9:], window)])).all()
    assert (whole[0, 0], whole[0, 100], whole[-1, -1]) == (128, 228, to_grey(plane[-1:, -1:], window)[0, 0])


@pytest.mark.parametrize(("step", "ends"), [(999, False), (1001, True)])
def test_slices_a_metre_apart_make_no_volume(tmp_path, step, ends):
    slices = [ct_slice(k, position=(0, 0, step * k)) for k in range(3)]
    headers = [read_slice_header(write_file(tmp_path / f"{k}.dcm", made)) for k, made in enumerate(slices)]
    if ends:
        with pytest.raises(NotAVolume, match=r"lie 1001\.000 mm apart, more than the 1000 mm"):
            plan_volume(headers)
    else:
        assert plan_volume(headers).affine[2][2] == 999


def test_missing_elements_are_still_said_to_be_missing(tmp_path):
    with pytest.raises(MissingElement, match=r"Rows \(0028,0010\) is missing"):
        inspect_file(damaged(tmp_path, "ct", "Rows", without))
