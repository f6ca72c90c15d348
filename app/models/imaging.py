"""What has been received: Patient → Study → Series → Instance, each owned by one account."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import UtcDateTime, db, new_id, utc_now

SERIES_STATES = ("queued", "running", "ready", "stack", "failed")


class Patient(db.Model):  # type: ignore[name-defined,misc]
    __tablename__ = "patients"
    __table_args__ = (UniqueConstraint("owner_id", "issuer", "patient_id", "name"),)
    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    owner_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    patient_id: Mapped[str] = mapped_column(String(256), default="")
    issuer: Mapped[str] = mapped_column(String(256), default="")
    name: Mapped[str] = mapped_column(String(256), default="")
    birth_date: Mapped[date | None]
    birth_date_text: Mapped[str] = mapped_column(String(32), default="")  # what is no day of the calendar
    sex: Mapped[str] = mapped_column(String(16), default="")
    studies: Mapped[list["Study"]] = relationship(back_populates="patient", passive_deletes=True)


class Study(db.Model):  # type: ignore[name-defined,misc]
    __tablename__ = "studies"
    __table_args__ = (UniqueConstraint("owner_id", "study_instance_uid"),)
    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    owner_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    patient_row_id: Mapped[str] = mapped_column(ForeignKey("patients.id", ondelete="CASCADE"), index=True)
    study_instance_uid: Mapped[str] = mapped_column(String(64))
    study_date: Mapped[date | None] = mapped_column(index=True)
    study_date_text: Mapped[str] = mapped_column(String(32), default="")
    study_time: Mapped[str] = mapped_column(String(32), default="")
    description: Mapped[str] = mapped_column(String(256), default="")
    study_id: Mapped[str] = mapped_column(String(64), default="")
    accession_number: Mapped[str] = mapped_column(String(64), default="")
    patient_age: Mapped[str] = mapped_column(String(16), default="")
    is_demo: Mapped[bool] = mapped_column(default=False)
    is_deidentified: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    patient: Mapped[Patient] = relationship(back_populates="studies")
    series: Mapped[list["Series"]] = relationship(
        back_populates="study", passive_deletes=True, order_by="Series.number, Series.created_at"
    )


class Series(db.Model):  # type: ignore[name-defined,misc]
    """One series. ``parts`` says what its images make (:mod:`app.archive.parts`); ``reason`` is a Message.

    ``revision`` rises with each new instance: files derived from the series carry it, so that a
    volume of yesterday's instances is never shown for today's.
    """

    __tablename__ = "series"
    __table_args__ = (UniqueConstraint("study_row_id", "series_instance_uid"),)
    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    owner_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    study_row_id: Mapped[str] = mapped_column(ForeignKey("studies.id", ondelete="CASCADE"), index=True)
    series_instance_uid: Mapped[str] = mapped_column(String(64))
    modality: Mapped[str] = mapped_column(String(16), default="", index=True)
    number: Mapped[int | None]
    description: Mapped[str] = mapped_column(String(256), default="")
    protocol_name: Mapped[str] = mapped_column(String(256), default="")
    body_part: Mapped[str] = mapped_column(String(64), default="")
    manufacturer: Mapped[str] = mapped_column(String(256), default="")
    state: Mapped[str] = mapped_column(String(16), default="queued")
    reason: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    parts: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON)
    file_format: Mapped[str] = mapped_column(String(8), default="dicom")
    revision: Mapped[int] = mapped_column(default=1)
    has_pixels: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    study: Mapped[Study] = relationship(back_populates="series")
    instances: Mapped[list["Instance"]] = relationship(back_populates="series", passive_deletes=True)


class Instance(db.Model):  # type: ignore[name-defined,misc]
    """One stored file. Its place on disk follows from owner and hash (``storage.store``)."""

    __tablename__ = "instances"
    __table_args__ = (
        UniqueConstraint("owner_id", "sop_instance_uid"),
        Index("ix_instances_owner_sha256", "owner_id", "sha256"),
    )
    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    owner_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    series_row_id: Mapped[str] = mapped_column(ForeignKey("series.id", ondelete="CASCADE"), index=True)
    sop_instance_uid: Mapped[str] = mapped_column(String(64))
    sop_class_uid: Mapped[str] = mapped_column(String(64), default="")
    transfer_syntax_uid: Mapped[str] = mapped_column(String(64), default="")
    file_format: Mapped[str] = mapped_column(String(8), default="dicom")
    instance_number: Mapped[int | None]
    frames: Mapped[int] = mapped_column(default=1)
    rows: Mapped[int | None]
    columns: Mapped[int | None]
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger)
    series: Mapped[Series] = relationship(back_populates="instances")
