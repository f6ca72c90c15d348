"""The values in a mark of a volume or of one image of a stack, for whoever measures on the server."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.archive import volumes
from app.archive.sliceheaders import slice_header
from app.archive.volumes import Shown
from app.imaging.errors import N_, UnsupportedData
from app.imaging.marks import InvalidMark, check_shape
from app.imaging.regionsampling import Padding
from app.imaging.regionstatistics import MEASURED_KINDS, RegionStatistics, image_statistics, volume_statistics
from app.imaging.sliceheader import SliceHeader
from app.imaging.volumewriting import padding_limit_of, padding_of
from app.storage.store import Store


def region_values(shown: Shown, store: Store, given: Mapping[str, Any]) -> dict[str, Any]:
    """``count``, ``mean``, ``std``, ``min``, ``max``, ``unit``, ``histogram``, area and the rest.

    Parameters
    ----------
    given : mapping
        A mark, or of it ``kind``, ``space``, ``points`` and ``plane`` or ``image``. Without ``spacing_mm`` an
        image's own millimetres are taken.

    Raises
    ------
    InvalidMark
        It encloses nothing, or lies in another space than what is shown.
    UnsupportedData
        The image is in colour.
    Conflict, NotFound, ImagingError
        The voxels cannot be read.
    """
    shape = check_shape(given)
    if shape["kind"] not in MEASURED_KINDS:
        template = N_("%(field)s is %(found)s; one of %(known)s is wanted.")
        raise InvalidMark("kind", template, shape["kind"], known=", ".join(MEASURED_KINDS))
    if shown.is_volume:
        statistics, unit = _of_volume(shown, store, shape)
    else:
        statistics, unit = _of_image(shown, store, shape)
    return statistics.as_json() | {"unit": unit}


def _of_volume(shown: Shown, store: Store, shape: dict[str, Any]) -> tuple[RegionStatistics, str]:
    if shape["space"] != "patient":
        template = N_("%(field)s is %(found)s; a volume is measured in the patient.")
        raise InvalidMark("space", template, shape["space"])
    volume = volumes.load(shown, store)
    header = volume.header
    found = volume_statistics(
        volume.array,
        volume.affine,
        shape,
        padding=header.padding,
        is_calibrated=header.spacing_source != "none",
    )
    return found, header.unit


def _of_image(shown: Shown, store: Store, shape: dict[str, Any]) -> tuple[RegionStatistics, str]:
    frames = volumes.stack_of(shown, store).frames
    index = _index(shape, len(frames))
    frame = volumes.stack_frame(shown, store, index)
    if frame.is_colour:
        raise UnsupportedData(N_("The image is in colour: it has no values that could be counted."))
    header = slice_header(frames[index].path, frames[index].frame)
    if shape["space"] == "image":
        points = np.asarray(shape["points"])
        if shape["spacing_mm"] is None and header is not None and header.spacing:
            # Pixel Spacing is between rows, then between columns (PS3.3 10.7.1.3).
            shape = shape | {"spacing_mm": [header.spacing[1], header.spacing[0]]}
    else:
        points = _pixels(shape["points"], header)
    return image_statistics(frame.values, shape, points, padding=_padding(header)), frame.unit


def _index(shape: dict[str, Any], count: int) -> int:
    """The image on which a mark was drawn."""
    plane = shape["plane"] or {}
    field, found = (
        ("image", shape["image"]) if shape["space"] == "image" else ("plane.index", plane.get("index"))
    )
    if found is None or not 0 <= found < count or found != int(found):
        template = N_("%(field)s is “%(found)s”; a whole number from 0 to %(last)s is wanted.")
        raise InvalidMark(field, template, found, last=count - 1)
    return int(found)


def _pixels(points_lps: list[list[float]], header: SliceHeader | None) -> NDArray[np.float64]:
    """Points in the patient as pixels (x, y) of an image that says where it lies."""
    if header is None or header.position is None or header.orientation is None or not header.spacing:
        template = N_("%(field)s is %(found)s; the image does not say where in the patient it lies.")
        raise InvalidMark("space", template, "patient")
    offset = np.asarray(points_lps) - header.position
    right, down = (np.array(header.orientation[n : n + 3]) for n in (0, 3))
    return np.column_stack((offset @ right / header.spacing[1], offset @ down / header.spacing[0]))


def _padding(header: SliceHeader | None) -> Padding:
    value = None if header is None else padding_of(header)
    if header is None or value is None:
        return None
    limit = padding_limit_of(header)
    return value, value if limit is None else limit
