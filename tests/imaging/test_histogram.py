"""Counts against a slow twin, and the promises about bins and sampling."""

import numpy as np
import pytest

from app.imaging.histogram import histogram


def test_small_integers_counted_by_hand():
    result = histogram(np.array([[[-2, -2, 0], [1, 1, 1]]], np.int16))
    assert result.counts.tolist() == [2, 0, 1, 3]
    assert result.bin_edges.tolist() == [-2, -1, 0, 1, 2]
    assert (result.step, result.voxels) == (1, 6)


def test_integer_bins_hold_a_whole_number_of_values():
    result = histogram(np.arange(-50, 950, dtype=np.int16).reshape(10, 10, 10), bins=256)
    assert np.all(np.diff(result.bin_edges) == 4)
    assert result.counts.tolist() == [4] * 250


@pytest.mark.parametrize("bins", [1, 7, 256])
def test_integers_equal_the_slow_twin(bins):
    array = np.random.default_rng(bins).integers(-32768, 32768, (6, 20, 20)).astype(np.int16)
    result = histogram(array, bins)
    assert len(result.counts) <= bins
    for count, low, high in zip(result.counts, result.bin_edges[:-1], result.bin_edges[1:], strict=True):
        assert count == sum(low <= int(value) < high for value in array.ravel())


def test_floats_pass_over_what_is_not_finite():
    array = np.array([[[0.0, 0.5, 1.0, np.nan, np.inf, -np.inf]]], np.float32)
    result = histogram(array, bins=2)
    assert result.counts.tolist() == [1, 2]
    assert result.bin_edges.tolist() == [0, 0.5, 1]
    assert result.voxels == 6


@pytest.mark.parametrize("value", [7.5, np.nan])
def test_flat_and_empty_of_numbers_still_give_bins(value):
    result = histogram(np.full((1, 2, 2), value, np.float32), bins=4)
    assert len(result.bin_edges) == 5
    assert result.counts.sum() == (4 if value == 7.5 else 0)


def test_large_volumes_are_sampled_and_say_so():
    array = np.repeat(np.arange(10, dtype=np.int16), 16).reshape(10, 4, 4)
    result = histogram(array, max_voxels=60)
    assert (result.step, result.voxels) == (3, 64)
    assert result.counts.sum() == 64
    assert result.counts[:10:3].tolist() == [16, 16, 16, 16]


def test_a_memory_mapped_transposed_array_is_counted_alike(tmp_path):
    array = np.random.default_rng(2).integers(-1000, 1000, (5, 6, 7)).astype(np.int16)
    np.save(tmp_path / "volume.npy", array)
    mapped = np.load(tmp_path / "volume.npy", mmap_mode="r")
    assert histogram(mapped).as_json() == histogram(array.transpose(2, 0, 1)).as_json()


@pytest.mark.parametrize("bins", [0, 5000])
def test_silly_numbers_of_bins_are_refused(bins):
    with pytest.raises(ValueError, match="bins"):
        histogram(np.zeros((1, 1, 1), np.int16), bins)
