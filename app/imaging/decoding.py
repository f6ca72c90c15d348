"""Bytes of Pixel Data to stored values: native ones read here, compressed ones by pydicom's decoders.

References
----------
PS3.5 8.1.1 (pixel cells), 8.2 (encapsulated), A.4.
"""

import mmap
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.encaps import encapsulate, get_frame
from pydicom.pixels.decoders.base import get_decoder
from pydicom.pixels.utils import pixel_array
from pydicom.uid import UID, JPEGExtended12Bit, RLELossless

from app.imaging.codestream import codestream_size
from app.imaging.errors import N_, InvalidElement, TruncatedFile, UnsupportedData
from app.imaging.layout import PixelLayout
from app.imaging.structure import DEFLATED_LITTLE, EXPLICIT_BIG, EXPLICIT_LITTLE, GE_PRIVATE, FileStructure


def read_native(data: "bytes | mmap.mmap", layout: PixelLayout, frame: int) -> NDArray[Any] | None:
    """The stored values of an uncompressed grey frame of the bytes *data*; None if pydicom is to read it.

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


def _native_kind(layout: PixelLayout) -> np.dtype[Any] | None:
    """The type of a native grey pixel cell; None for what pydicom is to read."""
    plain = layout.is_native and layout.samples == 1 and not layout.is_float
    if not plain or layout.bits_allocated not in (8, 16, 32):
        return None
    big_endian = layout.transfer_syntax_uid == EXPLICIT_BIG
    if layout.transfer_syntax_uid == GE_PRIVATE or (big_endian and layout.bits_allocated == 8):
        return None
    sign = "i" if layout.signed else "u"
    return np.dtype(f"{'>' if big_endian else '<'}{sign}{layout.bits_allocated // 8}")


def _plane(raw: bytes, kind: np.dtype[Any], layout: PixelLayout) -> NDArray[Any]:
    if len(raw) < layout.frame_bytes:
        raise TruncatedFile(
            N_(
                "Truncated: Pixel Data %(tag)s has %(found)s of %(wanted)s bytes. "
                "Copy it again from its source."
            ),
            tag="(7FE0,0010)",
            found=len(raw),
            wanted=layout.frame_bytes,
        )
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


def decode_frame(structure: FileStructure, path: Path, layout: PixelLayout, frame: int) -> NDArray[Any]:
    """The values of one frame through pydicom: compressed, colour, bit-packed, float.

    Raises
    ------
    UnsupportedData
        No decoder for the transfer syntax is installed.
    InvalidElement
        The decoder cannot read the bytes, or they state another size than Rows and Columns.
    """
    syntax = UID(layout.transfer_syntax_uid)
    if not layout.is_native:
        _require_decoder(syntax, layout)
    try:
        if layout.is_native:
            copied = _needs_copy(structure)
            decoded = pixel_array(BytesIO(_as_explicit_file(structure)) if copied else path, index=frame)
        else:
            decoded = _decompress(_frame_bytes(structure, layout, frame), layout)
    except (MemoryError, InvalidElement):
        raise
    except Exception:
        # Decoders raise RuntimeError, ValueError, AttributeError, OSError and their own classes.
        raise InvalidElement(
            N_("Pixel Data (7FE0,0010) cannot be decoded as %(syntax)s."), syntax=syntax.name
        ) from None
    wanted = (layout.rows, layout.columns, layout.samples)[: 2 if layout.samples == 1 else 3]
    if decoded.shape != wanted or decoded.dtype.kind not in "iuf":
        raise _other_size(layout)
    return decoded


def _frame_bytes(structure: FileStructure, layout: PixelLayout, frame: int) -> bytes:
    """The compressed bytes of one frame, its fragments joined (PS3.5 A.4)."""
    span = structure.pixels()
    if span is None or len(span.fragments) < 2:
        raise ValueError("no fragments after the Basic Offset Table")
    pieces = [structure.data[start : start + length] for start, length in span.fragments[1:]]
    if layout.frames == 1:
        return b"".join(pieces)
    if layout.frames == len(pieces):
        return pieces[frame]
    encapsulated = structure.data[span.value : span.end]
    return get_frame(encapsulated, frame, number_of_frames=layout.frames)


def _decompress(frame: bytes, layout: PixelLayout) -> NDArray[Any]:
    syntax = UID(layout.transfer_syntax_uid)
    if syntax != RLELossless:
        stated = codestream_size(frame)
        if stated is None:
            raise ValueError("no codestream header")
        if (stated.rows, stated.columns) != (layout.rows, layout.columns) or stated.components > 4:
            raise _other_size(layout)
    options: dict[str, Any] = {
        "rows": layout.rows,
        "columns": layout.columns,
        "number_of_frames": 1,
        "samples_per_pixel": layout.samples,
        "photometric_interpretation": layout.photometric,
        "planar_configuration": layout.planar,
        "pixel_representation": int(layout.signed),
        "bits_allocated": layout.bits_allocated,
        "bits_stored": layout.bits_stored,
        "pixel_keyword": "PixelData",
        "pixel_vr": "OB",
    }
    decoded, _ = get_decoder(syntax).as_array(encapsulate([frame]), index=0, **options)
    return np.asarray(decoded)


def _other_size(layout: PixelLayout) -> InvalidElement:
    return InvalidElement(
        N_("Pixel Data (7FE0,0010) does not decode to %(columns)s × %(rows)s pixels."),
        columns=layout.columns,
        rows=layout.rows,
    )


def _require_decoder(syntax: UID, layout: PixelLayout) -> None:
    try:
        # Pillow decodes JPEG Extended to 8 bits only; its usual 12 bits need another decoder.
        too_deep = syntax == JPEGExtended12Bit and layout.bits_stored > 8
        available = get_decoder(syntax).is_available and not too_deep
    except NotImplementedError:
        available = False
    if not available:
        raise UnsupportedData(
            N_("There is no decoder for the transfer syntax %(name)s (%(uid)s)."),
            name=syntax.name,
            uid=str(syntax),
        )


def _needs_copy(structure: FileStructure) -> bool:
    """Deflated files, and files whose meta information lacks the transfer syntax."""
    return structure.deflated or 0x00020010 not in structure.meta or structure.data[128:132] != b"DICM"


def _as_explicit_file(structure: FileStructure) -> bytes:
    """The data set with a minimal file meta group, as pydicom's file reader wants it."""
    syntax = EXPLICIT_LITTLE if structure.deflated else structure.transfer_syntax_uid
    uid = syntax.encode("ascii")
    uid += b"\0" * (len(uid) % 2)
    element = b"\x02\x00\x10\x00UI" + len(uid).to_bytes(2, "little") + uid
    length = b"\x02\x00\x00\x00UL\x04\x00" + len(element).to_bytes(4, "little")
    return b"\0" * 128 + b"DICM" + length + element + structure.data[structure.start : structure.end]
