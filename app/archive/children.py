"""Child processes that answer requests: one line of JSON in, lines of JSON out.

A child is a fresh interpreter, not a fork: it shares no descriptor, lock or database connection with
a web process of many threads. It ends when its parent's end of the pipe closes, however that came.
"""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
_LONGEST_LINE = 4 * 1024 * 1024  # what a child gone mad may send before it is cut off
_END = None


class ChildDied(Exception):
    """The child ended before it answered: killed for its memory, crashed, or stopped by somebody."""


class ChildSilent(Exception):
    """The child did not answer in time."""


class Child:
    """A child process running *code*, which calls :func:`serve`."""

    def __init__(
        self,
        code: str,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
        quiet: bool = False,
    ) -> None:
        self.tasks = 0
        self._replies: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._process = subprocess.Popen(
            [sys.executable, "-c", code, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # A parser's warnings quote what they read: names of patients do not belong in a log.
            stderr=subprocess.DEVNULL if quiet else None,
            cwd=ROOT,
            env=None if environment is None else dict(environment),
        )
        self._reader = threading.Thread(target=self._read_replies, name="child-reader", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def send(self, request: Mapping[str, Any]) -> None:
        """Ask the child; answers come by :meth:`receive`.

        Raises
        ------
        ChildDied
        """
        pipe = self._process.stdin
        try:
            if pipe is None:
                raise ChildDied
            pipe.write(json.dumps(request).encode() + b"\n")
            pipe.flush()
            self.tasks += 1
        except (OSError, ValueError):
            raise ChildDied from None

    def receive(self, seconds: float) -> dict[str, Any]:
        """The next answer.

        Raises
        ------
        ChildDied, ChildSilent
        """
        deadline = time.monotonic() + seconds
        try:
            reply = self._replies.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            raise ChildSilent from None
        if reply is _END:
            self._replies.put(_END)
            raise ChildDied
        return reply

    def kill(self) -> None:
        """End the child at once, whatever it does."""
        self._process.kill()
        self._release()

    def close(self) -> None:
        """Let an idle child end by itself."""
        try:
            if self._process.stdin is not None:
                self._process.stdin.close()
            self._process.wait(timeout=2)
        except (OSError, subprocess.TimeoutExpired):
            self._process.kill()
        self._release()

    def _release(self) -> None:
        self._process.wait()
        self._reader.join(timeout=2)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    continue

    def _read_replies(self) -> None:
        pipe = self._process.stdout
        try:
            while pipe is not None and (line := pipe.readline(_LONGEST_LINE)):
                self._replies.put(json.loads(line))
        except (ValueError, OSError):
            self._process.kill()
        self._replies.put(_END)


def serve(answer: Callable[[dict[str, Any]], Iterable[Mapping[str, Any]]]) -> None:
    """Answer the parent's requests until it goes away. For the child's side."""
    if hasattr(signal, "SIGINT"):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the parent's to handle
    requests = os.fdopen(os.dup(0), "rb")
    replies = os.fdopen(os.dup(1), "wb")
    # Whatever a library prints must not be taken for an answer.
    os.dup2(2, 1)
    for line in requests:
        for reply in answer(json.loads(line)):
            replies.write(json.dumps(reply).encode() + b"\n")
            replies.flush()
