"""The mask of the IBSI lung cancer as structure set, NRRD and NIfTI: the very same voxels."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.worker import run_queued
from tests.archive.conftest import Archive
from tests.segmentation.conftest import Page, page_of
from tests.shared_data import shared

FOLDER = "data/ct-lung-ibsi-rtstruct-nifti"
VOXELS = 125_256  # of mask.nii.gz, and of the structure set as others fill it


@pytest.fixture
def lung(app: Flask, people: dict[str, Any]) -> Page:
    files = [*shared(f"{FOLDER}/ct").rglob("*.dcm"), shared(f"{FOLDER}/rtstruct.dcm")]
    with app.app_context():
        archive = Archive(people["alice"], app.extensions["store"], app.config)
        archive.take({path.name: path.read_bytes() for path in files})
    run_queued(app)
    client = page_of(app, "alice", "")
    for study in client.api("GET", "studies").json["studies"]:
        for series in client.api("GET", f"studies/{study['id']}").json["series"]:
            if series["modality"] == "CT":
                client.series_id = series["id"]
    return client


def layer_bytes(page: Page, made: dict[str, Any]) -> tuple[Any, bytes]:
    (layer,) = made["layers"]
    answer = page.call("GET", layer["url"], headers={"Accept-Encoding": "identity"})
    return layer["box"], answer.data


def test_every_form_of_the_mask_gives_the_same_voxels(lung: Page) -> None:
    (found,) = lung.listed()["found"]
    answer = lung.api(
        "POST", f"series/{lung.series_id}/segmentations", json={"instance_id": found["instance_id"]}
    )
    assert answer.status_code == 201, answer.text
    filled = answer.json
    assert (filled["kind"], filled["segments"][0]["voxels"]) == ("rtstruct", VOXELS)
    names = ("derived/gtv-labelmap-from-nifti-lps.nrrd", "derived/gtv-labelmap-from-nifti-ras.nrrd",
             "reference/mask.nii.gz")  # fmt: skip
    for name in names:
        path: Path = shared(f"{FOLDER}/{name}")
        made = lung.sent(path.read_bytes(), name=path.name)
        assert (made["placement"], made["segments"][0]["voxels"]) == ("exact", VOXELS), name
        assert layer_bytes(lung, made) == layer_bytes(lung, filled), name
