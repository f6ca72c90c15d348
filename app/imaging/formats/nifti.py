"""NIfTI-1 and NIfTI-2 in one file (.nii, .nii.gz): what the header says, checked, in LPS mm.

NIfTI's world is RAS, x to the right and y to the front of the patient; it is turned to LPS here, once. The
reader is our own since the header is 348 bytes and voxels must be streamed within bounds; the tests hold
it against nibabel.

References
----------
nifti1.h of the NIfTI Data Format Working Group: "3D image (volume) orientation and location in space".
"""

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.imaging.errors import N_, InvalidElement, Message, UnsupportedData
from app.imaging.formats.grid import (
    PLACE_UNKNOWN,
    UNIT_UNKNOWN,
    as_rows,
    check_grid,
    check_spacing,
    lps_from_ras,
    spacing_of,
)
from app.imaging.formats.niftifields import NiftiFields, read_fields
from app.imaging.formats.volumefile import PhaseAxis, VolumeFile, VoxelPlace, check_sizes
from app.imaging.limits import DEFAULT_LIMITS, MIB, ReadLimits

_TYPES = {
    2: "u1", 4: "i2", 8: "i4", 16: "f4", 64: "f8", 256: "i1", 512: "u2", 768: "u4", 1024: "i8", 1280: "u8",
}  # fmt: skip
_COLOURS = {128: "RGB24", 2304: "RGBA32"}
_OTHERS = {
    1: "binary", 32: "complex64", 1536: "float128", 1792: "complex128", 2048: "complex256",
}  # fmt: skip
_MM = {1: 1000.0, 2: 1.0, 3: 0.001}  # xyzt_units & 7: metre, millimetre, micron
_MS = {8: 1000.0, 16: 1.0, 24: 0.001}  # xyzt_units & 0x38: second, millisecond, microsecond
_FIRST_VOXEL = {1: 352, 2: 544}
_MOST_EXTENSIONS = 64 * MIB
_ATLASES = {3: "Talairach", 4: "MNI 152"}
_LEAST_SLOPE = 1e-25
_SAME_PLACE_MM = 0.5
_SAME_SIZE = 0.01

Affine = NDArray[np.float64]


def read_nifti(path: Path, limits: ReadLimits = DEFAULT_LIMITS) -> VolumeFile:
    """The header of the NIfTI file at *path*; no voxel is read.

    Raises
    ------
    ImagingError
        Why it is no volume that can be shown truly.
    """
    fields = read_fields(path)
    stored_type = _stored_type(fields)
    shape_ijk, phase_count = _sizes(fields)
    check_sizes(
        path, shape_ijk, phase_count, np.dtype(stored_type).itemsize, "gzip" if fields.is_gzip else "raw",
        limits,
    )  # fmt: skip
    with np.errstate(all="ignore"):  # absurd numbers are refused after the arithmetic
        affine, warnings = _placed(fields, shape_ijk)
    warnings += check_grid(affine)
    slope, intercept = _scaling(fields)
    return VolumeFile(
        path=path,
        kind="nifti",
        shape_ijk=shape_ijk,
        affine_lps=as_rows(affine),
        spacing_mm=spacing_of(affine),
        spacing_source="patient",
        dtype=np.dtype(stored_type).name,
        slope=slope,
        intercept=intercept,
        windows=_windows(fields),
        phases=_phases(fields, phase_count),
        warnings=warnings,
        voxels=_place(fields, stored_type),
    )


def _stored_type(fields: NiftiFields) -> str:
    code = fields["datatype"]
    if code in _COLOURS:
        raise UnsupportedData(
            N_("The volume holds colours (%(type)s): only grey values make planes."), type=_COLOURS[code]
        )
    if code not in _TYPES:
        raise UnsupportedData(
            N_("Voxels of type %(type)s are not supported."), type=_OTHERS.get(code, str(code))
        )
    bits = np.dtype(_TYPES[code]).itemsize * 8
    if fields["bitpix"] not in (0, bits):
        raise InvalidElement(
            N_("bitpix is %(found)s, but voxels of this type take %(wanted)s bits."),
            found=fields["bitpix"],
            wanted=bits,
        )
    return fields.order + _TYPES[code]


