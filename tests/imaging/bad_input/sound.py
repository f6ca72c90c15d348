"""Sound files of each kind, from which the bad ones are made: small, of one byte layout, with a name in them.

All are explicit little endian; sequences and items have undefined lengths, so that cutting something out of
one leaves the others whole.
"""

import gzip
from collections.abc import Callable, Iterable
from functools import cache
from io import BytesIO
from typing import Any

import imagecodecs
import numpy as np
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate

from tests.imaging.formats.samples import nifti1, nrrd
from tests.imaging.phantoms import OBLIQUE, ct_slice, enhanced, item, modality_table, multi_frame

MARK = "Zzyzx"
"""Stands in every free text and name of the bad files: no message may hold it."""
STORAGE = "1.2.840.10008.5.1.4.1.1."
GRID_POINTER, SLICE_POINTER, TIME_POINTER = 0x3004000C, 0x00540080, 0x00181063
ROWS, COLUMNS = 8, 12


def grey(k: int = 0, dtype: Any = np.int16) -> np.ndarray:
    """(8, 12): 100·k + 10·row + column."""
    cells = 100 * k + 10 * np.arange(ROWS)[:, None] + np.arange(COLUMNS)
    return cells.astype(dtype)


def _named(dataset: Dataset) -> Dataset:
    """*dataset* with the marks of a person, whom nothing may name."""
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.PatientName, dataset.PatientID = f"{MARK}^Quill", f"{MARK}-1"
    dataset.StudyDescription = dataset.ImageComments = f"{MARK} free text"
    dataset.StudyDate, dataset.SeriesDate, dataset.AcquisitionDate = "20240229", "20240229", "20240229"
    dataset.StudyTime = dataset.SeriesTime = "120000"
    return dataset


def ct() -> list[Dataset]:
    """Three slices with windows, padding and all that geometry needs."""
    return [
        ct_slice(
            k,
            pixels=grey(k) - 40,
            slope=2,
            WindowCenter=[40, -600],
            WindowWidth=[400, 1500],
            WindowCenterWidthExplanation=["ABDOMEN", "LUNG"],
            RescaleType="HU",
            PatientPosition="HFS",
            SliceThickness=3,
            SpacingBetweenSlices=3,
            PixelPaddingValue=-2000,
            AcquisitionNumber=1,
            BitsStored=16,
        )
        for k in range(3)
    ]


def pet() -> list[Dataset]:
    """Three slices of which SUV can be computed: 70 kg, 350 MBq, one half-life."""
    return [
        ct_slice(
            k,
            pixels=grey(k),
            slope=2.0 + k,
            intercept=0,
            SOPClassUID=STORAGE + "128",
            Modality="PT",
            Units="BQML",
            DecayCorrection="START",
            CorrectedImage=["DECY", "ATTN", "SCAT"],
            PatientWeight=70,
            PatientSize=1.7,
            AcquisitionTime=f"12{k:02d}00.25",
            FrameReferenceTime=1000 * k,
            ActualFrameDuration=60000,
            SeriesType=["STATIC", "IMAGE"],
            RadiopharmaceuticalInformationSequence=[
                item(
                    RadiopharmaceuticalStartTime="101012.00",
                    RadiopharmaceuticalStartDateTime="20240229101012",
                    RadionuclideTotalDose=350e6,
                    RadionuclideHalfLife=6588,
                )
            ],
        )
        for k in range(3)
    ]


def _groups(k: int, **more: dict[str, Any]) -> dict[str, Any]:
    return {
        "PlanePositionSequence": {"ImagePositionPatient": [1, 2 - 0.6 * 3 * k, 3 + 0.8 * 3 * k]},
        "PlaneOrientationSequence": {"ImageOrientationPatient": list(OBLIQUE)},
        "PixelMeasuresSequence": {"PixelSpacing": [2.0, 0.5], "SliceThickness": 3},
        "FrameContentSequence": {
            "StackID": "1", "InStackPositionNumber": k + 1, "DimensionIndexValues": [1, k + 1],
            "FrameAcquisitionDateTime": f"2024022912000{k}", "TemporalPositionIndex": 1,
        },
        "FrameVOILUTSequence": {"WindowCenter": 40, "WindowWidth": 400},
        **more,
    }  # fmt: skip


