"""The statistics of segments as a table. Keys are English whatever the language."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.archive.tables import as_table

COLUMNS = (
    "segmentation_id", "segmentation", "number", "name", "color", "code_value", "code_scheme", "code_meaning",
    "voxels", "volume_ml", "surface_mm2", "diameter_mm", "mean", "std", "min", "max", "unit",
    "centroid_x", "centroid_y", "centroid_z",
)  # fmt: skip
"""``unit`` is that of mean, std, min and max; the centroid is in LPS mm; ``std`` is the population's."""
_NUMBERS = ("voxels", "volume_ml", "surface_mm2", "diameter_mm", "mean", "std", "min", "max")
_FIGURES = 7


def as_csv(segmentation_id: str, name: str, segments: Iterable[Mapping[str, Any]]) -> str:
    """One row a segment."""
    return as_table(COLUMNS, (_row(segmentation_id, name, segment) for segment in segments))


def _row(segmentation_id: str, name: str, segment: Mapping[str, Any]) -> Sequence[Any]:
    code = segment["code"] or {}
    return (
        segmentation_id,
        name,
        segment["number"],
        segment["name"],
        segment["color"],
        *(code.get(field, "") for field in ("value", "scheme", "meaning")),
        *(_rounded(segment[field]) for field in _NUMBERS),
        segment["unit"] or "",
        *(_rounded(value) for value in segment["centroid_lps"] or ("", "", "")),
    )


def _rounded(value: Any) -> Any:
    return float(f"{value:.{_FIGURES}g}") if isinstance(value, float) else "" if value is None else value
