"""Hand-made DICOM segmentations: frames of segments at places that the test chooses."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pydicom.dataset import Dataset

from tests.imaging.phantoms import AXIAL, FRAME_UID, SERIES_UID, ct_slice, item

SEG, LABEL_MAP = "1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7"
ROWS, COLUMNS = 6, 8


def described(number: int, label: str = "", **more: Any) -> Dataset:
    """One item of the Segment Sequence."""
    return item(SegmentNumber=number, SegmentLabel=label or f"S{number}", **more)


def frame(position: Sequence[float], segment: int | None = 1, **groups: Any) -> Dataset:
    """The functional groups of one frame."""
    own = {"PlanePositionSequence": {"ImagePositionPatient": list(position)}}
    if segment is not None:
        own["SegmentIdentificationSequence"] = {"ReferencedSegmentNumber": segment}
    return item(**(own | groups))


def seg(
    masks: np.ndarray,
    frames: Iterable[Dataset],
    segments: Sequence[Dataset] | None = None,
    *,
    kind: str = "BINARY",
    orientation: Sequence[float] = AXIAL,
    spacing: Sequence[float] = (2.0, 0.5),
    step: float | None = 3.0,
    shared: dict[str, Any] | None = None,
    **elements: Any,
) -> Dataset:
    """A segmentation of the frames *masks*, (n, rows, columns): bits if BINARY, else bytes."""
    dataset = ct_slice()
    for keyword in ("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing", "RescaleSlope",
                    "RescaleIntercept"):  # fmt: skip
        delattr(dataset, keyword)
    dataset.SOPClassUID = LABEL_MAP if kind == "LABELMAP" else SEG
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.Modality, dataset.SegmentationType = "SEG", kind
    dataset.SeriesInstanceUID = "1.2.826.0.1.3680043.10.9.1"
    dataset.FrameOfReferenceUID = FRAME_UID
    dataset.ReferencedSeriesSequence = [item(SeriesInstanceUID=SERIES_UID)]
    dataset.SegmentSequence = [described(1)] if segments is None else list(segments)
    measures = {"PixelSpacing": list(spacing)} | ({"SpacingBetweenSlices": step} if step else {})
    groups = {"PixelMeasuresSequence": measures}
    groups["PlaneOrientationSequence"] = {"ImageOrientationPatient": list(orientation)}
    dataset.SharedFunctionalGroupsSequence = [item(**(groups | (shared or {})))]
    dataset.PerFrameFunctionalGroupsSequence = list(frames)
    dataset.NumberOfFrames, dataset.Rows, dataset.Columns = masks.shape
    is_bits = kind == "BINARY"
    dataset.BitsAllocated = dataset.BitsStored = 1 if is_bits else 8
    dataset.HighBit = 0 if is_bits else 7
    dataset.PixelRepresentation = 0
    raw = np.packbits(masks.ravel() != 0, bitorder="little") if is_bits else masks.astype(np.uint8)
    data = raw.tobytes()
    dataset.PixelData = data + b"\0" * (len(data) % 2)
    dataset["PixelData"].VR = "OB"
    if kind == "FRACTIONAL":
        dataset.MaximumFractionalValue, dataset.SegmentationFractionalType = 255, "PROBABILITY"
    for keyword, value in elements.items():
        if value is None:
            delattr(dataset, keyword)
        else:
            setattr(dataset, keyword, value)
    return dataset


def shape(number: int = 0, columns: int = COLUMNS) -> np.ndarray:
    """(rows, columns) of 0 and 1: an L that moves with *number*."""
    mask = np.zeros((ROWS, columns), np.uint8)
    mask[1, 1 + number : 5 + number] = mask[2, 1 + number] = 1
    return mask


def stack(count: int = 3, **more: Any) -> Dataset:
    """*count* frames of one segment, 3 mm apart, each with 5 voxels."""
    masks = np.array([shape(k % 3) for k in range(count)])
    return seg(masks, [frame((10, -20, 30 + 3 * k)) for k in range(count)], **more)


def saved(folder: Path, dataset: Dataset) -> Path:
    """*dataset* as a file."""
    path = folder / "seg.dcm"
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.save_as(path, enforce_file_format=True)
    return path
