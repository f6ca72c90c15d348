"""Scenes through the API and their jobs: what is made, kept, refused, and who may see it."""

import gzip
import json
import os
from typing import Any

import numpy as np
import pytest
from flask import Flask

from app.archive import scenery
from app.archive.scenery import SceneWorker
from app.models import Job, db
from app.worker import run_queued
from tests.conftest import csrf_of, sign_in
from tests.imaging.phantoms import ct_slice
from tests.viewer.conftest import ENGLISH, Reader, reader_of

pytestmark = pytest.mark.usefixtures("one_worker")


@pytest.fixture
def cube(app: Flask, people: dict[str, Any]) -> Reader:
    """12 × 10 × 8 voxels of 2 × 2 × 3 mm from (10, −20, 30) on; a block of 400 HU in air, off the middle."""
    slices = []
    for k in range(8):
        pixels = np.full((10, 12), 24, np.int16)  # −1000 HU
        if 2 <= k < 6:
            pixels[3:7, 4:9] = 1424
        slices.append(ct_slice(k, pixels=pixels, spacing=(2.0, 2.0)))
    return reader_of(app, people["alice"], slices)


def post(reader: Reader, path: str = "scenes", query: str = "", **body: Any) -> Any:
    headers = {"X-CSRFToken": csrf_of(reader.client, "/account"), **ENGLISH}
    return reader.client.post(f"/series/{reader.series_id}/{path}{query}", json=body, headers=headers)


def made(reader: Reader, **body: Any) -> Any:
    """The document of a finished scene."""
    answer = post(reader, **body)
    assert answer.status_code == 202, answer.text
    run_queued(reader.app)
    job = reader.client.get(f"/api/v1/jobs/{answer.json['job']}", headers=ENGLISH).json
    assert job["state"] == "done", job
    found = reader.client.get(answer.json["url"], headers={"Accept-Encoding": "gzip"})
    assert (found.status_code, found.headers["Content-Encoding"]) == (200, "gzip")
    return json.loads(gzip.decompress(found.data))


def plot_of(document: Any) -> Any:
    """The attributes of the document's one root."""
    (root,) = document["doc"]["roots"]
    assert root["name"] == "panel.models.vtk.VTKSynchronizedPlot"
    return root["attributes"]


def plain(value: Any) -> Any:
    """Bokeh's own JSON of maps as dicts."""
    if isinstance(value, dict) and value.get("type") == "map":
        return {key: plain(one) for key, one in value["entries"]}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return value


def instances(scene: Any, kind: str) -> list[Any]:
    """All things of a class in a scene."""
    scene = plain(scene)
    found = [scene] if scene.get("type") == kind else []
    for one in scene.get("dependencies", []):
        found += instances(one, kind)
    return found


def test_a_surface_lies_where_its_voxels_lie(cube: Reader) -> None:
    plot = plot_of(made(cube, surfaces=[{"level": 175, "color": "#ff8000", "opacity": 0.25}]))
    (data,) = instances(plot["scene"], "vtkPolyData")
    ranges = data["properties"]["points"]["ranges"]
    # Voxels 4…8 of 2 mm from x = 10 on: their centres reach from 18 to 26, the surface lies between them and
    # their neighbours, (175 + 1000) / 1400 = 0.84 of the way to the block: 0.32 mm before it.
    assert [ranges[0]["min"], ranges[0]["max"]] == pytest.approx([17.68, 26.32], abs=0.01)
    assert [ranges[1]["min"], ranges[1]["max"]] == pytest.approx([-14.32, -7.68], abs=0.01)
    assert [ranges[2]["min"], ranges[2]["max"]] == pytest.approx([35.52, 45.48], abs=0.01)
    (looks,) = instances(plot["scene"], "vtkOpenGLProperty")
    assert looks["properties"]["diffuseColor"] == pytest.approx([1, 128 / 255, 0])
    assert looks["properties"]["opacity"] == 0.25


def test_each_array_of_a_scene_is_in_it(cube: Reader) -> None:
    plot = plot_of(made(cube))
    arrays = plain(plot["arrays"])
    assert len(arrays) == 6  # points, normals, triangles of two surfaces
    assert plot["orientation_widget"] is False if "orientation_widget" in plot else True


def test_a_surface_of_nothing_keeps_its_place(cube: Reader) -> None:
    plot = plot_of(made(cube, surfaces=[{"level": 3000}, {"level": 175}]))
    first, second = instances(plot["scene"], "vtkPolyData")
    assert first["properties"]["polys"]["size"] == 4
    assert second["properties"]["polys"]["size"] > 4


