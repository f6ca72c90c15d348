"""The one way to a row: for a user, or NotFound.

An account sees what it owns. Beside that everybody may read, and nobody may change, the demo study.
"""

from sqlalchemy import ColumnElement, or_

from app.archive.deletions import was_deleted
from app.archive.errors import Gone, NotFound
from app.models import Job, Series, Study, User, db


def visible_studies(user: User) -> ColumnElement[bool]:
    """The condition on :class:`Study` that lists what *user* may read."""
    return or_(Study.owner_id == user.id, Study.is_demo)


def study_for(user: User, study_id: str, *, write: bool = False) -> Study:
    """The study, if *user* may read it (with *write*: change it)."""
    study = db.session.get(Study, study_id)
    if study is None or not (study.owner_id == user.id or (study.is_demo and not write)):
        raise NotFound
    return study


def series_for(user: User, series_id: str, *, write: bool = False) -> Series:
    """The series, if *user* may read its study (with *write*: change it).

    Raises
    ------
    NotFound
        Gone, a kind of it, where it was his and he deleted it.
    """
    series = db.session.get(Series, series_id)
    if series is None:
        raise Gone if was_deleted(user.id, series_id) else NotFound
    study_for(user, series.study_row_id, write=write)
    return series


def job_for(user: User, job_id: str) -> Job:
    """The job, if *user* started it."""
    job = db.session.get(Job, job_id)
    if job is None or job.owner_id != user.id:
        raise NotFound
    return job
