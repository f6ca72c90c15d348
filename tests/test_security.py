"""What every request passes: how much of it is read, what is written to the log."""

import io
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.models import User, base, db
from tests.conftest import csrf_of, sign_in
from tests.studies.rows import add_study
from tests.studies.uploading import ct_files, upload

MIB = 1024 * 1024
TOO_MUCH = 2 * MIB


class Counted(io.RawIOBase):
    """A body of zeros that knows how much of it was read."""

    def __init__(self) -> None:
        self.taken = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.taken += len(buffer)
        return len(buffer)


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded",
        "application/json",
        "text/plain",
    ],
)
@pytest.mark.parametrize("path", ["/login", "/logout", "/preferences", "/register", "/nowhere"])
def test_nobody_is_read_beyond_a_form(app: Flask, path: str, content_type: str) -> None:
    body = Counted()
    answer = app.test_client().post(
        path,
        headers={"Content-Type": content_type},
        environ_overrides={"wsgi.input": io.BufferedReader(body), "CONTENT_LENGTH": str(TOO_MUCH)},
    )
    assert answer.status_code in {400, 404, 413}
    assert body.taken <= MIB


def test_a_long_json_body_is_413_in_the_one_shape(app: Flask, people: dict[str, Any]) -> None:
    client = sign_in(app, "alice")
    answer = client.post(
        "/api/v1/deidentifications",
        data=b" " * TOO_MUCH,
        headers={"X-CSRFToken": csrf_of(client, "/upload"), "Content-Type": "application/json"},
    )
    assert answer.status_code == 413
    assert set(answer.json["error"]) >= {"code", "message", "request_id"}


def test_an_upload_may_be_longer_than_a_form(app: Flask, people: dict[str, Any]) -> None:
    client = sign_in(app, "alice")
    app.config["MAX_CONTENT_LENGTH"] = 1000
    answer = upload(client, {**ct_files(1), "notes.txt": b"x" * 100_000})
    assert (answer.status_code, answer.json["accepted"]) == (201, 1)


def test_a_fault_of_the_database_names_nobody_in_the_log(
    app: Flask, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "^".join(("Doe", "Jane"))  # a trace shows the line that failed, too

    def burst() -> None:
        db.session.execute(text("insert into nowhere values (:name)"), {"name": name})

    monkeypatch.setitem(app.view_functions, "health.healthz", burst)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    with caplog.at_level(logging.ERROR):
        assert app.test_client().get("/healthz").status_code == 503
    assert "no such table" in caplog.text
    assert name not in caplog.text


def test_an_unforeseen_fault_is_logged_by_its_place_not_its_words(
    app: Flask, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def burst() -> None:
        try:
            int("^".join(("Doe", "Jane")))
        except ValueError:
            raise RuntimeError("^".join(("Doe", "John"))) from None

    monkeypatch.setitem(app.view_functions, "health.healthz", burst)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    with caplog.at_level(logging.ERROR):
        assert app.test_client().get("/healthz").status_code == 500
    assert "in burst" in caplog.text
    assert "RuntimeError" in caplog.text
    assert "Doe^" not in caplog.text


@pytest.fixture
def locked(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Somebody else writes, for longer than anybody waits."""
    monkeypatch.setattr(base, "_BUSY_MS", 50)
    with app.app_context():
        db.engine.dispose()  # connections with the short patience come from here on
        path = db.engine.url.database
    assert path is not None
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("begin immediate")
        yield
        other.execute("rollback")


def test_reading_goes_on_while_somebody_writes(
    app: Flask, people: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    client = sign_in(app, "alice")
    with app.app_context():
        db.session.get_one(User, people["alice"]).last_seen_at = None
        db.session.commit()
    request.getfixturevalue("locked")
    assert client.get("/api/v1/studies").status_code == 200
    assert client.get("/").status_code == 200


def test_writing_is_told_to_come_again(
    app: Flask, people: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    client = sign_in(app, "alice")
    with app.app_context():
        study_id = add_study(people["alice"])
    headers = {"X-CSRFToken": csrf_of(client, "/upload")}
    request.getfixturevalue("locked")
    answer = client.delete(f"/api/v1/studies/{study_id}", headers=headers)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.json["error"]["code"] == "unavailable"
