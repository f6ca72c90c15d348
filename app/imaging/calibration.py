"""How many millimetres a pixel is, and by what right: in the patient, at the detector, in a region.

``patient``    Pixel Spacing of a cross-section: the distance of pixel centres in the patient.
``detector``   a projection's distance at the detector, or on the film: in the patient it is smaller by a
               magnification that is not stated.
``magnified``  a projection's distance corrected for a stated magnification, or calibrated; true at one
               depth only.
``region``     of an ultrasound image: from its regions.
``none``       only pixels: never millimetres.

References
----------
PS3.3 10.7.1.1 to 10.7.1.3 (Pixel Spacing Calibration), C.8.7.5 (XA positioner), C.8.11.4 (DX detector),
C.8.19.6 (X-ray functional groups), C.8.6.1 (film scans), C.8.8.2 (RT Image).
"""

from dataclasses import dataclass
from typing import Literal

from pydicom.datadict import keyword_dict

from app.imaging import values
from app.imaging.errors import N_, Message
from app.imaging.functionalgroups import FrameElements
from app.imaging.regions import Region

__all__ = ["SPACING_TAGS", "Region", "Spacing", "SpacingSource", "read_spacing"]

SpacingSource = Literal["patient", "detector", "magnified", "region", "none"]

SPACING_TAGS = tuple(
    keyword_dict[keyword]
    for keyword in (
        "PixelSpacing",
        "ImagerPixelSpacing",
        "NominalScannedPixelSpacing",
        "ImagePlanePixelSpacing",
        "PixelSpacingCalibrationType",
        "EstimatedRadiographicMagnificationFactor",
        "DistanceSourceToDetector",
        "DistanceSourceToPatient",
        "PixelAspectRatio",
    )
)
_STORAGE = "1.2.840.10008.5.1.4.1.1."
# Computed radiography, digital X-ray, mammography, intra-oral, angiography, fluoroscopy, and their enhanced
# forms; RT images. Tomosynthesis and 3D angiography are cross-sections.
_PROJECTIONS = frozenset(
    _STORAGE + end
    for end in (
        *("1", "1.1", "1.1.1", "1.2", "1.2.1", "1.3", "1.3.1"),
        *("12.1", "12.1.1", "12.2", "12.2.1", "12.3", "481.1"),
    )
)
_PROJECTING = frozenset(("CR", "DX", "DR", "MG", "IO", "PX", "XA", "XRF", "RF", "RG", "RTIMAGE"))
# Smaller pixels and larger ones are no image of a patient.
_LEAST_MM, _MOST_MM = 1e-4, 1e3
# Values that differ by less were written by two roundings, not by a correction.
_SAME = 0.01
_MOST_MAGNIFICATION = 20.0
_CALIBRATED = ("GEOMETRY", "FIDUCIAL")

_NO_SIZE = N_("%(name)s %(tag)s is not a size in millimetres.")
_NO_FACTOR = N_("The magnification cannot be computed from the distances that the file states.")
_UNSTATED_DEPTH = N_(
    "Pixel Spacing (0028,0030) of a projection does not say at which depth it holds: "
    "it is taken as the detector's."
)
_UNLIKE_REGIONS = N_("The regions of the ultrasound image have different scales.")


@dataclass(frozen=True, slots=True)
class Spacing:
    """The size of a frame's pixels.

    Attributes
    ----------
    millimetres : between rows, then between columns; None where only pixels are known
    pixel_aspect : height and width of a pixel, where there are no millimetres
    magnification : what the detector's distances were divided by
    remarks : what could not be used
    """

    millimetres: tuple[float, float] | None = None
    source: SpacingSource = "none"
    pixel_aspect: tuple[float, float] | None = None
    magnification: float | None = None
    remarks: tuple[Message, ...] = ()


def read_spacing(
    elements: FrameElements, *, sop_class_uid: str, has_plane: bool, regions: tuple[Region, ...] = ()
) -> Spacing:
    """The pixel size of one frame.

    Parameters
    ----------
    has_plane : whether the frame says where in the patient it lies, which a projection cannot
    """
    modality = values.text(elements.header, "Modality")
    reading = _Reading(elements)
    if regions:
        found = _of_regions(reading, regions)
    elif sop_class_uid in _PROJECTIONS or (modality in _PROJECTING and not has_plane):
        found = _of_projection(reading)
    else:
        found = _of_section(reading, has_plane)
    if found.millimetres is None:
        return Spacing(None, "none", reading.aspect(), None, tuple(reading.remarks))
    return Spacing(found.millimetres, found.source, None, found.magnification, tuple(reading.remarks))


