"""NRRD in one file (.nrrd, .seg.nrrd): what the header says, checked, in LPS mm.

The reader is our own: pynrrd follows a ``data file`` line to any path of the server, and holds packed and
unpacked voxels in memory at once. The tests hold this one against it and against SimpleITK.

References
----------
Definition of NRRD File Format, teem.sourceforge.net/nrrd/format.html.
"""

import math
from pathlib import Path

import numpy as np

from app.imaging.errors import (
    N_,
    InvalidElement,
    LimitExceeded,
    MissingElement,
    TruncatedFile,
    UnsupportedData,
)
from app.imaging.formats.grid import as_rows, check_grid, spacing_of
from app.imaging.formats.nrrdfields import MAX_DIMENSION, NrrdFields, integers, read_fields
from app.imaging.formats.nrrdspace import read_axes
from app.imaging.formats.volumefile import (
    MAX_AXIS,
    MAX_INTERLEAVED,
    Encoding,
    VolumeFile,
    VoxelPlace,
    check_sizes,
)
from app.imaging.limits import DEFAULT_LIMITS, MIB, ReadLimits

_TYPES = {
    "i1": ("signed char", "int8", "int8_t"),
    "u1": ("uchar", "unsigned char", "uint8", "uint8_t"),
    "i2": ("short", "short int", "signed short", "signed short int", "int16", "int16_t"),
    "u2": ("ushort", "unsigned short", "unsigned short int", "uint16", "uint16_t"),
    "i4": ("int", "signed int", "int32", "int32_t"),
    "u4": ("uint", "unsigned int", "uint32", "uint32_t"),
    "i8": ("longlong", "long long", "long long int", "signed long long", "signed long long int", "int64",
           "int64_t"),
    "u8": ("ulonglong", "unsigned long long", "unsigned long long int", "uint64", "uint64_t"),
    "f4": ("float",),
    "f8": ("double",),
}  # fmt: skip
_TYPE_NAMES = {name: code for code, names in _TYPES.items() for name in names}
_ENCODINGS: dict[str, Encoding] = {
    "raw": "raw", "txt": "ascii", "text": "ascii", "ascii": "ascii", "hex": "hex", "gz": "gzip",
    "gzip": "gzip", "bz2": "bzip2", "bzip2": "bzip2",
}  # fmt: skip
_ORDERS = {"little": "<", "big": ">"}
_MOST_SKIPPED = 16 * MIB
_MOST_LINES = 10_000


def read_nrrd(path: Path, limits: ReadLimits = DEFAULT_LIMITS) -> VolumeFile:
    """The header of the NRRD file at *path*; no voxel is read.

    Raises
    ------
    ImagingError
        Why it is no volume that can be shown truly.
    """
    fields = read_fields(path)
    sizes = _sizes(fields)
    encoding = _encoding(fields)
    stored_type = _stored_type(fields, encoding)
    with np.errstate(all="ignore"):  # absurd numbers are refused after the arithmetic
        axes = read_axes(fields, sizes)
    warnings = (*axes.warnings, *check_grid(axes.affine))
    phase_count = len(axes.phases.values) if axes.phases else 1
    item_size = np.dtype(stored_type).itemsize
    check_sizes(path, axes.shape_ijk, phase_count, item_size, encoding, limits)
    if axes.phase_position < 3:
        _check_block(axes.shape_ijk[: axes.phase_position], phase_count, item_size, limits)
    size = math.prod(axes.shape_ijk) * phase_count * item_size
    return VolumeFile(
        path=path,
        kind="nrrd",
        shape_ijk=axes.shape_ijk,
        affine_lps=as_rows(axes.affine),
        spacing_mm=spacing_of(axes.affine),
        spacing_source="patient" if axes.has_spacing else "none",
        dtype=np.dtype(stored_type).name,
        slope=1.0,
        intercept=0.0,
        windows=(),
        phases=axes.phases,
        warnings=warnings,
        voxels=_place(path, fields, encoding, stored_type, axes.phase_position, size),
    )


