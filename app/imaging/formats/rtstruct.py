"""RT Structure Sets: named regions as lists of contours, for reading files of strangers.

Everything is bounded before it is unfolded. What cannot be meant (an empty contour, text where numbers
belong, a contour of two points) is left out and counted in a warning; the rest is read.

References
----------
PS3.3 C.8.8.5 (Structure Set), C.8.8.6 (ROI Contour), C.8.8.8 (RT ROI Observations).
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items

from app.imaging import values
from app.imaging.dicomfile import RT_STRUCTURE_SET, read_dataset
from app.imaging.errors import N_, LimitExceeded, Message, MissingElement, UnsupportedData
from app.imaging.limits import DEFAULT_LIMITS, MIB, ReadLimits

MAX_BYTES = 128 * MIB
"""Of the file: large ones of clinics have 20 to 50 MB."""
MOST_ROIS = 1000
MOST_CONTOURS = 100_000
MOST_POINTS = 4_000_000
FARTHEST_MM = 1e5
"""From the origin: nobody is longer, and farther points would only lose their digits."""

# PS3.3 C.8.8.6.1. INTERPOLATED_PLANAR is of no edition; Pinnacle and others write it for closed contours.
CLOSED_TYPES = ("CLOSED_PLANAR", "CLOSEDPLANAR_XOR", "INTERPOLATED_PLANAR")
POINT_TYPE = "POINT"
OPEN_TYPES = ("OPEN_PLANAR", "OPEN_NONPLANAR")

_CONTOUR_DATA = 0x30060050
# A coordinate has at most 16 characters and a separator (PS3.5 6.2, DS).
_LONGEST = 17

NOT_A_STRUCTURE_SET = N_("The file is no RT Structure Set.")
NO_CONTOURS = N_("The structure set has no contours.")
TOO_MANY_ROIS = N_("The structure set has %(count)s ROIs; at most %(limit)s are read.")
TOO_MANY_CONTOURS = N_("The structure set has more than %(limit)s contours.")
TOO_MANY_POINTS = N_("The contours have more than %(limit)s points.")
EMPTY_ROIS = N_("%(count)s ROIs have no contour and are left out (numbers %(numbers)s).")
EMPTY_CONTOURS = N_("%(count)s contours are empty.")
NOT_NUMBERS = N_("%(count)s contours have coordinates that are no numbers; they are left out.")
TOO_SHORT = N_("%(count)s closed contours have fewer than three points; they are left out.")
OPEN_CONTOURS = N_("%(count)s open contours enclose nothing and are left out.")
FOREIGN_TYPES = N_("%(count)s contours are of an unknown type and are left out.")


@dataclass(frozen=True)
class Roi:
    """One region of interest.

    Attributes
    ----------
    number : int
        ROI Number, as other objects refer to it.
    color_rgb : tuple of int or None
        0…255; None where the file states none.
    kind : str
        RT ROI Interpreted Type ("GTV", "ORGAN", "EXTERNAL", …), or "".
    contours : tuple of (N, 3) float arrays, LPS mm
        A closed one does not repeat its first point.
    types : tuple of str
        The Contour Geometric Type of each: "CLOSED_PLANAR" or "CLOSEDPLANAR_XOR" of three points or more, or
        "POINT".
    frame_of_reference_uid : str
        Of these contours, or "".
    plane_distance_mm : float
        Of the planes that the contours were made of, where the file states them; else 0.
    """

    number: int
    name: str
    color_rgb: tuple[int, int, int] | None
    kind: str
    contours: tuple[NDArray[np.float64], ...]
    types: tuple[str, ...]
    frame_of_reference_uid: str = ""
    plane_distance_mm: float = 0.0


@dataclass(frozen=True)
class StructureSet:
    """The regions of a file that have contours, in its order.

    Attributes
    ----------
    frame_of_reference_uid : str
        The only one of all regions, else "".
    series_uid : str
        Series Instance UID of the images that it was drawn on, the first where it names several, or "".
    sop_uids : tuple of str
        The images that it names.
    """

    rois: tuple[Roi, ...]
    frame_of_reference_uid: str
    series_uid: str
    sop_uids: tuple[str, ...]
    label: str = ""
    warnings: tuple[Message, ...] = ()


def read_structures(path: Path, limits: ReadLimits = DEFAULT_LIMITS) -> StructureSet:
    """The structure set in the file at *path*.

    Raises
    ------
    UnsupportedData
        The file is DICOM, but no structure set.
    MissingElement
        No region has a contour that can be used.
    LimitExceeded
        More regions, contours or points than anybody draws.
    ImagingError
        As :func:`app.imaging.dicomfile.read_dataset`.
    """
    _check_size(path, limits)
    dataset = read_dataset(path, stop_before_pixels=True, limits=limits)
    if values.uid(dataset, "SOPClassUID") != RT_STRUCTURE_SET:
        raise UnsupportedData(NOT_A_STRUCTURE_SET)
    described = {_number(item, "ROINumber"): item for item in _items(dataset, "StructureSetROISequence")}
    kinds = {
        _number(item, "ReferencedROINumber"): values.text(item, "RTROIInterpretedType")
        for item in _items(dataset, "RTROIObservationsSequence")
    }
    drawn = _items(dataset, "ROIContourSequence")
    if max(len(drawn), len(described)) > MOST_ROIS:
        raise LimitExceeded(TOO_MANY_ROIS, count=max(len(drawn), len(described)), limit=MOST_ROIS)
    frames = _frames(dataset)
    reader = _ContourReader()
    rois = []
    for item in drawn:
        number = _number(item, "ReferencedROINumber")
        contours, types = reader.read(item)
        about = described.get(number, Dataset())
        own_frame = values.uid(about, "ReferencedFrameOfReferenceUID") or ""
        rois.append(
            Roi(
                number=number,
                name=values.text(about, "ROIName")[:64],
                color_rgb=_color(item),
                kind=kinds.get(number, ""),
                contours=contours,
                types=types,
                frame_of_reference_uid=own_frame or (frames[0] if len(frames) == 1 else ""),
                plane_distance_mm=_plane_distance(item),
            )
        )
    full = tuple(roi for roi in rois if roi.contours)
    if not full:
        raise MissingElement(NO_CONTOURS)
    empty = [roi.number for roi in rois if not roi.contours]
    empty += sorted(set(described) - {roi.number for roi in rois})
    used = {roi.frame_of_reference_uid for roi in full}
    series, images = _images(dataset, reader.image_uids)
    return StructureSet(
        rois=full,
        frame_of_reference_uid=used.pop() if len(used) == 1 else "",
        series_uid=series,
        sop_uids=images,
        label=values.text(dataset, "StructureSetLabel")[:64],
        warnings=(*_told(empty), *reader.warnings()),
    )


def _check_size(path: Path, limits: ReadLimits) -> None:
    most = min(MAX_BYTES, limits.max_header_bytes)
    size = path.stat().st_size
    if size > most:
        raise LimitExceeded(
            N_("The structure set has %(size)s bytes; at most %(limit)s are read."), size=size, limit=most
        )


class _ContourReader:
    """Reads the contours of one region after the other, and counts: all of them together are bounded."""

    def __init__(self) -> None:
        self._contours = 0
        self._points = 0
        self._left_out: Counter[str] = Counter()
        self.image_uids: dict[str, None] = {}

    def read(self, roi: Dataset) -> tuple[tuple[NDArray[np.float64], ...], tuple[str, ...]]:
        """The contours of an item of the ROI Contour Sequence that can be used, and their types."""
        contours, types = [], []
        items = _items(roi, "ContourSequence")
        self._contours += len(items)
        if self._contours > MOST_CONTOURS:
            raise LimitExceeded(TOO_MANY_CONTOURS, limit=MOST_CONTOURS)
        for item in items:
            kind = values.text(item, "ContourGeometricType").upper() or CLOSED_TYPES[0]
            points = self._checked(item, kind)
            if isinstance(points, str):
                self._left_out[points] += 1
                continue
            contours.append(points)
            types.append(CLOSED_TYPES[0] if kind == CLOSED_TYPES[2] else kind)
            self._note_images(item)
        return tuple(contours), tuple(types)

    def warnings(self) -> Iterable[Message]:
        """What was left out."""
        return [Message(template, {"count": count}) for template, count in self._left_out.items()]

    def _checked(self, item: Dataset, kind: str) -> NDArray[np.float64] | str:
        """The points of a contour, or why it is to be left out."""
        raw = _raw(item)
        if not raw.strip(b"\0 "):
            return EMPTY_CONTOURS
        if kind not in (*CLOSED_TYPES, POINT_TYPE):
            return OPEN_CONTOURS if kind in OPEN_TYPES else FOREIGN_TYPES
        self._points += (raw.count(b"\\") + 1) // 3
        if self._points > MOST_POINTS:
            raise LimitExceeded(TOO_MANY_POINTS, limit=MOST_POINTS)
        points = _points(raw)
        if points is None:
            return NOT_NUMBERS
        if kind == POINT_TYPE:
            return points
        if len(points) > 1 and np.array_equal(points[0], points[-1]):
            points = points[:-1]
        return points if len(points) >= 3 else TOO_SHORT

    def _note_images(self, item: Dataset) -> None:
        for image in _items(item, "ContourImageSequence")[:1]:
            uid = values.uid(image, "ReferencedSOPInstanceUID")
            if uid:
                self.image_uids[uid] = None


def _raw(item: Dataset) -> bytes:
    """Contour Data (3006,0050) as it stands: pydicom would make an object of each of its numbers."""
    if _CONTOUR_DATA not in item:
        return b""
    value = item.get_item(_CONTOUR_DATA).value
    return value if isinstance(value, bytes) else b""


def _points(raw: bytes) -> NDArray[np.float64] | None:
    """The (N, 3) points in *raw*; None where it is not triples of finite numbers."""
    parts = raw.rstrip(b"\0 \\").split(b"\\")
    if len(parts) % 3 or len(raw) > 2 * _LONGEST * len(parts):
        return None
    try:
        flat = np.array([float(part) for part in parts])
    except ValueError:
        return None
    # Not a number compares as false.
    return flat.reshape(-1, 3) if bool(np.all(np.abs(flat) <= FARTHEST_MM)) else None


def _told(empty: Sequence[int]) -> Iterable[Message]:
    if empty:
        numbers = ", ".join(str(number) for number in empty[:8]) + (", …" if len(empty) > 8 else "")
        yield Message(EMPTY_ROIS, {"count": len(empty), "numbers": numbers})


def _items(holder: Dataset, keyword: str) -> Sequence[Dataset]:
    """The items of a sequence; none where it is absent or cannot be read."""
    found = values.raw_value(holder, keyword)
    return [item for item in found if isinstance(item, Dataset)] if isinstance(found, Items) else []


def _number(item: Dataset, keyword: str) -> int:
    found = values.integer(item, keyword)
    return found if found is not None and math.fabs(found) < 2**31 else 0


def _plane_distance(item: Dataset) -> float:
    """Spacing Between Slices of the item's Source Pixel Planes; 0 where it is absent or cannot be meant."""
    for planes in _items(item, "SourcePixelPlanesCharacteristicsSequence")[:1]:
        found = values.number(planes, "SpacingBetweenSlices")
        if found is not None and 0 < found < FARTHEST_MM:
            return found
    return 0.0


