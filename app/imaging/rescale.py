"""From stored to modality values: which slope, intercept and unit a frame has.

References
----------
PS3.3 C.11.1 (Modality LUT), C.7.6.16.2.9 (Pixel Value Transformation), C.8.8.3 (RT Dose),
C.8.9.1 (PET units).
"""

import math
from dataclasses import dataclass

from pydicom.dataset import Dataset
from pydicom.tag import Tag

from app.imaging import values

RESCALE_TAGS = tuple(
    int(Tag(keyword))
    for keyword in (
        "Modality",
        "RescaleSlope",
        "RescaleIntercept",
        "RescaleType",
        "Units",
        "DoseGridScaling",
        "DoseUnits",
        "ModalityLUTSequence",
    )
)
_DOSE_UNITS = {"GY": "Gy", "RELATIVE": ""}


@dataclass(frozen=True)
class Rescale:
    """Stored → modality values: slope and intercept, or a Modality LUT that replaces both."""

    slope: float
    intercept: float
    unit: str
    has_table: bool = False

    @property
    def is_usable(self) -> bool:
        """Whether the slope maps different stored values to different finite ones."""
        return math.isfinite(self.slope) and math.isfinite(self.intercept) and self.slope != 0


def read_rescale(header: Dataset, transformation: Dataset | None = None) -> Rescale:
    """Slope, intercept and unit of a frame; NaN stands for a value that is no number.

    Parameters
    ----------
    header : the elements of the whole file
    transformation : the frame's own Pixel Value Transformation, which goes before the file's
    """
    modality = values.text(header, "Modality")
    holder = header if transformation is None else transformation
    kind = values.text(holder, "RescaleType")
    unit = "" if kind == "US" else kind  # "US" means unspecified (PS3.3 C.11.1.1.2)
    if modality == "CT" and not kind:
        unit = "HU"
    if modality == "PT":
        unit = values.text(header, "Units") or unit
    if modality == "RTDOSE":
        return _dose(header)
    if transformation is None and values.has_bytes(header, "ModalityLUTSequence"):
        return Rescale(1.0, 0.0, unit, has_table=True)
    return Rescale(_number(holder, "RescaleSlope", 1.0), _number(holder, "RescaleIntercept", 0.0), unit)


def _dose(header: Dataset) -> Rescale:
    """Dose Grid Scaling (3004,000E) gives grays; without it there are only relative numbers."""
    if not values.has_bytes(header, "DoseGridScaling"):
        return Rescale(1.0, 0.0, "")
    unit = _DOSE_UNITS.get(values.text(header, "DoseUnits"), "")
    return Rescale(_number(header, "DoseGridScaling", 1.0), 0.0, unit)


def _number(header: Dataset, keyword: str, default: float) -> float:
    if not values.has_bytes(header, keyword):
        return default
    found = values.number(header, keyword)
    return math.nan if found is None else found
