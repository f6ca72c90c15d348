"""Taking marks from a structured report into the caller's own."""

import uuid
from typing import Any

from flask import Request

from app.archive.errors import BadParameter, Conflict, NotFound
from app.archive.readers import TooMuch
from app.archive.volumes import Shown
from app.archive.workspaces import mark_answer, put_mark
from app.i18n import tell
from app.imaging.errors import N_, LimitExceeded
from app.imaging.formats.measurementreading import ReadMark, ReadReport, read_report
from app.imaging.formats.reporttree import MAX_BYTES
from app.imaging.marks import InvalidMark
from app.models import Mark, User
from app.reports.placing import NO_IMAGE, OTHER_IMAGE, OTHER_SPACE, Misplaced, Placing
from app.storage.store import Store

_ROOM = 64 * 1024  # for what surrounds the file in the request
_TOO_LARGE = N_("The file has more than %(limit)s bytes: no report of measurements is so large.")
_FOREIGN = N_("No measurement of the report lies on these images: it belongs to another series.")


class ForeignReport(Conflict):
    """Every mark lies in another frame of reference, or on images of another series."""

    code = "foreign_report"


def import_marks(user: User, shown: Shown, request: Request, store: Store) -> dict[str, Any]:
    """``marks`` as they are kept now and ``skipped``, each with its ``reason``.

    The file is read in this process: it is small, and is walked within limits before pydicom sees it.

    Raises
    ------
    BadParameter
        The request holds no part named ``file``.
    LimitExceeded, ImagingError
        The file is too large, or no report of measurements.
    ForeignReport
        None of its marks belongs here.
    """
    report = _received(request, store)
    placing = Placing(shown, store)
    kept, skipped = [], list(report.skipped)
    foreign = 0
    for read in report.marks:
        try:
            kept.append(_keep(user, shown, read, placing.mark(read)))
        except Misplaced as fault:
            foreign += fault.message.template in (OTHER_SPACE, OTHER_IMAGE, NO_IMAGE)
            skipped.append(fault.message)
        except (InvalidMark, TooMuch) as fault:  # those before it are kept, and told
            skipped.append(fault.message)
    if foreign and not kept:
        raise ForeignReport(_FOREIGN)
    return {
        "marks": [mark_answer(mark) for mark in kept],
        "skipped": [{"reason": tell(message)} for message in skipped],
    }


def _received(request: Request, store: Store) -> ReadReport:
    """The report in the part ``file`` of a multipart request; its bytes do not stay."""
    request.max_content_length = MAX_BYTES + _ROOM
    part = request.files.get("file")
    if part is None:
        raise BadParameter("file", N_("%(field)s is missing; a DICOM structured report is wanted."), "")
    try:
        data = part.stream.read(MAX_BYTES + 1)
    finally:
        part.close()
    if len(data) > MAX_BYTES:
        raise LimitExceeded(_TOO_LARGE, limit=f"{MAX_BYTES:,}")
    path = store.incoming / f"report-{uuid.uuid4()}.dcm"
    try:
        path.write_bytes(data)
        return read_report(path)
    finally:
        path.unlink(missing_ok=True)


def _keep(user: User, shown: Shown, read: ReadMark, mark: dict[str, Any]) -> Mark:
    """Keep a mark under its own id; where that is a mark of somebody else's or elsewhere, under another."""
    series = shown.series
    try:
        return put_mark(user, read.id, series.id, shown.part, mark)
    except (NotFound, Conflict):
        made = uuid.uuid5(uuid.UUID(read.id), f"{user.id} {series.id}")
        own_id = str(uuid.UUID(int=made.int, version=4))
        return put_mark(user, own_id, series.id, shown.part, mark)
