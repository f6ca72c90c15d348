"""VOI LUT Sequences: the file's own tables from modality values to greys, used in place of a window.

References
----------
PS3.3 C.11.2.1.1 (VOI LUT Sequence), C.7.6.16.2.10b (Frame VOI LUT With LUT functional group).
"""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.tag import Tag

from app.imaging import values
from app.imaging.elementwalk import Span, tag_text
from app.imaging.errors import N_, LimitExceeded
from app.imaging.limits import DEFAULT_LIMITS, ReadLimits
from app.imaging.lookup import LookupTable, read_table
from app.imaging.structure import FileStructure, read_structure

MAX_LUTS = 16
"""Items of a VOI LUT Sequence that are read."""
MAX_EXPLANATION = 64
"""Characters of a LUT Explanation (LO) that are kept."""

_CHARACTER_SET, _VOI_LUT = 0x00080005, 0x00283010
_SHARED, _PER_FRAME = "SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"
_MAX_GROUPS = 32 * 1024 * 1024
# Bits Stored, Pixel Representation, Rescale Intercept and Slope, Modality LUT Sequence.
_INPUT_TAGS = (0x00280101, 0x00280103, 0x00281052, 0x00281053, 0x00283000)
_MAX_SEQUENCE = MAX_LUTS * (2 * 65536 + 4096)


@dataclass(frozen=True)
class VoiLut:
    """One table of a VOI LUT Sequence; ``explanation`` is the file's own text."""

    table: LookupTable
    explanation: str = ""

    def greys(self, plane: NDArray[Any]) -> NDArray[np.uint8]:
        """The greys of modality values: entry 0 is black and 2^bits − 1 white, rounded half up."""
        white = (1 << self.table.bits) - 1
        greys = (self.table.entries.astype(np.float64) / white * 255 + 0.5).astype(np.uint8)
        return np.take(greys, self.table.places(plane))


def read_voi_luts(path: Path, frame: int = 0, limits: ReadLimits = DEFAULT_LIMITS) -> tuple[VoiLut, ...]:
    """The VOI LUTs of frame number *frame*, from 0, of the image at *path*, in the order of the file.

    Those of the frame's own functional group come before shared ones, and these before the image's. Most
    images have none.

    Raises
    ------
    ImagingError
        The file cannot be read, or one of its tables contradicts itself.
    """
    structure = read_structure(path, limits)
    sequence = _sequence(structure, frame)
    if not sequence:
        return ()
    header = values.decode_elements(structure, _INPUT_TAGS)
    # Frames of enhanced images rescale themselves, each as it likes.
    signed = _may_be_negative(header) or int(Tag(_PER_FRAME)) in structure.elements
    return tuple(_read_item(item, signed) for item in sequence[:MAX_LUTS])


def _read_item(item: Dataset, signed: bool) -> VoiLut:
    return VoiLut(read_table(item, signed=signed), values.text(item, "LUTExplanation")[:MAX_EXPLANATION])


def _sequence(structure: FileStructure, frame: int) -> list[Dataset] | None:
    """The items that hold for *frame*; None without any."""
    for keyword, index in ((_PER_FRAME, frame), (_SHARED, 0)):
        span = structure.elements.get(int(Tag(keyword)))
        # The search costs microseconds, parsing the groups of a thousand frames a second.
        if span is None or not _mentions_table(structure, span):
            continue
        groups = _items(_decoded(structure, span, _MAX_GROUPS), keyword)[index : index + 1]
        for voi in (item for group in groups for item in _items(group, "FrameVOILUTSequence")):
            if found := _items(voi, "VOILUTSequence"):
                return found
    span = structure.elements.get(_VOI_LUT)
    return None if span is None else _items(_decoded(structure, span, _MAX_SEQUENCE), "VOILUTSequence")


def _mentions_table(structure: FileStructure, span: Span) -> bool:
    """Whether the bytes of an element contain the tag of a VOI LUT Sequence."""
    sought = struct.pack("<HH" if structure.little_endian else ">HH", _VOI_LUT >> 16, _VOI_LUT & 0xFFFF)
    return structure.data.find(sought, span.value, span.end) >= 0


def _decoded(structure: FileStructure, span: Span, limit: int) -> Dataset:
    if span.end - span.start > limit:
        raise LimitExceeded(
            N_("%(tag)s takes %(found)s bytes, more than the %(limit)s that are read."),
            tag=tag_text(span.tag),
            found=span.end - span.start,
            limit=limit,
        )
    return values.decode_elements(structure, (_CHARACTER_SET, span.tag), max_bytes=limit)


def _items(dataset: Dataset, keyword: str) -> list[Dataset]:
    """The items of a sequence; none where it is absent or cannot be read."""
    found = values.raw_value(dataset, keyword)
    return [item for item in found if isinstance(item, Dataset)] if isinstance(found, Sequence) else []


def _may_be_negative(header: Dataset) -> bool:
    """Whether the input of the table, modality values, can be below zero.

    It decides how the descriptor's first input value is to be read (PS3.3 C.11.2.1.1).
    """
    if values.has_bytes(header, "ModalityLUTSequence"):
        return False  # its entries are unsigned
    bits = values.integer(header, "BitsStored") or 16
    is_signed = values.integer(header, "PixelRepresentation") == 1
    lowest, highest = (-(1 << (bits - 1)), 1 << (bits - 1)) if is_signed else (0, 1 << bits)
    slope = values.number(header, "RescaleSlope")
    intercept = values.number(header, "RescaleIntercept") or 0.0
    slope = 1.0 if slope is None else slope
    return min(lowest * slope, highest * slope) + intercept < 0
