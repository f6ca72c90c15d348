"""The stored files of the chosen series, read and never changed."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydicom.dataset import Dataset

from app.deidentification.selection import instance_at
from app.imaging.dicomfile import ReadLimits, read_dataset
from app.imaging.errors import ImagingError
from app.models import Instance, Series
from app.storage.store import Store


def read_limits(settings: Mapping[str, Any]) -> ReadLimits:
    """The bounds within which stored files are read: those they were let in by."""
    return ReadLimits(max_pixels_bytes=int(settings["MAX_PIXEL_BYTES"]))


def path_of(instance: Instance, store: Store) -> Path:
    """Where the bytes of *instance* lie."""
    return store.original(instance.owner_id, instance.sha256)


def header_of(series: Series, store: Store) -> Dataset | None:
    """The elements before the pixels of the first image of *series*; none where it cannot be read."""
    try:
        return read_dataset(path_of(instance_at(series, 1), store), stop_before_pixels=True)
    except ImagingError:
        return None
