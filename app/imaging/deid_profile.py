"""What happens to each attribute: PS3.15 Table E.1-1 as data, and the reading of its actions.

The table is vendored (``data/ps3_15_table_e1_1.json``, edition :data:`EDITION`). What it does not
list falls under :func:`_unlisted`, which denies whatever may speak of a person and keeps the rest.

How an alternative such as ``X/Z/D`` is decided (the table leaves it to the type of the attribute in
the IOD, PS3.15 E.1): ``X/Z/U*`` is always ``U*``. In the classes of :data:`TYPE_1` an attribute named
there takes ``D``, any other takes ``Z`` where it is offered, else ``X``. In a class not named there
the most filled choice is taken (``D``, then ``Z``), which is valid for every type and never holds an
original value. A sequence is never given a dummy by an alternative: ``Z`` where offered, else ``X``.

References
----------
PS3.15 E.1, E.2 and Table E.1-1; PS3.3 for the types of attributes.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from pydicom.datadict import dictionary_VR, get_entry, tag_for_keyword

EDITION = "2024b"
TABLE_PATH = Path(__file__).with_name("data") / "ps3_15_table_e1_1.json"
RETAIN_PATIENT_CHARACTERISTICS = "rtnPatCharsOpt"  # columns are named as in the vendored table


class Action(Enum):
    """What the walk does with one element."""

    KEEP = "keep"
    DESCEND = "descend"  # a sequence that stays; its items are walked
    REFERENCE = "reference"  # U*: of each item only what points to an image stays
    REMOVE = "remove"
    EMPTY = "empty"
    DUMMY = "dummy"
    NEW_UID = "new_uid"


@dataclass(frozen=True)
class Rule:
    """One row of the table: the action of the Basic Profile and of the options (K keep, C clean)."""

    basic: str
    options: Mapping[str, str]


_CT, _MR, _PT, _SC, _CR, _US, _NM = (
    f"1.2.840.10008.5.1.4.1.1.{number}" for number in ("2", "4", "128", "7", "1", "6.1", "20")
)
_RTSTRUCT, _RTDOSE, _RTPLAN = (f"1.2.840.10008.5.1.4.1.1.481.{number}" for number in (3, 2, 5))
_SEG, _PARAMETRIC_MAP = "1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.30"
_ENHANCED_CT, _ENHANCED_MR, _ENHANCED_PT = (
    f"1.2.840.10008.5.1.4.1.1.{number}" for number in ("2.1", "4.1", "130")
)
_MULTI_FRAME = frozenset({"ContentDate", "ContentTime", "DeviceSerialNumber"})
_ENHANCED = _MULTI_FRAME | {"AcquisitionDateTime", "ProtocolName"}

# Attributes that an alternative of the table concerns and that are type 1 (or 1C and ordinarily there)
# in the class, by PS3.3: C.8.9.1 for PET, C.7.6.16 and C.7.5.2 for the multi-frame classes.
TYPE_1: Mapping[str, frozenset[str]] = MappingProxyType(
    {uid: frozenset[str]() for uid in (_CT, _MR, _SC, _CR, _US, _NM, _RTSTRUCT, _RTDOSE, _RTPLAN)}
    | {_PT: frozenset({"SeriesDate", "SeriesTime"})}
    | dict.fromkeys((_SEG, _PARAMETRIC_MAP), _MULTI_FRAME)
    | dict.fromkeys((_ENHANCED_CT, _ENHANCED_MR, _ENHANCED_PT), _ENHANCED)
)

# Class UIDs say what a thing is and not whose; every other UI is taken for the name of an instance.
_CLASS_UIDS_TEXT = """
    SOPClassUID RelatedGeneralSOPClassUID OriginalSpecializedSOPClassUID SOPClassesInStudy
    SOPClassesSupported PertinentSOPClassesInStudy PertinentSOPClassesInSeries ReferencedSOPClassUID
    StoredInstanceTransferSyntaxUID AvailableTransferSyntaxUID FlowTransferSyntaxUID
    MACCalculationTransferSyntaxUID EncryptedContentTransferSyntaxUID CodingSchemeUID ContextUID
    MappingResourceUID
"""
_CLASS_UIDS = frozenset(_CLASS_UIDS_TEXT.split())
# Missing from the table of this edition, yet able to hold a person's dates, a voice, free remarks, a
# document, or originals under encryption; a length and signatures that no longer fit the copy.
_DENIED_TEXT = """
    PatientBirthDateInAlternativeCalendar PatientDeathDateInAlternativeCalendar HL7InstanceIdentifier
    EncryptedAttributesSequence MACParametersSequence LengthToEnd TextValue UnformattedTextValue
    CommentsOnTheScheduledProcedureStep SurfaceComments TreatmentStatusComment SetupImageComment
    RTImageDescription SOPAuthorizationComment AssertionComments TransactionStatusComment
    WaveformSequence HPGLDocument EncryptedContent Signature SubstanceAdministrationNotes OwnerID
    ContactDisplayName BoardingPassID ItineraryID CalculationComment BreedRegistrationNumber
    CommentsOnPatientPerformanceOfVisualField
