"""Palettes of all forms, with entries worked out by hand."""

import struct

import numpy as np
import pydicom
import pytest

from app.imaging.errors import InvalidElement
from app.imaging.pixels import read_frame
from tests.imaging.phantoms import ct_slice, write_file
from tests.shared_data import shared

COLOURS = ("Red", "Green", "Blue")


def palette_file(tmp_path, cells, tables, descriptor, *, segmented=False, **elements):
    """A palette image; *tables* are the bytes of red, green and blue, *descriptor* their three values."""
    dataset = ct_slice(pixels=cells, PhotometricInterpretation="PALETTE COLOR", **elements)
    signed = cells.dtype.kind == "i"
    for colour, table in zip(COLOURS, tables, strict=True):
        name = f"{colour}PaletteColorLookupTable"
        setattr(dataset, f"{name}Descriptor", list(descriptor))
        dataset[f"{name}Descriptor"].VR = "SS" if signed else "US"
        setattr(dataset, f"Segmented{name}Data" if segmented else f"{name}Data", table)
    return write_file(tmp_path / "palette.dcm", dataset)


def words(*entries):
    return struct.pack(f"<{len(entries)}H", *entries)


def test_entries_of_16_bits(tmp_path):
    cells = np.array([[0, 1, 2, 3]], np.uint8)
    tables = (words(0, 0xFF00, 0xFFFF, 0x8000), words(0, 0, 0x0101, 0x7FFF), words(0xFFFF, 0, 0, 0))
    found = read_frame(palette_file(tmp_path, cells, tables, (4, 0, 16))).values
    assert found.tolist() == [[[0, 0, 255], [255, 0, 0], [255, 1, 0], [128, 127, 0]]]


def test_entries_of_8_bits_two_in_a_word(tmp_path):
    cells = np.array([[0, 1, 2, 3]], np.uint8)
    tables = (bytes((1, 2, 3, 4)), bytes((10, 20, 30, 40)), bytes((255, 254, 253, 252)))
    found = read_frame(palette_file(tmp_path, cells, tables, (4, 0, 8))).values
    assert found.tolist() == [[[1, 10, 255], [2, 20, 254], [3, 30, 253], [4, 40, 252]]]


@pytest.mark.parametrize("bits", [8, 16])
def test_entries_of_8_bits_one_in_a_word(tmp_path, bits):
    cells = np.array([[0, 1, 2, 3]], np.uint8)
    tables = (words(1, 2, 3, 4), words(10, 20, 30, 40), words(255, 254, 253, 252))
    found = read_frame(palette_file(tmp_path, cells, tables, (4, 0, bits))).values
    assert found[0, 1].tolist() == [2, 20, 254]


def test_values_beside_the_table_take_its_ends(tmp_path):
    cells = np.array([[0, 99, 100, 101, 102, 65535]], np.uint16)
    tables = (words(0x1000, 0x2000, 0x3000),) * 3
    found = read_frame(palette_file(tmp_path, cells, tables, (3, 100, 16))).values
    assert found[0, :, 0].tolist() == [0x10, 0x10, 0x10, 0x20, 0x30, 0x30]


def test_a_table_that_begins_below_zero(tmp_path):
    cells = np.array([[-3, -2, -1, 0, 30000]], np.int16)
    tables = (words(0x1000, 0x2000, 0x3000),) * 3
    found = read_frame(palette_file(tmp_path, cells, tables, (3, -2, 16))).values
    assert found[0, :, 2].tolist() == [0x10, 0x10, 0x20, 0x30, 0x30]


def test_no_entries_stand_for_65536(tmp_path):
    cells = np.array([[0, 256, 65535]], np.uint16)
    table = np.arange(65536, dtype="<u2").tobytes()
    dataset = ct_slice(
        pixels=cells, PhotometricInterpretation="PALETTE COLOR", transfer_syntax="1.2.840.10008.1.2"
    )
    for colour in COLOURS:
        setattr(dataset, f"{colour}PaletteColorLookupTableDescriptor", [0, 0, 16])
        setattr(dataset, f"{colour}PaletteColorLookupTableData", table)
    found = read_frame(write_file(tmp_path / "large.dcm", dataset)).values
    assert found[0, :, 0].tolist() == [0, 1, 255]


