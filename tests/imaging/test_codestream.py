"""What codestreams state of themselves, against what other tools wrote into them."""

import io
import struct

import imagecodecs
import numpy as np
import pytest
from PIL import Image

from app.imaging.codestream import read_codestream, starts_codestream


def saved(pixels, **options):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, **options)
    return file.getvalue()


def size(stream):
    return (stream.rows, stream.columns, stream.components, stream.precision)


@pytest.mark.parametrize("options", [{"format": "JPEG"}, {"format": "JPEG", "progressive": True}])
def test_jpeg(options):
    stream = read_codestream(saved(np.zeros((30, 50, 3), np.uint8), **options))
    assert size(stream) == (30, 50, 3, 8)
    assert (stream.kind, stream.colour) == ("jpeg", "YBR")


def test_jpeg_lossless_of_12_bits():
    frame = imagecodecs.jpeg8_encode(np.zeros((30, 50), np.uint16), lossless=True, bitspersample=12)
    stream = read_codestream(frame)
    assert size(stream) == (30, 50, 1, 12)
    assert (stream.kind, stream.process) == ("jpeg_lossless", 0xC3)


def test_jpeg_ls():
    stream = read_codestream(imagecodecs.jpegls_encode(np.full((30, 50), 4095, np.uint16)))
    assert (stream.kind, size(stream)) == ("jpeg_ls", (30, 50, 1, 16))


@pytest.mark.parametrize("no_jp2", [True, False])
def test_jpeg_2000_bare_and_in_boxes(no_jp2):
    frame = saved(np.zeros((30, 50), np.uint8), format="JPEG2000", no_jp2=no_jp2)
    stream = read_codestream(frame)
    assert size(stream) == (30, 50, 1, 8)
    assert frame[stream.start : stream.start + 4] == b"\xff\x4f\xff\x51"
    assert stream.is_possible
    assert starts_codestream(frame)


@pytest.mark.parametrize("kind", [np.int16, np.uint16])
def test_jpeg_2000_states_its_sign(kind):
    stream = read_codestream(imagecodecs.jpeg2k_encode(np.zeros((30, 50), kind), codecformat="J2K", level=0))
    assert (stream.signed, stream.precision) == (kind is np.int16, 16)


@pytest.mark.parametrize("transform", [True, False])
def test_jpeg_2000_component_transform_is_rgb(transform):
    frame = imagecodecs.jpeg2k_encode(
        np.zeros((30, 50, 3), np.uint8), codecformat="J2K", mct=transform, level=0
    )
    assert read_codestream(frame).colour == ("RGB" if transform else "")


def with_segment(frame, marker, value):
    """*frame* with one more marker segment behind its start of image."""
    return frame[:2] + struct.pack(">HH", marker, len(value) + 2) + value + frame[2:]


def without_jfif(frame):
    assert frame[2:4] == b"\xff\xe0"
    return frame[:2] + frame[4 + struct.unpack_from(">H", frame, 4)[0] :]


def test_what_says_the_colour_of_a_jpeg():
    noise = np.random.default_rng(1).integers(0, 255, (16, 16, 3), np.uint8)
    full = saved(noise, format="JPEG", subsampling=0)
    thinned = saved(noise, format="JPEG", subsampling=1)
    bare = without_jfif(full)
    adobe = b"Adobe\0\x64\0\0\0\0"
    assert read_codestream(full).colour == "YBR"  # JFIF
    assert read_codestream(bare).colour == ""
    assert read_codestream(without_jfif(thinned)).colour == "YBR"  # two components are smaller
    assert read_codestream(with_segment(bare, 0xFFEE, adobe + b"\0")).colour == "RGB"
    assert read_codestream(with_segment(full, 0xFFEE, adobe + b"\1")).colour == "YBR"
    letters = bare.replace(b"\x03\x01\x11\x00\x02\x11\x01\x03\x11\x01", b"\x03R\x11\x00G\x11\x01B\x11\x01")
    assert letters != bare
    assert read_codestream(letters).colour == "RGB"


@pytest.mark.parametrize(
    "frame", [b"", b"\xff", b"\xff\xd8", b"\xff\xd8\xff\xda", b"text", b"\xff\x4f\xff\x51\0"]
)
def test_no_header_no_size(frame):
    assert read_codestream(frame) is None


def test_a_second_frame_header_is_refused():
    # Decoders differ in which of the two they believe.
    frame = saved(np.zeros((30, 50), np.uint8), format="JPEG")
    larger = struct.pack(">BHHBBBB", 8, 60000, 60000, 1, 1, 0x11, 0)
    assert read_codestream(with_segment(frame, 0xFFC0, larger)) is None


def test_a_box_before_the_codestream_cannot_hide_another_size():
    frame = saved(np.zeros((30, 50), np.uint8), format="JPEG2000", no_jp2=False)
    fake = b"\xff\x4f\xff\x51" + struct.pack(">HHIIIIIIIIH", 41, 0, 9, 9, 0, 0, 9, 9, 0, 0, 1) + b"\7\1\1"
    signature, rest = frame[:12], frame[12:]
    hidden = signature + struct.pack(">I4s", 8 + len(fake), b"free") + fake + rest
    stream = read_codestream(hidden)
    assert size(stream) == (30, 50, 1, 8)
    assert stream.start > 12 + 8 + len(fake)


def test_more_tiles_than_bytes_are_impossible():
    frame = bytearray(saved(np.zeros((3000, 3000), np.uint8), format="JPEG2000", no_jp2=True))
    struct.pack_into(">II", frame, 24, 12, 12)  # 62,500 tiles
    assert not read_codestream(bytes(frame)).is_possible


def test_more_precincts_than_bytes_are_impossible():
    frame = bytearray(saved(np.zeros((3000, 3000), np.uint8), format="JPEG2000", no_jp2=True))
    at = frame.index(b"\xff\x52")
    levels = frame[at + 9]
    length = struct.unpack_from(">H", frame, at + 2)[0]
    frame[at + 4] |= 1
    struct.pack_into(">H", frame, at + 2, length + levels + 1)
    frame[at + 2 + length : at + 2 + length] = bytes(levels + 1)  # precincts of 1 × 1 pixels
    assert not read_codestream(bytes(frame)).is_possible
