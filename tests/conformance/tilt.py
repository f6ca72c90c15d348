"""Tilted gantries: upright and true to scale, the voxels where their own headers put them."""

import math

import numpy as np
import pydicom
from scipy.ndimage import map_coordinates

from app.imaging.geometry import index_from_world
from app.imaging.overlays import read_overlays
from app.imaging.volume import Volume
from tests.conformance.case import Case, Finding, Work, require, require_near, require_same
from tests.conformance.pipeline import Built, build, files_below, only_part, parts_of
from tests.conformance.references import NO_DCM2NIIX, by_dcm2niix

HEAD = "ct-head-ge-gantry-tilt"
SCOUTS = "zoo/series-quirks/scout-dose-and-tilted-ct"


def _head(work: Work) -> Finding:
    source = work.data / HEAD / "ct"
    built = build(only_part(files_below(source)).phases[0], work.folder)
    header, volume = built.volume.header, built.volume
    require_same("shape", header.shape_ijk, (512, 611, 37))
    # 13 × 4.00193 + 1.08109 + 13 × 6.99863 mm along the normal.
    require_near("height, mm", 36 * header.spacing_mm[2], 144.088, 0.001)
    axes = volume.affine[:3, :3] / np.linalg.norm(volume.affine[:3, :3], axis=0)
    require_near("angles between axes, cosine", axes.T @ axes, np.eye(3), 1e-6)
    require_near("third axis", axes[:, 2], (0, 0.3173047, 0.9483237), 1e-6)
    warned = " ".join(built.warnings)
    for words in ("Gantry tilt of 18.5°", "14–15: 1.081 mm", "15–28: 6.999 mm"):
        require(words in warned, f"not warned of {words}: {warned}")
    placed = _original_voxels(built)
    theirs, tool = _head_by_dcm2niix(work, volume)
    return Finding(
        f"{built.grid}, right angles, 144.088 mm high; {placed}; {theirs}; warned: {warned}",
        f"{tool} (values: its origin stays the sheared stack's); the original voxels at their own places; "
        "distances by hand",
        "shown with a warning",
    )


def _original_voxels(built: Built) -> str:
    """Voxels of the first and the last slice lie in the volume where their own headers put them."""
    for header in (built.plan.slices[0], built.plan.slices[-1]):
        dataset = pydicom.dcmread(header.path)
        stored = dataset.pixel_array * float(dataset.RescaleSlope) + float(dataset.RescaleIntercept)
        across, down = np.array(dataset.ImageOrientationPatient, float).reshape(2, 3)
        between_rows, between_columns = map(float, dataset.PixelSpacing)
        for column, row in ((256, 200), (180, 300), (330, 256)):
            point = np.array(dataset.ImagePositionPatient, float)
            point = point + column * between_columns * across + row * between_rows * down
            i, j, k = index_from_world(built.volume.affine, point)
            require_near("column and slice", (i, k), (column, round(k)), 1e-4)
            plane = built.volume.array[round(k)].astype(float)
            found = map_coordinates(plane, [[j], [i]], order=1, mode="nearest")[0]
            # New rows lie between the original ones, and the point between new rows.
            near = stored[row - 1 : row + 2, column]
            within = min(near) - 1 <= found <= max(near) + 1
            require(within, f"{found:.0f} where the original has {near.tolist()}")
    return "voxels of the outer slices at their own LPS places"


def _head_by_dcm2niix(work: Work, volume: Volume) -> tuple[str, str]:
    """Values of its ``_Tilt_Eq`` row by row; its origin is still that of the sheared stack."""
    made = by_dcm2niix(work.data / HEAD / "ct", work.folder)
    if not made:
        return "the outer slices not compared", NO_DCM2NIIX
    theirs = made["2_Tilt_Eq_1"][0].values[:, ::-1, :].astype(float)
    ours = volume.array.astype(float)
    require_same("its rows and columns", theirs.shape[1:], ours.shape[1:])
    for name, one, other in (("first", ours[0], theirs[0]), ("last", ours[-1], theirs[-1])):
        require_near(f"{name} slice", np.abs(one - other).max(), 0, 1)
    # Between them both interpolate, over other distances: theirs at our heights.
    at = np.linspace(0, len(theirs) - 1, len(ours))
    below = np.minimum(at.astype(int), len(theirs) - 2)
    share = (at - below)[:, np.newaxis, np.newaxis]
    mixed = theirs[below] * (1 - share) + theirs[below + 1] * share
    alike = float(np.corrcoef(ours.ravel(), mixed.ravel())[0, 1])
    require(alike > 0.999, f"correlation with dcm2niix's {alike:.4f}")
    return "outer slices within 1 HU of dcm2niix's _Tilt_Eq, all of it correlated above 0.999", "dcm2niix"


def _scouts(work: Work) -> Finding:
    source = work.data / SCOUTS
    parts = parts_of(files_below(source))
    roles = [(part.role, len(part.headers)) for part in parts]
    require_same("parts", roles, [("images", 4), ("localizer", 1), ("localizer", 1)])
    built = build(parts[0].phases[0], work.folder)
    require_same("shape", built.volume.header.shape_ijk, (512, 517, 4))
    require("Gantry tilt of 18.5°" in " ".join(built.warnings), f"warned: {built.warnings}")
    # Steps of 2.5 mm along z, along the normal 2.5 × cos 18.5°.
    require_near("distance, mm", built.volume.header.spacing_mm[2], 2.370809, 1e-5)
    placed = _original_voxels(built)
    (overlay,) = read_overlays(source / "S4010_I10")
    marks = pydicom.dcmread(source / "S4010_I10").overlay_array(0x6000)
    require_same("overlay of the dose page", bool(np.array_equal(overlay.mask, marks)), True)
    made = by_dcm2niix(source, work.folder)
    words, tool = "values not compared", NO_DCM2NIIX
    if made:
        theirs = made["201_Tilt_1"][0].values[:, ::-1, :].astype(float)
        apart = np.abs(built.volume.array.astype(float) - theirs) > 1
        for plane, (_, first, _) in zip(apart, built.plan.places_ijk(), strict=True):
            # Where half a row of the image ends it mixes in the padding; ours does not.
            ends = {math.floor(first), math.ceil(first + 511)}
            rows = set(np.flatnonzero(plane.any(axis=1)).tolist())
            require(rows <= ends, f"rows {sorted(rows)} differ, not only {sorted(ends)}")
        words = "every value within 1 HU of dcm2niix's _Tilt, but for rows of which half is image"
        tool = "dcm2niix"
    warned = " ".join(built.warnings)
    return Finding(
        f"{built.grid}, and two localizers apart, one with its overlay; {placed}; {words}; warned: {warned}",
        f"{tool} (values: its origin stays the sheared stack's); the original voxels at their own places; "
        "2.5 mm × cos 18.5° by hand; pydicom's overlay_array",
        "shown with a warning",
    )


CASES = [
    Case(
        f"{HEAD}/ct",
        (f"{HEAD}/ct",),
        "head CT, 28 slices, gantry tilt of 18.5°, 4 mm and 7 mm apart",
        "upright, evenly spaced, true to scale, 144.088 mm high; said to be resampled, gaps named",
        _head,
    ),
    Case(
        SCOUTS,
        (SCOUTS,),
        "a scout, a dose page and four tilted slices in one folder",
        "the slices upright, 2.3708 mm apart; the two others apart",
        _scouts,
    ),
]
