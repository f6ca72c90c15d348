"""Lists of studies: who sees what, in what order, with how many queries."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from app.archive.volumes import job_key
from app.models import Job, Series, User, db
from app.studies.filters import StudyFilter
from app.studies.queries import StudyPage, list_studies, modalities_of
from tests.conftest import make_user, sign_in
from tests.studies.rows import add_study


@pytest.fixture
def alice(app: Flask) -> Iterator[User]:
    """Alice, inside an application context."""
    user_id = make_user(app, "alice")
    with app.app_context():
        yield db.session.get_one(User, user_id)


@contextmanager
def counted_queries() -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_c: Any, _cur: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield statements
    event.remove(db.engine, "before_cursor_execute", note)


def found(user: User, **asked: Any) -> list[str]:
    return [row.patient.name for row in list_studies(user, StudyFilter(**asked)).rows]


def test_counts_and_sizes_are_added_up(alice: User) -> None:
    add_study(alice.id, series=("MR", "CT"), images=3, size=10)
    row = list_studies(alice, StudyFilter()).rows[0]
    assert (row.modalities, len(row.series), row.instance_count, row.size) == (["CT", "MR"], 2, 6, 60)
    assert (row.series[0].rows, row.series[0].columns) == (4, 5)


def test_the_number_of_queries_does_not_grow_with_the_list(alice: User) -> None:
    def ask() -> int:
        db.session.expire_all()
        user = db.session.get_one(User, alice.id)
        user.id  # noqa: B018 - loaded before the counting begins
        with counted_queries() as statements:
            page: StudyPage = list_studies(user, StudyFilter())
            assert [(row.patient.name, row.modalities, row.best_series) for row in page.rows]
        return len(statements)

    add_study(alice.id)
    few = ask()
    for n in range(20):
        add_study(alice.id, f"P{n}", series=("CT", "MR"))
    assert ask() == few == 3


def test_the_worklist_asks_once_for_its_pictures(app: Flask, alice: User) -> None:
    client = sign_in(app, "alice")

    def ask() -> int:
        db.session.expire_all()
        with counted_queries() as statements:
            assert client.get("/").status_code == 200
        return len(statements)

    add_study(alice.id)
    ask()  # the first request of a session notes that the account was there
    few = ask()
    for n in range(20):
        add_study(alice.id, f"P{n}", series=("CT", "MR"))
    assert ask() == few


def test_search_finds_each_word_anywhere(alice: User) -> None:
    add_study(alice.id, "Doe^Jane", description="Chest CT")
    add_study(alice.id, "Doe^John", patient_id="JANE-7")
    add_study(alice.id, "Ángel^José", accession_number="A-77")
    assert sorted(found(alice, q="jane doe")) == ["Doe^Jane", "Doe^John"]
    assert found(alice, q="chest Doe^Jane") == ["Doe^Jane"]
    assert found(alice, q="ángel") == found(alice, q="ÁNGEL") == found(alice, q="a-77") == ["Ángel^José"]
    assert found(alice, q="nobody") == []


@pytest.mark.parametrize("wild", ["%", "_", "/", "\\", "%a%", "'", '"; --'])
def test_wildcards_are_ordinary_signs(alice: User, wild: str) -> None:
    add_study(alice.id, "Doe^Jane", description="abc")
    assert found(alice, q=wild) == []
    add_study(alice.id, "Roe^Jim", description=f"x{wild}y")
    assert found(alice, q=wild) == ["Roe^Jim"]


def test_modalities_and_dates_narrow(alice: User) -> None:
    add_study(alice.id, "A", day="2024-01-01", series=("CT", "SEG"))
    add_study(alice.id, "B", day="2024-02-01", series=("MR",))
    add_study(alice.id, "C", series=())
    assert found(alice, modalities=("CT",)) == ["A"]
    assert found(alice, modalities=("MR", "SEG"), sort="patient") == ["A", "B"]
    assert found(alice, from_date=date(2024, 2, 1)) == ["B"]
    assert found(alice, to_date=date(2024, 1, 1)) == ["A"]
    assert modalities_of(alice) == ["CT", "MR", "SEG"]


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        ("date", "BAC"),
        ("-date", "ABC"),
        ("patient", "ABC"),
        ("-patient", "CBA"),
        ("images", "CAB"),
        ("-images", "BAC"),
        ("size", "CAB"),
        ("-series", "CBA"),
        ("modality", "ABC"),
        ("-modality", "BAC"),
        ("description", "CAB"),
        ("added", "ABC"),
    ],
)
def test_every_order_puts_absent_values_last(alice: User, sort: str, names: str) -> None:
    add_study(alice.id, "A", day="2024-02-01", images=2, size=20, series=("CT",), description="b")
    add_study(alice.id, "B", day="2024-01-01", images=5, size=20, series=("MR",))
    add_study(alice.id, "C", images=0, series=("", ""), description="A")
    # A and B have one series each: the newer comes first.
    assert "".join(found(alice, sort=sort)) == names


def test_pages_never_overlap(alice: User) -> None:
    for n in range(7):
        add_study(alice.id, f"P{n}", day="2024-01-01")
    pages = [list_studies(alice, StudyFilter(page=n, per_page=3)) for n in (1, 2, 3, 4)]
    assert [len(page.rows) for page in pages] == [3, 3, 1, 0]
    assert {page.total for page in pages} == {7}
    assert len({row.study.id for page in pages for row in page.rows}) == 7
    assert (pages[1].first, pages[1].last, pages[1].has_next, pages[2].has_next) == (4, 6, True, False)


def test_progress_is_that_of_the_volume_jobs(alice: User) -> None:
    study_id = add_study(alice.id, series=("CT", "CT"), images=2)
    first = db.session.query(Series).filter_by(study_row_id=study_id, number=1).one()
    first.state = "running"
    job = Job(
        owner_id=alice.id,
        kind="volume",
        key=job_key(first.id, first.revision),
        state="running",
        progress=0.5,
        arguments={"series_id": first.id},
    )
    db.session.add(job)
    db.session.commit()
    row = list_studies(alice, StudyFilter()).rows[0]
    assert row.is_preparing
    assert row.progress == pytest.approx(0.75)
    assert row.best_series is not None
    assert row.best_series.number == 2


def test_studies_of_one_day_come_by_their_hour(alice: User) -> None:
    for name, hour in (("B", "10:00:00"), ("A", "08:30:00"), ("C", "17:15:00")):
        add_study(alice.id, name, day="2024-02-01", study_time=hour)
    assert "".join(found(alice, sort="date")) == "ABC"
    assert "".join(found(alice, sort="-date")) == "CBA"
