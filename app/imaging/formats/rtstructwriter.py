"""Segments as an RT Structure Set: their outlines on each slice, in LPS millimetres.

Contours run along the edges of the voxels, half a voxel from their centres, so that whoever fills them by the
even-odd rule gets the same voxels. A hole is a contour of its own inside the outer one. Each region tells the
grid it was made of, or an empty slice between two islands could be taken for one that nobody drew. The syntax
is Implicit VR: a long contour is longer than the 65 534 bytes that an explicit length of DS can tell.

References
----------
PS3.3 A.19 (RT Structure Set IOD), C.8.8.5, C.8.8.6 (.4: source pixel planes) and C.8.8.8; PS3.5 6.2 (DS: at
most 16 characters).
"""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.tag import Tag
from pydicom.uid import ImplicitVRLittleEndian, RTStructureSetStorage
from pydicom.valuerep import format_number_as_ds

from app.imaging.contouroutlines import outlines
from app.imaging.errors import N_
from app.imaging.formats.sourceimages import NotWritable, SourceImages, label_text
from app.imaging.formats.writtenas import WrittenAs
from app.imaging.geometry import slice_normal
from app.imaging.segments import Code, Grid, Segment

_EMPTY = N_("The segments have no voxel: there is nothing to write.")
_SERIES_NUMBER = 992
_DETACHED_STUDY = "1.2.840.10008.3.1.2.3.1"
_CONTOUR_DATA = Tag(0x3006, 0x0050)
_SHORT = 16
_TARGETS = ("GTV", "CTV", "PTV")
"""What the names of targets begin with, as ICRU 50 has them, and their RT ROI Interpreted Types."""


def rtstruct_bytes(
    segments: Sequence[Segment], grid: Grid, sources: SourceImages, written_as: WrittenAs
) -> bytes:
    """The Part 10 file of *segments*; each keeps its number.

    Raises
    ------
    NotWritable
        No DICOM images, no frame of reference, or no voxel in any segment.
    """
    sources.check(grid)
    if not any(segment.mask.voxels.size for segment in segments):
        raise NotWritable(_EMPTY)
    if len({segment.number for segment in segments}) < len(segments):
        raise ValueError("segments have numbers of their own")
    document = _document(written_as)
    sources.lend(document)
    document.ReferencedFrameOfReferenceSequence = [_frame_of_reference(grid, sources)]
    document.PositionReferenceIndicator = ""
    document.FrameOfReferenceUID = grid.frame_of_reference_uid
    document.StructureSetROISequence = [_roi(segment, grid, written_as) for segment in segments]
    document.ROIContourSequence = [_contours(segment, grid, sources) for segment in segments]
    document.RTROIObservationsSequence = [_observation(segment) for segment in segments]
    file = BytesIO()
    document.save_as(file, enforce_file_format=True)
    return file.getvalue()


def _document(written_as: WrittenAs) -> Dataset:
    document = Dataset()
    document.file_meta = FileMetaDataset()
    document.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    document.SpecificCharacterSet = "ISO_IR 192"
    document.SOPClassUID, document.SOPInstanceUID = RTStructureSetStorage, written_as.instance_uid
    document.SeriesInstanceUID, document.SeriesNumber = written_as.series_uid, _SERIES_NUMBER
    document.Modality, document.InstanceNumber = "RTSTRUCT", 1
    document.Manufacturer = document.ManufacturerModelName = "Triplano"
    document.SoftwareVersions = written_as.version
    document.OperatorsName = ""
    document.SeriesDescription = label_text(written_as.name, "Structures")
    document.StructureSetName = document.SeriesDescription
    document.StructureSetLabel = label_text(written_as.name, "Structures", _SHORT)
    made_at = written_as.made_at
    document.StructureSetDate = made_at.strftime("%Y%m%d") if made_at else ""
    document.StructureSetTime = made_at.strftime("%H%M%S") if made_at else ""
    document.ApprovalStatus = "UNAPPROVED"
    return document


