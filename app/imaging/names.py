"""Names of people: the five components of up to three groups, in the order in which people read them.

A name is ``Family^Given^Middle^Prefix^Suffix`` in up to three spellings joined by ``=``: alphabetic,
ideographic and phonetic.

References
----------
PS3.5 6.2.1.1 (components and groups), annexes H to K (examples).
"""

import re
import unicodedata
from dataclasses import dataclass

# Scripts that write the family name first and part it by a space: kana, ideographs, hangul.
_EASTERN = re.compile(
    "[\u1100-\u11ff\u2e80-\u2fdf\u3005-\u3007\u3040-\u318f\u31a0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff66-\uffdc\U00020000-\U0003ffff]"
)
_COMPONENTS = 5


@dataclass(frozen=True)
class NameGroup:
    """One spelling of a name; what is absent is ""."""

    family: str = ""
    given: str = ""
    middle: str = ""
    prefix: str = ""
    suffix: str = ""

    @property
    def text(self) -> str:
        """The group as people read it: "Doe, Dr Jane Mary Jr", "山田 太郎"; "" of an empty one."""
        if _EASTERN.search(self.family + self.given):
            return _spaced(self.prefix, self.family, self.given, self.middle, self.suffix)
        rest = _spaced(self.prefix, self.given, self.middle, self.suffix)
        return ", ".join(filter(None, (self.family, rest)))


@dataclass(frozen=True)
class NameGroups:
    """The spellings of one name."""

    alphabetic: NameGroup = NameGroup()
    ideographic: NameGroup = NameGroup()
    phonetic: NameGroup = NameGroup()

    @property
    def written(self) -> tuple[str, ...]:
        """The spellings a list shows: alphabetic and ideographic, the phonetic one where both are absent."""
        shown = (self.alphabetic.text, self.ideographic.text)
        return tuple(filter(None, shown)) or tuple(filter(None, (self.phonetic.text,)))

    @property
    def every(self) -> tuple[str, ...]:
        """All spellings that are there, in the standard's order."""
        return tuple(filter(None, (self.alphabetic.text, self.ideographic.text, self.phonetic.text)))


def name_groups(text: str) -> NameGroups:
    """The groups of a decoded name; whatever is beyond three groups or five components is left out."""
    groups = [_group(group) for group in text.split("=")[:3]]
    return NameGroups(*groups)


def _group(text: str) -> NameGroup:
    return NameGroup(*(" ".join(part.split()) for part in text.split("^")[:_COMPONENTS]))


def _spaced(*parts: str) -> str:
    return " ".join(filter(None, parts))


def spellings(word: str) -> frozenset[str]:
    """The forms in which *word* may stand in a stored text: either case, composed or not, kana of either
    width. A database folds the case of ASCII letters at most.
    """
    if word.isascii():
        return frozenset((word,))
    found = set()
    for form in (word, word.lower(), word.upper(), word.title()):
        wide = unicodedata.normalize("NFKC", form)
        found |= {form, wide, unicodedata.normalize("NFC", form), unicodedata.normalize("NFD", form)}
        found.add(unicodedata.normalize("NFD", wide).translate(_NARROW))
    return frozenset(found)


# Katakana, its voiced marks apart, in the half width of JIS X 0201 (PS3.5 H.3.2).
_NARROW = {
    ord(wide): chr(narrow)
    for narrow in range(0xFF66, 0xFFA0)
    if len(wide := unicodedata.normalize("NFKC", chr(narrow))) == 1
}
