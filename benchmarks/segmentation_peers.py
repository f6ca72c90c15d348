"""Peers of benchmarks/segmentation.py: scikit-image's watershed and random walker, given all clicks each
time.

Both work on at most 80³ voxels round the clicks, as the embedded engine does, on the same smoothed
values; the rim of that region is background.
"""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from app.engines.base import EngineVolume, MaskChange, Point
from app.engines.embeddedregion import Region, refine, region_of
from app.engines.embeddedscene import Scene, scene_of
from app.engines.embeddedseeds import SEED_RADIUS, ball
from app.imaging.geometry import spacing_from_affine

_HALF_MM = 80.0
Solver = Callable[[Scene, Any], Any]


class PeerSession:
    """All clicks so far, solved anew."""

    def __init__(self, volume: EngineVolume, solver: Solver, most: int) -> None:
        self._array, self._solver, self._most = volume.array, solver, most
        self._spacing = np.array(spacing_from_affine(volume.grid.matrix)[::-1])
        self._points: list[tuple[Any, bool]] = []

    def add(self, prompt: Point) -> MaskChange:
        """The whole volume's mask after the click."""
        self._points.append((np.array([prompt.index_ijk[::-1]]), prompt.include))
        places = np.concatenate([p for p, _ in self._points])
        room = _HALF_MM / self._spacing
        region = region_of(
            places.min(axis=0) - room, places.max(axis=0) + room, self._array.shape, self._spacing, self._most
        )
        found = self._solver(scene_of(self._array, region), self._seeds(region))
        whole = np.zeros(self._array.shape, np.bool_)
        whole[region.span] = refine(found.astype(np.float32), region, region.span) > 0.5
        return MaskChange((0, 0, 0), whole)

    def _seeds(self, region: Region) -> Any:
        seeds = np.zeros(region.shape, np.int32)
        for axis, sides in enumerate(region.is_open):
            for is_open, at in zip(sides, (0, -1), strict=True):
                if is_open:
                    np.moveaxis(seeds, axis, 0)[at] = 2
        for place, include in sorted(self._points, key=lambda point: point[1]):
            for working in region.marked_places([place]):
                seeds[ball(region, working, SEED_RADIUS)] = 1 if include else 2
        return seeds

    def close(self) -> None:
        """Nothing is held."""


def watershed_session(volume: EngineVolume) -> PeerSession:
    """Watershed of the slope from the clicks."""
    from skimage.segmentation import watershed

    return PeerSession(volume, lambda scene, seeds: watershed(scene.steep, seeds) == 1, 80**3)


def walker_session(volume: EngineVolume) -> PeerSession:
    """Random walker between the clicks; on 32³ voxels, for on 80³ it takes half a minute."""
    from skimage.segmentation import random_walker

    def solve(scene: Scene, seeds: Any) -> Any:
        if 2 not in seeds:
            return seeds == 1
        values = scene.values / (scene.values.std() + 1e-6)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of probabilities a hair above one
            return random_walker(values, seeds, beta=130, mode="cg_j", tol=1e-2) == 1

    return PeerSession(volume, solve, 32**3)
