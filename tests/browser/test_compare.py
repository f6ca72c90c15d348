"""Two series side by side: linked by the patient's position, by hand, in view and window; each other's lines.

"head" has its axial slices at z = 0, 2.5 … 27.5 mm; "later", of the same frame of reference, is coarser: at
z = 10, 15 … 45 mm. "moved" is head in another frame of reference, 100 mm further up. "scout" has sagittal
images at x = 14, 9 and 4 mm: their slices run to the right.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect
from pydicom.dataset import Dataset

from tests.browser.conftest import NewPage, Server, picture
from tests.browser.looking import choose_layout, pane, settle, slice_of, zoom_to
from tests.browser.series import SAGITTAL, Archive, named, stored_at, take_in
from tests.imaging.phantoms import ct_slice

pytestmark = pytest.mark.browser

Compare = Callable[..., Page]


def axial(
    number: int, name: str, size: tuple[int, int], spacing: float, places: list[float], **more: Any
) -> Iterator[Dataset]:
    """Slices of size[0] × size[1] pixels at z = *places*, the first pixel at x = y = 0."""
    j, i = np.mgrid[: size[1], : size[0]]
    for k, z in enumerate(places):
        pixels = stored_at(i, j, k).astype(np.int16)
        dataset = ct_slice(k, pixels=pixels, position=(0.0, 0.0, z), spacing=(spacing, spacing), **more)
        yield named(windowed(dataset), number, name)


def windowed(dataset: Dataset) -> Dataset:
    dataset.WindowWidth, dataset.WindowCenter = 5761, 1856.25
    return dataset


def scout() -> Iterator[Dataset]:
    """Columns run back from y = −2, rows to the feet from z = 40, one pixel a millimetre."""
    for k, x in enumerate((14.0, 9.0, 4.0)):
        pixels = (np.mgrid[:46, :30][0] * 40).astype(np.int16)
        position = (x, -2.0, 40.0)
        dataset = ct_slice(k, pixels=pixels, position=position, orientation=SAGITTAL, spacing=(1.0, 1.0))
        yield named(windowed(dataset), 4, "Scout")


SERIES = {
    "head": lambda: axial(1, "Head", (24, 20), 1.0, [2.5 * k for k in range(12)]),
    "later": lambda: axial(2, "Later", (16, 16), 2.0, [10.0 + 5 * k for k in range(8)]),
    "moved": lambda: axial(
        3, "Moved", (24, 20), 1.0, [100 + 2.5 * k for k in range(12)], FrameOfReferenceUID="1.2.3.4.5.6"
    ),
    "scout": scout,
}


@pytest.fixture(scope="module")
def archive(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Archive:
    return take_in(server, "clara", tmp_path_factory.mktemp("compared"), SERIES)


@pytest.fixture
def compare(archive: Archive, session: Any, new_page: NewPage) -> Compare:
    """Open a comparison: ``compare("head", "later")``."""

    def open_both(one: str, other: str, query: str = "", **options: Any) -> Page:
        page = new_page(locale="en-GB", storage_state=session, **options)
        page.set_default_timeout(10_000)
        page.goto(f"/viewer/{archive.ids[one]}?with={archive.ids[other]}{query}")
        expect(page.locator(".stage")).to_have_attribute("data-state", "ready")
        return page

    return open_both


def second(page: Page, plane: str) -> Locator:
    return page.locator(f".pane[data-pane=second-{plane}]")


def scales(page: Page) -> list[str]:
    """The scale bars' words and lengths of the axial panes of both series."""
    told: list[str] = page.evaluate(
        "() => [...document.querySelectorAll('.pane[data-plane=axial] .pane-lines')].map(svg =>"
        " svg.querySelector('text').textContent + svg.querySelector('.scale-bar').getBBox().width.toFixed(1))"
    )
    return told


def test_two_volumes_are_linked_by_the_patients_position(compare: Compare) -> None:
    page = compare("head", "later")
    other = second(page, "axial")
    beside = other.locator(".pane-beside")
    pane(page, "axial").focus()
    page.keyboard.press("Home")
    slice_of(page, "axial", 11)  # z = 27.5: half way between 25 and 30
    expect(other).to_have_attribute("data-index", "4")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    slice_of(page, "axial", 9)  # z = 22.5
    expect(other).to_have_attribute("data-index", "3")
    page.keyboard.press("End")
    slice_of(page, "axial", 0)  # z = 0: 10 mm below the lowest slice of the other
    expect(other).to_have_attribute("data-index", "0")
    expect(beside).to_be_visible()
    # The other way round: z = 25 is slice 10. Nothing comes back to the one that was moved.
    other.focus()
    for _ in range(3):
        page.keyboard.press("ArrowUp")
    expect(other).to_have_attribute("data-index", "3")
    slice_of(page, "axial", 10)
    expect(beside).to_be_hidden()
    page.keyboard.press("Home")
    expect(other).to_have_attribute("data-index", "7")  # z = 45, 17.5 mm above the last of the first
    slice_of(page, "axial", 11)
    expect(pane(page, "axial").locator(".pane-beside")).to_be_visible()


