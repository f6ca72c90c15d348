"""What a crash or a power cut left behind, and what has become too old, tidied up."""

import logging
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import select

from app.archive.registration import in_portions, known_hashes
from app.archive.writing import begin_write
from app.models import Instance, Job, Segmentation, Series, db
from app.storage.store import Store

log = logging.getLogger(__name__)

# Longer than any upload takes: its first file is not written to while the last one comes.
_INCOMING_SECONDS = 6 * 3600.0
# A ZIP holds the images once more: who wants it tomorrow has it made again.
_RESULT_SECONDS = 24 * 3600.0
# A database restored from an older copy knows nothing of newer files: they wait before they go.
_QUARANTINE_SECONDS = 7 * 24 * 3600.0


def sweep(store: Store) -> None:
    """Remove stale incoming files and derived files without rows; quarantine originals without rows."""
    remove_aged(store)
    quarantined = quarantine_orphans(store)
    derived = remove_orphaned_results(store)
    absent = count_absent_originals(store)
    if quarantined or derived:
        log.warning("swept: %s originals and %s derived files without rows", quarantined, derived)
    if absent:
        log.error("%s instances have lost their files: restore them from the backup", absent)


def remove_aged(store: Store) -> None:
    """Remove what nobody is sending any more, what jobs made long ago, and what was set aside."""
    for folder, seconds in (
        (store.incoming, _INCOMING_SECONDS),
        (store.results, _RESULT_SECONDS),
        (store.quarantine, _QUARANTINE_SECONDS),
    ):
        for path in folder.iterdir():
            _remove_older(path, seconds)


def quarantine_orphans(store: Store) -> int:
    """Set originals aside that no row refers to; how many."""
    count = 0
    for owner_id, folder in _original_folders(store):
        hashes = [path.stem for path in folder.glob("*.dcm")]
        for portion in in_portions(hashes):
            if len(known_hashes(owner_id, portion)) == len(set(portion)):
                continue
            # Looked at again as a writer: an upload may be just between its file and its row.
            begin_write(owner_id)
            for sha256 in set(portion) - known_hashes(owner_id, portion):
                store.set_aside(store.original(owner_id, sha256))
                count += 1
            db.session.commit()
    db.session.rollback()
    return count


def remove_orphaned_results(store: Store) -> int:
    """Remove what was derived from series, or made by jobs, that are gone."""
    count = 0
    for portion in in_portions(store.derived_series()):
        known = set(db.session.scalars(select(Series.id).where(Series.id.in_(portion))))
        for series_id in set(portion) - known:
            store.remove_series(series_id)
            count += 1
        count += sum(_remove_orphaned_masks(store, series_id) for series_id in known)
        for series_id in known:
            for path in store.half_made(series_id):
                _remove_older(path, _INCOMING_SECONDS)
    for portion in in_portions(store.jobs_with_results()):
        known = set(db.session.scalars(select(Job.id).where(Job.id.in_(portion))))
        for job_id in set(portion) - known:
            store.remove_results(job_id)
            count += 1
    db.session.rollback()
    return count


def _remove_orphaned_masks(store: Store, series_id: str) -> int:
    """Remove the masks of segmentations that are gone; those of today may be just before their rows."""
    present = store.segmentations(series_id)
    known = set(db.session.scalars(select(Segmentation.id).where(Segmentation.id.in_(present))))
    gone = [one for one in present if one not in known]
    for segmentation_id in gone:
        _remove_older(store.segmentation_folder(series_id, segmentation_id), _INCOMING_SECONDS)
    return len(gone)


def count_absent_originals(store: Store) -> int:
    """How many instances have no file: none, unless somebody or some disk removed it."""
    rows = db.session.execute(select(Instance.owner_id, Instance.sha256)).all()
    db.session.rollback()
    return sum(not store.original(owner_id, sha256).exists() for owner_id, sha256 in rows)


def _original_folders(store: Store) -> Iterator[tuple[str, Path]]:
    for owner in store.originals.iterdir():
        for folder in owner.iterdir():
            yield owner.name, folder


def _remove_older(path: Path, seconds: float) -> None:
    try:
        if time.time() - path.stat().st_mtime > seconds:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    except FileNotFoundError:
        return  # another process sweeps too
