"""Jobs: progress and results of heavy work, for whoever started it."""

from flask import Flask

from app.jobs.routes import blueprint


def register(app: Flask) -> None:
    """Attach the feature to *app*."""
    app.register_blueprint(blueprint)
