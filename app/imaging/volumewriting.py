"""Writing the voxels of a planned volume to disk, slice by slice, learning their range on the way.

The file is a C-order ``.npy`` of modality values, (k, j, i): int16 where that is exact for every original
slice, else float32; doses are always float32.
"""

import math
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from app.imaging.arrayfile import reserve, write_head
from app.imaging.limits import ReadLimits
from app.imaging.plan import VolumePlan
from app.imaging.sliceheader import SliceHeader
from app.imaging.slicereading import SlicePlane, read_planes
from app.imaging.straighten import straight_planes

Progress = Callable[[float], None]
_SAMPLES = 1_000_000
_INT16 = np.dtype(np.int16)
_FLOAT32 = np.dtype(np.float32)


@dataclass
class WrittenValues:
    """What is learnt of the values while they pass.

    Attributes
    ----------
    fill, filled : the value outside the originals of a resampled volume, and how many voxels hold it
    """

    dtype: np.dtype[Any]
    lowest: float = np.inf
    highest: float = -np.inf
    samples: list[NDArray[Any]] = field(default_factory=list)
    fill: float | None = None
    filled: int = 0

    def add_range(self, lowest: float, highest: float) -> None:
        """Widen the range."""
        self.lowest, self.highest = min(self.lowest, lowest), max(self.highest, highest)

    def add_sample(self, plane: NDArray[Any], step: int, header: SliceHeader | None = None) -> None:
        """Keep every *step*-th value of *plane*; padding of *header* and the fill value are left out."""
        sample = plane[step // 2 :: step, step // 2 :: step].ravel()
        kept = np.isfinite(sample)
        if header is not None:
            kept &= ~is_padding(sample, header)
        if self.fill is not None:
            kept &= sample != self.fill
        self.samples.append(sample[kept])

    def value_range(self) -> tuple[float, float]:
        """The lowest and the highest finite value."""
        return (self.lowest, self.highest) if self.lowest <= self.highest else (0.0, 0.0)

    def percentiles(self) -> tuple[float, float]:
        """The 1st and the 99th percentile of the sample."""
        values = np.concatenate(self.samples)
        if values.size == 0:
            return self.value_range()
        low, high = np.percentile(values, (1, 99))
        return float(low), float(high)


def padding_of(header: SliceHeader) -> float | None:
    """Pixel Padding Value (0028,0120) as a modality value; None behind a table, where others may give it."""
    if header.padding_value is None or header.rescale.has_table:
        return None
    return header.padding_value * header.slope + header.intercept


def padding_limit_of(header: SliceHeader) -> float | None:
    """Pixel Padding Range Limit (0028,0121) as a modality value."""
    if header.padding_limit is None or header.rescale.has_table:
        return None
    return header.padding_limit * header.slope + header.intercept


def is_padding(values: NDArray[Any], header: SliceHeader) -> NDArray[np.bool_]:
    """Which modality *values* are padding: one value, or a range up to Range Limit (0028,0121)."""
    if header.padding_value is None or header.rescale.has_table:
        return np.zeros(values.shape, np.bool_)
    ends = [header.padding_value, header.padding_value]
    if header.padding_limit is not None:
        ends[1] = header.padding_limit
    low, high = sorted(end * header.slope + header.intercept for end in ends)
    tolerance = abs(header.slope) * 1e-3
    return np.asarray((values >= low - tolerance) & (values <= high + tolerance), np.bool_)


def write_slices(plan: VolumePlan, path: Path, on_progress: Progress, limits: ReadLimits) -> WrittenValues:
    """Write the slices of a plan without resampling, one for each k."""
    # int16 until a slice proves that it cannot be: then once more, in float32.
    written = None if _is_dose(plan) else _write_as(_INT16, plan, path, on_progress, limits)
    written = written or _write_as(_FLOAT32, plan, path, on_progress, limits)
    if written is None:
        raise ValueError("float32 holds every modality value")
    return written


def _write_as(
    dtype: np.dtype[Any], plan: VolumePlan, path: Path, on_progress: Progress, limits: ReadLimits
) -> WrittenValues | None:
    """Write all slices as *dtype*; None as soon as one does not fit into it exactly."""
    written = WrittenValues(dtype)
    step, count = _sample_step(plan), plan.shape_ijk[2]
    # Plain writes, not a writable map: a full disk is then an error and not a signal that kills.
    with path.open("wb") as file:
        _write_head(file, plan, dtype)
        for k, read in enumerate(read_planes(plan.slices, limits)):
            if read.values.dtype != dtype and dtype == _INT16:
                return None
            plane = np.ascontiguousarray(read.values, dtype)
            file.write(plane.data)
            written.add_range(read.lowest, read.highest)
            written.add_sample(plane, step, plan.slices[k])
            on_progress((k + 1) / count)
        _finish(file)
    return written


def write_straightened(
    plan: VolumePlan, path: Path, on_progress: Progress, limits: ReadLimits
) -> WrittenValues:
    """Write the planes of a resampled plan; all originals are read once before, for type and fill value."""
    survey = _survey(plan, lambda fraction: on_progress(fraction / 2), limits)
    fill = _fill_value(plan, survey)
    written = WrittenValues(survey.dtype, fill=fill)
    step, count = _sample_step(plan), plan.shape_ijk[2]
    read = _InOrder(plan, read_planes(plan.slices, limits))
    with path.open("wb") as file:
        _write_head(file, plan, written.dtype)
        for k, straight in enumerate(straight_planes(plan.places_ijk(), plan.shape_ijk, read.plane)):
            values = np.where(np.isnan(straight.values), fill, straight.values)
            if written.dtype == _INT16:
                values = np.floor(values + 0.5)
            plane = np.ascontiguousarray(values, written.dtype)
            file.write(plane.data)
            written.add_range(float(plane.min()), float(plane.max()))
            written.add_sample(plane, step)
            written.filled += straight.outside
            on_progress(0.5 + (k + 1) / count / 2)
        _finish(file)
    return written


class _InOrder:
    """Original slices by number, asked for in rising order; those nobody asks for are passed over."""

    def __init__(self, plan: VolumePlan, planes: Iterator[SlicePlane]) -> None:
        self._slices = plan.slices
        self._planes = enumerate(planes)

    def plane(self, wanted: int) -> NDArray[np.float64]:
        """Slice *wanted*, NaN where nothing was measured."""
        read = next(read for number, read in self._planes if number == wanted)
        plane = read.values.astype(np.float64)
        plane[~np.isfinite(plane) | is_padding(read.values, self._slices[wanted])] = np.nan
        return plane


def _survey(plan: VolumePlan, on_progress: Progress, limits: ReadLimits) -> WrittenValues:
    """The type that holds all slices exactly, and their range."""
    survey = WrittenValues(_FLOAT32 if _is_dose(plan) else _INT16)
    for n, read in enumerate(read_planes(plan.slices, limits), 1):
        if read.values.dtype != _INT16:
            survey.dtype = _FLOAT32
        survey.add_range(read.lowest, read.highest)
        on_progress(n / len(plan.slices))
    return survey


def _fill_value(plan: VolumePlan, survey: WrittenValues) -> float:
    """The padding value where there is one that the type holds, else the value that is shown black."""
    first = plan.slices[0]
    padding = padding_of(first)
    lowest, highest = survey.value_range()
    black = highest if first.layout.is_inverted else lowest
    if padding is None:
        return black
    fits = float(padding).is_integer() and -(2**15) <= padding < 2**15
    return padding if fits or survey.dtype == _FLOAT32 else black


def _is_dose(plan: VolumePlan) -> bool:
    """Doses are fractions of a gray, whatever the first of them are."""
    return plan.slices[0].modality == "RTDOSE"


def _sample_step(plan: VolumePlan) -> int:
    columns, rows, slices = plan.shape_ijk
    return max(1, int(np.sqrt(rows * columns * slices / _SAMPLES)))


def _write_head(file: BinaryIO, plan: VolumePlan, dtype: np.dtype[Any]) -> None:
    shape = plan.shape_ijk[::-1]
    write_head(file, shape, dtype)
    file.flush()
    reserve(file, math.prod(shape) * dtype.itemsize)


def _finish(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
