"""One phantom at known places of the patient, scanned in four ways.

In LPS mm: a sphere of 30 mm, three wedges of 45°, one for each plane of the scanner, and seven boxes of known
HU, all to one side of each other in every direction, so that a swapped or mirrored side finds something else.
The scans differ in where their voxels lie, not in what they hold: voxels take the value at their centre. Only
the wedges are turned with the scanner, so that each of its planes cuts one of them at exactly 45°.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from pydicom.dataset import Dataset

from tests.browser.series import named
from tests.imaging.phantoms import ct_slice

Vector = tuple[float, float, float]

SPHERE: Vector = (-5.5, -49.25, 314.0)
RADIUS, IN_SPHERE = 15.0, 150
BOXES: dict[int, Vector] = {  # HU: middle
    -1000: (24.5, -62.25, 274.0),
    -600: (42.5, -60.25, 294.0),
    0: (22.5, -59.25, 324.0),
    40: (43.5, -22.25, 324.0),
    60: (-17.5, -20.25, 274.0),
    300: (0.5, -18.25, 329.0),
    1000: (-1.5, -60.25, 274.0),
}
HALF_BOX = np.array((7.0, 7.0, 8.0))
AROUND = -200
# The middle of a wedge's edge, and half of its length.
WEDGES: dict[str, tuple[Vector, float]] = {
    "axial": ((20.5, -36.25, 291.0), 12.0),
    "sagittal": ((-17.5, -30.25, 286.0), 7.0),
    "coronal": ((4.5, -20.25, 292.0), 6.0),
}
# Of a plane's wedge the scanner's directions (0, 1, 2) along its first side, to the other one, of its edge.
WEDGE_AXES = {"axial": (0, 1, 2), "sagittal": (1, 2, 0), "coronal": (0, 2, 1)}
IN_WEDGE, WEDGE_LENGTH = 500, 18.0
WIDTH, LEVEL = 2041, -1.5  # a grey is 8 HU: black at −1022, white at 1018


@dataclass(frozen=True)
class Scan:
    """How a series lies in the patient: size and spacing along columns, rows and slices; the voxel in the
    sphere's middle; the directions of columns and rows; the directions that turn the wedges."""

    number: int
    size: tuple[int, int, int]
    spacing: Vector
    middle: tuple[int, int, int]
    right: Vector = (1, 0, 0)
    down: Vector = (0, 1, 0)
    turned: bool = False
    position: str = "HFS"
    is_backwards: bool = False  # the first image is the last along the normal

    @property
    def axes(self) -> np.ndarray:
        """Directions of columns, rows and slices, one in a row."""
        return np.array((self.right, self.down, np.cross(self.right, self.down)))

    @property
    def wedge_axes(self) -> np.ndarray:
        return self.axes if self.turned else np.eye(3)

    @property
    def corner(self) -> np.ndarray:
        """The middle of the first voxel."""
        steps = np.array(self.middle) * self.spacing
        return np.array(SPHERE) - steps @ self.axes

    def place(self, voxel: Any) -> np.ndarray:
        """The place of voxels (…, 3)."""
        return self.corner + (np.asarray(voxel) * self.spacing) @ self.axes

    def voxel(self, place: Any) -> tuple[int, int, int]:
        """The voxel whose middle is nearest."""
        index = ((np.asarray(place) - self.corner) @ self.axes.T) / self.spacing
        i, j, k = np.floor(index + 0.5).astype(int).tolist()
        return i, j, k


# Two turns about two axes: 5-12-13 about the patient's long axis, then 3-4-5 about the left-right one.
SCANS = {
    "upright": Scan(31, (84, 66, 66), (1, 1, 1.25), (24, 25, 44)),
    "tilted": Scan(
        32,
        (96, 88, 66),
        (1, 1, 1.25),
        (31, 52, 46),
        right=(12 / 13, 4 / 13, 3 / 13),
        down=(-5 / 13, 48 / 65, 36 / 65),
        turned=True,
    ),
    "coarse": Scan(33, (168, 132, 17), (0.5, 0.5, 5), (48, 50, 11)),
    # Feet first and prone: rows run to the front, slices to the feet; pixels that are not square.
    "prone": Scan(
        34, (84, 83, 66), (1, 0.8, 1.25), (24, 51, 21), down=(0, -1, 0), position="FFP", is_backwards=True
    ),
}


def value_at(scan: Scan, places: Any) -> np.ndarray:
    """HU at places (…, 3) in LPS mm."""
    places = np.asarray(places, float)
    values = np.full(places.shape[:-1], AROUND)
    values[np.linalg.norm(places - SPHERE, axis=-1) <= RADIUS] = IN_SPHERE
    for hu, middle in BOXES.items():
        values[(np.abs(places - middle) <= HALF_BOX).all(axis=-1)] = hu
    for name, (middle, half) in WEDGES.items():
        along = (places - middle) @ scan.wedge_axes.T
        u, v, w = (along[..., axis] for axis in WEDGE_AXES[name])
        values[(np.abs(w) <= half) & (v >= 0) & (v <= u) & (np.hypot(u, v) <= WEDGE_LENGTH)] = IN_WEDGE
    return values


def slices(name: str) -> Iterator[Dataset]:
    scan = SCANS[name]
    columns, rows, count = scan.size
    j, i = np.mgrid[:rows, :columns]
    for k in reversed(range(count)) if scan.is_backwards else range(count):
        voxels = np.stack((i, j, np.full_like(i, k)), axis=-1)
        pixels = (value_at(scan, scan.place(voxels)) + 1024).astype(np.int16)
        dataset = ct_slice(
            count - 1 - k if scan.is_backwards else k,
            pixels=pixels,
            position=[round(float(mm), 6) for mm in scan.place((0, 0, k))],
            orientation=[*scan.right, *scan.down],
            spacing=(scan.spacing[1], scan.spacing[0]),
            WindowWidth=WIDTH,
            WindowCenter=LEVEL,
            PatientPosition=scan.position,
            SliceThickness=scan.spacing[2],
        )
        yield named(dataset, scan.number, name.capitalize())


PHANTOMS: dict[str, Callable[[], Iterable[Dataset]]] = {name: partial(slices, name) for name in SCANS}
