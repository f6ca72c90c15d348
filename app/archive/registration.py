"""Rows for what was received: patient, study, series and instances, each made once for an owner."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import insert, select

from app.archive.errors import Refused
from app.archive.incoming import IncomingFile, Refusal
from app.imaging.dicomfile import InstanceFacts
from app.imaging.errors import N_
from app.models import Instance, Patient, Series, Study, db, new_id

_MANY = 500  # values in one IN (…): databases bound them
_INT32 = 2**31 - 1
Item = TypeVar("Item")


@dataclass(frozen=True)
class Arrival:
    """A received file and what is in it."""

    file: IncomingFile
    facts: InstanceFacts


@dataclass
class Registered:
    """What became of a set of arrivals; ``series`` are those that got new instances."""

    accepted: list[Arrival] = field(default_factory=list)
    duplicates: list[IncomingFile] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    series: list[Series] = field(default_factory=list)
    study_ids: set[str] = field(default_factory=set)
    series_ids: set[str] = field(default_factory=set)


def in_portions(items: Iterable[Item]) -> Iterator[list[Item]]:
    """*items* in lists short enough for one statement."""
    everything = list(items)
    for start in range(0, len(everything), _MANY):
        yield everything[start : start + _MANY]


def known_hashes(owner_id: str, hashes: Iterable[str]) -> set[str]:
    """Those of *hashes* whose bytes the owner keeps already."""
    known: set[str] = set()
    for portion in in_portions(set(hashes)):
        known.update(
            db.session.scalars(
                select(Instance.sha256).where(Instance.owner_id == owner_id, Instance.sha256.in_(portion))
            )
        )
    return known


def places_of(owner_id: str, hashes: Iterable[str]) -> tuple[set[str], set[str]]:
    """Ids of the studies and series in which the owner keeps *hashes*."""
    studies: set[str] = set()
    series: set[str] = set()
    for portion in in_portions(set(hashes)):
        rows = db.session.execute(
            select(Series.study_row_id, Series.id)
            .join(Instance, Instance.series_row_id == Series.id)
            .where(Instance.owner_id == owner_id, Instance.sha256.in_(portion))
            .distinct()
        )
        for study_id, series_id in rows:
            studies.add(study_id)
            series.add(series_id)
    return studies, series


def register(owner_id: str, arrivals: Sequence[Arrival], *, is_demo: bool = False) -> Registered:
    """Add the rows of *arrivals* to the session, inside a transaction that :func:`begin_write` began."""
    outcome = Registered()
    _sort_out(owner_id, arrivals, outcome)
    rows = _Rows(owner_id, is_demo)
    instances = []
    for arrival in outcome.accepted:
        series = rows.series(arrival.facts)
        instances.append(_instance_values(owner_id, series.id, arrival))
    for portion in in_portions(instances):
        db.session.execute(insert(Instance), portion)
    outcome.series = rows.touched()
    outcome.series_ids = {series.id for series in outcome.series}
    outcome.study_ids = {series.study_row_id for series in outcome.series}
    return outcome


def _sort_out(owner_id: str, arrivals: Sequence[Arrival], outcome: Registered) -> None:
    """Accepted, duplicate or refused: one SOP Instance UID stands for one file of an owner."""
    stored: dict[str, str] = {}
    for portion in in_portions({arrival.facts.sop_instance_uid for arrival in arrivals}):
        rows = db.session.execute(
            select(Instance.sop_instance_uid, Instance.sha256).where(
                Instance.owner_id == owner_id, Instance.sop_instance_uid.in_(portion)
            )
        )
        stored.update({uid: sha256 for uid, sha256 in rows})
    other_bytes = Refused(
        N_(
            "Another file with the same SOP Instance UID (0008,0018) is already here, "
            "with different contents. It was kept."
        )
    ).message
    for arrival in arrivals:
        sha256 = stored.setdefault(arrival.facts.sop_instance_uid, "")
        if not sha256:
            stored[arrival.facts.sop_instance_uid] = arrival.file.sha256
            outcome.accepted.append(arrival)
        elif sha256 == arrival.file.sha256:
            outcome.duplicates.append(arrival.file)
        else:
            outcome.refused.append(Refusal(arrival.file.name, other_bytes))


class _Rows:
    """Finds or makes the rows above the instances; each is looked for once."""

    def __init__(self, owner_id: str, is_demo: bool) -> None:
        self._owner_id = owner_id
        self._is_demo = is_demo
        self._patients: dict[tuple[str, str, str], Patient] = {}
        self._studies: dict[str, Study] = {}
        self._series: dict[tuple[str, str], Series] = {}

    def touched(self) -> list[Series]:
        return list(self._series.values())

    def series(self, facts: InstanceFacts) -> Series:
        """The series of *facts*; one that grows gets its next revision, once."""
        study = self._study(facts)
        key = (study.id, facts.series_instance_uid)
        if key not in self._series:
            found = db.session.scalar(
                select(Series).where(
                    Series.study_row_id == study.id,
                    Series.series_instance_uid == facts.series_instance_uid,
                )
            )
            if found is not None:
                found.revision += 1
                found.has_pixels = found.has_pixels or facts.has_pixels
            self._series[key] = found or self._new_series(study, facts)
        return self._series[key]

    def _new_series(self, study: Study, facts: InstanceFacts) -> Series:
        values = {
            "owner_id": self._owner_id,
            "study_row_id": study.id,
            "series_instance_uid": facts.series_instance_uid,
            "modality": facts.modality,
            "number": _small(facts.series_number),
            "description": facts.series_description,
            "protocol_name": facts.protocol_name,
            "body_part": facts.body_part,
            "manufacturer": facts.manufacturer,
            "has_pixels": facts.has_pixels,
            "file_format": facts.file_format,
        }
        return _added(Series(**_fitted(Series, values)))

    def _study(self, facts: InstanceFacts) -> Study:
        uid = facts.study_instance_uid
        if uid not in self._studies:
            found = db.session.scalar(
                select(Study).where(Study.owner_id == self._owner_id, Study.study_instance_uid == uid)
            )
            self._studies[uid] = found or self._new_study(facts)
        study = self._studies[uid]
        # One image with a name in it, and the study has a name in it.
        study.is_deidentified = study.is_deidentified and facts.is_deidentified
        return study

    def _new_study(self, facts: InstanceFacts) -> Study:
        values = {
            "owner_id": self._owner_id,
            "patient_row_id": self._patient(facts).id,
            "study_instance_uid": facts.study_instance_uid,
            "study_date": _date(facts.study_date),
            "study_date_text": facts.study_date_text,
            "study_time": facts.study_time or "",
            "description": facts.study_description,
            "study_id": facts.study_id,
            "accession_number": facts.accession_number,
            "patient_age": facts.patient_age,
            "is_demo": self._is_demo,
            "is_deidentified": facts.is_deidentified,
        }
        return _added(Study(**_fitted(Study, values)))

    def _patient(self, facts: InstanceFacts) -> Patient:
        key = (facts.issuer_of_patient_id, facts.patient_id, facts.patient_name)
        if key not in self._patients:
            issuer, patient_id, name = key
            found = db.session.scalar(
                select(Patient).where(
                    Patient.owner_id == self._owner_id,
                    Patient.issuer == issuer,
                    Patient.patient_id == patient_id,
                    Patient.name == name,
                )
            )
            values = {
                "owner_id": self._owner_id,
                "issuer": issuer,
                "patient_id": patient_id,
                "name": name,
                "birth_date": _date(facts.birth_date),
                "birth_date_text": facts.birth_date_text,
                "sex": facts.sex,
            }
            self._patients[key] = found or _added(Patient(**_fitted(Patient, values)))
        return self._patients[key]


def _instance_values(owner_id: str, series_id: str, arrival: Arrival) -> dict[str, Any]:
    facts = arrival.facts
    return {
        "id": new_id(),
        "owner_id": owner_id,
        "series_row_id": series_id,
        "sop_instance_uid": facts.sop_instance_uid,
        "sop_class_uid": facts.sop_class_uid,
        "transfer_syntax_uid": facts.transfer_syntax_uid,
        "file_format": facts.file_format,
        "instance_number": _small(facts.instance_number),
        "frames": facts.frames,
        "rows": facts.rows or None,
        "columns": facts.columns or None,
        "sha256": arrival.file.sha256,
        "size": arrival.file.size,
    }


Row = TypeVar("Row", Patient, Study, Series)


def _added(row: Row) -> Row:
    """*row* in the session and with its id."""
    db.session.add(row)
    db.session.flush()
    return row


def _fitted(table: type[Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """*values* with each text cut to its column: PostgreSQL refuses what SQLite lets pass."""
    columns = table.__table__.columns
    return {
        name: value[: columns[name].type.length] if isinstance(value, str) else value
        for name, value in values.items()
    }


def _date(iso: str | None) -> date | None:
    return date.fromisoformat(iso) if iso else None


def _small(number: int | None) -> int | None:
    """*number* where a 32-bit column holds it."""
    return number if number is not None and -_INT32 <= number <= _INT32 else None
