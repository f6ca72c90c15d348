"""Files of many frames: enhanced MR and CT, ultrasound, angiography, gamma camera, dose, maps."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pydicom

from app.imaging.geometry import world_from_index
from app.imaging.parts import Part
from app.imaging.pixels import read_frame
from app.imaging.sliceheader import SliceHeader
from tests.conformance.case import Case, Finding, Work, refusal_of, require, require_near, require_same
from tests.conformance.pipeline import build, only_part
from tests.conformance.references import (
    NO_DCM2NIIX,
    by_dcm2niix,
    grid_of,
    nifti_grids,
    pixels_by_simpleitk,
    require_equal,
)

FOLDER = "zoo/multiframe"
PHILIPS = f"{FOLDER}/philips-enhanced-mr"


def _require_frames(part: Part, headers: tuple[SliceHeader, ...], within: float = 0) -> str:
    """Words for frames that equal SimpleITK's, each of them."""
    theirs = pixels_by_simpleitk(headers[0].path)
    require_same("frames", len(headers), len(theirs))
    for header in headers:
        ours = read_frame(header.path, header.frame).values
        apart = float(np.abs(ours.astype(np.float64) - theirs[header.frame]).max())
        require_near(f"frame {header.frame + 1}", apart, 0, within)
    return f"{len(headers)} frames, every sample equal"


def _cine(work: Work, name: str, frames: int, milliseconds: float) -> Finding:
    part = only_part([work.data / FOLDER / name])
    require_same("part", (part.role, len(part.headers)), ("cine", frames))
    require_near("frame time, ms", part.headers[0].frame_time_ms, milliseconds, 1e-3)
    require_same("spacing", {header.spacing for header in part.headers}, {None})
    require_same("spacing by pydicom", _spacings(work, name), [])
    words = f"a cine of {milliseconds:g} ms a frame, in pixels; {_require_frames(part, part.headers)}"
    said = " ".join(map(str, part.headers[0].remarks))
    return (
        Finding(f"{words}; said: {said}", "SimpleITK", "shown with a warning")
        if said
        else Finding(words, "SimpleITK")
    )


def _spacings(work: Work, name: str) -> list[str]:
    """The elements from which a pixel's millimetres could be known."""
    dataset = pydicom.dcmread(work.data / FOLDER / name)
    wanted = ("PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing")
    # A picture made smaller after it was calibrated has regions that reach beyond it: 595 of 320 columns.
    within = [
        region
        for region in dataset.get("SequenceOfUltrasoundRegions", ())
        if region.RegionLocationMaxX1 <= dataset.Columns
    ]
    return [keyword for keyword in wanted if keyword in dataset] + ["region"] * len(within)


def _unplaced(work: Work, name: str, frames: int, spacing_mm: float | None) -> Finding:
    """Frames that the file does not place: leafed through, with the reason."""
    part = only_part([work.data / FOLDER / name])
    require_same("frames", len(part.headers), frames)
    words = _require_frames(part, part.headers)
    reason = refusal_of(
        lambda: build(part.headers, work.folder), "NotAVolume", "Image Orientation (Patient) (0020,0037)"
    )
    require_same("spacing", part.headers[0].spacing, spacing_mm and (spacing_mm, spacing_mm))
    dataset = pydicom.dcmread(work.data / FOLDER / name)
    for keyword in ("ImagePositionPatient", "ImageOrientationPatient", "PerFrameFunctionalGroupsSequence"):
        require(keyword not in dataset, f"the file has {keyword}")
    size = f"{spacing_mm} mm a pixel" if spacing_mm else "in pixels"
    return Finding(
        f"a stack, {size}; {words}; {reason}",
        "SimpleITK; pydicom: no position, no orientation",
        "shown with a warning",
    )


def _philips(work: Work) -> Finding:
    path = work.data / PHILIPS / "IM-0001-0170-0001.dcm"
    built = build(only_part([path]).phases[0], work.folder)
    ours = grid_of(built.volume)
    (truth,) = nifti_grids(work.data / PHILIPS / "001_ground_truth.nii.gz")
    words = require_equal(ours, truth, "the shipped NIfTI", within=1e-3)
    made = by_dcm2niix(work.data / PHILIPS, work.folder)
    if made:
        words += "; " + require_equal(ours, made["301"][0], "dcm2niix", within=1e-3)
    return Finding(
        f"{built.grid}; {words}", "001_ground_truth.nii.gz; " + ("dcm2niix -p n" if made else NO_DCM2NIIX)
    )


def _enhanced_ct(work: Work) -> Finding:
    path = work.data / FOLDER / "eCT_Supplemental.dcm"
    part = only_part([path])
    built = build(part.phases[0], work.folder)
    # Rows run to the right, slices to the feet: positions −149 and −159, 10 mm apart.
    require_near("first voxel", built.volume.affine[:3, 3], (99.5, -301.5, -149), 1e-6)
    require_near("second slice", world_from_index(built.volume.affine, (0, 0, 1)), (99.5, -301.5, -159), 1e-6)
    require_same("unit", built.volume.header.unit, "")
    words = _require_frames(part, part.headers)
    made = by_dcm2niix(path, work.folder)
    if made:
        words += "; " + require_equal(grid_of(built.volume), made["3"][0], "dcm2niix")
    coloured = [read_frame(path, frame).supplement is not None for frame in (0, 1)]
    require_same("supplemental palette", coloured, [True, True])
    tools = "SimpleITK; " + ("dcm2niix" if made else NO_DCM2NIIX) + "; the file's positions by hand"
    return Finding(f"{built.grid}, not called HU; {words}; colours of its palette over it", tools)


