"""Rows as the JSON of ``rest-v1``. Names of patients as DICOM keeps them."""

from typing import Any

from app.archive.parts import PartSummary, main_volume, parts_of
from app.i18n import tell
from app.models import Series
from app.studies.queries import SeriesRow, StudyRow

# Key of the answer → key of the volume's header.
_GEOMETRY = {
    "shape": "shape_ijk",
    "spacing_mm": "spacing_mm",
    "affine": "affine",
    "orientation": "orientation",
    "dtype": "dtype",
    "unit": "unit",
    "windows": "windows",
    "value_range": "value_range",
}


def study_answer(row: StudyRow) -> dict[str, Any]:
    """A study as a list shows it."""
    study = row.study
    return {
        "id": study.id,
        "patient_name": row.patient.name,
        "patient_id": row.patient.patient_id,
        "description": study.description,
        "date": study.study_date.isoformat() if study.study_date else None,
        "modalities": row.modalities,
        "series_count": len(row.series),
        "instance_count": row.instance_count,
    }


def full_study_answer(row: StudyRow) -> dict[str, Any]:
    """A study with its series."""
    return {**study_answer(row), "series": [_listed_series(series) for series in row.series]}


def _listed_series(row: SeriesRow) -> dict[str, Any]:
    series = row.series
    return {
        "id": series.id,
        "modality": series.modality,
        "description": series.description,
        "number": series.number,
        "instance_count": row.instance_count,
        "state": series.state,
    }


def series_answer(row: SeriesRow) -> dict[str, Any]:
    """A series with its geometry; null throughout while, or where, it is no volume."""
    series = row.series
    header = main_volume(series) or {}
    answer = {
        "id": series.id,
        "study_id": series.study_row_id,
        "modality": series.modality,
        "description": series.description,
        "instance_count": row.instance_count,
        "state": series.state,
        **{name: header.get(key) for name, key in _GEOMETRY.items()},
        "parts": [_part_answer(part) for part in parts_of(series)],
    }
    return answer | reason_of(series)


def _part_answer(part: PartSummary) -> dict[str, Any]:
    """One volume or stack of a series; ``part=`` of the series' addresses counts them from 0."""
    header, phases = part.volume or {}, part.phases
    return {
        "kind": part.kind,
        "role": part.role,
        "label": tell(part.label),
        "reason": tell(part.reason),
        "warnings": [tell(warning) for warning in part.warnings],
        "image_count": part.image_count,
        "phases": {"kind": phases.kind, "unit": phases.unit, "values": phases.values} if phases else None,
        **{name: header.get(key) for name, key in _GEOMETRY.items()},
    }


def reason_of(series: Series) -> dict[str, str]:
    """Why a series is no volume, where there is something to say."""
    return {"reason": tell(series.reason)} if series.reason and series.state != "ready" else {}


def progress_answer(row: StudyRow) -> dict[str, Any]:
    """How far a study is prepared."""
    return {
        "id": row.study.id,
        "preparing": row.is_preparing,
        "progress": round(row.progress, 3),
        "series": [
            {"id": one.series.id, "state": one.series.state, "progress": round(_fraction(one), 3)}
            for one in row.series
        ],
    }


def _fraction(row: SeriesRow) -> float:
    return row.progress if row.is_preparing else 1.0
