"""Layouts of the stage: which planes are seen where, by menu, keys and double click; what is remembered."""

import re

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser.conftest import Watch, picture
from tests.browser.looking import choose_layout, greys, on_page, open_viewer, pane, settle, slice_of, zoom_to
from tests.browser.series import Archive, grey_of, stored_at
from tests.browser.viewing import STRAIGHT, Open, check_picture

pytestmark = pytest.mark.browser


READ_PIXEL = """(canvas, [x, y]) => [...canvas.getContext("2d").getImageData(
  Math.floor(x * canvas.width), Math.floor(y * canvas.height), 1, 1).data]"""


def seen(page: Page) -> list[str]:
    """The names of the panes that are seen, in the order of the document."""
    names: list[str] = page.evaluate(
        "() => [...document.querySelectorAll('.stage > .pane')].filter(pane => pane.checkVisibility())"
        ".map(pane => pane.dataset.pane ?? pane.dataset.plane)"
    )
    return names


def places(page: Page) -> dict[str, tuple[int, int]]:
    """Column and row of each pane that is seen, by name."""
    boxes: dict[str, list[float]] = page.evaluate(
        "() => Object.fromEntries([...document.querySelectorAll('.stage > .pane')]"
        ".filter(pane => pane.checkVisibility())"
        ".map(pane => [pane.dataset.pane ?? pane.dataset.plane,"
        " [pane.getBoundingClientRect().left, pane.getBoundingClientRect().top]]))"
    )
    columns = sorted({round(x) for x, _ in boxes.values()})
    rows = sorted({round(y) for _, y in boxes.values()})
    return {name: (columns.index(round(x)), rows.index(round(y))) for name, (x, y) in boxes.items()}


def test_each_layout_shows_its_planes(look: Open) -> None:
    page = look("straight")
    assert places(page) == {"axial": (0, 0), "sagittal": (1, 0), "coronal": (0, 1), "scene": (1, 1)}
    choose_layout(page, "1x3")
    assert places(page) == {"axial": (0, 0), "sagittal": (1, 0), "coronal": (2, 0)}
    settle(page)
    for plane in ("axial", "sagittal", "coronal"):
        check_picture(page, plane, STRAIGHT[plane], {"axial": 6, "sagittal": 12, "coronal": 10}[plane])
    pane(page, "coronal").focus()
    choose_layout(page, "1x2")
    assert places(page) == {"coronal": (0, 0), "axial": (1, 0)}
    choose_layout(page, "1+3")
    assert list(places(page)) == ["coronal", "axial", "sagittal", "scene"]
    choose_layout(page, "2x2")
    assert seen(page) == ["axial", "sagittal", "coronal", "scene"]
    for key, names in (
        (".", ["coronal"]),
        (".", ["coronal", "axial", "sagittal", "scene"]),
        (",", ["coronal"]),
    ):
        page.keyboard.press(key)
        assert seen(page) == names


def test_tiles_show_the_next_slices_and_nothing_beyond_the_last(look: Open) -> None:
    """Slices are read from head to feet: on goes down in k."""
    page = look("straight")
    choose_layout(page, "tiles")
    assert seen(page) == ["axial", "tile-1", "tile-2", "tile-3"]
    for name, k in (("axial", 6), ("tile-1", 5), ("tile-2", 4), ("tile-3", 3)):
        tile = page.locator(f".pane[data-pane={name}]") if name != "axial" else pane(page, "axial")
        expect(tile).to_have_attribute("data-index", str(k))
    expect(page.locator("[data-pane=tile-2] [data-plane-name]")).to_have_text("Axial +2")
    settle(page)
    grey, *_ = page.locator("[data-pane=tile-2] canvas.pane-image").evaluate(READ_PIXEL, [0.49, 0.49])
    assert grey == grey_of(stored_at(11, 9, 4))
    pane(page, "axial").focus()
    page.keyboard.press("End")
    slice_of(page, "axial", 0)
    expect(page.locator("[data-pane=tile-1]")).to_have_class(re.compile("is-beyond"))
    page.keyboard.press("ArrowUp")
    expect(page.locator("[data-pane=tile-1]")).to_have_attribute("data-index", "0")
    expect(page.locator("[data-pane=tile-1]")).not_to_have_class(re.compile("is-beyond"))
    # Another plane: all four show it.
    page.locator("[data-pane=tile-1] [data-plane-menu]").click()
    page.locator("[data-put-plane=coronal]").click()
    assert seen(page) == ["coronal", "tile-1", "tile-2", "tile-3"]
    expect(page.locator("[data-pane=tile-3]")).to_have_attribute("data-index", "13")


