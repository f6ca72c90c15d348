"""Named faults of rows and files, and what may be logged of unnamed ones."""

import traceback

from app.imaging.errors import N_, TriplanoError

_LONGEST_SHOWN = 40


class NotFound(TriplanoError):
    """There is no such row, or it is somebody else's: a stranger cannot tell which."""

    code = "not_found"

    def __init__(self) -> None:
        super().__init__(N_("There is nothing here, or it is not yours."))


class Gone(NotFound):
    """The caller had it and removed it, perhaps in another window. Strangers get NotFound."""

    code = "gone"

    def __init__(self) -> None:
        TriplanoError.__init__(self, N_("It was deleted."))


class Conflict(TriplanoError):
    """The object is not in a state that allows this."""

    code = "conflict"


class BadParameter(TriplanoError):
    """A parameter or a part of a request that cannot be meant; ``field`` names it."""

    code = "bad_parameter"

    def __init__(self, field: str, template: str, found: str, **values: object) -> None:
        super().__init__(template, field=field, found=found[:_LONGEST_SHOWN], **values)
        self.field = field


class QuotaExceeded(TriplanoError):
    """The account's storage is used up."""

    code = "quota_exceeded"


class StorageFull(TriplanoError):
    """The server's disk is (nearly) full."""

    code = "storage_full"


class Unavailable(TriplanoError):
    """The server cannot do it: not now, or not before somebody mends it. The message says which."""

    code = "unavailable"


class Refused(TriplanoError):
    """A file that is not taken in, for a reason outside its pixels (name, ZIP entry, duplicate UID)."""

    code = "refused"


def trace_of(fault: BaseException) -> str:
    """Where *fault* was raised, by which classes, without their words.

    Libraries quote in their messages what they read: names of patients do not belong in a log.
    """
    chain: list[str] = []
    found: BaseException | None = fault
    while found is not None:
        frames = "".join(traceback.format_tb(found.__traceback__))
        chain.insert(0, f"{frames}{type(found).__module__}.{type(found).__qualname__}")
        found = found.__cause__ or (None if found.__suppress_context__ else found.__context__)
    return "\n".join(chain)
