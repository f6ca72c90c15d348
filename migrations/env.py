"""Alembic's environment: the application's own engine and metadata."""

from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import Connection

from app.models.base import UtcDateTime, db


def render_item(kind: str, item: Any, _context: Any) -> str | bool:
    """Write our own column type as the plain one it is in the database: migrations import no app."""
    return "sa.DateTime()" if kind == "type" and isinstance(item, UtcDateTime) else False


def run_migrations() -> None:
    arguments = dict(current_app.extensions["migrate"].configure_args, render_item=render_item)
    if context.is_offline_mode():
        url = db.engine.url.render_as_string(hide_password=False)
        context.configure(url=url, target_metadata=db.metadata, literal_binds=True, **arguments)
        with context.begin_transaction():
            context.run_migrations()
        return
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            run_on_sqlite(connection, arguments)
            return
        context.configure(connection=connection, target_metadata=db.metadata, **arguments)
        with context.begin_transaction():
            context.run_migrations()


def run_on_sqlite(connection: Connection, arguments: dict[str, Any]) -> None:
    """All or nothing, with keys at rest.

    SQLite changes a table by copying and dropping it, and a drop is a deletion whose keys cascade: the rows
    of all tables below would go with it. Keys can only be put to rest outside a transaction.
    """
    context.configure(connection=connection, target_metadata=db.metadata, transactional_ddl=True, **arguments)
    _outside(connection, "PRAGMA foreign_keys=OFF")
    try:
        with context.begin_transaction():
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # the driver begins none before a CREATE TABLE
            context.run_migrations()
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
            if broken:
                raise RuntimeError(f"the migration would break {len(broken)} keys; nothing was changed")
    finally:
        _outside(connection, "PRAGMA foreign_keys=ON")


def _outside(connection: Connection, pragma: str) -> None:
    connection.rollback()
    connection.exec_driver_sql(pragma)
    connection.rollback()


run_migrations()
