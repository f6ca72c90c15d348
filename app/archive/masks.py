"""The voxels of segmentations: mask files read back, and packed into layers for drawing.

Every mask file carries its revision in its name and never changes; so what was packed of one
``mask_revision`` is kept as long as there is room.
"""

from collections.abc import Container, Sequence
from pathlib import Path

from app.archive.errors import Conflict, NotFound
from app.archive.kept import Kept
from app.archive.labelreading import grid_from_json
from app.imaging.errors import N_, InvalidElement
from app.imaging.labellayers import Layer, pack_layers
from app.imaging.segments import BoxMask, Code, Grid, Segment
from app.models import Segmentation, SegmentRow
from app.storage.store import Store

_KEPT_BYTES = 256 * 1024 * 1024
_LOST = N_("A mask of the segmentation is missing in the store.")


def grid_of(segmentation: Segmentation) -> Grid:
    """The grid of the masks."""
    return grid_from_json(segmentation.grid)


def mask_path(segmentation: Segmentation, row: SegmentRow, store: Store) -> Path:
    """Where the voxels of a segment lie."""
    return store.segment_mask(segmentation.series_row_id, segmentation.id, row.number, row.file_revision)


def read_mask(segmentation: Segmentation, row: SegmentRow, store: Store) -> BoxMask:
    """The voxels of one segment.

    Raises
    ------
    Conflict
        Their file is lost or damaged.
    """
    try:
        return BoxMask.from_bytes(mask_path(segmentation, row, store).read_bytes())
    except (FileNotFoundError, InvalidElement):
        raise Conflict(_LOST) from None


def read_segments(
    segmentation: Segmentation, store: Store, numbers: Container[int] | None = None
) -> tuple[Segment, ...]:
    """The segments with their voxels, in the order of their numbers; with *numbers* only those.

    Raises
    ------
    Conflict
    """
    return tuple(
        Segment(
            row.number,
            row.name,
            read_mask(segmentation, row, store),
            rgb_of(row.color),
            Code(**row.code) if row.code else None,
        )
        for row in segmentation.segments
        if numbers is None or row.number in numbers
    )


def layer_of(segmentation: Segmentation, store: Store, index: int) -> Layer:
    """Layer number *index*, as ``segmentation.layers`` has it.

    Raises
    ------
    NotFound
        There is none.
    Conflict
    """
    if not 0 <= index < len(segmentation.layers):
        raise NotFound
    key = (str(store.root), segmentation.series_row_id, segmentation.id, segmentation.mask_revision, index)
    layer = _layers.get(key)
    if layer is None:
        layer = _packed(segmentation, store, segmentation.layers[index]["segments"])
        _layers.put(key, layer)
    return layer


def _packed(segmentation: Segmentation, store: Store, numbers: Sequence[int]) -> Layer:
    """The segments *numbers*, which do not overlap, in one array, in this order."""
    by_number = {one.number: one for one in read_segments(segmentation, store, set(numbers))}
    (layer,) = pack_layers([by_number[number] for number in numbers], grid_of(segmentation).shape_kji)
    return layer


def forget(series_id: str) -> None:
    """Let go of what this process holds of a series' masks."""
    _layers.drop(series_id)


def rgb_of(color: str) -> tuple[int, int, int]:
    """The numbers of "#rrggbb"."""
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


_layers: Kept[Layer] = Kept(_KEPT_BYTES, lambda layer: int(layer.labels.nbytes) + 1)
