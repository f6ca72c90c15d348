"""The JSON of an export or a preview, checked: what, by which preset, with which values of the user's own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.deidentification.faults import InvalidOrder, InvalidOverride
from app.imaging.deid_fields import FIELD_BY_KEYWORD, validate_override
from app.imaging.deid_presets import PRESETS, preset_named
from app.imaging.errors import N_, InvalidElement

_LONGEST_VALUE = 4096


@dataclass(frozen=True)
class Settings:
    """A preset's name and the values written over it, as they will stand in the files."""

    preset: str
    overrides: Mapping[str, str]


@dataclass(frozen=True)
class Order:
    """What to export, and how."""

    study_ids: tuple[str, ...]
    series_ids: tuple[str, ...]
    settings: Settings


def read_order(body: object) -> Order:
    """The export that the JSON of a request asks for."""
    given = _object(body)
    return Order(_ids(given, "studies"), _ids(given, "series"), read_settings(given))


def read_settings(given: Mapping[str, Any]) -> Settings:
    """Preset and overrides of *given*; the first preset where none is named.

    Raises
    ------
    InvalidOrder, InvalidOverride
        The message says what is wanted; ``field`` says where.
    """
    preset = given.get("preset", next(iter(PRESETS)))
    try:
        preset_named(str(preset))
    except InvalidElement as fault:
        raise InvalidOverride("preset", fault) from None
    overrides = given.get("overrides") or {}
    if not isinstance(overrides, dict):
        raise InvalidOrder("overrides", N_("Overrides are an object of keywords and texts."))
    return Settings(str(preset), {str(key): _checked(str(key), value) for key, value in overrides.items()})


def read_place(body: object) -> tuple[str, int, Mapping[str, Any]]:
    """Series id, image (from 1) and the rest of the JSON that asks for a preview."""
    given = _object(body)
    series_id, image = given.get("series"), given.get("image", 1)
    if not isinstance(series_id, str):
        raise InvalidOrder("series", N_("The id of a series is wanted."))
    if not isinstance(image, int) or isinstance(image, bool) or not 1 <= image <= 10**6:
        raise InvalidOrder("image", N_("The image is a whole number from 1."))
    return series_id, image, given


def _object(body: object) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise InvalidOrder("", N_("A JSON object is wanted."))
    return body


def _ids(given: Mapping[str, Any], name: str) -> tuple[str, ...]:
    ids = given.get(name) or []
    if not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
        raise InvalidOrder(name, N_("%(name)s is a list of ids."), name=name)
    return tuple(ids)


def _checked(keyword: str, value: object) -> str:
    if keyword not in FIELD_BY_KEYWORD:
        raise InvalidOrder("overrides", N_("The field is not one of the seventeen that can be set."))
    if not isinstance(value, str) or len(value) > _LONGEST_VALUE:
        raise InvalidOrder(keyword, N_("%(name)s is a text."), name=keyword)
    try:
        return validate_override(keyword, value)
    except InvalidElement as fault:
        raise InvalidOverride(keyword, fault) from None
