"""The images that a segmentation was drawn on, as DICOM objects made from it refer to them.

Patient and study are taken from the first of them as they stand, so that what is written joins their study.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from pydicom import config
from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

from app.imaging.errors import N_, ImagingError
from app.imaging.segments import Grid
from app.imaging.volumeheader import VolumeHeader

_SERIES_WITHOUT_IMAGES = N_(
    "DICOM segmentations and structure sets belong to DICOM images, and this volume was not read from any. "
    "Save it as NIfTI or NRRD."
)
_NO_SPACE = N_(
    "The images do not name the space that they lie in (Frame of Reference UID (0020,0052)), without which "
    "nothing can be tied to them. Save it as NIfTI or NRRD."
)
# PS3.3 C.7.1.1 and C.7.2.1: a derived object has them from its images.
PATIENT = ("PatientName", "PatientID", "IssuerOfPatientID", "PatientBirthDate", "PatientSex")
STUDY = (
    "StudyInstanceUID", "StudyDate", "StudyTime", "StudyID", "AccessionNumber", "StudyDescription",
    "ReferringPhysicianName",
)  # fmt: skip


class NotWritable(ImagingError):
    """The format cannot hold this segmentation; the message says why, and which can."""

    code = "not_writable"


@dataclass(frozen=True)
class SourceImages:
    """DICOM images of one series.

    Attributes
    ----------
    headers : datasets without pixels, one an instance, in any order
    images_by_k : (SOP Instance UID, frame from 0 or None) by slice
        Empty where slices are not images: a volume straightened or resampled.
    """

    headers: tuple[Dataset, ...]
    images_by_k: tuple[tuple[str, int | None], ...] = ()

    @classmethod
    def of(cls, headers: Sequence[Dataset], volume: VolumeHeader) -> "SourceImages":
        """Of the instances that *volume* was built from."""
        if volume.resampling is not None:
            return cls(tuple(headers))
        frames = volume.frames or (None,) * len(volume.sop_instance_uids)
        return cls(tuple(headers), tuple(zip(volume.sop_instance_uids, frames, strict=True)))

    def check(self, grid: Grid) -> None:
        """Refuse what no DICOM object can be made of.

        Raises
        ------
        NotWritable
            There are no DICOM images, or no frame of reference.
        """
        if not self.headers:
            raise NotWritable(_SERIES_WITHOUT_IMAGES)
        if not grid.frame_of_reference_uid:
            raise NotWritable(_NO_SPACE)
        if self.images_by_k and len(self.images_by_k) != grid.shape_ijk[2]:
            raise ValueError("there is one image a slice")

    @property
    def references(self) -> list[Dataset]:
        """Class and instance of each, in the order of the slices where that is known."""
        order = {uid: k for k, (uid, _frame) in reversed(list(enumerate(self.images_by_k)))}
        last = len(order)
        headers = sorted(self.headers, key=lambda header: order.get(str(header.SOPInstanceUID), last))
        return [_reference(header) for header in headers]

    def image_of(self, k: int) -> Dataset | None:
        """A reference to the image of slice *k*, with its frame; None where there is none."""
        if not self.images_by_k:
            return None
        uid, frame = self.images_by_k[k]
        if uid not in self._classes:
            return None
        reference = Dataset()
        reference.ReferencedSOPClassUID, reference.ReferencedSOPInstanceUID = self._classes[uid], uid
        if frame is not None:
            reference.ReferencedFrameNumber = frame + 1
        return reference

    @cached_property
    def _classes(self) -> dict[str, str]:
        return {str(header.SOPInstanceUID): str(header.SOPClassUID) for header in self.headers}

    def lend(self, target: Dataset) -> None:
        """Write patient and study into *target*."""
        for keyword in (*PATIENT, *STUDY):
            copy_element(self.headers[0], target, keyword)


def copy_element(source: Dataset, target: Dataset, keyword: str) -> None:
    """Copy one text as it is, however odd; an absent one empties what *target* has."""
    value = source.get(keyword)
    if value is None and keyword not in target:
        return
    tag, vr = tag_for_keyword(keyword), dictionary_VR(keyword)
    text = "" if value is None else str(value)
    target[keyword] = DataElement(tag, vr, text, validation_mode=config.IGNORE)  # type: ignore[arg-type]


def label_text(name: str, fallback: str, most: int = 64) -> str:
    """*name* as a Long String (PS3.5 6.2): none of its characters ends or splits a value.

    At most *most* bytes of UTF-8: characters are meant, but not all who check count them.
    """
    kept = "".join(letter if letter.isprintable() else " " for letter in name).replace("\\", "/")
    short = " ".join(kept.split()).encode()[:most].decode(errors="ignore").strip()
    return short or fallback


def _reference(header: Dataset) -> Dataset:
    reference = Dataset()
    reference.ReferencedSOPClassUID = header.SOPClassUID
    reference.ReferencedSOPInstanceUID = header.SOPInstanceUID
    return reference
