"""The trail of who did what. Ids and counts, never a patient's or a file's name."""

from typing import Any

from app.models import AuditEntry, db


def record(
    action: str,
    *,
    actor_id: str | None = None,
    object_kind: str = "",
    object_id: str = "",
    address: str = "",
    **detail: Any,
) -> AuditEntry:
    """Add an entry to the session; it is kept or dropped with the caller's transaction."""
    entry = AuditEntry(
        actor_id=actor_id,
        action=action,
        object_kind=object_kind,
        object_id=object_id,
        address=address,
        detail=detail,
    )
    db.session.add(entry)
    return entry
