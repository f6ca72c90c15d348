"""Every transfer syntax of the zoo against other tools, and hand-made streams whose values are known."""

import json
import random
import struct
from concurrent.futures import ThreadPoolExecutor

import imagecodecs
import numpy as np
import pydicom
import pytest
import SimpleITK as sitk  # noqa: N813 - the name its own examples use
from pydicom.encaps import encapsulate, generate_frames

from app.imaging import values
from app.imaging.decoders import decode
from app.imaging.decoding import read_compressed_file, read_samples
from app.imaging.errors import ImagingError, InvalidElement, LimitExceeded, TruncatedFile, UnsupportedData
from app.imaging.layout import LAYOUT_TAGS, read_layout
from app.imaging.limits import DEFAULT_LIMITS
from app.imaging.pixels import read_frame
from app.imaging.structure import read_structure
from tests.imaging.phantoms import ct_slice, write_file
from tests.shared_data import shared

SYNTAXES = "data/zoo/transfer-syntaxes"
EXPLICIT = "CTImage_LittleEndianExplicit_1.2.840.10008.1.2.1.dcm"
J2K, HTJ2K = "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.201"
JPEG, JPEG_LOSSLESS = "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.70"
JPEG_LS, RLE = "1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.5"
GE_PRIVATE = "1.2.840.113619.5.2"
# Smallest and largest stored value by SimpleITK 2.5.7 (its GDCM), where the reference file has none.
BY_SIMPLEITK = {
    "CTImage_JPEGProcess10_12_1.2.840.10008.1.2.4.55.dcm": (497, 2708),
    "CTImage_JPEGProcess6_8_1.2.840.10008.1.2.4.53.dcm": (497, 2708),
}


def stored(path, frame=0):
    """The stored values of a file, as the application reads them."""
    structure = read_structure(path)
    layout = read_layout(structure, values.decode_elements(structure, LAYOUT_TAGS), DEFAULT_LIMITS)
    return read_samples(structure, layout, frame).values


def layout_of(path):
    structure = read_structure(path)
    return read_layout(structure, values.decode_elements(structure, LAYOUT_TAGS), DEFAULT_LIMITS)


def compressed(tmp_path, frames, syntax, pixels, **elements):
    """A file of the compressed *frames*, whose header announces the like of *pixels*."""
    dataset = ct_slice(pixels=pixels, transfer_syntax=syntax, intercept=0, **elements)
    dataset.PixelData = encapsulate([frames] if isinstance(frames, bytes) else frames)
    dataset["PixelData"].VR = "OB"
    return write_file(tmp_path / "compressed.dcm", dataset)


CT_FILES = (
    "BigEndianExplicit_1.2.840.10008.1.2.2",
    "DeflatedExplicitVRLittleEndian_1.2.840.10008.1.2.1.99",
    "JPEG2000LosslessOnly_1.2.840.10008.1.2.4.90",
    "JPEG2000_1.2.840.10008.1.2.4.91",
    "JPEGLSLossless_1.2.840.10008.1.2.4.80",
    "JPEGLSLossy_1.2.840.10008.1.2.4.81",
    "JPEGProcess10_12_1.2.840.10008.1.2.4.55",
    "JPEGProcess14SV1_1.2.840.10008.1.2.4.70",
    "JPEGProcess14_1.2.840.10008.1.2.4.57",
    "JPEGProcess1_1.2.840.10008.1.2.4.50",
    "JPEGProcess2_4_1.2.840.10008.1.2.4.51",
    "JPEGProcess6_8_1.2.840.10008.1.2.4.53",
    "LittleEndianExplicit_1.2.840.10008.1.2.1",
    "LittleEndianImplicit_1.2.840.10008.1.2",
    "RLELossless_1.2.840.10008.1.2.5",
)


