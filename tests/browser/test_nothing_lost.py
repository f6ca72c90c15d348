"""What a reader does is kept: over a reload, in another window, offline; and undone step by step."""

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import PASSWORD, Watch, picture, sign_in
from tests.browser.looking import choose_layout, open_viewer, pane, settle, slice_of, wheel
from tests.browser.series import Archive
from tests.browser.viewing import Open, number

pytestmark = pytest.mark.browser


def saved(page: Page) -> None:
    """Wait until all that was done is on the server."""
    page.wait_for_timeout(50)
    expect(page.locator("[data-saved]")).to_have_attribute("data-saved", "saved")


def kept(archive: Archive, name: str) -> Any:
    return archive.call(f"/api/v1/series/{archive.ids[name]}/workspace?part=0")


def draw_length(page: Page, y: int, upto: int = 400) -> None:
    pane(page, "axial").focus()
    page.keyboard.press("d")
    page.mouse.move(200, y)
    page.mouse.down()
    page.mouse.move(300, y, steps=3)
    page.mouse.move(upto, y, steps=3)
    page.mouse.up()


def undo_words(page: Page) -> str:
    return page.locator(".saving [data-undo]").get_attribute("aria-label") or ""


def test_a_reload_and_another_window_show_what_was_left(look: Open, archive: Archive) -> None:
    page = look("straight")
    pane(page, "axial").focus()
    page.keyboard.press("ArrowDown")
    slice_of(page, "axial", 5)
    number(page, "width", "700")
    number(page, "center", "50")
    draw_length(page, 300)
    expect(page.locator(".saving [data-undo]")).to_have_attribute("aria-label", "Undo: length on axial 6")
    choose_layout(page, "1")
    saved(page)
    expect(page.locator("[data-saved-text]")).to_have_text(re.compile(r"^Saved \d\d:\d\d$"))
    left = kept(archive, "straight")
    assert left["state"]["window"]["width"] == 700
    assert left["state"]["layout"] == "1"
    assert [mark["kind"] for mark in left["marks"]] == ["length"]
    assert "tool" not in left["state"]

    page.reload()
    expect(page.locator(".stage")).to_have_attribute("data-layout", "1")
    slice_of(page, "axial", 5)
    expect(page.locator("[data-number=width]")).to_have_value("700")
    expect(page.locator(".saving [data-undo]")).to_have_attribute("aria-disabled", "true")  # steps begin anew
    assert kept(archive, "straight") == left  # opening changes nothing

    other = look("straight", width=1024, height=768, fresh=False)  # another window of another size
    expect(other.locator(".stage")).to_have_attribute("data-layout", "1")
    slice_of(other, "axial", 5)


def test_what_was_done_last_survives_leaving_at_once(look: Open, archive: Archive) -> None:
    page = look("straight")
    draw_length(page, 350)
    page.keyboard.press("i")
    page.reload()  # within the pause that saving waits for
    expect(page.locator("[data-part=inverted]").first).to_be_visible()
    saved(page)
    left = kept(archive, "straight")
    assert left["state"]["inverted"] is True
    assert len(left["marks"]) == 1


def test_offline_it_waits_and_is_delivered_later(look: Open, archive: Archive, watch: Watch) -> None:
    watch.expected.append("ERR_INTERNET_DISCONNECTED")
    page = look("straight")
    page.context.set_offline(True)
    draw_length(page, 300)
    draw_length(page, 340)
    number(page, "width", "650")
    shown = page.locator("[data-saved-text]")
    expect(shown).to_have_text("Offline, 3 changes waiting")
    picture(page, "offline")
    assert kept(archive, "straight")["marks"] == []
    pane(page, "axial").focus()
    page.keyboard.press("Control+z")  # the window
    page.keyboard.press("Control+z")  # the second length: it is never sent
    page.context.set_offline(False)
    saved(page)
    assert len(kept(archive, "straight")["marks"]) == 1


def test_what_is_drawn_in_one_window_comes_to_the_other(look: Open, archive: Archive) -> None:
    one = look("straight")
    two = one.context.new_page()
    open_viewer(two, archive.ids["straight"])
    draw_length(one, 300)
    saved(one)
    two.evaluate("() => new Promise(done => setTimeout(done, 300))")
    draw_length(two, 360)
    saved(two)
    expect(two.locator(".saving [data-undo]")).to_have_attribute("aria-label", "Undo: length on axial 7")
    assert len(kept(archive, "straight")["marks"]) == 2
    one.keyboard.press("Control+z")  # takes back its own and leaves the other's
    saved(one)
    two.reload()
    expect(two.locator(".stage")).to_have_attribute("data-state", "ready")
    assert len(kept(archive, "straight")["marks"]) == 1


