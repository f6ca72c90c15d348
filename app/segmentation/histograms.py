"""Dose–volume histograms of the segments of a segmentation."""

from collections.abc import Mapping
from typing import Any

from app.archive import masks
from app.archive.doses import dose_of
from app.archive.errors import BadParameter
from app.archive.references import FoundObject
from app.archive.segmentations import segmentation_for
from app.imaging.dosevolume import DoseVolume, dose_volume
from app.imaging.errors import N_
from app.models import Series, User
from app.segmentation.receiving import read_numbers
from app.storage.store import Store

_SHARES = (2, 50, 95, 98)  # percent: near maximum, median, what is prescribed to, near minimum (ICRU 83)
_DIGITS = 7


def histograms(
    user: User,
    series: Series,
    found: FoundObject,
    arguments: Mapping[str, str],
    store: Store,
    settings: Mapping[str, Any],
) -> dict[str, Any]:
    """The histograms of the segments of ``segmentation``, all or those of ``segments``.

    Raises
    ------
    NotFound, BadParameter, ImagingError
    """
    segmentation = segmentation_for(user, arguments.get("segmentation", ""))
    if segmentation.series_row_id != series.id:
        template = N_("%(field)s is “%(found)s”; a segmentation of this series is wanted.")
        raise BadParameter("segmentation", template, segmentation.id)
    numbers = read_numbers(arguments, segmentation)
    dose, grid = dose_of(found, store, settings), masks.grid_of(segmentation)
    answers = []
    for segment in masks.read_segments(segmentation, store, numbers):
        words = {"number": segment.number, "name": segment.name}
        answers.append({**words, "dvh": _answer(dose_volume(segment.mask, grid, dose))})
    return {"unit": "Gy" if dose.unit == "GY" else "", "segments": answers}


def _answer(volume: DoseVolume | None) -> dict[str, Any] | None:
    """``cumulative`` is the share of ``covered_ml`` that gets at least the dose of each of ``edges``; None of
    a segment that the dose does not reach."""
    if volume is None:
        return None
    return {
        "volume_ml": volume.volume_ml,
        "covered_ml": volume.covered_ml,
        "mean": volume.mean,
        "min": volume.least,
        "max": volume.largest,
        **{f"d{percent}": volume.dose_at(percent) for percent in _SHARES},
        "edges": [round(float(edge), _DIGITS) for edge in volume.edges],
        "cumulative": [round(float(share), _DIGITS) for share in volume.cumulative],
    }
