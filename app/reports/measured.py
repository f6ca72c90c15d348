"""The caller's marks on a part of a series, with what they measure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.archive.markmeasures import measures_of
from app.archive.volumes import Shown
from app.archive.workspaces import workspace_of
from app.imaging.marks import check_shape
from app.imaging.markvalues import Measure
from app.models import User
from app.storage.store import Store

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
