"""What the tools measure on a phantom of known sizes, angles and values, and where they say it is.

Each scan is read on each of its planes and on one that was turned by hand, at four magnifications, on two
kinds of screen and in all eight ways in which a plane can be turned and flipped; over the four scans each
plane comes at each magnification. Two scans take the four ways without a mirror, two those with one;
``make phantom`` has all eight of each.
"""

import math
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.looking import settle, status
from tests.browser.phantom.conftest import Sit
from tests.browser.phantom.desk import ORIENTATIONS, PLANES, Desk, Seen
from tests.browser.phantom.scans import (
    AROUND,
    BOXES,
    IN_SPHERE,
    RADIUS,
    SCANS,
    SPHERE,
    WEDGE_AXES,
    WEDGES,
    value_at,
)

pytestmark = pytest.mark.browser

# A pointer stands on the middle of a device pixel, so it is off by half of one to the side and half down.
PIXEL = 0.75
ZOOMS = (0.5, 1, 2.6, 10)
ROTATED = {  # whose lines are turned, and on which plane is measured
    "upright": ("axial", "coronal"),
    "tilted": ("coronal", "axial"),
    "coarse": ("axial", "sagittal"),
    "prone": ("sagittal", "coronal"),
}
DEGREES = 27.0


@dataclass(frozen=True)
class Case:
    scan: str
    plane: str
    zoom: float
    orientation: str
    ratio: int
    number: int
    is_second: bool  # of the two with this plane of this scan

    def __str__(self) -> str:
        return f"{self.scan}-{self.plane}-zoom{self.zoom:g}-{self.orientation}-dpr{self.ratio}"


def cases() -> Iterator[Case]:
    kinds = (*PLANES, "rotated")
    for s, scan in enumerate(SCANS):
        for n, orientation in enumerate(ORIENTATIONS):
            half = n // 4
            if half != s % 2 and os.environ.get("PHANTOM") != "all":
                continue
            zoom = ZOOMS[(n + half + 2 * s) % 4]
            yield Case(scan, kinds[(n + s) % 4], zoom, orientation, 1 + (n + half) % 2, n + s, bool(half))


class Reader:
    """One case: brings the plane to an object and draws there; keeps what was aimed at."""

    def __init__(self, desk: Desk, case: Case) -> None:
        self.desk, self.case = desk, case
        self.turner, self.plane = ROTATED[case.scan] if case.plane == "rotated" else ("", case.plane)
        desk.press(self.plane, ORIENTATIONS[case.orientation])

    @property
    def seen(self) -> Seen:
        return self.desk.planes[self.plane]

    def go(self, place: Any, zoom: bool = True) -> np.ndarray:
        """The nearest voxel's middle, which all planes then hold, with the plane magnified about it."""
        if self.turner:
            self.desk.straighten()
        middle = self.desk.show(place, self.plane)
        if self.turner:
            angle = self.desk.rotate(self.turner, middle, DEGREES)
            assert math.degrees(angle) == pytest.approx(DEGREES, abs=1)
        if zoom:
            self.desk.zoom(self.plane, self.case.zoom, middle)
        return middle

    def along(self, across: float, down: float) -> np.ndarray:
        return across * self.seen.right + down * self.seen.down

    @property
    def pixel_mm(self) -> float:
        return self.desk.screen(self.plane).pixel_mm

    def check_ends(self, mark: Any, wanted: Any, pixel_mm: float) -> None:
        """The mark's points are these places of the patient, within what a pointer can point at."""
        assert np.abs(np.array(mark["points"]) - wanted).max() < PIXEL * pixel_mm
        off = (np.array(mark["points"]) - mark["plane"]["origin_lps"]) @ self.seen.normal
        assert np.abs(off).max() < 0.01
        assert np.cross(mark["plane"]["normal_lps"], self.seen.normal) == pytest.approx(0, abs=0.001)

    def mark(self, kind: str) -> Any:
        (mark,) = (mark for mark in self.desk.kept()["marks"] if mark["kind"] == kind)
        return mark


def told(words: str, pattern: str) -> list[float]:
    """The numbers in what is written beside a mark."""
    found = re.fullmatch(pattern, words)
    assert found, words
    return [float(number.replace("−", "-")) for number in found.groups()]


