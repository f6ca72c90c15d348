"""DICOM values as people read them: names, ages, sizes, counts. Filters of the templates."""

import re

from flask import Flask
from flask_babel import gettext as _

from app.archive.amounts import count_text, size_text

_AGE = re.compile(r"(\d{1,3})([DWMY])")


def readable_name(stored: str) -> str:
    """``Family^Given^Middle^Prefix^Suffix`` (PS3.5 6.2.1.1) as "Family, Given Middle".

    A name in the ideographic group follows in parentheses; the phonetic group only stands in for
    absent ones.
    """
    groups = [_readable_group(group) for group in stored.split("=")[:3]]
    alphabetic, ideographic, phonetic = groups + [""] * (3 - len(groups))
    if alphabetic and ideographic:
        return f"{alphabetic} ({ideographic})"
    return alphabetic or ideographic or phonetic


def _readable_group(group: str) -> str:
    parts = [" ".join(part.split()) for part in group.split("^")[:5]]
    family, given, middle, prefix, suffix = parts + [""] * (5 - len(parts))
    rest = " ".join(filter(None, (prefix, given, middle, suffix)))
    return ", ".join(filter(None, (family, rest)))


def readable_age(stored: str) -> str:
    """An age string (PS3.5 6.2, AS) such as ``050Y`` in words; anything else as it is."""
    match = _AGE.fullmatch(stored.strip().upper())
    if match is None:
        return stored
    count = int(match[1])
    words = {
        "Y": _("%(count)s y", count=count),
        "M": _("%(count)s mo", count=count),
        "W": _("%(count)s wk", count=count),
        "D": _("%(count)s d", count=count),
    }
    return str(words[match[2]])


def readable_length(length_mm: float) -> str:
    """A length in millimetres, in three figures."""
    return f"{length_mm:.3g}\N{NO-BREAK SPACE}mm"


def register_words(app: Flask) -> None:
    """Attach the filters to *app*'s templates."""
    app.jinja_env.filters |= {
        "person_name": readable_name,
        "age": readable_age,
        "size": size_text,
        "mm": readable_length,
        "thousands": count_text,
    }
