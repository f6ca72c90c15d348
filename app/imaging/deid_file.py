"""The file around a de-identified copy: transfer syntax, file meta made anew, pixels and nothing behind them.

References
----------
PS3.10 7.1 for the file meta information; PS3.5 8.1 and Annex A.
"""

import math
from pathlib import Path

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filewriter import dcmwrite
from pydicom.uid import UID, ExplicitVRLittleEndian

from app.imaging import values
from app.imaging.errors import N_, InvalidElement, UnsupportedData

# Ours, made once at random; it names no product, for that could be a patient's name too.
IMPLEMENTATION_CLASS_UID = UID("2.25.227041316402894171236902175423164390671")
IMPLEMENTATION_VERSION_NAME = "DEID_1"
_PIXEL_DATA = 0x7FE00010
_PIXEL_FACTORS = ("Rows", "Columns", "SamplesPerPixel", "BitsAllocated")


def transfer_syntax(dataset: Dataset) -> UID:
    """The transfer syntax of the copy: the original's, so that pixels can stay as they are."""
    meta = getattr(dataset, "file_meta", None) or FileMetaDataset()
    stated = values.raw_value(meta, "TransferSyntaxUID")
    if not stated:
        return ExplicitVRLittleEndian
    syntax = UID(str(stated))
    if not syntax.is_valid or (not syntax.is_private and not syntax.is_transfer_syntax):
        shown = str(syntax) if syntax.is_valid else "?"  # what is no UID may be a name
        raise UnsupportedData(N_("The transfer syntax (%(uid)s) is not known."), uid=shown)
    return syntax


def encoding_of(dataset: Dataset, syntax: UID) -> tuple[bool, bool]:
    """(implicit VR, little endian) in which the copy is written."""
    if syntax.is_private:
        implicit, little = dataset.original_encoding
        return bool(implicit), little is not False
    return syntax.is_implicit_VR, syntax.is_little_endian


def file_meta(copy: Dataset, syntax: UID) -> FileMetaDataset:
    """A file meta with what PS3.10 7.1 requires; nothing is taken over but the transfer syntax."""
    meta = FileMetaDataset()
    meta.FileMetaInformationVersion = b"\0\1"
    meta.MediaStorageSOPClassUID = copy.SOPClassUID
    meta.MediaStorageSOPInstanceUID = copy.SOPInstanceUID
    meta.TransferSyntaxUID = syntax
    meta.ImplementationClassUID = IMPLEMENTATION_CLASS_UID
    meta.ImplementationVersionName = IMPLEMENTATION_VERSION_NAME
    return meta


def write_copy(copy: Dataset, target: Path, encoding: tuple[bool | None, bool | None]) -> None:
    """Write a copy; *encoding* only where the transfer syntax does not say it."""
    implicit, little = encoding
    try:
        dcmwrite(target, copy, implicit_vr=implicit, little_endian=little, enforce_file_format=True)
    except (MemoryError, OSError):
        raise
    except Exception:
        # Values that pydicom read and cannot write: struct.error, TypeError, ValueError, OverflowError, …
        target.unlink(missing_ok=True)
        raise InvalidElement(N_("An element of the file holds a value that cannot be written.")) from None


def cut_behind_pixels(copy: Dataset, original: Dataset, syntax: UID) -> None:
    """Leave out what stands in Pixel Data behind the last pixel: no reader shows it, and it may be text."""
    pixels = copy.get_item(_PIXEL_DATA, keep_deferred=True)
    value = None if pixels is None else pixels.value
    photometric = values.text(original, "PhotometricInterpretation")
    if not isinstance(value, bytes) or syntax.is_private or syntax.is_encapsulated:
        return
    length = _pixel_bytes(original)
    # As the scan: YBR_FULL_422 is often stated of pixels that are not subsampled.
    if 0 < length < len(value) - 1 and photometric != "YBR_FULL_422":
        copy[_PIXEL_DATA] = DataElement(_PIXEL_DATA, pixels.VR or "OW", value[:length])


def _pixel_bytes(dataset: Dataset) -> int:
    """Bytes that the native pixels of all frames take; 0 where the data set does not say."""
    frames = values.integer(dataset, "NumberOfFrames") if values.has_bytes(dataset, "NumberOfFrames") else 1
    factors = [values.integer(dataset, keyword) for keyword in _PIXEL_FACTORS]
    return (math.prod(max(factor or 0, 0) for factor in (*factors, frames)) + 7) // 8
