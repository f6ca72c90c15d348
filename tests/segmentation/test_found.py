"""Structure sets, SEG and doses among the uploads find their series by themselves."""

import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask import Flask

from app.archive import references
from app.archive.doses import steps_in_pieces
from app.archive.turns import Turns
from app.models import Instance, InstanceReference, db
from app.segmentation import histograms
from app.worker import run_queued
from tests.archive.conftest import Archive
from tests.imaging.phantoms import FRAME_UID
from tests.imaging.rtsamples import contour, dose_grid, structure_set
from tests.segmentation.conftest import Page, page_of
from tests.studies.uploading import dicom_bytes
from tests.viewer.conftest import Reader

# Around the centres of voxels i = 1, 2 and j = 1, 2 of slice 1: x from 10.25 to 11.25, y from −19 to −15.
SQUARE = [[10.25, -19, 33], [11.25, -19, 33], [11.25, -15, 33], [10.25, -15, 33]]


def take(volume: Reader, owner_id: str, **files: Any) -> None:
    with volume.app.app_context():
        archive = Archive(owner_id, volume.app.extensions["store"], volume.app.config)
        report = archive.take({f"{name}.dcm": dicom_bytes(dataset) for name, dataset in files.items()})
        assert not report.refused, report.refused
    run_queued(volume.app)


@pytest.fixture
def structures(volume: Reader, people: dict[str, Any]) -> Reader:
    take(volume, people["alice"], rt=structure_set({"GTV": [contour(SQUARE)]}, StructureSetLabel="Plan A"))
    return volume


def test_a_structure_set_is_found_by_its_series_and_imported(page: Page, structures: Reader) -> None:
    (found,) = page.listed()["found"]
    assert (found["kind"], found["name"], found["series_description"]) == ("rtstruct", "Plan A", "")
    answer = page.api(
        "POST", f"series/{page.series_id}/segmentations", json={"instance_id": found["instance_id"]}
    )
    assert answer.status_code == 201, answer.text
    made = answer.json
    assert (made["kind"], made["name"], made["placement"]) == ("rtstruct", "Plan A", "exact")
    (segment,) = made["segments"]
    assert (segment["name"], segment["box"], segment["voxels"]) == ("GTV", [[1, 1, 1], [3, 3, 2]], 4)
    assert segment["mean"] == -907.5
    assert [one["id"] for one in page.listed()["segmentations"]] == [made["id"]]


