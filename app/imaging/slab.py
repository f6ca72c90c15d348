"""Slabs: the highest, the lowest or the mean value through some millimetres around a plane.

A slab of an axial, coronal or sagittal plane is made of whole slices, never interpolated: those whose centres
lie within half of the wished thickness to each side, so an odd number unless the volume ends there. What it
then covers, slices × spacing, is said with it. A slab of an oblique plane is sampled
(:mod:`app.imaging.oblique`).

``mip`` and ``minip`` are the maximum and the minimum intensity projection. NaN is no data and is left out.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.imaging.lattice import Projection
from app.imaging.reslice import PlaneGeometry, extract_plane

__all__ = ["Projection", "SlabRange", "project_slab", "slab_range", "slab_steps"]

# 3 mm of slices of 1.5 mm are one to each side, whatever the last digit of the spacing says.
_ROUNDING = 1e-6


@dataclass(frozen=True)
class SlabRange:
    """Slices *first* to *last* of a plane, both included, and the millimetres that they cover."""

    first: int
    last: int
    thickness_mm: float


def slab_range(index: int, count: int, spacing_mm: float, slab_mm: float) -> SlabRange:
    """The slices of a slab around slice *index* of *count*, *spacing_mm* apart; *slab_mm* is what is wished.

    Raises
    ------
    ValueError
        There is no such slice, or a length that is none.
    """
    if not 0 <= index < count:
        raise ValueError(f"no slice {index} of {count}")
    if not (spacing_mm > 0 and 0 <= slab_mm < np.inf):
        raise ValueError(f"no slab of {slab_mm} mm with a spacing of {spacing_mm} mm")
    to_each_side = int(min(slab_mm / 2 / spacing_mm + _ROUNDING, count))
    first, last = max(0, index - to_each_side), min(count - 1, index + to_each_side)
    return SlabRange(first, last, (last - first + 1) * spacing_mm)


def project_slab(
    array: NDArray[Any], geometry: PlaneGeometry, slices: SlabRange, projection: Projection
) -> NDArray[Any]:
    """The projection of *slices* as it stands on the screen.

    Parameters
    ----------
    array : (k, j, i) array
    geometry : PlaneGeometry
        Made for the shape of *array*.
    slices : SlabRange
        Made by :func:`slab_range` for that plane.
    projection : {"mip", "minip", "mean"}

    Returns
    -------
    (height, width) array: the dtype of *array* for ``mip`` and ``minip``, float32 for ``mean``.
    """
    indices = range(slices.first, slices.last + 1)
    if projection == "mean":
        return _mean(array, geometry, indices)
    fold: np.ufunc = np.fmax if projection == "mip" else np.fmin  # they pass over NaN
    found = np.array(extract_plane(array, geometry, indices[0]))
    for index in indices[1:]:
        fold(found, extract_plane(array, geometry, index), out=found)
    return found


def _mean(array: NDArray[Any], geometry: PlaneGeometry, indices: range) -> NDArray[np.float32]:
    total = np.zeros((geometry.height, geometry.width))
    counted = np.zeros(total.shape, np.int64)
    for index in indices:
        plane = extract_plane(array, geometry, index)
        known = ~np.isnan(plane)
        np.add(total, plane, out=total, where=known)
        counted += known
    with np.errstate(invalid="ignore", over="ignore"):  # 0 / 0 where all is NaN
        return (total / counted).astype(np.float32)


def slab_steps(slab_mm: float, least_spacing_mm: float) -> tuple[int, float]:
    """How many samples go through an oblique slab, and how many millimetres they are apart.

    An odd number, so that the plane itself is one of them; the outermost lie *slab_mm* apart, and a step is
    at most half of the least voxel spacing, so that no voxel is passed over.
    """
    to_each_side = int(np.ceil(slab_mm / least_spacing_mm - _ROUNDING))
    if to_each_side < 1:
        return 1, 0.0
    return 2 * to_each_side + 1, slab_mm / (2 * to_each_side)
