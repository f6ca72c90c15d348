"""Surfaces as files: STL, OBJ, PLY and GLB, in DICOM patient space, LPS, in millimetres.

No format but GLB has a field for space or unit; the words "SPACE=LPS" stand where 3D Slicer and others look
for them: in STL's header and in comments of OBJ and PLY. GLB wants metres with Y up, so its vertices, which
are LPS millimetres, hang on a node that scales and turns them: the patient stands and faces the viewer.

References
----------
STL (3D Systems, 1989), binary; Wavefront OBJ; PLY 1.0 (Turk); Khronos glTF 2.0, sections 3.4 and 4.4.
"""

import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.imaging.surface import Mesh

_SPACE = "Triplano. SPACE=LPS; unit mm"
_STL_HEAD = 80
_STL_TRIANGLE = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
_LINES = 50_000  # of an OBJ, formatted at a time
# Metres; x = left, y = head, z = front. Column-major, as glTF wants it.
_STAND_UP = [0.001, 0, 0, 0, 0, 0, -0.001, 0, 0, 0.001, 0, 0, 0, 0, 0, 1]
_ARRAY_BUFFER, _ELEMENT_BUFFER = 34962, 34963
_FLOAT, _UINT32 = 5126, 5125
_GREY = (200, 200, 200)


@dataclass(frozen=True)
class NamedMesh:
    """A surface with what a viewer shows beside it; the name is text of a user's file."""

    mesh: Mesh
    name: str = ""
    color_rgb: tuple[int, int, int] | None = None


def stl_bytes(mesh: Mesh) -> bytes:
    """*mesh* as binary STL."""
    corners = mesh.vertices_lps[mesh.faces]
    triangles = np.zeros(len(mesh.faces), _STL_TRIANGLE)
    triangles["corners"] = corners
    triangles["normal"] = _unit(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]))
    head = _SPACE.encode().ljust(_STL_HEAD)
    return head + struct.pack("<I", len(triangles)) + triangles.tobytes()


def obj_bytes(named: NamedMesh) -> bytes:
    """*named* as Wavefront OBJ, vertices to a ten-thousandth of a millimetre."""
    lines = [f"# {_SPACE}\no {_plain(named.name)}\n"]
    lines += _formatted("v %.4f %.4f %.4f\n", named.mesh.vertices_lps)
    lines += _formatted("f %d %d %d\n", named.mesh.faces + 1)
    return "".join(lines).encode("ascii")


def ply_bytes(named: NamedMesh) -> bytes:
    """*named* as binary PLY; vertices have the colour of the segment, where it has one."""
    mesh = named.mesh
    fields: list[tuple[str, str]] = [("x", "<f4"), ("y", "<f4"), ("z", "<f4")]
    colors = ("red", "green", "blue") if named.color_rgb else ()
    vertices = np.zeros(len(mesh.vertices_lps), [*fields, *((color, "u1") for color in colors)])
    for axis, (field, _type) in enumerate(fields):
        vertices[field] = mesh.vertices_lps[:, axis]
    for color, value in zip(colors, named.color_rgb or (), strict=True):
        vertices[color] = value
    faces = np.zeros(len(mesh.faces), [("count", "u1"), ("corners", "<i4", 3)])
    faces["count"], faces["corners"] = 3, mesh.faces
    head = [
        "ply",
        "format binary_little_endian 1.0",
        f"comment {_SPACE}",
        f"comment {_plain(named.name)}",
        f"element vertex {len(vertices)}",
        *(f"property float {axis}" for axis in "xyz"),
        *(f"property uchar {color}" for color in colors),
        f"element face {len(faces)}",
        "property list uchar int vertex_indices",
        "end_header\n",
    ]
    return "\n".join(head).encode("ascii") + vertices.tobytes() + faces.tobytes()


def glb_bytes(meshes: Sequence[NamedMesh], extras: dict[str, Any] | None = None) -> bytes:
    """*meshes* as one GLB with normals and colours; those without triangles are left out.

    The accessors hold LPS millimetres, and so say ``asset.extras`` with whatever *extras* hold.
    """
    document: dict[str, Any] = {
        "asset": {
            "version": "2.0",
            "generator": "Triplano",
            "extras": {"space": "LPS", "unit": "mm", **(extras or {})},
        },
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"name": "patient", "matrix": _STAND_UP}],
    }
    parts: list[bytes] = []
    for named in meshes:
        if named.mesh.faces.size:
            _add_mesh(document, parts, named)
    if "meshes" in document:
        document["nodes"][0]["children"] = list(range(1, len(document["nodes"])))
        document["buffers"] = [{"byteLength": sum(len(part) for part in parts)}]
    text = json.dumps(document, separators=(",", ":")).encode("ascii")
    chunks = _chunk(b"JSON", text + b" " * (-len(text) % 4))
    if parts:
        chunks += _chunk(b"BIN\0", b"".join(parts))
    return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks


