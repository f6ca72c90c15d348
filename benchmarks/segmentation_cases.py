"""The cases of benchmarks/segmentation.py: the shared test data, phantoms with known masks, the challenge's
files.
"""

import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from app.engines.base import EngineVolume
from app.imaging.contours import fill_structures
from app.imaging.formats.labelfile import read_labels
from app.imaging.formats.rtstruct import read_structures
from app.imaging.placement import place
from app.imaging.segments import Grid, Segment
from app.imaging.volume import build_volume, load_volume, plan_volume, read_slice_headers

_ARTIFICIAL = {"GREEN", "ORANGE", "PURPLE", "LIGHT_BLUE", "DARK_BLUE"}
_LEAST_VOXELS = 200
_BRAINS = ("brain1", "brain2", "breast1", "prostate_phantom_subvolume")


@dataclass(frozen=True)
class Case:
    """One object: ``kind`` "real", "phantom", "artificial" or "challenge"; ``truth`` (k, j, i) bool."""

    kind: str
    name: str
    volume: EngineVolume
    truth: Any


def real_cases(data: Path, *, small: bool = False) -> Iterator[Case]:
    """What the shared test data holds outlines of."""
    if not data.is_dir():
        print("real cases: skipped, the shared test data is absent")
        return
    yield from _nrrd_cases(data / "nrrd/pyradiomics")
    yield from _series_cases("sts", data / "pet-sts-rtstruct/pet", data / "pet-sts-rtstruct/rtstruct.dcm")
    lung = data / "ct-lung-ibsi-rtstruct-nifti"
    yield from _series_cases("ibsi", lung / "ct", lung / "rtstruct.dcm")
    if small:
        return
    liver = data / "seg-ct-liver-dcmqi"
    yield from _series_cases("liver", liver / "ct", *sorted((liver / "seg").iterdir()))
    with tempfile.TemporaryDirectory() as name:
        chest = data / "ct-chest-lung1-rtstruct"
        with zipfile.ZipFile(chest / "LUNG1-001-ct.zip") as packed:
            packed.extractall(name)
        yield from _series_cases("lung1", Path(name), chest / "LUNG1-001-rtstruct.dcm")


def _series_cases(name: str, folder: Path, *outlines: Path) -> Iterator[Case]:
    headers = [h for path in sorted(folder.rglob("*")) if path.is_file() for h in read_slice_headers(path)]
    plan = plan_volume(headers)
    with tempfile.TemporaryDirectory() as place_name:
        held = Path(place_name) / "volume.npy"
        array = load_volume(held, build_volume(plan, held)).array
        grid = Grid.of(plan.shape_ijk, plan.affine, headers[0].frame_of_reference_uid or "")
        for path in outlines:
            for segment in _segments(path, grid):
                kind = "artificial" if segment.name in _ARTIFICIAL else "real"
                truth = segment.mask.full(grid.shape_kji)
                yield Case(kind, f"{name} {segment.name}", EngineVolume(array, grid), truth)


def _segments(path: Path, grid: Grid) -> Sequence[Segment]:
    try:
        return place(read_labels(path), grid).segments
    except Exception:  # a structure set then
        return fill_structures(read_structures(path), grid).segments


def _nrrd_cases(folder: Path) -> Iterator[Case]:
    import nrrd

    for name in _BRAINS:
        pairs = [(f"{name}_image.nrrd", f"{name}_label.nrrd"), (f"{name}.nrrd", f"{name}-label.nrrd")]
        found = next((pair for pair in pairs if (folder / pair[0]).exists()), None)
        if found is None:
            print(f"{name}: skipped, it is not among the shared test data")
            continue
        image, head = nrrd.read(str(folder / found[0]))
        labels = nrrd.read(str(folder / found[1]))[0]
        affine = np.eye(4)
        affine[:3, :3], affine[:3, 3] = np.transpose(head["space directions"]), head["space origin"]
        volume = EngineVolume(np.ascontiguousarray(image.T), Grid.of(image.shape, affine))
        for value in np.unique(labels[labels > 0]):
            truth = np.ascontiguousarray((labels == value).T)
            if np.count_nonzero(truth) >= _LEAST_VOXELS or name == "breast1":
                yield Case("real", f"{name} {value}", volume, truth)


