"""Measurements and key images in the panel, "explain this pixel", pictures and films."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Watch, picture
from tests.browser.looking import canvas_size, colours, on_page, pane, settle, slice_of
from tests.browser.series import AIR, grey_of, stored_at
from tests.browser.viewing import STRAIGHT, Open

pytestmark = pytest.mark.browser

STRIP = 22  # CSS pixels below a picture
WEBM = b"\x1a\x45\xdf\xa3"  # EBML, as every Matroska file begins


def open_list(page: Page) -> None:
    """The tab of measurements, empty: what another test measured is kept on the server."""
    page.locator("#tab-marks").click()
    clear = page.locator("[data-marks-clear]")
    if clear.is_visible():
        clear.click()
    while page.locator(".key-image").count():
        page.locator(".key-image .btn-icon").first.click()


def draw(page: Page, tool: str, *pixels: tuple[float, float], name: str = "axial") -> None:
    """Drag with a tool along pixels of a plane of the straight series."""
    page.locator(f".viewer-tools [data-tool={tool}]").click()
    place = on_page(page, name, STRAIGHT[name])
    page.mouse.move(*place.at(pixels[0]))
    page.mouse.down()
    for pixel in pixels[1:]:
        page.mouse.move(*place.at(pixel), steps=4)
    page.mouse.up()


def rows(page: Page) -> Locator:
    return page.locator(".mark-row")


def toast(page: Page) -> Locator:
    return page.locator("[data-toast]")


@pytest.fixture
def marked(look: Open) -> Page:
    """The straight series with a length of 13.0 mm (7 across, 11 down) on the axial slice of index 6."""
    page = look("straight")
    open_list(page)
    expect(page.locator("[data-marks-empty]")).to_be_visible()
    draw(page, "length", (4, 4), (14, 14))
    expect(rows(page)).to_have_count(1)
    return page


def test_the_list_follows_the_marks(marked: Page) -> None:
    page = marked
    expect(page.locator("[data-marks-badge]")).to_have_text("1")
    expect(rows(page).locator(".name")).to_have_text("Length 1")
    expect(rows(page).locator(".sub").first).to_have_text("axial 7")
    told = (rows(page).locator(".val").text_content() or "").split("\u00a0")
    assert (float(told[0]), told[1]) == (pytest.approx(13.0, abs=0.15), "mm")
    draw(page, "angle", (4, 4), (4, 14))
    page.keyboard.press("Escape")
    draw(page, "length", (2, 2), (12, 2))
    expect(rows(page).locator(".name")).to_have_text(["Length 1", "Length 2"])
    picture(page, "mark-list")


def test_a_row_leads_back_to_its_slice(marked: Page) -> None:
    page = marked
    pane(page, "axial").focus()
    page.keyboard.press("Home")
    slice_of(page, "axial", 11)
    rows(page).locator(".mark-open").click()
    slice_of(page, "axial", 6)
    expect(rows(page)).to_have_attribute("aria-current", "true")
    expect(page.locator("[data-detail-facts]")).to_contain_text("axial 7")


def test_names_colours_and_hiding(marked: Page) -> None:
    page = marked
    rows(page).locator(".mark-open").click()
    page.keyboard.press("F2")
    page.keyboard.type("Widest")
    page.keyboard.press("Escape")
    expect(rows(page).locator(".name")).to_have_text("Length 1")
    page.keyboard.press("F2")
    page.keyboard.type("Widest")
    page.keyboard.press("Enter")
    expect(rows(page).locator(".name")).to_have_text("Widest")
    page.get_by_role("button", name="Orange").click()
    expect(page.get_by_role("button", name="Orange")).to_have_attribute("aria-pressed", "true")
    expect(rows(page).locator(".mark-dot circle")).to_have_attribute("fill", "#ffa24a")
    page.get_by_role("button", name="Hide Widest").click()
    expect(pane(page, "axial").locator(".mark-words")).to_have_count(0)
    expect(rows(page).locator(".sub").first).to_have_text("axial 7 · hidden")
    page.locator("[data-marks-hide]").click()
    expect(pane(page, "axial").locator(".mark-words")).to_have_count(1)


def test_deletion_is_one_step_back(marked: Page) -> None:
    page = marked
    draw(page, "length", (2, 2), (12, 2))
    expect(rows(page)).to_have_count(2)
    page.locator("[data-marks-clear]").click()
    expect(rows(page)).to_have_count(0)
    expect(toast(page)).to_contain_text("2 measurements deleted")
    toast(page).get_by_role("button", name="Undo").click()
    expect(rows(page)).to_have_count(2)
    expect(toast(page)).to_be_hidden()


def test_keys_walk_and_delete_in_the_list(marked: Page) -> None:
    page = marked
    draw(page, "length", (2, 2), (12, 2))
    rows(page).locator(".mark-open").first.focus()
    page.keyboard.press("ArrowDown")
    expect(rows(page).locator(".mark-open").nth(1)).to_be_focused()
    page.keyboard.press("Delete")
    expect(rows(page)).to_have_count(1)
    expect(rows(page).locator(".mark-open")).to_be_focused()


def test_a_key_image_brings_everything_back(look: Open) -> None:
    page = look("straight")
    open_list(page)
    pane(page, "axial").focus()
    page.keyboard.press("i")
    page.keyboard.press("m")
    image = page.locator(".key-image")
    expect(image).to_have_count(1)
    expect(image.locator(".sub")).to_have_text("axial 7")
    source = image.locator("img").get_attribute("src") or ""
    assert "/slices/axial/6.png?" in source
    assert "invert=1" in source
    pane(page, "axial").focus()
    page.keyboard.press("i")
    page.keyboard.press("Home")
    slice_of(page, "axial", 11)
    image.locator(".key-open").click()
    slice_of(page, "axial", 6)
    expect(pane(page, "axial").locator("[data-part=inverted]")).to_be_visible()
    image.locator("input").fill("Look again")
    image.locator("input").press("Enter")
    expect(image.locator(".key-open")).to_have_accessible_name("Show Look again, axial 7")


def steps(page: Page) -> dict[str, str]:
    """The steps of the explanation by kind."""
    items = page.locator("[data-explain-chain] > li").all()
    return {item.get_attribute("data-step") or "": item.locator("b").inner_text() for item in items}


def test_a_pixel_is_explained(look: Open) -> None:
    """Voxel (7, 3, 6): stored, less 1024, and the grey of the file's own window."""
    page = look("straight")
    box = page.locator("[data-explain]")
    box.scroll_into_view_if_needed()
    page.mouse.move(*on_page(page, "axial", STRAIGHT["axial"]).at((7, 3)))
    expect(box).to_have_attribute("data-voxel", "7,3,6")
    stored = stored_at(7, 3, 6)
    assert steps(page)["stored"] == str(stored)
    assert steps(page)["line"] == str(stored + AIR)
    assert steps(page)["grey"] == str(grey_of(stored))
    page.locator("[data-explain-pin]").click()
    page.mouse.move(*on_page(page, "axial", STRAIGHT["axial"]).at((20, 15)))
    expect(page.locator(".viewer-status")).to_have_attribute("data-voxel", "20,15,6")
    expect(box).to_have_attribute("data-voxel", "7,3,6")  # held
    page.keyboard.press("i")
    expect(page.locator("[data-explain-chain] [data-step=grey] b")).to_have_text(str(255 - grey_of(stored)))


