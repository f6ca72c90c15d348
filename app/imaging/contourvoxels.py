"""The voxels of one region of a structure set, whatever planes it was drawn on."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from app.imaging.contourfill import CrossingBudget, fill_planes, inside_polygons
from app.imaging.contourplanes import PlaneSet, plane_sets
from app.imaging.errors import N_, LimitExceeded, Message
from app.imaging.formats.rtstruct import POINT_TYPE, Roi
from app.imaging.geometry import index_from_world
from app.imaging.segments import BoxMask, Grid, Index

Points = NDArray[np.float64]

OUTSIDE = N_("%(count)s contours lie outside the images and are left out.")
CUT = N_("%(count)s contours reach beyond the images and are cut there.")
NOT_FLAT = N_("%(count)s contours do not lie in a plane and are left out.")
BETWEEN = N_(
    "%(count)s ROIs were drawn on other planes than the slices; each contour is carried half-way to the next."
)
_TOO_LARGE = N_("The masks would take more than %(limit)s bytes.")

_AT_ONCE = 500_000
_ROUNDED = 1e-6

Polygons = Sequence[Points]


@dataclass
class Filling:
    """What regions of one set may still take, and what was left out of them.

    ``most_voxels``: of the boxes of all masks together; one box may hold as many while it is made.
    """

    grid: Grid
    most_voxels: int
    budget: CrossingBudget = field(default_factory=CrossingBudget)
    tally: Counter[str] = field(default_factory=Counter)
    taken: int = 0

    def fill(self, roi: Roi) -> BoxMask:
        """The voxels of *roi*; empty where no voxel centre lies within.

        Raises
        ------
        LimitExceeded
            More voxels or crossings than allowed.
        """
        pairs = list(zip(roi.contours, roi.types, strict=True))
        closed = [points for points, kind in pairs if kind != POINT_TYPE]
        sets, bent = plane_sets(closed, self.grid, roi.plane_distance_mm)
        self.tally[NOT_FLAT] += bent
        self.tally[BETWEEN] += any(not one.is_on_slices for one in sets)
        pieces = [self._oblique(one) if one.axis is None else self._aligned(one, one.axis) for one in sets]
        pieces += self._voxels([points for points, kind in pairs if kind == POINT_TYPE])
        mask = self._union([piece for piece in pieces if piece.voxels.size])
        self.taken += mask.voxels.size
        return mask

    def warnings(self) -> Iterable[Message]:
        """What was left out, cut or carried."""
        return [Message(template, {"count": count}) for template, count in self.tally.items() if count]

    def _aligned(self, planes: PlaneSet, axis: int) -> BoxMask:
        """Planes that cut the grid at one index of *axis* each."""
        across, down = (other for other in range(3) if other != axis)
        size = (self.grid.shape_ijk[across], self.grid.shape_ijk[down])
        first, chosen = planes_of_slices(planes, self.grid.shape_ijk[axis])
        used = np.unique(chosen[chosen >= 0])
        flat = {int(n): [points[:, [across, down]] for points in planes.contours[n]] for n in used}
        # Planes between the others of a finer set are no slice's nearest, and not missed.
        is_beyond = (planes.offsets < -0.5) | (planes.offsets >= self.grid.shape_ijk[axis] - 0.5)
        for n, contours in enumerate(planes.contours):
            if n in flat:
                self._count_beyond(flat[n], np.array(size))
            elif is_beyond[n]:
                self.tally[OUTSIDE] += len(contours)
        if not flat:
            return BoxMask.of(np.zeros((0, 0, 0), np.bool_))
        self._check_room(len(chosen) * _area(flat.values(), size))
        (left, top), filled = fill_planes(list(flat.values()), size, self.budget)
        if len(chosen) != len(used):
            is_filled = chosen >= 0
            slices = np.zeros((len(chosen), *filled.shape[1:]), np.bool_)
            slices[is_filled] = filled[np.searchsorted(used, chosen[is_filled])]
            filled = slices
        # From (along, down, across) to (k, j, i): the axis goes to its place, counted from the back.
        origin = {axis: first, across: left, down: top}
        return BoxMask.of(np.moveaxis(filled, 0, 2 - axis), (origin[0], origin[1], origin[2]))

    def _count_beyond(self, polygons: Polygons, size: NDArray[np.int64]) -> None:
        for points in polygons:
            low, high = points.min(axis=0), points.max(axis=0)
            if (high < -0.5).any() or (low > size - 0.5).any():
                self.tally[OUTSIDE] += 1
            # Images end half a voxel beyond the outermost centres; half a voxel more is a hand's inaccuracy.
            elif (low < -1).any() or (high > size).any():
                self.tally[CUT] += 1

    def _oblique(self, planes: PlaneSet) -> BoxMask:
        """Planes in any direction: a voxel belongs to the plane in whose reach it lies, along the normal."""
        layers = []
        for n, contours in enumerate(planes.contours):
            ends = np.array([planes.low[n], planes.high[n]]) - planes.offsets[n]
            # A contour beside the images may reach them where it is carried to, and be a hole there.
            carried = [np.concatenate([points + end * planes.normal for end in ends]) for points in contours]
            is_inner = [self._reaches(points) for points in carried]
            self.tally[OUTSIDE] += is_inner.count(False)
            if any(is_inner):
                inner = list(compress(contours, is_inner))
                layers.append((n, inner, self._box(np.concatenate(list(compress(carried, is_inner))))))
        if not layers:
            return BoxMask.of(np.zeros((0, 0, 0), np.bool_))
        first = np.min([box[0] for _, _, box in layers], axis=0)
        size = np.max([box[1] for _, _, box in layers], axis=0) - first
        self._check_room(int(np.prod(np.maximum(size, 0))))
        voxels = np.zeros(tuple(np.maximum(size, 0)[::-1]), np.bool_)
        in_plane = _in_plane(planes.normal)
        per_index = self.grid.matrix[:3, :3].T @ in_plane
        origin = self.grid.matrix[:3, 3] @ in_plane
        for n, inner, box in layers:
            polygons = [points @ in_plane for points in inner]
            for indices in self._layer(box, planes.normal, (planes.low[n], planes.high[n])):
                is_inside = inside_polygons(polygons, indices @ per_index + origin, self.budget)
                i, j, k = (indices[is_inside] - first).T
                voxels[k, j, i] = True
        return BoxMask.of(voxels, (int(first[0]), int(first[1]), int(first[2])))

    def _box(self, points_lps: Points) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """First and end index (i, j, k) of the voxels round the points."""
        indices = index_from_world(self.grid.matrix, points_lps)
        shape = np.array(self.grid.shape_ijk)
        first = np.clip(np.ceil(indices.min(axis=0) - _ROUNDED), 0, shape).astype(np.int64)
        end = np.clip(np.floor(indices.max(axis=0) + _ROUNDED) + 1, 0, shape).astype(np.int64)
        return first, np.maximum(first, end)

    def _layer(
        self, box: tuple[NDArray[np.int64], NDArray[np.int64]], normal: Points, reach_mm: tuple[float, float]
    ) -> Iterator[NDArray[np.int64]]:
        """The voxels (N, 3) of *box* within *reach_mm* along *normal*, half open; some at a time.

        Each line of voxels along the axis nearest to the normal meets the layer in one run.
        """
        first, end = box
        per_index = normal @ self.grid.matrix[:3, :3]
        reach = np.array(reach_mm) - normal @ self.grid.matrix[:3, 3]
        axis = int(np.argmax(np.abs(per_index)))
        one, other = (n for n in range(3) if n != axis)
        seconds = np.arange(first[other], end[other])
        runs: list[NDArray[np.int64]] = []
        for value in range(first[one], end[one]):
            before = value * per_index[one] + seconds * per_index[other]
            ends = np.sort((reach[:, None] - before) / per_index[axis], axis=0)
            start, stop = np.clip(np.ceil(np.round(ends, 6)), first[axis], end[axis]).astype(np.int64)
            counts = stop - start
            run = np.empty((int(counts.sum()), 3), np.int64)
            run[:, one] = value
            run[:, other] = np.repeat(seconds, counts)
            run[:, axis] = np.arange(len(run)) + np.repeat(start - np.cumsum(counts) + counts, counts)
            runs.append(run)
            if sum(map(len, runs)) > _AT_ONCE:
                yield np.concatenate(runs)
                runs = []
        if runs:
            yield np.concatenate(runs)

    def _reaches(self, points_lps: Points) -> bool:
        indices = index_from_world(self.grid.matrix, points_lps)
        below, above = indices.max(axis=0) < -0.5, indices.min(axis=0) > np.array(self.grid.shape_ijk) - 0.5
        return not (below | above).any()

    def _voxels(self, points: Sequence[Points]) -> Iterator[BoxMask]:
        """The voxel that each point lies in."""
        if not points:
            return
        indices = np.floor(index_from_world(self.grid.matrix, np.concatenate(points)) + 0.5)
        inside = ((indices >= 0) & (indices < self.grid.shape_ijk)).all(axis=1)
        self.tally[OUTSIDE] += int((~inside).sum())
        yield self._of_indices(indices[inside].astype(np.int64))

    def _of_indices(self, indices: NDArray[np.int64]) -> BoxMask:
        """The voxels (N, 3) as a mask."""
        if not len(indices):
            return BoxMask.of(np.zeros((0, 0, 0), np.bool_))
        first, size = indices.min(axis=0), np.ptp(indices, axis=0) + 1
        self._check_room(int(np.prod(size)))
        voxels = np.zeros(tuple(size[::-1]), np.bool_)
        i, j, k = (indices - first).T
        voxels[k, j, i] = True
        return BoxMask((int(first[0]), int(first[1]), int(first[2])), voxels)

    def _union(self, pieces: Sequence[BoxMask]) -> BoxMask:
        if not pieces:
            return BoxMask.of(np.zeros((0, 0, 0), np.bool_))
        if len(pieces) == 1:
            return pieces[0]
        first = np.min([piece.box_ijk[0] for piece in pieces], axis=0)
        size = np.max([piece.box_ijk[1] for piece in pieces], axis=0) - first
        self._check_room(int(np.prod(size)))
        voxels = np.zeros(tuple(size[::-1]), np.bool_)
        i, j, k = (int(n) for n in first)
        for piece in pieces:
            at: Index = (piece.origin_ijk[0] - i, piece.origin_ijk[1] - j, piece.origin_ijk[2] - k)
            voxels[BoxMask(at, piece.voxels).slices_kji] |= piece.voxels
        return BoxMask((i, j, k), voxels)

    def _check_room(self, voxels: int) -> None:
        if self.taken + voxels > self.most_voxels:
            raise LimitExceeded(_TOO_LARGE, limit=self.most_voxels)


def planes_of_slices(planes: PlaneSet, count: int) -> tuple[int, NDArray[np.int64]]:
    """First slice that belongs to a plane, and the planes of it and of all to the last; -1 of gaps."""
    slices = np.arange(count)
    nearest = np.searchsorted(planes.low, slices, "right") - 1
    is_near = (nearest >= 0) & (slices < planes.high[nearest])
    if not is_near.any():
        return 0, np.zeros(0, np.int64)
    first, last = np.flatnonzero(is_near)[[0, -1]]
    return int(first), np.where(is_near, nearest, -1)[first : last + 1]


def _in_plane(normal: Points) -> Points:
    """Two unit vectors across *normal*, as columns (3, 2)."""
    right = np.cross(normal, np.eye(3)[np.argmin(np.abs(normal))])
    right /= np.linalg.norm(right)
    return np.stack([right, np.cross(normal, right)], axis=1)


def _area(planes: Iterable[Polygons], size: tuple[int, int]) -> int:
    """Pixels of the box round all polygons."""
    corners = [end for polygons in planes for points in polygons for end in (points.min(0), points.max(0))]
    low, high = np.clip(np.min(corners, axis=0), 0, size), np.clip(np.max(corners, axis=0) + 1, 0, size)
    return int(np.prod(np.ceil(high - low)))
