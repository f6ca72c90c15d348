"""How a voxel's stored number became its value, told with the value: the first steps of "explain this pixel".

``slope`` and ``intercept`` are those of the voxel's own slice (PS3.3 C.11.1):
stored × slope + intercept = value. Where no such line leads from one to the other both are None, and where
the stored value cannot be told ``reason`` is one of

- ``"resampled"``: the value was interpolated between voxels of a volume that was made straight or even;
- ``"table"``: a Modality LUT Sequence (0028,3000) took the place of slope and intercept;
- ``"coarse"``: the value is kept in float32, whose steps are coarser there than those of the stored numbers;
- ``"colour"``: the samples are colours and no measured values.

``suv`` tells what made standardised uptake values of activity concentrations; None for all other values, and
where the file has them already. Its ``factor`` is in *slope* and *intercept*.
"""

from collections.abc import Mapping
from typing import Any

from app.imaging.suv import SUV
from app.imaging.volumeheader import VolumeHeader


def of_volume(header: VolumeHeader, k: int, *, is_told: bool) -> dict[str, Any]:
    """``slope``, ``intercept``, ``reason`` and ``suv`` of slice *k*; *is_told*: the stored value is known."""
    suv = _suv_factors(header.suv) if header.unit == SUV else None
    if header.resampling is not None:
        return _no_line("resampled") | {"suv": suv}
    if header.has_modality_lut:
        return _no_line("table") | {"suv": suv}
    return _line(header.slopes[k], header.intercepts[k], is_told) | {"suv": suv}


def of_image(slope: float, intercept: float, *, is_linear: bool, is_told: bool) -> dict[str, Any]:
    """The same of an image of a stack; not *is_linear* when a table took the place of the line."""
    return _line(slope, intercept, is_told) if is_linear else _no_line("table")


def of_colour() -> dict[str, Any]:
    """The same of an image in colour."""
    return _no_line("colour")


def _line(slope: float, intercept: float, is_told: bool) -> dict[str, Any]:
    return {"slope": slope, "intercept": intercept, "reason": None if is_told else "coarse", "suv": None}


def _no_line(reason: str) -> dict[str, Any]:
    return {"slope": None, "intercept": None, "reason": reason, "suv": None}


def _suv_factors(kept: Mapping[str, Any] | None) -> dict[str, float | None] | None:
    """Weight, dose and decay, and the SUV of 1 Bq/ml that follows from them (as in app.imaging.suv)."""
    if not kept or not kept.get("weight_kg") or not kept.get("dose_bq"):
        return None
    weight_kg, dose_bq = float(kept["weight_kg"]), float(kept["dose_bq"])
    half_life_s, uptake_s = kept.get("half_life_s"), kept.get("uptake_s")
    # Without both the scanner corrected the decay to the time of injection already (Decay Correction ADMIN).
    left = 2.0 ** (-uptake_s / half_life_s) if half_life_s and uptake_s is not None else 1.0
    return {
        "factor": weight_kg * 1000 / (dose_bq * left),
        "weight_kg": weight_kg,
        "dose_bq": dose_bq,
        "half_life_s": half_life_s,
        "uptake_s": uptake_s,
    }
