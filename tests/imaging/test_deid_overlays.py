"""Overlays in the unused bits of the pixels leave no bit in a copy."""

import numpy as np
import pytest
from pydicom.filereader import dcmread
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, JPEGLSLossless

from app.imaging.deid_overlays import embedded_overlays
from app.imaging.deid_refusal import warnings_for
from app.imaging.deidentify import Deidentifier
from app.imaging.overlays import read_overlays
from tests.imaging.deid_samples import KEY
from tests.imaging.phantoms import ct_slice, write_file

PIXELS = np.array([[0, 0x0FFF, 0x0123], [0x0800, 1, 2]], np.uint16)
DRAWN = np.array([[1, 0, 1], [0, 1, 1]], np.uint16)


def overlaid(bit, **elements):
    dataset = ct_slice(pixels=PIXELS | DRAWN << np.uint16(bit), BitsStored=12, HighBit=11, **elements)
    for element, vr, value in ((0x10, "US", 2), (0x11, "US", 3), (0x40, "CS", "G"), (0x50, "SS", [1, 1]),
                               (0x100, "US", 16), (0x102, "US", bit)):  # fmt: skip
        dataset.add_new(0x60000000 | element, vr, value)
    return dataset


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ExplicitVRBigEndian])
@pytest.mark.parametrize("bit", [12, 15])
def test_their_bits_are_cleared_and_no_others(tmp_path, syntax, bit):
    dataset = overlaid(bit, transfer_syntax=syntax)
    if syntax == ExplicitVRBigEndian:
        dataset.PixelData = (PIXELS | DRAWN << np.uint16(bit)).astype(">u2").tobytes()
    source = write_file(tmp_path / "original.dcm", dataset)
    assert read_overlays(source)[0].mask.tolist() == DRAWN.astype(bool).tolist()

    Deidentifier(KEY).file(source, tmp_path / "copy.dcm")

    order = ">" if syntax == ExplicitVRBigEndian else "<"
    cells = np.frombuffer(dcmread(tmp_path / "copy.dcm").PixelData, f"{order}u2")
    assert cells.reshape(2, 3).tolist() == PIXELS.tolist()


def test_a_bit_of_the_image_is_never_cleared():
    assert embedded_overlays(overlaid(3)) == 0
    assert embedded_overlays(overlaid(13)) == 0x2000


def test_an_overlay_with_data_of_its_own_is_in_no_bit():
    dataset = overlaid(12)
    dataset.add_new(0x60003000, "OW", b"\x15\x00")
    assert embedded_overlays(dataset) == 0


def test_in_compressed_pixels_they_are_told():
    dataset = overlaid(12)
    assert not any("compressed" in str(warning.template) for warning in warnings_for(dataset))
    dataset.file_meta.TransferSyntaxUID = "1.2.3"  # none at all
    assert warnings_for(dataset) == ()
    dataset.file_meta.TransferSyntaxUID = JPEGLSLossless
    assert any("compressed" in str(warning.template) for warning in warnings_for(dataset))
