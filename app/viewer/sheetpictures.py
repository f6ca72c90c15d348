"""The pictures of a sheet, each made as the viewer's addresses make it, with the marks that lie on it."""

import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, get_args

import numpy as np
from flask_babel import gettext as _
from numpy.typing import NDArray
from PIL import Image

from app.archive import volumes
from app.archive.errors import NotFound
from app.archive.markmeasures import MeasuredMark
from app.archive.volumes import Shown
from app.imaging.errors import TriplanoError
from app.imaging.geometry import direction_label, spacing_from_affine
from app.imaging.reslice import PlaneName, plane_geometry
from app.imaging.sheet import Drawing, SheetPicture, fewer_pixels, mark_lines
from app.storage.store import Store
from app.viewer.images import mm_note, stack_image
from app.viewer.parameters import FUNCTION_NAMES, read_rendering
from app.viewer.pictures import image_picture, slice_picture
from app.viewer.planes import plane_picture, read_plane, read_slab, slab_picture
from app.viewer.wording import figure, plane_words

PLANES: tuple[PlaneName, ...] = get_args(PlaneName)
_OBLIQUE_SIDE = 512
_OBLIQUE_MM = 160.0
_ROUNDING_MM = 1e-3
_LETTERS = (("R", "L"), ("A", "P"), ("F", "H"))


@dataclass(frozen=True)
class Place:
    """A picture's place: its pixels' map to the patient, (4, 4) of (x, y, mm along the normal, 1), or None of
    one of the images of a stack; *words* say where it is, *note* by what right its millimetres are such."""

    png: bytes
    spacing_mm: tuple[float, float]
    to_lps: NDArray[np.float64] | None
    half_step_mm: float
    image: int | None
    letters: dict[str, str]
    is_calibrated: bool
    words: str
    note: str = ""


def picture_of(
    one: MeasuredMark, marks: Sequence[tuple[MeasuredMark, str, str]], shown: Shown, store: Store
) -> SheetPicture:
    """The picture on which *one* was drawn or kept, with those of *marks* (label, number) that lie on it."""
    shown = _form_of(one.mark, shown)
    looks = _looks(one.mark.get("shown") or {})
    place = _place(one.mark, looks, shown, store)
    image = Image.open(io.BytesIO(place.png)).convert("RGB")
    pixels, thinned = fewer_pixels(np.asarray(image))
    drawings = tuple(
        Drawing(
            lines=tuple(line / thinned for line in mark_lines(other.mark["kind"], points)),
            label=number,
            color=other.mark["color"],
            is_dot=other.mark["kind"] == "probe",
            is_arrow=other.mark["kind"] == "arrow",
        )
        for other, number, _words in marks
        if (points := _on_picture(other.mark, place, shown)) is not None
    )
    spacing = (place.spacing_mm[0] * thinned, place.spacing_mm[1] * thinned)
    caption = tuple(filter(None, (place.words, _look_words(looks), one.mark["label"])))
    return SheetPicture(pixels, spacing, place.letters, caption, drawings, place.is_calibrated, place.note)


def note_of(mark: Mapping[str, Any], shown: Shown, store: Store) -> str:
    """By what right lengths of *mark* are in millimetres; "" where they are ones in the patient or pixels."""
    if mark["space"] != "image" or not mark["spacing_mm"]:
        return ""
    frames = volumes.stack_of(shown, store).frames
    return mm_note(stack_image(frames[mark["image"]]).spacing_source) if mark["image"] < len(frames) else ""


def _form_of(mark: Mapping[str, Any], shown: Shown) -> Shown:
    """The phase, or the original images of a volume, on which a mark was drawn."""
    if not shown.is_volume:
        return shown
    if mark["space"] == "image":
        return replace(shown, phase=0, is_volume=False)
    return replace(shown, phase=min(mark["phase"], shown.summary.phase_count - 1))


def _on_picture(mark: Mapping[str, Any], place: Place, shown: Shown) -> NDArray[np.float64] | None:
    """The points of a mark as pixels of the picture; None where it does not lie on it."""
    if mark["hidden"] or mark["kind"] == "keyimage" or (shown.is_volume and mark["phase"] != shown.phase):
        return None
    points = np.asarray(mark["points"], np.float64)
    if mark["space"] == "image":
        return points if mark["image"] == place.image else None
    if place.to_lps is None:
        return None
    there = (np.linalg.inv(place.to_lps) @ np.column_stack((points, np.ones(len(points)))).T).T
    return there[:, :2] if np.abs(there[:, 2]).max() <= place.half_step_mm + _ROUNDING_MM else None


