"""The pictures that a page shows before its script has come: the ones that the script will ask for first.

Only where that is plain: a volume's three planes as they open, or as the reader left them unturned and at
their fitted size. What is wrong here costs a second picture and never stays, since the script draws its own.
"""

import math
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import numpy as np

from app.imaging.geometry import index_from_world

_FITTED = {"zoom": 1, "dx": 0, "dy": 0, "turn": 0, "mirrored": False}


def first_pictures(data: Mapping[str, Any], saved: object) -> dict[str, dict[str, Any]]:
    """Of each plane ``url`` and ``width`` and ``height`` in mm; none where the script has to think first.

    Parameters
    ----------
    data : the page's data of the series, as ``description.volume_data`` makes it
    saved : what the reader's script saved of it, which may be anything
    """
    state = saved if isinstance(saved, Mapping) else {}
    if data["kind"] != "volume" or not _is_plain(state, data):
        return {}
    point = _point(state, data)
    query = _query(state, data)
    if point is None or query is None:
        return {}
    pictures = {}
    for plane in data["planes"]:
        address = f"/series/{data['id']}/slices/{plane['plane']}/{point[plane['axes_ijk'][2]]}.png"
        pictures[plane["plane"]] = {
            "url": f"{address}?{urlencode(query)}",
            "width": round(plane["width"] * plane["spacing_x_mm"], 4),
            "height": round(plane["height"] * plane["spacing_y_mm"], 4),
        }
    return pictures


def _is_plain(state: Mapping[str, Any], data: Mapping[str, Any]) -> bool:
    """Whether nothing is turned, moved, thickened or put elsewhere."""
    views = state.get("views") or {}
    slab = state.get("slab") or {}
    return (
        isinstance(views, Mapping)
        and all(view == _FITTED for view in views.values())
        and isinstance(slab, Mapping)
        and not slab.get("mm")
        and not state.get("axes")
        and state.get("layout", "2x2") == "2x2"
        and state.get("order", [plane["plane"] for plane in data["planes"]])
        == [plane["plane"] for plane in data["planes"]]
    )


def _point(state: Mapping[str, Any], data: Mapping[str, Any]) -> list[int] | None:
    """The voxel through which the planes go, (i, j, k); None where it lies outside."""
    shape = data["shape_ijk"]
    place = state.get("point_lps")
    if place is None:
        return [count // 2 for count in shape]
    if not (isinstance(place, list) and len(place) == 3 and all(_is_number(value) for value in place)):
        return None
    index = np.floor(index_from_world(data["affine"], place) + 0.5)
    if not all(0 <= value < count for value, count in zip(index, shape, strict=True)):
        return None
    return [int(value) for value in index]


def _query(state: Mapping[str, Any], data: Mapping[str, Any]) -> list[tuple[str, str]] | None:
    """The parameters of ``http/series.js``, in its order: so the browser's cache knows the picture again."""
    window = state.get("window") or data["window"]
    if not isinstance(window, Mapping) or window.get("curve") or window.get("own"):
        return None
    if window.get("lut") is not None:
        query = [("lut", str(window["lut"]))]
    elif _is_number(window.get("width")) and _is_number(window.get("center")):
        query = [("ww", _text(window["width"])), ("wc", _text(window["center"]))]
        query += [("fn", str(window["function"]))] if window.get("function") else []
    else:
        return None
    query.append(("cmap", str(state.get("colormap", "gray"))))
    if state.get("inverted", data["is_inverted"]):
        query.append(("invert", "1"))
    phases = data["phases"]
    if phase := state.get("phase", phases["now"] if phases else 0):
        query.append(("phase", str(phase)))
    if state.get("overlays", bool(data["overlays"])):
        query.append(("overlays", "1"))
    query.append(("rev", str(data["revision"])))
    part = [one.split("=", 1) for one in data["query"].split("&") if one]
    return query + [(name, value) for name, value in part if name != "phase"]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _text(number: float) -> str:
    """As scripts write it: no point where there is nothing behind it."""
    return str(int(number)) if float(number).is_integer() else repr(float(number))
