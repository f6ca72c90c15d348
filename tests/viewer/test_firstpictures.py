"""The pictures that a page brings with it: those that its script will ask for."""

import html
import re
from typing import Any

import pytest

from app.viewer.firstpictures import first_pictures
from tests.viewer.conftest import Reader

FITTED = {"zoom": 1, "dx": 0, "dy": 0, "turn": 0, "mirrored": False}


def data(**more: Any) -> dict[str, Any]:
    """An axial volume of 40 × 30 × 20 voxels of 0.5 × 0.5 × 5 mm whose first voxel lies at (−10, 20, 100)."""
    size = {"axial": (40, 30, 0.5, 0.5), "sagittal": (30, 20, 0.5, 5.0), "coronal": (40, 20, 0.5, 5.0)}
    axes = {"axial": [0, 1, 2], "sagittal": [1, 2, 0], "coronal": [0, 2, 1]}
    planes = [
        {
            "plane": plane,
            "width": w,
            "height": h,
            "spacing_x_mm": x,
            "spacing_y_mm": y,
            "axes_ijk": axes[plane],
        }
        for plane, (w, h, x, y) in size.items()
    ]
    return {
        "id": "some-id",
        "kind": "volume",
        "planes": planes,
        "shape_ijk": [40, 30, 20],
        "affine": [[0.5, 0, 0, -10], [0, 0.5, 0, 20], [0, 0, 5, 100], [0, 0, 0, 1]],
        "window": {"center": 40, "width": 400},
        "is_inverted": False,
        "overlays": [],
        "phases": None,
        "revision": 3,
        "query": "",
    } | more


def test_three_middle_slices_as_the_script_asks_for_them() -> None:
    found = first_pictures(data(), None)
    assert found["axial"] == {
        "url": "/series/some-id/slices/axial/10.png?ww=400&wc=40&cmap=gray&rev=3",
        "width": 20.0,
        "height": 15.0,
    }
    assert found["sagittal"]["url"].startswith("/series/some-id/slices/sagittal/20.png?")
    assert found["coronal"]["url"].startswith("/series/some-id/slices/coronal/15.png?")
    assert (found["coronal"]["width"], found["coronal"]["height"]) == (20.0, 100.0)


def test_a_reader_comes_back_to_where_he_was() -> None:
    saved = {
        "point_lps": [-5.2, 21.4, 184.0],  # voxel 9.6, 2.8, 16.8
        "window": {"center": -600, "width": 1500.5},
        "colormap": "hot",
        "inverted": True,
        "views": {"axial": FITTED},
        "layout": "2x2",
    }
    found = first_pictures(data(), saved)
    query = "?ww=1500.5&wc=-600&cmap=hot&invert=1&rev=3"
    assert found["axial"]["url"] == f"/series/some-id/slices/axial/17.png{query}"
    assert found["sagittal"]["url"] == f"/series/some-id/slices/sagittal/10.png{query}"
    assert found["coronal"]["url"] == f"/series/some-id/slices/coronal/3.png{query}"


def test_a_part_and_a_phase_are_told_in_the_scripts_order() -> None:
    found = first_pictures(data(query="part=1&phase=2", phases={"now": 2}), None)
    assert found["axial"]["url"].endswith("?ww=400&wc=40&cmap=gray&phase=2&rev=3&part=1")


@pytest.mark.parametrize(
    "saved",
    [
        {"axes": [[1, 0, 0], [0, 1, 0], [0, 0, 1]]},
        {"slab": {"mm": 10, "projection": "mip"}},
        {"views": {"axial": FITTED | {"zoom": 2}}},
        {"views": "none"},
        {"layout": "1x3"},
        {"order": ["coronal", "axial", "sagittal"]},
        {"window": {"curve": [[0, 0], [1, 255]]}},
        {"window": {"center": "wide"}},
        {"point_lps": [0, 0, 1e9]},
        {"point_lps": "here"},
        {"point_lps": [float("nan"), 0, 0]},
    ],
    ids=lambda saved: next(iter(saved)),
)
def test_what_needs_thought_is_left_to_the_script(saved: dict[str, Any]) -> None:
    assert first_pictures(data(), saved) == {}


def test_stacks_have_none() -> None:
    assert first_pictures(data(kind="stack"), None) == {}


def test_the_page_asks_for_them_before_its_modules(volume: Reader) -> None:
    page = volume.page().text
    found = [html.unescape(url) for url in re.findall(r'<link rel="preload" as="image" href="([^"]+)"', page)]
    assert [url.split("?")[0].rsplit("/", 2)[-2:] for url in found] == [
        ["axial", "1.png"],
        ["sagittal", "2.png"],
        ["coronal", "2.png"],
    ]
    assert page.index('rel="preload" as="image"') < page.index('rel="modulepreload"')
    assert [html.unescape(url) for url in re.findall(r'<image href="([^"]+)"', page)] == found
    for url in found:
        assert volume.client.get(url).mimetype == "image/png"
