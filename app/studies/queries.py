"""Studies and series with their counts, in a number of queries that does not grow with the list."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Subquery, and_, case, func, or_, select
from sqlalchemy.orm import contains_eager, defer, undefer

from app.archive.access import visible_studies
from app.archive.volumes import job_key
from app.imaging.names import spellings
from app.models import Instance, Job, Patient, Series, Study, User, db
from app.studies.filters import StudyFilter

PREPARING = ("queued", "running")


@dataclass
class SeriesRow:
    """A series with what its instances add up to; ``progress`` of its volume job, 0 to 1."""

    series: Series
    instance_count: int = 0
    frame_count: int = 0
    size: int = 0
    rows: int | None = None
    columns: int | None = None
    progress: float = 0.0

    @property
    def is_preparing(self) -> bool:
        return self.series.state in PREPARING


@dataclass
class StudyRow:
    """A study with its patient and the rows of its series."""

    study: Study
    series: list[SeriesRow] = field(default_factory=list)

    @property
    def patient(self) -> Patient:
        return self.study.patient

    @cached_property
    def modalities(self) -> list[str]:
        return sorted({row.series.modality for row in self.series if row.series.modality})

    @property
    def instance_count(self) -> int:
        return sum(row.instance_count for row in self.series)

    @property
    def size(self) -> int:
        return sum(row.size for row in self.series)

    @property
    def failed_count(self) -> int:
        return sum(row.series.state == "failed" for row in self.series)

    @property
    def is_preparing(self) -> bool:
        return any(row.is_preparing for row in self.series)

    @property
    def is_stacks_only(self) -> bool:
        """Whether there are pictures but no volume."""
        states = {row.series.state for row in self.series if row.series.has_pixels}
        return states == {"stack"}

    @property
    def progress(self) -> float:
        """How much of all series is prepared, 0 to 1, weighted by their instances."""
        whole = sum(max(row.instance_count, 1) for row in self.series) or 1
        done = sum(
            max(row.instance_count, 1) * (row.progress if row.is_preparing else 1) for row in self.series
        )
        return done / whole

    @cached_property
    def best_series(self) -> Series | None:
        """What "open in viewer" opens: the greatest volume, else the greatest stack, else what comes."""
        rank = {"ready": 3, "stack": 2, "running": 1, "queued": 1}
        rows = [row for row in self.series if row.series.has_pixels and row.series.state in rank]
        best = max(rows, key=lambda row: (rank[row.series.state], row.instance_count), default=None)
        return best.series if best else None


@dataclass(frozen=True)
class StudyPage:
    """One page of a list, and how many studies the whole list has."""

    rows: list[StudyRow]
    total: int
    asked: StudyFilter

    @property
    def first(self) -> int:
        return (self.asked.page - 1) * self.asked.per_page + 1

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1

    @property
    def has_next(self) -> bool:
        return self.asked.page * self.asked.per_page < self.total


def list_studies(user: User, asked: StudyFilter) -> StudyPage:
    """The studies *user* may read that answer *asked*, in its order."""
    conditions = [visible_studies(user), *_conditions(asked)]
    total = db.session.scalar(select(func.count(Study.id)).join(Study.patient).where(*conditions)) or 0
    statement = select(Study).join(Study.patient).options(contains_eager(Study.patient)).where(*conditions)
    statement = _in_order(statement, asked)
    statement = statement.limit(asked.per_page).offset((asked.page - 1) * asked.per_page)
    studies = db.session.scalars(statement).all()
    return StudyPage(with_series(studies), total, asked)


def load_shown_parts(rows: Iterable[StudyRow]) -> None:
    """Fetch in one query the parts of the series whose picture stands for each study."""
    shown = [row.best_series.id for row in rows if row.best_series]
    db.session.scalars(select(Series).options(undefer(Series.parts)).where(Series.id.in_(shown))).all()


def study_row(study: Study) -> StudyRow:
    """*study* with all of its series, sidecars included."""
    return with_series([study], sidecars=True)[0]


def with_series(studies: Sequence[Study], *, sidecars: bool = False) -> list[StudyRow]:
    """*studies* with their series and counts: two queries, three while something is prepared."""
    rows = {study.id: StudyRow(study) for study in studies}
    for row in _series_rows(Series.study_row_id.in_(rows), sidecars=sidecars):
        rows[row.series.study_row_id].series.append(row)
    return list(rows.values())


def series_row(series: Series) -> SeriesRow:
    """*series* with its counts."""
    return _series_rows(Series.id == series.id, sidecars=True)[0]


def progress_of(user: User, study_ids: Iterable[str]) -> list[StudyRow]:
    """The state of those of *study_ids* that *user* may read."""
    statement = select(Study).where(visible_studies(user), Study.id.in_(list(study_ids)))
    return with_series(db.session.scalars(statement).all())


def modalities_of(user: User) -> list[str]:
    """Every modality that occurs in what *user* may read."""
    statement = select(Series.modality).join(Series.study).where(visible_studies(user), Series.modality != "")
    return sorted(db.session.scalars(statement.distinct()))


def count_own(user: User) -> int:
    """How many studies are *user*'s own."""
    return db.session.scalar(select(func.count(Study.id)).where(Study.owner_id == user.id)) or 0


