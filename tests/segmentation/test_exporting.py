"""What leaves is read back by other libraries, on the same voxels (the writers' own tests go further)."""

import io
import zipfile
from pathlib import Path
from typing import Any

import nibabel
import nrrd
import numpy as np
import pydicom
import pytest
import trimesh

from app.archive.turns import Turns
from app.models import Segmentation, db
from app.segmentation import exporting, routes
from tests.segmentation.conftest import TWO, Page
from tests.viewer.conftest import Reader


def export(page: Page, made: dict[str, Any], query: str) -> Any:
    answer = page.api("GET", f"segmentations/{made['id']}/export?{query}")
    assert answer.status_code == 200, answer.text
    return answer


def test_a_dicom_segmentation_joins_the_study_of_its_images(page: Page) -> None:
    made = page.sent()
    answer = export(page, made, "format=seg")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="triplano-segments-seg.dcm"'
    written = pydicom.dcmread(io.BytesIO(answer.data))
    assert (written.Modality, written.PatientID) == ("SEG", "PH-1")
    assert int(written.pixel_array.sum()) == 5
    # What came from here goes in again, exactly.
    again = page.sent(answer.data, name="seg.dcm")
    assert (again["kind"], again["placement"]) == ("seg", "exact")
    assert [one["box"] for one in again["segments"]] == [one["box"] for one in made["segments"]]
    assert [one["color"] for one in again["segments"]] == [one["color"] for one in made["segments"]]


def test_a_structure_set_comes_back_with_the_same_voxels(page: Page) -> None:
    made = page.sent()
    again = page.sent(export(page, made, "format=rtstruct&segments=1").data, name="rt.dcm")
    assert again["kind"] == "rtstruct"
    assert [(one["box"], one["voxels"]) for one in again["segments"]] == [([[1, 1, 1], [3, 3, 2]], 4)]


def test_one_surface_is_a_file_and_several_are_a_zip(page: Page) -> None:
    made = page.sent()
    body = {"segments": [{"number": 1, "name": "../Hígado <1>"}]}
    assert page.api("PATCH", f"segmentations/{made['id']}", json=body).status_code == 200
    one = export(page, made, "format=stl&segments=2")
    mesh = trimesh.load_mesh(io.BytesIO(one.data), file_type="stl")
    assert mesh.is_watertight
    assert np.allclose(mesh.bounds, [[11.75, -21, 34.5], [12.25, -19, 37.5]])
    packed = zipfile.ZipFile(io.BytesIO(export(page, made, "format=stl,ply").data))
    assert sorted(packed.namelist()) == [
        "triplano-segments-1-Higado-1.ply", "triplano-segments-1-Higado-1.stl",
        "triplano-segments-2.ply", "triplano-segments-2.stl",
    ]  # fmt: skip


