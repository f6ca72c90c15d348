"""A header whose plain values are read straight from the file's bytes, and all others by pydicom.

:class:`QuickHeader` is a data set that pydicom parses only when something is asked of it that is not
plain; the functions of :mod:`app.imaging.values` ask for the plain form first. A value is plain where
every reading of it agrees: printable ASCII on one line, decimal and integer strings, binary numbers. What
is odd in the least is not plain (``None``), and takes the careful way.
"""

import math
import re
import struct
from collections.abc import Iterable
from io import BytesIO
from typing import Any

from pydicom._dicom_dict import DicomDictionary
from pydicom.datadict import keyword_dict
from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset as parse_elements

from app.imaging.charsets import CHARACTER_SET, TEXT_VRS, character_sets, decode_values
from app.imaging.spans import Span
from app.imaging.structure import FileStructure

# Longer values are rare, and it is the careful way that cuts them.
_MAX_PLAIN = 256
_MAX_NUMBERS = 64
# As a length in a header without VRs, more than this could be taken for the letters of one.
_MAX_PARSED = 0x4000
# Sets in which a byte below 0x80 is always that character of ASCII: no escapes, no yen for a backslash.
_ASCII_SETS = frozenset(
    ["", "ISO_IR 6", "ISO 2022 IR 6", "ISO 2022 IR 100", "ISO_IR 192", "GB18030", "GBK"]
    + [f"ISO_IR {number}" for number in (100, 101, 109, 110, 126, 127, 138, 144, 148)]
)
_TEXTS = frozenset(("AE", "AS", "CS", "DA", "DT", "LO", "PN", "SH", "TM", "UI"))
_PADDED = _TEXTS | {"DS", "IS", "LT", "ST", "UC", "UR", "UT"}
_INTEGER = re.compile(rb" *[+-]?[0-9]{1,9} *(?:\\ *[+-]?[0-9]{1,9} *)*")
_UID = re.compile(r"[0-9.]{1,64}")
_BINARY = {
    vr: struct.Struct(f"<{code}")
    for vr, code in (("US", "H"), ("SS", "h"), ("UL", "I"), ("SL", "i"), ("FL", "f"), ("FD", "d"))
}
# VR and bytes of an element; no VR where they are not to be used.
_Plain = tuple[str, bytes]
_ABSENT: _Plain = ("absent", b"")
_LONG: _Plain = ("", b"...")
_NO_CHARACTER_SET: _Plain = ("CS", b"ISO_IR 6")


