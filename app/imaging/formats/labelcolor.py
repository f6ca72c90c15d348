"""Recommended Display CIELab Value (0062,000D) as sRGB.

References
----------
PS3.3 C.10.7.1.1 (Encoding of CIELab Values: L* 0…100 and a*, b* −128…127 on 0…65535, white point D50);
IEC 61966-2-1 (sRGB); Lindbloom, Bradford-adapted sRGB matrix for D50.
"""

from collections.abc import Sequence

import numpy as np

_WHITE_D50 = np.array([0.96422, 1.0, 0.82521])
_RGB_FROM_XYZ = np.array(
    [
        [3.1338561, -1.6168667, -0.4906146],
        [-0.9787684, 1.9161415, 0.0334540],
        [0.0719453, -0.2289914, 1.4052427],
    ]
)
_EPSILON, _KAPPA = 216 / 24389, 24389 / 27


def rgb_from_cielab(stored: Sequence[float]) -> tuple[int, int, int] | None:
    """The three numbers 0…65535 of the element as sRGB 0…255; None where they are none."""
    if len(stored) != 3 or not all(0 <= value <= 65535 for value in stored):
        return None
    lightness, a, b = stored[0] * 100 / 65535, stored[1] * 255 / 65535 - 128, stored[2] * 255 / 65535 - 128
    y = (lightness + 16) / 116
    f = np.array([y + a / 500, y, y - b / 200])
    relative = np.where(f**3 > _EPSILON, f**3, (116 * f - 16) / _KAPPA)
    linear = np.clip(_RGB_FROM_XYZ @ (relative * _WHITE_D50), 0, 1)
    shown = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    red, green, blue = (int(value) for value in np.rint(255 * shown))
    return red, green, blue
