"""Alive, and able to serve: for a proxy, without facts about the installation."""

from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from app.models import db


def test_alive_is_told_to_everybody(app: Flask) -> None:
    answer = app.test_client().get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def test_ready_names_its_parts(app: Flask) -> None:
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 200
    assert answer.json == {"status": "ready", "database": True, "disk": True, "jobs": True}


def no_disk(app: Flask) -> None:
    app.config["MIN_FREE_DISK"] = 10**18


def no_database(app: Flask) -> None:
    with app.app_context():
        db.drop_all()


def no_runner(app: Flask) -> None:
    app.extensions["job_runner"] = SimpleNamespace(is_running=False)


@pytest.mark.parametrize(
    ("part", "lose"), [("disk", no_disk), ("database", no_database), ("jobs", no_runner)]
)
def test_not_ready_says_what_is_missing(app: Flask, part: str, lose: Any) -> None:
    lose(app)
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json
    assert (answer.json["status"], answer.json[part]) == ("unavailable", False)
