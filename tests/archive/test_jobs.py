"""Jobs as rows: submitted once, claimed once, ended once."""

import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from app.archive import jobs, running
from app.archive.errors import Conflict
from app.imaging.errors import Message
from app.models import Job, db, utc_now
from tests.archive.conftest import Archive

ran: list[str] = []
given_up: list[tuple[Any, str]] = []


@pytest.fixture(autouse=True)
def handlers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Handlers of these tests, forgotten afterwards."""
    monkeypatch.setattr(jobs, "kinds", known := dict(jobs.kinds))
    monkeypatch.setattr(running, "kinds", known)

    @jobs.handler("note", failed=lambda arguments, reason: given_up.append((arguments["n"], str(reason))))
    def note(context: jobs.JobContext) -> Mapping[str, Any]:
        context.progress(0.5, Message("half of %(n)s", {"n": context.arguments["n"]}))
        ran.append(context.job_id)
        return {"n": context.arguments["n"]}

    @jobs.handler("refuse", failed=lambda arguments, reason: given_up.append((arguments["n"], str(reason))))
    def refuse(_context: jobs.JobContext) -> None:
        raise Conflict("not %(this)s", this="now")

    @jobs.handler("crash")
    def crash(_context: jobs.JobContext) -> None:
        raise RuntimeError("a bug")

    @jobs.handler("cancel")
    def cancel_itself(context: jobs.JobContext) -> None:
        jobs.cancel(db.session.get_one(Job, context.job_id))
        db.session.commit()
        context.progress(0.1)
        ran.append("went on")

    ran.clear()
    given_up.clear()


def submit(archive: Archive, kind: str = "note", key: str = "k", n: int = 1) -> str:
    job = jobs.submit(kind, owner_id=archive.owner_id, key=key, arguments={"n": n})
    db.session.commit()
    return str(job.id)


def run_all(archive: Archive) -> int:
    return running.run_all(archive.store, archive.settings)


def row(job_id: str) -> Job:
    return db.session.get_one(Job, job_id, populate_existing=True)


def test_a_job_runs_once_and_keeps_its_result(archive: Archive) -> None:
    job_id = submit(archive, n=7)
    assert (run_all(archive), run_all(archive)) == (1, 0)
    job = row(job_id)
    assert (job.state, job.result, job.progress, job.attempts) == ("done", {"n": 7}, 1.0, 1)
    assert job.message == {"template": "half of %(n)s", "values": {"n": 7}}
    assert job.finished_at is not None
    assert ran == [job_id]


def test_one_key_is_one_job_while_it_waits_or_runs(archive: Archive) -> None:
    first = submit(archive)
    assert submit(archive) == first
    run_all(archive)
    assert submit(archive) != first


def test_jobs_of_one_key_never_run_side_by_side(archive: Archive) -> None:
    ids = {submit(archive, key="a"), submit(archive, key="b")}
    db.session.execute(db.update(Job).values(key="same"))
    db.session.commit()
    assert jobs.claim() in [jobs.Claim(job_id, 1) for job_id in ids]
    assert jobs.claim() is None


def test_what_somebody_looks_at_is_taken_first(archive: Archive) -> None:
    jobs.handler("quick", is_quick=True)(lambda context: ran.append(context.job_id))
    slow, quick = submit(archive, key="a"), submit(archive, kind="quick", key="b")
    run_all(archive)
    assert ran == [quick, slow]


def test_a_claimed_job_is_not_claimed_again(archive: Archive) -> None:
    job_id = submit(archive)
    assert jobs.claim() == jobs.Claim(job_id, 1)
    assert jobs.claim() is None


def test_a_named_fault_is_the_error_and_the_kind_hears_of_it(archive: Archive) -> None:
    job_id = submit(archive, "refuse", n=3)
    run_all(archive)
    job = row(job_id)
    assert (job.state, job.error) == ("failed", {"template": "not %(this)s", "values": {"this": "now"}})
    assert given_up == [(3, "not now")]


def test_a_bug_is_told_in_general_words(archive: Archive, caplog: pytest.LogCaptureFixture) -> None:
    job_id = submit(archive, "crash")
    run_all(archive)
    assert (row(job_id).error or {})["template"] == "The work failed on the server. It was noted; try again."
    assert "in crash" in caplog.text
    assert "RuntimeError" in caplog.text


def test_an_unknown_kind_fails(archive: Archive) -> None:
    job_id = submit(archive, "unheard")
    run_all(archive)
    assert row(job_id).state == "failed"


def test_a_cancelled_job_stops_at_its_next_step(archive: Archive) -> None:
    job_id = submit(archive, "cancel")
    run_all(archive)
    assert (row(job_id).state, ran) == ("cancelled", [])


def test_a_waiting_job_is_cancelled_before_it_begins(archive: Archive) -> None:
    job_id = submit(archive, n=4)
    jobs.cancel(row(job_id))
    db.session.commit()
    assert (run_all(archive), row(job_id).state) == (0, "cancelled")
    assert given_up == [(4, "The work was cancelled.")]


def test_a_done_job_cannot_be_cancelled(archive: Archive) -> None:
    job_id = submit(archive)
    run_all(archive)
    jobs.cancel(row(job_id))
    db.session.commit()
    assert row(job_id).state == "done"


def test_a_lost_job_is_taken_up_again_three_times_at_most(archive: Archive) -> None:
    job_id = submit(archive, n=9)
    for attempt in (1, 2, 3):
        assert jobs.claim() == jobs.Claim(job_id, attempt)
        assert jobs.recover() == 0  # it was heard of just now
        lose(job_id)
        assert jobs.recover() == 1
    assert row(job_id).state == "failed"
    assert given_up == [(9, "The work broke off 3 times and was given up.")]


def lose(job_id: str) -> None:
    job = row(job_id)
    job.heartbeat_at = utc_now() - timedelta(seconds=61)
    db.session.commit()


def test_a_lost_worker_that_comes_back_changes_nothing(archive: Archive) -> None:
    job_id = submit(archive)
    lost = jobs.claim()
    assert lost is not None
    lose(job_id)
    jobs.recover()
    again = jobs.claim()
    assert again == jobs.Claim(job_id, 2)
    running.run(lost, archive.store, archive.settings)
    assert (row(job_id).state, ran) == ("running", [])
    jobs.fail(lost, Message("late"))
    assert row(job_id).state == "running"
    running.run(again, archive.store, archive.settings)
    assert (row(job_id).state, ran) == ("done", [job_id])


def test_a_job_given_back_at_shutdown_is_not_counted(archive: Archive) -> None:
    job_id = submit(archive)
    for _ in range(5):
        claimed = jobs.claim()
        assert claimed == jobs.Claim(job_id, 1)
        jobs.release(claimed, counts=False)
    assert (row(job_id).state, row(job_id).attempts) == ("queued", 0)


def test_progress_is_written_a_few_times_a_second(archive: Archive) -> None:
    submit(archive)
    claimed = jobs.claim()
    assert claimed is not None
    context = jobs.JobContext(claimed.job_id, archive.owner_id, {}, archive.store, {}, claimed.attempt)
    for step in range(50):
        context.progress(step / 100)
    assert row(claimed.job_id).progress == 0.0
    context.progress(1.7)
    assert row(claimed.job_id).progress == 1.0


def test_a_heartbeat_comes_from_long_steps(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "HEARTBEAT_SECONDS", 0.02)
    job_id = submit(archive)
    claimed = jobs.claim()
    assert claimed is not None
    lose(job_id)
    with running._Heartbeat(claimed, 10):
        wait_for(lambda: utc_now() - (row(job_id).heartbeat_at or utc_now()) < timedelta(seconds=5))


def wait_for(condition: Any, seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        db.session.rollback()
        time.sleep(0.02)
