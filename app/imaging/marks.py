"""What a mark may be: the JSON that browsers send, checked.

A mark is a measurement, an arrow, a probe or a key image: a mapping of

``kind``        one of :data:`app.imaging.markvalues.KINDS`
``space``       "patient": ``points`` are LPS mm; "image": pixels (x, y) of ``image``, centres at integers
``points``      length 2 · bidirectional 4 · angle 3, the vertex second · Cobb 4 · ellipse 3 (centre, ends of
                two half axes) · rectangle 4 corners in order · freehand 3 to 5000, closed · arrow 2 (tip,
                tail) · probe 1 · key image 1
``plane``       where it was drawn: ``name``, ``index``, ``origin_lps``, ``right_lps``, ``down_lps``,
                ``normal_lps``, ``thickness_mm``; or None
``image``       of the space "image": its number in the stack, from 0; else None
``spacing_mm``  of the space "image": between columns, between rows; None where it is not calibrated
``phase``, ``label``, ``color`` ("#rrggbb"), ``hidden``, and as they come ``statistics`` and ``shown``

It is kept as it came, to the last digit, so that a browser knows again what it sent.
"""

import math
import re
from collections.abc import Mapping
from typing import Any

from app.imaging.errors import N_, TriplanoError
from app.imaging.markvalues import KINDS, MOST_POINTS, POINT_COUNTS

FARTHEST = 1e6
"""Coordinates lie between ± this, in mm or pixels."""
LONGEST_LABEL = 200
MOST_PHASES = 100_000
MOST_IMAGES = 1_000_000
_LONGEST_NAME = 32
_LONGEST_SHOWN = 40
_UNIT_TOLERANCE = 1e-3
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
_LEAST_SPACING_MM, _MOST_SPACING_MM = 1e-4, 1e3
_MOST_THICKNESS_MM = 1e4
_SHAPE = ("kind", "space", "points", "plane", "image", "spacing_mm")
_REST = ("phase", "label", "color", "hidden", "statistics", "shown")
_PLANE = ("name", "index", "origin_lps", "right_lps", "down_lps", "normal_lps", "thickness_mm")


class InvalidMark(TriplanoError):
    """A part of a mark that cannot be meant; ``field`` names it, the message what was found and wanted."""

    code = "invalid_mark"

    def __init__(self, field: str, template: str, found: object = None, **values: object) -> None:
        shown = "null" if found is None else str(found)[:_LONGEST_SHOWN]
        super().__init__(template, field=field, found=shown, **values)
        self.field = field


def check_mark(given: Mapping[str, Any]) -> None:
    """Refuse what is no mark.

    Parameters
    ----------
    given : mapping of JSON values
        ``label``, ``color``, ``hidden`` and ``phase`` have defaults, ``plane``, ``spacing_mm``,
        ``statistics`` and ``shown`` may be absent; a name that no mark has is refused, for it would be lost.

    Raises
    ------
    InvalidMark
    """
    for name in given:
        if name not in _SHAPE + _REST:
            raise InvalidMark(str(name)[:_LONGEST_SHOWN], N_("%(field)s is no part of a mark."))
    check_shape(given)
    _whole("phase", given.get("phase", 0), MOST_PHASES)
    check_text("label", given.get("label", ""), LONGEST_LABEL)
    _check_colour(given.get("color", "#ffffff"))
    _check_switch("hidden", given.get("hidden", False))
    for name in ("statistics", "shown"):
        if given.get(name) is not None:
            _object(name, given[name])


def check_shape(given: Mapping[str, Any]) -> dict[str, Any]:
    """Kind, space, points and place alone, all there and numbers as floats; the rest is not looked at.

    Raises
    ------
    InvalidMark
    """
    kind, space = (
        _one_of("kind", given.get("kind"), KINDS),
        _one_of("space", given.get("space"), ("patient", "image")),
    )
    in_image = space == "image"
    return {
        "kind": kind,
        "space": space,
        "points": _points(kind, given.get("points"), 2 if in_image else 3),
        "plane": _plane(given.get("plane"), in_image),
        "image": _whole("image", given.get("image"), MOST_IMAGES) if in_image else None,
        "spacing_mm": _spacing(given.get("spacing_mm")) if in_image else None,
    }


def check_text(field: str, found: object, longest: int) -> str:
    """*found*, if it is a text of at most *longest* characters without control characters.

    Raises
    ------
    InvalidMark
    """
    if not isinstance(found, str):
        raise InvalidMark(field, N_("%(field)s is “%(found)s”; a text is wanted."), found)
    if len(found) > longest:
        template = N_("%(field)s has %(found)s characters; at most %(most)s are wanted.")
        raise InvalidMark(field, template, len(found), most=longest)
    # Lone surrogates, which JSON can write, are no characters and cannot be stored or exported.
    if any((ord(sign) < 32 and sign != "\n") or 0xD800 <= ord(sign) < 0xE000 for sign in found):
        raise InvalidMark(field, N_("%(field)s holds characters that are no text."))
    return found


