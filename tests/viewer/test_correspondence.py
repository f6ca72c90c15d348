"""Picture, value, elements, overlay and LUT of a slice are those of one and the same original image."""

from typing import Any

import numpy as np
import pytest
from flask import Flask
from pydicom.dataset import Dataset

from tests.imaging.phantoms import ct_slice
from tests.viewer.conftest import AS_STORED, Reader, reader_of
from tests.viewer.test_display import YELLOW, colours, overlaid, voi_lut

# Echo and slice of each image; each one's voxels hold 50·echo + 10·slice + 1, −1024 for HU.
ECHOES, SLICES = (10.0, 40.0), 4


def mark(echo: int, k: int) -> tuple[int, int]:
    """Row and column of the overlay of slice *k*."""
    return k, 1 + echo


def image(echo: int, k: int, **changes: Any) -> Dataset:
    """Slice *k* from the feet; columns lead to the right and rows to the front, numbers to the feet."""
    stored = np.full((4, 5), 50 * echo + 10 * k + 1, np.int16)
    stored[0, 0] = 0
    number = 100 * echo + SLICES - k
    dataset = ct_slice(
        number,
        pixels=stored,
        position=(10, 20, 3.0 * k),
        orientation=(-1, 0, 0, 0, -1, 0),
        SOPInstanceUID=f"1.2.3.{echo + 1}.{k + 1}",
        InstanceNumber=number,
        EchoTime=ECHOES[echo],
        **changes,
    )
    return overlaid(dataset, [mark(echo, k)])


def first_uid(reader: Reader, query: str) -> str:
    elements = reader.get(f"metadata?{query}").get_json()["elements"]
    return str(next(element["value"] for element in elements if element["tag"] == "(0008,0018)"))


@pytest.fixture
def echoes(app: Flask, people: dict[str, Any]) -> Reader:
    images = [image(echo, k) for k in (2, 0, 3, 1) for echo in (1, 0)]
    return reader_of(app, people["alice"], images)


@pytest.mark.parametrize("echo", [0, 1])
@pytest.mark.parametrize("k", range(SLICES))
def test_slices_of_phases(echoes: Reader, echo: int, k: int) -> None:
    value = 50 * echo + 10 * k + 1
    greys = echoes.greys(f"slices/axial/{k}.png?phase={echo}&{AS_STORED}")
    # Turned by 180°: the first voxel is at the bottom right.
    assert (greys[0][0], greys[3][4]) == (value, 0)
    voxel = echoes.get(f"value?phase={echo}&i=1&j=0&k={k}").get_json()
    assert (voxel["stored"], voxel["value"], voxel["point_lps"]) == (value, value - 1024, [9.5, 20, 3 * k])
    assert first_uid(echoes, f"phase={echo}&instance={k}") == f"1.2.3.{echo + 1}.{k + 1}"
    seen = colours(echoes, f"slices/axial/{k}.png?phase={echo}&{AS_STORED}&overlays=1")
    row, column = mark(echo, k)
    assert [(y, x) for y in range(4) for x in range(5) if seen[y][x] == YELLOW] == [(3 - row, 4 - column)]


def test_the_images_behind_them(echoes: Reader) -> None:
    for n in range(2 * SLICES):
        echo, k = divmod(n, SLICES)
        greys = echoes.greys(f"images/{n}.png?as=stack&{AS_STORED}")
        assert (greys[0][0], greys[3][4]) == (0, 50 * echo + 10 * k + 1)
        assert first_uid(echoes, f"as=stack&instance={n}") == f"1.2.3.{echo + 1}.{k + 1}"
        voxel = echoes.get(f"value?as=stack&i=1&j=0&k={n}").get_json()
        assert (voxel["stored"], voxel["point_lps"]) == (50 * echo + 10 * k + 1, [9.5, 20, 3 * k])


def test_luts_of_phases(app: Flask, people: dict[str, Any]) -> None:
    """Each image's LUT shows its own value as the number of the image."""
    images = []
    for echo in (0, 1):
        for k in range(SLICES):
            first = 50 * echo + 10 * k + 1 - 1024
            images.append(image(echo, k, VOILUTSequence=[voi_lut([20 * echo + k + 1, 255], first)]))
    reader = reader_of(app, people["alice"], images[::-1])
    for echo in (0, 1):
        for k in range(SLICES):
            assert reader.greys(f"slices/axial/{k}.png?phase={echo}&lut=0")[0][0] == 20 * echo + k + 1
            assert reader.greys(f"images/{SLICES * echo + k}.png?as=stack&lut=0")[3][4] == 20 * echo + k + 1
