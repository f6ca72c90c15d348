"""Surfaces: the border of a mask, or of all values from a level up, as triangles in LPS mm.

Contours are flying edges (the cases of Lorensen and Cline, each ambiguity settled the same way), which join
without gaps. Arrays are padded by one voxel first, so that what touches the border of its grid is closed as
well. Triangles turn counter-clockwise seen from outside, whichever way the axes of the grid run. The surface
of a mask lies half-way between the centres of the last voxel inside and the first outside.

References
----------
Lorensen and Cline, Marching cubes (1987); Schroeder, Flying edges (2015); Taubin, Optimal surface smoothing
as filter design (1996), as windowed sinc; Garland and Heckbert, Quadric error metrics (1997).
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.imaging.errors import N_, LimitExceeded
from app.imaging.geometry import world_from_index
from app.imaging.segments import BoxMask, Grid

MOST_VERTICES = 8_000_000
"""Some 400 MB while a surface is made; lungs at full resolution have two million."""
_TOO_RUGGED = N_("The surface would have about %(found)s triangles; at most %(limit)s are made.")
_SMOOTHINGS = 30  # terms of the filter: fewer let waves through that should go
_LEAST_PASS, _MOST_PASS = 0.001, 1.9
_BESIDE_INTEGERS = 1 / 256
"""A level moves down by this among whole numbers: triangles of voxels that equal it would have no area."""
_LEAST_VOLUME = 0.7  # of a piece, after smoothing: a voxel of 1 mm keeps 0.98
_LEAST_FACES = 64  # below, reduction has nothing to win and small islands to lose


@dataclass(frozen=True)
class Mesh:
    """Triangles in the patient.

    Attributes
    ----------
    vertices_lps : (N, 3) float32 array, mm
    faces : (M, 3) int32 array
        Three vertices each, counter-clockwise seen from outside.
    """

    vertices_lps: NDArray[np.float32]
    faces: NDArray[np.int32]

    @property
    def is_closed(self) -> bool:
        """Whether each edge has just two triangles, which run along it in opposite directions."""
        if not self.faces.size:
            return False
        first = self.faces.astype(np.int64)
        ends = np.stack((first, np.roll(first, -1, axis=1)), axis=-1).reshape(-1, 2)
        count = len(self.vertices_lps)
        there = np.sort(ends[:, 0] * count + ends[:, 1])
        back = np.sort(ends[:, 1] * count + ends[:, 0])
        return bool(np.array_equal(there, back) and np.all(np.diff(there) > 0))

    @property
    def volume_mm3(self) -> float:
        """What a closed mesh encloses; negative when its triangles face inwards."""
        return float(self.volumes_mm3().sum())

    def volumes_mm3(self) -> NDArray[np.float64]:
        """What each triangle adds to the volume, (M,)."""
        a, b, c = self._corners()
        return np.asarray(np.einsum("ij,ij->i", a, np.cross(b, c)) / 6, np.float64)

    @property
    def area_mm2(self) -> float:
        """The sum of the triangles' areas."""
        a, b, c = self._corners()
        return float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2)

    def _corners(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        if not self.faces.size:
            return (np.zeros((0, 3)),) * 3
        # From a vertex, not from the far origin of the patient, so that little cancels.
        points = self.vertices_lps.astype(np.float64) - self.vertices_lps[0]
        return points[self.faces[:, 0]], points[self.faces[:, 1]], points[self.faces[:, 2]]


def empty_mesh() -> Mesh:
    """The surface of nothing."""
    return Mesh(np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32))