def test_the_file_is_read_once(page: Page, structures: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(page.listed()["found"]) == 1
    monkeypatch.setattr("app.archive.references.read_reference", None)
    assert len(page.listed()["found"]) == 1
    with structures.app.app_context():
        kept = db.session.scalars(db.select(InstanceReference)).one()
        assert (kept.frame_of_reference_uid, kept.fault) == (FRAME_UID, None)


def test_others_find_and_import_nothing(app: Flask, page: Page, structures: Reader, people: Any) -> None:
    """Bob has the very same images: Alice's structure set is still hers."""
    from tests.imaging.phantoms import ct_slice

    instance_id = page.listed()["found"][0]["instance_id"]
    with app.app_context():
        archive = Archive(people["bob"], app.extensions["store"], app.config)
        report = archive.take({f"{k}.dcm": dicom_bytes(ct_slice(k)) for k in range(3)})
    run_queued(app)
    bob = page_of(app, "bob", report.series_ids[0])
    assert bob.listed() == {"segmentations": [], "found": []}
    answer = bob.api("POST", f"series/{bob.series_id}/segmentations", json={"instance_id": instance_id})
    assert answer.status_code == 404


def test_another_frame_of_reference_is_refused_unless_somebody_says_so(
    page: Page, volume: Reader, people: Any
) -> None:
    content = dicom_bytes(structure_set({"GTV": [contour(SQUARE)]}, frame="1.2.3.99"))
    answer = page.send(content, "plan.dcm")
    assert (answer.status_code, answer.json["error"]["code"]) == (409, "other_frame")
    made = page.sent(content, name="plan.dcm", query="?assume=same-place")
    assert (made["name"], made["segments"][0]["voxels"]) == ("plan", 4)
    assert made["warnings"]


def test_what_holds_no_segments_is_no_segmentation(page: Page, volume: Reader) -> None:
    from tests.imaging.phantoms import ct_slice

    for content in (dicom_bytes(ct_slice(0)), dicom_bytes(dose_grid(np.ones((2, 2, 2), np.uint16)))):
        assert page.send(content, "image.dcm").status_code == 422
    answer = page.api("POST", f"series/{page.series_id}/segmentations", json={"instance_id": 5})
    assert (answer.status_code, answer.json["error"]["field"]) == (400, "instance_id")
    with volume.app.app_context():
        image_id = db.session.scalars(db.select(Instance.id)).first()
    for no_labels in (image_id, "\ud800", "x" * 5000):
        answer = page.api("POST", f"series/{page.series_id}/segmentations", json={"instance_id": no_labels})
        assert answer.status_code == 404


@pytest.fixture
def dosed(volume: Reader, people: dict[str, Any]) -> Reader:
    """1 to 4 Gy in the second frame, on the volume's slice 1; nothing in the first."""
    stored = np.array([[[0, 0], [0, 0]], [[100, 200], [300, 400]]], np.uint16)
    take(volume, people["alice"], dose=dose_grid(stored))
    return volume


def test_a_dose_is_found_by_its_frame_of_reference(page: Page, dosed: Reader, stranger: Page) -> None:
    assert [one["kind"] for one in page.listed()["found"]] == ["rtdose"]
    (dose,) = page.api("GET", f"series/{page.series_id}/doses").json["doses"]
    assert (dose["kind"], dose["unit"], dose["summation"], dose["reason"]) == ("PHYSICAL", "GY", "PLAN", None)
    assert dose["max_gy"] == pytest.approx(4)
    assert (dose["shape_ijk"], dose["affine"][0]) == ([2, 2, 2], [2, 0, 0, 10])
    address = f"/doses/{dose['instance_id']}/on/{page.series_id}"
    answer = page.call("GET", f"{address}.bin")
    # Steps of 4 Gy / 65535.
    steps = np.frombuffer(answer.data, "<u2").tolist()
    assert steps == [0, 0, 0, 0, 16384, 32768, 49151, 65535]
    assert "immutable" in answer.headers["Cache-Control"]
    assert page.call("GET", f"{address}.json").json["gy_per_step"] == pytest.approx(4 / 65535)
    for path in (f"{address}.bin", f"{address}.json", f"/api/v1/series/{page.series_id}/doses"):
        assert stranger.call("GET", path).status_code == 404, path


def test_dose_and_volume_of_a_segment(page: Page, dosed: Reader, stranger: Page) -> None:
    made = page.sent()
    (dose,) = page.api("GET", f"series/{page.series_id}/doses").json["doses"]
    path = f"series/{page.series_id}/doses/{dose['instance_id']}/dvh"
    found = page.api("GET", f"{path}?segmentation={made['id']}").json
    one, two = found["segments"]
    # The four centres lie at a quarter and half along x, at half and one along y: 2.25, 2.5, 3.25, 3.5 Gy.
    assert one["dvh"]["mean"] == pytest.approx(2.875)
    assert (one["dvh"]["min"], one["dvh"]["max"]) == (pytest.approx(2.25), pytest.approx(3.5))
    assert one["dvh"]["covered_ml"] == pytest.approx(0.012)
    assert one["dvh"]["cumulative"][0] == 1
    assert two["dvh"] is None  # slice 2 lies beyond the dose
    assert found["unit"] == "Gy"
    only = page.api("GET", f"{path}?segmentation={made['id']}&segments=2").json["segments"]
    assert [segment["number"] for segment in only] == [2]
    assert page.api("GET", f"{path}?segmentation={made['id']}&segments=9").status_code == 400
    assert page.api("GET", path).status_code == 404
    assert stranger.api("GET", f"{path}?segmentation={made['id']}").status_code == 404


def test_histograms_are_bounded(page: Page, dosed: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    made = page.sent()
    (dose,) = page.api("GET", f"series/{page.series_id}/doses").json["doses"]
    path = f"series/{page.series_id}/doses/{dose['instance_id']}/dvh?segmentation={made['id']}"
    monkeypatch.setattr(histograms, "_turns", Turns(1, waiting=0, patience=0))
    with histograms._turns.turn():
        busy = page.api("GET", path)
    assert (busy.status_code, busy.json["error"]["code"]) == (503, "busy")
    monkeypatch.setattr(histograms, "MOST_VOXELS", 4)  # five in both, one in the second
    refused = page.api("GET", path)
    assert (refused.status_code, refused.json["error"]["code"]) == (413, "limit_exceeded")
    assert page.api("GET", f"{path}&segments=2").status_code == 200


def test_a_large_dose_is_not_held_as_a_whole(tmp_path: Path) -> None:
    np.save(tmp_path / "dose.npy", np.full((64, 256, 256), 3, np.float32))  # 16 MB
    values = np.load(tmp_path / "dose.npy", mmap_mode="r")
    tracemalloc.start()
    try:
        size = sum(len(piece) for piece in steps_in_pieces(values, 6.0))
        assert tracemalloc.get_traced_memory()[1] < 16_000_000
    finally:
        tracemalloc.stop()
    assert size == 2 * values.size
    joined = b"".join(steps_in_pieces(values[:3], 6.0))
    assert set(np.frombuffer(joined, "<u2").tolist()) == {32768}


def test_slow_files_are_read_one_a_request(
    page: Page, volume: Reader, people: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    doses = {f"dose{n}": dose_grid(np.full((2, 2, 2), n + 1, np.uint16)) for n in range(3)}
    for n, dose in enumerate(doses.values()):
        dose.SOPInstanceUID = dose.file_meta.MediaStorageSOPInstanceUID = f"2.25.{77 + n}"
    take(volume, people["alice"], **doses)
    monkeypatch.setattr(references, "_READING_S", 0.0)
    assert [len(page.listed()["found"]) for _request in range(4)] == [1, 2, 3, 3]
