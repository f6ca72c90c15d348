"""Who holds which session: by user, series, part and segmentation, one turn at a time, within bounds.

What is held here is a **cache**. The stored mask and the journal are the truth; an engine's session that is
gone is opened again and told where things stand. The application holds one :class:`Sessions`; no globals.
"""

import threading
import time
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from app.engines.base import (
    Engine,
    EngineBusy,
    EngineError,
    EngineSession,
    EngineUnavailable,
    EngineVolume,
    MaskChange,
    Prompt,
    SessionLost,
)
from app.engines.turns import Turns
from app.imaging.errors import N_

_ENDED = N_("This session has been ended.")
_ALL_BUSY = N_("All sessions of this server are at work; try again in a moment.")
_NO_ENGINE = N_("There is no engine %(found)s on this server.")
_TWICE = N_("The engine has lost the session twice; the mask is as it was.")


@dataclass(frozen=True)
class SessionKey:
    """Whose session it is, and on what."""

    user_id: str
    series_id: str
    part: int
    segmentation_id: str


@dataclass(frozen=True)
class SessionFacts:
    """A row of the administrator's list; ``engine`` is empty while no engine holds anything for it."""

    key: SessionKey
    engine: str
    nbytes: int
    idle_s: float
    is_busy: bool
    waiting: int


@runtime_checkable
class CanCancel(Protocol):
    """A session that may drop a prompt it has taken and not begun."""

    def cancel(self) -> bool: ...


class HeldSession:
    """One session, whether an engine holds something for it or not."""

    def __init__(self, engines: Mapping[str, Engine], key: SessionKey, clock: Callable[[], float]) -> None:
        self.key = key
        self._engines, self._clock = engines, clock
        self._turns = Turns(self._call_off)
        self._session: EngineSession | None = None
        self._has_ended = False
        self.engine = ""
        self.state: Hashable = None
        self.used_at = clock()

    @contextmanager
    def turn(self, *, supersedes: bool = False) -> Iterator["HeldSession"]:
        """Work with it alone, until what came of it has been saved. A prompt supersedes those that wait.

        Raises
        ------
        Cancelled, Superseded, SessionLost
        """
        try:
            with self._turns.take(supersedes=supersedes):
                if self._has_ended:
                    raise SessionLost(_ENDED)
                self.used_at = self._clock()
                yield self
                self.used_at = self._clock()
        finally:
            # After the turn is given back: else it could end between this question and that.
            if self._has_ended:
                self.sleep_if_idle()

    # Within a turn

    def add(
        self,
        engine: str,
        prompt: Prompt,
        *,
        volume: Callable[[], EngineVolume],
        state: Hashable,
        restore: Callable[[EngineSession], None],
    ) -> MaskChange:
        """What *engine* makes of *prompt*, after *state*; opened or restored first where it stands elsewhere.

        ``state`` names what the mask and the prompts are (segment, revision). ``restore`` brings a session
        there: it sets the stored mask, and repeats prompts if it likes. One that is lost is opened once more.
        Afterwards the state is unknown until :meth:`settle`.
        """
        for is_last in (False, True):
            try:
                session = self._at(engine, volume, state, restore)
                self.state = None
                return session.add(prompt)
            except SessionLost as lost:
                self.sleep()
                if is_last:
                    raise EngineError(_TWICE) from lost
        raise AssertionError("not reached")

    def settle(self, state: Hashable) -> None:
        """What the engine has now is saved under *state*: the next prompt may go on from there."""
        self.state = state

    def sleep(self) -> None:
        """Give the engine's memory back; the session itself stays."""
        session, self._session = self._session, None
        self.engine, self.state = "", None
        if session is not None:
            session.close()

    def _at(
        self,
        engine: str,
        volume: Callable[[], EngineVolume],
        state: Hashable,
        restore: Callable[[EngineSession], None],
    ) -> EngineSession:
        if self._session is None or self.engine != engine:
            self.sleep()
            if engine not in self._engines:
                raise EngineUnavailable(_NO_ENGINE, found=engine)
            self._session, self.engine = self._engines[engine].open(volume()), engine
        if self.state is None or self.state != state:
            self.state = None
            restore(self._session)
        return self._session

    # From anywhere

    def cancel(self) -> int:
        """Give up the prompts that wait; how many there were."""
        return self._turns.cancel()

    def end(self) -> None:
        """No more turns; memory goes at once, or when the prompt that runs is done."""
        self._has_ended = True
        self._turns.cancel()
        self.sleep_if_idle()

    def sleep_if_idle(self) -> bool:
        """Give the engine's memory back unless somebody works with it."""
        with self._turns.take_if_free() as is_free:
            if is_free:
                self.sleep()
        return is_free

    def facts(self) -> SessionFacts:
        session = self._session
        return SessionFacts(
            self.key,
            self.engine,
            int(getattr(session, "nbytes", 0)),
            max(0.0, self._clock() - self.used_at),
            self._turns.is_taken,
            self._turns.waiting,
        )

    @property
    def is_busy(self) -> bool:
        return self._turns.is_taken or self._turns.waiting > 0

    def _call_off(self) -> bool:
        session = self._session
        return isinstance(session, CanCancel) and session.cancel()


