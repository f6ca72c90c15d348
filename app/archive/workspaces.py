"""What a reader makes of a series: kept as it happens, for him alone.

Everything here is for the one account: also where several may read a series, each has his own marks and
his own layout. Verbs that write commit.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from app.archive.access import series_for
from app.archive.errors import BadParameter, Conflict, NotFound
from app.archive.habits import curves_of, preferences_of
from app.archive.readers import TooMuch, delete_own, encoded_size, json_object, writing
from app.imaging.errors import N_
from app.imaging.marks import check_mark
from app.models import Mark, Series, User, Workspace, db, utc_now

KIB = 1024
MOST_STATE = 64 * KIB
MOST_MARK = 384 * KIB  # an outline of 5000 points with all digits of their coordinates has 310
MOST_MARKS = 2000  # of a reader on one series
MOST_MARK_BYTES = 64 * KIB * KIB  # of a reader on all series
_PARTS_BEFORE_PREPARED = 16
# What the server tells of a mark, and what the address says: not part of it.
_TOLD = frozenset(("id", "series_id", "part", "revision", "created_at", "updated_at", "saved_at"))


class StaleMark(Conflict):
    """The mark was changed or deleted since; ``present`` holds it as it is now, None where it is gone."""

    code = "stale"

    def __init__(self, mark: Mark | None) -> None:
        super().__init__(N_("The mark was changed in another window since."))
        self.present = {"mark": None if mark is None else mark_answer(mark)}


def workspace_of(user: User, series: Series, part: int) -> dict[str, Any]:
    """``state`` and ``saved_at`` (None until something was saved), ``marks``, ``curves``, ``preferences``.

    *series* is one that *user* may read. Marks stand in the order in which they were made.
    """
    kept = db.session.get(Workspace, (user.id, series.id, part))
    marks = db.session.scalars(
        select(Mark)
        .where(Mark.user_id == user.id, Mark.series_row_id == series.id, Mark.part == part)
        .order_by(Mark.created_at, Mark.id)
    )
    return {
        "state": kept.state if kept else None,
        "saved_at": kept.saved_at.isoformat() if kept else None,
        "marks": [mark_answer(mark) for mark in marks],
        "curves": curves_of(user),
        "preferences": preferences_of(user),
    }


def save_state(user: User, series_id: str, part: int, state: object) -> Workspace:
    """Keep how the reader left a part; the last one to save wins.

    Raises
    ------
    NotFound
        He may not read the series, or it has no such part.
    BadParameter, TooMuch
        *state* is no object, or is beyond :data:`MOST_STATE`.
    """
    check_part(series_for(user, series_id), part)
    kept = json_object("state", state)
    encoded_size("state", kept, MOST_STATE)
    with writing(user, series_id):
        row = db.session.get(Workspace, (user.id, series_id, part))
        if row is None:
            row = Workspace(user_id=user.id, series_row_id=series_id, part=part)
            db.session.add(row)
        row.state, row.saved_at = kept, utc_now()
    return row


def put_mark(user: User, mark_id: str, series_id: str, part: int, given: Mapping[str, Any]) -> Mark:
    """Keep a mark under the id that the browser gave it, new or in place of what it was.

    Parameters
    ----------
    given : mapping
        The mark (:mod:`app.imaging.marks`). With ``revision``, that of the mark which is to be changed, it is
        kept only if nobody changed or deleted it since; without, it is made or replaced whatever there is,
        so that undoing a deletion makes it again.

    Raises
    ------
    NotFound
        The reader may not read the series, or the id is somebody else's mark.
    InvalidMark, BadParameter, TooMuch
        It is no mark, or there are too many.
    StaleMark
        ``revision`` is not that of today.
    Conflict
        The id is that of a mark on another series.
    """
    check_part(series_for(user, series_id), part)
    data = {name: value for name, value in given.items() if name not in _TOLD}
    check_mark(data)
    size = encoded_size("mark", data, MOST_MARK)
    revision = _revision(given.get("revision"))
    with writing(user, series_id):
        row = db.session.get(Mark, mark_id, populate_existing=True)
        if row is not None and row.user_id != user.id:
            raise NotFound
        if revision is not None and (row is None or row.revision != revision):
            raise StaleMark(row)
        if row is None:
            row = Mark(id=mark_id, user_id=user.id, series_row_id=series_id, revision=0, size=0)
            _check_room(user, series_id)
        elif row.series_row_id != series_id:
            raise Conflict(N_("This mark belongs to another series."))
        _check_bytes(user, size - row.size)
        row.part, row.phase, row.kind = part, data.get("phase", 0), data["kind"]
        row.data, row.size = data, size
        row.revision, row.updated_at = row.revision + 1, utc_now()
        db.session.add(row)
    return row


def delete_mark(user: User, mark_id: str) -> None:
    """Delete a mark of the reader's; one that is not there is deleted already.

    Raises
    ------
    NotFound
        It is somebody else's.
    """
    with writing(user):
        delete_own(db.session.get(Mark, mark_id), user)


def mark_answer(mark: Mark) -> dict[str, Any]:
    """A mark for its reader: as he sent it, with what the server knows of it."""
    return mark.data | {
        "id": mark.id,
        "series_id": mark.series_row_id,
        "part": mark.part,
        "revision": mark.revision,
        "created_at": mark.created_at.isoformat(),
        "updated_at": mark.updated_at.isoformat(),
    }


def check_part(series: Series, part: int) -> None:
    """Refuse a part that a prepared series does not have; while it is made again any of the first few may be.

    Raises
    ------
    NotFound
    """
    if not 0 <= part < max(len(series.parts or ()), 1 if series.parts else _PARTS_BEFORE_PREPARED):
        raise NotFound


def _check_room(user: User, series_id: str) -> None:
    count = (
        select(func.count()).select_from(Mark).where(Mark.user_id == user.id, Mark.series_row_id == series_id)
    )
    if (db.session.scalar(count) or 0) >= MOST_MARKS:
        template = N_("There are %(found)s marks on the series already; at most %(most)s are kept.")
        raise TooMuch("marks", template, MOST_MARKS, MOST_MARKS)


def _check_bytes(user: User, more: int) -> None:
    kept = db.session.scalar(select(func.coalesce(func.sum(Mark.size), 0)).where(Mark.user_id == user.id))
    if more > 0 and int(kept or 0) + more > MOST_MARK_BYTES:
        template = N_("All marks together would have %(found)s bytes; at most %(most)s are kept.")
        raise TooMuch("marks", template, int(kept or 0) + more, MOST_MARK_BYTES)


def _revision(found: object) -> int | None:
    if found is None or (isinstance(found, int) and not isinstance(found, bool)):
        return found
    template = N_("%(field)s is “%(found)s”; a whole number is wanted.")
    raise BadParameter("revision", template, str(found))
