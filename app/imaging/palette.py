"""Palette Color Lookup Tables: plain, segmented and supplemental, of 8 and of 16 bits.

Descriptors and data are read from the elements' bytes: their VR (US, SS or OW) is ambiguous and often wrong.
Segments are expanded no further than the descriptor's number of entries, whatever they claim.

References
----------
PS3.3 C.7.6.3.1.5 and C.7.6.3.1.6 (descriptor and data), C.7.6.19 (supplemental), C.7.9.2 (segmented).
"""

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.tag import Tag

from app.imaging import values
from app.imaging.errors import N_, InvalidElement

_COLOURS = ("Red", "Green", "Blue")
_ELEMENTS = tuple(
    f"{prefix}{colour}PaletteColorLookupTable{suffix}"
    for colour in _COLOURS
    for prefix, suffix in (("", "Descriptor"), ("", "Data"), ("Segmented", "Data"))
)
PALETTE_TAGS = tuple(int(Tag(keyword)) for keyword in ("PixelPresentation", *_ELEMENTS))
_MAX_ENTRIES = 65536
# A segment that repeats others may name segments that repeat others; one level is what the standard allows.
_MAX_SEGMENTS = 65536


@dataclass(frozen=True)
class Palette:
    """From stored values to colours.

    Attributes
    ----------
    first : int
        The stored value of entry 0. Values below it take the first entry, values beyond the end the last one.
    entries : (n, 3) uint8 array
        Red, green, blue.
    """

    first: int
    entries: NDArray[np.uint8]

    def look_up(self, stored: NDArray[Any]) -> NDArray[np.uint8]:
        """(…, 3) uint8 RGB of the integers *stored*."""
        # 30000 − (−32768) has no room in the 16 bits that both came in.
        wide = stored.astype(np.int32 if stored.dtype.itemsize <= 2 else np.int64)
        place = np.clip(wide - self.first, 0, len(self.entries) - 1)
        found: NDArray[np.uint8] = np.take(self.entries, place, axis=0)
        return found

    def supplement(self, stored: NDArray[Any]) -> NDArray[np.uint8]:
        """(rows, columns, 4) uint8 RGBA: opaque colours from ``first`` on, clear below (C.7.6.19)."""
        found = np.empty((*stored.shape, 4), np.uint8)
        found[..., :3] = self.look_up(stored)
        found[..., 3] = np.where(stored >= self.first, 255, 0)
        return found


def has_supplement(header: Dataset) -> bool:
    """Whether a grey image has a palette for its upper values: Pixel Presentation (0008,9205) says COLOR."""
    announced = values.text(header, "PixelPresentation") in ("COLOR", "MIXED")
    return announced and values.has_bytes(header, "RedPaletteColorLookupTableDescriptor")


def read_palette(header: Dataset, *, signed: bool) -> Palette:
    """The palette of *header*, which holds the elements of ``PALETTE_TAGS`` as they lie in the file.

    Parameters
    ----------
    signed : bool
        Pixel Representation: it decides how the first stored value is read, whatever VR it was written with.

    Raises
    ------
    InvalidElement
        A table is absent, shorter than its descriptor says, or contradicts itself.
    """
    try:
        descriptors = [_words(header, f"{colour}PaletteColorLookupTableDescriptor") for colour in _COLOURS]
        count, first, _ = descriptors[0]
        count = count or _MAX_ENTRIES  # 0 stands for 65,536
        bits = max(descriptor[2] for descriptor in descriptors)
        if any(descriptor[:2] != descriptors[0][:2] for descriptor in descriptors) or bits not in (8, 16):
            raise ValueError("the three descriptors differ")
        tables = [_table(header, colour, count, bits) for colour in _COLOURS]
    except (KeyError, ValueError, IndexError, TypeError, struct.error):
        raise InvalidElement(N_("The Palette Color Lookup Tables cannot be used.")) from None
    entries: NDArray[Any] = np.stack(tables, axis=-1)
    # Tables of 16 bits are found that hold 8-bit entries, and the other way round: the entries are believed.
    # The upper byte is the colour both of 0xFF00 and of 0xFFFF, and writers mean white by either.
    if entries.max() > 255:
        entries = entries >> 8
    return Palette(first - 65536 if signed and first >= 32768 else first, entries.astype(np.uint8))


