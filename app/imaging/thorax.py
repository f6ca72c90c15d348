"""A synthetic chest in HU, painted slice by slice: what :mod:`app.imaging.synthetic` wraps into DICOM.

An enhanced scan in the portal venous phase. Heart, stomach and spleen lie on the patient's left (x > 0), the
liver on the right, so that a mirrored display is seen at once. Positions as in
:mod:`app.imaging.thorax_shape`.
"""

import numpy as np
from numpy.typing import NDArray

from app.imaging import thorax_shape as shape
from app.imaging import thorax_tubes as tube
from app.imaging.phantom import NOTHING, Beads, Canvas, Ellipsoid, Floats, SmoothNoise
from app.imaging.thorax_abdomen import FAT, GAS, MUSCLE, Abdomen
from app.imaging.thorax_bones import Skeleton

SKIN, BLOOD, VEIN_BLOOD, LUNG, VESSEL_WALL = 22.0, 168.0, 142.0, -868.0, 60.0

TOP_Z, BOTTOM_Z = 112.5, -186.0
FIELD_MM = 384.0
_BODY = ((-182.0, 182.0), (-136.0, 112.0))
"""Nothing of the patient lies outside of these x and y."""

CHAMBERS = (
    (Ellipsoid((45, -16, -76), (36, 29, 35), turn=38, lean=15), 104.0),  # left ventricle, its muscle
    (Ellipsoid((43, -16, -74), (26, 18, 24), turn=38, lean=15), 162.0),
    (Ellipsoid((10, -46, -74), (38, 18, 30), turn=24), 156.0),  # right ventricle
    (Ellipsoid((-26, -20, -66), (21, 25, 32)), 150.0),
    (Ellipsoid((6, 12, -52), (31, 16, 20)), 164.0),  # left atrium
)
LUNG_ROOTS = (
    (-1, ((-46, 8, -26), 2400), ((-46, 12, -48), 1900)),
    (1, ((52, 20, -20), 2200), ((52, 12, -46), 1700)),
)
"""For each side: where the artery and where the veins enter the lung, and into how many ends they branch."""


