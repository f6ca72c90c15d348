"""Boxes of known HU at known places, on slices, across them and at an angle; SimpleITK for oblique planes."""

import math
from typing import Any

import numpy as np
import pytest
import SimpleITK
from numpy.typing import NDArray

from app.imaging import regionsampling
from app.imaging.geometry import world_from_index
from app.imaging.marks import check_shape
from app.imaging.regionstatistics import RegionStatistics, image_statistics, volume_statistics
from tests.imaging.measuring import bounded

# 0.5 × 0.5 × 5 mm; a box of 1000 HU in columns 10–19, rows 5–14, slices 2–3 of −1000.
FLAT = np.array([[0.5, 0, 0, -10], [0, 0.5, 0, -20], [0, 0, 5, 30], [0, 0, 0, 1.0]])
# The same turned about the left-right axis by the triangle 3-4-5.
TURNED = np.array([[0.5, 0, 0, -10], [0, 0.4, -3, -20], [0, 0.3, 4, 30], [0, 0, 0, 1.0]])
# Columns run to the right, slices to the feet.
FLIPPED = np.array([[-0.5, 0, 0, 10], [0, 0.5, 0, -20], [0, 0, -5, 30], [0, 0, 0, 1.0]])
AFFINES = {"flat": FLAT, "turned": TURNED, "flipped": FLIPPED}
# value = 100·k + 10·j + i
COUNTING = (100 * np.arange(6)[:, None, None] + 10 * np.arange(40)[:, None] + np.arange(40)).astype(np.int16)


def box() -> NDArray[np.int16]:
    array = np.full((6, 40, 40), -1000, np.int16)
    array[2:4, 5:15, 10:20] = 1000
    return array


def mark(kind: str, points_lps: Any, plane: Any = None) -> dict[str, Any]:
    points = [[float(mm) for mm in point] for point in points_lps]
    return check_shape({"kind": kind, "space": "patient", "points": points, "plane": plane})


def at(affine: NDArray[np.float64], kind: str, points_ijk: Any) -> dict[str, Any]:
    """A mark whose points are given as voxels."""
    return mark(kind, world_from_index(affine, points_ijk))


def measured(array: NDArray[Any], affine: Any, drawn: dict[str, Any], **more: Any) -> RegionStatistics:
    return volume_statistics(array, affine, drawn, **more)


@pytest.mark.parametrize("name", AFFINES)
def test_a_rectangle_inside_a_box_has_its_value_exactly(name: str) -> None:
    affine = AFFINES[name]
    corners = [(12, 7, 2), (17, 7, 2), (17, 12, 2), (12, 12, 2)]
    found = measured(box(), affine, at(affine, "rectangle", corners)).as_json()
    assert [found[name] for name in ("count", "mean", "std", "min", "max")] == [36, 1000, 0, 1000, 1000]
    assert (found["area_mm2"], found["perimeter_mm"]) == (pytest.approx(6.25), pytest.approx(10))
    assert (found["sampling"], found["left_out"], found["is_cut"]) == ("voxels", 0, False)
    assert found["histogram"] == {"counts": [36], "bin_edges": [1000, 1001]}


@pytest.mark.parametrize("name", AFFINES)
def test_across_the_slices_voxels_are_tall(name: str) -> None:
    affine = AFFINES[name]
    corners = [(12, 7, 2), (17, 7, 2), (17, 7, 3), (12, 7, 3)]
    found = measured(box(), affine, at(affine, "rectangle", corners)).as_json()
    assert (found["count"], found["mean"], found["std"]) == (12, 1000, 0)
    assert (found["area_mm2"], found["perimeter_mm"]) == (pytest.approx(12.5), pytest.approx(15))
    # Five columns to each side, one slice: eleven voxels in the middle row, one above and one below.
    found = measured(COUNTING, affine, at(affine, "ellipse", [(15, 7, 2), (20, 7, 2), (15, 7, 3)])).as_json()
    assert (found["count"], found["mean"], found["min"], found["max"]) == (13, 285, 185, 385)
    assert found["area_mm2"] == pytest.approx(math.pi * 2.5 * 5)
    # The same along the third pair of axes: rows and slices.
    found = measured(COUNTING, affine, at(affine, "ellipse", [(7, 15, 2), (7, 20, 2), (7, 15, 3)])).as_json()
    assert (found["count"], found["mean"], found["min"], found["max"]) == (13, 357, 257, 457)


