"""What a DICOM segmentation says of its segments, and of each of its frames; no pixel is read.

References
----------
PS3.3 A.51 (Segmentation IOD), C.8.20.2 (Segmentation Image Module), C.8.20.3 (functional groups), A.94 (Label
Map Segmentation); PS3.5 8.2.
"""

import math
import re
from dataclasses import dataclass
from itertools import islice
from typing import Literal

import numpy as np
from pydicom.datadict import keyword_dict
from pydicom.dataset import Dataset

from app.imaging import values
from app.imaging.charsets import CHARACTER_SET
from app.imaging.errors import N_, InvalidElement, MissingElement, UnsupportedData
from app.imaging.formats.dicomsegstack import FramePlane
from app.imaging.formats.grid import check_spacing
from app.imaging.formats.labelcolor import rgb_from_cielab
from app.imaging.formats.labelvoxels import MOST_SEGMENTS, check_count
from app.imaging.functionalgroups import GROUP_TAGS, SHARED, FrameElements, FunctionalGroups
from app.imaging.items import Item, ItemReader
from app.imaging.segments import Code

SegKind = Literal["BINARY", "FRACTIONAL", "LABELMAP"]

_SEGMENTATION = "1.2.840.10008.5.1.4.1.1.66.4"
_NUMBERS = re.compile(r"[0-9.]+")
_LABEL_MAP = "1.2.840.10008.5.1.4.1.1.66.7"
HEADER_KEYWORDS = (
    "SOPClassUID", "FrameOfReferenceUID", "SegmentationType", "MaximumFractionalValue",
)  # fmt: skip
_SEGMENTS, _TYPE_CODE = (keyword_dict[k] for k in ("SegmentSequence", "SegmentedPropertyTypeCodeSequence"))
_REFERENCED_SERIES = keyword_dict["ReferencedSeriesSequence"]
_SERIES_UID = keyword_dict["SeriesInstanceUID"]
_SEGMENT_TAGS = tuple(
    keyword_dict[k] for k in ("SegmentNumber", "SegmentLabel", "RecommendedDisplayCIELabValue")
)
_CODE_TAGS = tuple(
    keyword_dict[k] for k in ("CodeValue", "LongCodeValue", "CodingSchemeDesignator", "CodeMeaning")
)
# Of each the shared and the frame's own groups may not say different things.
_PLACING = {
    "PlanePositionSequence": "ImagePositionPatient",
    "PlaneOrientationSequence": "ImageOrientationPatient",
    "PixelMeasuresSequence": "PixelSpacing",
    "SegmentIdentificationSequence": "ReferencedSegmentNumber",
}
_LONGEST_CODE = 64
_FARTHEST_MM = 1e6
_SAME_COSINE, _SAME_SPACING = 1e-3, 1e-3


@dataclass(frozen=True)
class SegmentDescription:
    """One item of the Segment Sequence."""

    number: int
    name: str
    color_rgb: tuple[int, int, int] | None
    code: Code | None


def seg_kind(header: Dataset, bits_allocated: int) -> SegKind:
    """How the pixels of the segmentation are meant.

    Raises
    ------
    UnsupportedData
        It is no segmentation in pixels.
    """
    uid = values.require_uid(header, "SOPClassUID")
    if not _NUMBERS.fullmatch(uid):  # it may be anything, a name too, and is not to be quoted
        raise InvalidElement(N_("%(name)s %(tag)s is not a UID."), **values.name_of("SOPClassUID"))
    if uid not in (_SEGMENTATION, _LABEL_MAP):
        raise UnsupportedData(
            N_("The file is no segmentation but “%(name)s”: masks come as DICOM SEG, NRRD or NIfTI."),
            name=values.uid_name(uid),
        )
    found = values.text(header, "SegmentationType").upper()
    if uid == _LABEL_MAP or found == "LABELMAP":
        return "LABELMAP"
    if found == "FRACTIONAL":
        return "FRACTIONAL"
    if found == "BINARY" or (not found and bits_allocated == 1):
        return "BINARY"
    raise InvalidElement(N_("Segmentation Type (0062,0001) is none of BINARY, FRACTIONAL and LABELMAP."))


