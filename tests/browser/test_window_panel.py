"""The window tab: points of the curve over the histogram, saved curves, colour maps, a window from a region.

The series is tests.browser.series' "straight": HU = 1009·(i + 24·j + 480·k) mod 5760 − 1024, opened at k = 6.
"""

import re
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.looking import Place, colours, greys, on_page, pane, settle
from tests.browser.series import AIR, stored_at
from tests.browser.viewing import STRAIGHT, Open, number

pytestmark = pytest.mark.browser

AXIAL = STRAIGHT["axial"]


def knots(page: Page) -> Locator:
    return page.locator("[data-knots] [role=slider]")


def start(page: Page) -> None:
    """Black up to −160 HU, white from 240 on, in grey, whatever an earlier test left."""
    page.locator("[data-preset]").first.click()
    number(page, "width", "401")
    number(page, "center", "40.5")
    page.locator("label.colormap:has([value=gray])").click()
    expect(knots(page)).to_have_count(2)
    expect(knots(page).nth(0)).to_have_attribute("aria-valuenow", "-160")
    expect(knots(page).nth(1)).to_have_attribute("aria-valuenow", "240")


def axial_greys(page: Page) -> dict[int, set[int]]:
    """HU of each voxel of axial slice 6 and the greys at its middle."""
    drawn = greys(page, "axial")
    place = Place.fitted(AXIAL, drawn.shape[::-1])
    found: dict[int, set[int]] = {}
    for j in range(1, 19):
        for i in range(24):
            x, y = np.floor(place.at((i, j))).astype(int)
            if 0 <= x < drawn.shape[1] and 0 <= y < drawn.shape[0]:
                found.setdefault(int(stored_at(i, j, 6)) + AIR, set()).add(int(drawn[y, x]))
    return found


def is_drawn(page: Page, wanted: Any) -> None:
    """Wait until each voxel has the grey that *wanted* gives for its HU."""
    found: dict[int, set[int]] = {}
    for _ in range(100):
        found = axial_greys(page)
        if len(found) > 300 and all(tones == {wanted(hu)} for hu, tones in found.items()):
            return
        page.wait_for_timeout(50)
    pytest.fail(str([(hu, tones, wanted(hu)) for hu, tones in found.items() if tones != {wanted(hu)}][:9]))


def ends(low: int, high: int) -> Any:
    """The grey of what lies beyond the curve; between them it is a straight line."""

    def wanted(hu: int) -> int:
        if hu <= -160:
            return low
        if hu >= 240:
            return high
        return int(np.floor(low + (hu + 160) / 400 * (high - low) + 0.5))

    return wanted


def test_points_by_keys_change_the_picture(look: Open) -> None:
    page = look("straight")
    start(page)
    first, last = knots(page).nth(0), knots(page).nth(1)
    expect(first).to_have_attribute("aria-label", "Point 1 of 2")
    first.focus()
    page.keyboard.press("PageUp")
    expect(first).to_have_attribute("aria-valuetext", "\u2212160 HU, grey 16")
    last.focus()
    for _ in range(5):
        page.keyboard.press("Shift+ArrowDown")
    expect(last).to_have_attribute("aria-valuetext", "240 HU, grey 205")
    is_drawn(page, ends(16, 205))
    page.keyboard.press("ArrowRight")
    expect(last).to_have_attribute("aria-valuenow", "241")
    page.keyboard.press("Shift+ArrowRight")
    expect(last).to_have_attribute("aria-valuenow", "251")
    page.keyboard.press("Home")
    expect(last).to_have_attribute("aria-valuenow", "-159")  # one beside its neighbour
    expect(page.locator("[data-number=width]")).to_have_value("1")


def test_a_dragged_point_changes_the_picture_and_a_plain_window_stays_one(look: Open) -> None:
    page = look("straight")
    start(page)
    page.locator("[data-view=window]").click()
    last = knots(page).nth(1)
    box = last.locator(".dot").bounding_box() or {}
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 30, y + 1, steps=4)
    page.mouse.up()
    settle(page)
    expect(page.locator("[data-curve-count]")).to_have_text("")  # W and L still
    width = float(page.locator("[data-number=width]").input_value())
    assert width > 420
    # Down to the ground: what was white is black.
    low = page.locator("[data-histogram]").bounding_box() or {}
    page.mouse.move(x + 30, y)
    page.mouse.down()
    page.mouse.move(x + 30, low["y"] + low["height"] - 20, steps=4)
    settle(page)
    expect(last).to_have_attribute("aria-valuetext", re.compile("grey 0$"))
    is_drawn(page, lambda _hu: 0)
    page.keyboard.press("Escape")
    expect(last).to_have_attribute("aria-valuetext", re.compile("grey 255$"))
    page.mouse.up()


