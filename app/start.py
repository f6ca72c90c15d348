"""``flask --app wsgi prepare``: what `make run` does before the server starts, in one process."""

import logging
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click
from flask import Flask, current_app
from flask_migrate import upgrade

from app.archive.scenery import probe_once
from app.archive.stacking import prepare_waiting

logging.getLogger("alembic").setLevel(logging.WARNING)


def url_base() -> str:
    """The address people open, from ``PUBLIC_URL`` or ``HOST`` and ``PORT``."""
    host, port = os.environ.get("HOST", "127.0.0.1"), os.environ.get("PORT", "5001")
    shown = "127.0.0.1" if host in {"0.0.0.0", "::"} else host
    return os.environ.get("PUBLIC_URL", "").rstrip("/") or f"http://{shown}:{port}"


def _fill(context: click.Context) -> None:
    """The demo study, and volumes that an update has to make anew."""
    if waiting := prepare_waiting():
        click.echo(f"{waiting} series are prepared again while the server runs.")
    context.invoke(current_app.cli.commands["demo"], if_empty=True)


def register_commands(app: Flask) -> None:
    """Attach ``prepare`` to *app*."""

    @app.cli.command("prepare")
    @click.pass_context
    def prepare(context: click.Context) -> None:
        """Bring the database up to date, make the demo study and the first administrator's link."""
        commands = current_app.cli.commands
        instance = Path(current_app.config["INSTANCE"])
        with ThreadPoolExecutor(1) as beside:
            # In a process of its own, which starts while the demo is made.
            probed = beside.submit(probe_once, instance)
            upgrade()
            _fill(context)
        if fault := probed.result():
            click.echo(f"3D: {fault}")
        click.echo(f"Triplano: {url_base()}")
        context.invoke(commands["setup-link"], url_base=url_base())
