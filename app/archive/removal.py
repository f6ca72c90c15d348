"""Removal: rows and files go together, rows first.

A file may be needed by a row that somebody enters at that moment; so files go in a second writing
transaction that looks once more. What a crash leaves between the two is swept at the next start.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select

from app.archive import audit, jobs, masks, volumes
from app.archive.deletions import note_deleted
from app.archive.registration import in_portions, known_hashes
from app.archive.writing import begin_write
from app.models import Instance, Job, Patient, Segmentation, Series, Study, User, db
from app.storage.store import Store


def remove_study(user: User, study: Study, store: Store, *, address: str = "") -> None:
    """Remove the study with everything in it, in *user*'s name. Commits."""
    owner_id, study_id, actor_id = study.owner_id, study.id, user.id
    begin_write(owner_id)
    series_ids = list(db.session.scalars(select(Series.id).where(Series.study_row_id == study_id)))
    hashes = _hashes_of(series_ids)
    _cancel_jobs(owner_id, series_ids)
    # Statements, not objects: the database's keys cascade, whatever the session has loaded.
    _delete(Study, Study.id == study_id)
    _remove_empty_patients(owner_id)
    note_deleted(owner_id, series_ids)
    audit.record(
        "delete_study",
        actor_id=actor_id,
        object_kind="study",
        object_id=study_id,
        address=address,
        series=len(series_ids),
        instances=len(hashes),
    )
    db.session.commit()
    _remove_files(owner_id, series_ids, hashes, store)


def remove_series(user: User, series: Series, store: Store, *, address: str = "") -> None:
    """Remove the series, and its study when nothing else is in it, in *user*'s name. Commits."""
    owner_id, series_id, study_id, actor_id = series.owner_id, series.id, series.study_row_id, user.id
    begin_write(owner_id)
    hashes = _hashes_of([series_id])
    _cancel_jobs(owner_id, [series_id])
    _delete(Series, Series.id == series_id)
    if not db.session.scalar(select(func.count(Series.id)).where(Series.study_row_id == study_id)):
        _delete(Study, Study.id == study_id)
        _remove_empty_patients(owner_id)
    note_deleted(owner_id, [series_id])
    audit.record(
        "delete_series",
        actor_id=actor_id,
        object_kind="series",
        object_id=series_id,
        address=address,
        instances=len(hashes),
    )
    db.session.commit()
    _remove_files(owner_id, [series_id], hashes, store)


def remove_account(user: User, store: Store, *, actor_id: str | None = None, address: str = "") -> None:
    """Remove the account and everything it owns. Commits.

    Whether the account may go (the last administrator may not) is the caller's question.
    """
    owner_id = user.id
    begin_write(owner_id)
    series_ids = list(db.session.scalars(select(Series.id).where(Series.owner_id == owner_id)))
    job_ids = list(db.session.scalars(select(Job.id).where(Job.owner_id == owner_id)))
    instances = db.session.scalar(select(func.count(Instance.id)).where(Instance.owner_id == owner_id))
    # Also those on series of others: their rows go with the account, and their files must.
    drawn = db.session.execute(
        select(Segmentation.series_row_id, Segmentation.id).where(Segmentation.user_id == owner_id)
    ).all()
    audit.record(
        "account_deleted",
        actor_id=actor_id or owner_id,
        object_kind="user",
        object_id=owner_id,
        address=address,
        instances=instances,
    )
    # Every row of the account hangs on it by a key that cascades. Its jobs go too: their workers
    # notice at the next step.
    _delete(User, User.id == owner_id)
    db.session.commit()
    store.remove_originals(owner_id)
    for drawn_on, segmentation_id in drawn:
        store.remove_segmentation(drawn_on, segmentation_id)
    for series_id in series_ids:
        _forget(series_id, store)
    for job_id in job_ids:
        store.remove_results(job_id)


def discard_unused(owner_id: str, hashes: Iterable[str], store: Store) -> None:
    """Remove those originals that no row of the owner refers to. Commits."""
    begin_write(owner_id)
    wanted = set(hashes)
    for sha256 in wanted - known_hashes(owner_id, wanted):
        store.original(owner_id, sha256).unlink(missing_ok=True)
    db.session.commit()


def _hashes_of(series_ids: Sequence[str]) -> list[str]:
    return [
        sha256
        for portion in in_portions(series_ids)
        for sha256 in db.session.scalars(select(Instance.sha256).where(Instance.series_row_id.in_(portion)))
    ]


def _cancel_jobs(owner_id: str, series_ids: Sequence[str]) -> None:
    """Cancel what is being made of the series: nobody will read it."""
    for job in volumes.active_jobs(owner_id, set(series_ids)):
        jobs.cancel(job)


def _remove_empty_patients(owner_id: str) -> None:
    with_studies = select(Study.patient_row_id).where(Study.owner_id == owner_id)
    _delete(Patient, Patient.owner_id == owner_id, Patient.id.not_in(with_studies))


def _delete(table: type[Any], *conditions: ColumnElement[bool]) -> None:
    db.session.execute(delete(table).where(*conditions).execution_options(synchronize_session=False))


def _remove_files(owner_id: str, series_ids: Sequence[str], hashes: Sequence[str], store: Store) -> None:
    discard_unused(owner_id, hashes, store)
    for series_id in series_ids:
        _forget(series_id, store)


def _forget(series_id: str, store: Store) -> None:
    volumes.forget(series_id)
    masks.forget(series_id)
    store.remove_series(series_id)
