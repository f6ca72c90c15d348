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
from app.imaging.errors import N_, Message

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
# Times 32 bits, beyond this float32 has only infinity, and below it only 0.
_LEAST, _MOST = 1e-25, 1e25
_NOT_STATED = N_(
    "Rescale Slope (0028,1053) or Intercept (0028,1052) is missing: values are shown without a unit, "
    "and may be scaled wrongly."
)
_DOSE_UNITS = {"GY": "Gy", "RELATIVE": ""}


@dataclass(frozen=True)
class Rescale:
    """Stored → modality values: slope and intercept, or a Modality LUT that replaces both."""

    slope: float
    intercept: float
    unit: str
    has_table: bool = False
    is_stated: bool = True
    """Whether the file gives what its unit needs: else values are only as stored, and have no unit."""

    @property
    def is_usable(self) -> bool:
        """Whether the slope maps different stored values to different finite ones, as float32."""
        return _LEAST <= abs(self.slope) <= _MOST and abs(self.intercept) <= _MOST


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
    has_slope, has_intercept = (
        values.has_bytes(holder, keyword) for keyword in ("RescaleSlope", "RescaleIntercept")
    )
    # Of PET the intercept is 0 by definition (PS3.3 C.8.9.1); elsewhere a unit needs both.
    is_stated = has_slope and (has_intercept or modality == "PT")
    slope, intercept = _number(holder, "RescaleSlope", 1.0), _number(holder, "RescaleIntercept", 0.0)
    return Rescale(slope, intercept, unit if is_stated else "", is_stated=is_stated)


def rescale_remarks(rescale: Rescale, modality: str) -> tuple[Message, ...]:
    """What is to be said where slope or intercept is missing that the kind of image cannot do without."""
    needed = rescale.slope != 1 or rescale.intercept != 0 or modality in ("CT", "PT")
    return (Message(_NOT_STATED),) if needed and not rescale.is_stated else ()


def _dose(header: Dataset) -> Rescale:
    """Dose Grid Scaling (3004,000E) gives grays; without it there are only relative numbers."""
    if not values.has_bytes(header, "DoseGridScaling"):
        return Rescale(1.0, 0.0, "")
    unit = _DOSE_UNITS.get(values.text(header, "DoseUnits"), "")
    scaling = _number(header, "DoseGridScaling", 1.0)
    return Rescale(scaling if scaling > 0 else math.nan, 0.0, unit)


def _number(header: Dataset, keyword: str, default: float) -> float:
    if not values.has_bytes(header, keyword):
        return default
    found = values.number(header, keyword)
    return math.nan if found is None else found