def test_each_link_has_its_switch(compare: Compare) -> None:
    page = compare("head", "later")
    box = pane(page, "axial").bounding_box()
    assert box is not None
    zoom_to(page, "axial", (box["x"] + 150, box["y"] + 300), 2)
    settle(page)
    first, other = scales(page)
    assert first == other  # so many pixels to a millimetre in both
    page.keyboard.press("i")
    for inverted in (pane(page, "axial"), second(page, "axial")):
        expect(inverted.locator("[data-part=inverted]")).to_be_visible()
    page.locator("[data-link-button]").click()
    for link in ("window", "position", "view"):
        page.locator(f"[data-link={link}]").uncheck()
    page.keyboard.press("Escape")
    expect(page.locator("[data-link-menu]")).to_be_hidden()
    page.keyboard.press("i")
    expect(second(page, "axial").locator("[data-part=inverted]")).to_be_visible()
    expect(pane(page, "axial").locator("[data-part=inverted]")).to_be_hidden()
    before = second(page, "axial").get_attribute("data-index")
    zoom = second(page, "axial").get_attribute("data-zoom")
    pane(page, "axial").focus()
    page.keyboard.press("End")
    page.keyboard.press("+")
    slice_of(page, "axial", 0)
    settle(page)
    assert second(page, "axial").get_attribute("data-index") == before
    assert second(page, "axial").get_attribute("data-zoom") == zoom
    page.locator("[data-link-button]").click()
    for link in ("window", "view"):
        page.locator(f"[data-link={link}]").check()


def test_series_without_a_common_frame_are_linked_by_hand(compare: Compare) -> None:
    page = compare("head", "moved")
    other = second(page, "axial")
    pane(page, "axial").focus()
    page.keyboard.press("Home")
    slice_of(page, "axial", 11)
    expect(other).to_have_attribute("data-index", "6")  # nothing is known: it stays
    other.focus()
    page.keyboard.press("End")
    expect(other).to_have_attribute("data-index", "0")
    slice_of(page, "axial", 11)
    page.locator("[data-link-button]").click()
    expect(page.locator("[data-link-note]")).to_contain_text("no common frame of reference")
    page.keyboard.press("Escape")
    pane(page, "axial").focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    slice_of(page, "axial", 2)
    page.locator("[data-link-button]").click()
    page.locator("[data-link-here]").click()  # z = 5 here is z = 100 there
    expect(page.locator("[data-link-note]")).to_contain_text("by hand")
    page.keyboard.press("Escape")
    pane(page, "axial").focus()
    for _ in range(4):
        page.keyboard.press("ArrowUp")
    slice_of(page, "axial", 6)
    expect(other).to_have_attribute("data-index", "4")
    page.locator("[data-link-button]").click()
    page.locator("[data-link-undo]").click()
    expect(page.locator("[data-link-note]")).to_contain_text("no common frame of reference")


def test_a_localizer_shows_where_the_slice_cuts_it_and_leads_the_volume(compare: Compare) -> None:
    page = compare("head", "scout", "&with_as=stack")
    expect(page.locator(".pane:visible")).to_have_count(2)
    stack = second(page, "stack")
    pane(page, "axial").focus()
    page.keyboard.press("Space")  # both whole, whatever was looked at before
    expect(stack).to_have_attribute("data-zoom", "1.000")
    expect(pane(page, "axial")).to_have_attribute("data-zoom", "1.000")
    page.keyboard.press("Home")
    slice_of(page, "axial", 11)
    settle(page)
    line = stack.locator(".layer-references path.of-axial")
    expect(line).to_have_count(1)
    # The crosshair is at x = 12: the scout's first image. z = 27.5 lies 12.5 rows below its first.
    expect(stack).to_have_attribute("data-index", "0")
    box, drawn = stack.bounding_box(), line.bounding_box()
    assert box is not None
    assert drawn is not None
    scale = min(box["width"] / 30, box["height"] / 46)
    assert drawn["y"] - box["y"] == pytest.approx(box["height"] / 2 + (12.5 - 22.5) * scale, abs=1)
    # Where the scout is leafed through the volume follows to its column, and to no other slice or row.
    choose_layout(page, "pairs2")
    stack.focus()
    page.keyboard.press("End")
    expect(stack).to_have_attribute("data-index", "2")
    slice_of(page, "sagittal", 4)
    slice_of(page, "axial", 11)
    page.keyboard.press("ArrowUp")
    expect(stack).to_have_attribute("data-index", "1")
    slice_of(page, "sagittal", 9)
    settle(page)
    assert pane(page, "axial").locator(".layer-references path.of-stack").count() == 1


