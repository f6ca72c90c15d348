"""Dice, HD95 and surface Dice of masks whose answers are known, beside the package of the definition."""

import numpy as np
import pytest
from numpy.typing import NDArray

from app.imaging.segmentmetrics import compare_masks, dice
from app.imaging.segments import BoxMask, Grid

EMPTY = BoxMask.of(np.zeros((2, 2, 2), np.bool_))


def grid(shape_kji: tuple[int, int, int], spacing_ijk: tuple[float, float, float] = (1, 1, 1)) -> Grid:
    return Grid.of(shape_kji[::-1], np.diag([*spacing_ijk, 1.0]))


def block(shape_kji: tuple[int, int, int], *spans: tuple[int, int]) -> NDArray[np.bool_]:
    mask = np.zeros(shape_kji, np.bool_)
    mask[tuple(slice(*span) for span in spans)] = True
    return mask


def ball(shape: tuple[int, int, int], center: tuple[float, ...], radius: float, spacing: tuple[float, ...]):
    k, j, i = np.ogrid[: shape[0], : shape[1], : shape[2]]
    squares = sum(((x - c) * s) ** 2 for x, c, s in zip((k, j, i), center, spacing, strict=True))
    return squares <= radius**2


def test_a_block_moved_by_three_voxels() -> None:
    """10 × 10 × 10 moved by 3 along i, voxels of 2 mm there: seven tenths are common."""
    shape = (20, 20, 20)
    a = BoxMask.of(block(shape, (2, 12), (2, 12), (2, 12)))
    b = BoxMask.of(block(shape, (2, 12), (2, 12), (5, 15)))
    found = compare_masks(a, b, grid(shape, (2, 1, 1)))
    assert found.dice == pytest.approx(0.7)
    assert found.hd95_mm == pytest.approx(6.0)
    assert found.volume_difference_ml == 0
    assert 0.5 < found.surface_dice < 0.9


def test_equal_masks() -> None:
    a = BoxMask.of(block((9, 9, 9), (0, 9), (3, 5), (2, 4)))
    found = compare_masks(a, a, grid((9, 9, 9)))
    assert (found.dice, found.surface_dice, found.hd95_mm) == (1, 1, 0)


def test_apart_boxes_share_nothing() -> None:
    a = BoxMask.of(block((9, 9, 9), (0, 2), (0, 2), (0, 2)))
    b = BoxMask.of(block((9, 9, 9), (6, 8), (0, 2), (0, 2)))
    assert dice(a, b) == 0
    assert compare_masks(a, b, grid((9, 9, 9))).hd95_mm == pytest.approx(6)


def test_empty_masks() -> None:
    some = BoxMask.of(block((4, 4, 4), (0, 2), (0, 2), (0, 2)))
    both, one = (
        compare_masks(EMPTY, EMPTY, grid((4, 4, 4))),
        compare_masks(EMPTY, some, grid((4, 4, 4), (5, 5, 5))),
    )
    assert (both.dice, both.surface_dice, both.hd95_mm) == (1, 1, 0)
    assert (one.dice, one.surface_dice, one.hd95_mm) == (0, 0, None)
    assert one.volume_difference_ml == pytest.approx(-1.0)  # 8 voxels of 125 mm³


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of its old way to import SciPy
@pytest.mark.parametrize("spacing", [(1.0, 1.0, 1.0), (3.0, 0.8, 0.8), (6.5, 0.7, 0.9)])
def test_as_the_package_of_the_definition(spacing: tuple[float, float, float]) -> None:
    import surface_distance as oracle  # here, where its warnings are expected

    shape = (14, 40, 44)
    a = ball(shape, (6, 18, 20), 9, spacing)
    b = ball(shape, (6.5, 20, 23), 8, spacing) | block(shape, (6, 8), (20, 22), (20, 40))
    surfaces = oracle.compute_surface_distances(b, a, spacing)
    found = compare_masks(BoxMask.of(a), BoxMask.of(b), grid(shape, spacing[::-1]))
    assert found.hd95_mm == pytest.approx(oracle.compute_robust_hausdorff(surfaces, 95), abs=1e-6)
    assert found.surface_dice == pytest.approx(
        oracle.compute_surface_dice_at_tolerance(surfaces, 2.0), abs=0.005
    )
    assert found.dice == pytest.approx(oracle.compute_dice_coefficient(a, b))


def test_as_brute_force() -> None:
    """The distances from every cell to every other, written out."""
    rng = np.random.default_rng(3)
    a, b = rng.random((5, 6, 7)) < 0.4, rng.random((5, 6, 7)) < 0.4
    found = compare_masks(BoxMask.of(a), BoxMask.of(b), grid((5, 6, 7), (1.5, 1, 2)))

    def cells(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
        wide = np.pad(mask, 1).astype(int)
        some = [
            (k, j, i)
            for k in range(6)
            for j in range(7)
            for i in range(8)
            if 0 < wide[k : k + 2, j : j + 2, i : i + 2].sum() < 8
        ]
        return np.array(some) * (2, 1, 1.5)

    one, other = cells(a), cells(b)
    apart = np.linalg.norm(one[:, None] - other[None], axis=2)
    most = max(apart.min(axis=1).max(), apart.min(axis=0).max())
    assert found.hd95_mm is not None
    assert found.hd95_mm <= most
    assert compare_masks(
        BoxMask.of(a), BoxMask.of(b), grid((5, 6, 7), (1.5, 1, 2)), most
    ).surface_dice == pytest.approx(1)
