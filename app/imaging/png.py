"""Eight-bit PNG for slices, quick enough that nothing needs to be kept: about 0.5 ms for 512×512.

Every row is filtered with type 2 ("Up": minus the row above, modulo 256), which is one array subtraction, and
the whole block is deflated once at level 1 by ISA-L. Decoded pixels are identical to the input.

References: PNG specification (ISO/IEC 15948), clauses 5, 9 and 11.
"""

import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

try:
    from isal import isal_zlib as _deflate
except ImportError:  # no wheel for this machine: the same picture, three times slower and as small
    import zlib as _deflate  # type: ignore[no-redef]

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_GREY, _RGB, _INDEXED = 0, 2, 3
_FILTER_UP = 2


def encode_grey(grey: NDArray[np.uint8]) -> bytes:
    """PNG of a (height, width) uint8 array, any strides."""
    _check(grey, 2)
    height, width = grey.shape
    return _assemble(grey, width, height, _GREY)


def encode_rgb(rgb: NDArray[np.uint8]) -> bytes:
    """PNG of a (height, width, 3) uint8 array, any strides."""
    _check(rgb, 3)
    height, width, samples = rgb.shape
    if samples != 3:
        raise ValueError(f"3 samples per pixel are wanted, not {samples}")
    # Pixels of three bytes filtered by "Up" do not differ from rows of three times the width.
    return _assemble(rgb.reshape(height, width * 3), width, height, _RGB)


def encode_indexed(grey: NDArray[np.uint8], palette: NDArray[np.uint8]) -> bytes:
    """PNG of a (height, width) uint8 array coloured by a (256, 3) uint8 palette: as quick as a grey one."""
    _check(grey, 2)
    if palette.shape != (256, 3) or palette.dtype != np.uint8:
        raise ValueError("the palette must be a (256, 3) uint8 array")
    height, width = grey.shape
    return _assemble(grey, width, height, _INDEXED, _chunk(b"PLTE", palette.tobytes()))


def _check(pixels: NDArray[Any], dimensions: int) -> None:
    if pixels.dtype != np.uint8 or pixels.ndim != dimensions or 0 in pixels.shape:
        raise ValueError(
            f"a non-empty uint8 array of {dimensions} dimensions is wanted, "
            f"not {pixels.dtype} of shape {pixels.shape}"
        )


def _assemble(
    rows: NDArray[np.uint8], width: int, height: int, colour_type: int, extra: bytes = b""
) -> bytes:
    """The whole file for *rows*, (height, bytes per row)."""
    filtered = np.empty((height, rows.shape[1] + 1), np.uint8)
    filtered[:, 0] = _FILTER_UP
    filtered[0, 1:] = rows[0]  # the row above the first counts as zero
    np.subtract(rows[1:], rows[:-1], out=filtered[1:, 1:])
    header = struct.pack(">IIBBBBB", width, height, 8, colour_type, 0, 0, 0)
    return b"".join(
        (
            _SIGNATURE,
            _chunk(b"IHDR", header),
            extra,
            _chunk(b"IDAT", _deflate.compress(filtered, 1)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    checksum = _deflate.crc32(data, _deflate.crc32(kind))
    return b"".join((struct.pack(">I", len(data)), kind, data, struct.pack(">I", checksum)))
