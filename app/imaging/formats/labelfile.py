"""Masks of any format, by the bytes of the file and never by its name."""

from pathlib import Path

from app.imaging.formats.dicomseg import read_seg
from app.imaging.formats.labelnifti import read_label_nifti
from app.imaging.formats.labelnrrd import read_label_nrrd
from app.imaging.formats.sniff import file_format
from app.imaging.limits import DEFAULT_LIMITS, ReadLimits
from app.imaging.segments import LabelImage


def read_labels(path: Path, limits: ReadLimits = DEFAULT_LIMITS) -> LabelImage:
    """The segments of the NRRD, NIfTI or DICOM SEG file at *path*, on the file's own grid.

    Raises
    ------
    ImagingError
        Why the file holds no masks that can be relied on.
    """
    match file_format(path):
        case "nrrd":
            return read_label_nrrd(path, limits)
        case "nifti":
            return read_label_nifti(path, limits)
        case "dicom":
            return read_seg(path, limits)
