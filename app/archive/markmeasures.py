"""What a stored mark measures, worked out here from its points and the voxels.

Files that leave the house say this: what a browser says of a mark's size or mean is not believed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, get_args

import numpy as np

from app.archive import volumes
from app.archive.regionvalues import region_values
from app.archive.sliceheaders import slice_header
from app.archive.volumes import Shown
from app.archive.workspaces import workspace_of
from app.imaging.calibration import SpacingSource
from app.imaging.errors import TriplanoError
from app.imaging.marks import check_shape
from app.imaging.markvalues import Measure, mark_measures
from app.imaging.regionstatistics import MEASURED_KINDS
from app.imaging.reslice import PlaneName, plane_geometry
from app.models import User
from app.storage.store import Store

_PLANES: tuple[PlaneName, ...] = get_args(PlaneName)
_REGULAR = 1e-3
"""Of a step: so near to a slice of the volume a plane is that slice."""
STATISTICS = ("mean", "std", "min", "max")
_PIXELS = {"mm": "px", "mm²": "px²"}

# A mark is kept as it came: what it did not say is the usual.
_USUAL = {"phase": 0, "label": "", "color": "#ffffff", "hidden": False, "statistics": None, "shown": None}


@dataclass(frozen=True)
class MeasuredMark:
    """A mark with all that a mark may have, what the server knows of it (``id``, …), and its measures.

    Attributes
    ----------
    mm_source : by what right its lengths are in millimetres (:mod:`app.imaging.calibration`), or "none"
    is_own_slice : whether its plane is the slice that its name and number say; turned planes count otherwise
    """

    mark: Mapping[str, Any]
    measures: tuple[Measure, ...]
    mm_source: SpacingSource = "patient"
    is_own_slice: bool = True


def measured_marks(user: User, shown: Shown, store: Store) -> list[MeasuredMark]:
    """The marks of *user* on what is shown, in the order in which they were made."""
    kept = workspace_of(user, shown.series, shown.part)["marks"]
    marks = [{**_USUAL, **one, **check_shape(one)} for one in kept]
    return [
        MeasuredMark(
            mark, measures_of(mark, shown, store), _mm_source(mark, shown, store), _is_own(mark, shown, store)
        )
        for mark in marks
    ]


def _mm_source(mark: Mapping[str, Any], shown: Shown, store: Store) -> SpacingSource:
    if mark["space"] == "patient":
        if not shown.is_volume:
            return "patient"
        return "none" if volumes.load(shown, store).header.spacing_source == "none" else "patient"
    frames = volumes.stack_of(shown, store).frames
    if not mark["spacing_mm"] or mark["image"] >= len(frames):
        return "none"
    header = slice_header(frames[mark["image"]].path, frames[mark["image"]].frame)
    return header.spacing_source if header else "none"


def _is_own(mark: Mapping[str, Any], shown: Shown, store: Store) -> bool:
    """As ``isOwnSlice`` in static/js/lib/marklist.js has it."""
    plane = mark["plane"] or {}
    name = next((name for name in _PLANES if name == plane.get("name")), None)
    if mark["space"] != "patient" or not shown.is_volume or name is None or plane.get("index") is None:
        return True
    volume = volumes.load(shown, store)
    geometry = plane_geometry(volume.header.shape_ijk, volume.affine, name)
    to_lps = volume.affine @ np.vstack((geometry.to_ijk, (0, 0, 0, 1)))
    origin, right, down = (
        np.array(plane[part], np.float64) for part in ("origin_lps", "right_lps", "down_lps")
    )
    sides = geometry.width * geometry.spacing_x_mm * right, geometry.height * geometry.spacing_y_mm * down
    corners = np.stack((origin, origin + sides[0], origin + sides[1]))
    along = (np.linalg.inv(to_lps) @ np.column_stack((corners, np.ones(3))).T)[2]
    return bool(np.abs(along - plane["index"]).max() <= _REGULAR)


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
