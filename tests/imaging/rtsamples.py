"""Hand-made RT objects: structure sets out of lists of contours, dose grids out of arrays."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, RTDoseStorage, RTStructureSetStorage

from tests.imaging.phantoms import FRAME_UID, SERIES_UID, STUDY_UID, item

CLOSED = "CLOSED_PLANAR"


def contour(points: Any, kind: str | None = CLOSED, image: str = "") -> Dataset:
    """One contour of *points*, (N, 3) LPS mm, or of the text that stands there."""
    made = Dataset()
    if kind:
        made.ContourGeometricType = kind
    if isinstance(points, str):
        # As DS pydicom would not write it.
        made.add_new(0x30060050, "LT", points.replace(" ", "\\"))
    else:
        flat = np.asarray(points, float).ravel()
        made.ContourData = [f"{value:.10g}" for value in flat]
        made.NumberOfContourPoints = len(flat) // 3
    if image:
        made.ContourImageSequence = [item(ReferencedSOPInstanceUID=image)]
    return made


def structure_set(rois: dict[str, Iterable[Dataset]], frame: str = FRAME_UID, **elements: Any) -> Dataset:
    """A structure set with the ROIs *rois*, numbered from 1, on the phantom's series."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID, dataset.SOPInstanceUID = RTStructureSetStorage, "1.2.3.4"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID, dataset.Modality = STUDY_UID, "1.2.3", "RTSTRUCT"
    dataset.SpecificCharacterSet = "ISO_IR 192"
    series = item(
        SeriesInstanceUID=SERIES_UID,
        ContourImageSequence=[item(ReferencedSOPInstanceUID=f"{SERIES_UID}.{k}") for k in (1, 2)],
    )
    study = item(RTReferencedSeriesSequence=[series])
    dataset.ReferencedFrameOfReferenceSequence = [
        item(FrameOfReferenceUID=frame, RTReferencedStudySequence=[study])
    ]
    dataset.StructureSetROISequence = [
        item(ROINumber=n, ROIName=name, ReferencedFrameOfReferenceUID=frame) for n, name in enumerate(rois, 1)
    ]
    dataset.ROIContourSequence = [
        item(ReferencedROINumber=n, ROIDisplayColor=[n, 2 * n, 255], ContourSequence=list(contours))
        for n, contours in enumerate(rois.values(), 1)
    ]
    for keyword, value in elements.items():
        if value is None:
            delattr(dataset, keyword)
        else:
            setattr(dataset, keyword, value)
    return dataset


def square(low: Sequence[float], high: Sequence[float], z: float) -> np.ndarray:
    """The corners, LPS mm, of a rectangle across z."""
    (x0, y0), (x1, y1) = low, high
    return np.array([(x0, y0, z), (x1, y0, z), (x1, y1, z), (x0, y1, z)], float)


def dose_grid(stored: np.ndarray, **elements: Any) -> Dataset:
    """A dose file of the stored values (frames, rows, columns), 0.01 Gy each, voxels of 2 × 4 × 3 mm."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID, dataset.SOPInstanceUID = RTDoseStorage, "1.2.3.5"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID, dataset.Modality = STUDY_UID, "1.2.6", "RTDOSE"
    dataset.FrameOfReferenceUID = FRAME_UID
    dataset.ImagePositionPatient = [10, -20, 30]
    dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    dataset.PixelSpacing = [4, 2]
    dataset.DoseUnits, dataset.DoseType, dataset.DoseSummationType = "GY", "PHYSICAL", "PLAN"
    dataset.DoseGridScaling = "0.01"
    dataset.NumberOfFrames, dataset.Rows, dataset.Columns = stored.shape
    dataset.FrameIncrementPointer = 0x3004000C
    dataset.GridFrameOffsetVector = [3 * n for n in range(len(stored))]
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    bits = 32 if stored.dtype.itemsize == 4 else 16
    dataset.BitsAllocated = dataset.BitsStored = bits
    dataset.HighBit, dataset.PixelRepresentation = bits - 1, 0
    dataset.add_new(0x7FE00010, "OW", stored.astype(f"<u{bits // 8}").tobytes())
    for keyword, value in elements.items():
        if value is None:
            delattr(dataset, keyword)
        else:
            setattr(dataset, keyword, value)
    return dataset
