"""What an enhanced multi-frame image says of each of its frames.

An element of a frame lies in a functional group: in the frame's own item of the Per-Frame sequence, else
in the Shared one, else, in images that know no groups, at the top of the file. :class:`FrameElements` looks
in this order, so that a reader of elements need not know which kind of image it has before it.

References
----------
PS3.3 C.7.6.16 (Multi-frame Functional Groups), C.8.13 (MR), C.8.15 (CT), C.8.19 (X-ray),
C.8.20 (segmentation), C.8.22 (PET).
"""

from collections.abc import Iterator, Mapping

from pydicom.datadict import keyword_dict
from pydicom.dataset import Dataset

from app.imaging import values
from app.imaging.items import Item, ItemReader
from app.imaging.limits import DEFAULT_LIMITS, ReadLimits
from app.imaging.spans import Span
from app.imaging.structure import FileStructure

SHARED, PER_FRAME = 0x52009229, 0x52009230

# Group sequence → the elements that are read of it. The order of groups decides where two hold one element.
_GROUPS: dict[str, tuple[str, ...]] = {
    "PlanePositionSequence": ("ImagePositionPatient",),
    "PlaneOrientationSequence": ("ImageOrientationPatient",),
    "PixelMeasuresSequence": ("PixelSpacing", "SpacingBetweenSlices", "SliceThickness"),
    "PixelValueTransformationSequence": ("RescaleIntercept", "RescaleSlope", "RescaleType"),
    "FrameVOILUTSequence": (
        "WindowCenter",
        "WindowWidth",
        "WindowCenterWidthExplanation",
        "VOILUTFunction",
        "VOILUTSequence",
    ),
    "FrameContentSequence": (
        "StackID",
        "DimensionIndexValues",
        "TemporalPositionIndex",
        "FrameAcquisitionDateTime",
        "FrameReferenceDateTime",
        "FrameAcquisitionNumber",
    ),
    "TemporalPositionSequence": ("TemporalPositionTimeOffset",),
    "MRDiffusionSequence": (
        "DiffusionBValue",
        "DiffusionGradientDirectionSequence",
        "DiffusionBMatrixSequence",
    ),
    "MREchoSequence": ("EffectiveEchoTime",),
    "CardiacSynchronizationSequence": (
        "NominalPercentageOfCardiacPhase",
        "NominalCardiacTriggerDelayTime",
        "ActualCardiacTriggerDelayTime",
    ),
    "MRImageFrameTypeSequence": ("FrameType", "ComplexImageComponent"),
    "CTImageFrameTypeSequence": ("FrameType",),
    "CTReconstructionSequence": ("ConvolutionKernel",),
    "PETFrameTypeSequence": ("FrameType",),
    "XRay3DFrameTypeSequence": ("FrameType",),
    "XAXRFFrameCharacteristicsSequence": ("FrameType",),
    "ParametricMapFrameTypeSequence": ("FrameType",),
    "SegmentIdentificationSequence": ("ReferencedSegmentNumber",),
    "FramePixelDataPropertiesSequence": ("FrameType", "ImagerPixelSpacing"),
    "ProjectionPixelCalibrationSequence": ("ObjectPixelSpacingInCenterOfBeam",),
    "XRayGeometrySequence": ("DistanceSourceToDetector", "DistanceSourceToIsocenter"),
    "RealWorldValueMappingSequence": ("MeasurementUnitsCodeSequence",),
}
GROUP_TAGS: dict[int, tuple[int, ...]] = {
    keyword_dict[group]: tuple(keyword_dict[element] for element in elements)
    for group, elements in _GROUPS.items()
}
_GROUPS_OF: dict[str, tuple[int, ...]] = {
    element: tuple(keyword_dict[group] for group, elements in _GROUPS.items() if element in elements)
    for element in {element for elements in _GROUPS.values() for element in elements}
}
# A group of more bytes holds something that is not read of it: a table, private data.
_MOST_KEPT = 4096


