"""Which part of a series an address means: ``part``, ``phase`` and ``as=stack`` of its query."""

from collections.abc import Mapping

from app.archive import volumes
from app.archive.errors import BadParameter
from app.archive.parts import main_part
from app.archive.volumes import Shown
from app.imaging.errors import N_
from app.models import Series

_MOST = 100_000


def read_shown(series: Series, arguments: Mapping[str, str]) -> Shown:
    """What the address shows of *series*; without parameters the part that opens first.

    Raises
    ------
    BadParameter
        A number that is none.
    NotFound, Conflict
        The series has no such part or phase, or is not prepared.
    """
    form = arguments.get("as", "")
    if form not in ("", "stack"):
        raise BadParameter("as", N_("%(field)s is %(found)s; stack is the only other form there is."), form)
    part, phase = _number(arguments, "part"), _number(arguments, "phase")
    return volumes.shown(series, part=part, phase=phase, as_stack=form == "stack")


def read_part(series: Series, arguments: Mapping[str, str]) -> int:
    """The number of the part that the address means, by default of the one that opens first.

    Whether the series has it is not asked: it may be in preparation.

    Raises
    ------
    BadParameter
    """
    part = _number(arguments, "part")
    return main_part(series) if part is None else part


def query_of(shown: Shown, *, is_default: bool) -> dict[str, str]:
    """The parameters that lead to *shown* again; none where it is what opens first."""
    query = {}
    if not is_default:
        query["part"] = str(shown.part)
    if shown.phase:
        query["phase"] = str(shown.phase)
    if shown.summary.kind == "volume" and not shown.is_volume:
        query["as"] = "stack"
    return query


def _number(arguments: Mapping[str, str], field: str) -> int | None:
    text = arguments.get(field, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 7 and int(text) < _MOST):
        raise BadParameter(field, N_("%(field)s is “%(found)s”; a whole number from 0 is wanted."), text)
    return int(text)
