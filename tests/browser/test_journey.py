"""What newcomers do, from the first link to the anonymised ZIP, on real images."""

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PASSWORD, Server, Watch, picture, sign_in
from tests.shared_data import shared

NewPage = Callable[..., Page]
READY = '[data-state="ready"]'


@pytest.fixture(scope="module")
def server(own_server: Server) -> Server:
    """One without an administrator."""
    return own_server


def fill_account(page: Page, name: str) -> None:
    """Name and password twice, as registration, set-up and invitation ask for them."""
    page.fill("input[name=name]", name)
    page.fill("input[name=password]", PASSWORD)
    page.fill("input[name=again]", PASSWORD)
    page.click("main button[type=submit], form button.btn-primary")


def upload(page: Page, kind: str, path: Path) -> None:
    """Choose *path* on the upload page and wait for the report."""
    page.goto("/upload")
    page.set_input_files(f"input[data-input={kind}]", path)
    expect(page.locator("[data-report-title]")).to_contain_text(
        re.compile("Informe de|Report of"), timeout=120_000
    )


def open_study(page: Page) -> None:
    """From the upload's report to the study, once its volume is ready."""
    page.click("[data-open] a")
    page.wait_for_url("**/studies/*")
    expect(page.locator(".series-card .badge-ok").first).to_be_visible(timeout=120_000)


def open_viewer(page: Page) -> None:
    """From a study's page into the viewer, until the three planes are drawn."""
    page.click(".series-card h2 a")
    page.wait_for_url("**/viewer/*")
    page.wait_for_selector(f".stage{READY}", timeout=60_000)


def pane(page: Page, plane: str) -> Locator:
    return page.locator(f".pane[data-plane={plane}]:not([data-offset])")


def point_of(
    page: Page, plane: str, size: tuple[int, int], spacing: tuple[float, float], at: tuple[int, int]
) -> tuple[float, float]:
    """Where image pixel *at* of a fitted plane lies on the page, by the rule of three."""
    box = pane(page, plane).bounding_box()
    assert box is not None
    scale = min(box["width"] / (size[0] * spacing[0]), box["height"] / (size[1] * spacing[1]))
    x = box["x"] + box["width"] / 2 + (at[0] - (size[0] - 1) / 2) * spacing[0] * scale
    y = box["y"] + box["height"] / 2 + (at[1] - (size[1] - 1) / 2) * spacing[1] * scale
    return x, y


def go_to_slice(page: Page, plane: str, index: int) -> None:
    """By the arrow keys of the plane's slider; up is towards the head, where k grows in these series."""
    pane(page, plane).locator("[role=slider]").focus()
    now = int(pane(page, plane).get_attribute("data-index") or 0)
    for _ in range(abs(index - now)):
        page.keyboard.press("ArrowUp" if index > now else "ArrowDown")
    expect(pane(page, plane)).to_have_attribute("data-index", str(index))


def test_first_administrator_comes_by_the_one_time_link(server: Server, page: Page, watch: Watch) -> None:
    printed = server.flask("setup-link", "--url-base", server.url)
    link = re.search(r"http://\S+/setup/\S+", printed)
    assert link is not None
    page.goto(link.group())
    fill_account(page, "directora")
    page.goto("/admin/people")
    expect(page.locator(".people-table")).to_contain_text("directora")
    watch.expected.append("404")
    answer = page.goto(link.group())
    assert answer is not None
    assert answer.status in {404, 410}


