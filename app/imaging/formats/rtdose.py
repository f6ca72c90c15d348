"""RT Dose: a grid of dose values in the patient.

References
----------
PS3.3 C.8.8.3 (RT Dose), C.8.8.3.2 (Grid Frame Offset Vector).
"""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from app.imaging import values
from app.imaging.decoding import read_samples
from app.imaging.errors import N_, InvalidElement, LimitExceeded, Message, UnsupportedData
from app.imaging.framevectors import read_vector
from app.imaging.geometry import affine_from_slices, slice_normal
from app.imaging.layout import LAYOUT_TAGS, PixelLayout, read_layout
from app.imaging.limits import DEFAULT_LIMITS, MIB, ReadLimits
from app.imaging.segments import Grid
from app.imaging.structure import FileStructure, read_structure

RT_DOSE = "1.2.840.10008.5.1.4.1.1.481.2"
MAX_BYTES = 512 * MIB
"""Of the values in memory: grids of 1 mm over a whole trunk take 400 MB."""
GRAY, RELATIVE = "GY", "RELATIVE"

NOT_A_DOSE = N_("The file is no RT Dose.")
UNEVEN = N_("The planes of the dose are %(least)s to %(most)s mm apart; only even distances are read.")
BAD_OFFSETS = N_(
    "Grid Frame Offset Vector (3004,000C) cannot be used: one number for each of %(frames)s frames is wanted."
)
BAD_SCALING = N_("Dose Grid Scaling (3004,000E) is %(found)s; a number above 0 is wanted.")
NO_SCALING = N_("Dose Grid Scaling (3004,000E) holds no number; one above 0 is wanted.")
BAD_UNITS = N_("Dose Units (3004,0002) are none that is known: GY or RELATIVE is wanted.")
BAD_GEOMETRY = N_("The place of the dose cannot be used: %(name)s %(tag)s cannot be meant.")
BAD_VALUES = N_("The dose holds values that are no numbers.")
UNKNOWN_THICKNESS = N_("The only plane of the dose has no thickness; 1 mm is taken.")
ERRORS_NOT_DOSE = N_("The values are the errors of a dose, not a dose.")

_TAGS = (
    0x00080016, 0x00180050, 0x00200032, 0x00200037, 0x00200052, 0x00280030, 0x30040002, 0x30040004,
    0x3004000A, 0x3004000E,
)  # fmt: skip
_EVEN_SHARE = 0.01
_EVEN_MM = 0.02
_FARTHEST_MM = 1e6


@dataclass(frozen=True)
class Dose:
    """A dose on its own grid.

    Attributes
    ----------
    values_gy : (k, j, i) float32 array
        Gray; where ``unit`` is "RELATIVE", shares of a reference that the file does not state.
    kind : str
        Dose Type: "PHYSICAL", "EFFECTIVE", or "".
    unit : str
        "GY" or "RELATIVE".
    summation : str
        Dose Summation Type: "PLAN", "BEAM", "FRACTION", …, or "".
    """

    grid: Grid
    values_gy: NDArray[np.float32]
    kind: str = "PHYSICAL"
    unit: str = GRAY
    summation: str = ""
    warnings: tuple[Message, ...] = ()

    @property
    def largest(self) -> float:
        """The highest value."""
        return float(self.values_gy.max()) if self.values_gy.size else 0.0


def read_dose(path: Path, limits: ReadLimits = DEFAULT_LIMITS) -> Dose:
    """The dose in the file at *path*.

    Raises
    ------
    UnsupportedData
        The file is DICOM, but no dose, or one of uneven planes.
    MissingElement, InvalidElement
        Scaling, units or place are absent or cannot be meant.
    LimitExceeded
        More than 512 MiB of values, or beyond the limits.
    ImagingError
        As :func:`app.imaging.structure.read_structure` and :func:`app.imaging.layout.read_layout`.
    """
    structure = read_structure(path, limits)
    header = values.decode_elements(structure, (*LAYOUT_TAGS, *_TAGS))
    if values.uid(header, "SOPClassUID") != RT_DOSE:
        raise UnsupportedData(NOT_A_DOSE)
    layout = read_layout(structure, header, limits)
    if layout.samples != 1 or layout.is_colour:
        raise UnsupportedData(NOT_A_DOSE)
    wanted = layout.rows * layout.columns * layout.frames * 4
    if wanted > MAX_BYTES:
        raise LimitExceeded(
            N_("The dose takes %(size)s bytes; at most %(limit)s are read."), size=wanted, limit=MAX_BYTES
        )
    unit = values.text(header, "DoseUnits").upper()
    if unit not in (GRAY, RELATIVE):
        raise InvalidElement(BAD_UNITS) if unit else values.missing("DoseUnits")
    kind = values.text(header, "DoseType").upper()
    if kind == "ERROR":
        raise UnsupportedData(ERRORS_NOT_DOSE)
    affine, warnings = _affine(structure, header, layout.frames)
    return Dose(
        grid=Grid.of(
            (layout.columns, layout.rows, layout.frames),
            affine,
            values.uid(header, "FrameOfReferenceUID") or "",
        ),
        values_gy=_values(structure, layout, _scaling(header)),
        kind=kind,
        unit=unit,
        summation=values.text(header, "DoseSummationType").upper(),
        warnings=warnings,
    )


