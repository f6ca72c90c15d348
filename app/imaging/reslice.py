"""Axial, coronal and sagittal planes of a volume: which array axis, which way round, which letters.

Conventions shared by everything here:

* ``array`` is indexed ``(k, j, i)``; ``affine`` maps ``(i, j, k)`` to LPS mm.
* Radiological display: the patient's right is on screen left; axial is seen from the feet with anterior on
  top, coronal from the front with the head on top, sagittal from the patient's left with anterior on
  screen left.
* A plane is a slice along one array axis, never interpolated: each plane name goes to the array axis nearest
  to its normal, and the letters at the edges come from the direction cosines, so an oblique stack says so.
* Screen pixel ``(x, y)`` counts from the top left, pixel centres at integers; ``index`` is the array index
  along the plane's own axis, not flipped.
"""

from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from app.imaging.errors import N_, ImagingError
from app.imaging.geometry import direction_label, patient_axes

PlaneName = Literal["axial", "coronal", "sagittal"]
PLANES: tuple[PlaneName, ...] = get_args(PlaneName)

OBLIQUE_DEGREES = 1.0
"""Deviation from the patient's axes above which a plane is called oblique."""

# For each plane: the patient axis (0 = L, 1 = P, 2 = S) along screen x, along screen y and along the normal,
# and the sense in which screen x (to the right) and screen y (downwards) run along it.
_DISPLAY: dict[PlaneName, tuple[tuple[int, int, int], tuple[int, int]]] = {
    "axial": ((0, 1, 2), (+1, +1)),
    "coronal": ((0, 2, 1), (+1, -1)),
    "sagittal": ((1, 2, 0), (+1, -1)),
}

Matrix34 = tuple[tuple[float, float, float, float], ...]


@dataclass(frozen=True)
class PlaneGeometry:
    """How one plane is cut from a volume and laid on the screen.

    Attributes
    ----------
    count, width, height : int
        Number of planes, and pixels of each.
    spacing_x_mm, spacing_y_mm : float
        Distance of pixel centres along the screen's axes.
    letters : dict
        ``left``, ``right``, ``top`` and ``bottom``: the patient's direction at that edge.
    to_ijk : 3×4 nested tuple
        ``(i, j, k) = M · (x, y, index, 1)``.
    from_ijk : 3×4 nested tuple
        ``(x, y, index) = M · (i, j, k, 1)``.
    axes_ijk : tuple of int
        Array axis (0 = i, 1 = j, 2 = k) of screen x, of screen y and of the index.
    flips : tuple of bool
        Whether screen x and screen y run against their array axes.
    tilt_degrees : float
        Largest angle between one of the three axes and the patient axis that it stands for.
    oblique : bool
        Whether that angle is above :data:`OBLIQUE_DEGREES`.
    is_acquired : bool
        Whether the plane is the one that the scanner acquired (its index runs along ``k``).
    """

    plane: PlaneName
    count: int
    width: int
    height: int
    spacing_x_mm: float
    spacing_y_mm: float
    letters: dict[str, str]
    to_ijk: Matrix34
    from_ijk: Matrix34
    axes_ijk: tuple[int, int, int]
    flips: tuple[bool, bool]
    tilt_degrees: float
    oblique: bool
    is_acquired: bool

    def as_json(self) -> dict[str, Any]:
        """The same names and values in types that JSON has."""
        stored = asdict(self)
        stored["to_ijk"] = [list(row) for row in self.to_ijk]
        stored["from_ijk"] = [list(row) for row in self.from_ijk]
        stored["axes_ijk"] = list(self.axes_ijk)
        stored["flips"] = list(self.flips)
        return stored


