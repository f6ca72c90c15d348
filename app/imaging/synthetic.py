"""The demo study: a chest CT of a patient who does not exist, as valid CT Image Storage.

The picture is :mod:`app.imaging.thorax`; this module adds noise, stores it the way scanners do (unsigned, 12
of 16 bits, Rescale Intercept −1024) and gives it every element that its modules require. Nothing depends on
the clock or on chance: the same arguments give the same bytes, and the UIDs ("2.25." and a number, PS3.5 B.2)
are derived from them.

References: PS3.3 A.3 (CT Image IOD) with its modules C.7.1.1, C.7.2.1, C.7.2.2, C.7.3.1, C.7.4.1, C.7.5.1,
C.7.6.1, C.7.6.2, C.7.6.3, C.7.6.4, C.8.2.1, C.11.2 and C.12.1.
"""

import uuid
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

from app.imaging.phantom import Floats
from app.imaging.thorax import BOTTOM_Z, FIELD_MM, TOP_Z, Thorax
from app.imaging.thorax_abdomen import LESIONS

__all__ = ["LESIONS", "thorax_series"]

NOISE_HU = 12.0
INTERCEPT = -1024
_LARGEST_STORED = 4095
_UID_SPACE = uuid.UUID("6f0c53d2-7f3e-5d43-9d0a-8b6b0e1c7a11")

_SAME_FOR_ALL = {
    # Patient (C.7.1.1) and Patient Study (C.7.2.2)
    "PatientName": "Demo^Triplano",
    "PatientID": "DEMO-0001",
    "PatientBirthDate": "19760314",
    "PatientSex": "F",
    "PatientAge": "050Y",
    "PatientSize": "1.63",
    "PatientWeight": "64.5",
    "PatientAddress": "Calle Imaginaria 12, Ciudad de México",
    "PatientComments": "Maniquí sintético: esta paciente no existe.",
    # General Study (C.7.2.1)
    "StudyDate": "20261120",
    "StudyTime": "101500",
    "StudyID": "TP-1",
    "AccessionNumber": "DEMO0001",
    "ReferringPhysicianName": "Muñoz^Inés",
    "StudyDescription": "Tórax sintético de demostración",
    # General Series (C.7.3.1)
    "Modality": "CT",
    "SeriesNumber": 2,
    "SeriesDate": "20261120",
    "SeriesTime": "102030",
    "SeriesDescription": "Tórax 1.5 mm, tejidos blandos",
    "ProtocolName": "Tórax, fase portal",
    "BodyPartExamined": "CHEST",
    "PatientPosition": "HFS",
    "PerformingPhysicianName": "Robles^Mateo",
    "OperatorsName": "Lara^Emilia",
    # Frame of Reference (C.7.4.1) and General Equipment (C.7.5.1)
    "PositionReferenceIndicator": "",
    "Manufacturer": "Triplano",
    "ManufacturerModelName": "Synthetic thorax",
    "InstitutionName": "Hospital Imaginario",
    "InstitutionAddress": "Avenida Ficticia 1, Ciudad de México",
    "StationName": "PHANTOM1",
    "DeviceSerialNumber": "0001",
    "SoftwareVersions": "1",
    # General Image (C.7.6.1) and Contrast/Bolus (C.7.6.4)
    "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"],
    "AcquisitionNumber": 1,
    "AcquisitionDate": "20261120",
    "AcquisitionTime": "102030",
    "ContentDate": "20261120",
    "BurnedInAnnotation": "NO",
    "LossyImageCompression": "00",
    "ImageComments": "Maniquí sintético, no es una paciente",
    "ContrastBolusAgent": "Yodo simulado",
    "ContrastBolusRoute": "IV",
    # Image Plane (C.7.6.2), Image Pixel (C.7.6.3) and CT Image (C.8.2.1)
    "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
    "SamplesPerPixel": 1,
    "PhotometricInterpretation": "MONOCHROME2",
    "BitsAllocated": 16,
    "BitsStored": 12,
    "HighBit": 11,
    "PixelRepresentation": 0,
    "RescaleIntercept": INTERCEPT,
    "RescaleSlope": 1,
    "RescaleType": "HU",
    "KVP": 120,
    "ScanOptions": "HELICAL",
    "DataCollectionDiameter": 500,
    "ReconstructionDiameter": FIELD_MM,
    "GantryDetectorTilt": 0,
    "RotationDirection": "CW",
    "ExposureTime": 500,
    "XRayTubeCurrent": 210,
    "Exposure": 105,
    "FilterType": "NONE",
    "FocalSpots": 0.7,
    "ConvolutionKernel": "STANDARD",
    # VOI LUT (C.11.2)
    "WindowCenter": [40, -600],
    "WindowWidth": [400, 1500],
    "WindowCenterWidthExplanation": ["MEDIASTINUM", "LUNG"],
}


