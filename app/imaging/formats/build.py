"""From a file of whole volumes to arrays (k, j, i) on disk, in one pass and a few megabytes.

Both formats write the axis i fastest, so that a volume of the file is the array in C order as it is.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.imaging.errors import N_, InvalidElement, Message
from app.imaging.formats.arraywriter import ArrayWriter
from app.imaging.formats.volumefile import VolumeFile
from app.imaging.formats.voxelstream import ByteStream, as_voxels, open_voxels
from app.imaging.geometry import orientation_letters
from app.imaging.limits import DEFAULT_LIMITS, ReadLimits
from app.imaging.volumeheader import VolumeHeader

_AT_ONCE = 1 << 20  # voxels
_OPEN_FILES = 128
ROUNDED = N_("Values above 16 777 216 are rounded: they are kept with 24 binary digits.")

Progress = Callable[[float], None]
# The volumes' numbers and their next values, in file order.
Pieces = Iterator[tuple[int, NDArray[Any]]]


def build_from_file(
    volume_file: VolumeFile,
    phase: int,
    array_path: Path,
    on_progress: Progress = lambda fraction: None,
    limits: ReadLimits = DEFAULT_LIMITS,
    *,
    sop_instance_uid: str = "",
) -> VolumeHeader:
    """Write volume *phase* of the file to *array_path* as ``.npy``; it appears whole or not at all.

    Of many volumes use :func:`build_all_from_file`: here all that precede are unpacked each time.

    Raises
    ------
    ImagingError
        As :func:`build_all_from_file`.
    OSError
        The disk is full, and the like.
    """
    if not 0 <= phase < volume_file.phase_count:
        raise ValueError(f"no volume {phase} among {volume_file.phase_count}")
    made = _build(volume_file, {phase: array_path}, on_progress, sop_instance_uid)
    return made[0]


def build_all_from_file(
    volume_file: VolumeFile,
    array_paths: Sequence[Path],
    on_progress: Progress = lambda fraction: None,
    limits: ReadLimits = DEFAULT_LIMITS,
    *,
    sop_instance_uid: str = "",
) -> list[VolumeHeader]:
    """Write every volume of the file, each to its own of *array_paths*, in one pass over the file.

    Parameters
    ----------
    array_paths : one path a phase
    on_progress : called with fractions from 0 to 1
    sop_instance_uid : str
        The UID that the archive made for the file; it stands for every slice.

    Raises
    ------
    TruncatedFile
        Voxels are missing or damaged.
    InvalidElement
        A value cannot be kept.
    OSError
        The disk is full, and the like.
    """
    if len(array_paths) != volume_file.phase_count:
        raise ValueError("one path a phase")
    return _build(volume_file, dict(enumerate(array_paths)), on_progress, sop_instance_uid)


def _build(
    volume_file: VolumeFile, paths: dict[int, Path], on_progress: Progress, sop_instance_uid: str
) -> list[VolumeHeader]:
    """In groups where volumes are interleaved: as many files are open as there are in a group."""
    phases = sorted(paths)
    in_turn = volume_file.voxels.phase_position == 3
    size = 1 if in_turn else _OPEN_FILES
    groups = [phases[start : start + size] for start in range(0, len(phases), size)]
    total = len(phases) * volume_file.voxel_count
    made: list[VolumeHeader] = []
    done = 0

    def tell(count: int) -> None:
        nonlocal done
        done += count
        on_progress(done / total)

    with open_voxels(volume_file) as stream:
        at = 0
        for group in groups:
            if in_turn:
                stream.skip((group[0] - at) * volume_file.voxel_count * _item_size(volume_file))
                at = group[0] + 1
                pieces = _volume_pieces(stream, volume_file, group[0])
                made += _write(volume_file, {n: paths[n] for n in group}, pieces, tell, sop_instance_uid)
                continue
            with open_voxels(volume_file) as again:
                pieces = _interleaved_pieces(again, volume_file, group)
                made += _write(volume_file, {n: paths[n] for n in group}, pieces, tell, sop_instance_uid)
        if in_turn and at == volume_file.phase_count:
            stream.finish()
    return made


def _write(
    volume_file: VolumeFile,
    paths: dict[int, Path],
    pieces: Pieces,
    tell: Callable[[int], None],
    sop_instance_uid: str,
) -> list[VolumeHeader]:
    writers: dict[int, ArrayWriter] = {}
    try:
        for phase, path in paths.items():
            writers[phase] = ArrayWriter(path, volume_file.shape_ijk)
        for phase, stored in pieces:
            writers[phase].write(_values(stored, volume_file))
            tell(stored.size)
        for writer in writers.values():
            writer.finish()
    finally:
        for writer in writers.values():
            writer.discard()
    return [_describe(volume_file, phase, writers[phase], sop_instance_uid) for phase in paths]


def _item_size(volume_file: VolumeFile) -> int:
    return np.dtype(volume_file.voxels.stored_type).itemsize


def _volume_pieces(stream: ByteStream, volume_file: VolumeFile, phase: int) -> Pieces:
    """A volume that is in one piece in the file."""
    left = volume_file.voxel_count
    while left:
        count = min(left, _AT_ONCE)
        yield phase, as_voxels(stream.read(count * _item_size(volume_file)), volume_file.voxels.stored_type)
        left -= count


def _interleaved_pieces(stream: ByteStream, volume_file: VolumeFile, phases: Sequence[int]) -> Pieces:
    """Volumes whose axis is not the slowest: (outer, phase, inner) in the file."""
    inner = int(np.prod(volume_file.shape_ijk[: volume_file.voxels.phase_position], dtype=np.int64))
    count = volume_file.phase_count
    left = volume_file.voxel_count // inner
    while left:
        outer = min(left, max(1, _AT_ONCE // (inner * count)))
        data = stream.read(outer * count * inner * _item_size(volume_file))
        block = as_voxels(data, volume_file.voxels.stored_type).reshape(outer, count, inner)
        for phase in phases:
            yield phase, block[:, phase, :].ravel()
        left -= outer


def _values(stored: NDArray[Any], volume_file: VolumeFile) -> NDArray[Any]:
    """Stored × slope + intercept, in double precision."""
    if volume_file.slope == 1 and volume_file.intercept == 0:
        return stored
    with np.errstate(over="ignore", invalid="ignore"):
        values = stored.astype(np.float64) * volume_file.slope + volume_file.intercept
    if not np.all(np.isfinite(values) == np.isfinite(stored)):
        raise InvalidElement(N_("The volume holds values beyond 3.4e38, which cannot be shown."))
    return values


def _describe(
    volume_file: VolumeFile, phase: int, writer: ArrayWriter, sop_instance_uid: str
) -> VolumeHeader:
    slices = volume_file.shape_ijk[2]
    warnings = volume_file.warnings + ((Message(ROUNDED),) if writer.is_rounded else ())
    return VolumeHeader(
        shape_ijk=volume_file.shape_ijk,
        spacing_mm=volume_file.spacing_mm,
        affine=volume_file.affine_lps,
        orientation=orientation_letters(volume_file.affine_lps),
        dtype=writer.dtype,
        unit=volume_file.unit,
        modality="",
        inverted=False,
        slopes=(volume_file.slope,) * slices,
        intercepts=(volume_file.intercept,) * slices,
        windows=volume_file.windows,
        value_range=writer.value_range(),
        percentiles=writer.percentiles(),
        padding_value=None,
        frame_of_reference_uid=None,
        sop_instance_uids=(sop_instance_uid,) * slices,
        # Stored floats are the values themselves or scaled: no whole number lies behind them.
        has_modality_lut=volume_file.dtype.startswith("float"),
        warnings=tuple(warning.as_json() for warning in warnings),
        spacing_source=volume_file.spacing_source,
        frames=tuple(range(phase * slices, (phase + 1) * slices)),
        original_count=1,
    )
