"""Marks drawn by hand and by keys on series of known spacing: what they measure, and where they are seen."""

import re
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import picture
from tests.browser.looking import on_page, pane, settle, slice_of, wheel
from tests.browser.viewing import STRAIGHT, Open

pytestmark = pytest.mark.browser


def tool(page: Page, name: str) -> None:
    page.locator(f".viewer-tools [data-tool={name}]").click()


def stroke(page: Page, name: str, *pixels: tuple[float, float]) -> None:
    """Drag along pixels of a plane of the straight series, which is fitted."""
    place = on_page(page, name, STRAIGHT[name])
    page.mouse.move(*place.at(pixels[0]))
    page.mouse.down()
    for pixel in pixels[1:]:
        page.mouse.move(*place.at(pixel), steps=4)
    page.mouse.up()


def words(page: Page, name: str) -> Locator:
    return pane(page, name).locator(".mark-words")


def check_words(page: Page, name: str, wanted: float, unit: str = "mm") -> None:
    """A pointer stands on whole pixels of the screen, here up to 0.08 mm and 0.5° apart."""
    expect(words(page, name)).to_have_text(re.compile(rf"^[\d.]+\s?{unit}$"))
    told = float((words(page, name).text_content() or "").replace("\u00a0", " ").split(unit)[0])
    assert told == pytest.approx(wanted, abs=0.5 if unit == "°" else 0.15)


def test_lengths_are_millimetres_on_planes_of_long_pixels(look: Open) -> None:
    """Voxels of 0.7 × 1.1 × 2.5 mm: 10 across and 10 down are 7 and 11 mm, 6 slices are 15."""
    page = look("straight")
    tool(page, "length")
    stroke(page, "axial", (4, 4), (14, 14))
    check_words(page, "axial", 13.0)
    stroke(page, "coronal", (3, 2), (3, 8))
    check_words(page, "coronal", 15.0)
    stroke(page, "sagittal", (2, 2), (12, 6))
    check_words(page, "sagittal", 14.9)  # 11 and 10 mm
    picture(page, "measuring")


def test_a_mark_is_on_the_slices_that_hold_it(look: Open) -> None:
    page = look("straight")
    tool(page, "length")
    stroke(page, "axial", (4, 10), (14, 10))  # along the row of the coronal plane that is shown
    check_words(page, "axial", 7.0)
    check_words(page, "coronal", 7.0)
    expect(words(page, "sagittal")).to_have_count(0)
    page.mouse.move(*on_page(page, "axial", STRAIGHT["axial"]).at((20, 3)))
    wheel(page, 100)
    slice_of(page, "axial", 5)
    expect(words(page, "axial")).to_have_count(0)
    wheel(page, -100)
    expect(words(page, "axial")).to_have_count(1)


def test_a_mark_keeps_its_measure_and_its_line_width_at_every_view(look: Open) -> None:
    page = look("straight")
    tool(page, "length")
    stroke(page, "axial", (4, 4), (14, 14))
    for key in ("r", "h", "r", "v", "+", "+"):
        pane(page, "axial").focus()
        page.keyboard.press(key)
        settle(page)
        check_words(page, "axial", 13.0)
    width = pane(page, "axial").locator(".mark-line").evaluate("line => getComputedStyle(line).strokeWidth")
    assert width == "2.5px"  # selected


def test_handles_move_the_ends_and_the_line_moves_all(look: Open) -> None:
    page = look("straight")
    tool(page, "length")
    stroke(page, "axial", (4, 4), (14, 14))
    tool(page, "window")  # marks are taken hold of with any tool
    stroke(page, "axial", (14, 14), (4, 14))
    check_words(page, "axial", 11.0)
    stroke(page, "axial", (4, 9), (9, 9))
    check_words(page, "axial", 11.0)
    box = pane(page, "axial").locator(".mark-line").bounding_box()
    assert box is not None
    middle = np.array((box["x"] + box["width"] / 2, box["y"] + box["height"] / 2))
    assert np.abs(middle - on_page(page, "axial", STRAIGHT["axial"]).at((9, 9))).max() < 1
    page.keyboard.press("Delete")
    expect(words(page, "axial")).to_have_count(0)