class Thorax:
    """The patient: everything that is the same for all slices; :meth:`slice_hu` paints one."""

    def __init__(self, seed: int = 1) -> None:
        rng = np.random.default_rng(seed)
        self._warps = [SmoothNoise(rng, 38, FIELD_MM, 320) for _ in range(2)]
        self._textures = [SmoothNoise(rng, cell, FIELD_MM, 320) for cell in (22, 7, 13)]
        self._skeleton = Skeleton()
        self._abdomen = Abdomen(rng)
        self._aorta = Beads(tube.tubes(tube.AORTA, 1.5))
        self._veins = Beads(tube.tubes(tube.VEINS, 1.5))
        self._hila = Beads(tube.tubes(tube.PULMONARY_ARTERY + tube.PULMONARY_VEINS, 1.5))
        self._oesophagus = Beads(tube.tubes([tube.OESOPHAGUS]))
        self._airways = Beads(tube.tubes([tube.TRACHEA, *tube.BRONCHI]))
        self._lung_vessels, self._small_airways = _lung_trees(rng)

    def slice_hu(self, z_mm: float, size: int) -> Floats:
        """The (size, size) plane at *z_mm* without noise; rows run to the back, columns to the left."""
        whole = Canvas(size, FIELD_MM / size, z_mm)
        _paint_table(whole)
        canvas = whole.window(whole.box(*_BODY))
        self._bend(canvas)
        cage = shape.depth_in_cage(canvas.wx, canvas.wy, z_mm)
        heart = _heart_depth(canvas)
        _paint_wall(canvas, cage)
        if z_mm < -75:
            self._abdomen.paint(canvas, cage)
        _paint_heart(canvas)
        if z_mm > -175:
            self._paint_lungs(canvas, cage, heart)
        self._paint_mediastinum(canvas, heart)
        self._skeleton.paint(canvas)
        return whole.hu

    def _bend(self, canvas: Canvas) -> None:
        """Shift coordinates by a few smooth millimetres, and cut the slice out of each texture."""
        x, y = (axis.astype(np.float64).ravel() + FIELD_MM / 2 for axis in (canvas.x, canvas.y))
        z = canvas.z + 190
        shift_x, shift_y = (np.float32(2.4) * warp.plane(x, y, z) for warp in self._warps)
        canvas.wx, canvas.wy = canvas.x + shift_x, canvas.y + shift_y
        canvas.coarse, canvas.fine, canvas.streaks = (noise.plane(x, y, z) for noise in self._textures)

    def _paint_lungs(self, canvas: Canvas, cage: Floats, heart: Floats) -> None:
        """Air tissue denser towards the back, fissures, vessels, and bronchi beside the arteries."""
        lungs = np.minimum(shape.depth_in_lungs(canvas.wx, canvas.wy, canvas.z, cage), -heart)
        tissue = 14 * canvas.fine + 10 * canvas.coarse
        tissue += np.float32(0.45) * (canvas.y + 20) + np.float32(LUNG)
        canvas.paint(lungs, tissue)
        inner = lungs - np.float32(0.5)
        for distance in shape.fissure_distance(canvas.wx, canvas.wy, canvas.z):
            canvas.paint(np.minimum(0.5 - np.abs(distance), inner), -690, edge_mm=1.5)
        box, walls = self._small_airways.depth(canvas)
        canvas.paint(np.minimum(walls, inner[box]), -150, box)
        vessel_box, vessels = self._lung_vessels.depth(canvas)
        canvas.paint(np.minimum(vessels, inner[vessel_box] + 1), 120, vessel_box)
        canvas.paint(np.minimum(walls - 1.1, inner[box]), -930, box)

    def _paint_mediastinum(self, canvas: Canvas, heart: Floats) -> None:
        """Great vessels in a sleeve of fat, gullet, windpipe and main bronchi."""
        great = [beads.depth(canvas) for beads in (self._hila, self._veins, self._aorta)]
        for (box, depth), sleeve_mm in zip(great, (1.2, 2.2, 2.2), strict=True):
            in_lung = np.where(canvas.hu[box] < -500, depth + np.float32(sleeve_mm), NOTHING)
            canvas.paint(in_lung, FAT + 30, box)
        box, gullet = self._oesophagus.depth(canvas)
        canvas.paint(gullet, 48, box)
        canvas.paint(gullet - 5, -350, box)
        for (box, depth), hu, wall_mm in zip(great, (BLOOD - 4, VEIN_BLOOD, BLOOD), (0, 0, 1.2), strict=True):
            if wall_mm:
                canvas.paint(np.where(heart[box] > 8, NOTHING, depth + np.float32(wall_mm)), VESSEL_WALL, box)
            canvas.paint(depth, hu, box)
        box, airways = self._airways.depth(canvas)
        canvas.paint(airways + 1.6, 30, box)
        canvas.paint(airways, GAS, box)


def _paint_wall(canvas: Canvas, cage: Floats) -> None:
    """Skin, fat, glands, muscle in layers, and the fat that fills the middle of the chest."""
    trunk = shape.depth_in_trunk(canvas.wx, canvas.wy, canvas.z)
    skin = trunk
    for breast in shape.BREASTS:
        if abs(canvas.z - breast.center[2]) < breast.half_extent()[2] + 12:
            skin = shape.joined(skin, breast.depth(canvas.wx, canvas.wy, canvas.z), 14)
    canvas.paint(skin, SKIN)
    canvas.paint(skin - np.float32(1.8), FAT + 6 * canvas.fine)
    _paint_glands(canvas)
    under_fat = trunk - (13 + np.float32(2.5) * canvas.coarse)
    muscle = np.minimum(under_fat, 6 - cage)
    muscle = np.maximum(muscle, np.minimum(cage + 13, 3 - cage))  # the wall itself is never bare
    canvas.paint(muscle, MUSCLE + 5 * canvas.fine)
    bent = under_fat + 5 * canvas.coarse
    layers = np.maximum(1.1 - np.abs(bent - 13), 1.0 - np.abs(bent - 27))
    septa = np.maximum(layers, 0.9 - 11 * np.abs(canvas.streaks))
    canvas.paint(np.minimum(np.minimum(septa, muscle - 1), -cage - 11), -45, edge_mm=2.5)
    for side in (-1, 1):
        axilla = Ellipsoid((side * 138, 2, 34), (19, 34, 42), turn=-18 * side)
        if (found := canvas.region(axilla)) is not None:
            box, depth = found
            canvas.paint(np.minimum(depth, -cage[box] - 12), FAT + 14 * canvas.fine[box], box, 4)
    canvas.paint(cage, FAT + 9 * canvas.fine + 5 * canvas.streaks)