def surface_of(mask: BoxMask, grid: Grid, *, smooth_mm: float = 0, reduce: float = 0) -> Mesh:
    """The closed surface of *mask* on *grid*.

    Parameters
    ----------
    smooth_mm : float
        Undulations of a wavelength below this are flattened; volume is kept. 0 leaves voxels as they are.
    reduce : float
        0…1, the part of the triangles to leave out. Reducing needs a smooth surface: where *smooth_mm* is 0
        waves of two voxels are flattened first.

    Returns
    -------
    Mesh
        Empty for an empty mask. Not reduced where reducing would open it.

    Raises
    ------
    LimitExceeded
        The mask is so rugged that its surface would have more than :data:`MOST_VERTICES`.
    """
    padded = np.pad(mask.voxels.view(np.uint8), 1)
    corner = np.array(mask.origin_ijk, np.float64) - 1
    mesh = _placed(*contour_voxels(padded, 0.5), corner, grid)
    if reduce and not smooth_mm:
        smooth_mm = 2 * float(np.linalg.norm(grid.matrix[:3, :3], axis=0).max())
    if smooth_mm:
        mesh = smoothed(mesh, smooth_mm)
    fewer = reduced(mesh, reduce)
    return fewer if fewer.is_closed else mesh


def isosurface(
    array_kji: NDArray[Any],
    grid: Grid,
    level: float,
    *,
    most_per_axis: int | None = 256,
    smooth_mm: float = 0,
    reduce: float = 0,
) -> Mesh:
    """The surface between values below *level* and those from it up, closed at the ends of the grid.

    Parameters
    ----------
    array_kji : (k, j, i) array of any real type
        What is not finite counts as lowest.
    most_per_axis : int or None
        Blocks of voxels are averaged until no axis has more than this; None keeps all.
    smooth_mm, reduce : float
        As in :func:`surface_of`; here nothing is smoothed of itself, and a few edges of the reduced surface
        may belong to more than two triangles.

    Raises
    ------
    LimitExceeded
        The level lies in noise: more than :data:`MOST_VERTICES`.
    """
    if most_per_axis is not None:
        array_kji, grid = block_mean(array_kji, grid, most_per_axis)
    finite, outside = _finite(array_kji, level)
    if finite.dtype.kind in "iub" and float(level).is_integer():
        level -= _BESIDE_INTEGERS
    padded = np.pad(finite, 1, constant_values=outside)
    mesh = _placed(*contour_voxels(padded, level), np.full(3, -1.0), grid)
    if smooth_mm:
        mesh = smoothed(mesh, smooth_mm)
    return reduced(mesh, reduce)


def block_mean(array_kji: NDArray[Any], grid: Grid, most_per_axis: int) -> tuple[NDArray[Any], Grid]:
    """*array_kji* in means of blocks so that no axis exceeds *most_per_axis*, and the grid of the blocks.

    The same array comes back where nothing is to be done, else float32. Blocks over the end are filled
    by repeating the last voxel.
    """
    if most_per_axis < 1:
        raise ValueError("an axis keeps at least one voxel")
    fk, fj, fi = (math.ceil(size / most_per_axis) for size in array_kji.shape)
    if fk == fj == fi == 1:
        return array_kji, grid
    nk, nj, ni = (math.ceil(n / f) for n, f in zip(array_kji.shape, (fk, fj, fi), strict=True))
    rows = np.minimum(np.arange(nj * fj), array_kji.shape[1] - 1)
    columns = np.minimum(np.arange(ni * fi), array_kji.shape[2] - 1)
    reaches_end = (len(rows), len(columns)) == array_kji.shape[1:]
    means = np.empty((nk, nj, ni), np.float32)
    for k in range(nk):
        # A slice at a time: sums of whole slices take a third of the time of a mean over three axes.
        total = np.zeros(array_kji.shape[1:], np.float32)
        for n in range(k * fk, (k + 1) * fk):
            total += array_kji[min(n, array_kji.shape[0] - 1)]
        whole = total if reaches_end else total[rows][:, columns]
        down = np.add.reduceat(whole, np.arange(0, len(rows), fj), axis=0)
        means[k] = np.add.reduceat(down, np.arange(0, len(columns), fi), axis=1)
    means /= fk * fj * fi
    step = np.diag((fi, fj, fk, 1.0))
    step[:3, 3] = [(f - 1) / 2 for f in (fi, fj, fk)]
    return means, Grid.of((ni, nj, nk), grid.matrix @ step, grid.frame_of_reference_uid)


