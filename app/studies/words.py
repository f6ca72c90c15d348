"""DICOM values as people read them: names, ages, days, sizes, counts. Filters of the templates."""

from flask import Flask

from app.archive.amounts import count_text, size_text
from app.archive.filevolumes import LABELS
from app.i18n import show_name, tell, tell_age, tell_clock, tell_day, tell_moment, tell_name
from app.imaging.errors import Message


def readable_length(length_mm: float) -> str:
    """A length in millimetres, in three figures."""
    return f"{length_mm:.3g}\N{NO-BREAK SPACE}mm"


def file_words(file_format: str) -> str:
    """What a series without a description is called, by its files' format; "" where that is DICOM."""
    return tell(Message(LABELS[file_format])) if file_format in LABELS else ""


def register_words(app: Flask) -> None:
    """Attach the filters to *app*'s templates."""
    app.jinja_env.filters |= {
        "person_name": tell_name,
        "person": show_name,
        "age": tell_age,
        "day": tell_day,
        "clock": tell_clock,
        "moment": tell_moment,
        "size": size_text,
        "file_words": file_words,
        "mm": readable_length,
        "thousands": count_text,
    }
