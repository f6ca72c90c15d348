"""Pictures that the browser makes from the streamed volume are those of the server, pixel by pixel.

The browser's modules run in Node; its pixels are laid beside the server's decoded PNGs.
"""

import io
import itertools
import json
import math
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from app.archive import volumes
from app.imaging.reslice import PLANES, plane_geometry
from app.imaging.volumeheader import VolumeHeader
from tests.viewer.conftest import Reader

DRAW = Path(__file__).with_name("draw_locally.mjs")
pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")

# k, j, i: rows that divide into blocks of sixteen bytes, and rows that do not
EVEN, ODD = (7, 13, 16), (7, 13, 11)
WINDOWS: tuple[dict[str, Any], ...] = (
    {"center": 40, "width": 400},
    {"center": 40.5, "width": 1},
    {"center": -600, "width": 2},
    {"center": 12.3, "width": 1733.7},
    {"center": 100, "width": 0.5, "function": "exact"},
    {"center": 300, "width": 1200, "function": "exact"},
    {"center": 50, "width": 350, "function": "sigmoid"},
    {"center": 0, "width": 1, "curve": [[-1000, 0], [-600.5, 128.5], [40, 20.1], [41, 255], [900, 77.7]]},
)
TURNS: tuple[list[tuple[str, float]], ...] = (
    [("axial", 0.4)],
    [("coronal", math.pi / 4), ("axial", -1.1)],
    [("sagittal", 1e-3), ("axial", math.pi / 2), ("coronal", 2.5)],
)
SLABS = (None, *({"mm": mm, "projection": how} for mm in (4.0, 9.7) for how in ("mip", "minip", "mean")))


def oblique_affine() -> NDArray[np.float64]:
    """Flipped, anisotropic and tilted: 17° about x, then 31° about z; i runs to the right, k to the feet."""
    a, b = math.radians(17), math.radians(31)
    about_x = np.array([[1, 0, 0], [0, math.cos(a), -math.sin(a)], [0, math.sin(a), math.cos(a)]])
    about_z = np.array([[math.cos(b), -math.sin(b), 0], [math.sin(b), math.cos(b), 0], [0, 0, 1]])
    affine = np.eye(4)
    affine[:3, :3] = about_z @ about_x @ np.diag((-0.61, 0.83, -3.1))
    affine[:3, 3] = (31.3, -211.7, 87.1)
    return affine


def straight_affine() -> NDArray[np.float64]:
    """Along the patient's axes, where many points of turned planes lie exactly on borders of voxels."""
    affine = np.diag((0.5, 0.5, 2.0, 1.0))
    affine[:3, 3] = (-10, 20, 30)
    return affine


def voxels_of(shape: tuple[int, int, int], dtype: str) -> NDArray[Any]:
    """Values of bones and lungs beside each other, and the ends of the type; NaN and infinities as floats."""
    rng = np.random.default_rng(11)
    array = rng.integers(-1100, 1100, shape).astype(dtype)
    array[rng.random(shape) < 0.05] = 32767
    array[rng.random(shape) < 0.05] = -32768
    array[:, 3:6, 2:8] = rng.integers(38, 44, (7, 3, 6))
    if dtype == "float32":
        array += rng.normal(0, 0.3, shape).astype(np.float32)
        array[rng.random(shape) < 0.04] = np.nan
        array[:, 9, 4] = np.nan
        array[5, 2, 3], array[1, 8, 9] = np.inf, -np.inf
        array[0, 0, :2] = 40.5, 39.5
    return array


def put_volume(reader: Reader, array: NDArray[Any], affine: NDArray[np.float64], *, inverted: bool) -> None:
    """The voxels of the series replaced by *array*."""
    store = reader.app.extensions["store"]
    place = (reader.series_id, 1, 0, 0)
    path = store.volume_header(*place)
    header = VolumeHeader.from_json(json.loads(path.read_text()))
    slices = array.shape[0]
    header = replace(
        header,
        shape_ijk=array.shape[::-1],
        spacing_mm=tuple(float(mm) for mm in np.linalg.norm(affine[:3, :3], axis=0)),
        affine=tuple(tuple(float(n) for n in row) for row in affine),
        dtype=array.dtype.name,
        inverted=inverted,
        slopes=(1.0,) * slices,
        intercepts=(0.0,) * slices,
        sop_instance_uids=("1.2",) * slices,
    )
    path.write_text(json.dumps(header.as_json()))
    np.save(store.volume_array(*place), array)
    volumes.forget(reader.series_id)


