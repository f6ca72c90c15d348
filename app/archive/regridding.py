"""Segmentations of a series whose images became more: their masks follow the grid of today.

Masks keep the grid that they were made on. When the parts of a series are made anew, a segmentation goes with
the part that has its grid, whatever its number now is; if none has, its masks are placed on the grid of
today, by their positions in the patient, like those of any file. What cannot be placed stays as it is and
says so: nothing that somebody drew is thrown away because images came.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from sqlalchemy import select

from app.archive import masks, volumes
from app.archive.errors import Conflict
from app.archive.incoming import disk_room
from app.archive.labelreading import grid_as_json, layer_plan
from app.archive.segmentations import target_grid, written
from app.archive.writing import begin_write
from app.imaging.errors import ImagingError
from app.imaging.labellayers import pack_layers
from app.imaging.placement import Placed, place
from app.imaging.segments import Grid, LabelImage
from app.models import Segmentation, Series, db, utc_now
from app.storage.store import Store

_SAME_MM = 1e-4


def is_stale(segmentation: Segmentation, series: Series) -> bool:
    """Whether the masks lie on another grid than the part has now; not told while it is prepared."""
    return bool(series.parts) and not _has_grid(series.parts or [], segmentation.part, segmentation.grid)


def follow_grids(series_id: str, store: Store) -> int:
    """Bring the segmentations of a series that was just prepared to its grids; how many moved. Commits."""
    series = db.session.get(Series, series_id, populate_existing=True)
    if series is None or not series.parts:
        return 0
    rows = db.session.scalars(select(Segmentation).where(Segmentation.series_row_id == series_id))
    stale = [row.id for row in rows if is_stale(row, series)]
    return sum(_follow(segmentation_id, series_id, store) for segmentation_id in stale)


def _follow(segmentation_id: str, series_id: str, store: Store) -> bool:
    series = db.session.get(Series, series_id)
    row = db.session.get(Segmentation, segmentation_id)
    if series is None or row is None:
        return False
    same = [part for part in _volumes(series.parts or []) if _has_grid(series.parts or [], part, row.grid)]
    if same:
        row.part, row.revision = same[0], row.revision + 1
        db.session.commit()
        return True
    if row.part not in _volumes(series.parts or []):
        return False
    try:
        _place_again(row, series, store)
    except (ImagingError, Conflict):
        db.session.rollback()
        return False
    return True


def _place_again(row: Segmentation, series: Series, store: Store) -> None:
    """The masks on the grid of today, as new revisions of their files."""
    shown = volumes.shown(series, part=row.part)
    target = target_grid(shown, store)
    image = LabelImage(row.kind, replace(masks.grid_of(row)), masks.read_segments(row, store))
    placed = place(image, target)
    was, series_id, user_id = row.revision, series.id, row.user_id
    db.session.rollback()
    begin_write(user_id)
    db.session.refresh(row)
    if row.revision != was:  # somebody drew meanwhile: the next preparation will look again
        db.session.rollback()
        return
    kept = _enter(row, placed, target, store)
    db.session.commit()
    store.remove_masks_but(series_id, row.id, kept)


def _enter(row: Segmentation, placed: Placed, target: Grid, store: Store) -> set[Any]:
    revision = row.mask_revision + 1
    by_number = {segment.number: segment for segment in placed.segments}
    contents = []
    for segment_row in row.segments:
        mask = by_number[segment_row.number].mask
        stored = mask.to_bytes()
        segment_row.file_revision, segment_row.size = revision, len(stored)
        segment_row.box, segment_row.voxels = [list(corner) for corner in mask.box_ijk], mask.count
        segment_row.statistics = None
        contents.append((masks.mask_path(row, segment_row, store), stored))
    row.grid, row.layers = grid_as_json(target), layer_plan(pack_layers(placed.segments, target.shape_kji))
    row.mask_revision, row.revision, row.updated_at = revision, row.revision + 1, utc_now()
    row.size = sum(segment.size for segment in row.segments)
    if placed.placement == "resampled":
        row.placement = "resampled"
    row.warnings = [*row.warnings, *(warning.as_json() for warning in placed.warnings)]
    db.session.flush()
    with disk_room():
        store.adopt_all(written(contents, store))
    return {path for path, _content in contents}


def _volumes(parts: Iterable[Mapping[str, Any]]) -> list[int]:
    return [number for number, part in enumerate(parts) if part["kind"] == "volume"]


def _has_grid(parts: list[dict[str, Any]], part: int, grid: Mapping[str, Any]) -> bool:
    volume = parts[part]["volume"] if part < len(parts) else None
    return (
        volume is not None
        and list(volume["shape_ijk"]) == list(grid["shape_ijk"])
        and np.allclose(volume["affine"], grid["affine"], rtol=0, atol=_SAME_MM)
    )
