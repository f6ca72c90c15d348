"""Uploads through the test client, of hand-made series."""

import io
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any

from flask.testing import FlaskClient
from pydicom.dataset import Dataset
from werkzeug.test import TestResponse

from tests.conftest import csrf_of
from tests.imaging.phantoms import ct_slice

Named = Mapping[str, bytes]


def dicom_bytes(dataset: Dataset) -> bytes:
    buffer = io.BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def ct_files(count: int = 4, folder: str = "CT/", **elements: Any) -> dict[str, bytes]:
    """A small CT series, one file a slice, with *elements* by keyword in every file."""
    files = {}
    for k in range(count):
        dataset = ct_slice(k)
        for keyword, value in elements.items():
            setattr(dataset, keyword, value)
        files[f"{folder}im{k:03d}.dcm"] = dicom_bytes(dataset)
    return files


def zip_of(files: Named) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return buffer.getvalue()


def parts(files: Named) -> list[tuple[io.BytesIO, str]]:
    return [(io.BytesIO(content), name) for name, content in files.items()]


def upload(client: FlaskClient, files: Named, **headers: str) -> TestResponse:
    """POST *files* as the page does."""
    headers.setdefault("X-CSRFToken", csrf_of(client, "/upload"))
    return client.post("/api/v1/uploads", data={"files": parts(files)}, headers=headers)


def send(client: FlaskClient, method: str, path: str) -> TestResponse:
    """A call with the session's CSRF token."""
    return client.open(path, method=method, headers={"X-CSRFToken": csrf_of(client, "/")})


def ids_of(answers: Iterable[Mapping[str, Any]]) -> list[str]:
    return [answer["id"] for answer in answers]
