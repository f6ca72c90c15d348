"""What a part of a series is, in a sentence of facts: plane, count, distance, what sets it apart.

The plane's word comes from the direction cosines. ``detail`` is written alike in every language: a size,
an echo time, a number.
"""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from app.imaging.errors import N_, Message
from app.imaging.geometry import slice_normal
from app.imaging.places import places_of
from app.imaging.sliceheader import SliceHeader
from app.imaging.stackline import GAP_TOLERANCE, WRITTEN_MM, usual_distance

Plane = Literal["axial", "coronal", "sagittal", "oblique"]
# Within 30° of an axis of the patient a plane has its name; a tilted gantry is still axial.
_LEAST_COSINE = 0.866

_STACK: dict[Plane, tuple[str, str]] = {
    "axial": (
        N_("Axial, %(count)s images every %(step)s mm"),
        N_("Axial (%(detail)s), %(count)s images every %(step)s mm"),
    ),
    "coronal": (
        N_("Coronal, %(count)s images every %(step)s mm"),
        N_("Coronal (%(detail)s), %(count)s images every %(step)s mm"),
    ),
    "sagittal": (
        N_("Sagittal, %(count)s images every %(step)s mm"),
        N_("Sagittal (%(detail)s), %(count)s images every %(step)s mm"),
    ),
    "oblique": (
        N_("Oblique, %(count)s images every %(step)s mm"),
        N_("Oblique (%(detail)s), %(count)s images every %(step)s mm"),
    ),
}
_SINGLE: dict[Plane, tuple[str, str]] = {
    "axial": (N_("Axial, 1 image"), N_("Axial (%(detail)s), 1 image")),
    "coronal": (N_("Coronal, 1 image"), N_("Coronal (%(detail)s), 1 image")),
    "sagittal": (N_("Sagittal, 1 image"), N_("Sagittal (%(detail)s), 1 image")),
    "oblique": (N_("Oblique, 1 image"), N_("Oblique (%(detail)s), 1 image")),
}
_LOCALIZER: dict[Plane, tuple[str, str]] = {
    "axial": (
        N_("Axial localizers: %(count)s"),
        N_("Axial localizers (%(detail)s): %(count)s"),
    ),
    "coronal": (
        N_("Coronal localizers: %(count)s"),
        N_("Coronal localizers (%(detail)s): %(count)s"),
    ),
    "sagittal": (
        N_("Sagittal localizers: %(count)s"),
        N_("Sagittal localizers (%(detail)s): %(count)s"),
    ),
    "oblique": (
        N_("Oblique localizers: %(count)s"),
        N_("Oblique localizers (%(detail)s): %(count)s"),
    ),
}
_UNPLACED = {
    "localizer": (N_("Localizers: %(count)s"), N_("Localizers (%(detail)s): %(count)s")),
    "dose_page": (N_("Dose pages: %(count)s"), N_("Dose pages (%(detail)s): %(count)s")),
    "screen": (
        N_("Screen captures: %(count)s"),
        N_("Screen captures (%(detail)s): %(count)s"),
    ),
    "colour": (N_("Colour images: %(count)s"), N_("Colour images (%(detail)s): %(count)s")),
    "copies": (
        N_("Copies, at the places of other images: %(count)s"),
        N_("Copies, at the places of other images (%(detail)s): %(count)s"),
    ),
    "incomplete": (
        N_("Images of an incomplete volume: %(count)s"),
        N_("Images of an incomplete volume (%(detail)s): %(count)s"),
    ),
    "mixed": (
        N_("Images of many directions: %(count)s"),
        N_("Images of many directions (%(detail)s): %(count)s"),
    ),
    "cine": (N_("Cine frames: %(count)s"), N_("Cine frames (%(detail)s): %(count)s")),
    "single": (N_("1 image without position"), N_("1 image without position (%(detail)s)")),
    "images": (
        N_("Images without position: %(count)s"),
        N_("Images without position (%(detail)s): %(count)s"),
    ),
}
_ONE_PLACE = (N_("Images at one place: %(count)s"), N_("Images at one place (%(detail)s): %(count)s"))


def plane_of(orientation: Sequence[float]) -> Plane:
    """The plane of images of *orientation*, 6 direction cosines."""
    normal = np.abs(slice_normal(orientation))
    axis = int(np.argmax(normal))
    names: tuple[Plane, ...] = ("sagittal", "coronal", "axial")
    return names[axis] if normal[axis] >= _LEAST_COSINE else "oblique"


def label(role: str, headers: Sequence[SliceHeader], detail: str = "") -> Message:
    """The label of a part of *role* that holds *headers*, phases together."""
    placed = all(header.position is not None and header.orientation is not None for header in headers)
    numbers: dict[str, Any] = {"count": len(headers)}
    if detail:
        numbers["detail"] = detail
    templates = _UNPLACED.get(role, _UNPLACED["images"])
    if placed and role in ("images", "single", "derived", "localizer"):
        plane = plane_of(headers[0].orientation or ())
        step = _step(headers)
        if role == "localizer":
            templates = _LOCALIZER[plane]
        elif len(headers) == 1:
            templates = _SINGLE[plane]
        elif step:
            templates, numbers["step"] = _STACK[plane], step
        else:
            templates = _ONE_PLACE
    return Message(templates[bool(detail)], numbers)


def _step(headers: Sequence[SliceHeader]) -> str:
    """The usual distance of neighbours in mm; "" for images of one place."""
    normal = slice_normal(headers[0].orientation or ())
    along = np.array([place[0].position for place in places_of(headers)], np.float64) @ normal
    apart = np.diff(along)
    apart = apart[apart > 0]
    if not len(apart):
        return ""
    usual = usual_distance(apart)
    # 0.6, 0.6, 0.7 mm are a coarsely written 0.625 mm; where a gap lies between, the usual distance is meant.
    is_even = np.abs(apart - usual).max() <= max(GAP_TOLERANCE * usual, WRITTEN_MM)
    return f"{apart.mean() if is_even else usual:.3g}"
