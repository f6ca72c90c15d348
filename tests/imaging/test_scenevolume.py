"""Volumes in bytes for the browser, surfaces for the screen: where they lie, what they hold, their bounds."""

import math

import numpy as np
import pytest

from app.imaging.errors import LimitExceeded, UnsupportedData
from app.imaging.scene import Source
from app.imaging.scenemesh import (
    crossings,
    isosurface_mesh,
    largest_piece,
    mesh_bytes,
    mesh_from_bytes,
    segment_mesh,
)
from app.imaging.scenevolume import block_highest, byte_volume
from app.imaging.segments import BoxMask, Grid

C, S = math.cos(0.5), math.sin(0.5)
OBLIQUE = np.array([[2 * C, -2 * S, 0, 10], [2 * S, 2 * C, 0, -20], [0, 0, 3, 30], [0, 0, 0, 1]])
FLIPPED = OBLIQUE @ np.diag((1, 1, -1, 1))


def block() -> np.ndarray:
    """(7, 6, 5) voxels; one of 100 at i = 1, j = 2, k = 4."""
    array = np.zeros((7, 6, 5), np.int16)
    array[4, 2, 1] = 100
    return array


@pytest.mark.parametrize("affine", [OBLIQUE, FLIPPED])
def test_bytes_stay_where_their_voxels_lie(affine: np.ndarray) -> None:
    volume = byte_volume(block(), Grid.of((5, 6, 7), affine), 256, low=0, high=200, keeps_highest=True)
    (k, j, i) = np.argwhere(volume.array == volume.array.max())[0]
    assert volume.array[k, j, i] == 128  # 127.5, to the even number
    found = volume.grid.matrix @ (i, j, k, 1)
    assert found.tolist() == pytest.approx((affine @ (1, 2, 4, 1)).tolist())
    assert np.linalg.det(volume.direction) == pytest.approx(1)
    assert volume.spacing_mm == pytest.approx((2, 2, 3))
    assert volume.byte_of(50) == 63.75


def test_blocks_keep_their_highest_or_their_mean() -> None:
    grid = Grid.of((5, 6, 7), np.diag((1, 1, 2, 1)))
    highest, small = block_highest(block(), grid, 4)
    assert highest.shape == (4, 3, 3)
    assert highest[2, 1, 0] == 100
    # A block of two begins half a voxel before the middle of it.
    assert small.matrix.tolist() == [[2, 0, 0, 0.5], [0, 2, 0, 0.5], [0, 0, 4, 1], [0, 0, 0, 1]]
    mean = byte_volume(block(), grid, 4, low=0, high=25.5, keeps_highest=False)
    assert mean.array[2, 1, 0] == 125  # 100 / 8 = 12.5


def test_what_is_not_finite_counts_as_lowest() -> None:
    array = np.array([[[np.nan, 5.0, np.inf, -np.inf]]], np.float32)
    volume = byte_volume(array, Grid.of((4, 1, 1), np.eye(4)), 256, low=0, high=10, keeps_highest=True)
    assert volume.array.tolist() == [[[0, 128, 255, 0]]]


def test_slanting_axes_are_no_image() -> None:
    slanting = np.array([[1, 0, 0.5, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])
    with pytest.raises(UnsupportedData, match="right angles"):
        byte_volume(block(), Grid.of((5, 6, 7), slanting), 256, low=0, high=1, keeps_highest=True)


def test_too_many_voxels_are_refused_before_they_are_copied() -> None:
    huge = np.broadcast_to(np.int16(0), (600, 600, 600))
    with pytest.raises(LimitExceeded, match="216000000 voxels"):
        byte_volume(huge, Grid.of((600, 600, 600), np.eye(4)), 600, low=0, high=1, keeps_highest=True)


@pytest.mark.parametrize("affine", [OBLIQUE, FLIPPED])
def test_surfaces_lie_and_face_as_they_should(affine: np.ndarray) -> None:
    array = np.zeros((12, 12, 12), np.int16)
    array[3:9, 4:8, 2:10] = 100
    mesh = isosurface_mesh(array, Grid.of((12, 12, 12), affine), 50, "full")
    # 8 × 4 × 6 voxels of 12 mm³, bevelled; a mesh turned inside out would have a negative volume.
    assert mesh.volume_mm3 == pytest.approx(8 * 4 * 6 * 12, rel=0.06)
    assert mesh.vertices_lps.mean(axis=0).tolist() == pytest.approx(
        (affine @ (5.5, 5.5, 5.5, 1))[:3].tolist(), abs=0.2
    )


def test_noise_is_refused_before_it_is_contoured() -> None:
    noise = np.random.default_rng(1).integers(0, 2, (200, 200, 200)).astype(np.int16)
    # 3 · 200² · 199 edges, half of them crossed: 11 940 000, give or take.
    assert crossings(noise, 0.5) == pytest.approx(11_940_000, rel=0.01)
    with pytest.raises(LimitExceeded, match="triangles"):
        isosurface_mesh(noise, Grid.of((200, 200, 200), np.eye(4)), 0.5, "fine")


def test_the_largest_piece_stays_alone() -> None:
    array = np.zeros((8, 8, 20), np.int16)
    array[2:6, 2:6, 2:10] = 100
    array[2:4, 2:4, 13:15] = 100
    mesh = isosurface_mesh(array, Grid.of((20, 8, 8), np.eye(4)), 50, "full")
    alone = largest_piece(mesh)
    assert mesh.vertices_lps[:, 0].max() == pytest.approx(14.5, abs=1e-3)
    assert alone.vertices_lps[:, 0].max() == pytest.approx(9.5, abs=1e-3)
    assert alone.is_closed


def test_a_mesh_survives_its_bytes() -> None:
    mesh = segment_mesh(BoxMask((1, 2, 3), np.ones((4, 4, 4), np.bool_)), Grid.of((9, 9, 9), FLIPPED), "full")
    back = mesh_from_bytes(mesh_bytes(mesh))
    assert back.vertices_lps.tolist() == mesh.vertices_lps.tolist()
    assert back.faces.tolist() == mesh.faces.tolist()
    with pytest.raises(ValueError, match="no mesh"):
        mesh_from_bytes(mesh_bytes(mesh)[:-1])


def test_a_source_survives_json() -> None:
    source = Source(((1.0, 0.0, 0.0, 0.0),) * 4, (0.0, 1.0), (-1.0, 2.0))
    assert Source.from_json(source.as_json()) == source