def crossings(array_kji: NDArray[Any], level: float) -> int:
    """How many edges between neighbouring voxels the surface at *level* crosses; borders not counted."""
    total = 0
    before: NDArray[np.bool_] | None = None
    for plane in array_kji:
        inside = np.asarray(plane) >= level
        total += int(np.count_nonzero(inside[1:] != inside[:-1]))
        total += int(np.count_nonzero(inside[:, 1:] != inside[:, :-1]))
        if before is not None:
            total += int(np.count_nonzero(inside != before))
        before = inside
    return total


def smoothed(mesh: Mesh, wavelength_mm: float) -> Mesh:
    """*mesh* without undulations shorter than about *wavelength_mm*; vertices move, triangles stay.

    Pieces as small as the undulations would shrink to points: those that lose much of their volume stay as
    they are.
    """
    if not mesh.faces.size or wavelength_mm <= 0:
        return mesh
    from vtkmodules.vtkFiltersCore import vtkWindowedSincPolyDataFilter

    edge_mm = float(np.sqrt(mesh.area_mm2 / len(mesh.faces) * 4 / math.sqrt(3)))
    # On a net of equilateral triangles a wave along an edge is an eigenvector of the umbrella operator.
    turn = min(math.pi, 2 * math.pi * edge_mm / wavelength_mm)
    eigenvalue = 1 - (math.cos(turn) + 2 * math.cos(turn / 2)) / 3
    sinc = vtkWindowedSincPolyDataFilter()
    sinc.SetInputData(_poly_data(mesh))
    sinc.SetNumberOfIterations(_SMOOTHINGS)
    sinc.SetPassBand(min(_MOST_PASS, max(_LEAST_PASS, eigenvalue)))
    sinc.BoundarySmoothingOff()
    sinc.FeatureEdgeSmoothingOff()
    sinc.NonManifoldSmoothingOn()
    sinc.NormalizeCoordinatesOn()
    sinc.Update()
    vertices, _faces = _arrays(sinc.GetOutput())
    return _with_small_pieces(Mesh(vertices, mesh.faces), mesh)


def _with_small_pieces(soft: Mesh, mesh: Mesh) -> Mesh:
    """*soft* with those pieces of *mesh* that have too little volume left in it."""
    piece_of = pieces(mesh)
    of_faces = piece_of[mesh.faces[:, 0]]
    before, after = (np.bincount(of_faces, one.volumes_mm3()) for one in (mesh, soft))
    is_lost = np.abs(after) < _LEAST_VOLUME * np.abs(before)
    if not is_lost.any():
        return soft
    return Mesh(np.where(is_lost[piece_of][:, None], mesh.vertices_lps, soft.vertices_lps), mesh.faces)


