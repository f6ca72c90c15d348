"""Every page in both languages, both themes, wide and narrow: it fits, it is named, it can be read aloud."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PASSWORD, NewPage, Server, Watch, picture, sign_in
from tests.imaging.phantoms import ct_slice, write_series

pytestmark = pytest.mark.browser

OpenAs = Callable[..., Page]
SLICES = 6
LOOKS = {
    "es-dark-1440": {"locale": "es-MX", "width": 1440, "height": 900, "theme": "dark"},
    "en-light-360": {"locale": "en-GB", "width": 360, "height": 740, "theme": "light", "has_touch": True},
}

# What is wrong with a page, as a list of words.
FAULTS = """() => {
  const seen = (node) => node.checkVisibility({ visibilityProperty: true });
  const faults = [];
  const root = document.documentElement;
  if (root.scrollWidth > innerWidth) faults.push(`scrolls sideways: ${root.scrollWidth} px in ${innerWidth}`);
  const headings = [...document.querySelectorAll("h1")].filter(seen);
  if (headings.length !== 1) faults.push(`${headings.length} first headings`);
  if (headings[0] && !headings[0].textContent.trim()) faults.push("an empty first heading");
  const name = document.title.split("·")[0].trim();
  if (!name || name === "Triplano") faults.push(`a title without a name: ${document.title}`);
  const ids = [...document.querySelectorAll("[id]")].map((node) => node.id);
  const twice = new Set(ids.filter((id, n) => ids.indexOf(id) !== n));
  for (const id of twice) faults.push(`the id ${id} stands twice`);
  const text = (id) => document.getElementById(id)?.textContent.trim();
  const named = (node) =>
    node.ariaLabel?.trim() ||
    (node.getAttribute("aria-labelledby") ?? "").split(" ").some(text) ||
    [...(node.labels ?? [])].some((label) => label.textContent.trim()) ||
    (node.matches("button, a, summary") && node.textContent.trim());
  const controls = "input:not([type=hidden]), select, textarea, button, summary, a[href], [role=slider]";
  for (const node of document.querySelectorAll(controls)) {
    if (node.matches("[aria-hidden=true], [aria-hidden=true] *") || !seen(node)) continue;
    if (!named(node)) faults.push(`without a name: ${node.outerHTML.slice(0, 120)}`);
  }
  for (const image of document.querySelectorAll("img:not([alt])")) faults.push(`no alt: ${image.src}`);
  return faults;
}"""


class Places:
    """Paths that hold an id, by name, and a session of each person."""

    def __init__(self) -> None:
        self.paths: dict[str, str] = {}
        self.sessions: dict[str, Any] = {}

    def __getitem__(self, name: str) -> str:
        return self.paths[name]


@pytest.fixture(scope="module")
def places(server: Server, chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Places:
    """A small study of teresa's, its viewer, an account, one-time links; nora has nothing yet."""
    server.add_user("teresa", "teacher")
    server.add_user("ada", "admin")
    folder = tmp_path_factory.mktemp("files") / "CT"
    write_series(folder, (ct_slice(k, StudyDescription="Thorax") for k in range(SLICES)))
    made = Places()
    context = chromium.new_context(base_url=server.url, locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(20_000)
    for name, enter, look_round in (
        ("nora", _register, lambda _page: {}),
        ("teresa", sign_in, lambda page: _uploaded(page, folder)),
        ("ada", sign_in, _of_the_administration),
    ):
        context.clear_cookies()
        enter(page, name)
        made.sessions[name] = context.storage_state()
        made.paths |= look_round(page)
    context.close()
    return made


def _register(page: Page, name: str) -> None:
    page.goto("/register")
    page.fill("input[name=name]", name)
    for field in ("password", "again"):
        page.fill(f"input[name={field}]", PASSWORD)
    page.click("main form button[type=submit]")
    page.wait_for_url("**/")


def _uploaded(page: Page, folder: Path) -> dict[str, str]:
    page.goto("/upload")
    page.set_input_files("[data-input=folder]", folder)
    page.get_by_role("link", name="Open Thorax").click()
    expect(page.locator(".series-card")).to_contain_text("Volume ready", timeout=60_000)
    study = page.url.rsplit("/", 1)[1]
    viewer = page.locator(".series-card h2 a").get_attribute("href") or ""
    return {"study": f"/studies/{study}", "viewer": viewer, "editor": f"/anonymise?study={study}"}


def _of_the_administration(page: Page) -> dict[str, str]:
    page.goto("/admin/people")
    person = page.locator("[data-person=nora] a").get_attribute("href") or ""
    page.goto("/admin/invitations")
    page.get_by_role("button", name="Invite").click()
    invitation = page.input_value("#invitation-link")
    page.goto(person)
    page.get_by_role("button", name="One-time link").click()
    reset = page.input_value("#one-time-link")
    path = re.compile(r"^https?://[^/]+")
    return {
        "person": person,
        "delete": f"{person}/delete",
        "invitation": path.sub("", invitation),
        "reset": path.sub("", reset),
    }


@pytest.fixture(params=LOOKS)
def look(request: pytest.FixtureRequest) -> str:
    """The name of one of the :data:`LOOKS`."""
    return str(request.param)


@pytest.fixture
def open_as(new_page: NewPage, look: str, server: Server, places: Places) -> OpenAs:
    """``open_as("teresa")``: a page of hers in the look of this test."""

    def open_page(name: str = "") -> Page:
        options: dict[str, Any] = dict(LOOKS[look])
        theme = options.pop("theme")
        page = new_page(**options, storage_state=places.sessions.get(name))
        page.context.add_cookies([{"name": "theme", "value": theme, "url": server.url}])
        return page

    return open_page


def check(page: Page, look: str, name: str) -> None:
    """The page fits its window, is named and in the right language and theme."""
    picture(page, f"page-{name}-{look}")
    assert page.evaluate(FAULTS) == [], name
    root = page.locator("html")
    expect(root).to_have_attribute("lang", look[:2])
    expect(root).to_have_attribute("data-bs-theme", look.split("-")[1])


def test_pages_of_strangers(open_as: OpenAs, look: str, places: Places) -> None:
    page = open_as()
    paths = {"login": "/login", "register": "/register", **{k: places[k] for k in ("invitation", "reset")}}
    for name, path in paths.items():
        page.goto(path)
        check(page, look, name)


def test_pages_of_a_teacher(open_as: OpenAs, look: str, places: Places, watch: Watch) -> None:
    watch.expected.append("404")
    page = open_as("teresa")
    paths = {
        "worklist": "/",
        "nothing-found": "/?q=nobody",
        "upload": "/upload",
        "choose": "/anonymise",
        "account": "/account",
        "not-found": "/studies/nothing",
        **{name: places[name] for name in ("study", "viewer", "editor")},
    }
    for name, path in paths.items():
        page.goto(path)
        if name == "viewer":
            expect(page.locator(".stage")).to_have_attribute("data-state", "ready")
        if name == "editor":
            expect(page.locator("[data-rows] > *").first).to_be_visible()
        check(page, look, name)


def test_pages_of_a_newcomer(open_as: OpenAs, look: str, places: Places) -> None:
    page = open_as("nora")
    for name, path in {"empty": "/", "nothing-to-anonymise": "/anonymise"}.items():
        page.goto(path)
        check(page, look, name)


def test_pages_of_an_administrator(open_as: OpenAs, look: str, places: Places) -> None:
    page = open_as("ada")
    paths = {
        "people": "/admin/people",
        "new-person": "/admin/people/new",
        "invitations": "/admin/invitations",
        "audit": "/admin/audit",
        "person": places["person"],
        "delete-person": places["delete"],
    }
    for name, path in paths.items():
        page.goto(path)
        check(page, look, name)


def holds_focus(page: Page, dialog: str) -> None:
    """However often Tab is pressed, the focus stays in *dialog* (or passes the browser's own bar)."""
    for _ in range(6):
        page.keyboard.press("Tab")
        inside = f"document.activeElement === document.body || !!document.activeElement.closest('{dialog}')"
        assert page.evaluate(inside)


def test_dialogs_hold_the_focus_and_give_it_back(open_as: OpenAs, look: str, places: Places) -> None:
    page = open_as("teresa")
    page.goto(places["study"])
    page.click("[data-delete-study]")
    dialog = page.locator("#delete-dialog")
    expect(dialog).to_be_visible()
    check(page, look, "delete-dialog")
    holds_focus(page, "#delete-dialog")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.locator("[data-delete-study]")).to_be_focused()
    page.goto(places["viewer"])
    expect(page.locator(".stage")).to_have_attribute("data-state", "ready")
    pane = page.locator(".pane").first
    pane.focus()
    page.keyboard.press("?")
    keys = page.locator("dialog[data-keys]")
    expect(keys).to_be_visible()
    check(page, look, "keys-dialog")
    holds_focus(page, "dialog")
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    expect(pane).to_be_focused()


def test_menus_open_beside_their_button_and_close_with_escape(
    open_as: OpenAs, look: str, places: Places
) -> None:
    for name, path in {"teresa": "/", "ada": "/admin/people"}.items():
        page = open_as(name)
        page.goto(path)
        button = page.locator("td.actions [popovertarget]").first
        button.click()
        menu = page.locator("[popover]:popover-open")
        expect(menu.locator("a, button").first).to_be_focused()
        box, window = menu.bounding_box(), page.viewport_size
        assert box is not None
        assert window is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= window["width"]
        check(page, look, f"menu-of-{name}")
        page.keyboard.press("Escape")
        expect(menu).to_have_count(0)
        expect(button).to_be_focused()
