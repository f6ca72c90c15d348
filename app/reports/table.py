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
    "x", "y", "z", "color", "created_at", "updated_at",
)  # fmt: skip
"""``x``, ``y`` and ``z`` are the middle of the mark: LPS mm, or pixels of the image. ``slice`` and ``phase``
count from 1, as on the screen."""
# As static/js/lib/csv.js has it: what a spreadsheet would take for a formula.
_STARTS_FORMULA = re.compile(r"\s*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]")
_DECIMALS = 4


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
        | {"measures": [asdict(measure) for measure in one.measures]}
        for one in marks
    ]


def _rows(one: MeasuredMark) -> Iterable[Sequence[object]]:
    mark = one.mark
    plane = mark["plane"] or {}
    index = mark["image"] if mark["space"] == "image" else plane.get("index")
    points = mark["points"]
    middle = [round(sum(values) / len(points), _DECIMALS) for values in zip(*points, strict=True)]
    place = (
        mark["space"],
        plane.get("name", ""),
        "" if index is None else f"{index + 1:g}",
        mark["phase"] + 1,
        *(middle if len(middle) == 3 else (*middle, "")),
    )
    end = (mark["color"], mark["created_at"], mark["updated_at"])
    for measure in one.measures or (None,):
        numbers = (
            ("", "", "") if measure is None else (measure.name, round(measure.value, _DECIMALS), measure.unit)
        )
        yield (mark["id"], mark["kind"], mark["label"], *numbers, *place, *end)


def _cell(value: object) -> str:
    """A cell; what a spreadsheet would run gets an apostrophe in front. Numbers may begin with a minus."""
    text = str(value)
    return f"'{text}" if isinstance(value, str) and _STARTS_FORMULA.match(text) else text
