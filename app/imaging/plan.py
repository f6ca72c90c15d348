"""Whether images make one regular grid, which, and if not why.

Slices are sorted by position along the normal; Instance Number has no say. What a tilted gantry sheared
or uneven spacing distorted is planned to be resampled, with a warning; what cannot be made right honestly
is refused with numbers (docs/geometry.md has the thresholds).

References
----------
PS3.3 C.7.6.2.1.1.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
from numpy.typing import NDArray

from app.imaging.errors import N_, LimitExceeded, Message, NotAVolume
from app.imaging.geometry import affine_from_slices, index_from_world, slice_normal
from app.imaging.limits import DEFAULT_LIMITS, ReadLimits
from app.imaging.plancheck import check_images
from app.imaging.resampling import Resampling, resampling_of, resampling_warnings
from app.imaging.sliceheader import SliceHeader
from app.imaging.stackline import LINE_TOLERANCE, StackLine, stack_line

# Nearer than this two slices lie at one place.
SAME_PLACE_MM = 0.01
# No patient is sliced so coarsely: as of a pixel's size, beyond this a number is broken.
MAX_STEP_MM = 1000.0
# Gantries tilt by 30° at most; slices sheared further were never meant as one block.
MAX_TILT_DEGREES = 45.0
# Between slices further apart than this many usual distances nothing can be said.
MAX_GAP = 4.0
# Distances that change more often than this share of them, and more than twice, follow no plan: the slices
# of several volumes, moved with the head between them, look like that.
MAX_UNEVEN = 0.25
# Slices further apart than this many thicknesses are samples of the patient, with nothing known between.
SPARSE = 2.0
_MOST_REMARKS = 8

_SPARSE = N_(
    "The slices are %(thickness)s mm thick and %(usual)s mm apart: what lies between them was not "
    "imaged, and other planes and 3D fill it in."
)

# Frames that a segmentation leaves out are empty (PS3.3 A.51), and half of a segment is none.
_NO_MIXTURE = N_("A segmentation with frames left out, or sheared, is not interpolated.")


@dataclass(frozen=True)
class VolumePlan:
    """The grid that a stack makes.

    Attributes
    ----------
    slices : headers in order along the normal
        One for each k, unless the stack is resampled.
    affine : 4 rows of 4 floats, (i, j, k) → LPS mm, of the grid
    shape_ijk : 3 ints
        Columns, rows and slices of the grid.
    """

    slices: tuple[SliceHeader, ...]
    affine: tuple[tuple[float, ...], ...]
    shape_ijk: tuple[int, int, int]
    resampling: Resampling | None = None
    warnings: tuple[Message, ...] = ()

    def places_ijk(self) -> NDArray[np.float64]:
        """(n, 3): where the first voxel of each slice lies in the grid."""
        positions = np.array([header.position for header in self.slices], np.float64)
        return index_from_world(self.affine, positions)


def plan_volume(headers: Sequence[SliceHeader], limits: ReadLimits = DEFAULT_LIMITS) -> VolumePlan:
    """The grid that *headers* make.

    Raises
    ------
    NotAVolume
        They make none; the message says why, with numbers.
    LimitExceeded
        The grid would be too large.
    """
    check_images(headers)
    normal = slice_normal(headers[0].orientation or ())
    ordered = sorted(headers, key=lambda header: float(np.dot(normal, header.position or ())))
    positions = np.array([header.position for header in ordered], np.float64)
    _check_places(positions @ normal)
    line = stack_line(positions, normal)
    _check_line(line)
    first = ordered[0]
    if first.modality == "SEG" and (line.is_tilted or not line.is_even):
        raise NotAVolume(_NO_MIXTURE)
    steps = line.even_steps
    if line.is_tilted or not line.is_even:
        step = normal * float(line.along[-1] - line.along[0]) / steps
    else:
        step = (positions[-1] - positions[0]) / steps
    affine = affine_from_slices(
        first.orientation or (), first.spacing or (), positions[0].tolist(), step.tolist()
    )
    columns, rows = first.columns, first.rows
    if line.is_tilted:
        affine, columns, rows = _widened(affine, positions, columns, rows)
    shape_ijk = columns, rows, steps + 1
    _check_size(shape_ijk, limits)
    resampling = resampling_of(line, shape_ijk[2])
    return VolumePlan(
        slices=tuple(ordered),
        affine=tuple(tuple(row) for row in affine.tolist()),
        shape_ijk=shape_ijk,
        resampling=resampling,
        warnings=(
            *(resampling_warnings(resampling, line, first.modality) if resampling else ()),
            *_sparse(ordered, line.usual_mm),
            *_remarks(ordered),
        ),
    )


def _widened(
    affine: NDArray[np.float64], positions: NDArray[np.float64], columns: int, rows: int
) -> tuple[NDArray[np.float64], int, int]:
    """The grid made large enough in its plane that no slice is cut off: affine, columns, rows."""
    corners = index_from_world(affine, positions)[:, :2].round(3)
    low, high = np.floor(corners.min(axis=0)), np.ceil(corners.max(axis=0))
    wide = affine.copy()
    wide[:3, 3] += affine[:3, :2] @ low
    more = (high - low).astype(int)
    return wide, columns + int(more[0]), rows + int(more[1])


def _check_places(along: NDArray[np.float64]) -> None:
    """Whether each place along the normal holds one image."""
    apart = np.diff(along) > SAME_PLACE_MM
    places = int(apart.sum()) + 1
    if places < len(along):
        raise NotAVolume(
            N_("%(count)s images lie at %(places)s positions: some positions hold more than one image."),
            count=len(along),
            places=places,
        )


def _check_line(line: StackLine) -> None:
    """Whether what is uneven or sheared can be made right."""
    if line.usual_mm > MAX_STEP_MM:
        raise NotAVolume(
            N_(
                "The slices lie %(usual)s mm apart, more than the %(most)s mm up to which they make a volume."
            ),
            usual=f"{line.usual_mm:.3f}",
            most=f"{MAX_STEP_MM:g}",
        )
    worst = max(line.gaps, key=lambda gap: abs(gap.millimetres - line.usual_mm), default=None)
    if worst is not None and worst.millimetres > MAX_GAP * line.usual_mm:
        raise NotAVolume(
            N_(
                "Uneven slice spacing: %(gap)s mm between slices %(first)s and %(second)s, %(usual)s mm "
                "elsewhere. A gap of more than %(most)s times the usual distance is not filled."
            ),
            gap=f"{worst.millimetres:.3f}",
            first=worst.first,
            second=worst.last,
            usual=f"{line.usual_mm:.3f}",
            most=f"{MAX_GAP:g}",
        )
    if worst is not None and len(line.gaps) > max(2, MAX_UNEVEN * (len(line.along) - 1)):
        raise NotAVolume(
            N_(
                "Uneven slice spacing: %(gap)s mm between slices %(first)s and %(second)s, "
                "%(usual)s mm elsewhere; %(count)s of %(total)s gaps differ."
            ),
            gap=f"{worst.millimetres:.3f}",
            first=worst.first,
            second=worst.last,
            usual=f"{line.usual_mm:.3f}",
            count=sum(gap.last - gap.first for gap in line.gaps),
            total=len(line.along) - 1,
        )
    if line.tilt_degrees > MAX_TILT_DEGREES:
        raise NotAVolume(
            N_("The slices are sheared by %(degrees)s°, more than the %(most)s° that are straightened."),
            degrees=f"{line.tilt_degrees:.1f}",
            most=f"{MAX_TILT_DEGREES:g}",
        )
    number, distance = line.farthest
    if distance > LINE_TOLERANCE * line.usual_mm:
        raise NotAVolume(
            N_("Slice %(slice)s lies %(distance)s mm beside the line of the others."),
            slice=number,
            distance=f"{distance:.3f}",
        )


def _check_size(shape_ijk: tuple[int, int, int], limits: ReadLimits) -> None:
    columns, rows, slices = shape_ijk
    size = columns * rows * slices * 4
    if size > limits.max_volume_bytes:
        raise LimitExceeded(
            N_("The volume would take %(wanted)s bytes, more than the %(limit)s that are allowed."),
            wanted=size,
            limit=limits.max_volume_bytes,
        )


def _sparse(headers: Sequence[SliceHeader], usual_mm: float) -> Iterable[Message]:
    """A warning where most of the patient lies between the slices, as in thin slices for the lungs."""
    stated = [header.thickness_mm for header in headers]
    known = [thickness for thickness in stated if thickness is not None and thickness > 0]
    if known and usual_mm > SPARSE * (thickness := median(known)):
        yield Message(_SPARSE, {"thickness": f"{thickness:.3g}", "usual": f"{usual_mm:.3g}"})


def _remarks(headers: Sequence[SliceHeader]) -> tuple[Message, ...]:
    """What reading the headers had to remark, each once."""
    said = {str(remark): remark for header in headers for remark in header.remarks}
    return tuple(said.values())[:_MOST_REMARKS]
