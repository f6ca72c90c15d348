"""Uploads become rows and files together, or not at all."""

import threading
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from app.archive import ingest as module
from app.archive.errors import NotFound, QuotaExceeded, StorageFull
from app.archive.ingest import check_room, ingest
from app.archive.room import storage_used
from app.archive.upload import UploadReport
from app.imaging.errors import LimitExceeded
from app.models import AuditEntry, Instance, Job, Patient, Study, User, db
from tests.archive.conftest import Archive, dicom, series_of, zip_of


def test_a_series_becomes_one_study_with_a_job(archive: Archive) -> None:
    report = archive.take(series_of(3))
    assert report == UploadReport(3, (), (), (archive.study.id,), (archive.series.id,))
    assert (archive.series.state, archive.series.revision, archive.series.modality) == ("queued", 1, "CT")
    assert archive.study.patient.name == "Phantom^Hand"
    job = db.session.scalars(db.select(Job)).one()
    assert (job.kind, job.state, job.arguments["series_id"]) == ("volume", "queued", archive.series.id)
    assert (len(archive.originals()), archive.left_over()) == (3, [])


def test_originals_are_the_received_bytes(archive: Archive) -> None:
    archive.take({"a.dcm": dicom()})
    (original,) = archive.originals()
    assert original.read_bytes() == dicom()


def test_the_same_files_again_are_duplicates(archive: Archive) -> None:
    archive.take(series_of(3))
    report = archive.take(series_of(3))
    assert (report.accepted, report.duplicates, report.refused) == (
        0,
        ("CT/im0.dcm", "CT/im1.dcm", "CT/im2.dcm"),
        (),
    )
    assert (report.study_ids, report.series_ids) == ((archive.study.id,), (archive.series.id,))
    assert (archive.instance_count, archive.series.revision) == (3, 1)


def test_the_same_file_twice_in_one_upload_is_one_instance(archive: Archive) -> None:
    report = archive.take({"a.dcm": dicom(), "b.dcm": dicom(), "z.zip": zip_of({"c.dcm": dicom()})})
    assert (report.accepted, report.duplicates) == (1, ("b.dcm", "z.zip/c.dcm"))


def test_other_bytes_under_a_known_uid_are_refused(archive: Archive) -> None:
    archive.take({"a.dcm": dicom()})
    reasons = archive.reasons({"b.dcm": dicom(StudyDescription="changed")})
    assert reasons == {
        "b.dcm": "Another file with the same SOP Instance UID (0008,0018) is already here, "
        "with different contents. It was kept."
    }
    assert archive.instance_count == 1


def test_each_owner_has_an_instance_of_his_own(archive: Archive, other_archive: Archive) -> None:
    assert archive.take(series_of(2)).accepted == 2
    assert other_archive.take(series_of(2)).accepted == 2
    assert archive.instance_count == 4
    assert len(archive.originals()) == 4
    assert db.session.scalar(db.select(db.func.count(Study.id))) == 2


def test_a_growing_series_gets_one_new_revision(archive: Archive) -> None:
    archive.take(series_of(2))
    archive.take(series_of(5))
    assert (archive.instance_count, archive.series.revision, archive.series.state) == (5, 2, "queued")
    assert db.session.scalar(db.select(db.func.count(Job.id))) == 2


