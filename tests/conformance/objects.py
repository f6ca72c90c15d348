"""What is no series of pictures: plans, structures, waveforms, private elements, texts beside the data."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pydicom

from app.imaging.dicomfile import inspect_file
from app.imaging.elements import MAX_VALUE
from app.imaging.formats.inspect import inspect_any, list_any_elements
from app.imaging.pixels import read_frame
from app.imaging.slices import read_slice_header
from tests.conformance.case import Case, Finding, Work, refusal_of, require, require_near, require_same
from tests.conformance.pipeline import files_below, only_part
from tests.conformance.references import pixels_by_simpleitk

RT, PRIVATE = "zoo/rt", "zoo/private-and-phi"
_STRUCTURES = {
    "ct-chest-lung1-rtstruct/LUNG1-001-rtstruct.dcm": 4,
    "ct-lung-ibsi-rtstruct-nifti/rtstruct.dcm": 1,
    "pet-sts-rtstruct/rtstruct.dcm": 2,
    f"{RT}/rtss.dcm": 10,
}
_REFUSED = {
    f"{RT}/rtplan.dcm": ("RT Plan", ("UnsupportedData", "RT Plan Storage")),
    f"{RT}/waveform_ecg.dcm": ("electrocardiogram", ("UnsupportedData", "12-lead ECG Waveform Storage")),
    f"{PRIVATE}/Tag-0040-A170-VR-CS.dcm": ("old structured report", ("UnsupportedData", "Detail SR Storage")),
    f"{PRIVATE}/nested_priv_SQ.dcm": ("nested private sequences", ("MissingElement", "SOP Class UID")),
    f"{PRIVATE}/priv_SQ.dcm": ("private sequences, no pixels", ("NoPixelData",)),
    f"{PRIVATE}/dwv-test-anonymise.dcm": (
        "drawing of 32 × 32 without SOP Class",
        ("MissingElement", "SOP Class UID"),
    ),
    f"{PRIVATE}/dwv-test-sequence.dcm": (
        "drawing of 32 × 32 without SOP Class",
        ("MissingElement", "SOP Class UID"),
    ),
}
_TEXTS = (
    "README.md", "licences", "dicom-standard",
    "zoo/charsets/FileInfo.txt", "zoo/rt/oblique-ct/info.txt", "zoo/dicomdir/README.txt",
    "zoo/dicomdir/TINY_ALPHA/README",
    *(f"{folder}/LICENSE.txt" for folder in (
        "ct-chest-lung1-rtstruct", "ct-head-ge-gantry-tilt", "mr-fruit-deidentified", "pet-sts-rtstruct",
        "seg-ct-liver-dcmqi", "nrrd/pyradiomics", "nrrd/pynrrd-encodings", "nrrd/slicer-seg-nrrd",
    )),
    "mr-brain-t1-public-domain/LICENSE", "ct-lung-ibsi-rtstruct-nifti/LICENSE.md",
    "ct-lung-ibsi-rtstruct-nifti/README-source.md",
    "ct-chest-lung1-rtstruct/roi-reference-computed.json",
    "ct-lung-ibsi-rtstruct-nifti/roi-reference-computed.json",
    "pet-sts-rtstruct/roi-reference-computed.json",
    "ct-head-ge-gantry-tilt/dcm2niix-sidecar.json", "mr-fruit-deidentified/dcm2niix-sidecar.json",
    "zoo/transfer-syntaxes/decode-reference.json",
)  # fmt: skip


def _structure_set(work: Work, name: str, regions: int) -> Finding:
    facts = inspect_file(work.data / name)
    require_same("what it is", (facts.modality, facts.has_pixels), ("RTSTRUCT", False))
    dataset = pydicom.dcmread(work.data / name)
    require_same("regions", len(dataset.StructureSetROISequence), regions)
    require_same("UID", facts.sop_instance_uid, str(dataset.SOPInstanceUID))
    said = refusal_of(lambda: read_frame(work.data / name), "NoPixelData")
    return Finding(f"kept beside its series, contours not drawn yet; as a picture: {said}", "pydicom")


def _refused(work: Work, name: str, words: tuple[str, ...]) -> Finding:
    said = refusal_of(lambda: inspect_any(work.data / name), *words)
    shown = _listed(work.data / name)
    return Finding(f"{said} Its header: {shown}", "pydicom (elements)", "refused by name")


def _tags(path: Path) -> list[int]:
    """The tags that pydicom finds at the top level; iterating would convert each value."""
    dataset = pydicom.dcmread(path, force=True)
    return [int(tag) for tag in list(dataset._dict)]


def _listed(path: Path) -> str:
    """Words for a listing that has pydicom's elements of the top level, private ones among them."""
    rows = list_any_elements(path)
    top = {row.tag for row in rows if row.depth == 0}
    theirs = {f"({tag >> 16:04X},{tag & 0xFFFF:04X})" for tag in _tags(path)}
    require(theirs <= top, f"elements not listed: {sorted(theirs - top)}")
    require(all(len(row.value) <= MAX_VALUE for row in rows), "a value longer than is shown")
    return f"{len(theirs)} elements listed"


