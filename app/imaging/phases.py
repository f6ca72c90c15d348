"""Several images at each place: what sets them apart, and one volume for each value of it.

A dimension separates cleanly if no place holds two images of the same value and at least one value is
there at every place. What is not complete is kept apart, never mixed in.

References
----------
PS3.3 C.7.6.17 (Multi-frame Dimension), C.8.3.1 and C.8.13.5 (MR: Temporal Position Identifier, Trigger
Time, Echo Time, Diffusion b-value), C.8.9.4.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import Any

from app.imaging.phasevalues import Dimension, Kind, diffusion, dimension_of, value_text
from app.imaging.places import Place
from app.imaging.sliceheader import SliceHeader

Key = Callable[[SliceHeader], Hashable]
_MOST_FAMILIES = 16


@dataclass(frozen=True)
class Family:
    """Images of one stack that make volumes of the same places.

    Attributes
    ----------
    phases : the images of each volume
    dimension : Dimension or None
        None where there is one volume.
    detail : str
        What sets the family apart from others of its stack, the same in every language; "" if nothing.
    incomplete : (detail, images, images of a whole phase)
    copies : images at the place of another that nothing tells from it
    is_guess : bool
        Only the order of the numbers at each place tells the volumes apart.
    """

    phases: tuple[tuple[SliceHeader, ...], ...]
    dimension: Dimension | None
    detail: str = ""
    incomplete: tuple[tuple[str, tuple[SliceHeader, ...], int], ...] = ()
    copies: tuple[SliceHeader, ...] = ()
    is_guess: bool = False


def families_of(places: Sequence[Place]) -> list[Family]:
    """The images at *places* as volumes, one for each phase; several families where kinds are mixed too."""
    if max(map(len, places)) == 1:
        return [Family((tuple(place[0] for place in places),), None)]
    if len(places) == 1:  # a cine of one slice is leafed through, not stacked
        return [Family((tuple(sorted(places[0], key=_number)),), None)]
    headers = [header for place in places for header in place]
    repeated = median(len(place) for place in places) > 1
    found = (
        _by_value(places, _NAMED)
        or _by_family(places, _KINDS)
        or _by_value(places, [*_TIMED, *_index_keys(headers)])
        or _by_rank(places, _RANKED)
    )
    if not found and not repeated:
        found = [_without_copies(places)]
    if not found:
        found = (
            _by_value(places, [("copy", "", _volume_number(places))])
            or _by_number(places)
            or _by_family(places, _OTHERS)
            or [Family((tuple(headers),), None)]
        )
    return found


def _by_value(places: Sequence[Place], keys: Sequence[tuple[Kind, str, Key]]) -> list[Family]:
    """Phases of the first attribute that separates by values which are the same at every place."""
    most = 2 * max(map(len, places))
    for kind, unit, key in keys:
        phases = _separated(places, key)
        # More values than that belong to slices, as their times do, and only chance repeats one.
        if phases is None or len(phases) > most:
            continue
        whole = [value for value in phases if len(phases[value]) == len(places)]
        if not whole:
            continue
        broken = [value for value in phases if len(phases[value]) < len(places)]
        # Clocks that run apart from slice to slice share but their zero: their order says more.
        if broken and any(key is clock for _, _, clock in _RANKED) and _by_rank(places, ((kind, unit, key),)):
            continue
        incomplete = tuple((value_text(value, unit), tuple(phases[value]), len(places)) for value in broken)
        volumes = tuple(tuple(phases[value]) for value in whole)
        if any(map(_is_blend, volumes)):
            continue
        dimension = dimension_of(kind, unit, whole, volumes) if len(whole) > 1 else None
        return [Family(volumes, dimension, incomplete=incomplete)]
    return []


def _by_rank(places: Sequence[Place], keys: Sequence[tuple[Kind, str, Key]]) -> list[Family]:
    """Phases by order at each place, for times that differ from slice to slice; only whole ones."""
    count = len(places[0])
    if any(len(place) != count for place in places):
        return []
    for kind, unit, key in keys:
        values: list[list[Any]] = [[key(header) for header in place] for place in places]
        if any(None in found or len(set(found)) < count for found in values):
            continue
        ordered = [sorted(place, key=key) for place in places]  # type: ignore[arg-type]
        volumes = tuple(tuple(place[n] for place in ordered) for n in range(count))
        if any(map(_is_blend, volumes)):
            continue
        middle = [median(sorted(found)[n] for found in values) for n in range(count)]
        return [Family(volumes, dimension_of(kind, unit, middle, volumes))]
    return []


def _by_number(places: Sequence[Place]) -> list[Family]:
    """Phases by numbers at each place, if they count volume after volume or place after place."""
    found = _by_rank(places, [("copy", "", lambda header: header.instance_number)])
    if not found or _one_after_another(found[0].phases):
        return found
    # Numbers without a plan may be in any order at each place.
    is_named = found[0].dimension is not None and found[0].dimension.kind != "copy"
    return [replace(found[0], is_guess=not is_named)] if _one_after_another(places) else []


def _one_after_another(groups: Sequence[Sequence[SliceHeader]]) -> bool:
    """Whether the numbers of each group end before those of the next begin."""
    numbers = [[header.instance_number or 0 for header in group] for group in groups]
    spans = sorted((min(found), max(found)) for found in numbers)
    return all(before[1] < after[0] for before, after in pairwise(spans))


def _by_family(places: Sequence[Place], keys: Sequence[tuple[Kind, str, Key]]) -> list[Family]:
    """Families of a second attribute, echoes or kinds of image, of which each then separates cleanly."""
    headers = [header for place in places for header in place]
    for _kind, unit, key in keys:
        values = {key(header) for header in headers}
        if None in values or not 1 < len(values) <= _MOST_FAMILIES:
            continue
        found: list[Family] = []
        for value in sorted(values, key=_order):
            shared = [tuple(header for header in place if key(header) == value) for place in places]
            own = [place for place in shared if place]
            families = families_of(own)
            if any(len(phase) > len(own) for family in families for phase in family.phases):
                break
            name = value_text(value, unit)
            found += [replace(family, detail=f"{name} {family.detail}".strip()) for family in families]
        else:
            return found
    return []


def _without_copies(places: Sequence[Place]) -> Family:
    """One image at each place; the others are copies that headers cannot judge.

    It is the image taken nearest in time to those that have a place for themselves, else the first by number:
    what was scanned again later, with contrast or after a movement, is not set into the first scan.
    """
    times = [place[0].dimensions.acquisition_seconds for place in places if len(place) == 1]
    known = [time for time in times if time is not None]

    def rank(header: SliceHeader) -> tuple[Any, ...]:
        time = header.dimensions.acquisition_seconds
        return (abs(time - median(known)) if known and time is not None else 0.0, *_number(header))

    first, others = [], []
    for place in places:
        chosen, *rest = sorted(place, key=rank)
        first.append(chosen)
        others += rest
    return Family((tuple(first),), None, copies=tuple(others))


def _is_blend(volume: Sequence[SliceHeader]) -> bool:
    """Whether images of several b-values, kinds or kernels would be one volume, as numbers may suggest."""
    dimensions = [header.dimensions for header in volume]
    weights = {None if found.b_value is None else round(found.b_value) for found in dimensions}
    kinds = {(found.image_kind, found.kernel) for found in dimensions}
    return len(weights) > 1 or len(kinds) > 1


def _separated(places: Sequence[Place], key: Key) -> dict[Hashable, list[SliceHeader]] | None:
    """Images in order of place by value, values in order; None where it does not separate."""
    phases: dict[Hashable, list[SliceHeader]] = defaultdict(list)
    for place in places:
        values = [key(header) for header in place]
        if None in values or len(set(values)) < len(values):
            return None
        for value, header in zip(values, place, strict=True):
            phases[value].append(header)

    def rank(value: Any) -> tuple[Any, ...]:
        # Directions of diffusion have no order but that in which they were taken.
        if key is diffusion:
            return _order(value[0]), _number(phases[value][0])
        return (_order(value),)

    return {value: phases[value] for value in sorted(phases, key=rank)}


def _index_keys(headers: Sequence[SliceHeader]) -> list[tuple[Kind, str, Key]]:
    """Each place of the Dimension Index Values, where all frames have as many."""
    lengths = {len(header.dimensions.dimension_index or ()) for header in headers}
    if len(lengths) != 1:
        return []

    def at(n: int) -> Key:
        return lambda header: header.dimensions.dimension_index[n]

    return [("frame", "", at(n)) for n in range(min(lengths.pop(), 16))]


def _volume_number(places: Sequence[Place]) -> Key:
    """Which run through all places an Instance Number belongs to: 1 to 42, 43 to 84, …"""
    numbers = [sorted(header.instance_number or 0 for header in place) for place in places]
    steps = [after - before for found in numbers for before, after in pairwise(found)]
    stride = min(steps, default=0)
    start = min(found[0] for found in numbers)
    residues = [{(number - start) % stride for number in found} for found in numbers] if stride else []
    # Each place has its own number within the run.
    own = {min(found) for found in residues if len(found) == 1}
    if len(own) < len(places):
        return lambda header: None
    return lambda header: (
        None if header.instance_number is None else (header.instance_number - start) // stride
    )


def _number(header: SliceHeader) -> tuple[int, int, str]:
    number = header.instance_number
    return (2**31 if number is None else number, header.frame, header.sop_instance_uid)


def _order(value: Any) -> tuple[Any, ...]:
    """Numbers by size, tuples and texts part by part, None first: values of one attribute only."""
    if isinstance(value, tuple):
        return (1, *(_order(part) for part in value))
    if isinstance(value, int | float):
        return (2, float(value))
    return (0,) if value is None else (3, str(value))


_ECHO: tuple[Kind, str, Key] = ("echo", "ms", lambda header: header.dimensions.echo_time_ms)
_KIND: tuple[Kind, str, Key] = ("kind", "", lambda header: header.dimensions.image_kind or None)
_KERNEL: tuple[Kind, str, Key] = ("kind", "", lambda header: header.dimensions.kernel or None)
_STACK: tuple[Kind, str, Key] = ("kind", "", lambda header: header.dimensions.stack_id or None)
_TYPE: tuple[Kind, str, Key] = ("kind", "", lambda header: header.image_type or None)
_PERCENT: tuple[Kind, str, Key] = ("cardiac", "%", lambda header: header.dimensions.cardiac_percent)
_TRIGGER: tuple[Kind, str, Key] = ("cardiac", "ms", lambda header: header.dimensions.trigger_time_ms)
_SECONDS: tuple[Kind, str, Key] = ("time", "s", lambda header: header.dimensions.acquisition_seconds)
_ACQUISITION: tuple[Kind, str, Key] = (
    "acquisition", "", lambda header: header.dimensions.acquisition_number,
)  # fmt: skip
# What has a name of its own comes before time, which passes between all images.
_NAMED: tuple[tuple[Kind, str, Key], ...] = (
    ("b_value", "s/mm²", lambda header: header.dimensions.b_value),
    ("b_value", "s/mm²", diffusion),
    _ECHO,
    _KIND,
    _KERNEL,
)
_KINDS = (_STACK, _KIND, _KERNEL, _ECHO)
_TIMED: tuple[tuple[Kind, str, Key], ...] = (
    _PERCENT,
    ("time", "", lambda header: header.dimensions.temporal_position),
    _TRIGGER,
    _SECONDS,
    _ACQUISITION,
    _STACK,
    _TYPE,
)
_RANKED = (_TRIGGER, _SECONDS)
_OTHERS = (_ACQUISITION, _TYPE)
