"""Mesh files, read back by trimesh."""

import io
import json
import struct

import numpy as np
import pytest
import trimesh

from app.imaging.formats.meshfile import (
    NamedMesh,
    glb_bytes,
    obj_bytes,
    ply_bytes,
    stl_bytes,
    vertex_normals,
)
from app.imaging.segments import BoxMask, Grid
from app.imaging.surface import Mesh, empty_mesh, surface_of

# i to the left in 2 mm, j to the back in 3 mm, k to the feet in 5 mm: a left-handed grid.
FEETWARD = Grid.of((10, 10, 10), [[2, 0, 0, 100], [0, 3, 0, -50], [0, 0, -5, 900], [0, 0, 0, 1]])


@pytest.fixture(scope="module")
def block() -> Mesh:
    """Voxels i 1…3, j 2…5, k 4…5, whose faces lie half a voxel outside their centres."""
    mask = np.zeros((10, 10, 10), np.bool_)
    mask[4:6, 2:6, 1:4] = True
    return surface_of(BoxMask.of(mask), FEETWARD)


def named(mesh: Mesh) -> NamedMesh:
    return NamedMesh(mesh, "Lóbulo <b>\nv 1 2 3", (255, 128, 0))


def load(content: bytes, kind: str) -> trimesh.Trimesh:
    return trimesh.load(io.BytesIO(content), file_type=kind, force="mesh")


@pytest.mark.parametrize("kind", ["stl", "obj", "ply"])
def test_block_comes_back_in_lps_mm(block, kind):
    content = {
        "stl": lambda: stl_bytes(block),
        "obj": lambda: obj_bytes(named(block)),
        "ply": lambda: ply_bytes(named(block)),
    }[kind]()

    found = load(content, kind)

    # x 100 + 2 · (0.5 … 3.5), y −50 + 3 · (1.5 … 5.5), z 900 − 5 · (5.5 … 3.5)
    assert found.bounds.tolist() == [[101, -45.5, 872.5], [107, -33.5, 882.5]]
    assert found.is_watertight
    # 24 voxels less 24 / 8 steps of edge and 8 corners of 5/48, 30 mm³ each.
    assert found.volume == pytest.approx(30 * (24 - 3 - 5 / 6), rel=1e-5)


def test_stl_says_its_space_and_is_binary(block):
    content = stl_bytes(block)

    assert content[:80].rstrip() == b"Triplano. SPACE=LPS; unit mm"
    assert not content.startswith(b"solid")
    assert len(content) == 84 + 50 * len(block.faces)


def test_stl_normals_point_outwards(block):
    content = stl_bytes(block)

    found = load(content, "stl")
    stated = np.frombuffer(content[84:], np.dtype("<3f4, <9f4, <u2"))["f0"]

    assert np.einsum("ij,ij->i", stated, found.face_normals).min() > 0.999


def test_a_name_cannot_write_lines_of_its_own(block):
    text = obj_bytes(named(block)).decode()

    assert "\no L_bulo__b__v_1_2_3\n" in text
    assert text.count("\nv ") == len(block.vertices_lps)
    assert ply_bytes(named(block)).split(b"end_header")[0].count(b"\n") == 13


def test_ply_has_the_colour_of_the_segment(block):
    found = load(ply_bytes(named(block)), "ply")

    assert found.visual.vertex_colors[0].tolist() == [255, 128, 0, 255]


def test_glb_stands_in_metres_with_the_head_up(block):
    scene = trimesh.load(io.BytesIO(glb_bytes([named(block)])), file_type="glb")
    found = scene.to_geometry() if hasattr(scene, "to_geometry") else scene.dump(concatenate=True)

    # x = left, y = head, z = front
    assert found.bounds == pytest.approx(np.array([[0.101, 0.8725, 0.0335], [0.107, 0.8825, 0.0455]]))
    assert found.is_watertight
    assert found.volume == pytest.approx(605e-9, rel=1e-4)


def test_glb_keeps_lps_mm_names_and_colours_in_its_parts(block):
    content = glb_bytes([named(block), NamedMesh(empty_mesh(), "leer"), NamedMesh(block, "two")], {"n": 1})
    length = struct.unpack_from("<I", content, 12)[0]
    document = json.loads(content[20 : 20 + length])

    assert len(content) % 4 == 0
    assert struct.unpack_from("<4sII", content) == (b"glTF", 2, len(content))
    assert [node["name"] for node in document["nodes"]] == ["patient", "Lóbulo <b>\nv 1 2 3", "two"]
    assert document["asset"]["extras"] == {"space": "LPS", "unit": "mm", "n": 1}
    assert document["accessors"][0]["min"] == [101.0, -45.5, 872.5]
    # 128 of 255 is 0.215861 of the light.
    colour = document["materials"][0]["pbrMetallicRoughness"]["baseColorFactor"]
    assert colour == [1.0, 0.215861, 0.0, 1.0]


def test_normals_of_a_ball_point_away_from_its_centre():
    away = np.arange(20) - 9.5
    inside = away[:, None, None] ** 2 + away[:, None] ** 2 + away**2 < 64
    mesh = surface_of(BoxMask.of(inside), Grid.of((20, 20, 20), np.eye(4)), smooth_mm=5)

    outward = mesh.vertices_lps - 9.5

    normals = vertex_normals(mesh)
    cosines = np.einsum("ij,ij->i", normals, outward) / np.linalg.norm(outward, axis=1)
    assert cosines.min() > 0.8
    assert np.linalg.norm(normals, axis=1) == pytest.approx(np.ones(len(normals)), abs=1e-5)


def test_nothing_is_a_valid_file_too():
    nothing = NamedMesh(empty_mesh())

    assert len(stl_bytes(nothing.mesh)) == 84
    assert obj_bytes(nothing).endswith(b"o segment\n")
    assert ply_bytes(nothing).endswith(b"end_header\n")
    assert len(glb_bytes([nothing])) == struct.unpack_from("<I", glb_bytes([nothing]), 8)[0]
