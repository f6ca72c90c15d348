"""The search itself: where identifiers of the patient stand in bytes, however they are written there.

An identifier is searched for in UTF-8, Latin-1 and the character sets named by the file, without
regard to case, with and without its accents; in the other sets of DICOM too, where it takes four bytes
or more there, since files are read whose set is misspelt or not stated. It must stand by itself: a Latin
letter at its edge may not touch another letter, unless it has eight characters or more; a digit at its
edge may not touch another digit, nor a point with a digit behind it (a decimal number is no record
number). A byte beside a NUL is part of a tag or a length and touches nothing. Scripts without spaces
know no edges: 山田 is found in 山田太郎, also in the midst of a run of ISO 2022, whose bytes look like ASCII.

References
----------
PS3.5 6.1.2.5 (code extension by ISO 2022 escape sequences).
"""

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache

from app.imaging.deid_dummies import WRITTEN_VALUES
from app.imaging.deid_identifiers import COMMON_WORDS

LONG = 8  # characters from which an identifier is found inside longer words
_UID = re.compile(r"[0-2](\.\d+){3,}", re.ASCII)
_UID_BYTES = re.compile(rb"(?<![\d.])[0-2](?:\.\d+){3,}")
_LETTERS = frozenset(range(0x61, 0x7B)) | frozenset(range(0x80, 0x100))
_DIGITS = frozenset(range(0x30, 0x3A))
# The escape that begins a run of two-byte characters, and its bytes up to the next escape or the end.
_RUN = re.compile(rb"\x1b\$[(]?[@-Z]")
# ΓΙΩΡΓΟΣ^Ν has no end of a word at its sigma when it is made lower case as a whole.
_SIGMA_INSIDE = re.compile(r"σ(?!\w)")
# The codecs of all Specific Character Sets (PS3.3 C.12.1.1.2). Fewer bytes than these would be met by chance.
_ALL_CODECS = (
    *(f"iso8859_{part}" for part in (2, 3, 4, 5, 6, 7, 8, 9, 15)),
    *("tis_620", "shift_jis", "iso2022_jp", "iso2022_jp_2", "euc_kr", "gb18030"),
)
_TELLING_BYTES = 4


@dataclass(frozen=True)
class _Spelling:
    """One way to write an identifier, lower case.

    ``run`` is the escape in whose run the bytes stand, or nothing; the others say whether that end is a
    Latin letter or a digit, which must not touch another.
    """

    data: bytes
    run: bytes
    starts_word: bool
    ends_word: bool


class SearchTerms:
    """Identifiers made ready for searching bytes in certain encodings.

    Parameters
    ----------
    identifiers : collection of str
        As :func:`app.imaging.deid_identifiers.identifiers_of` gives them; UIDs may be among them.
    encodings : iterable of str, optional
        Python codecs to search in besides UTF-8 and Latin-1.
    """

    def __init__(self, identifiers: Collection[str], encodings: Iterable[str] = ()) -> None:
        self._uids = frozenset(text.encode("ascii") for text in identifiers if _UID.fullmatch(text))
        stated = dict.fromkeys(("utf-8", "latin-1", *encodings))
        patterns: dict[_Spelling, str] = {}
        # A text as written comes last: where one in lower case is spelled alike, that one is told.
        for text in sorted(identifiers, key=lambda text: (text != text.lower(), text)):
            if not _UID.fullmatch(text):
                spelled = _spellings(text, stated)
                if not text.isascii():
                    others = _spellings(text, _ALL_CODECS)
                    spelled |= {one for one in others if len(one.data) >= _TELLING_BYTES}
                for one in spelled:
                    patterns.setdefault(one, text)
        self._patterns = tuple(patterns.items())

    def find(self, data: bytes) -> list[tuple[str, int]]:
        """(identifier, offset) of each identifier's first place in the bytes."""
        lowered = data.lower()
        found: dict[str, int] = {}
        for pattern, text in self._patterns:
            at = _place_of(pattern, lowered)
            if at >= 0:
                found[text] = min(at, found.get(text, at))
        if self._uids:
            for match in _UID_BYTES.finditer(data):
                if match.group() in self._uids:
                    found.setdefault(match.group().decode("ascii"), match.start())
        return sorted(found.items(), key=lambda pair: pair[1])

    def stand_in(self, data: bytes) -> bool:
        """Whether any identifier stands in the bytes of one value."""
        return bool(self.find(data))