@pytest.mark.parametrize("syntax", CT_FILES)
def test_one_slice_in_fifteen_syntaxes(syntax):
    name = f"CTImage_{syntax}.dcm"
    found = stored(shared(f"{SYNTAXES}/{name}"))
    reference = json.loads(shared(f"{SYNTAXES}/decode-reference.json").read_text())[name]
    low, high = BY_SIMPLEITK.get(name) or (reference["min"], reference["max"])
    # Two decoders of lossy JPEG may round one step apart; SimpleITK's is compared below, exactly.
    lossy_jpeg = reference["ts"].endswith((".50", ".51", ".53", ".55"))
    assert abs(int(found.min()) - low) <= lossy_jpeg
    assert found.max() == high
    apart = reference.get("max_abs_diff_stored_values_to_explicit_le")
    if apart is not None and not lossy_jpeg:
        plain = stored(shared(f"{SYNTAXES}/{EXPLICIT}"))
        assert np.abs(found.astype(int) - plain).max() == apart


@pytest.mark.parametrize(
    "name",
    [
        *(f"CTImage_{syntax}.dcm" for syntax in CT_FILES),
        "CT_small.dcm",
        "HTJ2KLossless_08_RGB.dcm",
        "J2K_pixelrep_mismatch.dcm",
        "JPEG-lossy.dcm",
        "JPEGLSNearLossless_16.dcm",
        "MR_small.dcm",
        "MR_small_bigendian.dcm",
        "image_dfl.dcm",
    ],
)
def test_modality_values_equal_those_of_simpleitk(name):
    path = shared(f"{SYNTAXES}/{name}")
    expected = sitk.GetArrayFromImage(sitk.ReadImage(str(path)))[0]
    np.testing.assert_allclose(read_frame(path).values, expected, rtol=0, atol=1e-4)


def test_jpeg_2000_whose_header_alone_knows_the_sign():
    # Pixel Padding Value is −2000; as 13 bits without sign the stream holds 6192.
    found = stored(shared(f"{SYNTAXES}/J2K_pixelrep_mismatch.dcm"))
    assert (found.dtype, found.min(), found[0, 0]) == (np.int16, -2000, -2000)


NOISE = np.random.default_rng(7).integers(0, 4096, (40, 52), np.uint16)
SIGNED = (NOISE.astype(np.int16) - 2048).astype(np.int16)


ENCODERS = {
    JPEG_LS: imagecodecs.jpegls_encode,
    JPEG_LOSSLESS: lambda cells: imagecodecs.jpeg8_encode(
        cells, lossless=True, bitspersample=8 * cells.itemsize
    ),
    J2K: lambda cells: imagecodecs.jpeg2k_encode(cells, codecformat="J2K", level=0, reversible=True),
    HTJ2K: lambda cells: imagecodecs.htj2k_encode(cells, reversible=True),
}


@pytest.mark.parametrize("syntax", ENCODERS)
@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_unsigned_values_survive(tmp_path, syntax, kind):
    cells = NOISE.astype(kind)
    found = stored(compressed(tmp_path, ENCODERS[syntax](cells), syntax, cells))
    assert found.dtype == kind
    np.testing.assert_array_equal(found, cells)


@pytest.mark.parametrize("syntax", ENCODERS)
def test_signed_values_of_16_bits_survive(tmp_path, syntax):
    cells = (SIGNED.astype(np.int32) * 15).astype(np.int16)
    coded = cells if syntax in (J2K, HTJ2K) else cells.view(np.uint16)
    np.testing.assert_array_equal(stored(compressed(tmp_path, ENCODERS[syntax](coded), syntax, cells)), cells)


@pytest.mark.parametrize("syntax", [JPEG_LS, JPEG_LOSSLESS, J2K])
@pytest.mark.parametrize("upper_bits", ["copies of the sign", "zeros"])
def test_whole_cells_of_12_bit_values_keep_their_sign(tmp_path, syntax, upper_bits):
    coded = SIGNED.view(np.uint16) & np.uint16(0x0FFF if upper_bits == "zeros" else 0xFFFF)
    path = compressed(tmp_path, ENCODERS[syntax](coded), syntax, SIGNED, BitsStored=12, HighBit=11)
    np.testing.assert_array_equal(stored(path), SIGNED)


def test_overlays_above_the_pixels_of_jpeg_lossless_are_no_pixels(tmp_path):
    """As GDCM and DCMTK read it; the same cells not compressed lose their upper bits, too."""
    pixels = np.array([[0x0123, 0x0FFF], [0x0000, 0x0800]], np.uint16)
    coded = imagecodecs.jpeg8_encode(pixels | np.uint16(0x5000), lossless=True, bitspersample=16)
    path = compressed(tmp_path, coded, JPEG_LOSSLESS, pixels, BitsStored=12, HighBit=11)
    np.testing.assert_array_equal(stored(path), pixels)


