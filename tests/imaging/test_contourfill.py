"""Polygons to pixels: the rule on edges, holes, and bounds."""

import numpy as np
import pytest
from matplotlib.path import Path as Outline
from numpy.testing import assert_array_equal
from skimage import draw

from app.imaging import contourfill
from app.imaging.contourfill import CrossingBudget, fill_planes, inside_polygons
from app.imaging.errors import LimitExceeded


def filled(polygons, size):
    (left, top), box = fill_planes([[np.array(p, float) for p in polygons]], size, CrossingBudget())
    whole = np.zeros(size[::-1], bool)
    whole[top : top + box.shape[1], left : left + box.shape[2]] = box[0]
    return whole


def star(seed, centre=(20.3, 17.8), points=40):
    rng = np.random.default_rng(seed)
    turn = np.sort(rng.uniform(0, 2 * np.pi, points))
    radius = rng.uniform(4, 15, points)
    return np.column_stack([centre[0] + radius * np.cos(turn), centre[1] + radius * np.sin(turn)])


def test_edges_through_centres_take_the_lower_ones() -> None:
    # Columns 1 and 2 of rows 2 to 4: the edges at 1 and 2 count, those at 3 and 5 do not.
    assert_array_equal(np.argwhere(filled([[(1, 2), (3, 2), (3, 5), (1, 5)]], (6, 7))),
                       [(2, 1), (2, 2), (3, 1), (3, 2), (4, 1), (4, 2)])  # fmt: skip


def test_neighbours_share_no_pixel_and_leave_none_out() -> None:
    corner, middle = [(0, 0), (7, 0), (0, 7)], [(7, 0), (7, 7), (0, 7)]
    one, other = filled([corner], (7, 7)), filled([middle], (7, 7))
    assert not (one & other).any()
    assert (one | other).all()


def test_polygon_within_another_is_a_hole_and_within_that_an_island() -> None:
    squares = [[(a, a), (b, a), (b, b), (a, b)] for a, b in ((-0.5, 8.5), (1.5, 6.5), (3.5, 4.5))]
    found = filled(squares, (9, 9))
    assert found.sum() == 81 - 25 + 1
    assert found[4, 4]
    assert not found[3, 4]


def test_keyhole_does_as_two_contours() -> None:
    keyhole = [(0.5, 0.5), (8.5, 0.5), (8.5, 8.5), (0.5, 8.5), (0.5, 4.5), (3.5, 4.5), (3.5, 5.5), (5.5, 5.5),
               (5.5, 3.5), (3.5, 3.5), (3.5, 4.5), (0.5, 4.5)]  # fmt: skip
    assert filled([keyhole], (10, 10)).sum() == 64 - 4


def test_noise_of_written_digits_moves_no_pixel() -> None:
    square = np.array([(1, 2), (3, 2), (3, 5), (1, 5)], float)
    noise = np.random.default_rng(1).uniform(-1e-8, 1e-8, square.shape)
    assert_array_equal(filled([square + noise], (6, 7)), filled([square], (6, 7)))


@pytest.mark.parametrize("seed", range(5))
def test_as_matplotlib_and_scikit_image_see_it(seed: int) -> None:
    polygon = star(seed)
    found = filled([polygon], (40, 36))
    columns, rows = np.meshgrid(np.arange(40), np.arange(36))
    points = np.column_stack([columns.ravel(), rows.ravel()])
    assert_array_equal(found.ravel(), Outline(polygon).contains_points(points))
    assert_array_equal(found, draw.polygon2mask((36, 40), polygon[:, ::-1]))
    assert_array_equal(inside_polygons([polygon], points.astype(float), CrossingBudget()), found.ravel())


def test_what_lies_beyond_is_cut() -> None:
    assert filled([[(-1e5, -1e5), (1e5, -1e5), (1e5, 1e5), (-1e5, 1e5)]], (5, 4)).all()
    assert not filled([[(-9, 1), (-2, 1), (-2, 3)]], (5, 4)).any()
    assert filled([[(-9, 1.5), (1.5, 1.5), (1.5, 2.5), (-9, 2.5)]], (5, 4)).sum() == 2


def test_planes_are_filled_each_by_itself() -> None:
    square = np.array([(0, 0), (2, 0), (2, 2), (0, 2)], float)
    origin, box = fill_planes([[square + 1], [square + 3, square]], (9, 9), CrossingBudget())
    assert origin == (0, 0)
    assert box.shape[0] == 2
    assert box.sum(axis=(1, 2)).tolist() == [4, 8]


def test_crossings_are_bounded_and_split(monkeypatch: pytest.MonkeyPatch) -> None:
    zigzag = np.column_stack([np.arange(1000) / 100, np.tile([-1.0, 50.0], 500)])
    whole = filled([zigzag], (12, 40))
    monkeypatch.setattr(contourfill, "_AT_ONCE", 64)
    assert_array_equal(filled([zigzag], (12, 40)), whole)
    with pytest.raises(LimitExceeded, match="too intricate"):
        fill_planes([[zigzag]], (12, 40), CrossingBudget(39_000))
