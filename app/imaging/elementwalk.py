"""The walk over the elements of one data set, with an explicit stack and bounded in every way."""

from dataclasses import dataclass

from pydicom._dicom_dict import DicomDictionary

from app.imaging.errors import N_, InvalidElement, LimitExceeded, TruncatedFile
from app.imaging.plainwalk import PlainWalk
from app.imaging.spans import KNOWN_VRS, LONG_VRS, PIXEL_TAGS, UNDEFINED, Span, has_vr_at, tag_text

_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD


@dataclass(slots=True)
class _Level:
    """One open sequence or item; ``end`` is None while its length is undefined."""

    is_sequence: bool
    end: int | None
    implicit: bool
    tag: int


class ElementWalk(PlainWalk):
    """Walks once over a data set and records its top-level elements in ``elements``."""

    def meta_group(self, offset: int, *, implicit: bool) -> int:
        """Record group 0002 from *offset*; return the offset after it. It is always little endian."""
        while True:
            offset = self._plain_run(offset, implicit, self.size, self.elements, only_group=2)
            if self.size - offset < 8 or self.data[offset : offset + 2] != b"\x02\x00":
                break
            span = self._header(offset, implicit)
            self._require(span)
            self.elements[span.tag] = span
            offset = span.end
        return offset

    def data_set(self, offset: int, *, implicit: bool) -> int:
        """Record the data set from *offset*; return where the understood part ends.

        What follows the pixels may be garbage without harm; before them it is an error.
        """
        seen_pixels = False
        while True:
            offset = self._plain_run(offset, implicit, self.size, self.elements)
            if self.size - offset < 8:
                break
            self._check_siblings(self.elements)
            try:
                span = self._element(offset, implicit)
            except (InvalidElement, TruncatedFile):
                if seen_pixels:
                    return offset
                raise
            self.elements[span.tag] = span
            offset = span.end
            seen_pixels = seen_pixels or span.tag in PIXEL_TAGS
        return min(offset, self.size)

    def _element(self, offset: int, implicit: bool) -> Span:
        """The top-level element at *offset*, whatever lies nested in it walked too."""
        span = self._header(offset, implicit)
        if span.tag in PIXEL_TAGS:
            return self._fragments(span) if span.claimed is None else span
        if span.tag >> 16 == 0xFFFE:
            raise _broken(span.tag)
        if self._is_sequence(span):
            end = self._sequence(span, implicit)
            span = Span(span.tag, "SQ", span.start, span.value, end, span.claimed)
        elif span.claimed is None:
            span = self._fragments(span)
        self._require(span)
        self._header_bytes += span.end - span.start
        if self._header_bytes > self.limits.max_header_bytes:
            raise LimitExceeded(
                N_("The elements beside Pixel Data take more than %(limit)s bytes."),
                limit=self.limits.max_header_bytes,
            )
        return span

    def _check_siblings(self, elements: dict[int, Span]) -> None:
        """Whether the place of one more element may be remembered."""
        if len(elements) >= self.limits.max_siblings:
            raise LimitExceeded(
                N_("The file has more than %(limit)s elements."), limit=self.limits.max_siblings
            )

    def _header(self, offset: int, implicit: bool) -> Span:
        """Tag, VR and length at *offset*; ``end`` may lie beyond the file."""
        self._count += 1
        if self._count > self.limits.max_elements:
            raise LimitExceeded(
                N_("The file has more than %(limit)s elements."), limit=self.limits.max_elements
            )
        if self.size - offset < 8:
            raise _ends_inside(0)
        value = offset + 8
        group, element, length = self._tag_length(self.data, offset)
        tag, vr = group << 16 | element, ""
        if not implicit and group != 0xFFFE:
            _, _, raw_vr, short = self._tag_vr_length(self.data, offset)
            # Some writers switch to implicit VR in the midst of a data set (as pydicom tolerates).
            if raw_vr in KNOWN_VRS or b"AA" <= raw_vr <= b"ZZ":
                vr, length = raw_vr.decode("latin-1"), short
                if raw_vr in LONG_VRS:
                    value += 4
                    if value > self.size:
                        raise _ends_inside(tag)
                    length = self._long(self.data, offset + 8)[0]
        if length == UNDEFINED:
            return Span(tag, vr, offset, value, value, None)
        return Span(tag, vr, offset, value, value + length, length)

    def _is_sequence(self, span: Span) -> bool:
        if span.vr == "SQ":
            return True
        if span.vr in ("", "UN"):
            entry = DicomDictionary.get(span.tag)
            if entry is not None and entry[0] != "SQ":
                return False
            # Without a written VR the first bytes decide: old files give sequence tags plain values,
            # and a private element of undefined length may hold items or fragments.
            if span.claimed is None or entry is not None:
                return span.claimed == 0 or self._at_item(span.value)
        return False

    def _at_item(self, offset: int) -> bool:
        if self.size - offset < 8:
            return False
        group, element, _ = self._tag_length(self.data, offset)
        return (group << 16 | element) in (_ITEM, _SEQUENCE_END)

    def _sequence(self, span: Span, implicit: bool) -> int:
        """Walk all that is nested in the sequence *span*; return the offset after it."""
        self._require(span)
        stack = [self._open(span, implicit)]
        offset = span.value
        while stack:
            level = stack[-1]
            if level.end is not None and offset >= level.end:
                if offset > level.end:
                    raise _broken(level.tag)
                stack.pop()
            elif level.is_sequence:
                offset = self._item(offset, stack)
            else:
                stop = self.size if level.end is None else level.end
                offset = self._plain_run(offset, level.implicit, stop, None)
                if level.end is None or offset < level.end:
                    offset = self._nested(offset, stack)
        return offset

    def _open(self, span: Span, implicit: bool) -> _Level:
        # A sequence written as UN is always implicit VR little endian (PS3.5 6.2.2, note 5).
        end = None if span.claimed is None else span.end
        return _Level(True, end, implicit or span.vr == "UN", span.tag)

    def _item(self, offset: int, stack: list[_Level]) -> int:
        sequence = stack[-1]
        item = self._header(offset, True)
        if item.tag == _SEQUENCE_END and sequence.end is None:
            stack.pop()
            return item.value
        if item.tag != _ITEM:
            raise _broken(sequence.tag)
        self._require(item)
        if len(stack) // 2 >= self.limits.max_depth:
            raise LimitExceeded(
                N_("Sequences are nested deeper than %(limit)s levels."), limit=self.limits.max_depth
            )
        implicit = sequence.implicit or not has_vr_at(self.data, item.value)
        end = None if item.claimed is None else item.end
        stack.append(_Level(False, end, implicit, sequence.tag))
        return item.value

    def _nested(self, offset: int, stack: list[_Level]) -> int:
        level = stack[-1]
        span = self._header(offset, level.implicit)
        if span.tag == _ITEM_END and level.end is None:
            stack.pop()
            return span.value
        if span.tag >> 16 == 0xFFFE:
            raise _broken(level.tag)
        if self._is_sequence(span):
            self._require(span)
            stack.append(self._open(span, level.implicit))
            return span.value
        if span.claimed is None:
            span = self._fragments(span)
        self._require(span)
        return span.end

    def _fragments(self, span: Span) -> Span:
        """An element of items without elements in them: encapsulated pixels (PS3.5 A.4)."""
        fragments: list[tuple[int, int]] = []
        offset = span.value
        while self.size - offset >= 8:
            item = self._header(offset, True)
            if item.tag == _SEQUENCE_END:
                offset = item.value
                break
            if item.tag != _ITEM or item.claimed is None:
                raise _broken(span.tag)
            if item.end > self.size:
                raise TruncatedFile(
                    N_(
                        "Truncated: a fragment of %(tag)s has %(found)s of %(wanted)s bytes. "
                        "Copy it again from its source."
                    ),
                    tag=tag_text(span.tag),
                    found=self.size - item.value,
                    wanted=item.claimed,
                )
            fragments.append((item.value, item.claimed))
            offset = item.end
        else:
            # Some writers leave the delimiter out; a last whole fragment shows that nothing is lost.
            offset = self.size
        return Span(span.tag, span.vr or "OB", span.start, span.value, offset, None, tuple(fragments))

    def _require(self, span: Span) -> None:
        if span.end > self.size:
            raise _ends_inside(span.tag)


def _ends_inside(tag: int) -> TruncatedFile:
    return TruncatedFile(
        N_("Truncated: the file ends inside element %(tag)s. Copy it again from its source."),
        tag=tag_text(tag),
    )


def _broken(tag: int) -> InvalidElement:
    return InvalidElement(N_("The lengths of the items of %(tag)s do not fit together."), tag=tag_text(tag))
