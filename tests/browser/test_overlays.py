"""Segments over the images: a structure set by hand on the asymmetric CT, seen voxel by voxel on every plane.

Each ROI is a box of whole voxels whose place is no other's by any mirroring, so that fill, outline, side and
colour can be told at single pixels.
"""

import base64
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, RTStructureSetStorage

from tests.browser.looking import Place, canvas_size, on_page, pane, settle, slice_of, volume_here
from tests.browser.series import ORIGIN, SPACING, Archive
from tests.browser.viewing import STRAIGHT, Open
from tests.imaging.phantoms import FRAME_UID, STUDY_UID, item

pytestmark = pytest.mark.browser

# Half open boxes of voxels, (i, j, k); neither is the mirror image of itself along any axis of 24 × 20 × 12.
PINK, BLUE = (255, 80, 200), (80, 160, 255)
ROIS = {"Nodule": (PINK, (4, 9), (12, 15), (7, 10)), "Cyst": (BLUE, (15, 20), (3, 6), (2, 4))}
CENTRE = (6, 13, 8)  # of the nodule
FILL = 82  # 0.32 of 255
STEP_MS = 450  # a pause that ends a step of undo
READ = """(canvas, [x, y]) => [...canvas.getContext("2d").getImageData(x, y, 1, 1).data]"""
DROP = """([name, text]) => {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([bytes], name));
  const how = { dataTransfer, bubbles: true, cancelable: true };
  for (const type of ["dragenter", "dragover", "drop"]) {
    document.querySelector(".stage").dispatchEvent(new DragEvent(type, how));
  }
}"""


def structures(path: Path, frame_uid: str = FRAME_UID) -> Path:
    """An RT Structure Set of :data:`ROIS`: rectangles along the voxels' edges, a contour a slice."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = RTStructureSetStorage, "1.2.3.77"
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    dataset.SOPClassUID, dataset.SOPInstanceUID = meta.MediaStorageSOPClassUID, "1.2.3.77"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID, dataset.Modality = STUDY_UID, "1.2.3.7", "RTSTRUCT"
    dataset.StructureSetLabel, dataset.PatientName, dataset.PatientID = "Hand", "Phantom^Hand", "PH-1"
    dataset.ReferencedFrameOfReferenceSequence = [item(FrameOfReferenceUID=frame_uid)]
    dataset.StructureSetROISequence = [
        item(ROINumber=n, ROIName=name, ReferencedFrameOfReferenceUID=frame_uid)
        for n, name in enumerate(ROIS, start=1)
    ]
    dataset.ROIContourSequence = [contours(n, *roi) for n, roi in enumerate(ROIS.values(), start=1)]
    dataset.save_as(path, enforce_file_format=True)
    return path


def contours(number: int, color: tuple[int, ...], *box: tuple[int, int]) -> Dataset:
    (x0, x1), (y0, y1) = (
        [ORIGIN[axis] + SPACING[axis] * (edge - 0.5) for edge in box[axis]] for axis in (0, 1)
    )
    made = Dataset()
    made.ReferencedROINumber, made.ROIDisplayColor = number, list(color)
    made.ContourSequence = []
    for k in range(*box[2]):
        z = ORIGIN[2] + SPACING[2] * k
        corners = [(x0, y0, z), (x1, y0, z), (x1, y1, z), (x0, y1, z)]
        made.ContourSequence.append(
            item(
                ContourGeometricType="CLOSED_PLANAR",
                NumberOfContourPoints=4,
                ContourData=[round(value, 4) for corner in corners for value in corner],
            )
        )
    return made


@pytest.fixture
def bare(archive: Archive) -> Iterator[Archive]:
    """The straight series without segmentations, before and after."""
    path = f"/api/v1/series/{archive.ids['straight']}/segmentations"
    for _moment in range(2):
        for one in archive.call(path)["segmentations"]:
            archive.call(f"/api/v1/segmentations/{one['id']}", "DELETE")
        if _moment == 0:
            yield archive


def layer(page: Page, name: str) -> Locator:
    """The canvas of a pane's segments."""
    return pane(page, name).locator("canvas.pane-labels:not(.pane-dose)")


def drawn(page: Page, name: str, pixel: Sequence[float]) -> list[int]:
    """Red, green, blue and alpha of the segments' layer over a place of a fitted plane, in its pixels."""
    place = Place.fitted(STRAIGHT[name], canvas_size(page, name))
    x, y = (int(value) for value in place.at(pixel))
    found: list[int] = layer(page, name).evaluate(READ, [x, y])
    return found


def point(page: Page, name: str, pixel: Sequence[float]) -> None:
    """Bring the pointer over a pixel of a fitted plane."""
    page.mouse.move(*on_page(page, name, STRAIGHT[name]).at(pixel))


