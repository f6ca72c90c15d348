"""A page of paper of chosen key images and marks: what the request asks for, and the words on it."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _

from app.archive.errors import BadParameter
from app.archive.markmeasures import MeasuredMark, measured_marks
from app.archive.volumes import Shown
from app.i18n import LANGUAGES, tell_day, tell_name
from app.imaging.errors import N_
from app.imaging.sheet import MOST_PICTURES, Sheet, make_sheet
from app.models import User, utc_now
from app.storage.store import Store
from app.viewer.sheetpictures import note_of, picture_of
from app.viewer.wording import figure, plane_words, shown_unit

_WHOLE_FROM = 99.95
_HEADLINE = ("length", "long_axis", "angle", "cobb_angle", "area", "value")


def sheet_of(user: User, shown: Shown, body: object, store: Store) -> bytes:
    """The PDF that the JSON of a request asks for.

    ``items`` are ids of the caller's marks and key images, ``language`` may be another than his, and the
    patient's name stands on the page only ``with_name``.

    Raises
    ------
    BadParameter
    """
    if not isinstance(body, dict):
        raise BadParameter("", N_("A JSON object is wanted."), "")
    marks = measured_marks(user, shown, store)
    chosen = _chosen(body, marks)
    language = body.get("language")
    if language is None:
        return make_sheet(_sheet(chosen, marks, shown, store, with_name=body.get("with_name") is True))
    if language not in LANGUAGES:
        template = N_("%(field)s is %(found)s; one of %(known)s is wanted.")
        raise BadParameter("language", template, str(language), known=", ".join(LANGUAGES))
    with force_locale(language):
        return make_sheet(_sheet(chosen, marks, shown, store, with_name=body.get("with_name") is True))


def _chosen(body: Mapping[str, Any], marks: Sequence[MeasuredMark]) -> list[MeasuredMark]:
    """The marks named in ``items``, in that order."""
    items = body.get("items")
    if not isinstance(items, list) or not 1 <= len(items) <= MOST_PICTURES:
        template = N_("%(field)s holds “%(found)s”; 1 to %(most)s marks or key images are wanted.")
        found = str(len(items)) if isinstance(items, list) else str(items)
        raise BadParameter("items", template, found, most=MOST_PICTURES)
    known = {one.mark["id"]: one for one in marks}
    for item in items:
        if not isinstance(item, str) or item not in known:
            template = N_("%(field)s holds “%(found)s”; that is none of your marks here.")
            raise BadParameter("items", template, str(item))
    return [known[item] for item in dict.fromkeys(items)]


def _sheet(
    chosen: Sequence[MeasuredMark],
    marks: Sequence[MeasuredMark],
    shown: Shown,
    store: Store,
    *,
    with_name: bool,
) -> Sheet:
    series, study = shown.series, shown.series.study
    drawn = [one for one in marks if one.mark["kind"] != "keyimage" and not one.mark["hidden"]]
    numbered = [
        (one, _short(n, one, note_of(one.mark, shown, store)), str(n)) for n, one in enumerate(drawn, start=1)
    ]
    pictures = tuple(picture_of(one, numbered, shown, store) for one in chosen)
    # The table tells of what is to be seen: the marks on the pictures.
    seen = {drawing.label for picture in pictures for drawing in picture.drawings}
    rows = tuple(
        _row(number, one, note_of(one.mark, shown, store)) for one, short, number in numbered if short in seen
    )
    title = series.description or study.description or _("Series")
    day = tell_day(study.study_date or study.study_date_text)
    name = tell_name(study.patient.name) if with_name else ""
    return Sheet(
        title=" · ".join(filter(None, (title, series.modality))),
        subtitle=" · ".join(filter(None, (name, study.description, day))),
        warning=_("Not for diagnostic use"),
        made=_("Made with Triplano on %(day)s", day=tell_day(utc_now().date())),
        pictures=pictures,
        columns=(_("No."), _("Label"), _("Kind"), _("Measures"), _("Place")),
        rows=rows,
        more=_("and %(count)s more"),
    )


def _short(number: int, one: MeasuredMark, note: str) -> str:
    """What stands beside a mark on the picture: its number, its label and its chief measure."""
    chief = next((measure for measure in one.measures if measure.name in _HEADLINE), None)
    words = [one.mark["label"][:30], measure_text(chief.value, chief.unit) if chief else ""]
    if note and chief and chief.unit.startswith("mm"):
        words.append(note)
    return " ".join(filter(None, (f"{number}:", *words))) if any(words) else str(number)


def _row(number: str, one: MeasuredMark, note: str) -> tuple[str, ...]:
    names = _measure_words()
    measures = ", ".join(f"{names[m.name]} {measure_text(m.value, m.unit)}" for m in one.measures)
    if note and any(m.unit.startswith("mm") for m in one.measures):
        measures += f" ({note})"
    plane = one.mark["plane"] or {}
    if one.mark["space"] == "image":
        place = f"{_('Image')} {one.mark['image'] + 1}"
    elif one.is_own_slice and plane.get("index") is not None and plane["name"] in plane_words():
        place = f"{plane_words()[plane['name']]} {figure(plane['index'] + 1, 1)}"
    else:
        place = _("Oblique plane")
    return number, one.mark["label"], kind_words()[one.mark["kind"]], measures, place


def measure_text(value: float, unit: str) -> str:
    """A measure with its unit, in as many decimals as it takes."""
    space = "" if unit == "°" else "\N{NO-BREAK SPACE}"
    return f"{figure(value, _decimals(value, unit))}{space}{shown_unit(unit)}".rstrip()


def _decimals(value: float, unit: str) -> int:
    """Tenths of millimetres and degrees, of small things more; three digits of values, tenths at least."""
    size = abs(value)
    if unit in ("mm²", "px²") and size >= _WHOLE_FROM:
        return 0
    if unit in ("mm", "mm²", "px", "px²", "°"):
        return 1 if size >= 0.95 or unit == "°" else 2 if size >= 0.095 else 3
    return min(12, max(1, 2 - math.floor(math.log10(size)))) if size > 1e-12 else 1


def kind_words() -> dict[str, str]:
    """What marks are called."""
    return {
        "length": _("Length"),
        "bidirectional": _("Two diameters"),
        "angle": _("Angle"),
        "cobb": _("Cobb angle"),
        "ellipse": _("Ellipse"),
        "rectangle": _("Rectangle"),
        "freehand": _("Freehand region"),
        "arrow": _("Arrow"),
        "probe": _("Probe"),
        "keyimage": _("Key image"),
    }


def _measure_words() -> dict[str, str]:
    return {
        "length": _("length"),
        "long_axis": _("long diameter"),
        "short_axis": _("short diameter"),
        "angle": _("angle"),
        "cobb_angle": _("Cobb angle"),
        "area": _("area"),
        "perimeter": _("perimeter"),
        "mean": _("mean"),
        "std": _("SD"),
        "min": _("minimum"),
        "max": _("maximum"),
        "value": _("value"),
    }
