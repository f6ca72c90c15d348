"""The values that name the phases of a part on its slider: b-values, seconds, milliseconds, kinds.

References
----------
PS3.3 C.8.13.5.9 (MR Diffusion), C.7.6.16.2.2 (Frame Content).
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any, Literal

from app.imaging.sliceheader import SliceHeader

Kind = Literal["time", "b_value", "echo", "cardiac", "kind", "acquisition", "frame", "copy"]


@dataclass(frozen=True)
class Dimension:
    """What sets the phases of a part apart; one value for each, in the slider's order."""

    kind: Kind
    unit: str
    values: tuple[float | str, ...]


def dimension_of(
    kind: Kind, unit: str, values: Sequence[Any], volumes: Sequence[Sequence[SliceHeader]]
) -> Dimension:
    """The dimension in the words that say most: b-values where a count separated them, seconds for times."""
    if kind in ("time", "copy", "acquisition", "frame"):
        weights = [{diffusion(header) for header in volume} for volume in volumes]
        if all(len(found) == 1 and None not in found for found in weights) and len(set.union(*weights)) > 1:
            return Dimension("b_value", "s/mm²", _weightings([found.pop() for found in weights]))
    if kind == "b_value":
        pairs = [value if isinstance(value, tuple) else (value, None) for value in values]
        return Dimension(kind, unit, _weightings(pairs))
    if kind == "time":
        return _times(volumes, values)
    if kind == "copy":
        if _rising(volumes, lambda header: header.dimensions.acquisition_seconds):
            return _times(volumes, values)
        return Dimension(kind, "", tuple(float(n + 1) for n in range(len(values))))
    if all(isinstance(value, int | float) for value in values):
        return Dimension(kind, unit, tuple(round(float(value), 3) for value in values))
    return Dimension(kind, "", tuple(value_text(value, "") for value in values))


def _times(volumes: Sequence[Sequence[SliceHeader]], values: Sequence[Any]) -> Dimension:
    """Seconds after the first phase, or ms after the trigger, where the files tell; else numbers."""
    seconds = _rising(volumes, lambda header: header.dimensions.acquisition_seconds)
    if seconds:
        return Dimension("time", "s", tuple(round(second - seconds[0], 3) for second in seconds))
    triggered = _rising(volumes, lambda header: header.dimensions.trigger_time_ms)
    if triggered:
        return Dimension("cardiac", "ms", tuple(round(time, 3) for time in triggered))
    return Dimension("time", "", tuple(float(value) for value in values))


def _rising(
    volumes: Sequence[Sequence[SliceHeader]], key: Callable[[SliceHeader], float | None]
) -> list[float]:
    """The middle value of each volume where all have one and each is above the last; else nothing."""
    found = [[value for header in volume if (value := key(header)) is not None] for volume in volumes]
    if not all(found):
        return []
    middles = [float(median(values)) for values in found]
    return middles if all(before < after for before, after in pairwise(middles)) else []


def _weightings(weights: Sequence[Any]) -> tuple[float | str, ...]:
    """b-values; with their direction where that is known and b alone would name two volumes alike."""
    alone = [b for b, _gradient in weights]
    if len(set(alone)) == len(alone) or len(set(weights)) < len(weights):
        return tuple(float(b) for b in alone)
    return tuple(
        f"{b:g} [{' '.join(f'{round(part, 2) + 0.0:.2f}' for part in gradient)}]" if gradient else f"{b:g}"
        for b, gradient in weights
    )


def diffusion(header: SliceHeader) -> Hashable:
    """b-value and direction, as one value; None without a b-value."""
    b_value = header.dimensions.b_value
    return None if b_value is None else (b_value, header.dimensions.gradient)


def value_text(value: Any, unit: str) -> str:
    """*value* with its unit, the same in every language."""
    if isinstance(value, tuple):
        return " ".join(value_text(part, "") for part in value if part is not None)
    shown = f"{value:g}" if isinstance(value, float) else str(value)
    return f"{shown} {unit}".strip()
