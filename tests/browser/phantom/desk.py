"""A reader at the viewer of a phantom: points at places of the patient with the mouse, knowing nothing of the
viewer but its rules.

Where a place lies on the page follows from what SimpleITK reads of the files, from where the pane lies on
the page, and from the rules of display: axial is seen from the feet, sagittal from the left, coronal from the
front; the whole plane fits its pane; turns and flips go about the pane's middle; the wheel magnifies at the
pointer.
"""

import math
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from playwright.sync_api import Locator, Page, expect

from tests.browser.looking import pane, settle, wheel
from tests.browser.phantom.scans import Scan
from tests.browser.series import Archive

# What the page's right and down are in the patient, as near as the voxels' axes come to it.
UPRIGHT = {
    "axial": ((1, 0, 0), (0, 1, 0)),
    "sagittal": ((0, 1, 0), (0, 0, -1)),
    "coronal": ((1, 0, 0), (0, 0, -1)),
}
# (x, y) of the page after a key, from (x, y) before it.
KEYS = {
    "r": np.array(((0, -1), (1, 0))),
    "l": np.array(((0, 1), (-1, 0))),
    "h": np.array(((-1, 0), (0, 1))),
    "v": np.array(((1, 0), (0, -1))),
}
ORIENTATIONS = {
    "plain": "",
    "turn90": "r",
    "turn180": "rr",
    "turn270": "l",
    "mirrored": "h",
    "mirrored90": "hr",
    "mirrored180": "v",
    "mirrored270": "rh",
}
PLANES = tuple(UPRIGHT)
ZOOM_E = 400  # CSS pixels of Ctrl+wheel that magnify e times; 300 at most count in one turn


@dataclass(frozen=True)
class Seen:
    """A plane of a volume on the page: what is right and down in the patient, which of his places is in the
    middle when it is fitted, how many mm fit, and the size of its pixels, mm across and down."""

    right: np.ndarray
    down: np.ndarray
    centre: np.ndarray
    extent: np.ndarray
    pixel: np.ndarray

    @property
    def normal(self) -> np.ndarray:
        return np.cross(self.right, self.down)

    def flat(self, place: Any) -> np.ndarray:
        """mm across and down from the middle."""
        away = np.asarray(place) - self.centre
        return np.array((away @ self.right, away @ self.down))

    def turned(self, about: np.ndarray, radians: float) -> "Seen":
        """The plane after a right-handed turn; the pane's middle stays the volume's."""
        turn = turning(about, radians)
        return replace(self, right=turn @ self.right, down=turn @ self.down)


@dataclass(frozen=True)
class Screen:
    """How a plane lies on the page: the pane's middle, what is there in the plane (mm), CSS pixels a mm."""

    seen: Seen
    turn: np.ndarray
    middle: np.ndarray
    size: np.ndarray
    scale: float
    about: np.ndarray
    ratio: float

    @classmethod
    def fitted(
        cls, seen: Seen, turn: np.ndarray, edge: np.ndarray, size: np.ndarray, ratio: float
    ) -> "Screen":
        scale = float(min(size / (np.abs(turn) @ seen.extent)))
        return cls(seen, turn, edge + size / 2, size, scale, np.zeros(2), ratio)

    def at(self, place: Any) -> np.ndarray:
        """The place of the page that shows a place of the patient."""
        return self.middle + self.turn @ (self.seen.flat(place) - self.about) * self.scale

    def shows(self, place: Any, margin: float = 25) -> bool:
        """Whether a place is seen, so many CSS pixels from the pane's edge."""
        return bool((np.abs(self.at(place) - self.middle) < self.size / 2 - margin).all())

    def mm(self, at: Any) -> np.ndarray:
        """mm across and down in the plane under a place of the page."""
        return self.about + self.turn.T @ (np.asarray(at) - self.middle) / self.scale

    def nearer(self, at: np.ndarray, zoom: float) -> "Screen":
        """Magnified at a place of the page."""
        there = self.mm(at)
        scale = self.scale * zoom
        return replace(self, scale=scale, about=there - self.turn.T @ (at - self.middle) / scale)

    def pixel(self, at: Any) -> np.ndarray:
        """The middle of the device pixel at a place of the page: what a pointer can point at."""
        return (np.floor(np.asarray(at) * self.ratio) + 0.5) / self.ratio

    @property
    def pixel_mm(self) -> float:
        """How large a device pixel is."""
        return 1 / (self.scale * self.ratio)