def test_export_and_slab_are_of_the_series_that_is_read(compare: Compare, archive: Archive) -> None:
    page = compare("head", "scout", "&with_as=stack")
    menu, film = page.locator("#menu-export"), page.locator("[data-film-dialog]")
    csv = menu.locator("[data-marks-link=csv]")

    def planes_offered() -> list[str]:
        page.locator("[popovertarget=menu-export]").click()
        menu.locator("[data-command=film]").click()
        offered = film.locator("[name=plane] option:enabled")
        values: list[str] = offered.evaluate_all("all => all.map(({ value }) => value)")
        page.keyboard.press("Escape")
        return values

    pane(page, "sagittal").focus()
    assert planes_offered() == ["axial", "sagittal", "coronal"]
    expect(csv).to_have_attribute("href", re.compile(archive.ids["head"]))
    second(page, "stack").focus()
    assert planes_offered() == ["stack"]
    expect(csv).to_have_attribute("href", re.compile(archive.ids["scout"]))


def test_marks_of_the_second_series_are_its_own(compare: Compare, archive: Archive) -> None:
    page = compare("head", "later")
    settle(page)

    def kept_of(name: str) -> list[str]:
        kept = archive.call(f"/api/v1/series/{archive.ids[name]}/workspace")
        return [mark["kind"] for mark in kept["marks"]]

    def wait_for(kinds: list[str]) -> None:
        for _ in range(60):
            if kept_of("later") == kinds:
                break
            page.wait_for_timeout(50)
        assert kept_of("later") == kinds

    box = second(page, "axial").bounding_box()
    assert box is not None
    page.keyboard.press("d")
    x, y = box["x"] + 200, box["y"] + 300
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y + 40, steps=4)
    page.mouse.up()
    expect(second(page, "axial").locator(".layer-marks path").first).to_be_attached()
    wait_for(["length"])
    expect(page.locator("[data-saved]").first).to_have_attribute("data-saved", "saved")
    assert kept_of("head") == []
    second(page, "axial").focus()
    page.keyboard.press("Control+z")
    wait_for([])


def test_the_menu_leads_to_other_series_and_back(compare: Compare, archive: Archive) -> None:
    page = compare("head", "later")
    page.locator("[popovertarget=menu-compare]").click()
    page.locator("#menu-compare a", has_text="Moved").click()
    page.wait_for_url(f"**/viewer/{archive.ids['head']}?with={archive.ids['moved']}")
    expect(page.locator(".stage")).to_have_attribute("data-state", "ready")
    page.locator("[popovertarget=menu-compare]").click()
    page.locator(".compare-stop").click()
    page.wait_for_url(f"**/viewer/{archive.ids['head']}")
    expect(page.locator(".pane[data-series]")).to_have_count(0)


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1024, 768), (360, 640)])
def test_comparison_to_be_looked_at(compare: Compare, theme: str, width: int, height: int) -> None:
    page = compare("head", "later", width=width, height=height, has_touch=width < 600)
    page.evaluate("theme => document.documentElement.setAttribute('data-bs-theme', theme)", theme)
    settle(page)
    picture(page, f"compare-{width}-{theme}")
    if width > 600:
        choose_layout(page, "pairs3")
        settle(page)
        picture(page, f"compare-{width}-{theme}-six")
        page.locator("[popovertarget=menu-compare]").click()
        picture(page, f"compare-{width}-{theme}-list")
        page.keyboard.press("Escape")
        page.locator("[data-link-button]").click()
        picture(page, f"compare-{width}-{theme}-link")


def test_panel_undo_and_export_follow_the_active_series(compare: Compare) -> None:
    page = compare("head", "moved")
    tags = page.locator("#panel-tags")
    badge = page.locator("[data-marks-badge]")
    table = page.locator("#menu-export [data-marks-link=csv]")
    ids = re.findall(r"[0-9a-f-]{36}", page.url)
    other = second(page, "axial")
    expect(table).to_have_attribute("href", re.compile(ids[0]))

    other.click()
    page.keyboard.press("d")
    box = other.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + box["height"] * 0.4)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.5, steps=4)
    page.mouse.up()
    expect(badge).to_have_text("1")
    expect(table).to_have_attribute("href", re.compile(ids[1]))
    undo = page.locator(".viewer-top [data-undo]")
    expect(undo).to_have_attribute("aria-label", re.compile("length on axial"))
    expect(page.locator("[data-saved]")).to_have_attribute("data-saved", "saved")
    page.locator("#tab-tags").click()
    expect(tags).to_contain_text("Moved")

    pane(page, "axial").click()
    expect(badge).to_have_text("")
    expect(undo).to_have_attribute("aria-label", "Undo")
    expect(tags).to_contain_text("Head")
    expect(tags).not_to_contain_text("Moved")

    other.click()
    undo.click()
    expect(badge).to_have_text("")
