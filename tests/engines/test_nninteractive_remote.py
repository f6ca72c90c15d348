"""The remote engine against the real server, on the CPU, in processes of their own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from app.engines.base import (
    Box,
    EngineBusy,
    EngineError,
    EngineUnavailable,
    EngineVolume,
    InvalidPrompt,
    Lasso,
    Point,
    Scribble,
    SessionLost,
)
from app.engines.nninteractive_remote import RemoteNnInteractive, RemoteSession
from app.engines.volumes import UnsuitableVolume
from app.imaging.segments import BoxMask, Grid
from tests.engines.conftest import CENTRE

KEY = "a key for tests"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


Server = tuple[list[str], "subprocess.Popen[bytes]"]
# The official program twice in one process: torch takes five seconds to import.
PROGRAM = """
import sys, threading
from nnInteractive.inference.server.main import main
folder, *places = sys.argv[1:]
common = ["--model-dir", folder, "--fold", "0", "--device", "cpu", "--torch-n-threads", "2"]
calls = [[*common, "--port", port, "--max-sessions", most] for port, most in zip(places[::2], places[1::2])]
threading.Thread(target=main, args=(calls[0],), daemon=True).start()
main(calls[1])
"""


@pytest.fixture(scope="module")
def server(rule_folder: Path, rule_tools: Path) -> Iterator[Server]:
    """The addresses of a server with two places and of one with a single place, and their process."""
    ports = [free_port(), free_port()]
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(rule_folder), str(ports[0]), "2", str(ports[1]), "1"],
        env=os.environ | {"PYTHONPATH": str(rule_tools), "NN_INTERACTIVE_API_KEY": KEY},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    urls = [f"http://127.0.0.1:{port}" for port in ports]
    try:
        for url in urls:
            await_answer(url, process)
        yield urls, process
    finally:
        process.kill()
        process.wait()


def await_answer(url: str, process: "subprocess.Popen[bytes]") -> None:
    import httpx

    until = time.monotonic() + 90
    while True:
        try:
            httpx.get(f"{url}/healthz", timeout=2).raise_for_status()
            return
        except httpx.HTTPError:
            assert process.poll() is None, "the server did not start"
            assert time.monotonic() < until, "the server does not answer"
            time.sleep(0.2)


@pytest.fixture
def engine(server: Server) -> RemoteNnInteractive:
    return RemoteNnInteractive([server[0][0]], api_key=KEY)


@pytest.fixture
def session(engine: RemoteNnInteractive, volume: EngineVolume) -> Iterator[RemoteSession]:
    opened = engine.open(volume)
    yield opened
    opened.close()


def test_it_says_what_the_server_says(engine: RemoteNnInteractive) -> None:
    found = engine.capabilities()
    assert found.prompts == {"point", "box", "scribble", "lasso", "mask"}
    assert (found.name, found.licence, found.reason) == ("remote", "TEST ONLY (no trained weights)", None)
    assert engine.count == 0


def test_it_answers_as_the_local_engine(session: RemoteSession, ball_kji: np.ndarray) -> None:
    mask = np.zeros(ball_kji.shape, bool)

    def add(prompt: Point | Scribble | Lasso | Box) -> int:
        change = session.add(prompt)
        mask[BoxMask(change.first_ijk, change.voxels).slices_kji] = change.voxels
        return int(mask.sum())

    assert add(Point(CENTRE)) == 3673
    assert not (mask & ~ball_kji).any()
    assert add(Point((74, 60, 32), include=False)) < 3673
    change = session.undo()
    assert change is not None
    mask[BoxMask(change.first_ijk, change.voxels).slices_kji] = change.voxels
    assert int(mask.sum()) == 3673
    assert session.undo() is None
    session.reset()
    mask[:] = False
    session.set_mask(BoxMask((60, 55, 30), np.ones((4, 8, 8), bool)))
    add(Scribble(((66, 60, 32), (78, 60, 32))))
    add(Lasso(((66, 56, 32), (74, 56, 32), (70, 64, 32))))
    add(Box((70, 56, 28), (71, 65, 37)))
    assert mask[30:34, 55:63, 60:68].all()
    assert mask[32, 60, 66:79].all()


def test_bad_input_is_not_sent(engine: RemoteNnInteractive, session: RemoteSession) -> None:
    for prompt in (Point((128, 0, 0)), Point((0, -1, 0)), Box((60, 50, 30), (70, 60, 32)), Scribble(())):
        with pytest.raises(InvalidPrompt):
            session.add(prompt)
    with pytest.raises(UnsuitableVolume):
        engine.open(EngineVolume(np.zeros((4, 5, 6), np.int16), Grid.of((6, 5, 4), np.eye(4))))
    assert session.undo() is None
    assert engine.count == 1


def test_a_full_server_says_when_to_come_again(engine: RemoteNnInteractive, volume: EngineVolume) -> None:
    held = [engine.open(volume), engine.open(volume)]
    with pytest.raises(EngineBusy) as refused:
        engine.open(volume)
    assert refused.value.retry_after_s == 10.0
    assert engine.count == 2
    held[0].close()
    held[0].close()
    held[0] = engine.open(volume)  # the place was given back at once
    for session in held:
        session.close()
    assert engine.count == 0


def test_sessions_spread_and_find_the_last_place(server: Server, volume: EngineVolume) -> None:
    engine = RemoteNnInteractive(server[0], api_key=KEY)
    held = [engine.open(volume) for _ in range(3)]
    assert sorted(session._server.leases for session in held) == [1, 2, 2]
    assert held[0]._server is not held[1]._server
    with pytest.raises(EngineBusy):
        engine.open(volume)
    for session in held:
        session.close()


def test_a_lost_lease_is_named_and_given_up(engine: RemoteNnInteractive, volume: EngineVolume) -> None:
    session = engine.open(volume)
    session._lease._http.post("/release")  # what the server's sweep does
    with pytest.raises(SessionLost):
        session.add(Point(CENTRE))
    assert engine.count == 0
    with pytest.raises(SessionLost):
        session.undo()
    again = engine.open(volume)
    assert int(again.add(Point(CENTRE)).voxels.sum()) == 3673
    again.close()


def test_a_rejected_call_leaves_the_session(session: RemoteSession) -> None:
    session.add(Point(CENTRE))
    prompted = session._prompted
    assert prompted is not None
    with pytest.raises(EngineError, match="400") as refused:
        session._guarded(lambda: prompted.official.add_bbox_interaction([[0, 9], [0, 9], [0, 9]], True))
    assert not isinstance(refused.value, SessionLost)
    # What the server does not check is a fault of its own, after which nothing is sure.
    with pytest.raises(SessionLost):
        session._guarded(lambda: prompted.official.add_point_interaction([9999, 0, 0], True))


def test_opening_in_a_row_does_not_deadlock(engine: RemoteNnInteractive, volume: EngineVolume) -> None:
    for _ in range(3):
        engine.open(volume).close()
    session = engine.open(volume)
    assert session.add(Point(CENTRE)).voxels.any()
    session.close()


def test_a_wrong_key_and_a_silent_address_are_reasons(server: Server, volume: EngineVolume) -> None:
    wrong = RemoteNnInteractive([server[0][0]], api_key="another")
    assert str(wrong.capabilities().reason) == (
        "The server of nnInteractive refuses the key that was set up for it."
    )
    with pytest.raises(EngineUnavailable, match="refuses the key"):
        wrong.open(volume)
    silent = RemoteNnInteractive([f"http://127.0.0.1:{free_port()}"])
    assert str(silent.capabilities().reason) == "No server of nnInteractive answers."
    with pytest.raises(EngineUnavailable):
        silent.open(volume)
    assert str(RemoteNnInteractive([]).capabilities().reason) == "No server of nnInteractive has been set up."
    both = RemoteNnInteractive([f"http://127.0.0.1:{free_port()}", server[0][0]], api_key=KEY)
    both.open(volume).close()
    assert both.count == 0


def test_a_server_that_dies_costs_the_session(server: Server, volume: EngineVolume) -> None:
    """Last: it kills the servers."""
    urls, process = server
    engine = RemoteNnInteractive(urls, api_key=KEY)
    session = engine.open(volume)
    process.kill()
    process.wait()
    with pytest.raises(SessionLost):
        session.add(Point(CENTRE))
    with pytest.raises(EngineUnavailable):
        engine.open(volume)
    assert engine.count == 0
