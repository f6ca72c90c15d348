"""What the archive keeps of one instance: its identity, its place in the study, what it shows."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from pydicom.dataset import Dataset
from pydicom.tag import Tag

from app.imaging import values


@dataclass(frozen=True)
class InstanceFacts:
    """The facts of one instance; texts are decoded, on one line, at most 256 characters.

    Dates are ISO (YYYY-MM-DD) or None, times HH:MM:SS or None; what stands in a date that is no day of
    the calendar (a year alone, 30 February) is kept in ``…_date_text``. ``patient_name`` keeps the
    standard's form "Family^Given", component groups joined by "=". ``is_deidentified`` is what the
    file claims in Patient Identity Removed (0012,0062), PS3.3 C.7.1.1; nobody has checked it.
    """

    sop_instance_uid: str
    sop_class_uid: str
    transfer_syntax_uid: str
    study_instance_uid: str
    series_instance_uid: str
    frame_of_reference_uid: str | None
    patient_id: str
    patient_name: str
    issuer_of_patient_id: str
    birth_date: str | None
    sex: str
    patient_age: str
    study_date: str | None
    study_time: str | None
    study_description: str
    study_id: str
    accession_number: str
    series_number: int | None
    series_description: str
    series_date: str | None
    protocol_name: str
    body_part: str
    modality: str
    manufacturer: str
    instance_number: int | None
    rows: int
    columns: int
    frames: int
    has_pixels: bool
    is_deidentified: bool
    image_type: tuple[str, ...]
    file_format: str = "dicom"
    birth_date_text: str = ""
    study_date_text: str = ""

    def as_json(self) -> dict[str, Any]:
        """The form in which the facts leave the process that parsed the file."""
        return asdict(self) | {"image_type": list(self.image_type)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "InstanceFacts":
        """The facts that :meth:`as_json` wrote."""
        known = {field.name: stored[field.name] for field in fields(cls)}
        return cls(**known | {"image_type": tuple(known["image_type"])})


_TEXTS = {
    "patient_id": "PatientID",
    "patient_name": "PatientName",
    "issuer_of_patient_id": "IssuerOfPatientID",
    "sex": "PatientSex",
    "patient_age": "PatientAge",
    "study_description": "StudyDescription",
    "study_id": "StudyID",
    "accession_number": "AccessionNumber",
    "series_description": "SeriesDescription",
    "protocol_name": "ProtocolName",
    "body_part": "BodyPartExamined",
    "modality": "Modality",
    "manufacturer": "Manufacturer",
}
MAX_DATE = 32
_DATES = {"birth_date": "PatientBirthDate", "study_date": "StudyDate", "series_date": "SeriesDate"}
_INTEGERS = {"series_number": "SeriesNumber", "instance_number": "InstanceNumber"}
_OTHERS = (
    "SpecificCharacterSet",
    "SOPInstanceUID",
    "SOPClassUID",
    "StudyInstanceUID",
    "SeriesInstanceUID",
    "FrameOfReferenceUID",
    "StudyTime",
    "ImageType",
    "PatientIdentityRemoved",
)
FACT_TAGS = tuple(
    int(Tag(keyword)) for keyword in (*_TEXTS.values(), *_DATES.values(), *_INTEGERS.values(), *_OTHERS)
)


def build_facts(
    header: Dataset,
    *,
    sop_class_uid: str,
    sop_instance_uid: str,
    transfer_syntax_uid: str,
    size: tuple[int, int, int],
    has_pixels: bool,
) -> InstanceFacts:
    """The facts in *header*; *size* is (rows, columns, frames).

    Raises
    ------
    MissingElement, InvalidElement
        Study or Series Instance UID is absent or is no UID.
    """
    rows, columns, frames = size
    found: dict[str, Any] = {}
    found |= {name: values.text(header, keyword) for name, keyword in _TEXTS.items()}
    found |= {name: values.iso_date(header, keyword) for name, keyword in _DATES.items()}
    found |= {name: values.integer(header, keyword) for name, keyword in _INTEGERS.items()}
    return InstanceFacts(
        sop_instance_uid=sop_instance_uid,
        sop_class_uid=sop_class_uid,
        transfer_syntax_uid=transfer_syntax_uid,
        study_instance_uid=values.require_uid(header, "StudyInstanceUID"),
        series_instance_uid=values.require_uid(header, "SeriesInstanceUID"),
        frame_of_reference_uid=values.uid(header, "FrameOfReferenceUID"),
        study_time=values.iso_time(header, "StudyTime"),
        rows=rows,
        columns=columns,
        frames=frames,
        has_pixels=has_pixels,
        is_deidentified=values.text(header, "PatientIdentityRemoved") == "YES",
        image_type=values.texts(header, "ImageType"),
        birth_date_text="" if found["birth_date"] else values.text(header, "PatientBirthDate")[:MAX_DATE],
        study_date_text="" if found["study_date"] else values.text(header, "StudyDate")[:MAX_DATE],
        **found,
    )
