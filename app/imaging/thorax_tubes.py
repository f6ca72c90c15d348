"""The long things of the synthetic chest as paths: ribs, vessels, airways, and trees that fill the lungs.

Positions as in :mod:`app.imaging.thorax_shape`; the fourth column of a path is the radius in mm.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.imaging import thorax_shape as shape
from app.imaging.phantom import smooth_path

Path = NDArray[np.float64]
Knots = list[tuple[float, ...]]

AORTA: list[Knots] = [
    [(-2, -14, -48, 14), (-16, -24, -22, 15.5), (-18, -24, 2, 15), (-10, -17, 20, 14.5),
     (4, -2, 28, 14), (18, 16, 24, 13.5), (26, 34, 6, 13), (27, 40, -20, 12.5),
     (24, 36, -70, 12), (14, 26, -125, 11), (7, 12, -200, 10)],
    [(-6, -16, 30, 7), (-16, -14, 50, 6.5), (-26, -8, 74, 6), (-34, -2, 100, 5)],
    [(4, -8, 34, 5), (12, -6, 60, 4.2), (18, -4, 90, 4), (20, -6, 125, 4)],
    [(15, 8, 32, 5.5), (24, 10, 56, 5), (34, 8, 82, 5), (60, -4, 95, 4.5), (100, -14, 86, 4.5),
     (128, -6, 62, 4), (136, 8, 30, 3)],
    [(-34, -2, 90, 4.5), (-62, -6, 95, 4.5), (-104, -14, 86, 4.5), (-130, -6, 62, 4), (-138, 8, 30, 3)],
    [(6, 3, -158, 5), (6, -12, -164, 4), (-14, -18, -164, 3.4), (-34, -12, -160, 3)],
]  # fmt: skip
PULMONARY_ARTERY: list[Knots] = [
    [(10, -44, -48, 12), (17, -34, -26, 13), (20, -20, -13, 12), (34, 2, -6, 11), (46, 16, -12, 9),
     (54, 22, -26, 7)],
    [(18, -22, -14, 12), (4, -12, -16, 11), (-18, -4, -18, 10.5), (-38, 2, -22, 9), (-50, 10, -32, 7)],
]  # fmt: skip
PULMONARY_VEINS: list[Knots] = [
    [(10, 14, -50, 7), (-20, 10, -44, 6), (-44, -4, -36, 5)],
    [(10, 18, -54, 7), (-22, 20, -56, 6), (-48, 22, -60, 5)],
    [(8, 14, -46, 7), (34, 4, -40, 6), (50, -6, -30, 5)],
    [(8, 18, -52, 7), (32, 24, -54, 6), (52, 26, -60, 5)],
]
VEINS: list[Knots] = [
    [(-25, -20, 42, 8.5), (-28, -20, 15, 9.5), (-30, -18, -15, 10), (-30, -16, -50, 10.5)],
    [(-25, -20, 42, 8), (0, -33, 44, 7), (24, -30, 58, 6.5), (44, -24, 80, 6), (74, -26, 86, 5.5),
     (104, -26, 78, 5.5), (130, -16, 56, 5), (140, -2, 26, 3)],
    [(-25, -20, 42, 8), (-38, -18, 66, 7), (-48, -20, 82, 6), (-76, -26, 86, 5.5),
     (-106, -26, 78, 5.5), (-132, -16, 56, 5), (-142, -2, 26, 3)],
    [(-30, -10, -82, 11), (-25, 6, -98, 11), (-22, 15, -120, 11), (-21, 16, -200, 11)],
    [(-29, 8, 24, 3.5), (-22, 26, 22, 3.5), (-10, 36, 8, 3.5), (-7, 34, -60, 3.2), (-6, 25, -140, 3)],
]  # fmt: skip
TRACHEA: Knots = [(2, -12, 125, 8.2), (1, -2, 85, 8.5), (-1, 6, 40, 8.6), (0, 13, 4, 9)]
BRONCHI: list[Knots] = [
    [(0, 13, 8, 8), (-12, 15, -8, 7.4), (-27, 17, -20, 6.6), (-38, 18, -36, 5.4), (-44, 26, -58, 4)],
    [(0, 13, 8, 7.5), (14, 17, -10, 6.6), (34, 23, -20, 6), (48, 26, -30, 5), (52, 32, -55, 4)],
    [(-24, 16, -16, 5), (-42, 14, -10, 4), (-54, 10, 2, 3)],
    [(42, 24, -25, 4.6), (52, 14, -20, 3.6), (58, 2, -10, 2.8)],
]
OESOPHAGUS: Knots = [
    (7, 10, 125, 6), (7, 20, 60, 6), (8, 28, 10, 6.5), (8, 32, -40, 6.5), (18, 18, -100, 7), (36, 8, -128, 8)
]  # fmt: skip
CLAVICLES: list[Knots] = [
    [(side * 17, -57, 46, 7.5), (side * 38, -60, 56, 5.5), (side * 70, -50, 74, 4.8),
     (side * 105, -28, 88, 5), (side * 140, -4, 98, 6)]
    for side in (-1, 1)
]  # fmt: skip
PORTAL_ROOTS = (((-16, -8, -160), 7.0), ((-24, 8, -106), 6.5))
"""Where the portal vein enters the liver and where the hepatic veins leave it, and radii."""


def tubes(paths: list[Knots], step_mm: float = 1.2) -> Path:
    """Beads along several paths; radii are carried along."""
    return np.vstack([smooth_path(path, step_mm) for path in paths])


@dataclass(frozen=True)
class Rib:
    """One rib: its bone from the spine forwards, and the cartilage from there to the breast bone."""

    bone: Path
    cartilage: Path


def ribs() -> list[Rib]:
    """Twelve pairs that follow the cage, higher at the back than in front."""
    return [_rib(number, side) for number in range(1, 13) for side in (-1, 1)]


def _rib(number: int, side: int) -> Rib:
    top = shape.T1_Z - shape.VERTEBRA_MM * (number - 1) + 9
    drop = float(np.interp(number, [1, 3, 6, 10, 12], [30, 58, 88, 84, 62]))
    end = float(np.interp(number, [1, 4, 7, 10, 11, 12], [138, 141, 132, 112, 84, 62]))
    start_y = shape.SPINE_Y(top) + 16
    path = [(side * 15.0, start_y - 4, top, 4.2), (side * 27.0, start_y + 5, top + 1, 4.0)]
    angles = np.linspace(26, end, 28)
    for angle in angles:
        share = (angle - 18) / (140 - 18)
        z = top - drop * share**0.85
        path.append((*_on_cage(side, angle, z), 3.9))
    x, y, z, _ = path[-1]
    cartilage = _cartilage(number, (x, y, z)) if number <= 10 else np.empty((0, 4))
    return Rib(smooth_path(path, 1.3), cartilage)


def _on_cage(side: int, angle: float, z: float) -> tuple[float, float, float]:
    """The point of the chest wall, 6 mm outside its inner surface, at an angle from the back."""
    a = shape.CAGE_HALF_WIDTH(z) + 6
    front, back = shape.CAGE_FRONT(z) - 6, shape.CAGE_BACK(z) + 6
    sine, cosine = np.sin(np.radians(angle)), np.cos(np.radians(angle))
    # The ring of depth_in_ring: p − 0.36·s²c²·p² = 1 for the square p of the scaled radius.
    mixed = 0.36 * (sine * cosine) ** 2
    square = (1 - np.sqrt(1 - 4 * mixed)) / (2 * mixed) if mixed > 1e-6 else 1.0
    scale = float(np.sqrt(square))
    return side * a * scale * float(sine), (front + back) / 2 + (back - front) / 2 * scale * float(cosine), z


def _cartilage(number: int, start: tuple[float, float, float]) -> Path:
    """From the rib's end to the breast bone, rising the more the lower the rib."""
    x, y, z = start
    end_z = max(z + (number - 3) * 5.0, -78.0 - 3 * max(0, number - 7))
    end_x = np.sign(x) * float(np.interp(number, [1, 7, 10], [20, 13, 32]))
    end_y = shape.CAGE_FRONT(end_z) - 9
    middle = ((x + end_x) / 2, min(y, end_y) - 1.5, (z + end_z) / 2 - 5, 4.4)
    return smooth_path([(x, y, z, 4.2), middle, (end_x, end_y, end_z, 4.2)], 1.3)


