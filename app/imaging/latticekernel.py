"""The loop of :mod:`app.imaging.lattice`, compiled by Numba in a thread of its own.

Compiling takes about half a second; nobody waits for it unless he asks for more than NumPy can do in
that time. Numba and its compiler take about 130 MB, half of them pages of their libraries, and only in a
process that was asked for an oblique plane. Nothing is cached on disk: that would save a quarter of a second
and no memory, and needs a place that can be written to.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAXIMUM, MINIMUM, MEAN = 0, 1, 2
AT_CENTRE = 1e-8
"""Share of a voxel within which a point is its centre; sums of products of thousands are right to 1e-11."""

STRIP = 32
Loop = Callable[..., None]
_DTYPES = ("int16", "float32")


def compiled_loop(array: NDArray[Any], patience_s: float = 0.0) -> Loop | None:
    """The loop for volumes like *array*; None where there is none within *patience_s*.

    The first call for a dtype starts the compiler.
    """
    if array.dtype.name not in _DTYPES or not array.dtype.isnative or not array.flags.c_contiguous:
        return None
    try:
        return _compilation(array.dtype.name).result(timeout=patience_s)
    except TimeoutError:
        return None


@lru_cache(maxsize=len(_DTYPES))
def _compilation(dtype: str) -> "Future[Loop | None]":
    done: Future[Loop | None] = Future()

    def work() -> None:
        try:
            done.set_result(_compile(dtype))
        except Exception:
            # Not installed, not made for this NumPy, no memory for the compiler: the twin does it all.
            done.set_result(None)

    # No daemon: a process must not end under the compiler's feet.
    threading.Thread(target=work, name="compile-lattice").start()
    return done


def _compile(dtype: str) -> Loop:
    import numba

    real, whole, flag = numba.float64, numba.int64, numba.boolean
    triple = numba.types.Array(real, 1, "C")
    volume = numba.types.Array(numba.from_dtype(np.dtype(dtype)), 3, "C", readonly=True)
    values, inside = (numba.types.Array(kind, 2, "C") for kind in (numba.float32, flag))
    signature = numba.void(
        volume, triple, triple, triple, triple, whole, whole, flag, real, whole, whole, values, inside
    )
    machine_code = numba.njit(signature, nogil=True)(_loop)

    def loop(array: NDArray[Any], *others: Any) -> None:
        view = array.view(np.ndarray)
        view.flags.writeable = False  # as the signature has it
        machine_code(view, *others)

    return loop


def _loop(  # noqa: C901 - one loop for the compiler; its twin in NumPy is split up
    volume: Any,
    corner: Any,
    right: Any,
    down: Any,
    through: Any,
    steps: int,
    fold: int,
    nearest: bool,
    fill: float,
    first: int,
    end: int,
    values: Any,
    inside: Any,
) -> None:
    nk, nj, ni = volume.shape
    width = values.shape[1]
    # In strips: the rows of a wide plane would push each other's voxels out of the cache.
    for left in range(0, width, STRIP):
        for y in range(first, end):
            for x in range(left, min(left + STRIP, width)):
                found = 0.0
                counted = 0
                touched = False
                for step in range(steps):
                    i = corner[0] + y * down[0] + x * right[0] + step * through[0]
                    j = corner[1] + y * down[1] + x * right[1] + step * through[1]
                    k = corner[2] + y * down[2] + x * right[2] + step * through[2]
                    if not (-0.5 <= i < ni - 0.5 and -0.5 <= j < nj - 0.5 and -0.5 <= k < nk - 0.5):
                        continue
                    touched = True
                    if nearest:
                        value = float(volume[np.uintp(k + 0.5), np.uintp(j + 0.5), np.uintp(i + 0.5)])
                    else:
                        i = min(max(i, 0.0), ni - 1.0)
                        j = min(max(j, 0.0), nj - 1.0)
                        k = min(max(k, 0.0), nk - 1.0)
                        # Unsigned, for a signed index is asked each time whether it counts from the end.
                        i0, j0, k0 = np.uintp(i + AT_CENTRE), np.uintp(j + AT_CENTRE), np.uintp(k + AT_CENTRE)
                        a, b, c = i - i0, j - j0, k - k0
                        # At a centre the farther neighbour is the nearer one, and is not asked.
                        i1, j1, k1 = (
                            i0 + np.uintp(a >= AT_CENTRE),
                            j0 + np.uintp(b >= AT_CENTRE),
                            k0 + np.uintp(c >= AT_CENTRE),
                        )
                        p00, p01 = float(volume[k0, j0, i0]), float(volume[k0, j1, i0])
                        p10, p11 = float(volume[k1, j0, i0]), float(volume[k1, j1, i0])
                        if i1 != i0:
                            p00 += a * (volume[k0, j0, i1] - p00)
                            p01 += a * (volume[k0, j1, i1] - p01)
                            p10 += a * (volume[k1, j0, i1] - p10)
                            p11 += a * (volume[k1, j1, i1] - p11)
                        if j1 != j0:
                            p00 += b * (p01 - p00)
                            p10 += b * (p11 - p10)
                        value = p00 + c * (p10 - p00) if k1 != k0 else p00
                    if value != value:
                        continue
                    if counted == 0:
                        found = value
                    elif fold == 0:
                        found = max(found, value)
                    elif fold == 1:
                        found = min(found, value)
                    else:
                        found += value
                    counted += 1
                inside[y, x] = touched
                if counted == 0:
                    values[y, x] = np.nan if touched else fill
                elif fold == 2:
                    values[y, x] = found / counted
                else:
                    values[y, x] = found
