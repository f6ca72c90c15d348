"""A stack as one array: streaming it to disk and opening it again.

``Volume.array`` is indexed (k, j, i) = (slice, row, column) and holds modality values: int16 where
that is exact for every slice, else float32. It is one C-order ``.npy``, memory-mapped read only.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.imaging.arrayfile import put_in_place, temporary_beside
from app.imaging.errors import N_, InvalidElement
from app.imaging.geometry import orientation_letters, spacing_from_affine
from app.imaging.limits import DEFAULT_LIMITS, ReadLimits
from app.imaging.plan import VolumePlan, plan_volume
from app.imaging.sliceheader import SliceHeader, stack_order
from app.imaging.slices import read_slice_header, read_slice_headers
from app.imaging.straighten import nearest_slices
from app.imaging.volumeheader import VolumeHeader, stored_value
from app.imaging.volumewriting import (
    WrittenValues,
    padding_limit_of,
    padding_of,
    write_slices,
    write_straightened,
)

__all__ = [
    "SliceHeader",
    "Volume",
    "VolumeHeader",
    "VolumePlan",
    "build_volume",
    "load_volume",
    "plan_volume",
    "read_slice_header",
    "read_slice_headers",
    "stack_order",
    "stored_value",
]


@dataclass(frozen=True)
class Volume:
    """An opened volume: ``array`` (k, j, i) is memory-mapped and read only."""

    array: NDArray[Any]
    header: VolumeHeader

    @property
    def affine(self) -> NDArray[np.float64]:
        """(4, 4), (i, j, k) → LPS mm."""
        return np.array(self.header.affine, np.float64)


def build_volume(
    plan: VolumePlan,
    array_path: Path,
    on_progress: Callable[[float], None] = lambda fraction: None,
    limits: ReadLimits = DEFAULT_LIMITS,
) -> VolumeHeader:
    """Write the plan's grid to *array_path* as ``.npy``; the file appears whole or not at all.

    Parameters
    ----------
    on_progress : called with fractions from 0 to 1

    Raises
    ------
    ImagingError
        A slice cannot be read, or is not what its header said.
    OSError
        The disk is full, and the like.
    """
    temporary = temporary_beside(array_path)
    try:
        write = write_slices if plan.resampling is None else write_straightened
        summary = write(plan, temporary, on_progress, limits)
        put_in_place(temporary, array_path)
    finally:
        temporary.unlink(missing_ok=True)
    return _describe(plan, summary)


def load_volume(array_path: Path, header: VolumeHeader) -> Volume:
    """The volume at *array_path*, memory-mapped.

    Raises
    ------
    InvalidElement
        The array is not the one that *header* describes.
    """
    try:
        array = np.load(array_path, mmap_mode="r", allow_pickle=False)
    except (ValueError, EOFError):
        raise InvalidElement(N_("The stored volume is damaged; it has to be built again.")) from None
    if array.shape != header.shape_ijk[::-1] or array.dtype != np.dtype(header.dtype):
        raise InvalidElement(N_("The stored volume is damaged; it has to be built again."))
    return Volume(array, header)


def _describe(plan: VolumePlan, summary: WrittenValues) -> VolumeHeader:
    middle = plan.slices[len(plan.slices) // 2]
    first = plan.slices[0]
    di, dj, dk = spacing_from_affine(plan.affine)
    by_k = list(plan.slices)
    resampling = None
    if plan.resampling is not None:
        by_k = [plan.slices[n] for n in nearest_slices(plan.places_ijk(), plan.shape_ijk[2])]
        resampling = plan.resampling.as_json()
        resampling |= {"fill_value": summary.fill, "filled_voxels": summary.filled}
    return VolumeHeader(
        shape_ijk=plan.shape_ijk,
        spacing_mm=(round(di, 9), round(dj, 9), round(dk, 9)),
        affine=plan.affine,
        orientation=orientation_letters(plan.affine),
        dtype=summary.dtype.name,
        unit=first.rescale.unit,
        modality=first.modality,
        inverted=first.layout.is_inverted,
        slopes=tuple(header.slope for header in by_k),
        intercepts=tuple(header.intercept for header in by_k),
        windows=middle.windows,
        value_range=summary.value_range(),
        percentiles=summary.percentiles(),
        padding_value=padding_of(first) if summary.fill is None else summary.fill,
        frame_of_reference_uid=first.frame_of_reference_uid,
        sop_instance_uids=tuple(header.sop_instance_uid for header in by_k),
        has_modality_lut=any(header.rescale.has_table for header in by_k),
        warnings=tuple(warning.as_json() for warning in plan.warnings),
        resampling=resampling,
        spacing_source=first.spacing_source,
        voi_lut_names=middle.voi_lut_names,
        frames=tuple(header.frame for header in by_k) if any(header.frame for header in by_k) else (),
        original_count=len(plan.slices),
        padding_limit=padding_limit_of(first) if summary.fill is None else None,
    )
