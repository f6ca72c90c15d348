"""Where an element lies in the bytes of a file, and what its tag and its VR say of it.

References
----------
PS3.5 7.1 (data elements); table 7.1-1 (VRs whose length takes four bytes).
"""

import mmap
from typing import NamedTuple

UNDEFINED = 0xFFFFFFFF
LONG_VRS = frozenset(b"OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())
KNOWN_VRS = LONG_VRS | frozenset(b"AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US".split())
PIXEL_TAGS = frozenset((0x7FE00008, 0x7FE00009, 0x7FE00010))


class Span(NamedTuple):
    """Where an element lies: ``start`` of its tag, ``value`` to ``end`` of its value.

    ``claimed`` is the length that the element states; None when undefined. ``fragments`` are the
    (offset, length) pairs of encapsulated Pixel Data, the Basic Offset Table first.
    """

    tag: int
    vr: str
    start: int
    value: int
    end: int
    claimed: int | None
    fragments: tuple[tuple[int, int], ...] = ()


def tag_text(tag: int) -> str:
    """A tag as the standard writes it: "(0008,0060)"."""
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X})"


def is_native_pixels(tag: int) -> bool:
    """Whether *tag* is one of the three elements that hold pixels (PS3.3 C.7.6.3, C.7.6.24)."""
    return tag in PIXEL_TAGS


def has_vr_at(data: "bytes | mmap.mmap", offset: int) -> bool:
    """Whether the element at *offset* carries its VR: two capital letters after the tag."""
    vr = data[offset + 4 : offset + 6]
    return len(vr) == 2 and 0x40 < vr[0] < 0x5B and 0x40 < vr[1] < 0x5B
