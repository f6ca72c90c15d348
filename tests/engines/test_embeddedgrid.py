"""The parts of the embedded engine: filters beside SimpleITK's, the flood beside its twin, grids, places."""

import numpy as np
import pytest
import SimpleITK

from app.engines.base import Lasso, Scribble
from app.engines.embeddedfilters import compiled, curvature_flow, flow_slowly, noise_of, slope
from app.engines.embeddedflood import BACKGROUND, FREE, OBJECT, WALL, flood, flood_slowly
from app.engines.embeddedregion import MOST_VOXELS, refine, region_of, sample
from app.engines.embeddedseeds import places_of


def block(noise: float = 20) -> np.ndarray:
    rng = np.random.default_rng(1)
    values = rng.normal(0, noise, (24, 30, 28)).astype(np.float32)
    values[8:16, 8:20, 8:20] += 100
    return values


@pytest.mark.parametrize("unit", [(1.0, 1.0, 1.0), (8.0, 1.0, 1.2)])
def test_curvature_flow_is_itk_s(unit: tuple[float, float, float]) -> None:
    image = SimpleITK.GetImageFromArray(block())
    image.SetSpacing(unit[::-1])
    expected = SimpleITK.GetArrayFromImage(SimpleITK.CurvatureFlow(image, 0.0625, 4))
    assert np.abs(curvature_flow(block(), unit) - expected).max() < 1e-3
    loop = compiled()
    if loop is not None:
        padded, scale = np.pad(block(), 1, mode="edge"), 1 / np.array(unit)
        assert np.abs(loop(padded, scale) - flow_slowly(padded, scale)).max() < 1e-3


def test_slope_is_near_itk_s() -> None:
    """Theirs is a recursive approximation of the Gaussian, ours the sampled Gaussian."""
    values = block(5)
    expected = SimpleITK.GetArrayFromImage(
        SimpleITK.GradientMagnitudeRecursiveGaussian(SimpleITK.GetImageFromArray(values), 0.8)
    )
    found = slope(values, (1.0, 1.0, 1.0), False)
    assert np.abs(found - expected).max() < 0.03 * expected.max()


def test_noise_is_found_beside_edges() -> None:
    assert noise_of(block(20)) == pytest.approx(
        20 * 0.78, rel=0.1
    )  # the 40th centile where the 50th gives 20


def test_flood_is_its_twin() -> None:
    rng = np.random.default_rng(2)
    chance = rng.integers(0, 400, (9, 11, 10))
    seeds = np.select([chance < 3, chance < 6, chance < 60], [OBJECT, BACKGROUND, WALL], FREE).astype(
        np.uint8
    )
    one, other, between = (rng.integers(0, 32_000, seeds.shape).astype(np.int32) for _ in range(3))
    expected = flood_slowly(seeds, *(np.clip(c, 0, 31_998) for c in (one, other, between)))
    assert np.array_equal(flood(seeds, one, other, between), expected)
    assert np.array_equal(flood(seeds, one, other) == WALL, seeds == WALL)


def test_flood_meets_on_the_ridge() -> None:
    costs = np.zeros((1, 1, 9), np.int32)
    costs[0, 0, 6] = 500
    seeds = np.zeros((1, 1, 9), np.uint8)
    seeds[0, 0, 0], seeds[0, 0, 8] = OBJECT, BACKGROUND
    assert flood(seeds, costs, costs)[0, 0].tolist()[:6] == [OBJECT] * 6
    assert flood(seeds, costs, costs)[0, 0].tolist()[7:] == [BACKGROUND] * 2


@pytest.mark.parametrize(
    ("shape", "spacing"),
    [
        ((300, 512, 512), (1.0, 0.7, 0.7)),
        ((25, 256, 256), (6.5, 0.78, 0.78)),
        ((3, 512, 512), (1.0, 0.8, 0.8)),
    ],
)
def test_regions_are_bounded_and_lie_in_the_volume(
    shape: tuple[int, int, int], spacing: tuple[float, float, float]
) -> None:
    for half in (2, 40, 1000):
        middle = np.array(shape) / 2
        region = region_of(middle - half, middle + half, shape, spacing)
        assert np.prod(region.shape) <= MOST_VOXELS
        assert all(
            0 <= part.start < part.stop <= count for part, count in zip(region.span, shape, strict=True)
        )
        assert region.is_thick == (spacing[0] > 3 * spacing[1])
        if region.is_thick:
            assert region.step[0] == 1


def test_a_ramp_is_the_same_on_any_grid() -> None:
    """Means over blocks and lines between them keep a ramp, but for the ends."""
    ramp = np.broadcast_to(np.arange(60, dtype=np.float32), (60, 60, 60))
    region = region_of((0, 0, 0), (60, 60, 60), ramp.shape, (1, 1, 1), 20**3)
    assert region.shape == (20, 20, 20)
    working = sample(ramp, region)
    assert working[0, 0, :3].tolist() == pytest.approx([1, 4, 7])
    assert refine(working, region, region.span)[30, 30, 2:58] == pytest.approx(np.arange(2, 58), abs=1e-3)


def test_strokes_have_no_gaps_and_a_lasso_is_filled() -> None:
    line = places_of(Scribble(((0, 0, 5), (6, 3, 5))))
    assert len(line) == 7
    assert np.abs(np.diff(line[:, 2])).max() == 1
    for flat in range(3):
        corners = [np.insert([a, b], flat, 4).tolist() for a, b in ((1, 1), (5, 1), (5, 5), (1, 5))]
        found = places_of(Lasso(tuple((i, j, k) for i, j, k in corners)))
        assert len(found) == 25
        assert set(found[:, 2 - flat]) == {4}
