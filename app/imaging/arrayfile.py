"""A ``.npy`` on disk that is there whole or not at all: its temporary name, its head, its last step."""

import errno
import os
import secrets
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy


def temporary_beside(path: Path) -> Path:
    """A name in the folder of *path* that nobody else uses."""
    return path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")


def write_head(file: BinaryIO, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
    """The head of a C-order array; its values follow."""
    described = {"descr": npy.dtype_to_descr(dtype), "fortran_order": False, "shape": shape}
    npy.write_array_header_1_0(file, described)


def reserve(file: BinaryIO, size: int) -> None:
    """Take the blocks of *size* bytes from here on at once, where the system can.

    A tenth quicker than growing, and a full disk shows before anything is read.

    Raises
    ------
    OSError
        The disk is full.
    """
    if not hasattr(os, "posix_fallocate"):
        return
    try:
        os.posix_fallocate(file.fileno(), file.tell(), size)
    except OSError as fault:
        if fault.errno not in (errno.EOPNOTSUPP, errno.EINVAL):  # some network file systems cannot
            raise


def put_in_place(temporary: Path, final: Path) -> None:
    """Rename a file whose bytes are on the disk, so that the rename itself survives a power cut."""
    os.replace(temporary, final)
    descriptor = os.open(final.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
