"""The walk that makes a de-identified copy, and at once tells what it does to each element.

One pass serves both the copy and the preview, so they cannot disagree. An element that stays and
need not be understood is passed on in its original bytes: pixels bit for bit, text in its own
character set. An element that pydicom cannot decode, or whose value representation does not fit its
tag, is removed.

Sequences are walked in the class of their root. A sequence marked ``U*`` keeps in its items only what
points to an image (:data:`REFERENCE_TAGS`).
"""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from pydicom.config import IGNORE
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from app.imaging.charsets import one_or_many, stored_text
from app.imaging.deid_dummies import dummy_element
from app.imaging.deid_presets import cap_age
from app.imaging.deid_preview import Element, Fate, PreviewRow, preview_row, shown
from app.imaging.deid_profile import CODED_VALUES, Action, RuleBook
from app.imaging.deid_search import SearchTerms
from app.imaging.deid_uids import UidMap
from app.imaging.errors import N_, LimitExceeded
from app.imaging.spans import is_native_pixels

# Referenced SOP Class and Instance UID, Referenced Frame Number, Referenced Segment Number.
REFERENCE_TAGS = frozenset({0x00081150, 0x00081155, 0x00081160, 0x0062000B})
MAX_DEPTH = 32

_TEXT = frozenset("AE CS SH LO ST LT UT UC UR PN".split())  # noqa: SIM905 - reads better than a list
_NUMBERS = frozenset({"DS", "IS"})
_IS_NUMBERS = re.compile(rb"[\d+\-.,eE \\\0]*").fullmatch  # nobody's name is written so
_IS_AGE = re.compile(r"(\d{3}[DWMY])? *", re.ASCII).fullmatch
# Representations that stand in for each other in real files; anything else is a value that strayed.
_FAMILIES = (
    _TEXT - {"PN", "UR", "AE"},
    frozenset({"US", "SS", "UL", "SL", "UV", "SV", "FL", "FD"}),
    frozenset({"OB", "OW", "OL", "OF", "OD", "OV"}),
    frozenset({"DS", "IS"}),
)


