"""Affines and letters worked out by hand."""

import numpy as np
import pytest

from app.imaging.geometry import (
    affine_from_slices,
    direction_label,
    index_from_world,
    orientation_letters,
    patient_axes,
    slice_normal,
    spacing_from_affine,
    world_from_index,
)

AXIAL = affine_from_slices((1, 0, 0, 0, 1, 0), (2.0, 0.5), (10.0, -20.0, 30.0), (0, 0, 3.0))
OBLIQUE = affine_from_slices((1, 0, 0, 0, 0.8, 0.6), (2.0, 0.5), (10.0, -20.0, 30.0), (0, -1.8, 2.4))


def test_columns_follow_the_second_pixel_spacing():
    assert world_from_index(AXIAL, (4, 0, 0)).tolist() == [12.0, -20.0, 30.0]


def test_rows_follow_the_first_pixel_spacing():
    assert world_from_index(AXIAL, (0, 3, 0)).tolist() == [10.0, -14.0, 30.0]


def test_oblique_series_keeps_corner_voxel_at_image_position():
    assert world_from_index(OBLIQUE, (0, 0, 0)).tolist() == [10.0, -20.0, 30.0]


def test_oblique_voxel_is_where_pencil_and_paper_put_it():
    # 4 columns of 0.5 mm, 3 rows of 2 mm along (0, 0.8, 0.6), 2 slices of 3 mm along (0, -0.6, 0.8).
    np.testing.assert_allclose(world_from_index(OBLIQUE, (4, 3, 2)), (12.0, -18.8, 38.4), atol=1e-12)


def test_normal_is_row_times_column():
    np.testing.assert_allclose(slice_normal((1, 0, 0, 0, 0.8, 0.6)), (0, -0.6, 0.8))


def test_many_points_go_to_world_and_come_back():
    points = np.random.default_rng(2).uniform(-50, 50, (7, 11, 3))
    np.testing.assert_allclose(
        index_from_world(OBLIQUE, world_from_index(OBLIQUE, points)), points, atol=1e-9
    )


def test_spacing_is_the_length_of_each_step():
    np.testing.assert_allclose(spacing_from_affine(OBLIQUE), (0.5, 2.0, 3.0))


@pytest.mark.parametrize(
    ("orientation", "step", "letters"),
    [
        ((1, 0, 0, 0, 1, 0), (0, 0, 3), "LPS"),
        ((1, 0, 0, 0, 1, 0), (0, 0, -3), "LPI"),
        ((-1, 0, 0, 0, -1, 0), (0, 0, 3), "RAS"),
        ((0, 1, 0, 0, 0, -1), (-2, 0, 0), "PIR"),
        ((1, 0, 0, 0, 0, -1), (0, 1, 0), "LIP"),
    ],
)
def test_orientation_letters_say_where_the_indices_increase(orientation, step, letters):
    assert orientation_letters(affine_from_slices(orientation, (1, 1), (0, 0, 0), step)) == letters


def test_two_axes_leaning_to_one_direction_still_get_different_letters():
    half = 0.5**0.5
    affine = affine_from_slices((half, half, 0, half, -half, 0), (1, 1), (0, 0, 0), (0, 0, -1))
    assert sorted(patient_axes(affine)) == [0, 1, 2]


@pytest.mark.parametrize(
    ("vector", "label"),
    [
        ((1, 0, 0), "L"),
        ((-2, 0, 0), "R"),
        ((0, 1, 0), "P"),
        ((0, -1, 0), "A"),
        ((0, 0, 5), "H"),
        ((0, 0, -5), "F"),
        ((0, 0.8, 0.6), "PH"),
        ((0.7, 0.6, -0.4), "LPF"),
        ((1, 0.05, 0), "L"),
        ((-0.3, 0.2, 0.9), "HRP"),
    ],
)
def test_direction_label_names_the_large_parts_first(vector, label):
    assert direction_label(vector) == label


def test_a_vector_without_length_has_no_label():
    with pytest.raises(ValueError, match="no direction"):
        direction_label((0, 0, 0))


def test_a_flat_affine_has_no_inverse():
    with pytest.raises(ValueError, match="inverse"):
        index_from_world(np.zeros((4, 4)), (1, 2, 3))
