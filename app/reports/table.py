"""Measurements as a table: CSV for spreadsheets, JSON for scripts. Keys are English whatever the language."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from app.archive.markmeasures import MeasuredMark

COLUMNS = (
    "mark_id", "kind", "label", "measure", "value", "unit", "space", "plane", "slice", "phase",
    "x", "y", "z", "color", "created_at", "updated_at", "mm_source",
)  # fmt: skip
"""``x``, ``y`` and ``z`` are the middle of the mark: LPS mm, or pixels of the image. ``slice`` and ``phase``
count from 1, as on the screen; turned planes count otherwise, and have no ``slice``. ``mm_source`` is by what
right lengths are in millimetres: in the patient, at the detector, … (:mod:`app.imaging.calibration`)."""
# As static/js/lib/csv.js has it: what a spreadsheet would take for a formula.
_STARTS_FORMULA = re.compile(r"\s*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]")
_DECIMALS = 4
_SMALL = 0.1


def as_csv(marks: Iterable[MeasuredMark]) -> str:
    """One row a measure, and one without of a mark that has none (RFC 4180, marked as UTF-8)."""
    text = io.StringIO()
    text.write("\ufeff")
    writer = csv.writer(text, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    for one in marks:
        for row in _rows(one):
            writer.writerow([_cell(value) for value in row])
    return text.getvalue()


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


def _cell(value: object) -> str:
    """A cell; what a spreadsheet would run gets an apostrophe in front. Numbers may begin with a minus."""
    text = str(value)
    return f"'{text}" if isinstance(value, str) and _STARTS_FORMULA.match(text) else text