def thorax_series(slices: int = 200, size: int = 512, seed: int = 1) -> Iterator[Dataset]:
    """The images of the demo series from the head to the feet, each with its file meta information.

    Parameters
    ----------
    slices : int
        Number of images; they cover the same 300 mm whatever their number.
    size : int
        Rows and columns; they cover the same 384 mm.
    seed : int
        Another seed gives other vessels, other noise and other UIDs.

    Notes
    -----
    Two lesions of the liver lie at :data:`LESIONS` (LPS mm). Patient left is +x.
    """
    if slices < 1 or size < 16:
        raise ValueError("at least 1 slice of 16 pixels is wanted")
    spacing_mm = (TOP_Z - BOTTOM_Z + 1.5) / slices
    thorax = Thorax(seed)
    common = _common(slices, size, seed, spacing_mm)
    for number in range(slices):
        z_mm = round(TOP_Z - number * spacing_mm, 6)
        rng = np.random.default_rng([seed, number])
        stored = _as_stored(thorax.slice_hu(z_mm, size), rng)
        yield _image(common, stored, number, z_mm, uid_parts=(slices, size, seed))


def _uid(*parts: object) -> str:
    """A UID that depends on *parts* only."""
    return f"2.25.{uuid.uuid5(_UID_SPACE, '/'.join(map(str, parts))).int}"


def _common(slices: int, size: int, seed: int, spacing_mm: float) -> Dataset:
    """What all images share."""
    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 192"
    for keyword, value in _SAME_FOR_ALL.items():
        setattr(dataset, keyword, value)
    dataset.SOPClassUID = CTImageStorage
    for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID"):
        setattr(dataset, keyword, _uid(keyword, slices, size, seed))
    dataset.Rows = dataset.Columns = size
    dataset.PixelSpacing = [_decimal(FIELD_MM / size)] * 2
    dataset.SliceThickness = _decimal(spacing_mm)
    return dataset


def _image(
    common: Dataset, stored: NDArray[np.uint16], number: int, z_mm: float, uid_parts: tuple[int, int, int]
) -> Dataset:
    """One image of the series, *number* counted from 0 at the head."""
    dataset = Dataset()
    dataset.update(common)
    dataset.SOPInstanceUID = _uid("SOPInstanceUID", *uid_parts, number)
    dataset.InstanceNumber = number + 1
    seconds = 30 + number // 25
    dataset.ContentTime = f"1020{seconds:02d}"
    corner = -(common.Columns - 1) / 2 * (FIELD_MM / common.Columns)
    dataset.ImagePositionPatient = [_decimal(corner), _decimal(corner), _decimal(z_mm)]
    dataset.SliceLocation = _decimal(z_mm)
    dataset.PixelData = stored.tobytes()
    dataset["PixelData"].VR = "OW"
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.MediaStorageSOPClassUID = CTImageStorage
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return dataset


def _decimal(value: float) -> str:
    """A Decimal String of at most 16 characters."""
    return f"{value:.6f}".rstrip("0").rstrip(".")


def _as_stored(hu: Floats, rng: np.random.Generator) -> NDArray[np.uint16]:
    """Add noise with the short correlation of a soft kernel, and go back to stored values."""
    noise: Floats = rng.standard_normal(hu.shape, np.float32)
    for axis in (0, 1):
        noise = 2 * noise + np.roll(noise, 1, axis) + np.roll(noise, -1, axis)
    # The weights 1 2 1 along both axes raise the deviation of white noise to 6.
    hu = hu + noise * np.float32(NOISE_HU / 6)
    stored: NDArray[np.uint16] = np.clip(np.rint(hu) - INTERCEPT, 0, _LARGEST_STORED).astype("<u2")
    return stored
