"""Worker processes: killed, hung, stopped; each job ends once."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app import worker
from app.archive import jobs
from app.models import Job, db
from app.worker import JobRunner, run_queued, start_runner
from tests.archive import slow_jobs  # noqa: F401 - registers its handlers
from tests.archive.conftest import Archive, series_of
from tests.archive.test_jobs import row, wait_for


@pytest.fixture
def runner(app: Flask) -> Iterator[JobRunner]:
    app.config.update(JOBS_START=True, JOB_WORKERS=1)
    started = start_runner(app)
    assert started is not None
    yield started
    started.stop()


def submit(archive: Archive, kind: str = "append", key: str = "k", **arguments: str) -> str:
    job = jobs.submit(kind, owner_id=archive.owner_id, key=key, arguments=arguments)
    db.session.commit()
    jobs.wake()
    return str(job.id)


def lines(path: Path) -> list[str]:
    return path.read_text().split() if path.exists() else []


def test_nothing_starts_where_it_is_not_wanted(app: Flask) -> None:
    assert start_runner(app) is None


def test_a_job_runs_in_another_process(archive: Archive, runner: JobRunner, tmp_path: Path) -> None:
    job_id = submit(archive, folder=str(tmp_path))
    wait_for(lambda: row(job_id).state == "done")
    assert row(job_id).result == {"pid": runner.pids[0]}
    assert runner.pids[0] != os.getpid()
    assert runner.is_running


def test_an_upload_becomes_a_volume_without_further_ado(archive: Archive, runner: JobRunner) -> None:
    archive.take(series_of(4))
    wait_for(lambda: archive.series.state == "ready")


def test_leftovers_go_while_the_server_runs(
    archive: Archive, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "_TIDY_SECONDS", 0.0)
    monkeypatch.setattr(worker, "_RECOVER_SECONDS", 0.05)
    app.config.update(JOBS_START=True, JOB_WORKERS=1)
    started = start_runner(app)
    assert started is not None
    try:
        path = archive.store.incoming / "half"
        path.touch()
        os.utime(path, (time.time() - 24 * 3600,) * 2)
        wait_for(lambda: not path.exists())
    finally:
        started.stop()


def test_a_killed_worker_is_replaced_and_its_job_ends_once(
    archive: Archive, runner: JobRunner, tmp_path: Path
) -> None:
    (tmp_path / "wait").touch()
    job_id = submit(archive, folder=str(tmp_path))
    for deaths in (1, 2):
        wait_for(lambda deaths=deaths: len(lines(tmp_path / "started")) == deaths)
        if deaths == 2:
            (tmp_path / "wait").unlink()
        os.kill(int(lines(tmp_path / "started")[-1]), signal.SIGKILL)
    wait_for(lambda: row(job_id).state == "done")
    started = lines(tmp_path / "started")
    assert (len(started), len(set(started)), row(job_id).attempts) == (3, 3, 3)
    assert lines(tmp_path / "ended") == started[-1:]


def test_a_job_that_takes_too_long_is_stopped(app: Flask, archive: Archive, tmp_path: Path) -> None:
    app.config.update(JOBS_START=True, JOB_WORKERS=1, JOB_SECONDS=1)
    runner = start_runner(app)
    assert runner is not None
    hung, next_one = submit(archive, "hang", "a"), submit(archive, "append", "b", folder=str(tmp_path))
    wait_for(lambda: row(next_one).state == "done")
    assert (row(hung).error or {})[
        "template"
    ] == "The work took longer than %(seconds)s seconds and was stopped."
    runner.stop()


def test_stopping_gives_the_job_back(app: Flask, archive: Archive, tmp_path: Path) -> None:
    app.config.update(JOBS_START=True, JOB_WORKERS=1)
    (tmp_path / "wait").touch()
    runner = start_runner(app)
    assert runner is not None
    job_id = submit(archive, folder=str(tmp_path))
    wait_for(lambda: bool(lines(tmp_path / "started")))
    runner.stop()
    assert (row(job_id).state, row(job_id).attempts) == ("queued", 0)
    (tmp_path / "wait").unlink()
    assert run_queued(app) == 1
    assert row(job_id).state == "done"
    assert lines(tmp_path / "ended") == [str(os.getpid())]


def test_a_cancelled_job_frees_its_worker(archive: Archive, runner: JobRunner, tmp_path: Path) -> None:
    (tmp_path / "wait").touch()
    job_id = submit(archive, folder=str(tmp_path))
    wait_for(lambda: bool(lines(tmp_path / "started")))
    jobs.cancel(db.session.get_one(Job, job_id))
    db.session.commit()
    (tmp_path / "next").mkdir()
    next_one = submit(archive, key="other", folder=str(tmp_path / "next"))
    wait_for(lambda: row(next_one).state == "done")
    assert (row(job_id).state, lines(tmp_path / "ended")) == ("cancelled", [])
