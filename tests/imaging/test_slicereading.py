"""Slices read ahead and in place are those that are read one by one."""

import threading
from dataclasses import replace

import imagecodecs
import numpy as np
import pytest
from pydicom.encaps import encapsulate

from app.imaging.errors import ImagingError, InvalidElement
from app.imaging.slicereading import read_plane, read_planes
from app.imaging.slices import read_slice_header
from tests.imaging.phantoms import counting_pixels, ct_slice, write_file

JPEG_LS = "1.2.840.10008.1.2.4.80"


def headers(tmp_path, *datasets):
    return [
        read_slice_header(write_file(tmp_path / f"{number}.dcm", dataset))
        for number, dataset in enumerate(datasets)
    ]


def packed(k):
    """Slice *k* as JPEG-LS."""
    dataset = ct_slice(k, pixels=counting_pixels(k), transfer_syntax=JPEG_LS)
    cells = counting_pixels(k).astype(np.uint16)
    dataset.PixelData = encapsulate([imagecodecs.jpegls_encode(cells)])
    dataset["PixelData"].VR = "OB"
    dataset.PixelRepresentation = 0
    return dataset


def only(planes):
    """Type, corners, lowest and highest of the one plane."""
    (found,) = [(plane.values.copy(), plane.lowest, plane.highest) for plane in planes]
    values, lowest, highest = found
    return values.dtype.name, values[0, 0].item(), values[-1, -1].item(), lowest, highest


# The stored values are 0 to 34 by rows of 4 × 5: 10 × row + column.
@pytest.mark.parametrize(
    ("slope", "intercept", "expected"),
    [
        (1, 0, ("int16", 0, 34, 0.0, 34.0)),
        (1, -1024, ("int16", -1024, -990, -1024.0, -990.0)),
        (-2, 7, ("int16", 7, -61, -61.0, 7.0)),
        (3, 32665, ("int16", 32665, 32767, 32665.0, 32767.0)),
        (3, 32666, ("float32", 32666.0, 32768.0, 32666.0, 32768.0)),
        (0.5, 0, ("float32", 0.0, 17.0, 0.0, 17.0)),
        (1, -70000, ("float32", -70000.0, -69966.0, -70000.0, -69966.0)),
    ],
)
@pytest.mark.parametrize("dtype", ["int16", "uint16"])
def test_rescaling_in_place(tmp_path, dtype, slope, intercept, expected):
    pixels = counting_pixels(0).astype(dtype)
    slices = headers(tmp_path, ct_slice(pixels=pixels, slope=slope, intercept=intercept))
    assert only(read_planes(slices)) == expected


def test_large_stored_values_come_back_into_range(tmp_path):
    pixels = counting_pixels(0).astype(np.uint16) + np.uint16(60000)
    slices = headers(tmp_path, ct_slice(pixels=pixels, intercept=-70000))
    assert only(read_planes(slices)) == ("int16", -10000, -9966, -10000.0, -9966.0)


@pytest.mark.parametrize("dtype", ["int16", "uint16"])
def test_bits_beyond_bits_stored_are_cleared(tmp_path, dtype):
    pixels = counting_pixels(0).astype(dtype)
    pixels[0, 0] |= np.array(0x7000, dtype)  # an overlay in the unused bits
    dataset = ct_slice(pixels=pixels, intercept=0, BitsStored=12, HighBit=11)
    assert only(read_planes(headers(tmp_path, dataset))) == ("int16", 0, 34, 0.0, 34.0)


def test_each_plane_equals_the_single_one(tmp_path):
    slices = headers(
        tmp_path, *(ct_slice(k) for k in range(4)), packed(4), packed(5), ct_slice(6, slope=0.25)
    )
    found = [plane.values.copy() for plane in read_planes(slices)]
    assert len(found) == 7
    for header, plane in zip(slices, found, strict=True):
        careful = read_plane(header)
        assert careful.dtype == plane.dtype
        np.testing.assert_array_equal(plane, careful)
    assert [int(plane[0, 0]) for plane in found] == [-1024, -924, -824, -724, -624, -524, -874]


def test_compressed_slices_follow_the_header_and_their_order(tmp_path):
    slices = headers(tmp_path, *(packed(k) for k in range(9)))
    # As SUV does: other slopes than the file's.
    scaled = [replace(header, rescale=replace(header.rescale, slope=2.0, intercept=1.0)) for header in slices]
    assert [int(plane.values[0, 1]) for plane in read_planes(scaled)] == [
        3, 203, 403, 603, 803, 1003, 1203, 1403, 1603,
    ]  # fmt: skip


def test_a_file_that_shrank_is_refused(tmp_path):
    slices = headers(tmp_path, ct_slice(0), ct_slice(1))
    raw = slices[1].path.read_bytes()
    slices[1].path.write_bytes(raw[:-8])
    planes = read_planes(slices)
    assert next(planes).lowest == -1024
    with pytest.raises(ImagingError):
        next(planes)


def test_colour_is_no_slice(tmp_path):
    (header,) = headers(tmp_path, ct_slice(0))
    layout = replace(header.layout, samples=3, photometric="RGB", bits_allocated=8, rows=2, columns=3)
    with pytest.raises(InvalidElement, match="one grey image"):
        list(read_planes([replace(header, layout=layout)]))


def test_no_thread_outlives_a_reader_that_stops_early(tmp_path):
    slices = headers(tmp_path, *(packed(k) for k in range(9)))
    planes = read_planes(slices)
    next(planes)
    planes.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("slices")]


def test_no_slices_give_no_planes():
    assert list(read_planes([])) == []
