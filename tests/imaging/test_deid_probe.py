"""The shared probe, which marks every attribute of the table, finds nothing left in our copies."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from app.imaging.deid_presets import PRESETS
from app.imaging.deid_scan import scan_bytes
from app.imaging.deidentify import Deidentifier, export_name
from app.imaging.errors import UnsupportedData
from tests.shared_data import shared

PROBE_OPTIONS = {"characteristics": ["--option", "retain_patient_characteristics"]}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    tool = shared("tools/deid_probe/make_corpus.py")
    subprocess.run([sys.executable, "-B", str(tool), str(folder)], check=True, capture_output=True)
    return folder


@pytest.mark.parametrize("preset", PRESETS)
def test_probe_finds_no_leak_and_no_wrong_action(corpus: Path, tmp_path: Path, preset: str) -> None:
    maker, refused = Deidentifier(b"0123456789abcdef", preset), []
    found: set[str] = set()
    copies = tmp_path / "copies"
    for number, path in enumerate(sorted(corpus.rglob("*.dcm")), start=1):
        try:
            found |= maker.file(path, copies / export_name(1, number)).identifiers
        except UnsupportedData:
            refused.append(path.name)
    assert refused == ["ZZQSMITH_SR.dcm"]
    for copy in copies.rglob("*.dcm"):
        assert scan_bytes(copy, frozenset(found) | maker.uids.seen().keys()) == []

    result = tmp_path / "score.json"
    command = [sys.executable, "-B", str(shared("tools/deid_probe/score.py")), str(corpus), str(copies)]
    run = subprocess.run(
        [*command, "--verbose", "--json", str(result), *PROBE_OPTIONS.get(preset, [])],
        capture_output=True,
        text=True,
        check=False,
    )
    score = json.loads(result.read_text(encoding="utf-8"))
    for part in ("root", "nested"):
        assert (score[part]["tested"], score[part]["leaks"], score[part]["wrong"]) == (613, [], [])
    study, files = score["study"], score["files"]
    assert (study["rtstruct references resolve"], study["seg references resolve"]) == ("7/7", "6/6")
    assert (study["rtstruct right slice"], study["seg right slice"]) == ("4/4", "3/3")
    assert (study["study UIDs"], study["patient IDs"], study["CT pixels unchanged"]) == (1, 1, "3/3")
    assert study["frame of reference links"] is True
    assert files["extras that survive"] == []
    for fault in ("file names kept", "files with an original UID", "meta UID differs from data set"):
        assert files[fault] == 0
    assert files["PatientIdentityRemoved YES"] == files["method code sequence"] == files["files"] == 7
    assert files["files with a marker"] == 0
    assert run.returncode == 0, run.stdout
