"""Films through the API and the job: frames, their pace, and pixels as the picture's own address has them."""

import io
from typing import Any

import numpy as np
import pytest
from flask import Flask
from PIL import Image

from app.models import Job, db
from app.viewer import films
from app.worker import run_queued
from tests.conftest import csrf_of, sign_in
from tests.imaging.phantoms import ct_slice
from tests.viewer.conftest import ENGLISH, Reader, reader_of

AS_STORED = {"ww": 256, "wc": -896}


def order(reader: Reader, query: str = "", **body: Any) -> Any:
    headers = {"X-CSRFToken": csrf_of(reader.client, "/account"), **ENGLISH}
    return reader.client.post(
        f"/api/v1/series/{reader.series_id}/films{query}", json=body, headers=headers
    )  # fmt: skip


def film(reader: Reader, query: str = "", **body: Any) -> Any:
    """The finished film, in memory."""
    answer = order(reader, query, **body)
    assert answer.status_code == 202, answer.text
    run_queued(reader.app)
    job = reader.client.get(f"/api/v1/jobs/{answer.json['job']}", headers=ENGLISH).json
    assert (job["state"], job["progress"]) == ("done", 1.0), job
    result = reader.client.get(f"/api/v1/jobs/{answer.json['job']}/result")
    data = result.data
    result.close()
    return Image.open(io.BytesIO(data))


def greys(film: Any, frame: int) -> list[list[int]]:
    film.seek(frame)
    return np.asarray(film.convert("RGB"))[:, :, 1].tolist()  # type: ignore[no-any-return]


@pytest.mark.parametrize("name", ["gif", "webp"])
def test_a_film_of_slices_has_their_pixels(volume: Reader, name: str) -> None:
    made = film(volume, plane="axial", format=name, fps=5, first=0, last=2, width=5, **AS_STORED)
    # 2.5 × 8 mm on 5 pixels across: 16 down.
    assert (made.n_frames, made.size) == (3, (5, 16))
    made.seek(1)
    made.load()
    assert made.info["duration"] == 200
    # The rows of the slice stretched fourfold: the outermost ones keep its greys.
    assert greys(made, 1)[0] == [100, 101, 102, 103, 104]
    assert greys(made, 2)[-1] == [230, 231, 232, 233, 234]


def test_an_unscaled_film_equals_the_pictures(app: Flask, people: dict[str, Any]) -> None:
    reader = reader_of(app, people["alice"], (ct_slice(k, spacing=(2.0, 2.0)) for k in range(3)))
    made = film(reader, plane="axial", format="gif", **AS_STORED)
    assert made.size == (5, 4)
    for k in range(3):
        assert greys(made, k) == reader.greys(f"slices/axial/{k}.png?ww=256&wc=-896")


def test_a_film_may_run_backwards_and_inverted(volume: Reader) -> None:
    made = film(volume, plane="axial", first=2, last=1, width=5, invert=True, **AS_STORED)
    assert made.n_frames == 2
    assert greys(made, 0)[0] == [55, 54, 53, 52, 51]  # 255 − 200, …


def test_a_film_in_colours(volume: Reader) -> None:
    made = film(volume, plane="axial", last=1, width=5, cmap="hot", **AS_STORED)
    assert made.convert("RGB").getpixel((0, 0)) == (10, 0, 0)


def test_a_film_of_a_stack(stack: Reader) -> None:
    made = film(stack, format="webp", **AS_STORED)
    assert (made.n_frames, made.size) == (2, (5, 16))
    # The other image is 3.5 × 12 mm: 16 down are 5 across (4.67).
    assert set(np.unique(greys(made, 1))) == {150}


def test_a_film_of_a_stack_has_no_planes(stack: Reader) -> None:
    answer = order(stack, plane="axial")
    assert (answer.status_code, answer.json["error"]["field"]) == (400, "plane")


