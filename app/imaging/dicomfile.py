"""Tolerant reading of DICOM files: what is in one, or why it is refused.

Every function here is safe on hostile files: the structure is walked within limits first
(:mod:`app.imaging.structure`), and pydicom sees only bytes that passed.
"""

import re
from io import BytesIO
from pathlib import Path

from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.filereader import read_dataset as parse_elements
from pydicom.uid import UID

from app.imaging import values
from app.imaging.elements import Element, element_rows
from app.imaging.errors import N_, InvalidElement, NoPixelData, UnsupportedData
from app.imaging.facts import FACT_TAGS, InstanceFacts, build_facts
from app.imaging.layout import LAYOUT_TAGS, read_layout
from app.imaging.limits import DEFAULT_LIMITS, ReadLimits
from app.imaging.structure import FileStructure, read_structure

__all__ = ["Element", "InstanceFacts", "ReadLimits", "inspect_file", "list_elements", "read_dataset"]

RT_STRUCTURE_SET = "1.2.840.10008.5.1.4.1.1.481.3"
MEDIA_DIRECTORY = "1.2.840.10008.1.3.10"
_NUMBERS = re.compile(r"[0-9.]+")
_MEDIA_CLASS, _MEDIA_INSTANCE = 0x00020002, 0x00020003
# Storage classes whose names do not say "Image" although they hold pixels (PS3.4 B.5).
_IMAGE_WORDS = ("Image", "RT Dose", "Segmentation", "Parametric Map", "Photography")
# Classes whose objects never hold pixels, by the words of their names.
_PIXELLESS_WORDS = (
    "SR ", "SR Storage", "Presentation State", "Key Object", "RT Plan", "RT Ion Plan", "Waveform", "ECG",
    "Encapsulated", "Raw Data", "Surface", "Spatial", "Fiducials", "Registration", "Treatment Record",
    "Real World", "Tractography", "Report", "Plan Storage", "Directory", "Detail",
)  # fmt: skip


def inspect_file(path: Path, limits: ReadLimits = DEFAULT_LIMITS) -> InstanceFacts:
    """The facts of the DICOM file at *path*; no pixel is decoded.

    Raises
    ------
    NotDicom, TruncatedFile, MissingElement, InvalidElement, NoPixelData, UnsupportedData, LimitExceeded
        Why the file cannot be taken into the archive.

    References
    ----------
    PS3.10 7.1 (file format), PS3.3 C.7 (modules common to images).
    """
    structure = read_structure(path, limits)
    header = values.decode_elements(structure, (*FACT_TAGS, *LAYOUT_TAGS))
    class_uid, instance_uid = _identity(structure, header)
    has_pixels = structure.pixels() is not None
    if not has_pixels and not _goes_without_pixels(class_uid):
        raise _without_pixels(class_uid)
    if has_pixels:
        layout = read_layout(structure, header, limits)
        size = (layout.rows, layout.columns, layout.frames)
    else:
        size = (0, 0, 0)
    return build_facts(
        header,
        sop_class_uid=class_uid,
        sop_instance_uid=instance_uid,
        transfer_syntax_uid=structure.transfer_syntax_uid,
        size=size,
        has_pixels=has_pixels,
    )


def read_dataset(
    path: Path, *, stop_before_pixels: bool = False, limits: ReadLimits = DEFAULT_LIMITS
) -> FileDataset:
    """The whole data set of the DICOM file at *path*, its deflated form inflated.

    Raises
    ------
    ImagingError
        As :func:`app.imaging.structure.read_structure`; InvalidElement when pydicom cannot follow.
    """
    structure = read_structure(path, limits)
    pixels = structure.pixels()
    end = pixels.start if pixels is not None and stop_before_pixels else structure.end
    try:
        dataset = parse_elements(
            BytesIO(structure.data[structure.start : end]), structure.implicit, structure.little_endian
        )
        return FileDataset(
            str(path),
            dataset,
            preamble=structure.data[:128] if structure.data[128:132] == b"DICM" else None,
            file_meta=_file_meta(structure),
            is_implicit_VR=structure.implicit,
            is_little_endian=structure.little_endian,
        )
    except MemoryError:
        raise
    except Exception:
        # What passes the walk may still be nonsense to pydicom: struct.error, KeyError, EOFError, …
        raise InvalidElement(N_("The elements of the file cannot be read.")) from None


def list_elements(path: Path, limit: int = 2000, limits: ReadLimits = DEFAULT_LIMITS) -> list[Element]:
    """The file's elements, nested ones after their sequence, at most *limit*; no pixels among them."""
    dataset = read_dataset(path, stop_before_pixels=True, limits=limits)
    pixels = read_structure(path, limits).pixels()
    return element_rows(dataset, pixels, limit)


def _file_meta(structure: FileStructure) -> FileMetaDataset:
    spans = sorted(structure.meta.values(), key=lambda span: span.start)
    data = b"".join(structure.data[span.start : span.end] for span in spans)
    implicit = bool(spans) and spans[0].vr == ""
    meta = FileMetaDataset(parse_elements(BytesIO(data), implicit, True))
    if "TransferSyntaxUID" not in meta:
        meta.TransferSyntaxUID = UID(structure.transfer_syntax_uid)
    return meta


def _identity(structure: FileStructure, header: Dataset) -> tuple[str, str]:
    """SOP Class and Instance UID, from the data set, else from the file meta information."""
    found = []
    for keyword, tag in (("SOPClassUID", _MEDIA_CLASS), ("SOPInstanceUID", _MEDIA_INSTANCE)):
        media = structure.meta.get(tag)
        raw = structure.data[media.value : min(media.end, media.value + 128)] if media else b""
        fallback = raw.decode("ascii", "replace").strip("\0 ")
        if keyword == "SOPClassUID" and fallback == MEDIA_DIRECTORY:
            raise _without_pixels(MEDIA_DIRECTORY)
        if values.has_bytes(header, keyword) or not fallback:
            found.append(values.require_uid(header, keyword))
        else:
            found.append(values.checked_uid(fallback, keyword))
    return found[0], found[1]


def _goes_without_pixels(class_uid: str) -> bool:
    return class_uid == RT_STRUCTURE_SET


def _without_pixels(class_uid: str) -> NoPixelData | UnsupportedData | InvalidElement:
    """The fault of a file without pixels: an image that lost them, or an object that never has any."""
    if not _NUMBERS.fullmatch(class_uid):  # it may be anything, a name too, and is not to be quoted
        return InvalidElement(N_("%(name)s %(tag)s is not a UID."), **values.name_of("SOPClassUID"))
    name = values.uid_name(class_uid)
    if any(word in name for word in _IMAGE_WORDS) and not any(word in name for word in _PIXELLESS_WORDS):
        return NoPixelData(N_("The image has no Pixel Data (7FE0,0010)."))
    return UnsupportedData(N_("%(name)s (%(uid)s) holds no image."), name=name, uid=class_uid)
