"""Other tools' answers to the same files: SimpleITK, dcm2niix, NIfTI files that came with the data."""

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import SimpleITK as sitk  # noqa: N813 - as all its documentation has it
from numpy.typing import NDArray

from app.imaging.volume import Volume
from tests.conformance.case import require, require_near

LPS_OF_RAS = np.diag((-1.0, -1.0, 1.0, 1.0))
NO_DCM2NIIX = "dcm2niix is not installed: not held against it"
sitk.ProcessObject.SetGlobalWarningDisplay(False)


@dataclass(frozen=True)
class Grid:
    """Values (k, j, i) and where they lie: (4, 4), (i, j, k) → LPS mm."""

    values: NDArray[Any]
    affine: NDArray[np.float64]


def grid_of(volume: Volume) -> Grid:
    """Ours."""
    return Grid(volume.array, volume.affine)


def by_simpleitk(paths: Sequence[Path]) -> Grid:
    """The slices at *paths*, in their order, as SimpleITK stacks them; or the one file."""
    names = [str(path) for path in paths]
    return simpleitk_grid(sitk.ReadImage(names if len(names) > 1 else names[0]))


def simpleitk_grid(image: sitk.Image) -> Grid:
    """An image of SimpleITK as a grid."""
    affine = np.eye(4)
    affine[:3, :3] = np.array(image.GetDirection()).reshape(3, 3) @ np.diag(image.GetSpacing())
    affine[:3, 3] = image.GetOrigin()
    return Grid(sitk.GetArrayFromImage(image), affine)


def pixels_by_simpleitk(path: Path) -> NDArray[Any]:
    """The file's frames as SimpleITK decodes and rescales them."""
    return sitk.GetArrayFromImage(sitk.ReadImage(str(path)))


def nifti_grids(path: Path) -> list[Grid]:
    """The volumes of a NIfTI file, as nibabel reads them."""
    image = nibabel.load(path)
    values = np.asarray(image.dataobj)
    if values.ndim == 3:
        values = values[..., np.newaxis]
    affine = LPS_OF_RAS @ image.affine
    return [Grid(values[..., n].T, affine) for n in range(values.shape[3])]


@cache
def dcm2niix_version() -> str:
    """Its version, "" where it is not installed."""
    found = shutil.which("dcm2niix")
    if not found:
        return ""
    shown = subprocess.run([found, "-v"], capture_output=True, text=True, check=False).stdout
    return next((word.lstrip("v") for word in shown.split() if word.startswith("v1.")), "unknown")


def by_dcm2niix(source: Path, folder: Path) -> dict[str, list[Grid]]:
    """The NIfTI files that dcm2niix makes of a folder or file, by name; none where it is not installed."""
    if not dcm2niix_version():
        return {}
    target = folder / "dcm2niix"
    target.mkdir()
    # Without its own scaling of Philips' values ("precise"), for those of the standard.
    command = ["dcm2niix", "-z", "n", "-b", "n", "-p", "n", "-f", "%s", "-o", str(target)]
    if source.is_file():
        command += ["-s", "y"]
    subprocess.run([*command, str(source)], capture_output=True, check=True, timeout=300)
    return {path.stem: nifti_grids(path) for path in sorted(target.glob("*.nii"))}


def reoriented(other: Grid, ours: Grid) -> Grid:
    """*other* with its axes put in the order and direction of ours."""
    turn = np.linalg.inv(other.affine) @ ours.affine
    whole = np.rint(turn[:3, :3])
    require(
        bool(np.all(np.abs(whole).sum(0) == 1) and np.all(np.abs(whole).sum(1) == 1)),
        f"axes cross those of the reference: {np.round(turn[:3, :3], 3).tolist()}",
    )
    order = [int(np.argmax(np.abs(whole[:, axis]))) for axis in range(3)]  # other's axis for each of ours
    values = np.moveaxis(other.values.transpose(2, 1, 0), order, range(3))  # (i, j, k)
    matrix = np.eye(4)
    matrix[:3, :3] = whole
    for axis, theirs in enumerate(order):
        if whole[theirs, axis] < 0:
            values = np.flip(values, axis)
            matrix[theirs, 3] = other.values.shape[2 - theirs] - 1
    return Grid(values.transpose(2, 1, 0), other.affine @ matrix)


def corner_distance_mm(ours: Grid, other: Grid) -> float:
    """How far apart the corners' voxel centres of two grids of one orientation lie at most."""
    corners = np.array(
        [(*corner, 1) for corner in product(*((0, size - 1) for size in ours.values.shape[::-1]))]
    )
    places = [grid.affine @ corners.T for grid in (ours, other)]
    return float(np.linalg.norm((places[0] - places[1])[:3], axis=0).max())


def require_equal(ours: Grid, other: Grid, name: str, *, within: float = 0, mm: float = 1e-3) -> str:
    """Words for the agreement of two grids, in values and in the places of their corners."""
    other = reoriented(other, ours)
    require(
        ours.values.shape == other.values.shape,
        f"{name}: shape {ours.values.shape[::-1]}, not {other.values.shape[::-1]}",
    )
    apart = float(np.abs(np.asarray(ours.values, np.float64) - other.values).max())
    require_near(f"{name}: greatest difference of values", apart, 0, within)
    corner = corner_distance_mm(ours, other)
    require_near(f"{name}: corners apart, mm", corner, 0, mm)
    values = "every value equal" if apart == 0 else f"values within {bounded(apart, 1e-6)}"
    return f"{name}: {values}, corners within {bounded(corner, 1e-3)} mm"


def bounded(number: float, least: float) -> str:
    """A power of ten above *number*, *least* or more: the words must not hang on rounding."""
    while least < number:
        least *= 10
    return f"{least:g}"
