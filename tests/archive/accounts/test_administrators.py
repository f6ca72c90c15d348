"""Somebody can always administrate, also when two requests come at once."""

import threading

import pytest
from flask import Flask

from app.archive.accounts.administrators import keep_one_without
from app.archive.accounts.errors import LastAdministrator
from app.archive.accounts.people import count_administrators
from app.models import User, db
from tests.conftest import make_user


def demote(app: Flask, user_id: str, gate: threading.Barrier, outcome: list[str]) -> None:
    with app.app_context():
        user = db.session.get(User, user_id)
        assert user is not None
        assert count_administrators() == 2  # both have looked before either writes
        gate.wait(10)
        try:
            keep_one_without(user)
            user.role = "student"
            db.session.commit()
            outcome.append("changed")
        except LastAdministrator:
            outcome.append("refused")


def test_of_two_parallel_demotions_one_is_refused(app: Flask) -> None:
    ids = [make_user(app, name, "admin") for name in ("ada", "grace")]
    for _round in range(5):
        gate, outcome = threading.Barrier(2), []  # type: ignore[var-annotated]
        threads = [threading.Thread(target=demote, args=(app, user_id, gate, outcome)) for user_id in ids]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcome) == ["changed", "refused"]
        with app.app_context():
            assert count_administrators() == 1
            db.session.query(User).update({"role": "admin"})
            db.session.commit()


def test_a_disabled_administrator_does_not_count(app: Flask) -> None:
    ada, grace = (make_user(app, name, "admin") for name in ("ada", "grace"))
    with app.app_context():
        db.session.get(User, grace).is_enabled = False  # type: ignore[union-attr]
        db.session.commit()
        with pytest.raises(LastAdministrator):
            keep_one_without(db.session.get(User, ada))  # type: ignore[arg-type]
        keep_one_without(db.session.get(User, grace))  # type: ignore[arg-type]
