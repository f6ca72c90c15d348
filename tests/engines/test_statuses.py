"""What a browser is told of an engine's faults."""

import pytest
from flask import Flask

from app.engines.base import EngineBusy, EngineError, EngineUnavailable, InvalidPrompt, SessionLost
from app.engines.turns import Cancelled, Superseded
from app.engines.volumes import UnsuitableVolume
from app.errors import status_of
from app.imaging.errors import TriplanoError


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (EngineBusy("full", retry_after_s=9.2), 503),
        (EngineUnavailable("none"), 503),
        (SessionLost("gone"), 409),
        (Cancelled(), 409),
        (Superseded(), 409),
        (EngineError("failed"), 502),
        (InvalidPrompt("points", "outside"), 422),
        (UnsuitableVolume("empty"), 422),
    ],
)
def test_faults_of_engines_have_their_status(fault: TriplanoError, status: int) -> None:
    assert status_of(fault) == status


def test_a_busy_engine_says_when_to_come_again(app: Flask) -> None:
    handler = app.error_handler_spec[None][None][TriplanoError]
    with app.test_request_context("/api/v1/engines"):
        body, status, headers = handler(EngineBusy("full", retry_after_s=9.2))
    assert (status, headers, body["error"]["code"]) == (503, {"Retry-After": "10"}, "engine_busy")