def test_angles_and_two_diameters(look: Open) -> None:
    page = look("straight")
    axial = on_page(page, "axial", STRAIGHT["axial"])
    tool(page, "angle")
    stroke(page, "axial", (4, 4), (14, 4))
    page.mouse.click(*axial.at((14, 14)))
    check_words(page, "axial", 90.0, "°")
    page.keyboard.press("Delete")
    tool(page, "cobb")
    stroke(page, "axial", (2, 4), (13, 4))
    stroke(page, "axial", (2, 10), (13, 17))  # 7.7 mm across and down: 45°
    check_words(page, "axial", 45.0, "°")
    page.keyboard.press("Delete")
    tool(page, "bidirectional")
    stroke(page, "axial", (2, 10), (12, 10))
    expect(words(page, "axial")).to_have_text(re.compile(r"^(6\.9|7\.0|7\.1) × 3\.5\smm$"))


def test_a_click_measures_nothing_and_says_what_to_do(look: Open) -> None:
    page = look("straight")
    tool(page, "length")
    page.mouse.click(*on_page(page, "axial", STRAIGHT["axial"]).at((4, 4)))
    expect(page.locator("[data-live]")).to_have_text("To measure a length, drag from one end to the other.")
    expect(pane(page, "axial").locator(".mark")).to_have_count(0)


def test_escape_gives_up_the_stroke(look: Open) -> None:
    page = look("straight")
    place = on_page(page, "axial", STRAIGHT["axial"])
    tool(page, "length")
    page.mouse.move(*place.at((4, 4)))
    page.mouse.down()
    page.mouse.move(*place.at((14, 14)), steps=3)
    expect(words(page, "axial")).to_have_count(1)
    page.keyboard.press("Escape")
    page.mouse.up()
    expect(pane(page, "axial").locator(".mark")).to_have_count(0)


def test_a_length_by_keys_alone(look: Open) -> None:
    """The cursor begins at the crosshair; 100 CSS pixels are so many mm as the pane's scale tells."""
    page = look("straight")
    pane(page, "axial").focus()
    page.keyboard.press("d")
    page.keyboard.press("Enter")
    expect(page.locator("[data-live]")).to_have_text("Point 1 of 2")
    for _ in range(10):
        page.keyboard.press("Alt+Shift+ArrowLeft")
    expect(pane(page, "axial").locator(".key-cursor")).to_have_attribute("d", re.compile("M"))
    page.keyboard.press("Enter")
    scale = float(on_page(page, "axial", STRAIGHT["axial"]).step[0] / 0.7)
    check_words(page, "axial", 100 / scale)


def test_an_arrow_takes_its_words_at_its_place(look: Open) -> None:
    page = look("straight")
    tool(page, "arrow")
    stroke(page, "axial", (8, 8), (15, 12))
    field = page.get_by_label("Words of the arrow")
    expect(field).to_be_focused()
    field.type("node i")  # letters that are keys elsewhere
    field.press("Enter")
    expect(words(page, "axial")).to_have_text("node i")
    expect(field).to_have_count(0)


@pytest.mark.parametrize("name", ["ellipse", "rectangle", "freehand"])
def test_areas_and_their_values(look: Open, name: str) -> None:
    """10 × 10 pixels of 0.7 × 1.1 mm; the ellipse has these as its semi-axes."""
    page = look("straight")
    tool(page, name)
    if name == "freehand":
        stroke(page, "axial", (6, 5), (16, 5), (16, 15), (6, 15), (6, 5.2))
    else:
        stroke(page, "axial", (6, 5), (16, 15))
    area = {"ellipse": r"24\d", "rectangle": r"7[67]\.\d", "freehand": r"7[67]\.\d"}[name]
    line: Any = re.compile(rf"^{area}\u00a0mm².* ± .*HU$")
    expect(words(page, "axial")).to_have_text(line)
