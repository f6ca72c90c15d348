"""Window functions, VOI LUTs and overlays through the addresses of pictures and the page's data."""

import io
from typing import Any

import numpy as np
import pydicom
import pytest
from flask import Flask
from PIL import Image
from pydicom.dataset import Dataset

from tests.imaging.phantoms import ct_slice
from tests.shared_data import shared
from tests.viewer.conftest import AS_STORED, Reader, reader_of
from tests.viewer.test_pages import data_of

REAL = ("vlut_04.dcm", "examples_overlay.dcm")
YELLOW = [255, 221, 51]


def voi_lut(entries: list[int], first: int, explanation: str = "") -> Dataset:
    item = Dataset()
    item.add_new(0x00283002, "SS", [len(entries), first, 8])
    item.LUTExplanation = explanation
    item.add_new(0x00283006, "US", entries)
    return item


def overlaid(dataset: Dataset, pixels: list[tuple[int, int]], **texts: str) -> Dataset:
    """*dataset*, 4 rows of 5 pixels, with an overlay at these rows and columns."""
    bits = sum(1 << (5 * row + column) for row, column in pixels)
    for element, vr, value in (
        (0x0010, "US", 4), (0x0011, "US", 5), (0x0040, "CS", "G"), (0x0050, "SS", [1, 1]),
        (0x0100, "US", 1), (0x0102, "US", 0), (0x3000, "OW", bits.to_bytes(4, "little")),
    ):  # fmt: skip
        dataset.add_new(0x60000000 | element, vr, value)
    for element, value in ((0x0022, texts.get("description")), (0x1500, texts.get("label"))):
        if value:
            dataset.add_new(0x60000000 | element, "LO", value)
    return dataset


def colours(reader: Reader, path: str) -> list[list[list[int]]]:
    answer = reader.get(path)
    assert answer.status_code == 200, answer.text
    found: list[list[list[int]]] = np.asarray(Image.open(io.BytesIO(answer.data)).convert("RGB")).tolist()
    return found


@pytest.fixture
def tables(app: Flask, people: dict[str, Any]) -> Reader:
    """A volume with two LUTs a slice: row 0 of slice k, −1024 + 100·k + column, becomes 10·k + column."""

    def luts(k: int) -> list[Dataset]:
        first = -1024 + 100 * k
        return [voi_lut([10 * k + n for n in range(5)], first, "NORMAL"), voi_lut([0, 255], first + 2)]

    stored = {"WindowCenter": [35, 1], "WindowWidth": [300, 0.5], "VOILUTFunction": "LINEAR"}
    return reader_of(app, people["alice"], (ct_slice(k, VOILUTSequence=luts(k), **stored) for k in range(3)))


@pytest.fixture
def marked(app: Flask, people: dict[str, Any]) -> Reader:
    """A volume of which slice 1 has an overlay at row 0, column 1 and row 3, column 4."""
    slices = [ct_slice(k) for k in range(3)]
    overlaid(slices[1], [(0, 1), (3, 4)], description="Jane Doe", label="Mark")
    return reader_of(app, people["alice"], slices)


def test_each_function_draws_its_own_greys(volume: Reader) -> None:
    # Row 0 of slice 1: −924 to −920. Centre −922, width 4: (x − c) / 4 + 0.5 = 0, 1/4, 1/2, 3/4, 1.
    window = "ww=4&wc=-922"
    assert volume.greys(f"slices/axial/1.png?{window}&fn=exact")[0] == [0, 64, 128, 191, 255]
    # LINEAR: (x + 922.5) / 3 + 0.5 = 0, 0, 0.667, 1, 1.
    assert volume.greys(f"slices/axial/1.png?{window}&fn=linear")[0] == [0, 85, 170, 255, 255]
    assert volume.greys(f"slices/axial/1.png?{window}")[0] == [0, 85, 170, 255, 255]
    # 255 / (1 + e^2, e^1, 1, e^-1, e^-2).
    assert volume.greys(f"slices/axial/1.png?{window}&fn=sigmoid")[0] == [30, 69, 128, 186, 225]


def test_functions_are_other_pictures_to_the_browser(volume: Reader) -> None:
    paths = [f"slices/axial/1.png?ww=4&wc=-922&fn={name}" for name in ("linear", "exact", "sigmoid")]
    paths += ["slices/axial/1.png?ww=4&wc=-922&overlays=1", "slices/axial/1.png"]
    assert len({volume.get(path).headers["ETag"] for path in paths}) == 5


def test_parameters_without_sense_are_named(volume: Reader, stack: Reader) -> None:
    for query, field in (
        ("fn=cubic&ww=400&wc=40", "fn"),
        ("fn=LINEAR&ww=400&wc=40", "fn"),
        ("fn=exact", "ww"),
        ("fn=exact&ww=0&wc=40", "ww"),
        ("fn=sigmoid&ww=-1&wc=40", "ww"),
        ("fn=sigmoid&ww=nan&wc=40", "ww"),
        ("fn=exact&ww=5", "wc"),
        ("fn=linear&ww=0.5&wc=40", "ww"),
        ("lut=0", "lut"),
        ("lut=-1", "lut"),
        ("lut=1.5", "lut"),
        ("lut=16", "lut"),
        ("lut=", "lut"),
        ("lut=0&ww=400&wc=40", "lut"),
        ("lut=0&fn=exact", "ww"),
        ("overlays=yes", "overlays"),
    ):
        for reader, place in ((volume, "slices/axial/0"), (stack, "images/0")):
            answer = reader.get(f"{place}.png?{query}")
            assert answer.status_code == 400, query
            assert answer.json["error"]["field"] == field, query


