"""What the viewer asks beside pictures: a voxel, the histogram, the elements, the progress."""

import math
import threading
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from app.archive import volumes
from app.archive.errors import Conflict
from app.archive.sliceheaders import slice_header
from app.archive.volumes import Shown
from app.i18n import tell
from app.imaging.errors import N_
from app.imaging.formats.inspect import list_any_elements
from app.imaging.geometry import world_from_index
from app.imaging.histogram import histogram
from app.imaging.pixels import stored_behind
from app.imaging.volume import stored_value
from app.models import Series
from app.storage.store import Store
from app.viewer import rescaling
from app.viewer.images import image_count, image_path, stack_image
from app.viewer.parameters import read_bins, read_index
from app.viewer.pictures import measured_values
from app.viewer.tagwords import explanations

MAX_ELEMENTS = 5000
_KEPT_HISTOGRAMS = 64
_IN_COLOUR = N_("The image is in colour: it has no histogram of values.")
_NOTHING = N_("The image has no values that were measured.")


def voxel_value(shown: Shown, store: Store, arguments: Mapping[str, str]) -> dict[str, Any]:
    """``stored``, ``value``, ``unit``, ``point_lps`` and how one became the other, at ``i``, ``j``, ``k``.

    In a stack *k* counts the images. A value that is no number is ``None``. ``slope``, ``intercept``,
    ``reason`` and ``suv`` are those of :mod:`app.viewer.rescaling`.
    """
    if not shown.is_volume:
        return _pixel_value(shown, store, arguments)
    volume = volumes.load(shown, store)
    i, j, k = (
        read_index(arguments, field, count)
        for field, count in zip("ijk", volume.header.shape_ijk, strict=True)
    )
    value = _plain(volume.array[k, j, i].item())
    point = [float(mm) for mm in world_from_index(volume.affine, (i, j, k))]
    stored = None if value is None else stored_value(volume.header, value, k)
    return {
        "stored": stored,
        "value": value,
        "unit": volume.header.unit,
        "point_lps": None if volume.header.spacing_source == "none" else point,
        **rescaling.of_volume(volume.header, k, is_told=stored is not None),
    }


def _pixel_value(shown: Shown, store: Store, arguments: Mapping[str, str]) -> dict[str, Any]:
    frames = volumes.stack_of(shown, store).frames
    k = read_index(arguments, "k", len(frames))
    i = read_index(arguments, "i", frames[k].columns)
    j = read_index(arguments, "j", frames[k].rows)
    frame = volumes.stack_frame(shown, store, k)
    affine = stack_image(frames[k]).affine
    point = None if affine is None else [float(mm) for mm in world_from_index(affine, (i, j, 0))]
    if frame.is_colour:
        rgb = [int(sample) for sample in frame.values[j, i]]
        return {"stored": rgb, "value": rgb, "unit": "", "point_lps": point, **rescaling.of_colour()}
    value = _plain(frame.values[j, i].item())
    header = slice_header(frames[k].path, frames[k].frame)
    # A Modality LUT need not be reversible, so what was stored is then not known from the value.
    is_linear = header is not None and not header.rescale.has_table
    stored = None
    if value is not None and is_linear:
        stored = stored_behind(value, frame.slope, frame.intercept, frame.values.dtype.name)
    way = rescaling.of_image(frame.slope, frame.intercept, is_linear=is_linear, is_told=stored is not None)
    return {"stored": stored, "value": value, "unit": frame.unit, "point_lps": point, **way}


def _plain(value: float) -> float | int | None:
    """A number that JSON has."""
    return value if math.isfinite(value) else None


def series_histogram(shown: Shown, store: Store, arguments: Mapping[str, str]) -> dict[str, Any]:
    """``counts`` and ``bin_edges`` of a volume's values, counted once in each process.

    Of a stack those of the image at ``index``, the middle one unless it says which.
    """
    bins = read_bins(arguments)
    if not shown.is_volume:
        return _image_histogram(shown, store, arguments, bins)
    volume = volumes.load(shown, store)
    key = (str(store.root), shown.series.id, shown.series.revision, shown.key, bins)
    counted = _histograms.get(key)
    if counted is None:
        counted = histogram(volume.array, bins, padding=volume.header.padding).as_json()
        _keep(key, counted)
    return counted


def _image_histogram(shown: Shown, store: Store, arguments: Mapping[str, str], bins: int) -> dict[str, Any]:
    frames = volumes.stack_of(shown, store).frames
    index = read_index(arguments, "index", len(frames), default=len(frames) // 2)
    frame = volumes.stack_frame(shown, store, index)
    if frame.is_colour:
        raise Conflict(_IN_COLOUR)
    values = measured_values(frame, slice_header(frames[index].path, frames[index].frame))
    if not values.size:
        raise Conflict(_NOTHING)
    return histogram(values[np.newaxis], bins).as_json()


_histograms: dict[tuple[str, str, int, str, int], dict[str, Any]] = {}
_histograms_lock = threading.Lock()


def _keep(key: tuple[str, str, int, str, int], counted: dict[str, Any]) -> None:
    with _histograms_lock:
        while len(_histograms) >= _KEPT_HISTOGRAMS:
            _histograms.pop(next(iter(_histograms)))  # the oldest
        _histograms[key] = counted


def series_metadata(shown: Shown, store: Store, arguments: Mapping[str, str]) -> dict[str, Any]:
    """The elements of one instance, the middle one unless ``instance`` says which.

    ``help`` explains the common ones among them in plain words.
    """
    count = image_count(shown, store)
    instance = read_index(arguments, "instance", count, default=count // 2)
    try:
        elements = list_any_elements(image_path(shown, store, instance), MAX_ELEMENTS)
    except FileNotFoundError:
        raise Conflict(volumes.LOST) from None
    return {
        "instance": instance,
        "instances": count,
        "elements": [asdict(element) for element in elements],
        "is_complete": len(elements) < MAX_ELEMENTS,
        "help": explanations(element.keyword for element in elements),
    }


def series_progress(series: Series) -> dict[str, Any]:
    """How far the preparation of the series is."""
    job = volumes.job_of(series)
    return {
        "state": series.state,
        "progress": job.progress if job else 0.0,
        "message": tell(job.message) if job else "",
        "reason": tell(series.reason),
    }
