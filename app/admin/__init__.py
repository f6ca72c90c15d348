"""Administration: accounts, invitations, the audit log. Never anybody's images."""

from flask import Flask

from app.admin import joining, routes  # noqa: F401 - each adds its routes to the blueprint
from app.admin.blueprint import blueprint


def register(app: Flask) -> None:
    """Attach the feature to *app*."""
    app.register_blueprint(blueprint)
