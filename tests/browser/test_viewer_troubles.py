"""The viewer in trouble, in haste and on a small screen."""

import re
import time
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Watch, picture
from tests.browser.looking import (
    greys,
    pane,
    settle,
    slice_of,
    status,
    volume_here,
    wheel,
)
from tests.browser.series import (
    AIR,
    DOOMED,
    LONG,
    Archive,
    stored_at,
)
from tests.browser.viewing import (
    STRAIGHT,
    Open,
    check_picture,
)

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def archive(standard_archive: Archive, tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """Vera's series, and two that are deleted while they are read."""
    return standard_archive.with_more(tmp_path_factory.mktemp("doomed"), DOOMED)


def test_uneven_slices_are_evened_with_a_warning_and_leafed_through_as_they_are(look: Open) -> None:
    page = look("uneven")
    note = page.locator(".stage-note")
    expect(note).to_contain_text("between slices 3–4: 9.000 mm")
    expect(note).to_contain_text("What they show is made up.")
    note.get_by_role("link", name="Original images").click()
    expect(page.locator(".stage")).to_have_attribute("data-state", "ready")
    slice_of(page, "stack", 2)
    page.mouse.move(420, 400)
    wheel(page, 100)
    slice_of(page, "stack", 3)
    assert greys(page, "stack").max() == 150
    expect(status(page)).to_have_attribute("data-value", "-874")
    expect(status(page)).to_have_attribute("data-lps", re.compile(r"15\.000$"))
    wheel(page, 100)  # there is no fifth
    slice_of(page, "stack", 3)


def test_an_image_that_cannot_be_decoded_says_why_in_its_place(look: Open, watch: Watch) -> None:
    watch.expected.append("422")
    page = look("broken")
    problem = pane(page, "stack").locator(".pane-state")
    expect(problem).to_contain_text("cannot be decoded as RLE Lossless")
    expect(page.locator(".stage-note")).to_contain_text("RLE Lossless")
    pane(page, "stack").focus()
    page.keyboard.press("ArrowDown")  # the others are there
    expect(problem).to_be_hidden()
    slice_of(page, "stack", 2)
    page.mouse.move(420, 400)
    expect(status(page)).to_have_attribute("data-value", re.compile(r"^-8\d\d$"))  # 200 and more, less 1024


def test_a_volume_that_breaks_off_is_asked_for_again_and_read_meanwhile(look: Open) -> None:
    page = look("straight")
    asked: list[str] = []

    def break_off(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) > 1:
            route.continue_()
            return
        answer = route.fetch(headers={**route.request.all_headers(), "accept-encoding": "identity"})
        kept = {"X-Triplano-Voxels": answer.headers["x-triplano-voxels"]}
        route.fulfill(status=200, headers=kept, body=answer.body()[:5000])

    page.route("**/series/*/voxels?*", break_off)
    page.reload()
    expect(page.locator(".stage")).to_have_attribute("data-state", "ready")
    while not asked:
        page.wait_for_timeout(20)
    pane(page, "axial").focus()
    page.keyboard.press("End")  # by the server's picture, for all that came so far
    slice_of(page, "axial", 0)
    check_picture(page, "axial", STRAIGHT["axial"], 0)
    volume_here(page)
    assert len(asked) == 2
    page.keyboard.press("ArrowUp")
    slice_of(page, "axial", 1)
    check_picture(page, "axial", STRAIGHT["axial"], 1)


def test_deleted_in_another_tab(archive: Archive, look: Open, watch: Watch) -> None:
    watch.expected += ["404", "410"]
    page = look("doomed", whole=False)
    archive.call(f"/api/v1/series/{archive.ids['doomed']}", "DELETE")
    press_until_asked(page)
    notice = page.locator(".viewer-notice")
    expect(notice).to_contain_text("it was deleted")
    expect(page.locator(".viewer-tools")).to_be_visible()  # the page stays
    notice.locator("[data-notice-link]").click()
    expect(page.locator("h1")).to_have_text("Worklist")


def test_deleted_in_another_tab_while_the_volume_is_here(archive: Archive, look: Open, watch: Watch) -> None:
    """No picture is asked for any more; the first change that is to be saved tells."""
    watch.expected += ["404", "410"]
    page = look("condemned")
    volume_here(page)
    archive.call(f"/api/v1/series/{archive.ids['condemned']}", "DELETE")
    press_until_asked(page)
    note = page.locator("[data-save-note]")
    expect(note).to_contain_text("This series was deleted. What you do here is no longer saved.")
    expect(page.locator("[data-saved-text]")).to_have_text("Deleted")
    slice_of(page, "axial", 0)  # what is here can still be read
    expect(page.locator(".viewer-tools")).to_be_visible()
    with page.context.expect_page() as opened:  # what is read here is not taken away
        note.get_by_role("link", name="Go to the worklist").click()
    expect(opened.value.locator("h1")).to_have_text("Worklist")


def test_a_lost_session_is_told_while_the_volume_is_here(archive: Archive, look: Open, watch: Watch) -> None:
    watch.expected += ["401", "400"]
    page = look("straight")
    volume_here(page)
    page.context.clear_cookies()
    press_until_asked(page)
    slice_of(page, "axial", 0)
    check_picture(page, "axial", STRAIGHT["axial"], 0)
    note = page.locator("[data-save-note]")
    expect(note).to_contain_text(
        "Your session has ended. Sign in again in another tab; your work waits here."
    )
    with page.context.expect_page() as opened:
        note.get_by_role("link", name="Sign in").click()
    login = opened.value
    login.fill("input[name=name]", "vera")
    login.fill("input[name=password]", "tres planos y un cubo")
    login.press("input[name=password]", "Enter")
    login.wait_for_url(lambda url: "/login" not in url)
    page.bring_to_front()
    expect(page.locator("[data-saved]")).to_have_attribute("data-saved", "saved")
    expect(note).to_be_hidden()
    kept = archive.call(f"/api/v1/series/{archive.ids['straight']}/workspace?part=0")
    assert kept["state"]["point"][2] == 0


def test_a_server_away_while_the_volume_is_here(look: Open, watch: Watch) -> None:
    """Every slice of every plane, its values too, without a request for any of them."""
    watch.expected.append("net::ERR")
    page = look("straight")
    volume_here(page)
    page.route(re.compile("/series/"), lambda route: route.abort("connectionrefused"))
    press_until_asked(page)
    for index in range(12):
        slice_of(page, "axial", index)
        check_picture(page, "axial", STRAIGHT["axial"], index)
        page.keyboard.press("ArrowUp")
    expect(status(page)).to_have_attribute("data-value", str(stored_at(12, 10, 11) + AIR))
    for name, last in (("sagittal", 23), ("coronal", 19)):
        pane(page, name).focus()
        page.keyboard.press("End")
        slice_of(page, name, last)
        check_picture(page, name, STRAIGHT[name], last)
    expect(page.locator(".viewer-notice")).to_be_hidden()
    expect(page.locator("[data-saved-text]")).to_have_text("Offline, 1 change waiting")
    page.unroute(re.compile("/series/"))
    expect(page.locator("[data-saved]")).to_have_attribute("data-saved", "saved")


def test_a_lost_session_leads_back_to_the_slice(archive: Archive, look: Open, watch: Watch) -> None:
    watch.expected.append("401")
    page = look("straight", whole=False)
    page.context.clear_cookies()
    press_until_asked(page)
    notice = page.locator(".viewer-notice")
    expect(notice).to_contain_text("Your session has ended.")
    notice.locator("[data-notice-link]").click()
    page.fill("input[name=name]", "vera")
    page.fill("input[name=password]", "tres planos y un cubo")
    page.press("input[name=password]", "Enter")
    page.wait_for_url(f"**/viewer/{archive.ids['straight']}")


def press_until_asked(page: Page) -> None:
    """Go to the last slice, which is not here yet."""
    pane(page, "axial").focus()
    page.keyboard.press("End")


def test_a_server_away_for_a_moment(look: Open, watch: Watch) -> None:
    watch.expected.append("net::ERR")
    page = look("straight", whole=False)
    page.route("**/series/**", lambda route: route.abort("connectionrefused"))
    press_until_asked(page)
    notice = page.locator(".viewer-notice")
    expect(notice).to_contain_text("The connection was lost.")
    slice_of(page, "axial", 6)  # what is seen is what is named
    check_picture(page, "axial", STRAIGHT["axial"], 6)
    expect(pane(page, "axial").locator("[data-part=slice]")).to_have_text("7")
    page.unroute("**/series/**")
    notice.locator("[data-notice-retry]").click()
    slice_of(page, "axial", 0)
    check_picture(page, "axial", STRAIGHT["axial"], 0)
    expect(notice).to_be_hidden()


@pytest.mark.parametrize("whole", [True, False])
def test_sixty_turns_of_the_wheel_end_on_the_right_slice(look: Open, whole: bool) -> None:
    page = look("long", whole=whole)
    slice_of(page, "axial", LONG // 2)
    page.mouse.move(310, 250)
    page.keyboard.press("Home")
    slice_of(page, "axial", LONG - 1)
    for _ in range(60):
        page.mouse.wheel(0, 100)
    slice_of(page, "axial", LONG - 1 - 60)
    assert greys(page, "axial")[200, 260] == 3 * (LONG - 1 - 60)
    expect(status(page)).to_have_attribute("data-value", str(AIR + 3 * (LONG - 1 - 60)))
    for _ in range(15):
        page.mouse.wheel(0, -100)
        page.mouse.wheel(0, 100)
    page.mouse.wheel(0, -100)
    slice_of(page, "axial", LONG - 60)
    assert greys(page, "axial")[200, 260] == 3 * (LONG - 60)


def test_a_late_answer_does_not_replace_a_newer_one(look: Open) -> None:
    page = look("long", whole=False)
    late: list[Any] = []
    page.route("**/slices/axial/0.png*", lambda route: late.append(route))  # held back
    pane(page, "axial").focus()
    page.keyboard.press("End")
    page.wait_for_function("document.querySelector('[data-plane=axial] [role=slider]').ariaValueNow === '1'")
    page.keyboard.press("Home")
    slice_of(page, "axial", LONG - 1)
    assert late
    for route in late:
        route.continue_()
    page.evaluate("fetch('/healthz').then(answer => answer.text())")
    settle(page)
    slice_of(page, "axial", LONG - 1)
    assert greys(page, "axial")[200, 260] == 3 * (LONG - 1)


def test_on_a_phone(archive: Archive, look: Open) -> None:
    page = look("straight", width=360, height=740, scale=3, has_touch=True, is_mobile=True)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    expect(page.locator(".pane:visible")).to_have_count(1)
    check_picture(page, "axial", STRAIGHT["axial"], 6, every=3)
    row = page.locator(".phone-slider")
    expect(row).to_contain_text("7")
    row.locator("input").fill("9")
    slice_of(page, "axial", 2)  # the slider begins at the head: 11 − 9
    # A pane's height is worth the series: two twelfths are two slices.
    box = pane(page, "axial").bounding_box()
    assert box is not None
    swipe(page, (150, box["y"] + 150), (150, box["y"] + 150 - box["height"] * 2.5 / 12))
    slice_of(page, "axial", 4)
    swipe(page, (150, box["y"] + 150), (150, box["y"] + 150 + box["height"] * 1.5 / 12))
    slice_of(page, "axial", 3)
    check_picture(page, "axial", STRAIGHT["axial"], 3, every=3)
    for tab, index in (("sagittal", 12), ("coronal", 10)):
        page.locator(f"[data-tab={tab}]").tap()
        expect(pane(page, tab)).to_be_visible()
        slice_of(page, tab, index)
        expect(pane(page, tab).locator(".pane-state")).to_be_hidden()  # its first picture has come
        settle(page)
        check_picture(page, tab, STRAIGHT[tab], index, every=3)
    page.locator("[data-tab=facts]").tap()
    expect(pane(page, "facts")).to_contain_text("24 × 20 × 12")
    page.locator("[data-tab='2x2']").tap()
    expect(page.locator(".pane:visible")).to_have_count(4)
    page.locator("[data-tab=axial]").tap()
    page.locator(".phone-bar [data-tool=window]").tap()
    expect(page.locator(".viewer-panel")).to_have_class(re.compile("is-open"))
    page.locator("[data-preset='0']").tap()
    expect(pane(page, "axial").locator("[data-part=window]")).to_have_text("W 400 L 40")
    page.locator("[data-panel-close]").tap()
    expect(page.locator(".viewer-panel")).not_to_have_class(re.compile("is-open"))
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    picture(page, "viewer-phone")


def swipe(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """One finger in four moves, a fifth of a second each, resting at the end.

    Lifted in full swing it would be a fling, and a tap that follows only stops that.
    """
    touch = page.context.new_cdp_session(page)
    began = time.time() - 1
    for step, part in enumerate((0, 1 / 3, 2 / 3, 1, 1)):
        x, y = (a + (b - a) * part for a, b in zip(start, end, strict=True))
        kind, points = "touchMove" if step else "touchStart", [{"x": x, "y": y}]
        event = {"type": kind, "touchPoints": points, "timestamp": began + step / 5}
        touch.send("Input.dispatchTouchEvent", event)
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": [], "timestamp": began + 1})
    touch.detach()