def read_descriptions(reader: ItemReader, kind: SegKind) -> tuple[SegmentDescription, ...]:
    """The segments that the file describes.

    Raises
    ------
    MissingElement, InvalidElement, LimitExceeded
        None, two with one number, or too many.
    """
    items = list(islice(reader.items(reader.top, _SEGMENTS), MOST_SEGMENTS + 1))
    check_count(len(items))
    if not items:
        raise MissingElement(N_("The file describes no segment: Segment Sequence (0062,0002) is empty."))
    # Only label maps describe what is no segment: the background.
    least = 0 if kind == "LABELMAP" else 1
    found = tuple(_description(reader, item, least) for item in items)
    if len({one.number for one in found}) < len(found):
        raise InvalidElement(N_("Two segments of the file have the same Segment Number (0062,0004)."))
    return found


def referenced_series(reader: ItemReader) -> str:
    """Series Instance UID of the images that the segmentation was made on; "" where it says none."""
    item = reader.first(reader.top, _REFERENCED_SERIES)
    if item is None:
        return ""
    return values.uid(reader.decode(item, (_SERIES_UID,)), "SeriesInstanceUID") or ""


def _description(reader: ItemReader, item: Item, least: int) -> SegmentDescription:
    data = _decoded(reader, item, _SEGMENT_TAGS)
    number = values.require_integer(data, "SegmentNumber", least, 65535)
    color = rgb_from_cielab(values.numbers(data, "RecommendedDisplayCIELabValue"))
    name = values.text(data, "SegmentLabel")
    return SegmentDescription(number, name, color, _code(reader, reader.first(item, _TYPE_CODE)))


def _decoded(reader: ItemReader, item: Item, tags: tuple[int, ...]) -> Dataset:
    """Elements of a nested item in the character set of the file."""
    if (own := reader.top.elements.get(CHARACTER_SET)) is not None and item.implicit == reader.top.implicit:
        item = Item({CHARACTER_SET: own, **item.elements}, item.implicit)
    return reader.decode(item, (CHARACTER_SET, *tags))


def _code(reader: ItemReader, item: Item | None) -> Code | None:
    if item is None:
        return None
    data = _decoded(reader, item, _CODE_TAGS)
    value = values.text(data, "CodeValue") or values.text(data, "LongCodeValue")
    scheme = values.text(data, "CodingSchemeDesignator")
    if not value or not scheme:
        return None
    return Code(value[:_LONGEST_CODE], scheme[:16], values.text(data, "CodeMeaning")[:_LONGEST_CODE])


@dataclass(frozen=True)
class SegFrame:
    """One frame: its plane, and the ``segment`` that it belongs to; None in label maps."""

    plane: FramePlane
    segment: int | None


def read_frames(groups: FunctionalGroups, count: int, kind: SegKind) -> list[SegFrame]:
    """Where each of *count* frames lies, and whose it is.

    Raises
    ------
    MissingElement, InvalidElement
        Functional groups that are missing, or contradict each other.
    """
    reader = groups.reader
    shared = reader.first(reader.top, SHARED)
    kept: _Planes = {}
    frames: list[SegFrame] = []
    for number, elements in enumerate(groups.frames(count + 1), start=1):
        if (elements.own is None) == (number <= count):
            raise InvalidElement(
                N_("The file has %(frames)s frames and functional groups for more or for fewer of them."),
                frames=count,
            )
        if number > count:
            break
        if shared is not None:
            _refuse_contradiction(reader, shared, elements, number)
        plane = _plane(elements, number, kept)
        if frames:
            _refuse_other(plane, frames[0].plane, number)
        frames.append(SegFrame(plane, None if kind == "LABELMAP" else _segment(elements, number)))
    return frames


