"""Rods and a ball at known places, sliced by a tilted gantry with two spacings.

The slices lie as those of a real head CT of two spacings: gantry tilt 18.5°, table steps of 4.22 mm, one
of 1.14 mm, then of 7.38 mm. Values are 1000 on an axis and fall off softly, so that centroids are exact.
"""

from pathlib import Path

import numpy as np

from tests.imaging.phantoms import ct_slice, write_series

TILTED = (1.0, 0.0, 0.0, 0.0, 0.9483237, -0.3173047)
TABLE_Z = [-60 + 4.22 * n for n in range(14)] + [-60 + 54.86 + 1.14 + 7.38 * n for n in range(14)]
ROWS, COLUMNS, SPACING = 80, 64, (2.0, 2.5)
# Through these points, LPS mm, along these directions.
UPRIGHT = ((-30.0, 0.0, 0.0), (0.0, 0.0, 1.0))
SLANTED = ((20.0, 0.0, 10.0), (0.0, 1.0, 1.0))
BALL = (0.0, -30.0, 20.0)
_WIDTH = 5.0


def density(points: np.ndarray) -> np.ndarray:
    """Values at *points*, (..., 3) LPS mm."""
    total = np.exp(-(np.linalg.norm(points - BALL, axis=-1) ** 2) / (2 * _WIDTH**2))
    for point, direction in (UPRIGHT, SLANTED):
        axis = np.array(direction) / np.linalg.norm(direction)
        offset = points - point
        away = np.linalg.norm(offset - (offset @ axis)[..., None] * axis, axis=-1)
        total += np.exp(-(away**2) / (2 * _WIDTH**2))
    return 1000 * total


def write_tilted(folder: Path, table_z: list[float] = TABLE_Z, orientation=TILTED) -> list[Path]:
    """The slices at *table_z*, stacked along the patient's z whatever *orientation* says."""
    right, down = np.array(orientation[:3]), np.array(orientation[3:])
    slices = []
    for k, z in enumerate(table_z):
        corner = np.array((-80.0, -80.0, z))
        rows, columns = np.mgrid[0:ROWS, 0:COLUMNS]
        points = corner + rows[..., None] * SPACING[0] * down + columns[..., None] * SPACING[1] * right
        pixels = np.rint(density(points)).astype(np.int16)
        slices.append(
            ct_slice(k, pixels=pixels, position=corner, orientation=orientation, spacing=SPACING, intercept=0)
        )
    return write_series(folder, slices)


def centroids(volume, near_lps, radius_mm: float = 16.0) -> dict[int, np.ndarray]:
    """By k the LPS centroid of the values around (x, y, z) = *near_lps*(z), where the image has them."""
    ni, nj, nk = volume.header.shape_ijk
    index = np.stack(np.meshgrid(np.arange(ni), np.arange(nj), indexing="xy"), -1)
    found = {}
    for k in range(nk):
        ijk = np.concatenate((index, np.full((nj, ni, 1), k)), -1)
        points = ijk @ volume.affine[:3, :3].T + volume.affine[:3, 3]
        near = np.linalg.norm((points - near_lps(points))[..., :2], axis=-1) < radius_mm
        weights = np.where(near, np.asarray(volume.array[k], float), 0)
        if weights.max() > 600:
            found[k] = (points * weights[..., None]).sum(axis=(0, 1)) / weights.sum()
    return found
