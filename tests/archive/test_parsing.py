"""Strangers' files in child processes: what bursts there costs one file and no memory here."""

import os
import signal
import struct
import subprocess
import sys
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydicom.uid import DeflatedExplicitVRLittleEndian

from app.archive.incoming import HashingFile
from app.archive.parsing import ParsePool
from app.archive.unpack import UnpackLimits
from app.imaging.dicomfile import InstanceFacts, ReadLimits
from app.imaging.errors import Message
from app.storage.store import Store
from tests.archive.conftest import dicom, zip_of

MIB = 1024 * 1024


@pytest.fixture(scope="module")
def pool() -> Iterator[ParsePool]:
    made = ParsePool(1, 1024 * MIB, 20, ReadLimits())
    yield made
    made.close()


@pytest.fixture
def quick_pool() -> Iterator[ParsePool]:
    """Gives up on a file after half a second (once the child is up)."""
    made = ParsePool(1, 1024 * MIB, 20, ReadLimits())
    made.inspect([Path("/dev/null")])
    made._seconds = 0.5  # type: ignore[assignment]
    yield made
    made.close()


def inspect(pool: ParsePool, folder: Path, *contents: bytes) -> list[InstanceFacts | str]:
    paths = []
    for number, content in enumerate(contents):
        paths.append(folder / f"{number}")
        paths[-1].write_bytes(content)
    return [str(found) if isinstance(found, Message) else found for found in pool.inspect(paths)]


