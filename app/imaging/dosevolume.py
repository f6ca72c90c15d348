"""Dose–volume histograms: how much of a region gets how much dose.

The dose is taken at the centre of each voxel of the region, trilinearly between the centres of the dose
grid; every voxel counts with its whole volume. Voxels beyond the dose grid have no dose: they are left out
and told.

References
----------
ICRU Report 83, 3.4 (D_V, V_D, near-maximum D_2%, near-minimum D_98%).
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.imaging.errors import N_
from app.imaging.formats.rtdose import Dose
from app.imaging.geometry import index_from_world, world_from_index
from app.imaging.placement import OtherFrame
from app.imaging.segments import BoxMask, Grid

MOST_BINS = 500
OTHER_FRAME = N_(
    "The dose has another frame of reference than these images: the same coordinates need not be the same "
    "place."
)
_AT_ONCE = 500_000


@dataclass(frozen=True)
class DoseVolume:
    """The dose in one region.

    Doses are Gy, or in the unit of a relative dose. Volumes are shares from 0 to 1 of ``covered_ml``.

    Attributes
    ----------
    volume_ml, covered_ml : float
        Of the region, and of the part of it that the dose grid reaches.
    edges : (N + 1,) float array
        Doses from 0 on, evenly spaced, beyond the highest.
    cumulative : (N + 1,) float array
        The share that gets at least the dose of the edge.
    """

    volume_ml: float
    covered_ml: float
    edges: NDArray[np.float64]
    cumulative: NDArray[np.float64]
    sorted_doses: NDArray[np.float32]

    @property
    def differential(self) -> NDArray[np.float64]:
        """The share whose dose lies between two edges, the lower one included; (N,)."""
        return -np.diff(self.cumulative)

    @property
    def least(self) -> float:
        """The lowest dose."""
        return float(self.sorted_doses[0])

    @property
    def largest(self) -> float:
        """The highest dose."""
        return float(self.sorted_doses[-1])

    @property
    def mean(self) -> float:
        """The mean dose."""
        return float(self.sorted_doses.mean(dtype=np.float64))

    def dose_at(self, percent: float) -> float:
        """D_percent: the highest dose that at least *percent* of the volume gets; 0 < percent ≤ 100."""
        if not 0 < percent <= 100:
            raise ValueError("a share of the volume is more than 0 and at most 100 percent")
        count = len(self.sorted_doses)
        # As many of the hottest voxels as make up the share; rounded, for 98 % of 50 is 49 and not 49.000001.
        return float(self.sorted_doses[count - max(1, math.ceil(round(percent / 100 * count, 9)))])

    def share_of(self, dose: float) -> float:
        """V_dose: the share of the volume that gets at least *dose*."""
        below = int(np.searchsorted(self.sorted_doses, np.float32(dose), "left"))
        return 1.0 - below / len(self.sorted_doses)


def dose_volume(mask: BoxMask, grid: Grid, dose: Dose, *, bins: int = MOST_BINS) -> DoseVolume | None:
    """The dose–volume histogram of *mask*, which lies on *grid*; None where the dose reaches no voxel of it.

    Raises
    ------
    OtherFrame
        Dose and mask have different frames of reference.
    """
    frames = {grid.frame_of_reference_uid, dose.grid.frame_of_reference_uid}
    if "" not in frames and len(frames) > 1:
        raise OtherFrame(OTHER_FRAME)
    found = [sample_dose(dose, points) for points in _centres(mask, grid)]
    doses = np.concatenate(found) if found else np.zeros(0, np.float32)
    covered = np.sort(doses[~np.isnan(doses)])
    if not covered.size:
        return None
    voxel_ml = abs(float(np.linalg.det(grid.matrix[:3, :3]))) / 1000
    edges = _edges(max(float(covered[-1]), 0.0), bins)
    at_least = len(covered) - np.searchsorted(covered, edges.astype(np.float32), "left")
    return DoseVolume(len(doses) * voxel_ml, len(covered) * voxel_ml, edges, at_least / len(covered), covered)


def sample_dose(dose: Dose, points_lps: NDArray[np.float64]) -> NDArray[np.float32]:
    """The dose at points (N, 3), LPS mm; NaN outside the voxels of the dose grid.

    Between the outermost centres and the edges of their voxels it is that of the centres.
    """
    from scipy.ndimage import map_coordinates

    indices = index_from_world(dose.grid.matrix, points_lps)
    # Noise must leave no point on the outer edge without a dose.
    inside = ((indices >= -0.5 - 1e-6) & (indices <= np.array(dose.grid.shape_ijk) - 0.5 + 1e-6)).all(axis=1)
    sampled = np.full(len(indices), np.nan, np.float32)
    if inside.any():
        at = indices[inside].T[::-1]
        sampled[inside] = map_coordinates(
            dose.values_gy, at, np.float32, order=1, mode="nearest", prefilter=False
        )
    return sampled


def _centres(mask: BoxMask, grid: Grid) -> Iterator[NDArray[np.float64]]:
    """The centres of the voxels of *mask*, (N, 3) LPS mm, some slices at a time."""
    step = max(1, _AT_ONCE // max(1, mask.voxels[0].size)) if mask.voxels.size else 1
    for first in range(0, len(mask.voxels), step):
        k, j, i = np.nonzero(mask.voxels[first : first + step])
        if len(k):
            indices = np.column_stack([i, j, k + first]) + np.array(mask.origin_ijk)
            yield world_from_index(grid.matrix, indices)


def _edges(largest: float, bins: int) -> NDArray[np.float64]:
    """Edges at round doses, at most *bins* of them from 0 to beyond *largest*."""
    step = 10.0 ** math.floor(math.log10(largest / bins)) if largest > 0 else 1.0
    while largest > 0 and largest / step >= bins:
        # 1, 2, 5, 10: the next round step.
        step *= 2.5 if f"{step:e}".startswith("2") else 2.0
    # Beyond the highest, in spite of its 24 binary digits.
    count = math.floor(largest / step + 1e-4) + 1
    return np.arange(count + 1, dtype=np.float64) * np.float64(step)