def test_newcomer_registers_uploads_reads_and_takes_it_away(
    server: Server, page: Page, tmp_path: Path
) -> None:
    folder = shared("data/ct-lung-ibsi-rtstruct-nifti/ct")
    page.goto("/login")
    page.click("a[href*=register]")
    fill_account(page, "lucia")
    page.goto("/")
    expect(page.locator("h1")).to_have_text("Lista de trabajo")

    upload(page, "folder", folder)
    expect(page.locator("[data-accepted]")).to_have_text("60")
    picture(page, "journey-report")
    open_study(page)
    open_viewer(page)
    picture(page, "journey-viewer")

    # Scroll: a wheel notch is one slice.
    axial = pane(page, "axial")
    before = int(axial.get_attribute("data-index") or 0)
    axial.hover()
    page.mouse.wheel(0, 100)
    expect(axial).not_to_have_attribute("data-index", str(before))

    # A known voxel: SimpleITK reads 858 at (60, 120, 30), which lies at (-115.775, 37.614, -10.400) mm.
    go_to_slice(page, "axial", 30)
    x, y = point_of(page, "axial", (204, 201), (0.977, 0.977), (60, 120))
    page.mouse.move(x, y)
    reading = page.locator("[data-voxel]")
    expect(reading).to_have_attribute("data-voxel", "60,120,30")
    expect(reading).to_have_attribute("data-value", "858")
    lps = [float(part) for part in (reading.get_attribute("data-lps") or "").split(",")]
    assert lps == pytest.approx([-115.7745, 37.6145, -10.4], abs=0.001)

    # Window by preset key: lung.
    page.keyboard.press("2")
    expect(axial.locator("[data-part=window]")).to_contain_text("1500")

    # The crosshair moves the other planes to the same voxel.
    page.keyboard.press("x")
    page.mouse.click(x, y)
    expect(pane(page, "sagittal")).to_have_attribute("data-index", "60")
    expect(pane(page, "coronal")).to_have_attribute("data-index", "120")
    picture(page, "journey-crosshair")

    # The same voxel under the cursor in the coronal plane: column 60, and k counts from the feet.
    x, y = point_of(page, "coronal", (204, 60), (0.977, 3.0), (60, 59 - 30))
    page.mouse.move(x, y)
    expect(reading).to_have_attribute("data-voxel", "60,120,30")
    expect(reading).to_have_attribute("data-value", "858")
    series_id = page.url.rstrip("/").split("/")[-1].split("?")[0]

    archive = anonymise(page, series_id, tmp_path)
    check_no_trace(archive, [b"PAT1", b"1.3.6.1.4.1.9590.100.1.2", b"CERR "])
    upload(page, "files", archive)
    expect(page.locator("[data-accepted]")).to_have_text("60")
    open_study(page)
    open_viewer(page)
    again = page.url.rstrip("/").split("/")[-1].split("?")[0]
    assert again != series_id
    for path in ("slices/axial/30.png?ww=400&wc=40", "slices/coronal/120.png?ww=400&wc=40"):
        first, second = (page.request.get(f"/series/{one}/{path}") for one in (series_id, again))
        assert first.ok
        assert first.body() == second.body(), path
    value = page.request.get(f"/series/{again}/value?i=60&j=120&k=30").json()
    assert value["value"] == 858
    assert value["point_lps"] == pytest.approx([-115.7745, 37.6145, -10.4], abs=0.001)


def anonymise(page: Page, series_id: str, folder: Path) -> Path:
    """Edit a field, make the ZIP, download it."""
    page.goto(f"/anonymise?series={series_id}")
    page.fill("#field-PatientName", "Caso^Docente")
    page.fill("#field-PatientID", "CASO-7")
    expect(page.locator("[data-rows]")).to_contain_text("Caso^Docente")
    picture(page, "journey-anonymise")
    page.click("[data-start]")
    link = page.locator("[data-download]")
    expect(link).to_be_visible(timeout=60_000)
    with page.expect_download() as waiting:
        link.click()
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path


def check_no_trace(archive: Path, identifiers: list[bytes]) -> None:
    """No identifier in any entry's name or bytes, nor in the ZIP's own name."""
    with zipfile.ZipFile(archive) as packed:
        assert sum(name.endswith(".dcm") for name in packed.namelist()) == 60
        for entry in packed.infolist():
            content = packed.read(entry)
            for identifier in identifiers:
                assert identifier not in content, (entry.filename, identifier)
                assert identifier not in entry.filename.encode()
    for identifier in identifiers:
        assert identifier not in archive.name.encode()


