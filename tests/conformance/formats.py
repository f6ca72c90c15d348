"""NIfTI and NRRD, each file: values and places, or the reason why not."""

from functools import partial
from pathlib import Path

import nrrd as pynrrd
import numpy as np

from app.imaging.formats.build import build_from_file
from app.imaging.formats.inspect import inspect_any, read_volume_file
from app.imaging.volume import Volume, load_volume
from tests.conformance.case import Case, Finding, Work, refusal_of, require, require_near, require_same
from tests.conformance.references import (
    by_simpleitk,
    corner_distance_mm,
    grid_of,
    nifti_grids,
    reoriented,
    require_equal,
)

_BALL = "nrrd/pynrrd-encodings/BallBinary30x30x30"
_IBSI = "ct-lung-ibsi-rtstruct-nifti"
_LIVER = "seg-ct-liver-dcmqi/nrrd"
_RADIOMICS, _SLICER = "nrrd/pyradiomics", "nrrd/slicer-seg-nrrd"
_TRUTH = "zoo/multiframe/philips-enhanced-mr/001_ground_truth.nii.gz"

# Letters of the axes, sizes, and the sum of all voxels, as SimpleITK has them.
_FILES: dict[str, tuple[str, tuple[int, int, int], float]] = {
    f"{_RADIOMICS}/brain1_image.nrrd": ("LAS", (256, 256, 25), 631859459),
    f"{_RADIOMICS}/brain1_label.nrrd": ("LAS", (256, 256, 25), 4137),
    f"{_RADIOMICS}/breast1_image.nrrd": ("LPS", (45, 120, 21), 7187342),
    f"{_RADIOMICS}/breast1_label.nrrd": ("LPS", (45, 120, 21), 143),
    f"{_RADIOMICS}/prostate_phantom_subvolume.nrrd": ("RAS", (82, 67, 13), 27811967),
    f"{_RADIOMICS}/prostate_phantom_subvolume-label.nrrd": ("RAS", (82, 67, 13), 107126),
    f"{_BALL}.nrrd": ("LPS", (30, 30, 30), 3682296),
    f"{_BALL}_gz.nrrd": ("LPS", (30, 30, 30), 3682296),
    f"{_BALL}_bz2.nrrd": ("LPS", (30, 30, 30), 3682296),
    f"{_BALL}_gz_lineskip.nrrd": ("LPS", (30, 30, 30), 3682296),
    f"{_BALL}_gz_byteskip_minus_one.nrrd": ("LPS", (30, 30, 30), 3682296),
    f"{_BALL}.nii.gz": ("LPS", (30, 30, 30), 3682296),
    f"{_SLICER}/TinyPatientCT.nrrd": ("LPS", (10, 10, 10), -729344),
    f"{_LIVER}/heart_seg.nrrd": ("LPS", (512, 512, 3), 124347),
    f"{_LIVER}/liver_seg.nrrd": ("LPS", (512, 512, 3), 107098),
    f"{_LIVER}/liver_spine_seg.nrrd": ("LPS", (512, 512, 3), 131976),
    f"{_LIVER}/liver_spine_gapped_seg.nrrd": ("LPS", (512, 512, 3), 169293),
    f"{_LIVER}/spine_seg.nrrd": ("LPS", (512, 512, 3), 24878),
    f"{_LIVER}/partial_overlaps-1.nrrd": ("LPS", (512, 512, 3), 59939),
    f"{_LIVER}/partial_overlaps-2.nrrd": ("LPS", (512, 512, 3), 23776),
    f"{_LIVER}/partial_overlaps-3.nrrd": ("LPS", (512, 512, 3), 32229),
    f"{_IBSI}/derived/gtv-labelmap-from-nifti-lps.nrrd": ("LPS", (204, 201, 60), 125256),
    f"{_IBSI}/derived/gtv-labelmap-from-nifti-ras.nrrd": ("LPS", (204, 201, 60), 125256),
    f"{_IBSI}/reference/mask.nii.gz": ("LPS", (204, 201, 60), 125256),
    f"{_IBSI}/reference/phantom.nii.gz": ("LPS", (204, 201, 60), -655581056),
}
# Sizes and voxels that are 1, as pynrrd has them: four axes in space, the first of them a list.
_OLD_SLICER = {
    "EclipseProstate_Bladder_Intersect_PTV": ((60, 89, 38), 8),
    "EclipseProstate_Bladder_Intersect_PTV_ApplyTransform": ((60, 76, 23), 3205),
    "EclipseProstate_Bladder_Subtract_PTV": ((60, 89, 38), 49348),
    "EclipseProstate_Bladder_Union_PTV": ((60, 89, 38), 69989),
    "EclipseProstate_Expanded_5_5_5_Bladder": ((72, 88, 29), 84024),
    "EclipseProstate_Expanded_5_5_5_Rectum": ((46, 52, 48), 34608),
    "EclipseProstate_Shrunk_5_5_5_Bladder": ((60, 76, 23), 25171),
}
_REFUSED = {
    f"{_BALL}.nhdr": ("a header that points to its file", "points to another file"),
    f"{_BALL}_nifti.nhdr": ("a header that points to a NIfTI file", "points to another file"),
    f"{_BALL}_byteskip_minus_five.nhdr": ("a bad header, byte skip −5", "points to another file"),
    f"{_BALL}_byteskip_minus_one.nhdr": ("a header that points to its file", "points to another file"),
    f"{_BALL}_byteskip_minus_one_nifti.nhdr": ("a header that points to NIfTI", "points to another file"),
    f"{_BALL}.raw": ("voxels without a header", "not a DICOM file"),
    "nrrd/pynrrd-encodings/test1d_ascii.nrrd": ("numbers on one axis", "1 axes in space"),
    "nrrd/pynrrd-encodings/test2d_ascii.nrrd": ("numbers on two axes", "2 axes in space"),
    "nrrd/pynrrd-encodings/test_customFields.nrrd": ("header fields of its own, one axis", "1 axes in space"),
}


