"""Receiving uploads: streamed, hashed, refused early, answered as the specification says."""

import io
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.archive import ingest as ingest_module
from app.models import Instance, Study, User, db
from tests.conftest import csrf_of, sign_in
from tests.imaging.test_dicomdir import record, written
from tests.studies.uploading import ct_files, parts, upload, zip_of

URL = "/api/v1/uploads"


def leftovers(app: Flask) -> list[Path]:
    return list(app.extensions["store"].incoming.iterdir())


def test_a_folder_is_taken_in_and_each_refusal_has_its_reason(app: Flask, people: dict[str, Any]) -> None:
    client = sign_in(app, "alice")
    files = {**ct_files(3), "CT/notes.txt": b"not an image", "CT/empty.dcm": b""}
    answer = upload(client, files, **{"Accept-Language": "en"})
    body = answer.json
    assert answer.status_code == 201
    assert set(body) == {"accepted", "duplicates", "refused", "directories", "studies", "series"}
    assert (body["accepted"], body["duplicates"]) == (3, 0)
    assert (len(body["studies"]), len(body["series"])) == (1, 1)
    assert {one["name"]: one["reason"] for one in body["refused"]} == {
        "CT/notes.txt": "not a DICOM file: no DICM marker and no group 0002 or 0008 element",
        "CT/empty.dcm": "the file is empty (0 bytes)",
    }
    assert leftovers(app) == []


def test_the_index_of_a_disc_has_a_line_of_its_own(
    app: Flask, people: dict[str, Any], tmp_path: Path
) -> None:
    client = sign_in(app, "alice")
    records = [record("IMAGE", file=name) for name in (b"IM000", b"IM001", b"IM002")]
    index = written(tmp_path / "x", *records).read_bytes()
    data: dict[str, Any] = {
        "files": parts({"CT/DICOMDIR": index}),
        "paths": (io.BytesIO(b'["CT/IM000", "CT/im002"]'), "paths.json"),
    }
    headers = {"X-CSRFToken": csrf_of(client, "/upload"), "Accept-Language": "en"}
    body = client.post(URL, data=data, headers=headers).json
    assert (body["accepted"], body["refused"]) == (0, [])
    assert body["directories"] == [
        {
            "kind": "directory",
            "name": "CT/DICOMDIR",
            "records": 3,
            "files": 3,
            "missing_count": 1,
            "missing": ["IM001"],
            "text": "Index of a disc with 3 records. Files it names: 3; not in the upload: 1 (IM001). "
            "Upload the whole disc to have them.",
        }
    ]
    assert leftovers(app) == []


@pytest.mark.parametrize("names", [b"{}", b"nonsense", b"[1]", b"[" * 5000, b""])
def test_names_that_are_no_list_are_told(app: Flask, people: dict[str, Any], names: bytes) -> None:
    client = sign_in(app, "alice")
    data: dict[str, Any] = {"files": parts({"a": b"x"}), "paths": (io.BytesIO(names), "paths.json")}
    answer = client.post(URL, data=data, headers={"X-CSRFToken": csrf_of(client, "/upload")})
    assert (answer.status_code, answer.json["error"]["code"]) == (400, "invalid")
    assert leftovers(app) == []


def test_the_same_file_again_is_a_duplicate(app: Flask, people: dict[str, Any]) -> None:
    client = sign_in(app, "alice")
    upload(client, ct_files(2))
    again = upload(client, {"x.zip": zip_of(ct_files(3))}).json
    assert (again["accepted"], again["duplicates"]) == (1, 2)
    with app.app_context():
        assert db.session.query(Instance).count() == 3


def test_nobody_and_forgers_are_refused_before_the_body_is_read(app: Flask, people: dict[str, Any]) -> None:
    class Trap(io.RawIOBase):
        def readinto(self, _buffer: Any) -> int:
            raise AssertionError("the body was read")

    def post(client: Any, headers: dict[str, str]) -> Any:
        return client.post(
            URL,
            headers={"Content-Type": "multipart/form-data; boundary=x", **headers},
            environ_overrides={"wsgi.input": Trap(), "CONTENT_LENGTH": "1000"},
        )

    nobody = app.test_client()
    token = csrf_of(nobody, "/login")
    assert post(nobody, {"X-CSRFToken": token}).status_code == 401
    assert post(nobody, {"Authorization": "Bearer wrong"}).status_code == 401
    forged = post(sign_in(app, "alice"), {})
    assert (forged.status_code, forged.json["error"]["code"]) == (400, "csrf")


