"""Where voxels lie in the patient.

World is DICOM patient space, LPS in mm: x grows to the patient's left, y to the back (posterior),
z to the head. An affine is 4×4 and maps (i, j, k) = (column, row, slice), voxel centres at
integers, to LPS mm. Arrays are indexed (k, j, i).

References
----------
PS3.3 C.7.6.2.1.1 (Image Position and Image Orientation).
"""

from collections.abc import Sequence
from itertools import permutations

import numpy as np
from numpy.typing import ArrayLike, NDArray

# Letters of patient directions, negative then positive, by LPS axis.
_LETTERS = (("R", "L"), ("A", "P"), ("F", "H"))
_LETTERS_AFFINE = (("R", "L"), ("A", "P"), ("I", "S"))
# A component below sin(6°) no longer helps to tell where a side points.
_LEAST_COMPONENT = 0.1


def affine_from_slices(
    orientation: Sequence[float],
    pixel_spacing_mm: Sequence[float],
    first_position_lps: Sequence[float],
    slice_step_lps: Sequence[float],
) -> NDArray[np.float64]:
    """The affine of a stack of parallel slices.

    Parameters
    ----------
    orientation : 6 floats
        Image Orientation (Patient): direction of increasing column index, then of row index.
    pixel_spacing_mm : 2 floats
        Pixel Spacing: distance between rows, then between columns.
    first_position_lps : 3 floats, mm
        Image Position (Patient) of slice k = 0.
    slice_step_lps : 3 floats, mm
        From one slice's first voxel to the next slice's.

    Returns
    -------
    (4, 4) float array, (i, j, k) → LPS mm
    """
    between_rows, between_columns = pixel_spacing_mm
    affine = np.eye(4)
    affine[:3, 0] = np.multiply(orientation[:3], between_columns)
    affine[:3, 1] = np.multiply(orientation[3:], between_rows)
    affine[:3, 2] = slice_step_lps
    affine[:3, 3] = first_position_lps
    return affine


def slice_normal(orientation: Sequence[float]) -> NDArray[np.float64]:
    """Row direction × column direction: the unit vector along which k increases, LPS."""
    normal: NDArray[np.float64] = np.cross(orientation[:3], orientation[3:])
    # Written with few digits, the directions may miss their right angle by half a degree.
    return normal / (float(np.linalg.norm(normal)) or 1.0)


def world_from_index(affine: ArrayLike, index_ijk: ArrayLike) -> NDArray[np.float64]:
    """LPS points in mm of the voxel indices *index_ijk*, shape (..., 3), fractions allowed."""
    matrix = np.asarray(affine, np.float64)
    return np.asarray(index_ijk, np.float64) @ matrix[:3, :3].T + matrix[:3, 3]


def index_from_world(affine: ArrayLike, point_lps: ArrayLike) -> NDArray[np.float64]:
    """Fractional (i, j, k) of the points *point_lps*, shape (..., 3), mm.

    Raises
    ------
    ValueError
        The affine has no inverse.
    """
    matrix = np.asarray(affine, np.float64)
    if abs(np.linalg.det(matrix[:3, :3])) < 1e-12:
        raise ValueError("the affine has no inverse")
    offset = np.asarray(point_lps, np.float64) - matrix[:3, 3]
    return offset @ np.linalg.inv(matrix[:3, :3]).T


def spacing_from_affine(affine: ArrayLike) -> tuple[float, float, float]:
    """Distance in mm between voxel centres along i, j and k."""
    i, j, k = (float(length) for length in np.linalg.norm(np.asarray(affine)[:3, :3], axis=0))
    return i, j, k


def patient_axes(affine: ArrayLike) -> tuple[int, int, int]:
    """The LPS axis (0, 1, 2) that each of i, j, k follows most closely, each axis used once."""
    columns = np.asarray(affine, np.float64)[:3, :3]
    lengths = np.linalg.norm(columns, axis=0)
    if not np.all(lengths > 0):
        raise ValueError("an axis of the affine has no length")
    cosines = np.abs(columns / lengths)

    def nearness(array_axis_of: tuple[int, ...]) -> float:
        # Rounded: at 45° pairings tie, and noise in the last digit must not decide.
        return round(float(sum(cosines[patient, axis] for patient, axis in enumerate(array_axis_of))), 9)

    # Two array axes may lean to one patient axis: the best pairing of all three decides.
    best = max(permutations(range(3)), key=nearness)
    return best.index(0), best.index(1), best.index(2)


def orientation_letters(affine: ArrayLike) -> str:
    """Where i, j and k increase to, as "LPS": one of L/R, P/A and S/I each."""
    columns = np.asarray(affine, np.float64)[:3, :3]
    axes = patient_axes(affine)
    return "".join(_LETTERS_AFFINE[axis][int(columns[axis, n] >= 0)] for n, axis in enumerate(axes))


def direction_label(vector_lps: ArrayLike) -> str:
    """The letters of a direction for a screen edge: "L", or "LPF" on an oblique, largest part first.

    Letters are R/L, A/P and F/H (PS3.3 C.7.6.1.1.1); parts below a tenth are left out.
    """
    vector = np.asarray(vector_lps, np.float64)
    length = float(np.linalg.norm(vector))
    if not length > 0:
        raise ValueError("a vector without length has no direction")
    parts = vector / length
    order = sorted(range(3), key=lambda axis: -abs(round(float(parts[axis]), 9)))
    return "".join(
        _LETTERS[axis][int(parts[axis] > 0)] for axis in order if abs(parts[axis]) >= _LEAST_COMPONENT
    )
