"""Files that have been received and not yet been taken in: their bytes, hash and shown name.

A name is something to show. It never decides where bytes lie, nor what they are.
"""

import errno
import hashlib
import os
import re
import secrets
import unicodedata
import weakref
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from app.archive.amounts import size_text
from app.archive.errors import Refused, StorageFull
from app.imaging.errors import N_, Message
from app.storage.store import Store

MAX_NAME = 255  # characters of one part of a path: what file systems allow
_SHOWN_NAME = 120
DISK_FULL = N_("The server's disk is full. Tell whoever runs it.")
TOO_LARGE = N_("The file is larger than the %(limit)s that one file may have.")
# What macOS, Windows and Synology leave beside files; nobody chose to upload them.
_SYSTEM_FILES = {".ds_store", "thumbs.db", "desktop.ini", "ehthumbs.db", ".directory", "@eadir"}
_SYSTEM_FOLDERS = {"__macosx", ".spotlight-v100", ".trashes", ".fseventsd", "$recycle.bin", "@eadir"}
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}


@dataclass(frozen=True)
class IncomingFile:
    """Bytes under ``store.incoming``. ``fault`` says why they were not all received."""

    name: str
    path: Path
    sha256: str
    size: int
    fault: Message | None = None


@dataclass(frozen=True)
class Refusal:
    """A file that was not taken in, by its shown name, and why."""

    name: str
    reason: Message


class HashingFile:
    """A file under ``store.incoming`` that hashes what is written to it.

    It takes the place of the temporary file of a multipart part. Beyond *limit* bytes nothing more is
    kept, so that one file too large costs its own place alone and not the whole upload. The file goes
    away with this object, unless :meth:`received` handed it on.
    """

    def __init__(self, store: Store, limit: int) -> None:
        self._limit = limit
        self._bytes = _Bytes(store.incoming / secrets.token_hex(16))
        self._hash = hashlib.sha256()
        self._forget = weakref.finalize(self, self._bytes.discard)
        self.size = 0

    @property
    def is_too_large(self) -> bool:
        """Whether more was written than the limit allows."""
        return self.size > self._limit

    def write(self, data: bytes) -> int:
        """Keep and hash *data*.

        Raises
        ------
        StorageFull
            The disk took no more.
        """
        file = self._bytes.writer
        if file is None:
            raise ValueError("the file is complete")
        self.size += len(data)
        if self.is_too_large:
            file.truncate(0)
            return len(data)
        self._hash.update(data)
        with disk_room():
            return file.write(data)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """End writing: the file is read from here on. Thousands of parts may wait, so it is closed."""
        with disk_room():
            self._bytes.close()
        return 0 if offset == 0 and whence == os.SEEK_SET else self._bytes.open().seek(offset, whence)

    def read(self, size: int = -1) -> bytes:
        return self._bytes.open().read(size)

    def tell(self) -> int:
        return self.size if self._bytes.reader is None else self._bytes.reader.tell()

    def flush(self) -> None:
        """Nothing to do: writing ends with :meth:`seek` or :meth:`received`."""

    def close(self) -> None:
        """Let go of the file, and remove it unless it was handed on."""
        self._bytes.close()
        self._forget()

    def received(self, name: str) -> IncomingFile:
        """The complete file, under the name that the sender gave it; it is now the caller's."""
        with disk_room():
            self._bytes.close()
        self._forget.detach()
        fault = Message(TOO_LARGE, {"limit": size_text(self._limit)}) if self.is_too_large else None
        return IncomingFile(name, self._bytes.path, self._hash.hexdigest(), self.size, fault)


class _Bytes:
    """The file itself: written once, then read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.writer: BinaryIO | None = path.open("xb")
        self.reader: BinaryIO | None = None

    def open(self) -> BinaryIO:
        if self.reader is None:
            self.close()
            self.reader = self.path.open("rb")
        return self.reader

    def close(self) -> None:
        """Close what is open; the last bytes reach the file here."""
        opened, self.writer, self.reader = (self.writer, self.reader), None, None
        for file in opened:
            if file is not None:
                file.close()

    def discard(self) -> None:
        with suppress(OSError):
            self.close()
        self.path.unlink(missing_ok=True)


class disk_room:  # noqa: N801 - reads as a word in a with statement
    """A full disk inside the block is a :class:`StorageFull`."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, fault: BaseException | None, _trace: object) -> None:
        if isinstance(fault, OSError) and fault.errno in _NO_ROOM:
            raise StorageFull(DISK_FULL) from None


def shown_name(name: str) -> str:
    """*name* as it may be shown: one line, no control or direction characters, the end of a long one."""
    text = "".join(
        character if unicodedata.category(character)[0] != "C" else "�" for character in name
    ).strip()
    text = text.encode("utf-8", "replace").decode("utf-8")
    return text if len(text) <= _SHOWN_NAME else "…" + text[-(_SHOWN_NAME - 1) :]


def check_name(name: str) -> None:
    """Refuse a name that no file chosen in good faith has.

    Raises
    ------
    Refused
        It holds NUL, leads out of its folder, or is longer than any file system allows.
    """
    if "\0" in name:
        raise Refused(N_("The file's name holds a NUL character."))
    if name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:[/\\]", name):
        raise Refused(N_("The file's name is an absolute path."))
    parts = re.split(r"[/\\]", name)
    if ".." in parts:
        raise Refused(N_("The file's name leads out of its folder (..)."))
    longest = max(map(len, parts))
    if longest > MAX_NAME:
        raise Refused(
            N_("The file's name has %(found)s characters; at most %(limit)s are possible."),
            found=longest,
            limit=MAX_NAME,
        )


def is_system_file(name: str) -> bool:
    """Whether *name* is one of those that an operating system leaves in folders and ZIPs by itself."""
    *folders, last = re.split(r"[/\\]", name.lower())
    return (
        last in _SYSTEM_FILES or last.startswith("._") or any(folder in _SYSTEM_FOLDERS for folder in folders)
    )