@pytest.mark.parametrize(("mode", "blend", "first"), [("mip", 1, 0.0), ("mip_inverted", 1, 1.0)])
def test_projections_hold_the_values_as_bytes(cube: Reader, mode: str, blend: int, first: float) -> None:
    plot = plot_of(made(cube, mode=mode, window={"center": -300, "width": 1400}))
    (mapper,) = instances(plot["scene"], "vtkSmartVolumeMapper")
    assert mapper["properties"]["blendMode"] == blend
    (image,) = instances(plot["scene"], "vtkImageData")
    assert image["properties"]["dimensions"] == [12, 10, 8]
    assert image["properties"]["origin"] == pytest.approx([10, -20, 30])
    assert image["properties"]["spacing"] == pytest.approx([2, 2, 3])
    # Bytes reach a quarter of the window beyond it: −1350 to 750. −1000 is 42.5, 400 is 212.5.
    (values,) = image["arrays"]
    assert (values["dataType"], values["ranges"][0]["min"], values["ranges"][0]["max"]) == (
        "Uint8Array",
        42,
        212,
    )
    (looks,) = instances(plot["scene"], "vtkVolumeProperty")
    assert ["setUseGradientOpacity", [0, 0]] in plain(looks["calls"])
    (colors,) = instances(plot["scene"], "vtkColorTransferFunction")
    assert colors["properties"]["nodes"][0][1] == first


def test_a_composite_has_the_curves_of_its_preset(cube: Reader) -> None:
    plot = plot_of(made(cube, mode="composite", preset="ct-bone"))
    (opacity,) = instances(plot["scene"], "vtkPiecewiseFunction")
    # 150 … 1500 HU on 0 … 255: 300 HU is 28.3.
    assert opacity["properties"]["nodes"][0][:2] == [0, 0]
    assert opacity["properties"]["nodes"][1][:2] == pytest.approx([28.33, 0.2], abs=0.01)
    assert instances(plot["scene"], "vtkVolumeProperty")[0]["properties"]["shade"] == 1


def test_a_scene_is_made_once(cube: Reader) -> None:
    first, second = post(cube, mode="mip"), post(cube, mode="mip")
    assert first.json == second.json
    run_queued(cube.app)
    third = post(cube, mode="mip")
    assert third.status_code == 200
    assert third.json["url"] == first.json["url"]
    answer = cube.client.get(third.json["url"], headers={"Accept-Encoding": "gzip"})
    assert third.json["bytes"] == len(answer.data)
    assert "private" in answer.headers["Cache-Control"]
    assert "immutable" in answer.headers["Cache-Control"]
    again = cube.client.get(
        third.json["url"], headers={"If-None-Match": answer.headers["ETag"], "Accept-Encoding": "gzip"}
    )
    assert again.status_code == 304
    plain_answer = cube.client.get(third.json["url"], headers={"Accept-Encoding": "identity"})
    assert plain_answer.data == gzip.decompress(answer.data)
    assert post(cube, mode="mip", detail="fine").status_code == 202


def test_strangers_and_nobody_find_no_scene(cube: Reader) -> None:
    url = post(cube, mode="mip").json["url"]
    run_queued(cube.app)
    charlie = Reader(cube.app, sign_in(cube.app, "charlie"), cube.series_id)
    assert charlie.client.get(url).status_code == 404
    assert post(charlie, mode="mip").status_code == 404
    assert cube.app.test_client().get(url).status_code == 401


@pytest.mark.parametrize("key", ["0" * 32, "x" * 32, "0" * 31, "..%2f..%2fsecret_key"])
def test_a_key_that_names_nothing(cube: Reader, key: str) -> None:
    assert cube.get(f"scenes/{key}.json").status_code == 404


