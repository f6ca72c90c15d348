"""How long each frame of a cine stays on the screen.

References
----------
PS3.3 C.7.6.5 (Cine), C.7.6.6 (Frame Increment Pointer).
"""

from pydicom.datadict import keyword_dict
from pydicom.dataset import Dataset

from app.imaging import values
from app.imaging.framevectors import frame_pointers, read_vector
from app.imaging.structure import FileStructure

CINE_TAGS = tuple(
    keyword_dict[keyword] for keyword in ("FrameTime", "CineRate", "RecommendedDisplayFrameRate")
)
_VECTOR = keyword_dict["FrameTimeVector"]
# From a thousand frames a second, which no eye sees, to one a minute.
_LEAST_MS, _MOST_MS = 1.0, 60_000.0


def read_frame_times(structure: FileStructure, header: Dataset, frames: int) -> tuple[float | None, ...]:
    """Milliseconds from each frame to the next one; None where the file does not say.

    As acquired (Frame Time Vector, Frame Time) where that is stated, else as the file would like it shown.
    """
    if frames == 1:
        return (None,)
    vector = _steps(structure, frames)
    stated = _plausible(values.number(header, "FrameTime"))
    if vector and (_VECTOR in frame_pointers(structure) or stated is None):
        return vector
    for keyword in ("CineRate", "RecommendedDisplayFrameRate"):
        rate = values.number(header, keyword)
        if stated is None and rate is not None and rate > 0:
            stated = _plausible(1000.0 / rate)
    return (stated,) * frames


def _steps(structure: FileStructure, frames: int) -> tuple[float | None, ...]:
    """Frame Time Vector holds the time since the frame before; the last frame stays as long as that one."""
    since = read_vector(structure, "FrameTimeVector", frames)
    if not since or all(_plausible(step) is None for step in since[1:]):
        return ()
    return tuple(_plausible(step) for step in (*since[1:], since[-1]))


def _plausible(milliseconds: float | None) -> float | None:
    return milliseconds if milliseconds is not None and _LEAST_MS <= milliseconds <= _MOST_MS else None
