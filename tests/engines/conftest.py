"""A folder of weights for nnInteractive that needs no weights, and a volume with one bright ball."""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from app.engines.base import EngineVolume
from app.imaging.segments import Grid
from tests.shared_data import shared

# (k, j, i), as in the checkpoint's own check: with one point at its centre that finds 3673 voxels.
SHAPE_KJI, CENTRE_KJI, RADIUS = (64, 128, 128), (32, 60, 70), 14
CENTRE = (70, 60, 32)


@pytest.fixture(scope="session")
def rule_tools() -> Iterator[Path]:
    """The folder of the rule network and of what writes its checkpoint, on the path."""
    folder = shared("tools/nninteractive_checkpoint")
    sys.path.insert(0, str(folder))
    yield folder
    sys.path.remove(str(folder))


@pytest.fixture(scope="session")
def rule_folder(rule_tools: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint whose answers follow a rule: bright, near a positive prompt, not near a negative one."""
    from make_checkpoint import make_checkpoint  # type: ignore[import-not-found]

    folder = tmp_path_factory.mktemp("rule64")
    make_checkpoint(folder)
    return folder


@pytest.fixture(scope="session")
def ball_kji() -> np.ndarray:
    axes = np.ogrid[: SHAPE_KJI[0], : SHAPE_KJI[1], : SHAPE_KJI[2]]
    squares = [(axis - middle) ** 2 for axis, middle in zip(axes, CENTRE_KJI, strict=True)]
    return np.asarray(squares[0] + squares[1] + squares[2] < RADIUS**2)


@pytest.fixture(scope="session")
def volume(ball_kji: np.ndarray) -> EngineVolume:
    array = np.random.default_rng(0).normal(0, 20, SHAPE_KJI).astype(np.int16)
    array[ball_kji] += 300
    array.setflags(write=False)
    return EngineVolume(array, Grid.of(SHAPE_KJI[::-1], np.eye(4)), "CT", "ball")
