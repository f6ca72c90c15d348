"""In which order the voxels of a volume travel: in slabs of whole slices, nearest to a slice first.

Slab *n* of a volume holds the slices from ``n × per_slab`` on. The slab of the centre comes first, then the
one above, the one below, and so on; past one end the rest of the other side. The order follows from three
numbers, and ``static/js/lib/slaborder.js`` works out the same, so that nobody has to send it.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

SLAB_BYTES = 3 * 1024 * 1024
"""A slab is as many whole slices as fit, and at least one: fifty of a CT of 300 slices."""


def slices_per_slab(slice_bytes: int) -> int:
    """How many slices of *slice_bytes* make a slab."""
    return max(1, SLAB_BYTES // slice_bytes)


def slab_count(slices: int, per_slab: int) -> int:
    """Slabs of a volume of so many *slices*; the last one may be smaller."""
    return -(-slices // per_slab)


def slab_order(slices: int, center: int, per_slab: int) -> list[int]:
    """The numbers of the slabs in the order in which they travel.

    Raises
    ------
    ValueError
        The volume has no slice *center*, or a slab none at all.
    """
    if not (0 <= center < slices and per_slab >= 1):
        raise ValueError(f"no order of {slices} slices around {center} in slabs of {per_slab}")
    count, first = slab_count(slices, per_slab), center // per_slab
    order = [first]
    for away in range(1, count):
        order += [slab for slab in (first + away, first - away) if 0 <= slab < count]
    return order


def slabs(array: NDArray[Any], center: int, after: int = 0) -> Iterator[NDArray[np.uint8]]:
    """The bytes of each slab of *array* (k, j, i), int16 or float32, little-endian; nothing is copied.

    Parameters
    ----------
    center : int
        The slice whose slab comes first.
    after : int
        Slabs, in that order, that are left out.
    """
    per_slab = slices_per_slab(array[0].nbytes)
    for slab in slab_order(len(array), center, per_slab)[after:]:
        part = array[slab * per_slab : (slab + 1) * per_slab]
        little_endian = np.ascontiguousarray(part, part.dtype.newbyteorder("<"))
        yield little_endian.reshape(-1).view(np.uint8)