def _sizes(fields: NrrdFields) -> tuple[int, ...]:
    (count,) = integers(fields, "dimension", 1)
    if not 1 <= count <= MAX_DIMENSION:
        raise InvalidElement(N_("The NRRD field “%(field)s” cannot be read."), field="dimension")
    sizes = integers(fields, "sizes", count)
    if min(sizes) < 1:
        raise InvalidElement(N_("The NRRD field “%(field)s” cannot be read."), field="sizes")
    if max(sizes) > MAX_AXIS:
        raise LimitExceeded(
            N_("An axis of the volume is %(found)s long; at most %(limit)s are read."),
            found=max(sizes),
            limit=MAX_AXIS,
        )
    return sizes


def _encoding(fields: NrrdFields) -> Encoding:
    found = _ENCODINGS.get(fields.require("encoding").lower())
    if found is None:
        raise UnsupportedData(N_("The encoding of the NRRD file is not known: raw, gzip, bzip2, ascii, hex."))
    return found


def _stored_type(fields: NrrdFields, encoding: Encoding) -> str:
    code = _TYPE_NAMES.get(" ".join(fields.require("type").lower().split()))
    if code is None:
        raise UnsupportedData(N_("The type of the NRRD voxels is no number that is known."))
    if code[1] == "1" or encoding == "ascii":
        return f"<{code}" if code[1] != "1" else code
    order = _ORDERS.get(fields.get("endian").lower())
    if order is None:
        raise MissingElement(N_("The NRRD header has no field “%(field)s”."), field="endian")
    return order + code


def _check_block(inner: tuple[int, ...], phases: int, item_size: int, limits: ReadLimits) -> None:
    """Volumes that are interleaved are parted in memory, a block of all of them at a time."""
    if phases > MAX_INTERLEAVED:
        raise LimitExceeded(
            N_("%(found)s volumes are interleaved in the file; at most %(limit)s are read."),
            found=phases,
            limit=MAX_INTERLEAVED,
        )
    size = math.prod(inner) * phases * item_size
    if size > limits.max_frame_bytes:
        raise LimitExceeded(
            N_("One image of all volumes takes %(size)s bytes; at most %(limit)s are read."),
            size=size,
            limit=limits.max_frame_bytes,
        )


def _place(
    path: Path, fields: NrrdFields, encoding: Encoding, stored_type: str, phase_position: int, size: int
) -> VoxelPlace:
    """Where the voxels begin: lines are skipped before unpacking, bytes after it."""
    lines, skipped = (
        integers(fields, name, 1)[0] if fields.get(name) else 0 for name in ("line skip", "byte skip")
    )
    if not 0 <= lines <= _MOST_LINES or not -1 <= skipped <= _MOST_SKIPPED:
        raise InvalidElement(N_("The NRRD header skips lines or bytes in a way that cannot be meant."))
    offset = _after_lines(path, fields.end, lines)
    if skipped == -1:
        if encoding != "raw":
            raise UnsupportedData(N_("byte skip -1 is for raw voxels alone."))
        offset, skipped = path.stat().st_size - size, 0
        if offset < fields.end:
            raise TruncatedFile(
                N_("Truncated: the voxels take %(wanted)s bytes and %(found)s are there. Copy it again."),
                wanted=size,
                found=path.stat().st_size - fields.end,
            )
    if encoding not in ("gzip", "bzip2"):
        offset, skipped = offset + skipped, 0
    return VoxelPlace(encoding, offset, skipped, stored_type, phase_position)


def _after_lines(path: Path, start: int, lines: int) -> int:
    """Where *lines* lines after *start* end."""
    if not lines:
        return start
    with path.open("rb") as file:
        file.seek(start)
        data = file.read(_MOST_SKIPPED)
    at = 0
    for _ in range(lines):
        at = data.find(b"\n", at) + 1
        if at == 0:
            raise InvalidElement(N_("The NRRD header skips lines or bytes in a way that cannot be meant."))
    return start + at
