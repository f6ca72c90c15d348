"""A database of the first version, with rows, is brought up to date and back without losing any."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app import create_app
from app.archive import running, stacking, volumes
from app.models import (
    Instance,
    Job,
    Mark,
    Patient,
    Segmentation,
    SegmentRow,
    Series,
    Study,
    User,
    Workspace,
    db,
    new_id,
)
from tests.archive.conftest import Archive, series_of
from tests.conftest import close_app

TABLES = ("users", "patients", "studies", "series", "instances", "jobs")


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """An application whose tables come from the migrations."""
    made = create_app(
        {
            "INSTANCE": tmp_path / "instance",
            "TESTING": True,
            "JOBS_START": False,
            "PARSE_WORKERS": 1,
            "MIN_FREE_DISK": 0,
        }
    )
    with made.app_context():
        yield made
    close_app(made)


def counts() -> dict[str, int]:
    found = {table: db.session.scalar(text(f"SELECT count(*) FROM {table}")) for table in TABLES}
    db.session.rollback()
    return found


def filled(app: Flask) -> Archive:
    """One volume of three images, prepared, in a database of the first version."""
    upgrade()
    owner = User(name="alice")
    db.session.add(owner)
    db.session.commit()
    archive = Archive(owner.id, app.extensions["store"], app.config)
    archive.take(series_of(3))
    running.run_all(archive.store, archive.settings)
    db.session.remove()
    downgrade(revision="0001")
    return archive


def test_the_way_down_and_up_loses_no_row(app: Flask) -> None:
    filled(app)
    assert counts() == {"users": 1, "patients": 1, "studies": 1, "series": 1, "instances": 3, "jobs": 1}
    upgrade()
    assert counts() == {"users": 1, "patients": 1, "studies": 1, "series": 1, "instances": 3, "jobs": 1}
    violations = db.session.execute(text("PRAGMA foreign_key_check")).all()
    assert violations == []


def test_volumes_are_made_again_after_the_upgrade(app: Flask) -> None:
    archive = filled(app)
    # What the first version left beside the arrays of today.
    folder = archive.store.make_series_folder(db.session.scalar(text("SELECT id FROM series")))
    for name in ("volume-1.npy", "volume-1.json", "thumbnail-1.png"):
        (folder / name).write_bytes(b"old")
    db.session.execute(text("UPDATE series SET state = 'ready', volume = '{\"unit\": \"HU\"}'"))
    db.session.commit()
    upgrade()
    assert (archive.series.state, archive.series.revision, archive.series.parts) == ("queued", 2, None)
    assert stacking.prepare_waiting() == 1
    running.run_all(archive.store, archive.settings)
    db.session.expire_all()
    series = archive.series
    assert series.state == "ready"
    # k = 2, row 3, column 1 of the phantom: 100·2 + 10·3 + 1 − 1024
    assert volumes.load(volumes.shown(series), archive.store).array[2, 3, 1] == -793
    assert sorted(path.name for path in folder.iterdir()) == [
        "stack-2-0.json", "thumbnail-2-0.png", "volume-2-0-0.json", "volume-2-0-0.npy"
    ]  # fmt: skip
    assert [db.session.query(table).count() for table in (Patient, Study, Series, Instance, Job)] == [
        1, 1, 1, 3, 2
    ]  # fmt: skip


def test_the_migrations_make_the_tables_of_the_models(app: Flask) -> None:
    upgrade()
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []


def test_tables_of_readers_come_and_go_without_touching_series(app: Flask) -> None:
    filled(app)
    upgrade()
    owner, series = db.session.scalars(db.select(User)).one(), db.session.scalars(db.select(Series)).one()
    there = {"user_id": owner.id, "series_row_id": series.id, "part": 0}
    db.session.add(Mark(id=new_id(), phase=0, kind="probe", data={}, size=2, **there))
    db.session.add(Workspace(state={"phase": 0}, **there))
    db.session.commit()
    db.session.remove()
    downgrade(revision="0003")
    tables = set(db.session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'")))
    assert not tables & {"workspaces", "marks", "grey_curves", "viewer_preferences", "deletions"}
    assert counts() == {"users": 1, "patients": 1, "studies": 1, "series": 1, "instances": 3, "jobs": 1}
    upgrade()
    assert db.session.scalar(text("SELECT count(*) FROM marks")) == 0


def test_tables_of_segmentations_come_and_go_without_touching_series(app: Flask) -> None:
    filled(app)
    upgrade()
    owner, series = db.session.scalars(db.select(User)).one(), db.session.scalars(db.select(Series)).one()
    made = Segmentation(series_row_id=series.id, part=0, user_id=owner.id, kind="drawn", grid={})
    made.segments = [SegmentRow(number=1, color="#ff0000", box=[[0, 0, 0], [0, 0, 0]], voxels=0, size=0)]
    db.session.add(made)
    db.session.commit()
    db.session.remove()
    downgrade(revision="0004")
    tables = set(db.session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'")))
    assert not tables & {"segmentations", "segments", "instance_references"}
    assert counts() == {"users": 1, "patients": 1, "studies": 1, "series": 1, "instances": 3, "jobs": 1}
    upgrade()
    assert db.session.scalar(text("SELECT count(*) FROM segments")) == 0


def test_an_upgrade_that_fails_changes_nothing(app: Flask) -> None:
    filled(app)
    db.session.execute(text("ALTER TABLE patients ADD COLUMN birth_date_text VARCHAR(32)"))  # 0003 wants to
    db.session.commit()
    with pytest.raises(OperationalError, match="duplicate column"):
        upgrade()
    columns = [row[1] for row in db.session.execute(text("PRAGMA table_info(series)"))]
    assert "volume" in columns
    assert "parts" not in columns
    assert counts()["instances"] == 3
    assert db.session.scalar(text("PRAGMA foreign_keys")) == 1
