"""The seventeen attributes that a user may set by hand, and what may be written into each.

References
----------
PS3.5 6.2 for value representations; PS3.3 C.7.1.1, C.7.2, C.7.3.1 and C.7.5.1 for the modules.
"""

import datetime
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydicom.datadict import dictionary_VM, dictionary_VR, tag_for_keyword
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

from app.imaging.errors import N_, InvalidElement
from app.imaging.values import TURNING, raw_value

Level = Literal["patient", "study", "series"]

# Characters (not bytes) that one value may have, PS3.5 Table 6.2-1; PN: of one component group.
_LENGTHS = {"PN": 64, "LO": 64, "SH": 16, "ST": 1024, "CS": 16, "DA": 8, "AS": 4, "DS": 16}


@dataclass(frozen=True)
class Field:
    """One editable attribute.

    Attributes
    ----------
    keyword, vr, tag : str, str, int
        As in PS3.6.
    label : str
        English template of its name on the page.
    max_length : int
        Characters of one value (of one component group of a name).
    level : {"patient", "study", "series"}
        What has one value: a field of the patient is the same in all of the patient's series.
    may_be_many : bool
        Whether several values may stand in it, separated by a backslash.
    """

    keyword: str
    vr: str
    tag: int
    label: str
    max_length: int
    level: Level
    may_be_many: bool

    @property
    def tag_text(self) -> str:
        """The tag as people write it, ``(0010,0010)``."""
        return f"({self.tag >> 16:04X},{self.tag & 0xFFFF:04X})"


def _field(keyword: str, label: str, level: Level) -> Field:
    tag = tag_for_keyword(keyword)
    if tag is None:
        raise ValueError(f"{keyword} is no keyword of PS3.6")
    vr = dictionary_VR(tag)
    return Field(keyword, vr, tag, label, _LENGTHS[vr], level, dictionary_VM(tag) == "1-n")


FIELDS: tuple[Field, ...] = (
    _field("PatientName", N_("Patient's name"), "patient"),
    _field("PatientID", N_("Patient ID"), "patient"),
    _field("PatientBirthDate", N_("Birth date"), "patient"),
    _field("PatientSex", N_("Sex"), "patient"),
    _field("PatientAge", N_("Age"), "study"),
    _field("PatientWeight", N_("Weight (kg)"), "study"),
    _field("PatientAddress", N_("Address"), "patient"),
    _field("AccessionNumber", N_("Accession number"), "study"),
    _field("InstitutionName", N_("Institution"), "series"),
    _field("InstitutionAddress", N_("Institution address"), "series"),
    _field("ReferringPhysicianName", N_("Referring physician"), "study"),
    _field("PerformingPhysicianName", N_("Performing physician"), "series"),
    _field("OperatorsName", N_("Operator"), "series"),
    _field("StudyID", N_("Study ID"), "study"),
    _field("StudyDescription", N_("Study description"), "study"),
    _field("SeriesDescription", N_("Series description"), "series"),
    _field("ProtocolName", N_("Protocol"), "series"),
)
FIELD_BY_KEYWORD: Mapping[str, Field] = {field.keyword: field for field in FIELDS}


def original_values(dataset: Dataset) -> dict[str, str]:
    """The seventeen values as text, "" where absent, several joined by a backslash.

    ``IssuerOfPatientID`` and ``StudyInstanceUID`` come along: pseudonyms are made from them too.
    """
    keywords = (*FIELD_BY_KEYWORD, "IssuerOfPatientID", "StudyInstanceUID")
    return {keyword: _as_text(dataset, keyword) for keyword in keywords}


def _as_text(dataset: Dataset, keyword: str) -> str:
    value = raw_value(dataset, keyword)  # None for what cannot be read; the walk removes that
    if isinstance(value, MultiValue | list):
        return "\\".join(str(part) for part in value)
    return "" if value is None else str(value).strip()


