"""DICOM SEG, held against the label maps they were made of."""

import numpy as np
import pydicom

from app.imaging.pixels import read_frame
from tests.conformance.case import Case, Finding, Work, require_same
from tests.conformance.pipeline import build, only_part, parts_of
from tests.conformance.references import by_simpleitk, grid_of, require_equal

FOLDER = "seg-ct-liver-dcmqi"


def _liver(work: Work) -> Finding:
    built = build(only_part([work.data / FOLDER / "seg/liver.dcm"]).phases[0], work.folder)
    labels = by_simpleitk([work.data / FOLDER / "nrrd/liver_seg.nrrd"])
    words = require_equal(grid_of(built.volume), labels, "liver_seg.nrrd")
    require_same("voxels", int(built.volume.array.sum()), 107098)
    return Finding(f"{built.grid}, 107098 voxels; {words}", "liver_seg.nrrd by SimpleITK; the README's count")


def _overlapping(work: Work) -> Finding:
    path = work.data / FOLDER / "seg/partial_overlaps.dcm"
    parts = parts_of([path])
    require_same("images of the parts", [len(part.headers) for part in parts], [3, 1, 1, 1, 1])
    maps = [by_simpleitk([work.data / FOLDER / f"nrrd/partial_overlaps-{n}.nrrd"]) for n in (1, 2, 3)]
    groups = pydicom.dcmread(path).PerFrameFunctionalGroupsSequence
    for part in parts:
        for header in part.headers:
            number = groups[header.frame].SegmentIdentificationSequence[0].ReferencedSegmentNumber
            assert header.position is not None
            k = round(header.position[2] - float(maps[0].affine[2, 3]))
            expected = np.any([grid.values[k] == number for grid in maps], axis=0)
            found = read_frame(path, header.frame).values
            require_same(
                f"frame {header.frame + 1}, segment {number}", bool(np.array_equal(found, expected)), True
            )
    return Finding(
        "five parts, one for each segment, of 3, 1, 1, 1 and 1 slices; every pixel equal",
        "partial_overlaps-1 to -3.nrrd by SimpleITK",
    )


CASES = [
    Case(
        f"{FOLDER}/seg/liver.dcm",
        (f"{FOLDER}/seg/liver.dcm",),
        "SEG of the liver, 1 bit a pixel, 3 frames",
        "liver_seg.nrrd, 107098 voxels",
        _liver,
    ),
    Case(
        f"{FOLDER}/seg/partial_overlaps.dcm",
        (f"{FOLDER}/seg/partial_overlaps.dcm",),
        "SEG of five segments that overlap, 7 frames",
        "each segment apart",
        _overlapping,
    ),
]
