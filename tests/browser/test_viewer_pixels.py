"""What the viewer shows and says, against series whose every voxel is known by hand."""

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Playwright, expect

from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.looking import (
    Place,
    Plane,
    greys,
    on_page,
    open_viewer,
    pane,
    settle,
    slice_of,
    status,
    zoom_to,
)
from tests.browser.series import (
    SAW_PERIOD,
    SAW_SIZE,
    SAW_STEP,
    Archive,
    grey_of,
    stored_at,
)
from tests.browser.viewing import (
    REVERSED,
    SAGITTAL,
    STRAIGHT,
    Open,
    check_picture,
    check_reading,
    number,
    oracle,
)

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scale", [1, 2, 3])
def test_each_pixel_shows_its_voxel_and_the_bar_says_the_same(
    archive: Archive, look: Open, scale: int
) -> None:
    page = look("straight", scale=scale)
    image = oracle(archive, "straight")
    middles = {"axial": 6, "sagittal": 12, "coronal": 10}
    for name, plane in STRAIGHT.items():
        box = pane(page, name).bounding_box()
        assert box is not None
        place = on_page(page, name, plane)
        anchor = (7, 5)
        at = np.round(place.at(anchor))  # the wheel's event knows whole CSS pixels
        for zoom in (1, 2.6, 10):
            pane(page, name).focus()
            page.keyboard.press("=")
            zoom_to(page, name, at, zoom)
            edge = np.floor(np.array((box["x"], box["y"])) * scale + 0.5)
            pixel = at * scale - edge + 0.5 + 1 / 128  # which the cursor covers
            check_picture(page, name, plane, middles[name], zoom, pixel, every=scale)
            near = place.nearer(zoom, at)
            for spot in [(7.4, 5.3), (6.6, 4.7)] if zoom == 10 else [(7, 5), (8, 5), (7, 4)]:
                page.mouse.move(*near.at(spot))
                x, y = np.round(spot)
                check_reading(page, image, tuple(int(n) for n in plane.voxel(x, y, middles[name])))


def test_known_voxels_in_numbers(look: Open) -> None:
    """Worked out on paper: 1009 · (7 + 24·3 + 480·6) mod 5760 = 1951, −1024 HU; −8.4 + 7·0.7 mm …"""
    page = look("straight")
    page.mouse.move(*on_page(page, "axial", STRAIGHT["axial"]).at((7, 3)))
    bar = status(page)
    expect(bar.locator("[data-read=voxel]")).to_have_text("7, 3, 6")
    expect(bar.locator("[data-read=value]")).to_have_text("927")
    expect(bar.locator("[data-read=unit]")).to_have_text("HU")
    expect(bar.locator("[data-read=position]")).to_have_text("R 3.5\u2002P 15.6\u2002F 25.5")
    drawn = greys(page, "axial")
    x, y = Place.fitted(STRAIGHT["axial"], drawn.shape[::-1]).at((7, 3)).astype(int)
    assert drawn[y, x] == 86  # 1951.25 · 255 / 5760 = 86.4
    # Beside the image the bar reads the crosshair: 1009 · (12 + 240 + 2880) mod 5760 = 3708.
    page.mouse.move(60, 300)
    expect(bar.locator("[data-read=source]")).to_have_text("Crosshair")
    expect(bar).to_have_attribute("data-voxel", "12,10,6")
    expect(bar).to_have_attribute("data-value", "2684")


@pytest.mark.parametrize("scale", [1.25, 1.5])
def test_a_screen_of_fractional_scale_shows_the_canvas_pixel_by_pixel(
    archive: Archive, session: Any, playwright_driver: Playwright, scale: float
) -> None:
    """A real scale, not an emulated one: panes then begin and end within device pixels."""
    assert CHROMIUM is not None
    arguments = [*ARGUMENTS, f"--force-device-scale-factor={scale}", "--window-size=1441,901"]
    browser = playwright_driver.chromium.launch(executable_path=CHROMIUM, args=arguments)
    try:
        context = browser.new_context(base_url=archive.server.url, no_viewport=True, storage_state=session)
        page = context.new_page()
        open_viewer(page, archive.ids["straight"])
        assert page.evaluate("devicePixelRatio") == scale
        page.evaluate(
            "document.querySelectorAll('.corner, .edge, .slice-slider, .pane-lines, .xh-line')"
            ".forEach(one => one.setAttribute('hidden', ''))"
        )
        seen = np.asarray(Image.open(io.BytesIO(page.screenshot(scale="device"))).convert("L"))
        image = oracle(archive, "straight")
        for name, plane in STRAIGHT.items():
            index = int(pane(page, name).get_attribute("data-index") or -1)
            check_picture(page, name, plane, index)
            drawn = greys(page, name)
            box = pane(page, name).bounding_box()
            assert box is not None
            left, top = (int(np.floor(box[side] * scale + 0.5)) for side in ("x", "y"))
            height, width = drawn.shape
            part = seen[top : top + height, left : left + width]
            assert (part == drawn)[4:-4, 4:-4].all()  # within the frame of the active pane
            page.mouse.move(*on_page(page, name, plane).at((3, 8)))
            check_reading(page, image, plane.voxel(3, 8, index))
    finally:
        browser.close()