def test_what_is_bad_is_refused_and_the_rest_kept(archive: Archive) -> None:
    reasons = archive.reasons(
        {
            "good.dcm": dicom(),
            "empty.dcm": b"",
            "notes.txt": b"not an image" * 50,
            "short.dcm": dicom(1)[:-20],
            "nopixels.dcm": dicom(2, PixelData=None),
            "norows.dcm": dicom(3, Rows=None),
            "huge.dcm": dicom(4, Rows=65535, Columns=65535),
            "../../evil.dcm": dicom(5),
            "nul\0.dcm": dicom(6),
            "n" * 300: dicom(7),
            "broken.zip": b"PK\x03\x04 and nothing more",
            ".DS_Store": b"Bud1",
        }
    )
    assert reasons["empty.dcm"] == "the file is empty (0 bytes)"
    assert reasons["notes.txt"] == "not a DICOM file: no DICM marker and no group 0002 or 0008 element"
    assert reasons["short.dcm"].startswith("Truncated: Pixel Data (7FE0,0010) has 20 of 40 bytes.")
    assert reasons["nopixels.dcm"] == "The image has no Pixel Data (7FE0,0010)."
    assert "Rows" in reasons["norows.dcm"]
    assert "65535 × 65535" in reasons["huge.dcm"]
    assert "leads out of its folder" in reasons["../../evil.dcm"]
    assert "NUL" in reasons["nul�.dcm"]
    assert "300 characters" in reasons["…" + "n" * 119]
    assert "damaged or incomplete" in reasons["broken.zip"]
    assert len(reasons) == 10
    assert archive.instance_count == 1
    assert archive.left_over() == []


def test_a_dicomdir_is_neither_taken_in_nor_refused(archive: Archive) -> None:
    uid = "1.2.840.10008.1.3.10"
    report = archive.take({"DICOMDIR": dicom(SOPClassUID=uid, PixelData=None)})
    assert (report.accepted, report.refused, report.directories[0].files) == (0, (), 0)


def test_copies_of_a_refused_file_are_refused_too(archive: Archive) -> None:
    assert set(archive.reasons({"a.txt": b"words" * 99, "b.txt": b"words" * 99})) == {"a.txt", "b.txt"}


def test_a_zip_is_taken_like_a_folder(archive: Archive) -> None:
    packed = zip_of({**series_of(3), "readme.txt": b"read me", "__MACOSX/._im0.dcm": b"x"})
    report = archive.take({"study.zip": packed})
    assert (report.accepted, report.ignored) == (3, 1)
    assert [refusal.name for refusal in report.refused] == ["study.zip/readme.txt"]
    assert archive.left_over() == []


def test_what_the_upload_did_is_on_the_audit_trail_without_names(archive: Archive) -> None:
    archive.take({**series_of(2), "x.txt": b"words" * 40}, address="10.0.0.7")
    entry = db.session.scalars(db.select(AuditEntry)).one()
    assert (entry.action, entry.actor_id, entry.address) == ("upload", archive.owner_id, "10.0.0.7")
    size = len(dicom(0)) + len(dicom(1))
    assert entry.detail == {"accepted": 2, "duplicates": 0, "refused": 1, "bytes": size}


def test_the_quota_holds_before_and_after(archive: Archive) -> None:
    size = len(dicom(0))
    tight = archive.with_settings(STORAGE_QUOTA=2 * size + 5)
    tight.take(series_of(2))
    assert storage_used(archive.owner_id) == 2 * size
    with pytest.raises(QuotaExceeded):
        tight.take({"more.dcm": dicom(2)})
    with pytest.raises(QuotaExceeded):
        check_room(archive.owner_id, size, store=archive.store, settings=tight.settings)
    assert (archive.instance_count, len(archive.originals()), archive.left_over()) == (2, 2, [])


def test_a_name_of_a_zip_lends_no_file_the_room_of_a_zip(archive: Archive) -> None:
    received = archive.receive("image.zip", dicom(0))
    tight = archive.with_settings(MAX_FILE_SIZE=received.size - 1)
    report = ingest(archive.owner_id, [received], store=archive.store, settings=tight.settings)
    assert (report.accepted, archive.left_over()) == (0, [])
    assert "larger than" in str(report.refused[0].reason)


def test_too_many_files_are_refused_as_a_whole(archive: Archive) -> None:
    with pytest.raises(LimitExceeded, match="3 files; at most 2"):
        archive.with_settings(MAX_UPLOAD_FILES=2).take(series_of(3))
    assert archive.left_over() == []


