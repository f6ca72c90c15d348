"""Slabs of orthogonal planes: which slices, how thick, what comes out."""

import math
from typing import Any

import numpy as np
import pytest

from app.imaging.reslice import plane_geometry
from app.imaging.slab import SlabRange, project_slab, slab_range, slab_steps

# Columns, rows, slices 4 × 3 × 5; 0.5 × 2 × 3 mm.
AFFINE = np.diag([0.5, 2.0, 3.0, 1.0])


@pytest.mark.parametrize(
    ("index", "slab_mm", "expected"),
    [
        (5, 0, SlabRange(5, 5, 1.5)),  # no thickness: the slice itself
        (5, 2.9, SlabRange(5, 5, 1.5)),  # the neighbours' centres lie 1.5 mm away, outside of ±1.45
        (5, 3, SlabRange(4, 6, 4.5)),
        (5, 10, SlabRange(2, 8, 10.5)),  # ±5 mm: three to each side
        (1, 10, SlabRange(0, 4, 7.5)),  # the volume ends: less, and said so
        (19, 1e9, SlabRange(0, 19, 30.0)),
    ],
)
def test_the_slices_whose_centres_lie_in_the_slab(index: int, slab_mm: float, expected: SlabRange) -> None:
    assert slab_range(index, 20, 1.5, slab_mm) == expected


def test_the_last_digit_of_the_spacing_does_not_decide() -> None:
    assert slab_range(5, 20, 0.1 + 0.2, 0.6) == SlabRange(4, 6, pytest.approx(0.9))


@pytest.mark.parametrize("slab_mm", [-1.0, math.nan, math.inf])
def test_no_length_is_refused(slab_mm: float) -> None:
    with pytest.raises(ValueError, match="slab"):
        slab_range(0, 2, 1.0, slab_mm)


def test_projections_by_hand() -> None:
    # One column of voxels along k: 5, −3, 10, 2, 100; others nought.
    array = np.zeros((5, 3, 4), np.int16)
    array[:, 1, 2] = [5, -3, 10, 2, 100]
    axial = plane_geometry((4, 3, 5), AFFINE, "axial")
    slices = SlabRange(0, 3, 12.0)
    pictures = {name: project_slab(array, axial, slices, name) for name in ("mip", "minip", "mean")}
    assert pictures["mip"].dtype == np.int16
    assert pictures["mip"].tolist() == [[0, 0, 0, 0], [0, 0, 10, 0], [0, 0, 0, 0]]
    assert pictures["minip"].tolist() == [[0, 0, 0, 0], [0, 0, -3, 0], [0, 0, 0, 0]]
    assert pictures["mean"].dtype == np.float32
    assert pictures["mean"].tolist() == [[0, 0, 0, 0], [0, 0, 3.5, 0], [0, 0, 0, 0]]


def test_a_sagittal_slab_stands_as_its_plane_does() -> None:
    # From the left, the front at screen left, the head above: k falls downwards, j grows to the right.
    array = np.arange(60, dtype=np.int16).reshape(5, 3, 4)
    sagittal = plane_geometry((4, 3, 5), AFFINE, "sagittal")
    picture = project_slab(array, sagittal, slab_range(2, 4, 0.5, 1.0), "mip")
    assert picture.tolist() == [[51, 55, 59], [39, 43, 47], [27, 31, 35], [15, 19, 23], [3, 7, 11]]


def test_missing_values_are_left_out() -> None:
    array = np.ones((5, 3, 4), np.float32)
    array[0, 0, 0], array[1, 0, 0] = np.nan, 7
    array[:2, 2, 3] = np.nan
    axial = plane_geometry((4, 3, 5), AFFINE, "axial")
    for name in ("mip", "minip", "mean"):
        picture = project_slab(array, axial, SlabRange(0, 1, 6.0), name)  # type: ignore[arg-type]
        assert picture[0, 0] == 7
        assert math.isnan(picture[2, 3])


@pytest.mark.parametrize("name", ["mip", "minip", "mean"])
def test_projections_are_those_of_numpy(name: Any) -> None:
    array = np.random.default_rng(3).integers(-1000, 3000, (5, 3, 4)).astype(np.int16)
    axial = plane_geometry((4, 3, 5), AFFINE, "axial")
    fold = {"mip": np.max, "minip": np.min, "mean": np.mean}[name]
    picture = project_slab(array, axial, SlabRange(1, 4, 12.0), name)
    np.testing.assert_allclose(picture, fold(array[1:5], axis=0), rtol=1e-6)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("slab_mm", "least_mm", "expected"),
    [
        (0.0, 0.7, (1, 0.0)),
        (0.5, 0.7, (3, 0.25)),  # to ±0.25 mm
        (0.7, 0.7, (3, 0.35)),
        (10.0, 0.5, (41, 0.25)),
        (10.0, 0.6, (35, 10 / 34)),  # 17 to each side, 0.294 mm apart
    ],
)
def test_steps_through_an_oblique_slab(slab_mm: float, least_mm: float, expected: tuple[int, float]) -> None:
    assert slab_steps(slab_mm, least_mm) == pytest.approx(expected)
