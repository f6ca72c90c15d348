"""Numbers of segments, against the mesh itself, brute force, and the published values of IBSI's lung."""

import time

import numpy as np
import pytest

from app.imaging.segments import BoxMask, Grid
from app.imaging.segmentstatistics import diameter_mm, segment_statistics, surface_mm2
from app.imaging.surface import surface_of
from tests.shared_data import shared

UNIT = Grid.of((12, 14, 16), np.eye(4))
# As the grid of test_surface: every axis turned, sheared by nothing, left-handed.
OBLIQUE = Grid.of(
    (12, 14, 16),
    [[0, 1, -2.598076211353316, 50], [-0.5, 0, 0, -70], [0, 1.7320508075688772, 1.5, -600], [0, 0, 0, 1]],
)


def noise(seed: int) -> BoxMask:
    return BoxMask.of(np.random.default_rng(seed).random((16, 14, 12)) < 0.02)


def values_of(grid: Grid) -> np.ndarray:
    return np.arange(np.prod(grid.shape_kji), dtype=np.int16).reshape(grid.shape_kji)


def test_one_voxel():
    mask = np.zeros(UNIT.shape_kji, np.bool_)
    mask[7, 5, 3] = True

    found = segment_statistics(BoxMask.of(mask), OBLIQUE, values_of(OBLIQUE), "HU")

    # 7 · 168 + 5 · 12 + 3
    assert (found.voxels, found.mean, found.std, found.min, found.max) == (1, 1239.0, 0.0, 1239.0, 1239.0)
    assert found.volume_ml == pytest.approx(0.003)  # 0.5 · 2 · 3 mm³
    assert found.diameter_mm == pytest.approx(3.0)
    # 8 faces with half axes of 0.25, 1 and 1.5 mm: each √(0.25² + 0.375² + 1.5²) / 2.
    assert found.surface_mm2 == pytest.approx(8 * 1.5662455 / 2)
    assert found.centroid_lps == pytest.approx((36.8134665, -71.5, -580.8397460))


def test_row_of_five_voxels_measures_five_steps():
    mask = np.zeros(UNIT.shape_kji, np.bool_)
    mask[3, 2:7, 4] = True

    # j steps by (1, 0, 1.732): 2 mm.
    assert diameter_mm(BoxMask.of(mask), OBLIQUE) == pytest.approx(10.0)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("grid", [UNIT, OBLIQUE])
def test_surface_and_diameter_are_those_of_the_mesh(seed, grid):
    mask = noise(seed)
    mesh = surface_of(mask, grid)

    assert surface_mm2(mask, grid) == pytest.approx(mesh.area_mm2, rel=1e-5)
    points = mesh.vertices_lps.astype(np.float64)
    apart = np.linalg.norm(points[:, None] - points[None], axis=-1)
    assert diameter_mm(mask, grid) == pytest.approx(apart.max(), rel=1e-5)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_flat_segments_have_a_diameter(axis):
    mask = np.zeros(UNIT.shape_kji, np.bool_)
    flat = np.random.default_rng(axis).random(np.delete(UNIT.shape_kji, axis)) < 0.4
    np.moveaxis(mask, axis, 0)[5] = flat
    box = BoxMask.of(mask)
    points = surface_of(box, OBLIQUE).vertices_lps.astype(np.float64)

    apart = np.linalg.norm(points[:, None] - points[None], axis=-1)
    assert diameter_mm(box, OBLIQUE) == pytest.approx(apart.max(), rel=1e-5)


def test_padding_and_what_is_no_number_are_left_out():
    values = np.array([[[1.0, np.nan, 3.0, -2000.0, 8.0]]], np.float32)
    grid = Grid.of((5, 1, 1), np.eye(4))
    mask = BoxMask.of(np.array([[[True, True, True, True, False]]]))

    found = segment_statistics(mask, grid, values, "", padding=(-2000.0, -2000.0))

    assert (found.voxels, found.left_out) == (4, 2)
    assert (found.mean, found.std, found.min, found.max) == (2.0, 1.0, 1.0, 3.0)


def test_empty_segment_has_no_values():
    mask = BoxMask.of(np.zeros(UNIT.shape_kji, np.bool_))

    found = segment_statistics(mask, UNIT, values_of(UNIT), "HU")

    assert (found.voxels, found.volume_ml, found.surface_mm2, found.diameter_mm) == (0, 0.0, 0.0, 0.0)
    assert (found.mean, found.std, found.min, found.max, found.centroid_lps) == (None,) * 5
    assert found.as_json()["centroid_lps"] is None


def test_values_of_another_grid_are_a_mistake_of_ours():
    with pytest.raises(ValueError, match="another grid"):
        segment_statistics(noise(1), UNIT, np.zeros((16, 14, 11)), "HU")


def test_lung_phantom_of_ibsi():
    """Consensus of 25 teams: surface 35 700 ± 300 mm², maximum diameter 125 ± 1 mm, mean -46.88 HU."""
    import nibabel

    folder = shared("data/ct-lung-ibsi-rtstruct-nifti/reference")
    mask = nibabel.load(folder / "mask.nii.gz")
    values = nibabel.load(folder / "phantom.nii.gz").get_fdata(dtype=np.float32)
    affine = np.diag((-1, -1, 1, 1)) @ mask.affine

    found = segment_statistics(
        BoxMask.of(np.asarray(mask.dataobj).T > 0), Grid.of(mask.shape, affine), values.T, "HU"
    )

    assert found.voxels == 125256
    assert found.volume_ml == pytest.approx(358.68, abs=0.01)
    assert found.surface_mm2 == pytest.approx(35700, abs=300)
    assert found.diameter_mm == pytest.approx(125, abs=1)
    assert found.mean == pytest.approx(-46.88, abs=0.01)


def test_forty_organs_are_quick():
    away = np.linspace(-1, 1, 80)
    ball = BoxMask.of(away[:, None, None] ** 2 + away[:, None] ** 2 + away**2 < 0.98, (9, 9, 9))
    grid = Grid.of((99, 99, 99), np.eye(4))
    values = np.zeros(grid.shape_kji, np.int16)
    segment_statistics(ball, grid, values, "HU")  # the table of cells is made once

    begin = time.process_time()
    for _ in range(40):
        segment_statistics(ball, grid, values, "HU")

    assert time.process_time() - begin < 8
