"""Layers, slices, slabs and oblique planes of labels lie pixel by pixel on those of the volume."""

import gzip
import io
from typing import Any

import numpy as np
from PIL import Image

from app.imaging.labellayers import pack_layers
from app.imaging.labelpictures import label_plane, label_slab
from app.imaging.oblique import ObliquePlane
from app.imaging.reslice import PLANES, extract_plane, plane_geometry
from app.imaging.segments import BoxMask, Grid, Segment
from app.imaging.slab import SlabRange, project_slab
from tests.segmentation.conftest import TWO, Page
from tests.viewer.conftest import Reader

WHOLE = TWO.transpose(2, 1, 0)  # (k, j, i)


def labels_of(page: Page, path: str) -> list[list[int]]:
    answer = page.call("GET", path)
    assert answer.status_code == 200, answer.text
    picture = Image.open(io.BytesIO(answer.data))
    assert picture.mode == "L"
    found: list[list[int]] = np.asarray(picture).tolist()
    return found


def test_a_layer_is_sent_as_the_voxels_of_its_box(page: Page) -> None:
    layer = page.sent()["layers"][0]
    plain = page.call("GET", layer["url"], headers={"Accept-Encoding": "identity"})
    assert plain.data == np.ascontiguousarray(WHOLE[1:3, 0:3, 1:5]).tobytes()
    assert plain.headers["Cache-Control"] == "private, max-age=2592000, immutable"
    packed = page.call("GET", layer["url"], headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    again = page.call("GET", layer["url"], headers={"If-None-Match": plain.headers["ETag"],
                                                    "Accept-Encoding": "identity"})  # fmt: skip
    assert again.status_code == 304
    unnamed = page.call("GET", layer["url"].split("?")[0])
    assert unnamed.headers["Cache-Control"] == "private, no-cache"
    assert page.call("GET", layer["url"].replace("layers/0", "layers/1")).status_code == 404


def test_slices_are_those_of_the_volumes_pictures(page: Page, volume: Reader) -> None:
    base = f"/segmentations/{page.sent()['id']}/planes"
    assert labels_of(page, f"{base}/axial/1.png") == WHOLE[1].tolist()
    assert labels_of(page, f"{base}/axial/0.png") == np.zeros((4, 5)).tolist()
    # Coronal: the head on top, so the last slice is the first row.
    assert labels_of(page, f"{base}/coronal/1.png") == WHOLE[::-1, 1].tolist()
    assert np.shape(volume.greys("slices/coronal/1.png")) == (3, 5)
    assert labels_of(page, f"{base}/sagittal/2.png") == WHOLE[::-1, :, 2].tolist()
    # 6 mm to each side are all three slices: the highest label counts.
    assert labels_of(page, f"{base}/axial/1.png?slab_mm=12") == WHOLE.max(axis=0).tolist()
    assert page.call("GET", f"{base}/axial/3.png").status_code == 404
    assert page.call("GET", f"{base}/axial/0.png?layer=1").status_code == 400


def test_an_oblique_plane_takes_the_nearest_voxel(page: Page) -> None:
    query = "origin=10,-20,33&row=1,0,0&col=0,1,0&size=9,7&spacing=0.5"
    found = np.array(labels_of(page, f"/segmentations/{page.sent()['id']}/plane.png?{query}"))
    # Steps of a voxel along i, of a quarter voxel along j: rows 3 to 6 are nearest to j = 1.
    assert found[4].tolist() == [0, 1, 1, 0, 0, 0, 0, 0, 0]
    assert found[0].tolist() == [0] * 9


def layered(whole: np.ndarray, affine: Any) -> tuple[Any, Grid]:
    grid = Grid.of(whole.shape[::-1], affine)
    numbers = [int(n) for n in np.unique(whole) if n]
    segments = [Segment(n, "", BoxMask.of(whole == n)) for n in numbers]
    (layer,) = pack_layers(segments, grid.shape_kji)
    return layer, grid


def test_every_plane_of_turned_grids_agrees_with_the_whole_array() -> None:
    rng = np.random.default_rng(5)
    whole = np.zeros((6, 7, 8), np.uint8)
    whole[1:4, 2:6, 3:7] = rng.integers(0, 4, (3, 4, 4))
    turned = np.array([[0, -1.5, 0, 4], [0, 0, 2.5, -3], [-0.5, 0, 0, 7], [0, 0, 0, 1.0]])
    for affine in (np.diag((0.5, 2, 3, 1)), np.diag((-0.5, -2, 3, 1)), turned):
        layer, grid = layered(whole, affine)
        for plane in PLANES:
            geometry = plane_geometry(grid.shape_ijk, grid.matrix, plane)
            for index in range(geometry.count):
                found = label_slab(layer, grid, geometry, SlabRange(index, index, 1.0))
                assert np.array_equal(found, extract_plane(whole, geometry, index)), (plane, index)
            slab = SlabRange(1, geometry.count - 1, 1.0)
            assert np.array_equal(
                label_slab(layer, grid, geometry, slab), project_slab(whole, geometry, slab, "mip")
            )


def test_an_oblique_plane_through_voxel_centres_has_the_voxels() -> None:
    whole = np.zeros((3, 4, 5), np.uint8)
    whole[1, 1:3, 2:4] = 1
    layer, grid = layered(whole, np.eye(4))
    plane = ObliquePlane((0, 0, 1), (1, 0, 0), (0, 1, 0), (5, 4), 1.0)
    assert np.array_equal(label_plane(layer, grid, plane), whole[1])
