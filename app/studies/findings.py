"""What is known of a study's images after they came in, as the lines of a table.

Only what was checked stands here: a line is never a guess.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

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
    failed = [row for row in pictures if row.series.state == "failed"]
    stacks = [row for row in pictures if row.series.state == "stack"]
    without = [row for row in study.series if not row.series.has_pixels and not row.is_preparing]
    return [
        *_by_reason(failed, N_("Could not be prepared"), lambda _rows: "error"),
        *_by_reason(stacks, N_("Shown image by image"), _gravity_of_a_stack),
        *_geometry(pictures),
        *_units(pictures),
        *_by_reason(without, N_("No pixels"), lambda _rows: "info"),
    ]


def label_of(row: SeriesRow) -> str:
    """How a line of the table names a series: its number, else its description."""
    series = row.series
    return str(series.number) if series.number is not None else series.description or series.modality


def _labels(rows: Iterable[SeriesRow]) -> tuple[str, ...]:
    return tuple(label_of(row) for row in rows)


def _by_reason(
    rows: Iterable[SeriesRow], title: str, level: Callable[[list[SeriesRow]], str]
) -> list[Finding]:
    """One line for each reason among *rows*, the graver ones first."""
    groups: dict[str, list[SeriesRow]] = defaultdict(list)
    reasons: dict[str, Message] = {}
    for row in rows:
        reason = Message.from_json(row.series.reason) if row.series.reason else Message(_NO_REASON)
        groups[str(reason)].append(row)
        reasons[str(reason)] = reason
    found = [
        Finding(level(same), Message(title), reasons[key], _labels(same)) for key, same in groups.items()
    ]
    return sorted(found, key=lambda finding: finding.level == "info")


def _gravity_of_a_stack(rows: list[SeriesRow]) -> str:
    """One or two images (a localizer, a radiograph) were never meant to be a volume."""
    return "warn" if any(row.frame_count > 2 for row in rows) else "info"


def _geometry(rows: list[SeriesRow]) -> list[Finding]:
    ready = [row for row in rows if row.series.state == "ready"]
    if not ready:
        return []
    text = Message(
        N_("Every image has position, orientation and spacing; the slices are parallel and evenly spaced.")
    )
    return [Finding("ok", Message(N_("Geometry is complete")), text, _labels(ready))]


def _units(rows: list[SeriesRow]) -> list[Finding]:
    groups: dict[str, list[SeriesRow]] = defaultdict(list)
    for row in rows:
        if row.series.state == "ready" and row.series.volume:
            groups[str(row.series.volume.get("unit") or "")].append(row)
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
    ranges = [(row.series.volume or {}).get("value_range") or (0, 0) for row in rows]
    return {"low": _number(min(low for low, _ in ranges)), "high": _number(max(high for _, high in ranges))}


def _number(value: float) -> str:
    text = f"{value:,.0f}" if float(value).is_integer() or abs(value) >= 1000 else f"{value:.3g}"
    return text.replace("-", "−")