def _table(header: Dataset, colour: str, count: int, bits: int) -> NDArray[np.uint16]:
    """*count* entries of one colour, as they are."""
    segmented = f"Segmented{colour}PaletteColorLookupTableData"
    if values.has_bytes(header, segmented):
        return _expanded(_entries(_little_endian(header, segmented), bits), count, bits)
    data = _little_endian(header, f"{colour}PaletteColorLookupTableData")
    # Eight bits lie two in a word, or, with some writers, one in a word.
    found = _entries(data, 16 if len(data) >= 2 * count else 8)
    if len(found) < count:
        raise ValueError("too few entries")
    return found[:count].astype(np.uint16)


def _entries(data: bytes, bits: int) -> NDArray[Any]:
    return np.frombuffer(data, np.uint8) if bits == 8 else np.frombuffer(data, "<u2", len(data) // 2)


def _expanded(data: NDArray[Any], count: int, bits: int) -> NDArray[np.uint16]:
    """The segments of *data* as *count* entries (PS3.3 C.7.9.2)."""
    found: list[NDArray[Any]] = []
    size, last = 0, -1
    for opcode, length, at in _segments(data, bits):
        if opcode == 0:
            piece: NDArray[Any] = data[at : at + length]
            if len(piece) < length:
                raise ValueError("the segment ends early")
        else:
            if last < 0:
                raise ValueError("a line has no beginning")
            piece = np.rint(last + (int(data[at]) - last) * np.arange(1, length + 1) / max(1, length))
        if len(piece):
            last = int(piece[-1])
        found.append(piece.astype(np.uint16))
        size += length
        if size >= count:
            break
    if size != count:
        raise ValueError("the segments give another number of entries")
    return np.concatenate(found)


def _segments(data: NDArray[Any], bits: int) -> "list[tuple[int, int, int]]":
    """(opcode, length, place of the values) of all segments, repeated ones written out."""
    found: list[tuple[int, int, int]] = []
    at = 0
    while at + 2 < len(data) and len(found) < _MAX_SEGMENTS:
        opcode, length = int(data[at]), int(data[at + 1])
        if opcode == 2:
            found += _repeated(data, at, length, bits)
            at += 2 + 32 // bits
        else:
            found.append(_segment(data, at))
            at = _behind(found[-1])
    return found


def _repeated(data: NDArray[Any], at: int, length: int, bits: int) -> "list[tuple[int, int, int]]":
    """The segments that an indirect segment at *at* names: their number, and a byte offset in 32 bits."""
    words = [int(word) for word in data[at + 2 : at + 2 + 32 // bits]]
    offset = sum(word << bits * n for n, word in enumerate(words)) * 8 // bits
    if offset >= at:
        raise ValueError("a segment repeats what comes later")
    found: list[tuple[int, int, int]] = []
    for _ in range(length):
        found.append(_segment(data, offset))
        offset = _behind(found[-1])
    return found


def _segment(data: NDArray[Any], at: int) -> tuple[int, int, int]:
    opcode, length = int(data[at]), int(data[at + 1])
    if opcode not in (0, 1):
        raise ValueError("no such segment here")
    return opcode, length, at + 2


def _behind(segment: tuple[int, int, int]) -> int:
    opcode, length, at = segment
    return at + (length if opcode == 0 else 1)


def _words(header: Dataset, keyword: str) -> tuple[int, int, int]:
    """The three values of a descriptor, as unsigned words."""
    found = np.frombuffer(_little_endian(header, keyword), "<u2")
    if len(found) != 3:
        raise ValueError("a descriptor has three values")
    return int(found[0]), int(found[1]), int(found[2])


def _little_endian(header: Dataset, keyword: str) -> bytes:
    """An element's words as little endian bytes; of two bytes in a word the first is then first."""
    element = header.get_item(Tag(keyword))
    if element is None or not element.value:
        raise KeyError(keyword)
    data = element.value
    if not isinstance(data, bytes):
        return (np.atleast_1d(np.asarray(data)).astype(np.int64) & 0xFFFF).astype("<u2").tobytes()
    if getattr(element, "is_little_endian", True) or element.VR == "OB":
        return data
    return np.frombuffer(data, ">u2", len(data) // 2).astype("<u2").tobytes()
