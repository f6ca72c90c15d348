"""Measurements as files: CSV, JSON and DICOM SR, and marks from another program's SR."""

from flask import Flask

from app.reports.routes import blueprint


def register(app: Flask) -> None:
    """Attach the feature to *app*."""
    app.register_blueprint(blueprint)
