"""VOI LUT Sequences: the file's own tables from modality values to greys, used in place of a window.

References
----------
PS3.3 C.11.2.1.1 (VOI LUT Sequence), C.7.6.16.2.10b (Frame VOI LUT With LUT functional group).
"""

from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.imaging import values
from app.imaging.charsets import CharacterSets, decode_values, sets_of
from app.imaging.functionalgroups import FrameElements, FunctionalGroups
from app.imaging.items import Item
from app.imaging.limits import DEFAULT_LIMITS, ReadLimits
from app.imaging.lookup import LookupTable, little_endian_words, make_table
from app.imaging.structure import FileStructure, read_structure

MAX_LUTS = 16
"""Items of a VOI LUT Sequence that are read."""
MAX_EXPLANATION = 64
"""Characters of a LUT Explanation (LO) that are kept."""

_CHARACTER_SET = 0x00080005
_DESCRIPTOR, _EXPLANATION, _DATA = 0x00283002, 0x00283003, 0x00283006
# Bits Stored, Pixel Representation, Rescale Intercept and Slope, Modality LUT Sequence.
_INPUT_TAGS = (0x00280101, 0x00280103, 0x00281052, 0x00281053, 0x00283000)


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
    header = values.decode_elements(structure, (*_INPUT_TAGS, _CHARACTER_SET))
    groups = FunctionalGroups(structure, header, limits)
    own = groups.frame(frame) if groups.has_frames else FrameElements(header, {}, groups.reader)
    items = list(islice(own.items("VOILUTSequence"), MAX_LUTS))
    if not items:
        return ()
    signed, sets = _may_be_negative(own), sets_of(header)
    return tuple(_read_item(structure, item, signed, sets) for item in items)


def _read_item(structure: FileStructure, item: Item, signed: bool, sets: CharacterSets) -> VoiLut:
    def stored(tag: int, most: int) -> bytes:
        span = item.elements.get(tag)
        if span is None:
            return b""
        found = structure.data[span.value : min(span.end, span.value + most)]
        little = structure.little_endian or span.vr in ("OB", "LO")
        return little_endian_words(found, little_endian=little)

    table = make_table(stored(_DESCRIPTOR, 64), stored(_DATA, 2 * 65536), signed=signed)
    explanation = decode_values(stored(_EXPLANATION, 4 * MAX_EXPLANATION), "LO", sets)
    return VoiLut(table, values.clean_text("\\".join(explanation), MAX_EXPLANATION))


def _may_be_negative(own: FrameElements) -> bool:
    """Whether the input of the table, modality values, can be below zero.

    It decides how the descriptor's first input value is to be read (PS3.3 C.11.2.1.1).
    """
    if values.has_bytes(own.header, "ModalityLUTSequence"):
        return False  # its entries are unsigned
    stated = values.integer(own.header, "BitsStored") or 16
    bits = stated if 1 <= stated <= 64 else 16
    is_signed = values.integer(own.header, "PixelRepresentation") == 1
    lowest, highest = (-(1 << (bits - 1)), 1 << (bits - 1)) if is_signed else (0, 1 << bits)
    slope, intercept = own.number("RescaleSlope"), own.number("RescaleIntercept") or 0.0
    slope = 1.0 if slope is None else slope
    return min(lowest * slope, highest * slope) + intercept < 0
