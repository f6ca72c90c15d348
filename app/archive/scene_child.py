"""The child process that makes 3D scenes and surfaces: VTK and Panel live here and nowhere else.

VTK ends its process rather than raise; here that costs the one scene that was being made. The child holds no
setting, key or database address; it reads what the application derived and writes to a name it is given.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from isal import igzip
from numpy.typing import NDArray

from app.archive.children import serve
from app.archive.errors import trace_of
from app.imaging.errors import N_, Message, TriplanoError
from app.imaging.formats import meshfile
from app.imaging.formats.meshfile import NamedMesh
from app.imaging.scene import Detail, SceneOrder, Source
from app.imaging.scenemesh import isosurface_mesh, mesh_bytes, segment_mesh
from app.imaging.segments import BoxMask, Grid
from app.imaging.surface import Mesh

TOO_MUCH_MEMORY = N_("The 3D scene takes more memory than there is: ask for less detail.")
MESH_FORMATS = ("mesh", "stl", "obj", "ply", "glb")
_MEMORY = 4 * 1024**3
"""Bytes: in full detail 512³ voxels are held three times, as 32-bit numbers."""
_LEVEL = 1  # of gzip: the arrays inside are packed already, or are numbers that hardly pack


def main() -> None:
    """Serve; the environment was set by the parent, before anything was imported."""
    serve(_answer)


def _bound(request: Mapping[str, Any]) -> None:
    """Bound the memory, beside the mapped voxels: what asks for more fails alone, not the machine."""
    try:
        import resource
    except ImportError:  # Windows
        return
    mapped = os.path.getsize(request["array"]) if "array" in request else 0
    _soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = _MEMORY + mapped
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_AS, (wanted, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _answer(request: dict[str, Any]) -> Iterator[Mapping[str, Any]]:
    try:
        _bound(request)
        made = _VERBS[request["make"]](request)
        if "out" in request:
            _write(Path(request["out"]), made)
        yield {"bytes": len(made)}
    except TriplanoError as fault:
        yield {"refused": fault.message.as_json()}
    except MemoryError:
        yield {"refused": Message(TOO_MUCH_MEMORY).as_json()}
    except ImportError as fault:
        # "libXrender.so.1: cannot open shared object file": names of libraries, of no patient
        yield {"missing": str(fault)[:200]}
    except Exception as unforeseen:
        yield {"failed": trace_of(unforeseen)}


def _scene(request: Mapping[str, Any]) -> bytes:
    from app.imaging.scenebuild import scene_json

    order, source = SceneOrder.from_json(request["scene"]), Source.from_json(request["source"])
    return bytes(igzip.compress(scene_json(_opened(request), source, order), _LEVEL))


def _isosurface(request: Mapping[str, Any]) -> bytes:
    array = _opened(request)
    grid = Grid.of(array.shape[::-1], Source.from_json(request["source"]).affine)
    detail: Detail = request["detail"]
    mesh = isosurface_mesh(array, grid, request["level"], detail, largest=request["largest"])
    return _coded(mesh, request)


def _segment(request: Mapping[str, Any]) -> bytes:
    mask = BoxMask.from_bytes(Path(request["mask"]).read_bytes())
    detail: Detail = request["detail"]
    return _coded(segment_mesh(mask, Grid.of(request["shape_ijk"], request["affine"]), detail), request)


def _coded(mesh: Mesh, request: Mapping[str, Any]) -> bytes:
    """*mesh* as the format asked for; our own for the screen is compressed."""
    color = request.get("color_rgb")
    named = NamedMesh(mesh, request.get("name", ""), tuple(color) if color else None)
    match request["format"]:
        case "stl":
            return meshfile.stl_bytes(mesh)
        case "obj":
            return meshfile.obj_bytes(named)
        case "ply":
            return meshfile.ply_bytes(named)
        case "glb":
            return meshfile.glb_bytes([named])
    return bytes(igzip.compress(mesh_bytes(mesh), _LEVEL))


def _probe(_request: Mapping[str, Any]) -> bytes:
    """A whole scene of eight voxels: whatever is missing is missed here."""
    from app.imaging.scene import SurfaceStyle
    from app.imaging.scenebuild import scene_json

    array = np.zeros((2, 2, 2), np.int16)
    array[1, 1, 1] = 100
    identity = tuple(tuple(float(i == j) for j in range(4)) for i in range(4))
    source = Source(identity, (0.0, 100.0), (0.0, 100.0))
    scene_json(array, source, SceneOrder("surface", "coarse", (SurfaceStyle(50.0),)))
    return scene_json(array, source, SceneOrder("mip", "coarse"))


_VERBS = {"scene": _scene, "isosurface": _isosurface, "segment": _segment, "probe": _probe}


def _opened(request: Mapping[str, Any]) -> NDArray[Any]:
    array: NDArray[Any] = np.load(request["array"], mmap_mode="r", allow_pickle=False)
    return array


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


if __name__ == "__main__":
    sys.exit("started by the application")