def test_a_pixel_with_a_border_in_it_is_drawn_and_read_alike(look: Open) -> None:
    """At 415 pixels of height, 20 rows of 20.75: borders at 20.75, 41.5 (the middle of pixel 41), 62.25 …"""
    page = look("straight")
    drawn = greys(page, "axial")
    height, width = drawn.shape
    assert height % 20
    box = pane(page, "axial").bounding_box()
    assert box is not None
    x = width // 2 - 3
    for row in [border * height // 20 for border in range(1, 20)]:
        page.mouse.move(box["x"] + x, box["y"] + row)
        settle(page)
        told = [int(n) for n in (status(page).get_attribute("data-voxel") or "").split(",")]
        assert drawn[row, x] == grey_of(stored_at(*told)), (row, told)


@pytest.mark.parametrize("scale", [1, 2])
def test_smoothing_moves_nothing(look: Open, scale: int) -> None:
    """Where voxels are finer than pixels the picture is smooth; a ramp of 8 greys a voxel stays in place."""
    page = look("sawtooth", scale=scale)
    plane = Plane(SAW_SIZE, (0.5, 0.5), lambda x, y, n: (x, y, n))
    for index in (2, 1):
        if index == 1:
            pane(page, "axial").focus()
            page.keyboard.press("ArrowDown")
        slice_of(page, "axial", index)
        for zoom in (1, 2.6):
            pane(page, "axial").focus()
            page.keyboard.press("=")
            zoom_to(page, "axial", (300, 250), zoom)
            drawn = greys(page, "axial")
            height, width = drawn.shape
            edge = np.array((48, 44)) * scale
            about = np.array((300, 250)) * scale - edge + 0.5
            place = Place.fitted(plane, (width, height)).nearer(zoom, about)
            axis = 0 if index == 2 else 1
            tooth = place.under(np.arange((width, height)[axis]) + 0.5, axis)
            within = (tooth > 2) & (tooth < SAW_SIZE[axis] - 3)
            within &= (tooth % SAW_PERIOD > 4) & (tooth % SAW_PERIOD < SAW_PERIOD - 5)
            line = drawn[height // 2] if axis == 0 else drawn[:, width // 2]
            off = (line - tooth % SAW_PERIOD * SAW_STEP)[within]
            assert off.size > 50
            assert abs(off.mean()) < 0.4  # a twentieth of a voxel
            assert np.abs(off).max() < 2


def test_millimetres_are_as_long_across_as_down(look: Open) -> None:
    page = look("straight")
    number(page, "center", "-5000")  # everything white
    number(page, "width", "1")
    settle(page)
    expect(pane(page, "coronal").locator("[data-part=window]")).to_contain_text("W 1 L")
    # 24 · 0.7 mm, 20 · 1.1 mm and 12 · 2.5 mm.
    for name, extent in (("axial", (16.8, 22)), ("sagittal", (22, 30)), ("coronal", (16.8, 30))):
        page.wait_for_function(
            "name => document.querySelector(`[data-plane=${name}] canvas`).getContext('2d')"
            ".getImageData(260, 200, 1, 1).data[0] === 255",
            arg=name,
        )
        white = greys(page, name)
        rows, columns = np.nonzero(white)
        drawn = (np.ptp(columns) + 1, np.ptp(rows) + 1)
        assert drawn[1] == pytest.approx(white.shape[0], abs=1)  # fitted by its height
        assert drawn[0] == pytest.approx(drawn[1] * extent[0] / extent[1], abs=1)
        assert rows.size == drawn[0] * drawn[1]


LETTERS = {
    # left, right, top, bottom
    "straight": {"axial": "R L A P", "sagittal": "A P H F", "coronal": "R L H F"},
    "reversed": {"axial": "R L A P", "sagittal": "A P H F", "coronal": "R L H F"},
    # Rows run to (0, 0.8, 0.6), back and to the head; slices to (0, −0.6, 0.8), to the head and forward.
    "oblique": {"axial": "R L AF PH", "sagittal": "AF PH HA FP", "coronal": "R L HA FP"},
    "sagittal": {"axial": "R L A P", "sagittal": "A P H F", "coronal": "R L H F"},
}


@pytest.mark.parametrize(
    ("series", "planes"),
    [("straight", STRAIGHT), ("reversed", REVERSED), ("oblique", STRAIGHT), ("sagittal", SAGITTAL)],
)
def test_each_series_stands_upright_and_says_so(
    archive: Archive, look: Open, series: str, planes: dict[str, Plane]
) -> None:
    page = look(series)
    image = oracle(archive, series)
    for name, plane in planes.items():
        letters = [pane(page, name).locator(f"[data-part=edge-{side}]") for side in "lrtb"]
        assert " ".join(letter.inner_text() for letter in letters) == LETTERS[series][name]
        index = int(pane(page, name).get_attribute("data-index") or -1)
        check_picture(page, name, plane, index)
        page.mouse.move(*on_page(page, name, plane).at((2, 7)))
        check_reading(page, image, plane.voxel(2, 7, index))
