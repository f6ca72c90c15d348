"""The whole way of a series, as the archive goes it, in one go: what came out, and what should not have.

Runs in a child process (:mod:`tests.imaging.bad_input.reader`): nothing here may import the application.
"""

import hashlib
import json
import math
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from app.archive.partmaking import in_suv, plan_part
from app.imaging.dicomfile import list_elements
from app.imaging.errors import ImagingError, Message
from app.imaging.formats.build import build_all_from_file
from app.imaging.formats.inspect import inspect_any, list_any_elements, read_volume_file
from app.imaging.formats.sniff import file_format
from app.imaging.limits import DEFAULT_LIMITS as LIMITS
from app.imaging.overlays import read_overlays
from app.imaging.parts import split_series
from app.imaging.pixels import read_frame
from app.imaging.sliceheader import SliceHeader, stack_order
from app.imaging.slices import read_slice_header, read_slice_headers
from app.imaging.voi import read_voi_luts
from app.imaging.volume import build_volume, load_volume
from app.imaging.volumeheader import VolumeHeader
from app.imaging.window import default_window, stored_windows, to_grey
from tests.imaging.bad_input.sound import MARK

_MOST_FRAMES = 3
_MOST_PHASES = 8
SOURCES = ("patient", "detector", "magnified", "region", "none")


