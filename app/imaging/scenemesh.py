"""Surfaces for the screen: bounded before they are made, simplified, their largest piece; and as bytes.

The bytes of a mesh, little-endian: ``TPM3``, the numbers of vertices and of triangles and a zero as uint32,
the vertices as float32 (x, y, z in LPS mm), the triangles as uint32.
"""

import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.imaging.errors import N_, LimitExceeded
from app.imaging.scene import MOST_PER_AXIS, Detail
from app.imaging.segments import BoxMask, Grid
from app.imaging.surface import (
    Mesh,
    block_mean,
    crossings,
    empty_mesh,
    isosurface,
    pieces,
    reduced,
    surface_of,
)

MAGIC = b"TPM3"
_HEAD = struct.Struct("<4sIII")
MOST_CROSSED = 8_000_000
"""Edges of the grid that a surface may cross, each of which gives a vertex and about two triangles."""
TRIANGLES: dict[Detail, int] = {"coarse": 120_000, "fine": 400_000, "full": 1_500_000}
"""What simplification leaves: a screen shows no more, and a browser turns it smoothly."""
_MOST_REDUCTION = 0.95


def isosurface_mesh(
    array_kji: NDArray[Any], grid: Grid, level: float, detail: Detail, *, largest: bool = False
) -> Mesh:
    """The surface of all values from *level* up, in the patient.

    Raises
    ------
    LimitExceeded
        It would have too many triangles: noise, at a level that lies in it.
    """
    array_kji, grid = block_mean(array_kji, grid, MOST_PER_AXIS[detail])
    crossed = crossings(array_kji, level)
    if crossed > MOST_CROSSED:
        raise LimitExceeded(
            N_("The surface would have about %(found)s triangles; choose another level or less detail."),
            found=2 * crossed,
        )
    mesh = isosurface(array_kji, grid, level, most_per_axis=None)
    return _for_screen(largest_piece(mesh) if largest else mesh, detail)


def segment_mesh(mask: BoxMask, grid: Grid, detail: Detail) -> Mesh:
    """The closed surface of a segment, smoothed by about two voxels, in the patient.

    Raises
    ------
    LimitExceeded
        As :func:`isosurface_mesh`.
    """
    crossed = crossings(mask.voxels.view(np.uint8), 0.5)
    if crossed > MOST_CROSSED:
        raise LimitExceeded(
            N_("The surface would have about %(found)s triangles; choose another level or less detail."),
            found=2 * crossed,
        )
    smooth_mm = 2 * float(np.linalg.norm(grid.matrix[:3, :3], axis=0).max())
    return _for_screen(surface_of(mask, grid, smooth_mm=smooth_mm), detail)


def largest_piece(mesh: Mesh) -> Mesh:
    """Of the pieces of *mesh* that hang together, the one with the most triangles."""
    if not mesh.faces.size:
        return mesh
    piece_of = pieces(mesh)
    of_faces = piece_of[mesh.faces[:, 0]]
    kept = of_faces == np.bincount(of_faces).argmax()
    used = np.zeros(len(mesh.vertices_lps), np.bool_)
    used[mesh.faces[kept].ravel()] = True
    new_number = np.cumsum(used, dtype=np.int32) - 1
    return Mesh(mesh.vertices_lps[used], new_number[mesh.faces[kept]])


def mesh_bytes(mesh: Mesh) -> bytes:
    """*mesh* as the browser takes it."""
    head = _HEAD.pack(MAGIC, len(mesh.vertices_lps), len(mesh.faces), 0)
    return head + mesh.vertices_lps.astype("<f4").tobytes() + mesh.faces.astype("<u4").tobytes()


def mesh_from_bytes(stored: bytes) -> Mesh:
    """What :func:`mesh_bytes` wrote."""
    magic, vertices, faces, _zero = _HEAD.unpack_from(stored)
    if magic != MAGIC or len(stored) != _HEAD.size + 12 * (vertices + faces):
        raise ValueError("no mesh")
    if not faces:
        return empty_mesh()
    points = np.frombuffer(stored, "<f4", 3 * vertices, _HEAD.size).reshape(-1, 3)
    triangles = np.frombuffer(stored, "<u4", 3 * faces, _HEAD.size + 12 * vertices).reshape(-1, 3)
    return Mesh(points.astype(np.float32), triangles.astype(np.int32))


def _for_screen(mesh: Mesh, detail: Detail) -> Mesh:
    """Triangles of marching cubes are many and small: half of them go in any case."""
    count = len(mesh.faces)
    if not count:
        return mesh
    fraction = max(0.5 if detail != "full" else 0.0, 1 - TRIANGLES[detail] / count)
    return reduced(mesh, min(_MOST_REDUCTION, fraction))
