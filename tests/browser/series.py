"""Hand-made series for the viewer's tests: small, asymmetric in every way, worked out without a computer.

The voxel (i, j, k) of the CT series holds ``stored_at(i, j, k)``: 5,760 voxels, 5,760 different values
from 0 to 5759, and neighbours far apart, so that a mirrored, swapped or shifted axis shows another grey.
The file's own window makes 0 black and 5759 nearly white: :func:`grey_of`.
"""

import io
import json
import time
import urllib.request
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate

from tests.browser.conftest import Server
from tests.imaging.phantoms import AXIAL, OBLIQUE, SERIES_UID, ct_slice, write_series

COLUMNS, ROWS, SLICES = SHAPE = (24, 20, 12)
SPACING = (0.7, 1.1, 2.5)
ORIGIN = (-8.4, 12.3, -40.5)
REVERSED = (-1.0, 0.0, 0.0, 0.0, 1.0, 0.0)  # columns run to the patient's right, so slices run to the feet
SAGITTAL = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)  # columns run back, rows to the feet, so slices run to the right
AIR = -1024
WIDTH, LEVEL = 5761, 1856.25  # black a quarter below −1024, white 5760 above that
LONG = 80
SAW_SIZE, SAW_PERIOD, SAW_STEP = (640, 600), 32, 8
PATIENCE_S = 60


def stored_at(i: Any, j: Any, k: Any) -> Any:
    """The stored value of a voxel; 1009 is a prime that does not divide 5760 = 24 · 20 · 12."""
    return 1009 * (i + 24 * j + 480 * k) % 5760


def grey_of(stored: Any) -> Any:
    """The grey of a stored value in the file's own window: a quarter above, 5760 steps on 255, rounded.

    No value comes to a half, where the last digit of a float would decide.
    """
    return np.floor((np.asarray(stored) + 0.25) * 255 / 5760 + 0.5).astype(int)


def ct(number: int, orientation: tuple[float, ...], description: str) -> Iterator[Dataset]:
    """The asymmetric CT with its first voxel at ORIGIN, slices along the normal of *orientation*."""
    right, down = np.array(orientation[:3]), np.array(orientation[3:])
    normal = np.cross(right, down)
    j, i = np.mgrid[:ROWS, :COLUMNS]
    for k in range(SLICES):
        yield named(
            ct_slice(
                k,
                pixels=stored_at(i, j, k).astype(np.int16),
                position=[float(mm) for mm in np.array(ORIGIN) + 2.5 * k * normal],
                orientation=orientation,
                spacing=(1.1, 0.7),  # between rows, then between columns
                WindowWidth=WIDTH,
                WindowCenter=LEVEL,
                WindowCenterWidthExplanation="WHOLE",
                KVP="120",
            ),
            number,
            description,
        )


def named(dataset: Dataset, number: int, description: str) -> Dataset:
    """*dataset* in series *number* of the one study."""
    dataset.SeriesInstanceUID = f"{SERIES_UID}.{number}"
    dataset.SOPInstanceUID = f"{SERIES_UID}.{number}.{dataset.InstanceNumber}"
    dataset.SeriesNumber, dataset.SeriesDescription = number, description
    dataset.StudyDescription, dataset.StudyDate = "Phantoms", "20240229"
    return dataset


def long() -> Iterator[Dataset]:
    """Eighty slices, each of one grey: 3 · k."""
    for k in range(LONG):
        pixels = np.full((6, 8), 3 * k, np.int16)
        dataset = ct_slice(k, pixels=pixels, spacing=(2.0, 2.0), WindowWidth=256, WindowCenter=-896)
        yield named(dataset, 11, "Long")


def sawtooth() -> Iterator[Dataset]:
    """A fine image, larger than a pane: 8 greys more at each pixel, up to 248 and down to 0 again;
    along the columns in even slices, along the rows in odd ones."""
    width, height = SAW_SIZE
    j, i = np.mgrid[:height, :width]
    for k in range(4):
        pixels = ((j if k % 2 else i) % SAW_PERIOD * SAW_STEP).astype(np.int16)
        dataset = ct_slice(k, pixels=pixels, spacing=(0.5, 0.5), WindowWidth=256, WindowCenter=-896)
        yield named(dataset, 12, "Sawtooth")


def uneven() -> Iterator[Dataset]:
    """Four slices at 0, 3, 6 and 15 mm: a volume with a gap that is filled."""
    for k, z in enumerate((0.0, 3.0, 6.0, 15.0)):
        pixels = np.full((6, 8), 50 * k, np.int16)
        dataset = ct_slice(k, pixels=pixels, position=(0.0, 0.0, z), WindowWidth=256, WindowCenter=-896)
        yield named(dataset, 13, "Uneven")


