"""Stored and modality values against SimpleITK, the zoo's own reference and numbers by hand."""

import json

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813 - the name its own examples use
from pydicom.encaps import encapsulate

from app.imaging.errors import InvalidElement, TruncatedFile, UnsupportedData
from app.imaging.pixels import exact_int16, read_frame
from tests.imaging.phantoms import ct_slice, write_file
from tests.shared_data import shared

SYNTAXES = "data/zoo/transfer-syntaxes"
READABLE = (
    "LittleEndianImplicit_1.2.840.10008.1.2",
    "LittleEndianExplicit_1.2.840.10008.1.2.1",
    "BigEndianExplicit_1.2.840.10008.1.2.2",
    "DeflatedExplicitVRLittleEndian_1.2.840.10008.1.2.1.99",
    "JPEG2000LosslessOnly_1.2.840.10008.1.2.4.90",
    "RLELossless_1.2.840.10008.1.2.5",
)


def frame_of(tmp_path, **elements):
    return read_frame(write_file(tmp_path / "one.dcm", ct_slice(**elements)))


@pytest.mark.parametrize("syntax", READABLE)
def test_one_slice_reads_alike_in_each_lossless_syntax(syntax):
    frame = read_frame(shared(f"{SYNTAXES}/CTImage_{syntax}.dcm"))
    plain = shared(f"{SYNTAXES}/CTImage_{READABLE[1]}.dcm")
    expected = sitk.GetArrayFromImage(sitk.ReadImage(str(plain)))[0]
    np.testing.assert_array_equal(frame.values, expected)
    reference = json.loads(shared(f"{SYNTAXES}/decode-reference.json").read_text())[f"CTImage_{syntax}.dcm"]
    assert (frame.values.min() + 1024, frame.values.max() + 1024) == (reference["min"], reference["max"])
    assert (frame.values.dtype, frame.unit, frame.slope, frame.intercept) == (np.int16, "HU", 1, -1024)


@pytest.mark.parametrize(
    ("name", "syntax"),
    [
        ("CTImage_JPEGLSLossless_1.2.840.10008.1.2.4.80.dcm", "1.2.840.10008.1.2.4.80"),
        ("CTImage_JPEGProcess10_12_1.2.840.10008.1.2.4.55.dcm", "1.2.840.10008.1.2.4.55"),
        ("JPEG-lossy.dcm", "1.2.840.10008.1.2.4.51"),
    ],
)
def test_a_syntax_without_decoder_is_named(name, syntax):
    path = shared(f"{SYNTAXES}/{name}")
    try:
        read_frame(path)
    except UnsupportedData as fault:
        assert f"({syntax})" in str(fault)  # noqa: PT017 - a decoder may be installed one day


def test_signed_values_below_the_stored_bits_keep_their_sign(tmp_path):
    # 12 bits stored: 0x0FFF is −1, 0x0800 is −2048; the upper four bits hold an old overlay.
    cells = np.array([[0x0FFF, 0x0800], [0x07FF, 0xF001]], np.uint16).view(np.int16)
    frame = frame_of(tmp_path, pixels=cells, intercept=0, BitsStored=12, HighBit=11)
    assert frame.values.tolist() == [[-1, -2048], [2047, 1]]


def test_bits_below_the_stored_ones_are_shifted_out(tmp_path):
    cells = np.array([[0xABCD, 0x0010]], np.uint16)
    frame = frame_of(tmp_path, pixels=cells, intercept=0, BitsStored=12, HighBit=15)
    assert frame.values.tolist() == [[0x0ABC, 0x0001]]


def test_unsigned_values_beyond_int16_become_float(tmp_path):
    frame = frame_of(tmp_path, pixels=np.array([[0, 65535]], np.uint16), intercept=0)
    assert frame.values.dtype == np.float32
    assert frame.values.tolist() == [[0, 65535]]


def test_unsigned_values_that_fit_after_the_intercept_are_int16(tmp_path):
    frame = frame_of(tmp_path, pixels=np.array([[0, 33791]], np.uint16), intercept=-1024)
    assert frame.values.dtype == np.int16
    assert frame.values.tolist() == [[-1024, 32767]]


def test_padding_that_leaves_int16_makes_float_instead_of_wrapping(tmp_path):
    frame = frame_of(tmp_path, pixels=np.array([[-32768, 0]], np.int16), intercept=-1024)
    assert frame.values.tolist() == [[-33792.0, -1024.0]]


def test_fractional_slope_gives_float32(tmp_path):
    frame = frame_of(tmp_path, pixels=np.array([[1, 3]], np.int16), slope=0.25, intercept=0.5)
    assert frame.values.dtype == np.float32
    assert frame.values.tolist() == [[0.75, 1.25]]


def test_monochrome1_is_a_flag_and_changes_no_value(tmp_path):
    frame = frame_of(tmp_path, intercept=0, PhotometricInterpretation="MONOCHROME1")
    assert frame.inverted
    assert frame.values[3].tolist() == [30, 31, 32, 33, 34]