def _place(mark: Mapping[str, Any], looks: Mapping[str, str], shown: Shown, store: Store) -> Place:
    plane = mark["plane"] or {}
    index = plane.get("index")
    if not shown.is_volume:
        return _image_place(mark, looks, shown, store)
    number = int(index) if isinstance(index, int | float) and float(index).is_integer() else -1
    name = next((name for name in PLANES if name == plane.get("name")), None)
    stored = (mark.get("shown") or {}).get("frame")
    is_oblique = isinstance(stored, dict) and stored.get("is_oblique")
    if name is not None and number >= 0 and not is_oblique:
        found = _slice_place(name, number, looks, shown, store)
        # Planes may have been turned when it was drawn: then name and number say too little.
        if found is not None and _is_same_plane(plane, found) and _lies_on(mark, found):
            return found
    return _oblique_place(mark, looks, shown, store)


def _slice_place(
    name: PlaneName, index: int, looks: Mapping[str, str], shown: Shown, store: Store
) -> Place | None:
    volume = volumes.load(shown, store)
    geometry = plane_geometry(volume.header.shape_ijk, volume.affine, name)
    if index >= geometry.count:
        return None
    rendering, slab = read_rendering(looks), read_slab(looks)
    if slab:
        png = slab_picture(shown, store, name, index, slab, rendering)
    else:
        png = slice_picture(shown, store, name, index, rendering)
    to_lps = volume.affine @ np.vstack((geometry.to_ijk, (0, 0, 0, 1)))
    step_mm = float(np.linalg.norm(to_lps[:3, 2]))
    to_lps[:3, 3] += index * to_lps[:3, 2]
    to_lps[:3, 2] /= step_mm
    words = _(
        "%(plane)s %(slice)s of %(total)s", plane=plane_words()[name], slice=index + 1, total=geometry.count
    )
    is_calibrated = volume.header.spacing_source != "none"
    if is_calibrated:
        words += f" · {_location(name, to_lps, (geometry.width, geometry.height))}"
    # Slabs along the voxels are made of whole slices (app/imaging/slab.py).
    half = step_mm * (0.5 + (int(slab.thickness_mm / 2 / step_mm + 1e-6) if slab else 0))
    spacing = (geometry.spacing_x_mm, geometry.spacing_y_mm)
    return Place(png, spacing, to_lps, half, None, geometry.letters, is_calibrated, words)


def _location(name: PlaneName, to_lps: NDArray[np.float64], size: tuple[int, int]) -> str:
    """Where a slice lies along its own patient axis, with the side that it lies on: "L 11 mm"."""
    axis = ("sagittal", "coronal", "axial").index(name)
    middle = to_lps @ ((size[0] - 1) / 2, (size[1] - 1) / 2, 0, 1)
    value = round(float(middle[axis]), 1)
    return f"{_LETTERS[axis][value >= 0]} {figure(abs(value), 1)}\N{NO-BREAK SPACE}mm"


def _image_place(mark: Mapping[str, Any], looks: Mapping[str, str], shown: Shown, store: Store) -> Place:
    frames = volumes.stack_of(shown, store).frames
    index = mark["image"] if mark["space"] == "image" else (mark["plane"] or {}).get("index")
    index = min(max(int(index or 0), 0), len(frames) - 1)
    if index < 0:
        raise NotFound
    image = stack_image(frames[index])
    told = image.as_json()
    return Place(
        png=image_picture(shown, store, index, read_rendering(looks)),
        spacing_mm=(told["spacing_x_mm"], told["spacing_y_mm"]),
        to_lps=None,
        half_step_mm=0.5,
        image=index,
        letters=told["letters"] or {},
        is_calibrated=told["is_calibrated"],
        words=_("Image %(image)s of %(total)s", image=index + 1, total=len(frames)),
        note=told["mm_note"],
    )


