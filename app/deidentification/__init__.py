"""Taking the patient out of copies: the editor, its preview, and the export as a ZIP."""

from flask import Flask

from app.deidentification import api, export, routes

__all__ = ["export", "register"]


def register(app: Flask) -> None:
    """Attach the feature to *app*; its job is known as soon as the package is imported."""
    app.register_blueprint(routes.blueprint)
    app.register_blueprint(api.blueprint)
