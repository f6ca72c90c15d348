"""What can be said of one segment in numbers: size, values, surface, largest diameter, centroid.

* ``volume_ml`` counts voxels. ``surface_mm2`` is the area of the mesh that :mod:`app.imaging.surface` draws,
  neither smoothed nor reduced; it is summed from how often each of the 256 cases of a cell occurs. The steps
  of the voxels are part of it: of balls of 3 to 25 voxels' radius it is 7 to 17 % more than 4πr².
* ``diameter_mm`` is the longest straight line between two vertices of that mesh. They lie half-way between a
  voxel inside and its neighbour outside: a row of five voxels of 2 mm measures 10 mm, and one voxel as much
  as its longest side.
* Values are modality values; padding and what is no number is left out and counted. The standard deviation
  is that of the population (divided by n).

References
----------
IBSI 1.11: counted volume (YEKZ), surface area (C0JK), maximum 3D diameter (L0JK); intensities 3.3.
"""

from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.imaging.geometry import world_from_index
from app.imaging.segments import BoxMask, Grid
from app.imaging.surface import contour_voxels

_CORNERS = 8
_ROUNDED_MM = 1e-6
_PAIRS = 1024  # points whose distances to all others are held at a time


@dataclass(frozen=True)
class SegmentStatistics:
    """Of one segment; what nothing can be said of is None.

    Attributes
    ----------
    voxels : int
    volume_ml, surface_mm2, diameter_mm : float
        Nought for an empty segment.
    mean, std, min, max : float or None
        In ``unit``; None where no voxel has a value.
    left_out : int
        Voxels that are padding or no number.
    centroid_lps : 3 floats or None
        Mean of the voxel centres, mm.
    """

    voxels: int
    volume_ml: float
    surface_mm2: float
    diameter_mm: float
    mean: float | None
    std: float | None
    min: float | None
    max: float | None
    unit: str
    left_out: int
    centroid_lps: tuple[float, float, float] | None

    def as_json(self) -> dict[str, Any]:
        """The same in types that JSON has."""
        return asdict(self)


def segment_statistics(
    mask: BoxMask,
    grid: Grid,
    array_kji: NDArray[Any],
    unit: str,
    padding: tuple[float, float] | None = None,
) -> SegmentStatistics:
    """The numbers of *mask*.

    Parameters
    ----------
    array_kji : (k, j, i) array
        Modality values on *grid*, in *unit*; may be memory-mapped, the mask's box alone is read.
    padding : 2 floats or None
        From where to where values are padding.
    """
    if array_kji.shape != grid.shape_kji:
        raise ValueError("the values lie on another grid than the segment")
    count = mask.count
    volume_mm3 = count * abs(float(np.linalg.det(grid.matrix[:3, :3])))
    return SegmentStatistics(
        voxels=count,
        volume_ml=volume_mm3 / 1000,
        surface_mm2=surface_mm2(mask, grid),
        diameter_mm=diameter_mm(mask, grid),
        unit=unit,
        centroid_lps=_centroid_lps(mask, grid, count) if count else None,
        **_values(mask, array_kji[mask.slices_kji], padding),
    )


def surface_mm2(mask: BoxMask, grid: Grid) -> float:
    """The area of the surface of *mask*."""
    cases, edges = cell_triangles()
    sides = edges @ grid.matrix[:3, :3].T
    areas = np.linalg.norm(np.cross(sides[:, 0], sides[:, 1]), axis=1) / 2
    by_case = np.bincount(cases, areas, 1 << _CORNERS)
    return float(_case_counts(mask.voxels) @ by_case)


def diameter_mm(mask: BoxMask, grid: Grid) -> float:
    """The longest line between two vertices of the surface of *mask*; exact."""
    if not mask.voxels.size:
        return 0.0
    steps = grid.matrix[:3, :3].T
    # Six vertices lie around a voxel; inner ones are never the farthest, so all voxels may be given them.
    around = np.concatenate((steps, -steps)) / 2
    centers = _row_ends(mask.voxels) @ steps
    centers = _hull_corners(_far_points(centers, float(np.linalg.norm(around, axis=1).max())))
    return _longest(_far_points((centers[:, None] + around).reshape(-1, 3), 0))


