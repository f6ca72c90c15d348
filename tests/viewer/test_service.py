from typing import Any

import numpy as np
import pytest
from flask import Flask
from pydicom.datadict import tag_for_keyword
from pydicom.dataset import Dataset

from app.viewer.tagwords import WORDS
from tests.imaging.phantoms import ct_slice, modality_table
from tests.viewer.conftest import Reader, reader_of


def test_value_of_a_voxel(volume: Reader) -> None:
    # i = 3: 10 + 3 · 0.5; j = 2: −20 + 2 · 2; k = 1: 30 + 3. Stored 100 + 20 + 3.
    assert volume.get("value?i=3&j=2&k=1").json == {
        "stored": 123,
        "value": -901,
        "unit": "HU",
        "point_lps": [11.5, -16.0, 33.0],
        "slope": 1.0,
        "intercept": -1024.0,
        "reason": None,
        "suv": None,
    }


def test_slices_are_sorted_by_place_not_by_number(app: Flask, people: dict[str, Any]) -> None:
    backwards = (ct_slice(k, InstanceNumber=9 - k) for k in (2, 0, 1))
    reader = reader_of(app, people["alice"], backwards)
    assert reader.get("value?i=0&j=0&k=2").json["stored"] == 200


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("i=5&j=0&k=0", "i"),
        ("i=0&j=4&k=0", "j"),
        ("i=0&j=0&k=3", "k"),
        ("i=-1&j=0&k=0", "i"),
        ("i=0&j=1.5&k=0", "j"),
        ("i=0&j=0", "k"),
        ("i=%D9%A1&j=0&k=0", "i"),
    ],
)
def test_a_voxel_outside_is_named(volume: Reader, query: str, field: str) -> None:
    answer = volume.get(f"value?{query}")
    assert (answer.status_code, answer.json["error"]["field"]) == (400, field)


def test_the_stored_value_behind_a_table_is_not_made_up(app: Flask, people: dict[str, Any]) -> None:
    slices = (modality_table(ct_slice(k), (3 * n for n in range(400))) for k in range(3))
    reader = reader_of(app, people["alice"], slices)
    answer = reader.get("value?i=3&j=2&k=1").json
    assert (answer["value"], answer["stored"]) == (369, None)  # 3 · (100 + 20 + 3)


def test_value_of_an_image_behind_a_volume(volume: Reader) -> None:
    # Row 1, column 4 of the first image: stored 14, 4 × 0.5 mm to the left and 2 mm back.
    assert volume.get("value?i=4&j=1&k=0&as=stack").json == {
        "stored": 14,
        "value": -1010,
        "unit": "HU",
        "point_lps": [12.0, -18.0, 30.0],
        "slope": 1.0,
        "intercept": -1024.0,
        "reason": None,
        "suv": None,
    }


def test_value_of_a_stack_image(stack: Reader) -> None:
    assert stack.get("value?i=4&j=1&k=0").json["stored"] == 14
    assert stack.get("value?i=6&j=5&k=1").json["stored"] == 150
    assert stack.get("value?i=6&j=5&k=0").json["error"]["field"] == "i"


def test_an_image_without_a_place_says_so(app: Flask, people: dict[str, Any]) -> None:
    lost = ct_slice(0, ImagePositionPatient=None, ImageOrientationPatient=None, PixelSpacing=None)
    reader = reader_of(app, people["alice"], [lost])
    assert reader.get("value?i=1&j=1&k=0").json["point_lps"] is None
    assert '"is_calibrated": false' in reader.page().text.replace("&#34;", '"')


def colour_image() -> Dataset:
    """2 × 2 pixels: red, green / blue, white."""
    dataset = ct_slice(0, pixels=np.zeros((2, 2), np.uint8), PixelSpacing=None)
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 3, "RGB"
    dataset.PlanarConfiguration = 0
    dataset.PixelData = bytes([255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255])
    del dataset.RescaleSlope, dataset.RescaleIntercept
    return dataset


def test_colour_images_are_shown_as_they_are(app: Flask, people: dict[str, Any]) -> None:
    reader = reader_of(app, people["alice"], [colour_image()])
    wanted = [[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [255, 255, 255]]]
    assert reader.greys("images/0.png?ww=10&wc=5") == wanted
    assert reader.get("value?i=0&j=1&k=0").json["value"] == [0, 0, 255]
    assert reader.page().status_code == 200


def test_histogram_counts_every_voxel(volume: Reader) -> None:
    answer = volume.get("histogram?bins=4096").json
    assert sum(answer["counts"]) == 60
    assert answer["counts"][0] == 1
    assert answer["bin_edges"][0] == -1024
    assert answer["bin_edges"][-1] == -789  # one above the largest value, 234 − 1024


@pytest.mark.parametrize("bins", ["0", "4097", "many", "-5"])
def test_bins_have_bounds(volume: Reader, bins: str) -> None:
    answer = volume.get(f"histogram?bins={bins}")
    assert (answer.status_code, answer.json["error"]["field"]) == (400, "bins")


def test_a_stack_has_a_histogram_of_each_image(stack: Reader) -> None:
    # Image 0 is 4 rows of 5: stored 0 … 34; image 1, the middle of two, is 150 throughout: 42 pixels.
    first = stack.get("histogram?index=0&bins=4096").json
    assert (sum(first["counts"]), first["bin_edges"][0], first["bin_edges"][-1]) == (20, -1024, -989)
    for path in ("histogram?index=1", "histogram"):
        counted = stack.get(path).json
        assert (counted["counts"], counted["bin_edges"]) == ([42], [-874, -873])
    beyond = stack.get("histogram?index=2")
    assert (beyond.status_code, beyond.json["error"]["field"]) == (400, "index")


def test_metadata_of_the_middle_or_a_named_instance(volume: Reader) -> None:
    def uid_of(answer: dict[str, Any]) -> str:
        return str(next(row["value"] for row in answer["elements"] if row["keyword"] == "SOPInstanceUID"))

    middle = volume.get("metadata").json
    assert (middle["instance"], middle["instances"]) == (1, 3)
    assert uid_of(middle).endswith(".2")
    assert uid_of(volume.get("metadata?instance=2").json).endswith(".3")
    first = middle["elements"][0]
    assert set(first) == {"tag", "keyword", "name", "vr", "value", "depth"}
    assert volume.get("metadata?instance=3").json["error"]["field"] == "instance"


def test_metadata_of_a_stack(stack: Reader) -> None:
    rows = {row["keyword"]: row["value"] for row in stack.get("metadata?instance=1").json["elements"]}
    assert rows["Columns"] == "7"


def test_progress_tells_the_state(volume: Reader) -> None:
    answer = volume.get("progress").json
    assert (answer["state"], answer["progress"]) == ("ready", 1.0)


def test_common_elements_are_explained_in_the_readers_language(volume: Reader) -> None:
    words = volume.get("metadata").json["help"]
    assert words["RescaleSlope"] == "Value = stored value × this + Rescale Intercept."
    assert "PixelPaddingValue" not in words  # the image has none
    assert set(words) <= {row["keyword"] for row in volume.get("metadata").json["elements"]}


def test_explanations_are_of_elements_of_the_standard() -> None:
    assert len(WORDS) > 120
    assert [keyword for keyword in WORDS if tag_for_keyword(keyword) is None] == []
