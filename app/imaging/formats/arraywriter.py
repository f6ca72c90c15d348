"""Values of one volume on their way to its array on disk: int16 while that is exact, else float32.

What was written as int16 is rewritten as float32 when the first value comes that needs it, which loses
nothing: the file they come from is unpacked once.
"""

import math
import os
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from app.imaging.arrayfile import put_in_place, temporary_beside, write_head
from app.imaging.errors import N_, InvalidElement

_SAMPLES = 1_000_000
_COPIED = 1 << 20  # values
_INT16 = np.iinfo(np.int16)
_EXACT_IN_FLOAT32 = 1 << 24


class ArrayWriter:
    """One ``.npy`` in C order that appears whole, with :meth:`finish`, or not at all.

    Attributes
    ----------
    dtype : "int16" or "float32"
    is_rounded : bool
        Whole numbers came that float32 does not hold exactly.
    """

    def __init__(self, array_path: Path, shape_ijk: tuple[int, int, int]) -> None:
        self._final = array_path
        self._shape = shape_ijk[::-1]
        self._path = temporary_beside(self._final)
        self._file = self._begin(self._path, np.dtype(np.int16))
        self._dtype: np.dtype[Any] = np.dtype(np.int16)
        self._written = 0
        self._step = _sampling_step(shape_ijk)
        self._samples: list[NDArray[Any]] = []
        self._lowest, self._highest = math.inf, -math.inf
        self.is_rounded = False

    def write(self, values: NDArray[Any]) -> None:
        """The next *values*, of one dimension and any numeric type, in the order of the array.

        Raises
        ------
        InvalidElement
            A finite value is beyond float32.
        """
        if self._dtype == np.int16 and not _fits(values):
            self._widen()
        with np.errstate(over="ignore", invalid="ignore"):
            kept = np.ascontiguousarray(values, self._dtype)
        if self._dtype == np.float32:
            self._check(values, kept)
        self._file.write(kept.data)
        self._learn(kept)
        self._written += kept.size

    def finish(self) -> None:
        """Put the array in its place."""
        if self._written != math.prod(self._shape):
            raise ValueError("the array is not whole")
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        put_in_place(self._path, self._final)

    def discard(self) -> None:
        """Leave nothing of what is unfinished."""
        self._file.close()
        self._path.unlink(missing_ok=True)

    @property
    def dtype(self) -> str:
        return self._dtype.name

    def value_range(self) -> tuple[float, float]:
        """The lowest and the highest finite value; zeros where there is none."""
        return (self._lowest, self._highest) if self._lowest <= self._highest else (0.0, 0.0)

    def percentiles(self) -> tuple[float, float]:
        """The 1st and the 99th percentile of a regular sample."""
        values = np.concatenate(self._samples) if self._samples else np.zeros(0)
        if values.size == 0:
            return self.value_range()
        low, high = np.percentile(values.astype(np.float64), (1, 99))
        return float(low), float(high)

    def _begin(self, path: Path, dtype: np.dtype[Any]) -> BinaryIO:
        file = path.open("wb")
        write_head(file, self._shape, dtype)
        return file

    def _widen(self) -> None:
        """Go on as float32, with what was written so far."""
        self._file.close()
        widened = temporary_beside(self._final)
        self._dtype = np.dtype(np.float32)
        with self._path.open("rb") as before:
            npy.read_magic(before)
            npy.read_array_header_1_0(before)
            self._file = self._begin(widened, self._dtype)
            self._path.unlink()
            self._path = widened
            while data := before.read(2 * _COPIED):
                self._file.write(np.frombuffer(data, np.int16).astype(np.float32).data)

    def _check(self, values: NDArray[Any], kept: NDArray[Any]) -> None:
        if values.dtype.kind == "f":
            if values.dtype != np.float32 and np.any(np.isinf(kept) & np.isfinite(values)):
                raise InvalidElement(N_("The volume holds values beyond 3.4e38, which cannot be shown."))
        elif values.size and max(int(values.max()), -int(values.min())) > _EXACT_IN_FLOAT32:
            self.is_rounded = self.is_rounded or bool(np.any(kept.astype(np.float64) != values))

    def _learn(self, kept: NDArray[Any]) -> None:
        finite = kept if kept.dtype.kind == "i" else kept[np.isfinite(kept)]
        if finite.size:
            self._lowest = min(self._lowest, float(finite.min()))
            self._highest = max(self._highest, float(finite.max()))
        sample = kept[-self._written % self._step :: self._step]
        self._samples.append(np.array(sample[np.isfinite(sample)]))


def _fits(values: NDArray[Any]) -> bool:
    """Whether int16 holds all *values* exactly."""
    if values.size == 0:
        return True
    if values.dtype.kind in "iu":
        return int(values.min()) >= _INT16.min and int(values.max()) <= _INT16.max
    low, high = values.min(), values.max()
    if not (low >= _INT16.min and high <= _INT16.max):  # not a number, too
        return False
    return bool(np.all(values == np.rint(values)))


def _sampling_step(shape_ijk: tuple[int, int, int]) -> int:
    """A step that gives about a million samples and meets every column and row in turn."""
    columns, rows, slices = shape_ijk
    step = max(1, columns * rows * slices // _SAMPLES)
    while math.gcd(step, columns * rows) != 1:
        step += 1
    return step