def _sizes(fields: NiftiFields) -> tuple[tuple[int, int, int], int]:
    """Sizes along i, j, k and the number of volumes."""
    axes, *sizes = fields["dim"]
    if not 1 <= axes <= 7 or min(sizes[:axes]) < 1:
        raise InvalidElement(N_("dim holds sizes that no image has."))
    if axes < 3:
        raise UnsupportedData(
            N_("The file has %(axes)s axes in space; a volume has three."), axes=axes
        )  # fmt: skip
    used = sizes[:axes] + [1] * (7 - axes)
    if max(used[4:]) > 1:
        raise UnsupportedData(
            N_("Each voxel holds %(count)s values (vectors, tensors): only single values are shown."),
            count=math.prod(used[4:]),
        )
    return (used[0], used[1], used[2]), used[3]


def _placed(fields: NiftiFields, shape_ijk: tuple[int, int, int]) -> tuple[Affine, tuple[Message, ...]]:
    """The affine to LPS mm: the sform where it has a code, else the qform, else sizes alone."""
    scale, notes = _unit(fields)
    if fields["sform_code"] > 0:
        affine = _sform(fields)
        notes += _doubts_on_sform(fields, affine, shape_ijk, scale)
    elif fields["qform_code"] > 0:
        affine = _qform(fields)
    else:
        affine = _by_size(fields, shape_ijk)
        notes += (Message(PLACE_UNKNOWN),)
    if not np.all(np.isfinite(affine)):
        raise InvalidElement(N_("The position of the volume holds values that are no numbers."))
    affine[:3] *= scale
    code = fields["sform_code"] if fields["sform_code"] > 0 else fields["qform_code"]
    if code in _ATLASES:
        told = N_("Positions are those of an atlas (%(atlas)s): distances may not be the patient's own.")
        notes += (Message(told, {"atlas": _ATLASES[code]}),)
    return lps_from_ras(affine), notes


def _unit(fields: NiftiFields) -> tuple[float, tuple[Message, ...]]:
    code = fields["xyzt_units"] & 7
    if code == 0:
        return 1.0, (Message(UNIT_UNKNOWN),)
    if code not in _MM:
        raise InvalidElement(N_("The unit of length in xyzt_units (%(code)s) is not known."), code=code)
    return _MM[code], ()


def _sform(fields: NiftiFields) -> Affine:
    return np.vstack([np.reshape(fields["srow"], (3, 4)), (0, 0, 0, 1)]).astype(np.float64)


def _voxel_sizes(fields: NiftiFields) -> Affine:
    sizes = np.asarray(fields["pixdim"][1:4], np.float64)
    if not np.all(np.isfinite(sizes)) or sizes.min() <= 0:
        check_spacing(float(np.nan_to_num(sizes).min()))
        raise InvalidElement(N_("pixdim holds sizes that no voxel has."))
    return sizes


