"""The index of a disc (DICOMDIR): which files it names, and whose they are.

The index is a flat sequence of records; byte offsets between them make a tree. Offsets are claims: each
is followed once, and only to a record. A record that no offset reaches takes the patient, study and
series that stand before it in the sequence, where writers put them. Names of files are claims too: what
leads out of the disc, or no disc could hold, is counted and left out.

References
----------
PS3.3 F.3.2 (directory information module); PS3.10 8.2 (file IDs) and 8.6 (DICOMDIR).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.filereader import dcmread
from pydicom.filereader import read_dataset as parse_elements
from pydicom.tag import BaseTag

from app.imaging import values
from app.imaging.dicomfile import MEDIA_DIRECTORY
from app.imaging.errors import N_, InvalidElement, LimitExceeded, TruncatedFile, UnsupportedData
from app.imaging.limits import DEFAULT_LIMITS, MIB, ReadLimits
from app.imaging.structure import FileStructure, read_structure

MAX_BYTES = 32 * MIB
MAX_RECORDS = 50_000
MAX_DEPTH = 8  # components of a file ID, PS3.10 8.2
MAX_COMPONENT = 64  # PS3.10 allows 8 characters; real discs have names of Joliet length

_SEQUENCE, _FIRST_OFFSET = 0x00041220, 0x00041200
# Offset of the Next Directory Record, of the Lower-Level Directory Entity, Record In-use Flag.
_NEXT, _LOWER, _IN_USE = BaseTag(0x00041400), BaseTag(0x00041420), BaseTag(0x00041410)
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"|?*\ufffd]')
_INACTIVE = 0
_MEDIA_CLASS = re.compile(
    rb"\x02\x00\x02\x00UI.." + re.escape(MEDIA_DIRECTORY.encode()) + rb"[\0 \x02]", re.DOTALL
)


_At = tuple[int, Dataset]  # the offset at which the file counts a record, and the record
Keys = dict[str, str]


@dataclass(frozen=True)
class DirectoryRecord:
    """One record.

    Attributes
    ----------
    kind : str
        Directory Record Type (0004,1430): PATIENT, STUDY, SERIES, IMAGE, …
    path : tuple of str
        Components of the file that it names, from the folder of the index; empty where it names none.
    sop_class_uid, sop_instance_uid : str
        Of that file, "" where not said.
    patient_id, study_instance_uid, series_instance_uid : str
        What it lies under, "" where not said. The first identifies a patient.
    """

    kind: str
    path: tuple[str, ...] = ()
    sop_class_uid: str = ""
    sop_instance_uid: str = ""
    patient_id: str = ""
    study_instance_uid: str = ""
    series_instance_uid: str = ""


@dataclass(frozen=True)
class Directory:
    """An index.

    Attributes
    ----------
    records : tuple of DirectoryRecord
        Those in use, in the order of the file.
    unsafe : int
        Records whose file ID is not followed: it leads out of the disc, or is no name.
    stray : int
        Records that no offset reaches.
    is_damaged : bool
        The file's lengths contradict each other: there may have been more.
    """

    records: tuple[DirectoryRecord, ...]
    unsafe: int = 0
    stray: int = 0
    is_damaged: bool = False

    @property
    def files(self) -> tuple[tuple[str, ...], ...]:
        """The paths of all files that are named, each once."""
        return tuple(dict.fromkeys(record.path for record in self.records if record.path))


def is_directory(path: Path) -> bool:
    """Whether the file's meta information calls it the index of a disc, however broken the rest is."""
    with path.open("rb") as file:
        head = file.read(1024)
    return head[128:132] == b"DICM" and _MEDIA_CLASS.search(head) is not None


def read_directory(path: Path, limits: ReadLimits = DEFAULT_LIMITS) -> Directory:
    """The index at *path*.

    Raises
    ------
    UnsupportedData
        It is another kind of DICOM file.
    LimitExceeded
        It is greater than any disc's, or has more records.
    InvalidElement, NotDicom, TruncatedFile
        It cannot be read.
    """
    if not is_directory(path):
        raise UnsupportedData(N_("The file is not the index of a disc (DICOMDIR)."))
    if path.stat().st_size > MAX_BYTES:
        raise LimitExceeded(N_("The index of the disc has more than %(limit)s bytes."), limit=MAX_BYTES)
    first, items, is_damaged = _whole_or_salvaged(path, limits)
    if len(items) > MAX_RECORDS:
        raise LimitExceeded(N_("The index of the disc has more than %(limit)s records."), limit=MAX_RECORDS)
    return _directory(items, first, is_damaged)


def _whole_or_salvaged(path: Path, limits: ReadLimits) -> tuple[int, list[_At], bool]:
    """Offset of the first record, the records, and whether the file's lengths contradict each other."""
    try:
        structure = read_structure(path, limits)
        header = values.decode_elements(structure, [_FIRST_OFFSET])
        return _first(header), _items(structure), False
    except (TruncatedFile, InvalidElement) as fault:
        # Writers that leave elements out and forget the lengths around them: what is there is read.
        first, items = _salvaged(path)
        if not items:
            raise fault from None
        return first, items, True


def _first(header: Dataset) -> int:
    return values.integer(header, "OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity") or 0


