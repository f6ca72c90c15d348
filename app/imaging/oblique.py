"""Any plane through a volume, given in the patient: origin, two directions, size and spacing in LPS mm.

Pixel ``(x, y)`` of a plane has its centre at ``origin + x·spacing·row + y·spacing·column``. The result is
float32, which holds every int16 exactly: rounding is left to the window. How points between voxels and
outside the volume are valued stands in :mod:`app.imaging.lattice`; a plane through voxel centres at their
spacing gives the voxels.

References
----------
PS3.3 C.7.6.2.1.1 (position, row and column direction), C.11.6 (planar MPR, slab thickness).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from app.imaging import plainvectors as vectors
from app.imaging.errors import N_, ImagingError
from app.imaging.geometry import direction_label, spacing_from_affine
from app.imaging.lattice import Interpolation, Lattice, Projection, Sampled, sample_lattice
from app.imaging.slab import slab_steps

__all__ = ["Interpolation", "InvalidPlane", "ObliquePlane", "Projection", "extract_oblique"]

MAX_SIDE = 2048
"""Pixels along a side of a plane."""
MAX_SAMPLES = 1 << 29
"""Points of a slab: a plane of 512 × 512 with 2048 steps takes two cores some seconds."""
LEAST_SPACING_MM, MOST_SPACING_MM = 0.001, 1000.0
_FARTHEST_MM = 1e6
_UNIT_TOLERANCE = 1e-3

Point = tuple[float, float, float]


class InvalidPlane(ImagingError):
    """A plane that cannot be meant; ``field`` is "origin", "row", "col", "size", "spacing" or "slab_mm"."""

    code = "invalid_plane"

    def __init__(self, field: str, template: str, **values: object) -> None:
        super().__init__(template, field=field, **values)
        self.field = field


@dataclass(frozen=True)
class ObliquePlane:
    """A plane in the patient, checked.

    Attributes
    ----------
    origin_lps : 3 floats, mm
        Centre of the pixel at the top left.
    row_lps, column_lps : 3 floats
        Unit vectors in which screen x grows to the right and screen y downwards; perpendicular.
    size_px : 2 ints
        Width, height.
    spacing_mm : float
        Between pixel centres along both.

    Raises
    ------
    InvalidPlane
    """

    origin_lps: Point
    row_lps: Point
    column_lps: Point
    size_px: tuple[int, int]
    spacing_mm: float

    def __post_init__(self) -> None:
        if not all(abs(mm) <= _FARTHEST_MM for mm in self.origin_lps):
            raise InvalidPlane("origin", N_("%(field)s is no place in millimetres."))
        for field, direction in (("row", self.row_lps), ("col", self.column_lps)):
            length = math.hypot(*direction)
            if not abs(length - 1) <= _UNIT_TOLERANCE:
                template = N_("%(field)s has the length %(length)s; a direction of length 1 is wanted.")
                raise InvalidPlane(field, template, length=f"{length:.4g}")
        cosine = sum(a * b for a, b in zip(self.row_lps, self.column_lps, strict=True))
        if abs(cosine) > _UNIT_TOLERANCE:
            degrees = math.degrees(math.acos(max(-1.0, min(1.0, cosine))))
            template = N_("%(field)s stands at %(degrees)s° to row; 90° is wanted.")
            raise InvalidPlane("col", template, degrees=f"{degrees:.2f}")
        if not all(1 <= side <= MAX_SIDE for side in self.size_px):
            template = N_("%(field)s is %(width)s × %(height)s; sides of 1 to %(most)s pixels are wanted.")
            width, height = self.size_px
            raise InvalidPlane("size", template, width=f"{width:g}", height=f"{height:g}", most=MAX_SIDE)
        if not LEAST_SPACING_MM <= self.spacing_mm <= MOST_SPACING_MM:
            template = N_("%(field)s is %(found)s mm; %(least)s to %(most)s mm are wanted.")
            span = {"least": LEAST_SPACING_MM, "most": f"{MOST_SPACING_MM:g}"}
            raise InvalidPlane("spacing", template, found=f"{self.spacing_mm:g}", **span)

    @property
    def letters(self) -> dict[str, str]:
        """The patient's directions at the four edges."""
        right, down = np.array(self.row_lps), np.array(self.column_lps)
        return {
            "left": direction_label(-right),
            "right": direction_label(right),
            "top": direction_label(-down),
            "bottom": direction_label(down),
        }