def test_a_request_beyond_the_limit_is_413_in_the_one_shape(app: Flask, people: dict[str, Any]) -> None:
    app.config["MAX_UPLOAD_SIZE"] = 2000
    answer = upload(sign_in(app, "alice"), {"a": b"x" * 3000})
    assert answer.status_code == 413
    assert set(answer.json["error"]) >= {"code", "message", "request_id"}
    assert leftovers(app) == []


def test_one_file_too_large_is_refused_alone(app: Flask, people: dict[str, Any]) -> None:
    app.config["MAX_FILE_SIZE"] = 20_000
    body = upload(sign_in(app, "alice"), {**ct_files(1), "big": b"x" * 30_000}).json
    assert (body["accepted"], [one["name"] for one in body["refused"]]) == (1, ["big"])


def test_a_full_storage_is_413_and_a_full_disk_507(
    app: Flask, people: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = sign_in(app, "alice")
    app.config["STORAGE_QUOTA"] = 10
    full = upload(client, ct_files(1))
    assert (full.status_code, full.json["error"]["code"]) == (413, "quota_exceeded")
    app.config.update(STORAGE_QUOTA=10**9, MIN_FREE_DISK=10**18)
    disk = upload(client, ct_files(1))
    assert (disk.status_code, disk.json["error"]["code"]) == (507, "storage_full")
    assert leftovers(app) == []


@pytest.mark.parametrize("data", [{}, {"note": "x"}, {"other": [(io.BytesIO(b"x"), "x")]}])
def test_a_request_without_files_is_told_so(app: Flask, people: dict[str, Any], data: Any) -> None:
    client = sign_in(app, "alice")
    headers = {"X-CSRFToken": csrf_of(client, "/upload")}
    answer = client.post(URL, data=data, headers=headers, content_type="multipart/form-data")
    assert (answer.status_code, answer.json["error"]["field"]) == (400, "files")
    assert leftovers(app) == []


def test_a_body_that_breaks_off_leaves_nothing(app: Flask, people: dict[str, Any]) -> None:
    client = sign_in(app, "alice")
    head = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\n' + b"y" * 100_000
    answer = client.post(
        URL,
        data=head,
        headers={
            "X-CSRFToken": csrf_of(client, "/upload"),
            "Content-Type": "multipart/form-data; boundary=x",
        },
    )
    assert (answer.status_code, answer.json["error"]["code"]) == (400, "invalid")
    assert leftovers(app) == []


def test_no_more_parts_than_allowed(app: Flask, people: dict[str, Any]) -> None:
    app.config["MAX_FORM_PARTS"] = 3
    answer = upload(sign_in(app, "alice"), {f"f{n}": b"x" for n in range(5)})
    assert answer.status_code == 413
    assert leftovers(app) == []


def test_a_bearer_needs_no_csrf_header(app: Flask, people: dict[str, Any]) -> None:
    from app.archive.accounts.links import hash_secret
    from app.models import ApiToken

    with app.app_context():
        alice = db.session.get_one(User, people["alice"])
        db.session.add(ApiToken(user_id=alice.id, token_hash=hash_secret("secret")))
        db.session.commit()
    answer = app.test_client().post(
        URL, data={"files": parts(ct_files(1))}, headers={"Authorization": "Bearer secret"}
    )
    assert (answer.status_code, answer.json["accepted"]) == (201, 1)


def test_reasons_come_in_the_users_language(app: Flask, people: dict[str, Any]) -> None:
    reasons = {
        language: upload(sign_in(app, "alice"), {"a": b""}, **{"Accept-Language": language}).json["refused"][
            0
        ]
        for language in ("en", "es")
    }
    assert reasons["en"]["reason"] != reasons["es"]["reason"]


def test_a_fault_inside_leaves_nothing(
    app: Flask, people: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = sign_in(app, "alice")

    def burst(*_args: Any, **_named: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(ingest_module, "_parse", burst)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    assert upload(client, ct_files(1)).status_code == 500
    assert leftovers(app) == []


def test_study_is_deidentified_while_each_image_says_so(app: Flask, people: dict[str, Any]) -> None:
    alice = sign_in(app, "alice")
    clean = ct_files(3, PatientIdentityRemoved="YES")
    study_id = upload(alice, clean).get_json()["studies"][0]
    with app.app_context():
        assert db.session.get(Study, study_id).is_deidentified is True  # type: ignore[union-attr]
    named = dict(list(ct_files(4).items())[3:])
    assert upload(alice, named).get_json()["studies"] == [study_id]
    with app.app_context():
        assert db.session.get(Study, study_id).is_deidentified is False  # type: ignore[union-attr]