def test_twelve_bits_of_jpeg_lossless_take_their_sign_from_the_header(tmp_path):
    coded = SIGNED.view(np.uint16) & 0x0FFF
    frame = imagecodecs.jpeg8_encode(coded, lossless=True, bitspersample=12)
    path = compressed(tmp_path, frame, JPEG_LOSSLESS, SIGNED, BitsStored=12, HighBit=11)
    np.testing.assert_array_equal(stored(path), SIGNED)


def test_twelve_bits_of_jpeg_ls_take_their_sign_from_the_header(tmp_path):
    jpeg_ls = pytest.importorskip("jpeg_ls")
    coded = SIGNED.view(np.uint16) & np.uint16(0x0FFF)
    frame = jpeg_ls.encode_pixel_data(
        coded.tobytes(), rows=40, columns=52, samples_per_pixel=1, bits_stored=12, lossy_error=0
    )
    path = compressed(tmp_path, bytes(frame), JPEG_LS, SIGNED, BitsStored=12, HighBit=11)
    np.testing.assert_array_equal(stored(path), SIGNED)


def test_fewer_bits_than_the_header_says_leave_the_sign_open(tmp_path):
    frame = imagecodecs.jpeg8_encode(NOISE, lossless=True, bitspersample=12)
    with pytest.raises(InvalidElement, match=r"Bits Stored \(0028,0101\) is 16 .* have 12 bits"):
        stored(compressed(tmp_path, frame, JPEG_LOSSLESS, SIGNED))
    small = NOISE >> 1  # no value reaches the twelfth bit: nothing is open
    frame = imagecodecs.jpeg8_encode(small, lossless=True, bitspersample=12)
    np.testing.assert_array_equal(stored(compressed(tmp_path, frame, JPEG_LOSSLESS, SIGNED)), small)


def test_negative_values_in_an_unsigned_image_are_refused(tmp_path):
    frame = ENCODERS[J2K](SIGNED)
    with pytest.raises(InvalidElement, match=r"Pixel Representation \(0028,0103\) is 0"):
        stored(compressed(tmp_path, frame, J2K, SIGNED.view(np.uint16)))


def test_the_codestream_is_believed_rather_than_the_transfer_syntax(tmp_path):
    # A gateway recompressed the pixels and left the transfer syntax as it was.
    path = compressed(tmp_path, ENCODERS[JPEG_LS](NOISE), JPEG_LOSSLESS, NOISE)
    np.testing.assert_array_equal(stored(path), NOISE)


def test_jp2_boxes_around_the_codestream_do_no_harm(tmp_path):
    frame = imagecodecs.jpeg2k_encode(NOISE, codecformat="JP2", level=0, reversible=True)
    assert frame[4:8] == b"jP  "
    np.testing.assert_array_equal(stored(compressed(tmp_path, frame, J2K, NOISE)), NOISE)


def test_ge_private_syntax_has_big_endian_words_behind_a_little_endian_header(tmp_path):
    cells = np.array([[1, 258, 770], [-2, 4660, 22136]], np.int16)
    dataset = ct_slice(pixels=cells, transfer_syntax="1.2.840.10008.1.2", intercept=0)
    dataset.PixelData = cells.astype(">i2").tobytes()
    path = write_file(tmp_path / "ge.dcm", dataset)
    raw = path.read_bytes()
    old = b"\x02\x00\x10\x00UI" + struct.pack("<H", 18) + b"1.2.840.10008.1.2\0"
    new = b"\x02\x00\x10\x00UI" + struct.pack("<H", 18) + GE_PRIVATE.encode()
    assert old in raw
    path.write_bytes(raw.replace(old, new))
    np.testing.assert_array_equal(stored(path), cells)
    np.testing.assert_array_equal(read_frame(path).values, cells)