def _row_ends(voxels: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The first and the last voxel of each row (n, 3), (i, j, k): among them are all corners of the hull."""
    some = voxels.any(axis=2)
    k, j = np.nonzero(some)
    first = voxels.argmax(axis=2)[some]
    last = voxels.shape[2] - 1 - voxels[:, :, ::-1].argmax(axis=2)[some]
    longer = last > first
    ends = (
        np.concatenate((first, last[longer])),
        np.concatenate((j, j[longer])),
        np.concatenate((k, k[longer])),
    )
    return np.stack(ends, axis=1).astype(np.float64)


def _far_points(points: NDArray[np.float64], reach: float) -> NDArray[np.float64]:
    """Those of *points* that may be ends of the longest line once each end has moved by up to *reach*.

    With a line of length L found, a middle c and all points within R of it, an end of a line as long as L
    lies at least L - R from c.
    """
    here, there = points[0], points[0]
    for _ in range(4):
        here, there = there, points[np.argmax(_squares(points - there))]
    radii = np.sqrt(_squares(points - (here + there) / 2))
    least = float(np.linalg.norm(here - there)) - float(radii.max()) - 2 * reach
    return np.asarray(points[radii >= least - _ROUNDED_MM])


def _squares(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.einsum("ij,ij->i", vectors, vectors))


def _hull_corners(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """The corners of the convex hull; all *points* where they are few or lie in one plane."""
    from scipy.spatial import ConvexHull, QhullError

    if len(points) <= 2 * _CORNERS:
        return points
    try:
        return np.asarray(points[ConvexHull(points).vertices])
    except QhullError:
        return points


def _longest(points: NDArray[np.float64]) -> float:
    """The largest distance between two of *points*."""
    # |a - b|² as a² + b² - 2ab, about the middle, where little cancels.
    points = points - points.mean(axis=0)
    squares = _squares(points)
    longest = 0.0
    for begin in range(0, len(points), _PAIRS):
        some = slice(begin, begin + _PAIRS)
        distances = squares[some, None] + squares[None, :] - 2 * points[some] @ points.T
        longest = max(longest, float(distances.max()))
    return float(np.sqrt(longest))


def _case_counts(voxels: NDArray[np.bool_]) -> NDArray[np.int64]:
    """How often each case of a cell of 2 × 2 × 2 voxels occurs, the outside of the box counted as empty."""
    counts = np.zeros(1 << _CORNERS, np.int64)
    below = np.zeros((voxels.shape[1] + 1, voxels.shape[2] + 1), np.uint8)
    for plane in (*voxels, np.zeros(voxels.shape[1:], np.bool_)):
        wide = np.pad(plane.view(np.uint8), 1)
        above = wide[:-1, :-1] | wide[:-1, 1:] << 1 | wide[1:, :-1] << 2 | wide[1:, 1:] << 3
        counts += np.bincount((below | above << 4).reshape(-1), minlength=1 << _CORNERS)
        below = above
    return counts


@cache
def cell_triangles() -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """The triangles of all cases of a cell: the case of each, and two of its sides (n, 2, 3) in voxels.

    A case has bit ``i + 2 j + 4 k`` where the corner (i, j, k) of the cell is inside.
    """
    cases, sides = [], []
    for case in range(1 << _CORNERS):
        corners = np.array([case >> bit & 1 for bit in range(_CORNERS)], np.uint8).reshape(2, 2, 2)
        vertices, faces = contour_voxels(corners, 0.5)
        a, b, c = (vertices[faces[:, corner]].astype(np.float64) for corner in range(3))
        cases.append(np.full(len(faces), case))
        sides.append(np.stack((b - a, c - a), axis=1))
    return np.concatenate(cases), np.concatenate(sides)


def _centroid_lps(mask: BoxMask, grid: Grid, count: int) -> tuple[float, float, float]:
    by_slice = np.count_nonzero(mask.voxels, axis=(1, 2))
    flat = np.zeros(mask.voxels.shape[1:], np.int64)
    for plane in mask.voxels:
        flat += plane
    sums = [np.arange(len(n)) @ n for n in (flat.sum(axis=0), flat.sum(axis=1), by_slice)]
    index = np.array(sums) / count + np.array(mask.origin_ijk)
    x, y, z = (float(part) for part in world_from_index(grid.matrix, index))
    return x, y, z


def _values(mask: BoxMask, box_kji: NDArray[Any], padding: tuple[float, float] | None) -> dict[str, Any]:
    """Mean, spread and range, slice by slice: twice over the values, as the spread needs the mean."""
    count, total, left_out = 0, 0.0, 0
    lowest, highest = np.inf, -np.inf
    for plane, box in zip(mask.voxels, box_kji, strict=True):
        values, lost = _counted(box[plane], padding)
        left_out += lost
        if values.size:
            count += values.size
            total += float(values.sum(dtype=np.float64))
            lowest, highest = min(lowest, float(values.min())), max(highest, float(values.max()))
    if not count:
        return {"mean": None, "std": None, "min": None, "max": None, "left_out": left_out}
    mean, squares = total / count, 0.0
    for plane, box in zip(mask.voxels, box_kji, strict=True):
        away = _counted(box[plane], padding)[0].astype(np.float64) - mean
        squares += float(away @ away)
    return {
        "mean": mean,
        "std": float(np.sqrt(squares / count)),
        "min": lowest,
        "max": highest,
        "left_out": left_out,
    }


def _counted(values: NDArray[Any], padding: tuple[float, float] | None) -> tuple[NDArray[Any], int]:
    """The *values* that count, and how many do not."""
    keep = np.ones(values.shape, np.bool_) if values.dtype.kind in "iu" else np.isfinite(values)
    if padding is not None:
        keep &= (values < padding[0]) | (values > padding[1])
    lost = int(values.size - np.count_nonzero(keep))
    return (values[keep], lost) if lost else (values, 0)
