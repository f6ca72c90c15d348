"""The JSON of a request, and the series that it names."""

from collections.abc import Mapping
from typing import Any

from flask import request

from app.archive.access import series_for
from app.archive.errors import BadParameter
from app.archive.parts import main_part
from app.archive.readers import json_object
from app.imaging.errors import N_
from app.models import User


def read_body() -> dict[str, Any]:
    """The object that the request carries.

    Raises
    ------
    BadParameter
        It is something else.
    """
    return json_object("body", request.get_json())


def read_place(user: User, body: Mapping[str, Any]) -> tuple[str, int]:
    """``series_id`` and ``part`` of *body* of a series that *user* may read; by default the part that opens.

    Raises
    ------
    NotFound, BadParameter
    """
    series_id, part = body.get("series_id"), body.get("part")
    if not isinstance(series_id, str):
        raise BadParameter("series_id", N_("%(field)s is “%(found)s”; a text is wanted."), str(series_id))
    series = series_for(user, series_id)
    if part is None:
        return series_id, main_part(series)
    if isinstance(part, bool) or not isinstance(part, int):
        raise BadParameter("part", N_("%(field)s is “%(found)s”; a whole number is wanted."), str(part))
    return series_id, part
