"""``flask --app wsgi prepare``: what `make run` does before the server starts, in one process."""

import logging
import os

import click
from flask import Flask, current_app
from flask_migrate import upgrade

from app.archive.stacking import prepare_waiting

logging.getLogger("alembic").setLevel(logging.WARNING)


def url_base() -> str:
    """The address people open, from ``PUBLIC_URL`` or ``HOST`` and ``PORT``."""
    host, port = os.environ.get("HOST", "127.0.0.1"), os.environ.get("PORT", "5001")
    shown = "127.0.0.1" if host in {"0.0.0.0", "::"} else host
    return os.environ.get("PUBLIC_URL", "").rstrip("/") or f"http://{shown}:{port}"


def register_commands(app: Flask) -> None:
    """Attach ``prepare`` to *app*."""

    @app.cli.command("prepare")
    @click.pass_context
    def prepare(context: click.Context) -> None:
        """Bring the database up to date, make the demo study and the first administrator's link."""
        commands = current_app.cli.commands
        upgrade()
        if waiting := prepare_waiting():
            click.echo(f"{waiting} series are prepared again while the server runs.")
        context.invoke(commands["demo"], if_empty=True)
        click.echo(f"Triplano: {url_base()}")
        context.invoke(commands["setup-link"], url_base=url_base())
