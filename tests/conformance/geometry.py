"""Series as volumes: values and places voxel by voxel."""

import zipfile
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pydicom
from pydicom.pixels.processing import apply_windowing

from app.imaging.pixels import read_frame
from app.imaging.volume import Volume
from app.imaging.window import as_window, to_grey
from tests.conformance.case import Case, Finding, Work, require, require_near, require_same
from tests.conformance.pipeline import Built, build, files_below, only_part
from tests.conformance.references import (
    NO_DCM2NIIX,
    by_dcm2niix,
    by_simpleitk,
    grid_of,
    nifti_grids,
    require_equal,
)

IBSI = "ct-lung-ibsi-rtstruct-nifti"
_CHEST_ZIP = "ct-chest-lung1-rtstruct/LUNG1-001-ct.zip"
_BRAIN_ZIP = "mr-brain-t1-public-domain/T1-dicoms.zip"
_FRUIT_ZIP = "mr-fruit-deidentified/ir-spgr.zip"
_LIVER = "seg-ct-liver-dcmqi/ct"


class Known(NamedTuple):
    """What a plain series must come to; points are ((i, j, k), value), worked out with pydicom."""

    letters: str
    shape_ijk: tuple[int, int, int]
    spacing_mm: tuple[float, float, float]
    first_lps: tuple[float, float, float]
    points: tuple[tuple[tuple[int, int, int], float], ...] = ()


def unpacked(archive: Path, folder: Path, step: slice) -> Path:
    """A folder with the files of a ZIP, those of *step* of their names in order."""
    target = folder / "files"
    target.mkdir()
    with zipfile.ZipFile(archive) as opened:
        names = sorted(name for name in opened.namelist() if not name.endswith("/"))
        for name in names[step]:
            (target / Path(name).name).write_bytes(opened.read(name))
    return target


def held(built: Built, source: Path, folder: Path) -> tuple[str, str]:
    """Words for the agreement with SimpleITK and dcm2niix, and the tools' names."""
    ours = grid_of(built.volume)
    scale = max(map(abs, built.volume.header.value_range))
    within = 0 if built.volume.header.dtype == "int16" else 1e-6 * scale
    paths = [header.path for header in built.plan.slices]
    words = [require_equal(ours, by_simpleitk(paths), "SimpleITK", within=within)]
    made = by_dcm2niix(source, folder)
    for grids in made.values():
        words.append(require_equal(ours, grids[0], "dcm2niix", within=within, mm=0.01))
    return "; ".join(words), "SimpleITK; dcm2niix" if made else f"SimpleITK; {NO_DCM2NIIX}"


def _require_known(volume: Volume, known: Known) -> None:
    header = volume.header
    require_same("axes", header.orientation, known.letters)
    require_same("shape", header.shape_ijk, known.shape_ijk)
    require_near("spacing", header.spacing_mm, known.spacing_mm, 1e-4)
    require_near("first voxel", volume.affine[:3, 3], known.first_lps, 1e-3)
    for (i, j, k), value in known.points:
        require_same(f"value at {i}, {j}, {k}", float(volume.array[k, j, i]), float(value))


def _series(work: Work, source: str, known: Known, step: slice | None = None) -> Finding:
    folder = work.data / source
    if source.endswith(".zip"):
        folder = unpacked(folder, work.folder, step or slice(None))
    part = only_part(files_below(folder))
    built = build(part.phases[0], work.folder)
    require_same("warnings", built.warnings, ())
    _require_known(built.volume, known)
    words, tools = held(built, folder, work.folder)
    points = "".join(f"; {value:g} at {ijk}" for ijk, value in known.points)
    return Finding(f"{built.grid}{points}; {words}", f"{tools}; points with pydicom" if points else tools)


def _ibsi(work: Work) -> Finding:
    built = build(only_part(files_below(work.data / IBSI / "ct")).phases[0], work.folder)
    _require_known(built.volume, _IBSI)
    words, tools = held(built, work.data / IBSI / "ct", work.folder)
    (truth,) = nifti_grids(work.data / IBSI / "reference/phantom.nii.gz")
    shipped = require_equal(grid_of(built.volume), truth, "the shipped NIfTI")
    return Finding(f"{built.grid}; {shipped}; {words}", f"phantom.nii.gz; {tools}")


