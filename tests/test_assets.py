"""Static files: an address that names their content, sent compressed, modules told ahead."""

import gzip
import re
from pathlib import Path

import pytest
from flask import Flask

from app.assets import Assets


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in {
        "js/pages/a.js": 'import { b } from "../lib/b.js";\nimport {\n  c,\n} from "./c.js";\n'
        'const d = "../lib/no.js";\n',
        "js/lib/b.js": "// import from nothing\nexport const b = 1;\n",
        "js/pages/c.js": 'export { b as c } from "../lib/b.js";\n',
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_modules_are_listed_once_nearest_first(folder: Path) -> None:
    assert Assets(folder).modules_of("js/pages/a.js") == ["js/pages/a.js", "js/lib/b.js", "js/pages/c.js"]


def test_another_content_is_another_version(folder: Path) -> None:
    before = Assets(folder).version
    assert Assets(folder).version == before
    (folder / "js/lib/b.js").write_text("export const b = 2;\n")
    assert Assets(folder).version != before


def test_all_that_the_viewer_imports_is_there() -> None:
    root = Path(__file__).resolve().parent.parent / "static"
    modules = Assets(root).modules_of("js/pages/viewer.js")
    assert "js/lib/frames.js" in modules
    assert [name for name in modules if not (root / name).is_file()] == []


def test_a_named_version_is_kept_for_good(app: Flask) -> None:
    client = app.test_client()
    page = client.get("/login", headers={"Accept-Language": "en"}).text
    found = re.search(r'href="(/static/v/[0-9a-f]{16}/css/base\.css)"', page)
    assert found
    kept = client.get(found[1], headers={"Accept-Encoding": "gzip"})
    assert kept.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert kept.headers["Content-Encoding"] == "gzip"
    assert kept.headers["Vary"] == "Accept-Encoding"
    plain = client.get(found[1])
    assert "Content-Encoding" not in plain.headers
    assert gzip.decompress(kept.data) == plain.data
    assert kept.headers["ETag"] != plain.headers["ETag"]
    # Whoever refuses gzip by name does not get it.
    assert "Content-Encoding" not in client.get(found[1], headers={"Accept-Encoding": "gzip;q=0"}).headers


def test_an_address_of_yesterday_is_asked_for_again(app: Flask) -> None:
    client = app.test_client()
    old = client.get("/static/v/0123456789abcdef/css/base.css")
    assert (old.status_code, old.headers["Cache-Control"]) == (200, "no-cache")
    plain = client.get("/static/css/base.css")
    assert plain.headers["Cache-Control"] == "no-cache"
    again = client.get("/static/css/base.css", headers={"If-None-Match": plain.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    "name",
    [
        "../app/__init__.py",
        "js/../../wsgi.py",
        "js",
        "nothing.js",
        "%2e%2e/wsgi.py",
        "a%00.js",
        "a" * 300 + ".js",
    ],
)
def test_nothing_else_is_served(app: Flask, name: str) -> None:
    client = app.test_client()
    assert client.get(f"/static/{name}").status_code == 404
    assert client.get(f"/static/v/0123456789abcdef/{name}").status_code == 404
