"""Slices and images as PNG: cut, window, colour, encode."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.archive import volumes
from app.archive.sliceheaders import slice_header
from app.archive.volumes import Shown
from app.imaging import png
from app.imaging.colormap import colormap_table
from app.imaging.errors import ImagingError
from app.imaging.overlays import Overlay, burn_in
from app.imaging.pixels import Frame
from app.imaging.reslice import PlaneName, extract_plane, plane_geometry
from app.imaging.sliceheader import SliceHeader
from app.imaging.volumeheader import VolumeHeader
from app.imaging.volumewriting import is_padding
from app.imaging.window import Window, default_window, to_grey
from app.storage.store import Store
from app.viewer.display import image_overlays, plane_overlays, with_image_lut, with_volume_lut
from app.viewer.parameters import NoSuchImage, Rendering
from app.viewer.presets import Spread

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
    rendering = with_volume_lut(rendering, shown, store, volume, index if geometry.is_acquired else None)
    overlays = plane_overlays(shown, store, volume, geometry, index) if rendering.overlays else ()
    return volume_picture(extract_plane(volume.array, geometry, index), volume.header, rendering, overlays)


def volume_picture(
    values: NDArray[Any], header: VolumeHeader, rendering: Rendering, overlays: tuple[Overlay, ...] = ()
) -> bytes:
    """Values (height, width) cut from a volume, along its slices or not, as PNG."""
    display = rendering.window or default_window(header)
    grey = to_grey(values, display, header.inverted != rendering.inverted)
    return _encode(grey, rendering.colormap, overlays)


def image_picture(shown: Shown, store: Store, index: int, rendering: Rendering) -> bytes:
    """Image *index* of a stack as PNG; colour images as they are."""
    count = len(volumes.stack_of(shown, store).frames)
    if index >= count:
        raise NoSuchImage(index, count)
    image = volumes.stack_of(shown, store).frames[index]
    frame = volumes.stack_frame(shown, store, index)
    rendering = with_image_lut(rendering, None if frame.is_colour else image)
    overlays = image_overlays(image) if rendering.overlays else ()
    if frame.is_colour:
        rgb = np.subtract(255, frame.values) if rendering.inverted else frame.values
        return png.encode_rgb(burn_in(rgb.astype(np.uint8, copy=False), overlays))
    display = rendering.window or image_window(shown, store, index)
    grey = to_grey(frame.values, display, frame.inverted != rendering.inverted)
    return _encode(grey, rendering.colormap, overlays)


def image_window(shown: Shown, store: Store, index: int) -> Window:
    """The window with which image *index* of a stack is first shown if it has no VOI LUT."""
    place = volumes.stack_of(shown, store).frames[index]
    header = slice_header(place.path, place.frame)
    try:
        frame = volumes.stack_frame(shown, store, index)
    except ImagingError:
        # One image that cannot be decoded must not keep the reader from the others.
        unit, percentiles = header.rescale.unit if header else "", (0.0, 255.0)
    else:
        unit, percentiles = frame.unit, _outer(frame, header)
    stored = header.windows if header else ()
    return default_window(ImageWords(stored, shown.series.modality, unit, percentiles))


def image_spread(shown: Shown, store: Store, index: int) -> Spread | None:
    """The spread of the values of image *index* of a stack; None of one in colour or that cannot be read."""
    place = volumes.stack_of(shown, store).frames[index]
    try:
        frame = volumes.stack_frame(shown, store, index)
    except ImagingError:
        return None
    return _spread(frame, slice_header(place.path, place.frame))


def _spread(frame: Frame, header: SliceHeader | None) -> Spread | None:
    if frame.is_colour:
        return None
    measured = measured_values(frame, header)
    if not measured.size:
        return None
    low, high = np.percentile(measured[:: -(-measured.size // _EVERY_PIXEL_BELOW)], (1, 99))
    return Spread(float(low), float(high), float(measured.min()), float(measured.max()))


def _outer(frame: Frame, header: SliceHeader | None) -> tuple[float, float]:
    """The 1st and the 99th percentile of an image's measured values."""
    spread = _spread(frame, header)
    return (spread.low, spread.high) if spread else (0.0, 255.0)


def measured_values(frame: Frame, header: SliceHeader | None) -> NDArray[Any]:
    """(n,) the finite modality values of an image without its padding, unless there are no others."""
    finite = frame.values[np.isfinite(frame.values)]
    if header is not None and not frame.is_colour and not (padding := is_padding(finite, header)).all():
        return np.asarray(finite[~padding])
    return np.asarray(finite)


def color_bar(name: str) -> bytes:
    """The 256 colours of a map from left to right as PNG."""
    return png.encode_indexed(np.arange(256, dtype=np.uint8)[np.newaxis], colormap_table(name))


def _encode(grey: NDArray[np.uint8], colormap: str, overlays: tuple[Overlay, ...]) -> bytes:
    if overlays:
        return png.encode_rgb(burn_in(colormap_table(colormap)[grey], overlays))
    if colormap == "gray":
        return png.encode_grey(grey)
    return png.encode_indexed(grey, colormap_table(colormap))
