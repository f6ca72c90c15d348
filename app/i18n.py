"""The user's language, and messages of the lower floors in it."""

from collections.abc import Mapping
from typing import Any

from flask import current_app, g, has_request_context, request
from flask_babel import Babel, gettext
from flask_login import current_user

from app.imaging.errors import Message

LANGUAGES = ("es", "en")
babel = Babel()


def choose_language() -> str:
    """The account's language, else the cookie's, else the browser's, else the configured one."""
    if not has_request_context():
        return str(current_app.config["DEFAULT_LANGUAGE"])
    if "language" not in g:
        chosen = (current_user.language if current_user.is_authenticated else None) or request.cookies.get(
            "language"
        )
        default = current_app.config["DEFAULT_LANGUAGE"]
        g.language = (
            chosen if chosen in LANGUAGES else request.accept_languages.best_match(LANGUAGES, default=default)
        )
    return str(g.language)


def choose_theme() -> str:
    """``dark`` (a reading room) unless account or cookie say ``light``."""
    chosen = (current_user.theme if current_user.is_authenticated else None) or request.cookies.get("theme")
    return "light" if chosen == "light" else "dark"


def tell(message: Message | Mapping[str, Any] | None) -> str:
    """*message*, or its JSON form from a row, in the user's language."""
    if message is None:
        return ""
    if not isinstance(message, Message):
        message = Message.from_json(message)
    text = gettext(message.template)
    return str(text % message.values if message.values else text)
