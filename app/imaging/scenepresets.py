"""Looks that scenes begin with: surfaces by modality, and how values become colour and opacity.

Levels and curves of CT are in HU. Those of MR, whose values have no scale, are fractions of the way from the
1st to the 99th percentile. Opacity is that of a layer of :data:`UNIT_MM` millimetres.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.imaging.scene import SceneMode, SurfaceStyle

UNIT_MM = 2.0
BONE_HU, SKIN_HU = 175.0, -200.0
_BONE_RGB, _SKIN_RGB = (232, 220, 196), (222, 170, 140)
_LEVEL_OF_OTHERS = 0.35
"""Of the way between the percentiles: the head in MR, uptake in PET."""

ColorPoint = tuple[float, float, float, float]
OpacityPoint = tuple[float, float]


@dataclass(frozen=True)
class Curves:
    """Colours (value, red, green, blue, each 0…1) and opacities (value, 0…1), by rising value."""

    colors: tuple[ColorPoint, ...]
    opacities: tuple[OpacityPoint, ...]
    shade: bool = True
    is_relative: bool = False

    def absolute(self, percentiles: Sequence[float]) -> "Curves":
        """The curves in values of a volume with these 1st and 99th percentiles."""
        if not self.is_relative:
            return self
        low, high = percentiles
        span = (high - low) or 1.0
        return Curves(
            tuple((low + value * span, *rgb) for value, *rgb in self.colors),  # type: ignore[misc]
            tuple((low + value * span, opacity) for value, opacity in self.opacities),
            self.shade,
        )


COMPOSITES: dict[str, Curves] = {
    "ct-bone": Curves(
        ((150, 0.55, 0.25, 0.15), (300, 0.88, 0.68, 0.48), (700, 1, 0.95, 0.86), (1500, 1, 1, 1)),
        ((150, 0), (300, 0.2), (700, 0.7), (1500, 0.9)),
    ),
    "ct-soft": Curves(
        ((-160, 0.75, 0.5, 0.35), (20, 0.72, 0.28, 0.22), (120, 0.9, 0.5, 0.36), (300, 1, 0.93, 0.84)),
        ((-160, 0), (-20, 0.01), (40, 0.12), (120, 0.2), (300, 0.6), (1000, 0.9)),
    ),
    "ct-lung": Curves(
        ((-950, 0.15, 0.35, 0.75), (-750, 0.35, 0.65, 0.9), (-500, 0.95, 0.75, 0.65), (-300, 0.8, 0.3, 0.25)),
        ((-960, 0), (-850, 0.012), (-650, 0.04), (-450, 0.1), (-320, 0.03), (-250, 0)),
    ),
    "ct-angio": Curves(
        ((130, 0.45, 0.05, 0.05), (220, 0.85, 0.2, 0.12), (400, 1, 0.75, 0.55), (800, 1, 0.97, 0.9)),
        ((130, 0), (200, 0.08), (300, 0.45), (600, 0.8), (1200, 0.9)),
    ),
    "mr": Curves(
        ((0.1, 0.2, 0.15, 0.12), (0.4, 0.7, 0.52, 0.42), (0.8, 0.95, 0.88, 0.8), (1.2, 1, 1, 1)),
        ((0.12, 0), (0.3, 0.04), (0.6, 0.2), (1.0, 0.5)),
        is_relative=True,
    ),
}


def first_surfaces(modality: str, percentiles: Sequence[float]) -> dict[str, SurfaceStyle]:
    """The surfaces that a volume opens with, by name: bone and skin of a CT, one of others."""
    if modality == "CT":
        return {
            "bone": SurfaceStyle(BONE_HU, _BONE_RGB),
            "skin": SurfaceStyle(SKIN_HU, _SKIN_RGB, 0.5, largest=True),
        }
    low, high = percentiles
    return {"surface": SurfaceStyle(low + _LEVEL_OF_OTHERS * (high - low), _BONE_RGB)}


def first_composite(modality: str) -> str:
    """The composite that a volume of *modality* opens with."""
    return "ct-bone" if modality == "CT" else "mr"


def first_mode(modality: str) -> SceneMode:
    """PET is read as projections."""
    return "mip_inverted" if modality in ("PT", "NM") else "surface"