@lru_cache(maxsize=64)
def search_terms(identifiers: frozenset[str], encodings: tuple[str, ...] = ()) -> SearchTerms:
    """The prepared search for these identifiers; kept, since the files of a series share them."""
    return SearchTerms(identifiers, encodings)


def _spellings(text: str, codecs: Iterable[str]) -> set[_Spelling]:
    """The text in bytes, lowered in ASCII: in each codec, as written, in either case and as names are written
    (Διον…), bare of accents, which capitals lose in Greek."""
    text = _SIGMA_INSIDE.sub("ς", text)
    apart = unicodedata.normalize("NFD", text)
    bare = "".join(character for character in apart if not unicodedata.combining(character))
    cased = {form for whole in (text, apart) for form in (whole, whole.lower(), whole.upper(), whole.title())}
    # Composed after the change of case: the small letter of İ is two characters.
    variants = {unicodedata.normalize(form, one) for one in cased for form in ("NFC", "NFD")}
    # Bašić bare of accents is a word that every copy holds.
    if len(bare) >= 4 and bare.lower() not in COMMON_WORDS | WRITTEN_VALUES:
        variants |= {bare.lower(), bare.upper(), bare.title()}
        accented = _accented_greek(bare.lower())
        variants |= accented | {one.title() for one in accented}
    spelled: set[_Spelling] = set()
    for codec in codecs:
        for variant in variants:
            try:
                # A trailing return to ASCII is not there when more text follows in the same set.
                data = variant.encode(codec).removesuffix(b"\x1b(B")
            except (UnicodeEncodeError, LookupError):
                continue
            escape = _RUN.match(data)
            run = escape.group() if escape else b""
            edges = (variant[:1].isascii(), variant[-1:].isascii())
            spelled.add(_Spelling(data.removeprefix(run).lower(), run.lower(), *edges))
    return spelled


def _accented_greek(bare: str) -> set[str]:
    """A Greek word that came without its accent, with it: on one of the vowels."""
    return {
        unicodedata.normalize("NFC", f"{bare[: at + 1]}\N{COMBINING ACUTE ACCENT}{bare[at + 1 :]}")
        for at, character in enumerate(bare)
        if character in "αεηιουω"
    }


def _place_of(pattern: _Spelling, data: bytes) -> int:
    """Where *pattern* first stands by itself in the lowered bytes; −1 where it does not."""
    at = data.find(pattern.data)
    while at >= 0 and not _stands_alone(pattern, data, at):
        at = data.find(pattern.data, at + 1)
    return at


def _stands_alone(pattern: _Spelling, data: bytes, start: int) -> bool:
    stop = start + len(pattern.data)
    if pattern.run:
        begins = data.rfind(b"\x1b", 0, start)
        inside = start - begins - len(pattern.run)
        if begins < 0 or not data.startswith(pattern.run, begins) or inside % 2:
            return False
    is_long = stop - start >= LONG
    return (not pattern.starts_word or _edge_is_free(data, start, -1, is_long)) and (
        not pattern.ends_word or _edge_is_free(data, stop - 1, 1, is_long)
    )


def _edge_is_free(data: bytes, edge: int, step: int, is_long: bool) -> bool:
    """Whether the byte beyond one end of a match leaves the match a word or number of its own."""
    inner = data[edge]
    outer = data[edge + step] if 0 <= edge + step < len(data) else 0
    beyond = data[edge + 2 * step] if 0 <= edge + 2 * step < len(data) else 0
    if inner in _DIGITS:
        return not ((outer in _DIGITS and beyond != 0) or (outer == 0x2E and beyond in _DIGITS))
    if 0x61 <= inner <= 0x7A:
        return is_long or outer not in _LETTERS or beyond == 0
    return True
