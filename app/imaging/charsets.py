"""Bytes of text elements into Unicode: every Specific Character Set, code extensions included.

Text is read as the two code elements of ISO 2022: bytes below 0x80 are characters of G0, the others of
G1. Value 1 of Specific Character Set (0008,0005) says what stands in both to begin with; an escape
sequence puts another set into one of them; a delimiter puts back the first ones. UTF-8, GB18030 and GBK
stand alone and know no escapes.

What a set does not hold becomes U+FFFD, which everybody sees: never a letter that merely looks like one.
Four wider readings come before that, each only where the stated set cannot be meant:

- bytes beyond ASCII that are valid UTF-8 throughout are UTF-8;
- where no set is in G1, and exactly one of the stated sets belongs there, it is that set: many writers
  do not repeat the escape after a delimiter, as PS3.5 6.1.2.5.3 wants it;
- what stated JIS X 0201 cannot hold may be Shift-JIS, its superset;
- where no set is stated at all, letters of Latin-1 are read as such, as writers of Western Europe and the
  Americas mean them. A set that is stated and unknown is no invitation to guess.

References
----------
PS3.3 C.12.1.1.2 (Specific Character Set); PS3.5 6.1 and annexes H to K (examples).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pydicom.datadict import dictionary_has_tag, dictionary_VR
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.tag import BaseTag

from app.imaging.codesets import (
    ALONE,
    ASCII,
    ESCAPES_LEFT,
    ESCAPES_RIGHT,
    KATAKANA,
    REPLACEMENT,
    RIGHT,
    ROMAN,
    TERM_OF_CODEC,
    UNKNOWN,
    CodeSet,
    Latin,
    Left,
    number_of_term,
)

CHARACTER_SET = 0x00080005
MAX_TERMS = 16
MAX_VALUES = 1024

# The VRs that (0008,0005) governs (PS3.5 6.1.2.2), and those of the default repertoire, whose bytes
# beyond ASCII are read alike: they are wrong there, and most likely meant so.
_MULTIPLE = frozenset(("AE", "AS", "CS", "LO", "PN", "SH", "UC"))
_SINGLE = frozenset(("LT", "ST", "UT"))
TEXT_VRS = _MULTIPLE | _SINGLE
_NAME_DELIMITERS = re.compile(r"([\\^=])")
_TEXT_DELIMITERS = re.compile(r"(\\)")
_CONTROLS = re.compile(rb"[\x80-\x9f]")
_PIECES = re.compile(rb"\x1b[\x20-\x2f]*[\x30-\x7e]?|[\x00-\x20\x7f]|[\x21-\x7e]+|[\x80-\xff]+")


@dataclass(frozen=True)
class CharacterSets:
    """What the values of Specific Character Set stand for.

    Attributes
    ----------
    alone : str
        Python's codec of a set without code extensions; "" for ISO 2022.
    left, right : code sets
        What stands in G0 and G1 to begin with; nothing in G1 for ISO-IR 6.
    spare : CodeSet or None
        The only one of the other sets that belongs in G1.
    is_stated : bool
        Whether the file names any set.
    """

    alone: str = ""
    left: Left = ASCII
    right: CodeSet | None = None
    spare: CodeSet | None = None
    is_stated: bool = True


@lru_cache(maxsize=256)
def character_sets(terms: tuple[str, ...]) -> CharacterSets:
    """The sets that the values of (0008,0005) name; an unknown name stands for ASCII alone."""
    if not any(term.strip(" \0") for term in terms):
        return CharacterSets(is_stated=False)
    numbers = [number_of_term(term) for term in terms[:MAX_TERMS]]
    first = numbers[0] if numbers else ""
    alone = ALONE.get(first) or next((ALONE[n] for n in numbers if n in ALONE), "")
    if alone and (first in ALONE or first in ("", "6")):
        return CharacterSets(alone)
    right = RIGHT.get(int(first)) if first.isdigit() else None
    others = {RIGHT[int(n)] for n in numbers[1:] if n.isdigit() and int(n) in RIGHT}
    return CharacterSets(
        left=ROMAN if first == "13" else ASCII,
        right=right,
        spare=others.pop() if len(others) == 1 and right is None else None,
    )


def decode_values(data: bytes, vr: str, sets: CharacterSets) -> list[str]:
    """The values of a text element, without padding.

    Parameters
    ----------
    data : bytes
        The whole value field.
    vr : str
        Its value representation: it says whether a backslash parts values and what resets the sets.
    sets : CharacterSets

    Returns
    -------
    list of str
        One for LT, ST and UT; for the others as many as there are, at most :data:`MAX_VALUES`.
    """
    text = decode_text(data, sets, is_name=vr == "PN", is_single=vr in _SINGLE)
    values = [text] if vr in _SINGLE else text.split("\\", MAX_VALUES)[:MAX_VALUES]
    # An empty component group at the end of a name says nothing (PS3.5 6.2.1.1).
    padding = " \0=" if vr == "PN" else " \0"
    return [value.rstrip(padding) for value in values]


def decode_text(data: bytes, sets: CharacterSets, *, is_name: bool = False, is_single: bool = False) -> str:
    """*data* as text, its delimiters as they are.

    References
    ----------
    PS3.5 6.1.2.5.3: CR, LF, FF, TAB, the backslash between values, and in names ``^`` and ``=`` put the
    first sets back.
    """
    has_escapes = b"\x1b" in data
    if data.isascii() and not has_escapes and sets.left is ASCII:
        return data.decode("ascii")
    if sets.alone and not (has_escapes and data.isascii()):
        return data.decode(sets.alone, "replace").replace("\x1b", REPLACEMENT)
    text = _decode_extended(data, sets, is_name, is_single)
    if REPLACEMENT in text and not has_escapes:
        return _wider_reading(data, sets) or text
    return text


def _wider_reading(data: bytes, sets: CharacterSets) -> str:
    """*data* in a set that holds all of it where the stated one does not; "" where none does."""
    for codec in ("utf_8", "shift_jis") if sets.right is KATAKANA else ("utf_8",):
        try:
            return data.decode(codec)
        except UnicodeDecodeError:
            continue
    if not sets.is_stated and not _CONTROLS.search(data):
        return data.decode("latin_1")
    return ""


def _decode_extended(data: bytes, sets: CharacterSets, is_name: bool, is_single: bool) -> str:
    delimiters = _NAME_DELIMITERS if is_name else _TEXT_DELIMITERS
    left: Left = sets.left
    right = sets.right or sets.spare
    found: list[str] = []
    for piece in _PIECES.findall(data):
        first = piece[0]
        if first == 0x1B:
            known_left, known_right = ESCAPES_LEFT.get(piece), ESCAPES_RIGHT.get(piece)
            left, right = known_left or left, known_right or right
            if known_left is None and known_right is None:
                left, right = _after_unknown(piece, left, right)
                found.append(REPLACEMENT)
        elif first >= 0x80:
            found.append((right or UNKNOWN).decode(piece))
        elif first <= 0x20 or first == 0x7F:
            found.append(chr(first))
            if piece in b"\r\n\f\t":
                left, right = sets.left, sets.right or sets.spare
        elif isinstance(left, CodeSet):
            found.append(left.decode(bytes(byte | 0x80 for byte in piece)))
        else:
            for part in delimiters.split(piece.decode("ascii")):
                if delimiters.fullmatch(part) and not is_single:
                    found.append(part)
                    left, right = sets.left, sets.right or sets.spare
                elif isinstance(left, Latin):
                    found.append(left.decode(part))
    return "".join(found)


def _after_unknown(escape: bytes, left: Left, right: CodeSet | None) -> tuple[Left, CodeSet | None]:
    """An unknown escape makes one side unreadable, which its signs between the first and the last name."""
    if not escape[1:-1]:
        return left, right  # it designates nothing
    return (left, UNKNOWN) if any(sign in escape for sign in b")*-./") else (UNKNOWN, right)


def terms_of(dataset: Dataset) -> tuple[str, ...] | None:
    """The values of the data set's own Specific Character Set; None where it has none."""
    try:
        stored = dataset.get_item(CHARACTER_SET, keep_deferred=True)
    except (KeyError, TypeError):
        return None
    if stored is None:
        return None
    value = stored.value
    if isinstance(value, bytes):
        value = value[:1024].decode("ascii", "replace").split("\\")
    elif value is None or isinstance(value, str):
        value = (value or "").split("\\")
    return tuple(str(term).strip(" \0") for term in value)


