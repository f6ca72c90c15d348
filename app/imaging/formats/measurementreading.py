"""Marks from a DICOM structured report of measurements (TID 1500), our own or another program's.

Each measurement group becomes one mark, or a reason why it does not. What our own code for the kind does not
say follows from the coordinates: a line of two points is a length, one of three with degrees an angle, four
are two lines, a polygon is a freehand region. Points in the patient come back as LPS mm; points on an image
as pixels with centres at whole numbers, with the image's UID: whoever knows where it lies can place them.

References
----------
PS3.16 TID 1500, 1410, 1501, 300; PS3.3 C.18.6, C.18.9.
"""

import math
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from app.imaging.errors import N_, Message
from app.imaging.formats import reportcodes as codes
from app.imaging.formats.measurementreport import unset_label
from app.imaging.formats.reporttree import (
    children,
    code_of,
    meaning_of,
    numbers_of,
    read_groups,
    sequence_of,
    text_of,
)
from app.imaging.markvalues import MOST_POINTS, POINT_COUNTS

Points = NDArray[np.float64]

NO_COORDINATES = N_("A measurement has no coordinates.")
UNKNOWN_SHAPE = N_("A measurement of the shape %(shape)s cannot be drawn.")
IN_SEGMENTATION = N_("A measurement refers to a segmentation.")
FOREIGN_TERMS = N_("A measurement has coordinates that are no numbers.")
SEVERAL_REGIONS = N_("A measurement of several regions is not a plane mark.")

_NAMESPACE = uuid.UUID("6a1f3d6c-9d4b-4f4e-8f0d-2e0f2f4c7b61")
"""Ours, made once at random: marks from other programs get the same ids each time."""

_PROGRAM_LABEL = "cornerstone"  # OHIF's tracking identifiers name its tools
_FARTHEST_MM = 1e6


@dataclass(frozen=True)
class ReadMark:
    """A mark of a report, not yet placed in a series.

    ``points`` are LPS mm with ``frame_of_reference_uid``, or pixels of ``image`` (SOP Instance UID, frame
    from 0).
    """

    id: str
    kind: str
    label: str
    phase: int
    points: tuple[tuple[float, ...], ...]
    frame_of_reference_uid: str | None
    image: tuple[str, int] | None


@dataclass(frozen=True)
class ReadReport:
    """What a report holds: marks, and the reasons of the groups that are none."""

    marks: tuple[ReadMark, ...]
    skipped: tuple[Message, ...]


class _Skipped(Exception):
    """Why a group is no mark."""

    def __init__(self, template: str, **values: str) -> None:
        self.message = Message(template, values)


@dataclass(frozen=True)
class _Graphic:
    """Coordinates of a group: where they stood, their shape, and the number they belong to."""

    shape: str
    points: Points
    frame_of_reference_uid: str | None
    image: tuple[str, int] | None
    measure: tuple[str, str] = ("", "")
    unit: str = ""


def read_report(path: Path) -> ReadReport:
    """The marks of the structured report at *path*.

    Raises
    ------
    ImagingError
        The file is no DICOM, or no report of measurements, or beyond the limits of one.
    """
    marks, skipped = [], []
    for group in read_groups(path):
        try:
            marks.append(_mark(group))
        except _Skipped as fault:
            skipped.append(fault.message)
    return ReadReport(tuple(marks), tuple(skipped))


def _mark(group: Dataset) -> ReadMark:
    graphics = list(_graphics(group))
    own = next(
        (
            code_of(item, "ConceptCodeSequence")[0]
            for item in children(group)
            if code_of(item) == codes.KIND[:2]
        ),
        None,
    )
    kind, points = _drawn(graphics, own if own in codes.KINDS else None)
    first = graphics[0]
    if any(
        (one.frame_of_reference_uid, one.image) != (first.frame_of_reference_uid, first.image)
        for one in graphics
    ):
        raise _Skipped(SEVERAL_REGIONS)
    if len(points) > MOST_POINTS or len(points) != POINT_COUNTS.get(kind, len(points)):
        raise _Skipped(UNKNOWN_SHAPE, shape=first.shape)
    return ReadMark(
        id=_id(group, points),
        kind=kind,
        label=_label(group, kind, is_own=own is not None),
        phase=_phase(group),
        points=tuple(tuple(float(mm) for mm in point) for point in points),
        frame_of_reference_uid=first.frame_of_reference_uid,
        image=first.image,
    )


def _graphics(group: Dataset) -> Iterator[_Graphic]:
    """The coordinates of a group: its own (TID 1410), else those in its numbers (TID 300)."""
    items = list(children(group))
    own = [_graphic(item) for item in items if text_of(item, "ValueType") in ("SCOORD", "SCOORD3D")]
    if own:
        yield from own
        return
    found = False
    for item in items:
        unit = _unit(item)
        for inner in children(item) if text_of(item, "ValueType") == "NUM" else ():
            if text_of(inner, "ValueType") in ("SCOORD", "SCOORD3D"):
                found = True
                yield _graphic(inner, code_of(item), unit)
    if not found:
        segmented = any("ReferencedSOPSequence" in item for item in items)
        raise _Skipped(IN_SEGMENTATION if segmented else NO_COORDINATES)