def _picture(work: Work, name: str, spacing_mm: float | None, *, by_pydicom: bool = False) -> Finding:
    path = work.data / name
    part = only_part([path])
    frame, header = read_frame(path), read_slice_header(path)
    theirs = pydicom.dcmread(path).pixel_array if by_pydicom else pixels_by_simpleitk(path)[0]
    require_same("values", bool(np.array_equal(frame.values, theirs)), True)
    size = "in pixels"
    if spacing_mm is not None:
        assert header.spacing is not None
        require_near("spacing", header.spacing, (spacing_mm, spacing_mm), 1e-9)
        size = f"{spacing_mm:.5g} mm a pixel ({header.spacing_source})"
    shown = _listed(path)
    tool = "pydicom (SimpleITK colours the grey lines red)" if by_pydicom else "SimpleITK"
    return Finding(f"{part.label}; every pixel equal, {size}; {shown}", f"{tool}; pydicom (elements)")


def _texts(work: Work) -> Finding:
    files = [
        path
        for name in _TEXTS
        for path in (files_below(work.data / name) if (work.data / name).is_dir() else [work.data / name])
    ]
    said = {refusal_of(partial(inspect_any, path), "NotDicom") for path in files}
    require_same("ways to say it", len(said), 1)
    return Finding(f"{len(files)} files; {said.pop()}", "what they are", "refused by name")


def _case(name: str, what: str, expected: str, check: Callable[[Work], Finding]) -> Case:
    return Case(name, (name,), what, expected, check)


def _picture_case(name: str, what: str, spacing_mm: float | None, *, by_pydicom: bool = False) -> Case:
    expected = "each pixel" + (f", {spacing_mm:.5g} mm" if spacing_mm else "")
    check = partial(_picture, name=name, spacing_mm=spacing_mm, by_pydicom=by_pydicom)
    return _case(name, what, expected, check)


CASES = [
    *(
        _case(
            name,
            f"RT Structure Set of {regions} region{'s' if regions > 1 else ''}",
            "kept, without a picture",
            partial(_structure_set, name=name, regions=regions),
        )
        for name, regions in _STRUCTURES.items()
    ),
    _picture_case(f"{RT}/ct.0.dcm", "one slice of a planning CT", 1.074219),
    _picture_case(f"{PRIVATE}/GREYSCALE_IMAGE.dcm", "ultrasound with a name burned in", 0.064904689685),
    _picture_case(f"{PRIVATE}/ctbrain1.dcm", "drawing, YBR_FULL_422", 0.42578125, by_pydicom=True),
    _picture_case(f"{PRIVATE}/ctbrain2.dcm", "drawing, YBR_FULL_422", 0.42578125, by_pydicom=True),
    *(
        _case(name, what, f"refused: {', '.join(words)}", partial(_refused, name=name, words=words))
        for name, (what, words) in _REFUSED.items()
    ),
    Case(
        "texts beside the data", _TEXTS, "licences, notes, tables, reference numbers", "no DICOM file", _texts
    ),
]
