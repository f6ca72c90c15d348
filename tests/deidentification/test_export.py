"""From the order to the ZIP: nothing of the patient leaves, and everything of the picture does."""

import io
import json
import os
import zipfile
from datetime import timedelta
from typing import Any

import pydicom
import pytest
from pydicom.dataset import Dataset

from app.archive.sweeping import remove_aged
from app.deidentification import export as export_module
from app.imaging.deid_fields import FIELD_BY_KEYWORD
from app.models import AuditEntry, Instance, Job, db, utc_now
from app.worker import run_queued
from tests.conftest import csrf_of, sign_in
from tests.deidentification.conftest import URL
from tests.deidentification.planted import PLANTED, SECRETS, add_series, planted_series, planted_slice


def images(archive: zipfile.ZipFile) -> list[Dataset]:
    names = sorted(name for name in archive.namelist() if name.endswith(".dcm"))
    return [pydicom.dcmread(io.BytesIO(archive.read(name))) for name in names]


def traces(archive: zipfile.ZipFile) -> list[str]:
    """Every planted secret found in any byte or name of the ZIP's entries, without regard to case."""
    found = []
    for name in archive.namelist():
        data = name.encode() + b"\n" + archive.read(name)
        for secret in SECRETS:
            spellings = {secret.encode(codec).lower() for codec in ("utf-8", "latin-1")}
            found += [f"{secret} in {name}" for spelling in spellings if spelling in data.lower()]
    return found


@pytest.mark.parametrize("preset", ["anonymous", "pseudonym", "characteristics"])
def test_no_planted_identifier_leaves(exported: Any, series_id: str, preset: str) -> None:
    archive = exported(series=[series_id], preset=preset)
    assert len(images(archive)) == 4
    assert traces(archive) == []


def test_planted_secrets_are_found_in_the_originals() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        original = io.BytesIO()
        planted_slice(0).save_as(original, enforce_file_format=True)
        archive.writestr("im000.dcm", original.getvalue())
    with zipfile.ZipFile(target) as archive:
        assert {trace.split(" in ")[0] for trace in traces(archive)} == set(SECRETS)


def test_pixels_and_geometry_stay_as_they_were(exported: Any, series_id: str) -> None:
    for before, after in zip(planted_series(), images(exported(series=[series_id])), strict=True):
        assert after.PixelData == before.PixelData
        for keyword in (
            "ImagePositionPatient",
            "ImageOrientationPatient",
            "PixelSpacing",
            "RescaleSlope",
            "RescaleIntercept",
            "InstanceNumber",
            "Modality",
        ):
            assert after[keyword].value == before[keyword].value


def test_references_point_to_the_copies(exported: Any, series_id: str) -> None:
    copies = images(exported(series=[series_id]))
    names = [copy.SOPInstanceUID for copy in copies]
    referenced = [copy.ReferencedImageSequence[0].ReferencedSOPInstanceUID for copy in copies]
    assert referenced == [names[0], names[0], names[1], names[2]]
    assert len({copy.SeriesInstanceUID for copy in copies}) == 1


def test_two_series_of_a_study_stay_in_one_study(
    exported: Any, app: Any, people: Any, series_id: str
) -> None:
    other = planted_series(2, SeriesInstanceUID="1.2.826.0.1.3680043.10.1.7")
    for k, dataset in enumerate(other):
        dataset.SOPInstanceUID = f"1.2.826.0.1.3680043.10.1.7.{k}"
    copies = images(exported(series=[series_id, add_series(app, people["alice"], other)]))
    assert len(copies) == 6
    assert len({copy.StudyInstanceUID for copy in copies}) == 1
    assert len({copy.FrameOfReferenceUID for copy in copies}) == 1
    assert len({copy.SeriesInstanceUID for copy in copies}) == 2
    assert len({copy.PatientID for copy in copies}) == 1


def test_two_exports_cannot_be_linked(exported: Any, series_id: str) -> None:
    first, second = (images(exported(series=[series_id])) for _ in range(2))
    assert {copy.SOPInstanceUID for copy in first}.isdisjoint(copy.SOPInstanceUID for copy in second)
    assert first[0].PatientID != second[0].PatientID


