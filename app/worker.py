"""Who carries out jobs: worker processes beside the web process, or this process when asked.

Each slot of the runner is a thread with a child process of its own. A child that is killed, or that
takes too long and is killed by us, takes nothing down but its own job (a shared process pool would
break as a whole), and its job goes back to the queue at once.
"""

import atexit
import json
import logging
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from app.archive import jobs, running
from app.archive.children import Child, ChildDied, ChildSilent, serve
from app.archive.sweeping import remove_aged, sweep
from app.imaging.errors import Message
from app.storage.store import Store

log = logging.getLogger(__name__)

_BOOT = "from app.worker import main; main()"
_POLL_SECONDS = 0.5
_RECOVER_SECONDS = 30.0
_TIDY_SECONDS = 3600.0
_IDLE_SECONDS = 300.0  # a child that waits longer gives its memory back
_START_SECONDS = 60.0
_TASKS_PER_CHILD = 50
_PLAIN = (str, int, float, bool)


def run_queued(app: Flask) -> int:
    """Carry out every waiting job in this process, one after another; their number."""
    with app.app_context():
        return running.run_all(app.extensions["store"], app.config)


def start_runner(app: Flask) -> "JobRunner | None":
    """Start carrying out jobs beside *app*, unless it is configured not to."""
    if not app.config["JOBS_START"]:
        return None
    runner = JobRunner(app)
    runner.start()
    app.extensions["job_runner"] = runner
    return runner


class JobRunner:
    """``JOB_WORKERS`` slots that take jobs from the table as they come."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._stopping = threading.Event()
        self._slots = [_Slot(app, self._stopping) for _ in range(app.config["JOB_WORKERS"])]
        self._keeper = threading.Thread(target=self._keep, name="job-keeper", daemon=True)

    def start(self) -> None:
        self._keeper.start()
        for slot in self._slots:
            slot.start()
        atexit.register(self.stop)

    def stop(self) -> None:
        """End the children; what they were at goes back to the queue and is not counted against it."""
        self._stopping.set()
        jobs.wake()
        for slot in self._slots:
            slot.stop()
        atexit.unregister(self.stop)

    @property
    def is_running(self) -> bool:
        """Whether every slot still takes jobs."""
        return not self._stopping.is_set() and all(slot.is_alive for slot in self._slots)

    @property
    def pids(self) -> list[int]:
        """The worker processes there are at the moment."""
        return [pid for slot in self._slots if (pid := slot.pid) is not None]

    def _keep(self) -> None:
        """Tidy up after whatever ended badly: the rows every half minute, the files at start and hourly."""
        self._tidy(sweep)
        tidied_at = time.monotonic()
        while not self._stopping.is_set():
            try:
                with self._app.app_context():
                    if jobs.recover():
                        jobs.wake()
            except SQLAlchemyError:
                log.exception("lost jobs could not be looked for")
            if time.monotonic() - tidied_at > _TIDY_SECONDS:
                self._tidy(remove_aged)
                tidied_at = time.monotonic()
            self._stopping.wait(_RECOVER_SECONDS)

    def _tidy(self, verb: Callable[[Store], None]) -> None:
        try:
            with self._app.app_context():
                verb(self._app.extensions["store"])
        except (SQLAlchemyError, OSError):
            log.exception("the store could not be tidied")


class _Slot:
    """One thread and the worker process that it keeps at work."""

    def __init__(self, app: Flask, stopping: threading.Event) -> None:
        self._app = app
        self._stopping = stopping
        self._child: Child | None = None
        self._used_at = 0.0
        self._thread = threading.Thread(target=self._work, name="job-slot", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        child = self._child
        if child is not None and child.is_alive:
            child.kill()
        self._thread.join(timeout=5)

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    @property
    def pid(self) -> int | None:
        child = self._child
        return child.pid if child is not None and child.is_alive else None

    def _work(self) -> None:
        while not self._stopping.is_set():
            try:
                with self._app.app_context():
                    claimed = jobs.claim()
                if claimed is not None:
                    self._carry_out(claimed)
                    continue
            except Exception:
                # A busy database, a machine without memory for a child: the slot goes on trying.
                log.exception("no job could be taken or ended")
            self._rest()
            jobs.wait_for_work(_POLL_SECONDS)
        self._drop_child()

    def _carry_out(self, claimed: jobs.Claim) -> None:
        """Give the job to the child and see it through to an end in its row."""
        try:
            child = self._ready_child()
            child.send({"job": claimed.job_id, "attempt": claimed.attempt})
            child.receive(self._app.config["JOB_SECONDS"])
        except (ChildDied, OSError):
            self._drop_child()
            with self._app.app_context():
                jobs.release(claimed, counts=not self._stopping.is_set())
        except ChildSilent:
            self._drop_child()
            reason = Message(jobs.TOO_LONG, {"seconds": self._app.config["JOB_SECONDS"]})
            with self._app.app_context():
                jobs.fail(claimed, reason)
        self._used_at = time.monotonic()

    def _ready_child(self) -> Child:
        child = self._child
        if child is not None and (not child.is_alive or child.tasks >= _TASKS_PER_CHILD):
            self._drop_child()
        if self._child is None:
            self._child = Child(_BOOT)
            self._child.send({"settings": _settings_of(self._app), "modules": jobs.handler_modules()})
            try:
                self._child.receive(_START_SECONDS)
            except ChildSilent:
                raise ChildDied from None
        return self._child

    def _rest(self) -> None:
        if self._child is not None and time.monotonic() - self._used_at > _IDLE_SECONDS:
            self._drop_child()

    def _drop_child(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.kill()


def main() -> None:
    """The worker process."""
    # pydicom's warnings quote what they read: names of patients do not belong in a log.
    warnings.simplefilter("ignore")
    logging.getLogger("pydicom").setLevel(logging.CRITICAL)
    serve(_Worker().answer)


class _Worker:
    """Answers the runner: first its settings, then one job after another."""

    def __init__(self) -> None:
        self._app: Flask | None = None

    def answer(self, request: dict[str, Any]) -> Iterator[dict[str, Any]]:
        if self._app is None:
            from app import create_app

            self._app = create_app({**request["settings"], "JOBS_START": False})
            for module in request["modules"]:
                import_module(module)
            yield {"ready": True}
            return
        with self._app.app_context():
            claimed = jobs.Claim(request["job"], request["attempt"])
            running.run(claimed, self._app.extensions["store"], self._app.config)
        yield {"ended": request["job"]}


def _settings_of(app: Flask) -> dict[str, Any]:
    """The configuration that a worker needs to be the same application; by pipe, never by argument."""
    return {
        name: value
        for name, value in app.config.items()
        if name.isupper() and isinstance(value, _PLAIN) and json.dumps(value)
    }


if __name__ == "__main__":
    sys.exit("started by the web process")