def sets_of(dataset: Dataset, inherited: CharacterSets | None = None) -> CharacterSets:
    """The sets of a data set: its own, else *inherited*, else those its parent had when it was read.

    References
    ----------
    PS3.5 7.5.3: an item of a sequence has the character sets of what it lies in, unless it names others.
    """
    terms = terms_of(dataset)
    if terms is not None:
        return character_sets(terms)
    if inherited is not None:
        return inherited
    known = dataset.original_character_set or ()
    codecs = (known,) if isinstance(known, str) else tuple(known)
    return character_sets(tuple(TERM_OF_CODEC.get(codec.lower(), "") for codec in codecs))


def stored_text(
    dataset: Dataset, tag: BaseTag | int, inherited: CharacterSets | None = None
) -> list[str] | None:
    """The values of a text element as its bytes say; None where it is no text, or not there as bytes.

    *inherited* are the sets of the data set around an item, where the caller knows them.
    """
    stored = dataset.get_item(tag, keep_deferred=True) if tag in dataset else None
    if not isinstance(stored, RawDataElement) or not isinstance(stored.value, bytes):
        return None
    vr = text_vr(stored)
    return decode_values(stored.value, vr, sets_of(dataset, inherited)) if vr else None


def text_vr(stored: DataElement | RawDataElement) -> str:
    """The value representation of an element that holds text, written or by the dictionary; else ""."""
    vr = stored.VR
    if vr in (None, "UN") and dictionary_has_tag(stored.tag):
        vr = dictionary_VR(stored.tag)
    return vr if vr in TEXT_VRS else ""


def one_or_many(values: Sequence[str]) -> Any:
    """What pydicom gives for the same: one text, or a list of them."""
    return values[0] if len(values) == 1 else list(values)
