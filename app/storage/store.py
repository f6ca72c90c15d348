"""Where each file lies under the instance folder, and how it gets there in one piece.

``incoming/`` lies on the same file system as the rest, so that a rename is atomic.
Names are hashes and random ids: nothing of a patient or of a user's file name reaches the disk.
Folders are the server's alone: other accounts of the machine have no business in patients' images.
"""

import os
import re
import secrets
import shutil
from collections.abc import Container, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_SYNC_THREADS = 8


@dataclass(frozen=True)
class Store:
    """The folders of one installation."""

    root: Path

    @property
    def incoming(self) -> Path:
        """Files still being received."""
        return self._folder(self.root / "incoming")

    @property
    def originals(self) -> Path:
        """The received bytes, a folder for each owner."""
        return self._folder(self.root / "originals")

    @property
    def quarantine(self) -> Path:
        """Originals that no row refers to, set aside for a while."""
        return self._folder(self.root / "quarantine")

    @property
    def results(self) -> Path:
        """Files that jobs made for their owners."""
        return self._folder(self.root / "results")

    def original(self, owner_id: str, sha256: str) -> Path:
        """Where the received bytes of an owner's instance lie; never changed once there."""
        return self.root / "originals" / owner_id / sha256[:2] / f"{sha256}.dcm"

    def series_folder(self, series_id: str) -> Path:
        """What was derived from a series: volume, sidecar, thumbnail."""
        return self.root / "derived" / series_id

    def make_series_folder(self, series_id: str) -> Path:
        """The folder of :meth:`series_folder`, made when it is missing."""
        return self._folder(self.series_folder(series_id))

    def volume_array(self, series_id: str, revision: int, part: int = 0, phase: int = 0) -> Path:
        return self.series_folder(series_id) / f"volume-{revision}-{part}-{phase}.npy"

    def volume_header(self, series_id: str, revision: int, part: int = 0, phase: int = 0) -> Path:
        return self.series_folder(series_id) / f"volume-{revision}-{part}-{phase}.json"

    def stack(self, series_id: str, revision: int, part: int = 0) -> Path:
        """The original images of a part in the order in which they are leafed through."""
        return self.series_folder(series_id) / f"stack-{revision}-{part}.json"

    def thumbnail(self, series_id: str, revision: int, part: int = 0) -> Path:
        return self.series_folder(series_id) / f"thumbnail-{revision}-{part}.png"

    def segmentation_folder(self, series_id: str, segmentation_id: str) -> Path:
        """The masks of a segmentation: nothing else holds them, whatever revision the series has."""
        return self.series_folder(series_id) / "segmentations" / segmentation_id

    def segment_mask(self, series_id: str, segmentation_id: str, number: int, revision: int) -> Path:
        return self.segmentation_folder(series_id, segmentation_id) / f"{number}-{revision}.mask"

    def dose(self, series_id: str, instance_id: str, suffix: str) -> Path:
        """What was read from an RT Dose (``.npy``, ``.json``), in the folder of its own series."""
        return self.series_folder(series_id) / "doses" / f"{instance_id}{suffix}"

    def new_working_folder(self) -> Path:
        """An empty folder under ``incoming``: what is forgotten there is swept."""
        return self._folder(self.incoming / secrets.token_hex(16))

    def job_result(self, job_id: str, suffix: str) -> Path:
        """The file a job made for its owner."""
        return self.results / f"{job_id}{suffix}"

    def adopt(self, temporary: Path, final: Path) -> None:
        """Move *temporary* to *final* so that it is there whole or not at all."""
        self._folder(final.parent)
        os.replace(temporary, final)
        sync_folder(final.parent)

    def adopt_all(self, moves: Iterable[tuple[Path, Path]]) -> None:
        """Move many files as :meth:`adopt` does one; each folder is synchronised once."""
        folders: set[Path] = set()
        for temporary, final in moves:
            if final.parent not in folders:
                folders |= {folder for folder in (final.parent, final.parent.parent) if folder != self.root}
                self._folder(final.parent)
            os.replace(temporary, final)
        sync_folders(folders)

    def write(self, final: Path, content: bytes) -> None:
        """Write a small derived file so that it is there whole or not at all."""
        temporary = final.with_name(f".{final.name}.{secrets.token_hex(8)}.part")
        try:
            write_synced(temporary, content)
            self.adopt(temporary, final)
        finally:
            temporary.unlink(missing_ok=True)

    def remove_revisions_before(self, series_id: str, revision: int) -> None:
        """Remove what was derived from earlier revisions of a series, also half made."""
        for path, made_for in self._derived(series_id):
            if made_for < revision:
                path.unlink(missing_ok=True)

    def remove_all_but(self, series_id: str, revision: int, kept: Container[Path]) -> None:
        """Remove what was derived from one revision of a series, also half made, except *kept*."""
        for path, made_for in self._derived(series_id):
            if made_for == revision and path not in kept:
                path.unlink(missing_ok=True)

    def _derived(self, series_id: str) -> Iterator[tuple[Path, int]]:
        """Files of a series, with the revision for which each was made."""
        for path in self.series_folder(series_id).glob("*"):
            made_for = re.search(r"(?:volume|stack|thumbnail)-(\d+)[-.]", path.name)
            if made_for:
                yield path, int(made_for[1])

    def remove_series(self, series_id: str) -> None:
        """Remove everything derived from a series."""
        shutil.rmtree(self.series_folder(series_id), ignore_errors=True)

    def segmentations(self, series_id: str) -> list[str]:
        """Ids of the segmentations whose masks lie here."""
        folder = self.series_folder(series_id) / "segmentations"
        return [path.name for path in folder.iterdir()] if folder.is_dir() else []

    def half_made(self, series_id: str) -> list[Path]:
        """What was being written beside masks, scenes and doses, and would have been renamed."""
        return list(self.series_folder(series_id).glob("**/.*.part"))

    def remove_segmentation(self, series_id: str, segmentation_id: str) -> None:
        """Remove the masks of a segmentation."""
        shutil.rmtree(self.segmentation_folder(series_id, segmentation_id), ignore_errors=True)

    def remove_segment(self, series_id: str, segmentation_id: str, number: int) -> None:
        """Remove the mask of one segment, and what was made of it."""
        for path in self.segmentation_folder(series_id, segmentation_id).glob(f"{number}-*"):
            path.unlink(missing_ok=True)

    def remove_masks_but(self, series_id: str, segmentation_id: str, kept: Container[Path]) -> None:
        """Remove the masks of earlier revisions: all of a segmentation's except *kept*."""
        for path in self.segmentation_folder(series_id, segmentation_id).glob("*"):
            if path not in kept:
                path.unlink(missing_ok=True)

    def remove_originals(self, owner_id: str) -> None:
        """Remove everything an account uploaded."""
        shutil.rmtree(self.originals / owner_id, ignore_errors=True)
        for path in self.quarantine.glob(f"{owner_id}-*"):
            path.unlink(missing_ok=True)

    def set_aside(self, original: Path) -> None:
        """Move *original* to the quarantine, where its time begins now."""
        target = self.quarantine / f"{original.parent.parent.name}-{original.name}"
        with suppress(FileNotFoundError):  # another process has done it
            os.replace(original, target)
            os.utime(target)

    def derived_series(self) -> list[str]:
        """Ids of the series that something was derived from."""
        return [path.name for path in self._folder(self.root / "derived").iterdir()]

    def jobs_with_results(self) -> list[str]:
        """Ids of the jobs that made something."""
        return list({path.name.split(".")[0] for path in self.results.iterdir()})

    def remove_results(self, job_id: str) -> None:
        """Remove what a job made."""
        for path in self.results.glob(f"{job_id}*"):
            path.unlink(missing_ok=True)

    def free_bytes(self) -> int:
        """Free space of the disk that holds the store."""
        return shutil.disk_usage(self._folder(self.root)).free

    @staticmethod
    def _folder(path: Path) -> Path:
        if not path.is_dir():
            Store._folder(path.parent)  # mkdir(parents=True) would make these readable for everybody
            path.mkdir(mode=0o700, exist_ok=True)
        return path


def write_synced(path: Path, content: bytes) -> None:
    """Write a new file whose bytes survive a power cut, to be adopted."""
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_folders(folders: Iterable[Path]) -> None:
    """Synchronise *folders* side by side: each waits for the disk, which takes many at once."""
    with ThreadPoolExecutor(_SYNC_THREADS, thread_name_prefix="sync") as threads:
        list(threads.map(sync_folder, folders))


def sync_folder(folder: Path) -> None:
    """Make a rename in *folder* survive a power cut (POSIX; nothing to do elsewhere)."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
