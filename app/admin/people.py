"""The list of people: searched, filtered, sorted, in pages; with what each of them stores."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

from app.archive.accounts.throttle import blocked_accounts
from app.archive.errors import NotFound
from app.models import ROLES, SYSTEM_ROLE, Instance, Study, User, db

PAGE_SIZE = 25
STATES = ("active", "disabled", "waiting")
_PEOPLE = User.role != SYSTEM_ROLE


@dataclass(frozen=True)
class PeopleQuery:
    """What the page was asked to list; anything unknown is as if it were not there."""

    text: str = ""
    role: str = ""
    state: str = ""
    sort: str = "name"
    page: int = 1

    @classmethod
    def from_arguments(cls, arguments: Any) -> "PeopleQuery":
        """The query of an URL's arguments."""
        role, state, sort = (arguments.get(name, "") for name in ("role", "state", "sort"))
        return cls(
            text=arguments.get("q", "").strip()[:64],
            role=role if role in ROLES else "",
            state=state if state in STATES else "",
            sort=sort if sort in _SORTS else "name",
            page=max(1, arguments.get("page", 1, type=int)),
        )

    def arguments(self, **changes: Any) -> dict[str, Any]:
        """The URL's arguments of this query, with some changed; a change begins at page 1."""
        now = {"q": self.text, "role": self.role, "state": self.state, "sort": self.sort, "page": 1} | changes
        return {name: value for name, value in now.items() if value and (name, value) != ("page", 1)}


@dataclass(frozen=True)
class Person:
    """A row of the list."""

    user: User
    stored: int
    waits_until: datetime | None

    @property
    def state(self) -> str:
        if not self.user.is_enabled:
            return "disabled"
        return "active" if self.user.password_hash else "waiting"


@dataclass(frozen=True)
class People:
    """One page of the list."""

    rows: tuple[Person, ...]
    total: int
    query: PeopleQuery

    @property
    def first(self) -> int:
        return (self.query.page - 1) * PAGE_SIZE + 1

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1


def list_people(query: PeopleQuery) -> People:
    """The page of people that *query* asks for."""
    conditions = _conditions(query)
    total = db.session.scalar(select(func.count()).select_from(User).where(*conditions)) or 0
    pages = max(1, -(-total // PAGE_SIZE))
    query = PeopleQuery(query.text, query.role, query.state, query.sort, min(query.page, pages))
    stored = (
        select(Instance.owner_id, func.sum(Instance.size).label("bytes"))
        .group_by(Instance.owner_id)
        .subquery()
    )
    kept = func.coalesce(stored.c.bytes, 0)
    chosen = select(User, kept).outerjoin(stored, stored.c.owner_id == User.id).where(*conditions)
    order = kept.desc() if query.sort == "storage" else _SORTS[query.sort]
    chosen = chosen.order_by(order, User.name).limit(PAGE_SIZE).offset((query.page - 1) * PAGE_SIZE)
    waiting = blocked_accounts()
    rows = tuple(Person(user, size, waiting.get(user.name)) for user, size in db.session.execute(chosen))
    return People(rows, total, query)


@dataclass(frozen=True)
class Totals:
    """The line under the heading."""

    accounts: int
    teachers: int
    stored: int


def totals() -> Totals:
    """How many there are, whatever the list shows."""
    accounts = db.session.scalar(select(func.count()).select_from(User).where(_PEOPLE)) or 0
    teachers = db.session.scalar(select(func.count()).select_from(User).where(User.role == "teacher")) or 0
    stored = db.session.scalar(
        select(func.coalesce(func.sum(Instance.size), 0))
        .join(User, User.id == Instance.owner_id)
        .where(_PEOPLE)
    )
    return Totals(accounts, teachers, int(stored or 0))


def person(user_id: str) -> User:
    """The account of this id, if it is somebody's."""
    user = db.session.get(User, user_id)
    if user is None or user.role == SYSTEM_ROLE:
        raise NotFound
    return user


def wait_of(user: User) -> datetime | None:
    """Until when the account must wait after wrong passwords."""
    return blocked_accounts().get(user.name)


def study_count(user: User) -> int:
    """How many studies go with the account."""
    return db.session.scalar(select(func.count()).select_from(Study).where(Study.owner_id == user.id)) or 0


def only_administrator() -> User | None:
    """The last administrator, whom nobody may change; None while there are several."""
    found = db.session.scalars(
        select(User).where(User.role == "admin", User.is_enabled.is_(True)).limit(2)
    ).all()
    return found[0] if len(found) == 1 else None


def _conditions(query: PeopleQuery) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [_PEOPLE]
    if query.text:
        conditions.append(
            or_(
                User.name.icontains(query.text, autoescape=True),
                User.full_name.icontains(query.text, autoescape=True),
            )
        )
    if query.role:
        conditions.append(User.role == query.role)
    if query.state:
        conditions.append(_STATES[query.state])
    return conditions


_SORTS: dict[str, Any] = {
    "name": func.lower(func.coalesce(func.nullif(User.full_name, ""), User.name)),
    "role": User.role,
    "storage": None,  # of the joined sum
    "seen": User.last_seen_at.desc().nulls_last(),
}
_STATES: dict[str, ColumnElement[bool]] = {
    "active": User.is_enabled.is_(True) & (User.password_hash != ""),
    "disabled": User.is_enabled.is_(False),
    "waiting": User.is_enabled.is_(True) & (User.password_hash == ""),
}