def saved(page: Page, press: Any) -> tuple[str, bytes]:
    """Name and bytes of the file that a press gives."""
    with page.expect_download() as waiting:
        press()
    return waiting.value.suggested_filename, Path(waiting.value.path()).read_bytes()


def test_a_picture_holds_the_pixels_and_no_name(look: Open) -> None:
    page = look("straight")
    pane(page, "axial").focus()
    page.mouse.move(5, 5)
    settle(page)
    name, file = saved(page, lambda: page.keyboard.press("j"))
    assert name == "triplano-ct-axial-7.png"
    image = np.asarray(Image.open(io.BytesIO(file)).convert("RGB")).astype(int)
    width, height = canvas_size(page, "axial")
    assert image.shape == (height + STRIP, width, 3)
    drawn = colours(page, "axial")
    # Between letters, corner texts and scale bar, and without the crosshair, the picture is the canvas.
    part = (slice(height // 4, height // 2 - 20), slice(width // 4, 3 * width // 4))
    assert (image[:height][part] == drawn[part]).all()
    # Where the name and the id stand on the screen there is nothing but picture.
    who = pane(page, "axial").locator(".who").bounding_box()
    at = pane(page, "axial").bounding_box()
    assert who is not None
    assert at is not None
    lines = slice(int(who["y"] - at["y"]) + 3, int(who["y"] - at["y"] + 2 * who["height"]))
    columns = slice(0, int(who["width"]) + 40)
    assert (image[lines, columns] == drawn[lines, columns]).all()


def test_a_film_by_the_browser(look: Open) -> None:
    page = look("straight")
    page.locator(".export-button").click()
    page.locator("#menu-export [data-command=film]").click()
    dialog = page.locator("[data-film-dialog]")
    dialog.locator("[value=webm]").check()
    dialog.locator("[name=last]").fill("4")
    expect(dialog.locator("[data-film-note]")).to_have_text("4 pictures, 0.3 s")
    name, film = saved(page, lambda: dialog.locator("[data-film-start]").click())
    assert name == "triplano-ct-axial.webm"
    assert film.startswith(WEBM)
    expect(dialog.locator("[data-film-note]")).to_have_text("The film is saved.")


def test_exports_say_why_not(look: Open) -> None:
    page = look("straight")
    open_list(page)
    page.locator(".export-button").click()
    entries = page.locator("#menu-export")
    expect(entries.locator("[data-command=sheet]")).to_be_disabled()
    expect(entries.locator("[data-command=sheet]")).to_have_attribute(
        "title", "Measure something or keep a key image first."
    )
    expect(entries.locator("[data-marks-link=csv]")).to_have_attribute("aria-disabled", "true")
    page.keyboard.press("Escape")
    draw(page, "length", (4, 4), (14, 14))
    page.locator(".export-button").click()
    expect(entries.locator("[data-command=sheet]")).to_be_enabled()
    link = entries.locator("[data-marks-link=csv]")
    assert (link.get_attribute("href") or "").endswith("/marks.csv?part=0")


def test_a_report_is_written_and_read_back(marked: Page, tmp_path: Path) -> None:
    page = marked
    expect(page.locator("[data-saved]")).to_contain_text("Saved")
    page.locator(".export-button").click()
    name, report = saved(page, lambda: page.locator("#menu-export [data-marks-link=dcm]").click())
    assert name == "triplano-measurements.dcm"
    assert report[128:132] == b"DICM"
    page.locator("[data-marks-clear]").click()
    expect(rows(page)).to_have_count(0)
    file = tmp_path / "report.dcm"
    file.write_bytes(report)
    page.locator("[data-import-file]").set_input_files(file)
    expect(toast(page)).to_contain_text("1 measurement read.")
    told = (rows(page).locator(".val").text_content() or "").split("\u00a0")
    assert float(told[0]) == pytest.approx(13.0, abs=0.15)
    toast(page).get_by_role("button", name="Undo").click()
    expect(rows(page)).to_have_count(0)


def test_a_sheet_of_a_measurement_and_a_key_image(marked: Page) -> None:
    page = marked
    pane(page, "axial").focus()
    page.keyboard.press("m")
    expect(page.locator("[data-saved]")).to_contain_text("Saved")
    page.locator(".export-button").click()
    page.locator("#menu-export [data-command=sheet]").click()
    dialog = page.locator("[data-sheet-dialog]")
    expect(dialog.locator("[data-sheet-items] label")).to_have_text(
        ["Key image 1 axial 7", "Length 1 axial 7"]
    )
    expect(dialog.locator("[data-sheet-note]")).to_have_text("2 of 9 chosen")
    name, sheet = saved(page, lambda: dialog.locator("[data-sheet-save]").click())
    assert name == "triplano-ct-sheet.pdf"
    assert sheet.startswith(b"%PDF-")
    expect(dialog).to_be_hidden()


def test_what_is_no_report_is_refused_in_words(look: Open, watch: Watch, tmp_path: Path) -> None:
    watch.expected.append("/marks/import")
    page = look("straight")
    file = tmp_path / "letter.dcm"
    file.write_bytes(b"Dear colleague")
    page.locator("[data-import-file]").set_input_files(file)
    expect(toast(page)).not_to_contain_text("Reading")
    expect(toast(page).locator("[data-toast-text]")).not_to_have_text("")
    expect(toast(page).get_by_role("button", name="Undo")).to_be_hidden()


def test_the_list_on_a_phone(look: Open) -> None:
    page = look("straight", width=360, height=640, has_touch=True, is_mobile=True)
    page.locator(".phone-bar [data-command=window]").tap()
    page.locator("#tab-marks").tap()
    expect(page.locator("#panel-marks")).to_be_visible()
    wide = page.locator("#panel-marks").evaluate("panel => panel.scrollWidth - panel.clientWidth")
    assert wide <= 0
    picture(page, "mark-list-phone")
