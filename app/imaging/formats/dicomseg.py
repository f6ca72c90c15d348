"""DICOM segmentations: BINARY, FRACTIONAL and LABELMAP, each segment in a box of its own.

Frames are put where their own position says, never by their order or by the images they refer to. Segments of
BINARY and FRACTIONAL files may overlap, and stay apart here.

References
----------
PS3.3 C.8.20 (Segmentation), C.8.20.2.3 (Segmentation Type, Maximum Fractional Value).
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.datadict import keyword_dict
from pydicom.dataset import Dataset

from app.imaging import values
from app.imaging.decoding import read_samples
from app.imaging.errors import N_, ImagingError, InvalidElement, LimitExceeded, Message, UnsupportedData
from app.imaging.formats.dicomsegheader import (
    HEADER_KEYWORDS,
    SegFrame,
    SegKind,
    SegmentDescription,
    read_descriptions,
    read_frames,
    referenced_series,
    seg_kind,
)
from app.imaging.formats.dicomsegstack import FrameStack, stack_frames
from app.imaging.formats.labelvoxels import LabelBoxes, Piece, Room, check_count, join_all
from app.imaging.functionalgroups import FunctionalGroups
from app.imaging.layout import LAYOUT_TAGS, PixelLayout, read_layout
from app.imaging.limits import DEFAULT_LIMITS, ReadLimits
from app.imaging.palette import PALETTE_TAGS, read_palette
from app.imaging.segments import BoxMask, Grid, LabelImage, Segment
from app.imaging.structure import EXPLICIT_BIG, FileStructure, read_structure

_TAGS = (*LAYOUT_TAGS, *PALETTE_TAGS, *(keyword_dict[keyword] for keyword in HEADER_KEYWORDS))
_MAX_TABLE = 1024 * 1024
_EMPTY = BoxMask((0, 0, 0), np.zeros((0, 0, 0), np.bool_))

_FRACTIONS = N_("The segments are fractions (probability or occupancy): a voxel belongs to one from half on.")
_NAMELESS = N_("%(count)s labels among the voxels are not described in the header: they have no name.")
_BARE = N_("%(count)s of %(total)s described segments have no voxel in the file.")
_NO_VOXELS = N_("The segmentation holds no segment: all its voxels are 0.")
_TWICE = N_("Frames %(one)s and %(other)s of the segmentation are of the same segment and at the same place.")


def read_seg(path: Path, limits: ReadLimits = DEFAULT_LIMITS) -> LabelImage:
    """The segments of the DICOM segmentation at *path*.

    Raises
    ------
    ImagingError
        It is no segmentation, damaged, contradicts itself, or is beyond the limits.
    """
    structure = read_structure(path, limits)
    header = values.decode_elements(structure, _TAGS, max_bytes=_MAX_TABLE)
    kind = seg_kind(header, values.integer(header, "BitsAllocated") or 0)
    layout = _layout(structure, header, limits)
    groups = FunctionalGroups(structure, header, limits)
    described = read_descriptions(groups.reader, kind)
    frames = read_frames(groups, layout.frames, kind)
    stack = stack_frames([frame.plane for frame in frames])
    pixels = _Pixels(structure, layout)
    room = Room(limits.max_pixels_bytes)
    if kind == "LABELMAP":
        _refuse_twice(stack, [0] * len(frames))
        masks = _label_masks(pixels, stack, room)
        described = _with_palette(described, header, layout, masks)
    else:
        numbers = _known_segments(frames, described)
        _refuse_twice(stack, numbers)
        masks = _frame_masks(pixels, stack, numbers, _least(kind, header, layout), room)
    segments, notes = _segments(described, masks)
    uid = values.uid(header, "FrameOfReferenceUID") or ""
    grid = Grid.of((layout.columns, layout.rows, stack.slices), stack.affine, uid)
    notes = (*stack.warnings, *((Message(_FRACTIONS),) if kind == "FRACTIONAL" else ()), *notes)
    return LabelImage("seg", grid, segments, referenced_series(groups.reader), warnings=notes)


def _layout(structure: FileStructure, header: Dataset, limits: ReadLimits) -> PixelLayout:
    """The layout of the pixels; single bits count as bits here, as they are never all unpacked."""
    if values.integer(header, "BitsAllocated") == 1:
        limits = replace(limits, max_pixels_bytes=8 * limits.max_pixels_bytes)
    layout = read_layout(structure, header, limits)
    if layout.samples != 1 or layout.is_float or layout.signed:
        raise UnsupportedData(N_("The pixels of the segmentation are no labels: unsigned whole numbers."))
    if layout.frames > limits.max_frames:
        raise LimitExceeded(
            N_("The image has %(found)s frames, more than the %(limit)s that are read."),
            found=layout.frames,
            limit=limits.max_frames,
        )
    return layout


def _known_segments(frames: Sequence[SegFrame], described: Sequence[SegmentDescription]) -> list[int]:
    """The segment of each frame."""
    known = {one.number for one in described}
    for number, frame in enumerate(frames, start=1):
        if frame.segment not in known:
            raise InvalidElement(
                N_("Frame %(frame)s belongs to segment %(segment)s, which the file does not describe."),
                frame=number,
                segment=frame.segment,
            )
    return [frame.segment or 0 for frame in frames]


def _refuse_twice(stack: FrameStack, numbers: Sequence[int]) -> None:
    seen: dict[tuple[int, int], int] = {}
    for frame, key in enumerate(zip(numbers, stack.place_of, strict=True), start=1):
        if key in seen:
            raise InvalidElement(_TWICE, one=seen[key], other=frame)
        seen[key] = frame


def _least(kind: SegKind, header: Dataset, layout: PixelLayout) -> int:
    """The least stored value that belongs to a segment."""
    if kind == "BINARY":
        return 1
    most = values.require_integer(header, "MaximumFractionalValue", 1, 2**layout.bits_stored - 1)
    return (most + 1) // 2


class _Pixels:
    """The frames of one file."""

    def __init__(self, structure: FileStructure, layout: PixelLayout) -> None:
        self._structure = structure
        self._layout = layout
        # Rows that begin at bytes are looked through before they are unpacked: most of them are empty.
        self._is_packed = (
            layout.is_native
            and layout.bits_allocated == 1
            and layout.columns % 8 == 0
            and layout.transfer_syntax_uid != EXPLICIT_BIG
        )

    def values(self, frame: int) -> NDArray[Any]:
        """(rows, columns) stored values."""
        return read_samples(self._structure, self._layout, frame).values

    def crop(self, frame: int, least: int) -> tuple[int, int, NDArray[np.bool_]] | None:
        """First row and column, and the voxels of at least *least* in their tight box; None without any."""
        if not self._is_packed:
            return _tight(self.values(frame) >= least)
        layout = self._layout
        size = layout.rows * layout.columns // 8
        start = layout.offset + frame * size
        raw = np.frombuffer(self._structure.data[start : start + size], np.uint8)
        packed = raw.reshape(layout.rows, layout.columns // 8)
        rows, columns = np.flatnonzero(packed.any(1)), np.flatnonzero(packed.any(0))
        if not len(rows):
            return None
        part = np.ascontiguousarray(packed[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
        found = _tight(np.unpackbits(part, axis=1, bitorder="little").view(np.bool_))
        assert found is not None
        row, column, voxels = found
        return int(rows[0]) + row, 8 * int(columns[0]) + column, voxels


def _tight(mask: NDArray[np.bool_]) -> tuple[int, int, NDArray[np.bool_]] | None:
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not len(rows):
        return None
    part = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return int(rows[0]), int(columns[0]), np.ascontiguousarray(part)


def _frame_masks(
    pixels: _Pixels, stack: FrameStack, numbers: Sequence[int], least: int, room: Room
) -> dict[int, BoxMask]:
    """The masks of segments that have frames of their own."""
    pieces: dict[int, list[Piece]] = {}
    for frame, number in enumerate(numbers):
        crop = pixels.crop(frame, least)
        if crop is None:
            continue
        row, column, voxels = crop
        ks = stack.slices_of[frame]
        room.take(len(ks) * voxels.size)
        thick = np.repeat(voxels[None], len(ks), axis=0)
        pieces.setdefault(number, []).append(((ks[0], row, column), thick))
    return join_all(pieces, Room(room.limit))


def _label_masks(pixels: _Pixels, stack: FrameStack, room: Room) -> dict[int, BoxMask]:
    """The masks of labels that share their frames."""
    boxes = LabelBoxes(room)
    for frame, ks in enumerate(stack.slices_of):
        labels = pixels.values(frame)
        for k in ks:
            boxes.add(labels[None], k)
    return boxes.masks(Room(room.limit))


def _with_palette(
    described: Sequence[SegmentDescription], header: Dataset, layout: PixelLayout, masks: dict[int, BoxMask]
) -> tuple[SegmentDescription, ...]:
    """Colours of the palette where the segments state none, and without the background."""
    kept = tuple(one for one in described if one.number)
    if layout.photometric != "PALETTE COLOR":
        return kept
    try:
        palette = read_palette(header, signed=False)
    except ImagingError:
        return kept
    made = []
    for one in kept:
        red, green, blue = (int(part) for part in palette.look_up(np.array([one.number], np.uint16))[0])
        made.append(replace(one, color_rgb=one.color_rgb or (red, green, blue)))
    return tuple(made)


def _segments(
    described: Sequence[SegmentDescription], masks: dict[int, BoxMask]
) -> tuple[tuple[Segment, ...], tuple[Message, ...]]:
    """The described segments in the file's order, then those of which nothing is said."""
    if not masks:
        raise UnsupportedData(_NO_VOXELS)
    notes = []
    found = [
        Segment(one.number, one.name, masks.get(one.number, _EMPTY), one.color_rgb, one.code)
        for one in described
    ]
    if bare := sum(not segment.mask.voxels.size for segment in found):
        notes.append(Message(_BARE, {"count": bare, "total": len(found)}))
    rest = sorted(masks.keys() - {one.number for one in described})
    found += [Segment(number, "", masks[number]) for number in rest]
    check_count(len(found))
    if rest:
        notes.append(Message(_NAMELESS, {"count": len(rest)}))
    return tuple(found), tuple(notes)
