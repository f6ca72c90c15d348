"""3D scenes and surfaces, made by a child process of this one and kept beside what they are made of.

The child is started by the first request and stays while requests come, so that the next one does not pay for
importing VTK and Panel (some two seconds); after five minutes without one it gives its memory back. It makes
one thing at a time.
"""

import atexit
import os
import platform
import re
import threading
import time
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from app.archive.children import ROOT, Child, ChildDied, ChildSilent
from app.archive.errors import Unavailable
from app.imaging.errors import N_, ImagingError, Message
from app.imaging.scenebuild import ENVIRONMENT

DIED = N_(
    "The program that makes 3D scenes broke down. Ask for less detail; if it breaks down every time, "
    "install %(packages)s on the server."
)
SILENT = N_("Making the 3D scene took longer than %(seconds)s seconds: ask for less detail.")
MISSING = N_("The server cannot make 3D scenes: %(library)s is missing. Install %(packages)s there.")
FAILED = N_("The 3D scene could not be made. It was noted; try again, or with less detail.")
BUSY = N_("The server is busy with other 3D scenes. Try again in a moment.")

PACKAGES = "libegl1 libgl1 libosmesa6 libxrender1"
"""Debian's and Ubuntu's names of what VTK may miss on a bare machine."""
_PACKAGE_OF = {
    "libEGL": "libegl1",
    "libGL": "libgl1",
    "libOSMesa": "libosmesa6",
    "libX11": "libx11-6",
    "libXrender": "libxrender1",
    "libXt": "libxt6",
    "libXext": "libxext6",
    "libXcursor": "libxcursor1",
    "libgomp": "libgomp1",
}
_PROBED = ("vtk", "pyvista", "panel", "bokeh", "numpy")
_LIBRARY = re.compile(r"\b(lib[A-Za-z0-9_+-]+)\.so[.0-9]*")
_STEP_S = 0.5
_MOST_WAITING = 6  # requests of a process, which has few threads: what comes then is told so at once
_IDLE_S = 300.0
_TASKS = 50  # after these the child is a fresh one: PyVista lets some memory go only with its process
_KEPT_VARIABLES = ("PATH", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "SYSTEMROOT", "TMPDIR", "TEMP", "HOME")
# The package ``app`` builds the web application when it is imported; the child needs a part of it.
BOOT = (
    "import sys, types; package = types.ModuleType('app'); package.__path__ = [sys.argv[1]]; "
    "sys.modules['app'] = package; from app.archive.scene_child import main; main()"
)


class SceneFailed(Unavailable):
    """The scene could not be made; the message says why and what would help."""

    code = "scene_failed"


class SceneRefused(ImagingError):
    """No such scene can be made of these voxels; the message says why."""

    code = "scene_refused"


class SceneBusy(Unavailable):
    """Another scene is being made here, and waiting for it took too long."""

    code = "busy"

    def __init__(self) -> None:
        super().__init__(BUSY)


