"""Class of fault → HTTP status, in one place; one shape for the API, one page for people."""

import math
from collections.abc import Mapping
from typing import Any

from flask import Flask, g, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm.exc import ObjectDeletedError, StaleDataError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from app.archive.errors import Conflict, Gone, NotFound, QuotaExceeded, StorageFull, Unavailable, trace_of
from app.engines.base import EngineBusy, EngineError, EngineUnavailable, SessionLost
from app.engines.turns import Cancelled, Superseded
from app.i18n import tell
from app.imaging.errors import N_, ImagingError, LimitExceeded, TriplanoError
from app.imaging.placement import OtherFrame
from app.models import db

# The first class that fits decides.
STATUS: tuple[tuple[type[TriplanoError], int], ...] = (
    (Gone, 410),
    (NotFound, 404),
    (Conflict, 409),
    (QuotaExceeded, 413),
    (StorageFull, 507),
    (Unavailable, 503),
    (OtherFrame, 409),
    (EngineBusy, 503),
    (EngineUnavailable, 503),
    (SessionLost, 409),
    (Cancelled, 409),
    (Superseded, 409),
    (
        EngineError,
        502,
    ),  # as a gateway that got no good answer: nothing was changed, and it may be tried again
    (LimitExceeded, 413),
    (ImagingError, 422),
    (TriplanoError, 400),
)

_HTTP_WORDS = {
    400: N_("The request could not be understood. Reload the page and try again."),
    401: N_("Sign in to continue."),
    403: N_("Your account may not do this."),
    404: N_("There is nothing here, or it is not yours."),
    405: N_("This address does not take that kind of request."),
    409: N_("Something changed in the meantime. Reload the page and try again."),
    410: N_("It was deleted."),
    413: N_("The upload is larger than the server accepts."),
    415: N_("The server does not take this kind of content."),
    429: N_("Too many attempts. Wait a little and try again."),
    500: N_("Something failed on the server. It was noted; try again."),
    503: N_("The server is busy. Try again in a moment."),
}


def status_of(fault: TriplanoError) -> int:
    """The HTTP status of a named fault."""
    return next(status for kind, status in STATUS if isinstance(fault, kind))


def wants_json() -> bool:
    """Whether this request is one of the API's or of a script."""
    return (
        request.path.startswith(("/api/", "/series/", "/segmentations/", "/doses/"))
        or request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"
    )


def error_answer(
    status: int, code: str, text: str, field: str | None = None, present: Mapping[str, Any] | None = None
) -> tuple[Any, int]:
    """The one error shape of ``rest-v1``, or the error page for a person.

    *present* is what stands in the archive in place of what was wanted; it lies beside the error.
    """
    if wants_json():
        body = {"code": code, "message": text, "request_id": g.get("request_id", "")}
        if field:
            body["field"] = field
        return {"error": body, **(present or {})}, status
    return render_template("error.html", status=status, text=text), status


def register_errors(app: Flask) -> None:
    """Attach the handlers to *app*."""

    @app.errorhandler(TriplanoError)
    def named_fault(fault: TriplanoError) -> tuple[Any, int, dict[str, str]]:
        field, present = getattr(fault, "field", None), getattr(fault, "present", None)
        wait_s = getattr(fault, "retry_after_s", None)
        headers = {"Retry-After": str(math.ceil(wait_s))} if wait_s else {}
        return *error_answer(status_of(fault), fault.code, tell(fault.message), field, present), headers

    @app.errorhandler(CSRFError)
    def forged(_fault: CSRFError) -> tuple[Any, int]:
        text = _("The page is too old to be trusted (CSRF token missing or wrong). Reload it and try again.")
        return error_answer(400, "csrf", text)

    @app.errorhandler(HTTPException)
    def http_fault(fault: HTTPException) -> Any:
        status = fault.code or 500
        if isinstance(fault.response, Response) or status < 400:
            return fault.get_response()
        text = tell_status(status) or fault.description or fault.name
        answer, _status = error_answer(status, fault.name.lower().replace(" ", "_"), text)
        retry_after = getattr(fault, "retry_after", None)
        headers = {"Retry-After": str(retry_after)} if retry_after else {}
        return answer, status, headers

    @app.errorhandler(OperationalError)
    def database_busy(fault: OperationalError) -> tuple[Any, int, dict[str, str]]:
        # Locked for longer than anybody waits, or gone for a moment: nothing was changed.
        db.session.rollback()
        app.logger.error("request %s: no database", g.get("request_id", ""), exc_info=fault)
        return *error_answer(503, "unavailable", tell_status(503)), {"Retry-After": "5"}

    @app.errorhandler(ObjectDeletedError)
    @app.errorhandler(StaleDataError)
    def vanished(_fault: Exception) -> tuple[Any, int]:
        # A row was deleted, in another window, between being read and being written or told.
        db.session.rollback()
        return error_answer(409, Conflict.code, tell_status(409))

    @app.errorhandler(Exception)
    def unforeseen(fault: Exception) -> tuple[Any, int]:
        app.logger.error("request %s failed\n%s", g.get("request_id", ""), trace_of(fault))
        return error_answer(500, "internal", tell_status(500))


def tell_status(status: int) -> str:
    """What an HTTP status means, in the user's language."""
    template = _HTTP_WORDS.get(status)
    return _(template) if template else ""
