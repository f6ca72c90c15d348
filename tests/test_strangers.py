"""Every route asked as everybody: the owner, a stranger, an administrator, a disabled account, nobody.

The routes come from the application's own map; one that is not in the table below fails the test.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.models import GreyCurve, Instance, Job, Mark, User, db, new_id
from app.worker import run_queued
from tests.conftest import close_app, csrf_of, make_app, make_people, sign_in
from tests.studies.uploading import ct_files, ids_of, upload

# What a signed-in account may do to its own; strangers and administrators get 404.
OWNED_READ = {
    "studies.study",
    "studies_api.study",
    "studies_api.series",
    "viewer.view",
    "viewer.slice_png",
    "viewer.plane_png",
    "viewer.value",
    "viewer.voxel_stream",
    "viewer.histogram",
    "viewer.metadata",
    "reports.marks_csv",
    "reports.marks_json",
    "viewer.thumbnail",
    "viewer.progress",
    "workspace.workspace",
    "jobs.job",
    "jobs.result",
    "segmentation.listed",
    "segmentation.one",
    "segmentation.statistics_csv",
    "viewer_labels.layer",
    "viewer_labels.plane_png",
    "viewer_labels.oblique_png",
    "doses.listed",
    "scene3d.presets",
    "scene3d.level_mesh",
    "scene3d.segment_mesh",
}
# The owner's volume has no stack of images, his image is no dose: 404 even for the owner; what counts is
# that all get the same.
OWNED_ELSEWHERE = {
    "viewer.image_png",
    "reports.marks_dcm",
    "segmentation.export",
    "doses.header",
    "doses.voxels",
    "doses.histogram",
    "scene3d.scene",
}
OWNED_WRITE = {
    "scene3d.order",
    "scene3d.level_file",
    "scene3d.segment_file",
    "studies_api.delete_study",
    "studies_api.delete_series",
    "jobs.call_off",
    "viewer_exports.film",
    "viewer_exports.sheet",
    "reports.marks_import",
    "workspace.save_state",
    "workspace.statistics",
    "workspace.delete_mark",
    "workspace.delete_curve",
    "segmentation.create",
    "segmentation.change",
    "segmentation.delete",
    "segmentation.delete_segment",
}
# Objects named in the body.
OWNED_BODY = {
    "deidentification_api.export",
    "deidentification_api.preview",
    "workspace.put_mark",
    "workspace.put_curve",
}
SIGNED_IN = {
    "studies.worklist",
    "studies.upload_page",
    "studies_api.studies",
    "studies_api.progress",
    "studies_api.upload",
    "deidentification.editor",
    "accounts.account",
    "accounts.save_profile",
    "accounts.change_password",
    "accounts.end_other_sessions",
    "accounts.create_token",
    "accounts.revoke_token",
    "viewer.colorbar",
    "viewer.anatomy",
    "viewer.colormaps",
    "workspace.change_preferences",
}
PUBLIC = {
    "static",
    "health.healthz",
    "health.readyz",
    "accounts.login",
    "accounts.sign_in",
    "accounts.logout",
    "accounts.register",
    "accounts.setup",
    "accounts.invitation",
    "accounts.reset",
    "accounts.preferences",
}
# What an address needs beside its path.
_QUERIES = {
    "viewer.value": "?i=1&j=1&k=1",
    "viewer_labels.oblique_png": "?origin=0,0,0&row=1,0,0&col=0,1,0&size=4,3&spacing=1",
    "viewer.plane_png": "?origin=0,0,0&row=1,0,0&col=0,1,0&size=4,3&spacing=1",
}


_PROBE = {"kind": "probe", "space": "patient", "points": [[0, 0, 0]]}
_CURVE = {"name": "Lung", "unit": "HU", "points": [[0, 0], [1, 255]]}


@dataclass(frozen=True)
class Route:
    endpoint: str
    method: str
    path: str


@dataclass
class World:
    """Alice's things, and everybody's browser."""

    app: Flask
    browsers: dict[str, FlaskClient]
    ids: dict[str, str]

    def routes(self) -> list[Route]:
        """Each rule and method with Alice's ids filled in."""
        values: dict[str, Any] = {
            **self.ids,
            "plane": "axial",
            "index": 1,
            "name": "gray",
            "filename": "css/tokens.css",
            "version": "0123456789abcdef",
            "token": "no-such-link",
            "token_id": "00000000-0000-4000-8000-000000000000",
            "link_id": "00000000-0000-4000-8000-000000000000",
            "key": "0" * 32,
            "level": "-100",
            "number": 1,
        }
        urls = self.app.url_map.bind("localhost")
        found = []
        for rule in self.app.url_map.iter_rules():
            named = {name: values[name] for name in rule.arguments}
            if rule.endpoint == "viewer_labels.layer":
                named["index"] = 0
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                found.append(Route(rule.endpoint, method, urls.build(rule.endpoint, named, method=method)))
        return found

    def ask(self, who: str, route: Route, *, token: bool = True) -> Any:
        """The answer *who* gets; with *token* as the pages ask, without it as another site would."""
        client = self.browsers[who]
        headers = (
            {"X-CSRFToken": csrf_of(client, "/login" if who == "nobody" else "/account")} if token else {}
        )
        path = route.path + _QUERIES.get(route.endpoint, "")
        body: dict[str, Any] | None = None
        if route.endpoint == "deidentification_api.export":
            body = {"series": [self.ids["series_id"]], "preset": "anonymous"}
        elif route.endpoint == "deidentification_api.preview":
            body = {"series": self.ids["series_id"], "image": 1}
        elif route.endpoint == "workspace.put_mark":
            body = {"series_id": self.ids["series_id"], "part": 0, **_PROBE}
        elif route.endpoint == "workspace.put_curve":
            body = _CURVE
        answer = client.open(path, method=route.method, headers=headers, json=body)
        answer.close()  # a static file's stream
        return answer


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    app = make_app(tmp_path_factory.mktemp("world"))
    yield make_world(app, make_people(app))
    close_app(app)


