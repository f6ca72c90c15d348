"""What is deleted in the middle of a request or a job: an answer, and no failure of the server."""

from typing import Any

import pytest

from app.archive import segmentationstatistics
from app.models import Job, SegmentRow, db
from app.worker import run_queued
from tests.segmentation.conftest import Page, nrrd_bytes
from tests.viewer.conftest import Reader


@pytest.fixture
def deleted_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody deletes every segmentation while segments are measured."""
    measure = segmentationstatistics.segment_statistics

    def delete(*given: Any) -> Any:
        with db.engine.begin() as other:
            other.exec_driver_sql("DELETE FROM segments")
            other.exec_driver_sql("DELETE FROM segmentations")
        return measure(*given)

    monkeypatch.setattr(segmentationstatistics, "segment_statistics", delete)


@pytest.mark.usefixtures("deleted_meanwhile")
def test_deleted_while_it_is_taken_in(page: Page) -> None:
    answer = page.send(nrrd_bytes())
    assert (answer.status_code, answer.json["error"]["code"]) == (409, "conflict")
    assert page.listed()["segmentations"] == []


def forget_statistics(reader: Reader) -> None:
    with reader.app.app_context():
        db.session.execute(db.update(SegmentRow).values(statistics=None))
        db.session.commit()


def test_deleted_while_its_table_is_made(page: Page, request: pytest.FixtureRequest, volume: Reader) -> None:
    made = page.sent()
    forget_statistics(volume)
    request.getfixturevalue("deleted_meanwhile")
    answer = page.api("GET", f"segmentations/{made['id']}/statistics.csv")
    assert (answer.status_code, answer.json["error"]["code"]) == (409, "conflict")


def test_deleted_while_a_job_counts(
    page: Page, volume: Reader, request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture
) -> None:
    page.sent()
    forget_statistics(volume)
    with volume.app.app_context():
        segmentationstatistics.order_all(page.series_id)
    request.getfixturevalue("deleted_meanwhile")
    run_queued(volume.app)
    with volume.app.app_context():
        job = db.session.scalars(db.select(Job).where(Job.kind == segmentationstatistics.KIND)).one()
        assert (job.state, job.error and job.error["template"]) == ("failed", "It was deleted.")
    assert caplog.records == []
