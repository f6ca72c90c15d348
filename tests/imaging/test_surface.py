"""Surfaces of masks and of values. trimesh judges whether they are closed and right side out.

Volumes are worked out by hand: a single voxel becomes an octahedron of 1/6 of it, and a box of a × b × c
voxels loses a half-cut along each edge and at each corner.
"""

import itertools

import numpy as np
import pytest
import trimesh

from app.imaging import surface
from app.imaging.errors import LimitExceeded
from app.imaging.segments import BoxMask, Grid
from app.imaging.surface import Mesh, block_mean, empty_mesh, isosurface, reduced, smoothed, surface_of

FLAT = Grid.of((20, 20, 20), np.diag((1.0, 1.0, 1.0, 1.0)))
# Columns to the back, rows to the head and left, slices to the right: every axis turned, 30° in the plane.
_COS, _SIN = 0.8660254037844387, 0.5
OBLIQUE = Grid.of(
    (12, 14, 16),
    [
        [0, 2 * _SIN, -3 * _COS, 50],
        [0.5, 0, 0, -70],
        [0, 2 * _COS, 3 * _SIN, -600],
        [0, 0, 0, 1],
    ],
)


def referee(mesh: Mesh) -> trimesh.Trimesh:
    """trimesh's own reading, vertices at one place made one."""
    return trimesh.Trimesh(mesh.vertices_lps.astype(np.float64), mesh.faces, process=True)


def asymmetric() -> np.ndarray:
    """An L with a hole through it, an island, one lonely voxel, (k, j, i) = (16, 14, 12)."""
    mask = np.zeros((16, 14, 12), np.bool_)
    mask[2:12, 3:5, 1:9] = mask[2:5, 3:12, 1:9] = True
    mask[2:5, 7:9, 4:6] = False
    mask[13:15, 9:13, 8:12] = True
    mask[10, 10, 2] = True
    return mask


def test_one_voxel_is_an_octahedron_at_its_centre():
    mask = np.zeros((16, 14, 12), np.bool_)
    mask[7, 5, 3] = True

    mesh = surface_of(BoxMask.of(mask), OBLIQUE)

    assert (len(mesh.vertices_lps), len(mesh.faces)) == (6, 8)
    # 1/6 of 0.5 · 2 · 3 mm³; the centre by hand: 50 + 5·1 − 7·2.598…, −70 + 1.5, −600 + 5·1.732… + 7·1.5.
    assert referee(mesh).volume == pytest.approx(0.5, rel=1e-4)
    assert mesh.vertices_lps.mean(axis=0) == pytest.approx((36.81347, -68.5, -580.83975), abs=1e-4)


def test_box_lies_half_a_voxel_outside_its_centres():
    mask = np.zeros((20, 20, 20), np.bool_)
    mask[4:8, 5:10, 6:12] = True  # 6 × 5 × 4 voxels

    mesh = surface_of(BoxMask.of(mask), FLAT)

    assert referee(mesh).bounds.tolist() == [[5.5, 4.5, 3.5], [11.5, 9.5, 7.5]]
    # 120, less 1/8 along the edges, which are 4 · (5 + 4 + 3) steps long, less 1/8 − 1/48 at 8 corners.
    assert referee(mesh).volume == pytest.approx(113.1667, abs=1e-3)
    assert mesh.volume_mm3 == pytest.approx(113.1667, abs=1e-3)


@pytest.mark.parametrize("signs", list(itertools.product((1, -1), repeat=3)))
def test_reversed_axes_keep_the_outside_outside(signs):
    grid = Grid.of(OBLIQUE.shape_ijk, OBLIQUE.matrix @ np.diag((*signs, 1)))

    mesh = surface_of(BoxMask.of(asymmetric()), grid)

    assert referee(mesh).is_watertight
    assert referee(mesh).is_winding_consistent
    assert mesh.is_closed
    assert referee(mesh).volume == pytest.approx(mesh.volume_mm3, rel=1e-4)
    assert mesh.volume_mm3 > 0


def test_mask_at_all_borders_of_its_grid_is_closed():
    mesh = surface_of(BoxMask.of(np.ones((4, 3, 2), np.bool_)), Grid.of((2, 3, 4), np.eye(4)))

    assert referee(mesh).is_watertight
    assert referee(mesh).bounds.tolist() == [[-0.5, -0.5, -0.5], [1.5, 2.5, 3.5]]


