"""Files made to hurt: bombs, forged lengths, wrong types, depths. Each ends by name, fast and small."""

import random
import struct
import zlib

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from app.imaging.dicomfile import ReadLimits, inspect_file, list_elements, read_dataset
from app.imaging.errors import ImagingError, InvalidElement, LimitExceeded, NoPixelData, TruncatedFile
from app.imaging.limits import inflate
from app.imaging.pixels import read_frame
from app.imaging.volume import read_slice_header
from tests.imaging.measuring import bounded
from tests.imaging.phantoms import ct_slice, write_file

READERS = (inspect_file, list_elements, read_dataset, read_frame, read_slice_header)
MIB = 1024 * 1024


@pytest.fixture
def watched():
    """Fails the test when it takes more than 4 s of processor time or 100 MiB."""
    with bounded(100 * MIB):
        yield


def write(tmp_path, **elements):
    return write_file(tmp_path / "one.dcm", ct_slice(**elements))


def explicit(tag, vr, value):
    """One explicit little endian element of a VR with a 2-byte length."""
    return struct.pack("<HH2sH", tag >> 16, tag & 0xFFFF, vr, len(value)) + value


def replaced(path, old, new):
    raw = path.read_bytes()
    assert raw.count(old) == 1
    path.write_bytes(raw.replace(old, new))
    return path


def test_deflate_bomb_is_never_inflated_in_full(tmp_path, watched):
    whole = write(tmp_path, transfer_syntax="1.2.840.10008.1.2.1.99").read_bytes()
    meta_end = 132 + 12 + struct.unpack_from("<I", whole, 140)[0]
    engine = zlib.compressobj(9, zlib.DEFLATED, -15)
    zeros = bytes(4 * MIB)
    bomb = b"".join(engine.compress(zeros) for _ in range(100)) + engine.flush()
    path = tmp_path / "bomb.dcm"
    path.write_bytes(whole[:meta_end] + bomb)
    for read in READERS:
        with pytest.raises(LimitExceeded):
            read(path)


def test_inflating_stops_at_the_limit():
    with pytest.raises(LimitExceeded):
        inflate(zlib.compress(bytes(3 * MIB))[2:-4], ReadLimits(max_inflated_bytes=2 * MIB))


def test_a_damaged_deflate_stream_is_truncated():
    with pytest.raises(TruncatedFile):
        inflate(zlib.compress(random.Random(1).randbytes(9000))[2:-900])


def test_inflating_gives_the_bytes_back():
    data = random.Random(2).randbytes(3 * MIB)
    assert inflate(zlib.compress(data)[2:-4]) == data


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.1", "1.2.840.10008.1.2"])
def test_giant_claims_are_refused_before_pixels(tmp_path, watched, syntax):
    path = write(tmp_path, transfer_syntax=syntax, Rows=65535, Columns=65535)
    for read in (inspect_file, read_frame, read_slice_header):
        with pytest.raises(LimitExceeded, match="65535 × 65535"):
            read(path)


def test_giant_rle_claim_is_refused_before_decoding(tmp_path, watched):
    from pydicom.encaps import encapsulate

    dataset = ct_slice(Rows=65535, Columns=65535, transfer_syntax="1.2.840.10008.1.2.5")
    dataset.PixelData = encapsulate([bytes(7800)])
    dataset["PixelData"].VR = "OB"
    with pytest.raises(LimitExceeded):
        read_frame(write_file(tmp_path / "rle.dcm", dataset))


def test_codestream_of_another_size_is_refused_before_decoding(tmp_path, watched):
    from pydicom.encaps import encapsulate

    size = struct.pack(">HHIIIIIIIIH", 47, 0, 60000, 60000, 0, 0, 60000, 60000, 0, 0, 1)
    dataset = ct_slice(transfer_syntax="1.2.840.10008.1.2.4.90")
    dataset.PixelData = encapsulate([b"\xff\x4f\xff\x51" + size + b"\x07\x01\x01" + bytes(60)])
    dataset["PixelData"].VR = "OB"
    with pytest.raises(InvalidElement, match="does not decode to 5 × 4 pixels"):
        read_frame(write_file(tmp_path / "j2k.dcm", dataset))


def test_a_thousand_million_frames_are_refused(tmp_path, watched):
    with pytest.raises(LimitExceeded, match="1000000000 frames"):
        inspect_file(write(tmp_path, NumberOfFrames=10**9))


def test_rows_typed_ul_are_judged_by_their_value(tmp_path):
    path = write(tmp_path)
    rows = explicit(0x00280010, b"US", struct.pack("<H", 4))
    replaced(path, rows, explicit(0x00280010, b"UL", struct.pack("<I", 4)))
    assert inspect_file(path).rows == 4
    replaced(
        path,
        explicit(0x00280010, b"UL", struct.pack("<I", 4)),
        explicit(0x00280010, b"UL", struct.pack("<I", 0x10004)),
    )
    with pytest.raises(InvalidElement, match=r"Rows \(0028,0010\) is 65540"):
        inspect_file(path)


@pytest.mark.parametrize("value", [b"", b"\x04", b"\x00\x00"])
def test_rows_without_a_number_are_refused(tmp_path, value):
    path = write(tmp_path)
    rows = explicit(0x00280010, b"US", struct.pack("<H", 4))
    with pytest.raises(ImagingError, match="Rows"):
        inspect_file(replaced(path, rows, explicit(0x00280010, b"US", value)))


def test_rows_as_text_are_refused(tmp_path):
    path = write(tmp_path)
    rows = explicit(0x00280010, b"US", struct.pack("<H", 4))
    with pytest.raises(InvalidElement, match="Rows"):
        inspect_file(replaced(path, rows, explicit(0x00280010, b"LO", b"four")))