def test_a_disk_without_room_is_refused(archive: Archive) -> None:
    full = archive.with_settings(MIN_FREE_DISK=2**60)
    with pytest.raises(StorageFull):
        full.take(series_of(1))
    with pytest.raises(StorageFull):
        check_room(archive.owner_id, 1, store=archive.store, settings=full.settings)
    with pytest.raises(LimitExceeded):
        check_room(archive.owner_id, 2**50, store=archive.store, settings=archive.settings)
    assert archive.left_over() == []


def test_an_account_that_is_gone_takes_nothing(archive: Archive) -> None:
    db.session.execute(db.delete(User))
    db.session.commit()
    with pytest.raises(NotFound):
        archive.take(series_of(1))
    assert (archive.originals(), archive.left_over()) == ([], [])


def test_a_failed_transaction_leaves_neither_rows_nor_files(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object, **_more: object) -> None:
        raise OperationalError("commit", {}, Exception("disk I/O error"))

    monkeypatch.setattr(module, "places_of", fail)  # after the files were moved, before the commit
    with pytest.raises(OperationalError):
        archive.take(series_of(2))
    monkeypatch.undo()
    assert (archive.instance_count, archive.originals(), archive.left_over()) == (0, [], [])
    assert archive.take(series_of(2)).accepted == 2


def test_a_failed_transaction_keeps_what_was_there_before(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.take(series_of(1))
    monkeypatch.setattr(module, "known_hashes", lambda *_arguments: set())  # as if two came at once
    report = archive.take(series_of(2))
    assert (report.accepted, report.duplicates) == (1, ("CT/im0.dcm",))
    assert len(archive.originals()) == 2


def test_concurrent_uploads_of_the_same_files_end_well(app: Flask, archive: Archive) -> None:
    reports: list[UploadReport] = []
    faults: list[BaseException] = []

    def upload() -> None:
        with app.app_context():
            try:
                reports.append(archive.take(series_of(6)))
            except BaseException as fault:
                faults.append(fault)

    run_together([upload] * 6)
    assert faults == []
    assert sum(report.accepted for report in reports) == 6
    assert sum(len(report.duplicates) for report in reports) == 30
    assert {report.series_ids for report in reports} == {(archive.series.id,)}
    assert (archive.instance_count, len(archive.originals()), archive.left_over()) == (6, 6, [])


def test_writers_of_different_owners_wait_for_each_other(
    app: Flask, archive: Archive, other_archive: Archive
) -> None:
    faults: list[BaseException] = []

    def upload(mine: Archive, first: int) -> None:
        with app.app_context():
            try:
                for k in range(first, first + 4):
                    mine.take({f"{k}.dcm": dicom(k)})
            except BaseException as fault:
                faults.append(fault)

    work: list[Any] = [
        lambda mine=mine, first=first: upload(mine, first)
        for mine in (archive, other_archive)
        for first in (0, 4, 8)
    ]
    run_together(work)
    assert faults == []
    assert archive.instance_count == 24


def test_patients_of_one_id_and_other_names_stay_apart(archive: Archive) -> None:
    archive.take({"a": dicom(0), "b": dicom(1, StudyInstanceUID="1.2.9", PatientName="Other^Name")})
    assert db.session.scalar(db.select(db.func.count(Patient.id))) == 2


@pytest.mark.filterwarnings("ignore:The value length")
def test_long_texts_fit_their_columns(archive: Archive) -> None:
    archive.take({"a": dicom(0, AccessionNumber="A" * 100, BodyPartExamined="B" * 100, SeriesNumber=2**40)})
    assert (len(archive.study.accession_number), len(archive.series.body_part)) == (64, 64)
    assert archive.series.number is None
    assert db.session.scalars(db.select(Instance)).one().rows == 4


def run_together(work: list[Any]) -> None:
    threads = [threading.Thread(target=task) for task in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_nothing_on_disk_is_named_after_what_was_sent(archive: Archive, tmp_path: Path) -> None:
    archive.take({"Phantom-Hand.dcm": dicom()})
    assert not [path for path in tmp_path.rglob("*") if "Phantom" in path.name]