def check_length(reader: Reader) -> None:
    """30 mm across the sphere, askew on the page, which is wide enough for it up to a zoom of 2.6."""
    desk, plane = reader.desk, reader.plane
    middle = reader.go(SPHERE, zoom=False)
    assert middle == pytest.approx(SPHERE, abs=1e-4)
    ray = reader.along(*(desk.turns[plane].T @ (math.cos(0.2), math.sin(0.2))))
    ends = [np.array(SPHERE) - RADIUS * ray, np.array(SPHERE) + RADIUS * ray]
    if reader.case.zoom < 10:
        desk.zoom(plane, reader.case.zoom, middle)
        desk.tool("length")
        desk.drag(plane, *ends)
        check_sphere(reader, ray)
    else:  # 30 mm do not fit: drawn roughly, then each end is put right
        desk.zoom(plane, 1, middle)
        desk.tool("length")
        wrong = reader.along(1.0, -1.5)
        rough = [desk.screen(plane).pixel(desk.screen(plane).at(end + wrong)) for end in ends]
        desk.drag(plane, *(end + wrong for end in ends))
        for end, was in zip(ends, rough, strict=True):
            held = middle + desk_place(desk, plane, was, middle)
            desk.zoom(plane, 10, end)
            desk.drag(plane, held, end)
            check_sphere(reader, ray)
    pixel = reader.pixel_mm
    (length,) = told(desk.words(plane), r"([\d.]+) mm")
    assert length == pytest.approx(30, abs=2 * PIXEL * math.sqrt(2) * pixel + 0.05)
    reader.check_ends(reader.mark("length"), ends, pixel)


def desk_place(desk: Desk, plane: str, at: np.ndarray, middle: np.ndarray) -> np.ndarray:
    """From the middle to the place under a place of a fitted plane's pane, in the patient."""
    desk.zooms.pop(plane, None)
    desk.press(plane, "=")
    seen = desk.planes[plane]
    across, down = desk.screen(plane).mm(at) - seen.flat(middle)
    return np.asarray(across * seen.right + down * seen.down)


def check_sphere(reader: Reader, ray: np.ndarray) -> None:
    """The picture shows the sphere where it is: its grey within both ends, another beyond."""
    desk, plane = reader.desk, reader.plane
    settle(desk.page)
    screen = desk.screen(plane)
    blurred = 1 + 1.5 * float(max(reader.seen.pixel if not reader.turner else desk.scan.spacing))
    for side in (-1, 1):
        for beyond in (-blurred, blurred):
            place = np.array(SPHERE) + side * (RADIUS + beyond) * ray
            at = screen.at(place)
            wanted = IN_SPHERE if beyond < 0 else AROUND
            if screen.shows(place, 2) and value_at(desk.scan, place) == wanted:
                assert abs(desk.grey(plane, at) - grey_of(wanted)) <= 1, (side, beyond)


def grey_of(hu: float) -> float:
    """In the file's own window."""
    return 127.5 + (hu + 2) / 8


def check_angle(reader: Reader) -> None:
    """The wedge of 45°; on a turned plane its section: both sides lie in the plane and in a face."""
    desk, plane = reader.desk, reader.plane
    edge_middle, _ = WEDGES[plane]
    middle = reader.go(edge_middle, zoom=False)
    u, v, edge = (desk.scan.wedge_axes[axis] for axis in WEDGE_AXES[plane])
    normal = reader.seen.normal
    vertex = edge_middle + edge * ((middle - edge_middle) @ normal) / (edge @ normal)
    sides = []
    for face, towards in ((v, u), (u - v, u + v)):
        side = np.cross(normal, face)
        sides.append(side / np.linalg.norm(side) * np.sign(side @ towards))
    wanted = math.degrees(math.acos(float(sides[0] @ sides[1])))
    if not reader.turner:
        assert wanted == pytest.approx(45, abs=1e-4)
    screen = desk.zoom(plane, reader.case.zoom, vertex)
    arms = [arm for arm in (12.0, 6.0, 3.0, 2.0) if all(screen.shows(vertex + arm * side) for side in sides)]
    arm = arms[0]
    ends = [vertex + arm * sides[0], vertex, vertex + arm * sides[1]]
    desk.tool("angle")
    desk.drag(plane, *ends[:2])
    desk.click(plane, ends[2])
    pixel = reader.pixel_mm
    (degrees,) = told(desk.words(plane), r"([\d.]+)°")
    # Each side begins and ends within a pixel's corner of where it should.
    slack = 4 * math.degrees(math.sqrt(0.5) * pixel / arm)
    assert degrees == pytest.approx(wanted, abs=slack + 0.05)
    reader.check_ends(reader.mark("angle"), ends, pixel)


