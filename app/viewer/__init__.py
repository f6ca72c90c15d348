"""Reading a series: the page with its planes, and the service that draws slices and tells values."""

from flask import Flask

from app.viewer.routes import blueprint


def register(app: Flask) -> None:
    """Attach the feature to *app*."""
    app.register_blueprint(blueprint)
