"""A stack as one array: streaming it to disk and opening it again.

``Volume.array`` is indexed (k, j, i) = (slice, row, column) and holds modality values: int16 where
that is exact for every slice, else float32. It is one C-order ``.npy``, memory-mapped read only.
"""

import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from app.imaging.decoding import read_native_file
from app.imaging.errors import N_, InvalidElement
from app.imaging.geometry import orientation_letters, spacing_from_affine
from app.imaging.limits import DEFAULT_LIMITS, ReadLimits
from app.imaging.pixels import modality_values, read_frame
from app.imaging.plan import VolumePlan, plan_volume
from app.imaging.slices import SliceHeader, read_slice_header, read_slice_headers, stack_order
from app.imaging.volumeheader import VolumeHeader, stored_value

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

_SAMPLES = 1_000_000


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
    temporary = array_path.with_name(f".{array_path.name}.{secrets.token_hex(8)}.part")
    try:
        summary = None
        if plan.resampling is not None:
            summary = _write_resampled(plan, temporary, on_progress, limits)
        elif not _is_dose(plan):
            # int16 until a slice proves that it cannot be: then once more, in float32.
            summary = _write(plan, temporary, np.dtype(np.int16), on_progress, limits)
        if summary is None:
            summary = _write(plan, temporary, np.dtype(np.float32), on_progress, limits)
        if summary is None:
            raise ValueError("float32 holds every modality value")
        os.replace(temporary, array_path)
        _sync_folder(array_path.parent)
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


