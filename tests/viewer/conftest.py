"""Small series of Alice's with known voxels: stored value = 100·k + 10·row + column, −1024 for HU."""

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from pydicom.dataset import Dataset

from app.models import Series, db
from app.worker import run_queued
from tests.archive.conftest import Archive
from tests.conftest import sign_in
from tests.imaging.phantoms import ct_slice

# Black at −1024, white at −769: grey = stored value, as far as 255.
AS_STORED = "ww=256&wc=-896"
ENGLISH = {"Accept-Language": "en"}


@dataclass
class Reader:
    """A signed-in browser and the address of one series."""

    app: Flask
    client: FlaskClient
    series_id: str

    def get(self, path: str, headers: Mapping[str, str] = ENGLISH, **more: Any) -> Any:
        return self.client.get(f"/series/{self.series_id}/{path}", headers=headers, **more)

    def page(self) -> Any:
        return self.client.get(f"/viewer/{self.series_id}", headers=ENGLISH)

    def greys(self, path: str) -> list[list[int]]:
        """The pixels of a PNG, row by row."""
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return np.asarray(Image.open(io.BytesIO(answer.data))).tolist()

    def change(self, **values: Any) -> None:
        """Write to the series' row."""
        with self.app.app_context():
            series = db.session.get(Series, self.series_id)
            for name, value in values.items():
                setattr(series, name, value)
            db.session.commit()


def reader_of(app: Flask, owner_id: str, slices: Iterable[Dataset]) -> Reader:
    """Alice's browser on a series of *slices*, prepared."""
    files = {}
    for n, dataset in enumerate(slices):
        written = io.BytesIO()
        dataset.save_as(written, enforce_file_format=True)
        files[f"im{n}.dcm"] = written.getvalue()
    with app.app_context():
        report = Archive(owner_id, app.extensions["store"], app.config).take(files)
    assert not report.refused, report.refused
    run_queued(app)
    return Reader(app, sign_in(app, "alice"), report.series_ids[0])


@pytest.fixture
def volume(app: Flask, people: dict[str, Any]) -> Reader:
    """5 columns, 4 rows, 3 slices; 0.5 × 2 × 3 mm; the first voxel at (10, −20, 30)."""
    return reader_of(app, people["alice"], (ct_slice(k) for k in range(3)))


@pytest.fixture
def stack(app: Flask, people: dict[str, Any]) -> Reader:
    """Two images of different size that do not say where they lie: no volume."""
    images = [ct_slice(0), ct_slice(1, pixels=np.full((6, 7), 150, np.int16))]
    for image in images:
        image.SeriesInstanceUID += ".9"
        image.SOPInstanceUID += ".9"
        del image.ImagePositionPatient
    return reader_of(app, people["alice"], images)
