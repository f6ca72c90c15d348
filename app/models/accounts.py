"""Accounts: who may sign in, with what, and what an administrator did."""

from datetime import datetime
from typing import Any

from flask_login import UserMixin
from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import UtcDateTime, db, new_id, utc_now

ROLES = ("student", "teacher", "admin")
SYSTEM_ROLE = "system"  # owns the demo study; nobody can sign in with it, no list shows it
REGISTRATION_MODES = ("open", "invitation", "off")


class User(UserMixin, db.Model):  # type: ignore[name-defined,misc]
    """An account. ``session_version`` rises whenever every open session must end."""

    __tablename__ = "users"
    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(64), unique=True)  # what is typed to sign in; lower case
    full_name: Mapped[str] = mapped_column(String(128), default="")
    role: Mapped[str] = mapped_column(String(16), default="student", index=True)
    password_hash: Mapped[str] = mapped_column(String(256), default="")
    is_enabled: Mapped[bool] = mapped_column(default=True)
    session_version: Mapped[int] = mapped_column(default=1)
    language: Mapped[str | None] = mapped_column(String(8))
    theme: Mapped[str | None] = mapped_column(String(8))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    last_seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def is_active(self) -> bool:
        return self.is_enabled

    @property
    def is_admin(self) -> bool:
        return self.role == "admin"

    def get_id(self) -> str:
        """What the session cookie holds: it dies with a password change, a reset or a disabling."""
        return f"{self.id}:{self.session_version}"

    @property
    def initials(self) -> str:
        words = (self.full_name or self.name).replace(".", " ").split()
        return "".join(word[0] for word in words[:2]).upper()


class ApiToken(db.Model):  # type: ignore[name-defined,misc]
    """A personal token of the API; only its SHA-256 is kept."""

    __tablename__ = "api_tokens"
    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    label: Mapped[str] = mapped_column(String(64), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class OneTimeLink(db.Model):  # type: ignore[name-defined,misc]
    """A link that works once: ``setup`` (first administrator), ``invitation`` or ``reset``."""

    __tablename__ = "one_time_links"
    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(16))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[str | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(String(16), default="student")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SignInThrottle(db.Model):  # type: ignore[name-defined,misc]
    """Failed sign-ins of one address or one account name, and until when it must wait."""

    __tablename__ = "sign_in_throttles"
    key: Mapped[str] = mapped_column(String(96), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    last_failure_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    blocked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Setting(db.Model):  # type: ignore[name-defined,misc]
    """What administrators switch while the application runs (``registration``)."""

    __tablename__ = "settings"
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[str] = mapped_column(String(256))


class AuditEntry(db.Model):  # type: ignore[name-defined,misc]
    """Who did what to which object. Append-only; holds ids, never the name of a patient."""

    __tablename__ = "audit_entries"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now, index=True)
    actor_id: Mapped[str | None] = mapped_column(String(36), index=True)  # no key: it outlives the account
    action: Mapped[str] = mapped_column(String(48), index=True)
    object_kind: Mapped[str] = mapped_column(String(24), default="")
    object_id: Mapped[str] = mapped_column(String(36), default="")
    address: Mapped[str] = mapped_column(String(64), default="")
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
