"""Hand-made series for the tests of parts, phases, films, warnings, overlays and SUV."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
from pydicom.dataset import Dataset

from tests.browser.series import named
from tests.imaging.phantoms import ct_slice, multi_frame
from tests.imaging.test_overlays import with_overlay
from tests.imaging.test_suv import pet

SAGITTAL = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)
ECHOES_MS = (10, 20, 40)
GAPPED_MM = (0, 3, 6, 9, 12, 18, 21, 24, 27, 30)
FRAMES = 12
NO_PLACE: dict[str, Any] = dict.fromkeys(("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing"))


def flat(value: int) -> np.ndarray:
    """(6, 8) pixels of one value."""
    return np.full((6, 8), value, np.int16)


def two() -> Iterator[Dataset]:
    """Six axial slices of value 100 and four sagittal ones of 200 in one series."""
    window: dict[str, Any] = {"intercept": 0, "WindowWidth": 256, "WindowCenter": 128}
    for k in range(6):
        yield named(ct_slice(k, pixels=flat(100), **window), 1, "Two")
    for k in range(4):
        place = {"position": (20.0 + 5 * k, -20.0, 60.0), "orientation": SAGITTAL}
        yield named(ct_slice(6 + k, pixels=flat(200), **place, **window), 1, "Two")


def echoes() -> Iterator[Dataset]:
    """Five places three times, by echo time: value 50·(phase + 1) + place."""
    for phase, echo_ms in enumerate(ECHOES_MS):
        for k in range(5):
            made = ct_slice(
                k,
                pixels=flat(50 * (phase + 1) + k),
                intercept=0,
                Modality="MR",
                EchoTime=echo_ms,
                WindowWidth=256,
                WindowCenter=128,
            )
            made.InstanceNumber = 5 * phase + k + 1
            yield named(made, 2, "Echoes")


def gapped() -> Iterator[Dataset]:
    """Ten slices every 3 mm, but 6 mm between the fifth and the sixth; values 10·k."""
    for k, z in enumerate(GAPPED_MM):
        made = ct_slice(k, pixels=flat(10 * k), position=(0.0, 0.0, float(z)), intercept=0)
        made.WindowWidth, made.WindowCenter = 256, 128
        yield named(made, 3, "Gapped")


def drawn() -> Iterator[Dataset]:
    """Three black slices with a drawing of fifteen pixels in the upper left corner."""
    for k in range(3):
        made = ct_slice(k, pixels=flat(0), intercept=0, WindowWidth=256, WindowCenter=128)
        yield named(with_overlay(made, x1500=("LO", "Arrow")), 4, "Drawn")


def uptake() -> Iterator[Dataset]:
    """Three slices of a PET: 100·k + 10·row + column, times 2 + k, in Bq/ml."""
    for k in range(3):
        yield named(pet(k), 5, "Uptake")


def film() -> Iterator[Dataset]:
    """Twelve frames of 40 ms: grey 20·frame."""
    pixels = np.array([np.full((6, 8), 20 * n, np.uint8) for n in range(FRAMES)])
    window = {"WindowWidth": 256, "WindowCenter": 128}
    yield named(multi_frame(pixels, Modality="XA", FrameTime=40, **window), 6, "Film")


def unlike() -> Iterator[Dataset]:
    """Two images without a place: of 100 in a window from 0 to 200, of 3000 in one from 2000 to 4000."""
    for k, (value, center, width) in enumerate(((100, 100.5, 201), (3000, 3000.5, 2001))):
        made = ct_slice(k, pixels=flat(value), intercept=0, Modality="CR", **NO_PLACE)
        made.WindowCenter, made.WindowWidth = center, width
        yield named(made, 7, "Unlike")


def projected() -> Iterator[Dataset]:
    """A radiograph that knows the distance of its pixels at the detector alone, 0.2 mm."""
    pixels = np.full((300, 400), 50, np.int16)
    made = ct_slice(pixels=pixels, intercept=0, Modality="CR", **NO_PLACE)
    made.ImagerPixelSpacing = [0.2, 0.2]
    yield named(made, 8, "Projected")


SERIES: dict[str, Callable[[], Iterable[Dataset]]] = {
    "two": two,
    "echoes": echoes,
    "gapped": gapped,
    "drawn": drawn,
    "uptake": uptake,
    "film": film,
    "unlike": unlike,
    "projected": projected,
}
