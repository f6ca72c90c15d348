"""The compressed bytes of one frame: which fragments of encapsulated Pixel Data belong to it.

Offset tables may be empty, absent, 32 bits in the first item or 64 bits in elements of their own, and
wrong in each case. What they say is held against the fragments; where they say nothing, the frames are
told apart by counting, or by the marks with which codestreams begin.

Fragments are (offset, length) pairs, the item of the Basic Offset Table first.

References
----------
PS3.5 A.4; PS3.3 C.7.6.3.1.8 (Extended Offset Table).
"""

import mmap
import struct
from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise

from app.imaging.codestream import starts_codestream
from app.imaging.errors import N_, InvalidElement, TruncatedFile
from app.imaging.structure import FileStructure

Fragments = Sequence[tuple[int, int]]

_EXTENDED_OFFSETS = 0x7FE00001
_ITEM, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE0DD
_ITEM_HEADER = 8


def frame_of_structure(structure: FileStructure, frames: int, frame: int) -> bytes:
    """The compressed bytes of *frame*, from 0, of *frames*; see :func:`join_frame`."""
    span = structure.pixels()
    fragments: Fragments = () if span is None else span.fragments
    extended = structure.elements.get(_EXTENDED_OFFSETS)
    offsets: tuple[int, ...] = ()
    if frames > 1 and extended is not None and extended.end - extended.value == 8 * frames:
        order = "<" if structure.little_endian else ">"
        offsets = struct.unpack(f"{order}{frames}Q", structure.data[extended.value : extended.end])
    return join_frame(structure.data, fragments, frames, frame, offsets)


def join_frame(
    data: "bytes | mmap.mmap", fragments: Fragments, frames: int, frame: int, offsets: Sequence[int] = ()
) -> bytes:
    """The fragments of *frame*, from 0, joined; *offsets* is the Extended Offset Table where there is one.

    Raises
    ------
    InvalidElement
        No fragments, or no way to tell the frames apart.
    """
    if len(fragments) == frames + 1 and _is_table(data, fragments[0]):
        # One fragment a frame, as it mostly is; of ten thousand frames not all need to be looked at for each.
        table: tuple[int, ...] = ()
        pieces, frames = [fragments[frame + 1]], 1
    else:
        table, pieces = _table_and_pieces(data, fragments)
    if not pieces or not pieces[0][1]:
        raise InvalidElement(N_("Pixel Data (7FE0,0010) has no fragments with compressed pixels."))
    if frames > 1:
        starts = _frame_starts(data, pieces, frames, (offsets, table))
        pieces = pieces[starts[frame] : starts[frame + 1]]
    return b"".join(data[start : start + length] for start, length in pieces)


def read_fragments(encapsulated: bytes) -> list[tuple[int, int]]:
    """The items of an encapsulated Pixel Data value, the Basic Offset Table first.

    Raises
    ------
    TruncatedFile, InvalidElement
        An item ends beyond the bytes, or something else than an item stands there.
    """
    fragments: list[tuple[int, int]] = []
    at = 0
    while at + _ITEM_HEADER <= len(encapsulated):
        group, element, length = struct.unpack_from("<HHI", encapsulated, at)
        at += _ITEM_HEADER
        tag = group << 16 | element
        if tag == _SEQUENCE_END:
            break
        if tag != _ITEM:
            raise InvalidElement(
                N_("The lengths of the items of %(tag)s do not fit together."), tag="(7FE0,0010)"
            )
        if at + length > len(encapsulated):
            raise TruncatedFile(
                N_(
                    "Truncated: a fragment of %(tag)s has %(found)s of %(wanted)s bytes. "
                    "Copy it again from its source."
                ),
                tag="(7FE0,0010)",
                found=len(encapsulated) - at,
                wanted=length,
            )
        fragments.append((at, length))
        at += length
    return fragments


def _table_and_pieces(
    data: "bytes | mmap.mmap", fragments: Fragments
) -> tuple[tuple[int, ...], list[tuple[int, int]]]:
    """The Basic Offset Table's entries, and the fragments that hold something."""
    if not fragments:
        return (), []
    if not _is_table(data, fragments[0]):
        return (), [piece for piece in fragments if piece[1]]
    start, length = fragments[0]
    table = struct.unpack_from(f"<{length // 4}I", data, start)
    return table, [piece for piece in fragments[1:] if piece[1]]


def _is_table(data: "bytes | mmap.mmap", first: tuple[int, int]) -> bool:
    """Whether the first item is the Basic Offset Table, and not pixels of a writer that left it out."""
    start, length = first
    return not starts_codestream(data[start : start + min(length, 8)])


def _frame_starts(
    data: "bytes | mmap.mmap", pieces: Sequence[tuple[int, int]], frames: int, tables: Sequence[Sequence[int]]
) -> list[int]:
    """Where each frame begins, as indices into *pieces*, and the number of pieces at the end."""
    if len(pieces) == frames:
        return list(range(frames + 1))
    for table in tables:
        starts = _by_offsets(pieces, frames, table)
        if starts:
            return [*starts, len(pieces)]
    starts = [n for n, (start, length) in enumerate(pieces) if starts_codestream(data[start : start + 8])]
    if len(starts) == frames and starts[0] == 0:
        return [*starts, len(pieces)]
    raise InvalidElement(
        N_(
            "The %(fragments)s fragments of Pixel Data (7FE0,0010) cannot be shared out to %(frames)s frames."
        ),
        fragments=len(pieces),
        frames=frames,
    )


def _by_offsets(pieces: Sequence[tuple[int, int]], frames: int, table: Sequence[int]) -> list[int]:
    """The first piece of each frame by an offset table; empty when the table does not fit the pieces."""
    if len(table) != frames:
        return []
    # Offsets count from the first item tag behind the Basic Offset Table.
    places = [start - pieces[0][0] for start, _ in pieces]
    starts = [bisect_left(places, offset) for offset in table]
    met = all(n < len(places) and places[n] == offset for n, offset in zip(starts, table, strict=True))
    ascending = all(one < other for one, other in pairwise(starts))
    return starts if met and ascending and starts[0] == 0 else []
