"""Colour tables for grey slices: (256, 3) uint8, made once and kept read-only.

All come from Matplotlib, which is imported when the first one is asked for, except two: ``gray`` is the
identity (Matplotlib's is off by one grey here and there), and ``pet`` is the Hot Iron palette of DICOM
(PS3.6 Annex B.1.1).
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

_MATPLOTLIB_NAMES = {
    "bone": "bone",
    "hot": "hot",
    "jet": "jet",
    "magma": "magma",
    "viridis": "viridis",
    "spectral": "nipy_spectral",  # the one that neuroimaging tools call by this name
}

COLORMAPS: tuple[str, ...] = ("gray", *_MATPLOTLIB_NAMES, "pet")
"""Names that :func:`colormap_table` knows; ``gray`` is the identity."""


@lru_cache(maxsize=len(COLORMAPS))
def colormap_table(name: str) -> NDArray[np.uint8]:
    """Red, green and blue for each grey value.

    Returns
    -------
    (256, 3) uint8 array, read-only because all callers share it.

    Raises
    ------
    ValueError
        For a name that is not in :data:`COLORMAPS`.
    """
    if name not in COLORMAPS:
        raise ValueError(f"unknown colour map {name!r}; known: {', '.join(COLORMAPS)}")
    if name == "gray":
        table = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    elif name == "pet":
        table = _hot_iron()
    else:
        table = _from_matplotlib(_MATPLOTLIB_NAMES[name])
    table.setflags(write=False)
    return table


def apply(grey: NDArray[np.uint8], name: str) -> NDArray[np.uint8]:
    """Colour a (height, width) uint8 array: (height, width, 3) uint8, red, green, blue."""
    return np.take(colormap_table(name), grey, axis=0)


def _from_matplotlib(name: str) -> NDArray[np.uint8]:
    from matplotlib import colormaps

    colours = colormaps[name].resampled(256)(np.arange(256), bytes=True)
    return np.ascontiguousarray(colours[:, :3], dtype=np.uint8)


def _hot_iron() -> NDArray[np.uint8]:
    """Hot Iron, PS3.6 B.1.1: red rises over the first half, green over the second, blue at the end."""
    step = np.arange(256)
    table = np.empty((256, 3), np.uint8)
    table[:, 0] = np.clip(2 * step, 0, 255)
    table[:, 1] = np.clip(2 * (step - 128), 0, 255)
    table[:, 2] = np.clip(4 * (step - 191), 0, 255)
    table[255] = 255  # the standard's table ends in pure white
    return table
