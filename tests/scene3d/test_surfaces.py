"""Meshes of levels and segments for the screen, and surfaces as files: through the API, read back."""

import io
from typing import Any

import numpy as np
import pytest
import trimesh
from flask import Flask

from app.imaging.scenemesh import mesh_from_bytes
from app.imaging.segments import BoxMask
from app.models import Segmentation, SegmentRow, db
from app.worker import run_queued
from tests.conftest import csrf_of, sign_in
from tests.imaging.phantoms import ct_slice
from tests.scene3d.test_scenes import post
from tests.viewer.conftest import ENGLISH, Reader, reader_of

pytestmark = pytest.mark.usefixtures("one_worker")


@pytest.fixture
def cube(app: Flask, people: dict[str, Any]) -> Reader:
    """16³ voxels of 2 × 2 × 3 mm from (10, −20, 30) on; a block of 8³ at 400 HU and one of 2³, in −1000."""
    slices = []
    for k in range(16):
        pixels = np.full((16, 16), 24, np.int16)
        if 4 <= k < 12:
            pixels[4:12, 4:12] = 1424
        if k in (13, 14):
            pixels[13:15, 13:15] = 1424
        slices.append(ct_slice(k, pixels=pixels, spacing=(2.0, 2.0)))
    return reader_of(app, people["alice"], slices)


@pytest.fixture
def segmentation_id(cube: Reader, people: dict[str, Any]) -> str:
    """A segment of the block's 8³ voxels, 2 mm wide, and an empty one."""
    grid = {"shape_ijk": [16, 16, 16], "frame_of_reference_uid": ""}
    grid["affine"] = [[2, 0, 0, 10], [0, 2, 0, -20], [0, 0, 2, 30], [0, 0, 0, 1]]
    masks = {
        1: BoxMask((4, 4, 4), np.ones((8, 8, 8), np.bool_)),
        2: BoxMask.of(np.zeros((1, 1, 1), np.bool_)),
    }
    with cube.app.app_context():
        row = Segmentation(
            series_row_id=cube.series_id, part=0, user_id=people["alice"], kind="drawn", grid=grid
        )
        db.session.add(row)
        db.session.flush()
        store = cube.app.extensions["store"]
        for number, mask in masks.items():
            stored, box = mask.to_bytes(), [list(corner) for corner in mask.box_ijk]
            db.session.add(
                SegmentRow(segmentation_row_id=row.id, number=number, name="<b>", color="#ff0000", box=box,
                           voxels=mask.count, size=len(stored))
            )  # fmt: skip
            path = store.segment_mask(cube.series_id, row.id, number, 1)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(stored)
        db.session.commit()
        return row.id


def test_the_mesh_of_a_level(cube: Reader) -> None:
    answer = cube.get("surfaces/-300.mesh?detail=full", headers={"Accept-Encoding": "identity"})
    assert (answer.status_code, answer.mimetype) == (200, "application/octet-stream")
    mesh = mesh_from_bytes(answer.data)
    # Half-way between −1000 and 400: from 17 to 33 mm behind 10 mm; the small block reaches to 39.
    assert mesh.vertices_lps.min(axis=0).tolist() == pytest.approx([17, -13, 40.5], abs=1e-4)
    assert mesh.vertices_lps.max(axis=0).tolist() == pytest.approx([39, 9, 73.5], abs=1e-4)
    assert mesh.is_closed
    # 16 × 16 × 24 mm and 4 × 4 × 6 mm: bevelled edges take a little.
    assert mesh.volume_mm3 == pytest.approx(6144 + 96, rel=0.03)
    largest = cube.get("surfaces/-300.mesh?detail=full&largest=1", headers={"Accept-Encoding": "identity"})
    assert mesh_from_bytes(largest.data).vertices_lps.max(axis=0).tolist() == pytest.approx(
        [33, 3, 64.5], abs=1e-4
    )


def test_a_mesh_is_kept_and_asked_for_again(cube: Reader) -> None:
    first = cube.get("surfaces/-300.mesh?rev=1", headers={"Accept-Encoding": "gzip"})
    assert first.headers["Content-Encoding"] == "gzip"
    second = cube.get("surfaces/-300.mesh?rev=1", headers={"Accept-Encoding": "gzip"})
    assert second.data == first.data
    named = {"Accept-Encoding": "gzip", "If-None-Match": first.headers["ETag"]}
    assert cube.get("surfaces/-300.mesh", headers=named).status_code == 304


@pytest.mark.parametrize("level", ["bone", "nan", "inf", "1e9", "--5"])
def test_levels_that_are_none(cube: Reader, level: str) -> None:
    answer = cube.get(f"surfaces/{level}.mesh")
    assert (answer.status_code, answer.json["error"]["field"]) == (400, "level")


def test_nothing_reaches_the_level(cube: Reader) -> None:
    answer = cube.get("surfaces/3000.mesh", headers={"Accept-Encoding": "identity"})
    assert answer.data == b"TPM3" + bytes(12)


