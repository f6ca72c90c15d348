"""What is known of a file that holds whole volumes, NIfTI or NRRD, without its voxels.

Both formats count their axes from the one that runs fastest in the file. World coordinates leave this
package in LPS mm, whatever the file's own frame is.
"""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from app.imaging.errors import N_, LimitExceeded, Message
from app.imaging.limits import MIB, ReadLimits

Kind = Literal["nifti", "nrrd"]
Encoding = Literal["raw", "gzip", "bzip2", "ascii", "hex"]
Rows = tuple[tuple[float, ...], ...]

MAX_AXIS = 65_535
MAX_PHASES = 10_000
MAX_INTERLEAVED = 1024  # they are written side by side, or the file is unpacked again and again
# Empty masks deflate by 1000: the ratio counts only beyond what a large mask takes.
_EXPANSION_FREE = 512 * MIB
_EXPANSION_RATIO = 200
# Digits cost a hundred times what bytes cost; nobody writes large images in them.
_MAX_ASCII_VOXELS = 20_000_000


@dataclass(frozen=True)
class PhaseAxis:
    """What sets the volumes of one file apart: ``kind`` "time" (``unit`` "ms") or "frame" (no unit)."""

    kind: Literal["time", "frame"]
    unit: str
    values: tuple[float, ...]


@dataclass(frozen=True)
class VoxelPlace:
    """Where the voxels lie in the file.

    Attributes
    ----------
    encoding : str
    offset : int
        Bytes of the file before the encoded data.
    skip : int
        Decoded bytes before the first voxel.
    stored_type : str
        As numpy writes it, with the byte order: ">i2".
    phase_position : int
        Axes that run faster than that of the phases, 0 to 3; 3 where each volume is in one piece.
    """

    encoding: Encoding
    offset: int
    skip: int
    stored_type: str
    phase_position: int = 3


@dataclass(frozen=True)
class VolumeFile:
    """The header of one file, checked.

    Attributes
    ----------
    shape_ijk : 3 ints
        Sizes of the three axes in space, the fastest in the file first.
    affine_lps : 4 rows of 4 floats, (i, j, k) → LPS mm
    spacing_mm : 3 floats
    spacing_source : "patient", or "none" where the file has no size of a voxel
        With "none" one voxel counts as 1 mm and nothing may be measured in mm.
    dtype : str
        Of the stored values: "int16", "float64", …
    slope, intercept : floats
        Stored × slope + intercept = value.
    unit : str
        Always "": neither format says it in a form that can be relied on.
    windows : dicts of center, width, explanation, function
    phases : PhaseAxis or None
        None where there is one volume.
    warnings : Messages
        What is assumed, or doubtful.
    """

    path: Path
    kind: Kind
    shape_ijk: tuple[int, int, int]
    affine_lps: Rows
    spacing_mm: tuple[float, float, float]
    spacing_source: Literal["patient", "none"]
    dtype: str
    slope: float
    intercept: float
    windows: tuple[dict[str, Any], ...]
    phases: PhaseAxis | None
    warnings: tuple[Message, ...]
    voxels: VoxelPlace
    unit: str = ""

    @property
    def phase_count(self) -> int:
        """Volumes in the file."""
        return len(self.phases.values) if self.phases else 1

    @property
    def voxel_count(self) -> int:
        """Voxels of one volume."""
        return math.prod(self.shape_ijk)


def check_sizes(
    path: Path, shape_ijk: tuple[int, int, int], phases: int, item_size: int, encoding: Encoding,
    limits: ReadLimits,
) -> None:  # fmt: skip
    """Compare what a header claims with the limits and with the bytes of the file.

    Raises
    ------
    LimitExceeded
        An axis, the voxels together, or one volume is beyond the limits; or so much comes out of so few
        bytes that it is no image.
    """
    if max(shape_ijk) > MAX_AXIS or phases > MAX_PHASES:
        raise LimitExceeded(
            N_("An axis of the volume is %(found)s long; at most %(limit)s are read."),
            found=max(*shape_ijk, phases),
            limit=MAX_PHASES if max(shape_ijk) <= MAX_AXIS else MAX_AXIS,
        )
    voxels = math.prod(shape_ijk)
    size = voxels * phases * item_size
    if size > limits.max_pixels_bytes or 4 * voxels > limits.max_volume_bytes:
        raise LimitExceeded(
            N_("The header claims %(shape)s voxels: more than the %(limit)s bytes that are read."),
            shape=" × ".join(str(count) for count in (*shape_ijk, *([phases] if phases > 1 else []))),
            limit=min(limits.max_pixels_bytes, limits.max_volume_bytes),
        )
    if encoding in ("gzip", "bzip2"):
        packed = path.stat().st_size
        if size > max(_EXPANSION_FREE, _EXPANSION_RATIO * packed):
            raise LimitExceeded(
                N_("%(size)s bytes of voxels cannot come out of a file of %(packed)s bytes: a bomb."),
                size=size,
                packed=packed,
            )
    if encoding == "ascii" and voxels * phases > _MAX_ASCII_VOXELS:
        raise LimitExceeded(
            N_("%(found)s voxels are written in digits; at most %(limit)s are read."),
            found=voxels * phases,
            limit=_MAX_ASCII_VOXELS,
        )
