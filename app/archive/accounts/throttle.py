"""Guessing slowed down: attempts are counted before the password is looked at.

Each attempt counts for an account at an address, for the account at any address, and for the address.
A classroom shares one address and a stranger must not lock somebody out with five wrong words, so the
second and third may fail more often. Beyond what is free the wait doubles from a minute to a quarter of
an hour; nothing is locked for good, and an hour of silence forgets. The rows are shared by all workers.
"""

import hashlib
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import case, delete, or_, update
from sqlalchemy.exc import IntegrityError

from app.archive.accounts.people import normal_name
from app.models import SignInThrottle, db, utc_now

FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=1)


@dataclass(frozen=True)
class Counter:
    """A row that counts, and how many attempts it lets pass before anybody must wait."""

    key: str
    free: int


def sign_in_counters(name: str, address: str) -> tuple[Counter, ...]:
    """What an attempt to sign in as *name* from *address* counts for."""
    account, place = f"account:{normal_name(name)[:64]}", _network(address)
    mark = hashlib.sha256(place.encode()).hexdigest()[:12]
    return Counter(f"{account}|{mark}", 5), Counter(account, 20), Counter(f"address:{place}", 30)


def register_counters(address: str) -> tuple[Counter, ...]:
    """What making an account from *address* counts for."""
    return (Counter(f"register:{_network(address)}", 60),)


def attempt(counters: Sequence[Counter], now: datetime | None = None) -> int:
    """Count an attempt and commit; the seconds to wait, 0 when it may go on."""
    now = now or utc_now()
    waits = [_seconds_left(counter, now) for counter in counters]
    if not any(waits):
        waits = [_count(counter, now) for counter in counters]
    db.session.commit()
    return max(waits, default=0)


def take_back(counters: Sequence[Counter]) -> None:
    """The attempt succeeded: the first counter is cleared, the others forget this one attempt.

    They are not cleared, else somebody with an account of his own could reset his address at will.
    """
    first, *others = counters
    db.session.execute(delete(SignInThrottle).where(SignInThrottle.key == first.key))
    for counter in others:
        db.session.execute(
            update(SignInThrottle)
            .where(SignInThrottle.key == counter.key, SignInThrottle.failures > 0)
            .values(failures=SignInThrottle.failures - 1, blocked_until=None)
        )


def unlock(name: str) -> int:
    """Let the account try again at once, wherever it is; how many counters were cleared."""
    account = f"account:{normal_name(name)[:64]}"
    mine = or_(
        SignInThrottle.key == account,
        SignInThrottle.key.startswith(f"{account}|", autoescape=True),
    )
    return len(db.session.scalars(delete(SignInThrottle).where(mine).returning(SignInThrottle.key)).all())


def blocked_accounts(now: datetime | None = None) -> dict[str, datetime]:
    """The names that must wait somewhere, with until when."""
    rows = db.session.query(SignInThrottle).filter(
        SignInThrottle.key.startswith("account:"), SignInThrottle.blocked_until > (now or utc_now())
    )
    waiting: dict[str, datetime] = {}
    for row in rows:
        name = row.key.removeprefix("account:").partition("|")[0]
        until = row.blocked_until
        if until is not None:
            waiting[name] = max(until, waiting.get(name, until))
    return waiting


def _seconds_left(counter: Counter, now: datetime) -> int:
    row = db.session.get(SignInThrottle, counter.key, populate_existing=True)
    if row is None or row.blocked_until is None or row.blocked_until <= now:
        return 0
    return ceil((row.blocked_until - now).total_seconds())


def _count(counter: Counter, now: datetime) -> int:
    """Count one attempt in the database itself, so that parallel ones cannot slip past each other."""
    open_now = or_(SignInThrottle.blocked_until.is_(None), SignInThrottle.blocked_until <= now)
    forgotten = SignInThrottle.last_failure_at < now - FORGOTTEN_AFTER
    counted = db.session.scalar(
        update(SignInThrottle)
        .where(SignInThrottle.key == counter.key, open_now)
        .values(failures=case((forgotten, 1), else_=SignInThrottle.failures + 1), last_failure_at=now)
        .returning(SignInThrottle.key)
        .execution_options(synchronize_session=False)
    )
    row = db.session.get(SignInThrottle, counter.key, populate_existing=True)
    if row is None:
        return _first(counter, now)
    if not counted:
        return _seconds_left(counter, now) or 1
    if row.failures >= counter.free:
        row.blocked_until = now + min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(row.failures - counter.free, 10))
        db.session.flush()
    return 0


def _first(counter: Counter, now: datetime) -> int:
    db.session.execute(
        delete(SignInThrottle).where(SignInThrottle.last_failure_at < now - 24 * FORGOTTEN_AFTER)
    )
    db.session.add(SignInThrottle(key=counter.key, failures=1, last_failure_at=now))
    try:
        db.session.flush()
    except IntegrityError:  # a parallel attempt wrote the row first
        db.session.rollback()
        return _count(counter, now)
    return 0


def _network(address: str) -> str:
    """The address, or for IPv6 the /64 it lies in: one subscriber has all of that."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:45]
    if parsed.version == 6:
        return str(ipaddress.ip_network((parsed, 64), strict=False).network_address)
    return str(parsed)