def phantom_cases(scenes: int) -> Iterator[Case]:
    """Six bodies in each scene: wavy ellipsoids, some touching, and a bent tube; texture, blur and noise."""
    for seed in range(scenes):
        array, spacing, masks = paint(seed)
        grid = Grid.of(array.shape[::-1], np.diag([*spacing[::-1], 1.0]))
        for number, mask in enumerate(masks, 1):
            yield Case("phantom", f"scene {seed} body {number}", EngineVolume(array, grid), mask)


def paint(seed: int) -> tuple[Any, tuple[float, float, float], list[Any]]:
    """A scene of 60 × 150 × 150 voxels of 2 × 1 × 1 mm, (k, j, i), in HU, and the masks of its bodies."""
    from scipy.ndimage import gaussian_filter

    shape, spacing = (60, 150, 150), np.array((2.0, 1.0, 1.0))
    rng = np.random.default_rng(seed)
    axes = [(np.arange(n) + 0.5) * side for n, side in zip(shape, spacing, strict=True)]
    places = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    extent = np.array(shape) * spacing
    image = np.full(shape, -90.0)
    trunk = (((places - extent / 2) / (extent * (0.7, 0.47, 0.42))) ** 2).sum(axis=-1) < 1
    image[trunk] = 35
    labels = np.zeros(shape, int)
    for number in range(1, 7):
        center = extent * rng.uniform(0.25, 0.75, 3)
        inside = (_tube if number == 6 else _body)(places - center, rng) & trunk
        image[inside] = 35 + rng.choice([-1, 1]) * rng.uniform(35, 120)
        labels[inside] = number
    texture = gaussian_filter(rng.normal(size=shape), 6 / spacing)
    image = gaussian_filter(image + texture * 10 / texture.std(), 1 / spacing)
    image += gaussian_filter(rng.normal(size=shape), 0.5 / spacing) * rng.uniform(20, 45)
    masks = [
        labels == number for number in range(1, 7) if np.count_nonzero(labels == number) >= _LEAST_VOXELS
    ]
    return image.round().astype(np.int16), (2.0, 1.0, 1.0), masks


def _body(away: Any, rng: np.random.Generator) -> Any:
    radii, turn = rng.uniform(8, 26, 3), np.linalg.qr(rng.normal(size=(3, 3)))[0]
    own = away @ turn
    return ((own / radii) ** 2).sum(axis=-1) < 1 + 0.15 * np.sin(own[..., 0] / 5) * np.cos(own[..., 1] / 6)


def _tube(away: Any, rng: np.random.Generator) -> Any:
    along = rng.normal(size=3)
    along /= np.linalg.norm(along)
    bend, radius = np.cross(along, (1, 0, 0)), rng.uniform(5, 8)
    inside = np.zeros(away.shape[:3], np.bool_)
    for t in np.linspace(-1, 1, 60):
        inside |= ((away - (45 * t * along + 12 * t * t * bend)) ** 2).sum(axis=-1) < radius**2
    return inside


def challenge_cases(images: Path, truths: Path) -> Iterator[Case]:
    """The challenge's files: ``imgs`` (k, j, i), ``spacing`` (i, j, k), ``gts`` here or in *truths*."""
    for path in sorted(images.glob("*.npz")):
        held = np.load(path, allow_pickle=False)
        beside = truths / path.name
        labels = held["gts"] if "gts" in held else np.load(beside, allow_pickle=False)["gts"]
        spacing = held["spacing"] if "spacing" in held else np.ones(3)
        volume = EngineVolume(held["imgs"], Grid.of(held["imgs"].shape[::-1], np.diag([*spacing, 1.0])))
        for value in np.unique(labels[labels > 0]):
            yield Case("challenge", f"{path.stem} {value}", volume, labels == value)