def _qform(fields: NiftiFields) -> Affine:
    """The affine to RAS of the quaternion: "method 2" of nifti1.h."""
    b, c, d = (float(value) for value in fields["quatern"])
    rest = 1.0 - (b * b + c * c + d * d)
    if not rest > -1e-5:  # not a number, too
        raise InvalidElement(N_("The quaternion of the qform is longer than 1: it is no rotation."))
    if rest < 1e-7:  # half a turn: single precision leaves no more of it
        a, length = 0.0, math.sqrt(b * b + c * c + d * d)
        b, c, d = b / length, c / length, d / length
    else:
        a = math.sqrt(rest)
    turn = np.array(
        [
            [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
            [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
            [2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - b * b - c * c],
        ]
    )
    sizes = _voxel_sizes(fields)
    if fields["pixdim"][0] < 0:
        sizes = sizes * (1, 1, -1)
    affine = np.eye(4)
    affine[:3, :3] = turn * sizes
    affine[:3, 3] = fields["qoffset"]
    return affine


def _by_size(fields: NiftiFields, shape_ijk: tuple[int, int, int]) -> Affine:
    """Nothing is known: as most programs, i to the patient's left, the middle of the grid at the origin."""
    steps = _voxel_sizes(fields) * (-1, 1, 1)
    affine = np.diag([*steps, 1.0])
    affine[:3, 3] = -steps * (np.asarray(shape_ijk) - 1) / 2
    return affine


def _doubts_on_sform(
    fields: NiftiFields, affine: Affine, shape_ijk: tuple[int, int, int], scale: float
) -> tuple[Message, ...]:
    """Where the header says two things, and one was followed."""
    if fields["qform_code"] > 0:
        try:
            other = _qform(fields)
        except InvalidElement:
            return ()
        corners = np.array(np.meshgrid(*[(0, count - 1) for count in shape_ijk])).reshape(3, -1)
        apart = (affine[:3, :3] - other[:3, :3]) @ corners + (affine[:3, 3:] - other[:3, 3:])
        most = float(np.max(np.linalg.norm(apart, axis=0))) * scale
        if most > _SAME_PLACE_MM:
            told = N_(
                "The file gives two positions, up to %(mm)s mm apart (sform, qform): the sform is shown."
            )
            return (Message(told, {"mm": f"{most:.3g}"}),)
        return ()
    sizes, said = np.linalg.norm(affine[:3, :3], axis=0), np.abs(fields["pixdim"][1:4])
    if np.all(np.isfinite(said)) and np.max(np.abs(sizes - said)) > _SAME_SIZE * np.max(sizes):
        told = N_("Voxel sizes differ between pixdim and sform: those of the sform are used.")
        return (Message(told),)
    return ()


def _scaling(fields: NiftiFields) -> tuple[float, float]:
    """scl_slope and scl_inter; a slope of 0, or one that is no number, stands for none."""
    slope, intercept = float(fields["scl_slope"]), float(fields["scl_inter"])
    if slope == 0 or not math.isfinite(slope):
        return 1.0, 0.0
    if not math.isfinite(intercept):
        raise InvalidElement(N_("scl_inter is no number although scl_slope is one."))
    if abs(slope) < _LEAST_SLOPE:
        raise InvalidElement(N_("scl_slope is %(found)s: all values would become 0."), found=f"{slope:g}")
    return slope, intercept


def _windows(fields: NiftiFields) -> tuple[dict[str, Any], ...]:
    low, high = float(fields["cal_min"]), float(fields["cal_max"])
    if not math.isfinite(high - low) or high <= low:
        return ()
    center, width = (low + high) / 2, high - low
    return ({"center": center, "width": width, "explanation": "", "function": "LINEAR_EXACT"},)


def _phases(fields: NiftiFields, count: int) -> PhaseAxis | None:
    if count == 1:
        return None
    # Single precision: 0.72 s is stored as 0.72000003 s.
    step, first = (float(f"{value:.7g}") for value in (fields["pixdim"][4], fields["toffset"]))
    unit = _MS.get(fields["xyzt_units"] & 0x38)
    if unit is None or not 0 < step * unit < math.inf or not math.isfinite(first):
        return PhaseAxis("frame", "", tuple(float(number) for number in range(1, count + 1)))
    return PhaseAxis("time", "ms", tuple(round((first + n * step) * unit, 6) for n in range(count)))


def _place(fields: NiftiFields, stored_type: str) -> VoxelPlace:
    offset, least = fields["vox_offset"], _FIRST_VOXEL[fields.version]
    if not least <= offset <= least + _MOST_EXTENSIONS or offset != int(offset):
        raise InvalidElement(
            N_("vox_offset is %(found)s; voxels begin at %(least)s or later."),
            found=f"{offset:g}",
            least=least,
        )
    if fields.is_gzip:
        return VoxelPlace("gzip", 0, int(offset), stored_type)
    return VoxelPlace("raw", int(offset), 0, stored_type)
