"""What stacking needs to know of each image, and the order in which a series is leafed through.

References
----------
PS3.3 C.7.6.2 (Image Plane).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from app.imaging.calibration import SpacingSource
from app.imaging.dimensions import NO_DIMENSIONS, FrameDimensions
from app.imaging.errors import Message
from app.imaging.geometry import slice_normal
from app.imaging.layout import PixelLayout
from app.imaging.regions import Region
from app.imaging.rescale import Rescale


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
    magnification : float
        Of a projection: what the detector's distances were divided by, where that is known.
    pixel_aspect : 2 numbers
        Height and width of a pixel without a unit, where the file gives no spacing.
    padding_value, padding_limit : stored values
        Between them (or equal to the first) nothing was measured.
    windows : dicts of center, width, explanation, function
    voi_lut_names : str
        Explanations of the VOI LUTs that the file holds, in their order.
    thickness_mm : float
        Slice Thickness, which may be less than the distance of slices, or more.
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
    magnification: float | None = None
    dimensions: FrameDimensions = NO_DIMENSIONS
    frame_time_ms: float | None = None
    thickness_mm: float | None = None
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
