"""The caller's marks as a DICOM structured report that joins the study of its images."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from pydicom.dataset import Dataset

from app.archive import volumes
from app.archive.errors import Conflict
from app.archive.markmeasures import MeasuredMark
from app.archive.volumes import Shown, StackFrame
from app.imaging.dicomfile import read_dataset
from app.imaging.errors import N_, UnsupportedData
from app.imaging.formats.measurementreport import ReportedMark, ReportFrame, write_report
from app.imaging.geometry import index_from_world
from app.storage.store import Store

_NOTHING = N_("There is nothing to export: no measurement was made here.")
_NOT_DICOM = N_("A structured report belongs to a DICOM study; these images came as NIfTI or NRRD.")
_NO_SPACE = N_("The images name no frame of reference: the report could not say where the marks lie.")


def as_report(marks: Sequence[MeasuredMark], shown: Shown, store: Store, version: str) -> bytes:
    """The Part 10 file; *version* is that of the program.

    Raises
    ------
    Conflict
        There are no marks, or a file of the series is lost.
    UnsupportedData
        The images are no DICOM, or do not name the space they are in.
    """
    if shown.series.file_format != "dicom":
        raise UnsupportedData(_NOT_DICOM)
    if not marks:
        raise Conflict(_NOTHING)
    frames = [source_frame(one.mark, shown, store) for one in marks]
    sources = {frame.path: _header(frame) for frame in frames}
    reported = [
        ReportedMark(one.mark, one.measures, _reference(sources[frame.path], frame.frame))
        for one, frame in zip(marks, frames, strict=True)
    ]
    first = next(iter(sources.values()))
    space = _frame_of_reference(shown, store, first)
    if space is None and any(one.mark["space"] == "patient" for one in marks):
        raise UnsupportedData(_NO_SPACE)
    frame = ReportFrame(_new_uid(), _new_uid(), space, shown.series.modality, version)
    return write_report(reported, list(sources.values()), frame)


def source_frame(mark: Mapping[str, Any], shown: Shown, store: Store) -> StackFrame:
    """The original image on which a mark lies, or the nearest one."""
    images = volumes.stack_of(shown, store).frames
    if not images:
        raise Conflict(_NOTHING)
    if shown.is_volume and mark["space"] == "patient":
        phases, phase = shown.summary.phases, min(mark["phase"], shown.summary.phase_count - 1)
        if phases is not None:
            start = sum(phases.image_counts[:phase])
            images = images[start : start + phases.image_counts[phase]]
        volume = volumes.load(shown, store)
        middle = np.asarray(mark["points"]).mean(axis=0)
        slices = volume.header.shape_ijk[2]
        k = min(max(round(float(index_from_world(volume.affine, middle)[2])), 0), slices - 1)
        # A resampled volume has more or fewer slices than images.
        return images[k if slices == len(images) else k * len(images) // slices]
    plane = mark["plane"] or {}
    index = mark["image"] if mark["space"] == "image" else plane.get("index")
    return images[min(max(int(index or 0), 0), len(images) - 1)]


def _header(frame: StackFrame) -> Dataset:
    try:
        return read_dataset(frame.path, stop_before_pixels=True)
    except FileNotFoundError:
        raise Conflict(volumes.LOST) from None


def _reference(source: Dataset, frame: int) -> tuple[str, str, int | None]:
    several = int(source.get("NumberOfFrames") or 1) > 1
    return str(source.SOPClassUID), str(source.SOPInstanceUID), frame + 1 if several else None


def _frame_of_reference(shown: Shown, store: Store, first: Dataset) -> str | None:
    if shown.is_volume:
        return volumes.load(shown, store).header.frame_of_reference_uid
    return str(first.get("FrameOfReferenceUID") or "") or None


def _new_uid() -> str:
    return f"2.25.{uuid.uuid4().int}"
