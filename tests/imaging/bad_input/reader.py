"""The child process that runs the way of a series, bounded as the archive's own, and its other end.

Each answer has the processor seconds and the peak of resident memory of that series.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MIB = 1024 * 1024
MOST_SECONDS = 2.0
MOST_MEMORY = 512 * MIB
# As app/archive/parsing.py: ``app`` would build the web application when it is imported.
_BOOT = (
    "import sys, types; package = types.ModuleType('app'); package.__path__ = [sys.argv[1]]; "
    "sys.modules['app'] = package; from tests.imaging.bad_input.reader import main; main()"
)


@dataclass(frozen=True)
class Answer:
    """What became of one series."""

    outcome: dict[str, Any]
    seconds: float
    memory: int

    @property
    def wrong(self) -> list[str]:
        """What must not be: other exceptions, nonsense let through, bounds passed."""
        found = list(self.outcome["wrong"])
        if self.seconds > MOST_SECONDS:
            found.append(f"took {self.seconds:.1f} s of processor time")
        if self.memory > MOST_MEMORY:
            found.append(f"took {self.memory // MIB} MiB")
        return found


class Reader:
    """The child; started anew where a series killed it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._child: Any = None
        self.worst_seconds, self.worst_memory = 0.0, 0

    def read(self, files: Sequence[bytes]) -> Answer:
        """Take the files of a series the whole way."""
        from app.archive.children import Child, ChildDied, ChildSilent

        folder = self._folder / "series"
        folder.mkdir(exist_ok=True)
        paths = []
        for n, data in enumerate(files):
            path = folder / f"{n}.dcm"
            path.unlink(missing_ok=True)  # an earlier one may still be mapped
            path.write_bytes(data)
            paths.append(str(path))
        return self.read_paths(paths, ChildDied, ChildSilent, Child)

    def read_paths(self, paths: Sequence[str], *faults_and_child: Any) -> Answer:
        """Take files that lie somewhere the whole way."""
        from app.archive.children import Child, ChildDied, ChildSilent

        if self._child is None:
            scratch = self._folder / "scratch"
            scratch.mkdir(exist_ok=True)
            root = Path(__file__).resolve().parents[3]
            self._child = Child(_BOOT, str(root / "app"), str(scratch), quiet=True)
        try:
            self._child.send({"paths": list(paths)})
            reply = self._child.receive(60)
        except (ChildDied, ChildSilent) as fault:
            self._child.kill()
            self._child = None
            return Answer({"wrong": [f"the reader ended: {type(fault).__name__}"], "said": []}, 0, 0)
        answer = Answer(reply["outcome"], reply["seconds"], reply["memory"])
        self.worst_seconds = max(self.worst_seconds, answer.seconds)
        self.worst_memory = max(self.worst_memory, answer.memory)
        return answer

    def close(self) -> None:
        """Let the child end."""
        if self._child is not None:
            self._child.close()
            self._child = None


def main() -> None:
    """Serve, in the child."""
    import app.imaging.decoders  # noqa: F401 - what a process loads once is not the first file's
    from app.archive.children import serve
    from tests.imaging.bad_input.pipeline import Series

    scratch = Path(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.fsync = lambda descriptor: None  # nothing here has to outlive a power cut

    def answer(request: dict[str, Any]) -> Iterator[dict[str, Any]]:
        paths = [Path(path) for path in request["paths"]]
        _bound(sum(path.stat().st_size for path in paths))
        begun = time.process_time()
        try:
            outcome = Series(paths, scratch).run()
            json.dumps(outcome)
        except BaseException as fault:
            outcome = {"wrong": [f"{type(fault).__name__}: {fault!s:.200}"], "said": [], "faults": []}
        yield {"outcome": outcome, "seconds": time.process_time() - begun, "memory": _peak()}

    serve(answer)


def _bound(size: int) -> None:
    """The address space that one more series may take, its mapped files beside it; a new peak."""
    now = _status("VmSize")
    _soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (now + MOST_MEMORY + size, hard))
    Path("/proc/self/clear_refs").write_text("5")


def _peak() -> int:
    return _status("VmHWM")


def _status(name: str) -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) * 1024
    return 0
