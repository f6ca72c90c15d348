"""The facts of a series for the fourth quadrant: who, when, how acquired, what was made of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from app.archive import volumes
from app.archive.volumes import Shown
from app.i18n import tell_clock, tell_day
from app.imaging.errors import ImagingError
from app.imaging.formats.inspect import list_any_elements
from app.models import Series
from app.storage.store import Store
from app.viewer.images import image_count, image_path
from app.viewer.wording import figure, shown_unit

_TOP_ELEMENTS = 1500


@dataclass(frozen=True)
class Fact:
    label: str
    value: str


@dataclass(frozen=True)
class FactGroup:
    title: str
    facts: tuple[Fact, ...]


def fact_groups(shown: Shown, store: Store) -> list[FactGroup]:
    """What is known, in groups; what is not known is left out."""
    series = shown.series
    elements = _elements(shown, store)
    groups = (
        (_("Acquisition"), _acquisition(series, elements)),
        (_("Volume") if shown.is_volume else _("Images"), _extent(shown, store)),
        (_("Study"), _study(series)),
        (_("Equipment"), _equipment(series, elements)),
    )
    return [
        FactGroup(title, known)
        for title, pairs in groups
        if (known := tuple(Fact(label, value) for label, value in pairs if value))
    ]


def _elements(shown: Shown, store: Store) -> dict[str, str]:
    """Keyword → value of the middle instance's top level."""
    middle = image_count(shown, store) // 2
    try:
        listed = list_any_elements(image_path(shown, store, middle), _TOP_ELEMENTS)
    except (ImagingError, FileNotFoundError):
        return {}  # the pictures say what is wrong with the file
    return {element.keyword: element.value for element in listed if element.depth == 0 and element.keyword}


def _acquisition(series: Series, elements: dict[str, str]) -> list[tuple[str, str]]:
    return [
        (_("Series name"), " · ".join(filter(None, (_number(series), series.description)))),
        (_("Modality"), series.modality),
        (_("Protocol"), series.protocol_name),
        (_("Body part"), series.body_part),
        (_("Tube voltage"), _measured(elements, "KVP", "kV")),
        (_("Tube current"), _measured(elements, "XRayTubeCurrent", "mA")),
        (_("Kernel"), elements.get("ConvolutionKernel", "")),
        (_("Slice thickness"), _measured(elements, "SliceThickness", "mm")),
        (_("Contrast agent"), elements.get("ContrastBolusAgent", "")),
        (_("Repetition time"), _measured(elements, "RepetitionTime", "ms")),
        (_("Echo time"), _measured(elements, "EchoTime", "ms")),
        (_("Flip angle"), _measured(elements, "FlipAngle", "°")),
        (_("Field strength"), _measured(elements, "MagneticFieldStrength", "T")),
    ]


def _equipment(series: Series, elements: dict[str, str]) -> list[tuple[str, str]]:
    return [
        (_("Manufacturer"), series.manufacturer),
        (_("Model"), elements.get("ManufacturerModelName", "")),
        (_("Software"), elements.get("SoftwareVersions", "")),
    ]


def _study(series: Series) -> list[tuple[str, str]]:
    study = series.study
    return [
        (_("Description"), study.description),
        (_("Date"), tell_day(study.study_date or study.study_date_text)),
        (_("Time"), tell_clock(study.study_time)),
        (_("De-identified"), _("Yes") if study.is_deidentified else ""),
    ]


def _extent(shown: Shown, store: Store) -> list[tuple[str, str]]:
    if not shown.is_volume:
        return [(_("Images"), str(image_count(shown, store)))]
    header = volumes.load(shown, store).header
    extent = [count * mm for count, mm in zip(header.shape_ijk, header.spacing_mm, strict=True)]
    low, high = (figure(value) for value in header.value_range)
    values, unit = _("%(low)s to %(high)s", low=low, high=high), shown_unit(header.unit)
    is_known = header.spacing_source != "none"
    return [
        (_("Voxels"), " × ".join(str(count) for count in header.shape_ijk)),
        (_("Spacing"), " × ".join(figure(mm, 3) for mm in header.spacing_mm) + " mm" if is_known else ""),
        (_("Extent"), " × ".join(f"{mm:.0f}" for mm in extent) + " mm" if is_known else ""),
        (_("Orientation"), f"{header.orientation} · {_directions(header.orientation)}"),
        (_("Values"), f"{values} {unit}".rstrip()),
        (_("SUV from"), _suv_words(header.suv)),
        (_("Resampled"), _("Yes") if header.resampling else ""),
        (_("Stored as"), header.dtype),
    ]


def _suv_words(suv: Mapping[str, Any] | None) -> str:
    """What the standardised uptake values were computed from: weight, dose, time from injection to scan."""
    if suv is None or suv["dose_bq"] is None:
        return ""
    weight, dose = figure(suv["weight_kg"], 1), figure(suv["dose_bq"] / 1e6, 1)
    if suv["uptake_s"] is None:
        return str(_("%(weight)s kg, %(dose)s MBq", weight=weight, dose=dose))
    minutes = figure(suv["uptake_s"] / 60, 0)
    return str(_("%(weight)s kg, %(dose)s MBq, %(minutes)s min", weight=weight, dose=dose, minutes=minutes))


def _directions(letters: str) -> str:
    """Where columns, rows and slices run to: "L, P, H" in the letters that the panes show."""
    return ", ".join("H" if letter == "S" else "F" if letter == "I" else letter for letter in letters)


def _number(series: Series) -> str:
    return "" if series.number is None else str(series.number)


def _measured(elements: dict[str, Any], keyword: str, unit: str) -> str:
    """A number with its unit; several or none are shown as they are."""
    text = str(elements.get(keyword, "")).strip()
    try:
        text = figure(float(text), 3)
    except ValueError:
        return text
    return f"{text}\N{NO-BREAK SPACE}{unit}"
