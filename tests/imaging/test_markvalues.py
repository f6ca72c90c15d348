"""Numbers by hand, or from tables."""

from typing import Any

import pytest

from app.imaging.markvalues import Measure, mark_measures, off_plane_mm

AXIAL = {"right_lps": [1, 0, 0], "down_lps": [0, 1, 0]}


def mark(kind: str, points: list[list[float]], **more: Any) -> dict[str, Any]:
    return {"kind": kind, "space": "patient", "points": points, "plane": AXIAL} | more


def values(measures: tuple[Measure, ...]) -> dict[str, tuple[float, str]]:
    return {one.name: (pytest.approx(one.value), one.unit) for one in measures}


def test_length_in_the_plane() -> None:
    assert values(mark_measures(mark("length", [[10, 20, 5], [13, 24, 5]]))) == {"length": (5, "mm")}


def test_length_on_an_oblique_plane() -> None:
    # The triangle 3-4-5 about the left-right axis: 5 mm along (0, 0.8, 0.6) are 4 mm back and 3 mm up.
    oblique = {"right_lps": [1, 0, 0], "down_lps": [0, 0.8, 0.6]}
    found = mark_measures(mark("length", [[0, 0, 0], [12, 4, 3]], plane=oblique))
    assert values(found) == {"length": (13, "mm")}


def test_both_axes() -> None:
    found = mark_measures(mark("bidirectional", [[0, 0, 0], [10, 0, 0], [5, -2, 0], [5, 1, 0]]))
    assert values(found) == {"long_axis": (10, "mm"), "short_axis": (3, "mm")}


@pytest.mark.parametrize(
    ("end", "degrees"), [([0, 7, 0], 90), ([-5, 5, 0], 135), ([9, 9, 0], 45), ([-1, 0, 0], 180)]
)
def test_angle_at_the_middle_point(end: list[float], degrees: float) -> None:
    assert values(mark_measures(mark("angle", [[4, 0, 0], [0, 0, 0], end]))) == {"angle": (degrees, "°")}


def test_cobb_angle_has_no_sense() -> None:
    # One line along x, the other at 30°, drawn from right to left.
    points = [[0, 0, 0], [10, 0, 0], [17.320508075688775, 20, 0], [0, 10, 0]]
    assert values(mark_measures(mark("cobb", points))) == {"cobb_angle": (30, "°")}


def test_circle_and_ellipse() -> None:
    circle = mark_measures(mark("ellipse", [[1, 2, 3], [11, 2, 3], [1, 12, 3]]))
    assert values(circle) == {"area": (314.1592653589793, "mm²"), "perimeter": (62.83185307179586, "mm")}
    # Half axes 2 and 1: 4·2·E(3/4) with E(0.75) = 1.2110560275684594 (NIST DLMF 19.25, table).
    ellipse = mark_measures(mark("ellipse", [[0, 0, 0], [0, 1, 0], [2, 0, 0]]))
    assert values(ellipse) == {"area": (6.283185307179586, "mm²"), "perimeter": (9.688448220547675, "mm")}


def test_flat_ellipse_goes_there_and_back() -> None:
    found = mark_measures(mark("ellipse", [[0, 0, 0], [3, 0, 0], [0, 0, 0]]))
    assert values(found) == {"area": (0, "mm²"), "perimeter": (12, "mm")}


def test_rectangle_and_freehand() -> None:
    corners = [[1000, 1000, 0], [1004, 1000, 0], [1004, 1003, 0], [1000, 1003, 0]]
    assert values(mark_measures(mark("rectangle", corners))) == {"area": (12, "mm²"), "perimeter": (14, "mm")}
    found = mark_measures(mark("freehand", [[0, 0, 0], [3, 0, 0], [0, 4, 0]]))
    assert values(found) == {"area": (6, "mm²"), "perimeter": (12, "mm")}


def test_pixels_become_millimetres_where_the_spacing_is_known() -> None:
    image = {"kind": "length", "space": "image", "points": [[0, 0], [6, 8]], "plane": None}
    assert values(mark_measures(image | {"spacing_mm": [0.5, 0.5]})) == {"length": (5, "mm")}
    assert values(mark_measures(image | {"spacing_mm": [2, 0.625]})) == {"length": (13, "mm")}
    assert values(mark_measures(image | {"spacing_mm": None})) == {"length": (10, "px")}


def test_without_a_plane_the_one_through_the_points_is_taken() -> None:
    found = mark_measures(mark("freehand", [[0, 0, 0], [0, 3, 0], [0, 0, 4]], plane=None))
    assert values(found) == {"area": (6, "mm²"), "perimeter": (12, "mm")}
    assert values(mark_measures(mark("length", [[0, 0, 0], [2, 3, 6]], plane=None))) == {"length": (7, "mm")}


@pytest.mark.parametrize("kind", ["arrow", "probe", "keyimage"])
def test_what_only_points_measures_nothing(kind: str) -> None:
    assert mark_measures(mark(kind, [[0, 0, 0], [1, 1, 1]])) == ()


def test_distance_from_a_plane() -> None:
    assert off_plane_mm(mark("length", [[0, 0, 4], [9, 9, -7]]), (5, 5, 1), (0, 0, 1)) == 8