def test_a_plane_changes_places_by_the_menu_of_its_pane(look: Open) -> None:
    page = look("straight")
    tag = pane(page, "axial").locator("[data-plane-menu]")
    tag.click()
    expect(tag).to_have_attribute("aria-expanded", "true")
    expect(page.locator("[data-put-plane=axial]")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert places(page) == {"coronal": (0, 0), "sagittal": (1, 0), "axial": (0, 1), "scene": (1, 1)}
    expect(pane(page, "coronal")).to_be_focused()
    settle(page)
    check_picture(page, "axial", STRAIGHT["axial"], 6)
    page.keyboard.press("Control+z")
    assert seen(page)[0] == "axial"


def test_double_click_makes_one_pane_large_and_back(look: Open) -> None:
    page = look("straight")
    choose_layout(page, "1x3")
    pane(page, "sagittal").dblclick(position={"x": 120, "y": 300})
    assert seen(page) == ["sagittal"]
    pane(page, "sagittal").dblclick(position={"x": 120, "y": 300})
    assert seen(page) == ["axial", "sagittal", "coronal"]


def test_a_stack_has_layouts_of_its_own(look: Open, watch: Watch) -> None:
    watch.expected.append("422")  # one of its images is noise
    page = look("broken")
    assert seen(page) == ["stack", "facts"]
    choose_layout(page, "tiles2")
    assert seen(page) == ["stack", "tile-1"]
    choose_layout(page, "1")
    assert seen(page) == ["stack"]


def test_the_layout_is_remembered_for_the_modality(look: Open, archive: Archive) -> None:
    page = look("straight")
    choose_layout(page, "1x3")
    expect(page.locator("[data-saved]")).to_have_attribute("data-saved", "saved")
    open_viewer(page, archive.ids["sagittal"])
    assert seen(page) == ["axial", "sagittal", "coronal"]
    expect(page.locator(".stage")).to_have_attribute("data-layout", "1x3")
    choose_layout(page, "2x2")
    expect(page.locator("[data-saved]")).to_have_attribute("data-saved", "saved")
    # The series' own layout wins over the modality's.
    open_viewer(page, archive.ids["straight"])
    expect(page.locator(".stage")).to_have_attribute("data-layout", "1x3")


def test_the_minimap_shows_where_one_is_and_leads_elsewhere(look: Open) -> None:
    page = look("straight")
    axial = pane(page, "axial")
    expect(axial.locator(".minimap")).to_have_count(0)
    zoom_to(page, "axial", on_page(page, "axial", STRAIGHT["axial"]).at((11, 9)), 4)
    minimap = axial.locator(".minimap")
    expect(minimap).to_be_visible()
    box = minimap.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 2, box["y"] + 2)  # the corner: its pixel comes to the middle
    settle(page)
    drawn = greys(page, "axial")
    height, width = drawn.shape
    assert drawn[height // 2 + 9, width // 2 + 9] == grey_of(stored_at(0, 0, 6))
    assert drawn[height // 2 - 90, width // 2 - 90] == 0  # beside the picture
    # With keys: a tenth of the pane to the right.
    axial.focus()
    seen_part = minimap.locator("rect.seen")
    before = float(seen_part.get_attribute("x") or 0) + float(seen_part.get_attribute("width") or 0)
    page.keyboard.press("Control+ArrowRight")
    settle(page)
    after = float(seen_part.get_attribute("x") or 0) + float(seen_part.get_attribute("width") or 0)
    assert after > before
    page.keyboard.press("=")
    expect(minimap).to_be_hidden()


def test_the_magnifier_shows_three_times_the_voxels(look: Open) -> None:
    page = look("straight")
    axial = pane(page, "axial")
    box = axial.bounding_box()
    assert box is not None
    at = (round(box["x"] + box["width"] / 2) + 7, round(box["y"] + box["height"] / 2) + 7)
    page.mouse.move(*at)
    requests: list[str] = []

    def note(request: Request) -> None:
        requests.append(request.url)

    page.on("request", note)
    page.keyboard.press("g")
    lens = page.locator(".magnifier")
    expect(lens).to_be_visible()
    found = lens.bounding_box()
    assert found is not None
    assert found["x"] + found["width"] / 2 == pytest.approx(at[0], abs=1.6)
    middle = page.evaluate(
        "() => [...document.querySelector('.magnifier').getContext('2d').getImageData(80, 80, 1, 1).data]"
    )
    under = greys(page, "axial")[at[1] - round(box["y"]), at[0] - round(box["x"])]
    assert middle[0] == under
    page.remove_listener("request", note)
    assert [url for url in requests if ".png" in url] == []
    page.keyboard.press("Escape")
    expect(lens).to_be_hidden()


def test_a_film_of_slices_with_its_pace(look: Open) -> None:
    page = look("long")
    pane(page, "axial").focus()
    bar = page.locator("[data-play-bar=slices]")
    expect(bar).to_be_hidden()  # nothing plays by itself
    page.keyboard.press("Home")
    slice_of(page, "axial", 79)
    page.keyboard.press("c")
    expect(bar).to_be_visible()
    expect(bar.locator("[data-play]")).to_have_attribute("aria-pressed", "true")
    bar.locator("[data-fps]").fill("60")
    bar.locator("[data-fps]").press("Enter")
    expect(bar.locator("[data-count]")).to_have_text(re.compile(r"^(1[5-9]|[2-7]\d) / 80"))
    bar.locator("[data-bounce]").click()
    expect(bar.locator("[data-bounce]")).to_have_attribute("aria-pressed", "true")
    bar.locator("[data-play]").click()
    expect(bar.locator("[data-play]")).to_have_attribute("aria-pressed", "false")
    stopped = bar.locator("[data-count]").inner_text()
    page.wait_for_timeout(200)  # twelve steps
    assert bar.locator("[data-count]").inner_text() == stopped
    slice_of(page, "axial", 80 - int(stopped.split()[0]))
    bar.locator("[data-fps]").fill("99")
    bar.locator("[data-fps]").press("Enter")
    expect(bar.locator("[data-fps]")).to_have_attribute("aria-invalid", "true")
    bar.locator("[data-close]").click()
    expect(bar).to_be_hidden()


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1024, 768), (360, 640)])
def test_layouts_to_be_looked_at(look: Open, theme: str, width: int, height: int) -> None:
    page = look("sagittal", width=width, height=height, has_touch=width < 600)
    page.evaluate("theme => document.documentElement.setAttribute('data-bs-theme', theme)", theme)
    name = f"layouts-{width}-{theme}"
    if width > 600:
        box = pane(page, "axial").bounding_box()
        assert box is not None
        zoom_to(page, "axial", (box["x"] + 200, box["y"] + 150), 3)
        page.locator("[popovertarget=menu-layout]").click()
        picture(page, f"{name}-menu")
        page.keyboard.press("Escape")
        choose_layout(page, "tiles")
        settle(page)
        picture(page, f"{name}-tiles")
        choose_layout(page, "1x3")
        page.keyboard.press("c")
        page.keyboard.press("c")
    settle(page)
    picture(page, name)
