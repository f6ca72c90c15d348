"""What a reader makes of a series: how it is laid out, marks on it, curves of greys, and habits.

All of it belongs to one reader, also on a series that others may read, and goes with his account.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import UtcDateTime, db, utc_now


class Workspace(db.Model):  # type: ignore[name-defined,misc]
    """How a reader left one part of a series: the script's own JSON, which the server only keeps."""

    __tablename__ = "workspaces"
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    series_row_id: Mapped[str] = mapped_column(
        ForeignKey("series.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    part: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[dict[str, Any]] = mapped_column(JSON)
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)


class Mark(db.Model):  # type: ignore[name-defined,misc]
    """A measurement, an arrow, a probe or a key image (:mod:`app.imaging.marks` says what ``data`` holds).

    The id is the browser's own, so that what was sent twice is there once. ``revision`` rises with each
    change; ``size`` is that of ``data`` as text.
    """

    __tablename__ = "marks"
    __table_args__ = (Index("ix_marks_user_id_series_row_id", "user_id", "series_row_id"),)
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    series_row_id: Mapped[str] = mapped_column(ForeignKey("series.id", ondelete="CASCADE"), index=True)
    part: Mapped[int]
    phase: Mapped[int]
    kind: Mapped[str] = mapped_column(String(16))
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    size: Mapped[int]
    revision: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)


class GreyCurve(db.Model):  # type: ignore[name-defined,misc]
    """A named curve from values to greys; ``unit`` says of what values."""

    __tablename__ = "grey_curves"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    unit: Mapped[str] = mapped_column(String(32))
    points: Mapped[list[list[float]]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)


class ViewerPreference(db.Model):  # type: ignore[name-defined,misc]
    """A reader's habits in every series: keys, layouts by modality, what was explained to him."""

    __tablename__ = "viewer_preferences"
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    preferences: Mapped[dict[str, Any]] = mapped_column(JSON)


class Deletion(db.Model):  # type: ignore[name-defined,misc]
    """A series that its owner deleted: another window of his is told so, and not "not found"."""

    __tablename__ = "deletions"
    __table_args__ = (Index("ix_deletions_user_id_deleted_at", "user_id", "deleted_at"),)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    object_id: Mapped[str] = mapped_column(String(36), primary_key=True)  # no key: what it named is gone
    deleted_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