def test_scenes_of_earlier_images_are_not_found(cube: Reader) -> None:
    answer = post(cube, mode="mip")
    run_queued(cube.app)
    cube.change(revision=99)
    assert cube.client.get(answer.json["url"]).status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"mode": "hologram"}, "mode"),
        ({"detail": "finest"}, "detail"),
        ({"surfaces": []}, "surfaces"),
        ({"surfaces": [{"level": 1}] * 5}, "surfaces"),
        ({"surfaces": [7]}, "surfaces"),
        ({"surfaces": [{"level": "bone"}]}, "level"),
        ({"surfaces": [{"level": True}]}, "level"),
        ({"surfaces": [{"level": 1e9}]}, "level"),
        ({"surfaces": [{"level": 1, "opacity": 1.5}]}, "opacity"),
        ({"surfaces": [{"level": 1, "color": "red; x"}]}, "color"),
        ({"surfaces": [{"level": 1, "color": ["#ffffff"]}]}, "color"),
        ({"surfaces": [{"level": 1, "largest": "yes"}]}, "largest"),
        ({"surfaces": [{"level": 1, "largest": []}]}, "largest"),
        ({"mode": ["mip"]}, "mode"),
        ({"mode": "composite", "preset": "ct-everything"}, "preset"),
        ({"mode": "mip", "window": {"center": 0}}, "width"),
        ({"mode": "mip", "window": {"center": 0, "width": 0}}, "width"),
        ({"mode": "mip", "colormap": "rainbow"}, "colormap"),
    ],
)
def test_scenes_without_sense_are_named(cube: Reader, body: dict[str, Any], field: str) -> None:
    answer = post(cube, **body)
    assert (answer.status_code, answer.json["error"].get("field")) == (400, field)
    with cube.app.app_context():
        assert db.session.query(Job).filter_by(kind="scene").count() == 0


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "1e999", "1" + "0" * 400])
def test_numbers_that_json_does_not_know(cube: Reader, text: str) -> None:
    headers = {"X-CSRFToken": csrf_of(cube.client, "/account"), "Content-Type": "application/json"}
    body = f'{{"surfaces": [{{"level": {text}}}]}}'
    url = f"/series/{cube.series_id}/scenes"
    assert cube.client.post(url, data=body, headers=headers).status_code == 400


def test_a_stack_has_no_scene(cube: Reader) -> None:
    assert post(cube, query="?as=stack").status_code == 409


def test_one_account_does_not_fill_the_queue(cube: Reader) -> None:
    codes = [post(cube, surfaces=[{"level": level}]).status_code for level in range(7)]
    assert codes == [202] * 6 + [409]


def test_a_child_that_ends_fails_its_job_with_words(cube: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    # As VTK does where its libraries are missing: the process ends while it draws.
    dying = SceneWorker("import os, sys; sys.stdin.readline(); os.kill(os.getpid(), 11)")
    with monkeypatch.context() as patch:
        patch.setattr(scenery, "_worker", dying)
        job_id = post(cube, mode="mip").json["job"]
        run_queued(cube.app)
    job = cube.client.get(f"/api/v1/jobs/{job_id}", headers=ENGLISH).json
    assert job["state"] == "failed"
    assert "broke down" in job["error"]
    assert "libegl1" in job["error"]
    assert cube.get("slices/axial/1.png").status_code == 200
    plot_of(made(cube, mode="mip"))  # asked for again it is made


def test_a_missing_library_is_named(cube: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "libXrender.so.1: cannot open shared object file: No such file or directory"
    code = f'import sys; sys.stdin.readline(); print(\'{{"missing": "{text}"}}\', flush=True)'
    monkeypatch.setattr(scenery, "_worker", SceneWorker(code))
    job_id = post(cube, mode="mip").json["job"]
    run_queued(cube.app)
    job = cube.client.get(f"/api/v1/jobs/{job_id}", headers=ENGLISH).json
    assert job["error"] == (
        "The server cannot make 3D scenes: libXrender.so.1 is missing. Install libxrender1 there."
    )


def test_the_child_is_killed_and_comes_back(cube: Reader, worker: SceneWorker) -> None:
    made(cube, mode="mip")
    before = worker.pid
    assert before is not None
    os.kill(before, 9)
    job_id = post(cube, mode="composite").json["job"]
    run_queued(cube.app)
    state = cube.client.get(f"/api/v1/jobs/{job_id}").json["state"]
    assert state in ("done", "failed")  # whether its end was seen before it was asked
    made(cube, mode="mip_inverted")
    assert worker.pid != before


def test_presets_follow_the_modality(cube: Reader) -> None:
    found = cube.get("scenes/presets").json
    assert [(one["name"], one["level"], one["opacity"]) for one in found["surfaces"]] == [
        ("bone", 175, 1),
        ("skin", -200, 0.5),
    ]
    assert found["default"] == {"mode": "surface", "preset": "ct-bone"}
    assert set(found["composite"]) == {"ct-bone", "ct-soft", "ct-lung", "ct-angio", "mr"}
    assert found["unit"] == "HU"


def test_the_job_names_nobody(cube: Reader) -> None:
    job_id = post(cube, mode="mip").json["job"]
    with cube.app.app_context():
        assert "Phantom" not in str(db.session.get_one(Job, job_id).arguments)
