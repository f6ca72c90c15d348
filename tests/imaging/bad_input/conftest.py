"""The child that takes bad series the whole way: one for each module of tests."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from tests.imaging.bad_input.reader import Reader
from tests.imaging.bad_input.sound import series


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """The child process, with its limits."""
    made = Reader(tmp_path_factory.mktemp("bad-input"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def sound_outcome(reader: Reader) -> Any:
    """What the sound series of a kind comes to."""
    return cache(lambda kind: reader.read(series(kind)).outcome)
