"""A NIfTI file in the viewer: planes, values and the fields of its header."""

import numpy as np
from flask import Flask

from app.models import Series, db
from app.worker import run_queued
from tests.archive.conftest import Archive
from tests.conftest import sign_in
from tests.imaging.formats.samples import COUNTING, nifti1, nrrd
from tests.viewer.conftest import ENGLISH, Reader


def reader_of_file(app: Flask, owner_id: str, content: bytes) -> Reader:
    """Alice's browser on what a file became."""
    with app.app_context():
        archive = Archive(owner_id, app.extensions["store"], app.config)
        archive.take({"f": content})
    run_queued(app)
    with app.app_context():
        (series_id,) = db.session.scalars(db.select(Series.id).where(Series.file_format != "dicom"))
    return Reader(app, sign_in(app, "alice"), series_id)


def nifti_reader(app: Flask, owner_id: str) -> Reader:
    """Alice's browser on a NIfTI file of two phases."""
    return reader_of_file(app, owner_id, nifti1(np.stack([COUNTING, COUNTING + 1])))


def test_it_opens_and_its_left_and_right_are_right(app: Flask, people: dict[str, str]) -> None:
    reader = nifti_reader(app, people["alice"])
    page = reader.page()
    assert page.status_code == 200
    assert "NIfTI volume" in page.text
    assert "as=stack" not in page.text  # it was made of no images
    # RAS in the file: i grows to the patient's right, which is on the screen's left; j to the front, on top.
    greys = reader.greys("slices/axial/0.png?ww=256&wc=128")
    assert (greys[3][4], greys[3][0], greys[0][4]) == (0, 4, 30)


def test_a_voxel_has_its_value_and_place(app: Flask, people: dict[str, str]) -> None:
    reader = nifti_reader(app, people["alice"])
    found = reader.get("value?i=4&j=3&k=2&phase=1").json
    assert (found["value"], found["stored"], found["point_lps"]) == (235, 235, [-18, -29, 38])


def test_its_header_is_listed(app: Flask, people: dict[str, str]) -> None:
    reader = nifti_reader(app, people["alice"])
    answer = reader.get("metadata")
    assert answer.status_code == 200
    assert "sform_code" in answer.text


def test_lists_say_what_it_is(app: Flask, people: dict[str, str]) -> None:
    reader = nifti_reader(app, people["alice"])
    with app.app_context():
        series = db.session.get(Series, reader.series_id)
        assert series is not None
        study_id = series.study_row_id
    for address in (f"/studies/{study_id}", "/"):
        page = reader.client.get(address, headers=ENGLISH)
        assert page.status_code == 200
        assert "NIfTI volume" in page.text
        assert "No description" not in page.text


def test_a_small_mask_still_has_a_window(app: Flask, people: dict[str, str]) -> None:
    voxels = np.zeros((30, 30, 30), np.uint8)
    voxels[15, 15, 15] = 1
    reader = reader_of_file(app, people["alice"], nifti1(voxels))
    assert reader.page().status_code == 200
    assert max(max(row) for row in reader.greys("slices/axial/15.png")) > 0


def test_without_the_size_of_a_voxel_nothing_is_in_millimetres(app: Flask, people: dict[str, str]) -> None:
    content = nrrd(space=None, space_directions=None, space_origin=None)
    reader = reader_of_file(app, people["alice"], content)
    page = reader.page().text
    assert page.count("is_calibrated&#34;: false") == 3
    assert "Extent" not in page
    assert "how large a voxel is" in page
    assert reader.get("value?i=4&j=3&k=2").json["point_lps"] is None


def test_it_has_no_original_images(app: Flask, people: dict[str, str]) -> None:
    reader = nifti_reader(app, people["alice"])
    assert reader.client.get(f"/viewer/{reader.series_id}?as=stack").status_code == 404
    assert reader.get("images/0.png?as=stack").status_code == 404
