"""From received files to instances: unpack, parse, move into place, and then one transaction.

The row is the truth. Bytes are moved to their place inside the transaction that enters their rows,
so nothing half received is ever seen; what a crash leaves behind is swept (:mod:`app.archive.sweeping`).
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import IntegrityError

from app.archive import audit, jobs, stacking
from app.archive.amounts import count_text, size_text
from app.archive.directories import MAX_DIRECTORIES, TOO_MANY, DirectoryListing
from app.archive.errors import NotFound
from app.archive.incoming import (
    TOO_LARGE,
    HashingFile,
    IncomingFile,
    Refusal,
    check_name,
    disk_room,
    is_system_file,
)
from app.archive.parsing import ParsePool, parse_pool
from app.archive.registration import Arrival, Registered, known_hashes, places_of, register
from app.archive.removal import discard_unused
from app.archive.room import check_disk, check_quota, check_room
from app.archive.unpack import UnpackLimits, is_zip
from app.archive.upload import Settings, Upload, UploadReport, report_of
from app.archive.writing import begin_write
from app.imaging.dicomdir import is_directory
from app.imaging.errors import N_, LimitExceeded, Message, TriplanoError
from app.models import db
from app.storage.store import Store

__all__ = ["HashingFile", "IncomingFile", "Refusal", "check_room", "ingest"]

_TRIES = 3
_FLUSH_THREADS = 8


def ingest(
    owner_id: str,
    files: Sequence[IncomingFile],
    *,
    store: Store,
    settings: Settings,
    is_demo: bool = False,
    address: str = "",
    other_names: Iterable[str] = (),
) -> UploadReport:
    """Take in *files* for the owner; whatever happens, nothing of them stays under ``incoming``.

    *other_names* are the files that come with the same folder in other requests: the index of a disc
    names them too.

    The session must hold no changes: it is committed, or rolled back, here.

    Raises
    ------
    LimitExceeded, QuotaExceeded, StorageFull
        The upload as a whole cannot be taken; nothing of it was.
    NotFound
        The account is gone.
    """
    upload = Upload(owner_id, store, settings, paths=[file.path for file in files], names=list(other_names))
    try:
        if len(files) > settings["MAX_UPLOAD_FILES"]:
            raise LimitExceeded(
                N_("The upload has %(found)s files; at most %(limit)s are taken at once."),
                found=count_text(len(files)),
                limit=count_text(settings["MAX_UPLOAD_FILES"]),
            )
        check_disk(0, store, settings)
        pool = parse_pool(settings)
        for file in files:
            _unfold(upload, file, pool)
        _set_known_aside(upload)
        with _flushed_meanwhile(file.path for file in upload.files):
            arrivals = _parse(upload, pool)
        registered = _enter(upload, arrivals, is_demo, address)
    finally:
        for path in upload.paths:
            path.unlink(missing_ok=True)
    jobs.wake()
    return report_of(upload, registered)


def _unfold(upload: Upload, file: IncomingFile, pool: ParsePool) -> None:
    """Sort one received file: ignored, refused, a ZIP's contents, or to be parsed."""
    if is_system_file(file.name):
        upload.ignored += 1
        return
    upload.names.append(file.name)
    try:
        check_name(file.name)
    except TriplanoError as fault:
        upload.refused.append(Refusal(file.name, fault.message))
        return
    if file.fault is not None:
        upload.refused.append(Refusal(file.name, file.fault))
    elif is_zip(file.path):
        contents = pool.unpack(file, upload.store, _unpack_limits(upload.settings))
        upload.paths.extend(inner.path for inner in contents.files)
        upload.refused.extend(contents.refused)
        upload.names.extend(inner.name for inner in contents.files)
        upload.names.extend(refusal.name for refusal in contents.refused)
        upload.ignored += contents.ignored
        for inner in contents.files:
            if inner.fault is not None:
                upload.refused.append(Refusal(inner.name, inner.fault))
            else:
                upload.files.append(inner)
    elif file.size > upload.settings["MAX_FILE_SIZE"]:
        # Received within the limit of a ZIP, for its name, and no ZIP after all.
        limit = size_text(upload.settings["MAX_FILE_SIZE"])
        upload.refused.append(Refusal(file.name, Message(TOO_LARGE, {"limit": limit})))
    else:
        upload.files.append(file)


def _set_known_aside(upload: Upload) -> None:
    """Files whose very bytes the owner has, or that came twice, need no parsing."""
    known = known_hashes(upload.owner_id, (file.sha256 for file in upload.files))
    db.session.rollback()  # parsing takes its time: no connection is held meanwhile
    new: list[IncomingFile] = []
    indexes = 0
    for file in upload.files:
        is_known = file.sha256 in known
        known.add(file.sha256)
        indexes += not is_known and is_directory(file.path)
        if is_known:
            upload.duplicates.append(file)
        elif indexes > MAX_DIRECTORIES and is_directory(file.path):
            # Lists of names are held in memory until the report is written.
            upload.refused.append(Refusal(file.name, Message(TOO_MANY, {"limit": MAX_DIRECTORIES})))
        else:
            new.append(file)
    upload.files = new


