"""The axes of an NRRD header: which lie in space and where, which one parts the volumes.

World coordinates are turned to LPS mm here, from the file's own space and unit.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.imaging.errors import N_, InvalidElement, Message, UnsupportedData
from app.imaging.formats.grid import PLACE_UNKNOWN, POSITION_UNKNOWN, SPACING_UNKNOWN, UNIT_UNKNOWN
from app.imaging.formats.nrrdfields import NrrdFields, integers, numbers, quoted, vectors, words
from app.imaging.formats.volumefile import PhaseAxis

_SHORT = {
    "ras": "right-anterior-superior", "las": "left-anterior-superior", "lps": "left-posterior-superior",
    "rast": "right-anterior-superior-time", "last": "left-anterior-superior-time",
    "lpst": "left-posterior-superior-time",
}  # fmt: skip
# Signs that lead to LPS. Of the others the place in the patient is not known; handedness is kept.
_PATIENT = {
    "right-anterior-superior": (-1, -1, 1),
    "left-anterior-superior": (1, -1, 1),
    "left-posterior-superior": (1, 1, 1),
}
_ELSEWHERE = {"scanner-xyz": (1, 1, 1), "3d-right-handed": (1, 1, 1), "3d-left-handed": (-1, 1, 1)}
_IN_SPACE = frozenset(("domain", "space", "none", "???", ""))
_PHASE_KINDS = frozenset(("list", "time", "none", "???", ""))
_COLOURS = {
    "rgb-color": "RGB", "rgba-color": "RGBA", "hsv-color": "HSV", "xyz-color": "XYZ", "3-color": "3",
    "4-color": "4",
}  # fmt: skip
_MM = {
    "m": 1000.0, "meter": 1000.0, "meters": 1000.0, "cm": 10.0, "mm": 1.0, "millimeter": 1.0,
    "millimeters": 1.0, "um": 0.001, "µm": 0.001, "μm": 0.001, "micron": 0.001, "microns": 0.001,
    "micrometer": 0.001, "micrometers": 0.001, "nm": 1e-6,
}  # fmt: skip
_MS = {"s": 1000.0, "sec": 1000.0, "second": 1000.0, "seconds": 1000.0, "ms": 1.0, "msec": 1.0, "us": 0.001}


@dataclass(frozen=True)
class Axes:
    """What the axes of a file are.

    Attributes
    ----------
    shape_ijk : 3 ints
    affine : (4, 4) float array, (i, j, k) → LPS mm
    has_spacing : bool
        False where the file does not say how large a voxel is.
    phase_position : int
        Axes that run faster than that of the phases.
    phases : PhaseAxis or None
    warnings : Messages
    """

    shape_ijk: tuple[int, int, int]
    affine: NDArray[np.float64]
    has_spacing: bool
    phase_position: int
    phases: PhaseAxis | None
    warnings: tuple[Message, ...]


def read_axes(fields: NrrdFields, sizes: tuple[int, ...]) -> Axes:
    """The axes of a header whose ``sizes`` are *sizes*.

    Raises
    ------
    InvalidElement
        Fields that contradict each other, or cannot be read.
    UnsupportedData
        Colours, vectors, more than one axis of volumes, or fewer than three axes in space.
    """
    count = len(sizes)
    kinds = words(fields, "kinds", count) or ("",) * count
    _refuse_values(kinds, sizes)
    signs, dimension, warnings = _space(fields)
    directions = _directions(fields, count, dimension)
    in_space = _axes_in_space(kinds, directions, sizes)
    if len(in_space) != 3:
        raise UnsupportedData(
            N_("The file has %(axes)s axes in space; a volume has three."), axes=len(in_space)
        )
    steps, has_spacing, notes = _steps(fields, directions, in_space, count)
    affine = np.eye(4)
    affine[:3, :3] = steps
    affine[:3, 3], unplaced = _origin(fields, dimension, sizes, in_space, steps)
    scales, unit_notes = _scales(fields, dimension, bool(directions), has_spacing and signs is not None)
    affine[:3] *= np.asarray(scales)[:, None] * np.asarray(signs or (1, 1, 1))[:, None]
    if signs is None or not directions:
        warnings = (*warnings, Message(PLACE_UNKNOWN))
    elif unplaced and Message(PLACE_UNKNOWN) not in warnings:
        warnings = (*warnings, Message(POSITION_UNKNOWN))
    across = [axis for axis in range(count) if axis not in in_space and sizes[axis] > 1]
    if len(across) > 1:
        raise UnsupportedData(N_("The file has %(axes)s axes beside those in space; one at most is shown."),
                              axes=len(across))  # fmt: skip
    i, j, k = (sizes[axis] for axis in in_space)
    return Axes(
        shape_ijk=(i, j, k),
        affine=affine,
        has_spacing=has_spacing,
        phase_position=sum(axis < across[0] for axis in in_space) if across else 3,
        phases=_phases(fields, across[0], sizes, kinds) if across else None,
        warnings=_each_once((*warnings, *notes, *unit_notes)),
    )


def _each_once(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    return tuple(message for at, message in enumerate(messages) if message not in messages[:at])


def _refuse_values(kinds: tuple[str, ...], sizes: tuple[int, ...]) -> None:
    """Refuse what is no single grey value at each place, by its name in the header."""
    for kind, size in zip(kinds, sizes, strict=True):
        if kind in _COLOURS:
            raise UnsupportedData(
                N_("The volume holds colours (%(type)s): only grey values make planes."), type=_COLOURS[kind]
            )
        if size > 1 and kind not in _IN_SPACE | _PHASE_KINDS:
            raise UnsupportedData(
                N_("Each voxel holds %(count)s values (vectors, tensors): only single values are shown."),
                count=size,
            )


def _space(fields: NrrdFields) -> tuple[tuple[int, int, int] | None, int, tuple[Message, ...]]:
    """Signs that lead to LPS (None where the place is unknown), components of a vector, warnings."""
    name = fields.get("space").lower()
    name = _SHORT.get(name, name)
    is_timed = name.endswith("-time")
    name = name.removesuffix("-time")
    if name in _PATIENT:
        return _PATIENT[name], 4 if is_timed else 3, ()
    if name in _ELSEWHERE:
        # Mirrored where it must be, so that the picture is not; where it lies is not known.
        return _ELSEWHERE[name], 4 if is_timed else 3, (Message(PLACE_UNKNOWN),)
    if name:
        raise UnsupportedData(N_("The NRRD space is none of those that are known."))
    dimension = integers(fields, "space dimension", 1)[0] if fields.get("space dimension") else 3
    if dimension not in (3, 4):
        raise UnsupportedData(N_("The file has %(axes)s axes in space; a volume has three."), axes=dimension)
    return None, dimension, ()


Directions = tuple[tuple[float, ...] | None, ...]


def _directions(fields: NrrdFields, count: int, dimension: int) -> Directions:
    """The steps in space, one for each axis; of four components the fourth is time."""
    found = vectors(fields, "space directions", count, dimension)
    if dimension == 3:
        return found
    kept: list[tuple[float, ...] | None] = []
    for vector in found:
        if vector is not None and vector[3] and any(vector[:3]):
            raise UnsupportedData(N_("An axis of the file runs through space and time at once."))
        kept.append(None if vector is None or vector[3] else vector[:3])
    return tuple(kept)


def _axes_in_space(kinds: tuple[str, ...], directions: Directions, sizes: tuple[int, ...]) -> list[int]:
    if directions:
        in_space = [axis for axis, vector in enumerate(directions) if vector is not None]
        if any(kinds[axis] not in _IN_SPACE for axis in in_space):
            raise InvalidElement(N_("kinds and space directions of the NRRD header contradict each other."))
        return in_space
    if any(kinds):
        return [axis for axis, kind in enumerate(kinds) if kind in ("domain", "space")]
    if len(sizes) > 3:
        raise UnsupportedData(N_("The NRRD header does not say which of its axes lie in space."))
    return list(range(len(sizes)))


def _steps(
    fields: NrrdFields, directions: Directions, in_space: list[int], count: int
) -> tuple[NDArray[np.float64], bool, tuple[Message, ...]]:
    """Columns of the affine, whether they are known, and what was assumed."""
    if directions:
        return np.transpose([directions[axis] or (0, 0, 0) for axis in in_space]).astype(np.float64), True, ()
    spacings = numbers(fields, "spacings", count)
    known = [spacings[axis] for axis in in_space] if spacings else []
    if not known or any(math.isnan(length) for length in known):
        return np.eye(3), False, (Message(SPACING_UNKNOWN),)
    return np.diag(known), True, ()


def _origin(
    fields: NrrdFields, dimension: int, sizes: tuple[int, ...], in_space: list[int],
    steps: NDArray[np.float64],
) -> tuple[NDArray[np.float64], bool]:  # fmt: skip
    """The first voxel's place, and whether it is only assumed: then the grid's middle is at 0."""
    found = vectors(fields, "space origin", 1, dimension)
    if found and found[0] is not None:
        return np.asarray(found[0][:3], np.float64), False
    half = np.asarray([sizes[axis] - 1 for axis in in_space]) / 2
    return -(steps @ half), True


def _scales(
    fields: NrrdFields, dimension: int, has_directions: bool, is_medical: bool
) -> tuple[tuple[float, ...], tuple[Message, ...]]:
    """Millimetres in the unit of x, y and z.

    A patient's space without a unit is taken for mm without a word: no program that writes one does
    otherwise, nor states it.
    """
    units = quoted(fields, "space units", dimension)[:3] if has_directions else ()
    if any(unit.strip().lower() not in _MM for unit in units) or (not units and not is_medical):
        return (1.0, 1.0, 1.0), (Message(UNIT_UNKNOWN),)
    return tuple(_MM[unit.strip().lower()] for unit in units) or (1.0, 1.0, 1.0), ()


def _phases(fields: NrrdFields, axis: int, sizes: tuple[int, ...], kinds: tuple[str, ...]) -> PhaseAxis:
    count = sizes[axis]
    spacings = numbers(fields, "spacings", len(sizes))
    starts = numbers(fields, "axis mins", len(sizes))
    units = quoted(fields, "units", len(sizes))
    scale = _MS.get(units[axis].strip().lower()) if units else None
    step = spacings[axis] if spacings else math.nan
    first = starts[axis] if starts and math.isfinite(starts[axis]) else 0.0
    if kinds[axis] != "time" or scale is None or not 0 < step < math.inf:
        return PhaseAxis("frame", "", tuple(float(number) for number in range(1, count + 1)))
    return PhaseAxis("time", "ms", tuple(round((first + n * step) * scale, 6) for n in range(count)))