def test_slices_open_with_their_own_table(tables: Reader) -> None:
    for k in range(3):
        for query in ("", "?lut=0"):
            first = tables.greys(f"slices/axial/{k}.png{query}")[0]
            assert first == [10 * k + n for n in range(5)]
    assert tables.greys("slices/axial/1.png?lut=1")[0] == [0, 0, 0, 255, 255]
    assert tables.greys("slices/axial/1.png?lut=0&invert=1")[0] == [245, 244, 243, 242, 241]
    assert tables.greys(f"slices/axial/1.png?{AS_STORED}")[0] == [100, 101, 102, 103, 104]


def test_planes_across_the_slices_take_the_table_of_the_middle_one(tables: Reader) -> None:
    # Row 0 from the front: the highest slice is the top row. The table of slice 1 reaches from −924 to −920.
    assert tables.greys("slices/coronal/0.png?lut=0") == [[14] * 5, [10, 11, 12, 13, 14], [10] * 5]
    across = tables.get("slices/axial/1.png?lut=0&slab_mm=3&projection=mean")
    assert across.status_code == 200


def test_a_table_beyond_the_last_is_named(tables: Reader) -> None:
    answer = tables.get("slices/axial/0.png?lut=2")
    assert (answer.status_code, answer.json["error"]["field"]) == (400, "lut")
    assert "2 VOI LUTs" in answer.json["error"]["message"]


def test_the_original_images_have_the_same_tables(tables: Reader) -> None:
    for query in ("?as=stack", "?as=stack&lut=0"):
        assert tables.greys(f"images/2.png{query}")[0] == [20, 21, 22, 23, 24]


def test_the_page_offers_tables_and_windows_by_their_names(tables: Reader) -> None:
    data = data_of(tables.page().text)
    assert data["window"] == {"center": -921.5, "width": 5, "lut": 0}
    own = [preset for preset in data["presets"] if preset.get("is_stored")]
    assert own[0]["label"] == "NORMAL"
    assert [(preset.get("lut"), preset["numbers"]) for preset in own] == [
        (0, "LUT"),
        (1, "LUT"),
        (None, "300 / 35"),
    ]
    assert (own[1]["center"], own[1]["width"]) == (-921, 2)


def test_windows_of_other_functions_are_offered_as_such(app: Flask, people: dict[str, Any]) -> None:
    stored = {"WindowCenter": [-900, -950], "WindowWidth": [0.5, 20], "VOILUTFunction": "SIGMOID"}
    named = {"WindowCenterWidthExplanation": ["STEEP", "SOFT"]}
    slices = (ct_slice(k, **stored, **named) for k in range(2))
    data = data_of(reader_of(app, people["alice"], slices).page().text)
    own = [preset for preset in data["presets"] if preset.get("is_stored")]
    assert [(preset["label"], preset["width"], preset["function"]) for preset in own] == [
        ("STEEP", 0.5, "sigmoid"),
        ("SOFT", 20.0, "sigmoid"),
    ]
    assert data["window"] == {"center": -900.0, "width": 0.5, "function": "sigmoid"}


def test_a_broken_table_is_passed_over_and_named_when_it_is_asked_for(
    app: Flask, people: dict[str, Any]
) -> None:
    broken = voi_lut([1, 2, 3], 0)
    broken.add_new(0x00283002, "US", [4000, 0, 16])
    reader = reader_of(app, people["alice"], (ct_slice(k, VOILUTSequence=[broken]) for k in range(2)))
    assert data_of(reader.page().text)["window"] == {"center": 40, "width": 400}
    assert reader.get("slices/axial/0.png").status_code == 200
    for path in ("slices/axial/0.png?lut=0", "images/0.png?as=stack&lut=0"):
        answer = reader.get(path)
        assert answer.status_code == 422
        assert "too few for 4000 entries" in answer.json["error"]["message"]


def test_overlays_are_burnt_in_where_they_lie(marked: Reader) -> None:
    drawn = colours(marked, f"slices/axial/1.png?{AS_STORED}&overlays=1")
    assert (drawn[0][1], drawn[3][4]) == (YELLOW, YELLOW)
    assert (drawn[0][0], drawn[3][3]) == ([100] * 3, [133] * 3)
    plain = colours(marked, f"slices/axial/1.png?{AS_STORED}")
    assert (plain[0][1], plain[3][4]) == ([101] * 3, [134] * 3)
    # The other slices have none, and across the slices there is none.
    for place in ("axial/0", "coronal/0", "sagittal/1"):
        shown = colours(marked, f"slices/{place}.png?{AS_STORED}&overlays=1")
        assert YELLOW not in [pixel for row in shown for pixel in row]


