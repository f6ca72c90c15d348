"""Sizes stated by codestreams, against what other decoders say of them."""

import io

import numpy as np
import pytest
from PIL import Image

from app.imaging.codestream import CodestreamSize, codestream_size


@pytest.mark.parametrize("options", [{"format": "JPEG"}, {"format": "JPEG", "progressive": True}])
def test_jpeg(options):
    file = io.BytesIO()
    Image.fromarray(np.zeros((30, 50, 3), np.uint8)).save(file, **options)
    assert codestream_size(file.getvalue()) == CodestreamSize(30, 50, 3)


@pytest.mark.parametrize("no_jp2", [True, False])
def test_jpeg_2000_bare_and_in_boxes(no_jp2):
    file = io.BytesIO()
    Image.fromarray(np.zeros((30, 50), np.uint8)).save(file, format="JPEG2000", no_jp2=no_jp2)
    assert codestream_size(file.getvalue()) == CodestreamSize(30, 50, 1)


@pytest.mark.parametrize(
    "frame", [b"", b"\xff", b"\xff\xd8", b"\xff\xd8\xff\xda", b"text", b"\xff\x4f\xff\x51\0"]
)
def test_no_header_no_size(frame):
    assert codestream_size(frame) is None