def scapulae() -> Path:
    """Two blades behind the ribs as sheets of beads, with a thick side border and a spine."""
    points = []
    for side in (-1, 1):
        for z in np.arange(-42, 74, 1.6):
            share = (z + 42) / 116
            outer = 92 + 42 * share
            inner = 84 - 12 * share if share < 0.8 else 75 + 160 * (share - 0.8)
            for x in np.arange(inner, outer, 1.4):
                y = 94 - 0.0105 * (x - 58) ** 2 + 6 * (1 - share)
                points.append((side * x, y, z, 3.6 if x > outer - 5 else 1.5))
        for x in np.arange(76, 150, 1.4):
            points.append((side * x, 99 - 0.0065 * (x - 62) ** 2, 44 + 0.22 * (x - 72), 3.2))
    return np.array(points, np.float64)


def grow_tree(
    root: tuple[float, float, float],
    targets: NDArray[np.float64],
    leaf_mm: float,
    rng: np.random.Generator,
    step_mm: float = 0.7,
) -> list[Path]:
    """A tree from *root* to every target, thinner at each fork.

    A branch runs part of the way to the middle of its targets, which are then halved across their longest
    extent, and so on: the way in which models of the bronchial tree fill a lobe. The radius follows the
    number of targets behind (Murray's law with an exponent of 2.6).
    """
    paths = []
    waiting = [(np.array(root), np.zeros(3), targets, leaf_mm * len(targets) ** (1 / 2.6))]
    while waiting:
        start, heading, behind, radius = waiting.pop()
        middle = behind.mean(axis=0)
        share = 0.95 if len(behind) <= 2 else 0.42
        end = start + share * (middle - start) + rng.normal(0, 0.8, 3)
        length = float(np.linalg.norm(end - start))
        bend = start + heading * length * 0.35 + (end - start) * 0.2
        thin = leaf_mm * max(1, len(behind) / 2) ** (1 / 2.6)
        t = np.linspace(0, 1, max(2, int(length / min(step_mm, 1.0))))[:, None]
        line = (1 - t) ** 2 * start + 2 * t * (1 - t) * bend + t**2 * end
        paths.append(np.hstack([line, radius + (thin - radius) * t]))
        if len(behind) > 2:
            direction = (end - bend) / (np.linalg.norm(end - bend) + 1e-6)
            spread = behind - middle
            longest = np.linalg.eigh(spread.T @ spread)[1][:, 2]
            along = spread @ longest
            half = along > np.median(along)
            waiting += [
                (end, direction, part, leaf_mm * len(part) ** (1 / 2.6))
                for part in (behind[half], behind[~half])
            ]
    return paths
