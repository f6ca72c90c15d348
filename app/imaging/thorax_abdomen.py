"""What lies under the diaphragm of the synthetic chest: liver with two lesions, spleen, stomach, kidneys."""

from dataclasses import dataclass

import numpy as np

from app.imaging import thorax_shape as shape
from app.imaging import thorax_tubes as tube
from app.imaging.phantom import Beads, Canvas, Ellipsoid, Floats

FAT, MUSCLE, GAS = -104.0, 58.0, -985.0
LIVER_HU, LIVER_VESSELS_HU = 112.0, 158.0


@dataclass(frozen=True)
class Lesion:
    """A round lesion of the liver, rigid: its centre is exact."""

    center_lps: tuple[float, float, float]
    radius_mm: float
    hu: float


LESIONS = (
    Lesion((-72.0, -22.0, -126.0), 13.0, 38.0),
    Lesion((-98.0, 24.0, -150.0), 8.0, 14.0),
)
"""The two lesions of the liver, LPS mm: a metastasis and a cyst."""

LIVER = (
    Ellipsoid((-62, -6, -142), (86, 82, 78), turn=-6),
    Ellipsoid((8, -48, -130), (60, 34, 34), turn=8),
)
SPLEEN = Ellipsoid((97, 34, -140), (25, 46, 42), turn=32)
STOMACH = Ellipsoid((62, -26, -146), (44, 44, 40), turn=20)
COLON = (Ellipsoid((108, -44, -170), (21, 24, 20)), Ellipsoid((92, -62, -188), (22, 20, 17)))
KIDNEYS = (
    Ellipsoid((50, 44, -184), (27, 24, 46), turn=-25),
    Ellipsoid((-54, 46, -208), (27, 25, 48), turn=25),
)


class Abdomen:
    """The organs; the trees of the liver's vessels are grown once."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._liver_vessels = _liver_trees(rng)

    def paint(self, canvas: Canvas, cage: Floats) -> None:
        """All organs of the slice; *cage* is the depth inside the chest wall."""
        below = shape.diaphragm_z(canvas.wx, canvas.wy) - np.float32(canvas.z)
        inside = np.minimum(cage - 1, below)
        canvas.paint(inside, MUSCLE)  # the diaphragm: what the next line leaves of it
        inside -= 2.5
        canvas.paint(inside, FAT + 8 * canvas.fine)
        canvas.paint(np.minimum(inside - 4, 3 * canvas.streaks - 5.4), -30, edge_mm=4)
        for bend in COLON:
            _paint_hollow(canvas, bend, inside, level_y=99)
        _paint_hollow(canvas, STOMACH, inside, level_y=-44)
        _paint_kidneys(canvas, inside)
        if (found := canvas.region(SPLEEN)) is not None:
            box, depth = found
            canvas.paint(np.minimum(depth, inside[box] - 0.6), 124 + 2 * canvas.fine[box], box)
        self._paint_liver(canvas, inside)

    def _paint_liver(self, canvas: Canvas, inside: Floats) -> None:
        liver = np.full_like(canvas.hu, -9)
        for lobe in LIVER:
            if (found := canvas.region(lobe)) is not None:
                box, depth = found
                liver[box] = shape.joined(liver[box], depth, 8)
        if canvas.z < -160:
            bed = 15 - np.hypot(canvas.wx + 36, canvas.wy + 44)
            liver = np.minimum(liver, -bed)
            canvas.paint(np.minimum(bed - 2, np.float32(-162 - canvas.z)), 62)
            canvas.paint(np.minimum(bed - 4, np.float32(-164 - canvas.z)), 9)  # the gallbladder
        width = np.float32((-126 - canvas.z) * 0.08)
        cleft = np.abs(canvas.wx - 4 - 0.35 * (canvas.wy + 40)) - width + np.maximum(-30 - canvas.wy, 0) * 0.2
        liver = np.minimum(np.minimum(liver, inside - 0.6), cleft + 1)
        canvas.paint(liver, LIVER_HU + 3 * canvas.fine)
        box, vessels = self._liver_vessels.depth(canvas)
        canvas.paint(np.minimum(vessels, liver[box] - 2), LIVER_VESSELS_HU, box)
        for lesion in LESIONS:
            ball = Ellipsoid(lesion.center_lps, (lesion.radius_mm,) * 3)
            canvas.paint(ball.depth(canvas.x, canvas.y, canvas.z), lesion.hu, edge_mm=2)


def _paint_hollow(canvas: Canvas, organ: Ellipsoid, inside: Floats, level_y: float) -> None:
    """A wall, contents, and gas in front of a level (the patient lies on the back)."""
    if (found := canvas.region(organ)) is None:
        return
    box, depth = found
    depth = np.minimum(depth + 1.5 * canvas.coarse[box], inside[box] - 1.5)
    canvas.paint(depth, 78, box)
    canvas.paint(depth - 3.5, 16 + 10 * canvas.fine[box], box)
    canvas.paint(np.minimum(depth - 3.5, np.float32(level_y) - canvas.y[box[0]]), GAS, box)


def _paint_kidneys(canvas: Canvas, inside: Floats) -> None:
    for kidney in KIDNEYS:
        if (found := canvas.region(kidney)) is not None:
            box, depth = found
            canvas.paint(np.minimum(depth, inside[box] - 1), 172, box)
            canvas.paint(depth - 9 + 2 * canvas.fine[box], 128, box, 3)
            canvas.paint(depth - 17, FAT, box, 3)


def _liver_trees(rng: np.random.Generator) -> Beads:
    paths = []
    for root, radius in tube.PORTAL_ROOTS:
        points = rng.uniform((-140, -84, -190), (26, 68, -88), (1200, 3))
        inside = LIVER[0].depth(points[:, 0], points[:, 1], points[:, 2]) > 8
        below = shape.diaphragm_z(points[:, 0], points[:, 1]) - points[:, 2] > 10
        targets = points[inside & below][:260]
        paths += tube.grow_tree(root, targets, 0.9 * radius / len(targets) ** (1 / 2.6), rng, 0.9)
    return Beads(np.vstack(paths))
