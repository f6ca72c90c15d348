"""The viewer's tools and keys, on series whose every voxel is known by hand."""

import re
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.looking import (
    Place,
    choose_layout,
    colours,
    greys,
    on_page,
    pane,
    settle,
    slice_of,
    status,
    wheel,
    zoom_to,
)
from tests.browser.series import (
    AIR,
    SAW_PERIOD,
    SAW_STEP,
    Archive,
    stored_at,
)
from tests.browser.viewing import (
    MIDDLE,
    STRAIGHT,
    Open,
    check_picture,
    check_reading,
    number,
    oracle,
)

pytestmark = pytest.mark.browser


def test_slices_by_wheel_keys_and_slider(look: Open) -> None:
    """Slices are read from head to feet: on goes down in k."""
    page = look("straight")
    axial = pane(page, "axial")
    slice_of(page, "axial", 6)
    page.mouse.move(*on_page(page, "axial", STRAIGHT["axial"]).at((7, 3)))
    wheel(page, 100)
    slice_of(page, "axial", 5)
    expect(status(page)).to_have_attribute("data-voxel", "7,3,5")  # the hand did not move, the slice did
    expect(status(page)).to_have_attribute("data-value", str(stored_at(7, 3, 5) + AIR))
    wheel(page, -100)
    slice_of(page, "axial", 6)
    axial.focus()
    steps = [("ArrowDown", 5), ("ArrowUp", 6), ("ArrowUp", 7), ("Home", 11), ("ArrowUp", 11), ("End", 0)]
    for key, index in [
        *steps,
        ("ArrowDown", 0),
        ("Shift+ArrowUp", 10),
        ("Shift+ArrowUp", 11),
        ("Shift+ArrowDown", 1),
    ]:
        page.keyboard.press(key)
        slice_of(page, "axial", index)
        check_picture(page, "axial", STRAIGHT["axial"], index)
    expect(axial.locator("[data-part=slice]")).to_have_text("2")
    expect(axial.locator("[data-part=location]")).to_have_text("F 38.0\u00a0mm")
    slider = axial.locator("[role=slider]")
    box = slider.bounding_box()
    assert box is not None
    x, top, height = box["x"] + 8, box["y"], box["height"]
    page.mouse.move(x, top + height * 0.03)
    page.mouse.down()
    slice_of(page, "axial", 11)
    page.mouse.move(x, top + height * (0.02 + 0.96 * 3 / 11), steps=4)
    slice_of(page, "axial", 8)
    page.mouse.move(x + 90, top + height + 40, steps=4)  # a held thumb may leave its track
    slice_of(page, "axial", 0)
    page.mouse.up()
    expect(slider).to_have_attribute("aria-valuetext", "1 of 12")
    # The next pane takes the keys; from front to back, and from right to left.
    axial.focus()
    page.keyboard.press("ArrowRight")
    expect(pane(page, "sagittal")).to_be_focused()
    page.keyboard.press("Home")
    slice_of(page, "sagittal", 0)
    page.keyboard.press("ArrowLeft")
    slice_of(page, "axial", 0)


def drag(page: Page, start: Any, by: tuple[float, float], button: Any = "left") -> None:
    page.mouse.move(*start)
    page.mouse.down(button=button)
    page.mouse.move(start[0] + by[0] / 2, start[1] + by[1] / 2)
    page.mouse.move(start[0] + by[0], start[1] + by[1])
    page.mouse.up(button=button)


def window_is(page: Page, width: str, level: str) -> None:
    """All panes and both fields tell this window."""
    for name in STRAIGHT:
        expect(pane(page, name).locator("[data-part=window]")).to_have_text(f"W {width} L {level}")
    expect(page.locator("[data-number=width]")).to_have_value(width)
    expect(page.locator("[data-number=center]")).to_have_value(level)