def _graphic(item: Dataset, measure: tuple[str, str] = ("", ""), unit: str = "") -> _Graphic:
    is_3d = text_of(item, "ValueType") == "SCOORD3D"
    numbers = numbers_of(item, "GraphicData")
    across = 3 if is_3d else 2
    if not numbers or len(numbers) % across or not all(abs(mm) <= _FARTHEST_MM for mm in numbers):
        raise _Skipped(FOREIGN_TERMS)
    points = np.array(numbers).reshape(-1, across)
    shape = text_of(item, "GraphicType")
    if is_3d:
        frame = text_of(item, "ReferencedFrameOfReferenceUID")
        return _Graphic(shape, points, frame, None, measure, unit)
    return _Graphic(shape, points - 0.5, None, _image(item), measure, unit)


def _image(item: Dataset) -> tuple[str, int]:
    """The image that coordinates were selected from."""
    for inner in children(item):
        for reference in sequence_of(inner, "ReferencedSOPSequence"):
            frames = numbers_of(reference, "ReferencedFrameNumber")
            return text_of(reference, "ReferencedSOPInstanceUID"), int(frames[0]) - 1 if frames else 0
    raise _Skipped(NO_COORDINATES)


def _unit(item: Dataset) -> str:
    values = sequence_of(item, "MeasuredValueSequence")
    return code_of(values[0], "MeasurementUnitsCodeSequence")[0] if values else ""


def _drawn(graphics: Sequence[_Graphic], own: str | None) -> tuple[str, Points]:
    """Kind and points of the mark that *graphics* draw; *own* is our own code for it."""
    if len(graphics) == 2 and all(len(one.points) == 2 for one in graphics):
        first, second = graphics
        if first.measure[0] in codes.SHORT_AXIS and second.measure[0] in codes.LONG_AXIS:
            first, second = second, first
        return "bidirectional", np.vstack((first.points, second.points))
    graphic = graphics[0]
    if len(graphics) > 1 and not all(np.array_equal(one.points, graphic.points) for one in graphics):
        raise _Skipped(SEVERAL_REGIONS)
    points = graphic.points
    match graphic.shape:
        case "POINT":
            return own or "probe", points
        case "ELLIPSE" if len(points) == 4:
            center = points.mean(axis=0)
            ends = (points[3], points[1]) if own == "ellipse-second" else (points[1], points[3])
            return "ellipse", np.array((center, *ends))
        case "CIRCLE" if len(points) == 2:
            return "ellipse", _circle(points)
        case "POLYGON" | "POLYLINE":
            return _line(points, graphic, own)
    raise _Skipped(UNKNOWN_SHAPE, shape=graphic.shape or "?")


def _circle(points: Points) -> Points:
    """Centre and two half axes of a circle of SCOORD: its centre and a point on it."""
    center, edge = points
    radius = edge - center
    return np.array((center, edge, center + np.array((-radius[1], radius[0]))))


def _line(points: Points, graphic: _Graphic, own: str | None) -> tuple[str, Points]:
    is_closed = len(points) > 3 and np.allclose(points[0], points[-1], atol=1e-4)
    if is_closed or graphic.shape == "POLYGON":
        corners = points[:-1] if is_closed else points
        if len(corners) < 3:
            raise _Skipped(UNKNOWN_SHAPE, shape=graphic.shape)
        return own or ("rectangle" if _is_rectangle(corners) else "freehand"), corners
    if own:
        return own, points
    if len(points) == 2:
        return "length", points
    if len(points) == 3 and graphic.unit == codes.DEGREES:
        return "angle", points
    if len(points) == 4 and graphic.unit == codes.DEGREES:
        # OHIF writes an angle as two lines that meet.
        meet = np.allclose(points[1], points[2], atol=1e-4)
        return ("angle", points[[0, 1, 3]]) if meet else ("cobb", points)
    raise _Skipped(UNKNOWN_SHAPE, shape=graphic.shape)


def _is_rectangle(corners: Points) -> bool:
    if len(corners) != 4:
        return False
    sides = np.roll(corners, -1, axis=0) - corners
    lengths = np.linalg.norm(sides, axis=1)
    if not np.allclose(sides[0] + sides[2], 0, atol=1e-3) or min(lengths) < 1e-6:
        return False
    return bool(abs(sides[0] @ sides[1]) <= 1e-3 * math.prod(lengths[:2]))


def _label(group: Dataset, kind: str, *, is_own: bool) -> str:
    """The words of a mark: our own are its identifier, other programs' their finding."""
    tracked = finding = ""
    for item in children(group):
        name = code_of(item)
        if name == codes.TRACKING_IDENTIFIER[:2]:
            tracked = text_of(item, "TextValue")
        elif name == codes.FINDING[:2]:
            finding = meaning_of(item) or text_of(item, "TextValue")
    if is_own:
        return "" if tracked == unset_label(kind) else tracked[:200]
    return (finding or ("" if _PROGRAM_LABEL in tracked.lower() else tracked))[:200]


def _phase(group: Dataset) -> int:
    for item in children(group):
        if code_of(item) == codes.TIME_POINT[:2]:
            text = text_of(item, "TextValue")
            return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
    return 0


def _id(group: Dataset, points: Points) -> str:
    """Our own mark's id; of another program's one that is the same each time it is read."""
    found = next(
        (text_of(item, "UID") for item in children(group) if code_of(item) == codes.TRACKING_UID[:2]), ""
    )
    number = found.removeprefix("2.25.")
    if number != found and number.isascii() and number.isdigit() and len(number) < 40:
        value = int(number)
        if value < 1 << 128 and uuid.UUID(int=value).version == 4:
            return str(uuid.UUID(int=value))
    made = uuid.uuid5(_NAMESPACE, found or repr(points.tolist()))
    return str(uuid.UUID(int=made.int, version=4))  # ids of marks are of version 4
