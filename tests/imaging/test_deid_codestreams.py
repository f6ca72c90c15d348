"""Names in comments of compressed frames and behind them are found; pictures and tables are left out."""

import imagecodecs
import numpy as np
import pytest
from pydicom.encaps import encapsulate
from pydicom.uid import JPEG2000Lossless, JPEGBaseline8Bit, JPEGLSLossless

from app.imaging.deid_scan import scan_bytes
from tests.imaging.phantoms import ct_slice, write_file

PIXELS = np.arange(256, dtype=np.uint8).reshape(16, 16)
JPEG = imagecodecs.jpeg8_encode(PIXELS)
JPEG_LS = imagecodecs.jpegls_encode(PIXELS)
J2K = imagecodecs.jpeg2k_encode(PIXELS, level=0, codecformat="j2k")
NAME = b"Salgado^Rosa"


def commented(frame, marker):
    """*frame* with a comment in its header: behind SOI, or behind the SIZ of JPEG 2000."""
    at = 2 if frame[:2] == b"\xff\xd8" else 4 + int.from_bytes(frame[4:6])
    return frame[:at] + marker + (len(NAME) + 2).to_bytes(2) + NAME + frame[at:]


def found_in(tmp_path, frames, syntax, *identifiers):
    dataset = ct_slice(pixels=PIXELS, transfer_syntax=syntax, NumberOfFrames=len(frames))
    dataset.PixelData = encapsulate(frames)
    dataset["PixelData"].VR = "OB"
    path = write_file(tmp_path / "compressed.dcm", dataset)
    return {finding.identifier for finding in scan_bytes(path, identifiers)}


@pytest.mark.parametrize(
    ("frame", "marker", "syntax"),
    [
        (JPEG, b"\xff\xfe", JPEGBaseline8Bit),
        (JPEG, b"\xff\xe5", JPEGBaseline8Bit),
        (JPEG_LS, b"\xff\xfe", JPEGLSLossless),
        (J2K, b"\xff\x64", JPEG2000Lossless),
    ],
    ids=["JPEG comment", "JPEG application", "JPEG-LS comment", "JPEG 2000 comment"],
)
def test_a_name_in_a_comment_is_found(tmp_path, frame, marker, syntax):
    assert found_in(tmp_path, [frame, commented(frame, marker)], syntax, "salgado") == {"salgado"}
    assert found_in(tmp_path, [frame, frame], syntax, "salgado") == set()


@pytest.mark.parametrize("frame", [JPEG, J2K], ids=["JPEG", "JPEG 2000"])
def test_a_name_behind_the_picture_is_found(tmp_path, frame):
    syntax = JPEGBaseline8Bit if frame is JPEG else JPEG2000Lossless
    assert found_in(tmp_path, [frame + NAME], syntax, "salgado") == {"salgado"}


def test_tables_are_no_record_numbers(tmp_path):
    assert b"456789" in JPEG
    assert found_in(tmp_path, [JPEG], JPEGBaseline8Bit, "456789") == set()
