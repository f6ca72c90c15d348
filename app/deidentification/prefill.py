"""What each preset puts into the seventeen fields of the chosen series, and what becomes of them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from flask_babel import gettext as _

from app.imaging.deid_fields import FIELD_BY_KEYWORD
from app.imaging.deid_presets import preset_values

Originals = Mapping[str, str]
_ANY_KEYS = (b"one key of sixteen", b"and another of it")
_MARK = "\N{OBJECT REPLACEMENT CHARACTER}"


@dataclass(frozen=True)
class Prefill:
    """One field under one preset.

    ``value`` is what the preset writes, "" where it removes or where that differs between the series
    or is drawn anew for each export; ``hint`` tells the latter. ``original`` is what stands in all of
    the series, "" where they differ.
    """

    value: str
    fate: str
    hint: str
    original: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def prefills(preset: str, originals: Sequence[Originals]) -> dict[str, Prefill]:
    """The seventeen fields under *preset*, for series with these original values."""
    written = [[preset_values(preset, one, key) for one in originals] for key in _ANY_KEYS]
    passed_on = preset_values(preset, dict.fromkeys(FIELD_BY_KEYWORD, _MARK), _ANY_KEYS[0])
    return {
        keyword: _prefill(
            [one[keyword] for one in written[0]],
            is_drawn=any(one[keyword] != two[keyword] for one, two in zip(*written, strict=True)),
            is_kept=passed_on[keyword] == _MARK,
            originals=[one.get(keyword, "") for one in originals],
        )
        for keyword in FIELD_BY_KEYWORD
    }


def _prefill(values: list[str], *, is_drawn: bool, is_kept: bool, originals: list[str]) -> Prefill:
    original = originals[0] if len(set(originals)) == 1 else ""
    if is_drawn:
        return Prefill("", "replaced", _("new: %(example)s", example=_example(values[0])), original)
    if len(set(values)) > 1:
        return Prefill(
            "", "kept" if values == originals else "replaced", _("differs between series"), original
        )
    fate = (
        "kept" if values == originals and (is_kept or values[0]) else "replaced" if values[0] else "removed"
    )
    return Prefill(values[0], fate, _("empty"), original)


def _example(drawn: str) -> str:
    """The look of a value that is drawn: it ends open, since no export will bear this very one."""
    return f"{drawn[:-6]}…"
