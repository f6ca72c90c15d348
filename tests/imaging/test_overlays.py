"""Overlay planes: bits laid out by hand, and pydicom's overlay_array on the real files."""

import logging

import numpy as np
import pydicom
import pytest
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from app.imaging.errors import ImagingError, InvalidElement, LimitExceeded, MissingElement, TruncatedFile
from app.imaging.limits import ReadLimits
from app.imaging.overlays import Overlay, burn_in, read_overlays
from tests.imaging.phantoms import ct_slice, write_file
from tests.shared_data import shared

SYNTAXES = [ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian]
# Rows 10110, 00001, 11000 of a 3 × 5 overlay, first pixel in the lowest bit: 1 0 1 1 0 0 0 0 | 0 1 1 1 0 0 0.
BITS = [[1, 0, 1, 1, 0], [0, 0, 0, 0, 1], [1, 1, 0, 0, 0]]
PACKED = bytes([0b00001101, 0b00001110])


def with_overlay(dataset, data=PACKED, *, group=0x6000, rows=3, columns=5, origin=(1, 1), vr="OW", **more):
    """*dataset* with an overlay plane; *more* are element numbers as ``x0015=(vr, value)``."""
    big = dataset.file_meta.TransferSyntaxUID == ExplicitVRBigEndian
    elements = {
        0x0010: ("US", rows), 0x0011: ("US", columns), 0x0040: ("CS", "G"),
        0x0050: ("SS", list(origin)), 0x0100: ("US", 1), 0x0102: ("US", 0),
    }  # fmt: skip
    if data is not None:
        words = np.frombuffer(data, "<u2").astype(">u2").tobytes() if big and vr == "OW" else data
        elements[0x3000] = (vr, words)
    elements |= {int(name[1:], 16): value for name, value in more.items()}
    for element, (kind, value) in elements.items():
        if value is not None:
            dataset.add_new(group << 16 | element, kind, value)
    return dataset


def overlays_of(tmp_path, dataset, frame=0, **limits):
    path = write_file(tmp_path / "one.dcm", dataset)
    return read_overlays(path, frame, ReadLimits(**limits))


def rows_of(overlay):
    return overlay.mask.astype(int).tolist()


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_bits_lie_from_the_lowest_up_and_rows_do_not_begin_at_bytes(tmp_path, syntax):
    (overlay,) = overlays_of(tmp_path, with_overlay(ct_slice(transfer_syntax=syntax)))
    assert rows_of(overlay) == [*BITS, [0, 0, 0, 0, 0]]
    assert (overlay.mask.dtype, overlay.group, overlay.kind) == (np.bool_, 0x6000, "graphics")


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ExplicitVRBigEndian])
def test_bytes_are_not_turned_round_as_words_are(tmp_path, syntax):
    (overlay,) = overlays_of(tmp_path, with_overlay(ct_slice(transfer_syntax=syntax), vr="OB"))
    assert rows_of(overlay)[:3] == BITS


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        # The image has 4 rows and 5 columns. Row first, from 1: the overlay's corner at row 2, column 3.
        ((2, 3), [[0, 0, 0, 0, 0], [0, 0, 1, 0, 1], [0, 0, 0, 0, 0], [0, 0, 1, 1, 0]]),
        # One row above and two columns to the left of the image.
        ((0, -1), [[0, 0, 1, 0, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0]]),
        ((5, 1), [[0] * 5] * 4),
        ((1, 6), [[0] * 5] * 4),
        ((-32768, 32767), [[0] * 5] * 4),
    ],
)
def test_an_origin_inside_and_outside_of_the_image(tmp_path, origin, expected):
    (overlay,) = overlays_of(tmp_path, with_overlay(ct_slice(), origin=origin))
    assert rows_of(overlay) == expected


