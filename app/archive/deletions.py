"""Which series somebody deleted of late, so that his other windows can say so.

Only ids are kept, the latest of each account, and only that account is ever told.
"""

from collections.abc import Iterable

from sqlalchemy import delete, select

from app.models import Deletion, db, utc_now

MOST_KEPT = 1000
"""Deletions of one account; an older one is "not found" to its owner as well."""


def note_deleted(user_id: str, object_ids: Iterable[str]) -> None:
    """Remember that *user_id* deleted the objects. The caller commits, as a writer."""
    now = utc_now()
    for object_id in list(dict.fromkeys(object_ids))[:MOST_KEPT]:
        db.session.merge(Deletion(user_id=user_id, object_id=object_id, deleted_at=now))
    db.session.flush()
    latest = (
        select(Deletion.object_id)
        .where(Deletion.user_id == user_id)
        .order_by(Deletion.deleted_at.desc(), Deletion.object_id)
        .limit(MOST_KEPT)
    )
    db.session.execute(
        delete(Deletion)
        .where(Deletion.user_id == user_id, Deletion.object_id.not_in(latest))
        .execution_options(synchronize_session=False)
    )


def was_deleted(user_id: str, object_id: str) -> bool:
    """Whether *user_id* deleted the object, as far back as is remembered."""
    found = select(Deletion.object_id).where(Deletion.user_id == user_id, Deletion.object_id == object_id)
    return db.session.scalar(found) is not None
