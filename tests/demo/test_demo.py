"""The demo study: made once, readable by all, nobody's to delete."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from app import create_app
from app.archive import access
from app.archive.errors import NotFound
from app.archive.parts import main_volume
from app.models import SYSTEM_ROLE, Instance, Job, Series, Study, User, db


def run(app: Flask, *more: str) -> str:
    result = app.test_cli_runner().invoke(args=["demo", "--slices", "8", "--size", "64", *more])
    assert result.exit_code == 0, result.output
    return result.output


def count(table: Any) -> int:
    return int(db.session.scalar(db.select(db.func.count()).select_from(table)))


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """One installation with its demo for all tests here: painting even a small chest takes seconds."""
    folder = tmp_path_factory.mktemp("demo")
    made = create_app({"INSTANCE": folder, "TESTING": True, "JOBS_START": False, "MIN_FREE_DISK": 0})
    with made.app_context():
        db.create_all()
    assert "The demo study is ready." in run(made, "--if-empty")
    yield made
    with made.app_context():
        db.engine.dispose()


def test_the_demo_is_ready_when_the_command_ends(app: Flask) -> None:
    with app.app_context():
        series = db.session.scalars(db.select(Series)).one()
        assert (series.state, (main_volume(series) or {})["shape_ijk"]) == ("ready", [64, 64, 8])
        assert app.extensions["store"].thumbnail(series.id, 1).exists()
        owner = db.session.scalars(db.select(User)).one()
        assert (owner.role, owner.is_enabled, owner.password_hash) == (SYSTEM_ROLE, False, "")


def test_made_again_it_changes_nothing(app: Flask) -> None:
    assert "there already" in run(app)
    assert run(app, "--if-empty") == ""
    with app.app_context():
        assert (count(Study), count(Instance), count(Job), count(User)) == (1, 8, 1, 1)


def test_everybody_reads_it_and_nobody_changes_it(app: Flask) -> None:
    with app.app_context():
        study_id = db.session.scalars(db.select(Study.id)).one()
        reader = User(id="charlie", name="charlie")
        assert access.study_for(reader, study_id).is_demo
        with pytest.raises(NotFound):
            access.study_for(reader, study_id, write=True)
