"""Keys, their dialog, the menu of a pane, the tour."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import picture
from tests.browser.looking import pane, slice_of
from tests.browser.viewing import Open

pytestmark = pytest.mark.browser

NOT_AUTOMATED = "Object.defineProperty(navigator, 'webdriver', { get: () => false })"


def dialog_of(page: Page) -> Locator:
    page.keyboard.press("?")
    dialog = page.locator("dialog[data-keys]")
    expect(dialog).to_be_visible()
    return dialog


def test_keys_reach_slices_views_and_tools(look: Open) -> None:
    page = look("straight")
    axial = pane(page, "axial")
    axial.focus()
    page.keyboard.press("Home")
    slice_of(page, "axial", 11)  # the head is read first
    page.keyboard.press("Shift+ArrowDown")
    slice_of(page, "axial", 1)
    page.keyboard.press("r")
    expect(page.locator(".saving [data-undo]")).to_have_attribute("aria-label", "Undo: rotation")
    page.keyboard.press("h")
    expect(page.locator(".saving [data-undo]")).to_have_attribute("aria-label", "Undo: flip")
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    slice_of(page, "axial", 6)  # the middle, where it opened
    expect(page.locator(".saving [data-undo]")).to_have_attribute("aria-disabled", "true")
    page.keyboard.press("Control+Shift+z")
    expect(page.locator(".saving [data-redo]")).to_have_attribute("aria-label", "Redo: rotation")
    page.keyboard.press("d")
    expect(page.locator(".viewer-tools [data-tool=length]")).to_have_attribute("aria-pressed", "true")


def test_a_key_is_given_another_action_and_told_on_the_button(look: Open) -> None:
    page = look("straight")
    dialog = dialog_of(page)
    dialog.locator("[data-change-keys]").click()
    window = dialog.locator("[data-key-of=window]")
    window.click()
    expect(dialog.locator("[data-key-note]")).to_contain_text("press the new key")
    page.keyboard.press("Escape")  # leaves the key and the dialog as they are
    expect(dialog).to_be_visible()
    window.click()
    page.keyboard.press("Tab")
    window.click()
    page.keyboard.press("F5")
    expect(dialog.locator("[data-key-note]")).to_contain_text("belongs to the browser")
    page.keyboard.press("x")
    expect(dialog.locator("[data-key-note]")).to_have_text(
        "X is now Window and level. Crosshair has no key any more."
    )
    expect(window).to_have_text("X")
    expect(dialog.locator("[data-key-of=crosshair]")).to_have_text("—")
    picture(page, "keys-change")
    dialog.locator("[data-close]").click()
    tool = page.locator(".viewer-tools [data-tool=window]")
    expect(tool).to_have_attribute("aria-label", "Window and level (X)")
    pane(page, "axial").focus()
    page.keyboard.press("n")
    page.keyboard.press("x")
    expect(tool).to_have_attribute("aria-pressed", "true")
    dialog = dialog_of(page)
    dialog.locator("[data-change-keys]").click()
    dialog.locator("[data-usual-keys]").click()
    expect(dialog.locator("[data-key-of=crosshair]")).to_have_text("X")


def test_the_dialog_is_searched_by_words_and_keys(look: Open) -> None:
    page = look("straight")
    dialog = dialog_of(page)
    rows = dialog.locator(".key-cols li:visible")
    search = dialog.locator("[data-key-search]")
    search.fill("cobb")
    expect(rows).to_have_count(1)
    search.fill("f10")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Menu of the pane")
    search.fill("")
    dialog.locator("[data-mouse-set=radiant]").click()
    right = dialog.locator(".key-cols li", has_text=re.compile("^Window and levelRight$"))
    expect(right).to_have_count(1)
    dialog.locator("[data-mouse-set=custom]").click()
    dialog.locator("select[data-slot=middle]").select_option("scroll")
    expect(dialog.locator("select[data-slot=middle]")).to_have_value("scroll")
    dialog.locator("[data-mouse-set=usual]").click()
    dialog.locator("[data-letters]").uncheck()
    dialog.locator("[data-close]").click()
    pane(page, "axial").focus()
    page.keyboard.press("n")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".viewer-tools [data-tool=pan]")).to_have_attribute("aria-pressed", "false")


def test_the_panes_menu_opens_by_mouse_and_key_and_holds_the_arrows(look: Open) -> None:
    page = look("straight")
    menu = page.locator(".pane-menu")
    page.mouse.move(300, 300)
    page.mouse.down(button="right")
    page.mouse.move(300, 240)
    page.mouse.up(button="right")
    expect(menu).to_be_hidden()  # that was zooming
    page.mouse.click(300, 300, button="right")
    expect(menu).to_be_visible()
    picture(page, "pane-menu")
    items = menu.get_by_role("menuitem")
    expect(items.first).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(items.nth(1)).to_be_focused()
    page.keyboard.press("End")
    expect(items.last).to_be_focused()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(pane(page, "axial")).to_be_focused()
    page.keyboard.press("Shift+F10")
    expect(menu).to_be_visible()
    menu.get_by_role("menuitem", name="Invert").click()
    expect(menu).to_be_hidden()
    expect(page.locator("[data-part=inverted]").first).to_be_visible()
    page.mouse.click(300, 300, button="right")
    page.mouse.click(1300, 30)  # beside it
    expect(menu).to_be_hidden()


def test_a_resting_finger_opens_the_menu_within_a_small_screen(look: Open) -> None:
    page = look("straight", width=360, height=640, has_touch=True, is_mobile=True)
    menu = page.locator(".pane-menu")
    touch = """([type, x, y]) => document.querySelector(".pane[data-plane=axial]").dispatchEvent(
        new PointerEvent(type, { pointerId: 7, pointerType: "touch", isPrimary: true, bubbles: true,
                                 clientX: x, clientY: y, buttons: 1 }))"""
    page.evaluate("Element.prototype.setPointerCapture = () => {}")  # the pointer is made up
    page.evaluate(touch, ["pointerdown", 300, 400])
    page.evaluate(touch, ["pointermove", 300, 440])
    page.wait_for_timeout(600)
    page.evaluate(touch, ["pointerup", 300, 440])
    expect(menu).to_be_hidden()  # it moved: that was scrolling
    page.evaluate(touch, ["pointerdown", 300, 400])
    expect(menu).to_be_visible()
    page.evaluate(touch, ["pointerup", 300, 400])
    expect(menu).to_be_visible()
    box = menu.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["y"] >= 0
    assert box["x"] + box["width"] <= 360
    assert box["y"] + box["height"] <= 640
    picture(page, "pane-menu-phone")


def test_the_tour_is_offered_once_and_takes_no_focus(look: Open) -> None:
    page = look("straight", alone=True)
    expect(page.locator("[data-tour]")).to_be_hidden()  # an automated browser is left alone
    page.context.add_init_script(NOT_AUTOMATED)
    page.reload()
    card = page.locator("[data-tour]")
    expect(card).to_be_visible()
    assert page.evaluate("document.activeElement === document.body")
    picture(page, "tour")
    for _step in range(6):
        card.locator("[data-tour-next]").click()
    expect(card.locator("[data-tour-count]")).to_have_text("7 / 7")
    expect(card.locator("[data-tour-next]")).to_have_text("Done")
    page.keyboard.press("Escape")
    expect(card).to_be_hidden()
    expect(page.locator(".tour-target")).to_have_count(0)


def test_the_tour_is_taken_again_from_the_dialog_and_gives_the_focus_back(look: Open) -> None:
    page = look("straight")
    pane(page, "coronal").focus()
    dialog = dialog_of(page)
    dialog.locator("[data-start-tour]").click()
    card = page.locator("[data-tour]")
    expect(card.locator("[data-tour-next]")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(card.locator("[data-tour-title]")).to_have_text("Slices")
    page.keyboard.press("Escape")
    expect(card).to_be_hidden()
    expect(pane(page, "coronal")).to_be_focused()
