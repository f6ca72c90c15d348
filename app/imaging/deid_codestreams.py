"""Text that lies inside compressed pixels: comments and application data of the codestreams, and tails.

The coded picture is left out, where chance would spell short words; so are tables, whose bytes run through
the alphabet.

References
----------
ITU-T T.81 B.1.1.3 (APPn, COM), T.800 A.9.2 (COM); PS3.5 A.4.
"""

import mmap
import struct
from collections.abc import Iterable, Iterator

_APPLICATION = range(0xE0, 0xF0)
_COMMENT, _COMMENT_2000 = 0xFE, 0x64
_START_OF_SCAN, _START_OF_TILE = 0xDA, 0x90
_END_OF_IMAGE = b"\xff\xd9"
_MOST_SEGMENTS = 1000
_MOST_TAIL = 65536


def codestream_texts(data: "bytes | mmap.mmap", fragments: Iterable[tuple[int, int]]) -> bytes:
    """The bytes of all fragments, (offset, length) in *data*, that are neither picture nor tables."""
    return b"\0\0".join(
        text for start, length in fragments for text in _texts(data, start, start + length) if text
    )


def _texts(data: "bytes | mmap.mmap", start: int, stop: int) -> Iterator[bytes]:
    at = start + 2
    if data[start:at] not in (b"\xff\xd8", b"\xff\x4f"):
        return  # goes on with a picture, or is a table of offsets
    for _ in range(_MOST_SEGMENTS):
        if at + 4 > stop or data[at] != 0xFF:
            break
        marker, length = data[at + 1], struct.unpack_from(">H", data, at + 2)[0]
        if marker in (_START_OF_SCAN, _START_OF_TILE) or length < 2:
            break
        if marker in _APPLICATION or marker in (_COMMENT, _COMMENT_2000):
            yield data[at + 4 : min(stop, at + 2 + length)]
        at += 2 + length
    end = data.rfind(_END_OF_IMAGE, at, stop)
    if end >= 0:
        yield data[end + 2 : min(stop, end + 2 + _MOST_TAIL)]