class Sessions:
    """All sessions of this process.

    Parameters
    ----------
    engines : by the name they are asked for
    most : int
        Sessions of all users; beyond it the one that was idle longest goes.
    engine_idle_s : float
        After it an idle session keeps its place and no engine's memory.
    session_idle_s : float
        After it an idle session goes.
    """

    def __init__(
        self,
        engines: Mapping[str, Engine],
        *,
        most: int = 64,
        engine_idle_s: float = 600.0,
        session_idle_s: float = 86_400.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.engines = dict(engines)
        self._most, self._clock = most, clock
        self._engine_idle_s, self._session_idle_s = engine_idle_s, session_idle_s
        self._lock = threading.Lock()
        self._held: dict[SessionKey, HeldSession] = {}

    def claim(self, key: SessionKey) -> HeldSession:
        """The session of *key*, made where there is none. No engine is asked for anything yet.

        Raises
        ------
        EngineBusy
            There are too many, all at work.
        """
        self.sweep()
        with self._lock:
            held = self._held.get(key)
            gone = self._room() if held is None else None
            if held is None:
                held = self._held[key] = HeldSession(self.engines, key, self._clock)
            held.used_at = self._clock()
        if gone is not None:
            gone.end()
        return held

    def get(self, key: SessionKey) -> HeldSession | None:
        return self._held.get(key)

    def release(self, key: SessionKey) -> bool:
        """End the session of *key*; whether there was one."""
        return self._end(lambda other: other == key) > 0

    def release_user(self, user_id: str) -> int:
        """At logout, or when the account goes. How many they were."""
        return self._end(lambda key: key.user_id == user_id)

    def release_series(self, series_id: str) -> int:
        """When a series is deleted."""
        return self._end(lambda key: key.series_id == series_id)

    def release_segmentation(self, segmentation_id: str) -> int:
        """When a segmentation is deleted."""
        return self._end(lambda key: key.segmentation_id == segmentation_id)

    def sweep(self) -> int:
        """End what was idle too long, and let engines forget what was idle a while. How many of both."""
        now, count = self._clock(), 0
        for held in self._listed():
            idle_s = now - held.used_at
            if held.is_busy or idle_s < min(self._engine_idle_s, self._session_idle_s):
                continue
            if idle_s >= self._session_idle_s:
                count += self.release(held.key)
            elif held.engine:
                count += held.sleep_if_idle()
        return count

    def facts(self) -> tuple[SessionFacts, ...]:
        """For the administrator, the longest idle first."""
        return tuple(sorted((held.facts() for held in self._listed()), key=lambda row: -row.idle_s))

    def close(self) -> None:
        """End all of them, as the process ends."""
        self._end(lambda _key: True)

    def _listed(self) -> list[HeldSession]:
        with self._lock:
            return list(self._held.values())

    def _end(self, is_meant: Callable[[SessionKey], bool]) -> int:
        with self._lock:
            gone = [self._held.pop(key) for key in list(self._held) if is_meant(key)]
        for held in gone:
            held.end()
        return len(gone)

    def _room(self) -> HeldSession | None:
        """The one that has to go for another to come, taken from the table; None where there is room."""
        if len(self._held) < self._most:
            return None
        idle = [held for held in self._held.values() if not held.is_busy]
        if not idle:
            raise EngineBusy(_ALL_BUSY, retry_after_s=5.0)
        return self._held.pop(min(idle, key=lambda held: held.used_at).key)
