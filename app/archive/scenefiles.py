"""Where finished scenes and surfaces lie: beside their series, the oldest unused leaving for new ones."""

import os
import time
from contextlib import suppress
from pathlib import Path

from app.archive.volumes import Shown
from app.imaging.scene import Source
from app.imaging.volumeheader import VolumeHeader
from app.models import Series
from app.storage.store import Store

MOST_BYTES = 256 * 1024 * 1024
"""Of one series: some thirty scenes of a large CT."""
_STALE_S = 3600.0  # of what a killed process left half made


def scenes_folder(series: Series, store: Store) -> Path:
    """The folder of a series' scenes, made when it is missing; it goes with the series."""
    folder = store.make_series_folder(series.id) / "scenes"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def scene_path(series: Series, key: str, suffix: str, store: Store) -> Path:
    """Where the scene of that *key* (:meth:`app.imaging.scene.SceneOrder.key`) lies once it is made."""
    return store.series_folder(series.id) / "scenes" / f"{series.revision}-{key}{suffix}"


def touch(path: Path) -> bool:
    """Whether *path* is there; it counts as used now."""
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    return True


def make_room(series: Series, store: Store, kept: Path) -> None:
    """Remove what other revisions left, and of this one the longest unused beyond the bytes for a series."""
    files = []
    for path in scenes_folder(series, store).iterdir():
        with suppress(FileNotFoundError):  # another process tidies too
            found = path.stat()
            is_stale = path.name.startswith(".") and time.time() - found.st_mtime > _STALE_S
            if is_stale or not path.name.startswith((".", f"{series.revision}-")):
                path.unlink()
            elif not path.name.startswith("."):
                files.append((found.st_mtime, found.st_size, path))
    total = 0
    for _used_at, size, path in sorted(files, reverse=True):
        total += size
        if total > MOST_BYTES and path != kept:
            path.unlink(missing_ok=True)


def source_of(header: VolumeHeader) -> Source:
    """What a scene needs to know of a volume."""
    return Source(header.affine, header.percentiles, header.value_range)


def array_path(shown: Shown, store: Store) -> Path:
    """The voxels of the shown volume."""
    series = shown.series
    return store.volume_array(series.id, series.revision, shown.part, shown.phase)
