"""Carrying out jobs in this process, with a sign of life while they run."""

import logging
import threading
import time
from collections.abc import Mapping
from typing import Any

from sqlalchemy import update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm.exc import ObjectDeletedError, StaleDataError

from app.archive.errors import Gone, trace_of
from app.archive.jobs import Claim, JobCancelled, JobContext, claim, fail, kinds, note, release
from app.imaging.errors import N_, Message, TriplanoError
from app.models import Job, db, utc_now
from app.storage.store import Store

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 10.0
FAILED = N_("The work failed on the server. It was noted; try again.")


def run(claimed: Claim, store: Store, settings: Mapping[str, Any]) -> None:
    """Carry out a claimed job here and note what came of it."""
    job = db.session.get(Job, claimed.job_id)
    if job is None:
        return
    name, arguments = job.kind, dict(job.arguments)
    context = JobContext(job.id, job.owner_id, arguments, store, settings, claimed.attempt)
    db.session.rollback()
    try:
        if name not in kinds:
            raise ValueError(f"no handler for jobs of kind {name}")
        with _Heartbeat(claimed, settings["JOB_SECONDS"]):
            result = kinds[name].run(context)
    except JobCancelled:
        db.session.rollback()
    except TriplanoError as fault:
        db.session.rollback()
        fail(claimed, fault.message)
    except OperationalError:
        # A database that was busy or gone for a moment: worth another attempt.
        db.session.rollback()
        log.exception("job %s of kind %s broke off", claimed.job_id, name)
        release(claimed)
    except (ObjectDeletedError, StaleDataError):
        # What it was made of was deleted meanwhile: nobody waits for it.
        db.session.rollback()
        fail(claimed, Gone().message)
    except Exception as unforeseen:
        db.session.rollback()
        log.error("job %s of kind %s failed\n%s", claimed.job_id, name, trace_of(unforeseen))
        fail(claimed, Message(FAILED))
    else:
        done = {"result": dict(result) if result is not None else None, "progress": 1.0}
        note(claimed.job_id, claimed.attempt, state="done", finished_at=utc_now(), **done)


def run_all(store: Store, settings: Mapping[str, Any]) -> int:
    """Carry out every waiting job here, one after another; their number."""
    count = 0
    while claimed := claim():
        run(claimed, store, settings)
        count += 1
    return count


class _Heartbeat:
    """A sign of life every few seconds, for handlers with long steps; none after the time allowed."""

    def __init__(self, claimed: Claim, seconds: float) -> None:
        self._claimed = claimed
        self._deadline = time.monotonic() + seconds
        self._engine = db.engine
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_fault: object) -> None:
        self._stop.set()
        self._thread.join()

    def _beat(self) -> None:
        statement = update(Job).where(
            Job.id == self._claimed.job_id, Job.state == "running", Job.attempts == self._claimed.attempt
        )
        while not self._stop.wait(HEARTBEAT_SECONDS) and time.monotonic() < self._deadline:
            try:
                with self._engine.begin() as connection:
                    connection.execute(statement.values(heartbeat_at=utc_now()))
            except OperationalError:
                continue  # a busy database: the next beat will do
