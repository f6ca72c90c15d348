"""Two labels flood a small grid from their seeds; each voxel goes to the one that reaches it at the least
cost.

The cost of a path is the largest cost on it, and one more for each step so that equal paths meet half-
way. That is the watershed of two sources, with a cost of entering that differs by label. A queue of
buckets, since costs are small whole numbers. Compiled by Numba in a thread of its own (see
:mod:`app.imaging.latticekernel`); the twin in Python gives the same labels and takes seconds.
"""

import heapq
import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

FREE, OBJECT, BACKGROUND, WALL = 0, 1, 2, 3
DEAREST = 31_998
_BUCKETS = 32_768  # keys in the queue differ by at most DEAREST + 1
_PATIENCE_S = 30.0

Labels = NDArray[np.uint8]
Costs = NDArray[np.int32]
Loop = Callable[[Labels, Costs, Costs, Costs], Labels]


def flood(
    seeds: Labels, to_object: Costs, to_background: Costs, between_slices: Costs | None = None
) -> Labels:
    """The label of each voxel.

    Parameters
    ----------
    seeds : (k, j, i) uint8
        FREE, OBJECT, BACKGROUND, or WALL where no path goes.
    to_object, to_background : (k, j, i) int32
        0…DEAREST: what it costs the label to enter the voxel.
    between_slices : (k, j, i) int32 or None
        What it costs to go from slice k to k + 1, whichever label.

    Returns
    -------
    (k, j, i) uint8
        OBJECT or BACKGROUND; WALL where that was; FREE where nobody came.
    """
    if between_slices is None:
        between_slices = np.zeros((1, 1, 1), np.int32)
    given: Any = (
        np.ascontiguousarray(seeds, np.uint8),
        *(_costs(c) for c in (to_object, to_background, between_slices)),
    )
    loop = compiled()
    return loop(*given) if loop is not None else flood_slowly(*given)


def _costs(costs: Costs) -> Costs:
    return np.ascontiguousarray(np.clip(costs, 0, DEAREST), np.int32)


def compiled(patience_s: float = _PATIENCE_S) -> Loop | None:
    """The compiled loop, waited for at most *patience_s*; None where there is none. Nought starts it."""
    try:
        return _compilation().result(timeout=patience_s)
    except TimeoutError:
        return None


@lru_cache(maxsize=1)
def _compilation() -> "Future[Loop | None]":
    done: Future[Loop | None] = Future()

    def work() -> None:
        try:
            import numba

            costs = numba.int32[:, :, ::1]
            signature = numba.uint8[:, :, ::1](numba.uint8[:, :, ::1], costs, costs, costs)
            done.set_result(numba.njit(signature, nogil=True)(_loop))
        except Exception:
            # Not installed, not made for this NumPy, no memory for the compiler: the twin does it.
            done.set_result(None)

    # No daemon: a process must not end under the compiler's feet.
    threading.Thread(target=work, name="compile-flood").start()
    return done