def _paint_glands(canvas: Canvas) -> None:
    for breast in shape.BREASTS:
        (x, y, z), (a, b, c) = breast.center, breast.radii
        core = Ellipsoid((x, y - 12, z), (a * 0.66, b * 0.62, c * 0.7), breast.turn)
        if (found := canvas.region(core)) is not None:
            box, depth = found
            strands = np.minimum(depth * 0.4, 4) + 4 * canvas.streaks[box] + 2 * canvas.fine[box] - 3
            canvas.paint(np.minimum(strands, depth), 34, box, 3)


def _heart_depth(canvas: Canvas) -> Floats:
    """Depth in the pericardium for the whole slice."""
    field = np.full_like(canvas.hu, NOTHING)
    if (found := canvas.region(shape.HEART)) is not None:
        field[found[0]] = found[1]
    return field


def _paint_heart(canvas: Canvas) -> None:
    if (found := canvas.region(shape.HEART)) is None:
        return
    box, sac = found
    canvas.paint(sac, 30, box)
    canvas.paint(sac - 1.4, FAT + 12 + 6 * canvas.fine[box], box)
    for chamber, hu in CHAMBERS:
        if (part := canvas.region(chamber)) is not None:
            inner, depth = part
            sac = shape.HEART.depth(canvas.wx[inner], canvas.wy[inner], canvas.z)
            depth = np.minimum(depth + 1.5 * canvas.coarse[inner], sac - 3)
            canvas.paint(depth, hu + 4 * canvas.coarse[inner], inner, 2)


def _paint_table(canvas: Canvas) -> None:
    """A curved carbon table: two shells with foam between."""
    x, y = canvas.x, canvas.y
    inside = np.minimum(np.minimum(y - (112 - x**2 / 1000), (146 - x**2 / 520) - y), 186 - np.abs(x))
    canvas.paint(inside, -250)
    canvas.paint(inside - 2, -945)


def _lung_trees(rng: np.random.Generator) -> tuple[Beads, Beads]:
    """Arteries and veins of both lungs, and bronchi beside the larger arteries."""
    vessels, bronchi = [], []
    for side, (artery, arteries), (vein, veins) in LUNG_ROOTS:
        paths = tube.grow_tree(artery, _lung_points(side, arteries, rng), 0.5, rng)
        beside = [path for path in paths if path[0, 3] > 1.0]
        bronchi += [path + np.array([1, 0, 0, 0]) * 2.1 * path[:, 3:] for path in beside]
        vessels += paths + tube.grow_tree(vein, _lung_points(side, veins, rng), 0.5, rng)
    return Beads(np.vstack(vessels)), Beads(np.vstack(bronchi))


def _lung_points(side: int, count: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Random points at least 3 mm inside one lung."""
    found = []
    levels = np.arange(-164, 103, 3)
    for z in levels:
        x, y = rng.uniform((8, -92), (132, 80), (4 * count // len(levels) + 1, 2)).T.astype(np.float32)
        x *= side
        depth = shape.depth_in_lungs(x, y, float(z), shape.depth_in_cage(x, y, float(z)))
        inside = np.minimum(depth, -shape.HEART.depth(x, y, float(z))) > 3
        height = z + rng.uniform(-1.5, 1.5, len(x))
        found.append(np.stack([x, y, height], axis=1)[inside])
    return rng.permutation(np.vstack(found))[:count]
