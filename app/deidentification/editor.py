"""What the anonymising page shows: the chosen series, the seventeen fields, the presets, the warnings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from app.deidentification.cautions import Caution, cautions
from app.deidentification.originals import header_of
from app.deidentification.prefill import Prefill, prefills
from app.deidentification.selection import ChosenSeries
from app.i18n import tell
from app.imaging.deid_fields import FIELD_BY_KEYWORD, Field, original_values
from app.imaging.deid_presets import PRESETS
from app.imaging.errors import Message
from app.storage.store import Store

MOST_READ = 60  # series whose first image is read for the page
_GROUPS = (
    "PatientName PatientID PatientBirthDate PatientSex PatientAge PatientWeight PatientAddress",
    "AccessionNumber InstitutionName InstitutionAddress ReferringPhysicianName PerformingPhysicianName"
    " OperatorsName",
    "StudyID StudyDescription SeriesDescription ProtocolName",
)


@dataclass(frozen=True)
class FieldRow:
    """One of the seventeen fields as the page shows it."""

    field: Field
    label: str
    prefill: Prefill


@dataclass(frozen=True)
class PresetChip:
    """A preset as the page shows it."""

    name: str
    label: str
    note: str


@dataclass(frozen=True)
class EditorPage:
    """The values of ``deidentification/editor.html``; ``for_script`` is what its module is given."""

    chosen: Sequence[ChosenSeries]
    presets: Sequence[PresetChip]
    groups: Sequence[tuple[str, Sequence[FieldRow]]]
    cautions: Sequence[Caution]
    for_script: Mapping[str, Any]

    @property
    def studies(self) -> int:
        return len({one.series.study_row_id for one in self.chosen})

    @property
    def patients(self) -> int:
        return len({one.series.study.patient_row_id for one in self.chosen})

    @property
    def images(self) -> int:
        return sum(one.images for one in self.chosen)

    @property
    def size(self) -> int:
        return sum(one.size for one in self.chosen)


def editor_page(chosen: Sequence[ChosenSeries], store: Store) -> EditorPage:
    """The page for these series."""
    headers = [
        header_of(one.series, store) if place < MOST_READ else None for place, one in enumerate(chosen)
    ]
    originals = [original_values(header) for header in headers if header is not None]
    filled = {name: prefills(name, originals or [{}]) for name in PRESETS}
    first = next(iter(PRESETS))
    presets = [PresetChip(name, tell(Message(preset.label)), _note(name)) for name, preset in PRESETS.items()]
    return EditorPage(
        chosen=chosen,
        presets=presets,
        groups=_groups(filled[first]),
        cautions=cautions(chosen, headers),
        for_script={
            "fields": [_script_field(field) for field in FIELD_BY_KEYWORD.values()],
            "presets": {chip.name: _script_preset(chip, filled[chip.name]) for chip in presets},
            "preset": first,
        },
    )


def _groups(filled: Mapping[str, Prefill]) -> list[tuple[str, list[FieldRow]]]:
    labels = (_("Patient"), _("Care"), _("Study"))
    return [
        (label, [_field_row(FIELD_BY_KEYWORD[keyword], filled[keyword]) for keyword in keywords.split()])
        for label, keywords in zip(labels, _GROUPS, strict=True)
    ]


def _field_row(field: Field, prefill: Prefill) -> FieldRow:
    return FieldRow(field, tell(Message(field.label)), prefill)


def _note(preset: str) -> str:
    """What a preset is for, in one line."""
    if preset == "anonymous":
        return str(_("One name for all and a drawn ID. Everything else that identifies goes."))
    if preset == "pseudonym":
        return str(_("Drawn names, IDs and study numbers, the same in all images of a patient."))
    if preset == "characteristics":
        return str(_("Like Anonymous, but sex, age and weight stay. Ages over 89 become 90."))
    return ""


def _script_field(field: Field) -> dict[str, Any]:
    return {
        "keyword": field.keyword,
        "vr": field.vr,
        "maxLength": field.max_length,
        "mayBeMany": field.may_be_many,
    }


def _script_preset(chip: PresetChip, filled: Mapping[str, Prefill]) -> dict[str, Any]:
    return {"note": chip.note, "prefills": {keyword: one.as_json() for keyword, one in filled.items()}}
