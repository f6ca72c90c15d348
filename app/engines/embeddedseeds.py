"""Where prompts lie on the working grid, and what the image looks like there.

Arrays are (k, j, i) of the working grid; lists of places are (n, 3) in that order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.engines.base import Lasso, Point, Scribble
from app.engines.embeddedregion import Region, Triple
from app.imaging.contourfill import CrossingBudget, fill_planes

CLICK_RADIUS = 2.6
SEED_RADIUS = 2.3
_ALIKE = 2.5

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]
Places = NDArray[np.int64]


@dataclass(frozen=True)
class Look:
    """What the image is like at a prompt: median and spread, the latter never below the noise."""

    middle: float
    spread: float

    def wider(self, factor: float) -> "Look":
        """The same with *factor* times the spread."""
        return Look(self.middle, self.spread * factor)


def places_of(prompt: Point | Scribble | Lasso) -> Places:
    """The volume's voxels (n, 3), (k, j, i), that the prompt marks; of a lasso its inside and outline."""
    if isinstance(prompt, Point):
        return np.array([prompt.index_ijk[::-1]], np.int64)
    corners = np.array([point[::-1] for point in prompt.points_ijk], np.int64)
    if isinstance(prompt, Lasso):
        corners = np.concatenate((corners, corners[:1]))
        return np.unique(np.concatenate((_line(corners), _inside(corners))), axis=0)
    return _line(corners)


def _line(corners: Places) -> Places:
    """The voxels on the straight lines from each corner to the next, without gaps."""
    pieces = [corners[:1]]
    for a, b in pairwise(corners):
        steps = int(np.abs(b - a).max())
        shares = np.arange(1, steps + 1)[:, None] / max(steps, 1)
        pieces.append(np.floor(a + shares * (b - a) + 0.5).astype(np.int64))
    return np.unique(np.concatenate(pieces), axis=0)


def _inside(corners: Places) -> Places:
    """The voxels of the slice whose centres lie inside the outline (even-odd)."""
    flat = int(np.argmax((corners == corners[0]).all(axis=0)))
    across = [axis for axis in range(3) if axis != flat]
    low = corners[:, across].min(axis=0)
    rows, columns = corners[:, across].max(axis=0) - low + 1
    outline = (corners[:, across] - low)[:, ::-1].astype(np.float64)
    (left, top), filled = fill_planes([[outline]], (int(columns), int(rows)), CrossingBudget())
    found = np.argwhere(filled.reshape(filled.shape[-2:])) + low + (top, left)
    places = np.full((len(found), 3), corners[0, flat], np.int64)
    places[:, across] = found
    return places


def marked(shape: tuple[int, ...], places: Places) -> Bools:
    """A mask of *shape*, set at *places*."""
    mask = np.zeros(shape, np.bool_)
    mask[tuple(places.T)] = True
    return mask


def ball(region: Region, places: Places, radius: float) -> Bools:
    """The working voxels within *radius* units of any of *places*."""
    near = marked(region.shape, places)
    reach = [int(radius / unit) for unit in region.unit]
    steps = np.stack(np.meshgrid(*(np.arange(-n, n + 1) for n in reach), indexing="ij"), axis=-1).reshape(
        -1, 3
    )
    steps = steps[((steps * region.unit) ** 2).sum(axis=1) <= radius**2]
    around = (places[:, None] + steps).reshape(-1, 3)
    near[tuple(region.inside(around).T)] = True
    return near


def distance(region: Region, places: Places) -> Floats:
    """Units from each working voxel to the nearest of *places*."""
    if len(places) == 1:
        axes = [
            ((np.arange(n) - p) * u) ** 2
            for n, p, u in zip(region.shape, places[0], region.unit, strict=True)
        ]
        k, j, i = axes
        far = np.sqrt(k[:, None, None] + j[None, :, None] + i[None, None, :])
        return np.asarray(far, np.float32)
    return distance_to(marked(region.shape, places), region.unit)


def distance_to(mask: Bools, unit: Triple) -> Floats:
    """Units from each voxel to the nearest one of *mask*; far away where that is empty."""
    from scipy.ndimage import distance_transform_edt

    if not mask.any():
        return np.full(mask.shape, 1e6, np.float32)
    return np.asarray(distance_transform_edt(~mask, sampling=unit), np.float32)


def look_at(values: Floats, at: Bools, floor: float) -> Look:
    """Median and spread of *values* where *at* is set."""
    picked = values[at]
    middle = float(np.median(picked))
    return Look(middle, max(1.4826 * float(np.median(np.abs(picked - middle))), floor))


def unlikeness(values: Floats, looks: Sequence[Look]) -> Floats:
    """How many spreads each voxel is from the nearest of *looks*; far where there is none."""
    least: Any = np.full(values.shape, 1e3, np.float32)
    for look in looks:
        np.minimum(least, np.abs(values - np.float32(look.middle)) / np.float32(look.spread), out=least)
    return np.asarray(least, np.float32)


def seeds_at(values: Floats, region: Region, places: Places, look: Look) -> Bools:
    """The voxels around *places* that look alike, and *places* themselves."""
    alike = ball(region, places, SEED_RADIUS) & (np.abs(values - look.middle) < _ALIKE * look.spread)
    alike[tuple(places.T)] = True
    return np.asarray(alike, np.bool_)