@pytest.mark.parametrize("name", AFFINES)
def test_a_circle_of_counting_voxels(name: str) -> None:
    affine = AFFINES[name]
    drawn = at(affine, "ellipse", [(20, 10, 3), (25, 10, 3), (20, 15, 3)])
    found = measured(COUNTING, affine, drawn).as_json()
    # 81 centres around 100·3 + 10·10 + 20; rows spread ten times as columns, so the variance is 101 × that of
    # the columns: Σx² = 2·(25·1 + 16·7 + 9·9 + 4·9 + 1·9) = 526.
    assert (found["count"], found["mean"], found["min"], found["max"]) == (81, 420, 370, 470)
    assert found["std"] == pytest.approx(math.sqrt(101 * 526 / 81))
    assert found["area_mm2"] == pytest.approx(math.pi * 2.5**2)
    assert found["perimeter_mm"] == pytest.approx(math.pi * 5)
    assert sum(found["histogram"]["counts"]) == 81
    assert len(found["histogram"]["counts"]) <= 64


def test_the_nearest_slice_counts_within_half_a_step() -> None:
    for depth, mean in ((2.49, 200 + 100 + 20), (2.51, 300 + 100 + 20)):
        drawn = at(FLAT, "ellipse", [(20, 10, depth), (22, 10, depth), (20, 12, depth)])
        assert measured(COUNTING, FLAT, drawn).as_json()["mean"] == mean


def oblique_square(centre: Any, half_mm: float) -> list[Any]:
    """A square in the plane of x and (0, 0.8, 0.6)."""
    right, down, middle = np.array((1, 0, 0)), np.array((0, 0.8, 0.6)), np.array(centre, float)
    return [middle + half_mm * (x * right + y * down) for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))]


def test_an_oblique_plane_inside_a_box_has_its_value_exactly() -> None:
    # The box reaches from (−5, −17.5, 40) to (−0.5, −13, 45).
    found = measured(box(), FLAT, mark("rectangle", oblique_square((-2.5, -15.5, 42), 1.5))).as_json()
    assert (found["mean"], found["std"], found["sampling"]) == (1000, 0, "trilinear")
    assert found["count"] == 49  # 3 mm at 0.5 mm, both ends
    assert found["area_mm2"] == pytest.approx(9)


def test_an_oblique_plane_through_a_slope_has_the_value_of_its_middle() -> None:
    # 100·k + 10·j + i = 20·(z − 30) + 20·(y + 20) + 2·(x + 10), the same everywhere between voxels.
    found = measured(COUNTING, FLAT, mark("rectangle", oblique_square((-1, -9, 43), 3))).as_json()
    assert found["mean"] == pytest.approx(20 * 13 + 20 * 11 + 2 * 9)
    assert found["min"] == pytest.approx(498 - 3 * (20 * 0.6 + 20 * 0.8 + 2))


