"""How alike two masks are: Dice, distances of their surfaces, volumes.

Surfaces are those of Nikolov et al.: a cell is a cube between eight voxel centres; one whose corners are not
all alike holds a piece of surface, as large as marching cubes make it, at the cell's middle. The distance of
a piece is that to the middle of the other mask's nearest piece, in mm.

* ``surface_dice``: the share of both surfaces that lies within the tolerance of the other.
* ``hd95_mm``: the distance within which 95 % of a surface (by area) lies from the other; the larger of both.
* Both masks empty: they agree, Dice and surface Dice 1, distance 0. One empty: 0, and no distance.

References
----------
S. Nikolov et al., Clinically applicable segmentation of head and neck anatomy, J. Med. Internet Res. 23
(2021) e26151; their package surface-distance is the tests' oracle. Its areas of ambiguous cells may differ.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.imaging.geometry import world_from_index
from app.imaging.segments import BoxMask, Grid
from app.imaging.segmentstatistics import cell_triangles

TOLERANCE_MM = 2.0
_SHARE = 0.95
_FULL = 255
_ROUNDED_MM = 1e-9


@dataclass(frozen=True)
class MaskComparison:
    """Of a mask against a reference.

    Attributes
    ----------
    dice, surface_dice : float
        0…1.
    hd95_mm : float or None
        None where one of them alone is empty.
    volume_difference_ml : float
        Mask less reference.
    """

    dice: float
    surface_dice: float
    hd95_mm: float | None
    volume_difference_ml: float

    def as_json(self) -> dict[str, Any]:
        """The same in types that JSON has."""
        return asdict(self)


def compare_masks(
    mask: BoxMask, reference: BoxMask, grid: Grid, tolerance_mm: float = TOLERANCE_MM
) -> MaskComparison:
    """How alike *mask* and *reference*, both on *grid*, are."""
    voxel_ml = abs(float(np.linalg.det(grid.matrix[:3, :3]))) / 1000
    difference_ml = (mask.count - reference.count) * voxel_ml
    if not mask.count or not reference.count:
        alike = mask.count == reference.count
        return MaskComparison(float(alike), float(alike), 0.0 if alike else None, difference_ml)
    surface_dice, hd95_mm = _surfaces(mask, reference, grid, tolerance_mm)
    return MaskComparison(dice(mask, reference), surface_dice, hd95_mm, difference_ml)


def dice(mask: BoxMask, reference: BoxMask) -> float:
    """Twice the voxels of both over the voxels of each; 1 where both are empty."""
    total = mask.count + reference.count
    if not total:
        return 1.0
    lows = np.maximum(mask.origin_ijk, reference.origin_ijk)
    ends = np.minimum(mask.box_ijk[1], reference.box_ijk[1])
    if (ends <= lows).any():
        return 0.0
    common = np.count_nonzero(_cut(mask, lows, ends) & _cut(reference, lows, ends))
    return 2 * int(common) / total


def _cut(mask: BoxMask, lows: NDArray[Any], ends: NDArray[Any]) -> NDArray[np.bool_]:
    (i0, j0, k0), (i1, j1, k1) = lows - mask.origin_ijk, ends - mask.origin_ijk
    return mask.voxels[k0:k1, j0:j1, i0:i1]


def _surfaces(mask: BoxMask, reference: BoxMask, grid: Grid, tolerance_mm: float) -> tuple[float, float]:
    """Surface Dice and HD95 of two masks that are not empty."""
    from scipy.spatial import cKDTree

    near, total, farthest = 0.0, 0.0, 0.0
    one, other = _pieces(mask, grid), _pieces(reference, grid)
    for (points, areas), (others, _) in ((one, other), (other, one)):
        distances = np.asarray(cKDTree(others).query(points)[0])
        near += float(areas[distances <= tolerance_mm + _ROUNDED_MM].sum())
        total += float(areas.sum())
        farthest = max(farthest, _share_within(distances, areas))
    return near / total, farthest


def _share_within(distances: NDArray[np.float64], areas: NDArray[np.float64]) -> float:
    order = np.argsort(distances, kind="stable")
    shares = np.cumsum(areas[order]) / areas.sum()
    return float(distances[order][min(int(np.searchsorted(shares, _SHARE)), len(order) - 1)])


def _pieces(mask: BoxMask, grid: Grid) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Middles (n, 3) in LPS mm and areas (n,) in mm² of the pieces of a mask's surface."""
    wide = np.pad(mask.voxels.view(np.uint8), 1)
    cases = np.zeros(tuple(n - 1 for n in wide.shape), np.uint8)
    for bit in range(8):
        i, j, k = bit & 1, bit >> 1 & 1, bit >> 2
        depth, height, width = cases.shape
        cases |= wide[k : k + depth, j : j + height, i : i + width] << bit
    at = np.argwhere((cases > 0) & (cases < _FULL))
    # The first cell lies between the padding before the box and its first voxel.
    index = at[:, ::-1] + np.array(mask.origin_ijk) - 0.5
    return world_from_index(grid.matrix, index), _case_areas(grid)[cases[tuple(at.T)]]


def _case_areas(grid: Grid) -> NDArray[np.float64]:
    """The area in mm² of the surface in a cell of each of the 256 cases."""
    cases, edges = cell_triangles()
    sides = edges @ grid.matrix[:3, :3].T
    areas = np.linalg.norm(np.cross(sides[:, 0], sides[:, 1]), axis=1) / 2
    return np.asarray(np.bincount(cases, areas, _FULL + 1))
