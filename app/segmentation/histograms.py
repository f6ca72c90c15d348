"""Dose–volume histograms of the segments of a segmentation."""

from collections.abc import Mapping
from typing import Any

from app.archive import masks
from app.archive.doses import dose_of
from app.archive.errors import BadParameter
from app.archive.references import FoundObject
from app.archive.segmentations import segmentation_for
from app.archive.turns import Turns
from app.imaging.dosevolume import DoseVolume, dose_volume
from app.imaging.errors import N_, LimitExceeded
from app.models import Series, User
from app.segmentation.receiving import read_numbers
from app.storage.store import Store

_SHARES = (2, 50, 95, 98)  # percent: near maximum, median, what is prescribed to, near minimum (ICRU 83)
_DIGITS = 7
MOST_VOXELS = 150_000_000
"""Of the segments together: a minute and a half. A body and forty organs of a large CT have half of it."""
_TOO_MANY = N_("The segments have %(found)s voxels; at most %(limit)s are counted at once: choose fewer.")


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
    NotFound, BadParameter, ImagingError, Busy
    """
    segmentation = segmentation_for(user, arguments.get("segmentation", ""))
    if segmentation.series_row_id != series.id:
        template = N_("%(field)s is “%(found)s”; a segmentation of this series is wanted.")
        raise BadParameter("segmentation", template, segmentation.id)
    numbers = read_numbers(arguments, segmentation)
    rows = [row for row in segmentation.segments if row.number in numbers]
    voxels = sum(row.voxels for row in rows)
    if voxels > MOST_VOXELS:
        raise LimitExceeded(_TOO_MANY, found=f"{voxels:,}", limit=f"{MOST_VOXELS:,}")
    dose, grid = dose_of(found, store, settings), masks.grid_of(segmentation)
    answers = []
    with _turns.turn():
        for row in rows:
            counted = dose_volume(masks.read_mask(segmentation, row, store), grid, dose)
            answers.append({"number": row.number, "name": row.name, "dvh": _answer(counted)})
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


_turns = Turns(1, waiting=4, patience=30.0)
