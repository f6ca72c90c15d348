"""What a request says of a segmentation and its segments, checked: names, colours, codes."""

import re
from typing import Any

from app.archive.errors import BadParameter
from app.archive.labelreading import MOST_NAME, MOST_SEGMENTS
from app.imaging.errors import N_
from app.imaging.values import clean_text

MOST_CODE = 64
_COLOR = re.compile(r"#[0-9a-f]{6}")
_WORD = N_("%(field)s is “%(found)s”; a text of 1 to %(most)s characters is wanted.")


def read_changes(found: object) -> list[tuple[int, dict[str, Any]]]:
    """The number of each segment of the list *found*, with what is to be changed of it.

    Raises
    ------
    BadParameter
    """
    if not isinstance(found, list) or len(found) > MOST_SEGMENTS:
        raise BadParameter("segments", N_("%(field)s is “%(found)s”; a list is wanted."), str(found))
    return [_segment_change(one) for one in found]


def _segment_change(found: object) -> tuple[int, dict[str, Any]]:
    if not isinstance(found, dict):
        raise BadParameter("segments", N_("%(field)s is “%(found)s”; an object is wanted."), str(found))
    number = found.get("number")
    if isinstance(number, bool) or not isinstance(number, int):
        raise BadParameter("number", N_("%(field)s is “%(found)s”; a whole number is wanted."), str(number))
    values: dict[str, Any] = {}
    if "name" in found:
        values["name"] = read_words("name", found["name"])
    if "color" in found:
        values["color"] = _color(found["color"])
    if "code" in found:
        values["code"] = _code(found["code"])
    return number, values


def read_words(field: str, found: object, most: int = MOST_NAME) -> str:
    """*found* on one line of 1 to *most* characters.

    Raises
    ------
    BadParameter
    """
    text = clean_text(found, most + 1) if isinstance(found, str) else ""
    if not 1 <= len(text) <= most:
        raise BadParameter(field, _WORD, str(found), most=most)
    return text


def _color(found: object) -> str:
    text = found.lower() if isinstance(found, str) else ""
    if not _COLOR.fullmatch(text):
        raise BadParameter(
            "color", N_("%(field)s is “%(found)s”; a colour as #rrggbb is wanted."), str(found)
        )
    return text


def _code(found: object) -> dict[str, str] | None:
    """``{"value", "scheme", "meaning"}``, or none."""
    if found is None:
        return None
    if not isinstance(found, dict) or set(found) != {"value", "scheme", "meaning"}:
        template = N_("%(field)s is “%(found)s”; value, scheme and meaning are wanted, or null.")
        raise BadParameter("code", template, str(found))
    return {name: read_words(name, text, MOST_CODE) for name, text in found.items()}
