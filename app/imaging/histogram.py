"""How often each value occurs in a volume, quickly enough for a page: at most a few tenths of a second.

Volumes above a limit of voxels are counted on every ``step``-th slice, and the result says so; the slices are
whole, so the counting reads a memory-mapped file in long runs and touches only the pages it needs.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAX_VOXELS = 1 << 26
MAX_BINS = 4096


@dataclass(frozen=True)
class Histogram:
    """Counts of values.

    Attributes
    ----------
    counts : (bins,) int64 array
    bin_edges : (bins + 1,) float64 array, modality units
        Bin *n* holds ``edges[n] <= value < edges[n + 1]``; the last bin of floats includes its end.
    step : int
        Every ``step``-th slice was counted; 1 means all of them.
    voxels : int
        Number of voxels looked at, values that are not finite included.
    """

    counts: NDArray[np.int64]
    bin_edges: NDArray[np.float64]
    step: int
    voxels: int

    def as_json(self) -> dict[str, Any]:
        """The same in types that JSON has."""
        return {
            "counts": self.counts.tolist(),
            "bin_edges": self.bin_edges.tolist(),
            "step": self.step,
            "voxels": self.voxels,
        }


def histogram(
    array: NDArray[Any],
    bins: int = 256,
    max_voxels: int = MAX_VOXELS,
    padding: tuple[float, float] | None = None,
) -> Histogram:
    """Count the values of a volume.

    Parameters
    ----------
    array : (k, j, i) int16 or float array, may be memory-mapped
    bins : int
        Largest number of bins, 1 to 4096. int16 data get bins of a whole number of values, so that the
        curve has no comb; there may be fewer bins then.
    max_voxels : int
        Above it every *n*-th slice is counted.
    padding : 2 floats
        Values from the one to the other were not measured and are not counted, unless there are no others.
    """
    if not 1 <= bins <= MAX_BINS:
        raise ValueError(f"bins must be 1 to {MAX_BINS}, not {bins}")
    if array.size == 0:
        raise ValueError("an empty array has no histogram")
    step = -(-array.size // max_voxels)
    chosen = array[:: min(step, len(array))]
    low, high = (1.0, 0.0) if padding is None else (min(padding), max(padding))
    count = _of_int16 if array.dtype == np.int16 else _of_floats
    counts, edges = count(chosen, bins, low, high)
    return Histogram(counts, edges, min(step, len(array)), int(chosen.size))


def _slices(array: NDArray[Any]) -> Iterator[NDArray[Any]]:
    """Slice by slice, flat: counting widens its input eight times, so it must not see a whole volume."""
    for plane in array:
        yield np.ravel(plane)


def _of_int16(
    array: NDArray[Any], bins: int, padding_low: float, padding_high: float
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    every = np.zeros(65536, np.int64)
    for values in _slices(array):
        every += np.bincount(values.view(np.uint16), minlength=65536)
    every = np.roll(every, 32768)  # from the uint16 view's order to −32768 … 32767
    values = np.arange(-32768, 32768)
    measured = np.where((values >= padding_low) & (values <= padding_high), 0, every)
    every = measured if measured.any() else every
    present = np.flatnonzero(every)
    low, high = int(present[0]), int(present[-1])
    values_per_bin = -(-(high - low + 1) // bins)
    used = -(-(high - low + 1) // values_per_bin)
    padded = np.zeros(used * values_per_bin, np.int64)
    padded[: high - low + 1] = every[low : high + 1]
    edges = low - 32768 + np.arange(used + 1, dtype=np.float64) * values_per_bin
    return padded.reshape(used, values_per_bin).sum(axis=1), edges


def _of_floats(
    array: NDArray[Any], bins: int, padding_low: float, padding_high: float
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    padding = padding_low, padding_high
    if padding_low <= padding_high:
        # The ends were rescaled in double precision, the voxels rounded to float32 after that.
        slack = float(np.spacing(np.float32(max(abs(padding_low), abs(padding_high)))))
        padding = padding_low - slack, padding_high + slack
    low, high = _finite_range(array, *padding)
    if low > high:
        padding = 1.0, 0.0
        low, high = _finite_range(array, *padding)
    if low > high:
        low = high = 0.0
    if high <= low:
        high = low + 1.0
    edges = np.linspace(low, high, bins + 1)
    counts = np.zeros(bins, np.int64)
    for values in _slices(array):
        finite = _measured(values, *padding).astype(np.float64)
        counts += np.histogram(finite, bins=bins, range=(low, high))[0]
    return counts, edges


def _finite_range(array: NDArray[Any], padding_low: float, padding_high: float) -> tuple[float, float]:
    """Smallest and largest measured value; ∞ and −∞ when there is none."""
    low, high = np.inf, -np.inf
    for values in _slices(array):
        finite = _measured(values, padding_low, padding_high)
        if finite.size:
            low, high = min(low, float(finite.min())), max(high, float(finite.max()))
    return low, high


def _measured(values: NDArray[Any], padding_low: float, padding_high: float) -> NDArray[Any]:
    """The finite values that are no padding."""
    kept = np.isfinite(values)
    if padding_low <= padding_high:
        kept &= (values < padding_low) | (values > padding_high)
    return np.asarray(values[kept])
