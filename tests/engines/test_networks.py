"""Engines from settings."""

from pathlib import Path

import pytest

from app.config import load_settings
from app.engines.networks import network_engines


def test_without_settings_both_say_why_they_are_not_there(tmp_path: Path) -> None:
    engines = network_engines(load_settings({"INSTANCE": tmp_path}))
    reasons = {name: str(engine.capabilities().reason) for name, engine in engines.items()}
    assert reasons == {
        "nninteractive": "No weights of nnInteractive have been set up on this server.",
        "remote": "No server of nnInteractive has been set up.",
    }


@pytest.mark.parametrize("address", ["gpu:1527", "http://user:secret@gpu", "file:///etc", "http:/gpu"])
def test_an_address_that_cannot_be_meant_stops_the_start(tmp_path: Path, address: str) -> None:
    settings = load_settings({"INSTANCE": tmp_path, "NNINTERACTIVE_SERVERS": f"http://gpu:1527 {address}"})
    with pytest.raises(ValueError, match="NNINTERACTIVE_SERVERS") as refused:
        network_engines(settings)
    assert address not in str(refused.value)
