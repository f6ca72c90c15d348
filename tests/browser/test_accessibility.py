"""axe-core finds nothing to object to in the viewer: panes, dialogs, tabs and a phone, in both themes.

axe-core (MPL-2.0) lies in tests/browser/vendor for these tests alone: it is no part of what is served. It is
put into pages whose CSP is switched off for that; everything else is watched as usual.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage, Watch, picture
from tests.browser.looking import open_viewer, pane, settle
from tests.browser.series import Archive

pytestmark = pytest.mark.browser

AXE = Path(__file__).parent / "vendor/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = "tags => axe.run(document, { runOnly: tags, resultTypes: ['violations'] })"
THEMES = [("light", "en-GB"), ("dark", "es-MX")]
PHONE = {"width": 360, "height": 640, "has_touch": True, "is_mobile": True}


View = Callable[..., Page]


@pytest.fixture
def view(archive: Archive, session: Any, new_page: NewPage) -> View:
    """Open a series' viewer in a theme and a language, without CSP."""

    def opened(name: str, theme: str, locale: str, query: str = "", **options: Any) -> Page:
        archive.forget(name)
        page = new_page(locale=locale, bypass_csp=True, storage_state=session, **options)
        page.context.add_cookies([{"name": "theme", "value": theme, "url": archive.server.url}])
        open_viewer(page, archive.ids[name] + query)
        assert page.locator("html").get_attribute("data-bs-theme") == theme
        assert page.locator("html").get_attribute("lang") == locale[:2]
        page.add_script_tag(path=AXE)
        settle(page)
        return page

    return opened


def check(page: Page) -> None:
    """No violation in what is shown now."""
    settle(page)
    page.wait_for_timeout(100)
    found = page.evaluate(RUN, RULES)["violations"]
    told = [
        f"{one['id']}: {node['target']} {node['failureSummary']}\n{node['html'][:300]}"
        for one in found
        for node in one["nodes"]
    ]
    assert not told, "\n\n".join(told)


themes = pytest.mark.parametrize(("theme", "locale"), THEMES, ids=["light-en", "dark-es"])


@themes
def test_volume_its_tabs_and_its_menus(view: View, theme: str, locale: str) -> None:
    page = view("straight", theme, locale)
    check(page)
    pane(page, "axial").focus()
    page.keyboard.press("u")
    page.mouse.move(300, 200)
    page.mouse.down()
    page.mouse.move(380, 280, steps=3)
    page.mouse.up()
    page.keyboard.press("m")
    expect(pane(page, "axial").locator(".mark.is-selected .mark-words")).to_contain_text("±")
    for tab in ("marks", "tags", "window"):
        page.locator(f"[role=tab][data-tab={tab}], #tab-{tab}").first.click()
        check(page)
    for menu in ("menu-layout", "menu-view", "menu-slab", "menu-export"):
        page.locator(f"[popovertarget={menu}]").first.click()
        expect(page.locator(f"#{menu}")).to_be_visible()
        check(page)
        page.keyboard.press("Escape")
    page.locator("[data-maximise]").first.click()
    check(page)
    picture(page, f"axe-volume-{theme}")


@themes
def test_dialogs(view: View, theme: str, locale: str) -> None:
    page = view("straight", theme, locale)
    pane(page, "axial").focus()
    page.keyboard.press("?")
    expect(page.locator("dialog[data-keys]")).to_be_visible()
    check(page)
    page.keyboard.press("Escape")
    for command in ("snapshotoptions", "film"):
        page.locator("[popovertarget=menu-export]").click()
        page.locator(f"#menu-export [data-command={command}]").click()
        expect(page.locator("dialog[open]")).to_be_visible()
        check(page)
        page.keyboard.press("Escape")
        expect(page.locator("dialog[open]")).to_have_count(0)


@themes
def test_stack(view: View, watch: Watch, theme: str, locale: str) -> None:
    watch.expected.append("422")
    page = view("broken", theme, locale)
    check(page)
    pane(page, "stack").focus()
    page.keyboard.press("ArrowDown")  # the image that cannot be read
    check(page)


@themes
def test_comparison(view: View, archive: Archive, theme: str, locale: str) -> None:
    page = view("straight", theme, locale, f"?with={archive.ids['oblique']}")
    check(page)


@themes
def test_phone(view: View, theme: str, locale: str) -> None:
    page = view("straight", theme, locale, **PHONE)
    check(page)
    page.locator(".phone-more summary").click()
    check(page)
    page.locator(".phone-more [data-command=tags]").click()
    check(page)
    picture(page, f"axe-phone-{theme}")