def nested(depth):
    dataset = Dataset()
    dataset.CodeValue = "X"
    for _ in range(depth):
        outer = Dataset()
        outer.EquivalentCodeSequence = Sequence([dataset])
        dataset = outer
    return dataset.EquivalentCodeSequence


def nested_bytes(depth):
    """Sequences of undefined length in each other, which pydicom would follow by recursion."""
    opened = struct.pack("<HH2sHI", 0x0008, 0x0121, b"SQ", 0, 0xFFFFFFFF)
    opened += struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF)
    closed = struct.pack("<HHIHHI", 0xFFFE, 0xE00D, 0, 0xFFFE, 0xE0DD, 0)
    return opened * depth + closed * depth


@pytest.mark.parametrize("depth", [400, 100_000])
def test_deep_nesting_is_refused(tmp_path, watched, depth):
    path = write(tmp_path)
    raw = path.read_bytes()
    at = raw.index(b"\x10\x00\x10\x00PN")
    path.write_bytes(raw[:at] + nested_bytes(depth) + raw[at:])
    for read in READERS:
        with pytest.raises(LimitExceeded, match="deeper than 32 levels"):
            read(path)


def test_nesting_within_the_limit_is_read(tmp_path):
    rows = list_elements(write(tmp_path, EquivalentCodeSequence=nested(32)))
    assert max(row.depth for row in rows) == 32


def test_deep_nesting_with_defined_lengths_is_refused(tmp_path, watched):
    with pytest.raises(LimitExceeded):
        inspect_file(write(tmp_path, EquivalentCodeSequence=nested(60)))


@pytest.mark.parametrize("length", [0xFFFFFFFE, 0xC0000000, 5000])
def test_an_element_longer_than_the_file_is_truncated(tmp_path, watched, length):
    path = write(tmp_path)
    raw = path.read_bytes()
    at = raw.index(b"\x10\x00\x10\x00PN")
    path.write_bytes(raw[:at] + struct.pack("<HH2sHI", 9, 0x1001, b"OB", 0, length) + raw[at:])
    for read in READERS:
        with pytest.raises(TruncatedFile):
            read(path)


def test_an_undefined_length_without_end_is_refused(tmp_path):
    path = write(tmp_path)
    raw = path.read_bytes()
    at = raw.index(b"\x10\x00\x10\x00PN")
    path.write_bytes(raw[:at] + struct.pack("<HH2sHI", 8, 0x1140, b"SQ", 0, 0xFFFFFFFF) + raw[at:])
    for read in READERS:
        with pytest.raises(ImagingError):
            read(path)


def test_too_many_tiny_elements_are_refused(tmp_path, watched):
    path = write(tmp_path)
    raw = path.read_bytes()
    at = raw.index(b"\x10\x00\x10\x00PN")
    path.write_bytes(raw[:at] + explicit(0x00091001, b"LO", b"") * 60_000 + raw[at:])
    with pytest.raises(LimitExceeded, match="50000 elements"):
        inspect_file(path, ReadLimits(max_elements=50_000))


def test_a_text_of_a_million_backslashes_is_left_out(tmp_path, watched):
    path = write(tmp_path, ImageComments="c", transfer_syntax="1.2.840.10008.1.2")
    raw = path.read_bytes()
    at = raw.index(b"\x10\x00\x10\x00")
    path.write_bytes(raw[:at] + struct.pack("<HHI", 8, 0x103E, MIB) + b"\\" * MIB + raw[at:])
    assert inspect_file(path).series_description == ""
    assert list_elements(path)


def test_pixel_data_of_undefined_length_without_fragments_is_no_pixel_data(tmp_path):
    path = write(tmp_path)
    raw = path.read_bytes()
    at = raw.index(b"\xe0\x7f\x10\x00OW")
    delimiter = struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)
    path.write_bytes(raw[:at] + b"\xe0\x7f\x10\x00OB\0\0\xff\xff\xff\xff" + delimiter)
    with pytest.raises(NoPixelData):
        inspect_file(path)


def test_garbage_behind_the_pixels_does_no_harm(tmp_path):
    path = write(tmp_path)
    path.write_bytes(path.read_bytes() + b"\xff" * 1000)
    assert inspect_file(path).rows == 4
    assert read_dataset(path).Rows == 4


@pytest.mark.parametrize(("slope", "ends"), [("0", False), ("NaN", False), ("inf", False), ("-2", True)])
def test_slopes_that_map_everything_to_one_value_are_refused(tmp_path, slope, ends):
    path = write(tmp_path, RescaleSlope=1)
    replaced(path, explicit(0x00281053, b"DS", b"1.0 "), explicit(0x00281053, b"DS", slope.ljust(4).encode()))
    assert inspect_file(path).rows == 4
    if ends:
        assert read_frame(path).values[0, 1] == -1026
    else:
        with pytest.raises(InvalidElement, match="Rescale Slope"):
            read_frame(path)


@pytest.mark.parametrize("seed", range(4))
def test_random_damage_ends_by_name(tmp_path, seed):
    dice = random.Random(seed)
    whole = write(tmp_path, EquivalentCodeSequence=nested(3)).read_bytes()
    path = tmp_path / "damaged.dcm"
    for _ in range(60):
        raw = bytearray(whole)
        for _ in range(dice.randint(1, 6)):
            at = dice.randrange(128, len(raw) - 4)
            raw[at : at + 4] = dice.choice((b"\xff\xff\xff\xff", dice.randbytes(4), b"", b"\0\0"))
        path.write_bytes(raw)
        for read in READERS:
            try:
                read(path)
            except ImagingError as fault:
                assert str(fault)  # noqa: PT017 - a refusal is one of the two good ends
