"""What an export would do to each element of one image, by the very walk that makes the copies."""

import hashlib
from collections import Counter
from dataclasses import asdict
from typing import Any

from app.deidentification.order import Settings
from app.deidentification.originals import path_of
from app.imaging.deidentify import Deidentifier
from app.imaging.dicomfile import ReadLimits, read_dataset
from app.imaging.formats.inspect import refuse_other_formats
from app.models import Instance
from app.storage.store import Store

MOST_ROWS = 2000


def preview_key(secret: str, user_id: str) -> bytes:
    """A key for previews alone: steady, so that rows do not flicker, and never that of an export."""
    return hashlib.sha256(f"preview:{secret}:{user_id}".encode()).digest()


def preview_of(
    instance: Instance, settings: Settings, key: bytes, store: Store, limits: ReadLimits
) -> dict[str, Any]:
    """Rows (at most :data:`MOST_ROWS`), how many elements have which fate, whether rows were cut.

    Raises
    ------
    ImagingError
        The image cannot be read, or is of a kind that is not exported; the message says why.
    """
    deidentifier = Deidentifier(key, settings.preset, settings.overrides)
    refuse_other_formats(path_of(instance, store))
    rows = deidentifier.preview(read_dataset(path_of(instance, store), limits=limits))
    counts = Counter(row.fate for row in rows)
    return {
        "rows": [asdict(row) for row in rows[:MOST_ROWS]],
        "counts": {fate: counts[fate] for fate in ("removed", "replaced", "kept")},
        "total": len(rows),
        "cut": len(rows) > MOST_ROWS,
    }
