"""The child that makes scenes: its end, its silence, what it misses, and the word of it at the start."""

import gzip
import json
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.archive import scenery
from app.archive.children import ROOT
from app.archive.jobs import JobCancelled
from app.archive.scenery import SceneBusy, SceneFailed, SceneRefused, SceneWorker, missing_library
from app.imaging.errors import Message
from app.imaging.scene import SceneOrder, Source
from tests.scene3d.test_scenes import instances, plot_of

SLEEPS = "import sys, time; sys.stdin.readline(); time.sleep(60)"
_MESH: dict[str, Any] = {"seconds": 30, "patience": 30}
ANSWERS = "import sys; [print('{\"bytes\": 1}', flush=True) for line in sys.stdin]"


def test_silence_is_ended_and_named() -> None:
    worker = SceneWorker(SLEEPS)
    with pytest.raises(SceneFailed, match="longer than 1 seconds"):
        worker.make({}, seconds=1)
    assert worker.pid is None


def test_what_a_step_raises_ends_the_child() -> None:
    def cancelled() -> None:
        raise JobCancelled

    worker = SceneWorker(SLEEPS)
    with pytest.raises(JobCancelled):
        worker.make({}, seconds=30, on_step=cancelled)
    assert worker.pid is None


def test_one_child_answers_again_and_again() -> None:
    worker = SceneWorker(ANSWERS)
    worker.make({}, seconds=30)
    first = worker.pid
    worker.make({}, seconds=30)
    assert worker.pid == first
    worker.close()
    assert worker.pid is None


def test_who_waits_too_long_for_his_turn_is_told() -> None:
    worker = SceneWorker(SLEEPS)

    def ask() -> None:
        with pytest.raises(SceneFailed):
            worker.make({}, seconds=2)

    busy = threading.Thread(target=ask)
    busy.start()
    time.sleep(0.3)
    with pytest.raises(SceneBusy):
        worker.make({}, seconds=1, patience=0.1)
    busy.join()


def test_few_wait_so_that_threads_are_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scenery, "_MOST_WAITING", 2)
    worker = SceneWorker(ANSWERS)
    worker._turn.acquire()
    waiting = [threading.Thread(target=worker.make, args=({},), kwargs=_MESH) for _ in range(2)]
    for thread in waiting:
        thread.start()
    while worker._line._value:
        time.sleep(0.005)
    begun = time.monotonic()
    with pytest.raises(SceneBusy):
        worker.make({}, **_MESH)
    assert time.monotonic() - begun < 5
    worker._turn.release()
    for thread in waiting:
        thread.join(20)
    assert worker.make({}, **_MESH) == {"bytes": 1}
    worker.close()


def test_a_refusal_keeps_its_words() -> None:
    refused = Message("The surface would have about %(found)s triangles.", {"found": 7}).as_json()
    worker = SceneWorker(
        f"import sys, json; sys.stdin.readline(); print(json.dumps({{'refused': {refused}}}), flush=True)"
    )
    with pytest.raises(SceneRefused, match="about 7 triangles"):
        worker.make({}, seconds=30)
    worker.close()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("libEGL.so.1: cannot open shared object file", ("libEGL.so.1", "libegl1")),
        ("libXrender.so.1: cannot open shared object file", ("libXrender.so.1", "libxrender1")),
        ("libsomething.so.4: cannot open", ("libsomething.so.4", scenery.PACKAGES)),
        ("No module named 'panel'", ("panel", "pyvista panel (make run)")),
    ],
)
def test_what_is_missing_has_a_package(text: str, expected: tuple[str, str]) -> None:
    assert missing_library(text) == expected


def test_the_probe_tells_once_that_all_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers: list[Message | None] = [Message("missing"), None]
    monkeypatch.setattr(scenery, "probe", lambda: answers.pop(0))
    assert scenery.probe_once(tmp_path) == Message("missing")
    assert scenery.probe_once(tmp_path) is None
    assert scenery.probe_once(tmp_path) is None
    assert answers == []


def test_scenes_need_no_opengl(monkeypatch: pytest.MonkeyPatch) -> None:
    """With windows that do not exist, whatever asked OpenGL for one would end the child."""
    hidden = scenery.ENVIRONMENT | {"DISPLAY": "", "LIBGL_DRIVERS_PATH": "/nowhere", "EGL_PLATFORM": "none"}
    monkeypatch.setattr(scenery, "ENVIRONMENT", hidden)
    assert scenery.probe() is None


@pytest.mark.parametrize("mirror", [1, -1])
def test_an_oblique_volume_has_the_direction_that_its_surfaces_have(tmp_path: Path, mirror: int) -> None:
    cosine, sine = 0.8, 0.6
    # i runs to (0.8, 0.6, 0), j to (−0.6, 0.8, 0), k to the head or to the feet.
    affine = (
        (2 * cosine, -2 * sine, 0, 10),
        (2 * sine, 2 * cosine, 0, -20),
        (0, 0, 3 * mirror, 30),
        (0, 0, 0, 1),
    )
    array = np.zeros((4, 5, 6), np.int16)
    array[1:3, 1:4, 1:5] = 100
    np.save(tmp_path / "array.npy", array)
    source = Source(affine, (0.0, 100.0), (0.0, 100.0))
    worker = SceneWorker()
    try:
        request = {"make": "scene", "array": str(tmp_path / "array.npy"), "source": source.as_json()}
        request |= {"scene": SceneOrder("mip", "fine").as_json(), "out": str(tmp_path / "made")}
        worker.make(request, seconds=120)
    finally:
        worker.close()
    plot = plot_of(json.loads(gzip.decompress((tmp_path / "made").read_bytes())))
    (image,) = instances(plot["scene"], "vtkImageData")
    # By columns, as vtk.js reads it; of a mirrored volume the slices run the other way, from the other end.
    direction = [cosine, sine, 0, -sine, cosine, 0, 0, 0, 1]
    assert image["properties"]["direction"] == pytest.approx(direction)
    assert image["properties"]["origin"] == pytest.approx([10, -20, 30 if mirror == 1 else 21])


def test_the_web_process_loads_none_of_it() -> None:
    """VTK ends its process where something is missing: it must not be the web server."""
    code = "import sys, app; app.create_app({'JOBS_START': False, 'INSTANCE': sys.argv[1]}); "
    code += "print({'vtkmodules', 'pyvista', 'panel', 'bokeh'} & set(sys.modules))"
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", code, folder]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
