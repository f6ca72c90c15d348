"""A series that gains images: its masks follow the new grid, or say that they cannot."""

from typing import Any

import numpy as np

from app.models import Segmentation, db
from app.worker import run_queued
from tests.archive.conftest import Archive
from tests.imaging.phantoms import ct_slice
from tests.segmentation.conftest import Page
from tests.studies.uploading import dicom_bytes
from tests.viewer.conftest import Reader


def add(volume: Reader, owner_id: str, *slices: Any) -> None:
    with volume.app.app_context():
        archive = Archive(owner_id, volume.app.extensions["store"], volume.app.config)
        files = {f"{n}.dcm": dicom_bytes(dataset) for n, dataset in enumerate(slices)}
        assert archive.take(files).accepted == len(slices)


def test_masks_stay_at_their_place_when_slices_are_added(page: Page, volume: Reader, people: Any) -> None:
    """A slice below: what was slice 1 is slice 2 now, and the mask with it."""
    made = page.sent()
    below = ct_slice(0, position=(10, -20, 27), SOPInstanceUID="1.2.3.77", InstanceNumber=9)
    add(volume, people["alice"], below)
    run_queued(volume.app)
    (moved,) = page.listed()["segmentations"]
    assert (moved["stale"], moved["placement"]) == (False, "exact")
    assert (moved["revision"], moved["mask_revision"]) == (2, 2)
    assert moved["segments"][0]["box"] == [[1, 1, 2], [3, 3, 3]]
    assert (moved["statistics"], moved["segments"][0]["mean"]) == ("ready", -907.5)  # counted again
    assert moved["layers"][0]["url"].endswith("rev=2")
    store = volume.app.extensions["store"]
    folder = store.segmentation_folder(volume.series_id, made["id"])
    assert sorted(path.name for path in folder.iterdir()) == ["1-2.mask", "2-2.mask"]


def test_masks_that_cannot_follow_are_kept_and_say_so(page: Page, volume: Reader) -> None:
    made = page.sent()
    with volume.app.app_context():
        row = db.session.get(Segmentation, made["id"])
        affine = np.array(row.grid["affine"])
        affine[:3, 3] += 500
        row.grid = {**row.grid, "affine": affine.tolist()}
        db.session.commit()
    (stale,) = page.listed()["segmentations"]
    assert (stale["stale"], stale["layers"]) == (True, [])
    assert page.call("GET", made["layers"][0]["url"]).status_code == 409
    assert page.api("DELETE", f"segmentations/{made['id']}").status_code == 204


def test_a_table_has_a_row_a_segment_and_no_formula(page: Page) -> None:
    made = page.sent()
    body = {"segments": [{"number": 2, "name": "=1+1"}]}
    assert page.api("PATCH", f"segmentations/{made['id']}", json=body).status_code == 200
    answer = page.api("GET", f"segmentations/{made['id']}/statistics.csv")
    lines = answer.data.decode("utf-8-sig").split("\r\n")
    assert lines[0].startswith('"segmentation_id","segmentation","number","name"')
    assert f'"{made["id"]}","labels","1","","#e69f00","","","","4","0.012"' in lines[1]
    assert '"2","\'=1+1"' in lines[2]
    assert len(lines) == 4
    assert answer.headers["Content-Disposition"] == 'attachment; filename="triplano-segments.csv"'
