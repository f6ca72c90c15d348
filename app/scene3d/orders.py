"""What a request's JSON and query ask of the 3D view, checked and within bounds."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from app.archive.errors import BadParameter
from app.imaging.colormap import COLORMAPS
from app.imaging.errors import N_
from app.imaging.scene import DETAILS, MODES, MOST_SURFACES, Detail, SceneOrder, SurfaceStyle
from app.imaging.scenepresets import COMPOSITES, first_composite, first_mode, first_surfaces
from app.imaging.volumeheader import VolumeHeader

FORMATS = ("stl", "obj", "ply", "glb")
_FARTHEST = 1e7
"""Beyond the values of any modality: Bq/ml reach some 10⁶."""
_COLOR = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE)
_ONE_OF = N_("%(field)s is %(found)s; one of %(known)s is wanted.")
_NUMBER = N_("%(field)s is “%(found)s”; a number from %(least)s to %(most)s is wanted.")


def read_scene(body: object, header: VolumeHeader) -> SceneOrder:
    """The scene that *body* asks for of a volume; what it leaves out follows from the volume.

    Raises
    ------
    BadParameter
    """
    given = read_object(body, "")
    mode = _one_of(given, "mode", (first_mode(header.modality), *MODES))
    detail: Detail = _one_of(given, "detail", DETAILS)
    if mode == "surface":
        return SceneOrder(mode, detail, _surfaces(given.get("surfaces"), header))
    if mode == "composite":
        first = first_composite(header.modality)
        return SceneOrder(mode, detail, preset=_one_of(given, "preset", (first, *COMPOSITES)))
    colormap = _one_of(given, "colormap", COLORMAPS)
    return SceneOrder(mode, detail, window=_window(given.get("window")), colormap=colormap)


def read_object(body: object, field: str) -> Mapping[str, Any]:
    """*body*, a JSON object.

    Raises
    ------
    BadParameter
    """
    if not isinstance(body, dict):
        raise BadParameter(field, N_("A JSON object is wanted."), "")
    return body


def read_detail(given: Mapping[str, Any], default: Detail = "fine") -> Detail:
    """``detail``.

    Raises
    ------
    BadParameter
    """
    detail: Detail = _one_of(given, "detail", (default, *DETAILS))
    return detail


def read_format(given: Mapping[str, Any]) -> str:
    """``format`` of a file.

    Raises
    ------
    BadParameter
    """
    return str(_one_of(given, "format", FORMATS))


def read_level(given: Mapping[str, Any]) -> float:
    """``level``, in the unit of the volume.

    Raises
    ------
    BadParameter
    """
    return _number(given, "level", -_FARTHEST, _FARTHEST)


def read_level_text(text: str) -> float:
    """A level as an address has it.

    Raises
    ------
    BadParameter
    """
    try:
        return read_level({"level": float(text)})
    except ValueError:
        raise _no_number("level", text, -_FARTHEST, _FARTHEST) from None


def read_switch(given: Mapping[str, Any], field: str) -> bool:
    """true or false, false where nothing is said; 0 and 1 in an address.

    Raises
    ------
    BadParameter
    """
    found = given.get(field, False)
    if found not in (True, False, "0", "1"):
        raise BadParameter(field, N_("%(field)s is %(found)s; 0 or 1 is wanted."), str(found))
    return found in (True, "1")


def read_number_of_segment(given: Mapping[str, Any]) -> int:
    """``segment``, from 1.

    Raises
    ------
    BadParameter
    """
    found = given.get("segment")
    if isinstance(found, bool) or not isinstance(found, int) or not 1 <= found <= 65_535:
        raise _no_number("segment", str(found), 1, 65_535)
    return found


def _surfaces(found: object, header: VolumeHeader) -> tuple[SurfaceStyle, ...]:
    if found is None:
        return tuple(first_surfaces(header.modality, header.percentiles).values())
    if not isinstance(found, list) or not 1 <= len(found) <= MOST_SURFACES:
        template = N_("%(field)s is a list of 1 to %(most)s surfaces.")
        raise BadParameter("surfaces", template, "", most=MOST_SURFACES)
    return tuple(_surface(read_object(one, "surfaces")) for one in found)


def _surface(given: Mapping[str, Any]) -> SurfaceStyle:
    color = given.get("color", "#e8dcc4")
    if not isinstance(color, str) or not _COLOR.fullmatch(color):
        template = N_("%(field)s is “%(found)s”; a colour such as #e8dcc4 is wanted.")
        raise BadParameter("color", template, str(color))
    red, green, blue = bytes.fromhex(color[1:])
    return SurfaceStyle(
        level=read_level(given),
        color_rgb=(red, green, blue),
        opacity=_number({"opacity": 1, **given}, "opacity", 0, 1),
        largest=read_switch(given, "largest"),
    )


def _window(found: object) -> tuple[float, float] | None:
    if found is None:
        return None
    given = read_object(found, "window")
    return _number(given, "center", -_FARTHEST, _FARTHEST), _number(given, "width", 1e-6, 2 * _FARTHEST)


def _one_of(given: Mapping[str, Any], field: str, known: Sequence[Any]) -> Any:
    """The value of *field*, by default the first of *known*."""
    found = given.get(field, known[0])
    if found not in known:
        raise BadParameter(field, _ONE_OF, str(found), known=", ".join(dict.fromkeys(known)))
    return found


def _number(given: Mapping[str, Any], field: str, least: float, most: float) -> float:
    found = given.get(field)
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise _no_number(field, str(found), least, most)
    # No question of math's: JSON's whole numbers may be larger than any float.
    if not least <= found <= most:
        raise _no_number(field, str(found), least, most)
    return float(found) + 0.0  # no minus zero, which would be the same scene under another name


def _no_number(field: str, found: str, least: float, most: float) -> BadParameter:
    return BadParameter(field, _NUMBER, found, least=f"{least:g}", most=f"{most:g}")
