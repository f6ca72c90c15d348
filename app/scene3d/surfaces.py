"""Surfaces as meshes for the screen: of a level of a volume, of a segment. Made in the request, then kept."""

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.archive import masks, scenery, volumes
from app.archive.errors import NotFound
from app.archive.room import check_disk
from app.archive.scenefiles import array_path, make_room, scene_path, scenes_folder, source_of, touch
from app.archive.volumes import Shown
from app.imaging.scene import Detail, SceneOrder, SurfaceStyle
from app.models import Segmentation, SegmentRow
from app.storage.store import Store

SUFFIX = ".mesh.gz"
_SECONDS = 30.0
_PATIENCE_S = 15.0


def level_mesh(
    shown: Shown, level: float, detail: Detail, largest: bool, *, store: Store, settings: Mapping[str, Any]
) -> Path:
    """The compressed mesh of all values from *level* up.

    Raises
    ------
    Conflict, SceneBusy, SceneFailed, StorageFull
    """
    header = volumes.load(shown, store).header
    style = SurfaceStyle(level, (0, 0, 0), 1.0, largest)
    series = shown.series
    key = SceneOrder("surface", detail, (style,)).key(series.revision, shown.part, shown.phase)
    path = scene_path(series, key, SUFFIX, store)
    if not touch(path):
        check_disk(0, store, settings)
        scenes_folder(series, store)
        request: dict[str, Any] = {
            "source": source_of(header).as_json(),
            "array": str(array_path(shown, store)),
        }
        request |= {"make": "isosurface", "level": level, "largest": largest}
        _make(path, {**request, "detail": detail})
        make_room(series, store, path)
    return path


def segment_mesh(
    segmentation: Segmentation, number: int, detail: Detail, *, store: Store, settings: Mapping[str, Any]
) -> Path:
    """The compressed mesh of a segment; it lies beside the mask and goes with it.

    Raises
    ------
    NotFound
        There is no such segment.
    SceneBusy, SceneFailed, StorageFull
    """
    row = segment_row(segmentation, number)
    mask = masks.mask_path(segmentation, row, store)
    request = segment_request(segmentation, row, mask)
    # The grid may move under the same voxels, when images are added.
    grid = hashlib.sha256(json.dumps([request["shape_ijk"], request["affine"]]).encode()).hexdigest()[:12]
    path = mask.with_name(f"{row.number}-{row.file_revision}-{grid}-{detail}{SUFFIX}")
    if not touch(path):
        check_disk(0, store, settings)
        _make(path, {**request, "detail": detail})
    return path


def segment_row(segmentation: Segmentation, number: int) -> SegmentRow:
    """Segment *number*.

    Raises
    ------
    NotFound
    """
    for row in segmentation.segments:
        if row.number == number:
            return row
    raise NotFound


def segment_request(segmentation: Segmentation, row: SegmentRow, mask: Path) -> dict[str, Any]:
    """What the child is told of a segment."""
    grid = masks.grid_of(segmentation)
    return {"make": "segment", "mask": str(mask), "shape_ijk": grid.shape_ijk, "affine": grid.affine}


def _make(path: Path, request: Mapping[str, Any]) -> None:
    temporary = scenery.temporary_beside(path)
    try:
        asked = {**request, "format": "mesh", "out": str(temporary)}
        scenery.worker().make(asked, seconds=_SECONDS, patience=_PATIENCE_S)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
