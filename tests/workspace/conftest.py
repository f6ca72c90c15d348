"""Alice at her volume of known voxels, with calls as the page makes them."""

from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import csrf_of, sign_in
from tests.viewer.conftest import ENGLISH, Reader, stack, volume

__all__ = ["stack", "volume"]

MARK_ID = "0b0a6ea0-35a8-4d3c-9f0c-6a4a3b1f0d11"
OTHER_ID = "7d2f6a1e-9a3b-4a0e-8a58-0c1d6f5b2e22"
CURVE_ID = "c4a1f0d2-1111-4222-8333-944455556666"
# From voxel (1, 1, 1) to voxel (3, 1, 1) of the volume.
LENGTH: dict[str, Any] = {
    "kind": "length",
    "space": "patient",
    "points": [[10.5, -18, 33], [11.5, -18, 33]],
    "plane": None,
    "phase": 0,
    "label": "length 1",
    "color": "#7fd4ff",
    "hidden": False,
    "statistics": None,
}


@dataclass
class Page:
    """A signed-in browser with the token of its pages."""

    client: FlaskClient
    token: str
    series_id: str

    def call(self, method: str, path: str, json: Any = None, **more: Any) -> Any:
        headers = {"X-CSRFToken": self.token, **ENGLISH}
        return self.client.open(f"/api/v1/{path}", method=method, json=json, headers=headers, **more)

    def workspace(self, query: str = "") -> Any:
        answer = self.call("GET", f"series/{self.series_id}/workspace{query}")
        assert answer.status_code == 200, answer.text
        return answer.json

    def put(self, mark: dict[str, Any], mark_id: str = MARK_ID, **more: Any) -> Any:
        body = {"series_id": self.series_id, "part": 0, "id": mark_id, **mark, **more}
        return self.call("PUT", f"marks/{mark_id}", body)

    def marks(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.workspace()["marks"]
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
