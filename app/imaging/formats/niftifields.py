"""The fields of a NIfTI header as they stand in the file, in either byte order.

References
----------
nifti1.h and nifti2.h of the NIfTI Data Format Working Group (public domain).
"""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.imaging.errors import N_, NotDicom, TruncatedFile, UnsupportedData
from app.imaging.formats.sniff import NIFTI_SIZES, nifti_size
from app.imaging.formats.voxelstream import first_bytes

# name: (offset, struct code) in version 1, then in version 2.
_LAYOUT: dict[str, tuple[tuple[int, str], tuple[int, str]]] = {
    "dim": ((40, "8h"), (16, "8q")),
    "intent_code": ((68, "h"), (504, "i")),
    "datatype": ((70, "h"), (12, "h")),
    "bitpix": ((72, "h"), (14, "h")),
    "pixdim": ((76, "8f"), (104, "8d")),
    "vox_offset": ((108, "f"), (168, "q")),
    "scl_slope": ((112, "f"), (176, "d")),
    "scl_inter": ((116, "f"), (184, "d")),
    "xyzt_units": ((123, "B"), (500, "i")),
    "cal_max": ((124, "f"), (192, "d")),
    "cal_min": ((128, "f"), (200, "d")),
    "slice_duration": ((132, "f"), (208, "d")),
    "toffset": ((136, "f"), (216, "d")),
    "qform_code": ((252, "h"), (344, "i")),
    "sform_code": ((254, "h"), (348, "i")),
    "quatern": ((256, "3f"), (352, "3d")),
    "qoffset": ((268, "3f"), (376, "3d")),
    "srow": ((280, "12f"), (400, "12d")),
}
# Free text: it may name the patient, and is shown in the list of elements alone.
_TEXTS: dict[str, tuple[tuple[int, int] | None, tuple[int, int] | None]] = {
    "data_type": ((4, 10), None),
    "db_name": ((14, 18), None),
    "descrip": ((148, 80), (240, 80)),
    "aux_file": ((228, 24), (320, 24)),
    "intent_name": ((328, 16), (508, 16)),
}


@dataclass(frozen=True)
class NiftiFields:
    """Numbers by the names of nifti1.h, tuples where there are several; ``order`` is "<" or ">"."""

    version: int
    order: str
    is_gzip: bool
    numbers: dict[str, Any]
    texts: dict[str, str]

    def __getitem__(self, name: str) -> Any:
        return self.numbers[name]


def read_fields(path: Path) -> NiftiFields:
    """The header of the NIfTI file at *path*.

    Raises
    ------
    TruncatedFile
        The header is not whole.
    UnsupportedData
        An ANALYZE 7.5 header, or one whose voxels lie in another file.
    NotDicom
        No NIfTI header.
    """
    head = first_bytes(path, NIFTI_SIZES[1])
    found = nifti_size(head)
    if found is None:
        raise NotDicom(N_("The file is no NIfTI volume."))
    size, order = found
    if len(head) < size:
        raise TruncatedFile(N_("Truncated: the NIfTI header is not whole. Copy the file from its source."))
    version = NIFTI_SIZES.index(size) + 1
    _check_magic(head, version)
    numbers = {name: _unpacked(head, order, *places[version - 1]) for name, places in _LAYOUT.items()}
    texts = {name: _text(head, place) for name, places in _TEXTS.items() if (place := places[version - 1])}
    with path.open("rb") as file:
        is_gzip = file.read(2) == b"\x1f\x8b"
    return NiftiFields(version, order, is_gzip, numbers, texts)


def _check_magic(head: bytes, version: int) -> None:
    magic = head[344:347] if version == 1 else head[4:7]
    if magic in (b"ni1", b"ni2"):
        raise UnsupportedData(
            N_("The NIfTI header points to another file (.img). Convert the pair to one .nii file.")
        )
    if magic != (b"n+1", b"n+2")[version - 1]:
        raise UnsupportedData(
            N_("An ANALYZE 7.5 header, or a damaged NIfTI header: it does not tell left from right.")
        )


def _unpacked(head: bytes, order: str, offset: int, code: str) -> Any:
    values = struct.unpack_from(order + code, head, offset)
    return values if len(values) > 1 else values[0]


def _text(head: bytes, place: tuple[int, int]) -> str:
    offset, length = place
    return head[offset : offset + length].split(b"\0")[0].decode("utf-8", "replace")
