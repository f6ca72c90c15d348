"""Lookup tables of the file: the items of Modality and VOI LUT Sequences.

Descriptor and data are read from the elements' bytes: their VR (US, SS or OW) is ambiguous and often wrong.

References
----------
PS3.3 C.11.1.1.1 and C.11.2.1.1 (LUT Descriptor), PS3.5 7.3 (byte order of words).
"""

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from app.imaging import values
from app.imaging.errors import N_, InvalidElement

_DESCRIPTOR, _DATA = 0x00283002, 0x00283006
_MAX_BITS = 16


@dataclass(frozen=True)
class LookupTable:
    """A table from input values to unsigned entries.

    Attributes
    ----------
    first : int
        The input value of entry 0. Inputs below it give the first entry, inputs beyond the end the last one.
    bits : int
        1 to 16: entries run from 0 to 2^bits − 1.
    data : bytes
        The entries as little endian 16-bit words; bytes, so that equal tables are equal values.
    """

    first: int
    bits: int
    data: bytes

    def __post_init__(self) -> None:
        if not self.data or len(self.data) % 2:
            raise ValueError("a table has at least one entry of 16 bits")
        if not 1 <= self.bits <= _MAX_BITS:
            raise ValueError(f"entries have 1 to 16 bits, not {self.bits}")

    @property
    def entries(self) -> NDArray[np.uint16]:
        """(n,) uint16, read-only."""
        return np.frombuffer(self.data, "<u2").astype(np.uint16, copy=False)

    @property
    def last(self) -> int:
        """The input value of the last entry."""
        return self.first + len(self.data) // 2 - 1

    def places(self, inputs: NDArray[Any]) -> NDArray[np.int64]:
        """The number of the entry for each input; fractions go to the nearest one, NaN to the first."""
        highest = len(self.data) // 2 - 1
        if inputs.dtype.kind in "iu":
            # int64: 30000 − (−32768) has no room in the 16 bits that both came in.
            whole = inputs.astype(np.int64)
            whole -= self.first
            return np.clip(whole, 0, highest, out=whole)
        place = inputs.astype(np.float64)
        place -= self.first
        np.fmax(place, 0, out=place)
        np.fmin(place, highest, out=place)
        place += 0.5
        return place.astype(np.int64)

    def look_up(self, inputs: NDArray[Any]) -> NDArray[np.uint16]:
        """The entries for an array of any shape."""
        return np.take(self.entries, self.places(inputs))


def make_table(descriptor: bytes, data: bytes, *, signed: bool) -> LookupTable:
    """The table of LUT Descriptor (0028,3002) and LUT Data (0028,3006), both as little endian words.

    Parameters
    ----------
    signed : bool
        Whether inputs can be negative: it decides how the descriptor's second value is read, whatever VR
        it was written with.

    Raises
    ------
    MissingElement, InvalidElement
        Descriptor or data are empty, or the data are shorter than the descriptor says.

    Notes
    -----
    0 entries stand for 65,536. Tables of 8 bits are found both as bytes (two in a word) and as words. Where
    an entry is larger than the stated bits allow, the entries are believed.
    """
    for keyword, value in (("LUTDescriptor", descriptor), ("LUTData", data)):
        if not value:
            raise values.missing(keyword)
    if len(descriptor) // 2 != 3:
        raise InvalidElement(
            N_("LUT Descriptor (0028,3002) has %(found)s values; 3 are wanted."), found=len(descriptor) // 2
        )
    count, first, bits = struct.unpack_from("<3H", descriptor)
    count = count or 65536
    if signed and first >= 32768:
        first -= 65536
    if len(data) >= 2 * count:
        entries = np.frombuffer(data, "<u2", count)
    elif len(data) >= count:
        entries = np.frombuffer(data, np.uint8, count).astype("<u2")
    else:
        raise InvalidElement(
            N_("LUT Data (0028,3006) has %(found)s bytes, too few for %(wanted)s entries."),
            found=len(data),
            wanted=count,
        )
    needed = max(1, int(entries.max()).bit_length())
    if not 8 <= bits <= _MAX_BITS:
        bits = 8 if needed <= 8 else _MAX_BITS
    return LookupTable(first, max(bits, needed), entries.tobytes())


def little_endian_words(data: bytes, *, little_endian: bool) -> bytes:
    """Words of a file of either byte order as little endian ones."""
    if little_endian:
        return data
    return np.frombuffer(data, ">u2", len(data) // 2).astype("<u2").tobytes()


def read_table(item: Dataset, *, signed: bool) -> LookupTable:
    """The table of one item of a LUT sequence that pydicom has parsed, as :func:`make_table`."""
    return make_table(_words(item, _DESCRIPTOR), _words(item, _DATA), signed=signed)


def _words(item: Dataset, tag: int) -> bytes:
    """The element's value as little endian words, as it was stored; empty where it is absent."""
    if tag not in item:
        return b""
    element = item.get_item(tag)
    found: Any = element.value
    if isinstance(found, bytes):
        # Bytes (OB) are in order already.
        little = element.VR == "OB" or getattr(element, "is_little_endian", True)
        return little_endian_words(found, little_endian=little)
    numbers = np.atleast_1d(np.asarray([] if found is None else found)).astype(np.int64)
    return (numbers & 0xFFFF).astype("<u2").tobytes()
