"""What a compressed frame itself states, read before a decoder allocates by it.

A codestream of 800 bytes may state 13,000 × 13,000 pixels whatever Rows and Columns say, and
decoders believe it. It says its samples' precision and colour too, and there it is mostly more
honest than the header (PS3.5 8.2: the stream controls the decompression).

References
----------
ITU-T T.81 B.2 (JPEG), T.87 C.2 (JPEG-LS), T.800 A.5.1 and A.6.1 (JPEG 2000), T.871 (JFIF);
Adobe technical note 5116 (APP14).
"""

import math
import struct
from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal["jpeg", "jpeg_lossless", "jpeg_ls", "jpeg_2000"]

# Frame headers of all JPEG processes, without the DHT, JPG and DAC markers among them; F7 is JPEG-LS.
_FRAME_HEADERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC} | {0xF7}
_LOSSLESS = frozenset((0xC3, 0xC7, 0xCB, 0xCF))
_WITHOUT_LENGTH = frozenset((0x01, *range(0xD0, 0xD9)))
_START_OF_SCAN, _APP0, _APP14 = 0xDA, 0xE0, 0xEE
_RGB_IDS = (b"RGB", b"rgb")
_JP2_SIGNATURE = b"\x00\x00\x00\x0cjP  "
_CODESTREAM_START = b"\xff\x4f\xff\x51"
_CODING_STYLE = 0xFF52
# A tile-part header and the marker behind it.
_LEAST_TILE_BYTES = 14


@dataclass(frozen=True)
class Codestream:
    """The header of a JPEG, JPEG-LS or JPEG 2000 codestream.

    Attributes
    ----------
    kind : str
        The family, by its markers and not by the transfer syntax.
    process : int
        JPEG and JPEG-LS: the second byte of the frame header, 0xC0 … 0xCF or 0xF7; JPEG 2000: 0.
    precision : int
        Bits of a sample.
    signed : bool
        JPEG 2000 only; the others know no sign.
    colour : str
        "RGB" or "YBR" where the stream says which of them its three components are, else "".
        A JPEG 2000 component transform counts as "RGB": the decoder undoes it.
    start : int
        Where the codestream begins, behind the boxes of a JP2 file.
    is_possible : bool
        False for what no decoder may be given: a JPEG 2000 stream with more tiles or precincts than its
        bytes can hold, without coding style, or with components of several sizes.
    """

    kind: Kind
    process: int
    rows: int
    columns: int
    components: int
    precision: int
    signed: bool = False
    colour: str = ""
    start: int = 0
    is_possible: bool = True


def starts_codestream(piece: bytes) -> bool:
    """Whether *piece* begins as a JPEG, JPEG-LS or JPEG 2000 stream does."""
    return piece[:3] == b"\xff\xd8\xff" or piece[:4] == _CODESTREAM_START or piece[:8] == _JP2_SIGNATURE


def read_codestream(frame: bytes) -> Codestream | None:
    """The header stated in *frame*; None when none of a known kind, or no possible one, is found."""
    try:
        stated = _jpeg(frame) if frame[:2] == b"\xff\xd8" else _jpeg_2000(frame)
    except (struct.error, IndexError, ZeroDivisionError):
        return None
    if stated is None or min(stated.rows, stated.columns, stated.components, stated.precision) < 1:
        return None
    return stated


def _jpeg(frame: bytes) -> Codestream | None:
    at = 2
    adobe: int | None = None
    jfif = False
    found: Codestream | None = None
    while at < len(frame):
        if frame[at] != 0xFF:
            return None
        marker = frame[at + 1]
        if marker == 0xFF:  # fill byte
            at += 1
            continue
        if marker in _WITHOUT_LENGTH:
            at += 2
            continue
        length = max(2, struct.unpack_from(">H", frame, at + 2)[0])
        if marker == _START_OF_SCAN:
            return found and _with_colour(found, adobe, jfif)
        if marker in _FRAME_HEADERS:
            if found is not None:
                return None  # a second frame would be the one that some decoders allocate for
            found = _frame_header(frame, at)
        elif marker == _APP0:
            jfif = jfif or frame[at + 4 : at + 9] == b"JFIF\0"
        elif marker == _APP14 and frame[at + 4 : at + 9] == b"Adobe" and length >= 14:
            adobe = frame[at + 15]
        at += 2 + length
    return None