class Series:
    """One run: ``claims`` are what a reader is told, ``said`` the messages, ``wrong`` what must not be."""

    def __init__(self, paths: Sequence[Path], scratch: Path) -> None:
        self.paths = paths
        self.scratch = scratch
        self.faults: list[str] = []
        self.said: list[str] = []
        self.wrong: list[str] = []
        self.claims: dict[str, Any] = {"spacings": [], "places": [], "frames": {}, "volumes": []}

    def run(self) -> dict[str, Any]:
        """All steps; JSON."""
        headers: list[SliceHeader] = []
        for path in self.paths:
            headers += self._file(path, is_last=path == self.paths[-1])
        if headers:
            self._parts(headers)
        return {
            "faults": self.faults,
            "said": sorted(set(self.said)),
            "wrong": self.wrong,
            "claims": self.claims,
        }

    def _try(self, step: Callable[..., Any], *arguments: Any) -> Any:
        """What *step* gives, or None where it ended in a named fault; any other exception is a finding."""
        try:
            return step(*arguments)
        except ImagingError as fault:
            self.faults.append(f"{step.__name__}: {fault.code}")
            self._say(fault.message)
        except Exception as fault:
            self.wrong.append(f"{step.__name__} raised {type(fault).__name__}: {fault!s:.200}")
        return None

    def _say(self, message: Message) -> None:
        text = str(message)
        self.said.append(text)
        json.dumps(message.as_json(), allow_nan=False)
        if MARK.lower() in text.lower():
            self.wrong.append(f"a message holds the file's text: {text}")

    def _file(self, path: Path, is_last: bool) -> list[SliceHeader]:
        """The headers of one file; of the last one, which is always damaged, whatever else is in it."""
        self._try(inspect_any, path)
        kind = self._try(file_format, path)
        if kind is None:
            return []
        if kind != "dicom":
            self._try(list_any_elements, path)
            self._volume_file(path)
            return []
        headers = list(self._try(read_slice_headers, path) or ())
        for header in headers:
            self._header(header)
        if not is_last:
            return headers
        self._try(list_elements, path)
        for header in headers[: _MOST_FRAMES - 1] + headers[_MOST_FRAMES - 1 :][-1:] or [None]:
            self._frame(path, header)
        return headers

    def _header(self, header: SliceHeader) -> None:
        for remark in header.remarks:
            self._say(remark)
        spacing, source = header.spacing, header.spacing_source
        self.claims["spacings"].append([spacing, source])
        self.claims["places"].append([header.position, header.orientation])
        if source not in SOURCES or (spacing is None) != (source == "none"):
            self.wrong.append(f"spacing {spacing} of source {source}")
        if spacing is not None and not all(1e-4 / 25 <= size <= 1e3 for size in spacing):
            self.wrong.append(f"spacing {spacing} mm")
        if header.position is not None and not _all_finite(header.position, 1e7):
            self.wrong.append(f"position {header.position}")
        if header.orientation is not None and not _is_plane(header.orientation):
            self.wrong.append(f"orientation {header.orientation}")
        for window in header.windows:
            if not (_all_finite((window["center"],), 1e9) and 0 < window["width"] <= 1e9):
                self.wrong.append(f"window {window}")
        times = (header.frame_time_ms, header.magnification, header.padding_value, header.padding_limit)
        if not all(number is None or math.isfinite(number) for number in times):
            self.wrong.append("a number that is not finite")

    def _frame(self, path: Path, header: SliceHeader | None) -> None:
        number = header.frame if header else 0
        if header is not None:
            alone = self._try(read_slice_header, path, number)
            if alone is not None and alone != header:
                self.wrong.append(f"frame {number} reads otherwise alone")
        frame = self._try(read_frame, path, number)
        if frame is not None:
            may_be_infinite = header is not None and header.layout.is_float
            self._values(frame.values, f"{path.name}:{number}", frame.unit, may_be_infinite)
            if header is not None and frame.values.shape[:2] != (header.rows, header.columns):
                self.wrong.append("a frame of another size than its header's")
            if header is not None and not header.rescale.is_usable and not frame.is_colour:
                self.wrong.append("values with an unusable slope")
        displays: list[Any] = [*(self._try(read_voi_luts, path, number) or ())]
        displays += stored_windows(header.windows) if header else []
        for display in displays[:4] if frame is not None and frame.values.ndim == 2 else ():
            to_grey(frame.values, display, frame.inverted)
        self._try(read_overlays, path, number)

    def _values(self, values: np.ndarray, name: str, unit: str, may_be_infinite: bool) -> None:
        if values.dtype.kind == "f" and np.isinf(values).any() and not may_be_infinite:
            self.wrong.append(f"infinite values in {name}")
        self.claims["frames"][name] = [list(values.shape), _digest(values), unit]

    def _parts(self, headers: Sequence[SliceHeader]) -> None:
        converted = self._try(in_suv, headers, LIMITS)
        if converted is None:
            return
        headers, suv = converted
        for message in (suv.reason, *suv.warnings) if suv else ():
            if message is not None:
                self._say(message)
        parts = self._try(split_series, headers)
        if parts is None:
            return
        whole = sorted((str(header.path), header.frame) for part in parts for header in part.headers)
        if whole != sorted((str(header.path), header.frame) for header in headers):
            self.wrong.append("an image is lost or shown twice")
        for part in parts:
            str(part.label)
            if len(self._try(stack_order, part.headers) or ()) != len(part.headers):
                self.wrong.append("the stack lost an image")
            planned = self._try(plan_part, part, suv, LIMITS)
            if planned is None:
                continue
            for message in (*planned.warnings, *((planned.reason,) if planned.reason else ())):
                self._say(message)
            for phase, plan in enumerate(planned.plans[:_MOST_PHASES]):
                target = self.scratch / f"{phase}.npy"
                header = self._try(build_volume, plan, target)
                if header is not None:
                    self._volume(target, header)

    def _volume_file(self, path: Path) -> None:
        found = self._try(read_volume_file, path)
        if found is None or found.phase_count > _MOST_PHASES:
            return
        targets = [self.scratch / f"{n}.npy" for n in range(found.phase_count)]
        headers = self._try(build_all_from_file, found, targets) or ()
        for target, header in zip(targets, headers, strict=False):
            self._volume(target, header)

    def _volume(self, target: Path, header: VolumeHeader) -> None:
        stored = json.loads(json.dumps(header.as_json(), allow_nan=False))
        volume = load_volume(target, VolumeHeader.from_json(stored))
        for warning in header.warnings:
            self._say(Message.from_json(warning))
        if not np.isfinite(volume.affine).all() or abs(np.linalg.det(volume.affine[:3, :3])) < 1e-12:
            self.wrong.append(f"affine {header.affine}")
        if not all(1e-5 <= step <= 1001 for step in header.spacing_mm):
            self.wrong.append(f"voxels of {header.spacing_mm} mm")
        if not _all_finite((*header.value_range, *header.percentiles), 3.5e38):
            self.wrong.append(f"values from {header.value_range}")
        array = np.asarray(volume.array)
        if array.dtype.kind == "f" and np.isinf(array).any():
            self.wrong.append("infinite values in a volume")
        to_grey(array[array.shape[0] // 2], default_window(header), header.inverted)
        affine = np.round(volume.affine, 6).tolist()
        self.claims["volumes"].append([affine, list(header.shape_ijk), _digest(array), header.unit])


def _digest(values: np.ndarray) -> str:
    """The same for the same values, whatever their type; part by part, as arrays may be large."""
    sha256 = hashlib.sha256()
    flat = values.reshape(-1)
    for start in range(0, flat.size, 1 << 20):
        part = flat[start : start + (1 << 20)].astype(np.float64)
        sha256.update(np.nan_to_num(part, copy=False).tobytes())
    return sha256.hexdigest()[:16]


def _all_finite(numbers: Iterable[float], most: float) -> bool:
    return all(math.isfinite(number) and abs(number) <= most for number in numbers)


def _is_plane(orientation: Sequence[float]) -> bool:
    row, column = np.array(orientation[:3]), np.array(orientation[3:])
    lengths = np.linalg.norm(row), np.linalg.norm(column)
    return bool(np.allclose(lengths, 1, atol=1e-6) and abs(row @ column) <= 0.0101)
