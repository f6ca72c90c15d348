"""Segmentations and doses over a series: the REST calls, their answers, tables and exports."""

from flask import Flask

from app.archive import segmentationstatistics
from app.segmentation import doseroutes
from app.segmentation.routes import blueprint

__all__ = ["register", "segmentationstatistics"]


def register(app: Flask) -> None:
    """Attach the feature to *app*; its job is known as soon as the package is imported."""
    app.register_blueprint(blueprint)
    app.register_blueprint(doseroutes.blueprint)
