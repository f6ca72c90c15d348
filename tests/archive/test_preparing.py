"""Series that wait without a job, and files that broken attempts leave."""

from collections.abc import Callable
from typing import Any

import pytest

from app.archive import jobs, partmaking, running, stacking
from app.archive.errors import StorageFull
from app.archive.volumes import job_key
from app.imaging.errors import Message, NotAVolume
from app.models import Job, Series, db
from tests.archive.conftest import Archive, dicom, series_of


def derived(archive: Archive) -> list[str]:
    """Names of what was made of the only series."""
    return sorted(path.name for path in archive.store.series_folder(archive.series.id).glob("*"))


def prepared(archive: Archive) -> Series:
    running.run_all(archive.store, archive.settings)
    db.session.expire_all()
    return archive.series


def raising(fault: Exception) -> Callable[..., Any]:
    def fail(*_arguments: Any, **_named: Any) -> None:
        raise fault

    return fail


def test_a_series_that_waits_without_a_job_gets_one(archive: Archive) -> None:
    archive.take(series_of(3))
    assert stacking.prepare_waiting() == 0
    series = archive.series
    series.revision = 2  # as a migration does: the job is one of the revision before
    db.session.commit()
    assert stacking.prepare_waiting() == 1
    assert stacking.prepare_waiting() == 0
    states = {job.key: job.state for job in db.session.scalars(db.select(Job))}
    assert states == {job_key(series.id, 1): "cancelled", job_key(series.id, 2): "queued"}
    assert prepared(archive).state == "ready"


def test_a_series_whose_job_ended_without_it_is_taken_up(archive: Archive) -> None:
    archive.take(series_of(3))
    db.session.execute(db.update(Job).values(state="failed"))
    db.session.execute(db.update(Series).values(state="running"))
    db.session.commit()
    assert stacking.prepare_waiting() == 1
    assert prepared(archive).state == "ready"
    assert stacking.prepare_waiting() == 0


def test_a_disk_that_fills_up_is_not_kept_full(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partmaking.PartMaker, "write_thumbnail", raising(StorageFull("full")))
    archive.take(series_of(3))
    assert prepared(archive).state == "failed"
    assert derived(archive) == []


def test_arrays_of_a_volume_that_came_to_nothing_go(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partmaking.PartMaker, "write_thumbnail", raising(NotAVolume("uneven")))
    archive.take(series_of(3))
    assert prepared(archive).state == "stack"
    assert derived(archive) == ["stack-1-0.json", "thumbnail-1-0.png"]


def test_what_a_killed_attempt_left_goes_with_the_next(archive: Archive) -> None:
    archive.take(series_of(3))
    folder = archive.store.make_series_folder(archive.series.id)
    (folder / ".volume-1-0-0.npy.0123456789abcdef.part").write_bytes(b"half")
    assert prepared(archive).state == "ready"
    assert derived(archive) == [
        "stack-1-0.json", "thumbnail-1-0.png", "volume-1-0-0.json", "volume-1-0-0.npy"
    ]  # fmt: skip


def test_a_worker_taken_for_lost_leaves_the_files_of_its_successor(archive: Archive) -> None:
    archive.take(series_of(3))
    claimed = jobs.claim()
    assert claimed is not None
    db.session.execute(db.update(Job).values(attempts=2))  # somebody else is at it now
    db.session.commit()
    folder = archive.store.make_series_folder(archive.series.id)
    (folder / ".volume-1-0-0.npy.0123456789abcdef.part").write_bytes(b"half")
    context = jobs.JobContext(
        claimed.job_id, archive.owner_id, {"series_id": archive.series.id, "revision": 1},
        archive.store, archive.settings, claimed.attempt,
    )  # fmt: skip
    with pytest.raises(jobs.JobCancelled):
        stacking.make_parts(context)
    assert ".volume-1-0-0.npy.0123456789abcdef.part" in derived(archive)


def test_a_series_of_more_images_than_any_is_refused_before_it_fills_the_memory(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stacking, "_MOST_FRAMES", 5)
    two = {"a": dicom(0, NumberOfFrames=3, PixelData=bytes(3 * 40)), "b": dicom(1)}
    archive.take(two)
    assert prepared(archive).state != "failed"
    archive.take({"c": dicom(2, NumberOfFrames=3, PixelData=bytes(3 * 40))})
    series = prepared(archive)
    assert series.state == "failed"
    assert "more than 5 images" in str(Message.from_json(series.reason or {}))
    assert derived(archive) == []


def test_of_many_warnings_that_differ_in_a_number_a_few_are_kept() -> None:
    alike = [Message("%(n)s bytes more", {"n": n}) for n in range(1000)]
    kept = partmaking._each_once([Message("tilted"), *alike, Message("tilted"), *alike])
    assert [str(message) for message in kept] == ["tilted", *(f"{n} bytes more" for n in range(10))]