class QuickHeader(Dataset):
    """Some top-level elements of one file: it becomes a parsed data set when its plain values do not do.

    Notes
    -----
    Before that it has none of a data set's own attributes: asking for one is what makes it parse.
    """

    _plain: dict[int, _Plain]

    def __init__(self, structure: FileStructure, spans: list[Span], plain: dict[int, _Plain]) -> None:
        # Not by Dataset's own __init__ and __setattr__: they are what takes the time.
        self.__dict__["_source"] = (structure, spans)
        self.__dict__["_plain"] = plain

    def __getattr__(self, name: str) -> Any:
        structure, spans = self.__dict__.pop("_source")
        del self.__dict__["_plain"]
        self.__dict__.update(parse_spans(structure, spans).__dict__)
        # Whoever has got hold of it may change it: from now on it is a data set as any other.
        self.__class__ = Dataset  # type: ignore[assignment]
        return getattr(self, name)

    def __contains__(self, name: Any) -> bool:
        tag = keyword_dict.get(name) if isinstance(name, str) else None
        return super().__contains__(name) if tag is None else tag in self._plain

    def get(self, key: Any, default: Any = None) -> Any:
        """As of any data set; what is absent needs no parsing."""
        return super().get(key, default) if not isinstance(key, str) or key in self else default

    def has_bytes(self, keyword: str) -> bool:
        """Whether the element is there and not empty, nor blank."""
        return not is_blank(*self._plain.get(keyword_dict[keyword], _ABSENT))

    def plain_texts(self, keyword: str) -> tuple[str, ...] | None:
        """The values of a text element, spaces put right as by ``values.clean_text``."""
        vr, raw = self._plain.get(keyword_dict[keyword], _ABSENT)
        if not raw:
            return ()
        if vr not in _TEXTS:
            return None
        found = raw.decode("ascii", "replace").rstrip("\0 ")
        # An isolated surrogate or U+FFFD is no ASCII: what could not be decoded is seen here.
        if not found or not found.isascii() or not found.isprintable():
            return None
        if "\\" not in found:
            return (" ".join(found.split()),) if vr != "PN" or "=" not in found else None
        if vr == "PN":
            return None
        return tuple(" ".join(item.split()) for item in found.split("\\")[:32])

    def coded_texts(self, keyword: str) -> list[str] | None:
        """The values of a text element in the header's character set, as of ``charsets.stored_text``."""
        vr, raw = self._plain.get(keyword_dict[keyword], _ABSENT)
        if vr not in TEXT_VRS:
            return None
        terms = self._plain.get(CHARACTER_SET, _NO_CHARACTER_SET)[1].decode("ascii", "replace")
        return decode_values(raw, vr, character_sets((terms.strip(" \0"),)))

    def plain_numbers(self, keyword: str) -> tuple[float, ...] | None:
        """The values of a number element, all of them finite."""
        vr, raw = self._plain.get(keyword_dict[keyword], _ABSENT)
        if not raw:
            return ()
        if vr == "US" and len(raw) == 2:
            return (float(int.from_bytes(raw, "little")),)
        form = _BINARY.get(vr)
        try:
            if form is not None:
                found = tuple(float(item) for (item,) in form.iter_unpack(raw))
            elif vr == "DS" or (vr == "IS" and _INTEGER.fullmatch(raw)):
                found = tuple(map(float, raw.split(b"\\", _MAX_NUMBERS)))
            else:
                return None
        except (ValueError, struct.error):
            return None
        return found if len(found) <= _MAX_NUMBERS and all(map(math.isfinite, found)) else None

    def plain_uid(self, keyword: str) -> str | None:
        """The one value of a UI element; "" where it has none."""
        vr, raw = self._plain.get(keyword_dict[keyword], _ABSENT)
        if not raw:
            return ""
        found = raw.decode("ascii", "replace").strip("\0 ")
        return found if vr == "UI" and _UID.fullmatch(found) else None


def is_blank(vr: str, raw: bytes) -> bool:
    """Whether a stored value is empty, or nothing but the padding of a text."""
    return not raw or (vr in _PADDED and not raw.strip(b" \0"))


def quick_header(structure: FileStructure, spans: list[Span]) -> QuickHeader | None:
    """*spans* of *structure* as a quick header; None where pydicom is to parse them at once.

    That is: big endian, undefined lengths, a written VR in a header without or the other way round, a
    character set in which bytes below 0x80 may be something else than ASCII.
    """
    if not structure.little_endian:
        return None
    implicit, data = structure.implicit, structure.data
    plain: dict[int, _Plain] = {}
    for tag, vr, _, start, end, claimed, _ in spans:
        if claimed is None or claimed > _MAX_PARSED or (not vr) != implicit:
            return None
        is_short = claimed <= _MAX_PLAIN
        plain[tag] = (vr or DicomDictionary[tag][0], data[start:end]) if is_short else _LONG
    vr, terms = plain.get(CHARACTER_SET, _ABSENT)
    if vr not in ("CS", "absent") or terms.decode("ascii", "replace").strip(" \0") not in _ASCII_SETS:
        return None
    return QuickHeader(structure, spans, plain)


def parse_spans(structure: FileStructure, spans: Iterable[Span]) -> Dataset:
    """The elements at *spans* as pydicom parses them; no other byte of the file is given to it."""
    ordered = sorted(spans, key=lambda span: span.start)
    try:
        return _parse(structure, ordered)
    except Exception:
        # An unknown Specific Character Set raises LookupError; then the default one has to do.
        return _parse(structure, [span for span in ordered if span.tag != CHARACTER_SET])


def _parse(structure: FileStructure, spans: list[Span]) -> Dataset:
    data = b"".join(structure.data[span.start : span.end] for span in spans)
    return parse_elements(BytesIO(data), structure.implicit, structure.little_endian)
