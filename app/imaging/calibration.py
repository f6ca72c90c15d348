"""How many millimetres a pixel is, and by what right: in the patient, at the detector, in a region.

References
----------
PS3.3 10.7 (Basic Pixel Spacing Calibration), C.8.5.5 (US Region Calibration).
"""

from dataclasses import dataclass
from typing import Literal

SpacingSource = Literal["patient", "detector", "magnified", "region", "none"]

_CENTIMETRES = "cm"


@dataclass(frozen=True, slots=True)
class Region:
    """A part of an ultrasound image with its own scales.

    Attributes
    ----------
    min_x, min_y, max_x, max_y : int
        First and last column and row, from 0.
    unit_x, unit_y : str
        "cm", "s", "Hz", "cm/s", …; "" when there is none.
    per_pixel_x, per_pixel_y : float
        Units a pixel, by columns and by rows.
    spatial_format, data_type : int
        As the standard numbers them: 1 is a 2D picture, 1 tissue (C.8.5.5.1.1, C.8.5.5.1.2).
    """

    min_x: int
    min_y: int
    max_x: int
    max_y: int
    unit_x: str
    unit_y: str
    per_pixel_x: float
    per_pixel_y: float
    spatial_format: int | None = None
    data_type: int | None = None

    @property
    def mm_per_pixel(self) -> tuple[float, float] | None:
        """Between rows, then between columns, mm; None where an axis is no length."""
        if self.unit_x != _CENTIMETRES or self.unit_y != _CENTIMETRES:
            return None
        return abs(self.per_pixel_y) * 10, abs(self.per_pixel_x) * 10
