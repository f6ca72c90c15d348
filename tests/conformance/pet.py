"""PET: activity voxel by voxel, and standardised uptake values worked out by hand."""

from pathlib import Path

import numpy as np

from app.imaging.parts import split_series
from app.imaging.suv import to_suv
from app.imaging.volume import Volume
from tests.conformance.case import Case, Finding, Work, require_near, require_same
from tests.conformance.pipeline import build, files_below, headers_of
from tests.conformance.references import (
    NO_DCM2NIIX,
    Grid,
    by_dcm2niix,
    by_simpleitk,
    grid_of,
    require_equal,
)

FOLDER = "pet-sts-rtstruct/pet"
# 71 kg; 388,777,472 Bq injected at 10:35:00; half-life 6588 s; series at 11:20:11, 2711 s later:
# 71,000 g ÷ (388,777,472 Bq × 2^(−2711 ÷ 6588)) = 0.000242902976614 g/ml a Bq/ml.
BY_HAND = 0.000242902976614
# File, row, column, and its SUV: stored × the slice's own slope × the number above.
_POINTS = [
    ("1-001.dcm", 39, 71, 13.642451504885804),
    ("1-001.dcm", 64, 64, 6.512702998212285),
    ("1-101.dcm", 58, 76, 7.752923200760734),
    ("1-101.dcm", 64, 64, 1.894044319653605),
    ("1-201.dcm", 64, 64, 0.900986226410387),
    ("1-201.dcm", 60, 50, 0.730464001009226),
]


def _uptake(work: Work) -> Finding:
    headers = headers_of(files_below(work.data / FOLDER))
    converted, result = to_suv(headers)
    require_same("unit and reason", (result.unit, result.reason), ("SUVbw", None))
    used = (result.weight_kg, result.dose_bq, result.half_life_s, result.uptake_s)
    require_same("used", used, (71, 388777472, 6588, 2711))
    (part,) = split_series(converted)
    built = build(part.phases[0], work.folder)
    require_same("warnings", built.warnings, ())
    require_same("shape", built.volume.header.shape_ijk, (128, 128, 267))
    require_same("unit of the volume", built.volume.header.unit, "SUVbw")
    names = [header.path.name for header in built.plan.slices]
    for name, row, column, suv in _POINTS:
        found = built.volume.array[names.index(name), row, column]
        require_near(f"SUV of {name} at row {row}, column {column}", found, suv, 1e-6 * suv)
    words, tools = _activity(work, built.volume, [header.path for header in built.plan.slices])
    points = ", ".join(f"{suv:.4f}" for *_, suv in _POINTS)
    return Finding(
        f"{built.grid}; SUVbw at six points {points}; {words}",
        f"SUV by hand (PS3.3 C.8.9.1, QIBA); {tools}",
    )


def _activity(work: Work, volume: Volume, paths: list[Path]) -> tuple[str, str]:
    """Every value is the activity of other tools × the number by hand."""
    ours = grid_of(volume)
    within = 2e-6 * float(volume.header.value_range[1])
    theirs = by_simpleitk(paths)
    scaled = Grid(theirs.values.astype(np.float64) * BY_HAND, theirs.affine)
    words = [require_equal(ours, scaled, "SimpleITK’s Bq/ml × factor", within=within)]
    made = by_dcm2niix(work.data / FOLDER, work.folder)
    for (grid,) in made.values():
        scaled = Grid(grid.values.astype(np.float64) * BY_HAND, grid.affine)
        words.append(require_equal(ours, scaled, "dcm2niix’s × factor", within=within, mm=0.01))
    return "; ".join(words), "SimpleITK; dcm2niix" if made else f"SimpleITK; {NO_DCM2NIIX}"


CASES = [
    Case(
        FOLDER,
        (FOLDER,),
        "whole body FDG PET, 267 slices 3.19 to 3.29 mm apart, a slope for each",
        f"SUVbw = Bq/ml × {BY_HAND}, decayed over 2711 s",
        _uptake,
    )
]
