"""Ordering an export."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from app.archive.errors import StorageFull
from app.archive.jobs import submit
from app.deidentification.kept import keep_settings
from app.deidentification.order import Settings
from app.deidentification.selection import ChosenSeries
from app.imaging.errors import N_
from app.models import Job, User
from app.storage.store import Store

KIND = "deidentify"


def order_export(
    user: User,
    chosen: Sequence[ChosenSeries],
    chosen_settings: Settings,
    *,
    store: Store,
    settings: Mapping[str, Any],
) -> Job:
    """The job that exports *chosen*; the one already under way where it is the same.

    Raises
    ------
    StorageFull
        The disk has no room for the copies beside what must stay free.
    """
    # Copies go one by one from the working folder into the ZIP: once their size, and a little.
    wanted = int(1.1 * sum(one.size for one in chosen))
    if store.free_bytes() < wanted + settings["MIN_FREE_DISK"]:
        raise StorageFull(N_("The server's disk has no room for the export now. Try again later."))
    series = [[one.series.id, one.series.revision] for one in chosen]
    wish = [user.id, series, chosen_settings.preset, sorted(chosen_settings.overrides.items())]
    digest = hashlib.sha256(json.dumps(wish).encode()).hexdigest()
    arguments = {"series": [series_id for series_id, _ in series]}
    job = submit(KIND, owner_id=user.id, key=f"{KIND}:{digest}", arguments=arguments)
    if "job" not in job.arguments:  # a new one: what ends it must know which settings to forget
        job.arguments = arguments | {"job": job.id}
        keep_settings(store, job.id, chosen_settings)
    return job
