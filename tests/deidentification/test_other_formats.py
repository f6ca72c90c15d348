"""NIfTI and NRRD files are no DICOM: an export leaves them out and says why."""

import json
from typing import Any

from flask import Flask

from app.models import db
from app.worker import run_queued
from tests.archive.conftest import Archive
from tests.deidentification.conftest import URL
from tests.imaging.formats.samples import gz, nifti1, nrrd

REASON = "A NIfTI or NRRD volume is no DICOM file: it cannot be anonymised here and is left out."


def upload(app: Flask, owner_id: str, *contents: bytes) -> list[str]:
    """Ids of the series that the files became."""
    with app.app_context():
        archive = Archive(owner_id, app.extensions["store"], app.config)
        report = archive.take({f"{n}": content for n, content in enumerate(contents)})
        db.session.rollback()
        found = sorted(report.series_ids)
    run_queued(app)
    return found


def test_they_are_left_out_with_the_reason(
    exported: Any, app: Flask, people: dict[str, Any], series_id: str
) -> None:
    others = upload(app, people["alice"], gz(nifti1(descrip=b"Salgado")), nrrd())
    archive = exported(series=[series_id, *others])
    assert sum(name.endswith(".dcm") for name in archive.namelist()) == 4
    report = json.loads(archive.read("report.json"))
    assert (report["images"], report["refused"], report["refusals"]) == (4, 2, {REASON: 2})
    assert not any(b"Salgado" in archive.read(name) for name in archive.namelist())


def test_alone_they_make_no_export(app: Flask, people: dict[str, Any], alice: Any, post: Any) -> None:
    (series_id,) = upload(app, people["alice"], nrrd())
    answer = post(URL, {"series": [series_id]})
    assert answer.status_code == 202
    run_queued(app)
    job = alice.get(f"/api/v1/jobs/{answer.json['job']}", headers={"Accept-Language": "en"}).json
    assert (job["state"], job["error"]) == ("failed", REASON)


def test_the_page_of_choices_opens(app: Flask, people: dict[str, Any], alice: Any) -> None:
    (series_id,) = upload(app, people["alice"], nrrd())
    assert alice.get(f"/anonymise?series={series_id}").status_code == 200


def test_a_preview_says_why_there_is_none(app: Flask, people: dict[str, Any], post: Any) -> None:
    (series_id,) = upload(app, people["alice"], gz(nifti1()))
    answer = post(f"{URL}/preview", {"series": series_id, "image": 1})
    assert answer.json["error"]["message"] == REASON
