"""Alice's marks on her small series (tests/viewer/conftest.py has its voxels and places)."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from tests.conftest import csrf_of
from tests.viewer.conftest import Reader, stack, volume

__all__ = ["stack", "volume"]

# Slice 1 of the axial plane: pixels of 0.5 × 2 mm, its first voxel at (10, −20, 33).
AXIAL = {
    "name": "axial",
    "index": 1,
    "origin_lps": [10, -20, 33],
    "right_lps": [1, 0, 0],
    "down_lps": [0, 1, 0],
    "normal_lps": [0, 0, 1],
    "thickness_mm": 3,
}


def mark_id(number: int) -> str:
    return str(UUID(int=(0x4000 << 64) | (0x8000 << 48) | number))


@dataclass
class Marker:
    """A signed-in browser that draws on a series."""

    reader: Reader

    @property
    def url(self) -> str:
        return f"/api/v1/series/{self.reader.series_id}"

    def put(self, number: int, kind: str, points: Any, **more: Any) -> dict[str, Any]:
        """Keep a mark in the patient on slice 1."""
        mark = {"kind": kind, "space": "patient", "points": points, "plane": AXIAL} | more
        body = {"series_id": self.reader.series_id, "part": 0, **mark}
        answer = self.reader.client.put(f"/api/v1/marks/{mark_id(number)}", json=body, headers=self.token())
        assert answer.status_code == 200, answer.text
        return mark

    def get(self, path: str, **headers: str) -> Any:
        return self.reader.client.get(f"{self.url}/{path}", headers={"Accept-Language": "en", **headers})

    def post(self, path: str, **more: Any) -> Any:
        return self.reader.client.post(f"{self.url}/{path}", headers=self.token(), **more)

    def token(self) -> dict[str, str]:
        return {"X-CSRFToken": csrf_of(self.reader.client, "/account"), "Accept-Language": "en"}


@pytest.fixture
def marker(volume: Reader) -> Marker:
    return Marker(volume)
