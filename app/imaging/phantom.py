"""Means to paint a synthetic patient slice by slice: soft-edged shapes, beads along curves, smooth noise.

All positions are LPS mm. A *depth* is a distance in mm from a shape's surface, positive inside; it becomes a
weight over an edge of about one pixel, which is what partial volume does in a scanner.
"""

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Box = tuple[slice, slice]

NOTHING = np.float32(-99.0)
"""Depth of a pixel that is far from every bead."""


def smooth_curve(*points: tuple[float, float]) -> Callable[[float], float]:
    """A smooth function of z through about the given (z, value) points, constant outside them."""
    knots = np.array(sorted(points))
    grid = np.arange(knots[0, 0] - 40, knots[-1, 0] + 41)
    window = np.hanning(33)
    values = np.interp(grid, knots[:, 0], knots[:, 1])
    padded = np.pad(values, len(window) // 2, mode="edge")
    smooth = np.convolve(padded, window / window.sum(), mode="valid")
    return lambda z: float(np.interp(z, grid, smooth))


def smooth_path(points: Sequence[Sequence[float]], step_mm: float = 1.0) -> NDArray[np.float64]:
    """Points about *step_mm* apart on a Catmull-Rom curve through rows of any number of coordinates.

    The first three coordinates are the position; a fourth (a radius) is carried along.
    """
    p = np.asarray(points, np.float64)
    p = np.vstack([2 * p[0] - p[1], p, 2 * p[-1] - p[-2]])
    pieces = []
    for a, b, c, d in zip(p[:-3], p[1:-2], p[2:-1], p[3:], strict=True):
        count = max(2, int(np.linalg.norm((c - b)[:3]) / step_mm) + 1)
        t = np.linspace(0, 1, count, endpoint=False)[:, None]
        square = a - 2.5 * b + 2 * c - 0.5 * d
        cube = 1.5 * (b - c) + 0.5 * (d - a)
        pieces.append(b + 0.5 * t * (c - a) + t**2 * square + t**3 * cube)
    return np.vstack([*pieces, p[-2:-1]])


class SmoothNoise:
    """Band-limited noise of unit deviation, the same for the same generator: cubic splines on a lattice."""

    def __init__(self, rng: np.random.Generator, cell_mm: float, extent_mm: float, depth_mm: float) -> None:
        self._cell_mm = cell_mm
        across = int(extent_mm / cell_mm) + 5
        layers = int(depth_mm / cell_mm) + 5
        # The spline keeps 0.69 of white noise's deviation along each axis on average, 0.33 along three.
        self._lattice = (rng.standard_normal((layers, across, across)) / 0.33).astype(np.float32)

    def weights(self, positions_mm: NDArray[np.float64], count: int) -> Floats:
        """(positions, count) matrix of uniform cubic B-spline weights."""
        cells = positions_mm / self._cell_mm + 1
        base = np.floor(cells).astype(int)
        t = cells - base
        matrix = np.zeros((len(positions_mm), count), np.float32)
        rows = np.arange(len(positions_mm))
        terms = ((1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3)
        for offset, term in enumerate(terms):
            matrix[rows, np.clip(base - 1 + offset, 0, count - 1)] += term / 6
        return matrix

    def plane(self, x_mm: NDArray[np.float64], y_mm: NDArray[np.float64], z_mm: float) -> Floats:
        """(y, x) plane; coordinates count from the lattice's corner."""
        layers, across, _ = self._lattice.shape
        along_z = self.weights(np.array([z_mm]), layers)[0]
        layer = np.tensordot(along_z, self._lattice, axes=1)
        return np.asarray(self.weights(y_mm, across) @ layer @ self.weights(x_mm, across).T, np.float32)


@dataclass(frozen=True)
class Ellipsoid:
    """An ellipsoid; ``turn`` rotates it about the patient's long axis, ``lean`` about the left-right axis."""

    center: tuple[float, float, float]
    radii: tuple[float, float, float]
    turn: float = 0.0
    lean: float = 0.0

    def axes(self) -> NDArray[np.float64]:
        """(3, 3) matrix; its columns are the ellipsoid's own axes in LPS."""
        t, n = np.radians(self.turn), np.radians(self.lean)
        about_z = np.array([[np.cos(t), -np.sin(t), 0], [np.sin(t), np.cos(t), 0], [0, 0, 1]])
        about_x = np.array([[1, 0, 0], [0, np.cos(n), -np.sin(n)], [0, np.sin(n), np.cos(n)]])
        return np.asarray(about_z @ about_x)

    def depth(self, x: NDArray[Any], y: NDArray[Any], z: NDArray[Any] | float) -> Floats:
        """Depth in mm (exact at the surface along the mean radius) at broadcastable coordinates."""
        dx, dy, dz = x - self.center[0], y - self.center[1], z - self.center[2]
        scaled = self.axes() / np.array(self.radii)
        # The quadratic form written out: one pass for each of its terms.
        a = (scaled @ scaled.T).astype(np.float32)
        square = dx * (a[0, 0] * dx + 2 * a[0, 1] * dy + 2 * a[0, 2] * dz)
        square += dy * (a[1, 1] * dy + 2 * a[1, 2] * dz) + a[2, 2] * dz * dz
        return np.asarray((1 - np.sqrt(square)) * np.float32(sum(self.radii) / 3), np.float32)

    def half_extent(self) -> tuple[float, float, float]:
        """Half of the size of the box round it, along x, y and z."""
        x, y, z = np.linalg.norm(self.axes() * self.radii, axis=1)
        return float(x), float(y), float(z)


class Beads:
    """Many balls, together a tube or a sheet; kept in order of z so that a slice finds its own quickly.

    Parameters
    ----------
    points : (n, 4) array, x, y, z and radius in mm
    flatten : float
        Distances along z count this much: 0.6 makes a tube that is taller than thick.
    """

    def __init__(self, points: NDArray[np.float64], flatten: float = 1.0) -> None:
        order = np.argsort(points[:, 2])
        self._points = points[order].astype(np.float32)
        self._flatten = np.float32(flatten)
        self._reach = float(points[:, 3].max() + 1.5) / flatten

    def depth(self, canvas: "Canvas") -> tuple[Box, Floats]:
        """The pixels round the beads of the slice, and the depth in mm under the nearest surface there."""
        field = np.full(canvas.hu.shape, NOTHING, np.float32)
        z = self._points[:, 2]
        first, last = np.searchsorted(z, (canvas.z - self._reach, canvas.z + self._reach))
        near = self._points[first:last]
        off_z = (near[:, 2] - np.float32(canvas.z)) * self._flatten
        touched = np.abs(off_z) < near[:, 3] + 1.5
        near, off_z = near[touched], off_z[touched]
        halves = np.ceil((near[:, 3] + 1.5) / canvas.pixel_mm).astype(int)
        sizes = 1 << np.ceil(np.log2(np.maximum(halves, 2))).astype(int)
        for half in np.unique(sizes):
            chosen = sizes == half
            _stamp(field, canvas, near[chosen], off_z[chosen], int(half))
        if not len(near):
            return (slice(0, 0), slice(0, 0)), field[:0, :0]
        margin = near[:, 3].max() + 6
        box = canvas.box(
            (near[:, 0].min() - margin, near[:, 0].max() + margin),
            (near[:, 1].min() - margin, near[:, 1].max() + margin),
        )
        return box, field[box]


def _stamp(field: Floats, canvas: "Canvas", beads: Floats, off_z: Floats, half: int) -> None:
    """Raise *field* to the depth under each bead, in a square of 2·half + 1 pixels round it."""
    height, width = field.shape
    column = np.rint((beads[:, 0] - canvas.x[0, 0]) / canvas.pixel_mm).astype(int)
    row = np.rint((beads[:, 1] - canvas.y[0, 0]) / canvas.pixel_mm).astype(int)
    span = np.arange(-half, half + 1)
    columns, rows = column[:, None] + span, row[:, None] + span
    square_x = (canvas.x[0][np.clip(columns, 0, width - 1)] - beads[:, 0, None]) ** 2
    square_y = (canvas.y[:, 0][np.clip(rows, 0, height - 1)] - beads[:, 1, None]) ** 2
    # Clipped indices repeat the border pixel with its own true distance, so the border stays right.
    distance = np.sqrt((off_z**2)[:, None, None] + square_y[:, :, None] + square_x[:, None, :])
    flat = np.clip(rows, 0, height - 1)[:, :, None] * width + np.clip(columns, 0, width - 1)[:, None, :]
    np.maximum.at(field.reshape(-1), flat.reshape(-1), (beads[:, 3, None, None] - distance).reshape(-1))


class Canvas:
    """One axial slice in the making: HU, its coordinates, and the same coordinates bent a little.

    Shapes painted with ``wx`` and ``wy`` get outlines that no formula has; rigid ones use ``x`` and ``y``.
    ``coarse``, ``fine`` and ``streaks`` are this slice of three smooth noises of unit deviation.
    """

    def __init__(self, size: int, pixel_mm: float, z_mm: float) -> None:
        axis = ((np.arange(size) - (size - 1) / 2) * pixel_mm).astype(np.float32)
        self.z = z_mm
        self.pixel_mm = pixel_mm
        self.x: Floats = axis[None, :]
        self.y: Floats = axis[:, None]
        self.wx: Floats = np.broadcast_to(self.x, (size, size))
        self.wy: Floats = np.broadcast_to(self.y, (size, size))
        self.hu: Floats = np.full((size, size), -1000, np.float32)
        self.coarse = self.fine = self.streaks = np.zeros((size, size), np.float32)

    def window(self, box: Box) -> "Canvas":
        """A canvas on the same pixels that sees *box* only: what is painted there is painted here."""
        part = copy(self)
        part.x, part.y = self.x[:, box[1]], self.y[box[0]]
        part.wx, part.wy, part.hu = self.wx[box], self.wy[box], self.hu[box]
        part.coarse, part.fine, part.streaks = self.coarse[box], self.fine[box], self.streaks[box]
        return part

    def box(self, x_mm: tuple[float, float], y_mm: tuple[float, float]) -> Box:
        """The pixels between the given coordinates."""
        columns = np.searchsorted(self.x[0], x_mm)
        rows = np.searchsorted(self.y[:, 0], y_mm)
        return slice(int(rows[0]), int(rows[1])), slice(int(columns[0]), int(columns[1]))

    def paint(self, depth: Floats, hu: float | Floats, box: Box | None = None, edge_mm: float = 1.0) -> None:
        """Blend *hu* in where *depth* is positive, over an edge of *edge_mm*."""
        part = self.hu if box is None else self.hu[box]
        weight = depth * np.float32(1 / edge_mm)
        weight += np.float32(0.5)
        np.clip(weight, 0, 1, out=weight)
        weight *= hu - part
        part += weight

    def region(self, shape: Ellipsoid, margin_mm: float = 8.0) -> tuple[Box, Floats] | None:
        """The pixels near *shape* and its depth there in bent coordinates; None when the slice misses it."""
        half_x, half_y, half_z = (half + margin_mm for half in shape.half_extent())
        if abs(self.z - shape.center[2]) > half_z - margin_mm + 2:
            return None
        (cx, cy, _) = shape.center
        box = self.box((cx - half_x, cx + half_x), (cy - half_y, cy + half_y))
        return box, shape.depth(self.wx[box], self.wy[box], self.z)
