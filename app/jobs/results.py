"""The file behind a job's result."""

import re
from dataclasses import dataclass
from pathlib import Path

from app.archive.errors import Conflict, NotFound
from app.imaging.errors import N_
from app.models import Job
from app.storage.store import Store

_SUFFIX = re.compile(r"(\.[a-z0-9]{1,8}){1,2}")


@dataclass(frozen=True)
class ResultFile:
    """Where the file lies, and the name it is handed out under."""

    path: Path
    download_name: str


def result_of(job: Job, store: Store) -> ResultFile:
    """The file *job* made: ``Job.result`` is ``{"file": "<job id>.zip", "download_name": …}``.

    Raises
    ------
    Conflict
        The job is not done.
    NotFound
        It made no file, or the file has been tidied away.
    """
    if job.state != "done":
        raise Conflict(N_("The job is not done yet, or it did not succeed: there is no file to fetch."))
    stored = job.result or {}
    suffix = str(stored.get("file", "")).removeprefix(job.id)
    if not _SUFFIX.fullmatch(suffix):
        raise NotFound
    path = store.job_result(job.id, suffix)
    if not path.is_file():
        raise NotFound
    return ResultFile(path, str(stored.get("download_name") or f"triplano{suffix}"))
