"""Segments: named, coloured sets of voxels on the grid of a volume.

Each segment is the bits of its own bounding box, so that segments may overlap, forty small organs take no
more than their boxes, and one of them can change without the others. Boxes are half open and counted in
(i, j, k); arrays are indexed (k, j, i) as everywhere.
"""

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from app.imaging.errors import N_, InvalidElement, Message

try:  # a wheel for common machines; zlib writes and reads the same format
    from isal import isal_zlib as _deflate
except ImportError:  # pragma: no cover - which of the two is there depends on the machine
    import zlib as _deflate  # type: ignore[no-redef]

# Typed by hand: isal's stubs call the class an instance.
_DAMAGED: Any = _deflate.error
_MAGIC = b"TPM1"
_HEAD = struct.Struct("<4s6i")
_LEVEL = 1  # bits of organs pack by 20 to 200 at any level; the least costs a quarter of the time
_MOST_AXIS = 65_535

Index = tuple[int, int, int]


@dataclass(frozen=True)
class Grid:
    """Where voxels lie: how many, and ``affine`` (4, 4) from (i, j, k), centres at integers, to LPS mm."""

    shape_ijk: Index
    affine: tuple[tuple[float, ...], ...]
    frame_of_reference_uid: str = ""

    @classmethod
    def of(cls, shape_ijk: ArrayLike, affine: ArrayLike, frame_of_reference_uid: str = "") -> "Grid":
        """A grid from any arrays."""
        i, j, k = (int(n) for n in np.asarray(shape_ijk))
        rows = tuple(tuple(float(value) for value in row) for row in np.asarray(affine, np.float64))
        return cls((i, j, k), rows, frame_of_reference_uid)

    @property
    def matrix(self) -> NDArray[np.float64]:
        """The affine as (4, 4) array."""
        return np.array(self.affine, np.float64)

    @property
    def shape_kji(self) -> Index:
        """The shape of an array on this grid."""
        i, j, k = self.shape_ijk
        return (k, j, i)


@dataclass(frozen=True)
class Code:
    """A concept: ``value`` in coding ``scheme`` ("SCT"), ``meaning`` in English."""

    value: str
    scheme: str
    meaning: str


@dataclass(frozen=True)
class BoxMask:
    """The voxels of one segment: ``voxels`` (k, j, i) bool of the box that begins at ``origin_ijk``.

    An empty mask has a box of shape (0, 0, 0).
    """

    origin_ijk: Index
    voxels: NDArray[np.bool_]

    @classmethod
    def of(cls, mask: NDArray[np.bool_], origin_ijk: Index = (0, 0, 0)) -> "BoxMask":
        """The tight box of *mask* (k, j, i), which itself begins at *origin_ijk* of the grid."""
        spans = []
        for axis in range(3):
            others = tuple(other for other in range(3) if other != axis)
            filled = np.flatnonzero(mask.any(axis=others))
            if not filled.size:
                return cls((0, 0, 0), np.zeros((0, 0, 0), np.bool_))
            spans.append((int(filled[0]), int(filled[-1]) + 1))
        (k0, k1), (j0, j1), (i0, i1) = spans
        i, j, k = origin_ijk
        return cls((i + i0, j + j0, k + k0), np.ascontiguousarray(mask[k0:k1, j0:j1, i0:i1]))

    @property
    def count(self) -> int:
        """How many voxels are set."""
        return int(np.count_nonzero(self.voxels))

    @property
    def box_ijk(self) -> tuple[Index, Index]:
        """First and end (exclusive) index of the box."""
        k, j, i = self.voxels.shape
        i0, j0, k0 = self.origin_ijk
        return (i0, j0, k0), (i0 + i, j0 + j, k0 + k)

    @property
    def slices_kji(self) -> tuple[slice, slice, slice]:
        """Where the box lies in an array of the whole grid."""
        (i0, j0, k0), (i1, j1, k1) = self.box_ijk
        return slice(k0, k1), slice(j0, j1), slice(i0, i1)

    def full(self, shape_kji: Index) -> NDArray[np.bool_]:
        """The mask on the whole grid, (k, j, i)."""
        whole = np.zeros(shape_kji, np.bool_)
        whole[self.slices_kji] = self.voxels
        return whole

    def to_bytes(self) -> bytes:
        """The mask as a file holds it: magic, origin (i, j, k), shape (k, j, i), deflated packed bits."""
        head = _HEAD.pack(_MAGIC, *self.origin_ijk, *self.voxels.shape)
        return head + bytes(_deflate.compress(np.packbits(self.voxels).tobytes(), _LEVEL))

    @classmethod
    def from_bytes(cls, stored: bytes) -> "BoxMask":
        """What :meth:`to_bytes` wrote.

        Raises
        ------
        InvalidElement
            The bytes are damaged.
        """
        try:
            magic, i, j, k, *shape = _HEAD.unpack_from(stored)
            if magic != _MAGIC or not all(0 <= n <= _MOST_AXIS for n in (i, j, k, *shape)):
                raise ValueError
            count = shape[0] * shape[1] * shape[2]
            inflater = _deflate.decompressobj()
            packed = inflater.decompress(stored[_HEAD.size :], -(-count // 8) + 1)
            bits = np.unpackbits(np.frombuffer(packed, np.uint8), count=count)
            if len(packed) != -(-count // 8) or not inflater.eof:
                raise ValueError
        except (struct.error, ValueError, _DAMAGED):
            raise InvalidElement(N_("The stored segment is damaged.")) from None
        return cls((i, j, k), bits.astype(np.bool_).reshape(shape))


@dataclass(frozen=True)
class Segment:
    """One segment on the grid of its volume.

    Attributes
    ----------
    number : int
        From 1, as in the file it came from where that has numbers.
    name : str
        As the file says; may be empty, may hold markup: it is text.
    color_rgb : tuple of int or None
        0…255; None where the file states none.
    code : Code or None
        What it is, mostly of SNOMED CT.
    """

    number: int
    name: str
    mask: BoxMask
    color_rgb: tuple[int, int, int] | None = None
    code: Code | None = None


@dataclass(frozen=True)
class LabelImage:
    """What a file of masks says, on its **own** grid; ``imaging.placement`` brings it to a volume's.

    Attributes
    ----------
    kind : str
        "nrrd", "nifti", "seg" or "rtstruct".
    grid : Grid
        Of the file. ``frame_of_reference_uid`` is empty where the format knows none.
    series_uid : str
        Series Instance UID of the images that it was drawn on, or empty.
    is_placed : bool
        Whether the file says where it lies in the patient.
    warnings : tuple of Message
    """

    kind: str
    grid: Grid
    segments: tuple[Segment, ...]
    series_uid: str = ""
    is_placed: bool = True
    warnings: tuple[Message, ...] = ()