def _windowed(work: Work) -> Finding:
    folder = unpacked(work.data / _CHEST_ZIP, work.folder, slice(60, 61))
    (path,) = folder.iterdir()
    dataset, frame = pydicom.dcmread(path), read_frame(path)
    apart = []
    for index, (centre, width) in enumerate(((40, 400), (-600, 1200))):
        window = as_window({"center": centre, "width": width, "function": "LINEAR"})
        theirs = apply_windowing(frame.values.astype(np.float64), dataset, index)
        # pydicom spreads over all that the stored bits and the rescaling allow; as 0 to 255 here.
        require_same("sign", dataset.PixelRepresentation, 0)
        reach = (2**dataset.BitsStored - 1) * float(dataset.RescaleSlope)
        expected = (theirs - float(dataset.RescaleIntercept)) / reach * 255
        apart.append(float(np.abs(to_grey(frame.values, window) - expected).max()))
    require(max(apart) <= 0.5 + 1e-6, f"greys up to {max(apart):.3f} from pydicom's")
    return Finding("every grey the nearest whole one", "pydicom's apply_windowing")


_IBSI = Known(
    "LPS", (204, 201, 60), (0.977, 0.977, 3), (-174.3945, -79.6255, -100.4),
    (((100, 100, 30), 53), ((20, 180, 5), -981), ((180, 30, 55), 169)),
)  # fmt: skip
_CHEST = Known(
    "LPS", (512, 512, 134), (0.9765625, 0.9765625, 3), (-249.51171875, -460.51171875, -681.5),
    (((256, 256, 67), 23), ((150, 250, 80), -875), ((256, 330, 90), 111), ((300, 200, 120), 62)),
)  # fmt: skip
_CHEST_SHORT = Known(
    "LPS", (512, 512, 12), (0.9765625, 0.9765625, 3), (-249.51171875, -460.51171875, -465.5),
    (((256, 256, 6), 15), ((150, 250, 3), -899)),
)  # fmt: skip
_BRAIN = Known(
    "LPS", (274, 384, 384), (0.699988, 0.666667, 0.666667), (-91.44959, -160.06036, -142.50549),
    (((137, 192, 192), 62), ((100, 150, 250), 68), ((200, 300, 100), 7)),
)  # fmt: skip
_BRAIN_SHORT = Known(
    "LPS", (274, 384, 12), (0.699988, 0.666667, 0.666667), (-96.12848, -142.86925, -10.36786),
    (((137, 192, 5), 23), ((100, 150, 10), 18)),
)  # fmt: skip
_FRUIT = Known(
    "PIR", (256, 256, 196), (1.0547, 1.0547, 1.2), (121.394, -134.594, 160.811),
    (((128, 128, 98), 22), ((150, 100, 150), 1376)),
)  # fmt: skip
_LIVER_CT = Known(
    "LPS", (512, 512, 3), (0.810547, 0.810547, 1), (-235.2, -226.8, -128.69),
    (((256, 256, 0), -134), ((150, 200, 1), 27), ((300, 300, 2), 64)),
)  # fmt: skip


def _case(
    name: str, source: str, what: str, known: Known, step: slice | None = None, *, is_heavy: bool = False
) -> Case:
    expected = (
        f"{' × '.join(map(str, known.shape_ijk))} voxels, axes to {known.letters}, each value and place"
    )
    check = partial(_series, source=source, known=known, step=step)
    return Case(name, (source,), what, expected, check, is_heavy)


CASES = [
    _case(_CHEST_ZIP, _CHEST_ZIP, "chest CT, 134 slices every 3 mm, as ZIP", _CHEST, is_heavy=True),
    _case(f"{_CHEST_ZIP}, 12 slices", _CHEST_ZIP, "slices 51 to 62 of it", _CHEST_SHORT, slice(50, 62)),
    Case(
        f"{_CHEST_ZIP}, windows",
        (_CHEST_ZIP,),
        "slice 61 of it in its own windows, 40/400 and −600/1200",
        "greys of the LINEAR function (PS3.3 C.11.2.1.2.1)",
        _windowed,
    ),
    Case(
        f"{IBSI}/ct",
        (f"{IBSI}/ct",),
        "chest CT round a tumour, 60 slices of 204 × 201",
        "the NIfTI that comes with it, in value and place",
        _ibsi,
    ),
    _case(_BRAIN_ZIP, _BRAIN_ZIP, "brain MR, oblique, 384 slices, as ZIP", _BRAIN, is_heavy=True),
    _case(f"{_BRAIN_ZIP}, 12 slices", _BRAIN_ZIP, "slices 201 to 212 of it", _BRAIN_SHORT, slice(200, 212)),
    _case(_LIVER, _LIVER, "abdominal CT, three slices whose thickness is not their distance", _LIVER_CT),
    _case(_FRUIT_ZIP, _FRUIT_ZIP, "MR of a fruit, sagittal, 196 slices, as ZIP", _FRUIT),
]
