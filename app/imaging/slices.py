"""Reading of each image what stacking needs to know: the headers of a file's frames.

References
----------
PS3.3 C.7.6.2 (Image Plane), C.11.2 (VOI LUT).
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydicom.datadict import keyword_dict
from pydicom.dataset import Dataset

from app.imaging import values
from app.imaging.calibration import SPACING_TAGS, read_spacing
from app.imaging.cine import CINE_TAGS, read_frame_times
from app.imaging.dimensions import DIMENSION_TAGS, frame_type, read_dimensions
from app.imaging.errors import N_, InvalidElement, LimitExceeded, Message
from app.imaging.functionalgroups import FrameElements, FunctionalGroups
from app.imaging.imageplane import PLANE_TAGS, dose_planes, frame_plane, nuclear_planes
from app.imaging.items import Item
from app.imaging.layout import LAYOUT_TAGS, read_layout
from app.imaging.layoutremarks import layout_remarks
from app.imaging.limits import DEFAULT_LIMITS, ReadLimits
from app.imaging.nuclear import nuclear_dimensions
from app.imaging.padding import PADDING_TAGS, read_padding
from app.imaging.palette import has_supplement
from app.imaging.privatediffusion import NO_PRIVATE, read_private_diffusion
from app.imaging.regions import REGIONS, Region, read_regions
from app.imaging.rescale import RESCALE_TAGS, read_rescale, rescale_remarks
from app.imaging.sliceheader import SliceHeader
from app.imaging.structure import read_structure

_SLICE_TAGS = frozenset(
    keyword_dict[keyword]
    for keyword in (
        "SpecificCharacterSet",
        "SOPClassUID",
        "SOPInstanceUID",
        "PatientPosition",
        "FrameOfReferenceUID",
        "InstanceNumber",
        "WindowCenter",
        "WindowWidth",
        "WindowCenterWidthExplanation",
        "VOILUTFunction",
        "PixelPresentation",
        "RedPaletteColorLookupTableDescriptor",
    )
).union(LAYOUT_TAGS, PADDING_TAGS, RESCALE_TAGS, PLANE_TAGS, SPACING_TAGS, CINE_TAGS, DIMENSION_TAGS)
_COLOURED = N_("A supplemental palette colours parts of the image: they are shown in grey.")
_LUT_EXPLANATION = keyword_dict["LUTExplanation"]
_UNIT_CODE = keyword_dict["CodeValue"]
_MOST_LUTS = 16
_FUNCTIONS = ("LINEAR", "LINEAR_EXACT", "SIGMOID")


def read_slice_header(path: Path, frame: int = 0, limits: ReadLimits = DEFAULT_LIMITS) -> SliceHeader:
    """The header of one frame, from 0, of the image at *path*.

    Raises
    ------
    ImagingError
        No DICOM file, no pixels, a pixel layout that cannot be meant, or no such frame.
    """
    file = _ImageFile(path, limits)
    if not 0 <= frame < file.layout.frames:
        raise InvalidElement(
            N_("Frame %(frame)s was asked for, the image has %(frames)s."),
            frame=frame + 1,
            frames=file.layout.frames,
        )
    return file.header(frame)


def read_slice_headers(path: Path, limits: ReadLimits = DEFAULT_LIMITS) -> tuple[SliceHeader, ...]:
    """The headers of all frames of the image at *path*, in the order of the file.

    Raises
    ------
    ImagingError
        As :func:`read_slice_header`.
    """
    return _ImageFile(path, limits).headers()


class _ImageFile:
    """One file's elements, and the headers of its frames."""

    def __init__(self, path: Path, limits: ReadLimits) -> None:
        self.structure = read_structure(path, limits)
        self.elements = values.decode_elements(self.structure, _SLICE_TAGS)
        self.layout = read_layout(self.structure, self.elements, limits)
        if self.layout.frames > limits.max_frames:
            raise LimitExceeded(
                N_("The image has %(found)s frames, more than the %(limit)s that are read."),
                found=self.layout.frames,
                limit=limits.max_frames,
            )
        self.path = path
        self.groups = FunctionalGroups(self.structure, self.elements, limits)
        self.modality = values.text(self.elements, "Modality")
        self.sop_class_uid = values.uid(self.elements, "SOPClassUID") or ""
        self.regions = self._regions(self.groups.reader.top)
        self.colouring = (Message(_COLOURED),) if has_supplement(self.elements) else ()
        self.private = read_private_diffusion(self.structure) if self.modality == "MR" else NO_PRIVATE
        self.remarks = layout_remarks(self.elements, self.layout)
        self.common = self._common()
        self.varying = self._varying()

    def headers(self) -> tuple[SliceHeader, ...]:
        """Those of all frames."""
        count = self.layout.frames
        if self.groups.has_frames:
            return tuple(
                self._header(frame, elements) for frame, elements in enumerate(self.groups.frames(count))
            )
        first = self._header(0, self.groups.frame(0))
        said = first.remarks[len(self._changes(0).get("remarks", ())) :]
        return (first, *(self._changed(first, n, said) for n in range(1, count)))

    def header(self, frame: int) -> SliceHeader:
        """That of one frame."""
        return self._header(frame, self.groups.frame(frame))

    def _changed(self, first: SliceHeader, frame: int, said: tuple[Message, ...]) -> SliceHeader:
        """The *first* frame's header for another frame; *said* is what was remarked upon beside vectors."""
        changes = self._changes(frame)
        if "remarks" in changes:
            changes["remarks"] += said
        return replace(first, frame=frame, **changes)

    def _header(self, frame: int, elements: FrameElements) -> SliceHeader:
        found = self.common | frame_plane(elements, self.layout.frames) | self._of_frame(elements)
        found |= self._changes(frame)
        has_plane = found["position"] is not None and found["orientation"] is not None
        own = elements.own
        regions, region_remarks = self._regions(own) if own and REGIONS in own.elements else self.regions
        spacing = read_spacing(
            elements,
            sop_class_uid=self.sop_class_uid,
            has_plane="position" in self.varying or has_plane,
            regions=regions,
        )
        found["remarks"] += spacing.remarks + region_remarks + self.colouring + self.remarks
        if not self.layout.is_colour:
            found["remarks"] += rescale_remarks(found["rescale"], self.modality)
        return SliceHeader(
            frame=frame,
            regions=regions,
            spacing=spacing.millimetres,
            spacing_source=spacing.source,
            magnification=spacing.magnification,
            pixel_aspect=spacing.pixel_aspect,
            **found,
        )

    def _regions(self, holder: Item) -> tuple[tuple[Region, ...], tuple[Message, ...]]:
        return read_regions(self.groups.reader, holder, self.layout.rows, self.layout.columns)

    def _common(self) -> dict[str, Any]:
        """What all frames share."""
        padding = read_padding(self.elements, self.layout)
        return {
            "path": self.path,
            "sop_instance_uid": values.uid(self.elements, "SOPInstanceUID") or "",
            "sop_class_uid": self.sop_class_uid,
            "instance_number": values.integer(self.elements, "InstanceNumber"),
            "modality": self.modality,
            "patient_position": values.text(self.elements, "PatientPosition"),
            "frame_of_reference_uid": values.uid(self.elements, "FrameOfReferenceUID"),
            "padding_value": padding[0],
            "padding_limit": padding[1],
            "layout": self.layout,
        }

    def _of_frame(self, elements: FrameElements) -> dict[str, Any]:
        """What the frame's own elements say beside its place and size."""
        return {
            "image_type": frame_type(elements),
            "rescale": read_rescale(self.elements, elements.transformation()),
            "windows": _windows(elements.holder("WindowCenter")),
            "voi_lut_names": _lut_names(elements),
            "dimensions": read_dimensions(elements, self.private),
            "thickness_mm": elements.number("SliceThickness"),
            "real_world_unit": _real_world_unit(elements),
        }

    def _varying(self) -> dict[str, Sequence[Any]]:
        """What images without functional groups say of their frames by vectors: a value for each."""
        count = self.layout.frames
        found: dict[str, Sequence[Any]] = {
            "frame_time_ms": read_frame_times(self.structure, self.elements, count)
        }
        planes = None
        if self.modality == "NM":
            common = read_dimensions(self.groups.frame(0))
            found["dimensions"] = nuclear_dimensions(self.structure, self.groups.reader, common, count)
            planes = nuclear_planes(self.structure, self.elements, self.groups.reader, self.layout)
        elif self.modality == "RTDOSE":
            planes = dose_planes(self.structure, self.elements, self.layout)
        for field in ("position", "orientation", "remarks") if planes else ():
            found[field] = [plane[field] for plane in planes or ()]
        return found

    def _changes(self, frame: int) -> dict[str, Any]:
        return {field: found[frame] for field, found in self.varying.items()}


