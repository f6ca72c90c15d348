"""Bytes of Pixel Data to stored values: native ones read here, compressed ones by ``decoders``.

All functions keep nothing between calls, so that threads may read at once.

References
----------
PS3.5 8.1.1 (pixel cells), 8.1.2, 8.2 (encapsulated), A.3 (big endian), A.4.
"""

import mmap
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.imaging.decoders import RLE, Samples, decode, require_decoder
from app.imaging.encapsulation import frame_of_structure, join_frame, read_fragments
from app.imaging.errors import N_, InvalidElement, TruncatedFile, UnsupportedData
from app.imaging.layout import PixelLayout
from app.imaging.structure import (
    DEFLATED_LITTLE,
    EXPLICIT_BIG,
    EXPLICIT_LITTLE,
    GE_PRIVATE,
    IMPLICIT_LITTLE,
    FileStructure,
)

_NATIVE = frozenset((IMPLICIT_LITTLE, EXPLICIT_LITTLE, EXPLICIT_BIG, GE_PRIVATE, DEFLATED_LITTLE))
_BIG = frozenset((EXPLICIT_BIG, GE_PRIVATE))
_PIXEL_DATA = "(7FE0,0010)"


def read_samples(structure: FileStructure, layout: PixelLayout, frame: int) -> Samples:
    """Stored values of frame number *frame*, from 0, in any transfer syntax and of any kind.

    Raises
    ------
    UnsupportedData
        No decoder for the transfer syntax, or samples of a kind that is not read.
    InvalidElement, TruncatedFile
        The bytes are not what the header says.
    """
    if not layout.is_native:
        require_decoder(layout.transfer_syntax_uid)
        found = decode(frame_of_structure(structure, layout.frames, frame), layout)
        if layout.transfer_syntax_uid != RLE:
            return found
        return Samples(clear_unused_bits(found.values, layout), found.photometric, found.bits)
    if layout.transfer_syntax_uid != DEFLATED_LITTLE:
        require_decoder(layout.transfer_syntax_uid)
    plain = read_native(structure.data, layout, frame)
    if plain is not None:
        return Samples(plain, layout.photometric, layout.bits_stored)
    return _odd_native(structure, layout, frame)


def read_native(data: "bytes | mmap.mmap", layout: PixelLayout, frame: int) -> NDArray[Any] | None:
    """The stored values of an uncompressed grey frame of the bytes *data*; None for what is less plain.

    Returns
    -------
    (rows, columns) array of int8 … int32 or unsigned, unused bits removed
    """
    kind = _native_kind(layout)
    if kind is None:
        return None
    start = layout.offset + frame * layout.frame_bytes
    # The slice copies one frame: the array must not keep the file mapped.
    return _plane(data[start : start + layout.frame_bytes], kind, layout)


def read_native_file(path: Path, layout: PixelLayout) -> NDArray[Any] | None:
    """As :func:`read_native` for the first frame of the file at *path*, whose layout is known already."""
    kind = _native_kind(layout)
    if kind is None or layout.transfer_syntax_uid == DEFLATED_LITTLE:
        return None
    with path.open("rb", buffering=0) as file:
        file.seek(layout.offset)
        raw = file.read(layout.frame_bytes)
    return _plane(raw, kind, layout)


def read_compressed_file(path: Path, layout: PixelLayout) -> NDArray[Any] | None:
    """The stored values of a compressed grey image of one frame, whose layout is known already.

    Only the Pixel Data are read again. None for colour, several frames, and what is not compressed.
    """
    if layout.is_native or layout.is_colour or layout.frames != 1:
        return None
    with path.open("rb", buffering=0) as file:
        file.seek(layout.offset)
        encapsulated = file.read(layout.length)
    found = decode(join_frame(encapsulated, read_fragments(encapsulated), 1, 0), layout).values
    return clear_unused_bits(found, layout) if layout.transfer_syntax_uid == RLE else found


def _native_kind(layout: PixelLayout) -> np.dtype[Any] | None:
    """The type of a native grey pixel cell; None where a cell is not one number of whole bytes."""
    plain = layout.is_native and layout.samples == 1 and not layout.is_float
    if not plain or layout.bits_allocated not in (8, 16, 32) or layout.transfer_syntax_uid not in _NATIVE:
        return None
    if layout.transfer_syntax_uid == EXPLICIT_BIG and layout.bits_allocated == 8:
        return None
    return _cell(layout)


def _cell(layout: PixelLayout) -> np.dtype[Any]:
    """The type of one sample as it lies in the file."""
    # GE's private syntax has a little endian header before big endian words.
    order = ">" if layout.transfer_syntax_uid in _BIG else "<"
    sign = "f" if layout.is_float else "i" if layout.signed else "u"
    return np.dtype(f"{order}{sign}{layout.bits_allocated // 8}")


def _plane(raw: bytes, kind: np.dtype[Any], layout: PixelLayout) -> NDArray[Any]:
    if len(raw) < layout.frame_bytes:
        raise _truncated(len(raw), layout.frame_bytes)
    cells = np.frombuffer(raw, kind).reshape(layout.rows, layout.columns)
    return clear_unused_bits(cells.astype(kind.newbyteorder("="), copy=False), layout)


