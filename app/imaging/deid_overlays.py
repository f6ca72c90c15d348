"""Overlays that lie in the unused bits of the pixels: their groups 60xx go, and so must the bits.

Old scanners drew text there, and the patient's name with it. Without its group no reader shows such a plane,
but whoever looks at the bits does.

References
----------
PS3.15 Table E.1-1 (60xx,3000); PS3.3-2004 C.9.2.1.1 (overlays in Pixel Data), PS3.5 8.1.2.
"""

import struct
from collections.abc import Iterator

import numpy as np
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.uid import UID

from app.imaging import values

_PIXEL_DATA = 0x7FE00010
_BIT_POSITION, _OVERLAY_DATA = 0x0102, 0x3000


def embedded_overlays(dataset: Dataset) -> int:
    """The bits of a pixel cell that overlays of *dataset* lie in, as a mask; those of the image are not."""
    allocated, stored = (values.integer(dataset, keyword) for keyword in ("BitsAllocated", "BitsStored"))
    if allocated not in (16, 32) or stored is None or not 1 <= stored < allocated:
        return 0
    high = values.integer(dataset, "HighBit")
    high = stored - 1 if high is None else high
    image = range(high - stored + 1, high + 1)
    return sum({1 << bit for bit in _positions(dataset) if bit < allocated and bit not in image})


def _positions(dataset: Dataset) -> Iterator[int]:
    """Overlay Bit Position of each group 60xx that has no data of its own."""
    for group in range(0x6000, 0x6020, 2):
        data, position = (
            dataset.get_item(group << 16 | element, keep_deferred=True)
            for element in (_OVERLAY_DATA, _BIT_POSITION)
        )
        if position is None or (data is not None and data.value):
            continue
        stored = position.value
        if isinstance(stored, bytes):
            order = "<" if getattr(position, "is_little_endian", True) else ">"
            stored = struct.unpack_from(f"{order}H", stored)[0] if len(stored) >= 2 else None
        if isinstance(stored, int):
            yield stored


def clear_embedded_overlays(copy: Dataset, original: Dataset, syntax: UID) -> None:
    """Set the bits of embedded overlays in native Pixel Data to 0; no reader takes them for the image's."""
    pixels = copy.get_item(_PIXEL_DATA, keep_deferred=True)
    value = None if pixels is None else pixels.value
    bits = embedded_overlays(original)
    if not bits or not isinstance(value, bytes) or syntax.is_encapsulated:
        return
    # GE's private syntax has big endian words behind a little endian header.
    is_big = syntax.is_private or not syntax.is_little_endian
    size = (values.integer(original, "BitsAllocated") or 16) // 8
    whole = len(value) // size * size
    cells = np.frombuffer(value[:whole], f"{'>' if is_big else '<'}u{size}")
    kept = (cells & ~cells.dtype.type(bits)).astype(cells.dtype, copy=False)
    copy[_PIXEL_DATA] = DataElement(_PIXEL_DATA, pixels.VR or "OW", kept.tobytes() + value[whole:])