def extract_oblique(
    array: NDArray[np.generic],
    affine: ArrayLike,
    plane: ObliquePlane,
    *,
    interpolation: Interpolation = "trilinear",
    fill: float = math.nan,
    slab_mm: float = 0.0,
    projection: Projection = "mip",
) -> Sampled:
    """*plane* of a volume, or with *slab_mm* the projection of a slab around it.

    Parameters
    ----------
    array : (k, j, i) array
    affine : (4, 4) float array, (i, j, k) → LPS mm
    plane : ObliquePlane
    interpolation : {"trilinear", "nearest"}
    fill : float
        The value of pixels outside the volume; NaN is shown black.
    slab_mm : float
        Thickness, half of it to each side; sampled in steps of at most half of the least voxel spacing.
    projection : {"mip", "minip", "mean"}
        Of the samples inside the volume; without a slab it changes nothing.

    Returns
    -------
    Sampled : values (height, width) float32, inside (height, width) bool

    Raises
    ------
    InvalidPlane
        The slab is thicker than the volume's diagonal, or of more than :data:`MAX_SAMPLES` points.
    """
    lattice = _lattice(array.shape, np.asarray(affine, np.float64), plane, slab_mm)
    return sample_lattice(array, lattice, interpolation, projection, fill)


def diagonal_mm(shape: tuple[int, ...], affine: ArrayLike) -> float:
    """The longest way through a volume of *shape* (k, j, i), from one corner to another."""
    matrix = np.asarray(affine, np.float64)[:3, :3]
    signs = ((1, 1, 1), (1, 1, -1), (1, -1, 1), (-1, 1, 1))
    return max(float(np.linalg.norm(matrix @ np.multiply(sign, shape[::-1]))) for sign in signs)


def _lattice(
    shape: tuple[int, ...], affine: NDArray[np.float64], plane: ObliquePlane, slab_mm: float
) -> Lattice:
    """The points of *plane*, and those before and behind it, as indices of a volume of *shape* (k, j, i)."""
    # In plain arithmetic, step by step as in static/js/lib/planelattice.js: what BLAS makes of the same
    # products differs in the last digit, and then a pixel here and there between server and browser.
    row, column = vectors.unit(plane.row_lps), vectors.unit(plane.column_lps)
    steps, step_mm = _steps(shape, affine, plane, slab_mm)
    normal = vectors.cross(row, column)
    normal = vectors.scaled(normal, step_mm / vectors.length(normal))
    first_lps = vectors.added(plane.origin_lps, normal, -((steps - 1) // 2))
    to_lps: list[list[float]] = affine[:3].tolist()
    to_index = vectors.inverse(to_lps)
    corner, right, down, through = (
        np.array(vectors.product(to_index, step_lps))
        for step_lps in (
            vectors.added(first_lps, [numbers[3] for numbers in to_lps], -1),
            vectors.scaled(row, plane.spacing_mm),
            vectors.scaled(column, plane.spacing_mm),
            normal,
        )
    )
    width, height = plane.size_px
    return Lattice(corner, right, down, through, (height, width), steps)


def _steps(
    shape: tuple[int, ...], affine: NDArray[np.float64], plane: ObliquePlane, slab_mm: float
) -> tuple[int, float]:
    most = diagonal_mm(shape, affine)
    if not 0 <= slab_mm <= most:
        template = N_("%(field)s is %(found)s; 0 to %(most)s mm are wanted, the diagonal of the volume.")
        raise InvalidPlane("slab_mm", template, found=f"{slab_mm:g}", most=f"{most:.0f}")
    steps, step_mm = slab_steps(slab_mm, min(spacing_from_affine(affine)))
    width, height = plane.size_px
    if steps * width * height > MAX_SAMPLES:
        template = N_(
            "A slab of %(found)s mm has too many samples at this size; ask for fewer pixels or less."
        )
        raise InvalidPlane("slab_mm", template, found=f"{slab_mm:g}")
    return steps, step_mm
