"""Pixel padding: stored values that mean "nothing was measured here".

It surrounds images that are not rectangles. Windows, percentiles and histograms leave it out.

References: PS3.3 C.7.5.1.1.2.
"""

from pydicom.dataset import Dataset

from app.imaging import values
from app.imaging.layout import PixelLayout


def read_padding(header: Dataset, layout: PixelLayout) -> tuple[float | None, float | None]:
    """Pixel Padding Value (0028,0120) and Range Limit (0028,0121) as the pixels would hold them.

    Both are written as US or as SS, and often as the wrong one: 63536 among signed pixels is −2000.
    """
    return _stored(header, "PixelPaddingValue", layout), _stored(header, "PixelPaddingRangeLimit", layout)


def _stored(header: Dataset, keyword: str, layout: PixelLayout) -> float | None:
    found = values.number(header, keyword)
    if found is None or layout.is_float or found != int(found):
        return found
    # The elements are cells of 16 bits whatever the pixels are (Float Pixel Padding has elements of its own).
    cell = int(found) & 0xFFFF
    return cell - 0x10000 if layout.signed and cell >= 0x8000 else cell
