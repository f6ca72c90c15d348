"""What each segment holds: counted once for a revision of its mask and of the series, and kept in its row.

Voxels and millilitres follow from the row alone. The rest reads the volume (of several phases, the first):
what a request has no time for, a job counts.
"""

import math
import time
from collections.abc import Mapping
from typing import Any

import numpy as np
from sqlalchemy import select

from app.archive import jobs, masks, volumes
from app.archive.errors import Conflict
from app.archive.regridding import is_stale
from app.imaging.errors import N_, Message
from app.imaging.segments import Grid
from app.imaging.segmentstatistics import segment_statistics
from app.imaging.volume import Volume
from app.models import Job, Segmentation, SegmentRow, Series, db
from app.storage.store import Store

KIND = "segment-statistics"
MEASURES = ("mean", "std", "min", "max", "surface_mm2", "diameter_mm", "centroid_lps")
_COUNTING = N_("Measuring segments, %(done)s of %(total)s")
_MM3_A_ML = 1000.0


def statistics_of(segmentation: Segmentation, row: SegmentRow, series: Series) -> dict[str, Any]:
    """``voxels``, ``volume_ml``, ``unit`` and the :data:`MEASURES`; None until they were counted."""
    kept = row.statistics if _is_current(row, series) else None
    values = (kept or {}).get("values", {})
    return {
        "voxels": row.voxels,
        "volume_ml": row.voxels * voxel_mm3(masks.grid_of(segmentation)) / _MM3_A_ML,
        "unit": values.get("unit"),
        **{name: values.get(name) for name in MEASURES},
    }


def is_counted(segmentation: Segmentation, series: Series) -> bool:
    """Whether every segment's statistics are those of today."""
    return all(_is_current(row, series) for row in segmentation.segments)


def voxel_mm3(grid: Grid) -> float:
    """The volume of a voxel."""
    return abs(float(np.linalg.det(grid.matrix[:3, :3])))


def count_statistics(
    segmentation: Segmentation, series: Series, store: Store, *, seconds: float = math.inf
) -> bool:
    """Count what is not counted yet, and give up after *seconds*; whether all is. Commits.

    Raises
    ------
    Conflict
        The volume or a mask is missing.
    """
    if series.state != "ready" or is_stale(segmentation, series):
        return False
    deadline = time.monotonic() + seconds
    volume = volumes.load(volumes.shown(series, part=segmentation.part), store)
    grid = masks.grid_of(segmentation)
    for row in segmentation.segments:
        if _is_current(row, series):
            continue
        if time.monotonic() > deadline:
            db.session.commit()
            return False
        values = _counted(segmentation, row, grid, volume, store)
        row.statistics = {"of": _versions(row, series), "values": values}
    db.session.commit()
    return True


def order_statistics(segmentation: Segmentation, series: Series) -> Job | None:
    """The job that counts what is missing, in the caller's transaction; None where nothing is."""
    if series.state != "ready" or is_stale(segmentation, series) or is_counted(segmentation, series):
        return None
    return jobs.submit(
        KIND,
        owner_id=segmentation.user_id,
        key=f"{KIND}:{segmentation.id}:{segmentation.mask_revision}:{series.revision}",
        arguments={"segmentation": segmentation.id},
    )


def order_all(series_id: str) -> None:
    """Have the segmentations of a series that was just prepared counted on its images of today. Commits."""
    series = db.session.get(Series, series_id)
    if series is None:
        return
    for row in db.session.scalars(select(Segmentation).where(Segmentation.series_row_id == series_id)):
        order_statistics(row, series)
    db.session.commit()


@jobs.handler(KIND)
def count(context: jobs.JobContext) -> Mapping[str, Any]:
    """Count the statistics of a segmentation, segment by segment."""
    segmentation = db.session.get(Segmentation, context.arguments["segmentation"])
    if segmentation is None:
        return {"counted": 0}
    series, total = db.session.get(Series, segmentation.series_row_id), len(segmentation.segments)
    done = 0
    while series is not None and not count_statistics(segmentation, series, context.store, seconds=0.5):
        counted = sum(_is_current(row, series) for row in segmentation.segments)
        db.session.rollback()
        if counted == done:
            break  # it waits for its series: asked for again when that is ready
        done = counted
        context.progress(done / total, Message(_COUNTING, {"done": done, "total": total}))
    return {"counted": total}


def _counted(
    segmentation: Segmentation, row: SegmentRow, grid: Grid, volume: Volume, store: Store
) -> dict[str, Any]:
    try:
        mask = masks.read_mask(segmentation, row, store)
    except Conflict:
        return {}
    header = volume.header
    found = segment_statistics(mask, grid, volume.array, header.unit, header.padding).as_json()
    return {name: _plain(found.get(name)) for name in (*MEASURES, "unit")}


def _plain(value: Any) -> Any:
    """A value as JSON has it; None for what is no number."""
    if isinstance(value, list | tuple | np.ndarray):
        return [_plain(one) for one in value]
    if isinstance(value, str) or value is None:
        return value
    number = float(value)
    return number if math.isfinite(number) else None


def _versions(row: SegmentRow, series: Series) -> list[int]:
    return [row.file_revision, series.revision]


def _is_current(row: SegmentRow, series: Series) -> bool:
    return row.statistics is not None and row.statistics.get("of") == _versions(row, series)