def _loop(seeds: Any, to_object: Any, to_background: Any, between_slices: Any) -> Any:  # noqa: C901 - for the compiler
    depth, height, width = seeds.shape
    layer = height * width
    count = depth * layer
    sides = between_slices.shape[0] == depth
    start = seeds.ravel()
    enter_object, enter_background, step_over = (
        to_object.ravel(),
        to_background.ravel(),
        between_slices.ravel(),
    )
    labels = np.zeros(count, np.uint8)
    best = np.full(count, 2_000_000_000, np.int32)
    heads = np.full(_BUCKETS, -1, np.int32)
    # Places of the queue's entries; those taken out are used again, so that few are needed.
    room = 65_536
    after = np.empty(room, np.int32)
    voxels = np.empty(room, np.int32)
    keys = np.empty(room, np.int32)
    kinds = np.empty(room, np.uint8)
    spare, used, waiting = -1, 0, 0
    for voxel in range(count):
        kind = start[voxel]
        if kind == 3:
            labels[voxel] = 3
            best[voxel] = -1
        elif kind != 0:
            if used == room:
                room *= 2
                after = np.concatenate((after, np.empty(used, np.int32)))
                voxels = np.concatenate((voxels, np.empty(used, np.int32)))
                keys = np.concatenate((keys, np.empty(used, np.int32)))
                kinds = np.concatenate((kinds, np.empty(used, np.uint8)))
            best[voxel] = 0
            after[used], voxels[used], keys[used], kinds[used] = heads[0], voxel, 0, kind
            heads[0] = used
            used += 1
            waiting += 1
    now = 0
    while waiting > 0:
        bucket = now % 32_768
        entry = heads[bucket]
        if entry < 0:
            now += 1
            continue
        heads[bucket] = after[entry]
        waiting -= 1
        voxel, key, kind = voxels[entry], keys[entry], kinds[entry]
        after[entry] = spare
        spare = entry
        if labels[voxel] != 0 or key != best[voxel]:
            continue
        labels[voxel] = kind
        k = voxel // layer
        rest = voxel - k * layer
        j = rest // width
        i = rest - j * width
        for side in range(6):
            over = 0
            if side == 0:
                if k == 0:
                    continue
                other = voxel - layer
                if sides:
                    over = step_over[other]
            elif side == 1:
                if k == depth - 1:
                    continue
                other = voxel + layer
                if sides:
                    over = step_over[voxel]
            elif side == 2:
                if j == 0:
                    continue
                other = voxel - width
            elif side == 3:
                if j == height - 1:
                    continue
                other = voxel + width
            elif side == 4:
                if i == 0:
                    continue
                other = voxel - 1
            else:
                if i == width - 1:
                    continue
                other = voxel + 1
            if labels[other] != 0:
                continue
            cost = enter_object[other] if kind == 1 else enter_background[other]
            reached = max(key, cost, over) + 1
            if reached >= best[other]:
                continue
            best[other] = reached
            if spare >= 0:
                entry = spare
                spare = after[entry]
            else:
                if used == room:
                    room *= 2
                    after = np.concatenate((after, np.empty(used, np.int32)))
                    voxels = np.concatenate((voxels, np.empty(used, np.int32)))
                    keys = np.concatenate((keys, np.empty(used, np.int32)))
                    kinds = np.concatenate((kinds, np.empty(used, np.uint8)))
                entry = used
                used += 1
            place = reached % 32_768
            after[entry], voxels[entry], keys[entry], kinds[entry] = heads[place], other, reached, kind
            heads[place] = entry
            waiting += 1
    return labels.reshape(depth, height, width)


def flood_slowly(seeds: Labels, to_object: Costs, to_background: Costs, between_slices: Costs) -> Labels:
    """The twin of the compiled loop: of equal keys the last that came goes first, as there."""
    depth, height, width = seeds.shape
    layer = height * width
    sides = len(between_slices) == depth
    start = seeds.ravel().tolist()
    enter = (None, to_object.ravel().tolist(), to_background.ravel().tolist())
    step_over = between_slices.ravel().tolist()
    labels = [WALL if kind == WALL else 0 for kind in start]
    best = [0 if kind else DEAREST * 1000 for kind in start]
    queue = [
        (0, -n, v, start[v])
        for n, v in enumerate(v for v, s in enumerate(start) if s in (OBJECT, BACKGROUND))
    ]
    heapq.heapify(queue)
    order = len(queue)
    while queue:
        key, _, voxel, kind = heapq.heappop(queue)
        if labels[voxel] or key != best[voxel]:
            continue
        labels[voxel] = kind
        k, rest = divmod(voxel, layer)
        j, i = divmod(rest, width)
        costs = enter[kind]
        for there, other, edge in (
            (k > 0, voxel - layer, voxel - layer),
            (k < depth - 1, voxel + layer, voxel),
            (j > 0, voxel - width, -1),
            (j < height - 1, voxel + width, -1),
            (i > 0, voxel - 1, -1),
            (i < width - 1, voxel + 1, -1),
        ):
            if not there or labels[other] or costs is None:
                continue
            over = step_over[edge] if sides and edge >= 0 else 0
            reached = max(key, costs[other], over) + 1
            if reached < best[other]:
                best[other] = reached
                heapq.heappush(queue, (reached, -order, other, kind))
                order += 1
    return np.array(labels, np.uint8).reshape(seeds.shape)
