"""Values in regions over the API: of a volume, of images with and without a place, in colour."""

from typing import Any

import numpy as np
import pytest
from flask import Flask

from tests.imaging.phantoms import ct_slice
from tests.viewer.conftest import Reader, reader_of
from tests.workspace.conftest import Page, page_of

# Volume: 5 columns, 4 rows, 3 slices of 0.5 × 2 × 3 mm from (10, −20, 30); 100·k + 10·row + column − 1024 HU.
AXIAL = [[10.5, -20, 33], [11.5, -20, 33], [11.5, -16, 33], [10.5, -16, 33]]
RECTANGLE: dict[str, Any] = {"kind": "rectangle", "space": "patient", "points": AXIAL}


def asked(page: Page, mark: dict[str, Any], query: str = "") -> Any:
    return page.call("POST", f"series/{page.series_id}/statistics{query}", mark)


def test_a_rectangle_of_a_volume(page: Page) -> None:
    found = asked(page, RECTANGLE).json
    # Columns 1–3, rows 0–2 of slice 1: 100 + 10 + 2 − 1024 in the middle; around it Σ (10·r + c)² = 606.
    assert (found["count"], found["mean"], found["min"], found["max"]) == (9, -912, -923, -901)
    assert found["std"] == pytest.approx((606 / 9) ** 0.5)
    assert (found["unit"], found["area_mm2"], found["perimeter_mm"]) == ("HU", 4, 10)
    assert sum(found["histogram"]["counts"]) == 9
    assert (found["sampling"], found["is_nearest"], found["left_out"]) == ("voxels", False, 0)


def test_a_mark_may_be_asked_as_it_is_kept(page: Page) -> None:
    assert asked(page, RECTANGLE | {"label": "x", "statistics": None, "id": "y"}).json["count"] == 9


def test_a_probe(page: Page) -> None:
    found = asked(page, {"kind": "probe", "space": "patient", "points": [[11.6, -17.5, 35]]}).json
    assert (found["count"], found["mean"], found["area_mm2"]) == (1, 200 + 10 + 3 - 1024, None)


def test_the_images_behind_a_volume_have_their_place(page: Page) -> None:
    plane = {"name": "stack", "index": 1, "origin_lps": [10, -20, 33], "right_lps": [1, 0, 0]}
    plane |= {"down_lps": [0, 1, 0], "normal_lps": [0, 0, 1], "thickness_mm": 3}
    found = asked(page, RECTANGLE | {"plane": plane}, "?as=stack").json
    assert (found["count"], found["mean"], found["sampling"], found["area_mm2"]) == (9, -912, "pixels", 4)
    pixels = {"kind": "rectangle", "space": "image", "image": 1, "points": [[1, 0], [3, 0], [3, 2], [1, 2]]}
    found = asked(page, pixels, "?as=stack").json
    assert (found["count"], found["mean"], found["unit"], found["area_mm2"]) == (9, -912, "HU", 4)
    found = asked(page, pixels | {"spacing_mm": [1, 1]}, "?as=stack").json
    assert (found["area_mm2"], found["perimeter_mm"]) == (4, 8)


@pytest.mark.parametrize(
    ("mark", "query", "status", "field"),
    [
        (RECTANGLE | {"kind": "length", "points": AXIAL[:2]}, "", 400, "kind"),
        (RECTANGLE | {"points": AXIAL[:3]}, "", 400, "points"),
        (RECTANGLE | {"space": "image", "image": 0, "points": [[0, 0]] * 4}, "", 400, "space"),
        (RECTANGLE, "?as=stack", 400, "plane.index"),
        (RECTANGLE | {"space": "image", "image": 3, "points": [[0, 0]] * 4}, "?as=stack", 400, "image"),
        (RECTANGLE, "?phase=1", 404, None),
        (RECTANGLE, "?part=x", 400, "part"),
        ([], "", 400, "body"),
    ],
)
def test_what_has_no_values_is_named(
    page: Page, mark: Any, query: str, status: int, field: str | None
) -> None:
    answer = asked(page, mark, query)
    assert (answer.status_code, answer.json["error"].get("field")) == (status, field), answer.json


def test_an_image_without_a_place(app: Flask, stack: Reader) -> None:
    page = page_of(app, "alice", stack.series_id)
    ellipse = {"kind": "ellipse", "space": "image", "image": 1, "points": [[3, 3], [5, 3], [3, 5]]}
    found = asked(page, ellipse).json
    assert (found["count"], found["mean"], found["std"]) == (13, 150 - 1024, 0)
    plane = {"name": "stack", "index": 1, "origin_lps": [0, 0, 0], "right_lps": [1, 0, 0]}
    plane |= {"down_lps": [0, 1, 0], "normal_lps": [0, 0, 1]}
    answer = asked(page, RECTANGLE | {"plane": plane})
    assert (answer.status_code, answer.json["error"]["field"]) == (400, "space")


def test_a_colour_image_has_no_values(app: Flask, people: dict[str, str]) -> None:
    image = ct_slice(0, SeriesInstanceUID="1.2.3.4", ImagePositionPatient=None, RescaleSlope=None)
    del image.RescaleIntercept
    image.SamplesPerPixel, image.PhotometricInterpretation, image.PlanarConfiguration = 3, "RGB", 0
    image.BitsAllocated = image.BitsStored = 8
    image.HighBit, image.PixelRepresentation = 7, 0
    image.PixelData = np.zeros((4, 5, 3), np.uint8).tobytes()
    reader = reader_of(app, people["alice"], [image])
    page = page_of(app, "alice", reader.series_id)
    answer = asked(page, {"kind": "probe", "space": "image", "image": 0, "points": [[1, 1]]})
    assert (answer.status_code, answer.json["error"]["code"]) == (422, "unsupported")
    assert "colour" in answer.json["error"]["message"]


def test_padding_is_left_out(app: Flask, people: dict[str, str]) -> None:
    slices = [ct_slice(k, PixelPaddingValue=111) for k in range(3)]
    reader = reader_of(app, people["alice"], slices)
    page = page_of(app, "alice", reader.series_id)
    found = asked(page, RECTANGLE).json
    assert (found["count"], found["left_out"]) == (8, 1)  # row 1, column 1 of slice 1
    pixels = {"kind": "rectangle", "space": "image", "image": 1, "points": [[1, 0], [3, 0], [3, 2], [1, 2]]}
    found = asked(page, pixels, "?as=stack").json
    assert (found["count"], found["left_out"]) == (8, 1)
