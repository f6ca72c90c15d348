"""Parts of a series, their phases, films, warnings, overlays and SUV, as a student meets them."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import NewPage, Server, Watch
from tests.browser.looking import (
    colours,
    greys,
    open_viewer,
    pane,
    settle,
    slice_of,
    status,
    volume_here,
)
from tests.browser.partseries import SERIES
from tests.browser.series import Archive, send, take_in
from tests.browser.viewing import Open
from tests.shared_data import shared

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def archive(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """The series of partseries.py; ``look`` and ``session`` take it from here."""
    return take_in(server, "petra", tmp_path_factory.mktemp("parts"), SERIES)


def middle(page: Page, plane: str) -> int:
    """The grey in the middle of a pane, where the crosshair's canvas is free of lines."""
    drawn = greys(page, plane)
    return int(drawn[drawn.shape[0] // 2, drawn.shape[1] // 2])


def bar(page: Page, walk: str) -> Locator:
    return page.locator(f"[data-play-bar={walk}]")


def test_the_menu_leads_to_a_part_and_back(look: Open) -> None:
    page = look("two")
    menu, button = page.locator("#menu-parts"), page.locator("[popovertarget=menu-parts]")
    expect(button).to_have_accessible_name("Axial, 6 images every 3 mm 1/2 Part 1 of 2")
    expect(page).to_have_title("Two · Axial, 6 images every 3 mm · Triplano")
    settle(page)
    assert middle(page, "axial") == 100  # 100 of 0 … 255
    button.press("Enter")
    expect(menu).to_be_visible()
    expect(menu.locator("[aria-current=page]")).to_contain_text("Axial, 6 images every 3 mm")
    page.keyboard.press("ArrowDown")  # from the first part, which has the focus, to the second
    page.keyboard.press("Enter")
    page.wait_for_url("**?part=1")
    expect(page.locator(".stage")).to_have_attribute("data-state", "ready")
    expect(button).to_have_accessible_name("Sagittal, 4 images every 5 mm 2/2 Part 2 of 2")
    assert middle(page, "sagittal") == 200
    expect(status(page)).to_have_attribute("data-value", "200")
    button.click()
    menu.get_by_text("Axial, 6 images").click()
    expect(page.locator(".stage")).to_have_attribute("data-state", "ready")
    expect(status(page)).to_have_attribute("data-value", "100")


def test_the_study_lists_the_parts(archive: Archive, session: Any, new_page: NewPage) -> None:
    page = new_page(locale="en-GB", storage_state=session)
    page.goto(f"/viewer/{archive.ids['two']}")
    page.get_by_role("link", name="Back to the study").click()
    card = page.locator(f"#series-{archive.ids['two']}")
    expect(card.locator(".part-list li")).to_have_count(2)
    card.get_by_role("link", name="Sagittal, 4 images every 5 mm").click()
    page.wait_for_url("**?part=1")
    expect(pane(page, "sagittal")).to_be_visible()


def test_the_slider_goes_through_the_volumes(look: Open) -> None:
    page = look("echoes")
    film, value = bar(page, "phase"), status(page)
    address = page.url
    expect(film.locator("label[for]")).to_have_text("Echo")
    expect(film.locator("[data-label]")).to_have_text("10\u00a0ms")
    expect(value).to_have_attribute("data-value", "52")  # 50 · 1 + 2: the middle of five slices
    assert middle(page, "axial") == 52
    film.locator("input[type=range]").focus()
    page.keyboard.press("End")
    expect(film.locator("[data-label]")).to_have_text("40\u00a0ms")
    expect(film.locator("[data-count]")).to_have_text("3 / 3")
    expect(value).to_have_attribute("data-value", "152")
    expect_grey(page, "axial", 152)
    slice_of(page, "axial", 2)  # the slice stays
    page.keyboard.press("ArrowLeft")
    expect(film.locator("input[type=range]")).to_have_attribute("aria-valuetext", "20\u00a0ms")
    expect_grey(page, "axial", 102)
    pane(page, "axial").focus()
    page.keyboard.press("Shift+ArrowRight")
    expect_grey(page, "axial", 152)
    page.keyboard.press("Shift+ArrowRight")  # the first comes after the last
    expect_grey(page, "axial", 52)
    expect(value).to_have_attribute("data-value", "52")
    expect(page.locator("[data-live]")).to_have_text("Echo: 10\u00a0ms")
    assert page.url == address


def test_the_pointer_reads_the_volume_that_is_seen(look: Open) -> None:
    """Another one was chosen and is still on its way: picture and value go on together."""
    page = look("echoes")
    volume_here(page)
    held: list[Route] = []
    is_held = True
    page.route(re.compile("phase=2"), lambda route: held.append(route) if is_held else route.continue_())
    box = pane(page, "axial").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    value = status(page)
    expect(value.locator("[data-read=source]")).to_have_text("Cursor")
    expect(value).to_have_attribute("data-value", "52")
    pane(page, "axial").focus()
    page.keyboard.press("Shift+ArrowLeft")  # the last comes before the first
    expect(bar(page, "phase").locator("[data-count]")).to_have_text("3 / 3")
    page.wait_for_timeout(600)  # the volume is asked for as well by now
    assert middle(page, "axial") == 52
    expect(value).to_have_attribute("data-value", "52")
    is_held = False
    for route in held:
        route.continue_()
    assert held
    expect_grey(page, "axial", 152)
    expect(value).to_have_attribute("data-value", "152")


def test_pictures_made_here_do_not_unsay_that_the_session_ended(look: Open, watch: Watch) -> None:
    watch.expected += ["401"]
    page = look("echoes")
    volume_here(page)
    page.context.clear_cookies()
    pane(page, "axial").focus()
    page.keyboard.press("Shift+ArrowRight")
    notice = page.locator(".viewer-notice")
    expect(notice).to_contain_text("Your session has ended.")
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("ArrowUp")
    expect_grey(page, "axial", 53)
    expect(notice).to_contain_text("Your session has ended.")
    expect(notice).to_be_visible()


def expect_grey(page: Page, plane: str, grey: int) -> None:
    """Wait until the middle of a pane has this grey."""
    page.wait_for_function(
        """([plane, grey]) => {
          const canvas = document.querySelector(`[data-plane=${plane}] canvas`);
          const [x, y] = [canvas.width >> 1, canvas.height >> 1];
          return canvas.getContext("2d").getImageData(x, y, 1, 1).data[0] === grey;
        }""",
        arg=[plane, grey],
    )


@pytest.mark.parametrize(("series", "walk"), [("echoes", "phase"), ("film", "stack")])
def test_it_plays_and_stops(look: Open, series: str, walk: str) -> None:
    page = look(series)
    film = bar(page, walk)
    count, play = film.locator("[data-count]"), film.locator("[data-play]")
    before = count.inner_text()
    play.click()
    expect(play).to_have_accessible_name("Pause")
    expect(count).not_to_have_text(before)
    play.click()
    expect(play).to_have_attribute("aria-pressed", "false")
    stands = count.inner_text()
    page.wait_for_timeout(400)  # four steps of the slower of the two
    assert count.inner_text() == stands
    page.locator(".stage").focus()
    page.keyboard.press("c")
    expect(play).to_have_attribute("aria-pressed", "true")
    expect(count).not_to_have_text(stands)
    film.locator("input[type=range]").fill("1")  # a hand on the slider stops it
    expect(play).to_have_attribute("aria-pressed", "false")
    expect(count).to_have_text(f"2 / {3 if walk == 'phase' else 12}")


def test_a_film_says_the_time_of_its_frames(look: Open) -> None:
    page = look("film")
    film = bar(page, "stack")
    film.locator("input[type=range]").fill("11")
    expect(film.locator("[data-label]")).to_have_text("0.44 s")  # 11 · 40 ms
    expect_grey(page, "stack", 220)
    expect(pane(page, "stack").locator("[data-part=location]")).to_have_text("uncalibrated: no mm")


def test_the_note_leads_to_the_original_images_and_back(look: Open) -> None:
    page = look("gapped")
    note = page.locator(".stage-note")
    expect(note).to_contain_text("Uneven slice spacing: 3.000 mm, but between slices 5–6: 6.000 mm.")
    expect(pane(page, "axial")).to_contain_text("/ 11")  # 30 mm in steps of 3
    note.get_by_role("link", name="Original images").click()
    page.wait_for_url("**as=stack*")
    expect(page.locator(".stage")).to_have_attribute("data-state", "ready")
    expect(pane(page, "stack")).to_contain_text("/ 10")
    slice_of(page, "stack", 5)
    assert middle(page, "stack") == 50
    expect(note).to_contain_text("The original images, as the scanner made them.")
    note.get_by_role("link", name="Back to the volume").click()
    expect(pane(page, "axial")).to_contain_text("/ 11")


def test_the_warning_is_there_in_spanish(archive: Archive, session: Any, new_page: NewPage) -> None:
    page = new_page(locale="es-MX", storage_state=session)
    open_viewer(page, archive.ids["gapped"])
    expect(page.locator("html")).to_have_attribute("lang", "es")
    note = page.locator(".stage-note")
    expect(note).to_contain_text("Separación irregular entre cortes: 3.000 mm")
    expect(note).to_contain_text("5–6: 6.000 mm")
    expect(note.get_by_role("link", name="Imágenes originales")).to_be_visible()


def test_a_long_note_on_a_phone_unfolds(archive: Archive, session: Any, new_page: NewPage) -> None:
    page = new_page(width=360, height=640, locale="en-GB", storage_state=session)
    open_viewer(page, archive.ids["gapped"])
    text, more = page.locator("[data-note-text]"), page.locator("[data-note-more]")
    folded = text.bounding_box()
    more.click()
    expect(more).to_have_text("Less")
    unfolded = text.bounding_box()
    assert folded is not None
    assert unfolded is not None
    assert unfolded["height"] > folded["height"]
    assert text.evaluate("one => one.scrollHeight <= one.clientHeight")
    more.click()
    expect(more).to_have_attribute("aria-expanded", "false")
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_overlays_are_shown_and_hidden(look: Open) -> None:
    page = look("drawn")
    expect(page.locator(".overlay-list")).to_have_text("Arrow")
    assert colours(page, "axial").any()
    page.locator("[data-overlays]").uncheck()
    page.wait_for_function(
        """() => {
          const canvas = document.querySelector("[data-plane=axial] canvas");
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          return data.every((sample, n) => n % 4 === 3 || sample === 0);
        }"""
    )
    page.locator("[data-overlays]").check()
    page.wait_for_function(
        """() => {
          const canvas = document.querySelector("[data-plane=axial] canvas");
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          return data.some((sample, n) => n % 4 !== 3 && sample !== 0);
        }"""
    )


def test_uptake_is_read_in_suv_and_dark(look: Open) -> None:
    """70 kg, 350 MBq, one half-life: 70,000 g / 175 MBq = 0.0004 a Bq/ml.

    Voxel (2, 2, 1) holds 100 + 20 + 2 = 122, times the slice's slope of 3: 366 Bq/ml, SUV 0.1464.
    """
    page = look("uptake")
    read = status(page)
    expect(read).to_have_attribute("data-voxel", "2,2,1")
    expect(read.locator("[data-read=value]")).to_have_text("0.15")
    expect(read.locator("[data-read=unit]")).to_have_text("SUVbw")
    assert float(read.get_attribute("data-value") or "nan") == pytest.approx(0.1464, abs=1e-6)
    expect(page.locator(".preset[aria-pressed=true]")).to_contain_text("SUV 0 to 5")
    expect(pane(page, "axial").locator("[data-part=inverted]")).to_be_visible()
    assert middle(page, "axial") > 240  # little uptake is bright, as on film
    page.locator("label.colormap:has([value=pet])").click()
    expect(pane(page, "axial").locator("[data-part=inverted]")).to_be_hidden()


def test_images_of_a_stack_keep_their_own_windows(look: Open) -> None:
    """Both are half grey in the windows that they bring: 100 of 0 … 200, 3000 of 2000 … 4000."""
    page = look("unlike")
    own = page.locator(".preset", has_text="Each image’s own")
    expect(own).to_have_attribute("aria-pressed", "true")
    pane(page, "stack").focus()
    for key, words in (("Home", "W 201 L 100.5"), ("End", "W 2001 L 3000.5")):
        page.keyboard.press(key)
        expect(pane(page, "stack").locator("[data-part=window]")).to_have_text(words)
        expect_grey(page, "stack", 128)
    expect(page.locator("[data-number=center]")).to_have_value("3000.5")
    page.locator("[data-number=center]").fill("5000")
    page.locator("[data-number=center]").press("Enter")
    expect_grey(page, "stack", 0)
    expect(own).to_have_attribute("aria-pressed", "false")
    pane(page, "stack").focus()
    page.keyboard.press("Home")
    expect_grey(page, "stack", 0)  # one window for both
    own.click()
    expect_grey(page, "stack", 128)


@pytest.mark.parametrize("width", [1440, 360])
def test_the_scale_bar_says_where_its_millimetres_are(look: Open, width: int) -> None:
    page = look("projected", width=width, height=640)
    words = pane(page, "stack").locator("[data-part=scale]")
    expect(words).to_have_text("1 cm at the detector")  # 80 mm fill the width, a fifth of it is free
    box, room = words.bounding_box(), pane(page, "stack").bounding_box()
    assert box is not None
    assert room is not None
    assert room["x"] <= box["x"]
    assert box["x"] + box["width"] <= room["x"] + room["width"]
    expect(page.locator(".stage-note")).to_have_count(0)  # one image alone needs no reason


def test_the_keys_are_listed(look: Open) -> None:
    page = look("echoes")
    page.keyboard.press("?")
    rows = page.locator("dialog[data-keys] li")
    expect(rows.filter(has_text="Previous and next volume").locator("kbd")).to_have_text(
        ["Shift", "\u2190", "Shift", "\u2192"]
    )
    expect(rows.filter(has_text="Play and pause").locator("kbd")).to_have_text(["C"])


def test_a_real_tilted_head_is_straightened_and_says_so(
    archive: Archive, session: Any, new_page: NewPage
) -> None:
    folder: Path = shared("data/ct-head-ge-gantry-tilt/ct")
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    made = send(archive.server, archive.token, folder, paths)
    page = new_page(locale="en-GB", storage_state=session)
    open_viewer(page, next(iter(made.values())))
    note = page.locator(".stage-note")
    expect(note).to_contain_text("Gantry tilt of 18.5° corrected")
    expect(note).to_contain_text("between slices 14–15: 1.081 mm, 15–28: 6.999 mm")
    expect(pane(page, "axial")).to_contain_text("/ 37")
    note.get_by_role("link", name="Original images").click()
    expect(page.locator(".stage")).to_have_attribute("data-state", "ready")
    expect(pane(page, "stack")).to_contain_text("/ 28")