@pytest.mark.parametrize(
    ("photometric", "shape", "inverted"),
    [
        ("MONOCHROME1", "INVERSE", True),  # the pair of DX: said twice is said once
        ("MONOCHROME1", "IDENTITY", True),
        ("MONOCHROME1", "", True),
        ("MONOCHROME2", "INVERSE", True),
        ("MONOCHROME2", "IDENTITY", False),
    ],
)
def test_photometric_and_presentation_shape_together(tmp_path, photometric, shape, inverted):
    elements = {"PhotometricInterpretation": photometric, "PresentationLUTShape": shape}
    assert frame_of(tmp_path, **elements).inverted is inverted


@pytest.mark.parametrize(
    ("elements", "unit"),
    [
        ({}, "HU"),
        ({"RescaleType": "HU"}, "HU"),
        ({"RescaleType": "US"}, ""),
        ({"Modality": "MR"}, ""),
        ({"Modality": "PT", "Units": "BQML"}, "BQML"),
        ({"Modality": "OT", "RescaleType": "MGML"}, "MGML"),
    ],
)
def test_units(tmp_path, elements, unit):
    assert frame_of(tmp_path, **elements).unit == unit


def test_frames_are_read_one_by_one():
    path = shared("data/zoo/multiframe/emri_small.dcm")
    expected = sitk.GetArrayFromImage(sitk.ReadImage(str(path)))
    for number in (0, 4, 9):
        np.testing.assert_array_equal(read_frame(path, number).values, expected[number])
    with pytest.raises(InvalidElement, match="Frame 11 was asked for, the image has 10"):
        read_frame(path, 10)


def test_big_endian_frames_equal_little_endian_ones():
    little = read_frame(shared("data/zoo/multiframe/emri_small.dcm"), 3)
    big = read_frame(shared("data/zoo/multiframe/emri_small_big_endian.dcm"), 3)
    np.testing.assert_array_equal(little.values, big.values)


@pytest.mark.parametrize("name", ["color-px.dcm", "color-pl.dcm", "SC_rgb_small_odd.dcm"])
def test_colour_is_rgb_bytes(name):
    path = shared(f"data/zoo/photometric/{name}")
    frame = read_frame(path)
    assert frame.is_colour
    assert frame.values.dtype == np.uint8
    expected = sitk.GetArrayFromImage(sitk.ReadImage(str(path)))
    np.testing.assert_array_equal(frame.values, expected.reshape(frame.values.shape))


def test_palette_is_looked_up():
    frame = read_frame(shared("data/zoo/photometric/TestPattern_Palette_16.dcm"))
    assert (frame.values.shape, frame.values.dtype, frame.is_colour) == ((400, 640, 3), np.uint8, True)


def test_pet_slope_and_unit():
    path = sorted(shared("data/pet-sts-rtstruct/pet").glob("*.dcm"))[100]
    frame = read_frame(path)
    assert (frame.unit, frame.values.dtype) == ("BQML", np.float32)
    np.testing.assert_allclose(
        frame.values, sitk.GetArrayFromImage(sitk.ReadImage(str(path)))[0], rtol=1e-6, atol=1e-3
    )


def test_modality_table_replaces_the_slope():
    frame = read_frame(shared("data/zoo/photometric/mlut_18.dcm"))
    assert (frame.slope, frame.intercept) == (1, 0)
    assert frame.values.max() == 65535


def test_broken_fragments_are_named(tmp_path):
    dataset = ct_slice(transfer_syntax="1.2.840.10008.1.2.5")
    dataset.PixelData = encapsulate([b"no RLE segments here"])
    dataset["PixelData"].VR = "OB"
    with pytest.raises(InvalidElement, match="cannot be decoded as RLE Lossless"):
        read_frame(write_file(tmp_path / "rle.dcm", dataset))


def test_a_file_cut_after_its_header_was_read_is_truncated(tmp_path):
    from app.imaging.decoding import read_native_file
    from app.imaging.volume import read_slice_header

    path = write_file(tmp_path / "one.dcm", ct_slice())
    header = read_slice_header(path)
    path.write_bytes(path.read_bytes()[:-8])
    with pytest.raises(TruncatedFile, match="32 of 40 bytes"):
        read_native_file(path, header.layout)


def test_exact_int16_agrees_with_exact_integers():
    dice = np.random.default_rng(3)
    for kind in (np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32):
        info = np.iinfo(kind)
        stored = dice.integers(info.min, info.max, (6, 7), kind, endpoint=True)
        for slope, intercept in ((1, 0), (1, -1024), (-1, 5), (3, 7), (40000, -90000), (0.5, 0), (1, 0.5)):
            wanted = [[int(v) * slope + intercept for v in row] for row in stored.tolist()]
            flat = [value for row in wanted for value in row]
            fits = slope == int(slope) and intercept == int(intercept)
            fits = fits and min(flat) >= -32768 and max(flat) <= 32767
            found = exact_int16(stored, slope, intercept)
            assert (found is not None) == fits
            if found is not None:
                assert found.tolist() == wanted
