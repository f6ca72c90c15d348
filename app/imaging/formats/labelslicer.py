"""What 3D Slicer writes of its segments into the header of a ``.seg.nrrd``.

Each segment has keys ``Segment0_Name``, ``_Color`` (red, green, blue from 0 to 1), ``_LabelValue``,
``_Layer`` and ``_Tags``; among the tags is a terminology entry with the codes. Files before version 4.11 have
neither label values nor layers: each segment is a volume of its own with voxels of 1.

References
----------
3D Slicer, developer guide: "Segmentation files", segmentation NRRD file format.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from app.imaging.errors import N_, InvalidElement
from app.imaging.formats.labelvoxels import check_count
from app.imaging.segments import Code, Index
from app.imaging.values import clean_text

EXTENT = "Segmentation_Extent"
"""Only files of the old kind have it (the reader of 3D Slicer tells them by it)."""
_KEY = re.compile(r"Segment(\d{1,6})_(Name|ID|Color|DefaultColor|LabelValue|Layer|Tags)")
_WHOLE = re.compile(r"[+-]?\d{1,9}")
_FARTHEST = 65_535
_LONGEST_CODE = 64


@dataclass(frozen=True)
class SlicerSegment:
    """One segment as the header describes it: voxels of ``value`` in volume ``layer``."""

    name: str
    color_rgb: tuple[int, int, int] | None
    code: Code | None
    value: int
    layer: int


def slicer_segments(keys: Iterable[tuple[str, str]], layer_count: int) -> tuple[SlicerSegment, ...]:
    """The segments that the keys of a header describe, in their order; none in other files.

    Raises
    ------
    InvalidElement
        A value or a layer that cannot be meant, or two segments in the same voxels.
    LimitExceeded
        Too many segments.
    """
    found: dict[int, dict[str, str]] = {}
    for key, text in keys:
        if match := _KEY.fullmatch(key):
            found.setdefault(int(match[1]), {})[match[2]] = text
    check_count(len(found))
    segments = tuple(_segment(rank, found[number]) for rank, number in enumerate(sorted(found)))
    for segment in segments:
        if segment.value < 1 or not 0 <= segment.layer < layer_count:
            raise InvalidElement(
                N_("A segment has the label %(value)s in layer %(layer)s; the file has %(layers)s layers."),
                value=segment.value,
                layer=segment.layer,
                layers=layer_count,
            )
    if len({(segment.layer, segment.value) for segment in segments}) < len(segments):
        raise InvalidElement(N_("Two segments of the file have the same label in the same layer."))
    return segments


def old_extent(keys: Iterable[tuple[str, str]], shape_ijk: Index) -> Index | None:
    """Where the first voxel of a file of the old kind lies, in voxels from its origin; None in others.

    Raises
    ------
    InvalidElement
        The extent is not that of the voxels.
    """
    text = dict(keys).get(EXTENT)
    if text is None:
        return None
    ends = _integers(text)
    sizes = tuple(last - first + 1 for first, last in zip(ends[::2], ends[1::2], strict=False))
    if len(ends) != 6 or sizes != shape_ijk or max(map(abs, ends)) > _FARTHEST:
        raise InvalidElement(N_("Segmentation_Extent of the file is not the extent of its voxels."))
    return ends[0], ends[2], ends[4]


def _segment(rank: int, keys: dict[str, str]) -> SlicerSegment:
    is_old = "LabelValue" not in keys
    (value, *_) = _integers(keys.get("LabelValue", "1")) or (0,)
    (layer, *_) = _integers(keys.get("Layer", str(rank) if is_old else "0")) or (-1,)
    name = clean_text(_unescaped(keys.get("Name") or keys.get("ID", "")))
    color = _color(keys.get("Color") or keys.get("DefaultColor", ""))
    return SlicerSegment(name, color, _code(keys.get("Tags", "")), value, layer)


def _integers(text: str) -> tuple[int, ...]:
    parts = text.split()
    return tuple(map(int, parts)) if all(_WHOLE.fullmatch(part) for part in parts) else ()


def _unescaped(text: str) -> str:
    r"""NRRD writes \n and \\ in the values of keys."""
    return re.sub(r"\\([n\\])", lambda match: " " if match[1] == "n" else "\\", text)


def _color(text: str) -> tuple[int, int, int] | None:
    try:
        parts = [float(part) for part in text.split()]
    except ValueError:
        return None
    if len(parts) != 3 or not all(math.isfinite(part) and 0 <= part <= 1 for part in parts):
        return None
    red, green, blue = (round(255 * part) for part in parts)
    return red, green, blue


def _code(tags: str) -> Code | None:
    """The segment's type in its terminology entry: list ~ category ~ type ~ …, of parts set off by ^."""
    entry = re.search(r"(?:^|\|)(?:Segmentation\.)?TerminologyEntry:([^|]*)", tags)
    parts = entry[1].split("~") if entry else []
    scheme, value, meaning = ((parts[2] if len(parts) > 2 else "") + "^^").split("^")[:3]
    if not scheme or not value:
        return None
    return Code(clean_text(value, _LONGEST_CODE), clean_text(scheme, 16), clean_text(meaning, _LONGEST_CODE))