def test_segments_of_16_bits(tmp_path):
    # Three entries as they are, a line of four to 0x7000, and both again: 3 + 4 + 3 + 4.
    segments = words(0, 3, 0x1000, 0x2000, 0x3000, 1, 4, 0x7000, 2, 2, 0, 0)
    cells = np.arange(14, dtype=np.uint8).reshape(1, 14)
    path = palette_file(tmp_path, cells, (segments,) * 3, (14, 0, 16), segmented=True)
    once = [0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70]
    assert read_frame(path).values[0, :, 1].tolist() == once * 2


def test_segments_of_8_bits(tmp_path):
    # Two entries, a line down to 10 in three steps, and the line again from there: nothing moves.
    segments = bytes((0, 2, 30, 40, 1, 3, 10, 2, 1)) + struct.pack("<I", 4) + b"\0"
    cells = np.arange(8, dtype=np.uint8).reshape(1, 8)
    path = palette_file(tmp_path, cells, (segments,) * 3, (8, 0, 8), segmented=True)
    assert read_frame(path).values[0, :, 0].tolist() == [30, 40, 30, 20, 10, 10, 10, 10]


@pytest.mark.parametrize(
    "segments",
    [
        words(1, 4, 0x7000),  # a line from nowhere
        words(0, 9, 1, 2),  # ends early
        words(0, 2, 1, 2),  # too few
        words(0, 2, 1, 2, 1, 65535, 9),  # too many
        words(0, 2, 1, 2, 2, 9, 0, 0),  # repeats itself
        words(0, 2, 1, 2, 2, 1, 0xFFFF, 0xFFFF),  # repeats what is not there
        words(7, 2, 1, 2),
        words(2, 1, 0, 0),
    ],
)
def test_broken_segments_are_refused(tmp_path, segments):
    cells = np.zeros((1, 4), np.uint8)
    with pytest.raises(InvalidElement, match="Palette Color Lookup Tables"):
        read_frame(palette_file(tmp_path, cells, (segments,) * 3, (14, 0, 16), segmented=True))


def test_a_bomb_of_segments_ends_at_once(tmp_path):
    one = words(0, 1, 5) + words(*(1, 65535, 9) * 100) + words(*(2, 65535, 0, 0) * 10_000)
    cells = np.zeros((1, 4), np.uint8)
    with pytest.raises(InvalidElement, match="Palette Color Lookup Tables"):
        read_frame(palette_file(tmp_path, cells, (one,) * 3, (14, 0, 16), segmented=True))


@pytest.mark.parametrize(
    "missing", ["RedPaletteColorLookupTableDescriptor", "BluePaletteColorLookupTableData"]
)
def test_a_palette_without_its_parts_is_refused(tmp_path, missing):
    cells = np.zeros((1, 4), np.uint8)
    dataset = pydicom.dcmread(palette_file(tmp_path, cells, (words(1, 2),) * 3, (2, 0, 16)))
    delattr(dataset, missing)
    with pytest.raises(InvalidElement, match="Palette Color Lookup Tables"):
        read_frame(write_file(tmp_path / "less.dcm", dataset))


@pytest.mark.parametrize(
    "descriptors", [((2, 0, 16), (3, 0, 16)), ((2, 0, 16), (2, 1, 16)), ((2, 0, 9), (2, 0, 9))]
)
def test_descriptors_that_differ_are_refused(tmp_path, descriptors):
    cells = np.zeros((1, 4), np.uint8)
    dataset = pydicom.dcmread(palette_file(tmp_path, cells, (words(1, 2, 3),) * 3, descriptors[0]))
    dataset.GreenPaletteColorLookupTableDescriptor = list(descriptors[1])
    dataset.BluePaletteColorLookupTableDescriptor = list(descriptors[1])
    with pytest.raises(InvalidElement, match="Palette Color Lookup Tables"):
        read_frame(write_file(tmp_path / "other.dcm", dataset))


def test_a_supplemental_palette_colours_the_upper_values_only():
    path = shared("data/zoo/multiframe/eCT_Supplemental.dcm")
    dataset = pydicom.dcmread(path)
    frame = read_frame(path, 0)
    stored = dataset.pixel_array[0]
    assert not frame.is_colour
    # Entry 0 belongs to the stored value 1024 (the descriptor's second value).
    np.testing.assert_array_equal(frame.supplement[..., 3] == 255, stored >= 1024)
    assert (frame.supplement[..., 3] == 255).sum() == 84268
    reds = np.frombuffer(dataset.RedPaletteColorLookupTableData, "<u2")
    row, column = np.argwhere(stored == 1050)[0]
    assert frame.supplement[row, column, 0] == reds[26] >> 8
    assert read_frame(shared("data/zoo/multiframe/emri_small.dcm")).supplement is None
