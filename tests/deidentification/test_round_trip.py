"""The ZIP goes back in: the same picture, under another name. And the probe's own judgement."""

import io
import subprocess
import sys
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest

from app.archive.ingest import HashingFile, ingest
from app.archive.volumes import load, shown
from app.models import Patient, Series, db
from app.worker import run_queued
from tests.deidentification.planted import add_files, file_bytes, planted_series
from tests.shared_data import shared

PROBE = "tools/deid_probe"


def take_in(app: Any, owner_id: str, files: Iterable[tuple[str, bytes]]) -> Any:
    """Upload *files* for the owner and carry out the jobs that follow."""
    store = app.extensions["store"]
    received = []
    for name, data in files:
        target = HashingFile(store, len(data))
        target.write(data)
        received.append(target.received(name))
    with app.app_context():
        report = ingest(owner_id, received, store=store, settings=app.config)
    run_queued(app)
    return report


def test_the_zip_can_be_uploaded_again_and_shows_the_same(app: Any, people: Any, exported: Any) -> None:
    files = [(f"{k}.dcm", file_bytes(dataset)) for k, dataset in enumerate(planted_series(5))]
    first = take_in(app, people["alice"], files)
    archive = exported(series=list(first.series_ids), preset="pseudonym")
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as again:
        for name in archive.namelist():
            again.writestr(name, archive.read(name))
    second = take_in(app, people["alice"], [("anonymised.zip", target.getvalue())])
    assert second.accepted == 5
    assert second.duplicates == ()
    assert set(second.study_ids).isdisjoint(first.study_ids)
    with app.app_context():
        store = app.extensions["store"]
        before, after = (
            load(shown(db.session.get_one(Series, report.series_ids[0])), store) for report in (first, second)
        )
        np.testing.assert_array_equal(before.array, after.array)
        np.testing.assert_array_equal(before.affine, after.affine)
        names = set(db.session.scalars(db.select(Patient.name)))
    assert len(names) == 2


@pytest.mark.parametrize("preset", ["anonymous", "pseudonym"])
def test_the_probe_finds_no_leak_in_an_export(
    app: Any, people: Any, exported: Any, tmp_path: Path, preset: str
) -> None:
    probe, corpus, output = shared(PROBE), tmp_path / "corpus", tmp_path / "output"
    subprocess.run([sys.executable, probe / "make_corpus.py", corpus], check=True, capture_output=True)
    series = corpus_series(app, people["alice"], corpus)
    exported(series=series, preset=preset).extractall(output)
    for report in output.glob("report.*"):
        report.unlink()  # no image: the probe would take it for one
    score = subprocess.run(
        [sys.executable, probe / "score.py", corpus, output], capture_output=True, text=True, check=False
    )
    assert score.stdout.splitlines()[-1] == "PASS", score.stdout
    assert score.returncode == 0


def corpus_series(app: Any, owner_id: str, corpus: Path) -> list[str]:
    """The corpus as series of rows: every file that is not the answer key, whatever an upload says of it."""
    by_series: dict[str, list[tuple[Any, bytes]]] = {}
    for path in sorted(corpus.rglob("*")):
        if path.is_file() and path.name != "answers.json":
            data = path.read_bytes()
            dataset = pydicom.dcmread(io.BytesIO(data), force=True, stop_before_pixels=True)
            by_series.setdefault(str(dataset.SeriesInstanceUID), []).append((dataset, data))
    return [add_files(app, owner_id, files) for files in by_series.values()]
