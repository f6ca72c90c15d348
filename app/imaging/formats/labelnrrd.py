"""NRRD label maps and the segmentations of 3D Slicer (.seg.nrrd)."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.imaging.errors import N_, Message, UnsupportedData
from app.imaging.formats.grid import PLACE_UNKNOWN, POSITION_UNKNOWN, SPACING_UNKNOWN, lps_from_ras
from app.imaging.formats.labelslicer import SlicerSegment, old_extent, slicer_segments
from app.imaging.formats.labelvoxels import check_count, read_layers
from app.imaging.formats.nrrd import read_nrrd
from app.imaging.formats.nrrdfields import NrrdFields, read_fields
from app.imaging.formats.volumefile import VolumeFile
from app.imaging.limits import DEFAULT_LIMITS, ReadLimits
from app.imaging.segments import BoxMask, Grid, LabelImage, Segment

NO_SEGMENTS = N_("The file holds no segment: all its voxels are 0.")
ONE_VOLUME = N_("The file holds %(count)s volumes; a label map has one.")
UNPLACED = frozenset((PLACE_UNKNOWN, POSITION_UNKNOWN, SPACING_UNKNOWN))
"""Warnings of a header that does not say where its voxels lie."""
_OLD = N_("An old file of 3D Slicer, which does not name its space: it is read as 3D Slicer reads it (RAS).")
_NAMELESS = N_("%(count)s labels among the voxels are not described in the header: they have no name.")
_EMPTY = BoxMask((0, 0, 0), np.zeros((0, 0, 0), np.bool_))


def read_label_nrrd(path: Path, limits: ReadLimits = DEFAULT_LIMITS) -> LabelImage:
    """The segments of the NRRD file at *path*.

    Raises
    ------
    ImagingError
        It is no label map, damaged, or beyond the limits.
    """
    volume_file = read_nrrd(path, limits)
    fields = read_fields(path)
    described = slicer_segments(fields.keys, volume_file.phase_count)
    if volume_file.phase_count > 1 and not described:
        raise UnsupportedData(ONE_VOLUME, count=volume_file.phase_count)
    affine, is_placed, notes = _place(volume_file, fields)
    segments, more = _segments(described, read_layers(volume_file, limits))
    if not any(segment.mask.voxels.size for segment in segments):
        raise UnsupportedData(NO_SEGMENTS)
    return LabelImage(
        "nrrd",
        Grid.of(volume_file.shape_ijk, affine),
        segments,
        is_placed=is_placed,
        warnings=(*notes, *more),
    )


def _place(
    volume_file: VolumeFile, fields: NrrdFields
) -> tuple[NDArray[np.float64], bool, tuple[Message, ...]]:
    """The affine to LPS mm, whether it can be relied on, and what to say of it."""
    affine = np.array(volume_file.affine_lps)
    first = old_extent(fields.keys, volume_file.shape_ijk)
    if first is not None and not fields.get("space") and fields.get("space origin"):
        # Its origin is that of the images it was drawn on, and the voxels begin at the extent.
        affine[:3, 3] += affine[:3, :3] @ first
        return lps_from_ras(affine), True, (Message(_OLD),)
    is_placed = not any(warning.template in UNPLACED for warning in volume_file.warnings)
    return affine, is_placed, told(volume_file)


def told(volume_file: VolumeFile) -> tuple[Message, ...]:
    """What the header's reader remarked, without that the place is unknown."""
    return tuple(warning for warning in volume_file.warnings if warning.template not in UNPLACED)


def _segments(
    described: tuple[SlicerSegment, ...], layers: list[dict[int, BoxMask]]
) -> tuple[tuple[Segment, ...], tuple[Message, ...]]:
    """The described segments, then the labels of which nothing is said.

    Labels are the numbers; where two volumes have the same label, the segments are counted instead.
    """
    if not described:
        return tuple(Segment(label, "", mask) for label, mask in layers[0].items()), ()
    masks = [layers[one.layer].pop(one.value, _EMPTY) for one in described]
    check_count(len(described) + sum(map(len, layers)))
    rest = [(label, mask) for layer in layers for label, mask in layer.items()]
    labels = [one.value for one in described] + [label for label, _mask in rest]
    numbers = labels if len(set(labels)) == len(labels) else list(range(1, len(labels) + 1))
    found = [
        Segment(number, one.name, mask, one.color_rgb, one.code)
        for number, one, mask in zip(numbers, described, masks, strict=False)
    ]
    found += [
        Segment(number, "", mask)
        for number, (_label, mask) in zip(numbers[len(described) :], rest, strict=True)
    ]
    return tuple(found), (Message(_NAMELESS, {"count": len(rest)}),) if rest else ()
