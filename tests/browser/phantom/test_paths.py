"""Pictures made in the browser and by the server, and measurements by three ways out: all alike."""

import base64
import csv
import io
import json
import re
import urllib.request
from collections.abc import Callable
from typing import Any

import numpy as np
import pydicom
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Watch, until_saved
from tests.browser.looking import READ_CANVAS, open_viewer, pane, settle
from tests.browser.phantom.conftest import Sit
from tests.browser.phantom.desk import PLANES, Desk
from tests.browser.phantom.scans import BOXES, SCANS, SPHERE
from tests.browser.series import Archive
from tests.browser.viewing import number

pytestmark = pytest.mark.browser

# Width, level, colour map, slices further on: what is done, one after the other.
STEPS = [
    ("400", "40", "gray", 0),
    ("1500", "-600", "gray", 2),
    ("7", "59", "hot", 1),
    ("2041", "-1.5", "viridis", -2),
    ("1", "0", "jet", 0),
    ("333", "100.5", "bone", 3),
]


@pytest.mark.parametrize("ratio", [1, 2])
@pytest.mark.parametrize("name", SCANS)
def test_the_browser_makes_the_pictures_that_the_server_makes(
    archive: Archive, screen: Callable[[int], Page], watch: Watch, name: str, ratio: int
) -> None:
    """Six windows, colour maps and slices, on all planes, byte by byte; the second page gets no volume."""
    archive.forget(name)
    local, remote = screen(ratio), screen(ratio)
    watch.expected.append("net::ERR_FAILED")
    remote.route("**/voxels?*", lambda route: route.abort())
    for page in (local, remote):
        open_viewer(page, archive.ids[name])
    expect(local.locator(".viewer")).to_have_attribute("data-volume", "here")
    local.evaluate("performance.clearResourceTimings()")
    for width, level, colormap, steps in STEPS:
        for page in (local, remote):
            change(page, width, level, colormap, steps)
        for plane in PLANES:
            mine, theirs = drawn(local, plane), None
            for _ in range(40):  # the server's picture may be on its way
                theirs = drawn(remote, plane)
                if mine.shape == theirs.shape and (mine == theirs).all():
                    break
                remote.wait_for_timeout(50)
            assert theirs is not None
            assert mine.shape == theirs.shape
            assert (mine == theirs).all(), (
                width,
                level,
                colormap,
                plane,
                np.argwhere(mine != theirs)[:3],
            )
            assert np.ptp(mine) > 0
    assert pictures_fetched(local) == 0
    assert pictures_fetched(remote) > 0
    assert remote.locator(".viewer").get_attribute("data-volume") != "here"
    for page in (local, remote):
        until_saved(page)


def change(page: Page, width: str, level: str, colormap: str, steps: int) -> None:
    number(page, "width", width)
    number(page, "center", level)
    page.locator(f"label.colormap:has([value={colormap}])").click()
    for plane in PLANES:
        pane(page, plane).focus()
        for _ in range(abs(steps)):
            page.keyboard.press("ArrowDown" if steps > 0 else "ArrowUp")
    settle(page)


def drawn(page: Page, plane: str) -> np.ndarray:
    canvas = pane(page, plane).locator("canvas.pane-image")
    height, width, text = canvas.evaluate(READ_CANVAS, 1)
    return np.frombuffer(base64.b64decode(text), np.uint8).reshape(height, width, 3)


def pictures_fetched(page: Page) -> int:
    count: int = page.evaluate(
        "() => performance.getEntriesByType('resource').filter(({ name }) => /\\.png\\?/.test(name)"
        " && /slices|images/.test(name)).length"
    )
    return count


def test_table_json_and_report_tell_the_same(sit: Sit) -> None:
    """A length, an angle, a rectangle, an ellipse and a probe: CSV, JSON, SR and what the page says."""
    desk = sit("tilted")
    middle = desk.show(SPHERE, "axial")
    seen = desk.planes["axial"]
    ray = 0.6 * seen.right + 0.8 * seen.down
    desk.tool("length")
    desk.drag("axial", middle - 15 * ray, middle + 15 * ray)
    desk.tool("angle")
    desk.drag("axial", middle + 20 * seen.right, middle + 24 * seen.right + 24 * seen.down)
    desk.click("axial", middle - 20 * seen.right + 24 * seen.down)
    words = {}
    for kind, hu in (("rectangle", 1000), ("ellipse", -600), ("probe", 300)):
        place = desk.show(BOXES[hu], "axial")
        desk.tool(kind)
        if kind == "probe":
            desk.click("axial", place)
        else:
            desk.drag(
                "axial",
                place - (3 * seen.right if kind == "rectangle" else 0),
                place + 3 * seen.right + 2 * seen.down,
            )
        expect(desk.pane("axial").locator(".mark.is-selected .mark-words")).to_contain_text("HU")
        words[kind] = desk.words("axial").replace(",", "").replace("\u2212", "-")
    desk.saved()
    rows = list(csv.DictReader(io.StringIO(fetch(desk, "csv").decode("utf-8-sig"))))
    table = {(row["mark_id"], row["measure"]): (float(row["value"]), row["unit"]) for row in rows}
    marks = json.loads(fetch(desk, "json"))["marks"]
    kinds = {mark["id"]: mark["kind"] for mark in marks}
    listed = {
        (mark["id"], measure["name"]): (measure["value"], measure["unit"])
        for mark in marks
        for measure in mark["measures"]
    }
    assert sorted(kinds.values()) == ["angle", "ellipse", "length", "probe", "rectangle"]
    assert table.keys() == listed.keys()
    for key, (value, unit) in listed.items():
        assert table[key][0] == pytest.approx(value, abs=5.1e-5)
        assert table[key][1] == unit
    reported = numbers_of(pydicom.dcmread(io.BytesIO(fetch(desk, "dcm"))))
    assert sorted(reported) == sorted(round(value, 3) for value, _ in listed.values())
    by_kind = {(kinds[mark], name): value for (mark, name), (value, _) in listed.items()}
    assert by_kind["length", "length"] == pytest.approx(30, abs=0.4)
    for kind, hu in (("rectangle", 1000), ("ellipse", -600)):
        assert (by_kind[kind, "mean"], by_kind[kind, "std"]) == (hu, 0)
        written = [float(text) for text in re.findall(r"[-\d.]+(?= )", words[kind])]
        assert written == [pytest.approx(by_kind[kind, "area"], abs=0.051), hu, 0]
    assert words["probe"] == "300 HU"
    kept = {mark["kind"]: mark for mark in desk.kept()["marks"]}
    assert kept["rectangle"]["statistics"]["mean"] == by_kind["rectangle", "mean"]
    assert kept["ellipse"]["statistics"]["area_mm2"] == pytest.approx(by_kind["ellipse", "area"], abs=1e-6)


def fetch(desk: Desk, suffix: str) -> bytes:
    url = f"{desk.archive.server.url}/api/v1/series/{desk.archive.ids[desk.name]}/marks.{suffix}?part=0"
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {desk.archive.token}"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return bytes(answer.read())


def numbers_of(item: Any) -> list[float]:
    """All numbers of a report's tree, to three places."""
    found = []
    for child in item.get("ContentSequence", []):
        if child.ValueType == "NUM":
            found.append(round(float(child.MeasuredValueSequence[0].NumericValue), 3))
        found += numbers_of(child)
    return found
