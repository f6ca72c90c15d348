"""The web process stays small, whatever is sent: bombs burst in the children."""

import gc
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from app.archive.ingest import ingest
from tests.archive.conftest import Archive, dicom, zip_of
from tests.archive.test_parsing import deflate_bomb

MIB = 1024 * 1024


def kilobytes(field: str) -> int:
    found = re.search(rf"{field}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found is not None
    return int(found[1])


def growth(archive: Archive, files: Mapping[str, bytes]) -> tuple[float, dict[str, str]]:
    """MB by which this process grew at most while it took *files* in, and the reasons of the refused."""
    archive.take({"warm.dcm": dicom(9)})
    received = {name: archive.receive(name, content) for name, content in files.items()}
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")  # the high-water mark begins anew
    before = kilobytes("VmRSS")
    report = ingest(archive.owner_id, list(received.values()), store=archive.store, settings=archive.settings)
    assert report.accepted == 1
    return (kilobytes("VmHWM") - before) / 1024, {one.name: str(one.reason) for one in report.refused}


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="needs Linux")
def test_bombs_leave_the_web_process_small(archive: Archive) -> None:
    inner = zip_of({f"{k}": bytes(8 * MIB) for k in range(20)})
    grown, reasons = growth(
        archive,
        {
            "good.dcm": dicom(1),
            "bomb.zip": zip_of({"zeros.dcm": bytes(400 * MIB)}),
            "nested.zip": zip_of({f"{k}.zip": inner for k in range(20)}),
            "many.zip": zip_of({f"{k}": b"" for k in range(11_000)}, zipfile.ZIP_STORED),
            "deflated.dcm": deflate_bomb(400 * MIB),
            "huge.dcm": dicom(2, Rows=65535, Columns=65535),
            "frames.dcm": dicom(3, NumberOfFrames=10**9),
        },
    )
    assert set(reasons) == {
        "bomb.zip/zeros.dcm",
        "nested.zip",
        "many.zip",
        "deflated.dcm",
        "huge.dcm",
        "frames.dcm",
    }
    assert reasons["many.zip"] == "The ZIP holds more than 10,000 files; nothing of it was taken in."
    assert grown < 50
    assert archive.left_over() == []
