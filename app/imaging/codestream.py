"""The size that a compressed frame itself states, read before a decoder allocates by it.

A codestream of 800 bytes may state 13,000 × 13,000 pixels whatever Rows and Columns say, and
decoders believe it.

References
----------
ITU-T T.81 B.2 (JPEG), T.87 C.2 (JPEG-LS), T.800 A.5.1 (JPEG 2000).
"""

import struct
from dataclasses import dataclass

# Frame headers of all JPEG processes, without the DHT, JPG and DAC markers among them; F7 is JPEG-LS.
_FRAME_HEADERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC} | {0xF7}
_WITHOUT_LENGTH = frozenset((0x01, *range(0xD0, 0xD9)))
_JP2_SEARCH = 4096


@dataclass(frozen=True)
class CodestreamSize:
    """Rows, columns and components of a JPEG, JPEG-LS or JPEG 2000 codestream."""

    rows: int
    columns: int
    components: int


def codestream_size(frame: bytes) -> CodestreamSize | None:
    """The size stated in *frame*; None when no header of a known kind is found."""
    try:
        if frame[:2] == b"\xff\xd8":
            return _jpeg_size(frame)
        return _jpeg_2000_size(frame)
    except (struct.error, IndexError):
        return None


def _jpeg_size(frame: bytes) -> CodestreamSize | None:
    at = 2
    while at < len(frame):
        if frame[at] != 0xFF:
            return None
        marker = frame[at + 1]
        if marker == 0xFF:  # fill byte
            at += 1
        elif marker in _FRAME_HEADERS:
            rows, columns, components = struct.unpack_from(">HHB", frame, at + 5)
            return CodestreamSize(rows, columns, components)
        elif marker in _WITHOUT_LENGTH:
            at += 2
        else:
            at += 2 + max(2, struct.unpack_from(">H", frame, at + 2)[0])
    return None


def _jpeg_2000_size(frame: bytes) -> CodestreamSize | None:
    # DICOM wants the bare codestream; some writers wrap it in JP2 boxes all the same.
    start = frame.find(b"\xff\x4f\xff\x51", 0, _JP2_SEARCH)
    if start < 0:
        return None
    width, height, left, top = struct.unpack_from(">IIII", frame, start + 8)
    components = struct.unpack_from(">H", frame, start + 40)[0]
    return CodestreamSize(height - top, width - left, components)