@dataclass
class Desk:
    """The viewer of one phantom on a page, and how its planes lie by the rules."""

    page: Page
    archive: Archive
    name: str
    scan: Scan
    image: Any  # SimpleITK's
    ratio: float
    planes: dict[str, Seen] = field(default_factory=dict)
    turns: dict[str, np.ndarray] = field(default_factory=dict)
    zooms: dict[str, Screen] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.planes = {plane: straight(self.image, plane) for plane in PLANES}
        self.turns = {plane: np.eye(2, dtype=int) for plane in PLANES}

    # What is on the page

    def pane(self, plane: str) -> Locator:
        return pane(self.page, plane)

    def screen(self, plane: str) -> Screen:
        """How a plane lies now."""
        if plane in self.zooms:
            return self.zooms[plane]
        box = self.pane(plane).bounding_box()
        assert box is not None
        canvas = self.pane(plane).locator("canvas.pane-image")
        size = np.array(canvas.evaluate("canvas => [canvas.width, canvas.height]")) / self.ratio
        edge = np.floor(np.array((box["x"], box["y"])) * self.ratio + 0.5) / self.ratio
        return Screen.fitted(self.planes[plane], self.turns[plane], edge, size, self.ratio)

    def grey(self, plane: str, at: Any) -> int:
        """The grey of a pixel of the picture."""
        screen = self.screen(plane)
        x, y = np.floor((np.asarray(at) - screen.middle + screen.size / 2) * self.ratio).astype(int).tolist()
        read = "(canvas, [x, y]) => [...canvas.getContext('2d').getImageData(x, y, 1, 1).data]"
        red, green, blue, _ = self.pane(plane).locator("canvas.pane-image").evaluate(read, [x, y])
        assert red == green == blue
        return int(red)

    def words(self, plane: str) -> str:
        """What is written beside the mark that is selected."""
        settle(self.page)
        text = self.pane(plane).locator(".mark.is-selected .mark-words tspan").all_text_contents()
        return " ".join(text).replace("\u00a0", " ")

    # What a hand does

    def press(self, plane: str, keys: str) -> None:
        """Keys on a pane; those that turn it are kept in mind."""
        self.pane(plane).focus()
        for key in keys:
            self.page.keyboard.press(key)
            self.turns[plane] = KEYS.get(key, np.eye(2, dtype=int)) @ self.turns[plane]

    def straight_view(self, plane: str) -> None:
        """Turn and flip a plane back."""
        if np.linalg.det(self.turns[plane]) < 0:
            self.press(plane, "h")
        while (self.turns[plane] != np.eye(2)).any():
            self.press(plane, "l")

    def tool(self, name: str) -> None:
        self.page.locator(f".viewer-tools [data-tool={name}]").click()

    def lines(self, on: bool) -> None:
        """The crosshair's lines; without them a click takes none of them."""
        item = self.page.locator("#menu-view [data-command=crosshair]")
        if (item.get_attribute("aria-pressed") == "true") != on:
            item.evaluate("item => item.click()")

    def show(self, place: Any, other_than: str) -> np.ndarray:
        """Bring all planes to the voxel at a place by clicks on two of them; the voxel's middle."""
        self.tool("crosshair")
        self.lines(False)
        middle = np.array(self.image.TransformIndexToPhysicalPoint(self.scan.voxel(place)))
        for plane in PLANES:
            if plane != other_than:
                self.page.mouse.click(*self.screen(plane).at(middle))
                settle(self.page)
        return middle

    def zoom(self, plane: str, zoom: float, place: Any) -> Screen:
        """Fit, then magnify with the wheel so that a place comes as near to the pane's middle as can be."""
        self.zooms.pop(plane, None)
        self.press(plane, "=")
        expect(self.pane(plane)).to_have_attribute("data-zoom", "1.000")
        screen = self.screen(plane)
        if zoom == 1:
            return screen
        at = screen.at(place)
        fixed = at + (at - screen.middle) / (zoom - 1) if zoom > 1 else screen.middle
        low, high = screen.middle - screen.size / 2 + 20, screen.middle + screen.size / 2 - 20
        fixed = screen.pixel(np.clip(fixed, low, high))
        self.page.mouse.move(*fixed)
        rest = ZOOM_E * math.log(zoom)
        while abs(rest) > 1e-9:
            turn = max(-300.0, min(300.0, rest))
            self.page.keyboard.down("Control")
            wheel(self.page, -turn)
            self.page.keyboard.up("Control")
            rest -= turn
        expect(self.pane(plane)).to_have_attribute("data-zoom", f"{zoom:.3f}")
        self.zooms[plane] = screen.nearer(fixed, zoom)
        return self.zooms[plane]

    def drag(self, plane: str, *places: Any) -> None:
        """Press at the first place of the patient, let go at the last."""
        screen = self.screen(plane)
        ends = [screen.pixel(screen.at(place)) for place in places]
        self.page.mouse.move(*ends[0])
        self.page.mouse.down()
        for end in ends[1:]:
            self.page.mouse.move(*end, steps=3)
        self.page.mouse.up()

    def click(self, plane: str, place: Any) -> None:
        screen = self.screen(plane)
        at = screen.pixel(screen.at(place))
        self.page.mouse.move(*at)
        self.page.mouse.down()
        self.page.mouse.up()

    def rotate(self, plane: str, place: Any, degrees: float) -> float:
        """Turn the other planes by a line of a fitted, upright one, clockwise on the page: the angle."""
        self.tool("crosshair")
        self.lines(True)
        settle(self.page)
        screen = self.screen(plane)
        centre = screen.at(place)
        room = screen.middle[0] + screen.size[0] / 2 - 30 - centre[0]
        sense = 1 if room > screen.size[0] / 2 else -1
        reach = min(120.0, screen.size[1] / 3)
        ends = [
            screen.pixel(centre + sense * reach * np.array((math.cos(angle), math.sin(angle))))
            for angle in np.radians(np.linspace(0, degrees, 6))
        ]
        self.page.mouse.move(*ends[0])
        self.page.mouse.down()
        for end in ends[1:]:
            self.page.mouse.move(*end)
            settle(self.page)
        self.page.mouse.up()
        settle(self.page)
        first, last = (math.atan2(*(end - centre)[::-1]) for end in (ends[0], ends[-1]))
        angle = (last - first + math.pi) % (2 * math.pi) - math.pi
        seen = self.planes[plane]
        for other in PLANES:
            if other != plane:
                self.planes[other] = self.planes[other].turned(seen.normal, angle)
        self.lines(False)
        return angle

    def straighten(self) -> None:
        self.press("axial", "y")
        self.planes = {plane: straight(self.image, plane) for plane in PLANES}

    # What was kept

    def saved(self) -> None:
        """Wait until all that was done is on the server."""
        self.page.wait_for_timeout(60)
        expect(self.page.locator("[data-saved]")).to_have_attribute("data-saved", "saved")

    def kept(self) -> Any:
        """What the server keeps of the series for its reader."""
        self.saved()
        return self.archive.call(f"/api/v1/series/{self.archive.ids[self.name]}/workspace?part=0")


def turning(about: Any, radians: float) -> np.ndarray:
    """The matrix of a right-handed turn (Rodrigues)."""
    x, y, z = about
    cross = np.array(((0, -z, y), (z, 0, -x), (-y, x, 0)))
    return np.asarray(np.eye(3) + math.sin(radians) * cross + (1 - math.cos(radians)) * cross @ cross)


def straight(image: Any, plane: str) -> Seen:
    """A plane along the voxels, by SimpleITK's reading of the files."""
    axes = np.array(image.GetDirection()).reshape(3, 3).T
    size, spacing = np.array(image.GetSize()), np.array(image.GetSpacing())
    middle = image.TransformContinuousIndexToPhysicalPoint(((size - 1) / 2).tolist())
    numbers, directions = [], []
    for wanted in UPRIGHT[plane]:
        along = axes @ wanted
        axis = int(np.argmax(np.abs(along)))
        numbers.append(axis)
        directions.append(axes[axis] * np.sign(along[axis]))
    assert numbers[0] != numbers[1]
    return Seen(
        right=directions[0],
        down=directions[1],
        centre=np.array(middle),
        extent=(size * spacing)[numbers],
        pixel=spacing[numbers],
    )
