"""What a foreign decoder reads back is what was written."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

from app.imaging import png
from app.imaging.colormap import colormap_table
from app.imaging.png import encode_grey, encode_indexed, encode_rgb


def decoded(data, mode):
    image = Image.open(io.BytesIO(data))
    assert image.mode == mode
    return np.asarray(image)


@pytest.fixture
def volume():
    rng = np.random.default_rng(3)
    smooth = np.add.outer(np.add.outer(np.arange(20), np.arange(30)), np.arange(40)) * 2
    return (smooth + rng.integers(0, 9, smooth.shape)).astype(np.uint8)


@pytest.mark.parametrize(
    "cut",
    [
        lambda v: v[7],
        lambda v: v[::-1, 11, :],
        lambda v: v[::-1, :, 13],
        lambda v: v[3].T[::-1, ::-1],
        lambda v: v[7, :1, :],
        lambda v: v[7, :, :1],
        lambda v: v[7, 4:5, 4:5],
        lambda v: v[7, ::3, ::2],
    ],
    ids=["axial", "coronal", "sagittal", "turned", "one row", "one column", "one pixel", "strided"],
)
def test_grey_planes_decode_to_the_same_pixels(volume, cut):
    assert np.array_equal(decoded(encode_grey(cut(volume)), "L"), cut(volume))


@pytest.mark.parametrize("shape", [(17, 23, 3), (1, 23, 3), (17, 1, 3), (1, 1, 3)])
def test_colour_planes_decode_to_the_same_pixels(shape):
    rgb = np.random.default_rng(4).integers(0, 256, shape).astype(np.uint8)
    assert np.array_equal(decoded(encode_rgb(rgb), "RGB"), rgb)
    turned = rgb.transpose(1, 0, 2)[::-1]
    assert np.array_equal(decoded(encode_rgb(turned), "RGB"), turned)


def test_indexed_planes_show_the_palette(volume):
    data = encode_indexed(volume[7], colormap_table("magma"))
    shown = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
    assert np.array_equal(shown, colormap_table("magma")[volume[7]])
    assert len(data) < len(encode_rgb(colormap_table("magma")[volume[7]]))


def test_the_file_is_built_as_the_specification_says(volume):
    data = encode_grey(volume[7])
    assert data[:8] == bytes([137, 80, 78, 71, 13, 10, 26, 10])
    assert data[8:16] == struct.pack(">I", 13) + b"IHDR"
    assert data[16:29] == struct.pack(">IIBBBBB", 40, 30, 8, 0, 0, 0, 0)
    assert data.endswith(b"IEND\xaeB`\x82")
    Image.open(io.BytesIO(data)).verify()  # checks every CRC


def test_without_isal_the_picture_is_the_same(volume, monkeypatch):
    import zlib

    monkeypatch.setattr(png, "_deflate", zlib)
    assert np.array_equal(decoded(encode_grey(volume[7]), "L"), volume[7])


@pytest.mark.parametrize(
    ("encode", "wrong"),
    [
        (encode_grey, np.zeros((4, 4), np.int16)),
        (encode_grey, np.zeros((4, 4, 3), np.uint8)),
        (encode_grey, np.zeros((0, 4), np.uint8)),
        (encode_rgb, np.zeros((4, 4, 4), np.uint8)),
        (encode_rgb, np.zeros((4, 4), np.uint8)),
    ],
)
def test_other_arrays_are_refused(encode, wrong):
    with pytest.raises(ValueError, match="wanted"):
        encode(wrong)


def test_a_palette_of_another_size_is_refused():
    with pytest.raises(ValueError, match="palette"):
        encode_indexed(np.zeros((4, 4), np.uint8), np.zeros((16, 3), np.uint8))