def _dose(work: Work) -> Finding:
    path = work.data / FOLDER / "rtdose.dcm"
    part = only_part([path])
    built = build(part.phases[0], work.folder)
    volume = built.volume
    require_same("unit", volume.header.unit, "")  # Dose Units (3004,0002) is RELATIVE
    # Dose Grid Scaling (3004,000E) is 0.000001; stored 1249000, 976000, 799000, 1142000 by pydicom.
    points = {(0, 0, 0): 1.249, (4, 5, 7): 0.976, (9, 9, 14): 0.799, (8, 2, 3): 1.142}
    for (i, j, k), dose in points.items():
        require_near(f"dose at {i}, {j}, {k}", volume.array[k, j, i], dose, 1e-6)
    # Image Position + column × 10, row × 10, Grid Frame Offset 5 × frame.
    require_near("corner", world_from_index(volume.affine, (9, 9, 14)), (279.43125, 289.43125, -691.87), 1e-4)
    stored = pixels_by_simpleitk(path)
    require_near("all", np.abs(volume.array - stored * 1e-6).max(), 0, 1e-6)
    dataset = pydicom.dcmread(path)
    dataset.DoseUnits = "GY"
    dataset.save_as(work.folder / "gray.dcm")
    gray = read_frame(work.folder / "gray.dcm", 7)
    require_same("unit of the same file in GY", gray.unit, "Gy")
    require_near("dose in it", gray.values[5, 4], 0.976, 1e-6)
    return Finding(
        f"{built.grid}; 1.249 at (0, 0, 0), 0.976 at (4, 5, 7), 0.799 at (9, 9, 14), without a unit as it "
        "says RELATIVE; 0.976 Gy where a copy says GY",
        "stored × Dose Grid Scaling by hand; SimpleITK's stored values × 10⁻⁶",
    )


def _map(work: Work) -> Finding:
    path = work.data / FOLDER / "parametric_map_float.dcm"
    part = only_part([path])
    expected = pydicom.dcmread(path).pixel_array
    require_same("values", bool(np.array_equal(read_frame(path).values, expected)), True)
    require_same("part", (part.role, part.headers[0].spacing), ("single", (0.661468, 0.661468)))
    require(expected.dtype == np.float32, "the reference is no float")
    return Finding("one image of float values, 0 to 0.94158, every pixel equal", "pydicom")


def _case(name: str, what: str, expected: str, check: Callable[[Work], Finding]) -> Case:
    return Case(f"{FOLDER}/{name}", (f"{FOLDER}/{name}",), what, expected, check)


def _cine_case(name: str, what: str, frames: int, milliseconds: float) -> Case:
    check = partial(_cine, name=name, frames=frames, milliseconds=milliseconds)
    return _case(name, what, f"a cine of {frames} frames, {milliseconds:g} ms each", check)


def _unplaced_case(name: str, what: str, frames: int, spacing_mm: float | None = None) -> Case:
    check = partial(_unplaced, name=name, frames=frames, spacing_mm=spacing_mm)
    return _case(name, what, f"{frames} frames as a stack, and why they are no volume", check)


_CUT = "enhanced MR whose functional groups were cut out"
CASES = [
    Case(
        f"{PHILIPS}/IM-0001-0170-0001.dcm",
        (f"{PHILIPS}/IM-0001-0170-0001.dcm",),
        "enhanced MR by Philips, 8 frames, scaled frame by frame",
        "the NIfTI that comes with it, in value and place",
        _philips,
    ),
    _case(
        "eCT_Supplemental.dcm", "enhanced CT, perfusion map with a palette", "2 slices, no HU", _enhanced_ct
    ),
    _unplaced_case("emri_small.dcm", _CUT, 10),
    _unplaced_case("emri_small_big_endian.dcm", f"{_CUT}, big endian", 10),
    _unplaced_case("emri_small_jpeg_ls_lossless.dcm", f"{_CUT}, JPEG-LS", 10),
    _unplaced_case("NM-MONO2-16-13x-heart", "gamma camera, 13 frames without position", 13, 3.11583),
    _cine_case("HasFragmentSequence.dcm", "angiography, frames in fragments", 96, 33),
    _cine_case(
        "examples_ybr_color.dcm",
        "ultrasound in colour (YBR_FULL_422), made smaller than its region",
        30,
        33.333,
    ),
    _cine_case("US-PAL-8-10x-echo", "echocardiogram with a palette", 10, 76),
    _case("rtdose.dcm", "dose grid of 10 × 10 × 15, RELATIVE", "stored × 0.000001, by place", _dose),
    _case("parametric_map_float.dcm", "Float Pixel Data", "float values as they are", _map),
]