def test_points_come_and_go(look: Open) -> None:
    page = look("straight")
    start(page)
    page.locator("[data-view=window]").click()
    box = page.locator("[data-histogram]").bounding_box() or {}
    page.mouse.dblclick(box["x"] + box["width"] / 2, box["y"] + 20)
    expect(knots(page)).to_have_count(3)
    expect(page.locator("[data-curve-count]")).to_have_text("3 of 32 points")
    expect(knots(page).nth(1)).to_be_focused()
    page.keyboard.press("Delete")
    expect(knots(page)).to_have_count(2)
    page.keyboard.press("Delete")
    expect(knots(page)).to_have_count(2)  # two must stay
    for _ in range(30):
        page.locator("[data-curve-add]").click()
    expect(knots(page)).to_have_count(32)
    expect(page.locator("[data-curve-add]")).to_have_attribute("aria-disabled", "true")
    page.locator("[data-curve-add]").click(force=True)
    expect(page.locator("[data-live]")).to_have_text("A curve has 32 points at most.")
    expect(knots(page)).to_have_count(32)
    dot = knots(page).nth(4).locator(".dot").bounding_box() or {}
    page.mouse.move(dot["x"] + dot["width"] / 2, dot["y"] + dot["height"] / 2)
    page.mouse.down()
    page.mouse.move(dot["x"], box["y"] - 60, steps=3)
    page.mouse.up()
    expect(knots(page)).to_have_count(31)
    page.locator("[data-curve-reset]").click()
    expect(knots(page)).to_have_count(2)
    expect(page.locator("[data-number=width]")).to_have_value("401")


def test_a_drag_on_the_image_and_numbers_keep_the_curve(look: Open) -> None:
    page = look("straight")
    start(page)
    page.locator("[data-curve-add]").click()
    knots(page).nth(1).focus()
    page.keyboard.press("PageUp")
    expect(knots(page)).to_have_count(3)
    number(page, "center", "\u22121000")
    expect(knots(page).nth(0)).to_have_attribute("aria-valuenow", "-1200")
    expect(knots(page).nth(1)).to_have_attribute("aria-valuetext", "\u22121000 HU, grey 144")
    expect(knots(page).nth(2)).to_have_attribute("aria-valuenow", "-800")
    x, y = on_page(page, "axial", AXIAL).at((12, 8))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 100, y, steps=4)  # half as wide again
    page.mouse.up()
    expect(knots(page).nth(0)).to_have_attribute("aria-valuenow", "-1300")
    expect(knots(page).nth(2)).to_have_attribute("aria-valuenow", "-700")


def test_colour_maps_by_keys_bring_a_bar(look: Open) -> None:
    page = look("straight")
    start(page)
    bar = pane(page, "axial").locator(".pane-colorbar")
    expect(bar).to_be_hidden()
    page.locator("[name=colormap][value=gray]").focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")  # bone, hot, jet, magma, viridis
    expect(page.locator("[name=colormap][value=viridis]")).to_be_checked()
    expect(bar).to_be_visible()
    assert bar.locator("span").all_inner_texts() == ["HU", "240", "40", "\u2212160"]
    settle(page)
    # Viridis from its darkest to its brightest.
    expect(bar.locator("rect").first).to_have_attribute("fill", "rgb(68,1,84)")
    expect(bar.locator("rect").last).to_have_attribute("fill", "rgb(253,231,36)")
    for _ in range(100):
        seen = colours(page, "axial", 7).reshape(-1, 3).tolist()
        if [253, 231, 36] in seen:
            break
        page.wait_for_timeout(50)
    assert [253, 231, 36] in seen
    page.locator("label:has([data-colorbar-shown])").click()
    expect(bar).to_be_hidden()
    page.locator("label:has([data-colorbar-shown])").click()
    page.locator("label.colormap:has([value=gray])").click()
    expect(bar).to_be_visible()  # switched on by hand


