"""Workspace: what a reader makes of a series is kept as it happens; the values in what he encloses."""

from flask import Flask

from app.workspace.routes import blueprint


def register(app: Flask) -> None:
    """Attach the feature to *app*."""
    app.register_blueprint(blueprint)