def test_what_the_user_writes_stands_in_every_copy(exported: Any, series_id: str) -> None:
    overrides = {"PatientName": "Caso 12", "PatientBirthDate": "1970-01-31", "PatientSex": ""}
    archive = exported(series=[series_id], preset="characteristics", overrides=overrides)
    for copy in images(archive):
        assert copy.PatientName == "Caso 12"
        assert copy.PatientBirthDate == "19700131"
        assert not copy.get("PatientSex")
        assert copy.PatientAge == "090Y"
    assert traces(archive) == []


def test_names_and_dates_of_the_zip_are_generated(
    exported: Any, alice: Any, series_id: str, app: Any
) -> None:
    archive = exported(series=[series_id])
    assert archive.namelist() == [f"ST0001/SE0001/IM{n:05d}.dcm" for n in (1, 2, 3, 4)] + [
        "report.json",
        "report.csv",
    ]
    assert {info.date_time for info in archive.infolist() if info.filename.endswith(".dcm")} == {
        (1980, 1, 1, 0, 0, 0)
    }
    with app.app_context():
        job = db.session.query(Job).one()
    with alice.get(f"/api/v1/jobs/{job.id}/result") as answer:
        disposition = answer.headers["Content-Disposition"]
    assert disposition == f"attachment; filename=triplano-anonymised-{utc_now():%Y-%m-%d}.zip"


def test_report_counts_and_names_no_original(exported: Any, series_id: str) -> None:
    archive = exported(series=[series_id], overrides={"PatientName": "Caso 12"})
    report = json.loads(archive.read("report.json"))
    assert report["edition"] == "2024b"
    assert report["images"] == 4
    assert report["refused"] == 0
    assert report["fields_set_by_hand"] == ["PatientName"]
    assert report["elements"]["removed"] > 40
    assert report["series"][0]["folder"] == "ST0001/SE0001"
    lines = archive.read("report.csv").decode().splitlines()
    assert lines[0] == "file,modality,result,removed,replaced,kept,notes"
    assert lines[1].startswith("ST0001/SE0001/IM00001.dcm,CT,copied,")
    assert len(lines) == 5


def test_originals_are_not_touched(exported: Any, app: Any, series_id: str) -> None:
    def state() -> list[tuple[str, int, bytes]]:
        folder = app.extensions["store"].root / "originals"
        return [(str(p), p.stat().st_mtime_ns, p.read_bytes()) for p in sorted(folder.rglob("*.dcm"))]

    before = state()
    exported(series=[series_id])
    assert state() == before


def test_an_image_that_cannot_be_anonymised_is_left_out_with_its_reason(
    exported: Any, app: Any, people: Any
) -> None:
    slices = planted_series(3)
    slices[1].SOPClassUID = "1.2.840.10008.5.1.4.1.1.88.33"
    archive = exported(series=[add_series(app, people["alice"], slices)])
    assert len(images(archive)) == 2
    lines = archive.read("report.csv").decode().splitlines()
    assert [line.split(",")[2] for line in lines[1:]] == ["copied", "refused", "copied"]
    assert "Structured reports" in lines[2]
    with app.app_context():
        job = db.session.query(Job).one()
        assert job.result["instances"] == 2
        assert job.message["values"]["refused"] == "1"


def test_a_name_that_only_another_image_bears_is_searched_for_too(app: Any, people: Any, post: Any) -> None:
    slices = planted_series(2)
    slices[0].PatientName = "Berrocal^Nuria"
    slices[1].FilterType = "BERROCAL"  # kept by the profile, and innocent by its own header
    post(URL, {"series": [add_series(app, people["alice"], slices)]})
    run_queued(app)
    with app.app_context():
        job = db.session.query(Job).one()
        assert job.state == "failed"
        assert job.error["values"]["place"] == "FilterType (0018,1160)"
        assert "berrocal" not in str(job.error).lower()
    assert leftovers(app) == []


def leftovers(app: Any) -> list[str]:
    root = app.extensions["store"].root
    return [
        path.name for name in ("incoming", "results") for path in (root / name).rglob("*") if path.is_file()
    ]


