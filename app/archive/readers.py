"""What the verbs on a reader's own things share: one writer at a time, and JSON within bounds."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy.exc import IntegrityError

from app.archive.access import series_for
from app.archive.errors import BadParameter, Conflict, NotFound
from app.archive.writing import begin_write
from app.imaging.errors import N_, LimitExceeded
from app.models import GreyCurve, Mark, User, db

_DEEPEST = 32


class TooMuch(LimitExceeded):
    """More than is kept for a reader; ``field`` says of what."""

    def __init__(self, field: str, template: str, found: int, most: int) -> None:
        super().__init__(template, field=field, found=found, most=most)
        self.field = field


@contextmanager
def writing(user: User, series_id: str | None = None) -> Iterator[None]:
    """Write as the only writer and commit; nothing stays behind of what fails.

    Between looking and writing nobody else may write: counts and revisions are compared here.
    """
    is_there = begin_write(user.id)
    try:
        if not is_there:
            raise NotFound  # the account was deleted since it was asked who sends this
        yield
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        if series_id is not None:
            series_for(user, series_id)  # it was deleted since, most likely, and this says so
        raise Conflict(N_("Something changed in the meantime. Reload the page and try again.")) from None
    except Exception:
        db.session.rollback()
        raise


def delete_own(row: Mark | GreyCurve | None, user: User) -> None:
    """Delete a row of the reader's; one that is not there is deleted already.

    Raises
    ------
    NotFound
        It is somebody else's.
    """
    if row is None:
        return
    if row.user_id != user.id:
        raise NotFound
    db.session.delete(row)


def json_object(field: str, found: object) -> dict[str, Any]:
    """*found*, if it is an object of JSON.

    Raises
    ------
    BadParameter
    """
    if not isinstance(found, dict):
        template = N_("%(field)s is “%(found)s”; an object is wanted.")
        raise BadParameter(field, template, "null" if found is None else str(found))
    return found


def encoded_size(field: str, value: dict[str, Any], most: int) -> int:
    """The length of *value* as it is kept.

    Raises
    ------
    BadParameter
        It holds what JSON has not (NaN, infinity), or is nested too deep.
    TooMuch
    """
    _check_depth(field, value)
    try:
        size = len(json.dumps(value, allow_nan=False))
    except ValueError:
        template = N_("%(field)s holds a number that is not finite.")
        raise BadParameter(field, template, "") from None
    if size > most:
        raise TooMuch(field, N_("%(field)s has %(found)s bytes; at most %(most)s are kept."), size, most)
    return size


def _check_depth(field: str, value: object) -> None:
    level: list[Any] = [value]
    for _ in range(_DEEPEST):
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            return
    raise BadParameter(field, N_("%(field)s is nested too deep."), "")
