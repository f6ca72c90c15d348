"""Marks on other planes, letters, reference lines and slabs of the phantom, however its planes are turned."""

import re
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.looking import settle, wheel
from tests.browser.phantom.conftest import Sit
from tests.browser.phantom.desk import ORIENTATIONS, PLANES, Desk, Seen
from tests.browser.phantom.scans import AROUND, BOXES, SCANS, SPHERE

pytestmark = pytest.mark.browser

LETTERS = (("R", "L"), ("A", "P"), ("F", "H"))
OTHER = {"axial": "coronal", "coronal": "sagittal", "sagittal": "axial"}


@pytest.mark.parametrize("name", SCANS)
def test_a_mark_is_on_the_planes_that_hold_it(sit: Sit, name: str) -> None:
    """The cut of two planes lies in both and not in the third; a slice further on neither holds it."""
    desk = sit(name)
    for plane, other in OTHER.items():
        (third,) = set(PLANES) - {plane, other}
        middle = desk.show(SPHERE, third)
        cut = np.cross(desk.planes[plane].normal, desk.planes[other].normal)
        desk.tool("length")
        desk.drag(plane, middle - 15 * cut, middle + 15 * cut)
        words = {one: desk.pane(one).locator(".mark-words") for one in PLANES}
        for one in (plane, other):
            expect(words[one]).to_have_text(re.compile(r"^(29\.[89]|30\.[012])\smm$"))
        expect(words[third]).to_have_count(0)
        line = desk.pane(other).locator(".mark-line").get_attribute("d") or ""
        drawn = np.array([float(number) for number in re.findall(r"-?[\d.]+", line)]).reshape(-1, 2)[:2]
        screen = desk.screen(other)
        corner = screen.middle - screen.size / 2
        wanted = np.array([screen.at(middle + side * 15 * cut) - corner for side in (-1, 1)])
        if np.abs(drawn - wanted).max() > np.abs(drawn[::-1] - wanted).max():
            drawn = drawn[::-1]
        slack = 1.6 * screen.scale * desk.screen(plane).pixel_mm + 0.1
        assert np.abs(drawn - wanted).max() < slack
        desk.page.mouse.move(*screen.middle)
        wheel(desk.page, 100)
        expect(words[other]).to_have_count(0)
        expect(words[plane]).to_have_count(1)
        wheel(desk.page, -100)
        expect(words[other]).to_have_count(1)
        desk.page.keyboard.press("Delete")
        expect(words[plane]).to_have_count(0)


def letters_of(direction: np.ndarray) -> str:
    """Where a direction leads, the largest part first; parts below a tenth do not count."""
    order = sorted(range(3), key=lambda axis: (-round(abs(float(direction[axis])), 9), axis))
    return "".join(LETTERS[axis][int(direction[axis] > 0)] for axis in order if abs(direction[axis]) >= 0.1)


@pytest.mark.parametrize("name", SCANS)
def test_letters_and_lines_follow_each_turn_and_flip(sit: Sit, name: str) -> None:
    """On each plane in all eight ways: what is at the four edges, and that the other planes' lines cross at
    the voxel that they share."""
    desk = sit(name)
    middle = desk.show(BOXES[300], "axial")
    desk.lines(True)
    for plane in PLANES:
        for keys in ORIENTATIONS.values():
            desk.straight_view(plane)
            desk.press(plane, keys)
            settle(desk.page)
            check_letters(desk, plane)
            check_lines(desk, plane, middle)
        desk.straight_view(plane)


def check_letters(desk: Desk, plane: str) -> None:
    seen, turn = desk.planes[plane], desk.turns[plane]
    for side, way in (("r", (1, 0)), ("l", (-1, 0)), ("b", (0, 1)), ("t", (0, -1))):
        across, down = turn.T @ way
        told = desk.pane(plane).locator(f"[data-part=edge-{side}]").inner_text()
        assert told == letters_of(across * seen.right + down * seen.down), (plane, side)


def check_lines(desk: Desk, plane: str, middle: np.ndarray) -> None:
    screen = desk.screen(plane)
    at = screen.at(middle) - screen.middle + screen.size / 2
    pane = desk.pane(plane).bounding_box()
    assert pane is not None
    corner = np.array((pane["x"], pane["y"]))
    lines = []
    for other in PLANES:
        if other == plane:
            continue
        box = desk.pane(plane).locator(f".xh-line:has(.xh-{other})").bounding_box()
        assert box is not None
        size = np.array((box["width"], box["height"]))
        along = np.cross(desk.planes[plane].normal, desk.planes[other].normal)
        way = desk.turns[plane] @ (along @ desk.planes[plane].right, along @ desk.planes[plane].down)
        # As long as the pane's diagonal to each side, in its direction.
        spread = size / np.linalg.norm(size)
        assert spread == pytest.approx(np.abs(way) / np.linalg.norm(way), abs=0.01), (plane, other)
        # Its middle is where the planes cross, within the pixel's middle on which it is drawn.
        off = np.array((box["x"], box["y"])) + size / 2 - corner - at
        assert np.abs(off).max() <= 0.75, (plane, other)
        lines.append(off)
    assert len(lines) == 2


@pytest.mark.parametrize("name", SCANS)
def test_a_slab_shows_what_its_slices_hold(sit: Sit, name: str) -> None:
    """11 to 15 mm beside a box there is none of it; a slab of 30 mm holds it as its maximum or minimum, and
    one of 4 mm does not."""
    desk = sit(name)
    for hu, projection in ((1000, "mip"), (-1000, "minip")):
        place = np.array(BOXES[hu])
        normal = desk.planes["axial"].normal
        side = 1 if hu == 1000 else -1  # where nothing else is, and slices are left
        middle = desk.show(place + side * 13 * np.sign(normal[2]) * normal, "axial")
        at = desk.screen("axial").at(place)
        slab(desk, 0, projection)
        wait_for_grey(desk, at, AROUND)
        slab(desk, 4, projection)
        wait_for_grey(desk, at, AROUND)
        slab(desk, 30, projection)
        wait_for_grey(desk, at, hu)
        assert abs((middle - place) @ normal) > 10
    slab(desk, 0, "mip")


def slab(desk: Desk, mm: float, projection: str) -> None:
    """By the menu of the top bar."""
    page = desk.page
    page.locator("[data-slab-button]").click()
    page.locator(f"[data-slab] [data-projection={projection}]").click()
    field = page.locator("[data-slab-number]")
    field.fill(str(mm))
    field.press("Enter")
    page.keyboard.press("Escape")


def wait_for_grey(desk: Desk, at: Any, hu: float) -> None:
    settle(desk.page)
    for _ in range(20):
        told = desk.grey("axial", at)
        if abs(told - (127.5 + (hu + 2) / 8)) <= 1:
            return
        desk.page.wait_for_timeout(50)
    raise AssertionError((told, hu))


def test_lines_of_a_turned_plane_are_perpendicular(sit: Sit) -> None:
    """After 27° by hand the letters tell where the edges lie now, and the planes are still square."""
    desk = sit("upright")
    middle = desk.show(SPHERE, "axial")
    desk.rotate("axial", middle, 27)
    for plane in ("sagittal", "coronal"):
        check_letters(desk, plane)
    kept = desk.kept()["state"]["axes"]
    for plane in PLANES:
        right, down, normal = kept[plane]
        wanted: Seen = desk.planes[plane]
        assert right == pytest.approx(wanted.right, abs=1e-4)
        assert down == pytest.approx(wanted.down, abs=1e-4)
        assert abs(np.dot(normal, wanted.normal)) == pytest.approx(1, abs=1e-6)
