"""Looking at a viewer's page: what its canvases hold, and where a voxel lies on it by the rule of three."""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from playwright.sync_api import Locator, Page, expect

from tests.browser.series import SHAPE, stored_at

Point = Sequence[float] | np.ndarray
ZOOM_E = 400  # CSS pixels of Ctrl+wheel that magnify e times; 300 at most count in one turn
READ_CANVAS = """(canvas, every) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const [height, width] = [Math.ceil(canvas.height / every), Math.ceil(canvas.width / every)];
  const bytes = new Uint8Array(height * width * 3);
  for (let y = 0, to = 0; y < canvas.height; y += every) {
    for (let x = 0; x < canvas.width; x += every, to += 3) {
      const from = (y * canvas.width + x) * 4;
      bytes.set(data.subarray(from, from + 3), to);
    }
  }
  let text = "";
  for (let n = 0; n < bytes.length; n += 8190) text += String.fromCharCode(...bytes.subarray(n, n + 8190));
  return [height, width, btoa(text)];
}"""


@dataclass(frozen=True)
class Plane:
    """A plane as it must stand on the screen: pixels, their distances, and which voxel is pixel (x, y)."""

    size: tuple[int, int]
    spacing: tuple[float, float]
    voxel: Callable[[Any, Any, Any], tuple[Any, Any, Any]]


def open_viewer(page: Page, series_id: str) -> None:
    """Go to the viewer of a series and wait until what is seen is drawn."""
    page.goto(f"/viewer/{series_id}")
    expect(page.locator(".stage")).to_have_attribute("data-state", "ready")


def pane(page: Page, plane: str) -> Locator:
    return page.locator(f".pane[data-plane={plane}]:not([data-offset], [data-series])")


def status(page: Page) -> Locator:
    return page.locator(".viewer-status")


def slice_of(page: Page, plane: str, index: int) -> None:
    """Wait until the plane shows this slice."""
    expect(pane(page, plane)).to_have_attribute("data-index", str(index))


def volume_here(page: Page) -> None:
    """Wait until the whole volume is in the browser, which asks for no picture from then on."""
    expect(page.locator(".viewer")).to_have_attribute("data-volume", "here")


def settle(page: Page) -> None:
    """Wait until what was changed is drawn, two frames on, and the words beside it are written."""
    page.evaluate(
        """async () => {
          const drawn = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
          await drawn();
          const calm = document.querySelector("link[rel=modulepreload][href$='/lib/calm.js']");
          if (!calm) return;
          await (await import(calm.href)).calmed();
          await drawn();
        }"""
    )


def choose_layout(page: Page, layout: str) -> None:
    """Take a layout from the menu of the top bar."""
    page.locator("[popovertarget=menu-layout]").click()
    page.locator(f"[data-layout-choice='{layout}']").click()
    expect(page.locator(".stage")).to_have_attribute("data-layout", layout)


def wheel(page: Page, pixels: float) -> None:
    """Turn the wheel by CSS pixels; an emulated screen divides what it is sent by its scale."""
    page.mouse.wheel(0, pixels * page.evaluate("devicePixelRatio"))


def colours(page: Page, plane: str, every: int = 1) -> np.ndarray:
    """The canvas as (height, width, 3); of a large one each so many-th row and column."""
    height, width, text = pane(page, plane).locator("canvas.pane-image").evaluate(READ_CANVAS, every)
    return np.frombuffer(base64.b64decode(text), np.uint8).reshape(height, width, 3)


def greys(page: Page, plane: str, every: int = 1) -> np.ndarray:
    """The canvas as (height, width); it must be grey."""
    rgb = colours(page, plane, every).astype(int)
    assert (rgb == rgb[..., :1]).all()
    return rgb[..., 0]


def canvas_size(page: Page, plane: str) -> tuple[int, int]:
    """Width and height in device pixels."""
    width, height = (
        pane(page, plane).locator("canvas.pane-image").evaluate("canvas => [canvas.width, canvas.height]")
    )
    return width, height


@dataclass(frozen=True)
class Place:
    """How a plane lies on a rectangle: pixel (x, y) has its middle at *origin* + (x, y) · *step*."""

    origin: np.ndarray
    step: np.ndarray

    @classmethod
    def fitted(cls, plane: Plane, size: Point) -> "Place":
        """The whole plane in the middle of *size*, as large as fits."""
        extent = np.array(plane.size) * plane.spacing
        step = np.array(plane.spacing) * min(np.array(size) / extent)
        return cls(np.array(size) / 2 - step * (np.array(plane.size) - 1) / 2, step)

    def nearer(self, zoom: float, about: Point) -> "Place":
        """Magnified, with the point *about* staying where it is."""
        return Place(np.array(about) + (self.origin - about) * zoom, self.step * zoom)

    def at(self, pixel: Point) -> np.ndarray:
        return self.origin + np.array(pixel) * self.step

    def under(self, across: np.ndarray, axis: int) -> np.ndarray:
        """Image coordinates, not rounded, of screen coordinates."""
        return (across - self.origin[axis]) / self.step[axis]


def on_page(page: Page, name: str, plane: Plane) -> Place:
    """How a fitted plane lies on the page, in CSS pixels."""
    box = pane(page, name).bounding_box()
    assert box is not None
    place = Place.fitted(plane, (box["width"], box["height"]))
    return Place(place.origin + np.array((box["x"], box["y"])), place.step)


def zoom_to(page: Page, name: str, at: Point, zoom: float) -> None:
    """From the whole image to *zoom* with the wheel over a point of the page."""
    page.mouse.move(*at)
    rest = ZOOM_E * float(np.log(zoom))
    while rest > 1e-9:
        turn = min(300.0, rest)
        page.keyboard.down("Control")
        wheel(page, -turn)
        page.keyboard.up("Control")
        rest -= turn
    expect(pane(page, name)).to_have_attribute("data-zoom", f"{zoom:.3f}")


def shown(
    plane: Plane, place: Place, size: tuple[int, int], index: int, every: int
) -> tuple[np.ndarray, np.ndarray]:
    """The stored value that each pixel of a canvas of *size* (width, height) must show, −1 beside the
    image; and where that is certain: not where a voxel's border runs through the pixel's middle."""
    across = [place.under(np.arange(0, size[axis], every) + 0.5, axis) for axis in (0, 1)]
    x, y = np.meshgrid(*(np.floor(one + 0.5).astype(int) for one in across))
    border_x, border_y = (
        np.abs(one - 0.5 - np.round(one - 0.5)) * step < 0.02
        for one, step in zip(across, place.step, strict=True)
    )
    certain = ~(border_x[None, :] | border_y[:, None])
    inside = (x >= 0) & (y >= 0) & (x < plane.size[0]) & (y < plane.size[1])
    voxel = np.broadcast_arrays(*plane.voxel(x, y, index))
    for axis, count in zip(voxel, SHAPE, strict=True):
        assert ((axis >= 0) & (axis < count))[inside].all()
    return np.where(inside, stored_at(*voxel), -1), certain