class SceneWorker:
    """This process's child for scenes."""

    def __init__(self, boot: str = BOOT) -> None:
        self._boot = boot
        self._child: Child | None = None
        self._turn = threading.Lock()
        self._line = threading.BoundedSemaphore(_MOST_WAITING)
        self._timer: threading.Timer | None = None

    @property
    def pid(self) -> int | None:
        """Of the child there is at the moment."""
        child = self._child
        return child.pid if child is not None and child.is_alive else None

    def make(
        self,
        request: Mapping[str, Any],
        *,
        seconds: float,
        patience: float = -1,
        on_step: Callable[[], None] = lambda: None,
    ) -> dict[str, Any]:
        """What the child answers to *request*: the number of bytes that it wrote to ``out``.

        Parameters
        ----------
        seconds : float
            How long it may take.
        patience : float
            How long to wait for one's turn, in seconds; −1 waits for ever. Of those who do not, so many
            wait at a time.
        on_step : function
            Called twice a second; what it raises ends the work.

        Raises
        ------
        SceneBusy, SceneFailed, SceneRefused
        """
        self._take_turn(patience)
        try:
            return self._reply(self._asked(request, seconds, on_step))
        finally:
            self._rest()
            self._turn.release()

    def _take_turn(self, patience: float) -> None:
        if patience < 0:
            self._turn.acquire()
            return
        if not self._line.acquire(blocking=False):
            raise SceneBusy
        try:
            if not self._turn.acquire(timeout=patience):
                raise SceneBusy
        finally:
            self._line.release()

    def close(self) -> None:
        """End the child."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()

    def _asked(
        self, request: Mapping[str, Any], seconds: float, on_step: Callable[[], None]
    ) -> dict[str, Any]:
        try:
            child = self._ready_child()
            child.send(request)
            deadline = time.monotonic() + seconds
            while True:
                try:
                    return child.receive(_STEP_S)
                except ChildSilent:
                    on_step()
                    if time.monotonic() > deadline:
                        raise
        except ChildDied:
            self.close()
            raise SceneFailed(DIED, packages=PACKAGES) from None
        except ChildSilent:
            self.close()
            raise SceneFailed(SILENT, seconds=f"{seconds:g}") from None
        except BaseException:
            self.close()  # its answer would be taken for the next request's
            raise

    def _ready_child(self) -> Child:
        if self._timer is not None:
            self._timer.cancel()
        if self._child is not None and (not self._child.is_alive or self._child.tasks >= _TASKS):
            self.close()
        if self._child is None:
            self._child = Child(
                self._boot,
                str(ROOT / "app"),
                environment=_environment(),
                quiet="SCENE_NOISE" not in os.environ,
            )
        return self._child

    def _rest(self) -> None:
        """End the child when nobody has asked it for a while."""
        if self._child is None:
            return
        self._timer = threading.Timer(_IDLE_S, self._close_idle)
        self._timer.daemon = True
        self._timer.start()

    def _close_idle(self) -> None:
        if self._turn.acquire(blocking=False):
            self.close()
            self._turn.release()

    @staticmethod
    def _reply(reply: dict[str, Any]) -> dict[str, Any]:
        if "bytes" in reply:
            return reply
        if "refused" in reply:
            message = Message.from_json(reply["refused"])
            raise SceneRefused(message.template, **message.values)
        if "missing" in reply:
            library, packages = missing_library(reply["missing"])
            raise SceneFailed(MISSING, library=library, packages=packages)
        raise SceneFailed(FAILED) from RuntimeError(reply.get("failed", ""))


def missing_library(text: str) -> tuple[str, str]:
    """The library that an import error's *text* names, and the packages that bring it."""
    found = _LIBRARY.search(text)
    if found is None:
        return text.split("'")[1] if "'" in text else "VTK", "pyvista panel (make run)"
    return found[0], _PACKAGE_OF.get(found[1], PACKAGES)


def probe() -> Message | None:
    """Why this machine cannot make 3D scenes; None where it can. Takes some seconds."""
    worker = SceneWorker()
    try:
        worker.make({"make": "probe"}, seconds=120)
    except SceneFailed as fault:
        return fault.message
    finally:
        worker.close()
    return None


def probe_once(instance: Path) -> Message | None:
    """:func:`probe`, left out where *instance* notes that these versions passed on this machine."""
    noted = instance / "scenes_work"
    state = " ".join([platform.platform(), *(f"{name}-{version(name)}" for name in _PROBED)])
    if noted.exists() and noted.read_text() == state:
        return None
    fault = probe()
    if fault is None:
        noted.write_text(state)
    return fault


def _environment() -> dict[str, str]:
    """What an interpreter needs to start, and what PyVista and Panel read when they are imported."""
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    # Each thread of OpenBLAS and each malloc arena would take its part of the bounded memory.
    return kept | ENVIRONMENT | {"OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}


_worker = SceneWorker()
atexit.register(_worker.close)


def worker() -> SceneWorker:
    """This process's worker."""
    return _worker


def temporary_beside(path: Path) -> Path:
    """A name for what will be renamed to *path*."""
    return path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}-{time.monotonic_ns()}.part")
