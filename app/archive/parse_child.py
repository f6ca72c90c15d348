"""The child process that reads strangers' files: bounded in memory and time, without secrets.

It holds no setting, key or database address, and imports :mod:`app.imaging` but not the web
application. A file that makes it burst costs that file alone: the parent starts another child.
"""

import json
import signal
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from app.archive.children import serve
from app.archive.directories import DirectoryListing
from app.archive.incoming import IncomingFile, Refusal
from app.archive.unpack import Ignored, Unpacked, UnpackLimits, unpack
from app.imaging.dicomdir import is_directory, read_directory
from app.imaging.dicomfile import ReadLimits
from app.imaging.errors import N_, LimitExceeded, Message, NotDicom, TriplanoError
from app.imaging.formats.inspect import inspect_any
from app.storage.store import Store

TOO_MUCH_MEMORY = N_("Reading the file takes more memory than is allowed.")
UNREADABLE = N_("The file cannot be read: its structure is broken.")


def main() -> None:
    """Serve with the limits of the command line, as JSON."""
    given = json.loads(sys.argv[2])
    reader = _Reader(given["memory"], given["seconds"], ReadLimits(**given["read"]))
    serve(reader.answer)


class _Reader:
    """Answers ``inspect`` and ``unpack`` requests, and those of :mod:`app.archive.labelreading`."""

    def __init__(self, memory: int, seconds: int, limits: ReadLimits) -> None:
        self._memory = memory
        self._seconds = seconds
        self._limits = limits

    def answer(self, request: dict[str, Any]) -> Iterator[dict[str, Any]]:
        if "inspect" in request:
            for path in request["inspect"]:
                yield self._inspect(Path(path))
        elif "read" in request:
            yield self._read(request)
        else:
            yield from self._unpack(request)
        _set_alarm(0)

    def _inspect(self, path: Path) -> dict[str, Any]:
        """The facts of one file, what the index of a disc lists, or why it is refused."""
        self._guard(path.stat().st_size)
        try:
            if is_directory(path):
                listing = DirectoryListing.of(read_directory(path, self._limits))
                return {"directory": listing.as_json()}
            return {"facts": inspect_any(path, self._limits).as_json()}
        except TriplanoError as fault:
            return {"refused": fault.message.as_json()}
        except MemoryError:
            return {"refused": LimitExceeded(TOO_MUCH_MEMORY).message.as_json()}
        except (Exception, RecursionError):
            # Not foreseen, so not named: the file is refused all the same and the rest goes on.
            return {"refused": NotDicom(UNREADABLE).message.as_json()}

    def _read(self, request: dict[str, Any]) -> dict[str, Any]:
        """What a file of masks, contours or dose holds, or why it is refused."""
        try:
            # The grid that voxels are put on is that of a volume of ours: it has been let in.
            self._guard(Path(request["path"]).stat().st_size + int(request.get("room", 0)))
            # Late: most children never read such files, and SciPy takes its time.
            from app.archive.labelreading import answer

            return answer(request, self._limits)
        except TriplanoError as fault:
            return {"refused": fault.message.as_json(), "code": fault.code}
        except MemoryError:
            return {"refused": LimitExceeded(TOO_MUCH_MEMORY).message.as_json(), "code": LimitExceeded.code}
        except (Exception, RecursionError):
            return {"refused": NotDicom(UNREADABLE).message.as_json(), "code": "unreadable"}

    def _unpack(self, request: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """What comes out of one ZIP, and an end that may carry the refusal of the whole."""
        path = Path(request["unpack"])
        self._guard(path.stat().st_size)
        refused: Message | None = None
        try:
            limits = UnpackLimits(**request["limits"])
            for piece in unpack(path, request["name"], Store(Path(request["root"])), limits):
                self._guard(path.stat().st_size)
                yield _as_json(piece)
        except TriplanoError as fault:
            refused = fault.message
        except MemoryError:
            refused = LimitExceeded(TOO_MUCH_MEMORY).message
        yield {"end": True, "refused": refused.as_json() if refused else None}

    def _guard(self, size: int) -> None:
        """Bound the memory, the mapped file beside it, and the time of the next step.

        The parent watches the clock too; the alarm is for a child that lost its parent.
        """
        try:
            import resource
        except ImportError:  # Windows: the parent's clock alone bounds the child
            return
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        _soft, hard = resource.getrlimit(resource.RLIMIT_AS)
        wanted = self._memory + size
        resource.setrlimit(
            resource.RLIMIT_AS, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard)
        )
        _set_alarm(2 * self._seconds)


def _set_alarm(seconds: int) -> None:
    if hasattr(signal, "alarm"):
        signal.alarm(seconds)


def _as_json(piece: Unpacked) -> dict[str, Any]:
    if isinstance(piece, IncomingFile):
        fault = piece.fault.as_json() if piece.fault else None
        return {"file": asdict(piece) | {"path": str(piece.path), "fault": fault}}
    if isinstance(piece, Refusal):
        return {"entry": piece.name, "refused": piece.reason.as_json()}
    return {"ignored": isinstance(piece, Ignored)}
