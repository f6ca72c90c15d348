"""Typed values out of elements that may hold anything: text is cleaned, numbers are finite or None.

pydicom converts an element when it is asked for, and raises or warns as it finds the value odd.
Here an odd value of an optional element is an absent one.
"""

import logging
import math
import re
import unicodedata
import warnings
from collections.abc import Iterable
from datetime import date, time
from typing import Any

from pydicom.datadict import dictionary_description, dictionary_VM, dictionary_VR
from pydicom.dataset import Dataset
from pydicom.tag import BaseTag, Tag
from pydicom.uid import UID

from app.imaging.charsets import CHARACTER_SET, one_or_many, stored_text
from app.imaging.errors import N_, InvalidElement, MissingElement
from app.imaging.quickread import QuickHeader, is_blank, parse_spans, quick_header
from app.imaging.structure import FileStructure

# pydicom's remarks quote the odd value, and that may be a name: none of it may reach a log. The filters
# are set once and for the process: warnings.catch_warnings swaps those of all threads under their feet.
logging.getLogger("pydicom").setLevel(logging.CRITICAL)
warnings.filterwarnings("ignore", module=r"pydicom(\.|$)")
# Some of its remarks on character sets are laid at the door of their caller.
warnings.filterwarnings("ignore", category=UserWarning, module=r"app\.imaging\.deid_scan$")

MAX_TEXT = 256
MAX_ELEMENT = 65536
# Cc controls, Cs lone surrogates (UTF-8 cannot hold them), and the marks that turn the direction
# of the text that follows; joiners stay, names in Persian and Hindi need them.
TURNING = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
_UID = re.compile(r"[0-9A-Za-z._-]{1,64}")
_DATE = re.compile(r"(\d{4})[.-]?(\d{2})[.-]?(\d{2})")
_TIME = re.compile(r"(\d{2}):?(\d{2})?:?(\d{2})?(?:\.\d*)?")


def decode_elements(structure: FileStructure, tags: Iterable[int], max_bytes: int = MAX_ELEMENT) -> Dataset:
    """The wanted top-level elements as a data set; no other byte of the file is given to pydicom.

    Elements longer than *max_bytes* are left out: one text of a million backslashes is a million values.
    """
    # Whatever text is among them, its character set belongs to it.
    wanted = {CHARACTER_SET, *tags}
    spans = [structure.elements[tag] for tag in wanted if tag in structure.elements]
    short = [span for span in spans if span.end - span.start <= max_bytes]
    quick = quick_header(structure, short)
    return parse_spans(structure, short) if quick is None else quick


def clean_text(value: object, limit: int = MAX_TEXT) -> str:
    """*value* as one line of at most *limit* characters, without control characters."""
    raw = str(value)[: 4 * limit]
    kept = "".join(" " if c in "\r\n\t\f" else c for c in raw if _is_printable(c))
    return " ".join(kept.split())[:limit]


def _is_printable(character: str) -> bool:
    if character in "\r\n\t\f":
        return True
    return unicodedata.category(character) not in ("Cc", "Cs") and character not in TURNING


def raw_value(dataset: Dataset, keyword: str) -> Any:
    """The element's value as pydicom gives it, text decoded by :mod:`app.imaging.charsets`; None when it is
    absent, empty or cannot be read."""
    decoded = None
    if isinstance(dataset, QuickHeader):
        if keyword not in dataset:
            return None
        decoded = dataset.coded_texts(keyword)
    try:
        if decoded is None:
            decoded = stored_text(dataset, Tag(keyword))
        value = dataset.get(keyword) if decoded is None else one_or_many(decoded)
    except Exception:
        # pydicom raises nearly anything on hostile values: ValueError, OverflowError, LookupError, …
        return None
    return None if value is None or value == "" else value


def text(dataset: Dataset, keyword: str) -> str:
    """A text element, multiple values joined by the standard's backslash; "" when absent."""
    return "\\".join(texts(dataset, keyword))[:MAX_TEXT]


def texts(dataset: Dataset, keyword: str) -> tuple[str, ...]:
    """The values of a text element, at most 32."""
    if isinstance(dataset, QuickHeader) and (plain := dataset.plain_texts(keyword)) is not None:
        return plain
    return tuple(clean_text(item) for item in _items(raw_value(dataset, keyword))[:32])


def uid(dataset: Dataset, keyword: str) -> str | None:
    """A UID without padding; None when it is absent or no UID could look so (PS3.5 9.1)."""
    if isinstance(dataset, QuickHeader) and (plain := dataset.plain_uid(keyword)) is not None:
        return plain or None
    value = raw_value(dataset, keyword)
    found = str(value).strip("\0 ") if isinstance(value, str) else ""
    return found if _UID.fullmatch(found) else None


