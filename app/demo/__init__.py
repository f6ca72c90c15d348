"""The demo study: a synthetic chest that a newcomer can read in the first minute."""

from flask import Flask

from app.demo.command import demo


def register(app: Flask) -> None:
    """Attach the feature to *app*."""
    app.cli.add_command(demo)
