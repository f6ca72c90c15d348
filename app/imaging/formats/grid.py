"""The grid of a file's header as an affine to LPS mm, refused where it cannot be meant."""

import math
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.imaging.errors import N_, InvalidElement, Message, UnsupportedData

LEAST_SPACING_MM, MOST_SPACING_MM = 1e-4, 1e3
_MOST_ORIGIN_MM = 1e6
# Cosine between two axes: rounding of the header, then what is told, then what is refused.
_PERPENDICULAR, _NEARLY_PERPENDICULAR = 1e-3, 1e-2
_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])

PLACE_UNKNOWN = N_(
    "The file does not say how the image lies in the patient: left and right, head and feet and the "
    "position are assumed and may be wrong."
)
POSITION_UNKNOWN = N_(
    "The file says how the image is turned but not where it lies: its middle is put at 0, 0, 0."
)
UNIT_UNKNOWN = N_("The file does not say its unit of length: millimetres are assumed.")
SPACING_UNKNOWN = N_("The file does not say how large a voxel is: nothing can be measured in millimetres.")


def lps_from_ras(affine_ras: NDArray[np.float64]) -> NDArray[np.float64]:
    """The (4, 4) affine to LPS of one to RAS: x and y change sign."""
    return np.asarray(_RAS @ affine_ras, np.float64)


def check_grid(affine: NDArray[np.float64]) -> tuple[Message, ...]:
    """Warnings on a (4, 4) affine to mm.

    Raises
    ------
    InvalidElement
        A number that is none, a spacing or a position that no image has.
    UnsupportedData
        Axes that are not perpendicular: sheared, as after an affine registration or with a tilted gantry.
    """
    check_numbers(affine)
    steps = affine[:3, :3]
    lengths = np.linalg.norm(steps, axis=0)
    cosines = steps / lengths
    worst = max(abs(float(cosines[:, a] @ cosines[:, b])) for a, b in combinations(range(3), 2))
    angle = f"{math.degrees(math.acos(min(worst, 1.0))):.1f}"
    if worst > _NEARLY_PERPENDICULAR:
        raise UnsupportedData(
            N_(
                "The axes of the volume meet at %(angle)s° and not at right angles: it would be shown "
                "distorted. Resample it to a straight grid and upload that."
            ),
            angle=angle,
        )
    if worst > _PERPENDICULAR:
        template = N_("The axes of the volume meet at %(angle)s°; it is shown as if at right angles.")
        return (Message(template, {"angle": angle}),)
    return ()


def check_numbers(affine: NDArray[np.float64]) -> None:
    """Refuse spacings and positions that no image has; axes may meet at any angle.

    Raises
    ------
    InvalidElement
    """
    if not np.all(np.isfinite(affine)):
        raise InvalidElement(N_("The position of the volume holds values that are no numbers."))
    with np.errstate(over="ignore"):
        lengths = np.linalg.norm(affine[:3, :3], axis=0)
    for length in lengths:
        check_spacing(float(length))
    farthest = float(np.max(np.abs(affine[:3, 3])))
    if farthest > _MOST_ORIGIN_MM:
        raise InvalidElement(
            N_("The first voxel lies %(found)s mm away from the origin, which cannot be meant."),
            found=f"{farthest:.3g}",
        )


def check_spacing(length_mm: float) -> None:
    """Refuse a distance between voxels that no image has.

    Raises
    ------
    InvalidElement
        It is 0, no number, or far from anything that is imaged.
    """
    if not LEAST_SPACING_MM <= length_mm <= MOST_SPACING_MM:
        raise InvalidElement(
            N_("A voxel of %(found)s mm cannot be meant; between %(least)s and %(most)s mm are read."),
            found=f"{length_mm:.3g}",
            least=f"{LEAST_SPACING_MM:g}",
            most=f"{MOST_SPACING_MM:g}",
        )


def as_rows(affine: NDArray[np.float64]) -> tuple[tuple[float, ...], ...]:
    """The affine as rows of floats, -0.0 as 0.0."""
    return tuple(tuple(float(value) + 0.0 for value in row) for row in affine)


def spacing_of(affine: NDArray[Any]) -> tuple[float, float, float]:
    """Distances between voxels along i, j, k, rounded as in other volumes."""
    i, j, k = (round(float(length), 9) for length in np.linalg.norm(affine[:3, :3], axis=0))
    return i, j, k
