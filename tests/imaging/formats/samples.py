"""Hand-made NIfTI and NRRD files: each byte is written here, by the words of the two definitions.

The voxels count: value = 100·k + 10·j + i, in a grid of 5 × 4 × 3, asymmetric in every way.
"""

import gzip
import struct
from pathlib import Path
from typing import Any

import numpy as np

SHAPE = (5, 4, 3)  # i, j, k
# k, j, i: the corner at (4, 3, 2) is 234.
COUNTING = (
    100 * np.arange(3)[:, None, None] + 10 * np.arange(4)[None, :, None] + np.arange(5)[None, None, :]
).astype(np.int16)

_CODES = {
    "u1": 2,
    "i2": 4,
    "i4": 8,
    "f4": 16,
    "f8": 64,
    "i1": 256,
    "u2": 512,
    "u4": 768,
    "i8": 1024,
    "u8": 1280,
}

# Axes along R, A, S with 2, 3 and 4 mm; the first voxel at R 10, A 20, S 30.
SROW = (2, 0, 0, 10, 0, 3, 0, 20, 0, 0, 4, 30)


def nifti1(voxels: np.ndarray = COUNTING, order: str = "<", **changes: Any) -> bytes:
    """A NIfTI-1 file of *voxels* (…, k, j, i); *changes* are fields of the header, or ``extra`` bytes."""
    header = bytearray(348)

    def put(offset: int, code: str, *values: Any) -> None:
        struct.pack_into(order + code, header, offset, *values)

    kind = voxels.dtype.str[1:]
    sizes = voxels.shape[::-1]
    put(0, "i", 348)
    put(40, "8h", *changes.get("dim", (len(sizes), *sizes, *[1] * (7 - len(sizes)))))
    put(68, "h", changes.get("intent_code", 0))
    put(70, "h", changes.get("datatype", _CODES[kind]))
    put(72, "h", changes.get("bitpix", voxels.dtype.itemsize * 8))
    put(76, "8f", *changes.get("pixdim", (1, 2, 3, 4, 0, 0, 0, 0)))
    put(108, "f", changes.get("vox_offset", 352))
    put(112, "2f", changes.get("scl_slope", 0), changes.get("scl_inter", 0))
    put(123, "B", changes.get("xyzt_units", 2))
    put(124, "2f", changes.get("cal_max", 0), changes.get("cal_min", 0))
    put(136, "f", changes.get("toffset", 0))
    header[148:228] = changes.get("descrip", b"").ljust(80, b"\0")
    put(252, "2h", changes.get("qform_code", 0), changes.get("sform_code", 1))
    put(256, "6f", *changes.get("quatern", (0, 0, 0)), *changes.get("qoffset", (0, 0, 0)))
    put(280, "12f", *changes.get("srow", SROW))
    header[344:348] = changes.get("magic", b"n+1\0")
    extra = changes.get("extra", b"\0\0\0\0")
    return bytes(header) + extra + voxels.astype(voxels.dtype.newbyteorder(order)).tobytes()


def nrrd(voxels: np.ndarray = COUNTING, body: bytes | None = None, **changes: Any) -> bytes:
    """An NRRD file of *voxels* (…, k, j, i); *changes* set fields ("_" for " "), None leaves one out."""
    fields: dict[str, Any] = {
        "type": {
            "i2": "short",
            "u1": "uchar",
            "f4": "float",
            "f8": "double",
            "i4": "int",
            "u2": "ushort",
        }.get(voxels.dtype.str[1:], voxels.dtype.name),
        "dimension": voxels.ndim,
        "space": "left-posterior-superior",
        "sizes": " ".join(str(size) for size in voxels.shape[::-1]),
        "space directions": "(2,0,0) (0,3,0) (0,0,4)",
        "kinds": "domain domain domain",
        "endian": "little",
        "encoding": "raw",
        "space origin": "(10,20,30)",
    } | {name.replace("_", " "): value for name, value in changes.items()}
    lines = [
        "NRRD0004",
        "# a comment",
        *(f"{name}: {text}" for name, text in fields.items() if text is not None),
    ]
    data = voxels.astype(voxels.dtype.newbyteorder("<")).tobytes() if body is None else body
    return "\n".join(lines).encode() + b"\n\n" + data


def written(folder: Path, content: bytes, name: str = "upload") -> Path:
    """*content* as a file whose name says nothing."""
    path = folder / name
    path.write_bytes(content)
    return path


def gz(content: bytes) -> bytes:
    return gzip.compress(content, 6, mtime=0)
