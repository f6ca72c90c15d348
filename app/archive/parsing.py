"""The pool of children that read strangers' files, seen from the web process.

A child that dies or falls silent is replaced; the file it was at is refused, the others go on.
"""

import atexit
import json
import os
import queue
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from app.archive.children import ROOT, Child, ChildDied, ChildSilent
from app.archive.directories import DirectoryListing
from app.archive.incoming import IncomingFile, Refusal
from app.archive.unpack import UnpackLimits
from app.imaging.dicomfile import InstanceFacts, ReadLimits
from app.imaging.errors import N_, Message
from app.storage.store import Store

DIED = N_("Reading the file broke the reader: it is damaged, or made to do harm.")
SILENT = N_("Reading the file took longer than %(seconds)s seconds.")
# Beside its silence and death: answers that no sound child gives.
_FAILURES = (ChildDied, ChildSilent, KeyError, TypeError, ValueError)
_CHUNK = 16  # files asked of one child in one go, so that several uploads take turns
_TASKS_PER_CHILD = 500
# Of the environment the child gets what an interpreter needs to start, and nothing else.
_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "SYSTEMROOT", "TMPDIR", "TEMP")
# The package ``app`` builds the web application when it is imported; the child needs a part of it.
_BOOT = (
    "import sys, types; package = types.ModuleType('app'); package.__path__ = [sys.argv[1]]; "
    "sys.modules['app'] = package; from app.archive.parse_child import main; main()"
)

Inspected = InstanceFacts | DirectoryListing | Message


@dataclass(frozen=True)
class Contents:
    """What came out of a ZIP."""

    files: tuple[IncomingFile, ...]
    refused: tuple[Refusal, ...]
    ignored: int


class ParsePool:
    """Up to *workers* children, each limited to *memory* bytes and *seconds* for a file."""

    def __init__(self, workers: int, memory: int, seconds: int, limits: ReadLimits) -> None:
        self._seconds = seconds
        self._setup = json.dumps({"memory": memory, "seconds": seconds, "read": asdict(limits)})
        self._workers = workers
        # A slot is a child, or the place of one that is started when it is needed.
        self._slots: queue.LifoQueue[Child | None] = queue.LifoQueue()
        for _ in range(workers):
            self._slots.put(None)

    def inspect(self, paths: Sequence[Path]) -> list[Inspected]:
        """For each of *paths* its facts, what the index of a disc lists, or why it is refused."""
        chunks = [paths[start : start + _CHUNK] for start in range(0, len(paths), _CHUNK)]
        if len(chunks) < 2 or self._workers < 2:
            return [result for chunk in chunks for result in self._inspect_chunk(chunk)]
        with ThreadPoolExecutor(self._workers, thread_name_prefix="parse") as threads:
            return [result for results in threads.map(self._inspect_chunk, chunks) for result in results]

    def unpack(self, archive: IncomingFile, store: Store, limits: UnpackLimits) -> Contents:
        """The files of a ZIP, written under ``store.incoming``."""
        child = self._borrow()
        files: list[IncomingFile] = []
        refused: list[Refusal] = []
        ignored = 0
        fault: Message | None
        try:
            child.send(
                {
                    "unpack": str(archive.path),
                    "name": archive.name,
                    "root": str(store.root),
                    "limits": asdict(limits),
                }
            )
            while "end" not in (reply := child.receive(self._seconds)):
                if "file" in reply:
                    files.append(_incoming(reply["file"], store))
                elif "entry" in reply:
                    refused.append(Refusal(reply["entry"], Message.from_json(reply["refused"])))
                else:
                    ignored += bool(reply["ignored"])
            fault = Message.from_json(reply["refused"]) if reply["refused"] else None
        except _FAILURES as failure:
            fault = self._end(child, failure)
        finally:
            self._give_back(child)
        if fault is None:
            return Contents(tuple(files), tuple(refused), ignored)
        for file in files:
            file.path.unlink(missing_ok=True)
        return Contents((), (Refusal(archive.name, fault),), 0)

    def ask(self, request: Mapping[str, Any]) -> dict[str, Any] | Message:
        """The one answer to *request* (:mod:`app.archive.labelreading`), or why there is none."""
        child = self._borrow()
        try:
            child.send(request)
            return child.receive(self._seconds)
        except _FAILURES as failure:
            return self._end(child, failure)
        finally:
            self._give_back(child)

    def close(self) -> None:
        """End the children that are idle; one at work ends with its parent."""
        for _ in range(self._workers):
            try:
                child = self._slots.get_nowait()
            except queue.Empty:
                return
            if child is not None:
                child.close()
            self._slots.put(None)

    def _inspect_chunk(self, paths: Sequence[Path]) -> list[Inspected]:
        results: list[Inspected] = []
        while len(results) < len(paths):
            results.extend(self._inspect_some(paths[len(results) :]))
        return results

    def _inspect_some(self, paths: Sequence[Path]) -> list[Inspected]:
        """Results until the child fails, the file at which it failed included."""
        results: list[Inspected] = []
        child = self._borrow()
        try:
            child.send({"inspect": [str(path) for path in paths]})
            for _ in paths:
                results.append(_inspected(child.receive(self._seconds)))
        except _FAILURES as failure:
            results.append(self._end(child, failure))
        finally:
            self._give_back(child)
        return results

    def _end(self, child: Child, failure: Exception) -> Message:
        """Why the file at hand is refused; the child is not used again."""
        child.kill()
        if isinstance(failure, ChildSilent):
            return Message(SILENT, {"seconds": self._seconds})
        return Message(DIED)

    def _borrow(self) -> Child:
        child = self._slots.get()
        try:
            if child is not None and child.is_alive and child.tasks < _TASKS_PER_CHILD:
                return child
            if child is not None:
                child.close()
            return Child(_BOOT, str(ROOT / "app"), self._setup, environment=_bare_environment(), quiet=True)
        except BaseException:
            self._slots.put(None)
            raise

    def _give_back(self, child: Child) -> None:
        self._slots.put(child if child.is_alive else None)
        if not child.is_alive:
            child.close()


