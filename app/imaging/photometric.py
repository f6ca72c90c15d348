"""Decoded samples to 8-bit RGB: palettes, luminance and chroma, and samples of other depths.

References
----------
PS3.3 C.7.6.3.1.2 (Photometric Interpretation).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from app.imaging.decoders import Samples
from app.imaging.errors import N_, InvalidElement, UnsupportedData
from app.imaging.layout import PHOTOMETRIC_TERMS, PixelLayout
from app.imaging.palette import read_palette

# Red, green, blue from Cb and Cr (ITU-R BT.601, full range), luminance added to each.
_FROM_CHROMA = np.array(
    [[0.0, -0.114 * 1.772 / 0.587, 1.772], [1.402, -0.299 * 1.402 / 0.587, 0.0]], np.float32
)

_ROWS_AT_ONCE = 64


def to_rgb(samples: Samples, header: Dataset, layout: PixelLayout) -> NDArray[np.uint8]:
    """One frame of colour as (rows, columns, 3) uint8 RGB.

    Parameters
    ----------
    header : Dataset
        Holds the palette's elements as they lie in the file.

    Raises
    ------
    UnsupportedData
        ARGB, CMYK, HSV, YBR_PARTIAL_… and other colours that are not read, by name.
    InvalidElement
        The palette is broken, or samples are negative.
    """
    if samples.photometric == "PALETTE COLOR" and samples.values.ndim == 2:
        if samples.values.dtype.kind not in "iu":
            raise _unsupported(samples, layout)
        return read_palette(header, signed=layout.signed).look_up(samples.values)
    if samples.photometric not in ("RGB", "YBR_FULL") or layout.samples != 3:
        raise _unsupported(samples, layout)
    values = samples.values
    if values.dtype.kind not in "iu":
        raise _unsupported(samples, layout)
    if values.dtype.kind == "i" and values.min() < 0:
        raise InvalidElement(
            N_("Pixel Representation (0028,0103) is %(found)s: colours cannot be negative."), found=1
        )
    eight = _eight_bits(values.view(values.dtype.str.replace("i", "u")), samples.bits)
    return eight if samples.photometric == "RGB" else ybr_to_rgb(eight)


def ybr_to_rgb(ybr: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(…, 3) uint8 YBR_FULL as RGB, rounded and clipped (PS3.3 C.7.6.3.1.2)."""
    found = np.empty(ybr.shape, np.uint8)
    for start in range(0, len(ybr), _ROWS_AT_ONCE):  # float32 takes four times the memory
        rows = ybr[start : start + _ROWS_AT_ONCE]
        rgb = rows[..., :1] + (rows[..., 1:].astype(np.float32) - 128) @ _FROM_CHROMA
        found[start : start + _ROWS_AT_ONCE] = np.clip(np.floor(rgb + np.float32(0.5)), 0, 255)
    return found


def _eight_bits(values: NDArray[Any], bits: int) -> NDArray[np.uint8]:
    """Samples of *bits* bits in 8: equal steps of the deeper ones, the full range of the shallower ones."""
    # A sample beyond its bits would wrap round: white would become black.
    held = np.minimum(values, 2**bits - 1)
    if bits >= 8:
        eight: NDArray[np.uint8] = (held >> (bits - 8)).astype(np.uint8)
    else:
        eight = (held.astype(np.uint16) * 255 // (2**bits - 1)).astype(np.uint8)
    return eight


def _unsupported(samples: Samples, layout: PixelLayout) -> UnsupportedData:
    # What is no defined term may be anything, a name too, and is not to be quoted.
    if samples.photometric not in PHOTOMETRIC_TERMS:
        return UnsupportedData(N_("Photometric Interpretation (0028,0004) is none that is known."))
    return UnsupportedData(
        N_(
            "Photometric Interpretation (0028,0004) %(photometric)s with %(samples)s samples a pixel "
            "is not supported."
        ),
        photometric=samples.photometric,
        samples=layout.samples,
    )
