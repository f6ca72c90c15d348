"""What a request asks for, as checked values; a parameter that makes no sense is named in the answer."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from app.archive.errors import BadParameter, NotFound
from app.imaging.colormap import COLORMAPS
from app.imaging.curve import MAX_POINTS, Curve, InvalidCurve
from app.imaging.errors import N_, TriplanoError
from app.imaging.histogram import MAX_BINS
from app.imaging.voi import MAX_LUTS
from app.imaging.window import Display, Window, WindowFunction

_LONGEST_POINT = 80  # characters; the last digits of a double are at the 17th
DEFAULT_BINS = 256
FUNCTION_NAMES: dict[str, WindowFunction] = {
    "linear": "LINEAR",
    "exact": "LINEAR_EXACT",
    "sigmoid": "SIGMOID",
}
"""What ``fn`` may be."""


class NoSuchImage(NotFound):
    """A slice or an image beyond the ends of the series."""

    field = "index"

    def __init__(self, index: int, count: int) -> None:
        TriplanoError.__init__(
            self,
            N_("Slice %(index)s does not exist: there are slices 0 to %(last)s."),
            index=index,
            last=count - 1,
        )


@dataclass(frozen=True)
class Rendering:
    """How values become a picture. Without a window or a LUT the series' own is taken.

    ``lut`` is the place, from 0, of one of the VOI LUTs of the image; ``overlays``: burnt in, in colour.
    """

    window: Display | None
    colormap: str
    inverted: bool
    lut: int | None = None
    overlays: bool = False

    @property
    def key(self) -> str:
        """The same text for the same picture of the same address."""
        numbers = "" if self.lut is None else f"lut{self.lut}"
        if isinstance(self.window, Window):
            numbers = f"{self.window.width!r},{self.window.center!r},{self.window.function}"
        elif isinstance(self.window, Curve):
            numbers = f"curve{self.window.key}"
        return f"{numbers},{self.colormap},{self.inverted:d}{self.overlays:d}"


def read_rendering(arguments: Mapping[str, str]) -> Rendering:
    """What a picture's address says of its greys and colours.

    ``ww``, ``wc`` and ``fn``, or ``lut``, or ``curve``; ``cmap``, ``invert`` and ``overlays``.

    Raises
    ------
    BadParameter
    """
    colormap = arguments.get("cmap", "gray")
    if colormap not in COLORMAPS:
        template = N_("%(field)s is %(found)s; one of %(known)s is wanted.")
        raise BadParameter("cmap", template, colormap, known=", ".join(COLORMAPS))
    return Rendering(
        window=_curve(arguments) or _window(arguments),
        colormap=colormap,
        inverted=_switch(arguments, "invert"),
        lut=_lut(arguments),
        overlays=_switch(arguments, "overlays"),
    )


def _switch(arguments: Mapping[str, str], field: str) -> bool:
    found = arguments.get(field, "0")
    if found not in ("0", "1"):
        raise BadParameter(field, N_("%(field)s is %(found)s; 0 or 1 is wanted."), found)
    return found == "1"


def _window(arguments: Mapping[str, str]) -> Window | None:
    if not {"ww", "wc", "fn"} & set(arguments):
        return None
    name = arguments.get("fn", "linear")
    if name not in FUNCTION_NAMES:
        template = N_("%(field)s is %(found)s; one of %(known)s is wanted.")
        raise BadParameter("fn", template, name, known=", ".join(FUNCTION_NAMES))
    function = FUNCTION_NAMES[name]
    width = _number(arguments, "ww")
    if function == "LINEAR" and width < 1:
        raise BadParameter(
            "ww", N_("%(field)s is %(found)s; a number of at least 1 is wanted."), f"{width:g}"
        )
    if width <= 0:
        raise BadParameter("ww", N_("%(field)s is %(found)s; a number above 0 is wanted."), f"{width:g}")
    return Window(_number(arguments, "wc"), width, function=function)


def _lut(arguments: Mapping[str, str]) -> int | None:
    text = arguments.get("lut")
    if text is None:
        return None
    if "ww" in arguments or "wc" in arguments or "fn" in arguments:
        raise BadParameter("lut", N_("%(field)s takes the place of ww, wc and fn: one or the other."), text)
    return read_index({"lut": text}, "lut", MAX_LUTS)


def _curve(arguments: Mapping[str, str]) -> Curve | None:
    """``curve=-1000:0,-600:128.5,400:255``: values and greys of its points."""
    text = arguments.get("curve")
    if text is None:
        return None
    if {"ww", "wc", "fn", "lut"} & set(arguments):
        template = N_("%(field)s takes the place of ww, wc, fn and lut: one or the other.")
        raise BadParameter("curve", template, text)
    points = []
    for point in text.split(",", MAX_POINTS + 1):
        value, _, grey = point[:_LONGEST_POINT].partition(":")
        found = _finite(value), _finite(grey)
        if found[0] is None or found[1] is None:
            template = N_(
                "%(field)s is “%(found)s”; points such as -600:128.5 with commas between are wanted."
            )
            raise BadParameter("curve", template, text)
        # No minus zero, which would be the same curve under another name.
        points.append((found[0] + 0.0, found[1] + 0.0))
    try:
        return Curve(tuple(points))
    except InvalidCurve as fault:
        values = {name: value for name, value in fault.message.values.items() if name != "found"}
        found_text = str(fault.message.values.get("found", text))
        raise BadParameter("curve", fault.message.template, found_text, **values) from None


def _number(arguments: Mapping[str, str], field: str) -> float:
    text = arguments.get(field, "")
    value = _finite(text)
    if value is None:
        raise BadParameter(field, N_("%(field)s is “%(found)s”; a number is wanted."), text)
    return value


def read_numbers(arguments: Mapping[str, str], field: str, count: int) -> tuple[float, ...]:
    """*count* numbers with commas between them.

    Raises
    ------
    BadParameter
    """
    if count == 1:
        return (_number(arguments, field),)
    text = arguments.get(field, "")
    values = [value for part in text.split(",")[: count + 1] if (value := _finite(part)) is not None]
    if len(values) != count or text.count(",") != count - 1:
        template = N_("%(field)s is “%(found)s”; %(count)s numbers with commas between them are wanted.")
        raise BadParameter(field, template, text, count=count)
    return tuple(values)


def _finite(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def read_index(arguments: Mapping[str, str], field: str, count: int, default: int | None = None) -> int:
    """A place from 0 to *count* − 1."""
    text = arguments.get(field, "")
    if not text and default is not None:
        return default
    # int() alone would take "1_0" and digits of other scripts.
    value = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
    if not 0 <= value < count:
        template = N_("%(field)s is “%(found)s”; a whole number from 0 to %(last)s is wanted.")
        raise BadParameter(field, template, text, last=count - 1)
    return value


def read_bins(arguments: Mapping[str, str]) -> int:
    """How many bins a histogram is to have at most."""
    text = arguments.get("bins", str(DEFAULT_BINS))
    value = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    if not 1 <= value <= MAX_BINS:
        template = N_("%(field)s is “%(found)s”; a whole number from 1 to %(last)s is wanted.")
        raise BadParameter("bins", template, text, last=MAX_BINS)
    return value