def _built(path: Path, folder: Path) -> tuple[Volume, tuple[str, ...]]:
    require_same("taken into the archive", inspect_any(path).has_pixels, True)
    read = read_volume_file(path)
    header = build_from_file(read, 0, folder / "volume.npy")
    return load_volume(folder / "volume.npy", header), tuple(map(str, read.warnings))


def _volume(work: Work, name: str, letters: str, shape: tuple[int, int, int], total: float) -> Finding:
    path = work.data / name
    volume, warnings = _built(path, work.folder)
    require_same("warnings", warnings, ())
    require_same("axes and size", (volume.header.orientation, volume.header.shape_ijk), (letters, shape))
    require_same("sum", float(volume.array.sum(dtype=np.float64)), total)
    ours = grid_of(volume)
    if name.endswith("_bz2.nrrd"):
        # ITK has no bzip2: the same ball from the file without it.
        theirs, tool = by_simpleitk([path.with_name("BallBinary30x30x30.nrrd")]), "SimpleITK, of the raw file"
    else:
        theirs, tool = by_simpleitk([path]), "SimpleITK"
    words = require_equal(ours, theirs, tool)
    if name.endswith(".nii.gz"):
        (grid,) = nifti_grids(path)
        words += "; " + require_equal(ours, grid, "nibabel")
        tool += "; nibabel"
    if name.startswith((f"{_IBSI}/derived", _BALL)):
        # The same in another format and frame, that of the NIfTI beside it.
        beside = work.data / (
            _BALL + ".nii.gz" if name.startswith(_BALL) else f"{_IBSI}/reference/mask.nii.gz"
        )
        (grid,) = nifti_grids(beside)
        turned = reoriented(grid, ours)
        require_same("values of the NIfTI", bool(np.array_equal(turned.values, ours.values)), True)
        require_near("corners from the NIfTI, mm", corner_distance_mm(ours, turned), 0, 0.01)
        words, tool = f"{words}; equals {beside.name}", f"{tool}; {beside.name}"
    return Finding(f"{' × '.join(map(str, shape))} voxels, axes to {letters}; {words}", tool)


