"""Colour: the zoo against other tools, and pictures whose colours are known without a computer."""

import imagecodecs
import numpy as np
import pydicom
import pytest
import SimpleITK as sitk  # noqa: N813 - the name its own examples use
from pydicom.encaps import encapsulate
from pydicom.pixels.processing import apply_color_lut

from app.imaging.errors import InvalidElement, UnsupportedData
from app.imaging.photometric import ybr_to_rgb
from app.imaging.pixels import read_frame
from tests.imaging.phantoms import ct_slice, write_file
from tests.shared_data import shared

FOLDER = "data/zoo/photometric"
JPEG, JPEG_LOSSLESS, JPEG_LS = "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.70", "1.2.840.10008.1.2.4.80"
J2K = "1.2.840.10008.1.2.4.90"
# Red, green, blue; black, white, grey.
COLOURS = np.array(
    [[[255, 0, 0], [0, 255, 0], [0, 0, 255]], [[0, 0, 0], [255, 255, 255], [90, 90, 90]]], np.uint8
)
# The same by PS3.3 C.7.6.3.1.2, worked out by hand and rounded.
COLOURS_YBR = np.array(
    [[[76, 85, 255], [150, 44, 21], [29, 255, 107]], [[0, 128, 128], [255, 128, 128], [90, 128, 128]]],
    np.uint8,
)


def colour_file(tmp_path, cells, photometric="RGB", syntax="1.2.840.10008.1.2.1", frame=None, **elements):
    """A file of the (rows, columns, 3) *cells*, or of the compressed *frame* that looks like them."""
    rows, columns, samples = cells.shape
    bits = 8 * cells.itemsize
    dataset = ct_slice(
        transfer_syntax=syntax,
        Rows=rows,
        Columns=columns,
        SamplesPerPixel=samples,
        PhotometricInterpretation=photometric,
        PlanarConfiguration=0,
        BitsAllocated=bits,
        BitsStored=bits,
        HighBit=bits - 1,
        PixelRepresentation=0,
    )
    dataset.PixelData = (
        cells.tobytes() + b"\0" * (cells.nbytes % 2) if frame is None else encapsulate([frame])
    )
    dataset["PixelData"].VR = "OB"
    for keyword, value in elements.items():
        setattr(dataset, keyword, value)
    return write_file(tmp_path / "colour.dcm", dataset)


@pytest.mark.parametrize(
    ("name", "apart"),
    [
        ("ExplVR_BigEnd.dcm", 0),
        ("OBXXXX1A_rle.dcm", 0),
        ("SC_rgb_jpeg_dcmtk.dcm", 0),
        ("SC_rgb_small_odd.dcm", 0),
        ("SC_ybr_full_422_uncompressed.dcm", 0),
        ("SC_ybr_full_uncompressed.dcm", 0),
        ("TestPattern_JPEG-Baseline_YBR422.dcm", 1),  # two versions of libjpeg
        ("TestPattern_JPEG-Baseline_YBRFull.dcm", 1),
        ("TestPattern_JPEG-LS-Lossless.dcm", 0),
        ("TestPattern_Palette_16.dcm", 0),
        ("YBR_FULL-RLE.dcm", 0),
        ("color-pl.dcm", 0),
        ("color-px.dcm", 0),
        ("examples_jpeg2k.dcm", 0),
        ("examples_palette.dcm", 0),
        ("no-pixel-spacing.dcm", 0),
    ],
)
def test_colour_equals_that_of_simpleitk(name, apart):
    path = shared(f"{FOLDER}/{name}")
    frame = read_frame(path)
    assert (frame.is_colour, frame.values.dtype, frame.unit) == (True, np.uint8, "")
    expected = sitk.GetArrayFromImage(sitk.ReadImage(str(path))).reshape(frame.values.shape)
    assert np.abs(frame.values.astype(int) - expected).max() <= apart


@pytest.mark.parametrize("name", ["OBXXXX1A_rle.dcm", "TestPattern_Palette_16.dcm", "examples_palette.dcm"])
def test_palettes_equal_those_of_pydicom(name):
    path = shared(f"{FOLDER}/{name}")
    dataset = pydicom.dcmread(path)
    expected = apply_color_lut(dataset.pixel_array, dataset) >> 8
    np.testing.assert_array_equal(read_frame(path).values, expected)


def test_monochrome1_stays_as_it_is_stored():
    for name, values in (("gdcm-CR-MONO1-10-chest.dcm", (0, 979)), ("RG3_J2KI.dcm", (0, 1023))):
        frame = read_frame(shared(f"{FOLDER}/{name}"))
        assert (frame.inverted, frame.is_colour) == (True, False)
        assert (frame.values.min(), frame.values.max()) == values


