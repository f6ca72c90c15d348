"""Two series side by side: which second one an address means, which there are, whether their places agree."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import select

from app.archive import volumes
from app.archive.access import series_for, visible_studies
from app.archive.addressing import query_of, read_shown
from app.archive.errors import Conflict
from app.archive.parts import main_part
from app.archive.sliceheaders import slice_header
from app.archive.volumes import Shown
from app.i18n import tell
from app.imaging.errors import N_
from app.models import Series, Study, User, db
from app.storage.store import Store

MAX_CANDIDATES = 100
_PREFIX = "with_"
_NO_IMAGES = N_("This series has no images to compare with.")


@dataclass(frozen=True)
class Candidate:
    """A series to compare with: its words, its picture where there is one, the address of the comparison."""

    title: str
    detail: str
    modality: str
    thumbnail_url: str | None
    url: str
    is_shown: bool


@dataclass(frozen=True)
class StudyOfCandidates:
    """A study of the same patient with the series to compare with; the shown study comes first."""

    title: str
    date: str
    is_own: bool
    series: tuple[Candidate, ...]


def second_shown(user: User, store: Store, arguments: Mapping[str, str]) -> Shown | None:
    """What the address compares with, in its ``with``, ``with_part``, ``with_phase`` and ``with_as``.

    Raises
    ------
    BadParameter
    NotFound
        The user may not read that series, or it has no such part.
    Conflict
        It is not prepared, or has no images.
    """
    if not arguments.get("with"):
        return None
    series = series_for(user, arguments["with"])
    own = {name.removeprefix(_PREFIX): text for name, text in arguments.items() if name.startswith(_PREFIX)}
    second = read_shown(series, own)
    if not second.is_volume and not volumes.stack_of(second, store).frames:
        raise Conflict(_NO_IMAGES)
    return second


def frame_token(shown: Shown, store: Store, secret: bytes) -> str | None:
    """The same text for series in the same frame of reference; None where it is not stated, or not one.

    The UID itself could lead to the patient: pages do not show it.
    """
    uid = _frame_of_reference_uid(shown, store)
    if uid is None:
        return None
    key = hashlib.sha256(b"frame of reference" + secret).digest()
    return hashlib.blake2b(uid.encode(), key=key, digest_size=9).hexdigest()


def _frame_of_reference_uid(shown: Shown, store: Store) -> str | None:
    if shown.is_volume:
        header = volumes.load(shown, store).header
        return None if header.spacing_source == "none" else header.frame_of_reference_uid
    headers = [slice_header(frame.path, frame.frame) for frame in volumes.stack_of(shown, store).frames]
    found = {header.frame_of_reference_uid if header else None for header in headers}
    return found.pop() if len(found) == 1 else None


def stop_url(shown: Shown) -> str:
    """Where the first series is shown alone."""
    return _viewer_url(shown, {})


def candidates(user: User, store: Store, shown: Shown, second: Shown | None) -> list[StudyOfCandidates]:
    """The prepared series of the same patient that *user* may read, the shown study's first."""
    own = shown.series.study
    found = db.session.scalars(
        select(Series)
        .join(Study)
        .where(visible_studies(user), Study.patient_row_id == own.patient_row_id)
        .where(Series.id != shown.series.id, Series.has_pixels, Series.state.in_(("ready", "stack")))
        .order_by(Study.id != own.id, Study.study_date.desc(), Study.id, Series.number, Series.created_at)
        .limit(MAX_CANDIDATES)
    ).all()
    by_study: dict[str, list[Series]] = {}
    for series in found:
        by_study.setdefault(series.study_row_id, []).append(series)
    return [_study(group, store, shown, second) for group in by_study.values()]


def _study(group: list[Series], store: Store, shown: Shown, second: Shown | None) -> StudyOfCandidates:
    study = group[0].study
    return StudyOfCandidates(
        title=study.description,
        date=study.study_date.isoformat() if study.study_date else study.study_date_text,
        is_own=study.id == shown.series.study_row_id,
        series=tuple(_candidate(series, store, shown, second) for series in group),
    )


def _candidate(series: Series, store: Store, shown: Shown, second: Shown | None) -> Candidate:
    number = "" if series.number is None else str(_("Series %(number)s", number=series.number))
    has_picture = volumes.thumbnail_path(series, store).is_file()
    picture = url_for("viewer.thumbnail", series_id=series.id, rev=series.revision)
    return Candidate(
        title=series.description or series.modality or str(_("No name")),
        detail=" · ".join(text for text in (number, series.body_part, tell(series.reason)) if text),
        modality=series.modality,
        thumbnail_url=picture if has_picture else None,
        url=_viewer_url(shown, {"with": series.id}),
        is_shown=second is not None and second.series.id == series.id,
    )


def _viewer_url(shown: Shown, more: dict[str, str]) -> str:
    query: dict[str, Any] = query_of(shown, is_default=shown.part == main_part(shown.series)) | more
    return url_for("viewer.view", series_id=shown.series.id, **query)