def test_oblique_circles_agree_with_simpleitk() -> None:
    rng = np.random.default_rng(4)
    array = rng.integers(-1000, 1000, (6, 40, 40)).astype(np.int16)
    right, down, normal = np.array(((1, 0, 0), (0, 0.8, 0.6), (0, -0.6, 0.8)))
    centre, radius = np.array((-1.0, -9, 43)), 4.0
    plane = {"name": "oblique", "origin_lps": centre.tolist(), "right_lps": [1, 0, 0]}
    plane |= {"down_lps": [0, 0.8, 0.6], "normal_lps": [0, -0.6, 0.8]}
    drawn = mark("ellipse", [centre, centre + radius * right, centre + radius * down], plane)
    found = measured(array, FLAT, drawn).as_json()
    image = SimpleITK.GetImageFromArray(array.astype(np.float64))
    image.SetSpacing((0.5, 0.5, 5))
    image.SetOrigin((-10, -20, 30))
    target = SimpleITK.Image((21, 21, 1), SimpleITK.sitkFloat64)
    target.SetSpacing((0.5, 0.5, 1))
    target.SetDirection(np.column_stack((right, down, normal)).ravel().tolist())
    target.SetOrigin((centre - 5 * right - 5 * down).tolist())
    cut = SimpleITK.Resample(image, target, SimpleITK.Transform(), SimpleITK.sitkLinear)
    cut = SimpleITK.GetArrayFromImage(cut)[0]
    values = [cut[y, x] for y in range(21) for x in range(21) if (x - 10) ** 2 + (y - 10) ** 2 <= 64]
    assert found["count"] == len(values) == 197
    assert found["mean"] == pytest.approx(np.mean(values), abs=1e-3)
    assert found["std"] == pytest.approx(np.std(values), abs=1e-3)
    assert (found["min"], found["max"]) == (pytest.approx(min(values)), pytest.approx(max(values)))


