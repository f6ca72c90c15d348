"""The user's language, and in it messages of the lower floors, days, times, ages and people's names."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from babel.units import format_unit
from flask import current_app, g, has_request_context, request
from flask_babel import Babel, format_date, format_datetime, get_locale, gettext
from flask_login import current_user
from markupsafe import Markup, escape

from app.imaging.errors import Message
from app.imaging.names import name_groups

LANGUAGES = ("es", "en")
GROUP_SIGN = " · "
_AGE = re.compile(r"(\d{1,3})([DWMY])", re.ASCII)
_AGE_UNITS = {"Y": "duration-year", "M": "duration-month", "W": "duration-week", "D": "duration-day"}
_DAY = re.compile(r"\d{4}(-?)\d{2}\1\d{2}", re.ASCII)
_CLOCK = re.compile(r"(\d{2}:\d{2})(:\d{2})?", re.ASCII)
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


def tell_day(day: date | str | None) -> str:
    """A day as people write it: "12 mar 2024", "Mar 12, 2024".

    Text that is no whole day of the calendar (a year alone, 30 February) is told as it is.
    """
    if isinstance(day, str):
        try:
            day = date.fromisoformat(day if _DAY.fullmatch(day) else "")
        except ValueError:
            return str(day)
    return str(format_date(day, "medium")) if day else ""


def tell_moment(moment: datetime) -> str:
    """Day and time of day, on the clock of 24 hours that hospitals use in either language."""
    return f"{tell_day(moment.date())}, {format_datetime(moment, 'HH:mm', rebase=False)}"


def tell_clock(text: str) -> str:
    """A stored time of day (HH:MM:SS) to the minute; anything else as it is."""
    match = _CLOCK.fullmatch(text.strip())
    return match[1] if match else text


def tell_age(stored: str) -> str:
    """An age string (PS3.5 6.2, AS) such as ``045Y`` in words; anything else as it is."""
    match = _AGE.fullmatch(stored.strip().upper())
    if match is None:
        return stored
    return str(format_unit(int(match[1]), _AGE_UNITS[match[2]], "long", locale=get_locale()))


def tell_name(stored: str) -> str:
    """A patient's name as plain text, for a title or a label: "Yamada, Tarou · 山田 太郎"."""
    return GROUP_SIGN.join(name_groups(stored).written)


def show_name(stored: str, *, every: bool = False) -> Markup:
    """A patient's name for a page, each spelling isolated: Arabic beside Latin keeps its own direction.

    With *every* the phonetic spelling stands there too.
    """
    groups = name_groups(stored)
    shown = groups.every if every else groups.written
    return Markup(GROUP_SIGN).join(Markup("<bdi>%s</bdi>") % escape(text) for text in shown)
