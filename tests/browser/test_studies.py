"""Upload, worklist and study page as a new user meets them."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Dialog, Page, Playwright, expect

from tests.browser.conftest import NewPage, Server, Watch, picture, signed_in
from tests.imaging.phantoms import ct_slice, write_series

pytestmark = pytest.mark.browser
PATIENCE_MS = 60_000  # for a job on a busy machine
names = iter(f"student{n}" for n in range(100))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a CT of 12 slices, in a folder of its own, and a note."""
    root = tmp_path / "THORAX"
    write_series(root / "CT", (ct_slice(k, StudyDescription="Thorax", SeriesNumber=2) for k in range(12)))
    (root / "=note.txt").write_text("not an image")
    (root / ".DS_Store").write_bytes(b"\0\1")
    return root


@pytest.fixture
def english(server: Server, new_page: NewPage, playwright_driver: Playwright) -> Page:
    """A new student's worklist, in English."""
    name = next(names)
    server.add_user(name)
    page = new_page(locale="en-GB", storage_state=signed_in(playwright_driver, server, name))
    page.goto("/")
    return page


def drop(page: Page, path: Path) -> None:
    """Drop *path* as a file manager does."""
    session = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(path)], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver"):
        session.send("Input.dispatchDragEvent", {"type": kind, "x": 400, "y": 500, "data": data})
    expect(page.locator("[data-drop-veil]")).to_be_visible()
    session.send("Input.dispatchDragEvent", {"type": "drop", "x": 400, "y": 500, "data": data})
    expect(page.locator("[data-drop-veil]")).to_be_hidden()


def test_a_chosen_folder_is_uploaded_and_reported(english: Page, folder: Path, tmp_path: Path) -> None:
    english.goto("/upload")
    english.set_input_files("[data-input=folder]", folder)
    expect(english.locator("#report-title")).to_contain_text("Report of the upload")
    for name, count in (("accepted", "12"), ("duplicates", "0"), ("refused", "1")):
        expect(english.locator(f"[data-{name}]")).to_have_text(count)
    refusal = english.locator("[data-refusals] tbody tr")
    expect(refusal).to_contain_text("THORAX/=note.txt")
    expect(refusal).to_contain_text("no DICM marker")
    expect(english.locator("[data-left-out]")).to_contain_text("1 file of the operating system")
    picture(english, "upload-report")
    with english.expect_download() as download:
        english.click("[data-csv]")
    table = Path(download.value.path()).read_text("utf-8-sig")
    assert '"Accepted","12",""' in table
    english.get_by_role("link", name="Open Thorax").click()
    expect(english.locator("h1")).to_have_text("Thorax")
    expect(english.locator(".series-card")).to_contain_text("Volume ready", timeout=PATIENCE_MS)
    expect(english.locator(".found-table")).to_contain_text("Geometry is complete")


def test_a_folder_dropped_on_the_worklist_appears_in_it(english: Page, folder: Path) -> None:
    expect(english.locator("#worklist")).to_contain_text("Nothing to read yet")
    drop(english, folder)
    row = english.locator("tr[data-study]", has_text="Phantom, Hand")
    expect(row).to_be_visible()
    # The volume is prepared meanwhile; its picture comes without a reload.
    expect(row.locator("img.thumb")).to_be_visible(timeout=PATIENCE_MS)
    expect(row.locator("[data-percent]")).to_have_count(0)


def test_the_same_folder_again_is_only_duplicates(english: Page, folder: Path) -> None:
    english.goto("/upload")
    for accepted, duplicates in (("12", "0"), ("12", "12")):
        english.set_input_files("[data-input=folder]", folder)
        expect(english.locator("[data-duplicates]")).to_have_text(duplicates)
        expect(english.locator("[data-accepted]")).to_have_text(accepted)


def test_after_a_lost_connection_the_rest_is_sent(english: Page, folder: Path, watch: Watch) -> None:
    watch.expected = ["ERR_INTERNET_DISCONNECTED"]
    english.goto("/upload")
    english.wait_for_load_state("networkidle")
    english.context.set_offline(True)
    english.set_input_files("[data-input=folder]", folder)
    expect(english.locator("[data-groups]")).to_contain_text("The connection was lost")
    english.context.set_offline(False)
    # It tries again by itself.
    expect(english.locator("[data-accepted]")).to_have_text("12")
    expect(english.locator("[data-retry-all]")).to_be_hidden()


def test_leaving_during_an_upload_asks_and_cancelling_ends_it(
    english: Page, folder: Path, watch: Watch
) -> None:
    watch.expected = ["ERR_INTERNET_DISCONNECTED"]
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    english.on("dialog", stay)
    english.goto("/upload")
    english.context.set_offline(True)
    english.set_input_files("[data-input=folder]", folder)
    english.click("h1")  # a page nobody touched may be left without a word
    english.evaluate("location.assign('/')")
    expect(english.locator("[data-cancel-all]")).to_be_visible()
    english.click("[data-cancel-all]")
    expect(english.locator("[data-groups]")).to_contain_text("Cancelled")
    english.context.set_offline(False)
    assert asked == ["beforeunload"]
    english.goto("/")
    english.remove_listener("dialog", stay)
    assert asked == ["beforeunload"]


def test_an_ended_session_is_told_in_clear_words(english: Page, folder: Path, watch: Watch) -> None:
    watch.expected = ["401"]
    english.goto("/upload")
    english.context.clear_cookies(name="session")
    token = english.evaluate("fetch('/login').then(a => a.text())")
    english.evaluate(
        "t => document.querySelector('meta[name=csrf-token]').content = t",
        token.split('name="csrf-token" content="')[1].split('"')[0],
    )
    english.set_input_files("[data-input=folder]", folder)
    expect(english.locator("[data-groups]")).to_contain_text("Your session has ended")
    expect(english.locator("[data-retry-all]")).to_be_visible()


def test_chosen_studies_are_deleted_after_the_question(english: Page, folder: Path) -> None:
    drop(english, folder)
    row = english.locator("tr[data-study][data-own]")
    row.locator(".tick").check()
    expect(english.locator("[data-selected]")).to_have_text("1 study selected")
    study = row.get_attribute("data-study")
    assert f"study={study}" in (english.locator("[data-anonymise]").get_attribute("href") or "")
    english.click("[data-delete]")
    dialog = english.locator("#delete-dialog")
    expect(dialog).to_contain_text("12 images")
    picture(english, "worklist-delete")
    dialog.get_by_role("button", name="Keep").click()
    expect(row).to_have_count(1)
    english.click("[data-delete]")
    dialog.get_by_role("button", name="Delete").click()
    expect(row).to_have_count(0)
    assert json.loads(english.evaluate("fetch('/api/v1/studies').then(a => a.text())"))["total"] == 0


def test_the_list_is_read_searched_and_sorted_without_script(
    server: Server, new_page: NewPage, english: Page, folder: Path
) -> None:
    drop(english, folder)
    expect(english.locator("tr[data-study]")).to_have_count(1)
    plain = new_page(locale="en-GB", java_script_enabled=False)
    plain.context.add_cookies(english.context.cookies())
    plain.goto("/")
    plain.fill("input[name=q]", "phantom hand")
    plain.keyboard.press("Enter")
    expect(plain.locator("tr[data-study]")).to_have_count(1)
    plain.get_by_role("link", name="Patient", exact=True).click()
    expect(plain.locator("th[aria-sort=ascending]")).to_contain_text("Patient")
    plain.fill("input[name=q]", "nobody")
    plain.keyboard.press("Enter")
    expect(plain.locator("#worklist")).to_contain_text("No study matches")
