"""The windows that the panel offers: the modality's usual ones, the file's own, and further usual ones."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import gettext as _

from app.imaging.errors import N_
from app.imaging.voi import VoiLut
from app.imaging.window import (
    PRESETS,
    SUV_PRESETS,
    SUV_UNIT,
    Window,
    stored_windows,
    window_around,
    window_between,
)
from app.viewer.parameters import FUNCTION_NAMES
from app.viewer.wording import figure

_FIRST_CT = 5
"""CT presets before the file's own: they stand on the keys 1 to 5 whatever the file brings."""
_BY_VALUES = {"MR", "CR", "DX", "MG", "IO", "PX", "RF", "XA"}
"""Modalities whose values have no scale: their presets follow from the values that are there."""
_MOST_STORED = 16
_WHOLE_FROM = 50
# Wider windows are told on their buttons in whole numbers.
_ROUND_FROM = 1000
_STEEPER, _FLATTER = 0.6, 1.6


@dataclass(frozen=True)
class Spread:
    """The 1st and the 99th percentile, the lowest and the highest of the shown values, in modality units."""

    low: float
    high: float
    lowest: float
    highest: float


def presets(
    modality: str,
    unit: str,
    stored: tuple[dict[str, Any], ...],
    luts: Sequence[VoiLut],
    spread: Spread | None = None,
) -> list[dict[str, Any]]:
    """The panel's windows in the order of the digit keys.

    Usual ones, LUTs of the file, its windows, and for CT the further usual ones (``is_further``).
    """
    usual = _usual(modality, unit, spread)
    first = usual[:_FIRST_CT]
    found = [_preset(_(window.explanation), window_numbers(window)) for window in first]
    for n, lut in enumerate(luts):
        label = lut.explanation or _("VOI LUT %(number)s", number=n + 1)
        found.append(_preset(label, lut_numbers(n, lut)) | {"is_stored": True, "numbers": "LUT"})
    for window in list(dict.fromkeys(stored_windows(stored)))[:_MOST_STORED]:
        label = window.explanation or _("From the file")
        found.append(_preset(label, window_numbers(window)) | {"is_stored": True})
    for window in usual[_FIRST_CT:]:
        found.append(_preset(_(window.explanation), window_numbers(window)) | {"is_further": True})
    return found


def _usual(modality: str, unit: str, spread: Spread | None) -> list[Window]:
    if modality == "CT" and unit == "HU":
        return list(PRESETS.values())
    if unit == SUV_UNIT:
        return list(SUV_PRESETS)
    if modality in _BY_VALUES and spread is not None and spread.high > spread.low:
        return _of_values(spread)
    return []


def _of_values(spread: Spread) -> list[Window]:
    fitted = readable(window_between(spread.low, spread.high))
    whole = readable(window_between(spread.lowest, spread.highest))
    steep = readable(replace(fitted, width=max(fitted.width * _STEEPER, _least(fitted))))
    flat = readable(replace(fitted, width=fitted.width * _FLATTER))
    return [
        replace(fitted, explanation=N_("Automatic")),
        replace(steep, explanation=N_("High contrast")),
        replace(flat, explanation=N_("Low contrast")),
        replace(whole, explanation=N_("All values")),
    ]


def _least(window: Window) -> float:
    return 1.0 if window.function == "LINEAR" else 0.0


def _preset(label: str, numbers: dict[str, Any]) -> dict[str, Any]:
    decimals = 0 if numbers["width"] >= _ROUND_FROM else 2
    shown = f"{figure(numbers['width'], decimals)} / {figure(numbers['center'], decimals)}"
    if numbers.get("function") == "sigmoid":
        shown += " " + _("sigmoid")
    return {"label": label, **numbers, "numbers": shown}


def readable(window: Window) -> Window:
    """A window made from values without its odd decimals, where it is wide enough not to need them."""
    if window.width < _WHOLE_FROM:
        return window
    return replace(window, center=round(window.center), width=round(window.width))


def window_numbers(window: Window) -> dict[str, Any]:
    """A window for the script; ``function`` where it is not the usual one, by its name in addresses."""
    numbers: dict[str, Any] = {"center": window.center, "width": window.width}
    if window.function != "LINEAR":
        numbers["function"] = next(name for name, it in FUNCTION_NAMES.items() if it == window.function)
    return numbers


def lut_numbers(n: int, lut: VoiLut) -> dict[str, Any]:
    """A VOI LUT for the script, with the window from its first to its last input."""
    return {**window_numbers(window_around(lut)), "lut": n}