def test_a_cancelled_export_leaves_nothing(
    app: Any, alice: Any, post: Any, series_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = post(URL, {"series": [series_id]}).json["job"]
    made = export_module.add_file

    def cancel_then_add(*arguments: Any) -> None:
        csrf = {"X-CSRFToken": csrf_of(alice, "/anonymise")}
        alice.delete(f"/api/v1/jobs/{job_id}", headers=csrf)
        made(*arguments)

    monkeypatch.setattr(export_module, "add_file", cancel_then_add)
    run_queued(app)
    assert alice.get(f"/api/v1/jobs/{job_id}").json["state"] == "cancelled"
    assert alice.get(f"/api/v1/jobs/{job_id}/result").status_code == 409
    assert leftovers(app) == []


def test_an_export_cancelled_while_it_waits_leaves_nothing(
    app: Any, alice: Any, post: Any, series_id: str
) -> None:
    job_id = post(URL, {"series": [series_id]}).json["job"]
    assert leftovers(app) == [f"{job_id}.settings.json"]
    alice.delete(f"/api/v1/jobs/{job_id}", headers={"X-CSRFToken": csrf_of(alice, "/anonymise")})
    assert run_queued(app) == 0
    assert leftovers(app) == []


def test_what_a_killed_run_left_is_cleared_by_the_next(
    app: Any, alice: Any, post: Any, series_id: str
) -> None:
    job_id = post(URL, {"series": [series_id]}).json["job"]
    folder = app.extensions["store"].incoming / f"deidentify-{job_id}"
    folder.mkdir()
    (folder / "export.zip").write_bytes(b"half")
    assert alice.get(f"/api/v1/jobs/{job_id}/result").status_code == 409
    run_queued(app)
    with alice.get(f"/api/v1/jobs/{job_id}/result") as answer:
        assert answer.data[:2] == b"PK"
    assert leftovers(app) == [f"{job_id}.zip"]


def test_results_go_after_a_day(app: Any, exported: Any, series_id: str) -> None:
    exported(series=[series_id])
    store = app.extensions["store"]
    for hours, left in ((23, 1), (25, 0)):
        then = (utc_now() - timedelta(hours=hours)).timestamp()
        for path in store.results.iterdir():
            os.utime(path, (then, then))
        remove_aged(store)
        assert len(leftovers(app)) == left


def test_the_export_is_on_record_without_names(app: Any, exported: Any, people: Any, series_id: str) -> None:
    exported(series=[series_id], overrides={"PatientName": "Caso 12"})
    with app.app_context():
        entry = db.session.query(AuditEntry).filter_by(action="export").one()
        assert entry.actor_id == people["alice"]
        assert entry.detail == {"series": [series_id], "instances": 4}
        job = db.session.query(Job).one()
        assert entry.object_id == job.id
        assert "Caso 12" not in f"{job.arguments}{job.result}{job.message}"
    assert "Caso 12" not in str(leftovers(app))


def test_whole_study_is_exported_by_its_id(exported: Any, app: Any, series_id: str) -> None:
    with app.app_context():
        study_id = db.session.query(Instance).first().series.study_row_id
    assert len(images(exported(studies=[study_id]))) == 4


def test_the_same_order_twice_is_one_job(post: Any, series_id: str) -> None:
    wish = {"series": [series_id], "preset": "pseudonym", "overrides": {"PatientName": "Caso 12"}}
    first, second = post(URL, wish).json, post(URL, wish).json
    assert first == second
    assert post(URL, wish | {"preset": "anonymous"}).json != first


def test_everybody_may_export_the_demo_study(app: Any, people: Any, post: Any) -> None:
    series_id = add_series(app, people["ada"], planted_series(), is_demo=True)
    bob = sign_in(app, "bob")
    answer = post(URL, {"series": [series_id]}, client=bob)
    assert answer.status_code == 202
    run_queued(app)
    assert bob.get(f"/api/v1/jobs/{answer.json['job']}").json["state"] == "done"


def test_strangers_get_neither_order_nor_result(app: Any, alice: Any, post: Any, series_id: str) -> None:
    charlie = sign_in(app, "charlie")
    assert post(URL, {"series": [series_id]}, client=charlie).status_code == 404
    job_id = post(URL, {"series": [series_id]}).json["job"]
    run_queued(app)
    assert charlie.get(f"/api/v1/jobs/{job_id}/result").status_code == 404
    assert app.test_client().get(f"/api/v1/jobs/{job_id}/result").status_code == 401
    with alice.get(f"/api/v1/jobs/{job_id}/result") as answer:
        assert answer.status_code == 200


def test_planted_values_are_all_of_the_seventeen_fields() -> None:
    assert set(FIELD_BY_KEYWORD) <= set(PLANTED)