def series_data(reader: Reader, array: NDArray[Any], affine: NDArray[np.float64]) -> dict[str, Any]:
    """What the page gives to the script of it."""
    i, j, k = array.shape[::-1]
    planes = [
        plane_geometry((i, j, k), affine, plane).as_json() | {"is_calibrated": True} for plane in PLANES
    ]
    where = {"id": reader.series_id, "revision": 1, "query": "", "kind": "volume"}
    return where | {"shape_ijk": [i, j, k], "affine": affine.tolist(), "planes": planes}


def questions(turns: tuple[list[tuple[str, float]], ...], slabs: tuple[Any, ...]) -> list[dict[str, Any]]:
    """Each plane, window and slab; colour maps and inversion take turns, so that all meet."""
    colours = itertools.cycle(
        [("gray", False), ("gray", True), ("hot", False), ("pet", True), ("spectral", False)]
    )
    asked = []
    for turned, slab, window, plane in itertools.product(turns, slabs, WINDOWS, PLANES):
        at = (0.0, 0.37, 0.61, 1.0)[len(asked) % 4] if not turned else (0.4, 0.5, 0.55)[len(asked) % 3]
        # Of the planes after a turn about one of them, that one stays as it was.
        if turned and plane in {name for name, _ in turned} and len(turned) == 1:
            turned = [(next(name for name in PLANES if name != plane), turned[0][1])]
        colormap, inverted = next(colours)
        asked.append(
            {
                "plane": plane,
                "turns": turned,
                "at": at,
                "window": window,
                "colormap": colormap,
                "inverted": inverted,
                "overlays": False,
                "slab": slab,
            }
        )
    return asked


def draw(reader: Reader, folder: Path, series: dict[str, Any], asked: list[dict[str, Any]]) -> list[str]:
    """The addresses of the same pictures; ``pixels.bin`` has the browser's."""
    stream = reader.get("voxels")
    assert stream.status_code == 200, stream.text
    (folder / "stream.bin").write_bytes(stream.data)
    (folder / "head.json").write_text(stream.headers["X-Triplano-Voxels"])
    (folder / "colormaps.json").write_text(reader.client.get("/viewer/colormaps.json").text)
    (folder / "series.json").write_text(json.dumps(series))
    (folder / "questions.json").write_text(json.dumps(asked))
    done = subprocess.run(
        ["node", str(DRAW), str(folder)], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    found: list[str] = json.loads((folder / "urls.json").read_text())
    return found


@pytest.mark.parametrize("dtype", ["int16", "float32"])
@pytest.mark.parametrize(
    ("shape", "affine", "inverted"), [(ODD, oblique_affine(), True), (EVEN, straight_affine(), False)]
)
def test_the_browsers_pixels_are_the_servers(
    volume: Reader,
    tmp_path: Path,
    dtype: str,
    shape: tuple[int, int, int],
    affine: NDArray[np.float64],
    inverted: bool,
) -> None:
    array = voxels_of(shape, dtype)
    put_volume(volume, array, affine, inverted=inverted)
    asked = questions(((),), SLABS) + questions(TURNS, SLABS[:1] + SLABS[2::2])  # type: ignore[arg-type]
    urls = draw(volume, tmp_path, series_data(volume, array, affine), asked)
    assert len(urls) == len(asked) >= 400
    pixels = np.frombuffer((tmp_path / "pixels.bin").read_bytes(), np.uint8).reshape(-1, 4)
    start = 0
    for url, question in zip(urls, asked, strict=True):
        answer = volume.client.get(url)
        assert answer.status_code == 200, (url, answer.text)
        served = np.asarray(Image.open(io.BytesIO(answer.data)).convert("RGB")).reshape(-1, 3)
        drawn = pixels[start : start + len(served)]
        start += len(served)
        assert (drawn[:, 3] == 255).all()
        wrong = (drawn[:, :3] != served).any(axis=1)
        assert not wrong.any(), (int(wrong.sum()), url, question, drawn[wrong][:5], served[wrong][:5])
    assert start == len(pixels)
