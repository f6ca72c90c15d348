"""A page of paper through the API: its words, its pictures, and who may have it."""

import io
from typing import Any

import numpy as np
import pypdf
import pytest
from flask import Flask

from app.viewer.sheets import measure_text
from tests.conftest import sign_in
from tests.imaging.phantoms import ct_slice
from tests.reports.conftest import AXIAL, Marker, mark_id, marker, stack, volume
from tests.viewer.conftest import Reader, reader_of

__all__ = ["marker", "stack", "volume"]

LOOKS = {"window": {"center": -896, "width": 256}, "colormap": "gray", "inverted": False}


def ordered(marker: Marker, **body: Any) -> Any:
    return marker.post("sheet.pdf", json=body)


def page(marker: Marker, **body: Any) -> tuple[Any, str]:
    answer = ordered(marker, **body)
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "application/pdf"
    reader = pypdf.PdfReader(io.BytesIO(answer.data))
    assert len(reader.pages) == 1
    return reader.pages[0], " ".join(reader.pages[0].extract_text().split())


def pixels(page: Any, number: int = 0) -> Any:
    # Matplotlib writes pictures from the lowest row up, and turns them on the page.
    return np.asarray(page.images[number].image.convert("RGB"))[::-1, :, 1]


def test_a_key_image_with_what_lies_on_it(marker: Marker) -> None:
    marker.put(1, "keyimage", [[11, -17, 33]], label="Mira aquí", shown=LOOKS)
    marker.put(2, "length", [[10, -20, 33], [12, -16, 33]], label="Nódulo")
    marker.put(3, "length", [[10, -20, 36], [12, -16, 36]], label="elsewhere", plane=AXIAL | {"index": 2})
    made, text = page(marker, items=[mark_id(1)])
    for words in ("CT", "Not for diagnostic use", "Axial 2 of 3 · H 33 mm", "W 256 L −896", "Mira aquí"):
        assert words in text, (words, text)
    assert "1: Nódulo 4.5 mm" in text
    assert "length 4.5 mm" in text
    assert "elsewhere" not in text
    assert "Phantom" not in text
    # The picture is the slice at the window that was kept: grey = stored value.
    assert pixels(made).tolist()[0] == [100, 101, 102, 103, 104]


def test_the_name_only_on_wish(marker: Marker) -> None:
    marker.put(1, "probe", [[11.5, -16, 33]])
    assert "Phantom" in page(marker, items=[mark_id(1)], with_name=True)[1]
    assert "Phantom" not in page(marker, items=[mark_id(1)], with_name="yes")[1]


def test_another_language_on_wish(marker: Marker) -> None:
    marker.put(1, "probe", [[11.5, -16, 33]])
    assert "−901 HU" in page(marker, items=[mark_id(1)], language="en")[1]
    assert "−901 UH" in page(marker, items=[mark_id(1)], language="es")[1]


def test_values_are_the_servers(marker: Marker) -> None:
    box = [[10.25, -19, 33], [11.25, -19, 33], [11.25, -15, 33], [10.25, -15, 33]]
    marker.put(1, "rectangle", box, statistics={"mean": 12})
    _page, text = page(marker, items=[mark_id(1)])
    assert "area 4 mm², perimeter 10 mm, mean −907.5 HU, SD 5.02 HU, minimum −913 HU, maximum −902 HU" in text


def test_a_plane_across_and_an_oblique_one(marker: Marker) -> None:
    sagittal = {
        "name": "sagittal", "index": 2, "origin_lps": [11, -20, 36], "right_lps": [0, 1, 0],
        "down_lps": [0, 0, -1], "normal_lps": [1, 0, 0], "thickness_mm": 0.5,
    }  # fmt: skip
    oblique = sagittal | {"name": "axial", "right_lps": [1, 0, 0], "down_lps": [0, 0.8, 0.6]}
    oblique |= {"normal_lps": [0, -0.6, 0.8], "index": 1}
    marker.put(1, "length", [[11, -18, 30], [11, -14, 36]], plane=sagittal)
    marker.put(2, "length", [[10, -18, 31], [12, -14, 34]], plane=oblique)
    made, text = page(marker, items=[mark_id(1), mark_id(2)])
    assert "Sagittal 3 of 5 · L 11 mm" in text
    assert "Oblique plane" in text
    assert pixels(made).shape == (3, 4)


def test_images_of_a_stack(stack: Reader) -> None:
    maker = Marker(stack)
    image = {"space": "image", "image": 1, "spacing_mm": [0.5, 2], "plane": {"name": "stack", "index": 1}}
    maker.put(1, "length", [[0, 0], [6, 0]], **(image | {"plane": None}))
    made, text = page(maker, items=[mark_id(1)])
    assert "Image 2 of 2" in text
    assert text.endswith("Length length 3 mm Image 2")
    assert "length 3 mm" in text
    assert pixels(made).shape == (6, 7)