@pytest.mark.parametrize(
    ("syntax", "says"),
    [
        ("1.2.840.10008.1.2.4.66", r"no decoder for .*\(1.2.840.10008.1.2.4.66\)"),
        ("1.2.840.10008.1.2.4.52", r"\(1.2.840.10008.1.2.4.52\)\. Ask for the images uncompressed"),
        ("1.2.840.10008.1.2.4.95", r"\(1.2.840.10008.1.2.4.95\)"),
        ("1.2.840.10008.1.2.4.102", r"MPEG-4 .* is video"),
    ],
)
def test_syntaxes_that_are_not_read_are_named(tmp_path, syntax, says):
    with pytest.raises(UnsupportedData, match=says):
        stored(compressed(tmp_path, b"\0\0\0\1\x67\x42", syntax, NOISE))


def test_an_unknown_syntax_with_plain_pixels_is_not_guessed(tmp_path):
    path = write_file(tmp_path / "one.dcm", ct_slice(transfer_syntax="1.2.840.10008.1.2.1"))
    path.write_bytes(path.read_bytes().replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.99999.1.2.1\0"))
    with pytest.raises(UnsupportedData, match=r"1\.2\.840\.99999\.1\.2\.1"):
        stored(path)


def test_jpeg_of_another_size_is_refused_before_decoding(tmp_path, monkeypatch):
    frame = imagecodecs.jpeg8_encode(np.zeros((10, 10), np.uint8))
    at = frame.index(b"\xff\xc0")
    huge = frame[: at + 5] + struct.pack(">HH", 65535, 65535) + frame[at + 9 :]
    monkeypatch.setattr(imagecodecs, "jpeg8_decode", lambda *_, **__: pytest.fail("was decoded"))
    with pytest.raises(InvalidElement, match="does not decode to 10 × 10 pixels"):
        stored(compressed(tmp_path, huge, JPEG, np.zeros((10, 10), np.uint8)))


def test_components_that_the_header_does_not_announce_are_refused(tmp_path):
    frame = imagecodecs.jpeg8_encode(np.zeros((10, 12, 3), np.uint8))
    with pytest.raises(InvalidElement, match=r"Samples per Pixel \(0028,0002\) is 1, .* 3 components"):
        stored(compressed(tmp_path, frame, JPEG, np.zeros((10, 12), np.uint8)))


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9, 0.99])
@pytest.mark.parametrize("syntax", [*ENCODERS, JPEG, RLE])
def test_a_frame_that_ends_early_is_refused(tmp_path, syntax, share):
    cells = NOISE.astype(np.uint8)
    if syntax == RLE:
        frame = rle(cells)
    else:
        frame = (imagecodecs.jpeg8_encode if syntax == JPEG else ENCODERS[syntax])(cells)
    with pytest.raises((InvalidElement, TruncatedFile)):
        stored(compressed(tmp_path, frame[: int(len(frame) * share)], syntax, cells))


def test_a_jpeg_without_end_marker_is_read_when_nothing_else_is_missing(tmp_path):
    cells = np.outer(np.arange(40), np.ones(52)).astype(np.uint8)
    frame = imagecodecs.jpeg8_encode(cells)
    assert frame.endswith(b"\xff\xd9")
    path = compressed(tmp_path, frame[:-2], JPEG, cells)
    np.testing.assert_array_equal(stored(path), imagecodecs.jpeg8_decode(frame))
    with pytest.raises(TruncatedFile, match="a compressed frame"):
        stored(compressed(tmp_path, frame[:-20], JPEG, cells))


def rle(cells):
    """One RLE frame of literal runs, written by the rules of PS3.5 annex G."""
    planes = [
        cells.astype(cells.dtype.newbyteorder(">")).tobytes()[n :: cells.itemsize]
        for n in range(cells.itemsize)
    ]
    segments = []
    for plane in planes:
        runs = (plane[at : at + 128] for at in range(0, len(plane), 128))
        coded = b"".join(bytes([len(run) - 1]) + run for run in runs)
        segments.append(coded + b"\0" * (len(coded) % 2))
    places = [64 + sum(len(segment) for segment in segments[:n]) for n in range(len(segments))]
    header = struct.pack("<16I", len(segments), *places, *[0] * (15 - len(segments)))
    return header + b"".join(segments)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.int16, np.uint32])
def test_rle_planes_begin_with_the_highest_byte(tmp_path, kind):
    cells = (np.arange(7 * 9, dtype=np.int64).reshape(7, 9) * 1009 - 300).astype(kind)
    np.testing.assert_array_equal(stored(compressed(tmp_path, rle(cells), RLE, cells)), cells)


