"""Isodose lines: where a plane of dose has given values."""

from collections.abc import Sequence

import numpy as np
from contourpy import LineType, contour_generator  # Matplotlib's own engine, and comes with it
from numpy.typing import NDArray

Line = NDArray[np.float64]


def isodose_lines(plane: NDArray[np.float32], levels: Sequence[float]) -> dict[float, tuple[Line, ...]]:
    """The lines at which *plane* has the values *levels*.

    Parameters
    ----------
    plane : (rows, columns) float array
        NaN where there is no dose: lines end there.
    levels : in the unit of the plane

    Returns
    -------
    dict of level → (N, 2) float arrays
        (column, row), pixel centres at integers, linear between centres. A closed line ends as it began.
    """
    if min(plane.shape) < 2:
        return {float(level): () for level in levels}
    generator = contour_generator(
        z=np.ma.masked_invalid(plane), line_type=LineType.Separate, corner_mask=False
    )
    return {
        float(level): tuple(np.asarray(line, np.float64) for line in generator.lines(float(level)))
        for level in levels
    }
