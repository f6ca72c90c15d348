"""Named ways to fill the seventeen fields, each with the options of PS3.15 that it stands for.

A preset gives a value for every field from the original values; "" leaves the field to the Basic
Profile, which removes or empties it.

References
----------
PS3.15 E.3 for options; PS3.16 CID 7050 for their codes.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from app.imaging.deid_fields import FIELD_BY_KEYWORD, validate_override
from app.imaging.deid_profile import EDITION, RETAIN_PATIENT_CHARACTERISTICS
from app.imaging.deid_uids import pseudonym
from app.imaging.errors import N_, InvalidElement

Originals = Mapping[str, str]
Fill = Callable[[Originals, bytes], dict[str, str]]
OLDEST_AGE = 89  # years; older is so rare that the age itself can identify

# (Code Value, Code Meaning) in scheme DCM, and what (0012,0063) says.
BASIC_CODE = ("113100", "Basic Application Confidentiality Profile")
OPTION_CODES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {RETAIN_PATIENT_CHARACTERISTICS: ("113108", "Retain Patient Characteristics Option")}
)


@dataclass(frozen=True)
class Preset:
    """One way of de-identifying.

    Attributes
    ----------
    name : str
        In URLs and in the API.
    label : str
        English template for the page.
    options : frozenset of str
        Columns of Table E.1-1 that are switched on.
    """

    name: str
    label: str
    options: frozenset[str]
    fill: Fill

    def codes(self) -> list[tuple[str, str]]:
        """(Code Value, Code Meaning) for (0012,0064)."""
        return [BASIC_CODE, *(OPTION_CODES[option] for option in sorted(self.options))]

    def method(self) -> list[str]:
        """The values of (0012,0063)."""
        return [f"PS3.15 {EDITION} {meaning}"[:64] for _, meaning in self.codes()]


def _patient_key(originals: Originals) -> str:
    """What tells this patient from others; name and birth date where there is no ID."""
    number = originals.get("PatientID", "")
    if number:
        return f"{originals.get('IssuerOfPatientID', '')}|{number}"
    return f"|{originals.get('PatientName', '')}|{originals.get('PatientBirthDate', '')}"


def _anonymous(originals: Originals, run_key: bytes) -> dict[str, str]:
    number = pseudonym(run_key, "pid", _patient_key(originals), 8)
    return {"PatientName": "ANONYMOUS", "PatientID": f"ANON-{number}"}


def _pseudonym(originals: Originals, run_key: bytes) -> dict[str, str]:
    person = pseudonym(run_key, "pid", _patient_key(originals), 10)
    study = pseudonym(run_key, "study", originals.get("StudyInstanceUID", ""), 10)
    return {"PatientName": person, "PatientID": person, "StudyID": study}


def _characteristics(originals: Originals, run_key: bytes) -> dict[str, str]:
    age = cap_age(originals.get("PatientAge", ""))
    kept = {
        "PatientSex": _if_valid("PatientSex", originals.get("PatientSex", "")),
        "PatientAge": _if_valid("PatientAge", age),
        "PatientWeight": _if_valid("PatientWeight", originals.get("PatientWeight", "")),
    }
    return _anonymous(originals, run_key) | kept


def _if_valid(keyword: str, text: str) -> str:
    """The original value, unless it is something else than the field is for."""
    try:
        return validate_override(keyword, text)
    except InvalidElement:
        return ""


def cap_age(age: str) -> str:
    """The Age String, ``090Y`` in place of any age over 89 years (PS3.15 E.3.9 leaves the bound to us)."""
    match = re.fullmatch(r"(\d{3})Y", age.strip(), re.ASCII)
    return f"{OLDEST_AGE + 1:03d}Y" if match and int(match[1]) > OLDEST_AGE else age


PRESETS: Mapping[str, Preset] = MappingProxyType(
    {
        preset.name: preset
        for preset in (
            Preset("anonymous", N_("Anonymous"), frozenset(), _anonymous),
            Preset("pseudonym", N_("Pseudonym"), frozenset(), _pseudonym),
            Preset(
                "characteristics",
                N_("Keep sex, age and weight"),
                frozenset({RETAIN_PATIENT_CHARACTERISTICS}),
                _characteristics,
            ),
        )
    }
)


def preset_named(name: str) -> Preset:
    """The preset of this name.

    Raises
    ------
    InvalidElement
        There is none.
    """
    preset = PRESETS.get(name)
    if preset is None:
        raise InvalidElement(
            N_("There is no such preset. Choose one of: %(names)s."), names=", ".join(PRESETS)
        )
    return preset


def preset_values(name: str, originals: Originals, run_key: bytes) -> dict[str, str]:
    """What a preset writes into each of the seventeen fields.

    Parameters
    ----------
    name : str
        Key of :data:`PRESETS`.
    originals : mapping of str to str
        As :func:`app.imaging.deid_fields.original_values` gives them.
    run_key : bytes
        Pseudonyms are made with it; the same key must be given to the run itself.

    Returns
    -------
    dict of str to str
        A value for each of the seventeen keywords; "" = removed or emptied by the profile.
    """
    return dict.fromkeys(FIELD_BY_KEYWORD, "") | preset_named(name).fill(originals, run_key)
