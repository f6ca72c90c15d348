"""Studies as rows, without files: for lists, searches and orders."""

from datetime import date
from typing import Any

from app.models import Instance, Patient, Series, Study, db


def add_study(
    owner_id: str,
    name: str = "Doe^Jane",
    *,
    patient_id: str = "",
    description: str = "",
    day: str = "",
    series: tuple[str, ...] = ("CT",),
    images: int = 1,
    size: int = 1000,
    **columns: Any,
) -> str:
    """A study with one series per modality of *series* and *images* instances in each; its id."""
    patient = Patient(owner_id=owner_id, name=name, patient_id=patient_id or name)
    db.session.add(patient)
    db.session.flush()
    number = db.session.query(Study).count()
    study = Study(
        owner_id=owner_id,
        patient_row_id=patient.id,
        study_instance_uid=f"2.25.{number}",
        study_date=date.fromisoformat(day) if day else None,
        description=description,
        **columns,
    )
    db.session.add(study)
    db.session.flush()
    for index, modality in enumerate(series):
        add_series(study, modality, index + 1, images, size)
    db.session.commit()
    return study.id


def add_series(study: Study, modality: str, number: int, images: int, size: int, **columns: Any) -> Series:
    series = Series(
        owner_id=study.owner_id,
        study_row_id=study.id,
        series_instance_uid=f"{study.study_instance_uid}.{number}",
        modality=modality,
        number=number,
        **({"state": "ready"} | columns),
    )
    db.session.add(series)
    db.session.flush()
    for image in range(images):
        db.session.add(
            Instance(
                owner_id=study.owner_id,
                series_row_id=series.id,
                sop_instance_uid=f"{series.series_instance_uid}.{image}",
                sha256=f"{study.id}{number}{image}"[:64],
                size=size,
                rows=4,
                columns=5,
            )
        )
    return series