def pieces(mesh: Mesh) -> NDArray[np.int32]:
    """(N,) the piece, from 0, that each vertex hangs together with."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    count = len(mesh.vertices_lps)
    first, second = mesh.faces[:, (0, 1)].ravel(), mesh.faces[:, (1, 2)].ravel()
    edges = coo_array((np.ones(first.size, np.bool_), (first, second)), shape=(count, count))
    _count, piece_of = connected_components(edges, directed=False)
    return np.asarray(piece_of, np.int32)


def reduced(mesh: Mesh, fraction: float) -> Mesh:
    """*mesh* without *fraction* of its triangles, where its shape allows; small meshes stay as they are."""
    if not 0 <= fraction < 1:
        raise ValueError("the part to leave out lies from 0 to 1")
    if fraction == 0 or len(mesh.faces) <= _LEAST_FACES:
        return mesh
    import fast_simplification

    # Quadrics are sums of squares: near zero float32 holds them, far from it it does not.
    middle = mesh.vertices_lps.mean(axis=0, dtype=np.float64)
    near = (mesh.vertices_lps - middle).astype(np.float32)
    vertices, faces = fast_simplification.simplify(near, mesh.faces, fraction)[:2]
    return Mesh((vertices + middle).astype(np.float32), np.ascontiguousarray(faces, np.int32))


def _finite(array_kji: NDArray[Any], level: float) -> tuple[NDArray[Any], Any]:
    """*array_kji* without gaps, and a value for what lies around it, below *level*."""
    if array_kji.dtype.kind in "iub":
        if array_kji.dtype.kind == "b":
            array_kji = array_kji.view(np.uint8)
        outside = min(int(array_kji.min()), math.ceil(level) - 1)
        if outside < np.iinfo(array_kji.dtype).min:  # all values are inside: the outside needs one more
            array_kji = array_kji.astype(np.float64)
        return array_kji, outside
    is_finite = np.isfinite(array_kji)
    lowest = float(array_kji.min(where=is_finite, initial=math.inf))
    lowest = min(lowest, level - 1)
    return np.where(is_finite, array_kji, lowest).astype(np.float32), lowest


def contour_voxels(padded_kji: NDArray[Any], level: float) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Vertices (i, j, k), (N, 3), and triangles (M, 3) between what is below *level* and the rest.

    Counter-clockwise seen from outside where the axes are right-handed; open where the inside reaches the
    border of the array.
    """
    from vtkmodules.util.numpy_support import numpy_to_vtk
    from vtkmodules.vtkCommonDataModel import vtkImageData
    from vtkmodules.vtkFiltersCore import vtkFlyingEdges3D

    # Each crossed edge is a vertex, with two triangles on the whole.
    crossed = crossings(padded_kji, level)
    if crossed > MOST_VERTICES:
        raise LimitExceeded(_TOO_RUGGED, found=2 * crossed, limit=2 * MOST_VERTICES)
    image = vtkImageData()
    k, j, i = padded_kji.shape
    image.SetDimensions(i, j, k)
    flat = np.ascontiguousarray(padded_kji).reshape(-1)
    image.GetPointData().SetScalars(numpy_to_vtk(flat))  # type: ignore[no-untyped-call]
    edges = vtkFlyingEdges3D()
    edges.SetInputData(image)
    edges.SetValue(0, level)
    edges.ComputeNormalsOff()
    edges.ComputeGradientsOff()
    edges.ComputeScalarsOff()
    edges.Update()
    return _arrays(edges.GetOutput())


def _placed(
    vertices_ijk: NDArray[np.float32], faces: NDArray[np.int32], corner_ijk: NDArray[np.float64], grid: Grid
) -> Mesh:
    """A contour of an array whose first voxel is *corner_ijk* of *grid*, in the patient."""
    vertices = world_from_index(grid.matrix, vertices_ijk + corner_ijk).astype(np.float32)
    if np.linalg.det(grid.matrix[:3, :3]) < 0:  # a mirror turns every triangle inside out
        faces = np.ascontiguousarray(faces[:, ::-1])
    return Mesh(vertices, faces)


def _poly_data(mesh: Mesh) -> Any:
    from vtkmodules.util.numpy_support import numpy_to_vtk, numpy_to_vtkIdTypeArray
    from vtkmodules.vtkCommonCore import vtkPoints
    from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkPolyData

    points = vtkPoints()
    points.SetData(numpy_to_vtk(mesh.vertices_lps, deep=1))  # type: ignore[no-untyped-call]
    cells = vtkCellArray()
    flat = mesh.faces.reshape(-1).astype(np.int64)
    cells.SetData(3, numpy_to_vtkIdTypeArray(flat, deep=1))  # type: ignore[no-untyped-call]
    data = vtkPolyData()
    data.SetPoints(points)
    data.SetPolys(cells)
    return data


def _arrays(data: Any) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Copies of points and triangles: VTK frees its own."""
    from vtkmodules.util.numpy_support import vtk_to_numpy

    if not data.GetNumberOfCells():
        mesh = empty_mesh()
        return mesh.vertices_lps, mesh.faces
    points = np.array(vtk_to_numpy(data.GetPoints().GetData()), np.float32)  # type: ignore[no-untyped-call]
    flat = vtk_to_numpy(data.GetPolys().GetConnectivityArray())  # type: ignore[no-untyped-call]
    return points, np.ascontiguousarray(flat.reshape(-1, 3), np.int32)
