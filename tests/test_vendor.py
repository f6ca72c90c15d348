"""The 3D libraries' scripts among the static files: the five that are loaded, Panel's styles, no more."""

from importlib.metadata import version

import pytest
from flask import Flask

from app.vendor import vendor_file, vendor_scripts

PANEL, BOKEH = version("panel"), version("bokeh")


def test_the_scripts_come_compressed_and_are_kept(app: Flask) -> None:
    with app.test_request_context():
        addresses = app.jinja_env.globals["scene_scripts"]()  # type: ignore[operator]
    assert [address.rsplit("/", 1)[1] for address in addresses] == [
        "bokeh.min.js",
        "bokeh-widgets.min.js",
        "bokeh-tables.min.js",
        "vtk.js",
        "panel.min.js",
    ]
    client = app.test_client()
    for address in addresses:
        answer = client.get(address, headers={"Accept-Encoding": "gzip"})
        assert answer.status_code == 200
        assert answer.headers["Content-Encoding"] == "gzip"
        assert answer.data[:2] == b"\x1f\x8b"
        assert "immutable" in answer.headers["Cache-Control"]
        assert "Set-Cookie" not in answer.headers


def test_panels_styles_are_served_where_its_documents_name_them(app: Flask) -> None:
    answer = app.test_client().get(f"/static/vendor/panel/{PANEL}/dist/css/loading.css")
    assert (answer.status_code, answer.mimetype) == (200, "text/css")


@pytest.mark.parametrize(
    "name",
    [
        f"vendor/panel/{PANEL}/dist/../__init__.py",
        f"vendor/panel/{PANEL}/dist/panel.js",
        f"vendor/panel/{PANEL}/dist/css/none.css",
        "vendor/panel/0.1/dist/css/loading.css",
        f"vendor/bokeh/{BOKEH}/bokeh.js",
        f"vendor/bokeh/{BOKEH}/../css/x.css",
        "vendor/numpy/1.0/x.css",
        "vendor/panel",
    ],
)
def test_nothing_else_of_the_packages(app: Flask, name: str) -> None:
    assert app.test_client().get(f"/static/{name}").status_code == 404


def test_each_script_is_a_file() -> None:
    for name in vendor_scripts():
        path = vendor_file(name)
        assert path is not None
        assert path.is_file()