def demo_study() -> Study | None:
    """The study everybody may read, if it has been made."""
    return db.session.scalar(select(Study).where(Study.is_demo).order_by(Study.created_at).limit(1))


def _series_rows(condition: ColumnElement[bool], *, sidecars: bool) -> list[SeriesRow]:
    counts = _instance_counts(condition)
    statement = (
        select(Series, counts)
        .outerjoin(counts, counts.c.series_row_id == Series.id)
        .where(condition)
        .order_by(case((Series.number.is_(None), 1), else_=0), Series.number, Series.created_at, Series.id)
    )
    if not sidecars:
        statement = statement.options(defer(Series.parts))
    rows = [_series_row(found) for found in db.session.execute(statement)]
    _add_progress([row for row in rows if row.is_preparing])
    return rows


def _instance_counts(condition: ColumnElement[bool]) -> Subquery:
    """Per series: instances, frames, bytes and the size of a picture where all agree."""
    return (
        select(
            Instance.series_row_id,
            func.count(Instance.id).label("instances"),
            func.sum(Instance.frames).label("frames"),
            func.sum(Instance.size).label("bytes"),
            _where_all_agree(Instance.rows).label("rows"),
            _where_all_agree(Instance.columns).label("columns"),
        )
        .where(Instance.series_row_id.in_(select(Series.id).where(condition)))
        .group_by(Instance.series_row_id)
        .subquery()
    )


def _where_all_agree(column: Any) -> ColumnElement[Any]:
    return case((func.min(column) == func.max(column), func.max(column)))


def _series_row(found: Row[Any]) -> SeriesRow:
    return SeriesRow(
        found.Series, found.instances or 0, found.frames or 0, found.bytes or 0, found.rows, found.columns
    )


def _add_progress(rows: list[SeriesRow]) -> None:
    """Put the progress of the volume jobs to the *rows* they work for."""
    if not rows:
        return
    by_key = {job_key(row.series.id, row.series.revision): row for row in rows}
    statement = select(Job.key, Job.progress).where(Job.key.in_(by_key), Job.state.in_(PREPARING))
    for key, fraction in db.session.execute(statement):
        by_key[key].progress = fraction


def _conditions(asked: StudyFilter) -> list[ColumnElement[bool]]:
    found = [_word_condition(word) for word in asked.words]
    if asked.modalities:
        found.append(Study.series.any(Series.modality.in_(asked.modalities)))
    if asked.from_date:
        found.append(Study.study_date >= asked.from_date)
    if asked.to_date:
        found.append(Study.study_date <= asked.to_date)
    return found


def _word_condition(word: str) -> ColumnElement[bool]:
    """*word*, in whatever spelling, somewhere in patient or study."""
    columns = (
        Patient.name,
        Patient.patient_id,
        Study.description,
        Study.accession_number,
        Study.study_id,
    )
    forms = sorted(spellings(word))
    return or_(*(column.icontains(form, autoescape=True) for column in columns for form in forms))


def _in_order(statement: Select[Any], asked: StudyFilter) -> Select[Any]:
    key = _sort_column(asked.sort_key)
    # Without a value last, whichever way; ties by arrival, so that pages never overlap.
    missing = case((key.is_(None), 1), else_=0)
    columns = [key, Study.study_time] if asked.sort_key == "date" else [key]
    wanted = [column.desc() if asked.descending else column.asc() for column in columns]
    return statement.order_by(missing, *wanted, Study.created_at.desc(), Study.id)


def _sort_column(key: str) -> ColumnElement[Any]:
    of_study = Series.study_row_id == Study.id
    instances = and_(Instance.series_row_id == Series.id, of_study)
    columns: dict[str, Any] = {
        "patient": lambda: func.nullif(func.lower(Patient.name), ""),
        "modality": lambda: select(func.min(func.nullif(Series.modality, ""))).where(of_study),
        "description": lambda: func.nullif(func.lower(Study.description), ""),
        "date": lambda: Study.study_date,
        "series": lambda: select(func.count(Series.id)).where(of_study),
        "images": lambda: select(func.count(Instance.id)).where(instances),
        "size": lambda: select(func.coalesce(func.sum(Instance.size), 0)).where(instances),
        "added": lambda: Study.created_at,
    }
    column = columns[key]()
    return column.correlate(Study).scalar_subquery() if isinstance(column, Select) else column
