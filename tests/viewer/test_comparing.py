import json
import re
from html import unescape
from typing import Any

import pytest
from flask import Flask

from tests.conftest import sign_in
from tests.imaging.phantoms import FRAME_UID, ct_slice
from tests.viewer.conftest import ENGLISH, Reader, reader_of


def compared(page: str, name: str = "compare") -> dict[str, Any]:
    """What the page gives to its script of the second series (``series``: the first)."""
    found = re.search(rf'data-{name}="([^"]*)"', page)
    assert found
    data: dict[str, Any] = json.loads(unescape(found[1]))
    return data


@pytest.fixture
def other(app: Flask, people: dict[str, Any]) -> Reader:
    """Another series of Alice's, of another study of the same patient, in the same frame of reference."""
    slices = (
        ct_slice(k, StudyInstanceUID="1.2.9", SeriesInstanceUID="1.2.9.1", SOPInstanceUID=f"1.2.9.1.{k}")
        for k in range(3)
    )
    return reader_of(app, people["alice"], slices)


def both(one: Reader, two: Reader, query: str = "") -> Any:
    return one.client.get(f"/viewer/{one.series_id}?with={two.series_id}{query}", headers=ENGLISH)


def test_the_page_carries_both_series(volume: Reader, other: Reader) -> None:
    page = both(volume, other).text
    assert compared(page)["id"] == other.series_id
    assert compared(page, "series")["id"] == volume.series_id
    assert page.count('data-series="1"') == 3
    assert 'data-layout="pair"' in page


def test_equal_frames_of_reference_have_equal_tokens_and_no_uid(volume: Reader, other: Reader) -> None:
    page = both(volume, other).text
    token = compared(page)["frame_of_reference"]
    assert token
    assert token == compared(page, "series")["frame_of_reference"]
    assert FRAME_UID not in page


def test_another_frame_of_reference_has_another_token(
    app: Flask, people: dict[str, Any], volume: Reader
) -> None:
    apart = reader_of(
        app,
        people["alice"],
        (
            ct_slice(
                k,
                SeriesInstanceUID="1.2.8",
                SOPInstanceUID=f"1.2.8.{k}",
                FrameOfReferenceUID="1.2.8.9",
            )
            for k in range(3)
        ),
    )
    page = both(volume, apart).text
    assert compared(page)["frame_of_reference"] != compared(page, "series")["frame_of_reference"]


def test_a_volume_is_compared_with_original_images(volume: Reader, other: Reader) -> None:
    page = both(volume, other, "&with_as=stack").text
    assert compared(page)["kind"] == "stack"
    assert 'data-layout-choice="pairs3"' not in page


def test_the_menu_lists_the_patients_other_series(volume: Reader, other: Reader) -> None:
    page = volume.page().text
    assert f"/viewer/{volume.series_id}?with={other.series_id}" in unescape(page)
    assert f"with={volume.series_id}" not in page
    assert "Stop comparing" not in page
    assert "Stop comparing" in both(volume, other).text


def test_what_cannot_be_compared_is_refused(volume: Reader, other: Reader) -> None:
    for query, status in (("&with_part=7", 404), ("&with_part=x", 400), ("&with_as=cube", 400)):
        assert both(volume, other, query).status_code == status, query
    unknown = volume.client.get(f"/viewer/{volume.series_id}?with=nothing", headers=ENGLISH)
    assert unknown.status_code == 404


def test_a_stranger_compares_nothing(
    app: Flask, people: dict[str, Any], volume: Reader, other: Reader
) -> None:
    for name in ("bob", "charlie"):
        client = sign_in(app, name)
        assert client.get(f"/viewer/{volume.series_id}?with={other.series_id}").status_code == 404


def test_a_series_of_somebody_else_is_no_second_one(
    app: Flask, people: dict[str, Any], volume: Reader
) -> None:
    theirs = reader_of(
        app,
        people["bob"],
        (ct_slice(k, SeriesInstanceUID="1.2.7", SOPInstanceUID=f"1.2.7.{k}") for k in range(3)),
    )
    assert both(volume, theirs).status_code == 404
    assert theirs.series_id not in volume.page().text
