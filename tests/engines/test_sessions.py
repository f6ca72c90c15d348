"""Who holds which session, with engines that only count: turns, bounds, sweeping, restoring."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest

from app.engines.base import (
    Capabilities,
    EngineBusy,
    EngineError,
    EngineUnavailable,
    EngineVolume,
    MaskChange,
    Point,
    Prompt,
    SessionLost,
)
from app.engines.sessions import HeldSession, SessionKey, Sessions
from app.engines.turns import Cancelled, Superseded
from app.imaging.segments import BoxMask, Grid

VOLUME = EngineVolume(np.arange(8).reshape(2, 2, 2), Grid.of((2, 2, 2), np.eye(4)))
CLICK = Point((0, 0, 0))
NOTHING = MaskChange((0, 0, 0), np.zeros((0, 0, 0), np.bool_))


@dataclass
class Counting:
    """An engine whose sessions write down what is asked of them, and get lost ``losses`` times."""

    words: list[str] = field(default_factory=list)
    losses: int = 0
    hold: threading.Event | None = None

    def capabilities(self) -> Capabilities:
        return Capabilities("counting", frozenset({"point"}))

    def open(self, volume: EngineVolume) -> "CountingSession":
        assert volume is VOLUME
        self.words.append("open")
        return CountingSession(self)


@dataclass
class CountingSession:
    engine: Counting
    nbytes: int = 100

    def add(self, prompt: Prompt) -> MaskChange:
        self.engine.words.append("add")
        if self.engine.hold is not None:
            self.engine.hold.wait(10)
        if self.engine.losses:
            self.engine.losses -= 1
            raise SessionLost("gone")
        return NOTHING

    def set_mask(self, mask: BoxMask) -> None:
        self.engine.words.append("mask")

    def undo(self) -> MaskChange | None:
        return None

    def reset(self) -> None:
        self.engine.words.append("reset")

    def close(self) -> None:
        self.engine.words.append("close")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def key(user: str = "alice", series: str = "head", segmentation: str = "one") -> SessionKey:
    return SessionKey(user, series, 0, segmentation)


def prompt(held: HeldSession, before: object, after: object = None, engine: str = "counting") -> None:
    with held.turn(supersedes=True):
        held.add(engine, CLICK, volume=lambda: VOLUME, state=before, restore=lambda session: session.reset())
        if after is not None:
            held.settle(after)


@pytest.fixture
def engine() -> Counting:
    return Counting()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sessions(engine: Counting, clock: Clock) -> Sessions:
    return Sessions({"counting": engine, "other": Counting()}, most=2, clock=clock)


def test_a_claim_opens_nothing_and_a_prompt_does(sessions: Sessions, engine: Counting) -> None:
    held = sessions.claim(key())
    assert engine.words == []
    assert sessions.claim(key()) is held
    prompt(held, before=1, after=2)
    prompt(held, before=2, after=3)
    assert engine.words == ["open", "reset", "add", "add"]


def test_a_mask_that_changed_elsewhere_is_restored_first(sessions: Sessions, engine: Counting) -> None:
    held = sessions.claim(key())
    prompt(held, before=1, after=2)
    prompt(held, before=7)  # a brush stroke came between
    prompt(held, before=7, after=8)  # and that answer was never saved
    assert engine.words == ["open", "reset", "add"] + ["reset", "add"] * 2


def test_a_session_that_is_lost_is_opened_once_more(sessions: Sessions, engine: Counting) -> None:
    engine.losses = 1
    held = sessions.claim(key())
    prompt(held, before=1, after=2)
    assert engine.words == ["open", "reset", "add", "close", "open", "reset", "add"]
    engine.losses = 2
    with pytest.raises(EngineError, match="twice"):
        prompt(held, before=2)
    engine.losses = 0
    prompt(held, before=2, after=3)


def test_another_engine_takes_over(sessions: Sessions, engine: Counting) -> None:
    held = sessions.claim(key())
    prompt(held, before=1, after=2)
    prompt(held, before=2, after=3, engine="other")
    assert engine.words[-1] == "close"
    with pytest.raises(EngineUnavailable, match="no engine sam2"):
        prompt(held, before=3, engine="sam2")


def test_sessions_are_bounded_by_the_longest_idle(sessions: Sessions, engine: Counting, clock: Clock) -> None:
    first = sessions.claim(key(segmentation="first"))
    prompt(first, before=1, after=2)
    clock.now = 5
    second = sessions.claim(key(segmentation="second"))
    sessions.claim(key(segmentation="third"))
    assert engine.words[-1] == "close"
    assert sessions.get(first.key) is None
    assert sessions.get(second.key) is second
    with pytest.raises(SessionLost, match="ended"):
        prompt(first, before=2)
    with second.turn():
        sessions.claim(key(segmentation="fourth"))
        with sessions.claim(key(segmentation="fourth")).turn(), pytest.raises(EngineBusy):
            sessions.claim(key(segmentation="fifth"))


def test_idle_sessions_sleep_and_then_end(sessions: Sessions, engine: Counting, clock: Clock) -> None:
    held = sessions.claim(key())
    prompt(held, before=1, after=2)
    clock.now = 599
    assert sessions.sweep() == 0
    (row,) = sessions.facts()
    assert (row.key, row.engine, row.nbytes, row.idle_s, row.is_busy) == (key(), "counting", 100, 599, False)
    clock.now = 600
    assert sessions.sweep() == 1
    assert engine.words[-1] == "close"
    assert sessions.facts()[0].engine == ""
    prompt(held, before=2, after=3)
    assert engine.words[-3:] == ["open", "reset", "add"]
    clock.now = 600 + 86_400
    with held.turn():
        assert sessions.sweep() == 0  # somebody works with it
    clock.now += 86_400
    assert sessions.sweep() == 1
    assert sessions.get(held.key) is None


@pytest.mark.parametrize(
    ("release", "left"),
    [
        (lambda sessions: sessions.release_user("alice"), {"bob"}),
        (lambda sessions: sessions.release_series("chest"), {"alice"}),
        (lambda sessions: sessions.release_segmentation("two"), {"alice"}),
        (lambda sessions: sessions.release(key()), {"bob"}),
        (lambda sessions: sessions.close(), set()),
    ],
)
def test_releasing_gives_memory_back_at_once(
    sessions: Sessions, engine: Counting, release: Callable[[Sessions], object], left: set[str]
) -> None:
    for who in (key(), key("bob", "chest", "two")):
        prompt(sessions.claim(who), before=1, after=2)
    release(sessions)
    assert {row.key.user_id for row in sessions.facts()} == left
    assert engine.words.count("close") == 2 - len(left)


class Caller(threading.Thread):
    """A prompt in a thread of its own, and how it went."""

    def __init__(self, held: HeldSession) -> None:
        super().__init__(daemon=True)
        self.held, self.result = held, "done"
        self.start()

    def run(self) -> None:
        try:
            prompt(self.held, before=1)
        except EngineError as error:
            self.result = error.code


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_a_newer_prompt_supersedes_one_that_waits(sessions: Sessions, engine: Counting) -> None:
    engine.hold = threading.Event()
    held = sessions.claim(key())
    running = Caller(held)
    until(lambda: "add" in engine.words)
    waiting = Caller(held)
    until(lambda: held.facts().waiting == 1)
    newest = Caller(held)
    waiting.join(10)
    assert waiting.result == Superseded.code
    engine.hold.set()
    running.join(10)
    newest.join(10)
    assert (running.result, newest.result) == ("done", "done")
    assert engine.words.count("add") == 2


def test_what_waits_can_be_cancelled_and_what_runs_is_finished(sessions: Sessions, engine: Counting) -> None:
    engine.hold = threading.Event()
    held = sessions.claim(key())
    running = Caller(held)
    until(lambda: "add" in engine.words)
    waiting = Caller(held)
    until(lambda: held.facts().waiting == 1)
    assert held.cancel() == 1
    waiting.join(10)
    assert waiting.result == Cancelled.code
    sessions.release_user("alice")  # while it runs: memory goes when it is done
    assert "close" not in engine.words
    engine.hold.set()
    running.join(10)
    assert running.result == "done"
    assert engine.words[-1] == "close"
