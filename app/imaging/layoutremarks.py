"""What is to be said of a pixel layout that was read in spite of gaps and contradictions.

References
----------
PS3.3 C.7.6.3 (Image Pixel).
"""

from collections.abc import Iterator

from pydicom.dataset import Dataset

from app.imaging import values
from app.imaging.errors import N_, Message
from app.imaging.layout import PixelLayout

_ASSUMED = N_("%(name)s %(tag)s is missing: %(assumed)s is assumed.")
_OTHER_BITS = N_(
    "High Bit (0028,0102) is %(high)s with %(stored)s Bits Stored (0028,0101): "
    "the bits below the lowest of them are not shown."
)
_MORE_BYTES = N_(
    "Pixel Data (7FE0,0010) has %(found)s bytes, more than the %(wanted)s that the stated size needs: "
    "Rows, Columns or Number of Frames may be wrong."
)


def layout_remarks(header: Dataset, layout: PixelLayout) -> tuple[Message, ...]:
    """What was assumed of *layout* where *header* is silent, and what in it does not fit."""
    return tuple(_remarks(header, layout))


def _remarks(header: Dataset, layout: PixelLayout) -> Iterator[Message]:
    for keyword, assumed in _assumptions(layout):
        if not values.has_bytes(header, keyword):
            yield Message(_ASSUMED, {**values.name_of(keyword), "assumed": assumed})
    if layout.high_bit != layout.bits_stored - 1:
        yield Message(_OTHER_BITS, {"high": layout.high_bit, "stored": layout.bits_stored})
    # Some writers pad by a few bytes; a whole row or column more is another size.
    line = min(layout.rows, layout.columns) * layout.samples * max(1, layout.bits_allocated // 8)
    if layout.is_native and layout.length >= layout.native_bytes + max(line, 2):
        yield Message(_MORE_BYTES, {"found": layout.length, "wanted": layout.native_bytes})


def _assumptions(layout: PixelLayout) -> Iterator[tuple[str, str]]:
    yield "PhotometricInterpretation", layout.photometric
    if layout.is_float:
        return
    if layout.bits_allocated > 8:
        yield "BitsStored", str(layout.bits_stored)
    if not layout.is_colour and layout.bits_allocated > 1:
        yield "PixelRepresentation", "0"
    if layout.samples > 1 and layout.is_native:
        yield "PlanarConfiguration", "0"
