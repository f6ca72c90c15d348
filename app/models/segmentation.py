"""Segmentations: masks on a series, imported or drawn, one kind of thing; and what files refer to.

The voxels of each segment are a file of their own (``Store.segment_mask``): the rows say which revision of it
counts.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import UtcDateTime, db, new_id, utc_now

SEGMENTATION_KINDS = ("nrrd", "nifti", "seg", "rtstruct", "drawn")


class Segmentation(db.Model):  # type: ignore[name-defined,misc]
    """Named segments on the grid of one part of a series.

    ``grid`` is that of the masks, as JSON of :class:`app.imaging.segments.Grid`: images that come later may
    give the part another one. ``revision`` rises with each change, ``mask_revision`` with those of voxels.
    ``layers`` says which segments lie in one array together. ``size`` counts the bytes of the mask files.
    """

    __tablename__ = "segmentations"
    __table_args__ = (Index("ix_segmentations_series_row_id_part", "series_row_id", "part"),)
    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    series_row_id: Mapped[str] = mapped_column(ForeignKey("series.id", ondelete="CASCADE"))
    part: Mapped[int]
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(256), default="")
    kind: Mapped[str] = mapped_column(String(16))
    placement: Mapped[str] = mapped_column(String(16), default="exact")
    warnings: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    grid: Mapped[dict[str, Any]] = mapped_column(JSON)
    layers: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    revision: Mapped[int] = mapped_column(default=1)
    mask_revision: Mapped[int] = mapped_column(default=1)
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    # No key: it says where the masks came from, also when that file is gone.
    source_instance_id: Mapped[str | None] = mapped_column(String(36))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    segments: Mapped[list["SegmentRow"]] = relationship(
        passive_deletes=True, order_by="SegmentRow.number", cascade="all, delete-orphan"
    )


class SegmentRow(db.Model):  # type: ignore[name-defined,misc]
    """One segment. ``box`` is [[i0, j0, k0], [i1, j1, k1]], half open; ``code`` {value, scheme, meaning}.

    ``statistics`` are of one revision of the masks and of the series, which they name.
    """

    __tablename__ = "segments"
    segmentation_row_id: Mapped[str] = mapped_column(
        ForeignKey("segmentations.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(256), default="")
    color: Mapped[str] = mapped_column(String(7))
    code: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    file_revision: Mapped[int] = mapped_column(default=1)
    box: Mapped[list[list[int]]] = mapped_column(JSON)
    voxels: Mapped[int] = mapped_column(BigInteger)
    size: Mapped[int] = mapped_column(BigInteger)
    statistics: Mapped[dict[str, Any] | None] = mapped_column(JSON)


class InstanceReference(db.Model):  # type: ignore[name-defined,misc]
    """What an RT Structure Set, a Segmentation or an RT Dose among the instances refers to.

    Read from the file when somebody first asks; ``fault`` is why it could not be, as a Message.
    """

    __tablename__ = "instance_references"
    instance_row_id: Mapped[str] = mapped_column(
        ForeignKey("instances.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(256), default="")
    frame_of_reference_uid: Mapped[str] = mapped_column(String(64), default="")
    series_uids: Mapped[list[str]] = mapped_column(JSON, default=list)
    fault: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
