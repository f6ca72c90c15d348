"""Discs: each index (DICOMDIR), and the images that it names."""

from collections import Counter, defaultdict
from functools import partial
from pathlib import Path

import numpy as np
import pydicom

from app.imaging.dicomdir import read_directory
from app.imaging.dicomfile import inspect_file
from app.imaging.errors import NotAVolume
from app.imaging.pixels import read_frame
from app.imaging.sliceheader import SliceHeader
from tests.conformance.case import Case, Finding, Work, refusal_of, require, require_near, require_same
from tests.conformance.pipeline import build, files_below, headers_of, parts_of
from tests.conformance.references import by_simpleitk, grid_of, pixels_by_simpleitk, require_equal

FOLDER = "zoo/dicomdir"
# What pydicom's FileSet reads of the disc: images by patient.
_PATIENTS = {"77654033": 7, "98890234": 24}
# Records without a way to them, and whether lengths contradict each other, as the disc's README has it.
_INDEXES = {
    "DICOMDIR": ("as DCMTK wrote it", 0, False),
    "DICOMDIR-bigEnd": ("big endian", 0, False),
    "DICOMDIR-implicit": ("implicit VR", 0, False),
    "DICOMDIR-reordered": ("records out of order", 0, False),
    "DICOMDIR-nooffset": ("offsets cut out", 0, True),
    "DICOMDIR-nopatient": ("patients of an unknown type", 2, False),
}
# Images by the folders of the disc.
_FOLDERS = {"77654033": 7, "98892001": 7, "98892003": 17}


def _index(work: Work, name: str, stray: int, is_damaged: bool) -> Finding:
    folder = work.data / FOLDER
    found = read_directory(folder / name)
    require_same("records, files", (len(found.records), len(found.files)), (52, 31))
    require_same("names that lead astray", found.unsafe, 0)
    require_same("stray, damaged", (found.stray, found.is_damaged), (stray, is_damaged))
    counted = Counter(record.patient_id for record in found.records if record.path)
    require_same("images by patient", dict(counted), _PATIENTS)
    require(all(folder.joinpath(*path).is_file() for path in found.files), "names files that are not there")
    for record in found.records:
        if record.path:
            facts = inspect_file(folder.joinpath(*record.path))
            named = (record.sop_instance_uid, record.study_instance_uid, record.series_instance_uid)
            have = (facts.sop_instance_uid, facts.study_instance_uid, facts.series_instance_uid)
            require_same("UIDs of a record", named, have)
    words = "52 records, 31 files of 2 patients, all there, UIDs as in the files"
    if is_damaged:
        return Finding(f"{words}; said to be damaged", "the files; the disc's README", "shown with a warning")
    return Finding(words, "pydicom's FileSet (counts); the files themselves")


def _empty(work: Work) -> Finding:
    found = read_directory(work.data / FOLDER / "DICOMDIR-empty.dcm")
    require_same("records", (found.records, found.files), ((), ()))
    return Finding("no record, no file", "the README")


def _tiny(work: Work) -> Finding:
    folder = work.data / FOLDER / "TINY_ALPHA"
    found = read_directory(folder / "DICOMDIR")
    records = pydicom.dcmread(folder / "DICOMDIR").DirectoryRecordSequence
    theirs = sorted(tuple(one.ReferencedFileID) for one in records if "ReferencedFileID" in one)
    require_same("files named", sorted(found.files) == theirs, True)
    require_same("records, files", (len(found.records), len(found.files)), (53, 50))
    said = {refusal_of(partial(inspect_file, folder.joinpath(*path)), "NoPixelData") for path in found.files}
    return Finding(
        f"50 files named, all there; they have no pixels: {' / '.join(sorted(said))}",
        "pydicom's records",
        "refused by name",
    )


def _images(work: Work, name: str, count: int) -> Finding:
    """Every image of one folder, series by series."""
    by_series: dict[str, list[Path]] = defaultdict(list)
    for path in files_below(work.data / FOLDER / name):
        by_series[inspect_file(path).series_instance_uid].append(path)
        _require_pixels(path)
    require_same("images", sum(map(len, by_series.values())), count)
    told: Counter[str] = Counter()
    for number, paths in enumerate(by_series.values()):
        for part in parts_of(paths):
            told[_made_of(part.phases[0], str(part.label), work, f"{number}-{sum(told.values())}")] += 1
    words = "; ".join(f"{many} × {what}" if many > 1 else what for what, many in sorted(told.items()))
    require_same("detectors' spacing", *_projections(headers_of(p for s in by_series.values() for p in s)))
    return Finding(
        f"{count} images in {len(by_series)} series, every pixel equal: {words}",
        "SimpleITK; pydicom for MONOCHROME1",
    )


def _require_pixels(path: Path) -> None:
    ours = read_frame(path)
    if ours.inverted:
        # SimpleITK turns over the values of MONOCHROME1; they stay what they are here.
        dataset = pydicom.dcmread(path)
        theirs = dataset.pixel_array * float(dataset.RescaleSlope) + float(dataset.RescaleIntercept)
    else:
        theirs = pixels_by_simpleitk(path)[0]
    require_near(f"values of {path.name}", np.abs(ours.values - theirs.astype(float)).max(), 0, 1e-3)


def _made_of(headers: tuple[SliceHeader, ...], label: str, work: Work, name: str) -> str:
    try:
        built = build(headers, work.folder, name)
    except NotAVolume:
        return f"stack ({label})"
    require_same("warnings", built.warnings, ())
    paths = [header.path for header in built.plan.slices]
    require_equal(grid_of(built.volume), by_simpleitk(paths), label)
    return f"volume ({label})"


def _projections(headers: list[SliceHeader]) -> tuple[set[str], set[str]]:
    """Where radiographs' millimetres come from, and where they should: Imager Pixel Spacing alone."""
    radiographs = {header.spacing_source for header in headers if header.modality == "CR"}
    return radiographs, {"detector"} if radiographs else set()


CASES = [
    *(
        Case(
            f"{FOLDER}/{name}",
            (f"{FOLDER}/{name}",),
            f"index of a disc, {what}",
            "52 records, 31 files of 2 patients" + ("; said to be damaged" if is_damaged else ""),
            partial(_index, name=name, stray=stray, is_damaged=is_damaged),
        )
        for name, (what, stray, is_damaged) in _INDEXES.items()
    ),
    Case(
        f"{FOLDER}/DICOMDIR-empty.dcm",
        (f"{FOLDER}/DICOMDIR-empty.dcm",),
        "empty index",
        "names nothing",
        _empty,
    ),
    Case(
        f"{FOLDER}/TINY_ALPHA",
        (f"{FOLDER}/TINY_ALPHA",),
        "file set with letters in its names, 50 instances without pixels",
        "50 files named; each refused as having no pixels",
        _tiny,
    ),
    *(
        Case(
            f"{FOLDER}/{name}",
            (f"{FOLDER}/{name}",),
            f"the disc's images, {count} cut to 16 × 16 or so",
            "each image's pixels; volumes where they make one",
            partial(_images, name=name, count=count),
        )
        for name, count in _FOLDERS.items()
    ),
]
