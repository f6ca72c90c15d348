"""The part that a NIfTI or NRRD file makes: its volumes, one for each phase, as they stand in the file."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from app.archive.partmaking import PartMaker
from app.archive.parts import PartSummary, Phases, summary_of
from app.archive.room import check_disk
from app.imaging.errors import N_, Message
from app.imaging.formats.build import build_all_from_file
from app.imaging.formats.inspect import read_volume_file
from app.imaging.formats.volumefile import VolumeFile
from app.imaging.limits import ReadLimits
from app.imaging.volumeheader import VolumeHeader
from app.storage.store import Store

LABELS = {"nifti": N_("NIfTI volume"), "nrrd": N_("NRRD volume")}
_BYTES = 4  # of a voxel, as float32


def make_file_part(
    maker: PartMaker,
    number: int,
    path: Path,
    *,
    store: Store,
    settings: Mapping[str, Any],
    limits: ReadLimits,
    place: tuple[str, int],
    sop_instance_uid: str,
    on_progress: Callable[[float], None],
) -> PartSummary:
    """Part *number* of the series and revision *place*, from the stored file *path*.

    Its list of images names the file once for each slice, phase by phase.

    Raises
    ------
    ImagingError
        The file cannot be read.
    """
    volume_file = read_volume_file(path, limits)
    check_disk(volume_file.voxel_count * volume_file.phase_count * _BYTES, store, settings)
    arrays = [store.volume_array(*place, number, phase) for phase in range(volume_file.phase_count)]
    headers = build_all_from_file(volume_file, arrays, on_progress, sop_instance_uid=sop_instance_uid)
    for phase, header in enumerate(headers):
        maker.write_header(number, phase, header)
    maker.write_thumbnail(number, len(headers) // 2, headers[len(headers) // 2])
    store.write(store.stack(*place, number), json.dumps({"frames": _frames(path, volume_file)}).encode())
    return _summary(volume_file, headers)


def _frames(path: Path, volume_file: VolumeFile) -> list[dict[str, Any]]:
    columns, rows, slices = volume_file.shape_ijk
    return [
        {"sha256": path.stem, "frame": frame, "rows": rows, "columns": columns}
        for frame in range(slices * volume_file.phase_count)
    ]


def _summary(volume_file: VolumeFile, headers: list[VolumeHeader]) -> PartSummary:
    slices, axis = volume_file.shape_ijk[2], volume_file.phases
    return PartSummary(
        kind="volume",
        role="images",
        label=Message(LABELS[volume_file.kind]),
        reason=None,
        warnings=_warnings(headers),
        image_count=slices * volume_file.phase_count,
        phases=Phases(axis.kind, axis.unit, axis.values, (slices,) * len(axis.values)) if axis else None,
        volume=summary_of(headers[0]),
    )


def _warnings(headers: list[VolumeHeader]) -> tuple[Message, ...]:
    """Each once: phases share most of them."""
    told = [Message.from_json(warning) for header in headers for warning in header.warnings]
    return tuple({str(message): message for message in told}.values())
