"""What a mark measures: lengths, angles and areas from its points, worked out in the mark's own plane.

A mark is a mapping as the archive keeps it: ``kind``, ``space``, ``points`` and ``plane`` or ``spacing_mm``.
In the space "patient" points are LPS mm; in "image" they are pixels (x, y), centres at whole numbers, which
``spacing_mm`` (between columns, between rows) makes millimetres. Without it lengths stay pixels.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
Mark = Mapping[str, Any]

REGION_KINDS = ("ellipse", "rectangle", "freehand")
"""Marks that enclose an area."""
KINDS = ("length", "bidirectional", "angle", "cobb", *REGION_KINDS, "arrow", "probe", "keyimage")
POINT_COUNTS: dict[str, int] = {
    "length": 2,
    "bidirectional": 4,
    "angle": 3,
    "cobb": 4,
    "ellipse": 3,
    "rectangle": 4,
    "arrow": 2,
    "probe": 1,
    "keyimage": 1,
}
"""Points of a mark; a freehand region has 3 to :data:`MOST_POINTS`."""
MOST_POINTS = 5000


@dataclass(frozen=True)
class Measure:
    """One number: its stable English name, its value, its unit ("mm", "mm²", "px", "px²", "°", "HU", …)."""

    name: str
    value: float
    unit: str


def mark_measures(mark: Mark) -> tuple[Measure, ...]:
    """The lengths, angles or area of *mark*; none of an arrow, a probe or a key image.

    Examples
    --------
    A length of 3 mm to the left and 4 mm to the back measures 5 mm.
    """
    points, unit = plane_points(mark)
    match mark["kind"]:
        case "length":
            return (Measure("length", _distance(points[0], points[1]), unit),)
        case "bidirectional":
            # Either line may have become the longer one under the hand.
            short, long = sorted((_distance(points[0], points[1]), _distance(points[2], points[3])))
            return Measure("long_axis", long, unit), Measure("short_axis", short, unit)
        case "angle":
            return (Measure("angle", _degrees(points[0] - points[1], points[2] - points[1]), "°"),)
        case "cobb":
            degrees = _degrees(points[1] - points[0], points[3] - points[2])
            # Lines have no sense: of the two angles between them the one up to 90° is meant.
            return (Measure("cobb_angle", min(degrees, 180 - degrees), "°"),)
        case "ellipse":
            first, second = points[1] - points[0], points[2] - points[0]
            area, perimeter = math.pi * abs(_cross(first, second)), _ellipse_perimeter(first, second)
        case "rectangle" | "freehand":
            area, perimeter = _polygon(points)
        case _:
            return ()
    return (Measure("area", area, f"{unit}²"), Measure("perimeter", perimeter, unit))


def plane_points(mark: Mark) -> tuple[Points, str]:
    """The points of *mark* in its plane, (n, 2), and their unit, "mm" or "px"."""
    points = np.asarray(mark["points"], np.float64)
    if mark["space"] == "image":
        spacing = mark.get("spacing_mm")
        flat = points[:, :2]
        return (flat * np.asarray(spacing, np.float64), "mm") if spacing else (flat, "px")
    right, down = plane_axes(mark)
    return np.stack((points @ right, points @ down), axis=1), "mm"


def plane_axes(mark: Mark) -> tuple[Points, Points]:
    """Two perpendicular unit vectors, LPS, that span the plane of a mark in the patient.

    They are those of the plane it was drawn on; of a mark that does not say, of the plane through its points.
    """
    plane = mark.get("plane")
    if plane and plane.get("right_lps") and plane.get("down_lps"):
        right = _unit(np.asarray(plane["right_lps"], np.float64))
        down = np.asarray(plane["down_lps"], np.float64)
        return right, _unit(down - right * (down @ right))
    points = np.asarray(mark["points"], np.float64)
    _, _, axes = np.linalg.svd(
        np.vstack((points - points.mean(axis=0), np.zeros((3, 3)))), full_matrices=False
    )
    return axes[0], axes[1]


def off_plane_mm(mark: Mark, origin_lps: Sequence[float], normal_lps: Sequence[float]) -> float:
    """How far the farthest point of a mark in the patient lies from a plane, in mm."""
    away = np.asarray(mark["points"], np.float64) - np.asarray(origin_lps, np.float64)
    return float(np.abs(away @ np.asarray(normal_lps, np.float64)).max())


def _unit(vector: Points) -> Points:
    return np.asarray(vector / np.linalg.norm(vector), np.float64)


def _distance(a: Points, b: Points) -> float:
    return math.hypot(*(b - a))


def _cross(a: Points, b: Points) -> float:
    return float(a[0] * b[1] - a[1] * b[0])


def _degrees(a: Points, b: Points) -> float:
    """The angle between two directions, 0 to 180; 0 where one of them is none."""
    return math.degrees(math.atan2(abs(_cross(a, b)), float(a @ b)))


def _polygon(points: Points) -> tuple[float, float]:
    """Area by the shoelace formula and length of the closed outline."""
    centred = points - points.mean(axis=0)  # far from the origin the products would cancel
    following = np.roll(centred, -1, axis=0)
    area = abs(float(np.sum(centred[:, 0] * following[:, 1] - centred[:, 1] * following[:, 0]))) / 2
    return area, float(np.sum(np.hypot(*(following - centred).T)))


def _ellipse_perimeter(first: Points, second: Points) -> float:
    """By the arithmetic-geometric mean, exact to the last digits (NIST DLMF 19.8.6, 19.30.5).

    *first* and *second* are conjugate half diameters; half the axes are their singular values.
    """
    a, b = np.linalg.svd(np.column_stack((first, second)), compute_uv=False)
    if b <= 1e-12 * a:
        return 4 * float(a)
    x, y, power, total = 1.0, float(b / a), 0.5, (1 - float(b / a) ** 2) / 2
    while abs(x - y) > 1e-15:
        x, y, difference = (x + y) / 2, math.sqrt(x * y), (x - y) / 2
        power *= 2
        total += power * difference**2
    return 2 * math.pi * float(a) * (1 - total) / x
