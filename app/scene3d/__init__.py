"""The 3D view's server: scenes and surfaces, made by jobs and kept."""

from flask import Flask

from app.scene3d import exporting, service
from app.scene3d.routes import blueprint

__all__ = ["exporting", "register", "service"]


def register(app: Flask) -> None:
    """Attach the feature to *app*; its jobs are known as soon as the package is imported."""
    app.register_blueprint(blueprint)
