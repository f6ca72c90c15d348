"""Receiving an upload: each part goes to disk, hashed on its way, never into memory.

The multipart parser is run by hand, so that nothing is read before the sender is known and has
room, and so that only an upload is received this way.
"""

import json
from collections.abc import Mapping
from typing import IO, TYPE_CHECKING, Any, cast

from flask import Request
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.formparser import FormDataParser

from app.archive.errors import QuotaExceeded, StorageFull
from app.archive.ingest import HashingFile, IncomingFile, check_room, ingest
from app.archive.upload import UploadReport
from app.config import MIB
from app.i18n import tell
from app.imaging.errors import N_, TriplanoError
from app.models import User
from app.storage.store import Store

if TYPE_CHECKING:
    from werkzeug.formparser import TStreamFactory

FIELD = "files"
PATHS = "paths"
_MOST_NAMES_BYTES = 4 * MIB
_MOST_NAMES = 50_000
_MOST_DISCARDED = 64 * MIB
_STEP = 1 * MIB


class InvalidUpload(TriplanoError):
    """The request is no upload, or broke off."""

    code = "invalid"
    field = FIELD


def receive_upload(
    user: User, request: Request, *, store: Store, settings: Mapping[str, Any]
) -> dict[str, Any]:
    """Take in the files of *request* for *user* and answer as ``rest-v1`` says."""
    owner_id = user.id
    request.max_content_length = settings["MAX_UPLOAD_SIZE"]
    _require_room(owner_id, request, store, settings)
    files, paths = receive_files(request, store=store, settings=settings)
    report = ingest(
        owner_id,
        files,
        store=store,
        settings=settings,
        address=request.remote_addr or "",
        other_names=paths,
    )
    return upload_answer(report)


def receive_files(
    request: Request, *, store: Store, settings: Mapping[str, Any]
) -> tuple[list[IncomingFile], list[str]]:
    """The parts of *request* named ``files``, each received under ``store.incoming``; the names in ``paths``.

    A folder comes in several requests; beside the index of a disc (DICOMDIR) the page sends a JSON list of
    the names of all files of the folder.

    Raises
    ------
    InvalidUpload
        It is no multipart request, names no file, or broke off. Nothing of it stays on disk.
    """
    if request.mimetype != "multipart/form-data":
        raise InvalidUpload(N_("An upload is multipart/form-data with parts named files."))
    opened: list[HashingFile] = []

    def open_part(
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        is_zip = (filename or "").lower().endswith(".zip")
        opened.append(HashingFile(store, settings["MAX_UPLOAD_SIZE" if is_zip else "MAX_FILE_SIZE"]))
        return cast(IO[bytes], opened[-1])

    try:
        # Names are judged by the archive: a part without one still is a file.
        received = _parse(request, open_part)
        parts = received.getlist(FIELD)
        if not parts:
            raise InvalidUpload(N_("The upload holds no file: parts are named files."))
        paths = [path for part in received.getlist(PATHS)[:1] for path in _names(part)]
        return [cast(HashingFile, part.stream).received(part.filename or "") for part in parts], paths
    finally:
        for part in opened:
            part.close()  # removes what was not handed on


def _parse(request: Request, open_part: "TStreamFactory") -> MultiDict[str, FileStorage]:
    parser = FormDataParser(
        stream_factory=open_part,
        max_form_memory_size=request.max_form_memory_size,
        max_form_parts=request.max_form_parts,
        silent=False,
    )
    try:
        _stream, _fields, files = parser.parse(
            request.stream, request.mimetype, request.content_length, request.mimetype_params
        )
    except ValueError:
        raise InvalidUpload(N_("The upload broke off or is damaged. Send it again.")) from None
    return files


def _names(part: FileStorage) -> list[str]:
    """The JSON list of names in *part*."""
    try:
        names = json.loads(part.stream.read(_MOST_NAMES_BYTES + 1)[:_MOST_NAMES_BYTES])
        if isinstance(names, list) and all(isinstance(name, str) for name in names[:_MOST_NAMES]):
            return names[:_MOST_NAMES]
    except (ValueError, RecursionError):
        pass
    raise InvalidUpload(N_("The part named paths is a JSON list of file names."))


def upload_answer(report: UploadReport) -> dict[str, Any]:
    """The report in the user's language."""
    return {
        "accepted": report.accepted,
        "duplicates": len(report.duplicates),
        "refused": [{"name": one.name, "reason": tell(one.reason)} for one in report.refused],
        "directories": [
            {
                "kind": "directory",
                "name": one.name,
                "records": one.records,
                "files": one.files,
                "missing_count": one.missing_count,
                "missing": list(one.missing),
                "text": " ".join(tell(message) for message in one.messages),
            }
            for one in report.directories
        ],
        "studies": list(report.study_ids),
        "series": list(report.series_ids),
    }


def _require_room(owner_id: str, request: Request, store: Store, settings: Mapping[str, Any]) -> None:
    """Refuse early; but read on a little, for a browser that is still sending hears no answer."""
    try:
        check_room(owner_id, request.content_length or 0, store=store, settings=settings)
    except (QuotaExceeded, StorageFull):
        discard(request)
        raise


def discard(request: Request) -> None:
    """Read and forget what is being sent, up to what a page sends in one request and some more."""
    if (request.content_length or _MOST_DISCARDED) >= _MOST_DISCARDED:
        return
    while request.stream.read(_STEP):
        pass