def test_a_zip_is_read_and_its_odd_files_are_refused(server: Server, page: Page, tmp_path: Path) -> None:
    server.add_user("mateo")
    original = shared("data/ct-chest-lung1-rtstruct/LUNG1-001-ct.zip")
    packed = tmp_path / "torax.zip"
    with zipfile.ZipFile(original) as source, zipfile.ZipFile(packed, "w") as target:
        for entry in source.infolist():
            if not entry.is_dir():
                target.writestr(entry.filename, source.read(entry))
        target.writestr("notas.txt", "Nada que ver")
        target.writestr("../fuera.dcm", "x")
    sign_in(page, "mateo")
    upload(page, "files", packed)
    expect(page.locator("[data-accepted]")).to_have_text("134")
    expect(page.locator("[data-refused]")).to_have_text("2")
    expect(page.locator("[data-refusals]")).to_contain_text("DICM")
    open_study(page)
    open_viewer(page)
    expect(pane(page, "axial")).to_have_attribute("data-index", re.compile(r"\d+"))
    upload(page, "files", packed)
    expect(page.locator("[data-duplicates]")).to_have_text("134")


def test_disabled_account_is_out_at_its_next_request(server: Server, new_page: NewPage, watch: Watch) -> None:
    watch.expected += ["401", "404"]
    server.add_user("jefa", role="admin")
    admin, person = new_page(), new_page(locale="en-GB")
    sign_in(admin, "jefa")
    admin.goto("/admin/people/new")
    admin.fill("input[name=name]", "tomas")
    admin.check("input[name=way][value=password]")
    admin.fill("input[name=password]", PASSWORD)
    admin.click("main button[type=submit]")
    admin.goto("/admin/people?q=tomas")
    expect(admin.locator(".people-table tbody tr")).to_have_count(1)

    sign_in(person, "tomas")
    person.goto("/")
    expect(person.locator("h1")).to_have_text("Worklist")

    admin.click(".people-table tbody a.main")
    admin.click("form[action$=disable] button")
    person.goto("/")
    expect(person).to_have_url(re.compile("/login"))
    person.fill("input[name=name]", "tomas")
    person.fill("input[name=password]", PASSWORD)
    person.press("input[name=password]", "Enter")
    expect(person).to_have_url(re.compile("/login"))


def test_signing_out_ends_the_session(server: Server, page: Page) -> None:
    server.add_user("elena")
    sign_in(page, "elena")
    page.click("form[action$=logout] button")
    page.goto("/upload")
    expect(page).to_have_url(re.compile("/login"))


def test_language_and_theme_follow_browser_and_account(server: Server, new_page: NewPage) -> None:
    server.add_user("ines")
    page = new_page(locale="en-GB")
    sign_in(page, "ines")
    expect(page.locator("h1")).to_have_text("Worklist")
    page.click("button[name=language][value=es]")
    expect(page.locator("h1")).to_have_text("Lista de trabajo")
    assert page.locator("html").get_attribute("lang") == "es"
    page.click("[data-theme-switch] button")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "light")
    # Another browser, in English and dark: the account remembers.
    other = new_page(locale="en-GB")
    sign_in(other, "ines")
    expect(other.locator("h1")).to_have_text("Lista de trabajo")
    expect(other.locator("html")).to_have_attribute("data-bs-theme", "light")


@pytest.mark.parametrize(
    ("archive_name", "entry", "content"),
    [
        ("export.zip", "IM0.dcm", b"..PAT1.."),
        ("export.zip", "PAT1/IM0.dcm", b""),
        ("PAT1.zip", "IM0.dcm", b""),
    ],
)
def test_check_for_traces_finds_a_planted_name(
    tmp_path: Path, archive_name: str, entry: str, content: bytes
) -> None:
    archive = tmp_path / archive_name
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr(entry, content)
        for k in range(1, 60):
            packed.writestr(f"IM{k}.dcm", b"")
    check_no_trace(archive, [b"PAT2"])
    with pytest.raises(AssertionError, match="PAT1"):
        check_no_trace(archive, [b"PAT1"])