def check_fill(page: Page, name: str, pixel: Sequence[float], color: tuple[int, ...]) -> None:
    *rgb, alpha = drawn(page, name, pixel)
    assert alpha == pytest.approx(FILL, abs=1), (name, pixel)
    assert rgb == pytest.approx(color, abs=3), (name, pixel)


def check_line(page: Page, name: str, at: Sequence[float], color: tuple[int, ...]) -> None:
    *rgb, alpha = drawn(page, name, at)
    assert alpha > 150, (name, at)
    assert rgb == pytest.approx(color, abs=12), (name, at)


def check_planes(page: Page) -> None:
    """The nodule where it must be on its three planes, and nothing where a mirrored axis would put it."""
    i, j, k = CENTRE
    for name, pixel, others, edges in (
        ("axial", (i, j), [(23 - i, j), (i, 19 - j), (23 - i, 19 - j), (17, 4)], [(8.5, j), (i, 11.5)]),
        ("sagittal", (j, 11 - k), [(19 - j, 11 - k), (j, k), (4, 8)], [(14.5, 3), (j, 4.5), (11.5, 3)]),
        ("coronal", (i, 11 - k), [(23 - i, 11 - k), (i, k), (17, 8)], [(3.5, 3), (i, 1.5), (8.5, 3)]),
    ):
        check_fill(page, name, pixel, PINK)
        for other in others:
            assert drawn(page, name, other)[3] == 0, (name, other)
        for edge in edges:
            check_line(page, name, edge, PINK)


def import_by_button(page: Page, path: Path, rows: int = 2) -> None:
    page.locator("#tab-segments").click()
    page.locator("[data-segments-file]").set_input_files(path)
    expect(page.locator("[data-segment]")).to_have_count(rows)


def go_to_nodule(page: Page) -> None:
    """Its name leads to its centre, once that is known."""
    expect(page.locator("[data-segment='1'] .segment-mean")).not_to_have_text("\u2014")
    page.locator("[data-segment='1'] .segment-open").click()
    for name, index in zip(("sagittal", "coronal", "axial"), CENTRE, strict=True):
        slice_of(page, name, index)
    settle(page)


@pytest.mark.parametrize("whole", [True, False], ids=["voxels", "pictures"])
def test_contour_and_fill_lie_on_their_voxels(look: Open, bare: Archive, tmp_path: Path, whole: bool) -> None:
    page = look("straight", whole=whole)
    if whole:
        volume_here(page)
    import_by_button(page, structures(tmp_path / "hand.dcm"))
    # 5 · 3 · 3 voxels of 1.925 mm³ and 5 · 3 · 2.
    expect(page.locator("[data-segment] .segment-ml")).to_have_text(["0.087", "0.058"])
    go_to_nodule(page)
    axial = pane(page, "axial").locator("canvas.pane-labels:not(.pane-dose)")
    expect(axial).to_have_attribute("data-labels", "8 1")
    expect(pane(page, "coronal").locator(".pane-labels:not(.pane-dose)")).to_have_attribute(
        "data-labels", "13 1"
    )
    expect(pane(page, "sagittal").locator(".pane-labels:not(.pane-dose)")).to_have_attribute(
        "data-labels", "6 1"
    )
    check_planes(page)
    if whole:
        expect(page.locator(".segment-reading")).to_have_attribute("data-segments", "1")  # at the crosshair
    point(page, "axial", (5, 13))
    expect(page.locator(".segment-reading b")).to_have_text("1Nodule")
    point(page, "axial", (17, 13))
    expect(page.locator(".segment-reading")).to_be_hidden()


