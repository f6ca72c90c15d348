"""A job's state, its result and its cancellation, for the one who started it."""

from typing import Any

import pytest
from flask import Flask

from app.imaging.errors import Message
from app.models import Job, db
from tests.conftest import csrf_of, sign_in


def add_job(app: Flask, owner_id: str, **columns: Any) -> str:
    with app.app_context():
        job = Job(owner_id=owner_id, kind="export", key="k", **columns)
        db.session.add(job)
        db.session.commit()
        return job.id


def test_a_running_job_tells_how_far_it_is(app: Flask, people: dict[str, Any]) -> None:
    message = Message("Slice %(n)s", {"n": 3}).as_json()
    job = add_job(app, people["alice"], state="running", progress=0.25, message=message)
    body = sign_in(app, "alice").get(f"/api/v1/jobs/{job}").json
    assert body == {"id": job, "kind": "export", "state": "running", "progress": 0.25, "message": "Slice 3"}


def test_a_failed_job_says_why(app: Flask, people: dict[str, Any]) -> None:
    job = add_job(app, people["alice"], state="failed", error=Message("no room").as_json())
    body = sign_in(app, "alice").get(f"/api/v1/jobs/{job}").json
    assert (body["state"], body["error"]) == ("failed", "no room")


@pytest.mark.parametrize("state", ["queued", "running", "failed", "cancelled"])
def test_the_result_is_409_while_it_is_not_done(app: Flask, people: dict[str, Any], state: str) -> None:
    job = add_job(app, people["alice"], state=state)
    assert sign_in(app, "alice").get(f"/api/v1/jobs/{job}/result").status_code == 409


def test_the_file_of_a_done_job_is_handed_out(app: Flask, people: dict[str, Any]) -> None:
    job = add_job(app, people["alice"], state="done")
    app.extensions["store"].job_result(job, ".zip").write_bytes(b"PK")
    with app.app_context():
        row = db.session.get_one(Job, job)
        row.result = {"file": f"{job}.zip", "download_name": "images.zip"}
        db.session.commit()
    answer = sign_in(app, "alice").get(f"/api/v1/jobs/{job}/result", buffered=True)
    assert (answer.status_code, answer.data) == (200, b"PK")
    assert answer.headers["Content-Disposition"] == "attachment; filename=images.zip"
    assert "private" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("stored", [None, {}, {"file": "../../secret_key"}, {"file": ".zip/../x"}])
def test_no_other_file_is_ever_handed_out(app: Flask, people: dict[str, Any], stored: Any) -> None:
    job = add_job(app, people["alice"], state="done", result=stored)
    assert sign_in(app, "alice").get(f"/api/v1/jobs/{job}/result").status_code == 404


def test_cancelling_ends_a_waiting_job_and_leaves_a_done_one(app: Flask, people: dict[str, Any]) -> None:
    waiting, done = (add_job(app, people["alice"], state=state) for state in ("queued", "done"))
    client = sign_in(app, "alice")
    headers = {"X-CSRFToken": csrf_of(client, "/account")}
    for job in (waiting, done):
        assert client.delete(f"/api/v1/jobs/{job}", headers=headers).status_code == 204
    states = [client.get(f"/api/v1/jobs/{job}").json["state"] for job in (waiting, done)]
    assert states == ["cancelled", "done"]


def test_strangers_find_no_job(app: Flask, people: dict[str, Any]) -> None:
    job = add_job(app, people["alice"])
    client = sign_in(app, "bob")
    headers = {"X-CSRFToken": csrf_of(client, "/account")}
    assert client.get(f"/api/v1/jobs/{job}").status_code == 404
    assert client.get(f"/api/v1/jobs/{job}/result").status_code == 404
    assert client.delete(f"/api/v1/jobs/{job}", headers=headers).status_code == 404
    assert app.test_client().get(f"/api/v1/jobs/{job}").status_code == 401
