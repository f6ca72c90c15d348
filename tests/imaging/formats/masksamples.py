"""Segments and grids for the writers: asymmetric, with a hole, islands, one voxel, an overlap."""

import numpy as np
from pydicom.dataset import Dataset

from app.imaging.formats.sourceimages import SourceImages
from app.imaging.segments import BoxMask, Code, Grid, Segment
from tests.imaging.phantoms import FRAME_UID, ct_slice

SHAPE_IJK = (13, 11, 7)
SHAPE_KJI = (7, 11, 13)

# Direction cosines of 3-4-5 triangles keep every number short. Spacing 0.5 (i), 2 (j), 3 (k) mm.
AXIAL = [[0.5, 0, 0, 10], [0, 2, 0, -20], [0, 0, 3, 30], [0, 0, 0, 1]]
OBLIQUE = [[0.5, 0, 0, 10], [0, 1.6, -1.8, -20], [0, 1.2, 2.4, 30], [0, 0, 0, 1]]
REVERSED = [[-0.5, 0, 0, 110], [0, 2, 0, -20], [0, 0, -3, 930], [0, 0, 0, 1]]
SAGITTAL = [[0, 0, -3, 40], [0.5, 0, 0, -90], [0, -2, 0, 700], [0, 0, 0, 1]]
GRIDS = {"axial": AXIAL, "oblique": OBLIQUE, "feet up": REVERSED, "sagittal": SAGITTAL}


def grid_of(affine: list[list[float]]) -> Grid:
    return Grid.of(SHAPE_IJK, affine, FRAME_UID)


def masks() -> dict[str, np.ndarray]:
    """Whole masks (k, j, i) by name."""
    ring, islands, voxel, organ = (np.zeros(SHAPE_KJI, np.bool_) for _ in range(4))
    ring[1:5, 1:9, 2:9] = True
    ring[2:4, 3:6, 4:7] = False
    islands[0, 8:10, 10:12] = True
    islands[5:7, 0:3, 0:2] = True
    voxel[3, 4, 5] = True  # in the hole of the ring
    organ[2:7, 5:11, 5:13] = True  # over the ring, and at three borders
    organ[6, 10, 12] = False
    return {"ring": ring, "islands": islands, "voxel": voxel, "organ": organ}


def segments(*, overlap: bool = True) -> tuple[Segment, ...]:
    """The masks as segments; numbers have gaps, names have letters of many kinds."""
    whole = masks()
    kidney, mass = Code("64033007", "SCT", "Kidney"), Code("4147007", "SCT", "Mass")
    found = (
        Segment(2, "Anillo <b>ñ</b>", BoxMask.of(whole["ring"]), (230, 25, 75), kidney),
        Segment(5, "islas", BoxMask.of(whole["islands"]), (60, 180, 75), mass),
        Segment(6, "", BoxMask.of(whole["voxel"]), None, None),
        Segment(9, "GTV\\1", BoxMask.of(whole["organ"]), (0, 130, 200), None),
    )
    return found if overlap else found[:3]


def headers(affine: list[list[float]]) -> list[Dataset]:
    """CT slices on the grid, last slice first."""
    matrix = np.array(affine, np.float64)
    spacing = np.linalg.norm(matrix[:3, :3], axis=0)
    orientation = [*(matrix[:3, 0] / spacing[0]), *(matrix[:3, 1] / spacing[1])]
    found = [
        ct_slice(
            k,
            pixels=np.zeros((SHAPE_IJK[1], SHAPE_IJK[0]), np.int16),
            position=matrix[:3, 3] + k * matrix[:3, 2],
            orientation=orientation,
            spacing=(spacing[1], spacing[0]),
            PatientBirthDate="",
            PatientSex="O",
            StudyDate="20200131",
            StudyTime="101112",
            StudyID="7",
            AccessionNumber="A1",
            ReferringPhysicianName="",
            StudyDescription="Phantom",
        )
        for k in range(SHAPE_IJK[2])
    ]
    return found[::-1]


def sources(affine: list[list[float]]) -> SourceImages:
    """The slices with their place on the grid."""
    found = headers(affine)
    by_k = tuple((str(header.SOPInstanceUID), None) for header in reversed(found))
    return SourceImages(tuple(found), by_k)
