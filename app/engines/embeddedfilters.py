"""Filters of the embedded engine: curvature flow, slope, noise. Arrays are (k, j, i) float32.

Curvature flow smooths along edges and not across them (Sethian; as ITK's CurvatureFlowImageFilter):
central differences, and values at the border going on as they are.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

TIME_STEP = 0.0625  # the largest that is stable in three dimensions
FLOW_STEPS = 4
SLOPE_SIGMA = 0.8
_FLAT = 1e-9
_PATIENCE_S = 30.0

Floats = NDArray[np.float32]
Triple = tuple[float, float, float]


def curvature_flow(values: Floats, unit: Triple, steps: int = FLOW_STEPS) -> Floats:
    """*values* after *steps* of curvature flow; neighbours lie ``unit`` apart."""
    scale = np.array([1 / side for side in unit], np.float64)
    loop = compiled()
    for _ in range(steps):
        padded = np.pad(values, 1, mode="edge")
        values = loop(padded, scale) if loop is not None else flow_slowly(padded, scale)
    return values


def slope(values: Floats, unit: Triple, is_thick: bool) -> Floats:
    """The length of the gradient per unit, Gaussian derivatives; along far slices plain differences."""
    from scipy.ndimage import correlate1d, gaussian_filter1d

    total = np.zeros(values.shape, np.float32)
    for axis in range(3):
        if values.shape[axis] < 2:
            continue
        part = values
        if is_thick and unit[axis] > 1:
            part = correlate1d(part, [-0.5, 0.0, 0.5], axis=axis, mode="nearest")
        else:
            for other in range(3):
                if values.shape[other] > 1 and not (is_thick and unit[other] > 1):
                    part = gaussian_filter1d(
                        part, SLOPE_SIGMA, axis=other, order=int(other == axis), mode="nearest", truncate=3.5
                    )
        part = part / np.float32(unit[axis])
        total += part * part
    return np.sqrt(total)


def noise_of(values: Floats) -> float:
    """The deviation of the noise, from differences of neighbours; the largest fifth of them are edges."""
    differences = np.abs(np.diff(values, axis=2)).ravel()[:: 1 + values.size // 200_000]
    if not differences.size:
        return 0.0
    # The median of the lower four fifths is the 40th centile of all.
    return float(1.4826 / np.sqrt(2) * np.quantile(differences, 0.4))


def compiled(patience_s: float = _PATIENCE_S) -> Callable[[Floats, Any], Floats] | None:
    """The compiled step, waited for at most *patience_s*; None where there is none. Nought starts it."""
    try:
        return _compilation().result(timeout=patience_s)
    except TimeoutError:
        return None


@lru_cache(maxsize=1)
def _compilation() -> "Future[Callable[[Floats, Any], Floats] | None]":
    done: Future[Callable[[Floats, Any], Floats] | None] = Future()

    def work() -> None:
        try:
            import numba

            volume = numba.float32[:, :, ::1]
            signature = volume(volume, numba.float64[::1])
            done.set_result(numba.njit(signature, nogil=True, error_model="numpy")(_step))
        except Exception:
            done.set_result(None)  # the twin does it

    threading.Thread(target=work, name="compile-flow").start()
    return done


def _step(padded: Any, scale: Any) -> Any:
    depth, height, width = padded.shape
    result = np.empty((depth - 2, height - 2, width - 2), np.float32)
    sk, sj, si = scale[0], scale[1], scale[2]
    for k in range(1, depth - 1):
        for j in range(1, height - 1):
            for i in range(1, width - 1):
                here = padded[k, j, i]
                dk = 0.5 * sk * (padded[k + 1, j, i] - padded[k - 1, j, i])
                dj = 0.5 * sj * (padded[k, j + 1, i] - padded[k, j - 1, i])
                di = 0.5 * si * (padded[k, j, i + 1] - padded[k, j, i - 1])
                square = dk * dk + dj * dj + di * di
                if square < 1e-9:
                    result[k - 1, j - 1, i - 1] = here
                    continue
                dkk = sk * sk * (padded[k + 1, j, i] - 2 * here + padded[k - 1, j, i])
                djj = sj * sj * (padded[k, j + 1, i] - 2 * here + padded[k, j - 1, i])
                dii = si * si * (padded[k, j, i + 1] - 2 * here + padded[k, j, i - 1])
                dkj = padded[k + 1, j + 1, i] - padded[k + 1, j - 1, i]
                dkj = 0.25 * sk * sj * (dkj - padded[k - 1, j + 1, i] + padded[k - 1, j - 1, i])
                dki = padded[k + 1, j, i + 1] - padded[k + 1, j, i - 1]
                dki = 0.25 * sk * si * (dki - padded[k - 1, j, i + 1] + padded[k - 1, j, i - 1])
                dji = padded[k, j + 1, i + 1] - padded[k, j + 1, i - 1]
                dji = 0.25 * sj * si * (dji - padded[k, j - 1, i + 1] + padded[k, j - 1, i - 1])
                bent = dk * dk * (djj + dii) + dj * dj * (dkk + dii) + di * di * (dkk + djj)
                bent -= 2 * (dk * dj * dkj + dk * di * dki + dj * di * dji)
                result[k - 1, j - 1, i - 1] = here + 0.0625 * bent / square
    return result


def flow_slowly(padded: Floats, scale: NDArray[np.float64]) -> Floats:
    """The twin of the compiled step."""
    wide = padded.astype(np.float64)

    def at(*shift: int) -> NDArray[np.float64]:
        return wide[tuple(slice(1 + s, n - 1 + s) for s, n in zip(shift, wide.shape, strict=True))]

    ones = np.eye(3, dtype=int)
    here = at(0, 0, 0)
    first = [0.5 * s * (at(*e) - at(*-e)) for s, e in zip(scale, ones, strict=True)]
    second = [s * s * (at(*e) - 2 * here + at(*-e)) for s, e in zip(scale, ones, strict=True)]
    square = first[0] ** 2 + first[1] ** 2 + first[2] ** 2
    bent = np.zeros_like(square)
    for a in range(3):
        bent += first[a] ** 2 * (sum(second) - second[a])
        for b in range(a):
            e, f = ones[a], ones[b]
            mixed = 0.25 * scale[a] * scale[b] * (at(*e + f) - at(*e - f) - at(*f - e) + at(*-e - f))
            bent -= 2 * first[a] * first[b] * mixed
    with np.errstate(divide="ignore", invalid="ignore"):
        moved = here + TIME_STEP * bent / square
    return np.where(square < _FLAT, here, moved).astype(np.float32)