def enhanced_mr() -> list[Dataset]:
    """Four frames, two b-values at two places, with groups of their own."""
    frames = [
        _groups(
            k % 2,
            PixelValueTransformationSequence={
                "RescaleSlope": 2 + k,
                "RescaleIntercept": 1,
                "RescaleType": "US",
            },
            MRDiffusionSequence={
                "DiffusionBValue": 800.0 * (k // 2),
                "DiffusionDirectionality": "ISOTROPIC",
            },
            MREchoSequence={"EffectiveEchoTime": 80.0},
        )
        for k in range(4)
    ]
    return [enhanced(frames, {"MRImageFrameTypeSequence": {"FrameType": ["ORIGINAL", "PRIMARY", "M"]}})]


def enhanced_ct() -> list[Dataset]:
    """Three frames whose rescaling and size all share."""
    frames = [_groups(k) for k in range(3)]
    for groups in frames:
        del groups["PixelMeasuresSequence"]
    shared = {
        "PixelMeasuresSequence": {"PixelSpacing": [2.0, 0.5]},
        "PixelValueTransformationSequence": {
            "RescaleSlope": 2, "RescaleIntercept": -1024, "RescaleType": "HU"
        },
        "CTImageFrameTypeSequence": {"FrameType": ["ORIGINAL", "PRIMARY", "VOLUME"]},
    }  # fmt: skip
    return [enhanced(frames, shared, sop_class=STORAGE + "2.1", modality="CT")]


def _frames(count: int, sop_class: str, modality: str, **elements: Any) -> Dataset:
    pixels = np.array([grey(k, np.uint16) for k in range(count)])
    return multi_frame(pixels, SOPClassUID=STORAGE + sop_class, Modality=modality, **elements)


def nuclear() -> list[Dataset]:
    """Reconstructed slices whose places come from a vector and a detector."""
    return [
        _frames(
            4,
            "20",
            "NM",
            ImageType=["ORIGINAL", "PRIMARY", "RECON TOMO", "EMISSION"],
            PixelSpacing=[2, 3],
            SpacingBetweenSlices=5,
            NumberOfSlices=4,
            SliceVector=[1, 2, 3, 4],
            FrameIncrementPointer=SLICE_POINTER,
            DetectorInformationSequence={
                "ImagePositionPatient": [10, 20, 30],
                "ImageOrientationPatient": list(OBLIQUE),
            },
        )
    ]


def dose() -> list[Dataset]:
    """Three planes of doses."""
    return [
        _frames(
            3,
            "481.2",
            "RTDOSE",
            FrameIncrementPointer=GRID_POINTER,
            ImagePositionPatient=[10, 20, 30],
            ImageOrientationPatient=list(OBLIQUE),
            GridFrameOffsetVector=[0, 5, 10],
            PixelSpacing=[2, 3],
            DoseGridScaling="0.0025",
            DoseUnits="GY",
            DoseType="PHYSICAL",
            DoseSummationType="PLAN",
        )
    ]


def ultrasound() -> list[Dataset]:
    """Three coloured frames with a calibrated region and a frame time."""
    region = item(
        RegionSpatialFormat=1,
        RegionDataType=1,
        RegionFlags=0,
        RegionLocationMinX0=0,
        RegionLocationMinY0=0,
        RegionLocationMaxX1=COLUMNS - 1,
        RegionLocationMaxY1=ROWS - 1,
        PhysicalUnitsXDirection=3,
        PhysicalUnitsYDirection=3,
        PhysicalDeltaX=0.05,
        PhysicalDeltaY=0.04,
    )
    dataset = _frames(3, "3.1", "US", FrameTime=40, FrameIncrementPointer=TIME_POINTER, CineRate=25)
    dataset.SequenceOfUltrasoundRegions = [region]
    colours = np.stack([np.stack([grey(k, np.uint8)] * 2 + [grey(1, np.uint8)], -1) for k in range(3)])
    return [_coloured(dataset, colours, "RGB")]


def _coloured(dataset: Dataset, colours: np.ndarray, photometric: str) -> Dataset:
    dataset.SamplesPerPixel, dataset.PlanarConfiguration = 3, 0
    dataset.PhotometricInterpretation = photometric
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit, dataset.PixelRepresentation = 7, 0
    dataset.PixelData = colours.tobytes()
    dataset["PixelData"].VR = "OB"
    return dataset


def palette() -> list[Dataset]:
    """An image of indices into three tables."""
    dataset = ct_slice(pixels=grey(0, np.uint8) % 16, PhotometricInterpretation="PALETTE COLOR")
    for n, colour in enumerate(("Red", "Green", "Blue")):
        name = f"{colour}PaletteColorLookupTable"
        setattr(dataset, f"{name}Descriptor", [16, 0, 16])
        dataset[f"{name}Descriptor"].VR = "US"
        setattr(dataset, f"{name}Data", (np.arange(16, dtype="<u2") * 4096 + n).tobytes())
    return [dataset]


def overlays() -> list[Dataset]:
    """12 bits with an overlay of its own, one in the pixels, and two VOI LUTs."""
    tables = []
    for n in range(2):
        table = item(LUTExplanation=f"Table {n}")
        table.add_new(0x00283002, "SS", [4, -1024, 16])
        table.add_new(0x00283006, "US", [0, 20000, 40000, 65535])
        tables.append(table)
    dataset = ct_slice(pixels=grey(3), BitsStored=12, HighBit=11, VOILUTSequence=tables)
    for group, bits, position in ((0x6000, 1, 0), (0x6002, 16, 13)):
        for element, vr, value in (
            (0x10, "US", ROWS), (0x11, "US", COLUMNS), (0x15, "IS", "1"), (0x22, "LO", f"{MARK} there"),
            (0x40, "CS", "G"), (0x50, "SS", [1, 1]), (0x51, "US", 1), (0x100, "US", bits),
            (0x102, "US", position), (0x1500, "LO", f"{MARK} label"),
        ):  # fmt: skip
            dataset.add_new(group << 16 | element, vr, value)
    dataset.add_new(0x60003000, "OW", bytes(range(ROWS * COLUMNS // 8)))
    return [dataset]


def table() -> list[Dataset]:
    """An image with a Modality LUT."""
    return [modality_table(ct_slice(pixels=grey(0)), range(500, 700))]


def radiograph() -> list[Dataset]:
    """A projection: MONOCHROME1, the detector's spacing and a magnification."""
    bare = dict.fromkeys(("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing"))
    return [
        ct_slice(
            pixels=grey(0, np.uint16),
            **bare,
            SOPClassUID=STORAGE + "1.1",
            Modality="DX",
            PhotometricInterpretation="MONOCHROME1",
            PresentationLUTShape="INVERSE",
            ImagerPixelSpacing=[0.3, 0.2],
            EstimatedRadiographicMagnificationFactor=1.5,
            DistanceSourceToDetector=1500,
            DistanceSourceToPatient=1000,
            PixelAspectRatio=[3, 2],
        )
    ]


def floats() -> list[Dataset]:
    """Two slices of Float Pixel Data."""
    made = []
    for k in range(2):
        dataset = ct_slice(k, pixels=grey(k, np.uint32))
        del dataset.PixelData
        dataset.FloatPixelData = grey(k, np.float32).tobytes()
        made.append(dataset)
    return made


def compressed(syntax: str, encoded: Iterable[bytes], dataset: Dataset) -> Dataset:
    """*dataset* with compressed frames of a transfer syntax, named by the end of its UID."""
    dataset.file_meta.TransferSyntaxUID = f"1.2.840.10008.1.2.{syntax}"
    dataset.PixelData = encapsulate(list(encoded))
    dataset["PixelData"].VR = "OB"
    return dataset


def _plain(k: int) -> Dataset:
    return ct_slice(k, pixels=grey(k, np.uint16), intercept=0)


def jpeg_ls() -> list[Dataset]:
    """Two slices of JPEG-LS."""
    return [compressed("4.80", [imagecodecs.jpegls_encode(grey(k, np.uint16))], _plain(k)) for k in range(2)]


def jpeg_2000() -> list[Dataset]:
    """Two slices of JPEG 2000."""
    encode = imagecodecs.jpeg2k_encode
    return [
        compressed("4.90", [encode(grey(k, np.uint16), codecformat="j2k", reversible=True)], _plain(k))
        for k in range(2)
    ]


def jpeg_lossless() -> list[Dataset]:
    """Two slices of lossless JPEG."""
    return [compressed("4.70", [imagecodecs.ljpeg_encode(grey(k, np.uint16))], _plain(k)) for k in range(2)]


def jpeg() -> list[Dataset]:
    """Three coloured frames of baseline JPEG."""
    dataset = _frames(3, "3.1", "US", FrameTime=40)
    colours = np.stack([np.stack([grey(k, np.uint8)] * 3, -1) for k in range(3)])
    encoded = [imagecodecs.jpeg_encode(frame, level=90) for frame in colours]
    return [compressed("4.50", encoded, _coloured(dataset, colours, "YBR_FULL_422"))]


def run_length() -> list[Dataset]:
    """Two slices of RLE."""
    made = []
    for k in range(2):
        dataset = _plain(k)
        dataset.compress("1.2.840.10008.1.2.5", generate_instance_uid=False)
        made.append(dataset)
    return made


DICOM: dict[str, Callable[[], list[Dataset]]] = {
    "ct": ct,
    "pet": pet,
    "enhanced-mr": enhanced_mr,
    "enhanced-ct": enhanced_ct,
    "nm": nuclear,
    "dose": dose,
    "us": ultrasound,
    "palette": palette,
    "overlays": overlays,
    "table": table,
    "dx": radiograph,
    "float": floats,
    "jpeg-ls": jpeg_ls,
    "jpeg-2000": jpeg_2000,
    "jpeg-lossless": jpeg_lossless,
    "jpeg": jpeg,
    "rle": run_length,
}


def dicom_series(kind: str) -> list[bytes]:
    """The files of a sound series of *kind*."""
    return [as_bytes(_named(dataset)) for dataset in DICOM[kind]()]


def volume_file(kind: str) -> bytes:
    """A sound NIfTI or NRRD file."""
    if kind == "nrrd":
        return nrrd(content=MARK, **{"key": MARK})
    whole = nifti1(descrip=MARK.encode())
    return gzip.compress(whole, 6, mtime=0) if kind == "nifti-gz" else whole


VOLUME_FILES = ("nifti", "nifti-gz", "nrrd")
KINDS = (*DICOM, *VOLUME_FILES)


@cache
def series(kind: str) -> list[bytes]:
    """The files of a sound series of any kind."""
    return [volume_file(kind)] if kind in VOLUME_FILES else dicom_series(kind)


def as_bytes(dataset: Dataset) -> bytes:
    """The file of *dataset*, sequences of undefined length."""
    _open_lengths(dataset)
    target = BytesIO()
    dataset.save_as(target, enforce_file_format=True)
    return target.getvalue()


def _open_lengths(dataset: Dataset) -> None:
    for element in dataset:
        if element.VR == "SQ":
            element.is_undefined_length = True
            for one in element.value:
                one.is_undefined_length_sequence_item = True
                _open_lengths(one)