def _old_slicer(work: Work, name: str, shape: tuple[int, int, int], ones: int) -> Finding:
    path = work.data / _SLICER / name
    volume, warnings = _built(path, work.folder)
    require_same("size", volume.header.shape_ijk, shape)
    require_same("voxels of the segment", int(volume.array.sum()), ones)
    stored = pynrrd.read(str(path), index_order="C")[0]
    require_same("values", bool(np.array_equal(volume.array, stored.squeeze())), True)
    require(any("does not say how the image lies" in one for one in warnings), f"warned: {warnings}")
    return Finding(
        f"{' × '.join(map(str, shape))} voxels, every value equal; warned: {' '.join(warnings)}",
        "pynrrd (values); the file names no space",
        "shown with a warning",
    )


def _one_voxel(work: Work) -> Finding:
    path = work.data / "nrrd/pynrrd-encodings/test_simple4d_raw.nrrd"
    volume, warnings = _built(path, work.folder)
    require_same("size", volume.header.shape_ijk, (1, 1, 1))
    stored = pynrrd.read(str(path))[0]
    require_near("value", volume.array.ravel(), np.float32(stored).ravel(), 1e-7)
    require(any("not where it lies" in one for one in warnings), f"warned: {warnings}")
    return Finding(f"one voxel, its value; warned: {' '.join(warnings)}", "pynrrd", "shown with a warning")


def _truth(work: Work) -> Finding:
    volume, warnings = _built(work.data / _TRUTH, work.folder)
    (grid,) = nifti_grids(work.data / _TRUTH)
    words = require_equal(grid_of(volume), grid, "nibabel", within=1e-3)
    require(any("unit of length" in one for one in warnings), f"warned: {warnings}")
    return Finding(
        f"256 × 256 × 8 voxels; {words}; warned: {' '.join(warnings)}", "nibabel", "shown with a warning"
    )


def _refused(work: Work, name: str, words: str) -> Finding:
    said = refusal_of(lambda: inspect_any(work.data / name), words)
    why = "the README; pynrrd would follow it to any path" if "points" in words else "the README"
    return Finding(said, why, "refused by name")


CASES = [
    *(
        Case(
            name,
            (name,),
            f"{'NIfTI' if '.nii' in name else 'NRRD'}, {' × '.join(map(str, shape))}",
            f"axes to {letters} once in LPS, sum {total}",
            partial(_volume, name=name, letters=letters, shape=shape, total=total),
        )
        for name, (letters, shape, total) in _FILES.items()
    ),
    *(
        Case(
            f"{_SLICER}/{name}.seg.nrrd",
            (f"{_SLICER}/{name}.seg.nrrd",),
            "old 3D Slicer segmentation, four axes in an unnamed space",
            f"{' × '.join(map(str, shape))} voxels, {ones} in the segment; said that the place is assumed",
            partial(_old_slicer, name=f"{name}.seg.nrrd", shape=shape, ones=ones),
        )
        for name, (shape, ones) in _OLD_SLICER.items()
    ),
    Case(
        "nrrd/pynrrd-encodings/test_simple4d_raw.nrrd",
        ("nrrd/pynrrd-encodings/test_simple4d_raw.nrrd",),
        "1 × 1 × 1 × 1, directions without an origin",
        "one voxel; said that the place is assumed",
        _one_voxel,
    ),
    Case(_TRUTH, (_TRUTH,), "NIfTI without a unit of length", "read in mm, and said so", _truth),
    *(
        Case(name, (name,), what, f"refused: {words}", partial(_refused, name=name, words=words))
        for name, (what, words) in _REFUSED.items()
    ),
]
