"""Who is next at a session: one at a time, and of the prompts that wait only the newest."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from app.engines.base import EngineError
from app.imaging.errors import N_


class Cancelled(EngineError):
    """The user has given up a prompt that had not begun."""

    code = "cancelled"

    def __init__(self) -> None:
        super().__init__(N_("The prompt was cancelled before it began."))


class Superseded(EngineError):
    """A newer prompt came while this one waited."""

    code = "superseded"

    def __init__(self) -> None:
        super().__init__(N_("A newer prompt came before this one began."))


class Turns:
    """Of one session. ``call_off`` asks the engine to drop a prompt that it has taken and not begun."""

    def __init__(self, call_off: Callable[[], bool] = lambda: False) -> None:
        self._call_off = call_off
        self._condition = threading.Condition()
        self._is_taken = False
        self._waiting = 0
        self._newest: object = None
        self._given_up = 0

    @property
    def is_taken(self) -> bool:
        return self._is_taken

    @property
    def waiting(self) -> int:
        return self._waiting

    def cancel(self) -> int:
        """Give up all that waits; how many that were. What runs is finished."""
        with self._condition:
            self._given_up += 1
            count = self._waiting
            self._condition.notify_all()
            return count + int(self._call_off())

    @contextmanager
    def take(self, *, supersedes: bool = False) -> Iterator[None]:
        """A turn, when those before are done. With *supersedes* it is a prompt: it drops prompts that wait.

        Raises
        ------
        Cancelled, Superseded
        """
        ticket = object()
        self._await(ticket, supersedes)
        try:
            yield
        except Cancelled:
            if supersedes and self._newest is not ticket:
                raise Superseded() from None
            raise
        finally:
            with self._condition:
                self._is_taken = False
                self._condition.notify_all()

    @contextmanager
    def take_if_free(self) -> Iterator[bool]:
        """A turn if nobody has one; what it gives says whether."""
        with self._condition:
            is_free = not self._is_taken
            self._is_taken = True
        try:
            yield is_free
        finally:
            if is_free:
                with self._condition:
                    self._is_taken = False
                    self._condition.notify_all()

    def _await(self, ticket: object, supersedes: bool) -> None:
        with self._condition:
            given_up = self._given_up
            if supersedes:
                self._newest = ticket
                self._call_off()
                self._condition.notify_all()
            self._waiting += 1
            try:
                while self._is_taken:
                    self._condition.wait()
                    if given_up != self._given_up:
                        raise Cancelled
                    if supersedes and self._newest is not ticket:
                        raise Superseded
            finally:
                self._waiting -= 1
            self._is_taken = True
