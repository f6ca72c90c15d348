"""Modality values to 256 greys: by Window Center and Width, by a VOI LUT of the file, or by a curve.

With centre ``c`` and width ``w`` the grey of value ``x``, before clipping and rounding half up, is

- LINEAR: ``((x - (c - 0.5)) / (w - 1) + 0.5) × 255``, the function where none is named;
- LINEAR_EXACT: ``((x - c) / w + 0.5) × 255``;
- SIGMOID: ``255 / (1 + exp(-4 × (x - c) / w))``.

int16 planes go through a table of all 65,536 values; other types are computed by the same expression.

References: PS3.3 C.11.2.1.2.1 (LINEAR), C.11.2.1.2.2 (several windows; the first is the default),
C.11.2.1.3 (VOI LUT Function), C.11.2.1.1 (VOI LUT Sequence).
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from app.imaging.curve import Curve
from app.imaging.errors import N_, InvalidElement
from app.imaging.voi import VoiLut

WindowFunction = Literal["LINEAR", "LINEAR_EXACT", "SIGMOID"]
FUNCTIONS: tuple[WindowFunction, ...] = get_args(WindowFunction)
"""Values of VOI LUT Function (0028,1056)."""
_NARROW = 8
_AT_ONCE = 1 << 22  # pixels
MAX_EXPLANATION = 64
"""Characters of a stored Window Center & Width Explanation (LO) that are kept."""


@dataclass(frozen=True)
class Window:
    """A window in modality units (HU for CT).

    ``explanation`` is the file's own text, or for a preset a template of the catalogue.

    Raises
    ------
    InvalidElement
        When centre or width is not a number, the function is none of the three, or the width is below 1 for
        LINEAR, or not above 0 for the others (PS3.3 C.11.2.1.2.1, C.11.2.1.3).
    """

    center: float
    width: float
    explanation: str = ""
    function: WindowFunction = "LINEAR"

    def __post_init__(self) -> None:
        if self.function not in FUNCTIONS:
            raise InvalidElement(
                N_("VOI LUT Function (0028,1056) is none of %(known)s."), known=", ".join(FUNCTIONS)
            )
        if not math.isfinite(self.center):
            raise InvalidElement(
                N_("Window Center (0028,1050) is %(found)s; a number is wanted."), found=str(self.center)
            )
        if self.function == "LINEAR" and not (math.isfinite(self.width) and self.width >= 1):
            raise InvalidElement(
                N_("Window Width (0028,1051) is %(found)s; a number of at least 1 is wanted."),
                found=f"{self.width:g}",
            )
        if not (math.isfinite(self.width) and self.width > 0):
            raise InvalidElement(
                N_("Window Width (0028,1051) is %(found)s; a number above 0 is wanted."),
                found=f"{self.width:g}",
            )

    def as_json(self) -> dict[str, Any]:
        """``center``, ``width``, ``explanation`` and ``function``."""
        return {
            "center": self.center,
            "width": self.width,
            "explanation": self.explanation,
            "function": self.function,
        }

    def greys(self, plane: NDArray[Any]) -> NDArray[np.uint8]:
        """The greys of modality values, 0 to 255; NaN gives 0."""
        grey = plane.astype(np.float64)
        _FUNCTIONS[self.function](grey, self.center, self.width)
        # fmax and fmin pass over NaN, so that nothing undefined is cast to an integer.
        np.fmax(grey, 0, out=grey)
        np.fmin(grey, 255, out=grey)
        grey += 0.5
        return grey.astype(np.uint8)  # which cuts off: nothing is below 0


Display = Window | VoiLut | Curve
"""What makes greys of modality values."""


PRESETS: dict[str, Window] = {
    "soft_tissue": Window(40, 400, N_("Soft tissue")),
    "lung": Window(-600, 1500, N_("Lung")),
    "bone": Window(480, 2500, N_("Bone")),
    "brain": Window(40, 80, N_("Brain")),
    "mediastinum": Window(50, 350, N_("Mediastinum")),
    "liver": Window(90, 150, N_("Liver")),
    "angiography": Window(300, 600, N_("Angiography")),
    "spine": Window(50, 250, N_("Spine")),
    "subdural": Window(75, 200, N_("Subdural")),
    "stroke": Window(40, 40, N_("Stroke")),
    "temporal_bone": Window(700, 4000, N_("Temporal bone")),
}
"""Windows for CT in HU; the first four stand on the keys 1 to 4."""

SUV_UNIT = "SUVbw"
SUV_PRESETS: tuple[Window, ...] = (
    Window(2.5, 5, N_("SUV 0 to 5"), "LINEAR_EXACT"),
    Window(5, 10, N_("SUV 0 to 10"), "LINEAR_EXACT"),
    Window(7.5, 15, N_("SUV 0 to 15"), "LINEAR_EXACT"),
)
"""Windows for PET in SUV by body weight; the first one opens a series without its own."""


class HasWindows(Protocol):
    """What :func:`default_window` reads of a volume's header."""

    @property
    def windows(self) -> Iterable[Any]: ...
    @property
    def modality(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def percentiles(self) -> Any: ...


def to_grey(plane: NDArray[Any], display: Display, inverted: bool = False) -> NDArray[np.uint8]:
    """The greys of a plane of modality values.

    Parameters
    ----------
    plane : array of any shape, strides and real dtype
        Modality values. NaN is no data and comes out black, ±inf as the ends of the scale.
    display : Window, VoiLut or Curve
    inverted : bool
        Low values bright, as MONOCHROME1 wants it (PS3.3 C.7.6.3.1.2).

    Returns
    -------
    uint8 array of the same shape, contiguous.
    """
    if plane.dtype == np.int16:
        # Indexing by the uint16 view needs no arithmetic: the table is rolled to fit.
        return _looked_up(window_table(display, inverted), np.ascontiguousarray(plane).view(np.uint16))
    grey = display.greys(np.ascontiguousarray(plane))
    if inverted:
        grey = np.subtract(255, grey)
    if plane.dtype.kind == "f":
        grey[np.isnan(plane)] = 0
    return grey


def _looked_up(table: NDArray[np.uint8], places: NDArray[np.uint16]) -> NDArray[np.uint8]:
    """``table[places]``; of large planes part by part, as numpy makes 8 bytes of each index."""
    if places.size <= _AT_ONCE:
        return np.take(table, places)
    flat = places.reshape(-1)
    greys = np.empty(flat.shape, np.uint8)
    for start in range(0, flat.size, _AT_ONCE):
        greys[start : start + _AT_ONCE] = np.take(table, flat[start : start + _AT_ONCE])
    return greys.reshape(places.shape)


@lru_cache(maxsize=128)
def window_table(display: Display, inverted: bool = False) -> NDArray[np.uint8]:
    """The grey of every int16 value: (65536,) uint8, read-only, indexed by the value's uint16 view."""
    grey = display.greys(np.arange(-32768, 32768, dtype=np.int32))
    table = np.roll(np.subtract(255, grey) if inverted else grey, -32768)
    table.setflags(write=False)
    return table


def default_display(header: HasWindows, luts: Sequence[VoiLut] = ()) -> Display:
    """What a series or an image opens with: its first VOI LUT, else :func:`default_window`."""
    return luts[0] if luts else default_window(header)


def default_window(header: HasWindows) -> Window:
    """The window to open a series with: the first valid stored one, else by modality, else by percentiles.

    A stored window of width below 1 is passed over: scanners and converters write 0 for "none".
    """
    stored = stored_windows(header.windows)
    if stored:
        return stored[0]
    if header.modality == "CT" and header.unit == "HU":
        return PRESETS["soft_tissue"]
    if header.unit == SUV_UNIT:
        return SUV_PRESETS[0]
    return window_between(*_outer_percentiles(header.percentiles))


def window_between(low: float, high: float) -> Window:
    """The window that is black up to *low* and white from *high* on, in modality units."""
    if 0 < high - low < _NARROW:
        # The same greys as below; but LINEAR, whose width ends at 1, could not be narrowed by hand.
        return Window((low + high) / 2, high - low, function="LINEAR_EXACT")
    return Window((low + high) / 2 + 0.5, max(1.0, high - low + 1.0))


def stored_windows(entries: Iterable[Any]) -> list[Window]:
    """The windows of a header's *entries*, those that cannot be meant left out."""
    windows = []
    for entry in entries:
        try:
            windows.append(as_window(entry))
        except (InvalidElement, TypeError, ValueError, KeyError):
            continue
    return windows


def window_around(display: Display) -> Window:
    """The numbers that stand for *display* where a table cannot be shown: of a VOI LUT, all its inputs."""
    if isinstance(display, Window):
        return display
    if isinstance(display, Curve):
        low, high = display.points[0][0], display.points[-1][0]
        return Window((low + high) / 2, high - low, function="LINEAR_EXACT")
    first, last = display.table.first, display.table.last
    return Window((first + last) / 2 + 0.5, last - first + 1, display.explanation)


def as_window(stored: Any) -> Window:
    """A window from a header's entry: a Window, or a mapping with the names of :meth:`Window.as_json`.

    Raises
    ------
    InvalidElement, TypeError, ValueError, KeyError
        It is none.
    """
    if isinstance(stored, Window):
        return stored
    text = str(stored.get("explanation") or "")[:MAX_EXPLANATION]
    # Without a function LINEAR is meant; so wrote those who kept windows before there were others.
    return Window(float(stored["center"]), float(stored["width"]), text, stored.get("function") or "LINEAR")


def _outer_percentiles(percentiles: Any) -> tuple[float, float]:
    """The lowest and highest value of a header's percentiles, a mapping {percent: value} or a sequence."""
    values = percentiles.values() if isinstance(percentiles, Mapping) else percentiles
    finite = [float(value) for value in values or () if math.isfinite(float(value))]
    return (min(finite), max(finite)) if finite else (0.0, 255.0)


# Each works in place, on values that become greys: fresh memory would take more time than the arithmetic.
def _linear(values: NDArray[np.float64], center: float, width: float) -> None:
    if width == 1:  # the formula divides by width − 1: the standard's thresholds remain
        values[...] = np.where(values > center - 0.5, 255, 0)
        return
    values -= center - 0.5
    values /= width - 1
    values += 0.5
    values *= 255


def _linear_exact(values: NDArray[np.float64], center: float, width: float) -> None:
    values -= center
    # Over a width of nearly nothing the quotient overflows to the infinity on its side.
    with np.errstate(over="ignore"):
        values /= width
    values += 0.5
    values *= 255


def _sigmoid(values: NDArray[np.float64], center: float, width: float) -> None:
    values -= center
    values *= -4
    # Far below the centre exp overflows to infinity, and 255 / infinity is the 0 that is meant.
    with np.errstate(over="ignore"):
        values /= width
        np.exp(values, out=values)
    values += 1
    np.divide(255, values, out=values)


_FUNCTIONS: dict[str, Callable[[NDArray[np.float64], float, float], None]] = {
    "LINEAR": _linear,
    "LINEAR_EXACT": _linear_exact,
    "SIGMOID": _sigmoid,
}