def _points(kind: str, found: object, dimensions: int) -> list[list[float]]:
    if not isinstance(found, list):
        raise InvalidMark("points", N_("%(field)s is “%(found)s”; a list of points is wanted."), found)
    least, most = (3, MOST_POINTS) if kind == "freehand" else (POINT_COUNTS[kind], POINT_COUNTS[kind])
    if not least <= len(found) <= most:
        template = N_("%(field)s are %(found)s; a mark of the kind %(kind)s has %(wanted)s.")
        wanted = f"{least}" if least == most else f"{least} … {most}"
        raise InvalidMark("points", template, len(found), kind=kind, wanted=wanted)
    return [_numbers("points", point, dimensions) for point in found]


def _plane(found: object, in_image: bool) -> dict[str, Any] | None:
    """The plane of a mark; one of an image without a place in the patient has a name and an index alone."""
    if found is None:
        return None
    plane = _object("plane", found)
    for name in plane:
        if name not in _PLANE:
            raise InvalidMark(f"plane.{name}"[:_LONGEST_SHOWN], N_("%(field)s is no part of a mark."))
    known: dict[str, Any] = {
        "name": check_text("plane.name", plane.get("name"), _LONGEST_NAME),
        "index": None if plane.get("index") is None else _number("plane.index", plane["index"], FARTHEST),
        "thickness_mm": _thickness(plane.get("thickness_mm")),
    }
    vectors = {name: plane.get(name) for name in _PLANE if name.endswith("_lps")}
    if in_image and all(vector is None for vector in vectors.values()):
        return known | vectors
    directions = {
        name: _direction(f"plane.{name}", vectors[name]) for name in ("right_lps", "down_lps", "normal_lps")
    }
    _check_frame(*directions.values())
    return known | {"origin_lps": _numbers("plane.origin_lps", vectors["origin_lps"], 3)} | directions


def _direction(field: str, found: object) -> list[float]:
    vector = _numbers(field, found, 3)
    length = math.hypot(*vector)
    if abs(length - 1) > _UNIT_TOLERANCE:
        template = N_("%(field)s has the length %(length)s; a direction of length 1 is wanted.")
        raise InvalidMark(field, template, length=f"{length:.4g}")
    return vector


def _check_frame(right: list[float], down: list[float], normal: list[float]) -> None:
    """Each perpendicular to the others; the normal may point to either side."""
    for field, one, other in (
        ("down_lps", down, right),
        ("normal_lps", normal, right),
        ("normal_lps", normal, down),
    ):
        if abs(sum(a * b for a, b in zip(one, other, strict=True))) > 2 * _UNIT_TOLERANCE:
            template = N_("%(field)s is not perpendicular to the other directions of its plane.")
            raise InvalidMark(f"plane.{field}", template)


def _thickness(found: object) -> float | None:
    if found is None:
        return None
    thickness = _number("plane.thickness_mm", found, _MOST_THICKNESS_MM)
    if thickness < 0:
        template = N_("%(field)s is %(found)s; a number of at least 0 is wanted.")
        raise InvalidMark("plane.thickness_mm", template, found)
    return thickness


def _spacing(found: object) -> list[float] | None:
    if found is None:
        return None
    spacing = _numbers("spacing_mm", found, 2)
    if not all(_LEAST_SPACING_MM <= mm <= _MOST_SPACING_MM for mm in spacing):
        raise InvalidMark("spacing_mm", N_("%(field)s is %(found)s: that is no size of a pixel."), found)
    return spacing


def _numbers(field: str, found: object, count: int) -> list[float]:
    if not isinstance(found, list) or len(found) != count:
        template = N_("%(field)s holds “%(found)s”; %(count)s numbers are wanted.")
        raise InvalidMark(field, template, found, count=count)
    return [_number(field, one, FARTHEST) for one in found]


def _number(field: str, found: object, most: float) -> float:
    # A bool is an int to Python, and a number of JSON may be NaN, infinite or of a thousand digits.
    if isinstance(found, bool) or not isinstance(found, int | float) or not -most <= found <= most:
        template = N_("%(field)s holds “%(found)s”; a number up to ± %(most)s is wanted.")
        raise InvalidMark(field, template, found, most=f"{most:g}")
    return float(found)


def _whole(field: str, found: object, count: int) -> int:
    if isinstance(found, bool) or not isinstance(found, int) or not 0 <= found < count:
        template = N_("%(field)s is “%(found)s”; a whole number from 0 to %(last)s is wanted.")
        raise InvalidMark(field, template, found, last=count - 1)
    return found


def _check_switch(field: str, found: object) -> None:
    if not isinstance(found, bool):
        raise InvalidMark(field, N_("%(field)s is “%(found)s”; true or false is wanted."), found)


def _check_colour(found: object) -> None:
    if not isinstance(found, str) or not _COLOUR.fullmatch(found):
        raise InvalidMark("color", N_("%(field)s is “%(found)s”; #rrggbb is wanted."), found)


def _one_of(field: str, found: object, known: tuple[str, ...]) -> str:
    if not isinstance(found, str) or found not in known:
        template = N_("%(field)s is %(found)s; one of %(known)s is wanted.")
        raise InvalidMark(field, template, found, known=", ".join(known))
    return found


def _object(field: str, found: object) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise InvalidMark(field, N_("%(field)s is “%(found)s”; an object is wanted."), found)
    return found
