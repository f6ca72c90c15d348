"""Strokes and outlines as voxels, worked out by hand."""

import numpy as np
import pytest

from app.engines.base import Index
from app.engines.strokes import StrokeMask, outline_mask, stroke_mask

SHAPE: Index = (10, 20, 30)


def voxels(drawn: StrokeMask) -> set[Index]:
    """The (i, j, k) that are set."""
    first, mask = drawn
    return {tuple(int(n) + o for n, o in zip(row[::-1], first, strict=True)) for row in np.argwhere(mask)}  # type: ignore[misc]


def test_a_stroke_has_no_gaps_and_keeps_its_order_of_axes() -> None:
    assert voxels(stroke_mask([(1, 2, 3), (4, 2, 3), (4, 4, 3)], SHAPE)) == {
        (1, 2, 3),
        (2, 2, 3),
        (3, 2, 3),
        (4, 2, 3),
        (4, 3, 3),
        (4, 4, 3),
    }
    assert voxels(stroke_mask([(0, 0, 0), (2, 4, 8)], SHAPE)) >= {(0, 0, 0), (1, 2, 4), (2, 4, 8)}
    assert voxels(stroke_mask([(9, 19, 29)], SHAPE)) == {(9, 19, 29)}


def test_thickness_grows_on_the_slice_of_the_stroke_and_inside_the_volume() -> None:
    assert voxels(stroke_mask([(5, 5, 5)], SHAPE, (2, 2, 2))) == {(5, 5, 5), (6, 5, 5), (5, 6, 5), (6, 6, 5)}
    sagittal = voxels(stroke_mask([(5, 5, 5), (5, 6, 7)], SHAPE, (2, 2, 2)))
    assert {i for i, _, _ in sagittal} == {5}
    assert {k for _, _, k in sagittal} == {5, 6, 7, 8}
    assert voxels(stroke_mask([(9, 19, 29)], SHAPE, (3, 3, 3))) == {
        (9, 19, 29),
        (8, 19, 29),
        (9, 18, 29),
        (8, 18, 29),
    }


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_an_outline_is_filled_on_its_own_slice(axis: int) -> None:
    corners = [(1, 1), (5, 1), (5, 4), (1, 4)]
    points = [tuple(np.insert(corner, axis, 7).tolist()) for corner in corners]
    found = voxels(outline_mask(points, (10, 10, 10)))  # type: ignore[arg-type]
    expected = {tuple(np.insert((a, b), axis, 7).tolist()) for a in range(1, 6) for b in range(1, 5)}
    assert found == expected


def test_outlines_with_holes_and_without_area_are_taken() -> None:
    # A bow tie: the even-odd rule, and its outline; then three points in a row, and one point thrice.
    bow = voxels(outline_mask([(0, 0, 0), (8, 0, 0), (0, 8, 0), (8, 8, 0)], SHAPE))
    assert (4, 2, 0) in bow
    assert (4, 6, 0) in bow
    assert (1, 4, 0) not in bow
    assert voxels(outline_mask([(1, 1, 1), (2, 2, 1), (3, 3, 1)], SHAPE)) == {(1, 1, 1), (2, 2, 1), (3, 3, 1)}
    assert voxels(outline_mask([(9, 19, 29)] * 3, SHAPE)) == {(9, 19, 29)}
    assert voxels(outline_mask([(0, 1, 1), (0, 5, 1), (0, 3, 1)], SHAPE)) == {(0, n, 1) for n in range(1, 6)}


def test_ten_thousand_vertices_are_a_moment() -> None:
    turns = np.linspace(0, 40 * np.pi, 10_000)
    points = [
        (int(250 + r * np.cos(t)), int(250 + r * np.sin(t)), 3)
        for t, r in zip(turns, np.linspace(0, 240, 10_000), strict=True)
    ]
    _first, mask = outline_mask(points, (512, 512, 10))
    assert mask.shape[0] == 1
    assert mask.sum() > 10_000
