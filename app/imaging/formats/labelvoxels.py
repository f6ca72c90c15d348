"""Voxels that name segments by their values, taken in slab by slab: a box of bits for each value.

The whole label volume is never held: of each slab only the boxes of the labels in it are kept.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from app.imaging.errors import N_, InvalidElement, LimitExceeded, UnsupportedData
from app.imaging.formats.volumefile import VolumeFile
from app.imaging.formats.voxelstream import as_voxels, open_voxels
from app.imaging.limits import ReadLimits
from app.imaging.segments import BoxMask, Index

MOST_SEGMENTS = 512
"""FreeSurfer's finest parcellations have some 250 labels; an image has thousands of values."""
_MOST_COUNTED = 100_000
_AT_ONCE = 1 << 20  # voxels
_WIDEST_TABLE = 1 << 20
_LARGEST_LABEL = 2**31 - 1
_SAME = 1e-3
# An image of 8 bits has few enough values. Labels that fill a volume are mostly beside their own kind.
_MANY = 64
_LEAST_ALIKE, _LEAST_FULL = 0.5, 0.2

_NEGATIVE = N_("The voxels go down to %(found)s: a label map counts its segments from 1.")
_NO_NUMBER = N_("Some voxels are no numbers: a label map holds whole ones.")
_FRACTIONS = N_("The voxels hold fractions, such as %(found)s: a label map holds whole numbers.")
_TOO_MANY = N_(
    "The voxels hold %(found)s different values, as an image does; of a label map at most %(limit)s are "
    "read. Export the segmentation, not the image."
)
_LIKE_AN_IMAGE = N_(
    "The voxels hold %(found)s different values that change from voxel to voxel, as an image does "
    "and no label map. Export the segmentation, not the image."
)
_TOO_LARGE = N_("The boxes of the segments take %(size)s bytes; at most %(limit)s are read.")

Piece = tuple[Index, NDArray[np.bool_]]
"""Origin (k, j, i), and voxels (k, j, i)."""


class Room:
    """The bytes that the boxes of one file may take, a byte a voxel."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._taken = 0

    def take(self, size: int) -> None:
        """Count *size* bytes.

        Raises
        ------
        LimitExceeded
            They are too many.
        """
        self._taken += size
        if self._taken > self.limit:
            raise LimitExceeded(_TOO_LARGE, size=self._taken, limit=self.limit)


class LabelBoxes:
    """The masks of one array of labels, grown slab by slab; *room* is for the pieces of all arrays."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._pieces: dict[int, list[Piece]] = {}
        self._seen: set[int] = set()
        self._least = 0
        self._looked_at = self._pairs = self._alike = 0

    def add(self, labels: NDArray[Any], first_k: int) -> None:
        """Take the slab *labels*, (k, j, i) whole numbers, that begins at slice *first_k*."""
        low, high = int(labels.min()), int(labels.max())
        if low == high == 0 or len(self._seen) > _MOST_COUNTED:
            return
        self._least = min(self._least, low)
        if high - low < _WIDEST_TABLE:
            place = np.subtract(labels, low, dtype=np.int64)
            is_there = np.zeros(high - low + 1, np.bool_)
            is_there[place.ravel()] = True
            found = np.flatnonzero(is_there) + low
        else:
            found, place = np.unique(labels, return_inverse=True)
            place = place.reshape(labels.shape)
        self._seen.update(int(value) for value in found if value)
        if len(found) > _MANY:
            left, right = labels[:, :, :-1], labels[:, :, 1:]
            self._looked_at += left.size
            self._pairs += int(np.count_nonzero(left))
            self._alike += int(np.count_nonzero((left == right) & (left != 0)))
        if len(self._seen) <= MOST_SEGMENTS and self._least >= 0:
            self._keep(place, found, high - low < _WIDEST_TABLE, first_k)

    def _keep(self, place: NDArray[Any], found: NDArray[Any], is_offset: bool, first_k: int) -> None:
        """The boxes of the labels *found*; *place* is each voxel's offset from the first, or its rank."""
        count = int(found[-1] - found[0]) + 1 if is_offset else len(found)
        ranks = np.zeros(count, np.int32)
        at = (found - found[0]).astype(np.int64) if is_offset else np.arange(len(found))
        ranks[at] = np.where(found == 0, 0, np.arange(1, len(found) + 1))
        compact = ranks[place]
        for rank, box in enumerate(ndimage.find_objects(compact), start=1):
            if box is None:
                continue
            piece = compact[box] == rank
            self._room.take(piece.nbytes)
            origin = first_k + box[0].start, box[1].start, box[2].start
            self._pieces.setdefault(int(found[rank - 1]), []).append((origin, piece))

    def masks(self, room: Room) -> dict[int, BoxMask]:
        """The masks by label, in ascending order; *room* is for those of all arrays.

        Raises
        ------
        UnsupportedData
            More values than a label map has: the voxels are those of an image.
        InvalidElement
            Values below 0.
        LimitExceeded
            The boxes take too much memory.
        """
        if len(self._seen) > MOST_SEGMENTS:
            more = len(self._seen) > _MOST_COUNTED
            found = f"> {_MOST_COUNTED}" if more else len(self._seen) + 1  # 0 is one, too
            raise UnsupportedData(_TOO_MANY, found=found, limit=MOST_SEGMENTS)
        is_full = self._pairs > _LEAST_FULL * self._looked_at
        if is_full and self._alike < _LEAST_ALIKE * self._pairs:
            raise UnsupportedData(_LIKE_AN_IMAGE, found=len(self._seen) + 1)
        if self._least < 0:
            raise InvalidElement(_NEGATIVE, found=self._least)
        return join_all(self._pieces, room)


