"""The browser of tags: searching, sequences, two images side by side, copying, by mouse and by keys."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.looking import pane
from tests.browser.viewing import Open

pytestmark = pytest.mark.browser


def opened(page: Page) -> Locator:
    page.locator("#tab-tags").click()
    rows = page.locator("[data-tags] > li")
    expect(rows.first).to_be_visible()
    return rows


def row(page: Page, tag: str) -> Locator:
    return page.locator("[data-tags] > li", has=page.locator("code", has_text=tag))


def test_searching_by_tag_name_and_value(look: Open) -> None:
    page = look("straight")
    rows = opened(page)
    many = rows.count()
    assert many > 15
    page.locator("[data-tag-search]").fill("00280030")
    expect(rows).to_have_count(1)
    expect(rows.locator(".tag-value").first).to_have_text("1.1\\0.7")
    page.locator("[data-tag-search]").fill("pixel spacing 0.7")
    expect(rows).to_have_count(1)
    page.locator("[data-tag-search]").fill("nothing of the kind")
    expect(rows).to_have_count(0)
    page.locator("[data-tag-search]").fill("")
    expect(rows).to_have_count(many)


def test_the_image_follows_the_slice_until_one_is_chosen(look: Open) -> None:
    page = look("straight")
    opened(page)
    number = page.locator("[data-tag-instance]")
    expect(number).to_have_value("7")
    pane(page, "axial").focus()
    page.keyboard.press("ArrowUp")
    expect(number).to_have_value("8")
    number.fill("3")
    number.press("Enter")
    expect(page.locator("[data-tag-pin]")).to_have_attribute("aria-pressed", "true")
    uid = row(page, "(0008,0018)").locator(".tag-value").first
    expect(uid).to_have_text(re.compile(r"\.3$"))
    pane(page, "axial").focus()
    page.keyboard.press("ArrowUp")
    page.wait_for_timeout(600)
    expect(uid).to_have_text(re.compile(r"\.3$"))
    page.locator("[data-tag-pin]").click()
    expect(number).to_have_value("9")


def test_two_images_differ_in_their_places(look: Open) -> None:
    page = look("straight")
    rows = opened(page)
    page.locator("[data-tag-compare]").click()
    expect(page.locator("[data-tag-other]")).to_have_value("8")
    tags = {"(0002,0003) UI", "(0008,0018) UI", "(0020,0013) IS", "(0020,0032) DS"}
    expect(row(page, "(0020,0032)").locator(".tag-second")).to_be_visible()
    found = set(rows.locator("code").all_inner_texts())
    assert tags - {"(0002,0003) UI"} <= found
    assert "(0008,0060) CS" not in found
    page.locator("[data-tag-different]").uncheck()
    expect(row(page, "(0008,0060)")).to_be_visible()
    expect(row(page, "(0008,0060)").locator(".tag-second")).to_be_hidden()
    expect(row(page, "(0020,0032)")).to_have_class(re.compile("is-different"))
    page.locator("[data-tag-compare]").click()
    expect(row(page, "(0020,0032)").locator(".tag-second")).to_be_hidden()


def test_keys_walk_open_and_copy(look: Open) -> None:
    page = look("straight")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    rows = opened(page)
    rows.first.locator(".tag-main").focus()
    page.keyboard.press("End")
    page.keyboard.press("Home")
    expect(rows.first.locator(".tag-main")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(rows.nth(1).locator(".tag-main")).to_be_focused()
    # Leafing in the list does not leaf through the slices.
    expect(page.locator("[data-tag-instance]")).to_have_value("7")
    modality = row(page, "(0008,0060)")
    modality.locator(".tag-main").focus()
    page.keyboard.press("Enter")
    expect(modality.locator("[data-help]")).to_be_visible()
    expect(modality.locator("[data-help]")).to_contain_text("PET")
    page.keyboard.press("Control+c")
    assert page.evaluate("navigator.clipboard.readText()") == "CT"
    modality.locator("[data-copy=row]").click()
    assert page.evaluate("navigator.clipboard.readText()") == "(0008,0060)\tModality\tCS\tCT"
    modality.locator(".tag-main").click()
    expect(modality.locator("[data-help]")).to_have_count(0)
