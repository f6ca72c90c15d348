"""What is known of a volume without its voxels; kept as JSON beside the array."""

from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from typing import Any

from app.imaging.errors import N_, InvalidElement
from app.imaging.pixels import stored_behind

_TUPLES = (
    "shape_ijk", "spacing_mm", "slopes", "intercepts", "sop_instance_uids", "value_range", "percentiles",
    "warnings", "voi_lut_names", "frames",
)  # fmt: skip


@dataclass(frozen=True)
class VolumeHeader:
    """The description of a volume.

    Attributes
    ----------
    shape_ijk : 3 ints
        Columns, rows, slices; the array's shape is the reverse.
    spacing_mm : 3 floats
        Between voxel centres along i, j, k.
    affine : 4 rows of 4 floats, (i, j, k) → LPS mm
    orientation : str
        Where i, j, k increase to, as "LPS".
    dtype : str
        "int16" or "float32", of modality values.
    slopes, intercepts : floats by k
        Stored × slope + intercept = modality value.
    windows : dicts of center, width, explanation
        As stored in the middle slice.
    value_range : 2 floats
        Lowest and highest modality value, padding included.
    percentiles : 2 floats
        The 1st and 99th percentile without padding, of a regular sample.
    padding_value : float or None
        Pixel Padding Value as a modality value of slice 0.
    padding_limit : float or None
        The other end of a range of padding, likewise.
    sop_instance_uids : strings by k
        Of a resampled volume the nearest original's, as slopes, intercepts and frames are.
    has_modality_lut : bool
        Slope and intercept are replaced by a table, at least in one slice: values do not lead back to
        what was stored (PS3.3 C.11.1).
    warnings : Messages as JSON
    resampling : dict or None
        ``kind`` ("tilt", "spacing", "tilt+spacing"), ``tilt_degrees``, ``usual_mm``, ``step_mm``, ``gaps``
        (first, last, millimetres), ``made_up`` slices, ``fill_value`` and ``filled_voxels`` outside the
        originals. Such values lead back to no stored one.
    spacing_source : str
        Where the pixel spacing comes from; "patient" in a volume.
    voi_lut_names : strings
        Explanations of the middle slice's VOI LUTs.
    frames : ints by k
        Frame, from 0, of the file that holds the slice; empty where each file has one.
    suv : dict or None
        How values became standardised uptake values.
    original_count : int
        Original images; 0 in sidecars from before it was counted.
    """

    shape_ijk: tuple[int, int, int]
    spacing_mm: tuple[float, float, float]
    affine: tuple[tuple[float, ...], ...]
    orientation: str
    dtype: str
    unit: str
    modality: str
    inverted: bool
    slopes: tuple[float, ...]
    intercepts: tuple[float, ...]
    windows: tuple[dict[str, Any], ...]
    value_range: tuple[float, float]
    percentiles: tuple[float, float]
    padding_value: float | None
    frame_of_reference_uid: str | None
    sop_instance_uids: tuple[str, ...]
    has_modality_lut: bool = False
    warnings: tuple[dict[str, Any], ...] = ()
    resampling: dict[str, Any] | None = None
    spacing_source: str = "patient"
    voi_lut_names: tuple[str, ...] = ()
    frames: tuple[int, ...] = ()
    suv: dict[str, Any] | None = None
    original_count: int = 0
    padding_limit: float | None = None

    def __post_init__(self) -> None:
        if len(self.shape_ijk) != 3 or min(self.shape_ijk) < 1:
            raise ValueError(f"no shape of a volume: {self.shape_ijk}")
        if self.dtype not in ("int16", "float32"):
            raise ValueError(f"no dtype of a volume: {self.dtype}")
        if not len(self.slopes) == len(self.intercepts) == len(self.sop_instance_uids) == self.shape_ijk[2]:
            raise ValueError("slopes, intercepts and instance UIDs are one a slice")
        if self.frames and len(self.frames) != self.shape_ijk[2]:
            raise ValueError("frames are one a slice")

    @property
    def padding(self) -> tuple[float, float] | None:
        """From where to where values are padding; None where there is none."""
        if self.padding_value is None:
            return None
        limit = self.padding_value if self.padding_limit is None else self.padding_limit
        return min(self.padding_value, limit), max(self.padding_value, limit)

    @property
    def positions_count(self) -> int:
        """The number of slice positions."""
        return self.shape_ijk[2]

    def as_json(self) -> dict[str, Any]:
        """The form of the sidecar file."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "VolumeHeader":
        """The header that :meth:`as_json` wrote, lists of JSON as tuples again."""
        # Sidecars written before a field with a default was known do not have it.
        names = (field.name for field in fields(cls) if field.name in stored or field.default is MISSING)
        known = {name: stored[name] for name in names}
        known |= {name: tuple(known[name]) for name in _TUPLES if name in known}
        known["affine"] = tuple(tuple(row) for row in known["affine"])
        known["windows"] = tuple(dict(window) for window in known["windows"])
        return cls(**known)


def stored_value(header: VolumeHeader, value: float, k: int) -> int | None:
    """The stored value behind the modality *value* of slice *k*; None where it cannot be told."""
    if not 0 <= k < header.shape_ijk[2]:
        raise InvalidElement(
            N_("Slice %(slice)s was asked for, the volume has %(slices)s."),
            slice=k + 1,
            slices=header.shape_ijk[2],
        )
    if header.has_modality_lut or header.resampling is not None:
        return None
    return stored_behind(value, header.slopes[k], header.intercepts[k], header.dtype)
