"""Removing one segment of a segmentation; the voxels of the others stay in the files that they are in."""

from typing import Any

from app.archive import audit
from app.archive.deletions import note_deleted
from app.archive.errors import NotFound
from app.archive.readers import writing
from app.archive.segmentations import row_at, segmentation_for
from app.models import Segmentation, SegmentRow, User, db, utc_now
from app.storage.store import Store


def remove_segment(
    user: User,
    segmentation_id: str,
    number: int,
    store: Store,
    *,
    revision: int | None = None,
    address: str = "",
) -> Segmentation | None:
    """Remove segment *number* with its files; with the last one the segmentation goes, and None is given.

    Layers keep their order and lose what nobody needs: their values are others then, so ``mask_revision``
    rises. Files and statistics of the other segments stay as they are.

    Parameters
    ----------
    revision : int or None
        That of the segmentation which is to be changed; None changes it whatever it is.

    Raises
    ------
    NotFound
        The segmentation or the segment is not there.
    StaleSegmentation
    """
    series_id = segmentation_for(user, segmentation_id, write=True).series_row_id
    with writing(user):
        row = row_at(segmentation_id, revision)
        leaving = next((segment for segment in row.segments if segment.number == number), None)
        if leaving is None:
            raise NotFound
        is_last = len(row.segments) == 1
        if is_last:
            note_deleted(user.id, [segmentation_id])
            db.session.delete(row)
        else:
            row.segments.remove(leaving)
            row.layers = layers_of(row.layers, row.segments)
            row.size = sum(segment.size for segment in row.segments)
            row.mask_revision, row.revision = row.mask_revision + 1, row.revision + 1
            row.updated_at = utc_now()
        audit.record(
            "delete_segmentation" if is_last else "delete_segment",
            actor_id=user.id,
            object_kind="segmentation",
            object_id=segmentation_id,
            address=address,
            series=series_id,
            kind=row.kind,
            segments=1,
        )
    if is_last:
        store.remove_segmentation(series_id, segmentation_id)
        return None
    store.remove_segment(series_id, segmentation_id, number)
    return row


def layers_of(layers: list[dict[str, Any]], rows: list[SegmentRow]) -> list[dict[str, Any]]:
    """*layers* with no more than the segments *rows*, each in the box around those that it has left."""
    by_number = {row.number: row for row in rows}
    left = [[number for number in layer["segments"] if number in by_number] for layer in layers]
    planned: list[dict[str, Any]] = []
    for numbers in filter(None, left):
        box = _box_of([by_number[number].box for number in numbers if by_number[number].voxels])
        size = [end - start for start, end in zip(*box, strict=True)]
        planned.append(
            {"index": len(planned), "box": box, "segments": numbers, "bytes": size[0] * size[1] * size[2]}
        )
    return planned


def _box_of(boxes: list[list[list[int]]]) -> list[list[int]]:
    """First and end (i, j, k) of the box around all of *boxes*, as the packed layer has it."""
    if not boxes:
        return [[0, 0, 0], [0, 0, 0]]
    low = [min(box[0][axis] for box in boxes) for axis in range(3)]
    return [low, [max(box[1][axis] for box in boxes) for axis in range(3)]]
