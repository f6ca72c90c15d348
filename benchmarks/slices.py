"""One slice to PNG bytes: this project's way against Pillow, Matplotlib and a bare copy.

All ways run in one process, interleaved round by round, so that a busy machine slows them alike: read the
ratios, not the milliseconds. Before timing, our PNG and Pillow's are decoded and must be identical.

    python benchmarks/slices.py                      the synthetic chest CT, 200 slices of 512 × 512
    python benchmarks/slices.py --series FOLDER      a real CT series (files of one series)
"""

import argparse
import io
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from app.imaging.geometry import affine_from_slices
from app.imaging.png import encode_grey
from app.imaging.reslice import PLANES, PlaneGeometry, extract_plane, plane_geometry
from app.imaging.synthetic import thorax_series
from app.imaging.window import Window, to_grey

WINDOW = Window(40, 400)
GATES = {"matplotlib": 100.0, "pillow": 5.0}
Volume = tuple[NDArray[np.int16], NDArray[np.float64]]


def main() -> int:
    """Build the volume, check the pixels, time the ways, print the table; 1 when a gate is missed."""
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "volume.npy"
        array, affine = _series_volume(options.series) if options.series else _synthetic_volume()
        np.save(path, array)
        mapped = np.load(path, mmap_mode="r")
        k, j, i = mapped.shape
        print(f"volume {k} × {j} × {i} {mapped.dtype}, memory-mapped; window {WINDOW.center}/{WINDOW.width}")
        missed = False
        for plane in PLANES:
            geometry = plane_geometry((i, j, k), affine, plane)
            _check_pixels(mapped, geometry)
            missed |= not _report(mapped, geometry, options.rounds, gated=plane == "axial")
    return int(missed)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--series", type=Path, help="folder with the files of one CT series")
    parser.add_argument("--rounds", type=int, default=9, help="rounds of all ways, at least 5")
    options = parser.parse_args()
    options.rounds = max(5, options.rounds)
    return options


def _synthetic_volume() -> Volume:
    planes = [
        np.frombuffer(dataset.PixelData, "<u2").reshape(dataset.Rows, dataset.Columns).astype(np.int16) - 1024
        for dataset in thorax_series()
    ]
    affine = affine_from_slices((1, 0, 0, 0, 1, 0), (0.75, 0.75), (-191.625, -191.625, -186), (0, 0, 1.5))
    return np.array(planes[::-1], np.int16), affine


def _series_volume(folder: Path) -> Volume:
    """The series through the project's own reading."""
    from app.imaging.volume import build_volume, load_volume, plan_volume, read_slice_header

    plan = plan_volume([read_slice_header(path) for path in sorted(folder.rglob("*")) if path.is_file()])
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "volume.npy"
        header = build_volume(plan, path, lambda share: None)
        volume = load_volume(path, header)
        return np.array(volume.array, np.int16), np.asarray(volume.affine)


def _check_pixels(array: NDArray[np.int16], geometry: PlaneGeometry) -> None:
    """Ours and Pillow's PNG must decode to the very greys that were encoded, on every tenth slice."""
    for index in range(0, geometry.count, max(1, geometry.count // 10)):
        plane = extract_plane(array, geometry, index)
        ours, theirs = (np.asarray(Image.open(io.BytesIO(way(plane)))) for way in (our_png, pillow_png))
        if not (np.array_equal(ours, theirs) and np.array_equal(ours, to_grey(plane, WINDOW))):
            raise SystemExit(f"{geometry.plane} {index}: the decoded pixels differ")


def our_png(plane: NDArray[np.int16]) -> bytes:
    """Table lookup, Up filter, deflate by ISA-L."""
    return encode_grey(to_grey(plane, WINDOW))


def pillow_png(plane: NDArray[np.int16]) -> bytes:
    """The same table lookup, then Pillow's PNG as it comes (level 6)."""
    stream = io.BytesIO()
    Image.fromarray(to_grey(plane, WINDOW)).save(stream, "PNG")
    return stream.getvalue()


def matplotlib_png(plane: NDArray[np.int16]) -> bytes:
    """A figure of 8 × 8 inches at 100 dpi with the slice in it."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 8), dpi=100)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.axis("off")
    axes.imshow(plane, cmap="gray", vmin=-160, vmax=240)
    stream = io.BytesIO()
    figure.savefig(stream, format="png")
    return stream.getvalue()


def bare_copy(plane: NDArray[np.int16]) -> bytes:
    """Nothing but a copy of the slice: the floor."""
    return plane.copy().data.cast("B")  # type: ignore[return-value]


WAYS: dict[str, tuple[Callable[[NDArray[np.int16]], bytes], int]] = {
    # way and slices per round: the quick ones more often, so that a round gives each a fair median
    "ours": (our_png, 20),
    "pillow": (pillow_png, 10),
    "matplotlib": (matplotlib_png, 3),
    "memcpy": (bare_copy, 20),
}


def _report(array: NDArray[np.int16], geometry: PlaneGeometry, rounds: int, gated: bool) -> bool:
    """Time all ways on one plane and print them; whether the gates hold (only asked of the axial plane)."""
    times: dict[str, list[float]] = {name: [] for name in WAYS}
    sizes: dict[str, list[int]] = {name: [] for name in WAYS}
    middle = range(geometry.count // 4, max(geometry.count // 4 + 1, 3 * geometry.count // 4))
    for way, _ in WAYS.values():  # imports and tables are not part of a slice
        way(extract_plane(array, geometry, middle[0]))
    for turn in range(rounds):
        for name, (way, count) in WAYS.items():
            for step in range(count):
                plane = extract_plane(array, geometry, middle[(turn * 7 + step * 5) % len(middle)])
                start = time.perf_counter()
                data = way(plane)
                times[name].append((time.perf_counter() - start) * 1000)
                sizes[name].append(len(data))
    medians = {name: statistics.median(values) for name, values in times.items()}
    print(f"\n{geometry.plane}, {geometry.width} × {geometry.height}, {rounds} rounds; pixels identical")
    print(f"{'way':12}{'ms':>9}{'KB':>7}{'× ours':>9}")
    for name, median in medians.items():
        size = statistics.median(sizes[name]) / 1000
        print(f"{name:12}{median:9.3f}{size:7.0f}{median / medians['ours']:9.2f}")
    if not gated:
        return True
    return all([_gate(name, medians[name] / medians["ours"], wanted) for name, wanted in GATES.items()])


def _gate(name: str, ratio: float, wanted: float) -> bool:
    held = ratio >= wanted
    print(f"gate: {ratio:.1f} × faster than {name}, {wanted:.0f} wanted: {'ok' if held else 'MISSED'}")
    return held


if __name__ == "__main__":
    sys.exit(main())
