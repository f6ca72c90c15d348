"""Who somebody is: sign-in, registration, the account's own page, its tokens and one-time links."""

from flask import Flask

from app.accounts import joining, own, routes  # noqa: F401 - each adds its routes to the blueprint
from app.accounts.blueprint import blueprint
from app.accounts.commands import register_commands
from app.accounts.sessions import ask_to_sign_in, end_when_old
from app.security import login_manager


def register(app: Flask) -> None:
    """Attach the feature to *app*."""
    app.register_blueprint(blueprint)
    login_manager.unauthorized_handler(ask_to_sign_in)
    app.before_request(end_when_old)
    register_commands(app)