def clear_unused_bits(raw: NDArray[Any], layout: PixelLayout) -> NDArray[Any]:
    """*raw* pixel cells without the bits above High Bit and below Bits Stored, sign extended.

    Old files keep overlays there (PS3.5 8.1.2, retired).
    """
    unused_above = layout.bits_allocated - 1 - layout.high_bit
    unused = layout.bits_allocated - layout.bits_stored
    if unused == 0:
        return raw
    # Shifting a signed array to the right repeats the sign; an unsigned one fills with zeros.
    return (raw << unused_above) >> unused


def _odd_native(structure: FileStructure, layout: PixelLayout, frame: int) -> Samples:
    """Native colour, single bits, floating point, 64 bits, and 8 bits in big endian words."""
    if layout.bits_allocated == 1:
        return Samples(_single_bits(structure, layout, frame), layout.photometric, 1)
    if layout.is_float and (layout.bits_allocated not in (32, 64) or layout.samples != 1):
        raise UnsupportedData(
            N_("Floating point pixels of %(bits)s bits and %(samples)s samples are not supported."),
            bits=layout.bits_allocated,
            samples=layout.samples,
        )
    # Some writers announce thinned-out chroma and write all of it; the length tells.
    thinned = layout.photometric == "YBR_FULL_422" and layout.length < layout.frame_bytes * layout.frames
    size = layout.native_bytes // layout.frames if thinned else layout.frame_bytes
    raw = _bytes_of(structure, layout, frame * size, size)
    kind = _cell(layout)
    cells = np.frombuffer(raw, kind).astype(kind.newbyteorder("="), copy=False)
    cells = cells if layout.is_float else clear_unused_bits(cells, layout)
    photometric = "YBR_FULL" if layout.photometric == "YBR_FULL_422" else layout.photometric
    return Samples(_arranged(cells, layout, thinned), photometric, layout.bits_stored)


def _arranged(cells: NDArray[Any], layout: PixelLayout, thinned: bool) -> NDArray[Any]:
    """The cells of one frame as (rows, columns) or (rows, columns, samples)."""
    if thinned:
        return _filled_chroma(cells, layout)
    if layout.samples == 1:
        return cells.reshape(layout.rows, layout.columns)
    if layout.planar == 1:
        planes = cells.reshape(layout.samples, layout.rows, layout.columns)
        return np.ascontiguousarray(planes.transpose(1, 2, 0))
    return cells.reshape(layout.rows, layout.columns, layout.samples)


def _filled_chroma(cells: NDArray[Any], layout: PixelLayout) -> NDArray[Any]:
    """YBR_FULL_422 as YBR_FULL: two luminances, then the chroma of both (PS3.3 C.7.6.3.1.2)."""
    if layout.columns % 2:
        raise InvalidElement(
            N_("Photometric Interpretation YBR_FULL_422 needs an even number of Columns, not %(columns)s."),
            columns=layout.columns,
        )
    pairs = cells.reshape(layout.rows, layout.columns // 2, 4)
    full = np.empty((layout.rows, layout.columns // 2, 2, 3), cells.dtype)
    full[..., 0] = pairs[..., :2]
    full[..., 1:] = pairs[..., None, 2:]
    return full.reshape(layout.rows, layout.columns, 3)


def _single_bits(structure: FileStructure, layout: PixelLayout, frame: int) -> NDArray[np.uint8]:
    """Bit-packed pixels: the first one is the lowest bit, and frames need not begin at a byte."""
    count = layout.rows * layout.columns * layout.samples
    first = frame * count
    start, end = first // 8, (first + count + 7) // 8
    raw = np.frombuffer(_bytes_of(structure, layout, start, end - start), np.uint8)
    bits = np.unpackbits(raw, bitorder="little")[first - 8 * start :][:count]
    return _arranged(bits, layout, thinned=False)


def _bytes_of(structure: FileStructure, layout: PixelLayout, start: int, size: int) -> bytes:
    """*size* bytes of the pixels from *start* on, as they lie in a little endian file."""
    span = structure.pixels()
    swapped = (
        layout.transfer_syntax_uid == EXPLICIT_BIG
        and layout.bits_allocated <= 8
        and span is not None
        and span.vr == "OW"
    )
    # Bytes and bits in words of two bytes (OW) stand the other way round in big endian files (PS3.5 8.1.1).
    first, last = (start - start % 2, start + size + (start + size) % 2) if swapped else (start, start + size)
    last = min(last, layout.length)
    raw = structure.data[layout.offset + first : layout.offset + last]
    if swapped:
        whole = raw + b"\0" * (len(raw) % 2)
        raw = np.frombuffer(whole, "<u2").byteswap().tobytes()[start - first :][:size]
    if len(raw) < size:
        raise _truncated(len(raw), size)
    return raw


def _truncated(found: int, wanted: int) -> TruncatedFile:
    return TruncatedFile(
        N_("Truncated: Pixel Data %(tag)s has %(found)s of %(wanted)s bytes. Copy it again from its source."),
        tag=_PIXEL_DATA,
        found=found,
        wanted=wanted,
    )