def _items(structure: FileStructure) -> list[_At]:
    span = structure.elements.get(_SEQUENCE)
    if span is None:
        return []
    try:
        data = structure.data[span.start : span.end]
        found = parse_elements(BytesIO(data), structure.implicit, structure.little_endian)
        return _with_offsets(found, span.start)
    except MemoryError:
        raise
    except Exception:
        # What passes the walk may still be nonsense to pydicom: struct.error, KeyError, EOFError, …
        raise InvalidElement(N_("The records of the disc's index cannot be read.")) from None


def _salvaged(path: Path) -> tuple[int, list[_At]]:
    """As much as pydicom reads of an index whose lengths are wrong; its size is bounded by then."""
    try:
        found = dcmread(BytesIO(path.read_bytes()), force=True)
        return _first(found), _with_offsets(found, 0)
    except MemoryError:
        raise
    except (Exception, RecursionError):
        return 0, []


def _with_offsets(dataset: Dataset, base: int) -> list[_At]:
    sequence = dataset[_SEQUENCE].value if _SEQUENCE in dataset else ()
    return [(base + int(item.seq_item_tell or 0), item) for item in sequence or ()]


def _parents(items: Sequence[_At]) -> list[int | None]:
    """The record above each, None where no offset leads to it. A record is taken once: loops end there."""
    place = {offset: index for index, (offset, _) in enumerate(items)}
    found: list[int | None] = [None] * len(items)
    for above, (_, item) in enumerate(items):
        below = place.get(_unsigned(item, _LOWER) or 0)
        while below is not None and below != above and found[below] is None:
            found[below] = above
            below = place.get(_unsigned(items[below][1], _NEXT) or 0)
    return found


def _roots(items: Sequence[_At], first: int) -> set[int]:
    """The records of the uppermost row, as the index's own first offset leads to them."""
    place = {offset: index for index, (offset, _) in enumerate(items)}
    found: set[int] = set()
    index = place.get(first)
    while index is not None and index not in found:
        found.add(index)
        index = place.get(_unsigned(items[index][1], _NEXT) or 0)
    return found


def _unsigned(item: Dataset, tag: BaseTag) -> int | None:
    """A UL or US element straight from its bytes: an index has thousands of records."""
    stored = item.get_item(tag) if tag in item.keys() else None  # noqa: SIM118 - "in item" converts the tag
    if not isinstance(stored, RawDataElement) or not isinstance(stored.value, bytes):
        return None
    return int.from_bytes(stored.value[:4], "little" if stored.is_little_endian else "big")


def _directory(items: Sequence[_At], first: int, is_damaged: bool) -> Directory:
    own = [_own_keys(item) for _, item in items]
    parents, roots, before = _parents(items), _roots(items, first), _keys_before(own)
    records: list[DirectoryRecord] = []
    unsafe = stray = 0
    for index, (_, item) in enumerate(items):
        is_stray = parents[index] is None and index not in roots
        stray += is_stray
        if _unsigned(item, _IN_USE) == _INACTIVE:
            continue
        path = _safe_path(item)
        unsafe += path is None
        keys = (before[index] | own[index]) if is_stray else _keys_above(index, own, parents)
        records.append(_record(item, path or (), keys))
    return Directory(tuple(records), unsafe, stray, is_damaged)


def _keys_above(index: int, own: Sequence[Keys], parents: Sequence[int | None]) -> Keys:
    """What the record and those above it say; the nearest one counts."""
    found: Keys = {}
    at: int | None = index
    for _ in range(MAX_DEPTH):
        if at is None:
            break
        found = own[at] | found
        at = parents[at]
    return found


def _record(item: Dataset, path: tuple[str, ...], keys: Keys) -> DirectoryRecord:
    return DirectoryRecord(
        kind=values.text(item, "DirectoryRecordType")[:16],
        path=path,
        sop_class_uid=values.uid(item, "ReferencedSOPClassUIDInFile") or "",
        sop_instance_uid=values.uid(item, "ReferencedSOPInstanceUIDInFile") or "",
        **keys,
    )


_KEYS = {
    "patient_id": (BaseTag(0x00100020), "PatientID"),
    "study_instance_uid": (BaseTag(0x0020000D), "StudyInstanceUID"),
    "series_instance_uid": (BaseTag(0x0020000E), "SeriesInstanceUID"),
}
_LEVELS = tuple(_KEYS)


def _own_keys(item: Dataset) -> Keys:
    """What the record itself says; by its elements, for some writers' types are wrong."""
    present = item.keys()
    found = {name: values.text(item, keyword) for name, (tag, keyword) in _KEYS.items() if tag in present}
    return {name: text for name, text in found.items() if text}


def _keys_before(own: Sequence[Keys]) -> list[Keys]:
    """For each record the patient, study and series that stand before it; a new patient ends the study."""
    found: list[Keys] = []
    current: Keys = {}
    for keys in own:
        found.append(current)
        if keys:
            highest = min(_LEVELS.index(name) for name in keys)
            current = {name: current[name] for name in _LEVELS[:highest] if name in current} | keys
    return found


def _safe_path(item: Dataset) -> tuple[str, ...] | None:
    """The components of Referenced File ID (0004,1500); empty without one, None where it is not followed."""
    if not values.has_bytes(item, "ReferencedFileID"):
        return ()
    stored = values.raw_value(item, "ReferencedFileID")
    texts = [stored] if isinstance(stored, str) else stored or ()
    parts = [part.strip() for text in texts for part in str(text).split("/")]
    if not 0 < len(parts) <= MAX_DEPTH:
        return None
    for part in parts:
        if not 0 < len(part) <= MAX_COMPONENT or not part.strip(".") or _FORBIDDEN.search(part):
            return None
    return tuple(parts)
