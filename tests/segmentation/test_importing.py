"""A file of masks becomes segments on the volume: numbers worked out by hand from the counting phantom."""

import numpy as np
import pytest

from app.archive import masks
from app.imaging.segments import BoxMask
from app.models import AuditEntry, Segmentation, db
from tests.segmentation.conftest import ORIGIN, SPACING, TWO, Page, nrrd_bytes
from tests.viewer.conftest import Reader


def test_a_file_on_the_volumes_grid_is_taken_voxel_by_voxel(page: Page) -> None:
    made = page.sent(name="Own/liver & co.seg.nrrd")
    assert (made["kind"], made["placement"], made["name"], made["part"]) == ("nrrd", "exact", "liver & co", 0)
    assert (made["revision"], made["mask_revision"], made["stale"], made["warnings"]) == (1, 1, False, [])
    one, two = made["segments"]
    assert one["box"] == [[1, 1, 1], [3, 3, 2]]
    assert (one["number"], one["voxels"], one["layer"], one["value"]) == (1, 4, 0, 1)
    assert one["volume_ml"] == pytest.approx(0.012)  # 4 × 0.5 × 2 × 3 mm³
    # 100·1 + 10·row + column − 1024 of rows and columns 1 and 2.
    assert (one["mean"], one["min"], one["max"]) == (-907.5, -913, -902)
    assert one["std"] == pytest.approx(np.sqrt(25.25))  # 4.5, 5.5 off the mean, twice each
    assert one["unit"] == "HU"
    assert one["centroid_lps"] == [10.75, -17, 33]
    assert (two["voxels"], two["mean"], two["std"], two["value"]) == (1, -820, 0, 2)
    assert made["layers"] == [
        {
            "index": 0,
            "box": [[1, 0, 1], [5, 3, 3]],
            "segments": [1, 2],
            "bytes": 24,
            "url": f"/segmentations/{made['id']}/layers/0?rev=1",
        }
    ]
    assert made["statistics"] == "ready"


def test_segments_without_a_colour_get_ones_that_everybody_tells_apart(page: Page) -> None:
    assert [one["color"] for one in page.sent()["segments"]] == ["#e69f00", "#56b4e9"]


def test_masks_are_kept_as_bits_of_their_boxes(page: Page, volume: Reader) -> None:
    made = page.sent()
    with volume.app.app_context():
        row = db.session.get(Segmentation, made["id"])
        store = volume.app.extensions["store"]
        paths = sorted(store.segmentation_folder(volume.series_id, made["id"]).iterdir())
        assert [path.name for path in paths] == ["1-1.mask", "2-1.mask"]
        stored = BoxMask.from_bytes(paths[1].read_bytes())
        assert (stored.origin_ijk, stored.voxels.shape) == ((4, 0, 2), (1, 1, 1))
        assert row.size == sum(path.stat().st_size for path in paths)
        labels = masks.layer_of(row, store, 0).labels
        assert labels.tolist() == TWO.transpose(2, 1, 0)[1:3, 0:3, 1:5].tolist()
        assert list(store.incoming.iterdir()) == []


