"""Series full of what identifies a patient, and their rows, made by hand."""

import hashlib
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import Any

from flask import Flask
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from app.models import Instance, Patient, Series, Study, db
from tests.imaging.phantoms import ct_slice

# What must not be found in anything that leaves; each stands in every planted slice.
SECRETS = (
    "Salgado",
    "Iñaki",
    "HG-448120",
    "2819497684",
    "19500311",
    "Calzada del Sol 17",
    "Hospital Ficticio",
    "Quiroga",
    "Zubieta",
    "Olmedo",
    "5552341987",
    "EST-90417",
    "1.2.826.0.1.3680043.10.1.",
    "Norte 4, planta 2",
)
PLANTED: dict[str, Any] = {
    "SpecificCharacterSet": "ISO_IR 192",
    "PatientName": "Salgado^Iñaki",
    "PatientID": "HG-448120",
    "PatientBirthDate": "19500311",
    "PatientSex": "M",
    "PatientAge": "093Y",
    "PatientWeight": "71.5",
    "PatientAddress": "Calzada del Sol 17",
    "PatientTelephoneNumbers": "5552341987",
    "AccessionNumber": "2819497684",
    "InstitutionName": "Hospital Ficticio",
    "InstitutionAddress": "Norte 4, planta 2",
    "ReferringPhysicianName": "Quiroga^Ana",
    "PerformingPhysicianName": "Zubieta^Luis",
    "OperatorsName": "Olmedo^Eva",
    "StudyID": "EST-90417",
    "StudyDate": "20080918",
    "StudyDescription": "TORAX SR. SALGADO",
    "SeriesDescription": "Torax 3.0 Salgado",
    "ProtocolName": "Torax Hospital Ficticio",
    "Manufacturer": "Hand",
    "BodyPartExamined": "CHEST",
    "SliceThickness": 3,
}


def planted_slice(k: int = 0, **elements: Any) -> Dataset:
    """Slice *k* with every secret, a private block, and a nested reference to the slice before."""
    dataset = ct_slice(k, **(PLANTED | elements))
    block = dataset.private_block(0x0029, "HAND MADE", create=True)
    block.add_new(0x10, "LO", "Salgado^Iñaki HG-448120")
    item = Dataset()
    item.ReferencedSOPClassUID = dataset.SOPClassUID
    item.ReferencedSOPInstanceUID = f"{dataset.SeriesInstanceUID}.{max(k, 1)}"
    dataset.ReferencedImageSequence = Sequence([item])
    return dataset


def planted_series(count: int = 4, **elements: Any) -> list[Dataset]:
    """*count* planted slices."""
    return [planted_slice(k, **elements) for k in range(count)]


def add_series(app: Flask, owner_id: str, datasets: Iterable[Dataset], *, is_demo: bool = False) -> str:
    """Store *datasets* of one series for the owner, as an upload would; the id of the series."""
    files = [(dataset, file_bytes(dataset)) for dataset in datasets]
    return add_files(app, owner_id, files, is_demo=is_demo)


def add_files(
    app: Flask, owner_id: str, files: Iterable[tuple[Dataset, bytes]], *, is_demo: bool = False
) -> str:
    """Store the files of one series (header and bytes of each) with their rows; the id of the series."""
    files = list(files)
    first = files[0][0]
    store = app.extensions["store"]
    with app.app_context():
        series = Series(
            owner_id=owner_id,
            study=_study(owner_id, first, is_demo),
            series_instance_uid=first.SeriesInstanceUID,
            modality=first.get("Modality", "")[:16],
            description=first.get("SeriesDescription", ""),
            number=1,
            state="queued",
        )
        db.session.add(series)
        for dataset, data in files:
            sha256 = hashlib.sha256(data).hexdigest()
            path: Path = store.original(owner_id, sha256)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            instance = Instance(
                owner_id=owner_id,
                series=series,
                sop_instance_uid=dataset.SOPInstanceUID,
                sop_class_uid=dataset.SOPClassUID,
                instance_number=dataset.get("InstanceNumber"),
                sha256=sha256,
                size=len(data),
            )
            db.session.add(instance)
        db.session.commit()
        return series.id


def _study(owner_id: str, first: Dataset, is_demo: bool) -> Study:
    uid = str(first.StudyInstanceUID)
    study = db.session.query(Study).filter_by(owner_id=owner_id, study_instance_uid=uid).one_or_none()
    if study is None:
        patient = Patient(owner_id=owner_id, patient_id=first.PatientID, name=str(first.PatientName))
        study = Study(owner_id=owner_id, patient=patient, study_instance_uid=uid, is_demo=is_demo)
        db.session.add_all([patient, study])
    return study


def file_bytes(dataset: Dataset) -> bytes:
    """*dataset* as a DICOM file."""
    target = BytesIO()
    dataset.save_as(target, enforce_file_format=True)
    return target.getvalue()
