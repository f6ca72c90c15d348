"""What the embedded engine sees of a volume in a region: smoothed values, slopes, the noise."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.engines.embeddedfilters import curvature_flow, noise_of, slope
from app.engines.embeddedflood import DEAREST
from app.engines.embeddedregion import Floats, Region, sample

SCALE = 40.0
"""Steps of cost for a slope as high as the floor: paths of some voxels matter where nothing else does."""

_LEAST_FLOOR = 0.004  # of the range of values: what has no noise has a floor too
_KEPT = 3
_SAMPLES = 100_000


@dataclass(frozen=True)
class Scene:
    """A region of a volume.

    Attributes
    ----------
    values : (k, j, i) float32
        After curvature flow.
    steep : (k, j, i) float32
        The slope a voxel, in floors.
    floor : float
        The noise of ``values``, or a small share of their range where that is more.
    between : (k, j, i) int32 or None
        What it costs to go to the next slice, where slices lie far apart.
    """

    region: Region
    values: Floats
    steep: Floats
    floor: float
    between: NDArray[np.int32] | None

    def costs(self, more: NDArray[Any] | float) -> NDArray[np.int32]:
        """What it costs to enter each voxel: its slope and *more*, in floors."""
        costs = np.clip((self.steep + more) * np.float32(SCALE), 0, DEAREST)
        return np.asarray(costs, np.int32)


def scene_of(array: NDArray[Any], region: Region) -> Scene:
    """The scene of *region* of the volume *array*."""
    values = curvature_flow(sample(array, region), region.unit)
    some = values.ravel()[:: 1 + values.size // _SAMPLES]
    low, high = (float(value) for value in np.quantile(some, (0.01, 0.99)))
    floor = max(noise_of(values), _LEAST_FLOOR * (high - low), 1e-6)
    steep = slope(values, region.unit, region.is_thick) / np.float32(floor)
    between = None
    if region.is_thick and len(values) > 1 and region.unit[0] > 1:
        between = np.zeros(values.shape, np.int32)
        rise = np.abs(np.diff(values, axis=0)) * np.float32(SCALE / 2 / floor)
        between[:-1] = np.clip(rise, 0, DEAREST)
    return Scene(region, values, steep, floor, between)


class Scenes:
    """The last few scenes of one volume: a second click mostly lies where the first did."""

    def __init__(self, array: NDArray[Any]) -> None:
        self._array = array
        self._kept: dict[Region, Scene] = {}

    @property
    def shape(self) -> tuple[int, ...]:
        """The volume's."""
        return self._array.shape

    def scene(self, region: Region) -> Scene:
        """The scene of *region*, worked out or remembered."""
        found = self._kept.pop(region, None) or scene_of(self._array, region)
        self._kept[region] = found
        while len(self._kept) > _KEPT:
            del self._kept[next(iter(self._kept))]
        return found

    def clear(self) -> None:
        """Forget them, and the volume."""
        self._kept.clear()
        self._array = np.zeros((0, 0, 0), np.int16)
