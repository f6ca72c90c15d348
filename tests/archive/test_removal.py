"""Removal takes rows and files together, and nothing of anybody else's."""

import os
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.archive import removal, running
from app.archive.sweeping import quarantine_orphans, remove_aged, remove_orphaned_results, sweep
from app.models import AuditEntry, Instance, Job, Patient, Series, Study, User, db
from tests.archive.conftest import Archive, dicom, series_of


def two_series() -> dict[str, bytes]:
    return {**series_of(2), "x": dicom(2, SeriesInstanceUID="1.2.77", SOPInstanceUID="1.2.77.1")}


def rows(*tables: Any) -> list[int]:
    return [int(db.session.scalar(db.select(db.func.count()).select_from(table))) for table in tables]


def files_below(archive: Archive) -> list[str]:
    """Everything in the store that holds an owner's data."""
    root = archive.store.root
    folders = ("originals", "derived", "results", "incoming", "quarantine")
    return [path.name for folder in folders for path in (root / folder).rglob("*") if path.is_file()]


def actor(archive: Archive) -> User:
    return db.session.get_one(User, archive.owner_id)


def test_a_study_goes_with_all_rows_and_files(archive: Archive) -> None:
    archive.take(two_series())
    running.run_all(archive.store, archive.settings)
    # Originals; array, header, list of images and thumbnail of a volume; list and thumbnail of a stack.
    assert len(files_below(archive)) == 3 + 4 + 2
    # Loaded relations must not keep the keys from cascading.
    assert [len(series.instances) for series in archive.study.series] == [2, 1]
    study_id = archive.study.id
    removal.remove_study(actor(archive), archive.study, archive.store, address="10.0.0.7")
    assert rows(Patient, Study, Series, Instance) == [0, 0, 0, 0]
    assert files_below(archive) == []
    entry = db.session.scalars(db.select(AuditEntry).where(AuditEntry.action == "delete_study")).one()
    assert (entry.object_id, entry.actor_id, entry.address) == (study_id, archive.owner_id, "10.0.0.7")
    assert entry.detail == {"series": 2, "instances": 3}


def test_a_series_goes_alone_and_the_last_takes_its_study(archive: Archive) -> None:
    archive.take(two_series())
    first, last = archive.study.series
    removal.remove_series(actor(archive), first, archive.store)
    assert rows(Patient, Study, Series, Instance) == [1, 1, 1, 1]
    assert len(archive.originals()) == 1
    removal.remove_series(actor(archive), last, archive.store)
    assert rows(Patient, Study, Series, Instance) == [0, 0, 0, 0]
    assert archive.originals() == []


def test_removal_cancels_what_is_being_made(archive: Archive) -> None:
    archive.take(series_of(2))
    removal.remove_study(actor(archive), archive.study, archive.store)
    assert db.session.scalars(db.select(Job.state)).all() == ["cancelled"]
    assert running.run_all(archive.store, archive.settings) == 0


def test_the_same_bytes_of_another_owner_stay(archive: Archive, other_archive: Archive) -> None:
    archive.take(series_of(2))
    other_archive.take(series_of(2))
    study = db.session.scalars(db.select(Study).where(Study.owner_id == archive.owner_id)).one()
    removal.remove_study(actor(archive), study, archive.store)
    assert rows(Study, Instance) == [1, 2]
    assert len(archive.originals()) == 2


def test_what_was_removed_can_be_uploaded_again(archive: Archive) -> None:
    archive.take(series_of(2))
    removal.remove_study(actor(archive), archive.study, archive.store)
    assert archive.take(series_of(2)).accepted == 2
    assert len(archive.originals()) == 2


def test_an_account_goes_with_everything(archive: Archive, other_archive: Archive) -> None:
    archive.take(two_series())
    other_archive.take(series_of(1))
    running.run_all(archive.store, archive.settings)
    job = Job(owner_id=archive.owner_id, kind="export", key="k", state="done")
    db.session.add(job)
    db.session.commit()
    archive.store.job_result(job.id, ".zip").write_bytes(b"PK")
    removal.remove_account(actor(archive), archive.store, actor_id=other_archive.owner_id)
    assert rows(User, Patient, Study, Instance, Job) == [1, 1, 1, 1, 1]
    assert not [name for name in files_below(archive) if name.endswith(".zip")]
    assert len(archive.originals()) == 1
    entry = db.session.scalars(db.select(AuditEntry).where(AuditEntry.action == "account_deleted")).one()
    assert (entry.object_id, entry.actor_id) == (archive.owner_id, other_archive.owner_id)


def test_upload_and_removal_at_once_leave_no_row_without_its_file(app: Flask, archive: Archive) -> None:
    faults: list[BaseException] = []

    def repeat(step: Callable[[], object]) -> Callable[[], None]:
        def work() -> None:
            for _ in range(8):
                with app.app_context():
                    try:
                        step()
                    except BaseException as fault:
                        faults.append(fault)

        return work

    def remove() -> None:
        study = db.session.scalars(db.select(Study)).first()
        if study is not None:
            removal.remove_study(actor(archive), study, archive.store)

    work = [repeat(lambda: archive.take(series_of(3))) for _ in range(2)] + [repeat(remove)] * 2
    threads = [threading.Thread(target=task) for task in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    kept = {path.stem for path in archive.originals()}
    assert kept == set(db.session.scalars(db.select(Instance.sha256)))


def test_sweeping_removes_what_nobody_sends_any_more(archive: Archive) -> None:
    old, fresh = archive.store.incoming / "old", archive.store.incoming / "fresh"
    for path in (old, fresh):
        path.write_bytes(b"half")
    os.utime(old, (time.time() - 7 * 3600,) * 2)
    os.utime(fresh, (time.time() - 5 * 3600,) * 2)  # the first file of a long upload
    remove_aged(archive.store)
    assert archive.left_over() == [fresh]


def test_sweeping_sets_originals_without_rows_aside(archive: Archive) -> None:
    archive.take(series_of(2))
    orphan = archive.store.original(archive.owner_id, "ab" * 32)
    orphan.parent.mkdir(parents=True, exist_ok=True)
    orphan.write_bytes(b"left by a crash")
    assert quarantine_orphans(archive.store) == 1
    assert (len(archive.originals()), orphan.exists()) == (2, False)
    assert [path.read_bytes() for path in archive.store.quarantine.iterdir()] == [b"left by a crash"]
    assert quarantine_orphans(archive.store) == 0


def test_sweeping_empties_the_quarantine_after_a_week(archive: Archive) -> None:
    path = archive.store.quarantine / "old"
    path.touch()
    os.utime(path, (time.time() - 8 * 24 * 3600,) * 2)
    remove_aged(archive.store)
    assert not path.exists()


def test_sweeping_removes_derived_files_of_what_is_gone(archive: Archive) -> None:
    archive.take(series_of(3))
    running.run_all(archive.store, archive.settings)
    archive.store.series_folder("gone").mkdir(parents=True)
    archive.store.job_result("gone", ".zip").touch()
    assert remove_orphaned_results(archive.store) == 2
    assert [path.name for path in (archive.store.root / "derived").iterdir()] == [archive.series.id]


def test_sweeping_tells_of_lost_originals(archive: Archive, caplog: pytest.LogCaptureFixture) -> None:
    archive.take(series_of(3))
    archive.originals()[0].unlink()
    sweep(archive.store)
    assert "1 instances have lost their files" in caplog.text