def _frame_of_reference(grid: Grid, sources: SourceImages) -> Dataset:
    """Frame, study, series and images that the contours lie on."""
    series = Dataset()
    series.SeriesInstanceUID = sources.headers[0].SeriesInstanceUID
    series.ContourImageSequence = sources.references
    study = Dataset()
    study.ReferencedSOPClassUID = _DETACHED_STUDY
    study.ReferencedSOPInstanceUID = sources.headers[0].StudyInstanceUID
    study.RTReferencedSeriesSequence = [series]
    frame = Dataset()
    frame.FrameOfReferenceUID = grid.frame_of_reference_uid
    frame.RTReferencedStudySequence = [study]
    return frame


def _roi(segment: Segment, grid: Grid, written_as: WrittenAs) -> Dataset:
    roi = Dataset()
    roi.ROINumber = segment.number
    roi.ReferencedFrameOfReferenceUID = grid.frame_of_reference_uid
    roi.ROIName = label_text(segment.name, f"Segment {segment.number}")
    roi.ROIGenerationAlgorithm = written_as.algorithm_of(segment.number).kind
    return roi


def _contours(segment: Segment, grid: Grid, sources: SourceImages) -> Dataset:
    drawn = Dataset()
    if segment.color_rgb is not None:
        drawn.ROIDisplayColor = list(segment.color_rgb)
    contours = []
    for on_slice in outlines(segment.mask, grid):
        for points in on_slice.contours_lps:
            contours.append(_contour(points, sources.image_of(on_slice.k)))
    if contours:
        drawn.ContourSequence = contours
    drawn.SourcePixelPlanesCharacteristicsSequence = [_pixel_planes(grid)]
    drawn.ReferencedROINumber = segment.number
    return drawn


def _pixel_planes(grid: Grid) -> Dataset:
    """The grid whose voxels the contours run round: a reader knows from it which slices lie between two."""
    columns = grid.matrix[:3, :3]
    width, height, _step = np.linalg.norm(columns, axis=0)
    orientation = [float(cosine) for cosine in (*columns[:, 0] / width, *columns[:, 1] / height)]
    planes = Dataset()
    planes.PixelSpacing = _short(height, width)
    planes.SpacingBetweenSlices = _short(abs(float(slice_normal(orientation) @ columns[:, 2])))[0]
    planes.ImageOrientationPatient = _short(*orientation)
    planes.ImagePositionPatient = _short(*grid.matrix[:3, 3])
    planes.Columns, planes.Rows, planes.NumberOfFrames = grid.shape_ijk
    return planes


def _short(*numbers: float) -> list[str]:
    """As DS of at most 16 characters."""
    return [format_number_as_ds(float(number)) for number in numbers]


def _contour(points_lps: NDArray[np.float64], image: Dataset | None) -> Dataset:
    contour = Dataset()
    if image is not None:
        contour.ContourImageSequence = [image]
    contour.ContourGeometricType = "CLOSED_PLANAR"
    contour.NumberOfContourPoints = len(points_lps)
    # As bytes: pydicom would make an object of each of a million numbers.
    text = _decimal_strings(points_lps)
    contour[_CONTOUR_DATA] = RawDataElement(_CONTOUR_DATA, "DS", len(text), text, 0, True, True)
    return contour


def _decimal_strings(points: NDArray[np.float64]) -> bytes:
    r"""Numbers to a hundred-thousandth of a millimetre, set off by \, of even length."""
    # Up to ten metres from the origin that is 12 characters.
    rounded = np.round(points.reshape(-1), 5) + 0.0
    text = b"\\".join(f"{number:.5f}".rstrip("0").rstrip(".").encode() for number in rounded.tolist())
    return text + b" " * (len(text) % 2)


def _observation(segment: Segment) -> Dataset:
    observation = Dataset()
    observation.ObservationNumber = observation.ReferencedROINumber = segment.number
    if segment.code is not None:
        observation.RTROIIdentificationCodeSequence = [_concept(segment.code)]
    target = segment.name.strip().upper()[:3]
    observation.RTROIInterpretedType = target if target in _TARGETS else ""
    observation.ROIInterpreter = ""
    return observation


def _concept(code: Code) -> Any:
    concept = Dataset()
    # PS3.3 8.8: what is longer than 16 characters stands in Long Code Value; SNOMED has 18 digits at most.
    setattr(concept, "CodeValue" if len(code.value) <= _SHORT else "LongCodeValue", code.value)
    concept.CodingSchemeDesignator = code.scheme[:_SHORT]
    concept.CodeMeaning = label_text(code.meaning, code.value)
    return concept
