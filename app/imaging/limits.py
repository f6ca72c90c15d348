"""The bounds within which files are read, and inflating within them.

A header is a claim. What it claims is compared with these bounds and with the bytes that are there
before anything is allocated.
"""

import zlib
from dataclasses import dataclass

from app.imaging.errors import N_, LimitExceeded, TruncatedFile

MIB = 1024 * 1024

# Images deflate by 2 to 20; empty masks reach the method's own limit of about 1000, but are small.
_INFLATION_FREE = 16 * MIB
_INFLATION_RATIO = 100
_INFLATE_STEP = 1 * MIB


@dataclass(frozen=True)
class ReadLimits:
    """How much one file may hold.

    Attributes
    ----------
    max_pixels_bytes : int
        Decoded pixels of all frames.
    max_frame_bytes : int
        Decoded pixels of one frame, the most that is held at once.
    max_frames : int
        Frames of one file, each of which gets a header of its own.
    max_elements : int
        Data elements and items, nested ones counted: a frame of an enhanced MR has some 140.
    max_siblings : int
        Different elements of one data set or item, whose places are remembered.
    max_depth : int
        Sequences inside sequences.
    max_header_bytes : int
        One file's elements other than Pixel Data.
    max_inflated_bytes : int
        A data set of a deflated transfer syntax once inflated; the ratio is bounded too.
    max_volume_bytes : int
        The stacked array of one series.
    """

    max_pixels_bytes: int = 2048 * MIB
    max_frame_bytes: int = 256 * MIB
    max_frames: int = 20_000
    max_elements: int = 1_000_000
    max_siblings: int = 200_000
    max_depth: int = 32
    max_header_bytes: int = 256 * MIB
    max_inflated_bytes: int = 256 * MIB
    max_volume_bytes: int = 8192 * MIB

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if value < 1:
                raise ValueError(f"{name} must be at least 1, not {value}")


DEFAULT_LIMITS = ReadLimits()


def inflate(deflated: bytes, limits: ReadLimits = DEFAULT_LIMITS) -> bytes:
    """The raw deflate stream *deflated*, inflated no further than the limits.

    Raises
    ------
    LimitExceeded
        More than ``max_inflated_bytes``, or a ratio that images do not reach: a deflate bomb.
    TruncatedFile
        The stream is damaged or ends early.

    References
    ----------
    PS3.5 A.5, Deflated Explicit VR Little Endian.
    """
    allowed = min(limits.max_inflated_bytes, max(_INFLATION_FREE, _INFLATION_RATIO * len(deflated)))
    engine = zlib.decompressobj(-zlib.MAX_WBITS)
    pieces: list[bytes] = []
    total = 0
    pending = deflated
    try:
        while not engine.eof:
            piece = engine.decompress(pending, _INFLATE_STEP)
            pending = engine.unconsumed_tail
            if not piece and not pending:
                break
            total += len(piece)
            if total > allowed:
                raise LimitExceeded(
                    N_("The deflated data set grows beyond %(limit)s bytes from %(size)s."),
                    limit=allowed,
                    size=len(deflated),
                )
            pieces.append(piece)
    except zlib.error:
        raise _broken_stream() from None
    if not engine.eof:
        raise _broken_stream()
    return b"".join(pieces)


def _broken_stream() -> TruncatedFile:
    return TruncatedFile(
        N_("Truncated: the deflated data set is damaged or ends early. Copy it again from its source.")
    )
