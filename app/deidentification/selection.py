"""What a user chose to anonymise: series he may read, with their images counted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import defer

from app.archive.access import series_for, study_for, visible_studies
from app.archive.errors import NotFound
from app.deidentification.faults import InvalidOrder
from app.imaging.errors import N_
from app.models import Instance, Series, Study, User, db

MOST_SERIES = 500
STUDIES_PER_PAGE = 100


@dataclass(frozen=True)
class ChosenSeries:
    """A series with the number and the bytes of its instances."""

    series: Series
    images: int
    size: int


@dataclass(frozen=True)
class ChosenStudy:
    """A study of the list to choose from."""

    study: Study
    modalities: tuple[str, ...]
    images: int


def choose(user: User, study_ids: Iterable[str], series_ids: Iterable[str]) -> list[ChosenSeries]:
    """The series named, and all series of the studies named, each once, in the order of naming.

    Raises
    ------
    NotFound
        One of them is not there, or not the user's to read.
    InvalidOrder
        Nothing is named, or too much.
    """
    chosen: dict[str, Series] = {}
    for study_id in dict.fromkeys(study_ids):
        chosen |= {series.id: series for series in study_for(user, study_id).series}
    for series_id in dict.fromkeys(series_ids):
        chosen.setdefault(series_id, series_for(user, series_id))
    if len(chosen) > MOST_SERIES:
        raise InvalidOrder("series", N_("At most %(most)s series go into one export."), most=MOST_SERIES)
    counted = [one for one in counted_series(list(chosen.values())) if one.images]
    if not counted:
        raise InvalidOrder("series", N_("Choose at least one study or series with images."))
    return counted


def counted_series(series: Sequence[Series]) -> list[ChosenSeries]:
    """*series* with their counts, in one query."""
    statement = (
        select(Instance.series_row_id, func.count(Instance.id), func.sum(Instance.size))
        .where(Instance.series_row_id.in_([one.id for one in series]))
        .group_by(Instance.series_row_id)
    )
    counts = {row_id: (count, int(size)) for row_id, count, size in db.session.execute(statement)}
    return [ChosenSeries(one, *counts.get(one.id, (0, 0))) for one in series]


def instances_of(series: Series) -> list[Instance]:
    """The instances in the order in which they are numbered and exported."""
    statement = select(Instance).where(Instance.series_row_id == series.id)
    return list(db.session.scalars(statement.order_by(Instance.instance_number, Instance.id)))


def instance_at(series: Series, image: int) -> Instance:
    """The instance with this place, from 1, in the order of :func:`instances_of`."""
    statement = select(Instance).where(Instance.series_row_id == series.id)
    statement = statement.order_by(Instance.instance_number, Instance.id).offset(image - 1).limit(1)
    found: Instance | None = db.session.scalar(statement) if image >= 1 else None
    if found is None:
        raise NotFound
    return found


def list_studies(user: User, page: int) -> tuple[list[ChosenStudy], int]:
    """A page of the studies *user* may read, newest first, and the number of pages."""
    mine = visible_studies(user)
    total = db.session.scalar(select(func.count(Study.id)).where(mine)) or 0
    statement = select(Study).where(mine).order_by(Study.is_demo, Study.created_at.desc(), Study.id)
    studies = db.session.scalars(
        statement.limit(STUDIES_PER_PAGE).offset((page - 1) * STUDIES_PER_PAGE)
    ).all()
    rows = select(Series).options(defer(Series.parts)).where(Series.study_row_id.in_([s.id for s in studies]))
    counted = counted_series(db.session.scalars(rows).all())
    listed = [_chosen_study(study, counted) for study in studies]
    return listed, -(-total // STUDIES_PER_PAGE)


def _chosen_study(study: Study, counted: Iterable[ChosenSeries]) -> ChosenStudy:
    own = [one for one in counted if one.series.study_row_id == study.id]
    modalities = sorted({one.series.modality for one in own if one.series.modality})
    return ChosenStudy(study, tuple(modalities), sum(one.images for one in own))
