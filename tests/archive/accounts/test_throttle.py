"""Guessing is slowed down, people are not locked out."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from app.archive.accounts import throttle
from app.models import SignInThrottle, db

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
HOME, OTHER = "192.0.2.7", "198.51.100.9"


@pytest.fixture(autouse=True)
def _in_application(app: Flask):  # type: ignore[no-untyped-def]
    with app.app_context():
        yield


def tries(count: int, name: str = "alice", address: str = HOME, now: datetime = NOW) -> list[int]:
    return [throttle.attempt(throttle.sign_in_counters(name, address), now) for _ in range(count)]


def test_five_attempts_pass_and_the_sixth_waits_a_minute() -> None:
    assert tries(6) == [0, 0, 0, 0, 0, 60]


def test_the_wait_doubles_up_to_a_quarter_of_an_hour() -> None:
    tries(5)
    waits, now = [], NOW
    for _ in range(6):
        now += timedelta(seconds=tries(1, now=now)[0] or 0)
        assert tries(1, now=now) == [0]
        waits.append(tries(1, now=now)[0])
    assert waits == [120, 240, 480, 900, 900, 900]


def test_a_refused_attempt_does_not_count() -> None:
    tries(50)
    row = db.session.get(SignInThrottle, throttle.sign_in_counters("alice", HOME)[0].key)
    assert row is not None
    assert row.failures == 5


def test_somebody_elses_guesses_do_not_lock_the_owner_out() -> None:
    tries(6, address=OTHER)
    assert tries(1, address=HOME) == [0]


def test_guesses_for_one_account_from_many_addresses_wait_too() -> None:
    waits = [tries(1, address=f"198.51.100.{number}")[0] for number in range(21)]
    assert waits == [0] * 20 + [60]


def test_one_address_that_tries_many_names_waits_too() -> None:
    assert [tries(1, name=f"user{number}")[0] for number in range(31)] == [0] * 30 + [60]


def test_ipv6_neighbours_count_as_one() -> None:
    for number in range(5):
        tries(1, address=f"2001:db8:1:2::{number + 1}")
    assert tries(1, address="2001:db8:1:2:ffff::1") == [60]
    assert tries(1, address="2001:db8:1:3::1") == [0]


def test_an_hour_of_silence_forgets() -> None:
    tries(5)
    later = NOW + timedelta(minutes=61)
    assert tries(6, now=later) == [0, 0, 0, 0, 0, 60]


def test_success_takes_its_attempt_back_but_does_not_clear_the_address() -> None:
    tries(4, name="bob")
    counters = throttle.sign_in_counters("alice", HOME)
    throttle.attempt(counters, NOW)
    throttle.take_back(counters)
    db.session.commit()
    rows = {row.key: row.failures for row in db.session.query(SignInThrottle)}
    assert rows[f"address:{HOME}"] == 4
    assert counters[0].key not in rows
    assert rows["account:alice"] == 0


def test_an_administrator_unlocks_every_address_of_the_account_and_no_other_account() -> None:
    tries(6, name="a_b")
    tries(6, name="a_b", address=OTHER)
    tries(6, name="axb", address="203.0.113.5")
    assert set(throttle.blocked_accounts(NOW)) == {"a_b", "axb"}
    assert throttle.unlock("a_b") == 3
    assert set(throttle.blocked_accounts(NOW)) == {"axb"}


def test_old_rows_are_swept() -> None:
    tries(1, name="somebody")
    tries(1, name="alice", address=OTHER, now=NOW + timedelta(days=2))
    keys = [row.key for row in db.session.query(SignInThrottle)]
    assert not any("somebody" in key for key in keys)


def test_a_long_name_fits_its_key() -> None:
    tries(1, name="x" * 500, address="2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff")
    assert max(len(row.key) for row in db.session.query(SignInThrottle)) <= 96
