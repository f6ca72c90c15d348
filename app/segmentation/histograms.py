"""Dose–volume histograms of the segments of a segmentation."""

from collections.abc import Mapping
from typing import Any

from app.archive import masks
from app.archive.doses import dose_values
from app.archive.errors import BadParameter
from app.archive.references import FoundObject
from app.archive.segmentations import segmentation_for
from app.imaging.errors import N_
from app.models import Series, User
from app.storage.store import Store


def dose_volume(
    user: User,
    series: Series,
    found: FoundObject,
    arguments: Mapping[str, str],
    store: Store,
    settings: Mapping[str, Any],
) -> dict[str, Any]:
    """The histograms of the segments of ``segmentation``.

    Raises
    ------
    NotFound, BadParameter, ImagingError
    """
    segmentation = segmentation_for(user, arguments.get("segmentation", ""))
    if segmentation.series_row_id != series.id:
        template = N_("%(field)s is “%(found)s”; a segmentation of this series is wanted.")
        raise BadParameter("segmentation", template, segmentation.id)
    _grid, _values = dose_values(found, store, settings)
    _segments = masks.read_segments(segmentation, store)
    return {"segments": []}
