"""The corrupt files of the zoo, and larger ones, whole and cut, within two seconds and 512 MiB each."""

import pytest

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
