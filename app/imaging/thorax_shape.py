"""The outlines of the synthetic chest as functions of position: skin, chest wall, lungs, diaphragm, spine.

LPS mm with z = 0 at the carina, x = 0 in the middle (the patient's right is negative) and y = 0 about half
way between front and back. Made by hand after the proportions of a woman lying on her back, arms raised.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.imaging.phantom import Ellipsoid, Floats, smooth_curve

SKIN_HALF_WIDTH = smooth_curve(
    (125, 118), (100, 150), (80, 172), (50, 172), (0, 165), (-60, 160), (-120, 157), (-200, 156)
)
SKIN_FRONT = smooth_curve(
    (125, -52), (100, -64), (50, -93), (0, -106), (-60, -112), (-120, -113), (-200, -114)
)
SKIN_BACK = smooth_curve((125, 84), (100, 96), (60, 104), (0, 104), (-60, 102), (-120, 98), (-200, 94))

CAGE_HALF_WIDTH = smooth_curve(
    (112, 8),
    (98, 30),
    (88, 56),
    (70, 84),
    (50, 103),
    (20, 119),
    (-20, 128),
    (-60, 132),
    (-120, 131),
    (-200, 126),
)
CAGE_FRONT = smooth_curve(
    (112, 2),
    (98, -12),
    (88, -24),
    (70, -42),
    (50, -57),
    (20, -72),
    (-20, -83),
    (-60, -90),
    (-120, -92),
    (-200, -92),
)
CAGE_BACK = smooth_curve(
    (112, 30), (98, 42), (88, 52), (70, 63), (50, 70), (20, 76), (-20, 79), (-60, 78), (-120, 74), (-200, 69)
)
SPINE_Y = smooth_curve((120, 26), (90, 36), (50, 47), (0, 53), (-60, 51), (-120, 42), (-200, 30))
"""Middle of the vertebral bodies."""

T1_Z, VERTEBRA_MM = 92.0, 23.0
VERTEBRAE = range(-1, 14)
"""0 is T1; −1 is C7, and 12 is L1."""

HEART = Ellipsoid((19, -27, -68), (60, 42, 46), turn=28, lean=18)
"""The pericardium, in which the chambers lie."""

BREASTS = (
    Ellipsoid((-80, -88, -26), (62, 36, 50), turn=-16),
    Ellipsoid((82, -88, -29), (63, 37, 51), turn=16),
)

_MEDIASTINUM_AT = np.array([0, 0.1, 0.25, 0.4, 0.55, 0.7, 0.85, 1.0])
_MEDIASTINUM_MM = np.array([4, 6, 19, 27, 28, 24, 27, 30])


def depth_in_ring(x: Floats, y: Floats, half_width: float, front: float, back: float) -> Floats:
    """Radial distance in mm to a rounded rectangle (positive inside) about x = 0."""
    middle, half_depth = (front + back) / 2, (back - front) / 2
    dy = y - np.float32(middle)
    x2, y2 = x * x, dy * dy
    u2, v2 = x2 * np.float32(half_width**-2), y2 * np.float32(half_depth**-2)
    square = u2 + v2 - np.float32(0.36) * np.minimum(u2, np.float32(1.2)) * np.minimum(v2, np.float32(1.2))
    np.maximum(square, np.float32(1e-4), out=square)
    radius2 = x2 + y2
    return np.asarray(np.sqrt(radius2 / square) - np.sqrt(radius2), np.float32)


def depth_in_trunk(x: Floats, y: Floats, z: float) -> Floats:
    """Depth under the skin, the breasts left out."""
    return depth_in_ring(x, y, SKIN_HALF_WIDTH(z), SKIN_FRONT(z), SKIN_BACK(z))


def depth_in_cage(x: Floats, y: Floats, z: float) -> Floats:
    """Depth inside the inner surface of the chest wall."""
    return depth_in_ring(x, y, CAGE_HALF_WIDTH(z), CAGE_FRONT(z), CAGE_BACK(z))


def joined(a: NDArray[Any], b: NDArray[Any], round_mm: float) -> Floats:
    """Depth in the union of two shapes, with a rounded inner edge."""
    gap = np.maximum(np.float32(round_mm) - np.abs(a - b), 0)
    return np.asarray(np.maximum(a, b) + gap * gap * np.float32(0.25 / round_mm), np.float32)


def diaphragm_z(x: NDArray[Any], y: NDArray[Any]) -> Floats:
    """Height of the diaphragm: a right dome, a lower left one, and the part under the heart."""
    right = ((x + 64) / 74) ** 2 + ((y + 8) / 84) ** 2
    left = ((x - 66) / 72) ** 2 + ((y + 4) / 84) ** 2
    middle = ((x - 4) / 60) ** 2 + ((y + 48) / 58) ** 2
    # Further down towards the back, where the recess between ribs and diaphragm is deepest.
    behind = np.maximum(y - 10, 0) * np.float32(0.35)
    domes = joined(-82 - 50 * right * np.sqrt(right), -99 - 46 * left * np.sqrt(left), 14)
    return np.asarray(joined(domes, -108 - 40 * middle, 14) - behind, np.float32)


def depth_in_lungs(x: Floats, y: Floats, z: float, cage: Floats) -> Floats:
    """Depth inside either lung but for the heart; *cage* is the depth in the cage."""
    front, back = CAGE_FRONT(z), CAGE_BACK(z)
    along = (y - np.float32(front)) / np.float32(back - front)
    half_width = np.interp(along, _MEDIASTINUM_AT, _MEDIASTINUM_MM).astype(np.float32)
    depth = np.minimum(cage - np.float32(2), np.abs(x - np.float32(3)) - half_width)
    if z < -70:
        depth = np.minimum(depth, np.float32(z) - diaphragm_z(x, y))
    return np.asarray(depth, np.float32)


def fissure_distance(x: Floats, y: Floats, z: float) -> tuple[Floats, Floats]:
    """Distance in mm from the oblique fissures, and from the horizontal one (far outside the right lung)."""
    # From high at the back to low at the front, bulging a little.
    oblique = (np.float32(z) - (-32 + 1.02 * y + 0.0016 * (np.abs(x) - 70) ** 2)) * np.float32(0.7)
    horizontal = np.float32(z) - (-26 + 0.09 * y - 0.0022 * (x + 75) ** 2)
    in_front = (x < 0) & (oblique > 0)
    return np.asarray(oblique, np.float32), np.where(in_front, horizontal, np.float32(99)).astype(np.float32)