class _Reading:
    """Sizes of one frame as the file states them, and what was found unusable among them."""

    def __init__(self, elements: FrameElements) -> None:
        self.elements = elements
        self.remarks: list[Message] = []

    def size(self, keyword: str) -> tuple[float, float] | None:
        """Two plausible sizes in mm; other values are remarked upon."""
        holder = self.elements.holder(keyword)
        found = values.numbers(holder, keyword)
        if len(found) == 2 and all(_LEAST_MM <= size <= _MOST_MM for size in found):
            return found[0], found[1]
        if values.has_bytes(holder, keyword):
            self.remarks.append(Message(_NO_SIZE, values.name_of(keyword)))
        return None

    def magnification(self) -> float | None:
        """How much larger things are at the detector than where they are in the patient."""
        stated = self.elements.number("EstimatedRadiographicMagnificationFactor")
        if stated is not None and 1 <= stated <= _MOST_MAGNIFICATION:
            return stated
        detector = self.elements.number("DistanceSourceToDetector")
        patient = self.elements.number("DistanceSourceToPatient")
        if patient is None:
            patient = self.elements.number("DistanceSourceToIsocenter")
        if stated is None and not (detector and patient):  # an empty or zero distance is none
            return None
        if detector and patient and patient > 0 and 1 <= detector / patient <= _MOST_MAGNIFICATION:
            return detector / patient
        self.remarks.append(Message(_NO_FACTOR))
        return None

    def aspect(self) -> tuple[float, float] | None:
        """Pixel Aspect Ratio: height to width of a pixel; None where they are equal or not to be meant."""
        found = self.elements.numbers("PixelAspectRatio")
        if len(found) != 2 or not all(0 < side <= 1e6 for side in found) or found[0] == found[1]:
            return None
        return (found[0], found[1]) if 0.01 <= found[0] / found[1] <= 100 else None


def _of_section(reading: _Reading, has_plane: bool) -> Spacing:
    """A cross-section, a scan of a film (C.8.6.1), or any other picture."""
    found = reading.size("PixelSpacing")
    if found is not None:
        calibration = reading.elements.text("PixelSpacingCalibrationType")
        return Spacing(found, "magnified" if calibration in _CALIBRATED and not has_plane else "patient")
    scanned = reading.size("NominalScannedPixelSpacing") or reading.size("ImagerPixelSpacing")
    return Spacing(scanned, "detector") if scanned else Spacing()


def _of_projection(reading: _Reading) -> Spacing:
    """The cases of 10.7.1.3: a calibrated Pixel Spacing first, then the detector's and a magnification."""
    at_detector = reading.size("ImagerPixelSpacing") or reading.size("ImagePlanePixelSpacing")
    found = reading.size("PixelSpacing") or _object_size(reading)
    calibration = reading.elements.text("PixelSpacingCalibrationType")
    if found is not None and calibration in _CALIBRATED:
        return Spacing(found, "magnified", None, _ratio(at_detector, found))
    if found is not None and at_detector is not None and not _alike(found, at_detector):
        # Without a type, values unlike the detector's are corrected all the same (10.7.1.3).
        return Spacing(found, "magnified", None, _ratio(at_detector, found))
    if at_detector is None and found is not None:
        reading.remarks.append(Message(_UNSTATED_DEPTH))
        return Spacing(found, "detector")
    if at_detector is None:
        scanned = reading.size("NominalScannedPixelSpacing")
        return Spacing(scanned, "detector") if scanned else Spacing()
    factor = reading.magnification()
    if factor is None:
        return Spacing(at_detector, "detector")
    corrected = at_detector[0] / factor, at_detector[1] / factor
    return Spacing(corrected, "magnified", None, factor)


def _object_size(reading: _Reading) -> tuple[float, float] | None:
    """Object Pixel Spacing in Center of Beam (0018,9404) of an enhanced projection."""
    return reading.size("ObjectPixelSpacingInCenterOfBeam")


def _of_regions(reading: _Reading, regions: tuple[Region, ...]) -> Spacing:
    """The one scale that all regions with lengths on both axes share; else none for the whole picture."""
    scales = [scale for scale in (region.mm_per_pixel for region in regions) if scale is not None]
    if not scales:
        return Spacing()
    if not all(_alike(scales[0], scale) for scale in scales):
        reading.remarks.append(Message(_UNLIKE_REGIONS))
        return Spacing()
    return Spacing(scales[0], "region")


def _alike(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return all(abs(a - b) <= _SAME * max(a, b) for a, b in zip(one, other, strict=True))


def _ratio(at_detector: tuple[float, float] | None, in_patient: tuple[float, float]) -> float | None:
    return None if at_detector is None else at_detector[0] / in_patient[0]