class FrameElements:
    """The elements of one frame: those of its functional groups before those of the whole file.

    ``own`` is the frame's item of the Per-Frame sequence.
    """

    def __init__(
        self,
        header: Dataset,
        groups: Mapping[int, tuple[Item, Dataset]],
        reader: ItemReader,
        own: Item | None = None,
    ) -> None:
        self.header = header
        self.reader = reader
        self.own = own
        self._groups = groups

    def holder(self, keyword: str) -> Dataset:
        """The data set in which *keyword* is to be looked for."""
        group = self.group_with(keyword)
        return self.header if group is None else group

    def group_with(self, keyword: str) -> Dataset | None:
        """The functional group that holds *keyword*; None where only the top of the file may."""
        if self._groups:
            for tag in _GROUPS_OF.get(keyword, ()):
                found = self._groups.get(tag)
                if found is not None and keyword_dict[keyword] in found[0].elements:
                    return found[1]
        return None

    def transformation(self) -> Dataset | None:
        """The frame's own Pixel Value Transformation."""
        slope = self.group_with("RescaleSlope")
        return self.group_with("RescaleIntercept") if slope is None else slope

    def number(self, keyword: str) -> float | None:
        """The first value as a finite number."""
        return values.number(self.holder(keyword), keyword)

    def numbers(self, keyword: str) -> tuple[float, ...]:
        """All values as finite numbers."""
        return values.numbers(self.holder(keyword), keyword)

    def integer(self, keyword: str) -> int | None:
        """The first value as an integer."""
        return values.integer(self.holder(keyword), keyword)

    def text(self, keyword: str) -> str:
        """The text of an element."""
        return values.text(self.holder(keyword), keyword)

    def texts(self, keyword: str) -> tuple[str, ...]:
        """The values of a text element."""
        return values.texts(self.holder(keyword), keyword)

    def items(self, keyword: str) -> Iterator[Item]:
        """The items of a sequence of the frame."""
        tag = keyword_dict[keyword]
        for group in _GROUPS_OF.get(keyword, ()):
            if group in self._groups and tag in self._groups[group][0].elements:
                yield from self.reader.items(self._groups[group][0], tag)
                return
        yield from self.reader.items(self.reader.top, tag)


class FunctionalGroups:
    """The functional groups of one file, read once and frame by frame.

    Notes
    -----
    Most groups of most frames are written alike; what has been read is kept by its bytes.
    """

    def __init__(
        self, structure: FileStructure, header: Dataset, limits: ReadLimits = DEFAULT_LIMITS
    ) -> None:
        self._header = header
        self.reader = ItemReader(structure, limits)
        self._kept: dict[bytes, tuple[Item, Dataset] | None] = {}
        shared = self.reader.first(self.reader.top, SHARED)
        self._shared = {} if shared is None else self._groups(shared)

    @property
    def has_frames(self) -> bool:
        """Whether the file has a group for each frame, or groups for all of them."""
        return bool(self._shared) or PER_FRAME in self.reader.top.elements

    def frames(self, count: int) -> Iterator[FrameElements]:
        """The elements of frames 0 … *count* − 1; frames without an item have the shared groups."""
        items = self.reader.items(self.reader.top, PER_FRAME)
        for _, item in zip(range(count), _padded(items), strict=False):
            own = {} if item is None else self._groups(item)
            yield FrameElements(self._header, {**self._shared, **own}, self.reader, item)

    def frame(self, number: int) -> FrameElements:
        """The elements of one frame, from 0; the frames before it are passed over unread."""
        items = self.reader.items(self.reader.top, PER_FRAME)
        item = next((item for n, item in zip(range(number + 1), items, strict=False) if n == number), None)
        own = {} if item is None else self._groups(item)
        return FrameElements(self._header, {**self._shared, **own}, self.reader, item)

    def _groups(self, item: Item) -> dict[int, tuple[Item, Dataset]]:
        """The groups of one item of the shared or the per-frame sequence."""
        found = {}
        for tag in item.elements.keys() & GROUP_TAGS.keys():
            group = self._group(item, tag, item.elements[tag])
            if group is not None:
                found[tag] = group
        return found

    def _group(self, parent: Item, tag: int, span: Span) -> tuple[Item, Dataset] | None:
        if span.end - span.start > _MOST_KEPT:
            return self._read_group(parent, tag)
        key = bytes(self.reader.data[span.start : span.end])
        if key not in self._kept:
            self._kept[key] = self._read_group(parent, tag)
        return self._kept[key]

    def _read_group(self, parent: Item, tag: int) -> tuple[Item, Dataset] | None:
        item = self.reader.first(parent, tag)
        return None if item is None else (item, self.reader.decode(item, GROUP_TAGS[tag]))


def _padded(items: Iterator[Item]) -> Iterator[Item | None]:
    yield from items
    while True:
        yield None