def make_world(app: Flask, people: dict[str, str]) -> World:
    """Alice's volume and a job of hers; Bob was disabled while he was signed in."""
    browsers = {name: sign_in(app, name) for name in ("alice", "charlie", "ada", "bob")}
    browsers["nobody"] = app.test_client()
    report = upload(browsers["alice"], ct_files()).get_json()
    assert report["accepted"] == 4, report
    run_queued(app)
    study_id, series_id = report["studies"][0], report["series"][0]
    address, token = f"/api/v1/series/{series_id}/segmentations", csrf_of(browsers["alice"], "/account")
    made = browsers["alice"].post(address, json={"name": "Liver"}, headers={"X-CSRFToken": token})
    assert made.status_code == 201, made.text
    with app.app_context():
        instance_id = db.session.scalars(db.select(Instance.id)).first()
        job = Job(owner_id=people["alice"], kind="deidentify", key="test", state="done")
        mark = Mark(id=new_id(), user_id=people["alice"], series_row_id=series_id)
        mark.part, mark.phase, mark.kind, mark.data, mark.size = 0, 0, "probe", _PROBE, 2
        curve = GreyCurve(id=new_id(), user_id=people["alice"], **_CURVE)
        db.session.add_all((job, mark, curve))
        db.session.get(User, people["bob"]).is_enabled = False  # type: ignore[union-attr]
        db.session.commit()
        ids = {"study_id": study_id, "series_id": series_id, "job_id": job.id, "user_id": people["alice"]}
        ids |= {"mark_id": mark.id, "curve_id": curve.id}
        ids |= {"segmentation_id": made.get_json()["id"], "instance_id": str(instance_id)}
    assert ids_of(browsers["alice"].get(f"/api/v1/studies/{study_id}").get_json()["series"]) == [series_id]
    return World(app, browsers, ids)


def test_each_route_is_in_the_table(world: World) -> None:
    known = OWNED_READ | OWNED_ELSEWHERE | OWNED_WRITE | OWNED_BODY | SIGNED_IN | PUBLIC
    unknown = {
        route.endpoint
        for route in world.routes()
        if route.endpoint not in known and not route.endpoint.startswith("admin.")
    }
    assert unknown == set()


def test_owner_reads_what_is_his(world: World) -> None:
    for route in world.routes():
        if route.endpoint in OWNED_READ - {"jobs.result"}:
            assert world.ask("alice", route).status_code == 200, route


def test_strangers_and_administrators_find_nothing(world: World) -> None:
    for route in world.routes():
        if route.endpoint in OWNED_READ | OWNED_ELSEWHERE | OWNED_WRITE | OWNED_BODY:
            for who in ("charlie", "ada"):
                assert world.ask(who, route).status_code == 404, (who, route)


def test_parts_phases_and_original_images_of_others_are_not_found(world: World) -> None:
    """Whether the part is there, is not, or cannot be meant: the same answer, as if nothing were."""
    queries = (
        "part=0&phase=0",
        "part=0&as=stack",
        "part=99",
        "phase=99",
        "part=x",
        "as=x",
        "lut=0",
        "slab_mm=5",
    )
    endpoints = {endpoint for endpoint in OWNED_READ | OWNED_ELSEWHERE if endpoint.startswith("viewer.")}
    for route in world.routes():
        if route.endpoint in endpoints:
            for query in queries:
                for who in ("charlie", "ada"):
                    answer = world.browsers[who].get(f"{route.path}?{query}")
                    assert answer.status_code == 404, (who, route, query)


def test_nobody_and_the_disabled_are_sent_to_sign_in(world: World) -> None:
    for route in world.routes():
        if route.endpoint in PUBLIC:
            continue
        for who in ("nobody", "bob"):
            answer = world.ask("nobody", route) if who == "nobody" else _ask_disabled(world, route)
            assert answer.status_code in {302, 401}, (who, route, answer.status_code)
            if answer.status_code == 302:
                assert answer.headers["Location"].startswith("/login"), (who, route)


def _ask_disabled(world: World, route: Route) -> Any:
    """Bob's open session, with the token of the page anybody gets: he is out, whatever he holds."""
    client = world.browsers["bob"]
    return client.open(route.path, method=route.method, headers={"X-CSRFToken": csrf_of(client, "/login")})


def test_administration_is_hidden_from_others(world: World) -> None:
    for route in world.routes():
        if route.endpoint.startswith("admin."):
            assert world.ask("charlie", route).status_code == 404, route


def test_a_write_without_its_token_is_refused(world: World) -> None:
    for route in world.routes():
        if route.method in {"POST", "PUT", "PATCH", "DELETE"}:
            for who in ("alice", "ada"):
                answer = world.ask(who, route, token=False)
                assert answer.status_code == 400, (who, route, answer.status_code)


def test_answers_carry_the_security_headers(world: World) -> None:
    for route in world.routes():
        if route.method != "GET":
            continue
        headers = world.ask("alice", route).headers
        policy = headers["Content-Security-Policy"]
        assert "script-src 'self'" in policy, route
        assert "unsafe" not in policy, route
        assert headers["X-Content-Type-Options"] == "nosniff", route
        assert "public" not in headers.get("Cache-Control", "") or route.endpoint == "static", route


def test_a_forged_bearer_token_does_not_fall_back_to_the_cookie(world: World) -> None:
    answer = world.browsers["alice"].get("/api/v1/studies", headers={"Authorization": "Bearer wrong"})
    assert answer.status_code == 401
