import io

import numpy as np
import pytest
from PIL import Image

from tests.viewer.conftest import AS_STORED, Reader


def test_planes_show_the_stored_values_the_right_way_round(volume: Reader) -> None:
    assert volume.greys(f"slices/axial/1.png?{AS_STORED}") == [
        [100, 101, 102, 103, 104],
        [110, 111, 112, 113, 114],
        [120, 121, 122, 123, 124],
        [130, 131, 132, 133, 134],
    ]
    # From the front, head above: the highest slice is the top row.
    assert volume.greys(f"slices/coronal/2.png?{AS_STORED}") == [
        [220, 221, 222, 223, 224],
        [120, 121, 122, 123, 124],
        [20, 21, 22, 23, 24],
    ]
    # From the left, the front at screen left.
    assert volume.greys(f"slices/sagittal/3.png?{AS_STORED}") == [
        [203, 213, 223, 233],
        [103, 113, 123, 133],
        [3, 13, 23, 33],
    ]


def test_inverting_swaps_black_and_white(volume: Reader) -> None:
    assert volume.greys(f"slices/axial/0.png?{AS_STORED}&invert=1")[0] == [255, 254, 253, 252, 251]


def test_without_a_window_the_series_own_is_taken(volume: Reader) -> None:
    # CT without a stored window: 40/400, black up to −160; every voxel here is below −790.
    assert np.unique(volume.greys("slices/axial/2.png")).tolist() == [0]


def test_a_colour_map_colours(volume: Reader) -> None:
    answer = volume.get(f"slices/axial/0.png?{AS_STORED}&cmap=hot")
    picture = Image.open(io.BytesIO(answer.data)).convert("RGB")
    assert picture.getpixel((0, 0)) == (10, 0, 0)  # Matplotlib's "hot" begins at 0.0416 red
    assert answer.mimetype == "image/png"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("ww=0&wc=40", "ww"),
        ("ww=abc&wc=40", "ww"),
        ("ww=nan&wc=40", "ww"),
        ("ww=400", "wc"),
        ("wc=40", "ww"),
        ("ww=400&wc=inf", "wc"),
        ("cmap=rainbow", "cmap"),
        ("invert=yes", "invert"),
    ],
)
def test_parameters_without_sense_are_named(volume: Reader, query: str, field: str) -> None:
    answer = volume.get(f"slices/axial/0.png?{query}")
    assert answer.status_code == 400
    assert answer.json["error"]["field"] == field


@pytest.mark.parametrize("place", ["axial/3", "coronal/4", "sagittal/5"])
def test_a_slice_beyond_the_last_is_not_there(volume: Reader, place: str) -> None:
    answer = volume.get(f"slices/{place}.png?{AS_STORED}")
    assert answer.status_code == 404
    assert answer.json["error"]["field"] == "index"


@pytest.mark.parametrize("place", ["axial/-1", "axial/1.5", "oblique/0"])
def test_no_slice_and_no_plane(volume: Reader, place: str) -> None:
    assert volume.get(f"slices/{place}.png").status_code == 404


def test_a_picture_with_its_revision_may_be_kept(volume: Reader) -> None:
    named = volume.get(f"slices/axial/0.png?{AS_STORED}&rev=1")
    assert named.headers["Cache-Control"] == "private, max-age=2592000, immutable"
    for path in (f"slices/axial/0.png?{AS_STORED}", f"slices/axial/0.png?{AS_STORED}&rev=2"):
        assert volume.get(path).headers["Cache-Control"] == "private, no-cache"


def test_what_the_browser_has_is_not_drawn_again(volume: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    path = f"slices/axial/0.png?{AS_STORED}"
    etag = volume.get(path).headers["ETag"]
    monkeypatch.setattr("app.viewer.routes.slice_picture", lambda *_all: pytest.fail("it was drawn"))
    assert volume.get(path, headers={"If-None-Match": etag}).status_code == 304


def test_another_window_slice_or_revision_is_another_picture(volume: Reader) -> None:
    paths = [
        f"slices/axial/0.png?{AS_STORED}",
        f"slices/axial/0.png?{AS_STORED}&invert=1",
        f"slices/axial/0.png?{AS_STORED}&cmap=bone",
        f"slices/axial/1.png?{AS_STORED}",
        f"slices/coronal/0.png?{AS_STORED}",
        "slices/axial/0.png?ww=400&wc=40",
    ]
    tags = {volume.get(path).headers["ETag"] for path in paths}
    assert len(tags) == len(paths)


def test_images_of_a_stack(stack: Reader) -> None:
    assert stack.greys(f"images/0.png?{AS_STORED}")[3] == [30, 31, 32, 33, 34]
    assert stack.greys(f"images/1.png?{AS_STORED}") == [[150] * 7] * 6
    beyond = stack.get("images/2.png")
    assert (beyond.status_code, beyond.json["error"]["field"]) == (404, "index")


def test_a_stack_has_no_slices(stack: Reader) -> None:
    assert stack.get("slices/axial/0.png").status_code == 409


def test_the_images_behind_a_volume_are_its_other_form(volume: Reader) -> None:
    # Row 3, column 1 of image 2: stored 100·2 + 10·3 + 1.
    assert volume.greys(f"images/2.png?{AS_STORED}&as=stack")[3][1] == 231
    assert volume.get("slices/axial/0.png?as=stack").status_code == 409


@pytest.mark.parametrize(
    ("query", "status"),
    [("part=1", 404), ("phase=1", 404), ("part=x", 400), ("phase=-1", 400), ("as=film", 400)],
)
def test_a_part_or_phase_that_is_not_there(volume: Reader, query: str, status: int) -> None:
    assert volume.get(f"slices/axial/0.png?{query}").status_code == status


def test_thumbnail_and_colour_bar(volume: Reader) -> None:
    assert volume.get("thumbnail.png").mimetype == "image/png"
    bar = volume.client.get("/viewer/colormaps/gray.png")
    assert Image.open(io.BytesIO(bar.data)).size == (256, 1)
    assert volume.client.get("/viewer/colormaps/none.png").status_code == 404
