"""Overlay planes 60xx: graphics and regions of one bit a pixel, laid on the image's grid.

Overlays have their own bits, or (retired, but found) one of the unused bits above those of the image.
Description and label are free text and may name a patient: they are for the viewer, never for a log.

References
----------
PS3.3 C.9.2 (Overlay Plane), C.9.3 (Multi-frame Overlay); PS3.5 8.1.2 (Overlay Data, unused bits), PS3.3-2004
C.9.2.1.1 (overlays in Pixel Data).
"""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydicom.datadict import dictionary_description

from app.imaging import values
from app.imaging.charsets import decode_values, sets_of
from app.imaging.errors import N_, InvalidElement, LimitExceeded, MissingElement, TruncatedFile
from app.imaging.layout import LAYOUT_TAGS, PixelLayout, read_layout
from app.imaging.limits import DEFAULT_LIMITS, ReadLimits
from app.imaging.spans import Span, tag_text
from app.imaging.structure import EXPLICIT_BIG, GE_PRIVATE, FileStructure, read_structure

MAX_TEXT = 64
"""Characters of Overlay Description and Label (LO) that are kept."""
_GROUPS = range(0x6000, 0x6020, 2)
_CHARACTER_SET = 0x00080005
# Elements of a group: rows, columns, frames, description, type, origin, frame origin, bits, position, label.
_ROWS, _COLUMNS, _FRAMES, _DESCRIPTION, _TYPE = 0x0010, 0x0011, 0x0015, 0x0022, 0x0040
_ORIGIN, _FRAME_ORIGIN, _BITS, _POSITION, _LABEL, _DATA = 0x0050, 0x0051, 0x0100, 0x0102, 0x1500, 0x3000
# What the dictionary says of those that hold numbers, and how these are stored.
_NUMBERS = {
    _ROWS: "US", _COLUMNS: "US", _FRAMES: "IS", _ORIGIN: "SS",
    _FRAME_ORIGIN: "US", _BITS: "US", _POSITION: "US",
}  # fmt: skip
_WORDS = {"US": "H", "SS": "h", "UL": "I", "SL": "i"}

OverlayKind = Literal["graphics", "region"]


# The standard leaves the colour to the viewer; these two differ in lightness too, and no grey is like them.
_COLOURS: dict[OverlayKind, tuple[int, int, int]] = {"graphics": (255, 221, 51), "region": (0, 190, 235)}


@dataclass(frozen=True, eq=False)
class Overlay:
    """One overlay as it lies on one frame.

    Attributes
    ----------
    group : int
        0x6000 to 0x601E, even.
    kind : "graphics" or "region"
        Overlay Type G or R.
    label, description : str
        Free text of the file; may identify.
    mask : (rows, columns) bool array on the image's grid
        What lies outside the image is cut off.
    """

    group: int
    kind: OverlayKind
    label: str
    description: str
    mask: NDArray[np.bool_]


def has_overlays(structure: FileStructure) -> bool:
    """Whether the file describes any overlay plane."""
    return bool(_groups(structure))


def read_overlays(path: Path, frame: int = 0, limits: ReadLimits = DEFAULT_LIMITS) -> tuple[Overlay, ...]:
    """The overlays of frame number *frame*, from 0, of the image at *path*.

    An overlay that states no frames lies on all of them. Unused bits of compressed pixels are not looked at.

    Raises
    ------
    ImagingError
        The file cannot be read, an overlay's numbers cannot be meant, or its data are shorter than they say.
    """
    structure = read_structure(path, limits)
    groups = _groups(structure)
    if not groups:
        return ()
    layout = read_layout(structure, values.decode_elements(structure, LAYOUT_TAGS), limits)
    if not 0 <= frame < layout.frames:
        raise InvalidElement(
            N_("Frame %(frame)s was asked for, the image has %(frames)s."),
            frame=frame + 1,
            frames=layout.frames,
        )
    _check_size(layout.rows * layout.columns, len(groups), limits)
    planes = (_Plane(structure, layout, group) for group in groups)
    return tuple(overlay for plane in planes if (overlay := plane.on_frame(frame, limits)) is not None)


