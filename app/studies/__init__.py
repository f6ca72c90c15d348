"""Studies: upload, worklist, one study's page, and the same for scripts."""

from flask import Flask

from app.studies import api, routes
from app.studies.words import register_words


def register(app: Flask) -> None:
    """Attach the feature to *app*."""
    register_words(app)
    app.register_blueprint(routes.blueprint)
    app.register_blueprint(api.blueprint)
