"""Series with a quirk: several volumes in one, missing slices, other directions, colour."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pydicom
from numpy.typing import NDArray

from app.imaging.pixels import read_frame
from tests.conformance.case import Case, Finding, Work, require, require_near, require_same
from tests.conformance.pipeline import Built, build, build_phases, files_below, only_part, parts_of
from tests.conformance.references import (
    NO_DCM2NIIX,
    Grid,
    by_dcm2niix,
    by_simpleitk,
    grid_of,
    pixels_by_simpleitk,
    require_equal,
)

FOLDER = "zoo/series-quirks"
OBLIQUE_CT = "zoo/rt/oblique-ct"


def _held(built: Built, theirs: Grid | None, within: float = 0) -> str:
    """Words for a volume that equals SimpleITK's and, where it made one, dcm2niix's."""
    ours = grid_of(built.volume)
    paths = [header.path for header in built.plan.slices]
    words = require_equal(ours, by_simpleitk(paths), "SimpleITK", within=within)
    if theirs is None:
        return words
    return f"{words}; {require_equal(ours, theirs, 'dcm2niix', within=within, mm=0.01)}"


def _tools(made: dict[str, list[Grid]]) -> str:
    return "SimpleITK; dcm2niix" if made else f"SimpleITK; {NO_DCM2NIIX}"


def _diffusion(work: Work) -> Finding:
    source = work.data / FOLDER / "4d-dti-philips"
    part = only_part(files_below(source))
    require(part.dimension is not None and part.dimension.kind == "b_value", f"dimension {part.dimension}")
    built = build_phases(part, work.folder)
    made = by_dcm2niix(source, work.folder)
    words = {_held(one, made["801"][n] if made else None) for n, one in enumerate(built)}
    b_values = [header.dimensions.b_value for header in (phase[0] for phase in part.phases)]
    require_same("b-values", b_values, [0, 1000, 1000, 1000])
    if made:
        told = (work.folder / "dcm2niix/801.bval").read_text().split()
        require_same("dcm2niix's b-values", [float(one) for one in told], b_values)
    return Finding(f"4 volumes of b 0, 1000, 1000, 1000, each {built[0].grid}; {_one(words)}", _tools(made))


def _one(words: set[str]) -> str:
    """The words when they are the same for all; else all of them."""
    return " / ".join(sorted(words))


def _functional(work: Work) -> Finding:
    source = work.data / FOLDER / "4d-fmri-ge"
    part = only_part(files_below(source))
    require_same("phases", [len(phase) for phase in part.phases], [4, 4])
    built = build_phases(part, work.folder)
    # Images 1 to 4 and 43 to 46; the files have no times.
    numbers = [[header.instance_number for header in one.plan.slices] for one in built]
    require_same("Instance Numbers", numbers, [[1, 2, 3, 4], [43, 44, 45, 46]])
    made = by_dcm2niix(source, work.folder)
    words = {_held(one, made["13"][n] if made else None) for n, one in enumerate(built)}
    kind = part.dimension.kind if part.dimension else "none"
    return Finding(f"2 volumes by order ({kind}), each {built[0].grid}; {_one(words)}", _tools(made))


def _missing_slice(work: Work) -> Finding:
    source = work.data / FOLDER / "missing-slice-ct"
    built = build(only_part(files_below(source)).phases[0], work.folder)
    require_same("shape", built.volume.header.shape_ijk, (512, 512, 5))
    require_near("spacing, mm", built.volume.header.spacing_mm[2], 5, 1e-5)
    warned = " ".join(built.warnings)
    for words in ("3–4: 10.000 mm", "made up"):
        require(words in warned, f"not warned of {words}: {warned}")
    array = built.volume.array
    originals = np.stack([read_frame(header.path).values for header in built.plan.slices])
    require_same("slices kept", bool(np.array_equal(array[[0, 1, 2, 4]], originals)), True)
    middle = originals[2:4].astype(float).mean(axis=0)
    require_near("the filled one", np.abs(array[3] - middle).max(), 0, 0.5)
    made = by_dcm2niix(source, work.folder)
    if made:
        # Its _Eq stops a slice early: four slices, of which ours are the first.
        (eq,) = made["2_Eq_1"]
        ours = Grid(array[:4], built.volume.affine)
        require_equal(ours, eq, "dcm2niix's _Eq", within=1, mm=0.01)
    return Finding(
        f"{built.grid}; the four originals unchanged, the filled one their mean; warned: {warned}",
        ("dcm2niix's _Eq, of the first four slices" if made else NO_DCM2NIIX) + "; means by hand",
        "shown with a warning",
    )


def _mixed(work: Work) -> Finding:
    source = work.data / FOLDER / "mixed-orientation-mr"
    parts = parts_of(files_below(source))
    require_same("parts", [len(part.headers) for part in parts], [2, 2])
    made = by_dcm2niix(source, work.folder)
    told = []
    for n, part in enumerate(parts):
        built = build(part.phases[0], work.folder, f"part{n}")
        number = str(pydicom.dcmread(built.plan.slices[0].path).SeriesNumber)
        told.append(f"{part.label}: {built.grid}; {_held(built, made[number][0] if made else None)}")
    return Finding(" / ".join(told), _tools(made))


def _plain(work: Work, source: str, letters: str, first_lps: tuple[float, ...], within: float) -> Finding:
    files = [path for path in files_below(work.data / source) if path.suffix == ".dcm"]
    built = build(only_part(files).phases[0], work.folder)
    require_same("axes", built.volume.header.orientation, letters)
    require_near("first voxel", built.volume.affine[:3, 3], first_lps, 1e-3)
    require_same("slices", len(built.plan.slices), len(files))
    made = by_dcm2niix(work.data / source, work.folder)
    words = _held(built, next(iter(made.values()))[0] if made else None, within)
    return Finding(f"{built.grid}; {words}", _tools(made))


def _colour_volume(work: Work) -> Finding:
    source = work.data / FOLDER / "rgb-volume-mr"
    part = only_part(files_below(source))
    require_same("part", (part.role, len(part.headers)), ("colour", 4))
    frames = [read_frame(header.path).values for header in part.headers]
    theirs = [pixels_by_simpleitk(header.path)[0] for header in part.headers]
    require_same("colours", bool(np.array_equal(frames, theirs)), True)
    made = by_dcm2niix(source, work.folder)
    if made:
        (grid,) = next(iter(made.values()))
        require_same("dcm2niix's colours", _same_pictures(np.stack(frames), grid.values), True)
    return Finding("a stack in colour, leafed through, no volume; every sample equal", _tools(made))


def _same_pictures(ours: NDArray[np.uint8], theirs: NDArray[np.void]) -> bool:
    """Whether the pictures are the same, up to the order of rows and of pictures."""
    there = np.stack([theirs[name] for name in ("R", "G", "B")], axis=-1)
    return any(np.array_equal(ours, there[::step, ::rows]) for step in (1, -1) for rows in (1, -1))


def _case(name: str, what: str, expected: str, check: Callable[[Work], Finding]) -> Case:
    return Case(f"{FOLDER}/{name}", (f"{FOLDER}/{name}",), what, expected, check)


CASES = [
    _case("4d-dti-philips", "diffusion, 4 volumes of 2 slices", "b-values 0, 1000 × 3", _diffusion),
    _case("4d-fmri-ge", "functional MR, 2 volumes of 4 slices", "images 1 to 4 and 43 to 46", _functional),
    _case(
        "missing-slice-ct",
        "CT, slices 5, 5 and 10 mm apart",
        "five slices every 5 mm, the missing one filled and named",
        _missing_slice,
    ),
    _case("mixed-orientation-mr", "sagittal and axial MR in one folder", "a volume each", _mixed),
    _case(
        "oblique-mr-japanese-charset",
        "oblique MR, normal (−0.780, 0.583, 0.228)",
        "a volume whose first voxel is at (−136.268, −50.123, 36.644)",
        partial(
            _plain,
            source=f"{FOLDER}/oblique-mr-japanese-charset",
            letters="PIR",
            first_lps=(-136.2682, -50.1227, 36.6436),
            within=0,
        ),
    ),
    _case("rgb-volume-mr", "MR slices in colour", "a stack in colour", _colour_volume),
    Case(
        OBLIQUE_CT,
        (f"{OBLIQUE_CT}/0.dcm", f"{OBLIQUE_CT}/1.dcm", f"{OBLIQUE_CT}/2.dcm"),
        "three oblique CT slices, voxels of 2.5 × 3.5 × 4.5 mm, slope 0.001",
        "a volume whose first voxel is at (123, −432, 30)",
        partial(_plain, source=OBLIQUE_CT, letters="LPS", first_lps=(123, -432, 30), within=1e-5),
    ),
]
