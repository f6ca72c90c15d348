"""What a 3D scene is to show, as plain values: they name it in the cache and travel between processes."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

SceneMode = Literal["surface", "mip", "mip_inverted", "composite"]
Detail = Literal["coarse", "fine", "full"]

MODES: tuple[SceneMode, ...] = ("surface", "mip", "mip_inverted", "composite")
MOST_PER_AXIS: dict[Detail, int] = {"coarse": 128, "fine": 256, "full": 512}
"""Voxels along the longest axis, after averaging (surfaces, composite) or taking the highest (MIP)."""
DETAILS: tuple[Detail, ...] = tuple(MOST_PER_AXIS)
MOST_SURFACES = 4
FORMAT = 1
"""Part of every name in the cache: raise it when the same order gives another scene."""


@dataclass(frozen=True)
class SurfaceStyle:
    """The surface of all values from *level* up, in the unit of the volume.

    ``color_rgb`` is 0…255, ``opacity`` 0…1; ``largest``: of separate pieces the largest alone.
    """

    level: float
    color_rgb: tuple[int, int, int] = (232, 220, 196)
    opacity: float = 1.0
    largest: bool = False


@dataclass(frozen=True)
class SceneOrder:
    """A scene of one volume.

    ``surfaces`` belong to mode "surface", ``preset`` to "composite"; ``window`` (center, width) and
    ``colormap`` to the projections.
    """

    mode: SceneMode
    detail: Detail
    surfaces: tuple[SurfaceStyle, ...] = ()
    preset: str = ""
    window: tuple[float, float] | None = None
    colormap: str = "gray"

    def key(self, revision: int, part: int, phase: int) -> str:
        """The same 32 hexadecimal digits for the same scene of the same voxels."""
        named = json.dumps([FORMAT, revision, part, phase, self.as_json()], sort_keys=True)
        return hashlib.sha256(named.encode()).hexdigest()[:32]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "SceneOrder":
        """The order that :meth:`as_json` wrote."""
        surfaces = tuple(
            SurfaceStyle(**{**surface, "color_rgb": tuple(surface["color_rgb"])})
            for surface in stored["surfaces"]
        )
        window = tuple(stored["window"]) if stored["window"] else None
        return cls(**{**stored, "surfaces": surfaces, "window": window})


@dataclass(frozen=True)
class Source:
    """The voxels that a scene is made of: how they lie, and what their values are like.

    ``affine`` is (4, 4), (i, j, k) → LPS mm; ``percentiles`` the 1st and the 99th, ``value_range`` the lowest
    and the highest value.
    """

    affine: tuple[tuple[float, ...], ...]
    percentiles: tuple[float, float]
    value_range: tuple[float, float]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Source":
        """The source that :meth:`as_json` wrote."""
        return cls(
            tuple(tuple(row) for row in stored["affine"]),
            (stored["percentiles"][0], stored["percentiles"][1]),
            (stored["value_range"][0], stored["value_range"][1]),
        )