def test_a_very_large_oblique_region_is_sampled_more_widely(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = mark("rectangle", oblique_square((-1, -9, 43), 5))
    whole = measured(COUNTING, FLAT, drawn).as_json()
    monkeypatch.setattr(regionsampling, "MOST_SAMPLES", 100)
    wide = measured(COUNTING, FLAT, drawn).as_json()
    assert whole["count"] == 441
    assert 50 <= wide["count"] <= 100
    assert wide["mean"] == pytest.approx(whole["mean"])


@pytest.mark.parametrize(
    "points", [[(20.2, 10.3, 3), (20.3, 10.3, 3), (20.2, 10.4, 3)], [(20.2, 10.3, 3)] * 3]
)
def test_a_region_between_centres_has_the_voxel_nearest_to_its_middle(points: Any) -> None:
    found = measured(COUNTING, FLAT, at(FLAT, "ellipse", points)).as_json()
    assert (found["count"], found["is_nearest"], found["mean"], found["std"]) == (1, True, 420, 0)


def test_outside_the_volume_nothing_is_counted() -> None:
    for points in ([(20, 10, 7), (25, 10, 7), (20, 15, 7)], [(90, 10, 3), (95, 10, 3), (90, 15, 3)]):
        found = measured(COUNTING, FLAT, at(FLAT, "ellipse", points)).as_json()
        assert (found["count"], found["mean"], found["std"], found["min"], found["max"]) == (0, *[None] * 4)
        assert (found["histogram"], found["is_nearest"], found["is_cut"]) == (None, False, True)
    found = measured(COUNTING, FLAT, mark("rectangle", oblique_square((300, 300, 300), 5))).as_json()
    assert (found["count"], found["is_cut"]) == (0, True)


def test_what_is_half_outside_says_so() -> None:
    drawn = at(FLAT, "rectangle", [(-4, 1, 2), (3, 1, 2), (3, 2, 2), (-4, 2, 2)])
    found = measured(COUNTING, FLAT, drawn).as_json()
    assert (found["count"], found["mean"], found["is_cut"]) == (8, 216.5, True)
    assert found["area_mm2"] == pytest.approx(3.5 * 0.5)  # of what was drawn
    found = measured(COUNTING, FLAT, mark("rectangle", oblique_square((-10, -9, 43), 5))).as_json()
    assert found["is_cut"]


def test_padding_and_what_is_no_number_are_left_out() -> None:
    corners = [(8, 7, 2), (12, 7, 2), (12, 12, 2), (8, 12, 2)]
    found = measured(box(), FLAT, at(FLAT, "rectangle", corners), padding=(-1000, -1000)).as_json()
    assert (found["count"], found["left_out"], found["mean"]) == (18, 12, 1000)
    floats = box().astype(np.float32)
    floats[2, 7, 8], floats[2, 8, 8] = np.nan, np.inf
    found = measured(floats, FLAT, at(FLAT, "rectangle", corners)).as_json()
    assert (found["count"], found["left_out"]) == (28, 2)
    nothing = measured(box(), FLAT, at(FLAT, "probe", [(1, 1, 1)]), padding=(-1000, -1000)).as_json()
    assert (nothing["count"], nothing["left_out"], nothing["mean"]) == (0, 1, None)


def test_padding_is_never_mixed_into_an_oblique_value() -> None:
    drawn = mark("rectangle", oblique_square((-5, -15.5, 42), 1.5))
    mixed = measured(box(), FLAT, drawn).as_json()
    assert mixed["min"] == -1000
    found = measured(box(), FLAT, drawn, padding=(-1000, -1000)).as_json()
    assert (found["mean"], found["min"]) == (1000, 1000)
    assert found["count"] + found["left_out"] == mixed["count"]


def test_a_probe_is_its_voxel() -> None:
    found = measured(COUNTING, FLAT, at(FLAT, "probe", [(20.4, 9.6, 3.4)])).as_json()
    assert (found["count"], found["mean"], found["area_mm2"], found["is_nearest"]) == (1, 420, None, False)
    assert measured(COUNTING, FLAT, at(FLAT, "probe", [(20, 10, 9)])).as_json()["count"] == 0


def test_an_outline_that_crosses_itself_is_told() -> None:
    drawn = at(FLAT, "freehand", [(10.5, 5.5, 2), (19.5, 14.5, 2), (19.5, 5.5, 2), (10.5, 14.5, 2)])
    found = measured(box(), FLAT, drawn).as_json()
    assert (found["is_self_crossing"], found["mean"]) == (True, 1000)
    assert found["area_mm2"] == pytest.approx(0, abs=1e-9)  # two loops that turn against each other


def test_without_millimetres_there_is_no_area() -> None:
    drawn = at(FLAT, "rectangle", [(12, 7, 2), (17, 7, 2), (17, 12, 2), (12, 12, 2)])
    found = measured(box(), FLAT, drawn, is_calibrated=False).as_json()
    assert (found["count"], found["area_mm2"], found["perimeter_mm"]) == (36, None, None)


def test_pixels_of_an_image() -> None:
    points = [[20.0, 10.0], [25.0, 10.0], [20.0, 15.0]]
    drawn = {"kind": "ellipse", "space": "image", "points": points, "image": 0, "spacing_mm": [0.5, 2]}
    found = image_statistics(COUNTING[3], check_shape(drawn), points).as_json()
    assert (found["count"], found["mean"], found["sampling"]) == (81, 420, "pixels")
    assert found["area_mm2"] == pytest.approx(math.pi * 2.5 * 10)
    bare = image_statistics(
        COUNTING[3], check_shape(drawn | {"spacing_mm": None}), points, padding=(420, 420)
    )
    assert (bare.as_json()["count"], bare.left_out, bare.area_mm2) == (80, 1, None)


def test_a_hostile_region_costs_little() -> None:
    rng = np.random.default_rng(1)
    points = rng.uniform(-1e6, 1e6, (5000, 3))
    array = np.zeros((40, 256, 256), np.int16)
    for plane in (
        None,
        {"name": "axial", "right_lps": [1, 0, 0], "down_lps": [0, 1, 0], "normal_lps": [0, 0, 1]},
    ):
        drawn = mark("freehand", points, plane and plane | {"origin_lps": [0, 0, 0]})
        with bounded(200 << 20, seconds=8):
            measured(array, FLAT, drawn).as_json()
