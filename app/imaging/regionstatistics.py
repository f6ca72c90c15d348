"""Count, mean, spread and histogram of the values in a mark that encloses an area, or at a probe.

* Where the plane of the mark lies along a volume's own slices, the voxel centres of the nearest slice that
  lie inside are counted: values as they are stored, none interpolated. Nearest means within half a step.
* On any other plane a lattice of points is laid, at the least voxel spacing and around the middle of the
  mark; values are trilinear, as :mod:`app.imaging.lattice` has it. Neighbours share voxels: their spread is
  somewhat less than that of voxels.
* Padding and values that are no numbers are left out and counted apart. A trilinear value to which a padding
  voxel contributes is left out.
* The standard deviation is that of the population (divided by n).
* In a region so small that it holds no centre, the voxel nearest to its middle counts alone.
* What lies outside the volume or the image does not count; ``is_cut`` says that there is such.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from app.imaging.geometry import index_from_world
from app.imaging.histogram import histogram
from app.imaging.markvalues import REGION_KINDS, mark_measures, plane_axes, plane_points
from app.imaging.planarregion import crosses_itself
from app.imaging.regionsampling import (
    Padding,
    Points,
    Samples,
    grid_axis,
    nearest_voxel,
    samples_of_plane,
    samples_of_slice,
)

Sampling = Literal["voxels", "trilinear", "pixels"]

MEASURED_KINDS = (*REGION_KINDS, "probe")
MOST_BINS = 64


@dataclass(frozen=True)
class RegionStatistics:
    """What a region holds.

    Attributes
    ----------
    values : (count,) array
        Modality values.
    left_out : int
        Samples inside that are padding or no number.
    sampling : "voxels", "trilinear" or "pixels"
    is_nearest : bool
        The region held no centre: ``values`` is the voxel nearest to its middle.
    is_cut : bool
        Part of the region lies outside the volume or the image.
    area_mm2, perimeter_mm : float or None
        Of the region as drawn; None of a probe, and without millimetres.
    is_self_crossing : bool
        The outline crosses itself: its area is that of the shoelace formula, in which loops that turn the
        other way count against each other, while values are taken by the even-odd rule.
    """

    values: NDArray[Any]
    left_out: int
    sampling: Sampling
    is_nearest: bool
    is_cut: bool
    area_mm2: float | None
    perimeter_mm: float | None
    is_self_crossing: bool

    def as_json(self) -> dict[str, Any]:
        """The same in types that JSON has; numbers are None where nothing was counted."""
        values = self.values
        numbers: dict[str, float | None] = dict.fromkeys(("mean", "std", "min", "max"))
        bins = None
        if values.size:
            numbers = {
                "mean": float(values.mean(dtype=np.float64)),
                "std": float(values.std(dtype=np.float64)),
                "min": float(values.min()),
                "max": float(values.max()),
            }
            counted = histogram(values.reshape(1, 1, -1), MOST_BINS)
            bins = {"counts": counted.counts.tolist(), "bin_edges": counted.bin_edges.tolist()}
        return {
            "count": int(values.size),
            **numbers,
            "area_mm2": self.area_mm2,
            "perimeter_mm": self.perimeter_mm,
            "histogram": bins,
            "left_out": self.left_out,
            "sampling": self.sampling,
            "is_nearest": self.is_nearest,
            "is_cut": self.is_cut,
            "is_self_crossing": self.is_self_crossing,
        }


def volume_statistics(
    array: NDArray[Any],
    affine: ArrayLike,
    mark: Mapping[str, Any],
    *,
    padding: Padding = None,
    is_calibrated: bool = True,
) -> RegionStatistics:
    """The values of a volume in a mark in the patient.

    Parameters
    ----------
    array : (k, j, i) array
    affine : (4, 4) float array, (i, j, k) → LPS mm, its columns perpendicular
    mark : the normal form of :mod:`app.imaging.marks`
        Of the space "patient" and of :data:`MEASURED_KINDS`.
    padding : 2 floats or None
        Values from the one to the other were not measured.
    is_calibrated : bool
        Whether the affine is in millimetres.
    """
    matrix = np.asarray(affine, np.float64)
    points_lps = np.asarray(mark["points"], np.float64)
    points_ijk = index_from_world(matrix, points_lps)
    if mark["kind"] == "probe":
        return _described(mark, nearest_voxel(array, points_ijk[0], padding), "voxels", padding, False)
    right, down = plane_axes(mark)
    axis = grid_axis(matrix, np.cross(right, down))
    middle_lps: Points
    if axis is not None:
        sampling: Sampling = "voxels"
        samples, middle_ijk = samples_of_slice(array, axis, mark["kind"], points_ijk, padding)
    else:
        sampling = "trilinear"
        samples, middle_lps = samples_of_plane(
            array, matrix, (right, down), mark["kind"], points_lps, padding
        )
        middle_ijk = index_from_world(matrix, middle_lps)
    is_nearest = not samples.values.size
    if is_nearest:
        samples = nearest_voxel(array, middle_ijk, padding, samples.is_cut)
        is_nearest = bool(samples.values.size)
    return _described(mark, samples, sampling, padding, is_nearest, is_calibrated)


def image_statistics(
    values: NDArray[Any], mark: Mapping[str, Any], points_px: ArrayLike, *, padding: Padding = None
) -> RegionStatistics:
    """The values of one grey image in a mark.

    Parameters
    ----------
    values : (rows, columns) array
    mark : the normal form of :mod:`app.imaging.marks`
        Of :data:`MEASURED_KINDS`; area and perimeter follow from it alone.
    points_px : (n, 2) float array
        Its points as pixels (x, y) of the image.
    padding : as in :func:`volume_statistics`
    """
    points = np.asarray(points_px, np.float64)
    volume = values[np.newaxis]
    if mark["kind"] == "probe":
        samples = nearest_voxel(volume, np.append(points[0], 0.0), padding)
        return _described(mark, samples, "pixels", padding, False)
    samples, middle = samples_of_slice(
        volume, 2, mark["kind"], np.column_stack((points, np.zeros(len(points)))), padding
    )
    is_nearest = not samples.values.size
    if is_nearest:
        samples = nearest_voxel(volume, middle, padding, samples.is_cut)
        is_nearest = bool(samples.values.size)
    return _described(mark, samples, "pixels", padding, is_nearest)


def _described(
    mark: Mapping[str, Any],
    samples: Samples,
    sampling: Sampling,
    padding: Padding,
    is_nearest: bool,
    is_calibrated: bool = True,
) -> RegionStatistics:
    spoiled = samples.spoiled | ~np.isfinite(samples.values)
    measures = {measure.name: measure for measure in mark_measures(mark)} if is_calibrated else {}
    in_mm = {name: measure.value for name, measure in measures.items() if measure.unit.startswith("mm")}
    kept = samples.values[~spoiled]
    return RegionStatistics(
        values=kept,
        left_out=int(spoiled.sum()),
        sampling=sampling,
        is_nearest=is_nearest and bool(kept.size),
        is_cut=samples.is_cut,
        area_mm2=in_mm.get("area"),
        perimeter_mm=in_mm.get("perimeter"),
        is_self_crossing=mark["kind"] == "freehand" and crosses_itself(plane_points(mark)[0]),
    )
