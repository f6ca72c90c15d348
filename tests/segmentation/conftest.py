"""Alice at her volume of 5 × 4 × 3 voxels (tests/viewer/conftest.py), with files of masks on its grid."""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nrrd
import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import csrf_of, sign_in
from tests.viewer.conftest import ENGLISH, Reader, stack, volume

__all__ = ["stack", "volume"]

# Of the volume: 0.5 × 2 × 3 mm, the first voxel at (10, −20, 30).
SPACING = (0.5, 2.0, 3.0)
ORIGIN = (10.0, -20.0, 30.0)


def mask_ijk(*boxes: tuple[tuple[int, int, int], tuple[int, int, int]]) -> np.ndarray:
    """(i, j, k) uint8: label n + 1 in the half-open box number n."""
    labels = np.zeros((5, 4, 3), np.uint8)
    for value, ((i0, j0, k0), (i1, j1, k1)) in enumerate(boxes, start=1):
        labels[i0:i1, j0:j1, k0:k1] = value
    return labels


# Segment 1: 2 × 2 × 1 voxels of slice 1; segment 2: one voxel of slice 2.
TWO = mask_ijk(((1, 1, 1), (3, 3, 2)), ((4, 0, 2), (5, 1, 3)))


def nrrd_bytes(labels: np.ndarray = TWO, folder: Path | None = None, **fields: Any) -> bytes:
    """*labels* (i, j, k) as NRRD in LPS, on the volume's grid unless *fields* say otherwise."""
    header = {
        "space": "left-posterior-superior",
        "space directions": np.diag(SPACING),
        "space origin": np.array(ORIGIN),
        "kinds": ["domain"] * 3,
        **fields,
    }
    import tempfile

    with tempfile.TemporaryDirectory() as own:
        path = Path(own) / "labels.nrrd"
        nrrd.write(str(path), labels, header)
        return path.read_bytes()


@dataclass
class Page:
    """A signed-in browser with the token of its pages."""

    client: FlaskClient
    token: str
    series_id: str

    def call(self, method: str, path: str, **more: Any) -> Any:
        headers = {"X-CSRFToken": self.token, **ENGLISH, **more.pop("headers", {})}
        return self.client.open(path, method=method, headers=headers, **more)

    def api(self, method: str, path: str, **more: Any) -> Any:
        return self.call(method, f"/api/v1/{path}", **more)

    def send(self, content: bytes, name: str = "labels.nrrd", query: str = "") -> Any:
        """POST a file as the page does."""
        data = {"file": (io.BytesIO(content), name)}
        return self.api("POST", f"series/{self.series_id}/segmentations{query}", data=data)

    def sent(self, content: bytes | None = None, **more: Any) -> dict[str, Any]:
        """The answer to a file that is taken."""
        answer = self.send(nrrd_bytes() if content is None else content, **more)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json
        return found

    def listed(self, query: str = "") -> dict[str, Any]:
        answer = self.api("GET", f"series/{self.series_id}/segmentations{query}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json
        return found


def page_of(app: Flask, name: str, series_id: str) -> Page:
    client = sign_in(app, name)
    return Page(client, csrf_of(client, "/account"), series_id)


@pytest.fixture
def page(app: Flask, volume: Reader) -> Page:
    return page_of(app, "alice", volume.series_id)


@pytest.fixture
def stranger(app: Flask, volume: Reader) -> Page:
    return page_of(app, "charlie", volume.series_id)
