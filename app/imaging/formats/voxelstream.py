"""The voxels of a file as a stream of bytes, decoded within bounds.

Nothing is decoded beyond what was asked for: a bomb gives as many bytes as its header claimed and was
allowed, and the rest of it is never inflated.
"""

import bz2
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import numpy as np
from numpy.typing import NDArray

from app.imaging.errors import N_, InvalidElement, TruncatedFile
from app.imaging.formats.volumefile import VolumeFile, VoxelPlace
from app.imaging.limits import MIB

_STEP = 1 * MIB
_PACKED_STEP = MIB // 4
_LONGEST_NUMBER = 64  # digits of one voxel
_TRAILER = 2 * MIB  # read on after the last voxel, so that the checksum is compared
_HEX = frozenset(b"0123456789abcdefABCDEF")


class _Engine(Protocol):
    """A decompressor of the standard library, as far as it is used."""

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def more(self, data: bytes, most: int) -> bytes: ...

    @property
    def wants_input(self) -> bool: ...


class _Gunzip:
    def __init__(self) -> None:
        self._engine = zlib.decompressobj(zlib.MAX_WBITS | 16)
        self._pending = b""

    @property
    def eof(self) -> bool:
        return self._engine.eof

    @property
    def unused_data(self) -> bytes:
        return self._engine.unused_data

    @property
    def wants_input(self) -> bool:
        return not self._pending

    def more(self, data: bytes, most: int) -> bytes:
        out = self._engine.decompress(self._pending + data, most)
        self._pending = self._engine.unconsumed_tail
        return out


class _Bunzip:
    def __init__(self) -> None:
        self._engine = bz2.BZ2Decompressor()

    @property
    def eof(self) -> bool:
        return self._engine.eof

    @property
    def unused_data(self) -> bytes:
        return self._engine.unused_data

    @property
    def wants_input(self) -> bool:
        return self._engine.needs_input

    def more(self, data: bytes, most: int) -> bytes:
        return self._engine.decompress(data, most)


class ByteStream:
    """Decoded bytes from the first voxel on, read once from front to back."""

    def __init__(self, file: BinaryIO, place: VoxelPlace) -> None:
        self._file = file
        self._place = place
        self._engine: _Engine | None = None
        self._held = b""  # digits of a number, or one hex digit, that go on in the next piece
        file.seek(place.offset)
        if place.encoding in ("gzip", "bzip2"):
            self._engine = self._new_engine()
        self.skip(place.skip)

    def skip(self, count: int) -> None:
        """Go on by *count* bytes.

        Raises
        ------
        TruncatedFile
            As :meth:`read`.
        """
        if self._place.encoding == "raw":
            self._file.seek(count, 1)
            return
        while count > 0:
            count -= len(self.read(min(count, _STEP)))

    def read(self, count: int) -> bytearray:
        """The next *count* bytes.

        Raises
        ------
        TruncatedFile
            The file ends before, or is damaged.
        """
        got = bytearray()
        while len(got) < count:
            piece = self._more(min(count - len(got), _STEP))
            if not piece:
                raise _ends_early()
            got += piece
        return got

    def finish(self) -> None:
        """Compare the checksum of what was read, where the encoding has one and it is near.

        Raises
        ------
        TruncatedFile
            It does not fit: the file is damaged.
        """
        left = _TRAILER
        while self._engine is not None and not self._engine.eof and left > 0:
            piece = self._inflate(_STEP)
            if not piece and not self._engine.eof:
                raise _ends_early()
            left -= len(piece)

    def _more(self, most: int) -> bytes:
        """Some bytes, at most *most*; none at the end."""
        match self._place.encoding:
            case "raw":
                return self._file.read(most)
            case "hex":
                return self._from_hex(most)
            case "ascii":
                return self._from_digits(most)
            case _:
                return self._inflate(most)

    def _new_engine(self) -> _Engine:
        return _Gunzip() if self._place.encoding == "gzip" else _Bunzip()

    def _inflate(self, most: int) -> bytes:
        engine = self._engine
        while engine is not None:
            try:
                data = b""
                if engine.wants_input and not engine.eof:
                    data = self._file.read(_PACKED_STEP)
                    if not data:
                        return b""
                if not engine.eof and (out := engine.more(data, most)):
                    return out
                if engine.eof:
                    engine = self._next_member(engine)
            except (zlib.error, OSError, ValueError, EOFError):
                raise _ends_early() from None
        return b""

    def _next_member(self, ended: _Engine) -> _Engine | None:
        """Both formats allow several streams in a row; what follows and is none is padding."""
        rest = ended.unused_data or self._file.read(_PACKED_STEP)
        magic = b"\x1f\x8b" if self._place.encoding == "gzip" else b"BZh"
        if not rest.startswith(magic):
            return None
        self._file.seek(-len(rest), 1)
        self._engine = self._new_engine()
        return self._engine

    def _from_hex(self, most: int) -> bytes:
        """Pairs of hexadecimal digits, blanks anywhere between them."""
        while raw := self._file.read(2 * most - len(self._held)):
            digits = self._held + b"".join(raw.split())
            if not _HEX.issuperset(digits):
                raise _no_number()
            even = len(digits) & ~1
            self._held = digits[even:]
            if even:
                return bytes.fromhex(digits[:even].decode("ascii"))
        return b""

    def _from_digits(self, most: int) -> bytes:
        """Numbers between blanks, as bytes of the stored type, of which *most* holds at least one."""
        dtype = np.dtype(self._place.stored_type)
        wanted = most // dtype.itemsize
        while True:
            # A number and its blank are two characters: so no more come out than are wanted.
            raw = self._file.read(max(2 * wanted - len(self._held) - 1, 1))
            text, self._held = self._held + raw, b""
            if raw and not raw[-1:].isspace():
                self._held = text.split()[-1]  # may go on in the next piece
                text = text[: len(text) - len(self._held)]
                if len(self._held) > _LONGEST_NUMBER:
                    raise _no_number()
            if numbers := text.split():
                return _numbers(numbers, dtype)
            if not raw:
                return b""


