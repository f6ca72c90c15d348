"""Recommended Display CIELab Value (0062,000D) as sRGB.

The standard names the white point D50; those who write segmentations (dcmtk and dcmqi, PixelMed, highdicom)
take that of sRGB, D65, and only so do their colours come back as they were chosen.

References
----------
PS3.3 C.10.7.1.1 (Encoding of CIELab Values: L* 0…100 and a*, b* −128…127 on 0…65535); IEC 61966-2-1 (sRGB).
"""

from collections.abc import Sequence

import numpy as np

_WHITE_D65 = np.array([0.9505, 1.0, 1.0889])
_RGB_FROM_XYZ = np.array([[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]])
_EPSILON, _KAPPA = 216 / 24389, 24389 / 27


def rgb_from_cielab(stored: Sequence[float]) -> tuple[int, int, int] | None:
    """The three numbers 0…65535 of the element as sRGB 0…255; None where they are none."""
    if len(stored) != 3 or not all(0 <= value <= 65535 for value in stored):
        return None
    lightness, a, b = stored[0] * 100 / 65535, stored[1] * 255 / 65535 - 128, stored[2] * 255 / 65535 - 128
    y = (lightness + 16) / 116
    f = np.array([y + a / 500, y, y - b / 200])
    relative = np.where(f**3 > _EPSILON, f**3, (116 * f - 16) / _KAPPA)
    linear = np.clip(_RGB_FROM_XYZ @ (relative * _WHITE_D65), 0, 1)
    shown = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    red, green, blue = (int(value) for value in np.rint(255 * shown))
    return red, green, blue
