import json
import re
from html import unescape
from typing import Any

import numpy as np
import pytest
from flask import Flask

from app.imaging.errors import UnsupportedData
from tests.conftest import sign_in
from tests.imaging.phantoms import ct_slice
from tests.viewer.conftest import AS_STORED, Reader, reader_of

SERVICE = (
    "slices/axial/0.png",
    "value?i=0&j=0&k=0",
    "histogram",
    "metadata",
    "thumbnail.png",
    "progress",
)


def data_of(page: str) -> dict[str, Any]:
    """What the page gives to its script."""
    found = re.search(r'data-series="([^"]*)"', page)
    assert found
    data: dict[str, Any] = json.loads(unescape(found[1]))
    return data


def test_the_page_carries_the_geometry(volume: Reader) -> None:
    data = data_of(volume.page().text)
    assert [plane["plane"] for plane in data["planes"]] == ["axial", "sagittal", "coronal"]
    assert data["shape_ijk"] == [5, 4, 3]
    assert data["affine"][0] == [0.5, 0.0, 0.0, 10.0]
    assert data["planes"][2]["letters"] == {"left": "R", "right": "L", "top": "H", "bottom": "F"}
    assert data["window"] == {"center": 40, "width": 400}


def test_the_windows_of_the_file_follow_the_usual_ones(app: Flask, people: dict[str, Any]) -> None:
    stored = {"WindowCenter": [35, -500], "WindowWidth": [300, 1400]}
    explained = {"WindowCenterWidthExplanation": ["ABDOMEN", "PULMO"]}
    slices = (ct_slice(k, **stored, **explained) for k in range(3))
    data = data_of(reader_of(app, people["alice"], slices).page().text)
    widths = [preset["width"] for preset in data["presets"]]
    assert widths[:7] == [400, 1500, 2500, 80, 350, 300, 1400]
    assert [preset["label"] for preset in data["presets"][5:7]] == ["ABDOMEN", "PULMO"]
    assert data["presets"][6]["numbers"] == "1400 / −500"
    assert data["window"] == {"center": 35.0, "width": 300.0}


def test_the_page_always_says_what_it_is_not_for(volume: Reader, stack: Reader) -> None:
    for page in (volume.page().text, stack.page().text):
        assert 'class="not-dx"' in page


def test_a_stack_has_one_pane_and_says_why(stack: Reader) -> None:
    page = stack.page().text
    data = data_of(page)
    assert [plane["plane"] for plane in data["planes"]] == ["stack"]
    assert [(image["width"], image["height"]) for image in data["images"]] == [(5, 4), (7, 6)]
    assert data["images"][0]["letters"] == {"left": "R", "right": "L", "top": "A", "bottom": "P"}
    assert 'class="stage-note"' in page


def test_an_image_that_cannot_be_decoded_does_not_close_the_page(
    stack: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_all: Any) -> None:
        raise UnsupportedData("No decoder.")

    monkeypatch.setattr("app.archive.volumes.read_frame", broken)
    assert stack.page().status_code == 200
    assert stack.get("images/1.png").status_code == 422


@pytest.mark.parametrize("state", ["queued", "running"])
def test_while_it_is_prepared_the_page_waits(volume: Reader, state: str) -> None:
    volume.change(state=state, parts=None)
    page = volume.page().text
    assert f"/series/{volume.series_id}/progress" in page
    assert "viewer-waiting.js" in page
    assert volume.get("slices/axial/0.png").status_code == 409


def test_the_parts_of_a_series_are_listed_and_each_opens(app: Flask, people: dict[str, Any]) -> None:
    sizes = [(4, 5), (4, 5), (4, 5), (6, 7)]
    slices = (ct_slice(k, pixels=np.full(size, k, np.int16)) for k, size in enumerate(sizes))
    reader = reader_of(app, people["alice"], slices)
    page = reader.page().text
    assert data_of(page)["shape_ijk"] == [5, 4, 3]
    assert f"/viewer/{reader.series_id}?part=1" in page
    other = data_of(reader.client.get(f"/viewer/{reader.series_id}?part=1").text)
    assert [(image["width"], image["height"]) for image in other["images"]] == [(7, 6)]
    assert other["query"] == "part=1"
    assert reader.greys(f"images/0.png?part=1&{AS_STORED}")[0][0] == 3
    assert reader.client.get(f"/viewer/{reader.series_id}?part=2").status_code == 404


def test_a_straightened_volume_warns_and_leads_to_its_images(app: Flask, people: dict[str, Any]) -> None:
    # Every slice 1 mm further back: tan 18.43° = 1/3.
    slices = (ct_slice(k, position=(10, -20 + k, 30 + 3 * k)) for k in range(4))
    reader = reader_of(app, people["alice"], slices)
    page = reader.page().text
    assert "18.4°" in page
    assert f"/viewer/{reader.series_id}?part=0&amp;as=stack" in page
    original = reader.client.get(f"/viewer/{reader.series_id}?part=0&as=stack").text
    assert data_of(original)["kind"] == "stack"
    assert len(data_of(original)["images"]) == 4
    assert "18.4°" not in original


def test_a_failed_series_gives_its_reason(volume: Reader) -> None:
    volume.change(state="failed", parts=None, reason={"template": "Broken on purpose.", "values": {}})
    page = volume.page().text
    assert "Broken on purpose." in page
    assert "viewer-waiting.js" not in page


def test_a_series_without_images_says_so(volume: Reader) -> None:
    reason = {"template": "No images here.", "values": {}}
    volume.change(state="stack", parts=None, has_pixels=False, reason=reason)
    assert "No images here." in volume.page().text


def test_nobody_else_sees_anything(volume: Reader) -> None:
    for name in ("bob", "charlie", "ada"):
        client = sign_in(volume.app, name)
        assert client.get(f"/viewer/{volume.series_id}").status_code == 404
        for path in SERVICE:
            answer = client.get(f"/series/{volume.series_id}/{path}")
            assert answer.status_code == 404, path
            assert answer.json["error"]["code"] == "not_found"


def test_nobody_signed_in(volume: Reader) -> None:
    client = volume.app.test_client()
    page = client.get(f"/viewer/{volume.series_id}")
    assert (page.status_code, page.location.split("?")[0]) == (302, "/login")
    for path in SERVICE:
        assert client.get(f"/series/{volume.series_id}/{path}").status_code == 401, path


def test_the_page_gives_no_name_to_the_address_or_the_script(volume: Reader) -> None:
    data = json.dumps(data_of(volume.page().text))
    assert "Phantom" not in data
    assert "PH-1" not in data


def test_a_page_leaves_out_a_workspace_of_many_outlines(
    volume: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert 'data-workspace="{&#34;curves&#34;' in volume.page().text
    monkeypatch.setattr("app.viewer.routes._MOST_IN_PAGE", 10)
    assert 'data-workspace="null"' in volume.page().text