def test_16_and_32_bits_keep_black_white_and_grey():
    for name in ("SC_rgb_16bit.dcm", "SC_rgb_rle_32bit.dcm"):
        path = shared(f"{FOLDER}/{name}")
        dataset = pydicom.dcmread(path)
        expected = dataset.pixel_array >> (dataset.BitsStored - 8)
        np.testing.assert_array_equal(read_frame(path).values, expected)


def test_the_depths_of_colour(tmp_path):
    deep = np.array([[[0, 65535, 65280], [257, 32768, 255]]], np.uint16)
    assert read_frame(colour_file(tmp_path, deep)).values.tolist() == [[[0, 255, 255], [1, 128, 0]]]
    twelve = np.array([[[0, 4095, 2048], [15, 16, 4080]]], np.uint16)
    found = read_frame(colour_file(tmp_path, twelve, BitsStored=12, HighBit=11)).values
    assert found.tolist() == [[[0, 255, 128], [0, 1, 255]]]
    four = np.array([[[0, 15, 8], [1, 2, 3]]], np.uint8)
    found = read_frame(colour_file(tmp_path, four, BitsStored=4, HighBit=3)).values
    assert found.tolist() == [[[0, 255, 136], [17, 34, 51]]]


def test_planes_and_pixels_give_one_picture(tmp_path):
    planes = np.ascontiguousarray(COLOURS.transpose(2, 0, 1)).tobytes()
    path = colour_file(tmp_path, COLOURS, PlanarConfiguration=1, PixelData=planes)
    np.testing.assert_array_equal(read_frame(path).values, COLOURS)


def test_luminance_and_chroma_by_hand(tmp_path):
    assert np.abs(ybr_to_rgb(COLOURS_YBR).astype(int) - COLOURS).max() <= 1
    found = read_frame(colour_file(tmp_path, COLOURS_YBR, "YBR_FULL")).values
    np.testing.assert_array_equal(found, ybr_to_rgb(COLOURS_YBR))


def test_every_luminance_and_chroma_against_pydicom():
    from pydicom.pixels.processing import convert_color_space

    steps = np.arange(0, 256, 15)
    cube = np.stack(np.meshgrid(steps, steps, steps), axis=-1).astype(np.uint8).reshape(18, -1, 3)
    expected = convert_color_space(cube, "YBR_FULL", "RGB")
    assert np.abs(ybr_to_rgb(cube).astype(int) - expected).max() <= 1


def test_thinned_out_chroma_belongs_to_two_pixels(tmp_path):
    # Red and black share the chroma of red, blue and white that of blue: Y Y Cb Cr.
    cells = np.zeros((1, 4, 3), np.uint8)
    path = colour_file(tmp_path, cells, "YBR_FULL_422", PixelData=bytes((76, 0, 85, 255, 29, 255, 255, 107)))
    found = read_frame(path).values[0].astype(int)
    expected = ybr_to_rgb(
        np.array([[[76, 85, 255], [0, 85, 255], [29, 255, 107], [255, 255, 107]]], np.uint8)
    )
    np.testing.assert_array_equal(found, expected[0])
    assert np.abs(found[0] - (255, 0, 0)).max() <= 1


def test_chroma_that_was_not_thinned_out_in_spite_of_the_header(tmp_path):
    cells = np.concatenate([COLOURS_YBR, COLOURS_YBR[:, :1]], axis=1)
    found = read_frame(colour_file(tmp_path, cells, "YBR_FULL_422")).values
    np.testing.assert_array_equal(found, ybr_to_rgb(cells))


def test_thinned_out_chroma_of_odd_columns_is_refused(tmp_path):
    with pytest.raises(InvalidElement, match="even number of Columns, not 3"):
        read_frame(colour_file(tmp_path, COLOURS, "YBR_FULL_422", PixelData=bytes(12)))


# What the header says of a JPEG, what the stream says, and what the stream's samples are.
HONESTY = [
    ("YBR_FULL_422", "JFIF", "YBR"),
    ("YBR_FULL", "JFIF", "YBR"),
    ("RGB", "JFIF", "YBR"),
    ("RGB", "nothing", "RGB"),
    ("YBR_FULL", "nothing", "YBR"),
    ("YBR_FULL_422", "nothing", "YBR"),
    ("RGB", "Adobe YBR", "YBR"),
    ("YBR_FULL_422", "Adobe RGB", "RGB"),
    ("RGB", "Adobe RGB", "RGB"),
]


@pytest.mark.parametrize(("photometric", "marker", "samples"), HONESTY)
def test_the_stream_goes_before_the_header_where_it_says_its_colour(tmp_path, photometric, marker, samples):
    flat = np.empty((16, 16, 3), np.uint8)
    flat[:] = (200, 40, 90)
    space = "YCBCR" if samples == "YBR" else "RGB"
    frame = imagecodecs.jpeg8_encode(
        flat, level=100, colorspace="RGB", outcolorspace=space, subsampling="444"
    )
    path = colour_file(tmp_path, flat, photometric, JPEG, remarked(frame, marker))
    assert np.abs(read_frame(path).values.astype(int) - flat).max() <= 2


