"""A volume's voxels as one stream, for browsers that make their pictures themselves.

The bytes are those of the memory-mapped array, little-endian, C order, in slabs of whole slices around a
slice (:mod:`app.imaging.slaborder`). ``after`` leaves out the slabs that a client has from a stream that
broke. The header ``X-Triplano-Voxels`` says what they are; who counts the bytes knows whether all are here.
"""

import base64
import json
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any

from flask import Request, Response
from werkzeug.exceptions import ServiceUnavailable

from app.archive import volumes
from app.archive.errors import Conflict
from app.archive.volumes import Shown
from app.imaging.colormap import COLORMAPS, colormap_table
from app.imaging.errors import N_
from app.imaging.slaborder import slab_count, slab_order, slabs, slices_per_slab
from app.imaging.volume import Volume
from app.storage.store import Store
from app.viewer.codings import Coding, chosen_coding, coded
from app.viewer.parameters import read_index

HEADER = "X-Triplano-Voxels"
# A stream holds one of the server's threads (16 by default) for as long as the client takes to receive it, on
# a slow line for minutes: half of the threads stay for everybody's other questions. One account gets two
# series side by side, and a third while the server has not noticed that one of them was left.
MOST_STREAMS = 8
MOST_STREAMS_OF_ONE = 3
_RETRY_AFTER_S = 2
# Who takes no piece (up to 4 MiB) for so long will not come back for it: his thread is somebody else's.
_PATIENCE_S = 120.0
_CHANGED = N_("The series was changed in the meantime. Reload the page.")


@dataclass(frozen=True)
class VoxelRequest:
    """A volume from the slab of slice *center* on, without the first *after* slabs."""

    volume: Volume
    center: int
    after: int

    @property
    def size(self) -> int:
        """Bytes that are sent, before coding."""
        return sum(self._slices(slab) for slab in self._order()[self.after :]) * self._slice_bytes

    def describe(self, revision: int) -> str:
        """What the bytes are, as ASCII JSON; ``inverted``: low values are shown bright."""
        header = self.volume.header
        return json.dumps(
            {
                "dtype": header.dtype,
                "shape_ijk": header.shape_ijk,
                "slab_slices": self._per_slab,
                "center": self.center,
                "after": self.after,
                "inverted": header.inverted,
                "revision": revision,
            },
            separators=(",", ":"),
        )

    def stream(self, coding: Coding) -> Iterator[bytes]:
        """The bytes, coded."""
        return coded(slabs(self.volume.array, self.center, self.after), coding)

    @property
    def _slice_bytes(self) -> int:
        return int(self.volume.array[0].nbytes)

    @property
    def _per_slab(self) -> int:
        return slices_per_slab(self._slice_bytes)

    def _order(self) -> list[int]:
        return slab_order(len(self.volume.array), self.center, self._per_slab)

    def _slices(self, slab: int) -> int:
        return min(self._per_slab, len(self.volume.array) - slab * self._per_slab)


def read_voxels(shown: Shown, store: Store, arguments: Mapping[str, str]) -> VoxelRequest:
    """``center``, by default the middle slice, and ``after``; ``rev`` must be the revision that is there.

    Raises
    ------
    BadParameter
        There is no such slice, or there are not so many slabs.
    Conflict
        It is no volume, or another one than the address means: a client would join parts of two.
    """
    volume = volumes.load(shown, store)
    if arguments.get("rev", "") not in ("", str(shown.series.revision)):
        raise Conflict(_CHANGED)
    slices = volume.header.shape_ijk[2]
    center = read_index(arguments, "center", slices, default=slices // 2)
    count = slab_count(slices, slices_per_slab(int(volume.array[0].nbytes)))
    return VoxelRequest(volume, center, read_index(arguments, "after", count, default=0))


def voxel_answer(shown: Shown, wanted: VoxelRequest, request: Request, user_id: str) -> Response:
    """The stream, or 304 where the browser has it.

    Raises
    ------
    ServiceUnavailable
        Enough of them are running; with Retry-After.
    """
    coding = chosen_coding(request.accept_encodings)
    series = shown.series
    etag = f"{series.id}-{series.revision}-voxels-{shown.key}-{wanted.center}-{wanted.after}-{coding}"
    if request.if_none_match.contains(etag):
        answer = Response(status=304)
    else:
        answer = _streamed(wanted, coding, "" if request.method == "HEAD" else user_id)
        lose_patience(request.environ)
        answer.headers[HEADER] = wanted.describe(series.revision)
    # nginx would take the whole stream in at once, and nobody would see how slow the line behind it is.
    answer.headers["X-Accel-Buffering"] = "no"
    answer.set_etag(etag)
    answer.vary.add("Accept-Encoding")
    return answer


def _streamed(wanted: VoxelRequest, coding: Coding, user_id: str) -> Response:
    if not user_id:
        answer = Response(mimetype="application/octet-stream")
    else:
        answer = Response(Running(user_id, wanted.stream(coding)), mimetype="application/octet-stream")
    if coding == "identity":
        answer.content_length = wanted.size
    else:
        answer.content_encoding = coding
    return answer


def lose_patience(environ: Mapping[str, Any]) -> None:
    """Have gunicorn give up a client that stays connected and takes nothing; of itself it waits for ever."""
    connection = environ.get("gunicorn.socket")
    if connection is not None:
        connection.settimeout(_PATIENCE_S)


class Running:
    """A stream that is counted until it is closed, which the server does when its client leaves, too."""

    _lock = threading.Lock()
    _of_users: Counter[str] = Counter()
    # An answer that fails on its way is never closed, only forgotten: then it is closed wherever Python
    # happens to tidy up, under the lock too. A queue is what may be put to even there.
    _left: SimpleQueue[str] = SimpleQueue()

    def __init__(self, user_id: str, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._user_id: str | None = None
        with self._lock:
            self._forget_those_that_left()
            if self._of_users.total() >= MOST_STREAMS or self._of_users[user_id] >= MOST_STREAMS_OF_ONE:
                raise ServiceUnavailable(retry_after=_RETRY_AFTER_S)
            self._of_users[user_id] += 1
            self._user_id = user_id

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._pieces)

    def close(self) -> None:
        """Let go of the volume, and of the place among the streams; once or more often."""
        self._pieces = iter(())
        user_id, self._user_id = self._user_id, None
        if user_id is not None:
            self._left.put(user_id)

    __del__ = close

    @classmethod
    def count(cls, user_id: str) -> int:
        """Streams of an account that are running."""
        with cls._lock:
            cls._forget_those_that_left()
            return cls._of_users[user_id]

    @classmethod
    def _forget_those_that_left(cls) -> None:
        """Take them from the count; the caller holds the lock."""
        while not cls._left.empty():
            cls._of_users[cls._left.get()] -= 1
        cls._of_users = +cls._of_users  # those at 0 go


def colormap_words() -> dict[str, str]:
    """The 256 × 3 bytes of each colour map, red, green and blue of each grey, in base64."""
    return {name: base64.b64encode(colormap_table(name).tobytes()).decode("ascii") for name in COLORMAPS}
