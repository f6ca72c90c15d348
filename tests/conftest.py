"""Fixtures of all tests: an application of its own, signed-in clients, small real series."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.archive.accounts import passwords
from app.models import User, db

PASSWORD = "tres planos y un cubo"


class RememberingHasher(PasswordHasher):
    """argon2 at the application's cost, computed once for what comes thousands of times: one password."""

    def __init__(self, like: PasswordHasher) -> None:
        super().__init__(like.time_cost, like.memory_cost, like.parallelism)
        self._hash = ""

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        if password != PASSWORD or salt:
            return super().hash(password, salt=salt)
        self._hash = self._hash or super().hash(password)
        return self._hash

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:
        return (bool(hash) and hash == self._hash and password == PASSWORD) or super().verify(hash, password)


passwords._hasher = RememberingHasher(passwords._hasher)


_empty_database: list[bytes] = []  # as the first application made it: to copy it takes a tenth of the time


def make_app(folder: Path) -> Flask:
    """An application with an empty database in *folder*; jobs run only when asked."""
    path = folder / "instance" / "triplano.db"
    if _empty_database:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(0o600)
        path.write_bytes(_empty_database[0])
    made = create_app(
        {
            "INSTANCE": folder / "instance",
            "TESTING": True,
            "JOBS_START": False,
            "PARSE_WORKERS": 1,
            "MIN_FREE_DISK": 0,
            "REGISTRATION": "open",
        }
    )
    if not _empty_database:
        with made.app_context():
            db.create_all()
        close_app(made)  # all of it is in the file then, nothing in a journal
        _empty_database.append(path.read_bytes())
    return made


def close_app(made: Flask) -> None:
    """Let go of the application's database."""
    with made.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """An application of one test."""
    made = make_app(tmp_path)
    yield made
    close_app(made)


def make_user(app: Flask, name: str, role: str = "student") -> str:
    """An account with :data:`PASSWORD`; its id."""
    from app.accounts.service import create_user

    with app.app_context():
        user: User = create_user(name, PASSWORD, role=role)
        db.session.commit()
        return user.id


def sign_in(app: Flask, name: str) -> FlaskClient:
    """A browser session of *name*, as Flask's test client; CSRF tokens come from :func:`csrf_of`."""
    client = app.test_client()
    token = csrf_of(client, "/login")
    answer = client.post("/login", data={"csrf_token": token, "name": name, "password": PASSWORD})
    assert answer.status_code == 302, answer.text
    return client


def csrf_of(client: FlaskClient, path: str) -> str:
    """The CSRF token a page carries."""
    page = client.get(path).text
    return page.split('name="csrf-token" content="')[1].split('"')[0]


@pytest.fixture
def people(app: Flask) -> dict[str, Any]:
    """Alice owns, Bob is another student, Charlie must see nothing, Ada administrates."""
    return make_people(app)


def make_people(app: Flask) -> dict[str, str]:
    """The four accounts of :func:`people`; their ids by name."""
    roles = {"alice": "student", "bob": "student", "charlie": "student", "ada": "admin"}
    return {name: make_user(app, name, role) for name, role in roles.items()}