def test_windows(look: Open) -> None:
    page = look("straight")
    window_is(page, "5761", "1856.25")
    presets = page.locator("[data-preset]")
    expect(presets.nth(5)).to_contain_text("WHOLE")
    expect(presets.nth(5)).to_have_attribute("aria-pressed", "true")
    pane(page, "axial").focus()
    keys = {"1": ("400", "40"), "2": ("1500", "\u2212600"), "3": ("2500", "480"), "4": ("80", "40")}
    for key, (width, level) in keys.items():
        page.keyboard.press(key)
        window_is(page, width, level)
        expect(presets.nth(int(key) - 1)).to_have_attribute("aria-pressed", "true")
    presets.first.click()
    window_is(page, "400", "40")
    expect(pane(page, "axial")).to_be_focused()
    # At a width of 400 each CSS pixel is worth 2 HU: to the right wider, down a higher level.
    start = on_page(page, "axial", STRAIGHT["axial"]).at((12, 8))
    drag(page, start, (50, 0))
    window_is(page, "500", "40")
    presets.first.click()
    drag(page, start, (-30, 40))
    window_is(page, "340", "120")
    number(page, "width", "5761")
    number(page, "center", "\u22121,000.5")
    window_is(page, "5761", "\u22121000.5")
    number(page, "width", "0.5")
    expect(page.locator("#window-note")).to_have_text("The width must be a number of at least 1.")
    page.keyboard.press("2")  # somebody types
    page.keyboard.press("i")
    expect(page.locator("[data-number=width]")).to_have_value("0.52i")
    expect(page.locator("[data-part=inverted]").first).to_be_hidden()
    presets.nth(5).click()
    window_is(page, "5761", "1856.25")
    page.keyboard.press("i")
    expect(page.locator("[data-part=inverted]").first).to_be_visible()
    drawn = greys(page, "axial")
    x, y = Place.fitted(STRAIGHT["axial"], drawn.shape[::-1]).at((7, 3)).astype(int)
    assert drawn[y, x] == 255 - 86
    page.locator("[data-window=invert]").click()
    expect(page.locator("[data-part=inverted]").first).to_be_hidden()
    page.keyboard.press("1")
    page.locator("[data-window=auto]").click()
    page.locator("label.colormap:has([value=viridis])").click()
    presets.first.click()
    page.wait_for_function(
        "([x, y]) => document.querySelector('[data-plane=axial] canvas').getContext('2d')"
        ".getImageData(x, y, 1, 1).data.slice(0, 3).join() === '253,231,36'",
        arg=[int(x), int(y)],
    )  # 927 HU is above 240: the brightest of viridis
    assert colours(page, "axial").reshape(-1, 3).tolist().count([68, 1, 84]) > 1000  # and the darkest


def test_zoom_keeps_the_voxel_under_the_cursor(look: Open) -> None:
    """At a fine screen the pointer stands between CSS pixels, and a voxel is smaller than one."""
    page = look("sawtooth", scale=2)
    at = (231.5, 180.5)
    page.mouse.move(*at)
    settle(page)
    expect(status(page)).to_have_attribute("data-value", re.compile(r"\d"))
    told = [status(page).get_attribute(f"data-{name}") for name in ("voxel", "value")]
    assert told[0] is not None
    zoom_to(page, "axial", at, 10)
    page.mouse.move(*at)
    settle(page)
    assert [status(page).get_attribute(f"data-{name}") for name in ("voxel", "value")] == told
    drawn = greys(page, "axial")
    column = int(told[0].split(",")[0])
    assert drawn[int((at[1] - 44) * 2), int((at[0] - 48) * 2)] == column % SAW_PERIOD * SAW_STEP
    wheel_back(page, at)
    page.mouse.move(*at)
    expect(status(page)).to_have_attribute("data-voxel", told[0])


def wheel_back(page: Page, at: tuple[float, float]) -> None:
    """Out to the whole image, over the same point."""
    page.mouse.move(*at)
    page.keyboard.down("Control")
    for turn in (300, 300, 300, 400 * float(np.log(10)) - 900):
        wheel(page, turn)
    page.keyboard.up("Control")
    expect(pane(page, "axial")).to_have_attribute("data-zoom", "1.000")


def test_pan_zoom_and_reset_by_hand(archive: Archive, look: Open) -> None:
    page = look("straight")
    axial = pane(page, "axial")
    place = on_page(page, "axial", STRAIGHT["axial"])
    start = place.at((9, 9))
    drag(page, start, (60, -45), button="middle")
    settle(page)
    page.mouse.move(start[0] + 60, start[1] - 45)
    expect(status(page)).to_have_attribute("data-voxel", "9,9,6")
    pane(page, "axial").focus()
    page.keyboard.press("n")
    expect(page.locator("[data-tool=pan]").first).to_have_attribute("aria-pressed", "true")
    drag(page, (start[0] + 60, start[1] - 45), (-60, 45))
    page.mouse.move(*start)
    expect(status(page)).to_have_attribute("data-voxel", "9,9,6")
    drag(page, start, (0, -160), button="right")  # up is nearer: 160 pixels, e times
    expect(axial).to_have_attribute("data-zoom", "2.718")
    page.mouse.move(*start)
    expect(status(page)).to_have_attribute("data-voxel", "9,9,6")
    page.keyboard.press("1")
    page.keyboard.press(" ")
    expect(axial).to_have_attribute("data-zoom", "1.000")
    window_is(page, "5761", "1856.25")
    check_picture(page, "axial", STRAIGHT["axial"], 6)
    for key, zoom in (("+", "1.250"), ("-", "1.000"), ("-", "0.800"), ("=", "1.000"), ("+", "1.250")):
        page.keyboard.press(key)
        expect(axial).to_have_attribute("data-zoom", zoom)
    page.keyboard.press(" ")
    expect(axial).to_have_attribute("data-zoom", "1.000")
    # Esc gives up a stroke.
    page.keyboard.press("w")
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(start[0] + 50, start[1])
    expect(page.locator("[data-number=width]")).not_to_have_value("5761")
    page.keyboard.press("Escape")
    window_is(page, "5761", "1856.25")
    page.mouse.up()


