"""Whether images stack into one regular grid, in what order, and if not why.

References
----------
PS3.3 C.7.6.2.1.1. Slices are sorted by position along the normal; Instance Number has no say.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
from numpy.typing import NDArray

from app.imaging.errors import N_, LimitExceeded, NotAVolume
from app.imaging.geometry import affine_from_slices, slice_normal
from app.imaging.limits import DEFAULT_LIMITS, ReadLimits
from app.imaging.slices import SliceHeader

# PET tables stop within some tenths of a millimetre: 3.19 to 3.29 mm is one regular series.
GAP_TOLERANCE = 0.05
LINE_TOLERANCE = 0.10
MAX_TILT_DEGREES = 0.5
_SAME_COSINE = 1e-3
_SAME_SPACING = 1e-3
_SAME_PLACE = 0.01


@dataclass(frozen=True)
class VolumePlan:
    """Slices in order of increasing k, and the affine of the grid they make."""

    slices: tuple[SliceHeader, ...]
    affine: tuple[tuple[float, ...], ...]

    @property
    def shape_ijk(self) -> tuple[int, int, int]:
        return self.slices[0].columns, self.slices[0].rows, len(self.slices)


def plan_volume(headers: Sequence[SliceHeader], limits: ReadLimits = DEFAULT_LIMITS) -> VolumePlan:
    """The grid that *headers* make.

    Raises
    ------
    NotAVolume
        They make none; the message says why, with numbers.
    LimitExceeded
        The grid would be too large.
    """
    _check_kinds(headers)
    _check_geometry(headers)
    _check_alike(headers)
    normal = slice_normal(headers[0].orientation or ())
    ordered = sorted(headers, key=lambda header: float(np.dot(normal, header.position or ())))
    positions = np.array([header.position for header in ordered], np.float64)
    along = positions @ normal
    _check_places(along)
    _check_tilt(positions, normal)
    _check_gaps(positions, along)
    step = (positions[-1] - positions[0]) / (len(ordered) - 1)
    first = ordered[0]
    affine = affine_from_slices(
        first.orientation or (), first.spacing or (), positions[0].tolist(), step.tolist()
    )
    size = first.rows * first.columns * len(ordered) * 4
    if size > limits.max_volume_bytes:
        raise LimitExceeded(
            N_("The volume would take %(wanted)s bytes, more than the %(limit)s that are allowed."),
            wanted=size,
            limit=limits.max_volume_bytes,
        )
    return VolumePlan(tuple(ordered), tuple(tuple(row) for row in affine.tolist()))


def _check_kinds(headers: Sequence[SliceHeader]) -> None:
    """What kind of images these are."""
    total = len(headers)
    if total == 0:
        raise NotAVolume(N_("The series has no images."))
    frames = max(header.frames for header in headers)
    if frames > 1:
        raise NotAVolume(N_("A multi-frame image of %(frames)s frames is shown as a stack."), frames=frames)
    if total == 1:
        raise NotAVolume(N_("The series has 1 image; a volume needs at least 2."))
    colour = sum(header.layout.is_colour for header in headers)
    if colour:
        raise NotAVolume(N_("%(count)s of %(total)s images are in colour."), count=colour, total=total)
    scouts = sum("LOCALIZER" in header.image_type for header in headers)
    if scouts:
        raise NotAVolume(N_("%(count)s of %(total)s images are localizers."), count=scouts, total=total)
    broken = sum(not header.rescale.is_usable for header in headers)
    if broken:
        raise NotAVolume(
            N_(
                "Rescale Slope (0028,1053) or Intercept (0028,1052) is unusable "
                "in %(count)s of %(total)s images."
            ),
            count=broken,
            total=total,
        )


def _check_geometry(headers: Sequence[SliceHeader]) -> None:
    """Whether each image says where it lies."""
    total = len(headers)
    for attribute, template in (
        (
            "orientation",
            N_(
                "Image Orientation (Patient) (0020,0037) is missing or unusable "
                "in %(count)s of %(total)s images."
            ),
        ),
        (
            "position",
            N_(
                "Image Position (Patient) (0020,0032) is missing or unusable "
                "in %(count)s of %(total)s images."
            ),
        ),
        ("spacing", N_("Pixel Spacing (0028,0030) is missing or unusable in %(count)s of %(total)s images.")),
    ):
        absent = sum(getattr(header, attribute) is None for header in headers)
        if absent:
            raise NotAVolume(template, count=absent, total=total)


def _check_alike(headers: Sequence[SliceHeader]) -> None:
    """Whether all images have one size, spacing, direction and frame of reference."""
    first = headers[0]
    sizes = sorted({(header.columns, header.rows) for header in headers})
    if len(sizes) > 1:
        raise NotAVolume(
            N_("The images have %(count)s different sizes: %(sizes)s."),
            count=len(sizes),
            sizes=_listed(f"{columns} × {rows}" for columns, rows in sizes),
        )
    turned = _different([header.orientation or () for header in headers], _SAME_COSINE)
    if turned > 1:
        raise NotAVolume(N_("The images have %(count)s different orientations."), count=turned)
    spacings = [header.spacing or (0.0, 0.0) for header in headers]
    if _different(spacings, _SAME_SPACING * min(first.spacing or (1.0,))) > 1:
        unique = sorted({f"{rows:g} × {columns:g} mm" for rows, columns in spacings})
        raise NotAVolume(
            N_("The images have %(count)s different pixel spacings: %(spacings)s."),
            count=len(unique),
            spacings=_listed(unique),
        )
    frames = {header.frame_of_reference_uid for header in headers}
    if len(frames) > 1:
        raise NotAVolume(N_("The images belong to %(count)s frames of reference."), count=len(frames))
    units = {(header.rescale.unit, header.layout.photometric, header.modality) for header in headers}
    if len(units) > 1:
        raise NotAVolume(
            N_("The images mix %(count)s units or photometric interpretations."), count=len(units)
        )


def _check_places(along: NDArray[np.float64]) -> None:
    """Whether each place along the normal holds one image."""
    gaps = np.diff(along)
    apart = gaps[gaps > _SAME_PLACE]
    places = len(apart) + 1
    if places < len(along):
        raise NotAVolume(
            N_("%(count)s images lie at %(places)s positions: some positions hold more than one image."),
            count=len(along),
            places=places,
        )


def _check_tilt(positions: NDArray[np.float64], normal: NDArray[np.float64]) -> None:
    """Whether the slices are stacked along their normal, or sheared by a tilted gantry."""
    line = positions[-1] - positions[0]
    sideways = float(np.linalg.norm(line - (line @ normal) * normal))
    tilt = math.degrees(math.atan2(sideways, abs(float(line @ normal))))
    if tilt > MAX_TILT_DEGREES:
        raise NotAVolume(N_("The slices are sheared: gantry tilt of %(degrees)s°."), degrees=f"{tilt:.1f}")


def _check_gaps(positions: NDArray[np.float64], along: NDArray[np.float64]) -> None:
    """Whether the slices are evenly spaced on one straight line."""
    gaps = np.diff(along)
    usual = float(median(gaps.tolist()))
    worst = int(np.argmax(np.abs(gaps - usual)))
    count = int(np.sum(np.abs(gaps - usual) > GAP_TOLERANCE * usual))
    if count:
        raise NotAVolume(
            N_(
                "Uneven slice spacing: %(gap)s mm between slices %(first)s and %(second)s, "
                "%(usual)s mm elsewhere; %(count)s of %(total)s gaps differ."
            ),
            gap=f"{gaps[worst]:.3f}",
            first=worst + 1,
            second=worst + 2,
            usual=f"{usual:.3f}",
            count=count,
            total=len(gaps),
        )
    line = np.linspace(positions[0], positions[-1], len(positions))
    away = np.linalg.norm(positions - line, axis=1)
    farthest = int(np.argmax(away))
    if away[farthest] > LINE_TOLERANCE * usual:
        raise NotAVolume(
            N_("Slice %(slice)s lies %(distance)s mm beside the line of the others."),
            slice=farthest + 1,
            distance=f"{away[farthest]:.3f}",
        )


def _different(rows: Sequence[tuple[float, ...]], tolerance: float) -> int:
    """How many of *rows* differ from each other by more than *tolerance*, up to a handful."""
    kinds: list[tuple[float, ...]] = []
    for row in rows:
        if not any(max(abs(a - b) for a, b in zip(row, kind, strict=True)) <= tolerance for kind in kinds):
            kinds.append(row)
        if len(kinds) > 64:
            break
    return len(kinds)


def _listed(texts: Iterable[str]) -> str:
    items = list(texts)
    return ", ".join(items[:4]) + (", …" if len(items) > 4 else "")
