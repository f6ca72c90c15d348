"""The anonymising page: fates follow the typing, faults stand in place, the job survives a reload."""

import io
import re
import urllib.request
import zipfile
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Playwright, expect

from tests.browser.conftest import NewPage, Server, Watch, signed_in
from tests.deidentification.planted import file_bytes, planted_series

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def study(server: Server) -> None:
    """A study of 120 small planted slices, uploaded by Nuria."""
    server.add_user("nuria")
    token = server.token_of("nuria")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for k, dataset in enumerate(planted_series(120)):
            archive.writestr(f"{k}.dcm", file_bytes(dataset))
    part = b'--part\r\nContent-Disposition: form-data; name="files"; filename="study.zip"\r\n\r\n'
    request = urllib.request.Request(
        f"{server.url}/api/v1/uploads",
        data=part + packed.getvalue() + b"\r\n--part--\r\n",
        headers={"Authorization": f"Bearer {token}", "Content-Type": "multipart/form-data; boundary=part"},
    )
    with urllib.request.urlopen(request, timeout=120) as answer:
        assert answer.status == 201


@pytest.fixture(scope="module")
def nuria(study: None, server: Server, playwright_driver: Playwright) -> Any:
    """The cookies of Nuria's browser."""
    return signed_in(playwright_driver, server, "nuria")


@pytest.fixture
def editor(new_page: NewPage, nuria: Any) -> Page:
    """The study in the editor."""
    page = new_page(storage_state=nuria)
    page.goto("/anonymise")
    page.check("input[name=study]")
    page.click("[data-go]")
    page.wait_for_selector("[data-rows] > *")
    return page


def fate(page: Page, keyword: str) -> str:
    found = re.search(r"fate-(removed|replaced|kept)", page.inner_html(f"[data-fate-of={keyword}]"))
    assert found
    return found[1]


def test_fates_follow_preset_and_typing(editor: Page) -> None:
    assert fate(editor, "PatientSex") == "removed"
    editor.click("[data-preset=characteristics]")
    assert fate(editor, "PatientSex") == "kept"
    assert editor.input_value("#field-PatientSex") == "M"
    editor.fill("#field-PatientSex", "")
    assert fate(editor, "PatientSex") == "removed"
    editor.fill("#field-StudyDescription", "Caso 7")
    assert fate(editor, "StudyDescription") == "replaced"
    row = editor.locator("[data-rows] > *", has_text="StudyDescription")
    expect(row).to_contain_text("Caso 7")
    editor.click("[data-preset=pseudonym]")
    assert editor.input_value("#field-StudyDescription") == "Caso 7"
    editor.click("[data-refill]")
    assert editor.input_value("#field-StudyDescription") == ""


def test_a_fault_stands_at_its_field_and_stops_the_export(editor: Page) -> None:
    editor.fill("#field-PatientBirthDate", "31/01/1970")
    expect(editor.locator("[data-note-of=PatientBirthDate]")).to_be_visible()
    editor.click("[data-start]")
    expect(editor.locator("#field-PatientBirthDate")).to_be_focused()
    assert "job=" not in editor.url
    editor.fill("#field-PatientBirthDate", "1970-01-31")
    expect(editor.locator("[data-note-of=PatientBirthDate]")).to_be_hidden()
    editor.locator("#field-PatientBirthDate").blur()
    assert editor.input_value("#field-PatientBirthDate") == "19700131"


def test_what_only_the_server_finds_is_shown_at_its_field(editor: Page, watch: Watch) -> None:
    watch.expected.append("status of 422")
    editor.fill("#field-PatientID", "CASO-\ue000")  # a sign without a meaning: private use
    expect(editor.locator("[data-note-of=PatientID]")).to_contain_text("(0010,0020)")


def test_rows_are_searched_and_filtered(editor: Page) -> None:
    every = editor.locator("[data-rows] > *").count()
    editor.fill("[data-search]", "patient name")
    expect(editor.locator("[data-rows] > *")).to_have_count(1)
    editor.fill("[data-search]", "")
    editor.click(".fate-filter[data-fate=replaced]")
    assert 0 < editor.locator("[data-rows] > *").count() < every
    assert editor.locator("[data-rows] > *:not(.is-replaced)").count() == 0


def test_an_export_goes_on_over_a_reload_and_is_downloaded(editor: Page, tmp_path: Path) -> None:
    editor.click("[data-start]")
    editor.wait_for_url(re.compile("#job="))
    editor.reload()
    link = editor.locator("[data-download]")
    expect(link).to_be_visible(timeout=60_000)
    with editor.expect_download() as download:
        link.click()
    download.value.save_as(tmp_path / "export.zip")
    with zipfile.ZipFile(tmp_path / "export.zip") as archive:
        assert len(archive.namelist()) == 122
        assert b"HG-448120" not in archive.read("ST0001/SE0001/IM00100.dcm")
    assert download.value.suggested_filename.startswith("triplano-anonymised-")


def test_a_cancelled_export_can_be_started_again(editor: Page) -> None:
    editor.click("[data-start]")
    editor.click("[data-cancel]")
    expect(editor.locator("[data-start]")).to_be_visible()
    assert "job=" not in editor.url
    expect(editor.locator("[data-export-body]")).to_be_hidden()


def test_the_page_fits_a_phone(new_page: NewPage, nuria: Any) -> None:
    page = new_page(width=360, height=740, storage_state=nuria)
    page.goto("/anonymise")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.check("input[name=study]")
    page.click("[data-go]")
    page.wait_for_selector("[data-rows] > *")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
