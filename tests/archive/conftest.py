"""An account with its store, and uploads into it without a web page."""

import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.archive.ingest import HashingFile, IncomingFile, ingest
from app.archive.upload import UploadReport
from app.models import Instance, Series, Study, User, db
from app.storage.store import Store
from tests.imaging.phantoms import ct_slice


def dicom(k: int = 0, **changes: Any) -> bytes:
    """Slice *k* of the counting phantom as the bytes of a file."""
    written = io.BytesIO()
    ct_slice(k, **changes).save_as(written, enforce_file_format=True)
    return written.getvalue()


def series_of(count: int, **changes: Any) -> dict[str, bytes]:
    return {f"CT/im{k}.dcm": dicom(k, **changes) for k in range(count)}


def zip_of(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


@dataclass
class Archive:
    """One owner's archive; use it inside an application context."""

    owner_id: str
    store: Store
    settings: Mapping[str, Any]

    def receive(self, name: str, content: bytes) -> IncomingFile:
        target = HashingFile(self.store, self.settings["MAX_FILE_SIZE"])
        target.write(content)
        return target.received(name)

    def take(self, files: Mapping[str, bytes], **more: Any) -> UploadReport:
        received = [self.receive(name, content) for name, content in files.items()]
        return ingest(self.owner_id, received, store=self.store, settings=self.settings, **more)

    def reasons(self, files: Mapping[str, bytes]) -> dict[str, str]:
        """Why each refused file of an upload was refused."""
        return {refusal.name: str(refusal.reason) for refusal in self.take(files).refused}

    def with_settings(self, **changes: Any) -> "Archive":
        return Archive(self.owner_id, self.store, {**self.settings, **changes})

    def originals(self) -> list[Path]:
        return sorted((self.store.root / "originals").rglob("*.dcm"))

    def left_over(self) -> list[Path]:
        return list(self.store.incoming.iterdir())

    @property
    def series(self) -> Series:
        """The only series."""
        return db.session.scalars(db.select(Series)).one()

    @property
    def study(self) -> Study:
        """The only study."""
        return db.session.scalars(db.select(Study)).one()

    @property
    def instance_count(self) -> int:
        return int(db.session.scalar(db.select(db.func.count(Instance.id))))


def new_archive(app: Flask, name: str) -> Archive:
    owner = User(name=name)
    db.session.add(owner)
    db.session.commit()
    return Archive(owner.id, app.extensions["store"], app.config)


@pytest.fixture
def archive(app: Flask) -> Iterator[Archive]:
    with app.app_context():
        yield new_archive(app, "alice")


@pytest.fixture
def other_archive(app: Flask, archive: Archive) -> Archive:
    return new_archive(app, "bob")
