"""Contours to voxels.

A voxel belongs to a region when its centre lies inside the region's contours: all contours of a plane count
at once, by the even-odd rule. Contours are placed by their coordinates alone; which image they name does not
matter. The way back is :mod:`app.imaging.contouroutlines`.

References
----------
PS3.3 C.8.8.6.1 (Contour Geometric Type), C.8.8.6.3 (holes).
"""

from collections.abc import Sequence

from app.imaging.contouroutlines import SliceOutlines, outlines
from app.imaging.contourvoxels import BETWEEN, OUTSIDE, Filling
from app.imaging.errors import N_, Message
from app.imaging.formats.rtstruct import Roi, StructureSet
from app.imaging.placement import MOST_BOX_BYTES, NoOverlap, OtherFrame, Placed
from app.imaging.segments import Grid, Segment

__all__ = ["SliceOutlines", "fill_structures", "outlines"]

TOO_SMALL = N_("%(count)s ROIs hold no voxel: no voxel centre lies within their contours.")
FOREIGN = N_("%(count)s ROIs belong to another frame of reference and are left out.")
NO_FRAME = N_("The structure set names no frame of reference; its coordinates are taken for the images'.")
ASSUMED_FRAME = N_(
    "The structure set has another frame of reference than these images; it is placed by its coordinates as "
    "if it had the same."
)
OTHER_FRAME = N_(
    "The structure set has another frame of reference than these images: the same coordinates need not be "
    "the same place."
)
NO_OVERLAP = N_(
    "No contour of the structure set lies within the images. Import it on the series that it was drawn on."
)

_MOST_NUMBER = 65_535


def fill_structures(
    structures: StructureSet,
    target: Grid,
    *,
    assume_same_place: bool = False,
    most_voxels: int = MOST_BOX_BYTES,
) -> Placed:
    """The regions of a structure set as segments on the grid of a volume.

    Parameters
    ----------
    assume_same_place : bool
        Take the coordinates for the volume's although the frames of reference differ.
    most_voxels : int
        The boxes of all masks together; a voxel takes a byte.

    Returns
    -------
    Placed
        "exact" where all contours lie on slices of the volume. A region between the voxels has an empty mask.

    Raises
    ------
    OtherFrame
        All regions belong to another frame of reference.
    NoOverlap
        No contour reaches the volume.
    LimitExceeded
        More voxels than allowed, or more edges than anybody draws.
    """
    rois = [roi for roi in structures.rois if assume_same_place or not _is_foreign(roi, target)]
    if not rois:
        raise OtherFrame(OTHER_FRAME)
    filling = Filling(target, most_voxels)
    segments = tuple(
        Segment(number, roi.name, filling.fill(roi), roi.color_rgb)
        for number, roi in zip(_numbers(rois), rois, strict=True)
    )
    filling.tally[TOO_SMALL] = sum(not segment.mask.voxels.size for segment in segments)
    if filling.tally[TOO_SMALL] == len(segments) and filling.tally[OUTSIDE]:
        raise NoOverlap(NO_OVERLAP)
    filling.tally[FOREIGN] = len(structures.rois) - len(rois)
    notes = [Message(ASSUMED_FRAME)] if any(_is_foreign(roi, target) for roi in rois) else []
    if target.frame_of_reference_uid and not all(roi.frame_of_reference_uid for roi in rois):
        notes.append(Message(NO_FRAME))
    warnings = (*structures.warnings, *notes, *filling.warnings())
    return Placed(segments, "resampled" if filling.tally[BETWEEN] else "exact", warnings)


def _is_foreign(roi: Roi, target: Grid) -> bool:
    frames = {roi.frame_of_reference_uid, target.frame_of_reference_uid}
    return "" not in frames and len(frames) > 1


def _numbers(rois: Sequence[Roi]) -> Sequence[int]:
    """The regions' own numbers; counted from 1 where those are no distinct numbers of segments."""
    own = [roi.number for roi in rois]
    fit = len(set(own)) == len(own) and all(0 < number <= _MOST_NUMBER for number in own)
    return own if fit else range(1, len(rois) + 1)
