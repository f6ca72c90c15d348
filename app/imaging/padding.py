"""Pixel padding: stored values that mean "nothing was measured here".

It surrounds images that are not rectangles. Windows, percentiles and histograms leave it out.

References: PS3.3 C.7.5.1.1.2, C.7.6.24 and C.7.6.25 (floating point pixels).
"""

from pydicom.dataset import Dataset
from pydicom.tag import Tag

from app.imaging import values
from app.imaging.layout import PixelLayout

PADDING_TAGS = tuple(
    int(Tag(f"{kind}{name}"))
    for kind in ("", "Float", "DoubleFloat")
    for name in ("PixelPaddingValue", "PixelPaddingRangeLimit")
)


def read_padding(header: Dataset, layout: PixelLayout) -> tuple[float | None, float | None]:
    """Pixel Padding Value (0028,0120) and Range Limit (0028,0121) as the pixels would hold them.

    Both are written as US or as SS, and often as the wrong one: 63536 among signed pixels is −2000. Floating
    point pixels have elements of their own, (0028,0122) to (0028,0125).
    """
    kind = "" if not layout.is_float else "Float" if layout.bits_allocated == 32 else "DoubleFloat"
    value, limit = (f"{kind}PixelPadding{end}" for end in ("Value", "RangeLimit"))
    return _stored(header, value, layout), _stored(header, limit, layout)


def _stored(header: Dataset, keyword: str, layout: PixelLayout) -> float | None:
    found = values.number(header, keyword)
    if found is None or layout.is_float or found != int(found):
        return found
    # The elements are cells of 16 bits whatever the pixels are.
    cell = int(found) & 0xFFFF
    return cell - 0x10000 if layout.signed and cell >= 0x8000 else cell