def broken() -> Iterator[Dataset]:
    """Two good slices about one whose run-length code is noise."""
    for k in range(3):
        dataset = ct_slice(k)
        if k == 1:
            dataset.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.5"
            dataset.PixelData = encapsulate([b"\7" * 90])
            dataset["PixelData"].is_undefined_length = True
        yield named(dataset, 14, "Broken")


def doomed() -> Iterator[Dataset]:
    """A series that is deleted while it is read."""
    for k in range(9):
        yield named(ct_slice(k), 15, "Doomed")


def condemned() -> Iterator[Dataset]:
    """Another one, deleted when all of it is in the browser."""
    for k in range(9):
        yield named(ct_slice(k), 16, "Condemned")


SERIES: dict[str, Callable[[], Iterable[Dataset]]] = {
    "straight": lambda: ct(1, AXIAL, "Straight"),
    "oblique": lambda: ct(2, OBLIQUE, "Oblique"),
    "reversed": lambda: ct(3, REVERSED, "Reversed"),
    "sagittal": lambda: ct(4, SAGITTAL, "Sagittal"),
    "long": long,
    "sawtooth": sawtooth,
    "uneven": uneven,
    "broken": broken,
}
DOOMED: dict[str, Callable[[], Iterable[Dataset]]] = {"doomed": doomed, "condemned": condemned}


@dataclass(frozen=True)
class Archive:
    """What was uploaded: the id of each series, and the folder with its files."""

    server: Server
    owner: str
    token: str
    ids: dict[str, str]
    folder: Path

    def call(self, path: str, method: str = "GET", data: Any = None) -> Any:
        """The JSON answer of the API, to *data* as JSON where it takes some."""
        body = None if data is None else json.dumps(data).encode()
        return _call(self.server, self.token, path, method, body, "application/json" if body else "")

    def with_more(self, folder: Path, series: Mapping[str, Callable[[], Iterable[Dataset]]]) -> "Archive":
        """The same account with more *series*, of names of their own: those a file may delete."""
        paths = [path for one, slices in series.items() for path in write_series(folder / one, slices())]
        by_name = send(self.server, self.token, folder, paths)
        return replace(self, ids=self.ids | {one: by_name[one.capitalize()] for one in series})

    def forget(self, name: str) -> None:
        """Let the series be as if its reader had never opened it, and his habits the usual ones."""
        path = f"/api/v1/series/{self.ids[name]}/workspace?part=0"
        left = self.call(path)
        for mark in left["marks"]:
            self.call(f"/api/v1/marks/{mark['id']}", "DELETE")
        if left["state"]:
            self.call(path, "PUT", {"state": {}})
        if left["preferences"]:
            self.call("/api/v1/viewer-preferences", "PATCH", dict.fromkeys(left["preferences"]))


def take_in(
    server: Server, name: str, folder: Path, series: Mapping[str, Callable[[], Iterable[Dataset]]] = SERIES
) -> Archive:
    """An account *name*; write all *series*, upload them as one ZIP with its token, wait for the volumes."""
    server.add_user(name)
    token = server.token_of(name)
    paths = [path for one, slices in series.items() for path in write_series(folder / one, slices())]
    by_name = send(server, token, folder, paths)
    ids = {one: by_name[one.capitalize()] for one in series}
    return Archive(server, name, token, ids, folder)


def send(server: Server, token: str, folder: Path, paths: Iterable[Path]) -> dict[str, str]:
    """Upload files under *folder* as one ZIP; description → id of their study's series, once prepared."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in paths:
            archive.write(path, path.relative_to(folder))
    report = _call(server, token, "/api/v1/uploads", *_multipart("phantoms.zip", packed.getvalue()))
    assert report["refused"] == [], report["refused"]
    return _wait(server, token, report["studies"][0])


def _wait(server: Server, token: str, study_id: str) -> dict[str, str]:
    """Description → id, once no series of the study is being prepared."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        series = _call(server, token, f"/api/v1/studies/{study_id}")["series"]
        if all(one["state"] not in ("queued", "running") for one in series):
            return {one["description"]: one["id"] for one in series}
        if time.monotonic() > deadline:
            raise TimeoutError([one["state"] for one in series])
        time.sleep(0.1)


def _multipart(name: str, content: bytes) -> tuple[str, bytes, str]:
    boundary = "between-the-parts"
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n'
        "Content-Type: application/zip\r\n\r\n"
    )
    body = head.encode() + content + f"\r\n--{boundary}--\r\n".encode()
    return "POST", body, f"multipart/form-data; boundary={boundary}"


def _call(
    server: Server, token: str, path: str, method: str = "GET", body: bytes | None = None, kind: str = ""
) -> Any:
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
    if kind:
        headers["Content-Type"] = kind
    request = urllib.request.Request(server.url + path, body, headers, method=method)
    with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
        text = answer.read()
    return json.loads(text) if text else None
