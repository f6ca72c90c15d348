"""What in a data set tells who the patient is: the strings that no copy may hold.

Collected before de-identification and searched for after it (:mod:`app.imaging.deid_scan`). Rules
against false alarms:

- A part of a name counts from three characters, from two where none is Latin (山田); a name is also
  kept whole, in both orders, so that "Li^Wei" is found although neither part is searched alone.
- A number alone counts from five digits; a number with letters from four characters.
- Institutions and addresses count whole, from five characters; parts of an address between commas
  from eight.
- A text is read as its character set says, and as UTF-8 or Latin-1 too where it was written in those:
  many files state the wrong one, and no copy may hold the name in the right one.
- Words of :data:`COMMON_WORDS`, words of Manufacturer and Manufacturer's Model Name, and what the
  profile itself writes never count alone.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from pydicom._dicom_dict import DicomDictionary
from pydicom.datadict import tag_for_keyword
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset

from app.imaging.charsets import CharacterSets, sets_of, stored_text
from app.imaging.deid_dummies import WRITTEN_VALUES

# Words that stand in names of test objects or of people, and in every DICOM header.
_COMMON_TEXT = """
    abdomen adult algorithm angio anonymized anonymised anonymous anterior arm art axial base biopsy
    blood body bone brain breast cardiac chest child clinic clinica colon contrast coronal data default
    demo derived device doctor dose dra empty enhanced eye female foot frame frontal general group hand
    head heart hospital image imaging instituto institute institution knee kidney large lateral left leg
    linear liver long low lower lung male max medical medicine min mixed monochrome name neck neutral
    nino non none normal null object oblique original other patient pelvis pet phantom plan planning
    point portal primary prof prone pulse radiology radiologia recon reference right sagittal scan scout
    seg sequence series servicio service sex shoulder sin skin skull small soft spiral spine standard
    std study subject supine supino table test thorax tissue torax tumor unit universidad university
    unknown upper value vessel volume water wide window wrist year young
"""
COMMON_WORDS = frozenset(_COMMON_TEXT.split())
_MANY = 64  # levels of nesting after which a data set is not searched any deeper; the walk refuses it

_NAMES_TEXT = """
    PatientName OtherPatientNames PatientBirthName PatientMotherBirthName ResponsiblePerson
    ReferringPhysicianName PerformingPhysicianName OperatorsName ConsultingPhysicianName
    PhysiciansOfRecord NameOfPhysiciansReadingStudy RequestingPhysician PersonName VerifyingObserverName
    ContentCreatorName ReviewerName ScheduledPerformingPhysicianName HumanPerformerName OrderEnteredBy
    NamesOfIntendedRecipientsOfResults
"""
_NAMES = tuple(_NAMES_TEXT.split())
_IDS_TEXT = """
    PatientID OtherPatientIDs AccessionNumber StudyID AdmissionID MedicalRecordLocator
    RequestedProcedureID ScheduledProcedureStepID PerformedProcedureStepID
    FillerOrderNumberImagingServiceRequest PlacerOrderNumberImagingServiceRequest ServiceEpisodeID
    PatientTelephoneNumbers
"""
_IDS = tuple(_IDS_TEXT.split())
_PLACES_TEXT = """
    InstitutionName InstitutionAddress InstitutionalDepartmentName PatientAddress
    ReferringPhysicianAddress ResponsibleOrganization RequestingService CurrentPatientLocation