"""
_DENIED = frozenset(_DENIED_TEXT.split())
_TEXT_VRS = frozenset(["AE", "LO", "LT", "PN", "SH", "ST", "UC", "UR", "UT"])

# What an option may keep of coded characteristics (PS3.3 C.7.1.1, C.7.1.3, C.7.2.2): free text typed
# into one of them is emptied. Ethnic Group is free text by design and stays with the Basic Profile.
CODED_VALUES: Mapping[int, frozenset[str]] = MappingProxyType(
    {
        0x00100040: frozenset({"F", "M", "O"}),
        0x00102203: frozenset({"ALTERED", "UNALTERED"}),
        0x001021A0: frozenset({"YES", "NO", "UNKNOWN"}),
    }
)
_ETHNIC_GROUP = 0x00102160


@lru_cache(maxsize=1)
def load_table() -> Mapping[int, Rule]:
    """The rows of Table E.1-1 that name one tag.

    Returns
    -------
    mapping of int to Rule
        By tag, ``group << 16 | element``. The four rows that are patterns (50xx, 60xx, odd groups)
        are covered by the groups that :class:`RuleBook` denies.
    """
    document = json.loads(TABLE_PATH.read_text(encoding="utf-8"))
    if document["edition"] != EDITION:
        raise ValueError(f"the vendored table is of edition {document['edition']}, not {EDITION}")
    rules: dict[int, Rule] = {}
    for row in document["rows"]:
        options = {name: str(value) for name, value in row.items() if name.endswith("Opt")}
        if len(row["id"]) == 8 and "x" not in row["id"]:
            rules[int(row["id"], 16)] = Rule(row["basicProfile"], MappingProxyType(options))
    return MappingProxyType(rules)


class RuleBook:
    """The action for each tag in data sets of one class, under the options chosen.

    Parameters
    ----------
    sop_class_uid : str
        SOP Class UID of the data set; nested items follow the class of their root.
    options : frozenset of str, optional
        Columns of the table that are switched on. ``K`` keeps; where a column says ``C`` (clean) the
        action of the Basic Profile stays, which is stricter; so it does for Ethnic Group, a free text.
    """

    def __init__(self, sop_class_uid: str, options: frozenset[str] = frozenset()) -> None:
        self._type_1 = TYPE_1.get(sop_class_uid)
        self._options = options
        self._known: dict[int, Action] = {}

    def action(self, tag: int) -> Action:
        """What is done with the element of this tag."""
        known = self._known.get(tag)
        if known is None:
            known = self._known[tag] = self._decide(tag)
        return known

    def _decide(self, tag: int) -> Action:
        if is_denied_group(tag >> 16):
            return Action.REMOVE
        rule = load_table().get(tag)
        if rule is None:
            return _unlisted(tag)
        kept = any(rule.options.get(option) == "K" for option in self._options)
        if kept and tag != _ETHNIC_GROUP:
            return Action.DESCEND if dictionary_VR(tag) == "SQ" else Action.KEEP
        return self._listed(tag, rule.basic)

    def _listed(self, tag: int, basic: str) -> Action:
        """The action for a row of the table; the module's text says how alternatives are decided."""
        choices = basic.split("/")
        if "U*" in choices:
            return Action.REFERENCE
        entry = _entry(tag)
        if len(choices) == 1:
            # A dummy UID would be the same for all and break what refers to it.
            is_dummy_uid = basic == "D" and entry is not None and entry[0] == "UI"
            return Action.NEW_UID if is_dummy_uid else _PLAIN[basic]
        is_sequence = entry is not None and entry[0] == "SQ"
        keyword = entry[4] if entry else ""
        wants_value = self._type_1 is None or keyword in self._type_1
        if "D" in choices and wants_value and not is_sequence:
            return Action.DUMMY
        if "Z" in choices:
            return Action.EMPTY
        return Action.REMOVE


_PLAIN = {"X": Action.REMOVE, "Z": Action.EMPTY, "D": Action.DUMMY, "U": Action.NEW_UID}


def is_denied_group(group: int) -> bool:
    """Whether a whole group goes: private, curves, overlays, padding, and groups foreign to a data set."""
    return bool(group & 1) or group & 0xFF00 in {0x5000, 0x6000} or group == 0xFFFC or group < 0x0008


def _entry(tag: int) -> tuple[str, str, str, str, str] | None:
    """(VR, VM, name, retired, keyword) of the data dictionary; none for repeating or unknown tags."""
    try:
        entry: tuple[str, str, str, str, str] = get_entry(tag)
    except KeyError:
        return None
    # The dictionary answers for repeating groups too; all of those are retired and none is needed.
    return entry if tag_for_keyword(entry[4]) == tag else None


def _unlisted(tag: int) -> Action:
    """The action for a tag that the table does not list: deny what may name somebody, keep the rest."""
    entry = _entry(tag)
    if entry is None or entry[4] in _DENIED:
        return Action.REMOVE
    vr, is_retired = entry[0], bool(entry[3])
    if vr == "SQ":
        return Action.DESCEND
    if vr == "UI":
        return Action.KEEP if entry[4] in _CLASS_UIDS else Action.NEW_UID
    if vr in {"UN", "UR"} or (is_retired and vr in _TEXT_VRS):
        return Action.REMOVE
    # Names and dates that the table forgot; (0028,0303) says REMOVED of all dates.
    return Action.EMPTY if vr in {"PN", "DA", "DT", "TM"} else Action.KEEP
