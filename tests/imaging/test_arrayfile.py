"""A .npy is there whole or not at all, on whatever system."""

import errno
import os
from pathlib import Path

import numpy as np
import pytest

from app.imaging.arrayfile import put_in_place, reserve, temporary_beside, write_head


def test_an_array_appears_with_its_last_step(tmp_path: Path) -> None:
    final = tmp_path / "volume.npy"
    temporary = temporary_beside(final)
    values = np.arange(24, dtype=np.int16)
    with temporary.open("wb") as file:
        write_head(file, (2, 3, 4), values.dtype)
        file.flush()
        reserve(file, values.nbytes)
        file.write(values.data)
    assert not final.exists()
    put_in_place(temporary, final)
    assert np.load(final).tolist() == values.reshape(2, 3, 4).tolist()
    assert [path.name for path in tmp_path.iterdir()] == ["volume.npy"]


@pytest.mark.parametrize("number", [errno.EOPNOTSUPP, errno.EINVAL])
def test_a_file_system_that_cannot_reserve_is_written_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def cannot(*_arguments: object) -> None:
        raise OSError(number, "cannot")

    monkeypatch.setattr(os, "posix_fallocate", cannot)
    with (tmp_path / "a").open("wb") as file:
        reserve(file, 10)


def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_arguments: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "posix_fallocate", full)
    with (tmp_path / "a").open("wb") as file, pytest.raises(OSError, match="full"):
        reserve(file, 10)


def test_a_system_without_reserving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "posix_fallocate")
    with (tmp_path / "a").open("wb") as file:
        reserve(file, 10)
