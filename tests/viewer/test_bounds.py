"""Long files cost the web process a bounded time and memory."""

import re
from html import unescape
from typing import Any

import pytest
from flask import Flask

from app.viewer import display
from tests.imaging.phantoms import ct_slice
from tests.viewer.conftest import ENGLISH, Reader, reader_of
from tests.viewer.test_pages import data_of


@pytest.fixture
def cine(app: Flask, people: dict[str, Any]) -> Reader:
    """One file of 30 images of 4 rows and 5 columns, without a place in the patient."""
    image = ct_slice(0)
    del image.ImagePositionPatient
    image.NumberOfFrames = 30
    image.PixelData = bytes(30 * 4 * 5 * 2)
    return reader_of(app, people["alice"], [image])


def test_a_long_file_is_asked_for_its_overlays_once(cine: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Any] = []
    structure = display.read_structure
    monkeypatch.setattr(display, "read_structure", lambda path: read.append(path) or structure(path))
    monkeypatch.setattr(display, "read_overlays", lambda *_: pytest.fail("there are none to be read"))
    assert cine.page().status_code == 200
    assert cine.page().status_code == 200
    assert cine.get("images/7.png?overlays=1").status_code == 200
    assert len(read) == 1


def test_the_page_of_a_long_file_tells_what_changes(cine: Reader, stack: Reader) -> None:
    assert data_of(cine.page().text)["images"][1:] == [{}] * 29
    first, second = data_of(stack.page().text)["images"]
    assert (first["width"], first["height"], second) == (5, 4, {"width": 7, "height": 6})


def test_lost_originals_leave_the_volume_and_are_named_where_they_are_asked_for(volume: Reader) -> None:
    for original in (volume.app.extensions["store"].root / "originals").rglob("*.dcm"):
        original.unlink()
    assert volume.page().status_code == 200
    assert volume.get("slices/axial/1.png").status_code == 200
    for path in ("images/1.png", "metadata", "slices/axial/1.png?overlays=1"):
        answer = volume.get(path, headers=ENGLISH)
        assert answer.status_code == 409, path
        assert "missing in the store" in answer.text
    assert volume.client.get(f"/viewer/{volume.series_id}?as=stack").status_code == 409


def test_thumbnails_are_not_asked_for_again(volume: Reader) -> None:
    source = re.search(r'<img class="thumb" src="([^"]+)"', volume.client.get("/").text)
    assert source
    answer = volume.client.get(unescape(source[1]))
    assert answer.status_code == 200
    assert "immutable" in answer.headers["Cache-Control"]
