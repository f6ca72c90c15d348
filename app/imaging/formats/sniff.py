"""Which format a file has, by its bytes and never by its name."""

import struct
from pathlib import Path
from typing import Literal

from app.imaging.errors import N_, NotDicom
from app.imaging.formats.voxelstream import first_bytes

FileFormat = Literal["dicom", "nifti", "nrrd"]
_GZIP = b"\x1f\x8b"
# The first number of a NIfTI file is the size of its header (NIfTI-1 and ANALYZE 7.5, NIfTI-2).
NIFTI_SIZES = (348, 540)


def file_format(path: Path) -> FileFormat:
    """The format of the file at *path*; "dicom" for whatever is neither NIfTI nor NRRD.

    Raises
    ------
    NotDicom
        A gzip file with something else in it.
    """
    with path.open("rb") as file:
        head = file.read(132)
    if head[128:132] == b"DICM":
        return "dicom"
    if head.startswith(b"NRRD"):
        return "nrrd"
    if nifti_size(first_bytes(path, 4)):
        return "nifti"
    if head.startswith(_GZIP):
        raise NotDicom(N_("The gzip file holds no NIfTI volume. Unpack it and upload what comes out."))
    return "dicom"


def nifti_size(head: bytes) -> tuple[int, str] | None:
    """(header size, "<" or ">") where *head* begins as a NIfTI header does."""
    for order in "<>":
        if len(head) >= 4 and struct.unpack(f"{order}i", head[:4])[0] in NIFTI_SIZES:
            return struct.unpack(f"{order}i", head[:4])[0], order
    return None