def _windows(holder: Dataset) -> tuple[dict[str, Any], ...]:
    """The stored windows, without those whose width their function does not know (C.11.2.1.2, C.11.2.1.3)."""
    centres, widths = values.numbers(holder, "WindowCenter"), values.numbers(holder, "WindowWidth")
    names = values.texts(holder, "WindowCenterWidthExplanation")
    stated = values.text(holder, "VOILUTFunction")
    function = stated if stated in _FUNCTIONS else "LINEAR"
    least = 1.0 if function == "LINEAR" else 1e-9
    return tuple(
        {
            "center": centre,
            "width": width,
            "explanation": names[n] if n < len(names) else "",
            "function": function,
        }
        for n, (centre, width) in enumerate(zip(centres, widths, strict=False))
        if least <= width <= 1e9 and abs(centre) <= 1e9
    )


def _lut_names(elements: FrameElements) -> tuple[str, ...]:
    """Explanations of the VOI LUTs, "" for those without; no table is read."""
    return tuple(
        values.text(elements.reader.decode(item, (_LUT_EXPLANATION,)), "LUTExplanation")
        for item in _at_most(elements.items("VOILUTSequence"), _MOST_LUTS)
    )


def _real_world_unit(elements: FrameElements) -> str:
    for item in _at_most(elements.items("MeasurementUnitsCodeSequence"), 1):
        return values.text(elements.reader.decode(item, (_UNIT_CODE,)), "CodeValue")
    return ""


def _at_most(items: Iterable[Any], count: int) -> Iterable[Any]:
    return (item for _, item in zip(range(count), items, strict=False))
