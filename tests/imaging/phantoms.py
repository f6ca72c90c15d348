"""Hand-made DICOM: slices and series whose geometry and values are known without a computer.

``ct_slice`` gives one valid CT Image; keywords change or remove elements (``Rows=None``).
The pixels of the default slice are asymmetric in every way: value = 100·k + 10·row + column.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, EnhancedMRImageStorage, ExplicitVRLittleEndian

STUDY_UID = "1.2.826.0.1.3680043.10.1.1"
SERIES_UID = "1.2.826.0.1.3680043.10.1.2"
FRAME_UID = "1.2.826.0.1.3680043.10.1.3"
AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
# Turned by the triangle 3-4-5 about the left-right axis, so that every number stays exact.
OBLIQUE = (1.0, 0.0, 0.0, 0.0, 0.8, 0.6)


def counting_pixels(k: int, rows: int = 4, columns: int = 5) -> np.ndarray:
    """(rows, columns) int16: 100·k + 10·row + column."""
    return (100 * k + 10 * np.arange(rows)[:, None] + np.arange(columns)).astype(np.int16)


def ct_slice(
    k: int = 0,
    *,
    pixels: np.ndarray | None = None,
    position: Iterable[float] | None = None,
    orientation: Iterable[float] = AXIAL,
    spacing: Iterable[float] = (2.0, 0.5),
    slope: float = 1,
    intercept: float = -1024,
    transfer_syntax: str = ExplicitVRLittleEndian,
    **elements: Any,
) -> Dataset:
    """Slice *k* of a CT series of 4 × 5 pixels, 3 mm apart; *elements* are set last, None removes."""
    pixels = counting_pixels(k) if pixels is None else pixels
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = transfer_syntax
    dataset.SOPClassUID = CTImageStorage
    dataset.SOPInstanceUID = f"{SERIES_UID}.{k + 1}"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = STUDY_UID, SERIES_UID
    dataset.FrameOfReferenceUID = FRAME_UID
    dataset.Modality, dataset.PatientName, dataset.PatientID = "CT", "Phantom^Hand", "PH-1"
    dataset.InstanceNumber = k + 1
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    dataset.ImagePositionPatient = list((10.0, -20.0, 30.0 + 3.0 * k) if position is None else position)
    dataset.ImageOrientationPatient = list(orientation)
    dataset.PixelSpacing = list(spacing)
    dataset.RescaleSlope, dataset.RescaleIntercept = slope, intercept
    set_pixels(dataset, pixels)
    for keyword, value in elements.items():
        if value is None:
            delattr(dataset, keyword)
        else:
            setattr(dataset, keyword, value)
    return dataset


def item(**elements: Any) -> Dataset:
    """One item of a sequence: dictionaries become items of sequences in it."""
    dataset = Dataset()
    for keyword, value in elements.items():
        setattr(dataset, keyword, [item(**value)] if isinstance(value, dict) else value)
    return dataset


def multi_frame(pixels: np.ndarray, **elements: Any) -> Dataset:
    """One image of several frames, *pixels* (frames, rows, columns), without a place in the patient."""
    bare = dict.fromkeys(("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing"))
    dataset = ct_slice(0, pixels=pixels[0], RescaleSlope=None, RescaleIntercept=None, **bare)
    dataset.NumberOfFrames = len(pixels)
    dataset.PixelData = pixels.astype(pixels.dtype.newbyteorder("<")).tobytes()
    dataset["PixelData"].VR = "OW"
    for keyword, value in elements.items():
        setattr(dataset, keyword, [item(**value)] if isinstance(value, dict) else value)
    return dataset


def enhanced(
    frames: Iterable[dict[str, Any]],
    shared: dict[str, Any] | None = None,
    *,
    sop_class: str = EnhancedMRImageStorage,
    modality: str = "MR",
    count: int | None = None,
    **elements: Any,
) -> Dataset:
    """An enhanced image: each of *frames* is {group sequence: {element: value}}, as is *shared*.

    Its pixels are those of the slices of :func:`ct_slice`; *count* frames, else as many as *frames*.
    """
    items = [item(**groups) for groups in frames]
    pixels = np.array([counting_pixels(k) for k in range(len(items) if count is None else count)])
    dataset = multi_frame(pixels, SOPClassUID=sop_class, Modality=modality, **elements)
    if shared is not None:
        dataset.SharedFunctionalGroupsSequence = [item(**shared)]
    dataset.PerFrameFunctionalGroupsSequence = items
    return dataset


def set_pixels(dataset: Dataset, pixels: np.ndarray) -> None:
    """Give *dataset* native grey *pixels*, (rows, columns) of an integer type."""
    bits = pixels.dtype.itemsize * 8
    dataset.Rows, dataset.Columns = pixels.shape
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated = dataset.BitsStored = bits
    dataset.HighBit = bits - 1
    dataset.PixelRepresentation = int(pixels.dtype.kind == "i")
    dataset.PixelData = pixels.astype(pixels.dtype.newbyteorder("<")).tobytes()
    dataset["PixelData"].VR = "OW" if bits > 8 else "OB"


def modality_table(dataset: Dataset, values: Iterable[int]) -> Dataset:
    """*dataset* with a Modality LUT in place of slope and intercept: stored n becomes *values*[n]."""
    table = list(values)
    item = Dataset()
    item.add_new("LUTDescriptor", "US", [len(table), 0, 16])
    item.ModalityLUTType = "HU"
    item.add_new("LUTData", "US", table)
    dataset.ModalityLUTSequence = [item]
    del dataset.RescaleSlope, dataset.RescaleIntercept
    return dataset


def write_file(path: Path, dataset: Dataset) -> Path:
    """Write *dataset* as a DICOM file, as it is."""
    dataset.save_as(path, enforce_file_format=True)
    return path


def write_series(folder: Path, slices: Iterable[Dataset]) -> list[Path]:
    """Write *slices* as im000.dcm, im001.dcm, … in the order given."""
    folder.mkdir(parents=True, exist_ok=True)
    return [write_file(folder / f"im{n:03d}.dcm", dataset) for n, dataset in enumerate(slices)]
