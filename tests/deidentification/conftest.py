"""Signed-in people with planted series, and the way from an order to its ZIP."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.worker import run_queued
from tests.conftest import csrf_of, sign_in
from tests.deidentification.planted import add_series, planted_series

URL = "/api/v1/deidentifications"


@pytest.fixture
def alice(app: Flask, people: dict[str, Any]) -> FlaskClient:
    """Alice's browser."""
    return sign_in(app, "alice")


@pytest.fixture
def series_id(app: Flask, people: dict[str, Any]) -> str:
    """Alice's planted series of four slices."""
    return add_series(app, people["alice"], planted_series())


Post = Callable[..., Any]


@pytest.fixture
def post(alice: FlaskClient) -> Post:
    """``post(path, json, client=None)`` with the CSRF header, answered in English."""

    def send(path: str, json: Any, client: FlaskClient | None = None) -> Any:
        who = client or alice
        headers = {"X-CSRFToken": csrf_of(who, "/anonymise"), "Accept-Language": "en"}
        return who.post(path, json=json, headers=headers)

    return send


@pytest.fixture
def exported(app: Flask, alice: FlaskClient, post: Post) -> Callable[..., zipfile.ZipFile]:
    """``exported(series=[…], preset=…, overrides=…)``: the ZIP as it is downloaded."""

    def order(**wish: Any) -> zipfile.ZipFile:
        answer = post(URL, wish)
        assert answer.status_code == 202, answer.text
        assert run_queued(app) == 1
        job = alice.get(f"/api/v1/jobs/{answer.json['job']}").json
        assert job["state"] == "done", job
        with alice.get(f"/api/v1/jobs/{answer.json['job']}/result") as result:
            assert result.status_code == 200
            return zipfile.ZipFile(io.BytesIO(result.data))

    return order
