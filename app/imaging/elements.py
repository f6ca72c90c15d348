"""The elements of a data set as rows of text, for reading by people."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from pydicom.datadict import dictionary_description, dictionary_has_tag, dictionary_VR, keyword_for_tag
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset, FileDataset
from pydicom.tag import BaseTag

from app.imaging.charsets import CharacterSets, decode_values, sets_of, text_vr
from app.imaging.spans import Span, tag_text
from app.imaging.values import clean_text

MAX_VALUE = 200
_BINARY = frozenset(("OB", "OD", "OF", "OL", "OV", "OW", "UN"))


@dataclass(frozen=True)
class Element:
    """One row: ``tag`` "(0008,0060)", ``value`` at most 200 characters, ``depth`` 0 at the top."""

    tag: str
    keyword: str
    name: str
    vr: str
    value: str
    depth: int


def element_rows(dataset: FileDataset, pixels: Span | None, limit: int) -> list[Element]:
    """File meta information, data set and the size of *pixels*, at most *limit* rows."""
    rows = list(islice(_walk(dataset), limit))
    if pixels is not None and len(rows) < limit:
        held = pixels.end - pixels.value
        rows.append(_row(BaseTag(pixels.tag), pixels.vr or "OW", f"<{held} bytes>", 0))
    return rows


def _walk(dataset: FileDataset) -> Iterator[Element]:
    """Depth first, with a stack of our own: nesting may be deep."""
    sets = sets_of(dataset)
    stack: list[tuple[Iterator[Any], int, CharacterSets]] = [
        (_entries(dataset, sets), 0, sets),
        (_entries(dataset.file_meta, sets), 0, sets),
    ]
    while stack:
        entries, depth, sets = stack[-1]
        entry = next(entries, None)
        if entry is None:
            stack.pop()
            continue
        if isinstance(entry, Element):
            yield Element(entry.tag, entry.keyword, entry.name, entry.vr, entry.value, depth)
            continue
        number, item = entry
        yield Element("(FFFE,E000)", "Item", "Item", "", str(number), depth + 1)
        inner = sets_of(item, sets)
        stack.append((_entries(item, inner), depth + 1, inner))


def _entries(dataset: Dataset, sets: CharacterSets) -> Iterator[Any]:
    """Rows, and after the row of a sequence its items as (number, data set)."""
    for tag in sorted(dataset.keys()):
        raw = dataset.get_item(tag, keep_deferred=True)
        if _is_sequence(raw):
            items = _items(dataset, tag)
            yield _row(tag, "SQ", f"<{len(items)} items>", 0)
            yield from enumerate(items, start=1)
        else:
            yield _row(tag, *_vr_value(dataset, raw, sets), 0)


def _is_sequence(raw: DataElement | RawDataElement) -> bool:
    if raw.VR == "SQ":
        return True
    if raw.VR not in (None, "UN") or not dictionary_has_tag(raw.tag):
        return False
    return dictionary_VR(raw.tag) == "SQ"


def _items(dataset: Dataset, tag: BaseTag) -> list[Dataset]:
    try:
        return list(dataset[tag].value)
    except Exception:
        # Whatever pydicom stumbles over, the other rows are still worth showing.
        return []


def _vr_value(dataset: Dataset, raw: DataElement | RawDataElement, sets: CharacterSets) -> tuple[str, str]:
    value = raw.value if isinstance(raw.value, bytes) else b""
    size = len(value)
    if raw.VR in _BINARY and (raw.VR != "UN" or not dictionary_has_tag(raw.tag)):
        return str(raw.VR), f"<{size} bytes>"
    if isinstance(raw.value, bytes) and (vr := text_vr(raw)):
        # Of a long text the beginning is decoded: more is not shown.
        texts = decode_values(value[: 16 * MAX_VALUE], vr, sets)
        return vr, _cut("\\".join(texts))
    if size > 16 * MAX_VALUE:
        # Thousands of numbers are cut before they are converted: only the first few are shown.
        return raw.VR or "UN", clean_text(
            value[: 2 * MAX_VALUE].decode("ascii", "replace"), MAX_VALUE - 1
        ) + "…"
    try:
        element = dataset[raw.tag]
        return str(element.VR), _shown(element)
    except Exception:
        return raw.VR or "UN", f"<{size} bytes>"


def _cut(text: str) -> str:
    """*text* as one line; an ellipsis says that there is more."""
    shown = clean_text(text, MAX_VALUE + 1)
    return shown if len(shown) <= MAX_VALUE else shown[: MAX_VALUE - 1] + "…"


def _shown(element: DataElement) -> str:
    value = element.value
    if value is None:
        return ""
    if isinstance(value, bytes):
        return f"<{len(value)} bytes>"
    if isinstance(value, list) or element.VM > 1:
        return clean_text("\\".join(str(item) for item in value), MAX_VALUE)
    return clean_text(value, MAX_VALUE)


def _row(tag: BaseTag, vr: str, value: str, depth: int) -> Element:
    known = dictionary_has_tag(tag)
    name = dictionary_description(tag) if known else ("Private" if tag.is_private else "Unknown")
    return Element(tag_text(int(tag)), keyword_for_tag(tag) if known else "", name, vr, value, depth)
