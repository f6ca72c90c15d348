"""What the index of a disc (DICOMDIR) says of an upload: which of the files it names are there.

An index is no image and is not kept. Its own line of the report tells what it names; files that it does
not name are taken in all the same.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from app.archive.amounts import count_text
from app.archive.incoming import shown_name
from app.imaging.dicomdir import Directory
from app.imaging.errors import N_, LimitExceeded, Message

MAX_NAMES_BYTES = 1024 * 1024  # of one index, on its way out of the process that read it
MAX_DIRECTORIES = 20  # of one upload
_LISTED = 5
_MOST_MISSING = 100
_VERSION = re.compile(r"\.?(;\d{1,5})?$", re.ASCII)

Paths = frozenset[tuple[str, ...]]
EMPTY = N_("Index of a disc, empty: it names no file.")
COMPLETE = N_("Index of a disc with %(records)s records. Files it names: %(files)s, all in the upload.")
MISSING = N_(
    "Index of a disc with %(records)s records. Files it names: %(files)s; "
    "not in the upload: %(missing)s (%(names)s). Upload the whole disc to have them."
)
UNSAFE = N_("Names that lead out of the disc or are no names, left aside: %(count)s.")
TOO_MANY = N_("The upload holds more than %(limit)s indexes of discs (DICOMDIR); this one was not read.")
DAMAGED = N_("The index is damaged: it may have named more.")


@dataclass(frozen=True)
class DirectoryListing:
    """What of an index leaves the process that read it: no key of a patient.

    ``files`` are the paths it names, parted by "/", from its own folder; ``unsafe`` counts those that
    are not followed.
    """

    records: int
    files: tuple[str, ...]
    unsafe: int
    is_damaged: bool

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"files": list(self.files)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "DirectoryListing":
        """The listing that :meth:`as_json` wrote."""
        return cls(**{**stored, "files": tuple(stored["files"])})

    @classmethod
    def of(cls, directory: Directory) -> "DirectoryListing":
        """The listing of an index.

        Raises
        ------
        LimitExceeded
            Its names are longer than those of any disc.
        """
        files = tuple("/".join(path) for path in directory.files)
        if sum(map(len, files)) > MAX_NAMES_BYTES:
            raise LimitExceeded(
                N_("The names in the disc's index take more than %(limit)s bytes."), limit=MAX_NAMES_BYTES
            )
        return cls(len(directory.records), files, directory.unsafe, directory.is_damaged)


@dataclass(frozen=True)
class DirectoryLine:
    """One index of an upload, for the report. ``missing`` are paths as they may be shown, at most 100."""

    name: str
    records: int
    files: int
    missing_count: int
    missing: tuple[str, ...]
    messages: tuple[Message, ...]


def directory_lines(
    listings: Iterable[tuple[str, DirectoryListing]], names: Iterable[str]
) -> tuple[DirectoryLine, ...]:
    """What each index, by its name, says, held against the *names* of all files of the upload."""
    there = frozenset(_comparable(_parts(name)) for name in names)
    return tuple(_line(name, listing, there) for name, listing in listings)


def _line(name: str, listing: DirectoryListing, there: Paths) -> DirectoryLine:
    missing = _missing_files(name, listing.files, there)
    shown = tuple(shown_name(path) for path in missing[:_MOST_MISSING])
    return DirectoryLine(
        name=shown_name(name),
        records=listing.records,
        files=len(listing.files),
        missing_count=len(missing),
        missing=shown,
        messages=tuple(_messages(listing, len(missing), shown)),
    )


def _messages(listing: DirectoryListing, missing: int, shown: Sequence[str]) -> Iterable[Message]:
    counts = {"records": count_text(listing.records), "files": count_text(len(listing.files))}
    if not listing.files:
        yield Message(EMPTY)
    elif not missing:
        yield Message(COMPLETE, counts)
    else:
        names = ", ".join(shown[:_LISTED]) + (", …" if missing > _LISTED else "")
        yield Message(MISSING, {**counts, "missing": count_text(missing), "names": names})
    if listing.unsafe:
        yield Message(UNSAFE, {"count": count_text(listing.unsafe)})
    if listing.is_damaged:
        yield Message(DAMAGED)


def _missing_files(directory_name: str, files: Iterable[str], there: Paths) -> list[str]:
    """Those of *files* that are not there; they count from the folder of *directory_name*."""
    folder = tuple(part.casefold() for part in _parts(directory_name)[:-1])
    return [path for path in files if (*folder, *_comparable(_parts(path))) not in there]


def _comparable(parts: Sequence[str]) -> tuple[str, ...]:
    """A path for comparison: discs are read without regard to case, and with or without ";1"."""
    *folders, name = [part.casefold() for part in parts] or [""]
    return (*folders, _VERSION.sub("", name))


def _parts(name: str) -> tuple[str, ...]:
    """The components of a name as uploads give it."""
    return tuple(part.strip() for part in re.split(r"[/\\]", name) if part not in ("", "."))