def test_what_is_shown_and_called_survives_a_reload(look: Open, bare: Archive, tmp_path: Path) -> None:
    page = look("straight")
    volume_here(page)
    import_by_button(page, structures(tmp_path / "hand.dcm"))
    go_to_nodule(page)
    page.get_by_role("button", name="Outline", exact=True).click()
    settle(page)
    assert drawn(page, "axial", CENTRE[:2])[3] == 0
    check_line(page, "axial", (8.5, 13), PINK)
    page.get_by_role("button", name="Fill", exact=True).click()
    page.wait_for_timeout(STEP_MS)
    page.locator("[data-segment='1'] .segment-eye").click()
    settle(page)
    assert drawn(page, "axial", CENTRE[:2])[3] == 0
    page.locator("[data-undo]").first.click()
    settle(page)
    check_fill(page, "axial", CENTRE[:2], PINK)
    page.locator("[data-segment='1'] .segment-open").dblclick()
    page.keyboard.insert_text("Nódulo")
    page.keyboard.press("Enter")
    page.locator("[data-segment='1'] .segment-colour").click()
    page.locator(".pop-menu [aria-label=blue]").click()
    settle(page)
    check_fill(page, "axial", CENTRE[:2], (0x27, 0x62, 0xD8))
    page.locator("[data-segment='2'] .segment-lock").click()
    expect(page.locator("[data-saved]")).to_have_attribute("data-saved", "saved")

    page.reload()
    expect(page.locator(".stage")).to_have_attribute("data-state", "ready")
    volume_here(page)
    page.locator("#tab-segments").click()
    expect(page.locator("[data-segment] .name")).to_have_text(["Nódulo", "Cyst"])
    expect(page.locator("[data-mode=fill]")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("[data-segment='2'] .segment-lock")).to_have_attribute("aria-pressed", "true")
    expect(pane(page, "axial").locator(".pane-labels:not(.pane-dose)")).to_have_attribute(
        "data-labels", "8 1"
    )
    check_fill(page, "axial", CENTRE[:2], (0x27, 0x62, 0xD8))

    page.locator(".segment-group-head .segment-more").click()
    page.get_by_role("menuitem", name="Delete…").click()
    page.locator("[data-confirm-yes]").click()
    expect(page.locator("[data-segments-empty]")).to_be_visible()
    settle(page)
    assert drawn(page, "axial", CENTRE[:2])[3] == 0


def test_a_dropped_file_of_another_frame_is_placed_after_asking(
    look: Open, bare: Archive, watch: Any, tmp_path: Path
) -> None:
    watch.expected += ["409", "422"]
    page = look("straight")
    volume_here(page)
    other = structures(tmp_path / "other.dcm", frame_uid="1.2.3.4.5")
    page.evaluate(DROP, ["other.dcm", base64.b64encode(other.read_bytes()).decode()])
    question = page.locator("[data-confirm-dialog]")
    expect(question).to_be_visible()
    question.get_by_role("button", name="Cancel").click()
    expect(page.locator("[data-segment]")).to_have_count(0)
    page.evaluate(DROP, ["other.dcm", base64.b64encode(other.read_bytes()).decode()])
    question.get_by_role("button", name="Place it all the same").click()
    expect(page.locator("[data-segment]")).to_have_count(2)

    page.evaluate(DROP, ["noise.nrrd", base64.b64encode(b"NRRD0004\nnonsense\n\n").decode()])
    refusal = page.locator(".import-row.is-refused")
    expect(refusal).to_be_visible()
    expect(page.locator("[data-segment]")).to_have_count(2)
    refusal.get_by_role("button").click()
    expect(refusal).to_have_count(0)

    page.locator(".segment-group-head").get_by_role("button", name="Table of statistics").click()
    table = page.locator("[data-segment-table]")
    expect(table.locator("tbody tr")).to_have_count(2)
    table.get_by_role("button", name="Volume (ml)").click()
    expect(table.locator("tbody tr").first).to_contain_text("Nodule")
    table.get_by_role("button", name="Volume (ml)").click()
    expect(table.locator("tbody tr").first).to_contain_text("Cyst")
    with page.expect_download() as csv:
        table.locator("[data-table-csv]").click()
    assert "Nodule" in csv.value.path().read_text("utf-8")
    page.keyboard.press("Escape")


def test_one_segment_is_deleted_after_asking_and_the_last_with_its_overlay(
    look: Open, bare: Archive, tmp_path: Path
) -> None:
    page = look("straight")
    volume_here(page)
    import_by_button(page, structures(tmp_path / "hand.dcm"))
    go_to_nodule(page)
    check_fill(page, "axial", CENTRE[:2], PINK)
    page.locator("[data-segment='1'] .segment-more").click()
    page.get_by_role("menuitem", name="Delete…").click()
    expect(page.locator("[data-confirm-dialog]")).to_contain_text("Delete Nodule?")
    page.locator("[data-confirm-yes]").click()
    expect(page.locator("[data-segment] .name")).to_have_text(["Cyst"])
    settle(page)
    assert drawn(page, "axial", CENTRE[:2])[3] == 0
    expect(page.locator("[data-segment='2'] .segment-mean")).not_to_have_text("\u2014")
    page.locator("[data-segment='2'] .segment-open").click()
    slice_of(page, "axial", 2)
    expect(layer(page, "axial")).to_have_attribute("data-labels", "2 1")
    check_fill(page, "axial", (17, 4), BLUE)  # its value in the layer is another now
    page.locator("[data-segment='2'] .segment-open").focus()
    page.keyboard.press("Delete")
    expect(page.locator("[data-confirm-dialog]")).to_contain_text("1 segment and their voxels")
    page.locator("[data-confirm-yes]").click()
    expect(page.locator("[data-segments-empty]")).to_be_visible()
    left = bare.call(f"/api/v1/series/{bare.ids['straight']}/segmentations")
    assert left["segmentations"] == []
