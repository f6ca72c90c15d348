"""How the frames of a segmentation lie in the patient, and the grid that they make.

Frames without a voxel are mostly left out of the file, so that gaps are no faults: the step between slices is
the stated one where the positions keep it, else the one that they keep. The line through the frames may be
tilted against their normal (tilted gantry); the grid is sheared then.

References
----------
PS3.3 C.7.6.16.2.1 (Pixel Measures), .3 (Plane Position), .4 (Plane Orientation), C.8.20.3.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.imaging.errors import N_, LimitExceeded, Message, NotAVolume
from app.imaging.formats.grid import check_numbers
from app.imaging.formats.volumefile import MAX_AXIS
from app.imaging.geometry import affine_from_slices, slice_normal
from app.imaging.plan import SAME_PLACE_MM
from app.imaging.stackline import LINE_TOLERANCE, usual_distance

# Positions with few digits: so far beside its even place a frame may lie, at most a tenth of the step.
_MOST_ASIDE_PIXELS = 0.5
_MOST_TILT = 1.0  # tangent: 45°
# A gap shorter than this many usual distances is filled by the frames at its ends.
_FILLED = 2.0
_MOST_FINE = 4096

_UNEVEN = N_(
    "The frames of the segmentation lie unevenly; each was given the thickness that its neighbours leave it."
)


@dataclass(frozen=True)
class FramePlane:
    """One frame's plane: ``orientation`` 6 cosines, ``spacing_mm`` between rows, then between columns.

    ``step_mm`` is the stated distance between slices, 0 where there is none; ``thickness_mm`` likewise.
    """

    position_lps: tuple[float, ...]
    orientation: tuple[float, ...]
    spacing_mm: tuple[float, ...]
    step_mm: float = 0.0
    thickness_mm: float = 0.0


@dataclass(frozen=True)
class FrameStack:
    """The grid of the frames: its (4, 4) ``affine`` to LPS mm, and how many ``slices`` it has.

    ``slices_of`` are the slices k that each frame fills, mostly one; ``place_of`` tells which frames lie at
    the same place.
    """

    affine: NDArray[np.float64]
    slices: int
    slices_of: tuple[tuple[int, ...], ...]
    place_of: tuple[int, ...]
    warnings: tuple[Message, ...] = ()


def stack_frames(planes: Sequence[FramePlane]) -> FrameStack:
    """The grid of frames that all have the same direction and pixels.

    Raises
    ------
    NotAVolume
        They do not lie behind one another.
    InvalidElement
        Numbers that cannot be meant.
    LimitExceeded
        Too many slices.
    """
    first = planes[0]
    normal = slice_normal(first.orientation)
    positions = np.array([plane.position_lps for plane in planes], np.float64)
    place_of, places = _places(positions, normal)
    along = places @ normal
    slope = _line(places, along, normal, min(first.spacing_mm))
    stated = first.step_mm or first.thickness_mm
    if len(along) == 1:
        step, index = stated or min(first.spacing_mm), np.zeros(1, np.int64)
        slices_of: list[tuple[int, ...]] = [(0,)]
        origin, is_uneven = places[0], False
    elif (even := _even(along, (first.step_mm, first.thickness_mm))) is not None:
        step, start, index = even
        slices_of = [(int(k),) for k in index]
        origin, is_uneven = places[0] + slope * (start - along[0]), False
    else:
        step, slices_of = _uneven(along, first.step_mm)
        origin, is_uneven = places[0], True
    slices = max(max(ks) for ks in slices_of) + 1
    if slices > MAX_AXIS:
        raise LimitExceeded(
            N_("The frames of the segmentation make %(found)s slices; at most %(limit)s are read."),
            found=slices,
            limit=MAX_AXIS,
        )
    affine = affine_from_slices(first.orientation, first.spacing_mm, origin.tolist(), (slope * step).tolist())
    check_numbers(affine)
    return FrameStack(
        affine,
        slices,
        tuple(slices_of[place] for place in place_of),
        tuple(place_of),
        (Message(_UNEVEN),) if is_uneven else (),
    )


def _places(
    positions: NDArray[np.float64], normal: NDArray[np.float64]
) -> tuple[list[int], NDArray[np.float64]]:
    """The number of each frame's place along the normal, and the first position at each."""
    along = positions @ normal
    order = np.argsort(along, kind="stable")
    place_of = [0] * len(positions)
    firsts: list[int] = []
    for n in order:
        if not firsts or along[n] - along[firsts[-1]] > SAME_PLACE_MM:
            firsts.append(int(n))
        elif float(np.abs(positions[n] - positions[firsts[-1]]).max()) > 2 * SAME_PLACE_MM:
            raise NotAVolume(
                N_("Frames of the segmentation lie side by side in one plane (tiles): they make no volume.")
            )
        place_of[n] = len(firsts) - 1
    return place_of, positions[firsts]


def _line(
    places: NDArray[np.float64], along: NDArray[np.float64], normal: NDArray[np.float64], pixel_mm: float
) -> NDArray[np.float64]:
    """What one mm along the normal moves a frame, (3,): the normal itself where there is no tilt."""
    if len(places) == 1:
        return normal
    slope = (places[-1] - places[0]) / (along[-1] - along[0])
    aside = np.linalg.norm(places - places[0] - (along - along[0])[:, None] * slope, axis=1)
    tilt = float(np.linalg.norm(slope - normal))
    if tilt > _MOST_TILT or float(aside.max()) > _MOST_ASIDE_PIXELS * pixel_mm:
        raise NotAVolume(
            N_("The frames of the segmentation do not lie behind one another: they make no volume.")
        )
    return np.asarray(slope, np.float64)


def _even(
    along: NDArray[np.float64], stated_mm: tuple[float, ...]
) -> tuple[float, float, NDArray[np.int64]] | None:
    """(step, first, index of each) of an even grid that all of *along* lie on, or None."""
    distances = np.diff(along)
    least = float(distances.min())
    for guess in (*stated_mm, least, usual_distance(distances)):
        if not SAME_PLACE_MM < guess < least * (1 + LINE_TOLERANCE):
            continue
        # Added up, so that a stated step with few digits does not drift.
        index = np.concatenate([[0], np.cumsum(np.maximum(np.rint(distances / guess), 1))]).astype(np.int64)
        step, start = np.polyfit(index, along, 1)
        worst = float(np.abs(along - start - step * index).max())
        if worst <= LINE_TOLERANCE * step and abs(step - guess) <= LINE_TOLERANCE * guess:
            return float(step), float(start), index
    return None


def _uneven(along: NDArray[np.float64], stated_mm: float) -> tuple[float, list[tuple[int, ...]]]:
    """A fine step, and the slices of it that each frame fills: those nearest to it."""
    distances = np.diff(along)
    step = max(float(distances.min()), float(along[-1] - along[0]) / _MOST_FINE)
    usual = max(stated_mm, usual_distance(distances))
    half = np.where(distances <= _FILLED * usual, distances, usual) / 2
    reach_down = np.concatenate([[usual / 2], half])
    reach_up = np.concatenate([half, [usual / 2]])
    found = []
    for n, place in enumerate(along - along[0]):
        first = max(0, int(np.ceil((place - reach_down[n]) / step - 1e-6)))
        end = int(np.ceil((place + reach_up[n]) / step - 1e-6))
        # However thin it is, a frame keeps a slice.
        found.append(tuple(range(first, end)) or (int(np.rint(place / step)),))
    return step, found