def check_count(segments: int) -> None:
    """Refuse files of too many segments.

    Raises
    ------
    LimitExceeded
    """
    if segments > MOST_SEGMENTS:
        raise LimitExceeded(
            N_("The file has %(found)s segments; at most %(limit)s are read."),
            found=segments,
            limit=MOST_SEGMENTS,
        )


def join_all(pieces: dict[int, list[Piece]], room: Room) -> dict[int, BoxMask]:
    """The masks of tight *pieces* by label, in ascending order; the pieces are let go on the way.

    Raises
    ------
    LimitExceeded
        The boxes have no room; none of them is made then.
    """
    spans = {label: _span(pieces[label]) for label in sorted(pieces)}
    room.take(sum(int(np.prod(end - first)) for first, end in spans.values()))
    return {label: _joined(pieces.pop(label), *span) for label, span in spans.items()}


def _span(pieces: list[Piece]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First and end (k, j, i) of the box around all pieces."""
    firsts = np.array([origin for origin, _ in pieces], np.int64)
    sizes = np.array([piece.shape for _, piece in pieces], np.int64)
    return firsts.min(0), (firsts + sizes).max(0)


def _joined(pieces: list[Piece], first: NDArray[np.int64], end: NDArray[np.int64]) -> BoxMask:
    k, j, i = (int(value) for value in first)
    if len(pieces) == 1:
        return BoxMask((i, j, k), pieces.pop()[1])
    voxels = np.zeros(end - first, np.bool_)
    while pieces:
        origin, piece = pieces.pop()
        k0, j0, i0 = (at - start for at, start in zip(origin, (k, j, i), strict=True))
        k1, j1, i1 = piece.shape
        voxels[k0 : k0 + k1, j0 : j0 + j1, i0 : i0 + i1] |= piece
    return BoxMask((i, j, k), voxels)


def read_layers(volume_file: VolumeFile, limits: ReadLimits) -> list[dict[int, BoxMask]]:
    """The masks of each volume of the file, by label.

    Raises
    ------
    ImagingError
        The voxels are those of an image, damaged, or beyond the limits.
    """
    count = volume_file.phase_count
    i, j, _ = volume_file.shape_ijk
    place = volume_file.voxels
    together = count if place.phase_position < 3 else 1
    size = i * j * together * np.dtype(place.stored_type).itemsize
    if size > limits.max_frame_bytes:
        raise LimitExceeded(
            N_("One slice of the label map takes %(size)s bytes; at most %(limit)s are read."),
            size=size,
            limit=limits.max_frame_bytes,
        )
    held, made = Room(limits.max_pixels_bytes), Room(limits.max_pixels_bytes)
    layers = [LabelBoxes(held) for _ in range(count)]
    for layer, first_k, stored in _slabs(volume_file, together):
        layers[layer].add(_whole(stored, volume_file), first_k)
    return [layer.masks(made) for layer in layers]


def _slabs(volume_file: VolumeFile, together: int) -> Iterator[tuple[int, int, NDArray[Any]]]:
    """(volume, first slice, stored values (k, j, i)) until all are read; then the checksum is compared."""
    i, j, slices = volume_file.shape_ijk
    place = volume_file.voxels
    item = np.dtype(place.stored_type).itemsize
    at_once = max(1, _AT_ONCE // (i * j * together))
    with open_voxels(volume_file) as stream:
        for volume in range(volume_file.phase_count // together):
            for first in range(0, slices, at_once):
                count = min(at_once, slices - first)
                data = as_voxels(stream.read(count * j * i * together * item), place.stored_type)
                if together == 1:
                    yield volume, first, data.reshape(count, j, i)
                    continue
                axis = 3 - place.phase_position
                shape = [count, j, i]
                shape.insert(axis, together)
                block = np.moveaxis(data.reshape(shape), axis, 0)
                for layer in range(together):
                    yield layer, first, np.ascontiguousarray(block[layer])
        stream.finish()


def _whole(stored: NDArray[Any], volume_file: VolumeFile) -> NDArray[Any]:
    """Stored × slope + intercept as whole numbers.

    Raises
    ------
    InvalidElement
        They are none.
    """
    is_plain = volume_file.slope == 1 and volume_file.intercept == 0
    if stored.dtype.kind in "iu" and is_plain:
        if stored.dtype.itemsize == 8 and stored.size and int(stored.max()) > _LARGEST_LABEL:
            raise InvalidElement(_NO_NUMBER)
        return stored
    with np.errstate(over="ignore", invalid="ignore"):
        values = stored if is_plain else stored * volume_file.slope + volume_file.intercept
    low, high = float(values.min()), float(values.max())
    if not -_LARGEST_LABEL <= low <= high <= _LARGEST_LABEL:  # not a number, too
        raise InvalidElement(_NO_NUMBER)
    whole = np.rint(values)
    apart = np.abs(values - whole) > _SAME
    if apart.any():
        raise InvalidElement(_FRACTIONS, found=f"{float(values[apart][0]):.6g}")
    return whole.astype(np.int32)
