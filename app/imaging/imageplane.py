"""Where each frame lies in the patient: position and orientation, however its kind of image states them.

References
----------
PS3.3 C.7.6.2 (Image Plane), C.7.6.16.2.3 and 4 (Plane Position, Plane Orientation), C.8.4.11 and C.8.4.15
(NM Detector, NM Reconstruction), C.8.8.3.2 (Grid Frame Offset Vector).
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
from pydicom.datadict import keyword_dict
from pydicom.dataset import Dataset

from app.imaging import values
from app.imaging.errors import N_, Message
from app.imaging.framevectors import read_integers, read_vector
from app.imaging.functionalgroups import FrameElements
from app.imaging.geometry import slice_normal
from app.imaging.items import ItemReader
from app.imaging.layout import PixelLayout
from app.imaging.structure import FileStructure

Position = tuple[float, float, float]
PLANE_TAGS = tuple(
    keyword_dict[keyword]
    for keyword in (
        "ImagePositionPatient",
        "ImageOrientationPatient",
        "SpacingBetweenSlices",
        "SliceThickness",
        "NumberOfSlices",
    )
)
_DETECTOR = keyword_dict["DetectorInformationSequence"]
# Cosines are written with few digits; beyond this they describe no plane.
_UNIT_TOLERANCE = 0.01
# A metre-scale room holds every patient; 1e6 mm is a broken number.
_ROOM_MM = 1e6
_SAME_PLACE_MM = 1e-3
_DISTANCES_MM = (1e-4, 1e3)

UNUSABLE = N_("%(name)s %(tag)s is unusable.")
_ONE_POSITION = N_(
    "Image Position (Patient) (0020,0032) is given once for %(frames)s frames: where each lies is not known."
)
_MOSAIC = N_("A mosaic shows several slices as one image: where each lies is not known.")


def read_position(header: Dataset) -> Position | None:
    """Image Position (Patient), LPS mm; None when absent or not to be meant."""
    found = values.numbers(header, "ImagePositionPatient")
    if len(found) != 3 or max(map(abs, found)) > _ROOM_MM:
        return None
    return found[0], found[1], found[2]


def read_orientation(header: Dataset) -> tuple[float, ...] | None:
    """Image Orientation (Patient) as two unit vectors; None when absent or no plane."""
    found = values.numbers(header, "ImageOrientationPatient")
    # No component may be larger than this, and the square of a huge one is none of numpy's numbers.
    if len(found) != 6 or max(map(abs, found)) > 1 + _UNIT_TOLERANCE:
        return None
    row, column = np.array(found[:3]), np.array(found[3:])
    lengths = float(np.linalg.norm(row)), float(np.linalg.norm(column))
    if any(abs(length - 1) > _UNIT_TOLERANCE for length in lengths):
        return None
    if abs(float(row @ column)) > _UNIT_TOLERANCE:
        return None
    return (*(row / lengths[0]).tolist(), *(column / lengths[1]).tolist())


def frame_plane(elements: FrameElements, frames: int) -> dict[str, Any]:
    """``position``, ``orientation`` and ``remarks`` of one frame, by its own groups or by the file."""
    remarks = []
    found: dict[str, Any] = {}
    for field, keyword, read in (
        ("position", "ImagePositionPatient", read_position),
        ("orientation", "ImageOrientationPatient", read_orientation),
    ):
        holder = elements.holder(keyword)
        found[field] = read(holder)
        if found[field] is None and values.has_bytes(holder, keyword):
            remarks.append(Message(UNUSABLE, values.name_of(keyword)))
    if frames > 1 and found["position"] and elements.group_with("ImagePositionPatient") is None:
        found["position"] = None
        remarks.append(Message(_ONE_POSITION, {"frames": frames}))
    if found["position"] and "MOSAIC" in elements.texts("ImageType"):
        # Siemens lays all slices of a volume side by side; the position is that of the whole sheet.
        found["position"] = None
        remarks.append(Message(_MOSAIC))
    return {**found, "remarks": tuple(remarks)}


def nuclear_planes(
    structure: FileStructure, header: Dataset, reader: ItemReader, layout: PixelLayout
) -> list[dict[str, Any]] | None:
    """The planes of a reconstructed NM image's frames; None for every other NM image, which has none.

    The first slice lies where its detector's item says. Positive Spacing Between Slices leads along the
    normal, negative against it.
    """
    kind = values.texts(header, "ImageType")[2:3]
    if not kind or not kind[0].startswith("RECON"):
        return None
    slices = read_integers(structure, "SliceVector", layout.frames)
    if not slices and values.integer(header, "NumberOfSlices") in (layout.frames, None):
        slices = tuple(range(1, layout.frames + 1))
    detector = reader.first(reader.top, _DETECTOR)
    # Before detectors had items, and in some programs since, the elements stood at the top of the file.
    holders = [header] if detector is None else [reader.decode(detector, PLANE_TAGS), header]
    position = next(filter(None, map(read_position, holders)), None)
    orientation = next(filter(None, map(read_orientation, holders)), None)
    step = values.number(header, "SpacingBetweenSlices") if set(slices) != {1} else 1.0
    planes: dict[str, Any] = {"orientation": orientation, "remarks": ()}
    usable = step is not None and _DISTANCES_MM[0] <= abs(step) <= _DISTANCES_MM[1]
    if not slices or position is None or orientation is None or step is None or not usable:
        if slices and values.has_bytes(header, "SpacingBetweenSlices") and not usable:
            planes["remarks"] = (Message(UNUSABLE, values.name_of("SpacingBetweenSlices")),)
        return [{**planes, "position": None}] * layout.frames
    return _along(planes, position, orientation, ((number - 1) * step for number in slices))


def dose_planes(
    structure: FileStructure, header: Dataset, layout: PixelLayout
) -> list[dict[str, Any]] | None:
    """The planes of an RT Dose's frames; None of a single one, which lies where the file says.

    Offsets are relative to the first plane, along the normal; or, where the first of them is the first
    plane's own z and the planes are axial, they are z itself.
    """
    if layout.frames == 1:
        return None
    offsets = read_vector(structure, "GridFrameOffsetVector", layout.frames)
    position, orientation = read_position(header), read_orientation(header)
    if not offsets or max(map(abs, offsets)) > _ROOM_MM:
        remark = Message(UNUSABLE, values.name_of("GridFrameOffsetVector"))
        return [{"position": None, "orientation": orientation, "remarks": (remark,)}] * layout.frames
    planes: dict[str, Any] = {"orientation": orientation, "remarks": ()}
    if position is None or orientation is None:
        return [{**planes, "position": None}] * layout.frames
    if abs(offsets[0]) <= _SAME_PLACE_MM:
        return _along(planes, position, orientation, offsets)
    is_axial = abs(slice_normal(orientation)[2]) > 1 - 1e-6
    if is_axial and abs(offsets[0] - position[2]) <= _SAME_PLACE_MM:
        return [{**planes, "position": (position[0], position[1], z)} for z in offsets]
    remark = Message(UNUSABLE, values.name_of("GridFrameOffsetVector"))
    return [{**planes, "position": None, "remarks": (remark,)}] * layout.frames


def _along(
    planes: dict[str, Any], first: Position, orientation: tuple[float, ...], distances: Iterable[float]
) -> list[dict[str, Any]]:
    """*planes* with the positions that lie at *distances* from the *first* along the normal."""
    normal = slice_normal(orientation)
    return [
        {**planes, "position": tuple((np.array(first) + distance * normal).tolist())}
        for distance in distances
    ]