"""
_PLACES = tuple(_PLACES_TEXT.split())

_NAME_BREAKS = re.compile(r"[\^=\s,.\-_/\\()]+")


def identifiers_of(dataset: Dataset) -> frozenset[str]:
    """The identifying strings of a data set, lower case and composed (NFC); also as written, where the case
    of letters beyond ASCII could not be guessed.

    Parameters
    ----------
    dataset : Dataset
        The original, not yet de-identified.

    Returns
    -------
    frozenset of str
        Names and their parts, numbers, birth date in its spellings, places; nested ones too.
    """
    found: set[str] = set()
    as_written: set[str] = set()
    for kind, text in _identifying_texts(dataset, sets_of(dataset), 0):
        for value in text.split("\\"):
            plain = _composed(value)
            found.update(kind(plain.lower()))
            as_written.update(part for part in kind(plain) if not part.isascii())
    found -= WRITTEN_VALUES | COMMON_WORDS | _technical_words(dataset)
    return frozenset(found | {part for part in as_written if part.lower() in found and _is_mixed(part)})


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip(" \0\n\r\t")


def _fold(text: str) -> str:
    return _composed(text).lower()


def _is_mixed(text: str) -> bool:
    """Whether neither case, nor capitals in front, give the text back: DeÁngélis, and letters misread."""
    small = text.lower()
    return text not in (small, small.upper(), small.title())


def _identifying_texts(dataset: Dataset, sets: CharacterSets, depth: int) -> Iterator[tuple["Kind", str]]:
    kinds = _kinds()
    for tag in dataset.keys():  # noqa: SIM118 - iterating a Dataset decodes each element
        kind = kinds.get(int(tag))
        stored = dataset.get_item(tag, keep_deferred=True)
        is_nested = (stored is not None and stored.VR == "SQ") or int(tag) in _nesting_tags()
        if kind is None and not is_nested and (stored is None or stored.VR != "PN"):
            continue
        if is_nested and depth < _MANY:
            for item in _value(dataset, tag) or ():
                if isinstance(item, Dataset):
                    yield from _identifying_texts(item, sets_of(item, sets), depth + 1)
        elif not is_nested:
            stated = stored_text(dataset, tag, sets)
            told = _joined(_value(dataset, tag) if stated is None else stated)
            for text in (*_readings(stored), told):
                yield kind or names, text


def _readings(stored: object) -> tuple[str, ...]:
    """What bytes beyond ASCII say in UTF-8, else in Latin-1, whatever character set is stated."""
    value = stored.value if isinstance(stored, RawDataElement) else None
    if not isinstance(value, bytes) or value.isascii():
        return ()
    try:
        return (value.decode("utf-8"),)
    except UnicodeDecodeError:
        return (value.decode("latin-1"),)


def _value(dataset: Dataset, tag: Any) -> Any:
    """The decoded value, None where it cannot be decoded: such an element never reaches a copy."""
    try:
        return dataset[tag].value
    except Exception:  # pydicom raises nearly anything on hostile values
        return None


def _joined(value: Any) -> str:
    if value is None or isinstance(value, bytes):
        return ""
    return value if isinstance(value, str) else "\\".join(map(str, value)) if _is_list(value) else str(value)


def _is_list(value: Any) -> bool:
    return hasattr(value, "__iter__") and not hasattr(value, "components")


def names(name: str) -> set[str]:
    """A person's name: its parts, and the whole in both orders."""
    found: set[str] = set()
    for group in name.split("="):
        parts = [part for part in _NAME_BREAKS.split(group) if part]
        found.update(part for part in parts if _counts_alone(part))
        if len(parts) > 1:
            family, given = parts[0], parts[1]
            joined = (f"{family}^{given}", f"{family} {given}", f"{given} {family}", f"{family}, {given}")
            telling = len(family + given) >= 4 and not {family, given} <= COMMON_WORDS
            found.update((group.strip("^ "), *joined) if telling else ())
    return found


def _counts_alone(part: str) -> bool:
    if not any(character.isalpha() for character in part):
        return part.isdigit() and len(part) >= 5
    is_latin = any("a" <= character <= "z" for character in part) or part < "\u0250"
    return len(part) >= (3 if is_latin else 2)


def numbers(number: str) -> set[str]:
    """A number of a person, a visit or an order: the whole and its long runs of digits."""
    if len(number) < (5 if number.isdigit() else 4) or not any(map(str.isalnum, number)):
        return set()
    return {number, *re.findall(r"\d{6,}", number)}


def birth_dates(date: str) -> set[str]:
    """A birth date as people and machines spell it."""
    match = re.fullmatch(r"(\d{4})[.\-]?(\d{2})[.\-]?(\d{2})", date, re.ASCII)
    if match is None:
        return set()
    year, month, day = match.groups()
    orders = ((year, month, day), (day, month, year), (month, day, year))
    spelled = {sign.join(order) for order in orders for sign in "-/."}
    return spelled | {year + month + day}


def places(place: str) -> set[str]:
    """An institution or an address: the whole, and the longer parts between commas."""
    words = {word for word in re.split(r"\W+", place) if word}
    if len(place) < 5 or words <= COMMON_WORDS or not any(map(str.isalpha, place)):
        return set()
    parts = (part.strip() for part in re.split(r"[,;\n]", place))
    return {place, *(part for part in parts if len(part) >= 8 and not set(part.split()) <= COMMON_WORDS)}


Kind = Callable[[str], set[str]]


@lru_cache(maxsize=1)
def _kinds() -> Mapping[int, Kind]:
    by_keyword: dict[str, Kind] = dict.fromkeys(_NAMES, names) | dict.fromkeys(_IDS, numbers)
    by_keyword |= dict.fromkeys(_PLACES, places) | {"PatientBirthDate": birth_dates}
    tags = {tag_for_keyword(keyword): kind for keyword, kind in by_keyword.items()}
    return {tag: kind for tag, kind in tags.items() if tag is not None}


@lru_cache(maxsize=1)
def _nesting_tags() -> frozenset[int]:
    """Tags that are sequences by the dictionary: implicit VR does not say so in the file."""
    return frozenset(tag for tag, entry in DicomDictionary.items() if entry[0] == "SQ")


def _technical_words(dataset: Dataset) -> set[str]:
    """What the maker of the machine is called: it stays in the copy, whoever bears the same name."""
    words: set[str] = set()
    for keyword in ("Manufacturer", "ManufacturerModelName"):
        text = _fold(_joined(_value(dataset, keyword))) if keyword in dataset else ""
        words.update({text, *re.split(r"[^\w]+", text)})
    return words
