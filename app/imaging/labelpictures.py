"""Slices, slabs and oblique planes of label layers, pixel by pixel as those of the volume they lie on.

A layer is only the box around its segments, so nothing as large as the volume is made. In a slab the highest
label counts where several lie behind one another; oblique planes take the nearest voxel.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from app.imaging.labellayers import Layer
from app.imaging.oblique import ObliquePlane, extract_oblique
from app.imaging.reslice import PlaneGeometry
from app.imaging.segments import Grid
from app.imaging.slab import SlabRange, project_slab

Labels = NDArray[np.uint8]


def label_slab(layer: Layer, grid: Grid, geometry: PlaneGeometry, slices: SlabRange) -> Labels:
    """(height, width) labels of *slices*, one or several, of a plane of the whole *grid*.

    Parameters
    ----------
    geometry : PlaneGeometry
        Made for the shape of *grid*.
    """
    axis = 2 - geometry.axes_ijk[2]  # array axes run k, j, i
    shape = list(grid.shape_kji)
    shape[axis] = slices.last - slices.first + 1
    start = list(layer.origin_ijk[::-1])
    start[axis] -= slices.first
    thin = np.zeros(shape, np.uint8)
    to, source = [], []
    for at, size, room in zip(start, layer.labels.shape, shape, strict=True):
        low, high = max(at, 0), min(at + size, room)
        to.append(slice(low, max(low, high)))
        source.append(slice(low - at, max(low, high) - at))
    thin[tuple(to)] = layer.labels[tuple(source)]
    alone = replace(geometry, count=shape[axis])
    return np.asarray(project_slab(thin, alone, SlabRange(0, shape[axis] - 1, slices.thickness_mm), "mip"))


def label_plane(layer: Layer, grid: Grid, plane: ObliquePlane, slab_mm: float = 0.0) -> Labels:
    """(height, width) labels of any plane; 0 outside the grid.

    Raises
    ------
    InvalidPlane
        As of :func:`app.imaging.oblique.extract_oblique`.
    """
    whole = np.zeros(grid.shape_kji, np.uint8)  # pages that nobody writes to take no memory
    i, j, k = layer.origin_ijk
    depth, height, width = layer.labels.shape
    whole[k : k + depth, j : j + height, i : i + width] = layer.labels
    sampled = extract_oblique(
        whole, grid.matrix, plane, interpolation="nearest", fill=0.0, slab_mm=slab_mm, projection="mip"
    )
    return np.asarray(sampled.values).astype(np.uint8)
