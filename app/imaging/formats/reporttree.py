"""The content tree of a structured report, for reading files of strangers: bounded, and tolerant of gaps.

References
----------
PS3.3 C.17.3 (content items); PS3.16 TID 1500.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from pydicom.dataset import Dataset

from app.imaging.dicomfile import read_dataset
from app.imaging.errors import N_, UnsupportedData
from app.imaging.formats import reportcodes as codes
from app.imaging.limits import MIB, ReadLimits
from app.imaging.values import clean_text

REPORT_CLASSES = (
    "1.2.840.10008.5.1.4.1.1.88.22",  # Enhanced SR
    "1.2.840.10008.5.1.4.1.1.88.33",  # Comprehensive SR
    "1.2.840.10008.5.1.4.1.1.88.34",  # Comprehensive 3D SR
    "1.2.840.10008.5.1.4.1.1.88.35",  # Extensible SR
)
MAX_BYTES = 4 * MIB
"""Of a report's file: one mark takes about 1.5 KB."""
MOST_GROUPS = 2000
REPORT_LIMITS = ReadLimits(
    max_elements=200_000,
    max_siblings=20_000,
    max_depth=24,
    max_header_bytes=MAX_BYTES,
    max_inflated_bytes=MAX_BYTES,
)
_MOST_ITEMS = 10_000
_NOT_MEASUREMENTS = N_("The file is no structured report of measurements (TID 1500).")


def read_groups(path: Path) -> list[Dataset]:
    """The measurement groups of the report at *path*, in its order, at most :data:`MOST_GROUPS`.

    Raises
    ------
    UnsupportedData
        The file is DICOM, but no report of measurements.
    ImagingError
        It is no DICOM file, or one beyond the limits.
    """
    document = read_dataset(path, limits=REPORT_LIMITS)
    if text_of(document, "SOPClassUID") not in REPORT_CLASSES:
        raise UnsupportedData(_NOT_MEASUREMENTS)
    for container in children(document):
        if code_of(container) == codes.IMAGING_MEASUREMENTS[:2]:
            groups = (item for item in children(container) if code_of(item) == codes.MEASUREMENT_GROUP[:2])
            return [group for group, _ in zip(groups, range(MOST_GROUPS), strict=False)]
    raise UnsupportedData(_NOT_MEASUREMENTS)


def children(item: Dataset) -> Iterator[Dataset]:
    """The content items under *item*."""
    for child, _ in zip(sequence_of(item, "ContentSequence"), range(_MOST_ITEMS), strict=False):
        yield child


def sequence_of(item: Dataset, keyword: str) -> Sequence[Dataset]:
    """The items of a sequence; none where it is absent or cannot be read."""
    try:
        return list(item.get(keyword) or ())
    except Exception:
        return []  # pydicom stumbles over it: what can be read is


def text_of(item: Dataset, keyword: str) -> str:
    """The text of an element, "" where it is absent or cannot be read."""
    try:
        value = item.get(keyword)
    except Exception:
        return ""
    return clean_text("" if value is None else value, 256)


def code_of(item: Dataset, keyword: str = "ConceptNameCodeSequence") -> tuple[str, str]:
    """(value, scheme) of the code in *keyword*; of a content item's name unless it says otherwise."""
    for code in sequence_of(item, keyword):
        value = text_of(code, "CodeValue") or text_of(code, "LongCodeValue")
        return value, text_of(code, "CodingSchemeDesignator")
    return "", ""


def meaning_of(item: Dataset, keyword: str = "ConceptCodeSequence") -> str:
    """The words of the code in *keyword*."""
    return next((text_of(code, "CodeMeaning") for code in sequence_of(item, keyword)), "")


def numbers_of(item: Dataset, keyword: str) -> list[float]:
    """The numbers of an element; none where they cannot be read."""
    try:
        value = item.get(keyword)
        if value is None:
            return []
        return [float(one) for one in value] if hasattr(value, "__iter__") else [float(value)]
    except Exception:
        return []
