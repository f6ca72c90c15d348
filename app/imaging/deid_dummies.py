"""Values that stand where one must stand, and what a de-identified data set says of itself.

A dummy is valid for its value representation and the same for everybody. Dates are of 1900, which
no reader takes for real and every parser accepts (``00010101`` is refused by some).

References
----------
PS3.5 6.2 for value representations; PS3.15 E.1.1 for the attributes that state the method.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from pydicom.config import IGNORE
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from app.imaging.deid_presets import PRESETS, Preset

TEXT = "REMOVED"
DATE = "19000101"

DUMMIES: Mapping[str, Any] = MappingProxyType(
    dict.fromkeys(("CS", "SH", "LO", "ST", "LT", "UT", "UC", "AE", "PN"), TEXT)
    | dict.fromkeys(("IS", "DS"), "0")
    | dict.fromkeys(("US", "SS", "UL", "SL", "UV", "SV", "AT"), 0)
    | dict.fromkeys(("FL", "FD"), 0.0)
    | dict.fromkeys(("OB", "OW", "OL", "OF", "OD", "OV", "UN"), bytes(8))
    | {"DA": DATE, "TM": "000000", "DT": f"{DATE}000000", "AS": "000Y", "UR": "urn:removed"}
)
# What every copy holds because we write it: somebody may bear one of these words as a name.
_STATED = " ".join(text for preset in PRESETS.values() for text in preset.method()).lower()
WRITTEN_VALUES = frozenset(
    {TEXT.lower(), DATE, "1900-01-01", "000000", "anonymous", "anon", "yes", "dcm", "deid"}
)
WRITTEN_VALUES |= set(_STATED.replace(".", " ").split())


def dummy_element(tag: int, vr: str) -> DataElement:
    """An element of this tag with a dummy value; a sequence gets one item that says nothing."""
    if vr == "SQ":
        return DataElement(tag, "SQ", Sequence([coded("REMOVED", "99REMOVED", "removed")]))
    return DataElement(tag, vr, DUMMIES[vr], validation_mode=IGNORE)


def coded(value: str, scheme: str, meaning: str) -> Dataset:
    """An item of a code sequence (PS3.3 Table 8.8-1)."""
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item


def method_statements(preset: Preset) -> dict[int, DataElement]:
    """The elements that say that and how a data set was de-identified, by tag.

    Burned In Annotation (0028,0301) is not among them: nobody has looked at the pixels.
    """
    codes = Sequence([coded(value, "DCM", meaning) for value, meaning in preset.codes()])
    elements = (
        DataElement(0x00120062, "CS", "YES"),
        DataElement(0x00120063, "LO", preset.method()),
        DataElement(0x00120064, "SQ", codes),
        DataElement(0x00280303, "CS", "REMOVED"),
    )
    return {int(element.tag): element for element in elements}