def test_several_planes_with_their_kinds_and_texts(tmp_path):
    dataset = with_overlay(ct_slice(), x0022=("LO", "Marks\x07"), x1500=("LO", "Arrow"))
    with_overlay(dataset, bytes([1, 0]), group=0x601E, x0040=("CS", "R"))
    marks, region = overlays_of(tmp_path, dataset)
    assert (marks.group, marks.kind, marks.label, marks.description) == (0x6000, "graphics", "Arrow", "Marks")
    assert (region.group, region.kind, region.label, region.description) == (0x601E, "region", "", "")
    assert rows_of(region)[0] == [1, 0, 0, 0, 0]


def test_texts_in_the_character_set_of_the_file(tmp_path):
    dataset = with_overlay(ct_slice(SpecificCharacterSet="ISO_IR 192"), x1500=("LO", "Łąka 図"))
    assert overlays_of(tmp_path, dataset)[0].label == "Łąka 図"


def multiframe(frames):
    return ct_slice(pixels=np.zeros((4 * frames, 5), np.int16), Rows=4, NumberOfFrames=frames)


def test_frames_of_an_overlay_follow_without_a_gap(tmp_path):
    # Two frames of 15 bits: the second begins in bit 15; of it only its pixels 0 and 14 are set.
    bits = int.from_bytes(PACKED, "little") | 1 << 15 | 1 << 29
    dataset = with_overlay(
        multiframe(4), bits.to_bytes(4, "little"), x0015=("IS", "2"), x0051=("US", 2)
    )  # on the image's frames 2 and 3
    found = [overlays_of(tmp_path, dataset, frame) for frame in range(4)]
    assert [len(overlays) for overlays in found] == [0, 1, 1, 0]
    assert rows_of(found[1][0])[:3] == BITS
    assert rows_of(found[2][0])[:3] == [[1, 0, 0, 0, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 1]]


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_a_later_frame_in_every_byte_order(tmp_path, syntax):
    bits = sum(1 << (15 * frame + frame) for frame in range(4))  # pixel n of frame n
    image = multiframe(4)
    image.file_meta.TransferSyntaxUID = syntax
    dataset = with_overlay(image, bits.to_bytes(8, "little"), x0015=("IS", "4"))
    for frame in range(4):
        (overlay,) = overlays_of(tmp_path, dataset, frame)
        assert np.flatnonzero(overlay.mask).tolist() == [frame]


def test_an_overlay_without_frames_lies_on_all_and_with_an_origin_on_one(tmp_path):
    everywhere = with_overlay(multiframe(3))
    assert [len(overlays_of(tmp_path, everywhere, frame)) for frame in range(3)] == [1, 1, 1]
    one = with_overlay(multiframe(3), x0051=("US", 3))
    assert [len(overlays_of(tmp_path, one, frame)) for frame in range(3)] == [0, 0, 1]


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_a_plane_in_the_unused_bits_of_the_pixels(tmp_path, syntax):
    # 12 bits stored; bit 12 of pixel (0, 1) and bit 15 of pixel (1, 0) are set beside the values.
    cells = np.array([[0x0FFF, 0x1123], [0x8456, 0x0789]], np.uint16)
    dataset = ct_slice(pixels=cells, transfer_syntax=syntax, BitsStored=12, HighBit=11)
    if syntax == ExplicitVRBigEndian:
        dataset.PixelData = cells.astype(">u2").tobytes()
    for group, bit in ((0x6000, 12), (0x6002, 15)):
        more = {"x0100": ("US", 16), "x0102": ("US", bit)}
        with_overlay(dataset, None, group=group, rows=2, columns=2, **more)
    low, high = overlays_of(tmp_path, dataset)
    assert (rows_of(low), rows_of(high)) == ([[0, 1], [0, 0]], [[0, 0], [1, 0]])


def test_a_bit_of_the_image_is_no_overlay(tmp_path):
    dataset = ct_slice(BitsStored=12, HighBit=11)
    with_overlay(dataset, None, x0100=("US", 16), x0102=("US", 11))
    assert overlays_of(tmp_path, dataset) == ()


def test_most_images_have_none(tmp_path):
    assert overlays_of(tmp_path, ct_slice()) == ()