def test_hole_and_islands_stay_apart():
    found = referee(surface_of(BoxMask.of(asymmetric()), OBLIQUE))

    parts = found.split(only_watertight=True)
    # The L with one hole is a torus (0), the island and the voxel are balls (2).
    assert sorted(part.euler_number for part in parts) == [0, 2, 2]


def test_noise_is_closed():
    mask = np.random.default_rng(5).random((15, 16, 17)) < 0.4

    mesh = surface_of(BoxMask.of(mask), FLAT)

    assert referee(mesh).is_watertight
    assert mesh.volume_mm3 > 0


def test_empty_mask_has_no_surface():
    mesh = surface_of(BoxMask.of(np.zeros((3, 3, 3), np.bool_)), FLAT, smooth_mm=3, reduce=0.5)

    assert (mesh.vertices_lps.shape, mesh.faces.shape) == ((0, 3), (0, 3))
    assert (mesh.volume_mm3, mesh.area_mm2, mesh.is_closed) == (0.0, 0.0, False)


def test_surface_of_more_than_memory_is_refused_before_it_is_made(monkeypatch):
    monkeypatch.setattr(surface, "MOST_VERTICES", 100)
    checkers = np.indices((5, 5, 5)).sum(axis=0) % 2 == 0

    # 63 voxels with six crossed edges each.
    with pytest.raises(LimitExceeded, match="about 756 triangles; at most 200"):
        surface_of(BoxMask.of(checkers), FLAT)


def ball(size: int, radius: float) -> np.ndarray:
    away = np.arange(size) - (size - 1) / 2
    return np.sqrt(away[:, None, None] ** 2 + away[:, None] ** 2 + away**2) - radius


def test_smooth_and_reduced_ball_keeps_volume_and_nears_its_area():
    mask = BoxMask.of(ball(64, 25.0) < 0)
    grid = Grid.of((64, 64, 64), np.eye(4))

    plain = surface_of(mask, grid)
    fine = surface_of(mask, grid, smooth_mm=8, reduce=0.8)

    # 4/3 π 25³ = 65449.8; 4 π 25² = 7853.98. Steps make the plain one larger by 8 %.
    assert plain.area_mm2 > 8300
    assert fine.area_mm2 == pytest.approx(7853.98, rel=0.02)
    assert referee(fine).volume == pytest.approx(65449.8, rel=0.01)
    assert referee(fine).is_watertight
    assert len(fine.faces) == pytest.approx(0.2 * len(plain.faces), rel=0.01)


def test_reducing_alone_smooths_so_that_it_stays_closed():
    mesh = surface_of(BoxMask.of(ball(40, 15.0) < 0), Grid.of((40, 40, 40), np.eye(4)), reduce=0.9)

    assert referee(mesh).is_watertight
    assert len(mesh.faces) < 900


def test_small_islands_do_not_shrink_to_points():
    # In voxels of 0.5 × 0.5 × 5 mm two voxels' wavelength is 10 mm, twenty times as wide as an island.
    mask = np.zeros((9, 30, 30), bool)
    mask[2:7, 4:24, 4:24] = True
    mask[4, 27, 27] = True
    grid = Grid.of((30, 30, 9), np.diag([0.5, 0.5, 5, 1]))
    mesh = surface_of(BoxMask.of(mask), grid, smooth_mm=10)
    island = mesh.vertices_lps[mesh.vertices_lps[:, 0] > 13]
    # The octahedron of one voxel, with its centre at 13.5, 13.5, 20 mm.
    np.testing.assert_allclose(island.min(axis=0), [13.25, 13.25, 17.5])
    np.testing.assert_allclose(island.max(axis=0), [13.75, 13.75, 22.5])
    assert mesh.is_closed


def test_far_from_the_origin_reduction_is_as_good():
    away = np.eye(4)
    away[:3, 3] = (3000, -4000, 5000)

    mesh = surface_of(BoxMask.of(ball(40, 15.0) < 0), Grid.of((40, 40, 40), away), smooth_mm=5, reduce=0.8)

    # 4/3 π 15³ = 14137
    assert mesh.volume_mm3 == pytest.approx(14137, rel=0.02)
    assert referee(mesh).bounds.mean(axis=0) == pytest.approx((3019.5, -3980.5, 5019.5), abs=0.1)