def test_the_list_holds_what_was_taken(page: Page) -> None:
    made = page.sent()
    assert page.listed() == {"segmentations": [made], "found": []}
    assert page.listed("?part=0")["segmentations"] == [made]
    answer = page.api("GET", f"segmentations/{made['id']}")
    assert answer.json == made
    again = page.api("GET", f"segmentations/{made['id']}", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_another_grid_is_resampled_and_says_so(page: Page) -> None:
    # Half voxels along i: each of the volume's takes the one at its centre.
    fine = np.repeat(TWO, 2, axis=0)
    directions = np.diag((SPACING[0] / 2, *SPACING[1:]))
    origin = np.array((ORIGIN[0] - SPACING[0] / 4, *ORIGIN[1:]))
    made = page.sent(nrrd_bytes(fine, **{"space directions": directions, "space origin": origin}))
    assert made["placement"] == "resampled"
    assert [one["voxels"] for one in made["segments"]] == [4, 1]
    assert any("Resampled" in warning for warning in made["warnings"])


def test_masks_beside_the_volume_are_refused(page: Page) -> None:
    answer = page.send(nrrd_bytes(**{"space origin": np.array((500.0, 0, 0))}))
    assert (answer.status_code, answer.json["error"]["code"]) == (422, "no_overlap")
    assert page.listed()["segmentations"] == []


def test_a_file_without_a_place_is_asked_about(page: Page) -> None:
    import tempfile
    from pathlib import Path

    import nrrd

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bare.nrrd"
        nrrd.write(str(path), TWO)
        bare = path.read_bytes()
    answer = page.send(bare)
    assert (answer.status_code, answer.json["error"]["code"]) == (422, "unknown_place")
    made = page.sent(bare, query="?assume=same-place")
    assert [one["voxels"] for one in made["segments"]] == [4, 1]
    assert page.send(bare, query="?assume=anything").status_code == 400


BAD_FILES = [
    (b"", 422),
    (b"no image at all" * 40, 422),
    (nrrd_bytes()[:-3], 422),
    (nrrd_bytes().replace(b"sizes: 5 4 3", b"sizes: 90000 90000 9000"), 413),
    (nrrd_bytes(np.zeros((5, 4, 3), np.uint8)), 422),
]


def test_bad_files_are_refused_and_leave_nothing(page: Page, volume: Reader) -> None:
    for content, status in BAD_FILES:
        answer = page.send(content)
        assert answer.status_code == status, answer.text
        assert answer.json["error"]["message"]
    store = volume.app.extensions["store"]
    assert list(store.incoming.iterdir()) == []
    assert store.segmentations(volume.series_id) == []
    assert page.listed()["segmentations"] == []


def test_what_is_no_image_at_all_is_told_which_files_will_do(page: Page) -> None:
    error = page.send(b"a letter\n" * 40).json["error"]
    assert error["code"] == "not_dicom"
    assert "Choose a DICOM SEG, an RTSTRUCT, or masks as NRRD or NIfTI." in error["message"]


def test_requests_that_bring_no_file_are_told_so(page: Page) -> None:
    address = f"series/{page.series_id}/segmentations"
    for more in ({"data": b"x"}, {"data": {"other": "1"}}, {"json": [1]}, {"json": {}}):
        answer = page.api("POST", address, **more)
        assert answer.status_code == 400, (more, answer.text)


def test_a_stack_takes_no_masks(app, stack: Reader) -> None:  # type: ignore[no-untyped-def]
    from tests.segmentation.conftest import page_of

    answer = page_of(app, "alice", stack.series_id).send(nrrd_bytes())
    assert (answer.status_code, answer.json["error"]["code"]) == (422, "not_a_volume")


def test_names_are_text_whatever_stands_in_them(page: Page) -> None:
    made = page.sent(name="<img src=x onerror=alert(1)>\u202e.nrrd")
    assert "<img src=x onerror=alert(1)>" in made["name"]
    assert "\u202e" not in made["name"]


def test_what_is_taken_and_removed_is_in_the_trail(page: Page, volume: Reader) -> None:
    made = page.sent()
    assert page.api("DELETE", f"segmentations/{made['id']}").status_code == 204
    with volume.app.app_context():
        entries = db.session.scalars(
            db.select(AuditEntry).where(AuditEntry.object_kind == "segmentation").order_by(AuditEntry.id)
        ).all()
        assert [entry.action for entry in entries] == ["create_segmentation", "delete_segmentation"]
        assert entries[0].detail == {"series": volume.series_id, "kind": "nrrd", "segments": 2}
        assert entries[0].object_id == made["id"]


def test_an_empty_one_is_made_to_draw_in(page: Page) -> None:
    answer = page.api("POST", f"series/{page.series_id}/segmentations", json={"name": "Liver"})
    assert answer.status_code == 201, answer.text
    made = answer.json
    assert (made["kind"], made["name"], len(made["segments"])) == ("drawn", "Liver", 1)
    assert (made["segments"][0]["voxels"], made["segments"][0]["mean"]) == (0, None)
