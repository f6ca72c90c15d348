"""The bones of the synthetic chest: ribs and cartilage, collar bones, shoulder blades, sternum, spine."""

import numpy as np

from app.imaging import thorax_shape as shape
from app.imaging import thorax_tubes as tube
from app.imaging.phantom import Beads, Box, Canvas, Floats

CORTEX, PLATE, CARTILAGE, DISC = 720.0, 430.0, 112.0, 84.0


class Skeleton:
    """The bones that are tubes and sheets of beads, and with them the painted rest."""

    def __init__(self) -> None:
        ribs = tube.ribs()
        self._cartilage = Beads(np.vstack([rib.cartilage for rib in ribs]), flatten=0.7)
        self._tubes = (
            (Beads(np.vstack([rib.bone for rib in ribs]), flatten=0.62), 210.0),
            (Beads(tube.tubes(tube.CLAVICLES)), 240.0),
            (Beads(tube.scapulae()), 420.0),
        )

    def paint(self, canvas: Canvas) -> None:
        """All bones of the slice: a cortex round spongy bone."""
        for beads, marrow in self._tubes:
            box, depth = beads.depth(canvas)
            canvas.paint(depth, CORTEX, box)
            canvas.paint(depth - 1.4, marrow + 40 * canvas.fine[box], box, 1.4)
        box, depth = self._cartilage.depth(canvas)
        canvas.paint(depth, CARTILAGE, box)
        _paint_sternum(canvas)
        _paint_spine(canvas)


def _paint_sternum(canvas: Canvas) -> None:
    z = canvas.z
    if not -92 < z < 46:
        return
    half = float(np.interp(z, [-92, -78, -60, -20, 12, 18, 30, 46], [3, 7, 17, 15, 12, 15, 25, 22]))
    middle = shape.CAGE_FRONT(z) - 9
    box = canvas.box((-40, 40), (middle - 20, middle + 20))
    u, v = (canvas.wx[box] / half) ** 2, ((canvas.wy[box] - np.float32(middle)) / 6) ** 2
    depth = np.asarray((1 - np.sqrt(np.sqrt(u * u + v * v))) * 6, np.float32)
    if 13 < z < 17:  # the joint below the manubrium
        canvas.paint(depth, CARTILAGE, box)
        return
    canvas.paint(depth, 520, box)
    canvas.paint(depth - 1.3, 150 + 30 * canvas.fine[box], box, 1.5)


def _paint_spine(canvas: Canvas) -> None:
    """Bodies with waists and end plates, discs, the canal with the cord, and the arch round it."""
    z = canvas.z
    middle = shape.SPINE_Y(z)
    number = round((shape.T1_Z - z) / shape.VERTEBRA_MM)
    off = z - (shape.T1_Z - number * shape.VERTEBRA_MM)
    box = canvas.box((-60, 60), (middle - 40, middle + 75))
    x, y = canvas.x[:, box[1]], canvas.y[box[0]] - np.float32(middle)
    flare = (abs(off) / 10) ** 2
    half_width, half_depth = 14.5 + 0.35 * number + 1.6 * flare, 11.5 + 0.3 * number + 1.2 * flare
    outline = np.sqrt((x / half_width) ** 2 + (y / half_depth) ** 2)
    body = np.asarray((1 - outline) * half_depth, np.float32)
    canvas.paint(body + 2.5, 52, box)
    beyond_plate = np.float32(abs(off) - 8.8)
    if beyond_plate > 0:
        canvas.paint(body, DISC, box)
    if beyond_plate < 0.8:
        canvas.paint(np.minimum(body, 0.5 - beyond_plate), PLATE, box)
        spongy = 205 + 22 * canvas.fine[box]
        canvas.paint(np.minimum(body - 1.4, -1 - beyond_plate), spongy, box, 1.6)
    canal_y = np.float32(half_depth + 7.5)
    _paint_arch(canvas, box, x, y - canal_y, off)
    canvas.paint(8.8 - np.hypot(x / np.float32(1.15), y - canal_y), 8, box)
    canvas.paint(5.2 - np.hypot(x / np.float32(1.2), y - canal_y), 40, box)


def _paint_arch(canvas: Canvas, box: Box, x: Floats, y: Floats, off: float) -> None:
    """Pedicles, laminae and processes; *x* and *y* count from the canal's middle, *off* from mid-vertebra."""
    ring = 13.2 - np.hypot(x / np.float32(1.15), y)
    arch = np.minimum(ring, y + np.float32(9 if off > 0 else 1))  # pedicles stand at the upper half only
    if -3 < off < 9:
        thick = np.float32(max(0.0, 4.4 - abs(off - 3) * 0.6))
        wing = np.minimum(thick - np.abs(y - 0.3 * np.abs(x) + 0.5), 29 - np.abs(x))
        arch = np.maximum(arch, np.where(np.abs(x) > 9, wing, -9))
    # The spinous process points down: the lower the level, the further back it is met.
    reach = np.float32(min(26 - off * 0.9, 27.0))
    spinous = np.minimum(2.8 - np.abs(x), np.minimum(y - 9, reach - y))
    arch = np.maximum(arch, spinous)
    canvas.paint(arch, 610, box)
    canvas.paint(arch - 1.5, 230 + 30 * canvas.fine[box], box, 1.5)
