"""A volume small enough for a browser's volume rendering: fewer voxels, a byte each, right-handed axes."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.imaging.errors import N_, LimitExceeded, UnsupportedData
from app.imaging.segments import Grid
from app.imaging.surface import block_mean

MOST_VOXELS = 96_000_000
"""512 × 512 × 366: more is asked of no browser."""
_MOST_SKEW = 1e-3  # cosine between two axes


@dataclass(frozen=True)
class ByteVolume:
    """``array`` (k, j, i) uint8 on ``grid``; value = ``low`` + byte · (``high`` − ``low``) / 255."""

    array: NDArray[np.uint8]
    grid: Grid
    low: float
    high: float

    def byte_of(self, value: float) -> float:
        """Where *value* lies on the scale of the bytes, unrounded."""
        return (value - self.low) / (self.high - self.low) * 255

    @property
    def spacing_mm(self) -> tuple[float, float, float]:
        i, j, k = np.linalg.norm(self.grid.matrix[:3, :3], axis=0)
        return float(i), float(j), float(k)

    @property
    def direction(self) -> NDArray[np.float64]:
        """(3, 3): the unit vectors of i, j, k as columns, right-handed."""
        return np.asarray(self.grid.matrix[:3, :3] / self.spacing_mm, np.float64)


def byte_volume(
    array_kji: NDArray[Any], grid: Grid, most_per_axis: int, *, low: float, high: float, keeps_highest: bool
) -> ByteVolume:
    """The values from *low* to *high* as bytes, in blocks so that no axis exceeds *most_per_axis*.

    Parameters
    ----------
    keeps_highest : bool
        Blocks become their highest value, so that a projection keeps its thin vessels; else their mean.

    Raises
    ------
    LimitExceeded
        Too many voxels even so.
    UnsupportedData
        Axes that are not at right angles, which no renderer of images draws.
    """
    blocks = [math.ceil(n / most_per_axis) for n in array_kji.shape]
    count = math.prod(math.ceil(n / f) for n, f in zip(array_kji.shape, blocks, strict=True))
    if count > MOST_VOXELS:
        raise LimitExceeded(
            N_("The volume has %(found)s voxels in this detail; at most %(most)s are rendered."),
            found=count,
            most=MOST_VOXELS,
        )
    if keeps_highest:
        small, grid = block_highest(array_kji, grid, most_per_axis)
    else:
        small, grid = block_mean(array_kji, grid, most_per_axis)
    high = max(high, low + 1e-6)
    quantised = np.empty(small.shape, np.uint8)
    for k, plane in enumerate(small):  # a slice at a time keeps the copies small
        known = np.where(np.isnan(plane), low, np.clip(plane, low, high)).astype(np.float32)
        quantised[k] = np.rint((known - low) * (255 / (high - low)))
    return _right_handed(ByteVolume(quantised, grid, low, high))


def block_highest(array_kji: NDArray[Any], grid: Grid, most_per_axis: int) -> tuple[NDArray[Any], Grid]:
    """As :func:`app.imaging.surface.block_mean`, with the highest value of each block; the type stays."""
    fk, fj, fi = (math.ceil(size / most_per_axis) for size in array_kji.shape)
    if fk == fj == fi == 1:
        return array_kji, grid
    rows = np.arange(0, array_kji.shape[1], fj)
    columns = np.arange(0, array_kji.shape[2], fi)
    nk = math.ceil(array_kji.shape[0] / fk)
    highest = np.empty((nk, len(rows), len(columns)), array_kji.dtype)
    for k in range(nk):
        plane = np.fmax.reduce(array_kji[k * fk : (k + 1) * fk], axis=0)
        highest[k] = np.fmax.reduceat(np.fmax.reduceat(plane, rows, axis=0), columns, axis=1)
    step = np.diag((fi, fj, fk, 1.0))
    step[:3, 3] = [(f - 1) / 2 for f in (fi, fj, fk)]
    shape = (len(columns), len(rows), nk)
    return highest, Grid.of(shape, grid.matrix @ step, grid.frame_of_reference_uid)


def _right_handed(volume: ByteVolume) -> ByteVolume:
    """The same voxels in the same places with k the other way where the axes were left-handed.

    Renderers take the direction of an image for a rotation; a mirror among them turns shading inside out.
    """
    matrix = volume.grid.matrix
    axes = matrix[:3, :3] / np.linalg.norm(matrix[:3, :3], axis=0)
    if np.abs(axes.T @ axes - np.eye(3)).max() > _MOST_SKEW:
        raise UnsupportedData(
            N_("The axes of the volume are not at right angles: only surfaces can be drawn.")
        )
    if np.linalg.det(axes) > 0:
        return volume
    last = volume.grid.shape_ijk[2] - 1
    matrix = matrix.copy()
    matrix[:3, 3] += last * matrix[:3, 2]
    matrix[:3, 2] *= -1
    grid = Grid.of(volume.grid.shape_ijk, matrix, volume.grid.frame_of_reference_uid)
    return ByteVolume(np.ascontiguousarray(volume.array[::-1]), grid, volume.low, volume.high)
