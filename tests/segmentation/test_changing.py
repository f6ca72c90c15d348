"""Names, colours and codes; two windows; deletion; who may."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask import Flask

from app.archive import removal, sweeping
from app.archive.room import storage_used
from app.archive.segmentremoval import layers_of
from app.models import Segmentation, SegmentRow, Series, Study, User, db
from tests.conftest import make_user
from tests.segmentation.conftest import Page, mask_ijk, nrrd_bytes, page_of
from tests.viewer.conftest import Reader

LIVER = {"value": "10200004", "scheme": "SCT", "meaning": "Liver"}


def patch(page: Page, made: dict[str, Any], body: Any, revision: int | None = None) -> Any:
    headers = {} if revision is None else {"If-Match": f'"{revision}"'}
    return page.api("PATCH", f"segmentations/{made['id']}", json=body, headers=headers)


def test_names_colours_and_codes_are_changed_by_number(page: Page) -> None:
    made = page.sent()
    body = {"name": "Trunk", "segments": [{"number": 2, "name": "Liver", "color": "#00FF7f", "code": LIVER}]}
    answer = patch(page, made, body, made["revision"])
    assert answer.status_code == 200, answer.text
    changed = answer.json
    assert (changed["name"], changed["revision"], changed["mask_revision"]) == ("Trunk", 2, 1)
    assert changed["segments"][0] == made["segments"][0]
    second = changed["segments"][1]
    assert (second["name"], second["color"], second["code"]) == ("Liver", "#00ff7f", LIVER)
    # Nothing was drawn: the voxels in the browser's cache stay good.
    assert changed["layers"] == made["layers"]
    assert patch(page, made, {"segments": [{"number": 2, "code": None}]}).json["segments"][1]["code"] is None


def test_a_stale_change_is_refused_with_todays_revision(page: Page) -> None:
    made = page.sent()
    assert patch(page, made, {"name": "A"}, 1).status_code == 200
    late = patch(page, made, {"name": "B"}, 1)
    assert late.status_code == 409
    assert (late.json["error"]["code"], late.json["revision"]) == ("stale", 2)
    stale = page.api("DELETE", f"segmentations/{made['id']}", headers={"If-Match": "1"})
    assert (stale.status_code, page.listed()["segmentations"][0]["name"]) == (409, "A")
    assert page.api("DELETE", f"segmentations/{made['id']}", headers={"If-Match": "2"}).status_code == 204


MEANT_BY_NOBODY: list[tuple[Any, str]] = [
    ([], "body"),
    ({"name": ""}, "name"),
    ({"name": "x" * 129}, "name"),
    ({"name": 7}, "name"),
    ({"segments": {}}, "segments"),
    ({"segments": [3]}, "segments"),
    ({"segments": [{"number": True}]}, "number"),
    ({"segments": [{"number": 9, "name": "x"}]}, "number"),
    ({"segments": [{"number": 1, "color": "red"}]}, "color"),
    ({"segments": [{"number": 1, "color": "#12345"}]}, "color"),
    ({"segments": [{"number": 1, "code": {"value": "1"}}]}, "code"),
    ({"segments": [{"number": 1, "code": {**LIVER, "meaning": 4}}]}, "meaning"),
]


def test_what_cannot_be_meant_is_named(page: Page) -> None:
    made = page.sent()
    for body, field in MEANT_BY_NOBODY:
        answer = patch(page, made, body)
        assert (answer.status_code, answer.json["error"]["field"]) == (400, field), answer.text
    wrong = page.api("PATCH", f"segmentations/{made['id']}", json={"name": "A"}, headers={"If-Match": "x"})
    assert (wrong.status_code, wrong.json["error"]["field"]) == (400, "If-Match")
    assert page.listed()["segmentations"] == [made]


def folder_of(reader: Reader, made: dict[str, Any]) -> Path:
    found: Path = reader.app.extensions["store"].segmentation_folder(reader.series_id, made["id"])
    return found


def test_deleting_removes_rows_and_files(page: Page, volume: Reader) -> None:
    made, other = page.sent(), page.sent()
    assert page.api("DELETE", f"segmentations/{made['id']}").status_code == 204
    assert not folder_of(volume, made).exists()
    assert folder_of(volume, other).exists()
    assert page.listed()["segmentations"] == [other]
    gone = page.api("GET", f"segmentations/{made['id']}")
    assert (gone.status_code, gone.json["error"]["code"]) == (410, "gone")


def test_one_segment_goes_with_its_files_and_the_others_stay(page: Page, volume: Reader) -> None:
    three = mask_ijk(((1, 1, 1), (3, 3, 2)), ((4, 0, 2), (5, 1, 3)), ((0, 3, 0), (2, 4, 1)))
    made = page.sent(nrrd_bytes(three))
    path, folder = f"segmentations/{made['id']}/segments", folder_of(volume, made)
    (folder / "1-1-grid-fine.mesh").write_bytes(b"made of the mask")
    late = page.api("DELETE", f"{path}/1", headers={"If-Match": "7"})
    assert (late.status_code, late.json["revision"]) == (409, 1)
    assert page.api("DELETE", f"{path}/9").status_code == 404
    left = page.api("DELETE", f"{path}/1", headers={"If-Match": "1"}).json
    assert sorted(one.name for one in folder.iterdir()) == ["2-1.mask", "3-1.mask"]
    assert (left["revision"], left["mask_revision"], left["statistics"]) == (2, 2, "ready")
    assert left["size"] < made["size"]
    assert [(one["number"], one["value"], one["voxels"], one["mean"]) for one in left["segments"]] == [
        (number, number - 1, voxels, made["segments"][number - 1]["mean"])
        for number, voxels in ((2, 1), (3, 2))
    ]
    (layer,) = left["layers"]
    assert (layer["box"], layer["segments"], layer["bytes"]) == ([[0, 0, 0], [5, 4, 3]], [2, 3], 60)
    labels = np.frombuffer(page.call("GET", layer["url"]).data, np.uint8).reshape(3, 4, 5)
    assert sorted(map(tuple, np.argwhere(labels == 1))) == [(2, 0, 4)]
    assert sorted(map(tuple, np.argwhere(labels == 2))) == [(0, 3, 0), (0, 3, 1)]
    # The next one makes the box smaller; with the last one all is gone.
    (layer,) = page.api("DELETE", f"{path}/2").json["layers"]
    assert (layer["box"], layer["segments"], layer["bytes"]) == ([[0, 3, 0], [2, 4, 1]], [3], 2)
    assert page.call("GET", layer["url"]).data == b"\1\1"
    assert page.api("DELETE", f"{path}/3").status_code == 204
    assert not folder.exists()
    assert page.api("GET", f"segmentations/{made['id']}").status_code == 410
    assert page.api("DELETE", f"{path}/3").status_code == 410


def test_a_layer_that_nobody_needs_goes_with_its_segment() -> None:
    rows = [
        SegmentRow(number=1, box=[[0, 0, 0], [4, 4, 2]], voxels=9),
        SegmentRow(number=3, box=[[1, 1, 1], [2, 3, 3]], voxels=4),
        SegmentRow(number=4, box=[[0, 0, 0], [0, 0, 0]], voxels=0),
    ]
    plan = [
        {"index": 0, "box": [[0, 0, 0], [4, 4, 2]], "segments": [2], "bytes": 32},
        {"index": 1, "box": [[0, 0, 0], [4, 4, 3]], "segments": [3, 2, 4], "bytes": 48},
        {"index": 2, "box": [[0, 0, 0], [4, 4, 2]], "segments": [1], "bytes": 32},
    ]
    assert layers_of(plan, rows) == [
        {"index": 0, "box": [[1, 1, 1], [2, 3, 3]], "segments": [3, 4], "bytes": 4},
        {"index": 1, "box": [[0, 0, 0], [4, 4, 2]], "segments": [1], "bytes": 32},
    ]


def test_they_go_with_their_series(page: Page, volume: Reader) -> None:
    made = page.sent()
    assert page.api("DELETE", f"series/{volume.series_id}").status_code == 204
    assert not folder_of(volume, made).exists()
    with volume.app.app_context():
        assert db.session.query(Segmentation).count() == 0


def test_strangers_find_nothing(page: Page, stranger: Page) -> None:
    made = page.sent()
    for method, path in (
        ("GET", f"segmentations/{made['id']}"),
        ("PATCH", f"segmentations/{made['id']}"),
        ("DELETE", f"segmentations/{made['id']}"),
        ("DELETE", f"segmentations/{made['id']}/segments/1"),
        ("GET", f"segmentations/{made['id']}/statistics.csv"),
        ("GET", f"series/{page.series_id}/segmentations"),
    ):
        assert stranger.api(method, path, json={"name": "x"}).status_code == 404, (method, path)
    assert stranger.send(nrrd_bytes()).status_code == 404
    assert stranger.call("GET", made["layers"][0]["url"]).status_code == 404
    assert page.listed()["segmentations"] == [made]


@pytest.fixture
def demo(app: Flask, volume: Reader) -> Reader:
    """The volume as the demo study: everybody reads it, nobody changes it."""
    owner = make_user(app, "system-of-demo")
    with app.app_context():
        series = db.session.get(Series, volume.series_id)
        series.owner_id = series.study.owner_id = owner
        db.session.get(Study, series.study_row_id).is_demo = True
        db.session.commit()
    return volume


def test_on_the_demo_each_reader_has_his_own(app: Flask, demo: Reader) -> None:
    alice, charlie = (page_of(app, name, demo.series_id) for name in ("alice", "charlie"))
    made = alice.sent()
    assert charlie.listed()["segmentations"] == []
    assert charlie.api("GET", f"segmentations/{made['id']}").status_code == 404
    assert alice.listed()["segmentations"] == [made]
    assert patch(alice, made, {"name": "Mine"}).status_code == 200


def test_an_account_takes_its_masks_on_others_series_along(app: Flask, demo: Reader, people: Any) -> None:
    made = page_of(app, "charlie", demo.series_id).sent()
    with app.app_context():
        removal.remove_account(db.session.get(User, people["charlie"]), app.extensions["store"])
        assert db.session.query(Segmentation).count() == 0
    assert not folder_of(demo, made).exists()


def test_masks_count_in_the_storage_of_who_made_them(page: Page, volume: Reader, people: Any) -> None:
    with volume.app.app_context():
        before = storage_used(people["alice"])
    made = page.sent()
    with volume.app.app_context():
        assert storage_used(people["alice"]) == before + made["size"]
    volume.app.config["STORAGE_QUOTA"] = before + made["size"] + 10
    refused = page.send(nrrd_bytes())
    assert (refused.status_code, refused.json["error"]["code"]) == (413, "quota_exceeded")
    assert page.listed()["segmentations"] == [made]
    assert volume.app.extensions["store"].segmentations(volume.series_id) == [made["id"]]


def test_masks_without_a_row_are_swept_when_they_are_old(page: Page, volume: Reader) -> None:
    import os

    made = page.sent()
    store = volume.app.extensions["store"]
    for name, age in (("old", 7 * 3600), ("new", 0)):
        folder = store.segmentation_folder(volume.series_id, name)
        folder.mkdir()
        stamp = folder.stat().st_mtime - age
        os.utime(folder, (stamp, stamp))
    with volume.app.app_context():
        sweeping.sweep(store)
    assert sorted(store.segmentations(volume.series_id)) == sorted([made["id"], "new"])


def test_what_a_killed_process_left_half_made_is_swept(page: Page, volume: Reader) -> None:
    import os

    made = page.sent()
    store = volume.app.extensions["store"]
    scenes = store.series_folder(volume.series_id) / "scenes"
    scenes.mkdir()
    names = (folder_of(volume, made) / ".1-1-mesh.gz.7-8-9.part", scenes / ".1-scene.json.gz.7-8-9.part")
    for path in names:
        path.write_bytes(b"half")
        stamp = path.stat().st_mtime - 7 * 3600
        os.utime(path, (stamp, stamp))
    fresh = folder_of(volume, made) / ".2-1-mesh.gz.7-8-9.part"
    fresh.write_bytes(b"half")
    with volume.app.app_context():
        sweeping.sweep(store)
    assert [path.exists() for path in (*names, fresh)] == [False, False, True]
    assert page.call("GET", made["layers"][0]["url"]).status_code == 200
