"""What a reader keeps for every series: named curves of greys, and habits. Verbs that write commit."""

import sys
from typing import Any

from sqlalchemy import func, select

from app.archive.errors import BadParameter, NotFound
from app.archive.readers import TooMuch, delete_own, encoded_size, json_object, writing
from app.imaging.curve import Curve
from app.imaging.errors import N_
from app.imaging.marks import check_text
from app.models import GreyCurve, User, ViewerPreference, db

MOST_CURVES = 100
MOST_PREFERENCES = 16 * 1024
LONGEST_NAME = 80
_LONGEST_UNIT = 32
_LONGEST_KEY = 64
_MOST = sys.float_info.max


def curves_of(user: User) -> list[dict[str, Any]]:
    """The reader's curves in the order in which they were made."""
    curves = db.session.scalars(
        select(GreyCurve).where(GreyCurve.user_id == user.id).order_by(GreyCurve.created_at, GreyCurve.id)
    )
    return [curve_answer(curve) for curve in curves]


def put_curve(user: User, curve_id: str, given: object) -> GreyCurve:
    """Keep a curve of greys (:mod:`app.imaging.curve`) under the id that the browser gave it.

    Raises
    ------
    NotFound
        The id is that of somebody else's.
    InvalidMark, BadParameter, InvalidCurve, TooMuch
    """
    body = json_object("curve", given)
    name = check_text("name", body.get("name"), LONGEST_NAME).strip()
    if not name:
        raise BadParameter("name", N_("%(field)s is empty; a name is wanted."), "")
    unit = check_text("unit", body.get("unit", ""), _LONGEST_UNIT)
    points = Curve(_curve_points(body.get("points"))).points
    with writing(user):
        row = db.session.get(GreyCurve, curve_id, populate_existing=True)
        if row is not None and row.user_id != user.id:
            raise NotFound
        if row is None:
            count = select(func.count()).select_from(GreyCurve).where(GreyCurve.user_id == user.id)
            if (db.session.scalar(count) or 0) >= MOST_CURVES:
                template = N_("There are %(found)s curves already; at most %(most)s are kept.")
                raise TooMuch("curves", template, MOST_CURVES, MOST_CURVES)
            row = GreyCurve(id=curve_id, user_id=user.id)
        row.name, row.unit, row.points = name, unit, [list(point) for point in points]
        db.session.add(row)
    return row


def delete_curve(user: User, curve_id: str) -> None:
    """As :func:`delete_mark`, for a curve."""
    with writing(user):
        delete_own(db.session.get(GreyCurve, curve_id), user)


def preferences_of(user: User) -> dict[str, Any]:
    """The reader's habits; empty until he has any."""
    kept = db.session.get(ViewerPreference, user.id)
    return dict(kept.preferences) if kept else {}


def change_preferences(user: User, changes: object) -> dict[str, Any]:
    """Keep the keys of *changes*, forget those that are None, leave the others; all of them as they are then.

    Raises
    ------
    BadParameter, TooMuch
    """
    wanted = json_object("preferences", changes)
    for key in wanted:
        if not 0 < len(key) <= _LONGEST_KEY:
            template = N_("%(field)s has a key “%(found)s”; 1 to %(most)s characters are wanted.")
            raise BadParameter("preferences", template, key, most=_LONGEST_KEY)
    with writing(user):
        row = db.session.get(ViewerPreference, user.id, populate_existing=True)
        if row is None:
            row = ViewerPreference(user_id=user.id, preferences={})
        merged = {key: value for key, value in (row.preferences | wanted).items() if value is not None}
        encoded_size("preferences", merged, MOST_PREFERENCES)
        row.preferences = merged
        db.session.add(row)
    return merged


def curve_answer(curve: GreyCurve) -> dict[str, Any]:
    """A curve for its reader."""
    return {"id": curve.id, "name": curve.name, "unit": curve.unit, "points": curve.points}


def _curve_points(found: object) -> tuple[tuple[float, float], ...]:
    if isinstance(found, list) and all(_is_pair(point) for point in found):
        return tuple((point[0], point[1]) for point in found)
    template = N_("%(field)s are “%(found)s”; a list of pairs of numbers is wanted.")
    raise BadParameter("points", template, str(found))


def _is_pair(point: object) -> bool:
    return isinstance(point, list) and len(point) == 2 and all(map(_is_number, point))


def _is_number(found: object) -> bool:
    """Whether a curve may look at it: whole numbers of JSON may be too large for a float."""
    return isinstance(found, int | float) and not isinstance(found, bool) and not abs(found) > _MOST
