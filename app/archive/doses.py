"""RT Doses over a series: read once by the child, kept beside what was derived of their own series.

A dose keeps its own grid. What is shown of it goes out as 16-bit steps of its highest dose.
"""

import json
import os
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.archive.errors import NotFound
from app.archive.incoming import disk_room
from app.archive.labelparsing import read_dose
from app.archive.labelreading import grid_from_json
from app.archive.references import FoundObject, object_for
from app.archive.room import check_disk
from app.imaging.errors import Message
from app.imaging.formats.rtdose import Dose
from app.models import User, db
from app.storage.store import Store, write_synced

KIND = "rtdose"
_PIECE = 1_000_000  # voxels
STEPS = 65_535
"""Of the 16 bits in which a dose is sent; 0 is no dose."""


def dose_for(user: User, instance_id: str, store: Store) -> FoundObject:
    """The RT Dose, if *user* may read it.

    Raises
    ------
    NotFound
        There is none, or it is another kind of object.
    """
    found = object_for(user, instance_id, store)
    if found.kind != KIND:
        raise NotFound
    return found


def dose_facts(found: FoundObject, store: Store, settings: Mapping[str, Any]) -> dict[str, Any]:
    """What is known of a dose beside its voxels (:func:`app.archive.labelreading.answer`), read now if it
    has not been.

    Raises
    ------
    ImagingError
        It cannot be read.
    StorageFull
    """
    path = store.dose(found.series_id, found.instance_id, ".json")
    if not path.is_file():
        _read(found, store, settings)
    facts: dict[str, Any] = json.loads(path.read_text())
    return facts


def dose_of(found: FoundObject, store: Store, settings: Mapping[str, Any]) -> Dose:
    """The dose; its voxels are memory-mapped.

    Raises
    ------
    ImagingError
    """
    facts = dose_facts(found, store, settings)
    path = store.dose(found.series_id, found.instance_id, ".npy")
    return Dose(
        grid=grid_from_json(facts["grid"]),
        values_gy=np.load(path, mmap_mode="r", allow_pickle=False),
        kind=facts["kind"],
        unit=facts["unit"],
        summation=facts["summation"],
        warnings=tuple(Message.from_json(warning) for warning in facts["warnings"]),
    )


def dose_steps(values_gy: NDArray[Any], max_gy: float) -> NDArray[np.uint16]:
    """(k, j, i) in steps of ``max_gy`` / :data:`STEPS`; what is no number is 0."""
    scale = STEPS / max_gy if max_gy > 0 else 0.0
    steps = np.nan_to_num(np.asarray(values_gy, np.float32), nan=0.0, posinf=0.0, neginf=0.0) * scale
    return np.asarray(np.clip(np.rint(steps), 0, STEPS), np.dtype("<u2"))


def steps_in_pieces(values_gy: NDArray[Any], max_gy: float) -> Iterator[bytes]:
    """:func:`dose_steps` in C order, as bytes of some slices at a time: doses may be as large as volumes."""
    count = max(1, _PIECE // max(1, values_gy[0].size)) if len(values_gy) else 1
    for first in range(0, len(values_gy), count):
        yield dose_steps(values_gy[first : first + count], max_gy).tobytes()


def _read(found: FoundObject, store: Store, settings: Mapping[str, Any]) -> None:
    db.session.rollback()  # parsing takes its time: no connection is held meanwhile
    check_disk(0, store, settings)
    with read_dose(found.path, store=store, settings=settings) as (facts, array), disk_room():
        described = array.with_suffix(".json")
        write_synced(described, json.dumps(facts).encode())
        with array.open("rb+") as file:
            os.fsync(file.fileno())
        store.make_series_folder(found.series_id)
        # The description last: where it is, the array is.
        store.adopt(array, store.dose(found.series_id, found.instance_id, ".npy"))
        store.adopt(described, store.dose(found.series_id, found.instance_id, ".json"))