def test_rle_cells_lose_their_unused_bits_like_native_ones(tmp_path):
    cells = np.array([[0x0FFF, 0x0800], [0x07FF, 0xF001]], np.uint16).view(np.int16)
    path = compressed(tmp_path, rle(cells), RLE, cells, BitsStored=12, HighBit=11)
    assert stored(path).tolist() == [[-1, -2048], [2047, 1]]


def test_rle_that_unpacks_to_more_than_the_image_is_refused(tmp_path):
    bomb = struct.pack("<16I", 1, 64, *[0] * 14) + b"\x81\x00" * 5000  # 128 zeros each
    with pytest.raises(InvalidElement, match="cannot be decoded as RLE Lossless"):
        stored(compressed(tmp_path, bomb, RLE, np.zeros((4, 5), np.uint8)))


def test_threads_decode_alike():
    path = shared(f"{SYNTAXES}/CTImage_JPEGLSLossless_1.2.840.10008.1.2.4.80.dcm")
    expected = stored(shared(f"{SYNTAXES}/{EXPLICIT}"))
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(stored, [path] * 12):
            np.testing.assert_array_equal(found, expected)


def test_a_compressed_slice_is_read_again_without_its_header(tmp_path):
    for name in ("JPEGLSLossless_1.2.840.10008.1.2.4.80", "RLELossless_1.2.840.10008.1.2.5"):
        path = shared(f"{SYNTAXES}/CTImage_{name}.dcm")
        np.testing.assert_array_equal(read_compressed_file(path, layout_of(path)), stored(path))
    plain = shared(f"{SYNTAXES}/{EXPLICIT}")
    assert read_compressed_file(plain, layout_of(plain)) is None
    film = shared("data/zoo/multiframe/emri_small_jpeg_ls_lossless.dcm")
    assert read_compressed_file(film, layout_of(film)) is None


@pytest.mark.parametrize(
    "name",
    [
        "HasFragmentSequence.dcm",
        "NM-MONO2-16-13x-heart",
        "US-PAL-8-10x-echo",
        "emri_small_jpeg_ls_lossless.dcm",
        "examples_ybr_color.dcm",
    ],
)
def test_first_middle_and_last_frame_equal_those_of_simpleitk(name):
    path = shared(f"data/zoo/multiframe/{name}")
    expected = sitk.GetArrayFromImage(sitk.ReadImage(str(path)))
    for frame in (0, len(expected) // 2, len(expected) - 1):
        np.testing.assert_allclose(read_frame(path, frame).values, expected[frame], rtol=1e-6)


def test_32_bits_of_a_dose():
    path = shared("data/zoo/multiframe/rtdose.dcm")
    expected = sitk.GetArrayFromImage(sitk.ReadImage(str(path)))
    for frame in (0, 7, 14):
        np.testing.assert_array_equal(stored(path, frame), expected[frame])


def test_floating_point_pixels():
    path = shared("data/zoo/multiframe/parametric_map_float.dcm")
    found = stored(path)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, pydicom.dcmread(path).pixel_array)


def test_double_floating_point_pixels(tmp_path):
    dataset = ct_slice(intercept=0)
    cells = np.array([[0.1, -1e300], [np.pi, 3.0]])
    del dataset.PixelData, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation
    dataset.Rows = dataset.Columns = 2
    dataset.BitsAllocated = 64
    dataset.DoubleFloatPixelData = cells.tobytes()
    assert stored(write_file(tmp_path / "double.dcm", dataset)).tolist() == cells.tolist()


def test_single_bits_begin_at_the_lowest_and_frames_inside_bytes(tmp_path):
    # Two frames of 3 × 3: 110 100 001 and 011 111 000; bits 0…8 and 9…17 of three bytes, lowest first.
    dataset = ct_slice(pixels=np.zeros((3, 3), np.uint8), intercept=0)
    dataset.BitsAllocated = dataset.BitsStored = 1
    dataset.HighBit = 0
    dataset.NumberOfFrames = 2
    dataset.PixelData = bytes((0b00001011, 0b01111101, 0b00000000, 0))
    path = write_file(tmp_path / "bits.dcm", dataset)
    assert stored(path, 0).tolist() == [[1, 1, 0], [1, 0, 0], [0, 0, 1]]
    assert stored(path, 1).tolist() == [[0, 1, 1], [1, 1, 1], [0, 0, 0]]
    expected = pydicom.dcmread(path).pixel_array
    np.testing.assert_array_equal([stored(path, 0), stored(path, 1)], expected)


