"""What is known of a study's images after they came in, as the lines of a table.

Only what was checked stands here: a line is never a guess.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from app.archive.parts import PartSummary, main_volume, parts_of
from app.imaging.errors import N_, Message
from app.studies.queries import SeriesRow, StudyRow

_NO_REASON = N_("Kept as it came; it has no picture of its own.")


@dataclass(frozen=True)
class Finding:
    """One line: how grave (ok, info, warn or error), what, why, and for which series."""

    level: str
    title: Message
    text: Message
    series: tuple[str, ...]


def findings_of(study: StudyRow) -> list[Finding]:
    """The lines of *study*, the gravest first."""
    pictures = [row for row in study.series if row.series.has_pixels]
    failed = [(row, _reason_of(row)) for row in pictures if row.series.state == "failed"]
    without = [
        (row, _reason_of(row)) for row in study.series if not row.series.has_pixels and not row.is_preparing
    ]
    parts = [(row, part) for row in pictures for part in parts_of(row.series)]
    unreadable = [
        (row, part.reason) for row, part in parts if part.kind == "failed" and row.series.state != "failed"
    ]
    warnings = [(row, warning) for row, part in parts for warning in part.warnings]
    return [
        *_by_text([*failed, *unreadable], N_("Could not be prepared"), "error"),
        *_by_text(warnings, N_("Mind when measuring"), "warn"),
        *_stacks(parts),
        *_geometry(pictures),
        *_units(pictures),
        *_by_text(without, N_("No pixels"), "info"),
    ]


def label_of(row: SeriesRow) -> str:
    """How a line of the table names a series: its number, else its description."""
    series = row.series
    return str(series.number) if series.number is not None else series.description or series.modality


def _labels(rows: Iterable[SeriesRow]) -> tuple[str, ...]:
    return tuple(label_of(row) for row in rows)


def _reason_of(row: SeriesRow) -> Message:
    return Message.from_json(row.series.reason) if row.series.reason else Message(_NO_REASON)


def _by_text(found: Iterable[tuple[SeriesRow, Message | None]], title: str, level: str) -> list[Finding]:
    """One line for each text, with the series that it was found of."""
    groups: dict[str, list[SeriesRow]] = defaultdict(list)
    texts: dict[str, Message] = {}
    for row, text in found:
        if text is not None:
            if row not in groups[str(text)]:
                groups[str(text)].append(row)
            texts[str(text)] = text
    return [Finding(level, Message(title), texts[key], _labels(rows)) for key, rows in groups.items()]


def _stacks(parts: Iterable[tuple[SeriesRow, PartSummary]]) -> list[Finding]:
    """What is shown image by image: to be minded, unless it was never meant to be a volume."""
    stacks = [(row, part) for row, part in parts if part.kind == "stack" and part.reason]
    minor = [part.role != "images" or part.image_count <= 2 for _, part in stacks]
    title = N_("Shown image by image")
    graver = [(row, part.reason) for (row, part), is_minor in zip(stacks, minor, strict=True) if not is_minor]
    others = [(row, part.reason) for (row, part), is_minor in zip(stacks, minor, strict=True) if is_minor]
    return [*_by_text(graver, title, "warn"), *_by_text(others, title, "info")]


def _geometry(rows: list[SeriesRow]) -> list[Finding]:
    ready = [row for row in rows if row.series.state == "ready" and _is_plain(row)]
    if not ready:
        return []
    text = Message(
        N_("Every image has position, orientation and spacing; the slices are parallel and evenly spaced.")
    )
    return [Finding("ok", Message(N_("Geometry is complete")), text, _labels(ready))]


def _is_plain(row: SeriesRow) -> bool:
    """Whether all the series' images make volumes with nothing to mind."""
    return all(part.kind == "volume" and not part.warnings for part in parts_of(row.series))


def _units(rows: list[SeriesRow]) -> list[Finding]:
    groups: dict[str, list[SeriesRow]] = defaultdict(list)
    for row in rows:
        volume = main_volume(row.series)
        if volume is not None:
            groups[str(volume["unit"])].append(row)
    return [_unit_finding(unit, found) for unit, found in sorted(groups.items())]


def _unit_finding(unit: str, rows: list[SeriesRow]) -> Finding:
    if unit:
        # HU alone has another name in Spanish.
        named = Message(N_("Values are in %(unit)s"), {"unit": unit})
        title = Message(N_("Values are in HU")) if unit == "HU" else named
        text = Message(N_("From %(low)s to %(high)s, rescaled as the images say."), _range(rows))
        return Finding("ok", title, text, _labels(rows))
    title = Message(N_("Values have no unit"))
    text = Message(
        N_("From %(low)s to %(high)s. They can be compared within a series, not between series."),
        _range(rows),
    )
    return Finding("info", title, text, _labels(rows))


def _range(rows: list[SeriesRow]) -> dict[str, Any]:
    ranges = [(main_volume(row.series) or {}).get("value_range") or (0, 0) for row in rows]
    return {"low": _number(min(low for low, _ in ranges)), "high": _number(max(high for _, high in ranges))}


def _number(value: float) -> str:
    text = f"{value:,.0f}" if float(value).is_integer() or abs(value) >= 1000 else f"{value:.3g}"
    return text.replace("-", "−")