def test_a_film_of_phases(app: Flask, people: dict[str, Any]) -> None:
    slices = []
    for phase in range(3):
        for k in range(2):
            made = ct_slice(k, spacing=(2.0, 2.0), TemporalPositionIdentifier=phase + 1)
            made.SOPInstanceUID += f".{phase}"
            made.PixelData = (made.pixel_array + 10 * phase).astype("<i2").tobytes()
            made.InstanceNumber, made.AcquisitionNumber = 2 * phase + k + 1, phase + 1
            slices.append(made)
    reader = reader_of(app, people["alice"], slices)
    made = film(reader, over="phases", plane="axial", index=0, fps=2, **AS_STORED)
    assert made.n_frames == 3
    assert [greys(made, n)[0][0] for n in range(3)] == [0, 10, 20]
    one = film(reader, plane="axial", phase=2, **AS_STORED)
    assert (one.n_frames, greys(one, 1)[0][0]) == (2, 120)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"plane": "oblique"}, "plane"),
        ({"format": "mp4"}, "format"),
        ({"fps": 0}, "fps"),
        ({"fps": 31}, "fps"),
        ({"fps": "fast"}, "fps"),
        ({"first": -1}, "first"),
        ({"last": 3}, "last"),
        ({"last": True}, "last"),
        ({"width": 1025}, "width"),
        ({"ww": 0, "wc": 1}, "ww"),
        ({"cmap": "rainbow"}, "cmap"),
        ({"ww": [1]}, "ww"),
        ({"over": "years"}, "over"),
        ({"slab_mm": -1}, "slab_mm"),
        ({"phase": 7}, None),
    ],
)
def test_films_without_sense_are_named(volume: Reader, body: dict[str, Any], field: str | None) -> None:
    answer = order(volume, **body)
    assert answer.status_code == (404 if field is None else 400)
    assert answer.json["error"].get("field") == field
    with volume.app.app_context():
        assert db.session.query(Job).filter_by(kind="film").count() == 0


@pytest.mark.parametrize("body", [[], "film", 3])
def test_a_body_that_is_no_object(volume: Reader, body: Any) -> None:
    headers = {"X-CSRFToken": csrf_of(volume.client, "/account")}
    answer = volume.client.post(f"/api/v1/series/{volume.series_id}/films", json=body, headers=headers)
    assert answer.status_code == 400


@pytest.mark.parametrize("path", ["films", "sheet.pdf"])
def test_a_body_that_nests_for_ever(volume: Reader, path: str) -> None:
    headers = {"X-CSRFToken": csrf_of(volume.client, "/account"), "Content-Type": "application/json"}
    url = f"/api/v1/series/{volume.series_id}/{path}"
    assert volume.client.post(url, data="[" * 100_000, headers=headers).status_code == 400


def test_only_what_makes_a_film_is_kept(volume: Reader) -> None:
    answer = order(volume, fps=4, ww=256, wc=-896, note="y" * 100_000)
    with volume.app.app_context():
        job = db.session.get(Job, answer.json["job"])
        assert job is not None
        assert job.arguments["film"] == {"fps": 4, "ww": 256, "wc": -896}
    assert order(volume, fps=4, ww=256, wc=-896).json["job"] == answer.json["job"]


def test_one_account_does_not_fill_the_queue(volume: Reader) -> None:
    jobs = [order(volume, fps=fps) for fps in (1, 2, 3, 4)]
    refused = order(volume, fps=5)
    assert (refused.status_code, refused.json["error"]["code"]) == (409, "conflict")
    assert "4 films of yours" in refused.json["error"]["message"]
    # What is under way already may be asked for again.
    assert order(volume, fps=4).json["job"] == jobs[3].json["job"]
    run_queued(volume.app)
    assert order(volume, fps=5).status_code == 202


def test_the_same_film_is_made_once(volume: Reader) -> None:
    first, second = order(volume, fps=4), order(volume, fps=4)
    assert first.json["job"] == second.json["job"]
    assert order(volume, fps=5).json["job"] != first.json["job"]


def test_neither_job_nor_file_names_anybody(volume: Reader) -> None:
    answer = order(volume, plane="axial")
    run_queued(volume.app)
    result = volume.client.get(f"/api/v1/jobs/{answer.json['job']}/result")
    assert result.headers["Content-Disposition"] == "attachment; filename=triplano-axial.gif"
    assert b"Phantom" not in result.data
    result.close()
    with volume.app.app_context():
        job = db.session.get(Job, answer.json["job"])
        assert "Phantom" not in str(job.arguments) + str(job.result)  # type: ignore[union-attr]


def test_a_series_gone_meanwhile_fails_the_job(volume: Reader) -> None:
    job_id = order(volume, plane="axial").json["job"]
    volume.change(state="failed")
    run_queued(volume.app)
    assert volume.client.get(f"/api/v1/jobs/{job_id}").json["state"] == "failed"


def test_a_series_deleted_while_its_film_is_made(volume: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    job_id = order(volume, plane="axial").json["job"]
    make_frame = films.film_frame

    def delete_first(*wanted: Any) -> Any:
        headers = {"X-CSRFToken": csrf_of(volume.client, "/account")}
        volume.client.delete(f"/api/v1/series/{volume.series_id}", headers=headers)
        return make_frame(*wanted)

    monkeypatch.setattr(films, "film_frame", delete_first)
    run_queued(volume.app)
    job = volume.client.get(f"/api/v1/jobs/{job_id}", headers=ENGLISH).json
    assert (job["state"], job["error"]) == ("failed", "It was deleted.")


def test_strangers_get_no_film(volume: Reader) -> None:
    charlie = Reader(volume.app, sign_in(volume.app, "charlie"), volume.series_id)
    assert order(charlie, plane="axial").status_code == 404