def _parse(upload: Upload, pool: ParsePool) -> list[Arrival]:
    arrivals: list[Arrival] = []
    refused_hashes: dict[str, Message] = {}
    directories: dict[str, DirectoryListing] = {}
    results = pool.inspect([file.path for file in upload.files])
    for file, result in zip(upload.files, results, strict=True):
        if isinstance(result, Message):
            refused_hashes[file.sha256] = result
            upload.refused.append(Refusal(file.name, result))
        elif isinstance(result, DirectoryListing):
            directories[file.sha256] = result
            upload.directories.append((file.name, result))
        else:
            arrivals.append(Arrival(file, result))
    _sort_copies(upload, refused_hashes, directories)
    return arrivals


def _sort_copies(
    upload: Upload, refused: Mapping[str, Message], directories: Mapping[str, DirectoryListing]
) -> None:
    """A second copy of a refused file is no duplicate of anything: it is refused as well. The same index
    in another folder speaks of that folder."""
    kept: list[IncomingFile] = []
    for file in upload.duplicates:
        if file.sha256 in refused:
            upload.refused.append(Refusal(file.name, refused[file.sha256]))
        elif file.sha256 in directories and len(upload.directories) < MAX_DIRECTORIES:
            upload.directories.append((file.name, directories[file.sha256]))
        else:
            kept.append(file)
    upload.duplicates = kept


@contextmanager
def _flushed_meanwhile(paths: Iterable[Path]) -> Iterator[None]:
    """Make the files' bytes survive a power cut while the block runs: it waits for the processor, this
    for the disk, which takes many files at once."""
    with ThreadPoolExecutor(_FLUSH_THREADS, thread_name_prefix="flush") as threads:
        flushed = [threads.submit(_flush, path) for path in paths]
        yield
        for one in flushed:
            one.result()


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR)
    try:
        with disk_room():
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _enter(upload: Upload, arrivals: Sequence[Arrival], is_demo: bool, address: str) -> Registered:
    """Rows and files in one transaction; a row that somebody else entered first is a duplicate next time."""
    hashes = [arrival.file.sha256 for arrival in arrivals]
    for tries_left in reversed(range(_TRIES)):
        try:
            return _transaction(upload, arrivals, is_demo, address)
        except IntegrityError:
            _undo(upload, hashes)
            if not tries_left:
                raise
        except BaseException:
            _undo(upload, hashes)
            raise
    raise AssertionError("the last try returns or raises")


def _transaction(upload: Upload, arrivals: Sequence[Arrival], is_demo: bool, address: str) -> Registered:
    if not begin_write(upload.owner_id):
        raise NotFound
    outcome = register(upload.owner_id, arrivals, is_demo=is_demo)
    check_quota(upload.owner_id, 0, upload.settings)
    for series in outcome.series:
        stacking.prepare(series)
    audit.record(
        "upload",
        actor_id=upload.owner_id,
        object_kind="upload",
        address=address,
        accepted=len(outcome.accepted),
        duplicates=len(outcome.duplicates) + len(upload.duplicates),
        refused=len(outcome.refused) + len(upload.refused),
        bytes=sum(arrival.file.size for arrival in outcome.accepted),
    )
    db.session.flush()
    store = upload.store
    with disk_room():
        store.adopt_all(
            (arrival.file.path, store.original(upload.owner_id, arrival.file.sha256))
            for arrival in outcome.accepted
        )
    known = places_of(upload.owner_id, (file.sha256 for file in [*upload.duplicates, *outcome.duplicates]))
    outcome.study_ids |= known[0]
    outcome.series_ids |= known[1]
    db.session.commit()
    return outcome


def _undo(upload: Upload, hashes: Sequence[str]) -> None:
    """Take back what a failed transaction moved. (It moves last: a refused row has moved nothing yet.)"""
    db.session.rollback()
    discard_unused(upload.owner_id, hashes, upload.store)


def _unpack_limits(settings: Settings) -> UnpackLimits:
    return UnpackLimits(
        max_bytes=settings["MAX_UPLOAD_SIZE"],
        max_entry_bytes=settings["MAX_FILE_SIZE"],
        max_entries=settings["MAX_UPLOAD_FILES"],
        max_ratio=settings["MAX_ZIP_RATIO"],
        min_free=settings["MIN_FREE_DISK"],
    )