def test_scale_limit_and_range_of_the_histogram(look: Open) -> None:
    page = look("sawtooth")  # the values of the other occur equally often
    bars = page.locator("[data-histogram] .bars")
    expect(bars).to_have_attribute("d", re.compile("^M0 "))
    seen = [bars.get_attribute("d")]
    page.locator("[data-scale=linear]").click()
    seen.append(bars.get_attribute("d"))
    page.locator("[data-limit]").focus()
    page.keyboard.press("PageDown")
    seen.append(bars.get_attribute("d"))
    expect(page.locator("[data-limit-count]")).to_have_text(re.compile(r"^\d"))
    page.locator("[data-view=in]").click()
    seen.append(bars.get_attribute("d"))
    assert len(set(seen)) == 4
    page.locator("[data-view=all]").click()
    page.keyboard.press("End")


def test_saved_curves_are_there_again(look: Open) -> None:
    page = look("straight")
    start(page)
    choice, note = page.locator("[data-curve-choice]"), page.locator("[data-curve-note]")
    save = page.locator("[data-curve-save]")
    expect(save).to_be_disabled()  # a plain window is no curve
    page.locator("[data-curve-add]").click()
    knots(page).nth(1).focus()
    page.keyboard.press("PageDown")
    expect(choice).to_have_value("drawn")
    save.click()
    name = page.locator("[data-curve-form] [name=name]")
    expect(name).to_be_focused()
    name.fill("Fine lung")
    name.press("Enter")
    expect(note).to_contain_text("Curve “Fine lung” saved")
    expect(choice.locator("option:checked")).to_have_text("Fine lung")
    page.reload()
    expect(page.locator(".stage")).to_have_attribute("data-state", "ready")
    start(page)
    choice.select_option(label="Fine lung")
    expect(knots(page).nth(1)).to_have_attribute("aria-valuetext", "40 HU, grey 112")
    is_drawn(page, lambda hu: bent(hu))
    # Changed and saved under its name, it takes the old one's place; which can be had back.
    knots(page).nth(1).focus()
    page.keyboard.press("PageDown")
    page.locator("[data-curve-save]").click()
    expect(page.locator("[data-curve-warning]")).to_have_text("Takes the place of “Fine lung”.")
    page.get_by_role("button", name="Overwrite").click()
    expect(note).to_contain_text("saved")
    expect(choice.locator("option")).to_have_count(2)
    page.locator("[data-curve-delete]").click()
    expect(note).to_contain_text("Curve “Fine lung” deleted")
    expect(choice.locator("option", has_text="Fine lung")).to_have_count(0)
    note.get_by_role("button", name="Undo").click()
    expect(choice.locator("option:checked")).to_have_text("Fine lung")
    page.locator("[data-curve-delete]").click()
    expect(note).to_contain_text("deleted")


def bent(hu: int) -> int:
    """From −160 HU and black over 40 HU and grey 111.5 to 240 HU and white."""
    points = [(-160, 0.0), (40, 111.5), (240, 255.0)]
    if hu <= -160 or hu >= 240:
        return 0 if hu <= -160 else 255
    (v0, g0), (v1, g1) = (points[0], points[1]) if hu < 40 else (points[1], points[2])
    return int(np.floor(g0 + (hu - v0) / (v1 - v0) * (g1 - g0) + 0.5))


def test_a_window_is_fitted_to_a_region(look: Open) -> None:
    """The rectangle holds voxels 10 to 13 of rows 8 and 9."""
    page = look("straight")
    start(page)
    page.locator("[data-command=autoRegion]").click()
    expect(page.locator("[data-command=autoRegion]")).to_have_attribute("aria-pressed", "true")
    at = on_page(page, "axial", AXIAL)
    (left, top), (right, bottom) = at.at((9.55, 7.55)), at.at((13.45, 9.45))
    page.mouse.move(left, top)
    page.mouse.down()
    page.mouse.move((left + right) / 2, bottom, steps=2)
    expect(pane(page, "axial").locator(".autoregion-box")).to_have_count(1)
    page.mouse.move(right, bottom, steps=2)
    page.mouse.up()
    expect(pane(page, "axial").locator(".autoregion-box")).to_have_count(0)
    inside = [int(stored_at(i, j, 6)) + AIR for j in (8, 9) for i in (10, 11, 12, 13)]
    # Black at the lowest of the eight values, white at the highest, as far as bins tell.
    expect(page.locator("[data-number=width]")).not_to_have_value("401")
    width, center = (
        float(page.locator(f"[data-number={name}]").input_value().replace("\u2212", "-"))
        for name in ("width", "center")
    )
    span = max(inside) - min(inside)
    assert width == pytest.approx(span, rel=0.03)
    assert center == pytest.approx((max(inside) + min(inside)) / 2, abs=span * 0.03)
    expect(page.locator("[data-tool=window]").first).to_have_attribute("aria-pressed", "true")
