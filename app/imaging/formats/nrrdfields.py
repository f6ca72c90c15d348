"""The lines of an NRRD header, read within bounds; a header that points to another file is refused.

References
----------
Definition of NRRD File Format, teem.sourceforge.net/nrrd/format.html.
"""

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from app.imaging.errors import (
    N_,
    InvalidElement,
    LimitExceeded,
    MissingElement,
    TruncatedFile,
    UnsupportedData,
)
from app.imaging.limits import MIB

Items = TypeVar("Items", bound=tuple[object, ...])
MAX_HEADER = 1 * MIB
MAX_LINES = 10_000
MAX_FIELD = 16_384  # characters: sixteen vectors of sixteen long numbers
MAX_DIMENSION = 16  # NRRD_DIM_MAX of teem
_VECTOR = re.compile(r"none|\([^()]*\)")
_QUOTED = re.compile(r'"([^"]*)"')
# Fields that may be written with and without their blank.
_SPELLINGS = {
    "datafile": "data file", "lineskip": "line skip", "byteskip": "byte skip", "blocksize": "block size",
    "oldmin": "old min", "oldmax": "old max", "axismins": "axis mins", "axismaxs": "axis maxs",
    "sampleunits": "sample units", "centerings": "centers",
}  # fmt: skip


@dataclass(frozen=True)
class NrrdFields:
    """Fields by their names in lower case; ``keys`` and ``comments`` are the file's own, free text.

    ``end`` is where the header ends in the file, in bytes.
    """

    fields: dict[str, str]
    keys: tuple[tuple[str, str], ...]
    comments: tuple[str, ...]
    end: int

    def get(self, name: str) -> str:
        """The text of a field, "" where it is absent."""
        return self.fields.get(name, "")

    def require(self, name: str) -> str:
        """The text of a field.

        Raises
        ------
        MissingElement
            It is absent.
        """
        if not self.get(name):
            raise MissingElement(N_("The NRRD header has no field “%(field)s”."), field=name)
        return self.get(name)


def read_fields(path: Path) -> NrrdFields:
    """The header of the NRRD file at *path*.

    Raises
    ------
    UnsupportedData
        The voxels lie in another file.
    TruncatedFile, InvalidElement, LimitExceeded
        It does not end, or is none.
    """
    with path.open("rb") as file:
        raw = file.read(MAX_HEADER)
    lines, end, is_whole = _lines(raw)
    _check_magic(lines[0])
    found: dict[str, str] = {}
    keys: list[tuple[str, str]] = []
    comments: list[str] = []
    repeated = ""
    for line in lines[1:]:
        if line.startswith("#"):
            comments.append(line[1:].strip())
            continue
        name, colon, text = line.partition(":")
        known = name.strip().lower()
        known = _SPELLINGS.get(known, known)
        # As a key, too: readers exist that take one for the other.
        if known == "data file":
            raise UnsupportedData(
                N_("A detached NRRD header points to another file. Save image and header as one .nrrd file.")
            )
        if text.startswith("="):
            keys.append((name.strip(), text[1:].strip()))
        elif colon and known in _FIELDS:
            repeated = known if known in found else repeated
            found[known] = text.strip()
            if len(text) > MAX_FIELD and known != "content":
                raise _bad(known)
    if not is_whole:
        raise _without_end(len(raw))
    if repeated:
        raise InvalidElement(N_("The NRRD header gives “%(field)s” twice."), field=repeated)
    return NrrdFields(found, tuple(keys), tuple(comments), end)


_FIELDS = frozenset((
    "dimension", "type", "block size", "encoding", "endian", "content", "min", "max", "old min", "old max",
    "data file", "line skip", "byte skip", "number", "sample units", "sizes", "spacings", "thicknesses",
    "axis mins", "axis maxs", "centers", "labels", "units", "kinds", "space", "space dimension",
    "space units", "space origin", "space directions", "measurement frame",
))  # fmt: skip


def _lines(raw: bytes) -> tuple[list[str], int, bool]:
    """The header's lines, where the blank line after them ends, and whether there is one."""
    lines: list[str] = []
    start = 0
    while (stop := raw.find(b"\n", start)) >= 0:
        line = raw[start:stop].decode("utf-8", "replace").rstrip()
        start = stop + 1
        if not line:
            return lines or [""], start, True
        lines.append(line)
        if len(lines) > MAX_LINES:
            raise LimitExceeded(
                N_("The NRRD header has more than %(limit)s lines."), limit=MAX_LINES
            )  # fmt: skip
    if len(raw) < MAX_HEADER:  # the last line may lack its end
        lines.append(raw[start:].decode("utf-8", "replace").rstrip())
    return lines or [""], len(raw), False


def _check_magic(line: str) -> None:
    if not re.fullmatch(r"NRRD000[1-9]|NRRD00\.01", line[:16]):
        raise UnsupportedData(N_("This version of NRRD is not known."))


def _without_end(size: int) -> LimitExceeded | TruncatedFile:
    if size >= MAX_HEADER:
        return LimitExceeded(N_("The NRRD header is longer than %(limit)s bytes."), limit=MAX_HEADER)
    return TruncatedFile(N_("Truncated: the NRRD header does not end, and no voxels follow it."))


def integers(fields: NrrdFields, name: str, count: int | None = None) -> tuple[int, ...]:
    """The integers of a field, *count* of them."""
    texts = fields.require(name).split()
    if not all(re.fullmatch(r"[+-]?\d{1,18}", text) for text in texts):
        raise _bad(name)
    return _counted(tuple(int(text) for text in texts), name, count)


def numbers(fields: NrrdFields, name: str, count: int) -> tuple[float, ...]:
    """*count* numbers, "nan" where an axis has none; () where the field is absent."""
    if not fields.get(name):
        return ()
    return _counted(tuple(_number(text, name) for text in fields.get(name).split()), name, count)


def words(fields: NrrdFields, name: str, count: int) -> tuple[str, ...]:
    """*count* words in lower case; () where the field is absent."""
    if not fields.get(name):
        return ()
    return _counted(tuple(fields.get(name).lower().split()), name, count)


def quoted(fields: NrrdFields, name: str, count: int) -> tuple[str, ...]:
    """*count* texts in quotation marks; () where the field is absent."""
    if not fields.get(name):
        return ()
    return _counted(tuple(_QUOTED.findall(fields.get(name))), name, count)


def vectors(fields: NrrdFields, name: str, count: int, length: int) -> tuple[tuple[float, ...] | None, ...]:
    """*count* vectors of *length* components, None for "none"; () where the field is absent."""
    text = fields.get(name).lower()
    if not text:
        return ()
    if _VECTOR.sub("", text).strip():
        raise _bad(name)
    found = tuple(_vector(one, name, length) for one in _VECTOR.findall(text))
    return _counted(found, name, count)


def _vector(text: str, name: str, length: int) -> tuple[float, ...] | None:
    if text == "none":
        return None
    parts = tuple(_number(part.strip(), name) for part in text[1:-1].split(","))
    if all(math.isnan(part) for part in parts):
        return None  # as some programs write "none"
    return _counted(parts, name, length)


def _number(text: str, name: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise _bad(name) from None


def _counted(found: Items, name: str, count: int | None) -> Items:
    if count is not None and len(found) != count:
        raise InvalidElement(
            N_("The NRRD field “%(field)s” has %(found)s values; %(wanted)s are needed."),
            field=name,
            found=len(found),
            wanted=count,
        )
    return found


def _bad(name: str) -> InvalidElement:
    return InvalidElement(N_("The NRRD field “%(field)s” cannot be read."), field=name)
