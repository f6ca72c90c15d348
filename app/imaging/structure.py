"""Where each element of a DICOM file lies, found without believing any length.

The walk is iterative, copies nothing but a deflated data set, and compares each length with the
bytes that are there. What it accepts can be given to pydicom, which otherwise recurses and
allocates as the file tells it to. It follows pydicom's own tolerance: explicit VR found where
implicit was announced, implicit items inside explicit sequences, unknown VRs.

``tag`` is one integer, group and element; offsets count from the start of ``FileStructure.data``.
"""

import mmap
import os
import re
import struct
from dataclasses import dataclass
from pathlib import Path

from app.imaging.elementwalk import ElementWalk
from app.imaging.errors import N_, NotDicom
from app.imaging.limits import DEFAULT_LIMITS, ReadLimits, inflate
from app.imaging.spans import PIXEL_TAGS, Span, has_vr_at

IMPLICIT_LITTLE = "1.2.840.10008.1.2"
EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"
DEFLATED_LITTLE = "1.2.840.10008.1.2.1.99"
EXPLICIT_BIG = "1.2.840.10008.1.2.2"
# GE's implicit little endian with big endian pixels (PS3.5 knows it not); its header is implicit.
GE_PRIVATE = "1.2.840.113619.5.2"

_TRANSFER_SYNTAX = 0x00020010
_PREAMBLE = 132
_UID = re.compile(r"[0-9.]{1,64}")


@dataclass(frozen=True)
class FileStructure:
    """A file's bytes and the place of its top-level elements.

    Attributes
    ----------
    data : bytes or mmap
        The file; with a deflated transfer syntax its inflated data set after the meta elements.
    transfer_syntax_uid : str
        As the file says, or as its first element shows.
    meta, elements : dict
        Group 0002 and the data set, tag → :class:`Span`.
    start, end : int
        Where the data set begins, and where the understood part of it ends.
    """

    data: "bytes | mmap.mmap"
    transfer_syntax_uid: str
    implicit: bool
    little_endian: bool
    meta: dict[int, Span]
    elements: dict[int, Span]
    start: int
    end: int
    deflated: bool

    def pixels(self) -> Span | None:
        """The Pixel Data, Float Pixel Data or Double Float Pixel Data element."""
        found = [self.elements[tag] for tag in PIXEL_TAGS if tag in self.elements]
        return min(found, key=lambda span: span.start) if found else None


def read_structure(path: Path, limits: ReadLimits = DEFAULT_LIMITS) -> FileStructure:
    """The structure of the DICOM file at *path*, walked within the limits.

    Raises
    ------
    NotDicom
        Empty, or neither marker nor a first element of group 0002 or 0008.
    TruncatedFile, InvalidElement, LimitExceeded
        Lengths beyond the file, broken sequences, too much of anything.

    References
    ----------
    PS3.10 7.1; PS3.5 7.1 and 7.5.
    """
    data = _map(path)
    offset = _first_element(data)
    meta: dict[int, Span] = {}
    if data[offset : offset + 2] == b"\x02\x00":
        walk = ElementWalk(data, len(data), limits, little_endian=True)
        offset = walk.meta_group(offset, implicit=not has_vr_at(data, offset))
        meta = walk.elements
    announced = _text(data, meta.get(_TRANSFER_SYNTAX))
    contents: bytes | mmap.mmap = data
    if announced == DEFLATED_LITTLE:
        contents = data[:offset] + inflate(data[offset:], limits)
    syntax, implicit, little = _encoding(contents, offset, announced)
    walk = ElementWalk(contents, len(contents), limits, little_endian=little)
    end = walk.data_set(offset, implicit=implicit)
    return FileStructure(
        contents, syntax, implicit, little, meta, walk.elements, offset, end, announced == DEFLATED_LITTLE
    )


def _map(path: Path) -> "bytes | mmap.mmap":
    # A plain descriptor: a buffered file object takes as long to make as a short header to walk.
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if os.fstat(descriptor).st_size == 0:
            raise NotDicom(N_("the file is empty (0 bytes)"))
        return mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ)
    finally:
        os.close(descriptor)


def _first_element(data: "bytes | mmap.mmap") -> int:
    """The offset of the first element, after the preamble or at the very beginning."""
    if data[128:_PREAMBLE] == b"DICM":
        return _PREAMBLE
    head = data[:12]
    if len(head) >= 8:
        group, element = struct.unpack_from("<HH", head)
        big_group = struct.unpack_from(">H", head)[0]
        if has_vr_at(data, 0) and (group in (0x0002, 0x0008) or big_group == 0x0008):
            return 0
        length = struct.unpack_from("<I", head, 4)[0]
        # Without a VR only the length can tell an element from a text that begins alike.
        if group in (0x0002, 0x0008) and element < 0x3000 and length <= min(len(data), 0xFFFF):
            return 0
    raise NotDicom(N_("not a DICOM file: no DICM marker and no group 0002 or 0008 element"))


def _text(data: "bytes | mmap.mmap", span: Span | None) -> str:
    if span is None:
        return ""
    found = data[span.value : min(span.end, span.value + 128)].decode("ascii", "replace").strip("\0 ")
    # What is no UID announces nothing; then the first element shows the encoding.
    return found if _UID.fullmatch(found) else ""


def _encoding(data: "bytes | mmap.mmap", offset: int, announced: str) -> tuple[str, bool, bool]:
    """Transfer syntax, implicit VR, little endian: what the file says, corrected by what is there."""
    explicit_found = has_vr_at(data, offset)
    if not announced:
        if not explicit_found:
            return IMPLICIT_LITTLE, True, True
        # A big endian group 0008 reads as 0x0800 in little endian.
        big = struct.unpack_from("<H", data, offset)[0] >= 0x0400
        return (EXPLICIT_BIG, False, False) if big else (EXPLICIT_LITTLE, False, True)
    return announced, not explicit_found, announced != EXPLICIT_BIG
