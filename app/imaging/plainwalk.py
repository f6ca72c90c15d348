"""The fast loop of the walk over elements: those in which nothing is nested."""

import mmap
import struct

from pydicom._dicom_dict import DicomDictionary

from app.imaging.limits import ReadLimits
from app.imaging.spans import KNOWN_VRS, LONG_VRS, UNDEFINED, Span

# What a plain element is: a short VR, or without a written VR a tag that no dictionary calls a sequence.
_SHORT_VRS = {vr: vr.decode("ascii") for vr in KNOWN_VRS - LONG_VRS}
_SEQUENCE_TAGS = frozenset(tag for tag, entry in DicomDictionary.items() if entry[0] == "SQ")
_SPECIAL_GROUPS = frozenset((0x7FE0, 0xFFFE))
# How tag and length, tag, VR and short length, and a long length are read, in either byte order.
_LITTLE, _BIG = (
    tuple(struct.Struct(order + form).unpack_from for form in ("HHI", "HH2sH", "I")) for order in "<>"
)


class PlainWalk:
    """What a walk has come to so far, and its loop over plain elements.

    :class:`app.imaging.elementwalk.ElementWalk` adds what takes a second look.
    """

    def __init__(
        self, data: "bytes | mmap.mmap", size: int, limits: ReadLimits, *, little_endian: bool
    ) -> None:
        self.data = data
        self.size = size
        self.limits = limits
        self.elements: dict[int, Span] = {}
        self._tag_length, self._tag_vr_length, self._long = _LITTLE if little_endian else _BIG
        self._count = 0
        self._header_bytes = 0

    def _plain_run(
        self,
        offset: int,
        implicit: bool,
        stop: int,
        elements: dict[int, Span] | None,
        only_group: int | None = None,
    ) -> int:
        """Record the plain elements from *offset*; return the offset of the first that needs a second look.

        Nearly all elements are plain, and this loop is most of the time that a header takes: it only
        ever goes ahead where ``ElementWalk._element`` would too, and leaves every doubt and every fault
        to it.
        """
        start, last = offset, min(stop - 1, self.size - 8)
        unpack = self._tag_length if implicit else self._tag_vr_length
        data, size = self.data, self.size
        room = self.limits.max_header_bytes - self._header_bytes
        count, most = self._count, self.limits.max_elements
        if elements is not None:
            most = min(most, count + self.limits.max_siblings - len(elements))
        new_tuple = tuple.__new__
        vr = ""
        while offset <= last and count < most:
            if implicit:
                group, element, length = unpack(data, offset)
                if group << 16 | element in _SEQUENCE_TAGS:
                    break
            else:
                group, element, raw_vr, length = unpack(data, offset)
                vr = _SHORT_VRS.get(raw_vr, "")
                if not vr:
                    break
            end = offset + 8 + length
            if group in _SPECIAL_GROUPS or length == UNDEFINED or end > size:
                break
            if only_group is not None and group != only_group:
                break
            if elements is not None:
                if end - start > room:
                    break
                tag = group << 16 | element
                # What Span(…) does, without the Python function in between.
                elements[tag] = new_tuple(Span, (tag, vr, offset, offset + 8, end, length, ()))
            count += 1
            offset = end
        self._count = count
        if elements is not None:
            self._header_bytes += offset - start
        return offset
