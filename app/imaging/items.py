"""The items of a sequence, found as the walk of the whole file found them, and not parsed further.

Only sequences that :mod:`app.imaging.structure` has accepted are looked into, so every length fits. One level
is read at a time: a level deeper is asked for by its span.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from pydicom.dataset import Dataset

from app.imaging.elementwalk import ElementWalk
from app.imaging.limits import DEFAULT_LIMITS, ReadLimits
from app.imaging.quickread import parse_spans, quick_header
from app.imaging.spans import Span, has_vr_at
from app.imaging.structure import FileStructure
from app.imaging.values import MAX_ELEMENT

_ITEM, _ITEM_END = 0xFFFEE000, 0xFFFEE00D
# The same bytes are walked once a level, and the levels that are asked for are few.
_LEVELS = 8


class Item(NamedTuple):
    """One item of a sequence: its elements by tag, and whether they are written without a VR."""

    elements: dict[int, Span]
    implicit: bool


class ItemReader(ElementWalk):
    """Reads items of one file's sequences."""

    def __init__(self, structure: FileStructure, limits: ReadLimits = DEFAULT_LIMITS) -> None:
        data = structure.data
        super().__init__(data, len(data), _roomy(limits), little_endian=structure.little_endian)
        self._structure = structure
        self.top = Item(structure.elements, structure.implicit)

    def items(self, parent: Item, tag: int) -> Iterator[Item]:
        """The items of the sequence *tag* of *parent*, in order; none where it is absent or no sequence."""
        span = parent.elements.get(tag)
        if span is None or span.vr != "SQ":
            return
        offset = span.value
        while span.end - offset >= 8:
            item = self._header(offset, True)
            if item.tag != _ITEM:
                return
            implicit = parent.implicit or not has_vr_at(self.data, item.value)
            stop = span.end if item.claimed is None else item.end
            elements, offset = self._level(item.value, stop, implicit)
            yield Item(elements, implicit)

    def first(self, parent: Item, tag: int) -> Item | None:
        """The first item of the sequence *tag* of *parent*."""
        return next(self.items(parent, tag), None)

    def decode(self, item: Item, tags: Iterable[int]) -> Dataset:
        """The wanted elements of *item* as a data set, as ``values.decode_elements`` does of a file."""
        spans = [item.elements[tag] for tag in tags if tag in item.elements]
        short = [span for span in spans if span.end - span.start <= MAX_ELEMENT and span.vr != "SQ"]
        structure = self._structure
        if item.implicit != structure.implicit:  # an implicit item may lie in an explicit file
            structure = replace(structure, implicit=item.implicit)
        quick = quick_header(structure, short)
        return parse_spans(structure, short) if quick is None else quick

    def _level(self, offset: int, stop: int, implicit: bool) -> tuple[dict[int, Span], int]:
        """The elements of the item from *offset*, and the offset after it."""
        elements: dict[int, Span] = {}
        while True:
            offset = self._plain_run(offset, implicit, stop, elements)
            if stop - offset < 8:
                return elements, stop
            self._check_siblings(elements)
            span = self._header(offset, implicit)
            if span.tag >> 16 == 0xFFFE:
                return elements, span.value if span.tag == _ITEM_END else stop
            if self._is_sequence(span):
                end = self._sequence(span, implicit) if span.claimed is None else span.end
                span = Span(span.tag, "SQ", span.start, span.value, end, span.claimed)
            elif span.claimed is None:
                span = self._fragments(span)
            self._require(span)
            elements[span.tag] = span
            offset = span.end


@lru_cache(maxsize=8)
def _roomy(limits: ReadLimits) -> ReadLimits:
    return replace(
        limits,
        max_elements=limits.max_elements * _LEVELS,
        max_header_bytes=limits.max_header_bytes * _LEVELS,
    )