def test_reduction_outside_its_bounds_is_a_mistake_of_ours():
    with pytest.raises(ValueError, match="0 to 1"):
        reduced(empty_mesh(), 1.0)


def test_smoothing_by_nothing_is_nothing():
    mesh = surface_of(BoxMask.of(asymmetric()), OBLIQUE)

    assert smoothed(mesh, 0) is mesh


def test_isosurface_of_a_ramp_lies_where_the_level_is():
    ramp = np.broadcast_to(np.arange(10, dtype=np.float32) * 10, (4, 5, 10))

    mesh = isosurface(ramp, Grid.of((10, 5, 4), np.eye(4)), 42.5)

    # 42.5 is a quarter of the way from i = 4 to i = 5; what is higher is closed beyond the last centre.
    assert mesh.vertices_lps[:, 0].min() == pytest.approx(4.25)
    assert referee(mesh).is_watertight
    assert mesh.volume_mm3 > 0


def test_isosurface_of_whole_numbers_at_a_voxels_value_has_no_flat_triangles():
    steps = np.zeros((6, 6, 6), np.int16)
    steps[2:4, 2:4, 2:4] = 175

    mesh = isosurface(steps, Grid.of((6, 6, 6), np.eye(4)), 175)

    assert referee(mesh).is_watertight
    assert referee(mesh).area_faces.min() > 0


def test_isosurface_takes_gaps_as_outside():
    values = -ball(20, 6.0).astype(np.float32)
    values[0, 0] = np.nan
    values[9, 9, 9] = np.inf

    mesh = isosurface(values, Grid.of((20, 20, 20), np.eye(4)), 0.0)

    assert np.isfinite(mesh.vertices_lps).all()
    assert referee(mesh).is_watertight


@pytest.mark.parametrize("level", [-1e9, 1e9])
def test_isosurface_beyond_all_values_is_the_box_or_nothing(level):
    values = np.zeros((4, 4, 4), np.int16)

    mesh = isosurface(values, Grid.of((4, 4, 4), np.eye(4)), level)

    assert len(mesh.faces) == 0 or referee(mesh).is_watertight


@pytest.mark.parametrize(("dtype", "value"), [("uint8", 0), ("int16", -32_768)])
def test_isosurface_at_the_lowest_value_of_a_type_is_the_box(dtype, value):
    # No number of the type lies below, for what is outside.
    mesh = isosurface(np.full((3, 4, 5), value, dtype), Grid.of((5, 4, 3), np.eye(4)), value)
    assert mesh.is_closed
    assert mesh.volume_mm3 == pytest.approx(4 * 3 * 2, rel=0.01)  # between the outermost centres, nearly


def test_block_mean_keeps_the_place_of_every_block():
    values = np.arange(5, dtype=np.int16).reshape(1, 1, 5).repeat(2, axis=0)
    grid = Grid.of((5, 1, 2), [[2, 0, 0, 100], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]], "1.2.3")

    means, coarse = block_mean(values, grid, 3)

    # 0 1 | 2 3 | 4 4; the first block's centre lies between i = 0 and 1.
    assert means.tolist() == [[[0.5, 2.5, 4.0]], [[0.5, 2.5, 4.0]]]
    assert coarse.shape_ijk == (3, 1, 2)
    assert coarse.affine[0] == (4.0, 0.0, 0.0, 101.0)
    assert coarse.frame_of_reference_uid == "1.2.3"


def test_block_mean_of_a_small_array_is_the_array():
    values = np.zeros((2, 2, 2), np.int16)

    means, grid = block_mean(values, FLAT, 2)

    assert means is values
    assert grid is FLAT


def test_coarse_isosurface_lies_on_the_fine_one():
    values = -ball(60, 20.0).astype(np.float32)
    grid = Grid.of((60, 60, 60), np.eye(4))

    fine = isosurface(values, grid, 0.0)
    coarse = isosurface(values, grid, 0.0, most_per_axis=20, reduce=0.5)

    # 4/3 π 20³ = 33510
    assert fine.volume_mm3 == pytest.approx(33510, rel=0.002)
    assert coarse.volume_mm3 == pytest.approx(33510, rel=0.02)
    assert referee(coarse).bounds.mean(axis=0) == pytest.approx((29.5, 29.5, 29.5), abs=0.2)
