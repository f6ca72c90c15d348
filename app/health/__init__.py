"""Is the process alive, and can it serve?"""

from flask import Flask

from app.health.routes import blueprint


def register(app: Flask) -> None:
    """Attach the feature to *app*."""
    app.register_blueprint(blueprint)
