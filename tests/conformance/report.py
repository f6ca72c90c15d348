"""The table as Markdown: docs/conformance.md."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

import nibabel
import nrrd as pynrrd
import pydicom
import SimpleITK as sitk  # noqa: N813 - as all its documentation has it

from tests.conformance.case import Case, Finding
from tests.conformance.references import NO_DCM2NIIX, dcm2niix_version

Row = tuple[Case, Finding]
BAD = ("DIFFERS", "not covered")

_HEAD = """\
# Conformance

Every file of the shared test data (`../shared/data`; its README says what each is and whence) and what
Triplano makes of it, held against another tool or against numbers worked out by hand. The promise: right, or
refused with the reason, or shown with a warning; never silently wrong.

This page is written by `make conformance`, which fails when a row differs or a file is in no row. Do not edit
it: the cases are in `tests/conformance`. Volumes are compared voxel by voxel, and by the LPS places of their
corners; frames pixel by pixel. What no other tool reads is held against numbers in the case.

| verdict | means |
|---|---|
| agrees | as expected, and as the reference has it |
| shown with a warning | likewise, and the student is told what is assumed, missing or resampled |
| refused by name | not shown; the reason names what is wrong |
| DIFFERS | not as expected |
| not covered | a file of the data that no case looks at |
"""


def written(chapters: Mapping[str, Sequence[Row]], uncovered: Sequence[str]) -> str:
    """The page."""
    rows = [row for some in chapters.values() for row in some]
    parts = [_HEAD, _tools(), _summary(rows, uncovered)]
    for title, some in chapters.items():
        parts.append("\n".join([f"## {title}", "", *_table(some)]) + "\n")
    if uncovered:
        lines = [f"| `{_cell(file)}` | **not covered** |" for file in uncovered]
        parts.append("\n".join(["## In no row", "", "| file | verdict |", "|---|---|", *lines]) + "\n")
    return "\n".join(parts)


def is_good(rows: Iterable[Row], uncovered: Sequence[str]) -> bool:
    """Whether nothing differs and nothing is left out."""
    return not uncovered and not any(finding.verdict in BAD for _, finding in rows)


def _tools() -> str:
    made = dcm2niix_version()
    niix = f"dcm2niix {made}" if made else NO_DCM2NIIX
    itk = sitk.Version.VersionString()
    ours = f"pydicom {pydicom.__version__}, nibabel {nibabel.__version__}, pynrrd {pynrrd.__version__}"
    return f"Held against: SimpleITK {itk}, {niix}, {ours}.\n"


def _summary(rows: Sequence[Row], uncovered: Sequence[str]) -> str:
    counted = Counter(finding.verdict for _, finding in rows)
    counted["not covered"] = len(uncovered)
    words = ", ".join(
        f"{counted[name]} {name}"
        for name in ("agrees", "shown with a warning", "refused by name", "DIFFERS", "not covered")
    )
    return f"**{len(rows)} cases: {words}.**\n"


def _table(rows: Sequence[Row]) -> Iterator[str]:
    yield "| case | what it is | expected | what came out | held against | verdict |"
    yield "|---|---|---|---|---|---|"
    for case, finding in rows:
        verdict = f"**{finding.verdict}**" if finding.verdict in BAD else finding.verdict
        cells = (case.what, case.expected, finding.came_out, finding.reference, verdict)
        yield f"| `{_cell(case.name)}` | {' | '.join(map(_cell, cells))} |"


def _cell(text: str) -> str:
    """Text that stays within its cell."""
    return " ".join(text.replace("\\", "\\\\").replace("|", "\\|").split())