def test_bytes_in_big_endian_words_are_swapped_back(tmp_path):
    # Two frames of 3 × 3 bytes: the second begins in the midst of a word.
    cells = np.arange(18, dtype=np.uint8).reshape(2, 3, 3)
    dataset = ct_slice(pixels=cells[0], transfer_syntax="1.2.840.10008.1.2.2", intercept=0, NumberOfFrames=2)
    dataset.PixelData = np.frombuffer(cells.tobytes(), "<u2").byteswap().tobytes()
    dataset["PixelData"].VR = "OW"
    path = write_file(tmp_path / "big.dcm", dataset)
    np.testing.assert_array_equal([stored(path, 0), stored(path, 1)], cells)


@pytest.mark.parametrize("name", ["CTImage_JPEG2000_1.2.840.10008.1.2.4.91.dcm", "RG3_J2KI.dcm"])
def test_lossy_jpeg_2000_equals_another_decoder(name):
    openjpeg = pytest.importorskip("openjpeg")
    path = shared(f"{SYNTAXES}/{name}" if name.startswith("CT") else f"data/zoo/photometric/{name}")
    frame = next(generate_frames(pydicom.dcmread(path).PixelData, number_of_frames=1))
    np.testing.assert_array_equal(stored(path), openjpeg.decode(frame))


def test_a_few_bytes_of_equal_pixels_are_no_large_image(tmp_path):
    cells = np.zeros((9000, 9000), np.uint8)  # 81 MB from less than 100 KB
    frame = imagecodecs.jpegls_encode(cells)
    assert len(frame) < 80_000
    with pytest.raises(LimitExceeded, match="claims 81000000 bytes"):
        stored(compressed(tmp_path, frame, JPEG_LS, cells))


@pytest.mark.parametrize("syntax", [*ENCODERS, JPEG, RLE])
def test_damaged_frames_end_by_name(tmp_path, syntax):
    cells = NOISE.astype(np.uint8)
    if syntax == RLE:
        frame = rle(cells)
    else:
        frame = (imagecodecs.jpeg8_encode if syntax == JPEG else ENCODERS[syntax])(cells)
    layout = layout_of(compressed(tmp_path, frame, syntax, cells))
    dice = random.Random(11)
    for _ in range(150):
        damaged = bytearray(frame)
        for _ in range(dice.randint(1, 4)):
            at = dice.randrange(2, len(damaged) if dice.random() < 0.4 else 120)
            damaged[at : at + 4] = dice.choice((b"\xff\xff\xff\xff", bytes(4), b"", dice.randbytes(4)))
        try:
            assert decode(bytes(damaged), layout).values.shape == (40, 52)
        except ImagingError as fault:
            assert str(fault)  # noqa: PT017 - a refusal is one of the two good ends


@pytest.mark.parametrize("syntax", [*ENCODERS, RLE])
def test_a_compressed_series_gives_the_planes_of_the_plain_one(tmp_path, syntax):
    from app.imaging.slicereading import read_planes
    from app.imaging.slices import read_slice_headers

    headers, wanted = [], []
    for k in range(6):
        dataset = ct_slice(k, transfer_syntax=syntax)
        cells = np.frombuffer(dataset.PixelData, "<i2").reshape(4, 5) * np.int16(-1)
        coded = cells if syntax in (J2K, HTJ2K, RLE) else cells.view(np.uint16)
        dataset.PixelData = encapsulate([rle(cells) if syntax == RLE else ENCODERS[syntax](coded)])
        dataset["PixelData"].VR = "OB"
        headers += read_slice_headers(write_file(tmp_path / f"{k}.dcm", dataset), DEFAULT_LIMITS)
        wanted.append(-1024 - 100 * k - 10 * np.arange(4)[:, None] - np.arange(5))
    for plane, expected in zip(read_planes(headers), wanted, strict=True):
        np.testing.assert_array_equal(plane.values, expected)