def validate_override(keyword: str, value: str) -> str:
    """The value as it will be written: trimmed, composed (NFC), a date without its dashes.

    Parameters
    ----------
    keyword : str
        Of one of :data:`FIELDS`.
    value : str
        What the user typed; "" stands for the action of the profile (removed or emptied).

    Raises
    ------
    InvalidElement
        No such field, or a value that its value representation forbids. The message names tag and
        rule and repeats nothing of the value.
    """
    field = FIELD_BY_KEYWORD.get(keyword)
    if field is None:
        raise InvalidElement(N_("The field is not one of the seventeen that can be set."))
    text = unicodedata.normalize("NFC", value.replace("\r\n", "\n")).strip()
    if not text:
        return ""
    _check_characters(field, text)
    parts = text.split("\\") if field.may_be_many else [text]
    return "\\".join(_CHECKS.get(field.vr, _plain)(field, part.strip()) for part in parts)


def _check_characters(field: Field, text: str) -> None:
    forbidden = any(
        (unicodedata.category(character) in {"Cc", "Cs", "Co", "Cn"} or character in TURNING)
        and not (field.vr == "ST" and character == "\n")
        for character in text
    )
    if forbidden or ("\\" in text and not field.may_be_many):
        raise InvalidElement(
            N_("%(keyword)s %(tag)s holds a control character or a backslash. Write it without."),
            keyword=field.keyword,
            tag=field.tag_text,
        )


def _plain(field: Field, text: str) -> str:
    _check_length(field, text)
    return text


def _check_length(field: Field, text: str) -> None:
    if len(text) > field.max_length:
        raise InvalidElement(
            N_("%(keyword)s %(tag)s has %(found)s characters; at most %(limit)s fit."),
            keyword=field.keyword,
            tag=field.tag_text,
            found=len(text),
            limit=field.max_length,
        )


def _person_name(field: Field, text: str) -> str:
    groups = text.split("=")
    for group in groups:
        _check_length(field, group)
    if len(groups) > 3 or any(group.count("^") > 4 for group in groups):
        raise InvalidElement(
            N_("%(keyword)s %(tag)s has too many parts: up to five, divided by ^, in up to three spellings."),
            keyword=field.keyword,
            tag=field.tag_text,
        )
    return text


def _date(field: Field, text: str) -> str:
    compact = text.replace("-", "") if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII) else text
    try:
        if not re.fullmatch(r"\d{8}", compact, re.ASCII):
            raise ValueError
        datetime.date(int(compact[:4]), int(compact[4:6]), int(compact[6:]))
    except ValueError:
        raise InvalidElement(
            N_("%(keyword)s %(tag)s must be a date of the calendar, written YYYYMMDD."),
            keyword=field.keyword,
            tag=field.tag_text,
        ) from None
    return compact


def _age(field: Field, text: str) -> str:
    if not re.fullmatch(r"\d{3}[DWMY]", text.upper(), re.ASCII):
        raise InvalidElement(
            N_("%(keyword)s %(tag)s must be three digits and D, W, M or Y, like 045Y."),
            keyword=field.keyword,
            tag=field.tag_text,
        )
    return text.upper()


def _sex(field: Field, text: str) -> str:
    if text.upper() not in {"F", "M", "O"}:
        raise InvalidElement(
            N_("%(keyword)s %(tag)s must be F, M or O, or nothing."),
            keyword=field.keyword,
            tag=field.tag_text,
        )
    return text.upper()


def _decimal(field: Field, text: str) -> str:
    _check_length(field, text)
    if not re.fullmatch(r"\d+(\.\d*)?", text, re.ASCII) or not 0 < float(text) < 1000:
        raise InvalidElement(
            N_("%(keyword)s %(tag)s must be a weight in kg between 0 and 1000, like 71.5."),
            keyword=field.keyword,
            tag=field.tag_text,
        )
    return text


_CHECKS = {"PN": _person_name, "DA": _date, "AS": _age, "CS": _sex, "DS": _decimal}
