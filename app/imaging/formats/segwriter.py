"""Segments as DICOM SEG, BINARY, written by highdicom; segments may overlap.

Frames stand where the grid of the volume says. highdicom is shown a stand-in for the images, with the size
and the space of the grid but the place of none of its slices, because it derives frames by comparing places
and refuses much that scanners write; what the frames are derived from is known here, and filled in
afterwards. A frame of a straightened or resampled volume is derived from no single image; the file then
names its series and instances only.

Segments that overlap are written in layers one after the other and their frames then joined: one layer at a
time is held as an array, however many segments there are.

References
----------
PS3.3 A.51 (Segmentation IOD), C.8.20, C.7.6.16.2.6 (Derivation Image); PS3.16 CID 7150, 7151, 7162, 7202
and 7203.
"""

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from app.imaging.anatomy import UNNAMED, category_of
from app.imaging.errors import N_
from app.imaging.formats.segframes import JoinedFrames
from app.imaging.formats.sourceimages import NotWritable, SourceImages, label_text
from app.imaging.formats.writtenas import WrittenAs
from app.imaging.geometry import index_from_world, slice_normal
from app.imaging.labellayers import Layer, pack_layers
from app.imaging.segments import BoxMask, Code, Grid, Segment

_EMPTY = N_("The segments have no voxel: there is nothing to write.")
_SERIES_NUMBER = 991
_AWAY = 10_000  # slices: no frame lies where the stand-in does
_BLANK = ("PatientID", "PatientName", "PatientBirthDate", "PatientSex", "AccessionNumber", "StudyID")
_FAMILIES = {
    "ai": ("123110", "DCM", "Artificial Intelligence"),
    "region": ("123101", "DCM", "Neighborhood Analysis"),
    "threshold": ("123105", "DCM", "Histogram Analysis"),
    "manual": ("123109", "DCM", "Manual Processing"),
}
_SEGMENTATION = ("113076", "DCM", "Segmentation")
_SOURCE = ("121322", "DCM", "Source image for image processing operation")


def seg_bytes(segments: Sequence[Segment], grid: Grid, sources: SourceImages, written_as: WrittenAs) -> bytes:
    """The Part 10 file of *segments*, which are numbered anew from 1 in their order.

    Raises
    ------
    NotWritable
        No DICOM images, no frame of reference, or no voxel in any segment.
    """
    sources.check(grid)
    if not any(segment.mask.voxels.size for segment in segments):
        raise NotWritable(_EMPTY)
    numbers = {segment.number: n for n, segment in enumerate(segments, 1)}
    if len(numbers) != len(segments):
        raise ValueError("segments have numbers of their own")
    layers = [layer for layer in pack_layers(segments, grid.shape_kji) if layer.labels.size]
    written = [_write_layer(layer, numbers, segments, grid, sources, written_as) for layer in layers]
    document = written[0]
    for item in _frames(document):
        _derive(item, grid, sources)
    if len(written) > 1:
        joined = JoinedFrames(document.Rows * document.Columns)
        for n, layer in enumerate(written):
            items = _frames(layer)
            if n:
                for item in items:
                    _derive(item, grid, sources)
            joined.add(items, layer.PixelData)
        joined.write(document, ascending=not _along_normal(grid))  # highdicom counts against the normal
        document.SegmentsOverlap = "YES" if _overlap(layers, grid) else "NO"
    _refer(document, sources)
    sources.lend(document)
    document.SeriesDescription = label_text(written_as.name, "Segmentation")
    file = BytesIO()
    document.save_as(file, enforce_file_format=True)
    return file.getvalue()


def _overlap(layers: Sequence[Layer], grid: Grid) -> bool:
    """Whether a voxel belongs to several layers; many segments take some although they lie apart."""
    seen = np.zeros(grid.shape_kji, np.bool_)
    for layer in layers:
        box = BoxMask(layer.origin_ijk, layer.labels > 0)
        if np.any(seen[box.slices_kji] & box.voxels):
            return True
        seen[box.slices_kji] |= box.voxels
    return False


def _write_layer(
    layer: Layer,
    numbers: Mapping[int, int],
    segments: Sequence[Segment],
    grid: Grid,
    sources: SourceImages,
    written_as: WrittenAs,
) -> Any:
    """highdicom's file of the segments of one layer; all are described, for the numbers count from 1."""
    import highdicom

    first = layer.origin_ijk[2]
    orientation, spacing, positions = _planes(grid, first, first + layer.labels.shape[0])
    return highdicom.seg.Segmentation(
        source_images=[_stand_in(grid, sources, orientation, spacing)],
        pixel_array=_label_array(layer, numbers, grid),
        segmentation_type="BINARY",
        segment_descriptions=[
            _description(segment, number, written_as)
            for segment, number in zip(segments, numbers.values(), strict=True)
        ],
        series_instance_uid=written_as.series_uid,
        series_number=_SERIES_NUMBER,
        sop_instance_uid=written_as.instance_uid,
        instance_number=1,
        manufacturer="Triplano",
        manufacturer_model_name="Triplano",
        software_versions=written_as.version,
        device_serial_number="1",
        content_label="SEGMENTATION",
        content_description=label_text(written_as.name, "Segmentation"),
        specific_character_set="ISO_IR 192",
        pixel_measures=highdicom.PixelMeasuresSequence(spacing[:2], spacing[2], spacing[2]),
        plane_orientation=highdicom.PlaneOrientationSequence("PATIENT", orientation),
        plane_positions=[highdicom.PlanePositionSequence("PATIENT", place) for place in positions],
    )


