"""What stacking needs to know of each image, and the order in which a series is leafed through.

References
----------
PS3.3 C.7.6.2 (Image Plane), C.11.2 (VOI LUT).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from pydicom.dataset import Dataset
from pydicom.tag import Tag

from app.imaging import values
from app.imaging.calibration import Region, SpacingSource
from app.imaging.dimensions import NO_DIMENSIONS, FrameDimensions
from app.imaging.errors import N_, InvalidElement, LimitExceeded, Message
from app.imaging.geometry import slice_normal
from app.imaging.layout import LAYOUT_TAGS, PixelLayout, read_layout
from app.imaging.limits import DEFAULT_LIMITS, ReadLimits
from app.imaging.padding import read_padding
from app.imaging.pixels import RESCALE_TAGS, Rescale, read_rescale
from app.imaging.structure import read_structure

_SLICE_TAGS = tuple(
    int(Tag(keyword))
    for keyword in (
        "SpecificCharacterSet",
        "ImageType",
        "SOPClassUID",
        "SOPInstanceUID",
        "PatientPosition",
        "FrameOfReferenceUID",
        "InstanceNumber",
        "ImagePositionPatient",
        "ImageOrientationPatient",
        "PixelSpacing",
        "PixelPaddingValue",
        "PixelPaddingRangeLimit",
        "WindowCenter",
        "WindowWidth",
        "WindowCenterWidthExplanation",
    )
)
# Cosines are written with few digits; beyond this they describe no plane.
_UNIT_TOLERANCE = 0.01


@dataclass(frozen=True, slots=True)
class SliceHeader:
    """Geometry, rescaling and pixel layout of one frame of one file, as the file states them.

    Attributes
    ----------
    frame : int
        Its number in the file, from 0.
    position, orientation : 3 floats (LPS mm), 6 floats (unit vectors)
        None when absent or unusable: that is the plan's to judge.
    spacing : 2 floats, mm
        Between rows, then between columns; None where only pixels are known.
    spacing_source : str
        By what right the spacing is in millimetres: see :mod:`app.imaging.calibration`.
    pixel_aspect : 2 numbers
        Height and width of a pixel without a unit, where the file gives no spacing.
    padding_value, padding_limit : stored values
        Between them (or equal to the first) nothing was measured.
    windows : dicts of center, width, explanation, function
    voi_lut_names : str
        Explanations of the VOI LUTs that the file holds, in their order.
    frame_time_ms : float
        How long a frame of a cine stays.
    real_world_unit : str
        UCUM code of the Real World Value Mapping, which is noted and not applied.
    remarks : tuple of Message
        What was found unusable, and what was done about it.
    """

    path: Path
    sop_instance_uid: str
    instance_number: int | None
    modality: str
    image_type: tuple[str, ...]
    frame_of_reference_uid: str | None
    position: tuple[float, float, float] | None
    orientation: tuple[float, ...] | None
    spacing: tuple[float, float] | None
    rescale: Rescale
    padding_value: float | None
    windows: tuple[dict[str, Any], ...]
    layout: PixelLayout
    frame: int = 0
    sop_class_uid: str = ""
    patient_position: str = ""
    spacing_source: SpacingSource = "none"
    pixel_aspect: tuple[float, float] | None = None
    padding_limit: float | None = None
    voi_lut_names: tuple[str, ...] = ()
    dimensions: FrameDimensions = NO_DIMENSIONS
    frame_time_ms: float | None = None
    regions: tuple[Region, ...] = ()
    real_world_unit: str = ""
    remarks: tuple[Message, ...] = ()

    @property
    def rows(self) -> int:
        return self.layout.rows

    @property
    def columns(self) -> int:
        return self.layout.columns

    @property
    def frames(self) -> int:
        return self.layout.frames

    @property
    def slope(self) -> float:
        return self.rescale.slope

    @property
    def intercept(self) -> float:
        return self.rescale.intercept


def read_slice_header(path: Path, frame: int = 0, limits: ReadLimits = DEFAULT_LIMITS) -> SliceHeader:
    """The header of one frame, from 0, of the image at *path*.

    Raises
    ------
    ImagingError
        No DICOM file, no pixels, a pixel layout that cannot be meant, or no such frame.
    """
    headers = read_slice_headers(path, limits)
    if not 0 <= frame < len(headers):
        raise InvalidElement(
            N_("Frame %(frame)s was asked for, the image has %(frames)s."),
            frame=frame + 1,
            frames=len(headers),
        )
    return headers[frame]


def read_slice_headers(path: Path, limits: ReadLimits = DEFAULT_LIMITS) -> tuple[SliceHeader, ...]:
    """The headers of all frames of the image at *path*, in the order of the file.

    Raises
    ------
    ImagingError
        As :func:`read_slice_header`.
    """
    structure = read_structure(path, limits)
    header = values.decode_elements(structure, {*_SLICE_TAGS, *LAYOUT_TAGS, *RESCALE_TAGS})
    layout = read_layout(structure, header, limits)
    if layout.frames > limits.max_frames:
        raise LimitExceeded(
            N_("The image has %(found)s frames, more than the %(limit)s that are read."),
            found=layout.frames,
            limit=limits.max_frames,
        )
    spacing, padding = _spacing(header), read_padding(header, layout)
    first = SliceHeader(
        path=path,
        sop_instance_uid=values.uid(header, "SOPInstanceUID") or "",
        instance_number=values.integer(header, "InstanceNumber"),
        modality=values.text(header, "Modality"),
        image_type=values.texts(header, "ImageType"),
        frame_of_reference_uid=values.uid(header, "FrameOfReferenceUID"),
        position=_position(header),
        orientation=_orientation(header),
        spacing=spacing,
        rescale=read_rescale(header),
        padding_value=padding[0],
        windows=_windows(header),
        layout=layout,
        sop_class_uid=values.uid(header, "SOPClassUID") or "",
        patient_position=values.text(header, "PatientPosition"),
        spacing_source="patient" if spacing else "none",
        padding_limit=padding[1],
    )
    return tuple(replace(first, frame=frame) for frame in range(layout.frames))


def stack_order(headers: Sequence[SliceHeader]) -> list[SliceHeader]:
    """The frames in the order in which a series is leafed through rather than stacked.

    Along the first image's normal where all have a position, else by Instance Number; then frames.
    """
    normals = [header.orientation for header in headers if header.orientation is not None]
    placed = bool(normals) and all(header.position is not None for header in headers)
    normal = slice_normal(normals[0]) if placed else np.zeros(3)

    def place(header: SliceHeader) -> tuple[float, float, str, int]:
        along = float(np.dot(normal, header.position)) if placed and header.position else 0.0
        number = math.inf if header.instance_number is None else header.instance_number
        return round(along, 3), number, header.sop_instance_uid, header.frame

    return sorted(headers, key=place)


def _position(header: Dataset) -> tuple[float, float, float] | None:
    found = values.numbers(header, "ImagePositionPatient")
    # A metre-scale room holds every patient; 1e6 mm is a broken number.
    if len(found) != 3 or max(map(abs, found)) > 1e6:
        return None
    return found[0], found[1], found[2]


def _orientation(header: Dataset) -> tuple[float, ...] | None:
    found = values.numbers(header, "ImageOrientationPatient")
    if len(found) != 6:
        return None
    row, column = np.array(found[:3]), np.array(found[3:])
    lengths = float(np.linalg.norm(row)), float(np.linalg.norm(column))
    if any(abs(length - 1) > _UNIT_TOLERANCE for length in lengths):
        return None
    if abs(float(row @ column)) > _UNIT_TOLERANCE:
        return None
    return (*(row / lengths[0]).tolist(), *(column / lengths[1]).tolist())


def _spacing(header: Dataset) -> tuple[float, float] | None:
    found = values.numbers(header, "PixelSpacing")
    if len(found) != 2 or not all(1e-4 <= size <= 1e3 for size in found):
        return None
    return found[0], found[1]


def _windows(header: Dataset) -> tuple[dict[str, Any], ...]:
    """The stored windows, those left out whose width the linear function does not know."""
    centres, widths = values.numbers(header, "WindowCenter"), values.numbers(header, "WindowWidth")
    names = values.texts(header, "WindowCenterWidthExplanation")
    return tuple(
        {"center": centre, "width": width, "explanation": names[n] if n < len(names) else ""}
        for n, (centre, width) in enumerate(zip(centres, widths, strict=False))
        if 1 <= width <= 1e9 and abs(centre) <= 1e9
    )
