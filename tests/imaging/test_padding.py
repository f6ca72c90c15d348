"""Pixel padding in whatever VR it was written, and what leaves it out."""

import numpy as np
import pytest
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from app.imaging.histogram import histogram
from app.imaging.slices import read_slice_header
from app.imaging.volume import build_volume, plan_volume
from tests.imaging.phantoms import ct_slice, modality_table, write_file, write_series
from tests.shared_data import shared


def padded(k=0, *, vr, value, limit=None, **more):
    dataset = ct_slice(k, **more)
    dataset.add_new(0x00280120, vr, value)
    if limit is not None:
        dataset.add_new(0x00280121, vr, limit)
    return dataset


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRLittleEndian])
@pytest.mark.parametrize(
    ("pixels", "vr", "value", "expected"),
    [
        (np.int16, "SS", -2000, -2000),
        (np.int16, "US", 63536, -2000),
        (np.uint16, "US", 63536, 63536),
        (np.uint16, "SS", -2000, 63536),
        (np.uint16, "SS", 0, 0),
    ],
)
def test_padding_is_read_as_the_pixels_would_hold_it(tmp_path, syntax, pixels, vr, value, expected):
    dataset = padded(vr=vr, value=value, limit=value, pixels=np.zeros((2, 2), pixels), transfer_syntax=syntax)
    header = read_slice_header(write_file(tmp_path / "one.dcm", dataset))
    assert (header.padding_value, header.padding_limit) == (expected, expected)


def test_an_image_without_padding():
    header = read_slice_header(shared("data/zoo/photometric/examples_overlay.dcm"))
    assert (header.padding_value, header.padding_limit) == (None, None)


@pytest.mark.parametrize("path", ["zoo/transfer-syntaxes/CT_small.dcm", "seg-ct-liver-dcmqi/ct/01.dcm"])
def test_the_padding_of_real_files(path):
    assert read_slice_header(shared(f"data/{path}")).padding_value == -2000


def test_a_range_of_padding_stays_out_of_the_percentiles(tmp_path):
    # Half of each slice is padding of three values; the rest are stored 100 to 109.
    pixels = np.repeat(np.array([[-2000, -1999, -1998, 0]], np.int16), 20, axis=0)
    pixels[:, 3] = np.arange(100, 120) // 2 + 50
    slices = [padded(k, vr="SS", value=-1998, limit=-2000, pixels=pixels, intercept=0) for k in range(2)]
    plan = plan_volume([read_slice_header(path) for path in write_series(tmp_path / "s", slices)])
    header = build_volume(plan, tmp_path / "volume.npy")
    assert header.value_range == (-2000, 109)
    assert header.percentiles == (100, 109)


def test_padding_behind_a_modality_table_is_no_value_of_the_volume(tmp_path):
    """Stored 0 is padding, and 100 by the table; stored 1 is a measured 0, which must be counted."""
    pixels = np.array([[0, 1, 2, 3]] * 4, np.uint16)
    slices = []
    for k in range(2):
        table = modality_table(ct_slice(k, pixels=pixels), [100, 0, 200, 300])
        table.add_new(0x00280120, "US", 0)
        table.add_new(0x00280121, "US", 1)
        slices.append(table)
    plan = plan_volume([read_slice_header(path) for path in write_series(tmp_path / "s", slices)])
    header = build_volume(plan, tmp_path / "volume.npy")
    assert (header.padding_value, header.padding_limit, header.padding) == (None, None, None)
    assert header.percentiles == (0, 300)


def test_a_histogram_leaves_padding_out():
    array = np.array([[[-2000, -1999, 0], [1, 2, 2]]], np.int16)
    counted = histogram(array, padding=(-2000, -1999))
    assert (counted.counts.tolist(), counted.bin_edges.tolist()) == ([1, 1, 2], [0, 1, 2, 3])
    assert counted.voxels == 6
    floats = histogram(array.astype(np.float32), bins=2, padding=(-1999, -2000))
    assert (floats.counts.tolist(), floats.bin_edges.tolist()) == ([1, 3], [0, 1, 2])


def test_a_histogram_of_padding_alone_counts_it_after_all():
    array = np.full((1, 2, 2), -2000, np.int16)
    for values in (array, array.astype(np.float32)):
        assert histogram(values, bins=4, padding=(-2000, -2000)).counts.sum() == 4


@pytest.mark.parametrize(("bits", "kind"), [(32, "Float"), (64, "DoubleFloat")])
def test_padding_of_floating_point_pixels_stays_out_of_the_percentiles(tmp_path, bits, kind):
    cells = np.linspace(1.0, 2.0, 16).astype(f"f{bits // 8}").reshape(4, 4)
    cells[:2] = -1e30
    slices = []
    for k in range(3):
        dataset = ct_slice(k, intercept=0, pixels=np.zeros((4, 4), np.int16))
        del dataset.PixelData, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation
        dataset.BitsAllocated = bits
        setattr(dataset, f"{kind}PixelData", cells.tobytes())
        setattr(dataset, f"{kind}PixelPaddingValue", -1e30)
        slices.append(read_slice_header(write_file(tmp_path / f"{k}.dcm", dataset)))
    assert slices[0].padding_value == pytest.approx(-1e30)
    header = build_volume(plan_volume(slices), tmp_path / "volume.npy")
    assert min(header.percentiles) > 1