def _label_array(layer: Layer, numbers: Mapping[int, int], grid: Grid) -> NDArray[Any]:
    """The slices of *layer*, (k, j, i) of whole rows and columns, in the numbers of the file."""
    table = np.array([0, *(numbers[number] for number in layer.numbers)])
    table = table.astype(np.uint8 if table.max() < 256 else np.uint16)
    depth, height, width = layer.labels.shape
    i, j, _k = layer.origin_ijk
    whole = np.zeros((depth, grid.shape_ijk[1], grid.shape_ijk[0]), table.dtype)
    whole[:, j : j + height, i : i + width] = table[layer.labels]
    return whole


def _description(segment: Segment, number: int, written_as: WrittenAs) -> Any:
    import highdicom

    algorithm = written_as.algorithm_of(segment.number)
    identification = None
    if algorithm.kind != "MANUAL":
        identification = highdicom.AlgorithmIdentificationSequence(
            name=label_text(algorithm.name, "Triplano"),
            family=_concept(_FAMILIES[algorithm.family]),
            version=label_text(algorithm.version or written_as.version, "1"),
        )
    color = segment.color_rgb
    return highdicom.seg.SegmentDescription(
        segment_number=number,
        segment_label=label_text(segment.name, f"Segment {number}"),
        segmented_property_category=_concept(category_of(segment.code)),
        segmented_property_type=_concept(segment.code or UNNAMED),
        algorithm_type=algorithm.kind,
        algorithm_identification=identification,
        display_color=highdicom.color.CIELabColor.from_rgb(*color) if color else None,
    )


def _planes(
    grid: Grid, first: int, end: int
) -> tuple[list[float], tuple[float, float, float], list[list[float]]]:
    """Image Orientation, spacing (rows, columns, slices) and the positions of the slices *first* to *end*."""
    columns = grid.matrix[:3, :3]
    width, height, _step = np.linalg.norm(columns, axis=0)
    across = columns[:, 0] / width
    down = columns[:, 1] - (columns[:, 1] @ across) * across  # what the header rounded is made right
    orientation = [float(cosine) for cosine in (*across, *(down / np.linalg.norm(down)))]
    thickness = abs(float(slice_normal(orientation) @ columns[:, 2]))
    corner = grid.matrix[:3, 3]
    positions = [[float(part) for part in corner + k * columns[:, 2]] for k in range(first, end)]
    return orientation, (float(height), float(width), thickness), positions


def _stand_in(
    grid: Grid, sources: SourceImages, orientation: Sequence[float], spacing: Sequence[float]
) -> Dataset:
    """An image of the grid's size and space that lies far from it, of nobody."""
    image, first = Dataset(), sources.headers[0]
    image.SOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
    image.SOPInstanceUID = first.SOPInstanceUID
    image.StudyInstanceUID, image.SeriesInstanceUID = first.StudyInstanceUID, first.SeriesInstanceUID
    image.FrameOfReferenceUID = grid.frame_of_reference_uid
    image.Modality = first.get("Modality", "OT")
    image.Columns, image.Rows, _slices = grid.shape_ijk
    image.ImageOrientationPatient, image.PixelSpacing = list(orientation), list(spacing[:2])
    image.SliceThickness = spacing[2]
    away = grid.matrix[:3, 3] - _AWAY * slice_normal(orientation) * spacing[2]
    image.ImagePositionPatient = [float(part) for part in away]
    for keyword in _BLANK:
        setattr(image, keyword, "")
    image.StudyDate = image.StudyTime = None
    if first.get("LossyImageCompression") == "01":
        image.LossyImageCompression = "01"
    return image


def _frames(document: Dataset) -> list[Dataset]:
    return list(document.PerFrameFunctionalGroupsSequence)


def slice_of(item: Dataset, grid: Grid) -> int:
    """The slice of *grid* that a frame's functional groups place it on."""
    position = item.PlanePositionSequence[0].ImagePositionPatient
    return round(float(index_from_world(grid.matrix, [float(part) for part in position])[2]))


def _derive(item: Dataset, grid: Grid, sources: SourceImages) -> None:
    """Say which image a frame lies on."""
    item.FrameContentSequence[0].StackID = "1"
    k = slice_of(item, grid)
    item.FrameContentSequence[0].InStackPositionNumber = k + 1
    image = sources.image_of(k)
    if image is None:
        return
    image.PurposeOfReferenceCodeSequence = [_concept(_SOURCE)]
    image.SpatialLocationsPreserved = "YES"
    derivation = Dataset()
    derivation.SourceImageSequence = [image]
    derivation.DerivationCodeSequence = [_concept(_SEGMENTATION)]
    item.DerivationImageSequence = [derivation]


def _refer(document: Dataset, sources: SourceImages) -> None:
    """Name the series and all its images, in the place of the stand-in."""
    references = sources.references
    document.SourceImageSequence = references
    series = Dataset()
    series.SeriesInstanceUID = sources.headers[0].SeriesInstanceUID
    series.ReferencedInstanceSequence = references
    document.ReferencedSeriesSequence = [series]


def _along_normal(grid: Grid) -> bool:
    """Whether k increases along rows × columns."""
    return bool(np.linalg.det(grid.matrix[:3, :3]) > 0)


def _concept(code: Code | tuple[str, str, str]) -> Any:
    import highdicom

    if isinstance(code, Code):
        code = (code.value, code.scheme, label_text(code.meaning, code.value))
    return highdicom.sr.CodedConcept(*code)
