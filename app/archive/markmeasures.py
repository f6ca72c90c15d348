"""What a stored mark measures, worked out here from its points and the voxels.

Files that leave the house say this: what a browser says of a mark's size or mean is not believed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.archive import volumes
from app.archive.regionvalues import region_values
from app.archive.volumes import Shown
from app.archive.workspaces import workspace_of
from app.imaging.errors import TriplanoError
from app.imaging.marks import check_shape
from app.imaging.markvalues import Measure, mark_measures
from app.imaging.regionstatistics import MEASURED_KINDS
from app.models import User
from app.storage.store import Store

STATISTICS = ("mean", "std", "min", "max")
_PIXELS = {"mm": "px", "mm²": "px²"}

# A mark is kept as it came: what it did not say is the usual.
_USUAL = {"phase": 0, "label": "", "color": "#ffffff", "hidden": False, "statistics": None, "shown": None}


@dataclass(frozen=True)
class MeasuredMark:
    """A mark with all that a mark may have, what the server knows of it (``id``, …), and its measures."""

    mark: Mapping[str, Any]
    measures: tuple[Measure, ...]


def measured_marks(user: User, shown: Shown, store: Store) -> list[MeasuredMark]:
    """The marks of *user* on what is shown, in the order in which they were made."""
    kept = workspace_of(user, shown.series, shown.part)["marks"]
    marks = [{**_USUAL, **one, **check_shape(one)} for one in kept]
    return [MeasuredMark(mark, measures_of(mark, shown, store)) for mark in marks]


def measures_of(mark: Mapping[str, Any], shown: Shown, store: Store) -> tuple[Measure, ...]:
    """Lengths, angles or area of *mark*; of a region mean, SD, minimum and maximum, of a probe its value.

    Parameters
    ----------
    mark : mapping, as :mod:`app.imaging.marks` has it, with ``phase``
    shown : Shown
        The part that it lies on; its own phase is taken.

    Notes
    -----
    Values that cannot be told (an image in colour, a plane that is there no more) are left out.
    """
    measures = mark_measures(mark)
    if shown.is_volume and mark["space"] == "image":
        shown = replace(shown, phase=0, is_volume=False)  # drawn on one of the volume's original images
    if shown.is_volume:
        shown = replace(shown, phase=min(mark["phase"], shown.summary.phase_count - 1))
        if volumes.load(shown, store).header.spacing_source == "none":
            measures = tuple(replace(one, unit=_PIXELS.get(one.unit, one.unit)) for one in measures)
    if mark["kind"] not in MEASURED_KINDS:
        return measures
    try:
        found = region_values(shown, store, mark)
    except TriplanoError:
        return measures
    names = ("value",) if mark["kind"] == "probe" else STATISTICS
    values = [(name, found["mean" if name == "value" else name]) for name in names]
    known = (Measure(name, float(value), found["unit"]) for name, value in values if value is not None)
    return (*measures, *known)
