"""VOI LUTs and overlays of damaged files: a named fault or a result, never anything else."""

import random
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset

from app.imaging.errors import ImagingError
from app.imaging.limits import ReadLimits
from app.imaging.overlays import read_overlays
from app.imaging.voi import read_voi_luts
from app.imaging.window import to_grey
from tests.imaging.phantoms import ct_slice, write_file
from tests.shared_data import shared

LIMITS = ReadLimits(max_frame_bytes=1 << 20, max_pixels_bytes=1 << 22, max_header_bytes=1 << 22)


def ask(path: Path) -> list[str]:
    """Read everything of *path*; what those of the two readers said that refused."""
    said = []
    for read in (read_voi_luts, read_overlays):
        try:
            found = read(path, 0, LIMITS)
        except ImagingError as fault:
            said.append(str(fault))
            continue
        for item in found if read is read_voi_luts else ():
            to_grey(np.array([[-32768, 0, 32767]], np.int16), item)
    return said


@pytest.fixture
def whole(tmp_path: Path) -> bytes:
    """A file with two LUTs, an overlay of its own bits and one in the pixels."""
    items = []
    for n in range(2):
        item = Dataset()
        item.add_new(0x00283002, "SS", [4, -1024, 16])
        item.LUTExplanation = f"Table {n}"
        item.add_new(0x00283006, "US", [0, 20000, 40000, 65535])
        items.append(item)
    dataset = ct_slice(BitsStored=12, HighBit=11, VOILUTSequence=items)
    for group, bits, position in ((0x6000, 1, 0), (0x6002, 16, 13)):
        for element, vr, value in (
            (0x10, "US", 4), (0x11, "US", 5), (0x15, "IS", "1"), (0x40, "CS", "G"),
            (0x50, "SS", [1, 1]), (0x51, "US", 1), (0x100, "US", bits), (0x102, "US", position),
        ):  # fmt: skip
            dataset.add_new(group << 16 | element, vr, value)
    dataset.add_new(0x60003000, "OW", bytes(range(4)))
    return write_file(tmp_path / "whole.dcm", dataset).read_bytes()


def test_the_sample_is_sound(whole: bytes, tmp_path: Path) -> None:
    path = tmp_path / "whole.dcm"
    assert (len(read_voi_luts(path)), len(read_overlays(path))) == (2, 2)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.filterwarnings("ignore")
def test_changed_bytes_end_in_a_named_fault_or_a_result(whole: bytes, tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    path = tmp_path / "changed.dcm"
    said: list[str] = []
    for _ in range(150):
        changed = bytearray(whole)
        for _ in range(rng.choice((1, 1, 2, 8))):
            changed[rng.randrange(132, len(changed))] = rng.choice((0, 1, 127, 128, 255, rng.randrange(256)))
        path.unlink(missing_ok=True)  # an earlier one may still be mapped
        path.write_bytes(changed)
        said += ask(path)
    assert all(said)
    assert 0 < len(said) < 300


def test_cut_anywhere(whole: bytes, tmp_path: Path) -> None:
    path = tmp_path / "cut.dcm"
    for length in range(0, len(whole), 17):
        path.unlink(missing_ok=True)
        path.write_bytes(whole[:length])
        ask(path)


@pytest.mark.parametrize("folder", ["corrupt", "photometric", "multiframe"])
@pytest.mark.filterwarnings("ignore")
def test_every_file_of_the_zoo(folder: str) -> None:
    paths = [path for path in sorted(shared(f"data/zoo/{folder}").rglob("*")) if path.is_file()]
    assert len(paths) > 10
    for path in paths:
        ask(path)
