"""Measuring with fingers on a phone: the bar's fourth place takes over the tool that was chosen last."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looking import pane

pytestmark = pytest.mark.browser

PHONE = {"width": 360, "height": 640, "has_touch": True, "is_mobile": True}


def swipe(page: Page, plane: str, *places: tuple[float, float]) -> None:
    """One finger from place to place, as fractions of the pane."""
    box = pane(page, plane).bounding_box()
    assert box is not None
    touch = page.context.new_cdp_session(page)
    for step, (x, y) in enumerate(places):
        at = {"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]}
        event = {"type": "touchMove" if step else "touchStart", "touchPoints": [at]}
        touch.send("Input.dispatchTouchEvent", event)
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    touch.detach()


def open_more(page: Page) -> None:
    # Not by a tap: right after a stroke made of bare touch events the browser sends no click for one.
    page.locator(".phone-more summary").click()
    expect(page.locator(".phone-more")).to_have_attribute("open", "")


def choose(page: Page, item: str) -> None:
    open_more(page)
    page.locator(f".phone-more {item}").tap()
    expect(page.locator(".phone-more")).not_to_have_attribute("open", "")


def test_a_tool_of_the_menu_measures_and_keeps_its_place(look: Callable[..., Page]) -> None:
    page = look("straight", **PHONE)
    last = page.locator("[data-last-tool]")
    expect(last).to_have_text("Length")
    choose(page, "[data-tool=ellipse]")
    expect(last).to_have_text("Ellipse")
    expect(last).to_have_attribute("aria-pressed", "true")
    swipe(page, "axial", (0.45, 0.45), (0.5, 0.5), (0.6, 0.55))
    expect(page.locator("[data-marks-badge]")).to_have_text("1")

    open_more(page)
    undo = page.locator(".phone-more [data-undo]")
    expect(undo).to_contain_text("Undo: ellipse on axial")
    undo.click()
    expect(page.locator("[data-marks-badge]")).to_have_text("")

    page.locator(".phone-bar > [data-tool=scroll]").click()
    expect(last).to_have_text("Ellipse")
    expect(last).to_have_attribute("aria-pressed", "false")
    page.wait_for_selector("[data-saved=saved]", state="attached")
    page.reload()
    expect(last).to_have_text("Ellipse")


def test_the_menu_opens_what_lies_over_the_images(look: Callable[..., Page]) -> None:
    page = look("straight", **PHONE)
    choose(page, "[data-command=marks]")
    expect(page.locator("#panel-marks")).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(page.locator(".viewer-panel")).not_to_have_class("viewer-panel is-open")
    expect(page.locator(".phone-more summary")).to_be_focused()
    choose(page, "[popovertarget=menu-slab]")
    expect(page.locator("#menu-slab")).to_be_in_viewport(ratio=1)


def test_lifting_the_finger_leaves_the_menu_open(look: Callable[..., Page]) -> None:
    page = look("straight", **PHONE)
    box = pane(page, "axial").bounding_box()
    assert box is not None
    touch = page.context.new_cdp_session(page)
    at = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [at]})
    menu = page.locator(".pane-menu")
    expect(menu).to_be_visible()
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_timeout(300)  # a click would come with the finger's going up
    expect(menu).to_be_visible()
