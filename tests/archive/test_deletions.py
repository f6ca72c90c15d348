"""What its owner deleted is told apart from what was never there, and only to him."""

import pytest

from app.archive import deletions, removal
from app.archive.access import series_for
from app.archive.errors import Gone, NotFound
from app.models import Deletion, GreyCurve, Mark, Series, User, ViewerPreference, Workspace, db, new_id
from tests.archive.conftest import Archive, series_of
from tests.archive.test_removal import rows, two_series

READERS_TABLES = (Workspace, Mark, GreyCurve, ViewerPreference)


def user(archive: Archive) -> User:
    return db.session.get_one(User, archive.owner_id)


def fault_of(archive: Archive, series_id: str) -> type[Exception]:
    with pytest.raises(NotFound) as caught:
        series_for(user(archive), series_id)
    return caught.type


def read_by(archive: Archive, series: Series) -> None:
    """Give the archive's owner a row of each kind on *series*."""
    there = {"user_id": archive.owner_id, "series_row_id": series.id, "part": 0}
    db.session.add(Mark(id=new_id(), phase=0, kind="probe", data={}, size=2, **there))
    db.session.add(Workspace(state={}, **there))
    db.session.add(
        GreyCurve(id=new_id(), user_id=archive.owner_id, name="x", unit="HU", points=[[0, 0], [1, 255]])
    )
    db.session.add(ViewerPreference(user_id=archive.owner_id, preferences={}))
    db.session.commit()


def test_the_owner_of_a_deleted_series_is_told_so_and_nobody_else(
    archive: Archive, other_archive: Archive
) -> None:
    archive.take(two_series())
    first, last = archive.study.series
    ids = [first.id, last.id]
    removal.remove_series(user(archive), first, archive.store)
    assert [fault_of(who, ids[0]) for who in (archive, other_archive)] == [Gone, NotFound]
    removal.remove_study(user(archive), archive.study, archive.store)
    assert [fault_of(who, ids[1]) for who in (archive, other_archive)] == [Gone, NotFound]
    assert fault_of(archive, new_id()) is NotFound


def test_marks_and_workspaces_go_with_the_series_curves_and_habits_stay(
    archive: Archive, other_archive: Archive
) -> None:
    archive.take(series_of(2))
    for reader in (archive, other_archive):  # the second as a reader of what is shared
        read_by(reader, archive.series)
    removal.remove_study(user(archive), archive.study, archive.store)
    assert rows(*READERS_TABLES) == [0, 0, 2, 2]


def test_all_of_a_reader_goes_with_his_account(archive: Archive, other_archive: Archive) -> None:
    archive.take(series_of(2))
    read_by(archive, archive.series)
    read_by(other_archive, archive.series)
    deletions.note_deleted(other_archive.owner_id, [new_id()])
    db.session.commit()
    removal.remove_account(user(other_archive), other_archive.store)
    assert rows(*READERS_TABLES, Deletion) == [1, 1, 1, 1, 0]
    removal.remove_account(user(archive), archive.store)
    assert rows(*READERS_TABLES, Deletion) == [0, 0, 0, 0, 0]


def test_what_a_reader_made_outlives_a_growing_series(archive: Archive) -> None:
    archive.take(series_of(2))
    read_by(archive, archive.series)
    revision = archive.series.revision
    archive.take(series_of(3))
    assert archive.series.revision > revision
    assert rows(Workspace, Mark) == [1, 1]


def test_only_the_latest_deletions_of_each_account_are_kept(
    archive: Archive, other_archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deletions, "MOST_KEPT", 3)
    deletions.note_deleted(other_archive.owner_id, ["other"])
    for name in ("a", "b", "c", "d", "e"):
        deletions.note_deleted(archive.owner_id, [name])
    known = [name for name in "abcde" if deletions.was_deleted(archive.owner_id, name)]
    assert known == ["c", "d", "e"]
    assert deletions.was_deleted(other_archive.owner_id, "other")
