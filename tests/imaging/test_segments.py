"""Masks in their boxes, and the bytes in which they are kept."""

import numpy as np
import pytest

from app.imaging.errors import InvalidElement
from app.imaging.segments import BoxMask


def test_box_is_tight_and_counts_in_ijk() -> None:
    mask = np.zeros((5, 6, 7), bool)
    mask[1:3, 2, 4:7] = True
    box = BoxMask.of(mask, (10, 20, 30))
    assert box.origin_ijk == (14, 22, 31)
    assert box.voxels.shape == (2, 1, 3)
    assert box.count == 6
    assert box.box_ijk == ((14, 22, 31), (17, 23, 33))


def test_full_puts_the_box_back() -> None:
    mask = np.zeros((5, 6, 7), bool)
    mask[4, 5, 6] = mask[0, 3, 2] = True
    np.testing.assert_array_equal(BoxMask.of(mask).full((5, 6, 7)), mask)


def test_empty_mask_has_an_empty_box() -> None:
    box = BoxMask.of(np.zeros((3, 3, 3), bool))
    assert box.count == 0
    assert not box.full((3, 3, 3)).any()
    assert BoxMask.from_bytes(box.to_bytes()).voxels.shape == (0, 0, 0)


def test_bytes_come_back_bit_by_bit() -> None:
    mask = np.random.default_rng(7).random((5, 3, 9)) > 0.5
    box = BoxMask((4, 0, 65_000), mask)
    again = BoxMask.from_bytes(box.to_bytes())
    assert again.origin_ijk == (4, 0, 65_000)
    np.testing.assert_array_equal(again.voxels, mask)


@pytest.mark.parametrize("damage", ["short", "magic", "bits", "more", "shape"])
def test_damaged_bytes_are_refused(damage: str) -> None:
    good = BoxMask((0, 0, 0), np.ones((8, 8, 8), bool)).to_bytes()
    bad = {
        "short": good[:10],
        "magic": b"XXXX" + good[4:],
        "bits": good[:-6],
        "more": BoxMask((0, 0, 0), np.ones((8, 8, 16), bool)).to_bytes()[:28].replace(b"\x10", b"\x08")
        + BoxMask((0, 0, 0), np.ones((8, 8, 16), bool)).to_bytes()[28:],
        "shape": good[:16] + b"\xff\xff\xff\x7f" + good[20:],
    }[damage]
    with pytest.raises(InvalidElement):
        BoxMask.from_bytes(bad)
