"""Window Center and Width: modality values to 256 greys by the LINEAR function of the standard.

With centre ``c`` and width ``w`` the grey of value ``x`` is ``((x - (c - 0.5)) / (w - 1) + 0.5) × 255``,
clipped and rounded half up. The browser windows the same voxels with the same expression in the same order
(``Math.round`` rounds half up too), so that both pictures agree pixel by pixel.

int16 planes go through a table of all 65,536 values; other types are computed.

References: PS3.3 C.11.2.1.2.1 (LINEAR), C.11.2.1.2.2 (several windows; the first is the default).
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from app.imaging.errors import N_, InvalidElement

MAX_EXPLANATION = 64
"""Characters of a stored Window Center & Width Explanation (LO) that are kept."""


@dataclass(frozen=True)
class Window:
    """A window in modality units (HU for CT).

    ``explanation`` is the file's own text, or for a preset a template of the catalogue.

    Raises
    ------
    InvalidElement
        When centre or width is not a number, or the width is below 1 (PS3.3 C.11.2.1.2.1).
    """

    center: float
    width: float
    explanation: str = ""

    def __post_init__(self) -> None:
        if not math.isfinite(self.center):
            raise InvalidElement(
                N_("Window Center (0028,1050) is %(found)s; a number is wanted."), found=str(self.center)
            )
        if not (math.isfinite(self.width) and self.width >= 1):
            raise InvalidElement(
                N_("Window Width (0028,1051) is %(found)s; a number of at least 1 is wanted."),
                found=f"{self.width:g}",
            )

    def as_json(self) -> dict[str, Any]:
        """``center``, ``width`` and ``explanation``."""
        return {"center": self.center, "width": self.width, "explanation": self.explanation}


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


def to_grey(plane: NDArray[Any], window: Window, inverted: bool = False) -> NDArray[np.uint8]:
    """The greys of a plane of modality values.

    Parameters
    ----------
    plane : array of any shape, strides and real dtype
        Modality values. NaN is no data and comes out black, ±inf as the ends of the scale.
    window : Window
    inverted : bool
        Low values bright, as MONOCHROME1 wants it (PS3.3 C.7.6.3.1.2).

    Returns
    -------
    uint8 array of the same shape, contiguous.
    """
    if plane.dtype == np.int16:
        # Indexing by the uint16 view needs no arithmetic: the table is rolled to fit.
        return np.take(window_table(window, inverted), np.ascontiguousarray(plane).view(np.uint16))
    values = plane.astype(np.float64)
    grey = _linear(values, window)
    if inverted:
        grey = np.subtract(255, grey)
    if plane.dtype.kind == "f":
        grey[np.isnan(values)] = 0
    return grey


@lru_cache(maxsize=128)
def window_table(window: Window, inverted: bool = False) -> NDArray[np.uint8]:
    """The grey of every int16 value: (65536,) uint8, read-only, indexed by the value's uint16 view."""
    grey = _linear(np.arange(-32768, 32768, dtype=np.float64), window)
    table = np.roll(np.subtract(255, grey) if inverted else grey, -32768)
    table.setflags(write=False)
    return table


def default_window(header: HasWindows) -> Window:
    """The window to open a series with: the first valid stored one, else by modality, else by percentiles.

    A stored window of width below 1 is passed over: scanners and converters write 0 for "none".
    """
    for stored in header.windows:
        try:
            return _as_window(stored)
        except (InvalidElement, TypeError, ValueError, KeyError):
            continue
    if header.modality == "CT" and header.unit == "HU":
        return PRESETS["soft_tissue"]
    low, high = _outer_percentiles(header.percentiles)
    return Window((low + high) / 2 + 0.5, max(1.0, high - low + 1.0))


def _as_window(stored: Any) -> Window:
    """A window from a header's entry: a Window, or a mapping with its three names."""
    if isinstance(stored, Window):
        return stored
    text = str(stored.get("explanation") or "")[:MAX_EXPLANATION]
    return Window(float(stored["center"]), float(stored["width"]), text)


def _outer_percentiles(percentiles: Any) -> tuple[float, float]:
    """The lowest and highest value of a header's percentiles, a mapping {percent: value} or a sequence."""
    values = percentiles.values() if isinstance(percentiles, Mapping) else percentiles
    finite = [float(value) for value in values or () if math.isfinite(float(value))]
    return (min(finite), max(finite)) if finite else (0.0, 255.0)


def _linear(values: NDArray[np.float64], window: Window) -> NDArray[np.uint8]:
    """The LINEAR function, 0 to 255; NaN gives 0."""
    if window.width == 1:  # the formula divides by width − 1: the standard's thresholds remain
        return np.where(values > window.center - 0.5, 255, 0).astype(np.uint8)
    grey = ((values - (window.center - 0.5)) / (window.width - 1) + 0.5) * 255
    # fmax and fmin pass over NaN, so that nothing undefined is cast to an integer.
    return np.floor(np.fmin(np.fmax(grey, 0), 255) + 0.5).astype(np.uint8)