@pytest.mark.parametrize(
    ("more", "fault", "text"),
    [
        ({"rows": 0}, InvalidElement, r"Overlay Rows \(6000,0010\) is 0"),
        ({"x0011": ("US", None)}, MissingElement, r"Overlay Columns \(6000,0011\) is missing"),
        ({"rows": 60000, "columns": 60000}, TruncatedFile, r"\(6000,3000\) has 2 of 450000000 bytes"),
        ({"x0100": ("US", 16)}, InvalidElement, r"Overlay Bits Allocated \(6000,0100\) is 16"),
        ({"x0015": ("IS", "0")}, InvalidElement, r"Number of Frames in Overlay \(6000,0015\) is 0"),
    ],
)
def test_numbers_that_cannot_be_meant_are_named(tmp_path, more, fault, text):
    with pytest.raises(fault, match=text):
        overlays_of(tmp_path, with_overlay(ct_slice(), **more))


def test_a_broken_origin_is_the_corner(tmp_path):
    (overlay,) = overlays_of(tmp_path, with_overlay(ct_slice(), x0050=("SS", 7)))
    assert rows_of(overlay)[:3] == BITS


def test_masks_are_bounded_together(tmp_path):
    dataset = ct_slice()
    for n in range(4):
        with_overlay(dataset, group=0x6000 + 2 * n)
    with pytest.raises(LimitExceeded, match="4 overlays would take 80 bytes, more than the 79"):
        overlays_of(tmp_path, dataset, max_frame_bytes=79)


def test_a_frame_that_is_not_there(tmp_path):
    with pytest.raises(InvalidElement, match="Frame 2 was asked for, the image has 1"):
        overlays_of(tmp_path, with_overlay(ct_slice()), 1)


def test_truncated_at_every_tenth_and_nothing_of_the_text_is_logged(tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    dataset = with_overlay(ct_slice(), x0022=("LO", "Jane Doe"), x1500=("LO", "Jane Doe"))
    whole = write_file(tmp_path / "one.dcm", dataset).read_bytes()
    said = []
    for tenth in range(1, 11):
        path = tmp_path / "cut.dcm"
        path.write_bytes(whole[: len(whole) * tenth // 10])
        try:
            read_overlays(path)
        except ImagingError as fault:
            said.append(str(fault))
    assert len(said) >= 5
    assert "Jane" not in caplog.text + "".join(said)


def test_colours_of_graphics_and_regions():
    mask = np.array([[True, False]])
    overlays = (
        Overlay(0x6000, "graphics", "", "", mask),
        Overlay(0x6002, "region", "", "", ~mask),
    )
    grey = np.array([[7, 9]], np.uint8)
    assert burn_in(grey, overlays).tolist() == [[[255, 221, 51], [0, 190, 235]]]
    assert burn_in(grey, overlays[:1]).tolist() == [[[255, 221, 51], [9, 9, 9]]]
    rgb = np.array([[[1, 2, 3], [4, 5, 6]]], np.uint8)
    assert burn_in(rgb, overlays[:1]).tolist() == [[[255, 221, 51], [4, 5, 6]]]
    assert rgb.tolist() == [[[1, 2, 3], [4, 5, 6]]]


@pytest.mark.parametrize(
    "name", ["photometric/examples_overlay.dcm", "series-quirks/scout-dose-and-tilted-ct/S4010_I10"]
)
def test_real_files_equal_pydicom(name):
    path = shared(f"data/zoo/{name}")
    (overlay,) = read_overlays(path)
    expected = pydicom.dcmread(path).overlay_array(0x6000)
    np.testing.assert_array_equal(overlay.mask, expected)
    assert overlay.mask.any()


def test_the_real_overlay_keeps_its_description():
    (overlay,) = read_overlays(shared("data/zoo/photometric/examples_overlay.dcm"))
    assert (overlay.kind, overlay.description) == ("graphics", "Siemens MedCom Object Graphics")