def _oblique_place(mark: Mapping[str, Any], looks: Mapping[str, str], shown: Shown, store: Store) -> Place:
    """A plane of its own about the mark: in its directions, with square pixels of the least spacing."""
    volume = volumes.load(shown, store)
    plane = mark["plane"] or {}
    right, down = (np.array(plane.get(name) or usual, np.float64) for name, usual in _DIRECTIONS)
    middle = np.asarray(mark["points"], np.float64).mean(axis=0)
    least_mm = min(spacing_from_affine(volume.affine))
    side = max(16, min(_OBLIQUE_SIDE, round(_OBLIQUE_MM / least_mm)))
    spacing = max(least_mm, _OBLIQUE_MM / side)
    corner = middle - (right + down) * spacing * (side - 1) / 2
    wanted = read_plane(
        {
            "origin": ",".join(map(repr, corner.tolist())),
            "row": ",".join(map(repr, right.tolist())),
            "col": ",".join(map(repr, down.tolist())),
            "size": f"{side},{side}",
            "spacing": repr(spacing),
            **{name: looks[name] for name in ("slab_mm", "projection") if name in looks},
        }
    )
    normal = np.cross(right, down)
    to_lps = np.eye(4)
    for column, vector in enumerate((right * spacing, down * spacing, normal, corner)):
        to_lps[:3, column] = vector
    half = least_mm / 2 + (wanted.slab.thickness_mm / 2 if wanted.slab else 0)
    letters = {
        "left": direction_label(-right), "right": direction_label(right),
        "top": direction_label(-down), "bottom": direction_label(down),
    }  # fmt: skip
    png = plane_picture(shown, store, wanted, read_rendering(looks))
    is_calibrated = volume.header.spacing_source != "none"
    return Place(png, (spacing, spacing), to_lps, half, None, letters, is_calibrated, _("Oblique plane"))


_DIRECTIONS = (("right_lps", (1.0, 0.0, 0.0)), ("down_lps", (0.0, 1.0, 0.0)))


def _is_same_plane(plane: Mapping[str, Any], place: Place) -> bool:
    normal = plane.get("normal_lps")
    if not normal or place.to_lps is None:
        return True
    return abs(float(np.dot(normal, place.to_lps[:3, 2]))) > math.cos(math.radians(0.1))


def _lies_on(mark: Mapping[str, Any], place: Place) -> bool:
    """Whether all of a mark is on a picture; of a key image, whose point may lie aside, its plane."""
    points = np.asarray(mark["points"], np.float64)
    origin = (mark["plane"] or {}).get("origin_lps")
    if mark["kind"] == "keyimage" and origin:
        points = np.array([origin], np.float64)
    assert place.to_lps is not None
    away = (np.linalg.inv(place.to_lps) @ np.column_stack((points, np.ones(len(points)))).T)[2]
    return bool(np.abs(away).max() <= place.half_step_mm + _ROUNDING_MM)


def _looks(kept: Mapping[str, Any]) -> dict[str, str]:
    """What a key image keeps of its looks, as a picture's address says it; none where that makes no sense."""
    looks = {
        "cmap": str(kept.get("colormap") or "gray"),
        "invert": "1" if kept.get("inverted") is True else "0",
        **_window(kept.get("window")),
    }
    slab = kept.get("slab") or {}
    if isinstance(slab, dict) and slab.get("mm"):
        looks |= {"slab_mm": str(slab["mm"]), "projection": str(slab.get("projection") or "mip")}
    try:
        read_rendering(looks)
        read_slab(looks)
    except (TriplanoError, TypeError, ValueError):
        return {}
    return looks


def _window(window: object) -> dict[str, str]:
    if not isinstance(window, dict):
        return {}
    curve, function = window.get("curve"), str(window.get("function") or "linear")
    if isinstance(curve, list) and all(isinstance(point, list) and len(point) == 2 for point in curve):
        return {"curve": ",".join(f"{value}:{grey}" for value, grey in curve)}
    if window.get("lut") is not None:
        return {"lut": str(window["lut"])}
    if window.get("width") is None:
        return {}
    name = next((name for name, stored in FUNCTION_NAMES.items() if stored == function), function)
    return {"ww": str(window["width"]), "wc": str(window.get("center")), "fn": name}


def _look_words(looks: Mapping[str, str]) -> str:
    words = []
    if "ww" in looks:
        words.append(f"W {figure(float(looks['ww']), 1)} L {figure(float(looks['wc']), 1)}")
    if "slab_mm" in looks:
        words.append(f"{looks['projection'].upper()} {figure(float(looks['slab_mm']), 1)} mm")
    if looks.get("invert") == "1":
        words.append(_("inverted"))
    return " · ".join(words)
