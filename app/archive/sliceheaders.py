"""The headers of stored images, read once in each process: stored files never change."""

from pathlib import Path

from app.archive.kept import Kept
from app.imaging.errors import ImagingError
from app.imaging.sliceheader import SliceHeader
from app.imaging.slices import read_slice_headers

_KEPT_HEADERS = 50_000  # of some 1.5 KB; a single file may have 20,000 frames


def slice_header(path: Path, frame: int) -> SliceHeader | None:
    """The header of one frame of a stored file; None when it cannot be read any more."""
    headers = _slice_headers(path)
    return headers[frame] if frame < len(headers) else None


def _slice_headers(path: Path) -> tuple[SliceHeader, ...]:
    """The headers of all frames of a stored file, which never changes."""
    headers = _headers.get((path,))
    if headers is None:
        try:
            headers = read_slice_headers(path)
        except ImagingError:
            headers = ()
        except FileNotFoundError:
            return ()  # it may come back from a backup
        _headers.put((path,), headers)
    return headers


_headers: Kept[tuple[SliceHeader, ...]] = Kept(_KEPT_HEADERS, lambda headers: len(headers) + 1)
