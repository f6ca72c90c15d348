"""All cases, and the files of the data that none of them covers."""

from pathlib import Path

from tests.conformance import (
    corrupt,
    directories,
    formats,
    geometry,
    multiframe,
    objects,
    pet,
    photometrics,
    segmentations,
    series,
    syntaxes,
    text,
    tilt,
)
from tests.conformance.case import Case

CHAPTERS: dict[str, list[Case]] = {
    "Series and places": [*geometry.CASES, *tilt.CASES, *series.CASES],
    "PET": pet.CASES,
    "Multi-frame": multiframe.CASES,
    "Segmentations": segmentations.CASES,
    "Transfer syntaxes": syntaxes.CASES,
    "Photometric interpretations": photometrics.CASES,
    "NIfTI and NRRD": formats.CASES,
    "Text": text.CASES,
    "Discs": directories.CASES,
    "Broken files": corrupt.CASES,
    "Plans, structures, private elements, texts": objects.CASES,
}
CASES = [case for cases in CHAPTERS.values() for case in cases]


def files_of(data: Path) -> list[str]:
    """Every file of the data, relative to its folder."""
    return sorted(path.relative_to(data).as_posix() for path in data.rglob("*") if path.is_file())


def uncovered(files: list[str], cases: list[Case] = CASES) -> list[str]:
    """Those that no case covers."""
    return [file for file in files if not any(case.covers(file) for case in cases)]
