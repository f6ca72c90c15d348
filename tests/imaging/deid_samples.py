"""An image with a patient in it, and what became of each of its elements."""

from collections import Counter
from pathlib import Path

import pydicom
from pydicom.dataset import Dataset

KEY = b"0123456789abcdef"
# Those that come with the package; pydicom.data would try to download the others.
PYDICOM_FILES = sorted((Path(pydicom.__file__).parent / "data" / "test_files").glob("*.dcm"))
CT = "1.2.840.10008.5.1.4.1.1.2"


def ct(**values: object) -> Dataset:
    """A CT image of a patient, without file meta."""
    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = CT, "2.999.1.1"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = "2.999.1", "2.999.1.0"
    dataset.PatientName, dataset.PatientID, dataset.Modality = "Salgado^Rosa", "HG-448120", "CT"
    dataset.Rows = dataset.Columns = 2
    dataset.add_new(0x7FE00010, "OW", bytes(8))
    for keyword, value in values.items():
        setattr(dataset, keyword, value)
    return dataset


def saved(path: Path, dataset: Dataset) -> Path:
    dataset.ensure_file_meta()
    dataset.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
    dataset.save_as(path, enforce_file_format=True)
    return path


def fates(original: Dataset, copy: Dataset) -> Counter[str]:
    """The slow twin of the walk's counting: compares two data sets, knows nothing of the table."""
    counts: Counter[str] = Counter()
    for tag in {*original.keys(), *copy.keys()}:
        if tag not in copy:
            counts["removed"] += 1
        elif tag not in original:
            counts["replaced"] += 1
        elif original[tag].is_empty or not copy[tag].is_empty or original[tag].VR == "SQ":
            counts += _fates_of_present(original[tag], copy[tag])
        else:
            counts["removed"] += 1
    return counts


def _fates_of_present(before: object, after: object) -> Counter[str]:
    if before.VR != "SQ":
        same = before.value == after.value or (before.is_empty and after.is_empty)
        return Counter(["kept" if same else "replaced"])
    if len(before.value) != len(after.value):
        return Counter(["removed"])
    is_dummy = any(item.get("CodingSchemeDesignator") in {"99REMOVED", "DCM"} for item in after.value)
    if is_dummy and before.value != after.value:
        return Counter(["replaced"])
    counts = Counter(["kept"])
    for old, new in zip(before.value, after.value, strict=True):
        counts += fates(old, new)
    return counts
