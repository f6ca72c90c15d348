"""One frame's pixels: from stored values to modality values.

Stored values are what the file holds, unused bits removed. Modality values are stored × slope +
intercept (Hounsfield units for CT). Grey frames are (rows, columns), int16 where that is exact, else
float32; colour frames are (rows, columns, 3) uint8 RGB. MONOCHROME1 is a flag; values stay.

References
----------
PS3.3 C.7.6.3 (Image Pixel), C.11.1 (Modality LUT); PS3.5 8.1.
"""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from app.imaging import values
from app.imaging.decoding import read_samples
from app.imaging.errors import N_, InvalidElement
from app.imaging.functionalgroups import FunctionalGroups
from app.imaging.layout import LAYOUT_TAGS, PixelLayout, read_layout
from app.imaging.limits import DEFAULT_LIMITS, ReadLimits
from app.imaging.lookup import LookupTable, read_table
from app.imaging.palette import PALETTE_TAGS, has_supplement, read_palette
from app.imaging.photometric import to_rgb
from app.imaging.rescale import RESCALE_TAGS, Rescale, read_rescale
from app.imaging.structure import FileStructure, read_structure

# Lookup tables have at most 65536 entries of 16 bits; three of them may sit in one sequence item.
_MAX_TABLE = 1024 * 1024
_INT16 = np.iinfo(np.int16)


@dataclass(frozen=True)
class Frame:
    """One decoded frame.

    Attributes
    ----------
    values : (rows, columns) int16 or float32 array, or (rows, columns, 3) uint8 array
        Modality values, or RGB.
    unit : str
        "HU", "BQML", …; "" when the file does not say.
    inverted : bool
        MONOCHROME1 or Presentation LUT Shape INVERSE: the lowest value is to be shown white.
    supplement : (rows, columns, 4) uint8 array or None
        RGBA to lie over the grey picture, where a supplemental palette colours the upper stored values.
    """

    values: NDArray[Any]
    slope: float
    intercept: float
    unit: str
    inverted: bool
    is_colour: bool
    supplement: NDArray[np.uint8] | None = None


def read_frame(path: Path, frame: int = 0, limits: ReadLimits = DEFAULT_LIMITS) -> Frame:
    """Frame number *frame*, from 0, of the image at *path*.

    Raises
    ------
    ImagingError
        The file is damaged or beyond the limits, has no such frame, or has no decoder here.
    """
    structure = read_structure(path, limits)
    wanted = (*LAYOUT_TAGS, *RESCALE_TAGS, *PALETTE_TAGS)
    header = values.decode_elements(structure, wanted, max_bytes=_MAX_TABLE)
    layout = read_layout(structure, header, limits)
    if not 0 <= frame < layout.frames:
        raise InvalidElement(
            N_("Frame %(frame)s was asked for, the image has %(frames)s."),
            frame=frame + 1,
            frames=layout.frames,
        )
    samples = read_samples(structure, layout, frame)
    if layout.is_colour:
        return Frame(to_rgb(samples, header, layout), 1.0, 0.0, "", False, True)
    stored = samples.values
    rescale = frame_rescale(structure, header, frame, limits)
    if not rescale.is_usable:
        raise InvalidElement(
            N_("Rescale Slope %(slope)s or Rescale Intercept %(intercept)s cannot be used."),
            slope=str(rescale.slope),
            intercept=str(rescale.intercept),
        )
    modality = modality_values(stored, rescale, header)
    supplement = None
    if has_supplement(header):
        supplement = read_palette(header, signed=layout.signed).supplement(stored)
    inverted = layout.is_inverted
    return Frame(modality, rescale.slope, rescale.intercept, rescale.unit, inverted, False, supplement)


def stored_frame(structure: FileStructure, path: Path, layout: PixelLayout, frame: int) -> NDArray[Any]:
    """The stored values of one frame, (rows, columns) or (rows, columns, samples)."""
    return read_samples(structure, layout, frame).values


def frame_rescale(
    structure: FileStructure, header: Dataset, frame: int, limits: ReadLimits = DEFAULT_LIMITS
) -> Rescale:
    """Slope, intercept and unit of one frame: of its functional groups, else of the file."""
    groups = FunctionalGroups(structure, header, limits)
    own = groups.frame(frame).transformation() if groups.has_frames else None
    return read_rescale(header, own)


def modality_values(stored: NDArray[Any], rescale: Rescale, header: Dataset | None = None) -> NDArray[Any]:
    """*stored* as modality values: int16 where exact, else float32."""
    if rescale.has_table and header is not None:
        stored = _modality_table(header, signed=stored.dtype.kind == "i").look_up(stored)
    exact = exact_int16(stored, rescale.slope, rescale.intercept)
    if exact is not None:
        return exact
    # Absurd slopes overflow to infinity, which the statistics of a volume leave out.
    with np.errstate(over="ignore", invalid="ignore"):
        return (stored.astype(np.float64) * rescale.slope + rescale.intercept).astype(np.float32)


def _modality_table(header: Dataset, *, signed: bool) -> LookupTable:
    items = values.raw_value(header, "ModalityLUTSequence")
    if not isinstance(items, Sequence) or not items:
        raise InvalidElement(N_("The Modality LUT Sequence (0028,3000) cannot be used."))
    return read_table(items[0], signed=signed)


def exact_int16(stored: NDArray[Any], slope: float, intercept: float) -> NDArray[np.int16] | None:
    """stored × slope + intercept as int16; None where int16 cannot hold every value exactly."""
    if stored.dtype.kind not in "iu" or slope != int(slope) or intercept != int(intercept):
        return None
    if stored.size == 0:
        return stored.astype(np.int16)
    ends = [int(end) * int(slope) + int(intercept) for end in (stored.min(), stored.max())]
    if min(ends) < _INT16.min or max(ends) > _INT16.max:
        return None
    if stored.dtype in (np.int16, np.uint16):
        # Modulo 65536 nothing is lost on the way, as both ends, and so all values, are int16.
        cells = stored.view(np.uint16)
        cells = cells if slope == 1 else cells * np.uint16(int(slope) % 65536)
        cells = cells if intercept == 0 else cells + np.uint16(int(intercept) % 65536)
        return cells.view(np.int16)
    if abs(slope) < 2**15 and abs(intercept) < 2**31 and stored.dtype.itemsize <= 2:
        return (stored.astype(np.int32) * int(slope) + int(intercept)).astype(np.int16)
    return (stored.astype(np.int64) * int(slope) + int(intercept)).astype(np.int16)


def stored_behind(value: float, slope: float, intercept: float, dtype: str) -> int | None:
    """The stored value that was rescaled to *value*, kept as *dtype* ("int16" or "float32").

    None where float32 is coarser there than one step of the stored values: 21874909 is kept as 21874908.
    """
    if not math.isfinite(value):
        return None
    if dtype != "int16" and np.spacing(np.float32(abs(value))) >= abs(slope):
        return None
    return round((float(value) - intercept) / slope)