def test_the_crosshair_agrees_in_all_planes(archive: Archive, look: Open) -> None:
    page = look("straight")
    page.keyboard.press("x")
    targets = {"axial": (5, 16), "sagittal": (3, 2), "coronal": (20, 9)}
    voxel = list(MIDDLE)
    for name, plane in STRAIGHT.items():
        own = {"axial": 2, "sagittal": 0, "coronal": 1}
        page.mouse.click(*on_page(page, name, plane).at(targets[name]))
        voxel = [int(n) for n in plane.voxel(*targets[name], voxel[own[name]])]
        for other, axis in own.items():
            slice_of(page, other, voxel[axis])
        check_lines(page, voxel)
    page.mouse.move(*on_page(page, "axial", STRAIGHT["axial"]).at((4, 4)))
    wheel(page, 200)  # the lines stay on the voxel of the new slice
    voxel[2] -= 2
    slice_of(page, "axial", voxel[2])
    check_lines(page, voxel)
    page.mouse.move(60, 300)
    check_reading(page, oracle(archive, "straight"), (voxel[0], voxel[1], voxel[2]))
    page.get_by_role("button", name="View", exact=True).click()
    page.locator("#menu-view [data-command=crosshair]").click()
    expect(page.locator(".xh-line:not([hidden])")).to_have_count(0)


def check_lines(page: Page, voxel: list[int]) -> None:
    """In each pane the other planes' lines run through the voxel's middle, within a CSS pixel."""
    settle(page)
    pixels = {"axial": (voxel[0], voxel[1]), "sagittal": (voxel[1], 11 - voxel[2])}
    pixels["coronal"] = (voxel[0], 11 - voxel[2])
    crossing = {
        "axial": ("sagittal", "coronal"),
        "sagittal": ("coronal", "axial"),
        "coronal": ("sagittal", "axial"),
    }
    for name, plane in STRAIGHT.items():
        box = pane(page, name).bounding_box()
        assert box is not None
        x, y = Place.fitted(plane, (box["width"], box["height"])).at(pixels[name])
        for other, is_upright in zip(crossing[name], (True, False), strict=True):
            line = pane(page, name).locator(f".xh-line:has(.xh-{other})").bounding_box()
            assert line is not None
            middle = line["x"] + line["width"] / 2 - box["x"], line["y"] + line["height"] / 2 - box["y"]
            assert middle == pytest.approx((x, y), abs=1), (name, other)
            assert (line["height"] > 10 * line["width"]) == is_upright


def test_panel_dialog_full_screen_and_layouts(look: Open) -> None:
    page = look("straight")
    page.click("[data-command=tags]")
    rows = page.locator("[data-tags] li")
    expect(page.locator("[data-tag-instance]")).to_have_value("7")
    expect(page.locator("[data-tag-total]")).to_have_text("of 12")
    page.fill("[data-tag-search]", "kvp")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("120")
    page.fill("[data-tag-search]", "0028,0030")
    expect(rows).to_contain_text("Pixel Spacing")
    page.fill("[data-tag-search]", "no such thing")
    expect(rows).to_have_count(0)
    page.fill("[data-tag-search]", "Instance Number")
    expect(rows.first).to_contain_text("7")
    pane(page, "axial").focus()
    page.keyboard.press("Home")  # the panel follows the slice
    expect(page.locator("[data-tag-instance]")).to_have_value("12")
    expect(rows.first).to_contain_text("12")
    dialog = page.locator("dialog[data-keys]")
    page.keyboard.press("?")
    expect(dialog).to_be_visible()
    page.keyboard.press("ArrowDown")  # no key acts behind the dialog
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    slice_of(page, "axial", 11)
    page.click("[data-command=keys]")
    dialog.locator("[data-letters]").uncheck()
    dialog.locator("[data-close]").click()
    pane(page, "axial").focus()
    page.keyboard.press("i")
    page.keyboard.press("ArrowDown")  # arrows still do
    slice_of(page, "axial", 10)
    expect(page.locator("[data-part=inverted]").first).to_be_hidden()

    full = page.locator(".viewer-top [data-command=fullscreen]")
    full.click()
    expect(full).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("document.fullscreenElement.className") == "viewer"
    full.click()
    expect(full).to_have_attribute("aria-pressed", "false")

    stage = page.locator(".stage")
    for layout, visible in (("1", 1), ("1+3", 4), ("2x2", 4)):
        choose_layout(page, layout)
        expect(page.locator(".pane:visible")).to_have_count(visible)
        settle(page)
        check_picture(page, "axial", STRAIGHT["axial"], 10)
    page.keyboard.press(".")  # a single character too
    page.click("[data-command=keys]")
    expect(stage).to_have_attribute("data-layout", "2x2")
    dialog.locator("[data-letters]").check()
    dialog.locator("[data-close]").click()
    pane(page, "axial").focus()
    page.keyboard.press(".")
    expect(stage).to_have_attribute("data-layout", "1")
    page.keyboard.press("ArrowRight")
    expect(pane(page, "sagittal")).to_be_visible()
    settle(page)
    check_picture(page, "sagittal", STRAIGHT["sagittal"], 12)
    page.locator("[role=tab][data-tab=facts]").click()
    expect(pane(page, "facts")).to_contain_text("24 × 20 × 12")
    expect(pane(page, "facts")).to_contain_text("0.7 × 1.1 × 2.5 mm")
