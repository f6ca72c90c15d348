"""One writer at a time for one owner's files, so that a file and its row come and go together."""

from sqlalchemy import select, text

from app.models import User, db


def begin_write(owner_id: str) -> bool:
    """Start the transaction as a writer now; whether the owner still exists.

    Ingest, removal and sweeping look whether a row exists and then move or remove its file. Between
    the two nobody else may write: SQLite is locked as a whole (``BEGIN IMMEDIATE``, which also spares
    a reader the failing upgrade to a writer), other databases lock the owner's row.
    """
    connection = db.session.connection()
    if connection.dialect.name == "sqlite":
        raw = connection.connection.driver_connection
        if raw is not None and not raw.in_transaction:
            connection.execute(text("BEGIN IMMEDIATE"))
    found = db.session.scalar(select(User.id).where(User.id == owner_id).with_for_update())
    return found is not None