def test_all_surfaces_stand_in_one_glb(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    made = page.sent()
    answer = export(page, made, "format=glb")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="triplano-segments.glb"'
    assert answer.content_type == "model/gltf-binary"
    scene = trimesh.load(io.BytesIO(answer.data), file_type="glb")
    # Metres; x to the left, y to the head, z to the front (−P): both segments, x 10.25…12.25 mm.
    low, high = scene.bounds
    assert len(scene.geometry) == 2
    assert np.allclose(low, [0.01025, 0.0315, 0.015]), low
    assert np.allclose(high, [0.01225, 0.0375, 0.021]), high
    monkeypatch.setattr(exporting, "MOST_SCENE_BYTES", 100)
    refused = page.api("GET", f"segmentations/{made['id']}/export?format=glb")
    assert (refused.status_code, refused.json["error"]["code"]) == (413, "limit_exceeded")


def test_what_was_drawn_says_so_and_what_was_imported_does_not(page: Page, volume: Reader) -> None:
    made = page.sent()
    told = []
    for kind in ("nrrd", "drawn"):
        with volume.app.app_context():
            db.session.get(Segmentation, made["id"]).kind = kind
            db.session.commit()
        seg = pydicom.dcmread(io.BytesIO(export(page, made, "format=seg").data))
        rt = pydicom.dcmread(io.BytesIO(export(page, made, "format=rtstruct").data))
        told.append(
            [one.SegmentAlgorithmType for one in seg.SegmentSequence]
            + [one.ROIGenerationAlgorithm for one in rt.StructureSetROISequence]
        )
    assert told == [["SEMIAUTOMATIC"] * 4, ["MANUAL"] * 4]


def test_label_maps_hold_the_voxels_by_their_numbers(page: Page, tmp_path: Path) -> None:
    made = page.sent()
    (tmp_path / "labels.nii.gz").write_bytes(export(page, made, "format=nifti").data)
    image = nibabel.load(tmp_path / "labels.nii.gz")
    assert np.asarray(image.dataobj).tolist() == TWO.tolist()
    assert np.allclose(image.affine[:3, 3], (-10, 20, 30))  # RAS
    (tmp_path / "labels.seg.nrrd").write_bytes(export(page, made, "format=nrrd").data)
    voxels, header = nrrd.read(str(tmp_path / "labels.seg.nrrd"))
    assert voxels.tolist() == TWO.tolist()
    assert header["Segment0_Color"] == "0.901961 0.623529 0"


def test_all_formats_come_in_one_zip_and_go_in_again(page: Page) -> None:
    made = page.sent()
    packed = zipfile.ZipFile(
        io.BytesIO(export(page, made, "format=seg,rtstruct,nifti,nrrd,stl,obj,ply,glb").data)
    )
    assert len(packed.namelist()) == 12
    names = packed.read("triplano-segments-labels.txt").decode().splitlines()
    assert names[2:] == ['1 230 159 0 1 1 1 "Segment 1"', '2 86 180 233 1 1 1 "Segment 2"']
    for name in packed.namelist():
        if name.endswith((".dcm", ".nii.gz", ".nrrd")):
            again = page.sent(packed.read(name), name=name)
            found = [(one["box"], one["voxels"]) for one in again["segments"]]
            wanted = [(one["box"], one["voxels"]) for one in made["segments"]]
            assert (again["placement"], found) == ("exact", wanted), name


def test_what_cannot_be_meant_is_named(page: Page) -> None:
    made = page.sent()
    for query in ("", "format=", "format=exe", "format=stl&segments=7", "format=stl&segments=x"):
        answer = page.api("GET", f"segmentations/{made['id']}/export?{query}")
        assert (answer.status_code, answer.json["error"]["code"]) == (400, "bad_parameter"), query


def test_nothing_drawn_is_nothing_to_write(page: Page) -> None:
    made = page.api("POST", f"series/{page.series_id}/segmentations", json={"name": "Liver"}).json
    for name in ("seg", "rtstruct", "stl"):
        answer = page.api("GET", f"segmentations/{made['id']}/export?format={name}")
        assert (answer.status_code, answer.json["error"]["code"]) == (422, "not_writable")


def test_large_files_are_sent_from_the_disk_and_leave_nothing(
    page: Page, volume: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = page.sent()
    small = export(page, made, "format=stl,ply")
    monkeypatch.setattr(routes, "_SMALL", 10)
    answer = export(page, made, "format=stl,ply")
    names = zipfile.ZipFile(io.BytesIO(answer.data)).namelist()
    assert names == zipfile.ZipFile(io.BytesIO(small.data)).namelist()
    assert answer.content_length == len(answer.data)
    answer.close()
    assert list(volume.app.extensions["store"].incoming.iterdir()) == []


def test_exports_have_an_end(page: Page, volume: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    made = page.sent()
    address = f"segmentations/{made['id']}/export?format=stl,ply"
    monkeypatch.setattr(exporting, "MOST_BYTES", 1000)
    answer = page.api("GET", address)
    assert (answer.status_code, answer.json["error"]["code"]) == (413, "limit_exceeded")
    monkeypatch.setattr(exporting, "_turns", Turns(1, waiting=0, patience=0))
    with exporting._turns.turn():
        busy = page.api("GET", address)
    assert (busy.status_code, busy.json["error"]["code"]) == (503, "busy")
    volume.app.config["MIN_FREE_DISK"] = 1 << 62
    assert page.api("GET", address).status_code == 507


def test_of_many_surfaces_few_are_held_at_a_time(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    import gc

    made = page.sent()
    held: list[int] = []
    write = exporting._MESHES["stl"]

    def watched(named: Any) -> bytes:
        written = sum(type(one) is exporting._Written for one in gc.get_objects())
        held.append(written)
        return write(named)

    monkeypatch.setitem(exporting._MESHES, "stl", watched)
    monkeypatch.setitem(exporting._MESHES, "obj", watched)
    monkeypatch.setitem(exporting._MESHES, "ply", watched)
    export(page, made, "format=stl,obj,ply")
    assert (len(held), max(held) <= 2) == (6, True)


def test_masks_of_other_images_refer_to_none_of_todays(page: Page, volume: Reader) -> None:
    made = page.sent()
    with volume.app.app_context():
        row = db.session.get(Segmentation, made["id"])
        row.grid = {**row.grid, "shape_ijk": [5, 4, 9]}
        db.session.commit()
    answer = page.api("GET", f"segmentations/{made['id']}/export?format=seg")
    assert answer.status_code == 409
    assert export(page, made, "format=stl").status_code == 200
