"""Content codings of a stream: gzip and Zstandard, piece by piece, and which of them a client takes.

Each piece leaves at once and whole, so that what has arrived can be shown. gzip is one member that is flushed
after each piece, for browsers ignore a second member. Zstandard is one frame a piece (RFC 8878 3.1: frames
follow one another); a frame needs a window of its own size, and RFC 9659 lets browsers refuse over 8 MiB.

A frame may hold its bytes as they are. So a stream is packed only while the line is slower than packing: to a
browser on the same machine a CT comes in a third of the time (docs/performance.md).
"""

import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Literal, Protocol

import imagecodecs
import numpy as np
from numpy.typing import NDArray

try:
    # zlib takes five times as long. There are machines for which there is no isal.
    from isal import isal_zlib as _deflate
except ImportError:
    import zlib as _deflate  # type: ignore[no-redef]

Coding = Literal["identity", "gzip", "zstd"]
CODINGS: tuple[Coding, ...] = ("zstd", "gzip", "identity")
"""The first one is taken where a client likes several alike; docs/performance.md has the figures."""

_LEVEL = 1
_GZIP = 31  # zlib's way to ask for a gzip head
_PIECE = 1 << 20  # bytes of an uncompressed piece
_FRAME = 4 << 20  # bytes in a frame
# What packing gains: of 3 MiB of CT it saves 1.4 in 9 ms, so over 150 MB/s the line needs less for them.
_QUICK_LINE = 150e6  # bytes a second
_MEMORY = 0.9
_BLOCK = 128 * 1024  # the largest block of a frame, RFC 8878 3.1.1.2.4
_MAGIC = (0xFD2FB528).to_bytes(4, "little")
_SIZE_IN_FOUR_BYTES = b"\xa0"  # Frame_Header_Descriptor: single segment
Pieces = Iterable[NDArray[np.uint8]]


class Accepted(Protocol):
    """What is asked of werkzeug's Accept-Encoding."""

    def quality(self, key: str) -> float: ...
    def __len__(self) -> int: ...


def chosen_coding(accepted: Accepted) -> Coding:
    """The coding that a client likes best; none is always understood, whatever it says (RFC 9110 12.5.3)."""
    liked = {coding: accepted.quality(coding) for coding in CODINGS if coding != "identity"}
    best = max(liked, key=lambda coding: liked[coding])
    # Who names identity explicitly with a higher weight, as tools do on a fast network, gets it.
    return best if liked[best] > 0 and liked[best] >= accepted.quality("identity") else "identity"


def coded(pieces: Pieces, coding: Coding) -> Iterator[bytes]:
    """*pieces*, arrays of bytes, in a content coding."""
    return {"identity": _identity, "gzip": _gzip, "zstd": _zstd}[coding](pieces)


def _identity(pieces: Pieces) -> Iterator[bytes]:
    return (part.tobytes() for part in _parts(pieces, _PIECE))


def _gzip(pieces: Pieces) -> Iterator[bytes]:
    stream = _deflate.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
    for piece in pieces:
        yield from (stream.compress(part) for part in _parts((piece,), _PIECE))
        yield stream.flush(zlib.Z_SYNC_FLUSH)
    yield stream.flush(zlib.Z_FINISH)


def _zstd(pieces: Pieces, clock: Callable[[], float] = time.perf_counter) -> Iterator[bytes]:
    sent, spent = 0.0, 0.0
    for part in _parts(pieces, _FRAME):
        frame = _as_it_is(part) if sent > spent * _QUICK_LINE else _packed(part)
        began = clock()
        yield frame
        # Sockets take some pieces at once and then none for a while: the mean of some ten tells the line.
        sent, spent = sent * _MEMORY + len(frame), spent * _MEMORY + clock() - began


def _packed(part: NDArray[np.uint8]) -> bytes:
    # It takes any buffer, whatever its annotations say.
    encode: Callable[..., bytes | bytearray] = imagecodecs.zstd_encode
    return bytes(encode(part, level=_LEVEL))


def _as_it_is(part: NDArray[np.uint8]) -> bytes:
    """A Zstandard frame of raw blocks (RFC 8878 3.1.1)."""
    pieces = [_MAGIC, _SIZE_IN_FOUR_BYTES, part.size.to_bytes(4, "little")]
    for start in range(0, part.size, _BLOCK):
        block = part[start : start + _BLOCK]
        is_last = start + _BLOCK >= part.size
        pieces += [(block.size << 3 | is_last).to_bytes(3, "little"), block.tobytes()]
    return b"".join(pieces)


def _parts(pieces: Pieces, most: int) -> Iterator[NDArray[np.uint8]]:
    """*pieces* in parts of at most *most* bytes, so that little is held at a time."""
    for piece in pieces:
        for start in range(0, piece.size, most):
            yield piece[start : start + most]
