"""One child that makes scenes, for all tests of a file."""

from collections.abc import Iterator

import pytest

from app.archive import scenery
from app.archive.scenery import SceneWorker


@pytest.fixture(scope="module")
def worker() -> Iterator[SceneWorker]:
    made = SceneWorker()
    yield made
    made.close()


@pytest.fixture
def one_worker(worker: SceneWorker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scenery, "_worker", worker)
