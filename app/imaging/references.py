"""What an object drawn on images refers to: series, frame of reference, and what it calls itself.

Only those elements are decoded: a structure set may have 100 MB of contours, a dose as many voxels.

References
----------
PS3.3 C.8.8.5 (Structure Set), C.8.20.2 (Segmentation Image), C.8.8.3 (RT Dose), C.7.4.1 (Frame of Reference).
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.tag import Tag

from app.imaging import values
from app.imaging.errors import N_, UnsupportedData
from app.imaging.limits import DEFAULT_LIMITS, MIB, ReadLimits
from app.imaging.structure import read_structure

KINDS = {
    "1.2.840.10008.5.1.4.1.1.481.3": "rtstruct",
    "1.2.840.10008.5.1.4.1.1.66.4": "seg",
    "1.2.840.10008.5.1.4.1.1.66.7": "seg",  # Label Map Segmentation
    "1.2.840.10008.5.1.4.1.1.481.2": "rtdose",
}
"""What each SOP Class is called here (PS3.4 B.5)."""

MOST_SERIES = 100
# A structure set lists every image of its series: 200 bytes each, some thousand of them.
_MOST_BYTES = 8 * MIB
_NAMES = ("StructureSetLabel", "DoseComment", "SeriesDescription", "ContentLabel", "DoseSummationType")
_KEYWORDS = (
    "SOPClassUID",
    "FrameOfReferenceUID",
    "ReferencedFrameOfReferenceSequence",
    "ReferencedSeriesSequence",
    *_NAMES,
)
_TAGS = tuple(int(Tag(keyword)) for keyword in _KEYWORDS)


@dataclass(frozen=True)
class FileReference:
    """What a file refers to; texts are empty where the file says nothing.

    Attributes
    ----------
    kind : "rtstruct", "seg" or "rtdose"
    name : str
        Its label, else its series' description.
    frame_of_reference_uid : str
    series_uids : tuple of str
        Series Instance UIDs of the images.
    """

    kind: str
    name: str
    frame_of_reference_uid: str
    series_uids: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The form in which it leaves the process that read the file."""
        return asdict(self) | {"series_uids": list(self.series_uids)}


def read_reference(path: Path, limits: ReadLimits = DEFAULT_LIMITS) -> FileReference:
    """What the object at *path* refers to.

    Raises
    ------
    ImagingError
        It cannot be read; UnsupportedData where it is of another class.
    """
    structure = read_structure(path, limits)
    header = values.decode_elements(structure, _TAGS, _MOST_BYTES)
    kind = KINDS.get(values.uid(header, "SOPClassUID") or "")
    if kind is None:
        raise UnsupportedData(N_("The file is no structure set, segmentation or dose."))
    frames = list(_items([header], "ReferencedFrameOfReferenceSequence"))
    uids = [values.uid(holder, "FrameOfReferenceUID") for holder in (header, *frames)]
    studies = _items(frames, "RTReferencedStudySequence")
    series = [*_items([header], "ReferencedSeriesSequence"), *_items(studies, "RTReferencedSeriesSequence")]
    found = (values.uid(one, "SeriesInstanceUID") for one in series)
    return FileReference(
        kind=kind,
        name=next((name for name in (values.text(header, keyword) for keyword in _NAMES) if name), ""),
        frame_of_reference_uid=next((uid for uid in uids if uid), ""),
        series_uids=tuple(dict.fromkeys(uid for uid in found if uid))[:MOST_SERIES],
    )


def _items(holders: Iterable[Dataset], keyword: str) -> Iterable[Dataset]:
    """The items of the sequence in each of *holders*; none where it is no sequence."""
    for holder in holders:
        found = holder.get(keyword)
        if isinstance(found, Sequence):
            yield from found