def require_uid(dataset: Dataset, keyword: str) -> str:
    """A UID that reading cannot do without."""
    if not has_bytes(dataset, keyword):
        raise missing(keyword)
    return uid(dataset, keyword) or checked_uid(raw_value(dataset, keyword), keyword)


def checked_uid(value: Any, keyword: str) -> str:
    """*value* as the UID that *keyword* names."""
    found = str(value).strip("\0 ") if isinstance(value, str) else ""
    if not found:
        raise missing(keyword)
    if not _UID.fullmatch(found):
        raise InvalidElement(N_("%(name)s %(tag)s is not a UID."), **name_of(keyword))
    return found


def number(dataset: Dataset, keyword: str) -> float | None:
    """The first value as a finite number, else None.

    Several values of an element that can only have one are none: which is meant cannot be told.
    """
    found = numbers(dataset, keyword)
    if len(found) > 1 and dictionary_VM(Tag(keyword)) == "1":
        return None
    return found[0] if found else None


def numbers(dataset: Dataset, keyword: str) -> tuple[float, ...]:
    """The values as finite numbers, at most 64; empty when any of them is none."""
    if isinstance(dataset, QuickHeader) and (plain := dataset.plain_numbers(keyword)) is not None:
        return plain
    try:
        # A tag (AT) is an integer in pydicom, and no number.
        items = _items(raw_value(dataset, keyword))[:64]
        found = tuple(math.nan if isinstance(item, BaseTag) else float(item) for item in items)
    except (TypeError, ValueError, OverflowError):
        return ()
    return found if all(math.isfinite(item) for item in found) else ()


def integer(dataset: Dataset, keyword: str) -> int | None:
    """The first value as an integer, else None."""
    value = number(dataset, keyword)
    return int(value) if value is not None and value == int(value) else None


def require_integer(dataset: Dataset, keyword: str, low: int, high: int) -> int:
    """An integer between *low* and *high* that reading cannot do without."""
    value = integer(dataset, keyword)
    if value is None or not low <= value <= high:
        if not has_bytes(dataset, keyword):
            raise missing(keyword)
        found = number(dataset, keyword)
        if found is None:
            # What stands there instead may be anything, a name too, and is not to be quoted.
            raise InvalidElement(
                N_("%(name)s %(tag)s holds no number; one from %(low)s to %(high)s is wanted."),
                **name_of(keyword),
                low=low,
                high=high,
            )
        raise InvalidElement(
            N_("%(name)s %(tag)s is %(found)s, not a number from %(low)s to %(high)s."),
            **name_of(keyword),
            found=f"{found:.15g}",
            low=low,
            high=high,
        )
    return value


def has_bytes(dataset: Dataset, keyword: str) -> bool:
    """Whether the element is there with a value, readable or not; a text of blanks is none."""
    if isinstance(dataset, QuickHeader):
        return dataset.has_bytes(keyword)
    tag = Tag(keyword)
    if tag not in dataset:
        return False
    element = dataset.get_item(tag, keep_deferred=True)
    value = element.value
    if isinstance(value, bytes):
        # Blanks are to be the same before pydicom has converted them, to nothing, and afterwards.
        return not is_blank(element.VR or dictionary_VR(tag), value)
    # Once it has been asked for, a number is there as a number, and 0 is one.
    return isinstance(value, int | float) or bool(value)


def iso_date(dataset: Dataset, keyword: str) -> str | None:
    """A DA value as YYYY-MM-DD; None when it is absent or no day of the calendar."""
    match = _DATE.match(text(dataset, keyword))
    if match is None:
        return None
    try:
        return date(*(int(part) for part in match.groups())).isoformat()
    except ValueError:
        return None


def iso_time(dataset: Dataset, keyword: str) -> str | None:
    """A TM value as HH:MM:SS; None when it is absent or no time of day."""
    match = _TIME.match(text(dataset, keyword))
    if match is None:
        return None
    try:
        hour, minute, second = (int(part or 0) for part in match.groups())
        return time(hour, minute, second).isoformat()
    except ValueError:
        return None


def name_of(keyword: str) -> dict[str, str]:
    """Name and tag of an element, as the values of a message."""
    tag = Tag(keyword)
    return {"name": dictionary_description(tag), "tag": f"({tag.group:04X},{tag.element:04X})"}


def missing(keyword: str) -> MissingElement:
    """The fault of an absent element that reading needs."""
    return MissingElement(N_("%(name)s %(tag)s is missing."), **name_of(keyword))


def uid_name(value: str) -> str:
    """The name of a well-known UID, else the UID itself."""
    return UID(value).name


def _items(value: Any) -> list[Any]:
    if value is None:
        return []
    if isinstance(value, str | bytes | int | float) or not isinstance(value, Iterable):
        return [value]
    # A person name is iterable in pydicom, and still one value. The items of a sequence are none.
    found = [value] if hasattr(value, "family_name") else list(value)
    return [item for item in found if not isinstance(item, Dataset)]
