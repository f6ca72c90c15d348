"""What the viewer must show of the hand-made series, and the checks that its tests share."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813 - the name its own examples use
from playwright.sync_api import Page, expect

from tests.browser.looking import (
    Place,
    Plane,
    canvas_size,
    greys,
    shown,
    status,
)
from tests.browser.series import (
    AIR,
    Archive,
    grey_of,
    stored_at,
)

Open = Callable[..., Page]

# The axial plane of a straight CT is seen from the feet; the head is on top of the other two, and slices
# run to the head, so that screen row 0 of theirs is the last slice, 11.
STRAIGHT = {
    "axial": Plane((24, 20), (0.7, 1.1), lambda x, y, n: (x, y, n)),
    "sagittal": Plane((20, 12), (1.1, 2.5), lambda x, y, n: (n, x, 11 - y)),
    "coronal": Plane((24, 12), (0.7, 2.5), lambda x, y, n: (x, n, 11 - y)),
}
# Columns run to the right: swapped, so that the right stays at the screen's left. Slices run to the feet.
REVERSED = {
    "axial": Plane((24, 20), (0.7, 1.1), lambda x, y, n: (23 - x, y, n)),
    "sagittal": Plane((20, 12), (1.1, 2.5), lambda x, y, n: (n, x, y)),
    "coronal": Plane((24, 12), (0.7, 2.5), lambda x, y, n: (23 - x, n, y)),
}
# Columns run back, rows to the feet, slices to the right.
SAGITTAL = {
    "axial": Plane((12, 24), (2.5, 0.7), lambda x, y, n: (y, n, 11 - x)),
    "sagittal": Plane((24, 20), (0.7, 1.1), lambda x, y, n: (x, y, n)),
    "coronal": Plane((12, 20), (2.5, 1.1), lambda x, y, n: (n, y, 11 - x)),
}
MIDDLE = (12, 10, 6)  # of 24, 20 and 12


def oracle(archive: Archive, name: str) -> Any:
    """SimpleITK's reading of the series."""
    folder = str(archive.folder / name)
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(folder))
    return reader.Execute()


def check_reading(page: Page, image: Any, voxel: tuple[int, ...]) -> None:
    """The status bar tells this voxel: its place as SimpleITK computes it, its value by the formula."""
    bar = status(page)
    expect(bar).to_have_attribute("data-voxel", "{},{},{}".format(*voxel))
    expect(bar).to_have_attribute("data-value", str(stored_at(*voxel) + AIR))
    told = [float(mm) for mm in (bar.get_attribute("data-lps") or "").split(",")]
    assert told == pytest.approx(image.TransformIndexToPhysicalPoint(voxel), abs=0.001)
    assert image[voxel] == stored_at(*voxel) + AIR


def check_picture(
    page: Page, name: str, plane: Plane, index: int, zoom: float = 1, about: Any = (0, 0), every: int = 1
) -> None:
    """Every pixel of the canvas is the grey of the voxel that lies there; *about* in canvas pixels."""
    drawn = greys(page, name, every)
    size = canvas_size(page, name)
    place = Place.fitted(plane, size).nearer(zoom, about)
    stored, certain = shown(plane, place, size, index, every)
    wanted = np.where(stored < 0, 0, grey_of(stored))
    assert certain.mean() > 0.8
    assert (drawn == wanted)[certain].all(), (name, zoom, np.argwhere((drawn != wanted) & certain)[:3])


def number(page: Page, name: str, text: str) -> None:
    field = page.locator(f"[data-number={name}]")
    field.fill(text)
    field.press("Enter")