def test_what_a_key_image_kept_wrongly_does_no_harm(marker: Marker) -> None:
    odd = {"window": {"width": "wide"}, "colormap": "rainbow", "slab": {"mm": -3}, "frame": {}}
    marker.put(1, "keyimage", [[11, -17, 33]], shown=odd)
    marker.put(2, "keyimage", [[11, -17, 33]], shown={"window": 3, "slab": [], "colormap": {}})
    assert "Axial 2 of 3" in page(marker, items=[mark_id(1), mark_id(2)])[1]
    for number, frame in enumerate(("axial", ["axial"], 3), start=3):
        marker.put(number, "keyimage", [[11, -17, 33]], shown={"frame": frame})
        assert "Axial 2 of 3" in page(marker, items=[mark_id(number)])[1]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "items"),
        ({"items": []}, "items"),
        ({"items": "all"}, "items"),
        ({"items": [mark_id(7)]}, "items"),
        ({"items": [{}]}, "items"),
        ({"items": [mark_id(1)] * 10}, "items"),
        ({"items": [mark_id(1)], "language": "fr"}, "language"),
    ],
)
def test_sheets_without_sense_are_named(marker: Marker, body: dict[str, Any], field: str) -> None:
    marker.put(1, "probe", [[11.5, -16, 33]])
    answer = ordered(marker, **body)
    assert (answer.status_code, answer.json["error"]["field"]) == (400, field)


def test_strangers_get_no_sheet(marker: Marker) -> None:
    marker.put(1, "probe", [[11.5, -16, 33]])
    reader = Reader(marker.reader.app, sign_in(marker.reader.app, "charlie"), marker.reader.series_id)
    assert ordered(Marker(reader), items=[mark_id(1)]).status_code == 404


def test_a_slice_is_told_with_its_side(app: Flask, people: dict[str, Any]) -> None:
    """Columns run to the right, and so does the plane's normal; its third slice lies 9 mm to the left."""
    slices = [ct_slice(k) for k in range(3)]
    for one in slices:
        one.ImageOrientationPatient = [-1, 0, 0, 0, -1, 0]
    marker = Marker(reader_of(app, people["alice"], slices))
    sagittal = {
        "name": "sagittal", "index": 2, "origin_lps": [9, -20, 36], "right_lps": [0, 1, 0],
        "down_lps": [0, 0, -1], "normal_lps": [-1, 0, 0], "thickness_mm": 0.5,
    }  # fmt: skip
    marker.put(1, "length", [[9, -20, 30], [9, -22, 36]], plane=sagittal)
    assert "Sagittal 3 of 5 · L 9 mm" in page(marker, items=[mark_id(1)])[1]


def test_a_plane_turned_a_little_is_not_the_slice_of_its_number(marker: Marker) -> None:
    """Turned planes count in other steps: number 1 of this one lies at 36 mm, where slice 2 does."""
    turned = AXIAL | {"origin_lps": [10, -20, 36], "down_lps": [0, 0.9999995, 0.001]}
    turned |= {"normal_lps": [0, -0.001, 0.9999995], "thickness_mm": 0.5}
    marker.put(1, "length", [[10, -20, 36], [12, -20, 36]], plane=turned)
    text = page(marker, items=[mark_id(1)])[1]
    assert "Oblique plane" in text
    assert "1: 2 mm" in text


def test_a_mark_on_an_original_image_of_a_volume(marker: Marker) -> None:
    image = {"space": "image", "image": 2, "spacing_mm": [0.5, 2], "plane": None}
    marker.put(1, "rectangle", [[0, 0], [1, 0], [1, 1], [0, 1]], **image)
    text = page(marker, items=[mark_id(1)])[1]
    assert "Image 3 of 3" in text
    assert "mean −818.5 HU" in text  # 200, 201, 210, 211


def test_millimetres_at_the_detector_say_so(app: Flask, people: dict[str, Any]) -> None:
    images = [ct_slice(k) for k in range(2)]
    for image in images:
        image.SOPClassUID, image.Modality = "1.2.840.10008.5.1.4.1.1.1", "CR"
        image.ImagerPixelSpacing = image.PixelSpacing
        del image.PixelSpacing, image.ImagePositionPatient, image.ImageOrientationPatient
    marker = Marker(reader_of(app, people["alice"], images))
    image_mark = {"space": "image", "image": 1, "spacing_mm": [0.5, 2], "plane": None}
    marker.put(1, "length", [[0, 0], [4, 0]], **image_mark)
    text = page(marker, items=[mark_id(1)])[1]
    assert "1: 2 mm at the detector" in text
    assert "length 2 mm (at the detector)" in text


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (0.0012345, "", "0.00123"),
        (2.314, "g/ml", "2.31 g/ml"),
        (-907.5, "HU", "−907.5 HU"),
        (0.0412, "mm", "0.041 mm"),
        (89.09, "mm", "89.1 mm"),
        (0.31, "mm²", "0.31 mm²"),
        (410.2, "mm²", "410 mm²"),
        (0.0, "HU", "0 HU"),
        (71.34, "°", "71.3°"),
    ],
)
def test_numbers_on_paper(app: Flask, value: float, unit: str, words: str) -> None:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        assert measure_text(value, unit).replace("\N{NO-BREAK SPACE}", " ") == words