class Walk:
    """One pass over one data set.

    Parameters
    ----------
    rules : RuleBook
        The action for each tag.
    uids : UidMap
        New UIDs of the run.
    terms : SearchTerms
        Identifiers of this data set: a text that stays is replaced when one stands in it.
    encoding : tuple of bool
        (implicit VR, little endian) of the copy.
    keep_bytes : bool
        False when the character set changes and each text must be decoded and written anew.
    record : bool, optional
        Whether rows for the preview are collected.
    """

    def __init__(
        self,
        rules: RuleBook,
        uids: UidMap,
        terms: SearchTerms,
        encoding: tuple[bool, bool],
        keep_bytes: bool,
        record: bool = False,
    ) -> None:
        self._rules, self._uids, self._terms = rules, uids, terms
        self._encoding, self._keep_bytes, self._record = encoding, keep_bytes, record
        self.counts: Counter[Fate] = Counter()
        self.rows: list[PreviewRow] = []

    def root(
        self, source: Dataset, settings: Mapping[int, DataElement], actions: Mapping[int, Action]
    ) -> Dataset:
        """The de-identified copy of a data set, without file meta.

        Parameters
        ----------
        source : Dataset
            The original; its values are decoded where needed and not changed.
        settings : mapping of int to DataElement
            Elements that are written as given, whatever the profile says of their tags.
        actions : mapping of int to Action
            Actions that differ at the root from the profile's, for fields that the user left or kept.
        """
        copy = self._empty_like(source)
        for tag in sorted({*map(int, source.keys()), *settings}):
            if tag in settings:
                copy[tag] = settings[tag]
                self._note_setting(source, settings[tag])
            else:
                self._put(copy, source, tag, actions.get(tag) or self._rules.action(tag), 0)
        return copy

    def _items(self, source: Dataset, depth: int, only_references: bool) -> Dataset:
        """The copy of one item of a sequence."""
        if depth > MAX_DEPTH:
            raise LimitExceeded(N_("Sequences are nested deeper than %(limit)s levels."), limit=MAX_DEPTH)
        copy = self._empty_like(source)
        for tag in sorted(map(int, source.keys())):
            # Pixels belong to the root; those of an item are a second picture, of whatever.
            is_out = is_native_pixels(tag) or (only_references and tag not in REFERENCE_TAGS)
            self._put(copy, source, tag, Action.REMOVE if is_out else self._rules.action(tag), depth)
        return copy

    def _empty_like(self, source: Dataset) -> Dataset:
        copy = Dataset(parent_encoding=source._parent_encoding)
        if self._keep_bytes:
            # Tells the writer that bytes taken over as they are need no second look.
            copy.set_original_encoding(*self._encoding, source._character_set)
        return copy

    def _put(self, copy: Dataset, source: Dataset, tag: int, action: Action, depth: int) -> None:
        place = len(self.rows)
        new, fate = self._treat(source, tag, action, depth)
        if new is not None:
            copy[tag] = new
        self.counts[fate] += 1
        if self._record:
            self.rows.insert(place, self._row(source, tag, new, fate, depth))

    def _treat(self, source: Dataset, tag: int, action: Action, depth: int) -> tuple[Element | None, Fate]:
        """The element that takes this one's place, and the word for what happened."""
        if action is Action.REMOVE:
            return None, "removed"
        if action is Action.KEEP:
            return self._kept(source, tag)
        if action is Action.NEW_UID:
            return self._renamed(source, tag)
        if action in (Action.DESCEND, Action.REFERENCE):
            return self._sequence(source, tag, depth, action is Action.REFERENCE)
        vr = dictionary_VR(tag).split(" or ")[0]
        if action is Action.DUMMY:
            return dummy_element(tag, vr), "replaced"
        held = _held(source, tag)
        was_empty = held is None or not held.value
        return DataElement(tag, vr, Sequence() if vr == "SQ" else None), "kept" if was_empty else "removed"

    def _kept(self, source: Dataset, tag: int) -> tuple[Element | None, Fate]:
        stored = self._stored(source, tag)
        if stored is None:
            return None, "removed"
        vr = stored.VR or dictionary_VR(tag)
        if not fits(tag, vr) or (vr in _NUMBERS and not _IS_NUMBERS(_bytes_of(stored))):
            return None, "removed"
        if tag in CODED_VALUES and shown(decoded(source, tag)) not in CODED_VALUES[tag] | {""}:
            return DataElement(tag, dictionary_VR(tag), None), "removed"
        if vr in _TEXT and self._terms.stand_in(_bytes_of(stored)):
            return dummy_element(tag, vr), "replaced"
        if vr == "AS":
            return self._aged(source, tag)
        return stored, "kept"

    def _aged(self, source: Dataset, tag: int) -> tuple[Element | None, Fate]:
        """An age that an option keeps, wherever it stands: no older than the rest of the very old."""
        element = decoded(source, tag)
        age = shown(element)
        if element is None or not _IS_AGE(age):
            return None, "removed"
        return (
            (element, "kept") if cap_age(age) == age else (DataElement(tag, "AS", cap_age(age)), "replaced")
        )

    def _stored(self, source: Dataset, tag: int) -> Element | None:
        """The element in its original bytes where those can be written as they are, else decoded."""
        stored = _held(source, tag)
        if isinstance(stored, RawDataElement):
            same = (stored.is_implicit_VR, stored.is_little_endian) == self._encoding
            if self._keep_bytes and same and stored.VR != "UN":
                return stored
        return decoded(source, tag)

    def _renamed(self, source: Dataset, tag: int) -> tuple[Element | None, Fate]:
        old = _uids_of(_held(source, tag))
        new = [self._uids.replacement(uid) for uid in old]
        element = DataElement(tag, "UI", new if len(new) > 1 else "".join(new), validation_mode=IGNORE)
        return element, "kept" if new == old else "replaced"

    def _sequence(
        self, source: Dataset, tag: int, depth: int, only_references: bool
    ) -> tuple[Element | None, Fate]:
        element = decoded(source, tag)
        if element is None or element.VR != "SQ":
            return None, "removed"
        items = [self._items(item, depth + 1, only_references) for item in element.value]
        return DataElement(tag, "SQ", Sequence(items)), "kept"

    def _note_setting(self, source: Dataset, new: DataElement) -> None:
        """Count and describe an element that is written whatever was there."""
        tag = int(new.tag)
        fate: Fate = "kept" if tag in source and decoded(source, tag) == new else "replaced"
        self.counts[fate] += 1
        if self._record:
            self.rows.append(self._row(source, tag, new, fate, 0))

    def _row(self, source: Dataset, tag: int, new: Element | None, fate: Fate, depth: int) -> PreviewRow:
        held = _held(source, tag)
        size = len(held.value) if held is not None and isinstance(held.value, bytes) else 0
        return preview_row(tag, decoded(source, tag), new, fate, depth, raw_size=size)


def fits(tag: int, vr: str) -> bool:
    """Whether a value of this representation may stand under the tag (PS3.6, with common slips)."""
    allowed = set(dictionary_VR(tag).split(" or "))
    found = set(vr.split(" or "))
    if found & allowed:
        return True
    return any(found <= family and allowed <= family for family in _FAMILIES)


def _held(source: Dataset, tag: int) -> Element | None:
    """The element as it is held, not decoded: pydicom would fail on representations that it does not know."""
    element: Element | None = source.get_item(tag, keep_deferred=True)
    return element


def decoded(source: Dataset, tag: int) -> DataElement | None:
    """The element decoded, its text by its character set; None where pydicom cannot."""
    try:
        texts = stored_text(source, tag)
        if texts is not None:
            vr = source.get_item(tag, keep_deferred=True).VR
            vr = dictionary_VR(tag) if vr in (None, "UN") else vr
            return DataElement(tag, vr, one_or_many(texts), validation_mode=IGNORE)
        element: DataElement = source[tag]
    except Exception:  # pydicom raises nearly anything on values that do not fit
        return None
    return element


def _bytes_of(element: Element) -> bytes:
    if isinstance(element, RawDataElement):
        return element.value or b""
    return shown(element, limit=None).encode("utf-8", "surrogateescape")


def _uids_of(element: Element | None) -> list[str]:
    value: Any = None if element is None else element.value
    if value is None:
        return [""]
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    if not hasattr(value, "__iter__"):  # a number, under a representation that is not its own
        value = str(value)
    parts = value.split("\\") if isinstance(value, str) else [str(part) for part in value]
    return [part.strip(" \0") for part in parts]
