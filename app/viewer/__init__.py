"""Reading a series: the page with its planes, and the service that draws slices and tells values."""

from flask import Flask

from app.viewer import exports, films, labels
from app.viewer.routes import blueprint

__all__ = ["films", "register"]


def register(app: Flask) -> None:
    """Attach the feature to *app*; its job is known as soon as the package is imported."""
    app.register_blueprint(blueprint)
    app.register_blueprint(exports.blueprint)
    app.register_blueprint(labels.blueprint)
