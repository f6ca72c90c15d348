"""The audit log in pages, newest first, with the names its ids stand for today."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy import func as sql

from app.models import AuditEntry, User, db

PAGE_SIZE = 50


@dataclass(frozen=True)
class AuditQuery:
    """What the page was asked to list."""

    action: str = ""
    text: str = ""
    page: int = 1

    @classmethod
    def from_arguments(cls, arguments: Any) -> "AuditQuery":
        """The query of an URL's arguments."""
        return cls(
            action=arguments.get("action", "")[:48],
            text=arguments.get("q", "").strip().lower()[:64],
            page=max(1, arguments.get("page", 1, type=int)),
        )

    def arguments(self, page: int) -> dict[str, Any]:
        """The URL's arguments of another page of the same list."""
        now = {"action": self.action, "q": self.text, "page": page if page > 1 else ""}
        return {name: value for name, value in now.items() if value}


@dataclass(frozen=True)
class AuditLog:
    """One page of the log."""

    entries: tuple[AuditEntry, ...]
    names: dict[str, str]  # id of an account → its name
    actions: tuple[str, ...]  # that occur
    total: int
    query: AuditQuery

    @property
    def first(self) -> int:
        return (self.query.page - 1) * PAGE_SIZE + 1

    @property
    def last(self) -> int:
        return self.first + len(self.entries) - 1


def read_log(query: AuditQuery) -> AuditLog:
    """The page of the log that *query* asks for."""
    conditions = _conditions(query)
    total = db.session.scalar(select(sql.count()).select_from(AuditEntry).where(*conditions)) or 0
    query = AuditQuery(query.action, query.text, min(query.page, max(1, -(-total // PAGE_SIZE))))
    chosen = select(AuditEntry).where(*conditions).order_by(AuditEntry.id.desc())
    entries = tuple(db.session.scalars(chosen.limit(PAGE_SIZE).offset((query.page - 1) * PAGE_SIZE)))
    actions = tuple(db.session.scalars(select(AuditEntry.action).distinct().order_by(AuditEntry.action)))
    return AuditLog(entries, _names(entries), actions, total, query)


def _conditions(query: AuditQuery) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if query.action:
        conditions.append(AuditEntry.action == query.action)
    if query.text:
        named = select(User.id).where(User.name.icontains(query.text, autoescape=True)).scalar_subquery()
        conditions.append(
            or_(
                AuditEntry.actor_id.in_(named),
                AuditEntry.object_id.in_(named),
                AuditEntry.actor_id == query.text,
                AuditEntry.object_id == query.text,
                AuditEntry.address == query.text,
            )
        )
    return conditions


def _names(entries: tuple[AuditEntry, ...]) -> dict[str, str]:
    ids = {entry.actor_id for entry in entries} | {
        entry.object_id for entry in entries if entry.object_kind == "user"
    }
    rows = db.session.execute(select(User.id, User.name).where(User.id.in_(ids - {None, ""})))
    return {user_id: name for user_id, name in rows}