def _frame_header(frame: bytes, at: int) -> Codestream:
    process = frame[at + 1]
    precision, rows, columns, components = struct.unpack_from(">BHHB", frame, at + 4)
    parts = [struct.unpack_from(">BB", frame, at + 10 + 3 * part) for part in range(min(components, 4))]
    colour = ""
    if components == 3:
        if bytes(part[0] for part in parts) in _RGB_IDS:
            colour = "RGB"
        elif process != 0xF7 and len({part[1] for part in parts}) > 1:
            # Nobody thins out red or blue: where the components differ in size, two are chroma.
            colour = "YBR"
    kind: Kind = "jpeg_ls" if process == 0xF7 else "jpeg_lossless" if process in _LOSSLESS else "jpeg"
    return Codestream(kind, process, rows, columns, components, precision, colour=colour)


def _with_colour(found: Codestream, adobe: int | None, jfif: bool) -> Codestream:
    """*found* with what the application markers say of its colour."""
    if found.components != 3 or found.kind == "jpeg_ls":
        return found
    if adobe is not None:
        return replace(found, colour="YBR" if adobe == 1 else "RGB")
    # JFIF knows no RGB; but encoders of lossless JPEG write its marker for anything.
    if jfif and found.kind == "jpeg" and not found.colour:
        return replace(found, colour="YBR")
    return found


def _jpeg_2000(frame: bytes) -> Codestream | None:
    start = _codestream_start(frame)
    if start is None:
        return None
    width, height, left, top, tile_width, tile_height, tile_left, tile_top = struct.unpack_from(
        ">8I", frame, start + 8
    )
    components = struct.unpack_from(">H", frame, start + 40)[0]
    depth = frame[start + 42]
    if left >= width or top >= height:
        return None
    # All components alike: DICOM has one Bits Stored for them (each has its Ssiz, XRsiz, YRsiz).
    sizes = {bytes(frame[start + 42 + 3 * c : start + 45 + 3 * c]) for c in range(min(components, 5))}
    tiles = -(-(width - tile_left) // tile_width) * -(-(height - tile_top) // tile_height)
    style = _coding_style(frame, start)
    # Decoders allocate kilobytes for each tile, and some bytes for each precinct.
    possible = sizes == {bytes((depth, 1, 1))} and tiles * _LEAST_TILE_BYTES <= len(frame)
    return Codestream(
        "jpeg_2000",
        0,
        height - top,
        width - left,
        components,
        (depth & 0x7F) + 1,
        signed=bool(depth & 0x80),
        colour="RGB" if style and style[4] and components == 3 else "",
        start=start,
        is_possible=possible and _precincts(style, width - left, height - top) <= len(frame),
    )


def _coding_style(frame: bytes, start: int) -> bytes:
    """The COD segment behind its length: Scod, progression, layers, transform, levels, …; else b""."""
    at = start + 2
    while at + 4 <= len(frame):
        marker, length = struct.unpack_from(">HH", frame, at)
        if marker == _CODING_STYLE:
            return frame[at + 4 : at + 2 + length]
        if not 0xFF50 <= marker < 0xFF90 or length < 2:
            break
        at += 2 + length
    return b""


def _precincts(style: bytes, width: int, height: int) -> float:
    """The number of precincts of the full resolution; each takes one byte of the stream or more."""
    if len(style) < 10:
        return math.inf
    if not style[0] & 1:
        return 1
    size = style[10 + style[5]]  # the last of the sizes is that of the full resolution
    return (-(-width >> (size & 15))) * (-(-height >> (size >> 4)))


def _codestream_start(frame: bytes) -> int | None:
    """DICOM wants the bare codestream; some writers wrap it in JP2 boxes all the same (PS3.5 A.4.4)."""
    if frame[:4] == _CODESTREAM_START:
        return 0
    at = 0
    while at + 8 <= len(frame) and frame[:8] == _JP2_SIGNATURE:
        length, kind = struct.unpack_from(">I4s", frame, at)
        header = 8
        if length == 1:
            length, header = struct.unpack_from(">Q", frame, at + 8)[0], 16
        if kind == b"jp2c":
            start = at + header
            return start if frame[start : start + 4] == _CODESTREAM_START else None
        if length < header:
            return None
        at += length
    return None
