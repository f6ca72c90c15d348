"""Files of an export: its settings until it has run, its copies while it runs.

The settings lie in a file and not in the job's row, since the values that somebody types may be names.
"""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from app.archive.errors import Conflict
from app.deidentification.order import Settings
from app.imaging.errors import N_
from app.storage.store import Store

_SETTINGS = ".settings.json"
_FOLDER = "deidentify-"


def keep_settings(store: Store, job_id: str, settings: Settings) -> None:
    """Write the settings of a job for :func:`kept_settings`, readable by the server's account alone."""
    temporary = store.incoming / f"{_FOLDER}{job_id}{_SETTINGS}"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
        json.dump(asdict(settings) | {"overrides": dict(settings.overrides)}, handle)
    store.adopt(temporary, store.job_result(job_id, _SETTINGS))


def kept_settings(store: Store, job_id: str) -> Settings:
    """The settings of a job that has not ended.

    Raises
    ------
    Conflict
        They have been tidied away.
    """
    try:
        return Settings(**json.loads(store.job_result(job_id, _SETTINGS).read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise Conflict(N_("The export waited too long. Order it again.")) from None


def forget_settings(store: Store, job_id: str) -> None:
    """Remove the settings of a job that has ended."""
    store.job_result(job_id, _SETTINGS).unlink(missing_ok=True)


@contextmanager
def working_folder(store: Store, job_id: str) -> Iterator[Path]:
    """An empty folder for the copies of a job; it is gone afterwards, whatever happens."""
    folder = store.incoming / f"{_FOLDER}{job_id}"
    shutil.rmtree(folder, ignore_errors=True)  # a run that was killed may have left it
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
