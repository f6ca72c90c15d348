"""The windows that the panel offers."""

from typing import Any

import numpy as np
import pytest
from flask import Flask

from app.viewer.presets import Spread, presets
from tests.imaging.phantoms import ct_slice
from tests.viewer.conftest import reader_of
from tests.viewer.test_display import data_of


@pytest.fixture(autouse=True)
def _english(app: Flask) -> Any:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        yield


STORED = ({"center": 35, "width": 300, "explanation": "ABDOMEN", "function": "LINEAR"},)


def told(found: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(preset["label"], preset["numbers"]) for preset in found]


def test_ct_has_the_usual_windows_then_the_files_own_then_further_ones() -> None:
    found = presets("CT", "HU", STORED, ())
    assert told(found) == [
        ("Soft tissue", "400 / 40"),
        ("Lung", "1500 / −600"),
        ("Bone", "2500 / 480"),
        ("Brain", "80 / 40"),
        ("Mediastinum", "350 / 50"),
        ("ABDOMEN", "300 / 35"),
        ("Liver", "150 / 90"),
        ("Angiography", "600 / 300"),
        ("Spine", "250 / 50"),
        ("Subdural", "200 / 75"),
        ("Stroke", "40 / 40"),
        ("Temporal bone", "4000 / 700"),
    ]
    assert [n for n, preset in enumerate(found) if preset.get("is_further")] == [6, 7, 8, 9, 10, 11]
    assert [n for n, preset in enumerate(found) if preset.get("is_stored")] == [5]


def test_values_without_a_scale_make_their_own_windows() -> None:
    found = presets("MR", "", (), (), Spread(10, 509, 0, 1999))
    # From 10 to 509: centre 260, width 500; 60 and 160 hundredths of it; 0 to 1999: centre 1000, width 2000.
    assert told(found) == [
        ("Automatic", "500 / 260"),
        ("High contrast", "300 / 260"),
        ("Low contrast", "800 / 260"),
        ("All values", "2000 / 1000"),
    ]


def test_small_values_keep_their_decimals() -> None:
    found = presets("MR", "", (), (), Spread(0.0, 0.5, 0.0, 1.0))
    assert [preset["numbers"] for preset in found] == ["0.5 / 0.25", "0.3 / 0.25", "0.8 / 0.25", "1 / 0.5"]
    assert {preset["function"] for preset in found} == {"exact"}


@pytest.mark.parametrize("modality", ["US", "NM", "OT"])
def test_other_modalities_have_the_files_own_windows_alone(modality: str) -> None:
    assert told(presets(modality, "", STORED, (), Spread(0, 100, 0, 200))) == [("ABDOMEN", "300 / 35")]


@pytest.mark.parametrize("spread", [None, Spread(5, 5, 0, 9)])
def test_where_the_values_say_nothing_there_are_no_windows_of_theirs(spread: Spread | None) -> None:
    assert presets("MR", "", (), (), spread) == []


def test_pet_has_windows_in_suv() -> None:
    assert [preset["numbers"] for preset in presets("PT", "SUVbw", (), ())] == [
        "5 / 2.5",
        "10 / 5",
        "15 / 7.5",
    ]


@pytest.mark.parametrize("form", ["", "?as=stack"])
def test_pages_of_volumes_and_of_stacks_offer_them(app: Flask, people: dict[str, Any], form: str) -> None:
    pixels = np.full((4, 5), -3000, np.int16)
    pixels[1:3] = [100, 110, 120, 130, 140]
    elements = {"Modality": "MR", "PixelPaddingValue": -3000, "intercept": 0, "pixels": pixels}
    reader = reader_of(app, people["alice"], [ct_slice(k, **elements) for k in range(2)])
    page = data_of(reader.client.get(f"/viewer/{reader.series_id}{form}").text)
    numbers = {preset["numbers"] for preset in page["presets"]}
    assert {"41 / 120.5", "24.6 / 120.5", "66 / 120"} <= numbers