def test_overlays_lie_on_the_original_images_and_on_colours(marked: Reader) -> None:
    drawn = colours(marked, f"images/1.png?as=stack&{AS_STORED}&overlays=1&cmap=hot")
    assert (drawn[0][1], drawn[3][4]) == (YELLOW, YELLOW)
    assert YELLOW not in colours(marked, f"images/0.png?as=stack&{AS_STORED}&overlays=1")[0]


def test_overlays_turn_with_the_slice(app: Flask, people: dict[str, Any]) -> None:
    # Rows run to the right and columns to the front of a patient lying on the belly: shown turned by 180°.
    turned = (-1.0, 0.0, 0.0, 0.0, -1.0, 0.0)
    slices = [overlaid(ct_slice(k, orientation=turned), [(0, 1)]) for k in range(2)]
    drawn = colours(reader_of(app, people["alice"], slices), f"slices/axial/0.png?{AS_STORED}&overlays=1")
    assert [(row, column) for row in range(4) for column in range(5) if drawn[row][column] == YELLOW] == [
        (3, 3)
    ]
    assert drawn[3][4] == [0] * 3


def test_the_page_lists_overlays_and_only_the_page(marked: Reader, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    data = data_of(marked.page().text)
    assert data["overlays"] == [{"kind": "graphics", "label": "Mark", "description": "Jane Doe"}]
    assert (
        data_of(marked.client.get(f"/viewer/{marked.series_id}?as=stack").text)["overlays"]
        == data["overlays"]
    )
    assert "Jane" not in caplog.text


def test_an_image_without_overlays_says_so(volume: Reader) -> None:
    assert data_of(volume.page().text)["overlays"] == []


def test_a_broken_overlay_is_named_when_it_is_asked_for(app: Flask, people: dict[str, Any]) -> None:
    image = overlaid(ct_slice(0), [(0, 0)])
    image.add_new(0x60000011, "US", 5000)
    other = ct_slice(1, pixels=np.zeros((3, 3), np.int16))
    reader = reader_of(app, people["alice"], [image, other])
    assert reader.page().status_code == 200
    places = [n for n in range(2) if reader.get(f"images/{n}.png?overlays=1").status_code == 422]
    assert len(places) == 1
    assert reader.get(f"images/{places[0]}.png").status_code == 200


def test_padding_does_not_drive_the_window_or_the_histogram(app: Flask, people: dict[str, Any]) -> None:
    pixels = np.full((4, 5), -3000, np.int16)
    pixels[1:3] = [100, 110, 120, 130, 140]
    elements = {"Modality": "MR", "PixelPaddingValue": -3000, "intercept": 0, "pixels": pixels}
    slices = [ct_slice(k, **elements) for k in range(2)]
    reader = reader_of(app, people["alice"], slices)
    # The 1st and 99th percentile of 100, 110, … 140: 100 and 140.
    for page in (reader.page(), reader.client.get(f"/viewer/{reader.series_id}?as=stack")):
        assert data_of(page.text)["window"] == {"center": 120.5, "width": 41.0}
    counted = reader.get("histogram").json
    assert (counted["bin_edges"][0], counted["bin_edges"][-1], sum(counted["counts"])) == (100, 141, 20)


def test_real_files_open_with_their_table_and_their_overlay(app: Flask, people: dict[str, Any]) -> None:
    table, marks = (pydicom.dcmread(shared(f"data/zoo/photometric/{name}")) for name in REAL)
    reader = reader_of(app, people["alice"], [table])
    # 257 × n of 65535 is n of 255: this table changes nothing.
    assert reader.greys("images/0.png") == table.pixel_array.tolist()
    page = data_of(reader.page().text)
    assert (page["window"], page["overlays"]) == ({"center": 128.0, "width": 256, "lut": 0}, [])
    reader = reader_of(app, people["alice"], [marks])
    drawn = np.array(colours(reader, "images/0.png?overlays=1"))
    np.testing.assert_array_equal((drawn == YELLOW).all(axis=2), marks.overlay_array(0x6000))
    page = data_of(reader.page().text)
    assert page["overlays"][0]["description"] == "Siemens MedCom Object Graphics"
    own = [preset["numbers"] for preset in page["presets"] if preset.get("is_stored")]
    assert own == ["790 / 450", "443 / 200"]


def test_the_page_is_told_that_low_values_are_bright(app: Flask, people: dict[str, Any]) -> None:
    """MONOCHROME1: colour bar and explanation tell the greys that the pictures have."""
    slices = [ct_slice(k) for k in range(3)]
    for one in slices:
        one.PhotometricInterpretation = "MONOCHROME1"
    reader = reader_of(app, people["alice"], slices)
    assert reader.greys(f"slices/axial/0.png?{AS_STORED}")[0] == [255, 254, 253, 252, 251]
    assert [plane["low_is_bright"] for plane in data_of(reader.page().text)["planes"]] == [True] * 3
    images = reader.client.get(f"/viewer/{reader.series_id}?as=stack").text
    assert data_of(images)["images"][0]["low_is_bright"] is True
