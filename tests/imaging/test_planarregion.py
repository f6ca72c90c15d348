"""Regions on a lattice: counts known from number theory, and a slow twin that asks each centre."""

import tracemalloc

import numpy as np
import pytest

from app.imaging.planarregion import crosses_itself, region_centre, region_mask, region_window

SHAPE = (40, 50)


def count(kind, points, shape=SHAPE) -> int:
    points = np.array(points, float)
    return int(region_mask(kind, points, region_window(kind, points, shape)).sum())


def circle(x: float, y: float, radius: float) -> list[tuple[float, float]]:
    return [(x, y), (x + radius, y), (x, y + radius)]


@pytest.mark.parametrize(
    ("radius", "inside"), [(0.5, 1), (1, 5), (2, 13), (3, 29), (4, 49), (5, 81), (10, 317)]
)
def test_circles_hold_as_many_centres_as_gauss_counted(radius: float, inside: int) -> None:
    assert count("ellipse", circle(20, 15, radius)) == inside


def test_an_ellipse_over_a_radiograph_takes_little_memory() -> None:
    points = np.array(circle(1000, 1000, 1000.0))
    tracemalloc.start()
    mask = region_mask("ellipse", points, region_window("ellipse", points, (2001, 2001)))
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert int(mask.sum()) == 3_141_549  # Gauss's circle problem, OEIS A000328
    assert peak < 30_000_000  # of which 4 are the mask


def test_a_rectangle_between_centres_holds_those_on_its_outline() -> None:
    assert count("rectangle", [(2, 3), (7, 3), (7, 5), (2, 5)]) == 6 * 3
    assert count("rectangle", [(2.5, 3.5), (7.5, 3.5), (7.5, 5.5), (2.5, 5.5)]) == 5 * 2
    # Stored to 1e-6, turned and back: the last digits do not decide.
    assert count("rectangle", [(2.000001, 3.000001), (6.999999, 3), (7, 4.999999), (2, 5)]) == 6 * 3


def test_a_diamond_holds_its_tips() -> None:
    assert count("freehand", [(10, 5), (15, 10), (10, 15), (5, 10)]) == 61  # 1 + 4·(1 + 2 + 3 + 4 + 5)


def test_an_ellipse_may_be_given_by_conjugate_diameters() -> None:
    # (2, 0) and (1, 1) about the origin: u = (x − y)/2, v = y; at y = ±1 one centre each, at y = 0 five.
    assert count("ellipse", [(10, 10), (12, 10), (11, 11)]) == 7


def test_loops_of_an_eight_count_and_what_is_gone_round_twice_does_not() -> None:
    # Crosses at (5.5, 5.5): two triangles, rows of 10, 8, 6, 4, 2 centres and the same again.
    eight = [(0.2, 0.8), (10.8, 0.8), (0.2, 10.2), (10.8, 10.2)]
    assert crosses_itself(np.array(eight))
    twin = sum(inside_by_rays(eight, x, y) for x in range(12) for y in range(12))
    assert count("freehand", eight) == twin == 60
    # A square of 9 × 9 with one of 3 × 3 inside it that is gone round in the same sense.
    twice = [(0.5, 0.5), (9.5, 0.5), (9.5, 9.5), (0.5, 9.5), (0.5, 3.5), (3.5, 3.5)]
    twice += [(6.5, 3.5), (6.5, 6.5), (3.5, 6.5), (3.5, 3.5), (0.5, 3.5)]
    assert count("freehand", twice) == 81 - 9


def inside_by_rays(points, x: float, y: float) -> bool:
    """Even-odd by a ray to the right."""
    odd = False
    for (x0, y0), (x1, y1) in zip(points, points[1:] + points[:1], strict=True):
        if (y0 > y) != (y1 > y) and x < x0 + (y - y0) / (y1 - y0) * (x1 - x0):
            odd = not odd
    return odd


@pytest.mark.parametrize("seed", range(8))
def test_outlines_hold_what_rays_say(seed: int) -> None:
    rng = np.random.default_rng(seed)
    points = [tuple(point) for point in rng.uniform(-8, 58, (rng.integers(3, 40), 2))]
    twin = [[inside_by_rays(points, x, y) for x in range(SHAPE[1])] for y in range(SHAPE[0])]
    found = np.zeros(SHAPE, bool)
    window = region_window("freehand", np.array(points), SHAPE)
    found[window] = region_mask("freehand", np.array(points), window)
    assert found.tolist() == twin


def test_regions_outside_or_without_an_inside_hold_nothing() -> None:
    assert count("ellipse", circle(-20, 15, 5)) == 0
    assert count("rectangle", [(60, 3), (67, 3), (67, 5), (60, 5)]) == 0
    assert count("freehand", [(1e6, 1e6), (1e6, 2e5), (9e5, 1e6)]) == 0
    assert count("ellipse", [(10, 10), (12, 10), (13, 10)]) == 0


def test_only_the_lattice_is_looked_at() -> None:
    assert count("ellipse", circle(20, 15, 1e6)) == 40 * 50
    assert count("rectangle", [(-1e6, -1e6), (1e6, -1e6), (1e6, 1e6), (-1e6, 1e6)]) == 40 * 50


def test_the_middle_of_an_outline_is_that_of_its_area() -> None:
    # An L of three unit squares; points along one side do not pull it.
    corner = [(0, 0), (0.5, 0), (1, 0), (1.5, 0), (2, 0), (2, 1), (1, 1), (1, 2), (0, 2)]
    assert region_centre("freehand", np.array(corner)).tolist() == pytest.approx([5 / 6, 5 / 6])
    assert region_centre("freehand", np.array([(1.0, 1), (3, 1), (5, 1)])).tolist() == [3, 1]


def test_touching_is_no_crossing() -> None:
    assert not crosses_itself(np.array([(0.0, 0), (4, 0), (4, 4), (2, 0), (0, 4)]))
    assert crosses_itself(np.array([(0.0, 0), (4, 4), (4, 0), (0, 4)]))
    turn = np.linspace(0, 2 * np.pi, 5000, endpoint=False)
    assert not crosses_itself(np.column_stack((np.cos(turn), np.sin(turn))))


def test_crossings_are_found_wherever_they_are() -> None:
    turn = np.linspace(0, 2 * np.pi, 3000, endpoint=False)
    for place in (0, 1, 700, 2998):
        points = np.column_stack((100 * np.cos(turn), 100 * np.sin(turn)))
        points[[place, place + 1]] = points[[place + 1, place]]  # a small loop
        assert crosses_itself(points), place
