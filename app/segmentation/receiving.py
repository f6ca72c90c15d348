"""What a request brings: a file of masks, a body of JSON, the revision that it means to change."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any, cast

from flask import Request
from werkzeug.formparser import FormDataParser

from app.archive.errors import BadParameter
from app.archive.incoming import HashingFile, IncomingFile, shown_name
from app.archive.readers import json_object
from app.archive.room import check_disk, check_quota
from app.imaging.errors import N_, LimitExceeded
from app.models import Segmentation, User
from app.storage.store import Store

FIELD = "file"
MOST_BYTES = 512 * 1024 * 1024
_ROOM = 64 * 1024  # for what surrounds the file in the request
_WANTED = N_("%(field)s is missing; a multipart request with one file of segments is wanted.")
_BROKEN = N_("%(field)s broke off or is damaged. Send it again.")
_REVISION = re.compile(r'(?:W/)?"?(\d{1,9})"?', re.ASCII)


@contextmanager
def received_file(
    user: User, request: Request, *, store: Store, settings: Mapping[str, Any]
) -> Iterator[IncomingFile]:
    """The part named ``file``, under ``store.incoming`` as long as the block lasts.

    Raises
    ------
    BadParameter
        It is no multipart request, or has no such part.
    LimitExceeded, QuotaExceeded, StorageFull
    """
    most = min(MOST_BYTES, int(settings["MAX_FILE_SIZE"]))
    if request.mimetype != "multipart/form-data":
        raise BadParameter(FIELD, _WANTED, "")
    if (request.content_length or 0) > most + _ROOM:
        raise _too_large(most)
    check_disk(request.content_length or 0, store, settings)
    check_quota(user.id, 0, settings)
    request.max_content_length = most + _ROOM
    opened: list[HashingFile] = []

    def open_part(*_about: object, **_more: object) -> IO[bytes]:
        opened.append(HashingFile(store, most))
        return cast(IO[bytes], opened[-1])

    parser = FormDataParser(
        stream_factory=open_part, max_form_memory_size=4 * _ROOM, max_form_parts=10, silent=False
    )
    received: IncomingFile | None = None
    try:
        try:
            _stream, _fields, files = parser.parse(
                request.stream, request.mimetype, request.content_length, request.mimetype_params
            )
        except ValueError:
            raise BadParameter(FIELD, _BROKEN, "") from None
        part = files.get(FIELD)
        if part is None:
            raise BadParameter(FIELD, _WANTED, "")
        received = cast(HashingFile, part.stream).received(shown_name(part.filename or ""))
        if received.fault is not None:
            raise _too_large(most)
        yield received
    finally:
        for one in opened:
            one.close()
        if received is not None:
            received.path.unlink(missing_ok=True)


def read_body(request: Request) -> dict[str, Any]:
    """The object of JSON that *request* carries.

    Raises
    ------
    BadParameter
    """
    return json_object("body", request.get_json())


def read_revision(request: Request) -> int | None:
    """The revision in ``If-Match``; None without one, or with ``*``.

    Raises
    ------
    BadParameter
    """
    text = request.headers.get("If-Match", "").strip()
    if text in ("", "*"):
        return None
    match = _REVISION.fullmatch(text)
    if match is None:
        raise BadParameter("If-Match", N_("%(field)s is “%(found)s”; a revision is wanted."), text)
    return int(match[1])


def read_assumption(arguments: Mapping[str, str]) -> bool:
    """Whether ``assume=same-place`` says that an unknown or another frame of reference is the same.

    Raises
    ------
    BadParameter
    """
    text = arguments.get("assume", "")
    if text not in ("", "same-place"):
        raise BadParameter("assume", N_("%(field)s is “%(found)s”; only same-place is possible."), text)
    return bool(text)


def read_numbers(arguments: Mapping[str, str], segmentation: Segmentation) -> list[int]:
    """The numbers of the segments that ``segments`` names, with commas between; all without it.

    Raises
    ------
    BadParameter
        One of them is not there.
    """
    present = [row.number for row in segmentation.segments]
    text = arguments.get("segments", "")
    if not text:
        return present
    wanted = {part.strip() for part in text.split(",", len(present))}
    numbers = [number for number in present if str(number) in wanted]
    if len(numbers) != len(wanted):
        template = N_("%(field)s is “%(found)s”; numbers of segments with commas between them are wanted.")
        raise BadParameter("segments", template, text)
    return numbers


def _too_large(most: int) -> LimitExceeded:
    return LimitExceeded(N_("The file has more than %(limit)s bytes."), limit=f"{most:,}")