def test_a_session_that_ended_keeps_the_work_until_one_signs_in_again(
    look: Open, archive: Archive, watch: Watch
) -> None:
    watch.expected += ["401", "400"]
    page = look("straight")
    page.context.clear_cookies()
    draw_length(page, 300)
    note = page.locator("[data-save-note]")
    expect(note).to_contain_text("Sign in again in another tab; your work waits here.")
    expect(page.locator("[data-saved-text]")).to_have_text(re.compile(r"^Signed out, \d changes? waiting$"))
    link = note.get_by_role("link", name="Sign in")
    expect(link).to_have_attribute("target", "_blank")
    draw_length(page, 340)  # nothing blocks
    with page.context.expect_page() as opened:
        link.click()
    login = opened.value
    login.fill("input[name=name]", "vera")
    login.fill("input[name=password]", PASSWORD)
    login.press("input[name=password]", "Enter")
    login.wait_for_url(lambda url: "/login" not in url)
    login.close()
    page.bring_to_front()
    saved(page)
    expect(note).to_be_hidden()
    assert len(kept(archive, "straight")["marks"]) == 2


def test_another_account_gets_nothing_of_it(look: Open, archive: Archive, watch: Watch) -> None:
    watch.expected += ["401", "400", "404"]
    archive.server.add_user("otto")
    page = look("straight")
    page.context.clear_cookies()
    other = page.context.new_page()
    sign_in(other, "otto")
    draw_length(page, 300)
    note = page.locator("[data-save-note]")
    expect(note).to_contain_text("Another account has signed in.")
    assert kept(archive, "straight")["marks"] == []


def test_a_deleted_series_says_so_and_blocks_nothing(look: Open, archive: Archive, watch: Watch) -> None:
    watch.expected.append("410")
    page = look("straight")

    def gone(route: Route) -> None:
        body = {"error": {"code": "gone", "message": "It was deleted."}}
        route.fulfill(status=410, body=json.dumps(body), content_type="application/json")

    page.route(re.compile("/api/v1/(marks|series)/"), gone)
    draw_length(page, 300)
    note = page.locator("[data-save-note]")
    expect(note).to_contain_text("This series was deleted.")
    expect(note.get_by_role("link", name="Go to the worklist")).to_be_visible()
    draw_length(page, 340)
    wheel(page, 100)
    assert undo_words(page).startswith("Undo: ")


def test_one_refused_change_is_told_and_the_rest_is_saved(look: Open, archive: Archive, watch: Watch) -> None:
    watch.expected.append("422")
    page = look("straight")
    refused: list[str] = []

    def refuse(route: Route) -> None:
        if refused:
            route.continue_()
            return
        refused.append(route.request.url)
        body = {"error": {"code": "invalid_mark", "message": "Its points are no points."}}
        route.fulfill(status=422, body=json.dumps(body), content_type="application/json")

    page.route("**/api/v1/marks/*", refuse)
    draw_length(page, 300)
    expect(page.locator("[data-save-note]")).to_contain_text(
        "Length was not saved: Its points are no points."
    )
    draw_length(page, 340)
    saved(page)
    assert len(kept(archive, "straight")["marks"]) == 1


def test_thirty_steps_of_every_kind_back_and_forth(look: Open, archive: Archive) -> None:
    page = look("straight")
    saw: list[str] = []

    def step() -> None:
        """Let the pause pass that ends a step, and note its name."""
        page.wait_for_timeout(450)
        saw.append(undo_words(page))

    def shown() -> Any:
        settle(page)
        return page.evaluate(
            """() => [...document.querySelectorAll(".pane[data-plane]")].map((one) => [one.dataset.plane,
                 one.dataset.index, one.dataset.zoom, one.querySelector("[data-part=window]")?.textContent,
                 one.querySelector("[data-part=edge-l]")?.textContent, one.hidden]).concat(
                 [document.querySelector(".stage").dataset.layout])"""
        )

    axial = pane(page, "axial")
    axial.focus()
    first = shown()
    for round_ in range(5):
        axial.focus()
        page.keyboard.press("ArrowDown")
        step()
        page.keyboard.press(str(round_ + 1))
        step()
        draw_length(page, 200 + 30 * round_)
        step()
        page.keyboard.press("r" if round_ % 2 else "h")
        step()
        page.keyboard.press("+")
        step()
        page.keyboard.press("i")
        step()
    assert len(saw) == 30
    assert [words.removeprefix("Undo: ").split(" on ")[0] for words in saw[:6]] == [
        "position",
        "window",
        "length",
        "flip",
        "zoom",
        "invert",
    ]
    last = shown()
    for words in reversed(saw):
        assert undo_words(page) == words
        page.keyboard.press("Control+z")
    expect(page.locator(".saving [data-undo]")).to_have_attribute("aria-disabled", "true")
    slice_of(page, "axial", 6)
    assert shown() == first
    saved(page)
    assert kept(archive, "straight")["marks"] == []
    for _words in saw:
        page.keyboard.press("Control+y")
    expect(page.locator(".saving [data-redo]")).to_have_attribute("aria-disabled", "true")
    slice_of(page, "axial", 1)
    assert shown() == last
    saved(page)
    assert len(kept(archive, "straight")["marks"]) == 5
