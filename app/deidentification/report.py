"""The report inside the ZIP: what was done, by which profile, and what a person must still look at.

It holds nothing of the originals: counts, new UIDs, names of files made here, and fixed sentences.
"""

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.deidentification.order import Settings
from app.imaging.deid_presets import preset_named
from app.imaging.deid_preview import Fate
from app.imaging.deid_profile import EDITION
from app.imaging.errors import Message

FATES: tuple[Fate, ...] = ("removed", "replaced", "kept")
JSON_NAME, CSV_NAME = "report.json", "report.csv"


@dataclass(frozen=True)
class Entry:
    """One image of the export: the name of its copy, and what came of it."""

    name: str
    modality: str
    counts: Mapping[Fate, int] = field(default_factory=dict)
    warnings: tuple[Message, ...] = ()
    refusal: Message | None = None

    @property
    def series_folder(self) -> str:
        return self.name.rpartition("/")[0]


@dataclass
class Report:
    """Everything the report tells; ``notes`` are findings of the last look that do not block."""

    settings: Settings
    entries: list[Entry] = field(default_factory=list)
    notes: set[str] = field(default_factory=set)

    @property
    def copied(self) -> list[Entry]:
        return [entry for entry in self.entries if not entry.refusal]

    @property
    def refused(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.refusal]

    def as_json(self) -> str:
        """``report.json``."""
        return json.dumps(self._summary(), indent=1) + "\n"

    def as_csv(self) -> str:
        """``report.csv``: one line for each image."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow(["file", "modality", "result", *FATES, "notes"])
        writer.writerows(_line(entry) for entry in self.entries)
        return text.getvalue()

    def _summary(self) -> dict[str, Any]:
        preset = preset_named(self.settings.preset)
        return {
            "profile": "DICOM PS3.15 Basic Application Level Confidentiality Profile",
            "edition": EDITION,
            "preset": preset.name,
            "methods": [
                {"code": code, "scheme": "DCM", "meaning": meaning} for code, meaning in preset.codes()
            ],
            "fields_set_by_hand": sorted(key for key, value in self.settings.overrides.items() if value),
            "fields_emptied_by_hand": sorted(
                key for key, value in self.settings.overrides.items() if not value
            ),
            "images": len(self.copied),
            "refused": len(self.refused),
            "elements": _counts(self.copied),
            "series": [
                self._series(folder) for folder in dict.fromkeys(e.series_folder for e in self.entries)
            ],
            "warnings": sorted({*_warnings(self.copied), *self.notes}),
            "refusals": dict(Counter(str(entry.refusal) for entry in self.refused)),
        }

    def _series(self, folder: str) -> dict[str, Any]:
        entries = [entry for entry in self.entries if entry.series_folder == folder]
        copied = [entry for entry in entries if not entry.refusal]
        return {
            "folder": folder,
            "modality": entries[0].modality,
            "images": len(copied),
            "refused": len(entries) - len(copied),
            "elements": _counts(copied),
            "warnings": sorted(_warnings(copied)),
        }


def _counts(entries: Iterable[Entry]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for entry in entries:
        total.update(entry.counts)
    return {fate: total[fate] for fate in FATES}


def _warnings(entries: Iterable[Entry]) -> set[str]:
    return {str(message) for entry in entries for message in entry.warnings}


def _line(entry: Entry) -> Sequence[object]:
    if entry.refusal:
        return [entry.name, entry.modality, "refused", "", "", "", str(entry.refusal)]
    notes = " ".join(map(str, entry.warnings))
    return [entry.name, entry.modality, "copied", *(entry.counts.get(fate, 0) for fate in FATES), notes]