def check_region(reader: Reader, kind: str, hu: int) -> np.ndarray:
    """7 × 6 mm in a box (5 × 4 where no more fits the pane): 42 mm² of a rectangle, π · 3.5 · 3 mm² of an
    ellipse (20 and π · 2.5 · 2); one value, no spread."""
    desk, plane = reader.desk, reader.plane
    middle = reader.go(BOXES[hu])
    across, down = (2.5, 2) if reader.case.zoom == 10 else (3.5, 3)
    corner = reader.along(across, down)
    desk.tool(kind)
    pixel = reader.pixel_mm
    if kind == "rectangle":
        desk.drag(plane, middle - corner, middle + corner)
        ends, area = [middle - corner, middle + corner], 4.0 * across * down
        slack = PIXEL * 2 * pixel * 2 * (across + down)
    else:
        desk.drag(plane, middle, middle + corner)
        ends = [middle, middle + reader.along(across, 0), middle + reader.along(0, down)]
        area = math.pi * across * down
        slack = PIXEL * 2 * pixel * math.pi * (across + down)
    mark = reader.mark(kind)
    points = np.array(mark["points"])[[0, 2]] if kind == "rectangle" else np.array(mark["points"])
    assert np.abs(points - ends).max() < (1 if kind == "rectangle" else 2) * PIXEL * pixel
    expect(desk.pane(plane).locator(".mark.is-selected .mark-words")).to_contain_text("±")
    number = r"([−\d.,]+)"
    told_area, told_mean, told_spread = told(
        desk.words(plane).replace(",", ""), rf"{number} mm² {number} ± {number} HU"
    )
    assert told_area == pytest.approx(area, abs=slack + 0.05)
    assert (told_mean, told_spread) == (hu, 0)
    kept = reader.mark(kind)["statistics"]
    assert kept["mean"] == pytest.approx(hu, abs=1e-3)
    assert kept["std"] == pytest.approx(0, abs=1e-3)
    assert kept["area_mm2"] == pytest.approx(area, abs=slack)
    assert abs(desk.grey(plane, desk.screen(plane).at(middle)) - grey_of(hu)) <= 1
    return middle


def check_probe(reader: Reader, hu: int, middle: np.ndarray) -> None:
    """In the box that was just looked at."""
    desk, plane = reader.desk, reader.plane
    desk.tool("probe")
    desk.click(plane, middle)
    mark = reader.mark("probe")
    assert np.abs(np.array(mark["points"]) - middle).max() < PIXEL * reader.pixel_mm
    (value,) = told(desk.words(plane).replace(",", ""), r"([−\d.]+) HU")
    assert value == hu
    settle(desk.page)
    bar = status(desk.page)
    assert float(bar.get_attribute("data-value") or "nan") == pytest.approx(hu, abs=1e-3)
    place = [float(mm) for mm in (bar.get_attribute("data-lps") or "").split(",")]
    if not reader.turner:
        assert bar.get_attribute("data-voxel") == "{},{},{}".format(*desk.scan.voxel(middle))
        assert place == pytest.approx(middle, abs=0.001)
    else:
        assert np.abs(np.array(place) - middle).max() < max(desk.scan.spacing)


@pytest.mark.parametrize("case", [pytest.param(case, id=str(case)) for case in cases()])
def test_tools_measure_what_is_there(sit: Sit, case: Case) -> None:
    reader = Reader(sit(case.scan, case.ratio), case)
    check_length(reader)
    check_angle(reader)
    hu = list(BOXES)[case.number % 7]
    if case.is_second:
        check_region(reader, "ellipse", hu)
    else:
        check_probe(reader, hu, check_region(reader, "rectangle", hu))
