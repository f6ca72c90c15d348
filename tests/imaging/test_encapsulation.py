"""Which fragments make a frame: offset tables full, empty, absent, wrong, in 32 and in 64 bits."""

import struct

import pytest

from app.imaging.encapsulation import frame_of_structure, join_frame, read_fragments
from app.imaging.errors import InvalidElement, TruncatedFile
from app.imaging.structure import read_structure
from tests.imaging.phantoms import ct_slice, write_file

# Frames of two, one and three fragments; each first one begins as a JPEG does.
PIECES = (b"\xff\xd8\xff\xf7one ", b"more", b"\xff\xd8\xff\xf7two ", b"\xff\xd8\xff\xf7three ", b"a ", b"b ")
FRAMES = [PIECES[0] + PIECES[1], PIECES[2], PIECES[3] + PIECES[4] + PIECES[5]]


def item(value):
    return struct.pack("<HHI", 0xFFFE, 0xE000, len(value)) + value


def encapsulated(pieces, table=b""):
    return item(table) + b"".join(item(piece) for piece in pieces) + struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)


def offsets(pieces, starts):
    places = [sum(8 + len(piece) for piece in pieces[:n]) for n in starts]
    return struct.pack(f"<{len(places)}I", *places)


def frames_of(data, frames, extended=()):
    fragments = read_fragments(data)
    return [join_frame(data, fragments, frames, n, extended) for n in range(frames)]


def test_basic_offset_table_shares_out_the_fragments():
    plain = tuple(b"RLE has no mark" + piece for piece in PIECES)
    found = frames_of(encapsulated(plain, offsets(plain, (0, 2, 3))), 3)
    assert found == [plain[0] + plain[1], plain[2], plain[3] + plain[4] + plain[5]]


def test_empty_table_leaves_the_marks_of_the_streams():
    assert frames_of(encapsulated(PIECES), 3) == FRAMES


@pytest.mark.parametrize(
    "table",
    [
        struct.pack("<3I", 0, 7, 13),  # not where fragments begin
        struct.pack("<3I", 0, 0, 0),
        struct.pack("<2I", 0, 16),
        struct.pack("<3I", 0, 0x7FFFFFF0, 0xFFFFFFF0),
        b"\0\0\0",
    ],
)
def test_a_wrong_table_is_not_believed(table):
    assert frames_of(encapsulated(PIECES, table), 3) == FRAMES


def test_the_extended_table_goes_before_the_basic_one():
    plain = (b"aa", b"bb", b"cc")
    wrong = offsets(plain, (0, 2))
    assert frames_of(encapsulated(plain, wrong), 2, extended=(0, 10)) == [b"aa", b"bbcc"]


def test_a_fragment_for_each_frame_needs_no_table():
    assert frames_of(encapsulated((b"aa", b"bb", b"cc"), struct.pack("<3I", 9, 8, 7)), 3) == [
        b"aa",
        b"bb",
        b"cc",
    ]


def test_empty_fragments_are_no_frames():
    assert frames_of(encapsulated((b"aa", b"", b"bb", b"")), 2) == [b"aa", b"bb"]


def test_all_fragments_belong_to_an_only_frame():
    assert frames_of(encapsulated(PIECES, offsets(PIECES, (0,))), 1) == [b"".join(PIECES)]


def test_a_writer_that_leaves_the_table_out():
    data = item(PIECES[0]) + item(PIECES[1])
    assert frames_of(data, 1) == [PIECES[0] + PIECES[1]]


@pytest.mark.parametrize("frames", [2, 4, 5])
def test_fragments_that_cannot_be_shared_out_are_refused(frames):
    with pytest.raises(InvalidElement, match=f"The 6 fragments .* to {frames} frames"):
        frames_of(encapsulated(PIECES), frames)


def test_no_fragments_are_refused():
    with pytest.raises(InvalidElement, match="no fragments"):
        frames_of(encapsulated(()), 1)


def test_a_fragment_that_ends_beyond_the_value_is_truncated():
    with pytest.raises(TruncatedFile, match="2 of 900 bytes"):
        read_fragments(item(b"") + struct.pack("<HHI", 0xFFFE, 0xE000, 900) + b"ab")


def test_what_is_no_item_is_refused():
    with pytest.raises(InvalidElement, match=r"\(7FE0,0010\)"):
        read_fragments(item(b"") + struct.pack("<HHI", 0x0008, 0x0018, 2) + b"ab")


def test_extended_offsets_of_a_file(tmp_path):
    dataset = ct_slice(transfer_syntax="1.2.840.10008.1.2.4.80", NumberOfFrames=2)
    pieces = (b"aa", b"bb", b"cccc")
    dataset.ExtendedOffsetTable = struct.pack("<2Q", 0, 10)
    dataset.ExtendedOffsetTableLengths = struct.pack("<2Q", 2, 14)
    dataset.PixelData = encapsulated(pieces)[:-8]
    dataset["PixelData"].VR = "OB"
    structure = read_structure(write_file(tmp_path / "extended.dcm", dataset))
    assert [frame_of_structure(structure, 2, n) for n in (0, 1)] == [b"aa", b"bbcccc"]
