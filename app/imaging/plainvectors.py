"""Vectors of three doubles by one operation at a time, in an order that is written down.

``static/js/lib/planelattice.js`` does the same operations in the same order and so comes to the same last
bit, which nobody promises of a BLAS. These numbers decide which pixel shows what; speed does not matter here.
"""

import math
from collections.abc import Sequence

Numbers = Sequence[float]


def length(a: Numbers) -> float:
    """How long the vector is."""
    return math.sqrt(a[0] * a[0] + a[1] * a[1] + a[2] * a[2])


def unit(a: Numbers) -> list[float]:
    """The vector of length 1 in that direction."""
    size = length(a)
    return [value / size for value in a]


def scaled(a: Numbers, by: float) -> list[float]:
    """``a × by``."""
    return [value * by for value in a]


def added(a: Numbers, b: Numbers, times: float) -> list[float]:
    """``a + b × times``."""
    return [a[axis] + b[axis] * times for axis in range(3)]


def cross(a: Numbers, b: Numbers) -> list[float]:
    """The vector product."""
    return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]


def product(rows: Sequence[Numbers], a: Numbers) -> list[float]:
    """The left three columns of *rows* times *a*."""
    return [row[0] * a[0] + row[1] * a[1] + row[2] * a[2] for row in rows]


def inverse(rows: Sequence[Numbers]) -> list[list[float]]:
    """The inverse of the left three columns of *rows*, by cofactors.

    Raises
    ------
    ValueError
        There is none.
    """
    (a, b, c), (d, e, f), (g, h, i) = (row[:3] for row in rows)
    determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
    if abs(determinant) < 1e-12:
        raise ValueError("the affine has no inverse")
    turned = (
        (e * i - f * h, c * h - b * i, b * f - c * e),
        (f * g - d * i, a * i - c * g, c * d - a * f),
        (d * h - e * g, b * g - a * h, a * e - b * d),
    )
    return [[value / determinant for value in row] for row in turned]