def vertex_normals(mesh: Mesh) -> NDArray[np.float32]:
    """Unit normals (N, 3) of the vertices, each the mean of its triangles' by area."""
    points = mesh.vertices_lps.astype(np.float64)
    a, b, c = (points[mesh.faces[:, corner]] for corner in range(3))
    around = np.cross(b - a, c - a)
    flat, count = mesh.faces.reshape(-1), len(points)
    sums = [np.bincount(flat, np.repeat(around[:, axis], 3), count) for axis in range(3)]
    return _unit(np.stack(sums, axis=1))


def _add_mesh(document: dict[str, Any], parts: list[bytes], named: NamedMesh) -> None:
    mesh = named.mesh
    material = {
        "pbrMetallicRoughness": {
            "baseColorFactor": [*_linear(named.color_rgb or _GREY), 1.0],
            "metallicFactor": 0.0,
            "roughnessFactor": 0.6,
        }
    }
    position = _accessor(document, parts, mesh.vertices_lps.astype("<f4"), "VEC3", _ARRAY_BUFFER)
    document["accessors"][position] |= {
        "min": mesh.vertices_lps.min(axis=0).tolist(),
        "max": mesh.vertices_lps.max(axis=0).tolist(),
    }
    normal = _accessor(document, parts, vertex_normals(mesh).astype("<f4"), "VEC3", _ARRAY_BUFFER)
    indices = _accessor(document, parts, mesh.faces.reshape(-1).astype("<u4"), "SCALAR", _ELEMENT_BUFFER)
    primitive = {
        "attributes": {"POSITION": position, "NORMAL": normal},
        "indices": indices,
        "material": _add(document, "materials", material),
    }
    number = _add(document, "meshes", {"name": named.name, "primitives": [primitive]})
    _add(document, "nodes", {"name": named.name, "mesh": number})


def _accessor(
    document: dict[str, Any], parts: list[bytes], array: NDArray[Any], kind: str, target: int
) -> int:
    data = array.tobytes()  # of four-byte numbers: the next one is aligned
    begin = sum(len(part) for part in parts)
    parts.append(data)
    view = {"buffer": 0, "byteOffset": begin, "byteLength": len(data), "target": target}
    accessor = {
        "bufferView": _add(document, "bufferViews", view),
        "componentType": _FLOAT if array.dtype.kind == "f" else _UINT32,
        "count": len(array),
        "type": kind,
    }
    return _add(document, "accessors", accessor)


def _add(document: dict[str, Any], kind: str, thing: dict[str, Any]) -> int:
    """Put *thing* at the end of the list *kind*; its number there."""
    things: list[Any] = document.setdefault(kind, [])
    things.append(thing)
    return len(things) - 1


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack("<I4s", len(data), kind) + data


def _linear(color_rgb: tuple[int, int, int]) -> list[float]:
    """A colour of the screen as the linear light of glTF (sRGB, IEC 61966-2-1)."""
    shares = (value / 255 for value in color_rgb)
    return [
        round(share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4, 6) for share in shares
    ]


def _unit(vectors: NDArray[Any]) -> NDArray[np.float32]:
    """*vectors* of length one; those without a length stay nought."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = np.divide(vectors, lengths, out=np.zeros(vectors.shape), where=lengths > 0)
    return np.asarray(unit, np.float32)


def _formatted(line: str, rows: NDArray[Any]) -> list[str]:
    """Each of *rows* as *line*, many at a time."""
    pieces = (rows[begin : begin + _LINES] for begin in range(0, len(rows), _LINES))
    return [(line * len(piece)) % tuple(piece.reshape(-1).tolist()) for piece in pieces]


def _plain(name: str) -> str:
    """*name* as one ASCII word, which ends no line and starts no other."""
    word = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in name)
    return word[:64] or "segment"
