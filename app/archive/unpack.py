"""ZIP files, unpacked within limits. Runs in the child process that reads strangers' files.

Nothing a ZIP says of itself is believed: bytes are counted while they are inflated, and each entry
is written under a generated name. Two entries of one name are therefore simply two files.
"""

import stat
import zipfile
import zlib
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

from app.archive.amounts import count_text, size_text
from app.archive.errors import Refused, StorageFull
from app.archive.incoming import (
    DISK_FULL,
    TOO_LARGE,
    HashingFile,
    IncomingFile,
    Refusal,
    check_name,
    is_system_file,
)
from app.imaging.errors import N_, LimitExceeded
from app.storage.store import Store

MIB = 1024 * 1024
_STEP = 1 * MIB
# A blank image deflates by 1000: the ratio counts only beyond this many bytes.
_ENTRY_FREE = 16 * MIB
_TOTAL_FREE = 64 * MIB
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_ENCRYPTED = 0x0001 | 0x0040 | 0x2000  # flags: traditional, strong, masked directory
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, IndexError)


@dataclass(frozen=True)
class UnpackLimits:
    """How much one ZIP may hold, those inside it counted."""

    max_bytes: int
    max_entry_bytes: int
    max_entries: int
    max_ratio: int
    max_depth: int = 2  # a ZIP, and ZIPs in it
    min_free: int = 0  # bytes of the disk that are left alone


@dataclass(frozen=True)
class Ignored:
    """A file that an operating system left in the ZIP."""


@dataclass(frozen=True)
class Working:
    """Nothing to tell but that the work goes on."""


Unpacked = IncomingFile | Refusal | Ignored | Working


def is_zip(path: Path) -> bool:
    """Whether the bytes at *path* begin as a ZIP does and are not DICOM after all."""
    with path.open("rb") as file:
        head = file.read(132)
    return head[:4] in (b"PK\x03\x04", b"PK\x05\x06") and head[128:132] != b"DICM"


def unpack(path: Path, name: str, store: Store, limits: UnpackLimits) -> Iterator[Unpacked]:
    """The files of the ZIP at *path*, each written under ``store.incoming``, and what is refused.

    Raises
    ------
    LimitExceeded, StorageFull
        The ZIP as a whole is beyond the limits, or the disk's: nothing of it is to be kept.
    Refused
        It cannot be read at all.
    """
    allowed = min(limits.max_bytes, max(_TOTAL_FREE, limits.max_ratio * path.stat().st_size))
    yield from _Unpacking(store, limits, allowed).unpack(path, name, depth=1)


class _Unpacking:
    """One ZIP with those inside it: they share their limits."""

    def __init__(self, store: Store, limits: UnpackLimits, allowed: int) -> None:
        self._store = store
        self._limits = limits
        self._allowed = allowed
        self._bytes = 0
        self._entries = 0

    def unpack(self, path: Path, name: str, depth: int) -> Iterator[Unpacked]:
        try:
            archive = zipfile.ZipFile(path)
        except _BROKEN:
            raise Refused(N_("The ZIP is damaged or incomplete. Make it again.")) from None
        with archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            self._count_entries(len(entries))
            if not entries:
                raise Refused(N_("The ZIP holds no files."))
            for entry in entries:
                yield from self._unpack_entry(archive, entry, f"{name}/{entry.orig_filename}", depth)

    def _unpack_entry(
        self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str, depth: int
    ) -> Iterator[Unpacked]:
        """One entry: a file, several if it is a ZIP, or a refusal that costs this entry alone."""
        if is_system_file(entry.orig_filename):
            yield Ignored()
            return
        try:
            _check_entry(entry)
            if entry.file_size > self._limits.max_entry_bytes:
                raise Refused(TOO_LARGE, limit=size_text(self._limits.max_entry_bytes))
            yield Working()
            received = yield from self._inflate(archive, entry, name)
        except Refused as fault:
            yield Refusal(name, fault.message)
            return
        except _BROKEN:
            yield Refusal(name, Refused(N_("The ZIP entry is damaged. Make the ZIP again.")).message)
            return
        if received.fault is not None or not is_zip(received.path):
            yield received
            return
        yield from self._unpack_nested(received, depth)

    def _unpack_nested(self, inner: IncomingFile, depth: int) -> Iterator[Unpacked]:
        try:
            if depth >= self._limits.max_depth:
                raise Refused(N_("A ZIP inside a ZIP inside a ZIP is not unpacked. Upload it by itself."))
            yield from self.unpack(inner.path, inner.name, depth + 1)
        except Refused as fault:
            yield Refusal(inner.name, fault.message)
        finally:
            inner.path.unlink(missing_ok=True)

    def _inflate(
        self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str
    ) -> Generator[Unpacked, None, IncomingFile]:
        """Write one entry, counting what really comes out; the file is the generator's value."""
        target = HashingFile(self._store, self._limits.max_entry_bytes)
        ratio_limit = max(_ENTRY_FREE, self._limits.max_ratio * entry.compress_size)
        try:
            with archive.open(entry) as source:
                while data := source.read(_STEP):
                    self._count_bytes(len(data))
                    target.write(data)
                    if target.size > ratio_limit:
                        raise Refused(
                            N_("The ZIP entry grows beyond %(ratio)s times its packed size: a ZIP bomb."),
                            ratio=self._limits.max_ratio,
                        )
                    if target.is_too_large:
                        return target.received(name)
                    if target.size % (64 * MIB) < len(data):
                        yield Working()
            if target.size != entry.file_size:
                raise zipfile.BadZipFile
            return target.received(name)
        finally:
            target.close()

    def _count_bytes(self, count: int) -> None:
        self._bytes += count
        if self._bytes > self._allowed:
            raise LimitExceeded(
                N_("The ZIP unpacks to more than %(limit)s; nothing of it was taken in."),
                limit=size_text(self._allowed),
            )
        if self._store.free_bytes() < self._limits.min_free:
            raise StorageFull(DISK_FULL)

    def _count_entries(self, count: int) -> None:
        self._entries += count
        if self._entries > self._limits.max_entries:
            raise LimitExceeded(
                N_("The ZIP holds more than %(limit)s files; nothing of it was taken in."),
                limit=count_text(self._limits.max_entries),
            )


def _check_entry(entry: zipfile.ZipInfo) -> None:
    """Refuse what is no plain file of a plain name."""
    check_name(entry.orig_filename)
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind == stat.S_IFLNK:
        raise Refused(N_("The ZIP entry is a symbolic link; links are not followed."))
    if kind not in (0, stat.S_IFREG):
        raise Refused(N_("The ZIP entry is a special file and no image."))
    if entry.flag_bits & _ENCRYPTED:
        raise Refused(
            N_("The ZIP entry is encrypted. Unpack it with its password and upload what comes out.")
        )
    if entry.compress_type not in _METHODS:
        raise Refused(
            N_("The ZIP entry is packed by method %(method)s, which is not unpacked here. Use plain ZIP."),
            method=entry.compress_type,
        )