def _scaling(header: Dataset) -> float:
    """Gray a stored unit; some digits of it may be lost in 16 characters, which nobody can tell."""
    found = values.number(header, "DoseGridScaling")
    if found is None:
        if not values.has_bytes(header, "DoseGridScaling"):
            raise values.missing("DoseGridScaling")
        raise InvalidElement(NO_SCALING)
    if not 0 < found < 1e6:
        raise InvalidElement(BAD_SCALING, found=f"{found:.6g}")
    return found


def _values(structure: FileStructure, layout: PixelLayout, scaling: float) -> NDArray[np.float32]:
    dose = np.empty((layout.frames, layout.rows, layout.columns), np.float32)
    for frame in range(layout.frames):
        stored = read_samples(structure, layout, frame).values
        dose[frame] = stored.astype(np.float64) * scaling
    if layout.is_float and not np.isfinite(dose).all():
        raise InvalidElement(BAD_VALUES)
    return dose


def _affine(
    structure: FileStructure, header: Dataset, frames: int
) -> tuple[NDArray[np.float64], tuple[Message, ...]]:
    """(4, 4), (column, row, frame) → LPS mm."""
    position = _numbers(header, "ImagePositionPatient", 3)
    orientation = _numbers(header, "ImageOrientationPatient", 6)
    spacing = _numbers(header, "PixelSpacing", 2)
    row, column = np.array(orientation[:3]), np.array(orientation[3:])
    lengths = np.linalg.norm(row), np.linalg.norm(column)
    if not all(0.98 < length < 1.02 for length in lengths) or abs(float(row @ column)) > 0.02:
        raise _bad_geometry("ImageOrientationPatient")
    if min(spacing) <= 0:
        raise _bad_geometry("PixelSpacing")
    normal = slice_normal(orientation)
    if frames == 1:
        thickness = values.number(header, "SliceThickness")
        step = thickness if thickness and 0 < thickness < _FARTHEST_MM else 1.0
        warnings = () if step == thickness else (Message(UNKNOWN_THICKNESS),)
        return affine_from_slices(orientation, spacing, position, (normal * step).tolist()), warnings
    first, step = _steps(structure, frames)
    if first and _is_axial(row, column) and abs(first - position[2]) <= abs(step) / 2:
        # The vector holds places on the z axis, whatever the normal's sense.
        normal, position = np.array([0.0, 0.0, 1.0]), (position[0], position[1], first)
    else:
        # The first offset is to be 0; where it is not, the first plane lies beside the position.
        position = tuple((np.array(position) + first * normal).tolist())
    return affine_from_slices(orientation, spacing, position, (normal * step).tolist()), ()


def _steps(structure: FileStructure, frames: int) -> tuple[float, float]:
    """First offset, and the even distance between neighbours, which may be negative; mm."""
    offsets = np.array(read_vector(structure, "GridFrameOffsetVector", frames))
    if len(offsets) != frames or np.abs(offsets).max() > _FARTHEST_MM:
        raise InvalidElement(BAD_OFFSETS, frames=frames)
    gaps = np.diff(offsets)
    step = float((offsets[-1] - offsets[0]) / (frames - 1))
    if math.fabs(step) < 1e-3:
        raise InvalidElement(BAD_OFFSETS, frames=frames)
    if np.abs(gaps - step).max() > max(_EVEN_SHARE * math.fabs(step), _EVEN_MM):
        least, most = np.abs(gaps).min(), np.abs(gaps).max()
        raise UnsupportedData(UNEVEN, least=f"{least:.3f}", most=f"{most:.3f}")
    return float(offsets[0]), step


def _is_axial(row: NDArray[np.float64], column: NDArray[np.float64]) -> bool:
    """Rows and columns along x and y in either sense: the only planes of absolute offsets (C.8.8.3.2)."""
    return bool(abs(row[0]) > 0.999 and abs(column[1]) > 0.999)


def _numbers(header: Dataset, keyword: str, count: int) -> tuple[float, ...]:
    if not values.has_bytes(header, keyword):
        raise values.missing(keyword)
    found = values.numbers(header, keyword)
    if len(found) != count or max(map(math.fabs, found)) > _FARTHEST_MM:
        raise _bad_geometry(keyword)
    return found


def _bad_geometry(keyword: str) -> InvalidElement:
    return InvalidElement(BAD_GEOMETRY, **values.name_of(keyword))
