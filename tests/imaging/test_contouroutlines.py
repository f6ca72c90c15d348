"""Outlines of masks along voxel edges, and filling them again."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from app.imaging.contourfill import CrossingBudget, fill_planes
from app.imaging.contouroutlines import outlines, pixel_outlines
from app.imaging.segments import BoxMask, Grid


def pixels(*rows):
    return np.array([[cell == "#" for cell in row] for row in rows])


def refilled(loops, shape):
    (left, top), filled = fill_planes([[loop - 0.5 for loop in loops]], shape[::-1], CrossingBudget())
    whole = np.zeros(shape, bool)
    whole[top : top + filled.shape[1], left : left + filled.shape[2]] = filled[0]
    return whole


def test_one_pixel_has_its_four_corners_with_the_clock() -> None:
    (loop,) = pixel_outlines(pixels("...", "..#"))
    start = [tuple(corner) for corner in loop].index((2, 1))
    assert_array_equal(np.roll(loop, -start, axis=0), [(2, 1), (3, 1), (3, 2), (2, 2)])


def test_straight_edges_keep_their_ends_only() -> None:
    (loop,) = pixel_outlines(pixels("####", "####"))
    assert sorted(map(tuple, loop)) == [(0, 0), (0, 2), (4, 0), (4, 2)]


def test_hole_is_an_outline_of_its_own_and_turns_the_other_way() -> None:
    loops = pixel_outlines(pixels("#####", "#...#", "#.#.#", "#...#", "#####"))
    areas = sorted(int(np.cross(loop, np.roll(loop, -1, axis=0)).sum()) // 2 for loop in map(_3d, loops))
    assert areas == [-9, 1, 25]


def _3d(loop):
    return np.column_stack([loop, np.zeros(len(loop), int)])


def test_pixels_that_touch_at_a_corner_are_two_islands() -> None:
    assert [len(loop) for loop in pixel_outlines(pixels("#.", ".#"))] == [4, 4]
    assert [len(loop) for loop in pixel_outlines(pixels(".#", "#."))] == [4, 4]


def test_corners_of_a_hole_that_touches_the_outside() -> None:
    mask = pixels("###.", "#.#.", "##.#", "..##")
    assert_array_equal(refilled(pixel_outlines(mask), mask.shape), mask)


@pytest.mark.parametrize("seed", range(6))
def test_any_pixels_come_back(seed: int) -> None:
    mask = np.random.default_rng(seed).random((17, 23)) > (0.2, 0.4, 0.5, 0.6, 0.8, 0.97)[seed]
    assert_array_equal(refilled(pixel_outlines(mask), mask.shape), mask)


def test_outlines_lie_in_the_patient_where_the_voxels_end() -> None:
    # Columns 2 mm along −x, rows 3 mm along z, slices 5 mm along y; voxel (4, 2, 1) is centred at (−8, 5, 6).
    affine = [[-2, 0, 0, 0], [0, 0, 5, 0], [0, 3, 0, 0], [0, 0, 0, 1]]
    mask = BoxMask((4, 2, 1), np.ones((1, 1, 1), bool))
    (found,) = outlines(mask, Grid.of((9, 9, 9), affine))
    assert found.k == 1
    (contour,) = found.contours_lps
    assert sorted(map(tuple, contour)) == [(-9, 5, 4.5), (-9, 5, 7.5), (-7, 5, 4.5), (-7, 5, 7.5)]


def test_slices_without_voxels_and_empty_masks_have_no_outlines() -> None:
    voxels = np.zeros((3, 2, 2), bool)
    voxels[[0, 2], 0, 0] = True
    grid = Grid.of((9, 9, 9), np.eye(4))
    assert [found.k for found in outlines(BoxMask((0, 0, 5), voxels), grid)] == [5, 7]
    assert outlines(BoxMask.of(np.zeros((3, 3, 3), bool)), grid) == ()