def remarked(frame, marker):
    """*frame* with its JFIF and Adobe markers, and its components' names, replaced."""
    at = 2
    while frame[at + 1] in (0xE0, 0xEE):
        at += 2 + int.from_bytes(frame[at + 2 : at + 4], "big")
    markers = {
        "JFIF": b"\xff\xe0\x00\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0",
        "Adobe RGB": b"\xff\xee\x00\x0eAdobe\0\x64\0\0\0\0\0",
        "Adobe YBR": b"\xff\xee\x00\x0eAdobe\0\x64\0\0\0\0\1",
        "nothing": b"",
    }
    rest = bytearray(frame[at:])
    header = rest.index(b"\xff\xc0")
    scan = rest.index(b"\xff\xda")
    for part in range(3):
        rest[header + 10 + 3 * part] = rest[scan + 5 + 2 * part] = part + 1
    return frame[:2] + markers[marker] + bytes(rest)


@pytest.mark.parametrize("syntax", [JPEG_LOSSLESS, JPEG_LS, J2K])
def test_lossless_colour_survives_as_rgb_and_as_ybr(tmp_path, syntax):
    dice = np.random.default_rng(5)
    cells = dice.integers(0, 256, (16, 20, 3), np.uint8)
    encode = {
        JPEG_LOSSLESS: lambda: imagecodecs.jpeg8_encode(cells, lossless=True, bitspersample=8),
        JPEG_LS: lambda: imagecodecs.jpegls_encode(cells),
        J2K: lambda: imagecodecs.jpeg2k_encode(cells, codecformat="J2K", level=0, reversible=True, mct=False),
    }
    frame = encode[syntax]()
    np.testing.assert_array_equal(
        read_frame(colour_file(tmp_path, cells, "RGB", syntax, frame)).values, cells
    )
    if syntax != JPEG_LOSSLESS:  # its encoder writes the Adobe marker, which says RGB
        found = read_frame(colour_file(tmp_path, cells, "YBR_FULL", syntax, frame)).values
        np.testing.assert_array_equal(found, ybr_to_rgb(cells))


@pytest.mark.parametrize("photometric", ["YBR_RCT", "RGB", "YBR_FULL"])
def test_the_component_transform_of_jpeg_2000_is_undone_by_the_decoder(tmp_path, photometric):
    cells = np.random.default_rng(6).integers(0, 256, (16, 20, 3), np.uint8)
    frame = imagecodecs.jpeg2k_encode(cells, codecformat="J2K", level=0, reversible=True, mct=True)
    found = read_frame(colour_file(tmp_path, cells, photometric, J2K, frame)).values
    np.testing.assert_array_equal(found, cells)


def test_jpeg_ls_by_planes_equals_jpeg_ls_by_pixels(tmp_path):
    jpeg_ls = pytest.importorskip("jpeg_ls")
    cells = np.random.default_rng(8).integers(0, 256, (16, 20, 3), np.uint8)
    planes = np.ascontiguousarray(cells.transpose(2, 0, 1))
    for mode, array in ((0, planes), (1, cells), (2, cells)):
        frame = bytes(jpeg_ls.encode_array(array, interleave_mode=mode))
        found = read_frame(colour_file(tmp_path, cells, "RGB", JPEG_LS, frame)).values
        np.testing.assert_array_equal(found, cells)


@pytest.mark.parametrize(
    ("photometric", "samples"),
    [("ARGB", 4), ("CMYK", 4), ("HSV", 3), ("YBR_PARTIAL_420", 3), ("MONOCHROME2", 3), ("RGB", 2)],
)
def test_other_colours_are_refused_by_name(tmp_path, photometric, samples):
    cells = np.zeros((4, 6, samples), np.uint8)
    with pytest.raises(UnsupportedData, match=rf"\(0028,0004\) {photometric} with {samples} samples"):
        read_frame(colour_file(tmp_path, cells, photometric))


def test_negative_colours_are_refused(tmp_path):
    with pytest.raises(InvalidElement, match=r"Pixel Representation \(0028,0103\) is 1"):
        read_frame(colour_file(tmp_path, COLOURS, PixelRepresentation=1))
    dark = (COLOURS // 2).astype(np.uint8)
    np.testing.assert_array_equal(read_frame(colour_file(tmp_path, dark, PixelRepresentation=1)).values, dark)


@pytest.mark.parametrize("photometric", ["RGB", "YBR_FULL_422"])
def test_a_colour_of_one_sample_is_refused(tmp_path, photometric):
    path = write_file(tmp_path / "one.dcm", ct_slice(PhotometricInterpretation=photometric))
    with pytest.raises(InvalidElement, match=rf"\(0028,0004\) is {photometric}, but Samples per Pixel"):
        read_frame(path)
