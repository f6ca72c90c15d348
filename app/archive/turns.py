"""Heavy work of requests, so much of it at once in this process and no more.

A process has few threads, and each of them may be asked for gigabytes. Some work at a time, some wait a
little, and whoever comes then is told so at once and keeps no thread.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from app.archive.errors import Unavailable
from app.imaging.errors import N_

BUSY = N_("The server is busy with other work of this kind. Try again in a moment.")


class Busy(Unavailable):
    """Too many ask for the same heavy work at this moment."""

    code = "busy"

    def __init__(self) -> None:
        super().__init__(BUSY)


class Turns:
    """*at_once* at work, *waiting* more in line, each for as long as *patience* seconds."""

    def __init__(self, at_once: int, *, waiting: int, patience: float) -> None:
        self._places = threading.BoundedSemaphore(at_once)
        self._line = threading.BoundedSemaphore(at_once + waiting)
        self._patience = patience

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a place and keep it as long as the block lasts.

        Raises
        ------
        Busy
        """
        if not self._line.acquire(blocking=False):
            raise Busy
        try:
            if not self._places.acquire(timeout=self._patience):
                raise Busy
            try:
                yield
            finally:
                self._places.release()
        finally:
            self._line.release()
