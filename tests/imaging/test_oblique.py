"""Oblique planes against hand-worked numbers and SimpleITK's Resample; the compiled loop against its twin."""

import math
import threading
from typing import Any

import numpy as np
import pytest
import SimpleITK
from numpy.typing import NDArray

from app.imaging import lattice as lattices
from app.imaging.lattice import Lattice, Sampled, sample_lattice
from app.imaging.latticekernel import compiled_loop
from app.imaging.oblique import InvalidPlane, ObliquePlane, diagonal_mm, extract_oblique

# 4 columns, 3 rows, 2 slices: value = 100·k + 10·j + i. Voxels of 0.5 × 2 × 3 mm, the first at (10, −20, 30).
ARRAY = (100 * np.arange(2)[:, None, None] + 10 * np.arange(3)[:, None] + np.arange(4)).astype(np.int16)
AFFINE = np.array([[0.5, 0, 0, 10], [0, 2, 0, -20], [0, 0, 3, 30], [0, 0, 0, 1.0]])


@pytest.fixture(params=["compiled", "numpy"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both loops: the compiled one, waited for, and its twin."""
    if request.param == "numpy":
        monkeypatch.setattr(lattices, "compiled_loop", lambda array, patience_s=0.0: None)
    else:
        assert compiled_loop(ARRAY, 60) is not None
        assert compiled_loop(ARRAY.astype(np.float32), 60) is not None
    return str(request.param)


def plane(origin: Any, row: Any, column: Any, size: Any, spacing: float) -> ObliquePlane:
    return ObliquePlane(tuple(origin), tuple(row), tuple(column), tuple(size), spacing)


def values(cut: ObliquePlane, array: NDArray[Any] = ARRAY, **how: Any) -> list[list[float]]:
    return extract_oblique(array, AFFINE, cut, **how).values.tolist()


def test_between_voxels_the_value_is_trilinear(way: str) -> None:
    # In x by 0.25 mm, half a column; in y by 0.25 mm, an eighth of a row, 1.25; the slice lies halfway: +50.
    cut = plane((10, -20, 31.5), (1, 0, 0), (0, 1, 0), (3, 2), 0.25)
    assert values(cut) == [[50, 50.5, 51], [51.25, 51.75, 52.25]]


def test_a_diagonal_plane_by_hand(way: str) -> None:
    # Screen x runs along (0, 0.8, 0.6): 5 mm are 4 mm of y, two rows, and 3 mm of z, one slice.
    # Screen y runs along −x: 2.5 mm would be five columns, so only its first row is inside.
    cut = plane((11, -20, 30), (0, 0.8, 0.6), (-1, 0, 0), (3, 2), 2.5)
    # (i, j, k) = (2, 0, 0), (2, 1, 0.5), (2, 2, 1): 2, 10 + 50 + 2, 20 + 100 + 2.
    sampled = extract_oblique(ARRAY, AFFINE, cut, fill=-1)
    assert sampled.values.tolist() == [[2, 62, 122], [-1, -1, -1]]
    assert sampled.inside.tolist() == [[True, True, True], [False, False, False]]


def test_nearest_takes_the_voxel_around_the_point(way: str) -> None:
    # Columns every 0.5 mm from 10: 10.125 is column 0, 10.25 already column 1 (half up), 10.375 column 1.
    cut = plane((10.125, -20, 30), (1, 0, 0), (0, 1, 0), (3, 1), 0.125)
    assert values(cut, interpolation="nearest") == [[0, 1, 1]]


def test_half_a_voxel_beyond_the_outermost_centres_is_inside(way: str) -> None:
    # Columns at index −0.6, −0.4, … 3.4, 3.6 of four.
    cut = plane((9.7, -20, 30), (1, 0, 0), (0, 1, 0), (22, 1), 0.1)
    row = extract_oblique(ARRAY, AFFINE, cut)
    assert row.inside.tolist() == [[False] + [True] * 20 + [False]]
    assert row.values[0, 1:4].tolist() == pytest.approx([0, 0, 0])
    assert row.values[0, 4] == pytest.approx(0.2)
    assert row.values[0, 19:21].tolist() == pytest.approx([3, 3])
    assert math.isnan(row.values[0, 0])
    assert math.isnan(row.values[0, 21])


def test_a_plane_beside_the_volume_is_all_fill(way: str) -> None:
    cut = plane((10, -20, 60), (1, 0, 0), (0, 1, 0), (3, 2), 1.0)
    assert values(cut, fill=-7) == [[-7, -7, -7], [-7, -7, -7]]
    assert math.isnan(values(cut)[0][0])


@pytest.mark.parametrize("interpolation", ["trilinear", "nearest"])
def test_a_plane_through_voxel_centres_gives_the_voxels(way: str, interpolation: Any) -> None:
    rng = np.random.default_rng(7)
    array = rng.integers(-32768, 32767, (5, 6, 7)).astype(np.int16)
    affine = turned_affine((0.7, 0.7, 0.7), (31.3, -211.7, 987.1))
    steps = affine[:3, :3] / 0.7
    # Screen x along +k, screen y along −i, in the plane j = 4, beginning at i = 6.
    origin = affine[:3, :3] @ (6, 4, 0) + affine[:3, 3]
    cut = plane(origin, steps[:, 2], -steps[:, 0], (5, 7), 0.7)
    found = extract_oblique(array, affine, cut, interpolation=interpolation).values
    np.testing.assert_array_equal(found, array[:, 4, ::-1].T)


def test_voxels_come_out_untouched_by_infinite_and_missing_neighbours(way: str) -> None:
    array = ARRAY.astype(np.float32)
    array[0, 0] = [1.1, np.nan, np.inf, 2.2]
    cut = plane((10, -20, 30), (1, 0, 0), (0, 1, 0), (4, 1), 0.5)
    np.testing.assert_array_equal(values(cut, array), np.array([[1.1, np.nan, np.inf, 2.2]], np.float32))


# ---- slabs


def test_a_slab_takes_the_extremes_and_the_mean_through_it(way: str) -> None:
    # Along z at column 1, row 1: 11 in slice 0 and 111 in slice 1, 3 mm on. The plane lies at 31.5 mm; a
    # slab of 1.5 mm reaches from 30.75 (quarter way: 36) to 32.25 (86).
    cut = plane((10.5, -18, 31.5), (1, 0, 0), (0, 1, 0), (1, 1), 1.0)
    assert values(cut, slab_mm=1.5, projection="mip") == [[86]]
    assert values(cut, slab_mm=1.5, projection="minip") == [[36]]
    assert values(cut, slab_mm=1.5, projection="mean") == [[61]]
    assert values(cut, slab_mm=0.0, projection="mip") == [[61]]


def test_a_slab_leaves_out_what_is_outside(way: str) -> None:
    # The plane lies 3 mm below slice 0, outside; a slab of 8 mm reaches 1 mm above slice 0: a third of 100.
    cut = plane((10, -20, 27), (1, 0, 0), (0, 1, 0), (1, 1), 1.0)
    assert values(cut, fill=-1) == [[-1]]
    assert values(cut, fill=-1, slab_mm=8.0)[0][0] == pytest.approx(100 / 3)
    assert values(cut, fill=-1, slab_mm=8.0, projection="minip") == [[0]]


def test_a_slab_leaves_out_what_is_no_number(way: str) -> None:
    array = ARRAY.astype(np.float32)
    array[0, 0, 0] = np.nan
    cut = plane((10, -20, 31.5), (1, 0, 0), (0, 1, 0), (1, 1), 1.0)
    # Nearest, from slice 0 (NaN) to slice 1 (100).
    assert values(cut, array, slab_mm=3.0, projection="mean", interpolation="nearest") == [[100]]
    array[1, 0, 0] = np.nan
    assert math.isnan(values(cut, array, slab_mm=3.0, interpolation="nearest", fill=-1)[0][0])


# ---- against SimpleITK


def turned_affine(spacing: Any, origin: Any, flips: Any = (1, 1, 1)) -> NDArray[np.float64]:
    """An oblique affine: 33° about x, then −21° about z, then the flips."""
    a, b = math.radians(33), math.radians(-21)
    about_x = np.array([[1, 0, 0], [0, math.cos(a), -math.sin(a)], [0, math.sin(a), math.cos(a)]])
    about_z = np.array([[math.cos(b), -math.sin(b), 0], [math.sin(b), math.cos(b), 0], [0, 0, 1]])
    affine = np.eye(4)
    affine[:3, :3] = about_z @ about_x @ np.diag(np.multiply(flips, spacing))
    affine[:3, 3] = origin
    return affine


def itk_plane(
    array: NDArray[Any], affine: NDArray[np.float64], cut: ObliquePlane, linear: bool
) -> NDArray[np.float32]:
    """The plane as SimpleITK resamples it."""
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    image = SimpleITK.GetImageFromArray(array)
    image.SetSpacing(spacing.tolist())
    image.SetOrigin(affine[:3, 3].tolist())
    image.SetDirection((affine[:3, :3] / spacing).ravel().tolist())
    row, column = np.array(cut.row_lps), np.array(cut.column_lps)
    resample = SimpleITK.ResampleImageFilter()
    resample.SetSize([*cut.size_px, 1])
    resample.SetOutputSpacing([cut.spacing_mm, cut.spacing_mm, 1.0])
    resample.SetOutputOrigin(cut.origin_lps)
    resample.SetOutputDirection(np.stack([row, column, np.cross(row, column)], 1).ravel().tolist())
    resample.SetInterpolator(SimpleITK.sitkLinear if linear else SimpleITK.sitkNearestNeighbor)
    resample.SetDefaultPixelValue(-5000)
    resample.SetOutputPixelType(SimpleITK.sitkFloat32)
    return SimpleITK.GetArrayFromImage(resample.Execute(image))[0]


CASES = {
    "upright": (np.diag([1.0, 1.0, 1.0, 1.0]), 0),
    "anisotropic": (turned_affine((0.6, 0.9, 3.2), (-40.0, 12.5, -310.0)), 1),
    "flipped": (turned_affine((0.8, 0.8, 1.5), (55.5, -60.0, 700.0), (-1, 1, -1)), 2),
    "mirrored": (turned_affine((1.1, 0.7, 2.0), (5.0, 6.0, 7.0), (1, -1, 1)), 3),
}


@pytest.mark.parametrize("case", list(CASES))
@pytest.mark.parametrize("dtype", ["int16", "float32"])
@pytest.mark.parametrize("linear", [True, False], ids=["linear", "nearest"])
def test_planes_agree_with_simpleitk(way: str, case: str, dtype: str, linear: bool) -> None:
    affine, seed = CASES[case]
    rng = np.random.default_rng(seed)
    array = rng.integers(-1000, 3000, (12, 26, 31)).astype(dtype)
    turn, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    centre = affine[:3, :3] @ (15, 12.5, 5.5) + affine[:3, 3]
    spacing = 0.83
    cut = plane(centre - (turn[:, 0] * 30 + turn[:, 1] * 25) * spacing, *turn.T[:2], (61, 51), spacing)
    ours = extract_oblique(array, affine, cut, interpolation="trilinear" if linear else "nearest", fill=-5000)
    theirs = itk_plane(array, affine, cut, linear)
    assert 0.1 < ours.inside.mean() < 0.99
    # Single points on a border between voxels, or on the edge, may fall to either side.
    assert np.mean(ours.inside != (theirs != -5000)) < 0.002
    both = ours.inside & (theirs != -5000)
    off = np.abs(ours.values[both] - theirs[both])
    assert np.mean(off > 0.01) < 0.002
    assert np.median(off) < 0.001


# ---- the compiled loop and its twin


@pytest.mark.parametrize("projection", ["mip", "minip", "mean"])
@pytest.mark.parametrize("interpolation", ["trilinear", "nearest"])
@pytest.mark.parametrize("dtype", ["int16", "float32"])
def test_the_compiled_loop_equals_its_twin(projection: Any, interpolation: Any, dtype: str) -> None:
    rng = np.random.default_rng(11)
    array = rng.integers(-900, 900, (9, 40, 30)).astype(dtype)
    if dtype == "float32":
        array[rng.random(array.shape) < 0.05] = np.nan
        array[rng.random(array.shape) < 0.01] = np.inf
    # 300 × 200 × 3 samples: more than one thread. It leaves the volume on all sides.
    right, down = np.array([0.11, 0.03, 0.011]), np.array([-0.04, 0.19, 0.013])
    lattice = Lattice(np.array([-1.2, -1.7, -0.8]), right, down, np.array([0.3, 0.2, 1.1]), (200, 300), 3)
    assert compiled_loop(array, 60) is not None
    quick = sample_lattice(array, lattice, interpolation, projection)
    slow = Sampled(np.empty(lattice.shape, np.float32), np.empty(lattice.shape, np.bool_))
    fold = {"mip": 0, "minip": 1, "mean": 2}[projection]
    lattices._sample_with_numpy(array, lattice, (fold, interpolation == "nearest", math.nan), slow)
    assert 0.2 < quick.inside.mean() < 0.9
    np.testing.assert_array_equal(quick.inside, slow.inside)
    np.testing.assert_array_equal(quick.values, slow.values)


def test_other_dtypes_and_orders_are_read_too() -> None:
    cut = plane((10, -20, 31.5), (1, 0, 0), (0, 1, 0), (3, 1), 0.25)
    for array in (ARRAY.astype(np.uint8), ARRAY.astype(">i2"), np.asfortranarray(ARRAY), ARRAY.astype(float)):
        assert values(cut, array) == [[50, 50.5, 51]]
    mirrored = values(plane((11.5, -20, 30), (-1, 0, 0), (0, 1, 0), (4, 1), 0.5), ARRAY)
    assert mirrored == [[3, 2, 1, 0]]


def test_busy_threads_are_not_waited_for() -> None:
    assert compiled_loop(ARRAY, 60) is not None
    release = threading.Event()
    pool = lattices._threads()
    busy = [pool.submit(release.wait, 60) for _ in range(pool._max_workers)]
    try:
        big = plane((10, -20, 30), (1, 0, 0), (0, 1, 0), (400, 400), 0.004)
        assert extract_oblique(ARRAY, AFFINE, big).inside.all()
    finally:
        release.set()
    assert all(wait.result() for wait in busy)


def test_a_request_does_not_wait_for_the_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[float] = []
    monkeypatch.setattr(lattices, "compiled_loop", lambda array, patience_s=0.0: asked.append(patience_s))
    values(plane((10, -20, 30), (1, 0, 0), (0, 1, 0), (4, 1), 0.5))
    assert asked == [0.0]


# ---- what cannot be meant

GOOD: dict[str, Any] = {
    "origin_lps": (0.0, 0.0, 0.0),
    "row_lps": (1.0, 0.0, 0.0),
    "column_lps": (0.0, 1.0, 0.0),
    "size_px": (4, 3),
    "spacing_mm": 1.0,
}


@pytest.mark.parametrize(
    ("part", "value", "field"),
    [
        ("origin_lps", (0, math.nan, 0), "origin"),
        ("origin_lps", (0, math.inf, 0), "origin"),
        ("origin_lps", (2e6, 0, 0), "origin"),
        ("row_lps", (0, 0, 0), "row"),
        ("row_lps", (2, 0, 0), "row"),
        ("row_lps", (math.nan, 1, 0), "row"),
        ("row_lps", (1e308, 1e308, 0), "row"),
        ("column_lps", (0, 0.9, 0), "col"),
        ("column_lps", (0.6, 0.8, 0), "col"),
        ("column_lps", (1, 0, 0), "col"),
        ("size_px", (0, 3), "size"),
        ("size_px", (4, 2049), "size"),
        ("spacing_mm", 0.0, "spacing"),
        ("spacing_mm", -1.0, "spacing"),
        ("spacing_mm", math.nan, "spacing"),
        ("spacing_mm", 1e9, "spacing"),
    ],
)
def test_planes_that_cannot_be_meant_are_named(part: str, value: Any, field: str) -> None:
    with pytest.raises(InvalidPlane) as caught:
        ObliquePlane(**GOOD | {part: value})
    assert caught.value.field == field
    assert str(caught.value).startswith(field)


@pytest.mark.parametrize("slab_mm", [-1.0, math.nan, math.inf, 8.8])
def test_a_slab_beyond_the_diagonal_is_refused(slab_mm: float) -> None:
    # 4 × 0.5, 3 × 2 and 2 × 3 mm: √(4 + 36 + 36) = 8.718 mm.
    with pytest.raises(InvalidPlane) as caught:
        extract_oblique(ARRAY, AFFINE, ObliquePlane(**GOOD), slab_mm=slab_mm)
    assert caught.value.field == "slab_mm"


def test_a_slab_of_too_many_samples_is_refused() -> None:
    # 100 mm in steps of 0.25 mm are 401 samples; 401 × 2048² is above 2²⁹.
    big = ObliquePlane(**GOOD | {"size_px": (2048, 2048)})
    with pytest.raises(InvalidPlane, match="too many samples"):
        extract_oblique(np.zeros((100, 2, 2), np.int16), AFFINE, big, slab_mm=100)


def test_the_diagonal_runs_from_corner_to_corner() -> None:
    assert diagonal_mm((2, 3, 4), AFFINE) == pytest.approx(8.717798)


def test_letters_come_from_the_directions() -> None:
    coronal = plane((0, 0, 0), (1, 0, 0), (0, 0, -1), (2, 2), 1.0)
    assert coronal.letters == {"left": "R", "right": "L", "top": "H", "bottom": "F"}
