"""The corrupt files of the zoo, and larger ones, whole and cut, within two seconds and 512 MiB each."""

import imagecodecs
import numpy as np
import pytest

from tests.imaging.bad_input.sound import as_bytes, compressed
from tests.imaging.phantoms import ct_slice
from tests.shared_data import shared


def test_every_corrupt_file_comes_to_a_good_end(reader):
    paths = [path for path in sorted(shared("data/zoo/corrupt").rglob("*")) if path.is_file()]
    assert len(paths) >= 10
    found = {}
    for path in paths:
        answer = reader.read_paths([str(path)])
        if answer.wrong:
            found[path.name] = answer.wrong
    assert found == {}


@pytest.mark.parametrize("folder", ["multiframe", "photometric"])
def test_real_files_cut_in_half_come_to_a_good_end(reader, folder):
    paths = [path for path in sorted(shared(f"data/zoo/{folder}").rglob("*")) if path.is_file()]
    small = [path for path in paths if path.stat().st_size < 1_000_000]
    assert len(small) > 5
    found = {}
    for path in small:
        whole = path.read_bytes()
        answer = reader.read([whole[: len(whole) // 2]])
        if answer.wrong:
            found[path.name] = answer.wrong
    assert found == {}


def blank(syntax, body, size):
    """Two slices of *size* × *size* zeros, compressed to a few hundred bytes."""
    made = []
    for k in range(2):
        dataset = ct_slice(k, pixels=np.zeros((2, 2), np.uint16), intercept=0, Rows=size, Columns=size)
        made.append(as_bytes(compressed(syntax, [body], dataset)))
    return made


@pytest.mark.parametrize("size", [5000, 8000])
def test_blank_images_that_claim_to_be_large_stay_within_bounds(reader, size):
    body = imagecodecs.jpegls_encode(np.zeros((size, size), np.uint16))
    answer = reader.read(blank("4.80", body, size))
    assert answer.wrong == []
    assert bool(answer.outcome["faults"]) is (size == 8000)