def test_the_mesh_of_a_segment(cube: Reader, segmentation_id: str) -> None:
    answer = cube.client.get(
        f"/segmentations/{segmentation_id}/meshes/1?detail=full&rev=1",
        headers={"Accept-Encoding": "identity"},
    )
    assert answer.status_code == 200, answer.text
    assert "immutable" in answer.headers["Cache-Control"]
    mesh = mesh_from_bytes(answer.data)
    assert mesh.is_closed
    assert mesh.vertices_lps.mean(axis=0).tolist() == pytest.approx([25, -5, 45], abs=0.1)
    assert mesh.volume_mm3 == pytest.approx(4096, rel=0.05)
    empty = cube.client.get(
        f"/segmentations/{segmentation_id}/meshes/2", headers={"Accept-Encoding": "identity"}
    )
    assert empty.data == b"TPM3" + bytes(12)


def test_only_the_masks_revision_names_a_mesh_for_ever(cube: Reader, segmentation_id: str) -> None:
    # Renamed: the next masks will have the number that the segmentation's revision has now.
    with cube.app.app_context():
        db.session.get_one(Segmentation, segmentation_id).revision = 2
        db.session.commit()
    address = f"/segmentations/{segmentation_id}/meshes/2?rev="
    assert "immutable" in cube.client.get(f"{address}1").headers["Cache-Control"]
    assert "immutable" not in cube.client.get(f"{address}2").headers["Cache-Control"]


def test_a_full_disk_takes_no_surface(cube: Reader, segmentation_id: str) -> None:
    cube.app.config["MIN_FREE_DISK"] = 1 << 62
    headers = {"X-CSRFToken": _token(cube), **ENGLISH}
    segment, series = f"/segmentations/{segmentation_id}", f"/series/{cube.series_id}"
    answers = [
        cube.client.post(f"{segment}/surfaces", json={"segment": 1, "format": "stl"}, headers=headers),
        cube.client.post(f"{series}/surfaces", json={"level": 0, "format": "stl"}, headers=headers),
        cube.client.get(f"{segment}/meshes/1", headers=ENGLISH),
        cube.client.get(f"{series}/surfaces/0.mesh", headers=ENGLISH),
    ]
    assert [answer.status_code for answer in answers] == [507] * 4


def test_segments_that_are_not_there(cube: Reader, segmentation_id: str) -> None:
    address = f"/segmentations/{segmentation_id}/meshes"
    assert cube.client.get(f"{address}/9").status_code == 404
    assert cube.client.get(f"{address}/1?rev=7").status_code == 409
    assert cube.client.get(f"{address}/1?detail=huge").status_code == 400
    charlie = sign_in(cube.app, "charlie")
    assert charlie.get(f"{address}/1").status_code == 404


@pytest.mark.parametrize("name", ["stl", "obj", "ply", "glb"])
def test_a_surface_as_a_file(cube: Reader, name: str) -> None:
    answer = post(cube, "surfaces", level=-300, format=name, detail="full", largest=True)
    loaded, download = _result(cube, answer, name)
    assert download == f"triplano-surface--300.{name}"
    assert loaded.is_watertight
    scale = 1e-9 if name == "glb" else 1  # metres
    assert loaded.volume == pytest.approx(6144 * scale, rel=0.03)


def test_a_segment_as_a_file(cube: Reader, segmentation_id: str) -> None:
    path = f"/segmentations/{segmentation_id}/surfaces"
    headers = {"X-CSRFToken": _token(cube), **ENGLISH}
    answer = cube.client.post(path, json={"segment": 1, "format": "ply", "detail": "full"}, headers=headers)
    loaded, download = _result(cube, answer, "ply")
    assert (download, loaded.is_watertight) == ("triplano-segment-1.ply", True)
    refused = cube.client.post(path, json={"segment": 0, "format": "ply"}, headers=headers)
    assert (refused.status_code, refused.json["error"]["field"]) == (400, "segment")
    assert cube.client.post(path, json={"segment": 5, "format": "ply"}, headers=headers).status_code == 404


@pytest.mark.parametrize(
    ("body", "field"), [({}, "level"), ({"level": 1, "format": "exe"}, "format"), ([], None)]
)
def test_files_without_sense_are_named(cube: Reader, body: Any, field: str | None) -> None:
    headers = {"X-CSRFToken": _token(cube), **ENGLISH}
    answer = cube.client.post(f"/series/{cube.series_id}/surfaces", json=body, headers=headers)
    assert answer.status_code == 400
    assert field is None or answer.json["error"]["field"] == field


def _token(reader: Reader) -> str:
    return csrf_of(reader.client, "/account")


def _result(reader: Reader, answer: Any, name: str) -> tuple[Any, str]:
    """The file of a finished job as trimesh reads it, and its name."""
    assert answer.status_code == 202, answer.text
    run_queued(reader.app)
    job = reader.client.get(f"/api/v1/jobs/{answer.json['job']}", headers=ENGLISH).json
    assert job["state"] == "done", job
    result = reader.client.get(f"/api/v1/jobs/{answer.json['job']}/result")
    data = result.data
    result.close()
    loaded = trimesh.load_mesh(io.BytesIO(data), file_type=name)
    loaded = loaded.to_geometry() if isinstance(loaded, trimesh.Scene) else loaded
    loaded.merge_vertices()
    return loaded, result.headers["Content-Disposition"].split("filename=")[1]
