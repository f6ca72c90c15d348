"""Which volumes a network can be shown: it scales values by their mean and deviation."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.engines.base import EngineVolume
from app.imaging.errors import N_, ImagingError


class UnsuitableVolume(ImagingError):
    """No object can be looked for in this volume; the message says why."""

    code = "unsuitable_volume"


def check_volume(volume: EngineVolume) -> None:
    """Refuse what an engine would take without a word and never answer.

    Raises
    ------
    UnsuitableVolume
    """
    array = volume.array
    if array.ndim != 3 or array.shape != volume.grid.shape_kji or not array.size:
        raise UnsuitableVolume(
            N_("The volume is an array of %(found)s; one value for each of %(limit)s voxels is wanted."),
            found=" × ".join(str(n) for n in array.shape),
            limit=" × ".join(str(n) for n in volume.grid.shape_kji),
        )
    if array.dtype.kind not in "iuf":
        raise UnsuitableVolume(N_("The voxels of the volume are no numbers."))
    low, high = float(array.min()), float(array.max())
    if not np.isfinite([low, high]).all():
        raise UnsuitableVolume(N_("Some voxels of the volume hold no number."))
    if low == 0 == high:
        raise UnsuitableVolume(N_("All voxels of the volume are 0: there is nothing to outline."))
    if np.float32(low) == np.float32(high) or _is_one_block(array, low, high):
        raise UnsuitableVolume(
            N_("All voxels of the volume hold %(found)s: there is nothing to outline."),
            found=f"{(high or low):g}",
        )


def _is_one_block(array: NDArray[Any], low: float, high: float) -> bool:
    """Whether a box of one value in zeros is all there is: the deviation is taken in the box, and is 0."""
    if low and high:
        return False
    filled = array != 0
    spans = []
    for axis in range(3):
        found = np.flatnonzero(filled.any(axis=tuple(other for other in range(3) if other != axis)))
        spans.append(slice(int(found[0]), int(found[-1]) + 1))
    box = array[tuple(spans)]
    return float(box.min()) == float(box.max())