_pools: dict[tuple[int, ...], ParsePool] = {}
_pools_lock = threading.Lock()


def parse_pool(settings: Mapping[str, Any]) -> ParsePool:
    """This process's pool for *settings*; its children start with the first file."""
    names = ("PARSE_WORKERS", "PARSE_MEMORY", "PARSE_SECONDS", "MAX_PIXEL_BYTES")
    workers, memory, seconds, pixels = (int(settings[name]) for name in names)
    key = (os.getpid(), workers, memory, seconds, pixels)
    with _pools_lock:
        if key not in _pools:
            _pools[key] = ParsePool(workers, memory, seconds, read_limits(settings))
            atexit.register(_pools[key].close)
        return _pools[key]


def read_limits(settings: Mapping[str, Any]) -> ReadLimits:
    """The limits of one file, as configured."""
    return ReadLimits(
        max_pixels_bytes=int(settings["MAX_PIXEL_BYTES"]),
        max_volume_bytes=int(settings["MAX_VOLUME_BYTES"]),
    )


def _bare_environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    # Each thread of OpenBLAS and each malloc arena would take its part of the bounded address space.
    return kept | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}


def _incoming(reply: Mapping[str, Any], store: Store) -> IncomingFile:
    if Path(reply["path"]).parent != store.incoming:
        raise ValueError("a file outside incoming")
    fault = Message.from_json(reply["fault"]) if reply["fault"] else None
    return IncomingFile(reply["name"], Path(reply["path"]), reply["sha256"], reply["size"], fault)


def _inspected(reply: Mapping[str, Any]) -> Inspected:
    if "facts" in reply:
        return InstanceFacts.from_json(reply["facts"])
    if "directory" in reply:
        return DirectoryListing.from_json(reply["directory"])
    return Message.from_json(reply["refused"])
