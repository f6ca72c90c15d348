"""A small picture of a series: its middle image in the window it opens with, in its true proportions."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.imaging.errors import ImagingError
from app.imaging.pixels import Frame
from app.imaging.png import encode_grey, encode_rgb
from app.imaging.reslice import extract_plane, plane_geometry
from app.imaging.sliceheader import SliceHeader
from app.imaging.voi import VoiLut, read_voi_luts
from app.imaging.volume import Volume
from app.imaging.volumewriting import is_padding
from app.imaging.window import default_display, default_window, to_grey

SIDE = 160
"""Pixels of the longer side."""


def volume_thumbnail(volume: Volume) -> bytes:
    """PNG of the middle slice as acquired, turned as the viewer shows it."""
    header = volume.header
    planes = [
        plane_geometry(header.shape_ijk, volume.affine, name) for name in ("axial", "coronal", "sagittal")
    ]
    plane = next(plane for plane in planes if plane.is_acquired)
    picture = extract_plane(volume.array, plane, plane.count // 2)
    grey = to_grey(picture, default_window(header), header.inverted)
    return encode_grey(_reduced(grey, plane.spacing_x_mm, plane.spacing_y_mm))


def frame_thumbnail(frame: Frame, header: SliceHeader) -> bytes:
    """PNG of one decoded image of a stack."""
    row_mm, column_mm = header.spacing or (1.0, 1.0)
    if frame.is_colour:
        return encode_rgb(_reduced(frame.values, column_mm, row_mm))
    values = frame.values[np.isfinite(frame.values) & ~is_padding(frame.values, header)]
    percentiles = tuple(np.percentile(values, (1, 99))) if values.size else ()
    described = _Windows(header.windows, header.modality, frame.unit, percentiles)
    grey = to_grey(frame.values, default_display(described, _luts(header)), frame.inverted)
    return encode_grey(_reduced(grey, column_mm, row_mm))


def _luts(header: SliceHeader) -> tuple[VoiLut, ...]:
    try:
        return read_voi_luts(header.path, header.frame)
    except ImagingError:
        return ()  # a window serves as well; the viewer says what is wrong with the table


@dataclass(frozen=True)
class _Windows:
    """What the choice of a window reads of a volume's header, for a single image."""

    windows: tuple[dict[str, Any], ...]
    modality: str
    unit: str
    percentiles: tuple[float, ...]


def _reduced(picture: NDArray[np.uint8], spacing_x_mm: float, spacing_y_mm: float) -> NDArray[np.uint8]:
    """*picture* at most :data:`SIDE` pixels wide and high: means of blocks, nothing is enlarged by them."""
    height_mm, width_mm = picture.shape[0] * spacing_y_mm, picture.shape[1] * spacing_x_mm
    scale = SIDE / max(height_mm, width_mm)
    rows = min(SIDE, max(1, round(height_mm * scale)))
    columns = min(SIDE, max(1, round(width_mm * scale)))
    reduced = _block_means(_block_means(picture.astype(np.float32), rows, 0), columns, 1)
    return np.ascontiguousarray(np.rint(reduced), np.uint8)


def _block_means(values: NDArray[np.float32], count: int, axis: int) -> NDArray[np.float32]:
    """*values* with *count* samples along *axis*; where there are fewer, the nearest is repeated."""
    length = values.shape[axis]
    starts = np.arange(count) * length // count
    if count > length:
        return np.asarray(np.take(values, starts, axis), np.float32)
    sizes = np.diff(np.append(starts, length)).astype(np.float32)
    shape = [1] * values.ndim
    shape[axis] = count
    sums = np.add.reduceat(values, starts, axis=axis)
    return np.asarray(sums / sizes.reshape(shape), np.float32)
