"""Measurements as a table: CSV for spreadsheets, JSON for scripts. Keys are English whatever the language."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from app.archive.markmeasures import MeasuredMark
from app.archive.tables import as_table

COLUMNS = (
    "mark_id", "kind", "label", "measure", "value", "unit", "space", "plane", "slice", "phase",
    "x", "y", "z", "color", "created_at", "updated_at", "mm_source",
)  # fmt: skip
"""``x``, ``y`` and ``z`` are the middle of the mark: LPS mm, or pixels of the image. ``slice`` and ``phase``
count from 1, as on the screen; turned planes count otherwise, and have no ``slice``. ``mm_source`` is by what
right lengths are in millimetres: in the patient, at the detector, … (:mod:`app.imaging.calibration`)."""
_DECIMALS = 4
_SMALL = 0.1


def as_csv(marks: Iterable[MeasuredMark]) -> str:
    """One row a measure, and one without of a mark that has none."""
    return as_table(COLUMNS, (row for one in marks for row in _rows(one)))


def as_json(marks: Iterable[MeasuredMark]) -> list[dict[str, Any]]:
    """The marks with ``measures``: name, value, unit."""
    # What the browser claimed to have counted makes room for what was counted here.
    return [
        {name: value for name, value in one.mark.items() if name != "statistics"}
        | {"measures": [asdict(measure) for measure in one.measures], "mm_source": one.mm_source}
        for one in marks
    ]


def _rows(one: MeasuredMark) -> Iterable[Sequence[object]]:
    mark = one.mark
    plane = mark["plane"] or {}
    index = mark["image"] if mark["space"] == "image" else plane.get("index") if one.is_own_slice else None
    points = mark["points"]
    middle = [round(sum(values) / len(points), _DECIMALS) for values in zip(*points, strict=True)]
    place = (
        mark["space"],
        plane.get("name", "") if one.is_own_slice else "oblique",
        "" if index is None else f"{index + 1:g}",
        mark["phase"] + 1,
        *(middle if len(middle) == 3 else (*middle, "")),
    )
    end = (mark["color"], mark["created_at"], mark["updated_at"], one.mm_source)
    for measure in one.measures or (None,):
        numbers = ("", "", "") if measure is None else (measure.name, _rounded(measure.value), measure.unit)
        yield (mark["id"], mark["kind"], mark["label"], *numbers, *place, *end)


def _rounded(value: float) -> float:
    """To four decimals; of what is small, as a diffusion coefficient in mm²/s, four digits."""
    return round(value, _DECIMALS) if abs(value) >= _SMALL else float(f"{value:.{_DECIMALS}g}")