def _refuse_contradiction(reader: ItemReader, shared: Item, elements: FrameElements, number: int) -> None:
    """A group stands in one of the two sequences; where it is in both, they must agree."""
    if elements.own is None:
        return
    for group, keyword in _PLACING.items():
        tag = keyword_dict[group]
        if tag not in shared.elements or tag not in elements.own.elements:
            continue
        said = []
        for holder in (shared, elements.own):
            item = reader.first(holder, tag)
            found = reader.decode(item, GROUP_TAGS[tag]) if item else None
            said.append(values.numbers(found, keyword) if found is not None else ())
        if said[0] != said[1]:
            raise InvalidElement(
                N_("%(name)s %(tag)s is one thing for all frames and another for frame %(frame)s."),
                **values.name_of(keyword),
                frame=number,
            )


def _plane(elements: FrameElements, number: int, kept: "_Planes") -> FramePlane:
    """The frame's plane; groups that were met before are not read again."""
    holders = [elements.holder(keyword) for keyword in _PLANE_KEYWORDS]
    key = tuple(map(id, holders))
    if key not in kept:
        position, orientation, spacing = (
            _numbers(elements, keyword, count, number)
            for keyword, count in zip(_PLANE_KEYWORDS, (3, 6, 2), strict=True)
        )
        if max(map(abs, position)) > _FARTHEST_MM:
            raise _unusable("ImagePositionPatient", number)
        _check_cosines(orientation, number)
        for length in spacing:
            check_spacing(length)
        step, thickness = (
            _length(elements.number(keyword)) for keyword in ("SpacingBetweenSlices", "SliceThickness")
        )
        kept[key] = holders, FramePlane(position, orientation, spacing, step, thickness)
    return kept[key][1]


# By the identities of the data sets, which are kept so that no other can take them.
_Planes = dict[tuple[int, ...], tuple[list[Dataset], FramePlane]]
_PLANE_KEYWORDS = ("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing")


def _numbers(elements: FrameElements, keyword: str, count: int, number: int) -> tuple[float, ...]:
    found = elements.numbers(keyword)
    if len(found) == count:
        return found
    if values.has_bytes(elements.holder(keyword), keyword):
        raise _unusable(keyword, number)
    raise MissingElement(
        N_("%(name)s %(tag)s is missing in frame %(frame)s of the segmentation."),
        **values.name_of(keyword),
        frame=number,
    )


def _unusable(keyword: str, number: int) -> InvalidElement:
    return InvalidElement(
        N_("%(name)s %(tag)s cannot be used in frame %(frame)s of the segmentation."),
        **values.name_of(keyword),
        frame=number,
    )


def _check_cosines(orientation: tuple[float, ...], number: int) -> None:
    rows, columns = np.array(orientation[:3]), np.array(orientation[3:])
    with np.errstate(over="ignore", invalid="ignore"):
        off = max(abs(float(rows @ rows) - 1), abs(float(columns @ columns) - 1), abs(float(rows @ columns)))
    if not off <= 0.02:
        raise _unusable("ImageOrientationPatient", number)


def _length(found: float | None) -> float:
    return found if found is not None and math.isfinite(found) and 1e-3 <= found <= 1e3 else 0.0


def _refuse_other(plane: FramePlane, first: FramePlane, number: int) -> None:
    for keyword, one, other, most in (
        ("ImageOrientationPatient", plane.orientation, first.orientation, _SAME_COSINE),
        ("PixelSpacing", plane.spacing_mm, first.spacing_mm, _SAME_SPACING * min(first.spacing_mm)),
    ):
        if one is not other and max(abs(a - b) for a, b in zip(one, other, strict=True)) > most:
            raise InvalidElement(
                N_("%(name)s %(tag)s of frame %(frame)s is not that of frame 1: they make no volume."),
                **values.name_of(keyword),
                frame=number,
            )


def _segment(elements: FrameElements, number: int) -> int:
    found = elements.integer("ReferencedSegmentNumber")
    if found is None:
        raise MissingElement(
            N_("Frame %(frame)s does not say to which segment it belongs (0062,000B)."), frame=number
        )
    return found
