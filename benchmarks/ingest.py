"""Taking 300 CT files in, against a bare read of the same bytes.

The whole way of an upload but the network: stream to disk while hashing, parse in the child processes,
flush, rename into place, one transaction. All ways run in one process, interleaved round by round, so
that a busy machine slows them alike: read the ratios, not the seconds.

    python benchmarks/ingest.py                      synthetic CT, 300 files of 512 × 512
    python benchmarks/ingest.py --folder FOLDER      real files
"""

import argparse
import hashlib
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from flask import Flask

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from app import create_app
from app.archive.ingest import HashingFile, IncomingFile, ingest
from app.imaging.synthetic import thorax_series
from app.models import User, db

STEP = 64 * 1024  # what a web server hands over at once


def main() -> None:
    """Write the files, time the ways, print the table."""
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        files = _real_files(options.folder) if options.folder else _synthetic_files(folder, options.count)
        size = sum(path.stat().st_size for path in files)
        print(f"{len(files)} files, {size / 1e6:.0f} MB, {os.cpu_count()} cores, {options.rounds} rounds")
        app = create_app({"INSTANCE": f"{folder}/instance", "MIN_FREE_DISK": 0, "JOBS_START": False})
        with app.app_context():
            db.create_all()
        _report(_measure(app, files, options.rounds), len(files), size)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--folder", type=Path, help="folder with DICOM files, instead of synthetic ones")
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=7, help="rounds of all ways, at least 5")
    options = parser.parse_args()
    options.rounds = max(5, options.rounds)
    return options


def _synthetic_files(folder: str, count: int) -> list[Path]:
    paths = []
    for number, dataset in enumerate(thorax_series(count)):
        paths.append(Path(folder) / f"{number}.dcm")
        dataset.save_as(paths[-1], enforce_file_format=True)
    return paths


def _real_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _measure(app: Flask, files: list[Path], rounds: int) -> dict[str, list[float]]:
    ways: dict[str, Callable[[], object]] = {
        "read": lambda: _read(files),
        "read and hash": lambda: _hash(files),
        "receive (stream, hash, write)": lambda: _receive_and_forget(app, files),
        "receive and ingest": lambda: _ingest(app, files),
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds + 1):
        for name, way in ways.items():
            started = time.perf_counter()
            way()
            if number:  # the first round warms caches and starts the children
                seconds[name].append(time.perf_counter() - started)
    return seconds


def _read(files: list[Path]) -> None:
    for path in files:
        path.read_bytes()


def _hash(files: list[Path]) -> None:
    for path in files:
        hashlib.sha256(path.read_bytes()).digest()


def _receive(app: Flask, files: list[Path]) -> list[IncomingFile]:
    received = []
    for path in files:
        target = HashingFile(app.extensions["store"], app.config["MAX_FILE_SIZE"])
        source = BytesIO(path.read_bytes())
        while data := source.read(STEP):
            target.write(data)
        received.append(target.received(path.name))
    return received


def _receive_and_forget(app: Flask, files: list[Path]) -> None:
    for received in _receive(app, files):
        received.path.unlink()


def _ingest(app: Flask, files: list[Path]) -> None:
    """Into a new account each time, so that nothing is a duplicate."""
    with app.app_context():
        owner = User(name=f"bench{time.time_ns()}")
        db.session.add(owner)
        db.session.commit()
        owner_id = owner.id
        report = ingest(owner_id, _receive(app, files), store=app.extensions["store"], settings=app.config)
        if report.accepted + len(report.duplicates) + len(report.refused) != len(files):
            raise SystemExit("files were lost")


def _report(seconds: dict[str, list[float]], count: int, size: int) -> None:
    bare = statistics.median(seconds["read"])
    print(f"{'way':32}{'median s':>10}{'files/s':>10}{'MB/s':>10}{'× read':>10}")
    for name, times in seconds.items():
        median = statistics.median(times)
        print(
            f"{name:32}{median:10.3f}{count / median:10.0f}{size / median / 1e6:10.0f}{median / bare:10.1f}"
        )


if __name__ == "__main__":
    main()