def plane_geometry(
    shape_ijk: tuple[int, int, int], affine: NDArray[np.float64], plane: PlaneName
) -> PlaneGeometry:
    """The array axes, sense, spacing and letters with which *plane* of a volume is shown.

    Parameters
    ----------
    shape_ijk : tuple of int
        Columns, rows and slices of the volume.
    affine : (4, 4) float array, (i, j, k) → LPS mm
    plane : {"axial", "coronal", "sagittal"}

    References
    ----------
    PS3.3 C.7.6.2.1.1 (direction cosines); radiological display as stated in the module.
    """
    steps_mm = np.asarray(affine, np.float64)[:3, :3]
    spacing_mm: NDArray[np.float64] = np.linalg.norm(steps_mm, axis=0)
    cosines = steps_mm / spacing_mm
    # One axis each, so no plane is shown twice. Together with the flips this never mirrors an image: the
    # flipped cosines have a trace above 1 (the best of the pairings), and an orthogonal matrix that
    # mirrors has a trace of at most 1.
    patient_axis_of = patient_axes(affine)
    array_axis_of = (patient_axis_of.index(0), patient_axis_of.index(1), patient_axis_of.index(2))
    shown_axes, senses = _DISPLAY[plane]
    axis_x, axis_y, axis_index = (array_axis_of[patient] for patient in shown_axes)
    flip_x, flip_y = (
        bool(cosines[patient, axis] * sense < 0)
        for patient, axis, sense in zip(shown_axes[:2], (axis_x, axis_y), senses, strict=True)
    )
    tilt = _largest_tilt(cosines, array_axis_of)
    to_ijk = _screen_to_array(shape_ijk, (axis_x, axis_y, axis_index), (flip_x, flip_y))
    return PlaneGeometry(
        plane=plane,
        count=int(shape_ijk[axis_index]),
        width=int(shape_ijk[axis_x]),
        height=int(shape_ijk[axis_y]),
        spacing_x_mm=float(spacing_mm[axis_x]),
        spacing_y_mm=float(spacing_mm[axis_y]),
        letters=_edge_letters(
            cosines[:, axis_x] * (-1 if flip_x else 1), cosines[:, axis_y] * (-1 if flip_y else 1)
        ),
        to_ijk=_as_rows(to_ijk),
        from_ijk=_as_rows(np.linalg.inv(to_ijk)),
        axes_ijk=(axis_x, axis_y, axis_index),
        flips=(flip_x, flip_y),
        tilt_degrees=round(tilt, 3),
        oblique=tilt > OBLIQUE_DEGREES,
        is_acquired=axis_index == 2,
    )


def extract_plane(array: NDArray[Any], geometry: PlaneGeometry, index: int) -> NDArray[Any]:
    """One plane as it stands on the screen, a strided view into *array*: nothing is copied.

    Parameters
    ----------
    array : (k, j, i) or (k, j, i, samples) array
    geometry : PlaneGeometry
        Made by :func:`plane_geometry` for the shape of *array*.
    index : int
        Array index along the plane's own axis, from 0.

    Returns
    -------
    (height, width) or (height, width, samples) view; row 0 is the top of the screen.

    Raises
    ------
    ImagingError
        When the volume has no such plane.
    """
    if not 0 <= index < geometry.count:
        raise ImagingError(
            N_("Slice %(index)s does not exist: this plane has slices 0 to %(last)s."),
            index=index,
            last=geometry.count - 1,
        )
    axis_x, axis_y, axis_index = geometry.axes_ijk
    cut: list[Any] = [slice(None)] * 3
    cut[2 - axis_index] = index  # array axes run k, j, i
    view: NDArray[Any] = array[tuple(cut)]
    if axis_x > axis_y:  # the axis with the higher number in (i, j, k) comes first in the array
        view = view.swapaxes(0, 1)
    flip_x, flip_y = geometry.flips
    return view[:: -1 if flip_y else 1, :: -1 if flip_x else 1]


def _largest_tilt(cosines: NDArray[np.float64], array_axis_of: tuple[int, int, int]) -> float:
    """Largest angle in degrees between an array axis and the patient axis that it stands for."""
    along = [abs(cosines[patient, axis]) for patient, axis in enumerate(array_axis_of)]
    return float(np.degrees(np.arccos(np.clip(min(along), 0.0, 1.0))))


def _screen_to_array(
    shape_ijk: tuple[int, int, int], axes: tuple[int, int, int], flips: tuple[bool, bool]
) -> NDArray[np.float64]:
    """(4, 4) matrix (x, y, index, 1) → (i, j, k, 1)."""
    matrix = np.zeros((4, 4))
    matrix[3, 3] = 1
    for column, (axis, flip) in enumerate(zip(axes, (*flips, False), strict=True)):
        matrix[axis, column] = -1 if flip else 1
        matrix[axis, 3] = shape_ijk[axis] - 1 if flip else 0
    return matrix


def _edge_letters(right_lps: NDArray[np.float64], down_lps: NDArray[np.float64]) -> dict[str, str]:
    """The letters at the four edges for the directions in which screen x and screen y run."""
    return {
        "left": direction_label(-right_lps),
        "right": direction_label(right_lps),
        "top": direction_label(-down_lps),
        "bottom": direction_label(down_lps),
    }


def _as_rows(matrix: NDArray[Any]) -> Matrix34:
    """The upper three rows of a (4, 4) matrix as plain numbers; adding 0.0 turns −0 into 0."""
    return tuple(
        (float(a + 0.0), float(b + 0.0), float(c + 0.0), float(d + 0.0)) for a, b, c, d in matrix[:3]
    )