def _numbers(texts: list[bytes], dtype: np.dtype[Any]) -> bytes:
    if max(map(len, texts)) > _LONGEST_NUMBER:
        raise _no_number()
    try:
        if dtype.kind == "f":
            return np.array([float(text) for text in texts], dtype).tobytes()
        integers = [int(text) for text in texts]
        bounds = np.iinfo(dtype)
        if min(integers) < bounds.min or max(integers) > bounds.max:
            raise _no_number()
        return np.array(integers, dtype).tobytes()
    except (ValueError, OverflowError):
        raise _no_number() from None


@contextmanager
def open_voxels(volume_file: VolumeFile) -> Iterator[ByteStream]:
    """The decoded bytes of a file from its first voxel on."""
    with volume_file.path.open("rb") as file:
        yield ByteStream(file, volume_file.voxels)


def as_voxels(data: bytearray, stored_type: str) -> NDArray[Any]:
    """Bytes as an array of one dimension in the file's type and byte order."""
    return np.frombuffer(data, np.dtype(stored_type))


def verify_voxels(volume_file: VolumeFile) -> None:
    """Read all voxels and keep none, so that a truncated file is known when it arrives.

    Raises
    ------
    TruncatedFile, InvalidElement
        Voxels are missing, or damaged.
    """
    size = np.dtype(volume_file.voxels.stored_type).itemsize
    left = volume_file.voxel_count * volume_file.phase_count * size
    place = volume_file.voxels
    if place.encoding == "raw":
        there = volume_file.path.stat().st_size - place.offset - place.skip
        if there < left:
            raise TruncatedFile(
                N_("Truncated: the voxels take %(wanted)s bytes and %(found)s are there. Copy it again."),
                wanted=left,
                found=max(there, 0),
            )
        return
    with open_voxels(volume_file) as stream:
        while left:
            left -= len(stream.read(min(left, _STEP)))
        stream.finish()


def first_bytes(path: Path, count: int) -> bytes:
    """Up to *count* bytes of the file at *path*, inflated where it is gzip; fewer where they cannot be."""
    with path.open("rb") as file:
        head = file.read(max(count, 2))
        if not head.startswith(b"\x1f\x8b"):
            return head
        stream = ByteStream(file, VoxelPlace("gzip", 0, 0, "u1"))
        got = bytearray()
        try:
            while len(got) < count and (piece := stream._more(count - len(got))):
                got += piece
        except TruncatedFile:
            pass
        return bytes(got)


def _ends_early() -> TruncatedFile:
    return TruncatedFile(N_("Truncated: the voxels are damaged or end early. Copy the file from its source."))


def _no_number() -> InvalidElement:
    return InvalidElement(N_("The voxels are written in digits, and something among them is no number."))