def deflate_bomb(size: int) -> bytes:
    """A file of the deflated transfer syntax whose Pixel Data is *size* zeros."""
    plain = dicom(transfer_syntax=DeflatedExplicitVRLittleEndian)
    start = plain.index(DeflatedExplicitVRLittleEndian.encode()) + 22
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    parts = [packer.compress(struct.pack("<HH2sHI", 0x7FE0, 0x0010, b"OW", 0, size))]
    parts += [packer.compress(bytes(MIB)) for _ in range(size // MIB)]
    return plain[:start] + b"".join(parts) + packer.flush()


def test_facts_and_reasons_come_in_the_order_of_the_files(pool: ParsePool, tmp_path: Path) -> None:
    found = inspect(pool, tmp_path, dicom(0), b"", b"words" * 100, dicom(1)[:-9], dicom(2))
    assert isinstance(found[0], InstanceFacts)
    assert isinstance(found[4], InstanceFacts)
    assert (found[0].instance_number, found[4].instance_number) == (1, 3)
    assert found[1:4] == [
        "the file is empty (0 bytes)",
        "not a DICOM file: no DICM marker and no group 0002 or 0008 element",
        "Truncated: Pixel Data (7FE0,0010) has 31 of 40 bytes. Copy it again from its source.",
    ]


def test_impossible_sizes_are_refused_before_anything_is_allocated(pool: ParsePool, tmp_path: Path) -> None:
    (found,) = inspect(pool, tmp_path, dicom(Rows=65535, Columns=65535))
    assert "65535 × 65535 pixels" in str(found)


def test_a_deflated_bomb_is_refused_and_the_rest_kept(pool: ParsePool, tmp_path: Path) -> None:
    found = inspect(pool, tmp_path, deflate_bomb(400 * MIB), dicom(1))
    assert "grows beyond" in str(found[0])
    assert isinstance(found[1], InstanceFacts)


def test_a_child_short_of_memory_refuses_and_lives_on(tmp_path: Path) -> None:
    # The limits of reading are lifted, so that the address space alone stands in the bomb's way.
    limits = ReadLimits(max_inflated_bytes=2**40, max_pixels_bytes=2**40, max_frame_bytes=2**40)
    small = ParsePool(1, 400 * MIB, 20, limits)
    bomb = deflate_bomb(600 * MIB) + bytes(8 * MIB)  # padded below the ratio that is always refused
    found = inspect(small, tmp_path, bomb, dicom(1))
    small.close()
    assert isinstance(found[0], str)
    assert isinstance(found[1], InstanceFacts)


def test_a_file_that_takes_too_long_is_refused_and_the_rest_kept(
    quick_pool: ParsePool, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "endless")
    (tmp_path / "good").write_bytes(dicom())
    found = quick_pool.inspect([tmp_path / "endless", tmp_path / "good"][:1])
    quick_pool._seconds = 20
    found += quick_pool.inspect([tmp_path / "good"])
    assert str(found[0]) == "Reading the file took longer than 0.5 seconds."
    assert isinstance(found[1], InstanceFacts)


def test_a_killed_child_costs_the_file_it_was_at(pool: ParsePool, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "stuck")
    paths = [tmp_path / "first", tmp_path / "stuck", tmp_path / "last"]
    paths[0].write_bytes(dicom(0))
    paths[2].write_bytes(dicom(2))
    pool.inspect(paths[:1])  # the child is up, and then waits for somebody to write into "stuck"
    killer = threading.Timer(0.5, os.kill, (pool._slots.queue[0].pid, signal.SIGKILL))
    killer.start()
    first, stuck, last = pool.inspect(paths)
    killer.join()
    assert isinstance(first, InstanceFacts)
    assert isinstance(last, InstanceFacts)
    assert str(stuck) == "Reading the file broke the reader: it is damaged, or made to do harm."


def test_many_files_are_shared_among_the_children(tmp_path: Path) -> None:
    pool = ParsePool(2, 1024 * MIB, 20, ReadLimits())
    found = inspect(pool, tmp_path, *(dicom(k) for k in range(50)))
    pool.close()
    numbers = [facts.instance_number for facts in found if isinstance(facts, InstanceFacts)]
    assert numbers == list(range(1, 51))


def test_a_zip_is_unpacked_in_the_child(pool: ParsePool, tmp_path: Path) -> None:
    store = Store(tmp_path)
    target = HashingFile(store, MIB)
    target.write(zip_of({"1.dcm": b"one", "../2.dcm": b"two", ".DS_Store": b""}))
    limits = UnpackLimits(max_bytes=MIB, max_entry_bytes=MIB, max_entries=9, max_ratio=100)
    contents = pool.unpack(target.received("a.zip"), store, limits)
    assert [(file.name, file.size) for file in contents.files] == [("a.zip/1.dcm", 3)]
    assert [refusal.name for refusal in contents.refused] == ["a.zip/../2.dcm"]
    assert contents.ignored == 1


def test_a_zip_beyond_the_limits_leaves_nothing(pool: ParsePool, tmp_path: Path) -> None:
    store = Store(tmp_path)
    target = HashingFile(store, MIB)
    target.write(zip_of({f"{k}.dcm": b"x" for k in range(10)}))
    archive = target.received("a.zip")
    limits = UnpackLimits(max_bytes=MIB, max_entry_bytes=MIB, max_entries=9, max_ratio=100)
    contents = pool.unpack(archive, store, limits)
    assert (contents.files, [refusal.name for refusal in contents.refused]) == ((), ["a.zip"])
    assert list(store.incoming.iterdir()) == [archive.path]


def test_the_child_has_no_secrets_and_no_web_application() -> None:
    code = (
        "import os, sys; from pathlib import Path; from app.archive.parsing import _BOOT, _bare_environment;"
        "os.environ['SECRET_KEY'] = 'hidden'; environment = _bare_environment();"
        "assert 'SECRET_KEY' not in environment and 'DATABASE_URL' not in environment;"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    probe = (
        "import sys, types; package = types.ModuleType('app'); package.__path__ = [sys.argv[1]];"
        "sys.modules['app'] = package; import app.archive.parse_child;"
        "print([name for name in ('flask', 'sqlalchemy', 'werkzeug', 'app.models') if name in sys.modules])"
    )
    folder = Path(__file__).resolve().parents[2] / "app"
    loaded = subprocess.run(
        [sys.executable, "-c", probe, str(folder)], check=True, capture_output=True, text=True
    )
    assert loaded.stdout.strip() == "[]"
