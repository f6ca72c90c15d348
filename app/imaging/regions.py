"""The regions of an ultrasound image: which part has which scale.

References
----------
PS3.3 C.8.5.5 (US Region Calibration).
"""

from dataclasses import dataclass
from itertools import islice

from pydicom.datadict import keyword_dict
from pydicom.dataset import Dataset

from app.imaging import values
from app.imaging.errors import N_, Message
from app.imaging.items import Item, ItemReader

REGIONS = keyword_dict["SequenceOfUltrasoundRegions"]
# Physical Units X and Y Direction (0018,6024) and (0018,6026).
UNITS = {
    0x0: "",
    0x1: "%",
    0x2: "dB",
    0x3: "cm",
    0x4: "s",
    0x5: "Hz",
    0x6: "dB/s",
    0x7: "cm/s",
    0x8: "cm²",
    0x9: "cm²/s",
    0xA: "cm³",
    0xB: "cm³/s",
    0xC: "°",
}
_KEYWORDS = (
    "RegionSpatialFormat",
    "RegionDataType",
    "RegionLocationMinX0",
    "RegionLocationMinY0",
    "RegionLocationMaxX1",
    "RegionLocationMaxY1",
    "PhysicalUnitsXDirection",
    "PhysicalUnitsYDirection",
    "PhysicalDeltaX",
    "PhysicalDeltaY",
)
_TAGS = tuple(keyword_dict[keyword] for keyword in _KEYWORDS)
_MOST_REGIONS = 256
_CENTIMETRES = "cm"
_LEAST_MM, _MOST_MM = 1e-4, 1e3
_MOST_DELTA = 1e9
_UNUSABLE = N_("A region of the ultrasound image has no scale or lies outside the picture: it is not used.")


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
        """Between rows, then between columns, mm; None where an axis is no length, or not to be meant."""
        if self.unit_x != _CENTIMETRES or self.unit_y != _CENTIMETRES:
            return None
        found = abs(self.per_pixel_y) * 10, abs(self.per_pixel_x) * 10
        return found if all(_LEAST_MM <= size <= _MOST_MM for size in found) else None


def read_regions(
    reader: ItemReader, holder: Item, rows: int, columns: int
) -> tuple[tuple[Region, ...], tuple[Message, ...]]:
    """The regions that *holder* lists, and a remark if some have no scale or lie outside the picture."""
    items = islice(reader.items(holder, REGIONS), _MOST_REGIONS)
    found = [_region(reader.decode(item, _TAGS)) for item in items]
    kept = tuple(region for region in found if region is not None and _is_inside(region, rows, columns))
    return kept, (Message(_UNUSABLE),) if len(kept) < len(found) else ()


def _is_inside(region: Region, rows: int, columns: int) -> bool:
    """Corners are pixels of the picture; some makers count the last one from 1.

    A picture that was made smaller after it had been calibrated betrays itself here.
    """
    across = 0 <= region.min_x <= region.max_x <= columns
    return across and 0 <= region.min_y <= region.max_y <= rows


def _region(item: Dataset) -> Region | None:
    corners = [values.integer(item, keyword) for keyword in _KEYWORDS[2:6]]
    deltas = [values.number(item, keyword) for keyword in _KEYWORDS[8:]]
    if any(corner is None for corner in corners):
        return None
    min_x, min_y, max_x, max_y = (int(corner or 0) for corner in corners)
    unit_x, unit_y = (UNITS.get(values.integer(item, keyword) or 0, "") for keyword in _KEYWORDS[6:8])
    for delta, unit in zip(deltas, (unit_x, unit_y), strict=True):
        # A curve has no unit on its second axis, and then no scale (an ECG below the picture).
        if unit and (delta is None or delta == 0 or abs(delta) > _MOST_DELTA):
            return None
    return Region(
        min_x,
        min_y,
        max_x,
        max_y,
        unit_x,
        unit_y,
        float(deltas[0] or 0),
        float(deltas[1] or 0),
        values.integer(item, "RegionSpatialFormat"),
        values.integer(item, "RegionDataType"),
    )
