"""Heavy work as rows: submitted, claimed, carried out, taken up again after a crash.

The row alone says what is missing. A handler can be killed at any moment and run again, so it writes
to a temporary name and renames; done twice it gives the same result once.
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import aliased

from app.imaging.errors import N_, Message
from app.models import Job, db, utc_now
from app.storage.store import Store

MAX_ATTEMPTS = 3
LOST_AFTER = timedelta(seconds=60)
ACTIVE = ("queued", "running")
BROKE_OFF = N_("The work broke off %(attempts)s times and was given up.")
TOO_LONG = N_("The work took longer than %(seconds)s seconds and was stopped.")
CANCELLED = N_("The work was cancelled.")
_REPORT_SECONDS = 0.25


class JobCancelled(Exception):
    """The job's row no longer wants this run: cancelled, removed, or given to somebody else."""


class JobContext:
    """What a handler knows of its job."""

    def __init__(
        self,
        job_id: str,
        owner_id: str,
        arguments: Mapping[str, Any],
        store: Store,
        settings: Mapping[str, Any],
        attempt: int = 1,
    ) -> None:
        self.job_id = job_id
        self.owner_id = owner_id
        self.arguments = arguments
        self.store = store
        self.settings = settings
        self.attempt = attempt
        self._reported_at = 0.0

    def progress(self, fraction: float, message: Message | None = None) -> None:
        """Note how far the work is, at most four times a second. The session must hold no changes.

        Raises
        ------
        JobCancelled
            The work is no longer wanted; let it through.
        """
        now = time.monotonic()
        if now - self._reported_at < _REPORT_SECONDS and fraction < 1:
            return
        self._reported_at = now
        values: dict[str, Any] = {"progress": min(max(fraction, 0.0), 1.0)}
        if message is not None:
            values["message"] = message.as_json()
        if not note(self.job_id, self.attempt, **values):
            raise JobCancelled


Handler = Callable[[JobContext], Mapping[str, Any] | None]
FailureHandler = Callable[[Mapping[str, Any], Message], None]


@dataclass(frozen=True)
class Kind:
    run: Handler
    failed: FailureHandler | None
    is_quick: bool = False


@dataclass(frozen=True)
class Claim:
    """A job that this process may run, and the number of the attempt."""

    job_id: str
    attempt: int


kinds: dict[str, Kind] = {}
_work = threading.Event()


def handler(
    kind: str, *, failed: FailureHandler | None = None, is_quick: bool = False
) -> Callable[[Handler], Handler]:
    """Register the decorated function for jobs of *kind*.

    *failed* is called with the arguments and the reason in the transaction that marks a job failed
    or cancelled. *is_quick*: somebody looks on, and it takes seconds; such jobs are taken before others.
    """

    def attach(function: Handler) -> Handler:
        kinds[kind] = Kind(function, failed, is_quick)
        return function

    return attach


def handler_modules() -> list[str]:
    """The modules that a worker must import to know the handlers known here."""
    return sorted({kind.run.__module__ for kind in kinds.values()})


def submit(kind: str, *, owner_id: str, key: str, arguments: Mapping[str, Any]) -> Job:
    """A job's row in the caller's transaction; one that waits or runs with the same *key* is returned."""
    active: Job | None = db.session.scalar(select(Job).where(Job.key == key, Job.state.in_(ACTIVE)).limit(1))
    if active is not None:
        return active
    job = Job(kind=kind, owner_id=owner_id, key=key, arguments=dict(arguments))
    db.session.add(job)
    db.session.flush()
    return job


def wake() -> None:
    """Tell this process's runner that something was submitted and committed."""
    _work.set()


def wait_for_work(seconds: float) -> None:
    """Wait until something was submitted here, or *seconds* for what others submitted."""
    _work.wait(seconds)
    _work.clear()


def cancel(job: Job) -> None:
    """Mark an active job cancelled, in the caller's transaction; a running one stops at its next step."""
    if job.state in ACTIVE:
        _end(job, "cancelled", Message(CANCELLED))


def claim() -> Claim | None:
    """Take a waiting job whose key is not being worked on: a quick one, else the oldest. Commits."""
    quick = [name for name, kind in kinds.items() if kind.is_quick]
    other = aliased(Job)
    same_key_runs = select(other.id).where(other.key == Job.key, other.state == "running").exists()
    job_id = db.session.scalar(
        select(Job.id)
        .where(Job.state == "queued", ~same_key_runs)
        .order_by(Job.kind.not_in(quick), Job.created_at)
        .limit(1)
    )
    attempt = None
    if job_id is not None:
        attempt = db.session.scalar(
            update(Job)
            .where(Job.id == job_id, Job.state == "queued")
            .values(state="running", attempts=Job.attempts + 1, heartbeat_at=utc_now())
            .returning(Job.attempts)
        )
    db.session.commit()
    return Claim(job_id, attempt) if job_id is not None and attempt is not None else None


def fail(claimed: Claim, reason: Message) -> None:
    """Mark a claimed job failed. Commits."""
    job = _still_running(claimed)
    if job is not None:
        _end(job, "failed", reason)
    db.session.commit()


def release(claimed: Claim, *, counts: bool = True) -> None:
    """Give a claimed job back whose worker is gone, or give it up after the last attempt. Commits."""
    job = _still_running(claimed)
    if job is not None:
        _requeue(job, counts)
    db.session.commit()


def recover() -> int:
    """Give back the jobs whose workers have not been heard of for a minute; their number. Commits."""
    lost = db.session.scalars(
        select(Job).where(Job.state == "running", Job.heartbeat_at < utc_now() - LOST_AFTER)
    ).all()
    claims = [Claim(job.id, job.attempts) for job in lost]
    db.session.rollback()
    for claimed in claims:
        release(claimed)
    return len(claims)


def _still_running(claimed: Claim) -> Job | None:
    """The claimed job's row, written to so that nobody else changes it before the caller commits."""
    if not _update(claimed.job_id, claimed.attempt, heartbeat_at=utc_now()):
        return None
    return db.session.get(Job, claimed.job_id, populate_existing=True)


def _requeue(job: Job, counts: bool) -> None:
    if not counts:
        job.attempts -= 1
    if job.attempts >= MAX_ATTEMPTS:
        _end(job, "failed", Message(BROKE_OFF, {"attempts": job.attempts}))
        return
    job.state = "queued"
    job.progress = 0.0
    job.heartbeat_at = None


def _end(job: Job, state: str, reason: Message) -> None:
    job.state = state
    job.error = reason.as_json()
    job.finished_at = utc_now()
    kind = kinds.get(job.kind)
    if kind is not None and kind.failed is not None:
        kind.failed(job.arguments, reason)


def _update(job_id: str, attempt: int, **values: Any) -> bool:
    """Change the row of a running attempt, in the session's transaction; whether it still is one."""
    changed = db.session.execute(
        update(Job)
        .where(Job.id == job_id, Job.state == "running", Job.attempts == attempt)
        .values(**values)
        .returning(Job.id)
        .execution_options(synchronize_session=False)
    )
    return changed.first() is not None


def note(job_id: str, attempt: int, **values: Any) -> bool:
    """:func:`_update` with a sign of life, in a transaction of its own beside the session's."""
    statement = (
        update(Job)
        .where(Job.id == job_id, Job.state == "running", Job.attempts == attempt)
        .values(heartbeat_at=utc_now(), **values)
        .returning(Job.id)
    )
    with db.engine.begin() as connection:
        return connection.execute(statement).first() is not None