def _color(item: Dataset) -> tuple[int, int, int] | None:
    found = values.numbers(item, "ROIDisplayColor")
    if len(found) != 3 or not all(0 <= part <= 255 for part in found):
        return None
    red, green, blue = (round(part) for part in found)
    return red, green, blue


def _frames(dataset: Dataset) -> list[str]:
    """The frames of reference of the file, without repetition."""
    found = [
        values.uid(item, "FrameOfReferenceUID")
        for item in _items(dataset, "ReferencedFrameOfReferenceSequence")[:64]
    ]
    found.append(values.uid(dataset, "FrameOfReferenceUID"))
    return list(dict.fromkeys(uid for uid in found if uid))


def _images(dataset: Dataset, of_contours: Iterable[str]) -> tuple[str, tuple[str, ...]]:
    """The referenced series, and the images of all that are: as the set lists them, then its contours."""
    series: list[str] = []
    images: dict[str, None] = {}
    for frame in _items(dataset, "ReferencedFrameOfReferenceSequence")[:64]:
        for study in _items(frame, "RTReferencedStudySequence")[:64]:
            for one in _items(study, "RTReferencedSeriesSequence")[:64]:
                series += [uid for uid in [values.uid(one, "SeriesInstanceUID")] if uid]
                for image in _items(one, "ContourImageSequence"):
                    if uid := values.uid(image, "ReferencedSOPInstanceUID"):
                        images[uid] = None
    for uid in of_contours:
        images[uid] = None
    return (series[0] if series else ""), tuple(images)
