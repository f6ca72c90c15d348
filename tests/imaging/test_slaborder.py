"""The order of slabs; tests/js/voxelvolume.test.js has the same lists."""

import numpy as np
import pytest

from app.imaging.slaborder import SLAB_BYTES, slab_count, slab_order, slabs, slices_per_slab


@pytest.mark.parametrize(
    ("slices", "center", "per_slab", "order"),
    [
        (1, 0, 6, [0]),
        (10, 5, 2, [2, 3, 1, 4, 0]),
        (10, 4, 3, [1, 2, 0, 3]),  # slices 3 to 5; the last slab is slice 9 alone
        (10, 9, 3, [3, 2, 1, 0]),
        (10, 0, 3, [0, 1, 2, 3]),
        (7, 3, 1, [3, 4, 2, 5, 1, 6, 0]),
        (7, 6, 100, [0]),
    ],
)
def test_the_nearest_come_first_and_the_upper_of_two(
    slices: int, center: int, per_slab: int, order: list[int]
) -> None:
    assert slab_order(slices, center, per_slab) == order
    assert slab_count(slices, per_slab) == len(order)


@pytest.mark.parametrize(("slices", "center", "per_slab"), [(5, 5, 1), (5, -1, 1), (0, 0, 1), (5, 0, 0)])
def test_there_is_no_order_around_what_is_not_there(slices: int, center: int, per_slab: int) -> None:
    with pytest.raises(ValueError, match="no order"):
        slab_order(slices, center, per_slab)


def test_a_slab_is_three_mebibytes_of_whole_slices() -> None:
    assert SLAB_BYTES == 3 * 1024 * 1024
    assert slices_per_slab(512 * 512 * 2) == 6
    assert slices_per_slab(256 * 256 * 4) == 12
    assert slices_per_slab(3000 * 3000 * 2) == 1


def test_the_bytes_of_slabs_are_little_endian_and_not_copied() -> None:
    # 1 MiB a slice: slabs of three, slices 3 to 5 first.
    array = np.arange(7, dtype=np.int16).repeat(1 << 19).reshape(7, 1024, 512)
    found = list(slabs(array, 4))
    assert [part.size >> 20 for part in found] == [3, 1, 3]
    assert [part[:2].tolist() for part in found] == [[3, 0], [6, 0], [0, 0]]
    assert all(np.shares_memory(part, array) for part in found)
    assert [part[:2].tolist() for part in slabs(array, 4, after=2)] == [[0, 0]]
    assert next(slabs(array.astype(">i2"), 4))[:2].tolist() == [3, 0]