def _groups(structure: FileStructure) -> list[int]:
    return [group for group in _GROUPS if group << 16 | _ROWS in structure.elements]


def _check_size(pixels: int, count: int, limits: ReadLimits) -> None:
    if pixels * count > limits.max_frame_bytes:
        raise LimitExceeded(
            N_("%(count)s overlays would take %(wanted)s bytes, more than the %(limit)s that are allowed."),
            count=count,
            wanted=pixels * count,
            limit=limits.max_frame_bytes,
        )


def burn_in(picture: NDArray[np.uint8], overlays: tuple[Overlay, ...]) -> NDArray[np.uint8]:
    """A picture with overlays in colour: graphics in yellow, regions in cyan.

    Parameters
    ----------
    picture : (rows, columns) or (rows, columns, 3) uint8 array

    Returns
    -------
    (rows, columns, 3) uint8 array, a copy
    """
    rgb = np.repeat(picture[..., np.newaxis], 3, axis=2) if picture.ndim == 2 else picture.copy()
    for overlay in overlays:
        rgb[overlay.mask] = _COLOURS[overlay.kind]
    return rgb


class _Plane:
    """One group 60xx of a file."""

    def __init__(self, structure: FileStructure, layout: PixelLayout, group: int) -> None:
        self.group = group
        self._structure = structure
        self._layout = layout
        self._sets = sets_of(values.decode_elements(structure, (_CHARACTER_SET,)))

    def on_frame(self, frame: int, limits: ReadLimits) -> Overlay | None:
        """The plane as it lies on image frame *frame*, from 0; None where it does not."""
        own = self._own_frame(frame)
        if own is None:
            return None
        data = self._structure.elements.get(self._tag(_DATA))
        if data is None or data.claimed == 0:
            mask = self._embedded(frame)
        else:
            mask = self._placed(self._own_bits(data, own, limits))
        if mask is None:
            return None
        kind: OverlayKind = "region" if self._text(_TYPE) == "R" else "graphics"
        return Overlay(self.group, kind, self._text(_LABEL), self._text(_DESCRIPTION), mask)

    def _own_frame(self, frame: int) -> int | None:
        """The overlay's frame for an image frame, both from 0 (PS3.3 C.9.3.1.1)."""
        if self._is_absent(_FRAMES) and self._is_absent(_FRAME_ORIGIN):
            return 0
        own = frame - (self._integer(_FRAME_ORIGIN, 1, 2**31 - 1, default=1) - 1)
        return own if 0 <= own < self._integer(_FRAMES, 1, 2**31 - 1, default=1) else None

    def _own_bits(self, span: Span, frame: int, limits: ReadLimits) -> NDArray[np.bool_]:
        """(overlay rows, overlay columns) of Overlay Data; its frames follow each other without a gap."""
        self._integer(_BITS, 1, 1, default=1)
        rows, columns = self._integer(_ROWS, 1, 65535), self._integer(_COLUMNS, 1, 65535)
        bits = rows * columns
        end = min(span.end, len(self._structure.data))
        wanted = (bits * (frame + 1) + 7) // 8
        if end - span.value < wanted:
            raise TruncatedFile(
                N_(
                    "Truncated: Overlay Data %(tag)s has %(found)s of %(wanted)s bytes. "
                    "Copy it again from its source."
                ),
                tag=tag_text(span.tag),
                found=end - span.value,
                wanted=wanted,
            )
        _check_size(bits, 1, limits)
        # Whole words, so that those of big endian files can be turned round.
        start = bits * frame // 16 * 2
        stop = min(end - span.value, (bits * (frame + 1) + 15) // 16 * 2)
        packed = np.frombuffer(self._structure.data[span.value + start : span.value + stop], np.uint8)
        if not self._structure.little_endian and span.vr != "OB" and packed.size % 2 == 0:
            packed = packed.reshape(-1, 2)[:, ::-1].ravel()
        before = bits * frame - start * 8
        unpacked = np.unpackbits(packed, bitorder="little")[before : before + bits]
        return unpacked.astype(np.bool_).reshape(rows, columns)

    def _placed(self, bits: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """*bits* on the image's grid: the first one lies at Overlay Origin, row and column from 1."""
        origin = self._numbers(_ORIGIN)
        # 1, 1 is what nearly all files say, and what a broken one must have meant.
        row, column = (origin[0] - 1, origin[1] - 1) if len(origin) == 2 else (0, 0)
        mask = np.zeros((self._layout.rows, self._layout.columns), np.bool_)
        top, left = max(0, row), max(0, column)
        bottom = min(self._layout.rows, row + bits.shape[0])
        right = min(self._layout.columns, column + bits.shape[1])
        if top < bottom and left < right:
            mask[top:bottom, left:right] = bits[top - row : bottom - row, left - column : right - column]
        return mask

    def _embedded(self, frame: int) -> NDArray[np.bool_] | None:
        """The plane in an unused bit of native Pixel Data; None where none can be there."""
        layout = self._layout
        plain = layout.is_native and layout.samples == 1 and not layout.is_float
        if not plain or layout.bits_allocated not in (16, 32) or self._is_absent(_POSITION):
            return None
        position = self._integer(_POSITION, 0, layout.bits_allocated - 1)
        if layout.high_bit - layout.bits_stored < position <= layout.high_bit:
            return None  # a bit of the image itself
        swapped = layout.transfer_syntax_uid in (EXPLICIT_BIG, GE_PRIVATE)
        start = layout.offset + frame * layout.frame_bytes
        cells = np.frombuffer(
            self._structure.data[start : start + layout.frame_bytes],
            f"{'>' if swapped else '<'}u{layout.bits_allocated // 8}",
        )
        return (cells >> position & 1).astype(np.bool_).reshape(layout.rows, layout.columns)

    def _tag(self, element: int) -> int:
        return self.group << 16 | element

    def _is_absent(self, element: int) -> bool:
        return not self._numbers(element)

    def _text(self, element: int) -> str:
        span = self._structure.elements.get(self._tag(element))
        if span is None:
            return ""
        stored = self._structure.data[span.value : min(span.end, span.value + 4 * MAX_TEXT)]
        found = decode_values(stored, "LO", self._sets)
        return values.clean_text("\\".join(found), MAX_TEXT)

    def _integer(self, element: int, low: int, high: int, default: int | None = None) -> int:
        found = self._numbers(element)
        tag = self._tag(element)
        named = {"name": dictionary_description(tag), "tag": tag_text(tag)}
        if not found:
            if default is not None:
                return default
            raise MissingElement(N_("%(name)s %(tag)s is missing."), **named)
        if not low <= found[0] <= high:
            raise InvalidElement(
                N_("%(name)s %(tag)s is %(found)s, not a number from %(low)s to %(high)s."),
                **named,
                found=found[0],
                low=low,
                high=high,
            )
        return found[0]

    def _numbers(self, element: int) -> tuple[int, ...]:
        """The element's values as integers; none where it is absent or they are no numbers."""
        span = self._structure.elements.get(self._tag(element))
        if span is None:
            return ()
        stored = self._structure.data[span.value : min(span.end, span.value + 64)]
        vr = span.vr if span.vr in _WORDS or span.vr == "IS" else _NUMBERS[element]
        if vr == "IS":
            try:
                return tuple(int(item) for item in stored.decode("ascii").strip(" \0").split("\\"))
            except ValueError:
                return ()
        order = "<" if self._structure.little_endian else ">"
        count = len(stored) // struct.calcsize(_WORDS[vr])
        return tuple(struct.unpack_from(f"{order}{count}{_WORDS[vr]}", stored))
