"""Writes the demo study through the ordinary ingest, into an account that nobody can sign in with."""

import time
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any

from pydicom.dataset import Dataset
from sqlalchemy import select

from app.archive.errors import Conflict
from app.archive.ingest import HashingFile, IncomingFile, ingest
from app.archive.jobs import ACTIVE
from app.archive.running import run_all
from app.imaging.errors import N_
from app.imaging.synthetic import thorax_series
from app.models import SYSTEM_ROLE, Instance, Series, Study, User, db
from app.storage.store import Store

# No account that people make can be called so: the name has characters that theirs may not have.
OWNER_NAME = "(demo)"
_WAIT_SECONDS = 600.0


def archive_is_empty() -> bool:
    """Whether no image is kept at all."""
    return db.session.scalar(select(Instance.id).limit(1)) is None


def demo_is_readable() -> bool:
    """Whether the demo study is there with its volume."""
    ready = select(Series.id).join(Study).where(Study.is_demo, Series.state == "ready").limit(1)
    return db.session.scalar(ready) is not None


def write_demo(store: Store, settings: Mapping[str, Any], *, slices: int, size: int) -> None:
    """Make, take in and stack the series; done again it changes nothing.

    Raises
    ------
    Conflict
        Its volume could not be made.
    """
    owner_id = _owner_id()
    files = [_received(dataset, store, settings) for dataset in thorax_series(slices, size)]
    ingest(owner_id, files, store=store, settings=settings, is_demo=True)
    run_all(store, settings)
    for _ in _waiting():
        if not _unfinished():
            break
    if not demo_is_readable():
        raise Conflict(N_("The volume of the demo study could not be made."))


def _owner_id() -> str:
    """The account that owns the demo study, made when it is missing."""
    found: str | None = db.session.scalar(select(User.id).where(User.role == SYSTEM_ROLE))
    if found is None:
        owner = User(name=OWNER_NAME, role=SYSTEM_ROLE, is_enabled=False)
        db.session.add(owner)
        db.session.commit()
        found = owner.id
    return found


def _received(dataset: Dataset, store: Store, settings: Mapping[str, Any]) -> IncomingFile:
    written = BytesIO()
    dataset.save_as(written, enforce_file_format=True)
    target = HashingFile(store, settings["MAX_FILE_SIZE"])
    target.write(written.getvalue())
    return target.received(f"demo/{dataset.InstanceNumber}.dcm")


def _unfinished() -> bool:
    """Whether a server that runs beside this command took the job and is still at it."""
    active = select(Series.id).join(Study).where(Study.is_demo, Series.state.in_(ACTIVE)).limit(1)
    found = db.session.scalar(active) is not None
    db.session.rollback()
    return found


def _waiting() -> Iterator[None]:
    deadline = time.monotonic() + _WAIT_SECONDS
    while time.monotonic() < deadline:
        yield
        time.sleep(0.5)
