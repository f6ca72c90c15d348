"""One upload: what is known of it on its way in, and what is told of it afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.archive.directories import DirectoryLine, DirectoryListing, directory_lines
from app.archive.incoming import IncomingFile, Refusal, shown_name
from app.archive.registration import Registered
from app.storage.store import Store

Settings = Mapping[str, Any]


@dataclass(frozen=True)
class UploadReport:
    """What became of an upload. Names are as they may be shown; reasons are for :func:`app.i18n.tell`.

    ``study_ids`` and ``series_ids`` are where accepted files and duplicates lie. ``ignored`` counts
    what operating systems leave beside files (``.DS_Store``, ``Thumbs.db``, ``__MACOSX/``).
    ``directories`` are the indexes of discs, neither taken in nor refused.
    """

    accepted: int
    duplicates: tuple[str, ...]
    refused: tuple[Refusal, ...]
    study_ids: tuple[str, ...]
    series_ids: tuple[str, ...]
    ignored: int = 0
    directories: tuple[DirectoryLine, ...] = ()


@dataclass
class Upload:
    """One upload on its way in."""

    owner_id: str
    store: Store
    settings: Settings
    files: list[IncomingFile] = field(default_factory=list)
    duplicates: list[IncomingFile] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    ignored: int = 0
    names: list[str] = field(default_factory=list)  # of everything that was sent, ZIPs' contents too
    directories: list[tuple[str, DirectoryListing]] = field(default_factory=list)
    paths: list[Path] = field(default_factory=list)  # everything to be cleaned away in the end


def report_of(upload: Upload, registered: Registered) -> UploadReport:
    """What became of *upload*, once its rows are entered."""
    duplicates = [*upload.duplicates, *registered.duplicates]
    refused = [*upload.refused, *registered.refused]
    return UploadReport(
        accepted=len(registered.accepted),
        duplicates=tuple(shown_name(file.name) for file in duplicates),
        refused=tuple(Refusal(shown_name(refusal.name), refusal.reason) for refusal in refused),
        study_ids=tuple(sorted(registered.study_ids)),
        series_ids=tuple(sorted(registered.series_ids)),
        ignored=upload.ignored,
        directories=directory_lines(upload.directories, upload.names),
    )
