"""Receiving bytes: hashed on their way, bounded, gone unless handed on; names are only shown."""

import gc
import hashlib
from pathlib import Path

import pytest

from app.archive.errors import Refused
from app.archive.incoming import HashingFile, check_name, is_system_file, shown_name
from app.storage.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def test_bytes_are_hashed_while_they_are_written(store: Store) -> None:
    target = HashingFile(store, 100)
    target.write(b"three ")
    target.write(b"planes")
    target.seek(0)
    received = target.received("a.dcm")
    assert received.sha256 == hashlib.sha256(b"three planes").hexdigest()
    assert (received.size, received.fault, received.path.read_bytes()) == (12, None, b"three planes")


def test_a_written_file_can_be_read_as_a_part_of_a_form(store: Store) -> None:
    target = HashingFile(store, 100)
    target.write(b"abcdef")
    target.seek(0)
    assert (target.tell(), target.read(2), target.read(), target.seek(1), target.read(1)) == (
        6,
        b"ab",
        b"cdef",
        1,
        b"b",
    )
    target.close()


def test_a_complete_file_takes_no_more(store: Store) -> None:
    target = HashingFile(store, 100)
    target.seek(0)
    with pytest.raises(ValueError, match="complete"):
        target.write(b"more")


def test_a_complete_file_holds_no_descriptor(store: Store) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    targets = [HashingFile(store, 10) for _ in range(50)]
    for target in targets:
        target.write(b"x")
        target.seek(0)
    assert len(list(Path("/proc/self/fd").iterdir())) <= before + 1


def test_beyond_the_limit_nothing_is_kept_and_the_fault_says_so(store: Store) -> None:
    target = HashingFile(store, 5)
    target.write(b"1234")
    target.write(b"5678")
    received = target.received("big")
    assert str(received.fault) == "The file is larger than the 5\N{NO-BREAK SPACE}B that one file may have."
    assert received.path.stat().st_size == 0


@pytest.mark.parametrize("leave", [HashingFile.close, lambda target: None])
def test_a_file_that_nobody_takes_goes_away(store: Store, leave: object) -> None:
    target = HashingFile(store, 5)
    leave(target)  # type: ignore[operator]
    del target
    gc.collect()
    assert list(store.incoming.iterdir()) == []


def test_a_file_that_was_taken_stays(store: Store) -> None:
    received = HashingFile(store, 5).received("a")
    gc.collect()
    assert received.path.exists()


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../../etc/passwd", "leads out of its folder"),
        ("a/../../b.dcm", "leads out of its folder"),
        ("a\\..\\b.dcm", "leads out of its folder"),
        ("/etc/passwd", "absolute path"),
        ("\\\\server\\share\\a.dcm", "absolute path"),
        ("C:\\a.dcm", "absolute path"),
        ("a.dcm\0.txt", "NUL"),
        ("a" * 300, "300 characters; at most 255"),
    ],
)
def test_a_name_that_no_honest_file_has_is_refused(name: str, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        check_name(name)


@pytest.mark.parametrize("name", ["", "IM0", "año/niño 1..dcm", "...", "a/" * 300 + "b", "PA000001/ST1/IM:1"])
def test_an_honest_name_passes(name: str) -> None:
    check_name(name)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("CT/im 1.dcm", "CT/im 1.dcm"),
        ("a\0b\nc\x1b[31m", "a�b�c�[31m"),
        ("gpj\u202e.exe", "gpj�.exe"),
        ("lone \udcff surrogate", "lone � surrogate"),
        ("x" * 300, "…" + "x" * 119),
    ],
)
def test_a_name_is_cleaned_and_cut_before_it_is_shown(name: str, shown: str) -> None:
    assert shown_name(name) == shown


@pytest.mark.parametrize(
    ("name", "system"),
    [
        ("__MACOSX/CT/._im1.dcm", True),
        ("CT/.DS_Store", True),
        ("CT\\Thumbs.db", True),
        ("desktop.ini", True),
        ("._im1.dcm", True),
        ("CT/im1.dcm", False),
        ("DICOMDIR", False),
        ("thumbs.db.dcm", False),
    ],
)
def test_what_operating_systems_leave_is_known(name: str, system: bool) -> None:
    assert is_system_file(name) is system
