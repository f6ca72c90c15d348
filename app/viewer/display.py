"""How values become greys: the VOI LUTs and overlays of the original images behind what is shown."""

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from app.archive import volumes
from app.archive.errors import BadParameter, Conflict
from app.archive.volumes import Shown, StackFrame
from app.imaging.errors import N_, ImagingError
from app.imaging.limits import DEFAULT_LIMITS
from app.imaging.overlays import Overlay, has_overlays, read_overlays
from app.imaging.reslice import PlaneGeometry, extract_plane
from app.imaging.structure import read_structure
from app.imaging.voi import VoiLut, read_voi_luts
from app.imaging.volume import Volume
from app.imaging.window import SUV_UNIT
from app.storage.store import Store
from app.viewer.images import images_of
from app.viewer.parameters import Rendering

# A table of 128 KiB each, and up to 16 of them in a file.
_KEPT_FILES = 32
_KNOWN_FILES = 16_384
# Every plane is a byte a pixel, beside everybody's requests.
_OVERLAY_LIMITS = replace(DEFAULT_LIMITS, max_frame_bytes=128 * 1024 * 1024)
_LOOKED_AT = 24


@lru_cache(maxsize=_KEPT_FILES)
def _stored_luts(path: Path, frame: int) -> tuple[VoiLut, ...]:
    """The VOI LUTs of a stored file, which never changes."""
    return read_voi_luts(path, frame)


def image_luts(image: StackFrame) -> tuple[VoiLut, ...]:
    """The VOI LUTs of an original image; none where they cannot be used: a window serves as well."""
    try:
        return _stored_luts(image.path, image.frame)
    except (ImagingError, FileNotFoundError):
        return ()


def volume_image(shown: Shown, store: Store, volume: Volume, k: int | None = None) -> StackFrame | None:
    """The original image that slice *k* of a volume was made of, by default the middle one.

    None without originals, and of a resampled volume unless the middle one will do.
    """
    images = images_of(shown, store)
    if k is None:
        return images[len(images) // 2] if images else None
    if getattr(volume.header, "resampling", None) is not None or len(images) != volume.header.shape_ijk[2]:
        return None
    return images[k]


def volume_luts(shown: Shown, store: Store, volume: Volume) -> tuple[VoiLut, ...]:
    """The VOI LUTs that a volume offers: those of its middle image."""
    image = _lut_image(shown, store, volume, None)
    return image_luts(image) if image else ()


def with_volume_lut(
    rendering: Rendering, shown: Shown, store: Store, volume: Volume, k: int | None = None
) -> Rendering:
    """*rendering* with the VOI LUT that it asks for, or that the volume opens with if it asks for nothing.

    It is taken from the image behind slice *k*; without *k*, as for planes across the slices, from the middle
    one.

    Raises
    ------
    BadParameter
        There is no such LUT.
    ImagingError
        There is, and it contradicts itself.
    """
    if rendering.window is not None:
        return rendering
    return with_image_lut(rendering, _lut_image(shown, store, volume, k))


def _lut_image(shown: Shown, store: Store, volume: Volume, k: int | None) -> StackFrame | None:
    if volume.header.unit == SUV_UNIT:
        return None  # their tables were made for the values before
    return volume_image(shown, store, volume, k) or volume_image(shown, store, volume)


def with_image_lut(rendering: Rendering, image: StackFrame | None) -> Rendering:
    """As :func:`with_volume_lut` for an original image; None stands for one without VOI LUTs.

    Raises
    ------
    BadParameter, ImagingError
    """
    if image is None or rendering.window is not None:
        return _with_lut(rendering, ())
    luts = image_luts(image) if rendering.lut is None else _stored_luts(image.path, image.frame)
    return _with_lut(rendering, luts)


def _with_lut(rendering: Rendering, luts: tuple[VoiLut, ...]) -> Rendering:
    if rendering.lut is None:
        return replace(rendering, window=luts[0]) if luts and rendering.window is None else rendering
    if rendering.lut >= len(luts):
        template = N_("%(field)s is %(found)s; the image has %(count)s VOI LUTs, counted from 0.")
        raise BadParameter("lut", template, str(rendering.lut), count=len(luts))
    return replace(rendering, window=luts[rendering.lut])


def image_overlays(image: StackFrame) -> tuple[Overlay, ...]:
    """The overlays of an original image.

    Raises
    ------
    ImagingError
        One of them cannot be meant.
    Conflict
        The file is lost.
    """
    try:
        return read_overlays(image.path, image.frame, _OVERLAY_LIMITS) if _is_overlaid(image.path) else ()
    except FileNotFoundError:
        raise Conflict(volumes.LOST) from None


@lru_cache(maxsize=_KNOWN_FILES)
def _is_overlaid(path: Path) -> bool:
    """Whether a stored file, which never changes, describes overlays: few do, and pages look at many."""
    try:
        return has_overlays(read_structure(path))
    except ImagingError:
        return False  # no picture to lay them over; the picture's address says why


def plane_overlays(
    shown: Shown, store: Store, volume: Volume, geometry: PlaneGeometry, index: int
) -> tuple[Overlay, ...]:
    """The overlays of a slice as *geometry* turns it; none across the slices or of a resampled volume."""
    image = volume_image(shown, store, volume, index) if geometry.is_acquired else None
    if image is None:
        return ()
    shape = volume.array.shape
    return tuple(
        # One mask seen as a whole volume takes the way of the voxels, so it is turned as they are.
        replace(overlay, mask=extract_plane(np.broadcast_to(overlay.mask, shape), geometry, index))
        for overlay in image_overlays(image)
        if overlay.mask.shape == shape[1:]
    )


def overlay_words(shown: Shown, store: Store) -> list[dict[str, Any]]:
    """``kind``, ``label`` and ``description`` of the overlays of the first image found to have any.

    Of many images a few are looked at, spread over all. The texts are the file's own and may name a patient:
    they belong on the page of who may read the series, and nowhere else.
    """
    images = volumes.stack_of(shown, store).frames
    for n in dict.fromkeys(round(place) for place in np.linspace(0, len(images) - 1, _LOOKED_AT) if images):
        try:
            overlays = image_overlays(images[n])
        except (ImagingError, Conflict):
            continue
        if overlays:
            return [
                {"kind": overlay.kind, "label": overlay.label, "description": overlay.description}
                for overlay in overlays
            ]
    return []
