"""Which decoded samples are negative: what Pixel Representation says of a codestream's bits.

References
----------
PS3.5 8.2.3 (JPEG-LS), 8.2.4 (JPEG 2000).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.imaging.codestream import Codestream
from app.imaging.errors import N_, InvalidElement
from app.imaging.layout import PixelLayout


def with_sign(values: NDArray[Any], stream: Codestream, layout: PixelLayout) -> NDArray[Any]:
    """Grey *values* with the sign that Pixel Representation gives them.

    JPEG and JPEG-LS know no sign, and some writers of JPEG 2000 leave it out: −2000 in 13 bits comes as 6192.
    The header gives the meaning of the bits (PS3.5 8.2.3, 8.2.4); where the two cannot both be right, the
    image is refused.

    Raises
    ------
    InvalidElement
        Which values are negative cannot be told.
    """
    if not layout.signed:
        if stream.signed and values.size and values.min() < 0:
            raise _contradicts(stream, layout)
        if stream.kind == "jpeg_lossless" and stream.precision > layout.bits_stored:
            # Old writers compressed whole cells, overlays in the upper bits and all; those are no pixels.
            values = np.bitwise_and(values, 2**layout.bits_stored - 1)
        return values
    if stream.signed:
        return values
    held = values.view(values.dtype.str.replace("u", "i"))
    highest = int(values.max())
    if stream.precision <= layout.bits_stored:
        if stream.precision < layout.bits_stored and highest >= 2 ** (stream.precision - 1):
            raise _contradicts(stream, layout)
        return _sign_extended(held, stream.precision)
    # The whole cell was compressed: its upper bits are copies of the sign, or zeros.
    extended = _sign_extended(held, stream.precision)
    low, high = int(extended.min()), int(extended.max())
    half = 2 ** (layout.bits_stored - 1)
    if -half <= low and high < half:
        return extended
    if low >= 0 and high < 2 * half:
        return _sign_extended(held, layout.bits_stored)
    raise _contradicts(stream, layout)


def _sign_extended(held: NDArray[Any], bits: int) -> NDArray[Any]:
    unused = 8 * held.dtype.itemsize - bits
    return (held << unused) >> unused if unused else held


def _contradicts(stream: Codestream, layout: PixelLayout) -> InvalidElement:
    return InvalidElement(
        N_(
            "Bits Stored (0028,0101) is %(bits)s and Pixel Representation (0028,0103) is %(sign)s, but the "
            "compressed samples have %(precision)s bits: which values are negative cannot be told."
        ),
        bits=layout.bits_stored,
        sign=int(layout.signed),
        precision=stream.precision,
    )
