"""The values of a volume on a lattice of points: what oblique planes and slabs are made of.

* Voxel centres are at integers, and a voxel reaches half an index to each side: a point is inside where
  −0.5 ≤ index < count − 0.5 on each axis. Beyond the outermost centres the outermost voxels count.
* Trilinear interpolation is computed in float64 and given out as float32, which holds every int16 exactly. A
  coordinate within 1e-8 of a voxel centre is the centre: voxels come out as they are.
* Nearest takes the voxel in whose box the point lies (index + 0.5 rounded down).
* Of the points of one pixel those outside the volume, and those that are NaN, are left out; a mean is one of
  what is there.

The loop is compiled (:mod:`app.imaging.latticekernel`). Until it is, the same is computed here with NumPy,
some five times slower, by the same operations in the same order.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from app.imaging.latticekernel import AT_CENTRE, MAXIMUM, MEAN, MINIMUM, compiled_loop

Interpolation = Literal["trilinear", "nearest"]
Projection = Literal["mip", "minip", "mean"]

_FOLDS: dict[Projection, int] = {"mip": MAXIMUM, "minip": MINIMUM, "mean": MEAN}
# Above this many samples NumPy takes longer than the compiler, so a first request waits for it.
_WORTH_WAITING = 1 << 23
_LONGEST_WAIT_S = 1.0
_SAMPLES_A_THREAD = 1 << 15
_MOST_THREADS = 4
_ROWS_A_BLOCK = 16


@dataclass(frozen=True)
class Lattice:
    """Points at index ``corner + x·right + y·down + step·through``, each (3,) float64 in (i, j, k).

    ``shape`` is rows and columns; the *steps* of one pixel are folded into one value.
    """

    corner: NDArray[np.float64]
    right: NDArray[np.float64]
    down: NDArray[np.float64]
    through: NDArray[np.float64]
    shape: tuple[int, int]
    steps: int = 1

    @property
    def samples(self) -> int:
        """How many points there are."""
        return self.shape[0] * self.shape[1] * self.steps

    def points(self, rows: range, step: int) -> list[NDArray[np.float64]]:
        """The i, the j and the k of the points of *rows*, (rows, columns) each."""
        x, y = np.arange(self.shape[1]), np.array(rows)[:, np.newaxis]
        axes = zip(self.corner, self.right, self.down, self.through, strict=True)
        return [corner + y * down + x * right + step * through for corner, right, down, through in axes]


@dataclass(frozen=True)
class Sampled:
    """``values`` (height, width) float32, and ``inside``, bool: pixels with a point inside the volume."""

    values: NDArray[np.float32]
    inside: NDArray[np.bool_]


def sample_lattice(
    array: NDArray[Any],
    lattice: Lattice,
    interpolation: Interpolation = "trilinear",
    projection: Projection = "mip",
    fill: float = np.nan,
) -> Sampled:
    """The values of *array*, (k, j, i), on *lattice*; *fill* where no point of a pixel is inside."""
    sampled = Sampled(np.empty(lattice.shape, np.float32), np.empty(lattice.shape, np.bool_))
    how = _FOLDS[projection], interpolation == "nearest", float(fill)
    loop = compiled_loop(array, _LONGEST_WAIT_S if lattice.samples > _WORTH_WAITING else 0.0)
    if loop is None:
        # Two threads of small NumPy calls wait for each other: one is quicker.
        _sample_with_numpy(array, lattice, how, sampled)
        return sampled

    def run(first: int, end: int) -> None:
        axes = lattice.corner, lattice.right, lattice.down, lattice.through
        loop(array, *axes, lattice.steps, *how, first, end, sampled.values, sampled.inside)

    own, *others = _bands(lattice)
    helped = [(band, _threads().submit(run, *band)) for band in others]
    run(*own)
    for band, help_ in helped:
        # Where the threads are busy with somebody's thick slab, nobody waits for them.
        if help_.cancel():
            run(*band)
        else:
            help_.result()
    return sampled


def _bands(lattice: Lattice) -> list[tuple[int, int]]:
    """Rows for each thread, as (first, end): at most four threads, for others have requests too."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    rows = lattice.shape[0]
    count = max(1, min(_MOST_THREADS, cores, rows, lattice.samples // _SAMPLES_A_THREAD))
    ends = [rows * n // count for n in range(count + 1)]
    return list(pairwise(ends))


@lru_cache(maxsize=1)
def _threads() -> ThreadPoolExecutor:
    # They start with the first plane, and so after a web server's fork.
    return ThreadPoolExecutor(_MOST_THREADS - 1, thread_name_prefix="lattice")


def _sample_with_numpy(
    array: NDArray[Any], lattice: Lattice, how: tuple[int, bool, float], sampled: Sampled
) -> None:
    """The compiled loop's twin, in blocks of rows that stay in the cache."""
    fold, nearest, fill = how
    height = lattice.shape[0]
    for first in range(0, height, _ROWS_A_BLOCK):
        rows = range(first, min(first + _ROWS_A_BLOCK, height))
        found, counted, touched = _folded(array, lattice, rows, fold, nearest)
        if fold == MEAN:
            found /= np.maximum(counted, 1)
        found[counted == 0] = np.nan
        found[~touched] = fill
        with np.errstate(over="ignore"):
            sampled.values[rows.start : rows.stop] = found
        sampled.inside[rows.start : rows.stop] = touched


def _folded(
    array: NDArray[Any], lattice: Lattice, rows: range, fold: int, nearest: bool
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.bool_]]:
    """The folded values of *rows*, of how many samples, and whether a point was inside."""
    found = np.zeros((len(rows), lattice.shape[1]))
    counted = np.zeros(found.shape, np.int64)
    touched = np.zeros(found.shape, np.bool_)
    for step in range(lattice.steps):
        points = lattice.points(rows, step)
        inside = _inside(points, array.shape)
        value = (_nearest if nearest else _trilinear)(array, points)
        usable = inside & ~np.isnan(value)
        _fold(found, value, fold, usable, counted == 0)
        counted += usable
        touched |= inside
    return found, counted, touched


def _fold(
    found: NDArray[np.float64],
    value: NDArray[np.float64],
    fold: int,
    usable: NDArray[np.bool_],
    is_first: NDArray[np.bool_],
) -> None:
    """Fold *value* into *found*, in place."""
    if fold == MEAN:
        np.add(found, value, out=found, where=usable)
        return
    ufunc = np.maximum if fold == MAXIMUM else np.minimum
    ufunc(found, value, out=found, where=usable & ~is_first)
    np.copyto(found, value, where=usable & is_first)


def _inside(points: list[NDArray[np.float64]], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    i, j, k = ((axis >= -0.5) & (axis < count - 0.5) for axis, count in zip(points, shape[::-1], strict=True))
    return i & j & k


def _nearest(array: NDArray[Any], points: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    counts = array.shape[::-1]
    # fmax takes the number where a coordinate is none.
    i, j, k = (
        np.fmin(np.fmax(axis + 0.5, 0), count - 1).astype(np.intp)
        for axis, count in zip(points, counts, strict=True)
    )
    found: NDArray[np.float64] = array[k, j, i].astype(np.float64)
    return found


def _trilinear(array: NDArray[Any], points: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    lower, upper, shares = [], [], []
    for axis, count in zip(points, array.shape[::-1], strict=True):
        clipped = np.fmin(np.fmax(axis, 0.0), count - 1.0)
        low = (clipped + AT_CENTRE).astype(np.intp)
        share = clipped - low
        share[share < AT_CENTRE] = 0.0
        lower.append(low)
        upper.append(low + (share > 0))
        shares.append(share)
    (i0, j0, k0), (i1, j1, k1), (a, b, c) = lower, upper, shares

    def row(j: NDArray[np.intp], k: NDArray[np.intp]) -> NDArray[np.float64]:
        return _between(array[k, j, i0].astype(np.float64), array[k, j, i1], a)

    with np.errstate(invalid="ignore"):  # infinite voxels
        near = _between(row(j0, k0), row(j1, k0), b)
        return _between(near, _between(row(j0, k1), row(j1, k1), b), c)


def _between(near: NDArray[np.float64], far: NDArray[Any], share: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(share > 0, near + share * (far - near), near)
