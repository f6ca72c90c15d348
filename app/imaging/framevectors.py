"""Elements that hold a number for each frame, at most as many as there are frames.

:func:`app.imaging.values.numbers` stops at 64 values, which is right for everything else.

References
----------
PS3.3 C.7.6.6 (Frame Increment Pointer), C.8.4.8 (NM vectors), C.8.8.3.2 (Grid Frame Offset Vector).
"""

import math
from itertools import islice

import numpy as np
from pydicom.datadict import dictionary_VR, keyword_dict

from app.imaging.structure import FileStructure

_BINARY = {"US": "u2", "SS": "i2", "UL": "u4", "SL": "i4", "FL": "f4", "FD": "f8"}
# DS has at most 16 characters and a separator (PS3.5 6.2); some writers pad.
_LONGEST = 32


def read_vector(structure: FileStructure, keyword: str, count: int) -> tuple[float, ...]:
    """The first *count* values of *keyword*; () where it is absent, shorter, or holds what is no number."""
    span = structure.elements.get(keyword_dict[keyword])
    if span is None or span.claimed is None:
        return ()
    vr = span.vr or dictionary_VR(span.tag)
    if vr in _BINARY:
        kind = np.dtype(("<" if structure.little_endian else ">") + _BINARY[vr])
        raw = structure.data[span.value : min(span.end, span.value + count * kind.itemsize)]
        found = np.frombuffer(raw, kind, len(raw) // kind.itemsize).astype(float).tolist()
    elif vr in ("DS", "IS"):
        raw = structure.data[span.value : min(span.end, span.value + count * _LONGEST)]
        try:
            found = [float(text) for text in islice(bytes(raw).split(b"\\"), count)]
        except ValueError:
            return ()
    else:
        return ()
    if len(found) < count or not all(map(math.isfinite, found)):
        return ()
    return tuple(found)


def read_integers(structure: FileStructure, keyword: str, count: int) -> tuple[int, ...]:
    """As :func:`read_vector`, of whole numbers."""
    found = read_vector(structure, keyword, count)
    return tuple(int(value) for value in found) if all(value == int(value) for value in found) else ()


def frame_pointers(structure: FileStructure) -> frozenset[int]:
    """The tags that Frame Increment Pointer (0028,0009) names."""
    span = structure.elements.get(0x00280009)
    if span is None or span.claimed is None:
        return frozenset()
    kind = np.dtype("<u2" if structure.little_endian else ">u2")
    raw = structure.data[span.value : min(span.end, span.value + 256)]
    words = np.frombuffer(raw, kind, len(raw) // 4 * 2).astype(int).tolist()
    return frozenset(group << 16 | element for group, element in zip(words[::2], words[1::2], strict=True))
