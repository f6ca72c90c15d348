"""What a PET image states of its units, its corrections and the injection, as plain numbers.

Moments are seconds since the beginning of the calendar in the scanner's local time, so that two of them can
be subtracted; times of day are seconds since midnight. What is absent or unreadable is None.

References
----------
PS3.3 C.8.9.1 (PET Series), C.8.9.4 (PET Image), C.8.9.2 (PET Isotope); PS3.5 6.2 (DT, TM).
"""

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.tag import Tag

from app.imaging import values
from app.imaging.limits import DEFAULT_LIMITS, ReadLimits
from app.imaging.structure import FileStructure, read_structure

DAY_S = 86400.0
_TAGS = tuple(
    int(Tag(keyword))
    for keyword in (
        "Units",
        "SUVType",
        "DecayCorrection",
        "CorrectedImage",
        "PatientWeight",
        "SeriesDate",
        "SeriesTime",
        "AcquisitionDate",
        "AcquisitionTime",
        "FrameReferenceTime",
        "ActualFrameDuration",
        "TimezoneOffsetFromUTC",
        "RadiopharmaceuticalInformationSequence",
    )
)
_TIME = re.compile(r"(\d\d):?(\d\d)(?::?(\d\d)(\.\d{1,6})?)?")
_DATE_TIME = re.compile(r"(\d{8})(\d{4}(?:\d\d(?:\.\d{1,6})?)?)(?:([+-])(\d\d)(\d\d))?")
_ZONE = re.compile(r"([+-])(\d\d)(\d\d)")
_PHILIPS = (0x7053, "Philips PET Private Group")
_GE = (0x0009, "GEMS_PETD_01")
_LONGEST_PRIVATE = 64


@dataclass(frozen=True)
class PetFacts:
    """One PET image.

    Attributes
    ----------
    series_start, acquisition_start, scan_start : float
        Series Date and Time, Acquisition Date and Time, and GE's private scan time (0009,100D): moments.
    injected : float
        Radiopharmaceutical Start DateTime, a moment.
    injected_time_s : float
        Radiopharmaceutical Start Time, a time of day.
    has_dates : bool
        Whether the file says on which day it was taken.
    items : int
        Of the Radiopharmaceutical Information Sequence.
    suv_factor, activity_factor : float
        Philips' private factors from values to SUV (7053,1000) and to Bq/ml (7053,1009).
    """

    units: str
    suv_type: str
    decay_correction: str
    corrected: frozenset[str]
    weight_kg: float | None
    dose_bq: float | None
    half_life_s: float | None
    items: int
    injected: float | None
    injected_time_s: float | None
    has_dates: bool
    series_start: float | None
    acquisition_start: float | None
    scan_start: float | None
    frame_reference_s: float | None
    frame_duration_s: float | None
    suv_factor: float | None
    activity_factor: float | None


def read_pet_facts(path: Path, limits: ReadLimits = DEFAULT_LIMITS) -> PetFacts:
    """The PET facts of the file at *path*.

    Raises
    ------
    ImagingError
        It cannot be read as DICOM.
    """
    structure = read_structure(path, limits)
    header = values.decode_elements(structure, _TAGS)
    found = values.raw_value(header, "RadiopharmaceuticalInformationSequence")
    # A text where a sequence is wanted has no items.
    items = [item for item in found if isinstance(item, Dataset)] if isinstance(found, Sequence) else []
    tracer = items[0] if items else Dataset()
    series_day, acquisition_day = _day(header, "SeriesDate"), _day(header, "AcquisitionDate")
    zone = _zone_s(values.text(header, "TimezoneOffsetFromUTC"))
    return PetFacts(
        units=values.text(header, "Units"),
        suv_type=values.text(header, "SUVType"),
        decay_correction=values.text(header, "DecayCorrection"),
        corrected=frozenset(values.texts(header, "CorrectedImage")),
        weight_kg=values.number(header, "PatientWeight"),
        dose_bq=values.number(tracer, "RadionuclideTotalDose"),
        half_life_s=values.number(tracer, "RadionuclideHalfLife"),
        items=len(items),
        injected=_moment(values.text(tracer, "RadiopharmaceuticalStartDateTime"), zone),
        injected_time_s=_time_s(values.text(tracer, "RadiopharmaceuticalStartTime")),
        has_dates=series_day is not None or acquisition_day is not None,
        series_start=_sum(series_day, acquisition_day, _time_s(values.text(header, "SeriesTime"))),
        acquisition_start=_sum(acquisition_day, series_day, _time_s(values.text(header, "AcquisitionTime"))),
        scan_start=_moment(_private(structure, *_GE, 0x0D), zone),
        frame_reference_s=_seconds(values.number(header, "FrameReferenceTime")),
        frame_duration_s=_seconds(values.number(header, "ActualFrameDuration")),
        suv_factor=_positive(_private(structure, *_PHILIPS, 0x00)),
        activity_factor=_positive(_private(structure, *_PHILIPS, 0x09)),
    )


def _sum(day: float | None, other_day: float | None, time_s: float | None) -> float | None:
    """A time of day on *day*, else on the other one, else on day nought: two times can still be compared."""
    if time_s is None:
        return None
    return next((known for known in (day, other_day) if known is not None), 0.0) + time_s


def _seconds(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000


def _day(header: Dataset, keyword: str) -> float | None:
    found = values.iso_date(header, keyword)
    return None if found is None else date.fromisoformat(found).toordinal() * DAY_S


def _time_s(text: str) -> float | None:
    """Seconds since midnight of a TM value that names at least the minute."""
    match = _TIME.match(text)
    if match is None:
        return None
    hours, minutes, seconds = (int(part or 0) for part in match.groups()[:3])
    if hours > 23 or minutes > 59 or seconds > 60:  # 60 is a leap second
        return None
    return hours * 3600.0 + minutes * 60 + seconds + float(match.group(4) or 0)


def _moment(text: str, zone_s: float | None) -> float | None:
    """The moment of a DT value, in the zone of the file where both name theirs."""
    match = _DATE_TIME.fullmatch(text)
    time_s = _time_s(match.group(2)) if match else None
    if match is None or time_s is None:
        return None
    try:
        day = date(int(text[:4]), int(text[4:6]), int(text[6:8])).toordinal() * DAY_S
    except ValueError:
        return None
    own_zone_s = _zone_s(text[-5:]) if match.group(3) else None
    moved = zone_s - own_zone_s if zone_s is not None and own_zone_s is not None else 0.0
    return day + time_s + moved


def _zone_s(text: str) -> float | None:
    match = _ZONE.fullmatch(text)
    if match is None:
        return None
    return (int(match.group(2)) * 3600.0 + int(match.group(3)) * 60) * (-1 if match.group(1) == "-" else 1)


def _positive(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0 < number < float("inf") else None


def _private(structure: FileStructure, group: int, creator: str, element: int) -> str:
    """A private text element of the block that *creator* reserved in *group* (PS3.5 7.8.1)."""
    for block in range(0x10, 0x100):
        if _raw_text(structure, group << 16 | block) == creator:
            return _raw_text(structure, group << 16 | block << 8 | element)
    return ""


def _raw_text(structure: FileStructure, tag: int) -> str:
    span = structure.elements.get(tag)
    if span is None or span.end - span.value > _LONGEST_PRIVATE:
        return ""
    # By bytes: implicit files and UN say nothing of the VR, and both makers write digits here.
    return structure.data[span.value : span.end].decode("ascii", "replace").strip("\0 ")
