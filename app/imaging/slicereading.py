"""The slices of a volume one after the other; those that are to be decoded, ahead and in threads.

The common case, 16-bit little endian cells, is read into one array that is used again and again, and
rescaled in place: fresh memory costs more than the reading, and threads gain nothing. All other images go
the way of a single frame (:mod:`app.imaging.pixels`); decoders let other threads run meanwhile.
"""

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.imaging.decoding import read_compressed_file
from app.imaging.errors import N_, InvalidElement
from app.imaging.limits import DEFAULT_LIMITS, MIB, ReadLimits
from app.imaging.pixels import modality_values, read_frame, stored_frame
from app.imaging.sliceheader import SliceHeader
from app.imaging.structure import EXPLICIT_LITTLE, IMPLICIT_LITTLE, FileStructure, read_structure

# What is read ahead lies in memory; of larger slices only one does.
_MAX_AHEAD_BYTES = 16 * MIB
_KEPT_STRUCTURES = 4
_PLAIN_SYNTAXES = frozenset((IMPLICIT_LITTLE, EXPLICIT_LITTLE))
_INT16 = np.iinfo(np.int16)
StructureOf = Callable[[Path], FileStructure]


@dataclass(frozen=True)
class SlicePlane:
    """One slice as modality values.

    Attributes
    ----------
    values : (rows, columns) int16 or float32 array
        Valid until the next slice is asked for: the array may then be filled again.
    lowest, highest : float
        Of the finite values; infinite, the lowest above the highest, where there are none.
    """

    values: NDArray[Any]
    lowest: float
    highest: float


def read_planes(
    slices: Sequence[SliceHeader], limits: ReadLimits = DEFAULT_LIMITS, threads: int = 2
) -> Iterator[SlicePlane]:
    """The planes of *slices* in their order, at most ``threads + 2`` of them in memory.

    Raises
    ------
    ImagingError
        A slice cannot be read, or is not what its header said.
    """
    if all(map(_is_plain, slices)):
        yield from _plain_planes(slices, limits)
        return
    largest = max(header.layout.frame_bytes for header in slices)
    ahead = threads + 1 if largest <= _MAX_AHEAD_BYTES else 1
    pending: deque[Future[SlicePlane]] = deque()
    pool = ThreadPoolExecutor(min(threads, ahead), thread_name_prefix="slices")
    # The frames of one file share its structure: to walk over ten thousand frames for each would take hours.
    structure_of = lru_cache(maxsize=_KEPT_STRUCTURES)(partial(read_structure, limits=limits))
    try:
        for header in slices:
            pending.append(pool.submit(_any_plane, header, limits, structure_of))
            if len(pending) == ahead:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _plain_planes(slices: Sequence[SliceHeader], limits: ReadLimits) -> Iterator[SlicePlane]:
    cells = np.empty((0, 0), np.uint16)
    for header in slices:
        if cells.shape != (header.rows, header.columns):
            cells = np.empty((header.rows, header.columns), np.uint16)
        yield _read_in_place(header, cells) or _any_plane(header, limits)


def _any_plane(
    header: SliceHeader, limits: ReadLimits, structure_of: StructureOf | None = None
) -> SlicePlane:
    values = read_plane(header, limits, structure_of)
    finite = values if values.dtype.kind == "i" else values[np.isfinite(values)]
    if finite.size == 0:
        return SlicePlane(values, np.inf, -np.inf)
    return SlicePlane(values, float(finite.min()), float(finite.max()))


def _is_plain(header: SliceHeader) -> bool:
    """16-bit grey cells that lie in the file as they do in memory, slope and intercept integers."""
    layout, rescale = header.layout, header.rescale
    return (
        layout.is_native
        and layout.samples == 1
        and not layout.is_float
        and layout.bits_allocated == 16
        and layout.transfer_syntax_uid in _PLAIN_SYNTAXES
        and not rescale.has_table
        and rescale.is_usable
        and rescale.slope == int(rescale.slope)
        and rescale.intercept == int(rescale.intercept)
    )


def _read_in_place(header: SliceHeader, cells: NDArray[np.uint16]) -> SlicePlane | None:
    """The plane in *cells*; None for the careful way: where int16 does not hold it, and other oddities."""
    layout = header.layout
    descriptor = os.open(header.path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        found = os.preadv(descriptor, [cells.data], layout.offset + header.frame * layout.frame_bytes)
    finally:
        os.close(descriptor)
    if found != layout.frame_bytes:
        return None
    stored = cells.view(np.int16) if layout.signed else cells
    lowest, highest = int(stored.min()), int(stored.max())
    half = 2 ** (layout.bits_stored - 1)
    allowed = (-half, half - 1) if layout.signed else (0, 2 * half - 1)
    if layout.high_bit != layout.bits_stored - 1 or lowest < allowed[0] or highest > allowed[1]:
        return None  # something lies in the unused bits
    slope, intercept = int(header.rescale.slope), int(header.rescale.intercept)
    ends = sorted((lowest * slope + intercept, highest * slope + intercept))
    if ends[0] < _INT16.min or ends[1] > _INT16.max:
        return None
    # Modulo 65536 nothing is lost on the way, as both ends, and so all values, are int16.
    if slope != 1:
        np.multiply(cells, np.uint16(slope % 65536), out=cells)
    if intercept:
        np.add(cells, np.uint16(intercept % 65536), out=cells)
    return SlicePlane(cells.view(np.int16), float(ends[0]), float(ends[1]))


def read_plane(
    header: SliceHeader, limits: ReadLimits = DEFAULT_LIMITS, structure_of: StructureOf | None = None
) -> NDArray[Any]:
    """One slice as modality values, (rows, columns) int16 where that is exact, else float32.

    Parameters
    ----------
    structure_of : gives the structure of the file at a path, which may be kept from slice to slice

    Raises
    ------
    ImagingError
        It cannot be read, or is not what its header said.
    """
    if header.rescale.has_table:
        plane = read_frame(header.path, header.frame, limits).values
    else:
        # By the slope and intercept of the header: they may lead to another unit than the file's.
        stored = read_compressed_file(header.path, header.layout)
        if stored is None:
            structure = structure_of(header.path) if structure_of else read_structure(header.path, limits)
            stored = stored_frame(structure, header.path, header.layout, header.frame)
        plane = modality_values(stored, header.rescale)
    if plane.shape != (header.rows, header.columns):
        raise InvalidElement(N_("A slice does not decode to one grey image of its stated size."))
    return plane
