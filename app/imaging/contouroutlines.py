"""The outlines of a mask, slice by slice, along the edges of its voxels.

They run half a voxel from all centres, so that filling them gives the mask again whatever a reader thinks
of points on a line, and enclose exactly the area of the voxels. Holes are outlines of their own, for the
even-odd rule; voxels that touch at a corner only have an outline each.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.imaging.geometry import world_from_index
from app.imaging.segments import BoxMask, Grid

# Right, down, left, up in (column, row): inside lies to the right of who walks along.
_STEPS = np.array([(1, 0), (0, 1), (-1, 0), (0, -1)])


@dataclass(frozen=True)
class SliceOutlines:
    """The outlines of slice ``k``: (N, 3) float arrays, LPS mm, corners only, the first not repeated."""

    k: int
    contours_lps: tuple[NDArray[np.float64], ...]


def outlines(mask: BoxMask, grid: Grid) -> tuple[SliceOutlines, ...]:
    """The outlines of *mask* on each slice k of *grid* that it touches."""
    i0, j0, k0 = mask.origin_ijk
    corner = np.array([i0 - 0.5, j0 - 0.5])
    found = []
    for n, voxels in enumerate(mask.voxels):
        loops = pixel_outlines(voxels)
        if loops:
            contours = []
            for loop in loops:
                indices = np.column_stack([loop + corner, np.full(len(loop), k0 + n)])
                contours.append(world_from_index(grid.matrix, indices))
            found.append(SliceOutlines(k0 + n, tuple(contours)))
    return tuple(found)


def pixel_outlines(pixels: NDArray[np.bool_]) -> list[NDArray[np.int64]]:
    """The outlines of *pixels* (rows, columns) as (N, 2) corners (column, row).

    Pixel (0, 0) has the corners (0, 0) to (1, 1). Outer outlines turn with the clock where rows count
    downwards, holes against it.
    """
    padded = np.pad(pixels, 1)
    inner = padded[1:, 1:]  # the pixel to the lower right of each corner (row, column)
    upper, left, diagonal = padded[:-1, 1:], padded[1:, :-1], padded[:-1, :-1]
    # Which of the four edges leave a corner: to the right with a pixel below and none above, and so on.
    leaving = np.stack([inner & ~upper, left & ~inner, diagonal & ~left, upper & ~diagonal], axis=-1)
    rows, columns, directions = np.nonzero(leaving)
    if not len(rows):
        return []
    ids = np.full(leaving.shape, -1, np.int64)
    ids[rows, columns, directions] = np.arange(len(rows))
    steps = _STEPS[directions]
    after = ids[rows + steps[:, 1], columns + steps[:, 0]]
    # At a corner of two diagonal pixels two edges leave: the turn to the right stays with its own pixel.
    following = np.full(len(rows), -1, np.int64)
    for turn in (3, 0, 1):
        candidate = after[np.arange(len(rows)), (directions + turn) % 4]
        following = np.where(candidate >= 0, candidate, following)
    corners = np.column_stack([columns, rows])
    return _loops(following.tolist(), corners, directions)


def _loops(
    following: list[int], corners: NDArray[np.int64], directions: NDArray[np.int64]
) -> list[NDArray[np.int64]]:
    """Edges joined to closed loops, without the corners at which they run straight on."""
    seen = bytearray(len(following))
    loops = []
    for start in range(len(following)):
        if seen[start]:
            continue
        loop = []
        at = start
        while not seen[at]:
            seen[at] = 1
            loop.append(at)
            at = following[at]
        edges = np.array(loop)
        turns = directions[edges] != np.roll(directions[edges], 1)
        loops.append(corners[edges[turns]])
    return loops
