"""Objects that are not de-identified here, and what a person should look at in those that are.

Reports, documents, waveforms and presentation states are made of text and drawings that the Basic
Profile can only throw away; raw data and objects of private classes are opaque. They are refused.
"""

import re

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ImplicitVRLittleEndian

from app.imaging.deid_overlays import embedded_overlays
from app.imaging.errors import N_, InvalidElement, Message, MissingElement, UnsupportedData
from app.imaging.values import missing, name_of, raw_value, text

_STORAGE = "1.2.840.10008.5.1.4.1.1."
MEDIA_DIRECTORY = "1.2.840.10008.1.3.10"
_SECONDARY_CAPTURE = f"{_STORAGE}7"
# PS3.4 B.5: beginnings of the UIDs of families of classes.
_REFUSED: tuple[tuple[str, str], ...] = (
    (MEDIA_DIRECTORY, N_("A DICOMDIR names every patient of its medium and is not passed on.")),
    (f"{_STORAGE}104.", N_("Encapsulated documents (PDF, CDA, models) cannot be de-identified.")),
    (f"{_STORAGE}88.", N_("Structured reports and key object notes cannot be de-identified.")),
    (f"{_STORAGE}9.", N_("Waveforms cannot be de-identified.")),
    (f"{_STORAGE}11.", N_("Presentation states cannot be de-identified.")),
)
# RT Structure Set, RT Plan, RT Ion Plan, Spatial and Deformable Registration.
_WITHOUT_PIXELS = frozenset(_STORAGE + number for number in ("481.3", "481.5", "481.8", "66.1", "66.3"))
_PIXELS = (0x7FE00010, 0x7FE00008, 0x7FE00009)
_UID = re.compile(r"[0-9.]{1,64}")
_VIDEO = re.compile(r"1\.2\.840\.10008\.1\.2\.4\.10[0-8](\.1)?")  # MPEG-2, MPEG-4, HEVC
_OFTEN_BURNED_IN = frozenset({"US", "XA", "RF", "ES", "SC", "OT", "XC", "GM"})


def identity_of(dataset: Dataset) -> tuple[str, str]:
    """SOP Class UID and SOP Instance UID, from the file meta where the data set has none.

    Raises
    ------
    MissingElement
        Neither has them.
    InvalidElement
        What is there is no UID: it would be quoted in reports, and may be anything.
    """
    return (
        _uid_or_meta(dataset, "SOPClassUID", "MediaStorageSOPClassUID"),
        _uid_or_meta(dataset, "SOPInstanceUID", "MediaStorageSOPInstanceUID"),
    )


def _uid_or_meta(dataset: Dataset, keyword: str, meta_keyword: str) -> str:
    for value in (raw_value(dataset, keyword), raw_value(_meta(dataset), meta_keyword)):
        uid = str(value).strip("\0 ") if value else ""
        if _UID.fullmatch(uid):
            return uid
        if uid:
            raise InvalidElement(N_("%(name)s %(tag)s is not a UID."), **name_of(keyword))
    fault: MissingElement = missing(keyword)
    raise fault


def _meta(dataset: Dataset) -> Dataset:
    found: Dataset = getattr(dataset, "file_meta", None) or FileMetaDataset()
    return found


def refuse_unsuitable(dataset: Dataset) -> None:
    """Let only images and plain radiotherapy objects pass.

    Raises
    ------
    UnsupportedData
        Another kind of object; the message says which.
    MissingElement
        No SOP Class UID or SOP Instance UID.
    InvalidElement
        One of them is no UID.
    """
    class_uid, _ = identity_of(dataset)
    for beginning, reason in _REFUSED:
        if class_uid.startswith(beginning):
            raise UnsupportedData(reason)
    if class_uid not in _WITHOUT_PIXELS and not any(tag in dataset for tag in _PIXELS):
        raise UnsupportedData(
            N_("An object without pixels (class %(uid)s) cannot be de-identified."), uid=class_uid
        )
    if _VIDEO.fullmatch(str(raw_value(_meta(dataset), "TransferSyntaxUID"))):
        raise UnsupportedData(N_("Video cannot be de-identified: pictures and sound may hold names."))


def warnings_for(dataset: Dataset) -> tuple[Message, ...]:
    """What the header says of names that may be painted into the pixels."""
    return _burned_in(dataset) + _overlaid(dataset)


def _overlaid(dataset: Dataset) -> tuple[Message, ...]:
    """Bits of native pixels are cleared; compressed ones stay as they are."""
    syntax = UID(str(raw_value(_meta(dataset), "TransferSyntaxUID") or ImplicitVRLittleEndian))
    is_compressed = syntax.is_transfer_syntax and not syntax.is_private and syntax.is_encapsulated
    if not is_compressed or not embedded_overlays(dataset):
        return ()
    return (
        Message(N_("An overlay lies in unused bits of the compressed pixels and stays: it may hold a name.")),
    )


def _burned_in(dataset: Dataset) -> tuple[Message, ...]:
    burned_in = text(dataset, "BurnedInAnnotation").upper()
    if burned_in == "YES":
        why = N_("Burned In Annotation (0028,0301) is YES: the image itself may show who the patient is.")
        return (Message(why),)
    kind = text(dataset, "Modality").upper()
    is_capture = text(dataset, "SOPClassUID").startswith(_SECONDARY_CAPTURE)
    if burned_in != "NO" and (is_capture or kind in _OFTEN_BURNED_IN):
        why = N_(
            "Screen captures and images of this kind (%(modality)s) often show names. Look before you share."
        )
        return (Message(why, {"modality": kind if kind.isalpha() and len(kind) == 2 else "?"}),)
    return ()
