"""Slices and images as PNG: cut, window, colour, encode."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.archive import volumes
from app.archive.volumes import Shown
from app.imaging import png
from app.imaging.colormap import colormap_table
from app.imaging.errors import ImagingError
from app.imaging.pixels import Frame
from app.imaging.reslice import PlaneName, extract_plane, plane_geometry
from app.imaging.volumeheader import VolumeHeader
from app.imaging.window import Window, default_window, to_grey
from app.storage.store import Store
from app.viewer.images import slice_header
from app.viewer.parameters import NoSuchImage, Rendering

_EVERY_PIXEL_BELOW = 1 << 20


@dataclass(frozen=True)
class ImageWords:
    """What decides the first window of one image of a stack."""

    windows: tuple[dict[str, Any], ...]
    modality: str
    unit: str
    percentiles: tuple[float, float]


def slice_picture(shown: Shown, store: Store, plane: PlaneName, index: int, rendering: Rendering) -> bytes:
    """Slice *index* of a plane of a volume as PNG."""
    volume = volumes.load(shown, store)
    geometry = plane_geometry(volume.header.shape_ijk, volume.affine, plane)
    if index >= geometry.count:
        raise NoSuchImage(index, geometry.count)
    return volume_picture(extract_plane(volume.array, geometry, index), volume.header, rendering)


def volume_picture(values: NDArray[Any], header: VolumeHeader, rendering: Rendering) -> bytes:
    """Values (height, width) cut from a volume, along its slices or not, as PNG."""
    window = rendering.window or default_window(header)
    return _encode(to_grey(values, window, header.inverted != rendering.inverted), rendering.colormap)


def image_picture(shown: Shown, store: Store, index: int, rendering: Rendering) -> bytes:
    """Image *index* of a stack as PNG; colour images as they are."""
    count = len(volumes.stack_of(shown, store).frames)
    if index >= count:
        raise NoSuchImage(index, count)
    frame = volumes.stack_frame(shown, store, index)
    if frame.is_colour:
        rgb = np.subtract(255, frame.values) if rendering.inverted else frame.values
        return png.encode_rgb(rgb.astype(np.uint8, copy=False))
    window = rendering.window or image_window(shown, store, index)
    return _encode(to_grey(frame.values, window, frame.inverted != rendering.inverted), rendering.colormap)


def image_window(shown: Shown, store: Store, index: int) -> Window:
    """The window with which image *index* of a stack is first shown."""
    place = volumes.stack_of(shown, store).frames[index]
    header = slice_header(place.path, place.frame)
    try:
        frame = volumes.stack_frame(shown, store, index)
    except ImagingError:
        # One image that cannot be decoded must not keep the reader from the others.
        unit, percentiles = header.rescale.unit if header else "", (0.0, 255.0)
    else:
        unit, percentiles = frame.unit, _percentiles(frame)
    stored = header.windows if header else ()
    return default_window(ImageWords(stored, shown.series.modality, unit, percentiles))


def color_bar(name: str) -> bytes:
    """The 256 colours of a map from left to right as PNG."""
    return png.encode_indexed(np.arange(256, dtype=np.uint8)[np.newaxis], colormap_table(name))


def _encode(grey: NDArray[np.uint8], colormap: str) -> bytes:
    if colormap == "gray":
        return png.encode_grey(grey)
    return png.encode_indexed(grey, colormap_table(colormap))


def _percentiles(frame: Frame) -> tuple[float, float]:
    """The 1st and the 99th percentile of an image's finite values."""
    if frame.is_colour:
        return 0.0, 255.0
    values = frame.values.ravel()
    values = values[:: -(-values.size // _EVERY_PIXEL_BELOW)]
    finite = values[np.isfinite(values)]
    if not finite.size:
        return 0.0, 255.0
    low, high = np.percentile(finite, (1, 99))
    return float(low), float(high)