@dataclass
class _Summary:
    """What is learnt of the values while they pass."""

    dtype: np.dtype[Any]
    lowest: float = np.inf
    highest: float = -np.inf
    samples: list[NDArray[Any]] = field(default_factory=list)
    fill: float | None = None
    filled: int = 0

    def add_range(self, plane: NDArray[Any]) -> None:
        finite = plane if plane.dtype.kind == "i" else plane[np.isfinite(plane)]
        if finite.size:
            self.lowest = min(self.lowest, float(finite.min()))
            self.highest = max(self.highest, float(finite.max()))

    def add(self, plane: NDArray[Any], step: int, padding: float | None) -> None:
        self.add_range(plane)
        sample = plane[step // 2 :: step, step // 2 :: step].ravel()
        kept = np.isfinite(sample) if padding is None else np.isfinite(sample) & (sample != padding)
        self.samples.append(sample[kept])

    def value_range(self) -> tuple[float, float]:
        return (self.lowest, self.highest) if self.lowest <= self.highest else (0.0, 0.0)

    def percentiles(self) -> tuple[float, float]:
        values = np.concatenate(self.samples)
        if values.size == 0:
            return self.value_range()
        low, high = np.percentile(values, (1, 99))
        return float(low), float(high)


def _write(
    plan: VolumePlan,
    path: Path,
    dtype: np.dtype[Any],
    on_progress: Callable[[float], None],
    limits: ReadLimits,
) -> _Summary | None:
    """Write all slices as *dtype*; None as soon as one does not fit into it exactly."""
    columns, rows, count = plan.shape_ijk
    step = max(1, int(np.sqrt(rows * columns * count / _SAMPLES)))
    summary = _Summary(dtype)
    # Plain writes, not a writable map: a full disk is then an error and not a signal that kills.
    with path.open("wb") as file:
        _write_npy_header(file, (count, rows, columns), dtype)
        for k, header in enumerate(plan.slices):
            plane = _modality_plane(header, limits)
            if plane.dtype != dtype and dtype == np.int16:
                return None
            plane = np.ascontiguousarray(plane, dtype)
            file.write(plane.data)
            summary.add(plane, step, padding_of(header))
            on_progress((k + 1) / count)
        file.flush()
        os.fsync(file.fileno())
    return summary


def _write_resampled(
    plan: VolumePlan,
    path: Path,
    on_progress: Callable[[float], None],
    limits: ReadLimits,
) -> _Summary:
    """Read all slices once to learn type and fill value, then again to write the straight ones."""
    columns, rows, count = plan.shape_ijk
    survey = _survey(plan, lambda fraction: on_progress(fraction / 2), limits)
    padding = padding_of(plan.slices[0])
    fill = survey.lowest if padding is None else padding
    if survey.dtype == np.int16 and not (float(fill).is_integer() and -(2**15) <= fill < 2**15):
        fill = survey.lowest
    step = max(1, int(np.sqrt(rows * columns * count / _SAMPLES)))
    summary = _Summary(survey.dtype, fill=fill)

    def read_plane(n: int) -> NDArray[np.float64]:
        header = plan.slices[n]
        values = _modality_plane(header, limits)
        plane = values.astype(np.float64)
        plane[~np.isfinite(plane) | is_padding(values, header)] = np.nan
        return plane

    with path.open("wb") as file:
        _write_npy_header(file, (count, rows, columns), survey.dtype)
        for k, straight in enumerate(straight_planes(plan.places_ijk(), plan.shape_ijk, read_plane)):
            values = np.where(np.isnan(straight.values), fill, straight.values)
            if survey.dtype == np.int16:
                values = np.floor(values + 0.5)
            plane = np.ascontiguousarray(values, survey.dtype)
            file.write(plane.data)
            summary.add(plane, step, fill)
            summary.filled += straight.outside
            on_progress(0.5 + (k + 1) / count / 2)
        file.flush()
        os.fsync(file.fileno())
    return summary


def _survey(plan: VolumePlan, on_progress: Callable[[float], None], limits: ReadLimits) -> _Summary:
    """The type that holds all slices exactly, and their lowest value."""
    survey = _Summary(np.dtype(np.float32 if _is_dose(plan) else np.int16))
    for n, header in enumerate(plan.slices):
        plane = _modality_plane(header, limits)
        if plane.dtype != np.int16:
            survey.dtype = np.dtype(np.float32)
        survey.add_range(plane)
        on_progress((n + 1) / len(plan.slices))
    survey.lowest = survey.value_range()[0]
    return survey


def _write_npy_header(file: BinaryIO, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
    npy.write_array_header_1_0(
        file, {"descr": npy.dtype_to_descr(dtype), "fortran_order": False, "shape": shape}
    )


def _modality_plane(header: SliceHeader, limits: ReadLimits) -> NDArray[Any]:
    native = None if header.rescale.has_table else read_native_file(header.path, header.layout)
    if native is None:
        plane = read_frame(header.path, 0, limits).values
    else:
        plane = modality_values(native, header.rescale)
    if plane.shape != (header.rows, header.columns):
        raise InvalidElement(N_("A slice does not decode to one grey image of its stated size."))
    return plane


def padding_of(header: SliceHeader) -> float | None:
    """Pixel Padding Value (0028,0120) as a modality value."""
    if header.padding_value is None:
        return None
    return header.padding_value * header.slope + header.intercept


def is_padding(values: NDArray[Any], header: SliceHeader) -> NDArray[np.bool_]:
    """Which modality *values* are padding: one value, or a range up to (0028,0121)."""
    first = padding_of(header)
    if first is None or header.rescale.has_table:
        return np.zeros(values.shape, bool)
    limit = header.padding_value if header.padding_limit is None else header.padding_limit
    last = float(limit or 0) * header.slope + header.intercept
    tolerance = abs(header.slope) * 1e-3
    inside = (values >= min(first, last) - tolerance) & (values <= max(first, last) + tolerance)
    return np.asarray(inside, np.bool_)


def _is_dose(plan: VolumePlan) -> bool:
    """Doses are fractions of a gray, whatever the first of them are."""
    return plan.slices[0].modality == "RTDOSE"


def _describe(plan: VolumePlan, summary: _Summary) -> VolumeHeader:
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
        inverted=first.layout.photometric == "MONOCHROME1",
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
    )


def _sync_folder(folder: Path) -> None:
    """Make the rename itself survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
