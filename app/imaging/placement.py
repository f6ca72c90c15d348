"""A file's masks brought to the grid of a volume, by their positions in the patient alone.

The affine of the file against that of the volume says which voxel lies where. Where both grids are one up to
the order and the direction of their axes, the voxels are the same ones; else each voxel of the volume takes
what the file has at its centre (nearest neighbour), and a warning says so. Nothing is ever turned because a
format is known to be turned.

References
----------
PS3.3 C.7.4.1.1.1 (Frame of Reference UID).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from app.imaging.errors import N_, ImagingError, LimitExceeded, Message
from app.imaging.geometry import spacing_from_affine
from app.imaging.limits import MIB
from app.imaging.maskresampling import (
    moved,
    outside_count,
    resampled,
    slice_mapping,
    spread,
    target_box,
    whole_mapping,
)
from app.imaging.segments import Grid, Index, LabelImage, Segment

EXACT_VOXELS = 1e-3
"""Beyond this, grids that are the same voxel by voxel are said to differ a little."""
MOST_BOX_BYTES = 2048 * MIB
"""All boxes of one placed file together; a voxel is a byte."""

_OTHER_FRAME = N_(
    "The segmentation has another frame of reference than these images: the same coordinates need not be "
    "the same place."
)
_NO_OVERLAP = N_(
    "No voxel of the segmentation lies within the volume. Import it on the series that it was drawn on."
)
_UNKNOWN = N_("The file does not say how it lies in the patient, so where its masks belong is not known.")
_UNKNOWN_SIZE = N_(
    "The file does not say how it lies in the patient, and its %(found)s voxels are not the %(wanted)s of "
    "the volume: where its masks belong cannot be told."
)
_ASSUMED_FRAME = N_(
    "The segmentation has another frame of reference than these images; it is placed by its coordinates as "
    "if it had the same."
)
_ASSUMED_GRID = N_(
    "The file does not say how it lies in the patient; its voxels are taken for those of the volume, one "
    "by one."
)
_RESAMPLED = N_(
    "Resampled from voxels of %(source)s mm to voxels of %(target)s mm: each voxel of the volume takes the "
    "nearest one of the file. Volumes and outlines change a little."
)
_NEARLY = N_(
    "The grids of the segmentation and of the volume differ by up to %(share)s of a voxel; each voxel was "
    "taken over as it is."
)
_CUT = N_("%(cut)s of %(total)s voxels lie outside the volume and were left out.")
_LOST = N_("%(count)s of %(total)s segments have no voxel left on the grid of the volume.")


class PlacementError(ImagingError):
    """Masks that cannot be placed on a volume."""

    code = "placement"


class OtherFrame(PlacementError):
    """Masks and volume have different frames of reference."""

    code = "other_frame"


class NoOverlap(PlacementError):
    """Masks and volume lie apart."""

    code = "no_overlap"


class UnknownPlace(PlacementError):
    """The file does not say where it lies in the patient."""

    code = "unknown_place"


@dataclass(frozen=True)
class Placed:
    """Segments on the grid of a volume, and how they came there."""

    segments: tuple[Segment, ...]
    placement: Literal["exact", "resampled"]
    warnings: tuple[Message, ...] = ()


def place(
    image: LabelImage, target: Grid, *, assume_same_place: bool = False, on_these_slices: bool = False
) -> Placed:
    """The segments of *image* on the grid *target*.

    Parameters
    ----------
    assume_same_place : bool
        Somebody was asked and said so: another frame of reference is taken for the same one; a file without
        a place is taken for the volume's own grid where it has as many voxels along each axis.
    on_these_slices : bool
        The file was drawn on the images of the volume itself, and leaves out those on which it has nothing:
        what it says of the distance between its slices does not count where they are slices of the volume.

    Raises
    ------
    OtherFrame, UnknownPlace
        They may belong elsewhere; *assume_same_place* was not given or cannot help.
    NoOverlap
        No voxel lies within the volume.
    LimitExceeded
        The masks take too much memory on this grid.
    """
    to_target, notes = _mapping(image, target, assume_same_place)
    if on_these_slices and (gappy := slice_mapping(to_target, image.grid.shape_ijk)) is not None:
        to_target, shape, stride = gappy
        _check_sizes(segment.mask.voxels.size * stride for segment in image.segments)
        grid = Grid.of(shape, target.matrix @ to_target, image.grid.frame_of_reference_uid)
        spaced = (replace(segment, mask=spread(segment.mask, stride)) for segment in image.segments)
        image = replace(image, grid=grid, segments=tuple(spaced))
    same = whole_mapping(to_target, image.grid.shape_ijk)
    total = sum(segment.mask.count for segment in image.segments)
    if same is None:
        cut = sum(outside_count(segment.mask, to_target, target.shape_ijk) for segment in image.segments)
        notes.append(_resampled_from(image.grid, target))
        _check_room(image.segments, to_target, target.shape_ijk)
        masks = [resampled(segment.mask, to_target, target.shape_ijk) for segment in image.segments]
    else:
        whole, apart = same
        if apart > EXACT_VOXELS:
            notes.append(Message(_NEARLY, {"share": f"{apart:.2g}"}))
        masks = [moved(segment.mask, whole, target.shape_ijk) for segment in image.segments]
        cut = total - sum(mask.count for mask in masks)
    # The centre of a thick voxel may lie beside a thin volume, and the voxel reach into it.
    if cut == total and not any(mask.voxels.size for mask in masks):
        raise NoOverlap(_NO_OVERLAP)
    if cut:
        notes.append(Message(_CUT, {"cut": cut, "total": total}))
    pairs = list(zip(image.segments, masks, strict=True))
    if lost := sum(before.mask.voxels.size > 0 and after.voxels.size == 0 for before, after in pairs):
        notes.append(Message(_LOST, {"count": lost, "total": len(pairs)}))
    segments = tuple(replace(segment, mask=mask) for segment, mask in pairs)
    return Placed(segments, "resampled" if same is None else "exact", (*image.warnings, *notes))


def _mapping(
    image: LabelImage, target: Grid, assume_same_place: bool
) -> tuple[NDArray[np.float64], list[Message]]:
    """(4, 4) from (i, j, k) of the file to those of the volume, and what was assumed."""
    if not image.is_placed:
        if not assume_same_place:
            raise UnknownPlace(_UNKNOWN)
        if image.grid.shape_ijk != target.shape_ijk:
            found, wanted = (" × ".join(map(str, grid.shape_ijk)) for grid in (image.grid, target))
            raise UnknownPlace(_UNKNOWN_SIZE, found=found, wanted=wanted)
        return np.eye(4), [Message(_ASSUMED_GRID)]
    notes = []
    frames = {image.grid.frame_of_reference_uid, target.frame_of_reference_uid} - {""}
    if len(frames) > 1:
        if not assume_same_place:
            raise OtherFrame(_OTHER_FRAME)
        notes.append(Message(_ASSUMED_FRAME))
    return np.linalg.solve(target.matrix, image.grid.matrix).astype(np.float64), notes


def _check_room(segments: tuple[Segment, ...], to_target: NDArray[np.float64], shape_ijk: Index) -> None:
    filled = (segment.mask for segment in segments if segment.mask.voxels.size)
    boxes = (target_box(mask, to_target, shape_ijk) for mask in filled)
    _check_sizes(int(np.prod(high - low)) for low, high in boxes)


def _check_sizes(sizes: Iterable[int]) -> None:
    size = sum(sizes)
    if size > MOST_BOX_BYTES:
        raise LimitExceeded(
            N_("On this volume the segments take %(size)s bytes; at most %(limit)s are read."),
            size=size,
            limit=MOST_BOX_BYTES,
        )


def _resampled_from(source: Grid, target: Grid) -> Message:
    found, wanted = (
        " × ".join(f"{length:.4g}" for length in spacing_from_affine(grid.affine))
        for grid in (source, target)
    )
    return Message(_RESAMPLED, {"source": found, "target": wanted})
