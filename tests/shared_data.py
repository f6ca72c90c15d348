"""The shared test data beside the checkout: real images that must not be copied into it."""

import os
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("TRIPLANO_SHARED", Path(__file__).resolve().parents[2] / "shared"))


def shared(relative: str) -> Path:
    """The path of a shared file or folder; the test is skipped, visibly, where it is absent."""
    path = SHARED / relative
    if not path.exists():
        pytest.skip(f"shared test data is absent: {relative}")
    return path
