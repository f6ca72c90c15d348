"""From files to a volume: headers, uncompressed and JPEG-LS slices; time against bare work, peak memory.

All ways of one table run in one process, interleaved round by round, so that a busy machine slows them alike:
read the ratios, not the milliseconds. CPU time, of all threads, is what a busy machine changes least. Peak
memory is taken in a process of its own each.

    python benchmarks/loading.py                     the synthetic chest CT, 300 slices of 512 × 512
    python benchmarks/loading.py --series FOLDER     a real CT series (files of one series, uncompressed)
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import imagecodecs
import numpy as np
import pydicom
from pydicom.encaps import encapsulate, generate_frames

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from app.imaging import values
from app.imaging.dicomfile import inspect_file
from app.imaging.facts import FACT_TAGS, build_facts
from app.imaging.layout import LAYOUT_TAGS
from app.imaging.structure import read_structure
from app.imaging.synthetic import thorax_series
from app.imaging.volume import VolumeHeader, build_volume, plan_volume, read_slice_headers

JPEG_LS = "1.2.840.10008.1.2.4.80"
MIB = 1024 * 1024
Ways = dict[str, Callable[[], object]]


def main() -> None:
    """Write the files, time the ways, print the tables."""
    options = _options()
    if options.peak:
        _print_peak(options.peak, options.series)
        return
    with tempfile.TemporaryDirectory() as place:
        native = _listed(options.series) if options.series else _synthetic_files(Path(place, "native"))
        packed = _jpeg_ls_files(native, Path(place, "jpegls"))
        target = Path(place, "volume.npy")
        size = sum(path.stat().st_size for path in native)
        print(f"{len(native)} files, {size / 1e6:.0f} MB, {os.cpu_count()} cores, {options.rounds} rounds")
        _report("headers", _header_ways(native), options.rounds)
        _report("uncompressed", _native_ways(native, target), options.rounds, target)
        _report("JPEG-LS", _packed_ways(packed, target), options.rounds, target)
        voxels = _volume_bytes(native)
        for name, files in (("uncompressed", native), ("JPEG-LS", packed)):
            for way in ("nothing", "volume"):
                _report_peak(name, way, files[0].parent, voxels)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--series", type=Path, help="folder with the files of one CT series")
    parser.add_argument("--rounds", type=int, default=7, help="rounds of all ways, at least 5")
    parser.add_argument("--peak", choices=("nothing", "volume"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.rounds = max(5, options.rounds)
    return options


def _listed(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _synthetic_files(folder: Path) -> list[Path]:
    folder.mkdir()
    for number, dataset in enumerate(thorax_series(300)):
        dataset.save_as(folder / f"{number:03}.dcm", enforce_file_format=True)
    return _listed(folder)


def _jpeg_ls_files(files: list[Path], folder: Path) -> list[Path]:
    """The same slices, losslessly compressed."""
    folder.mkdir()
    for path in files:
        dataset = pydicom.dcmread(path)
        cells = np.frombuffer(dataset.PixelData, "<u2").reshape(dataset.Rows, dataset.Columns)
        dataset.PixelData = encapsulate([imagecodecs.jpegls_encode(cells)])
        dataset["PixelData"].VR = "OB"
        dataset.file_meta.TransferSyntaxUID = JPEG_LS
        dataset.save_as(folder / path.name, enforce_file_format=True)
    return _listed(folder)


def _header_ways(files: list[Path]) -> Ways:
    tags = (*FACT_TAGS, *LAYOUT_TAGS)
    ways = {
        "pydicom, no value asked for": lambda path: pydicom.dcmread(path, stop_before_pixels=True),
        "pydicom, the archive's values": _facts_by_pydicom,
        "needed elements": lambda path: values.decode_elements(read_structure(path), tags),
        "inspect_file": inspect_file,
        "read_slice_headers": read_slice_headers,
    }
    return {name: partial(_for_each, way, files) for name, way in ways.items()}


def _for_each(way: Callable[[Path], object], files: list[Path]) -> None:
    for path in files:
        way(path)


def _facts_by_pydicom(path: Path) -> object:
    header = pydicom.dcmread(path, stop_before_pixels=True)
    return build_facts(
        header,
        sop_class_uid=header.SOPClassUID,
        sop_instance_uid=header.SOPInstanceUID,
        transfer_syntax_uid=header.file_meta.TransferSyntaxUID,
        size=(header.Rows, header.Columns, 1),
        has_pixels=True,
    )


def _native_ways(files: list[Path], target: Path) -> Ways:
    return {
        "bare read": lambda: _read(files),
        "bare read, bytes kept": lambda: [path.read_bytes() for path in files],
        "bare copy to one file": lambda: _copy(files, target),
        "headers, plan, volume": lambda: _load(files, target),
        "the same without fsync": lambda: _without_fsync(files, target),
    }


def _packed_ways(files: list[Path], target: Path) -> Ways:
    frames = [next(generate_frames(pydicom.dcmread(path).PixelData, number_of_frames=1)) for path in files]
    return {
        "imagecodecs alone, 2 threads": lambda: _decode(frames, 2),
        "imagecodecs alone, 1 thread": lambda: _decode(frames, 1),
        "headers, plan, volume": lambda: _load(files, target),
    }


def _read(files: list[Path]) -> None:
    for path in files:
        path.read_bytes()


def _copy(files: list[Path], target: Path) -> None:
    with target.open("wb") as file:
        for path in files:
            file.write(path.read_bytes())
        file.flush()
        os.fsync(file.fileno())


def _load(files: list[Path], target: Path) -> VolumeHeader:
    headers = [header for path in files for header in read_slice_headers(path)]
    return build_volume(plan_volume(headers), target)


def _without_fsync(files: list[Path], target: Path) -> None:
    with _no_fsync():
        _load(files, target)


@contextmanager
def _no_fsync() -> Iterator[None]:
    kept, os.fsync = os.fsync, lambda descriptor: None
    try:
        yield
    finally:
        os.fsync = kept


def _decode(frames: list[bytes], threads: int) -> None:
    """Each frame decoded and forgotten."""
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(lambda frame: imagecodecs.jpegls_decode(frame).shape, frames):
            pass


def _report(title: str, ways: Ways, rounds: int, target: Path | None = None) -> None:
    """Run the *ways* in turn, *rounds* times after one to warm up; ratios are to the first of them."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    worked: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds + 1):
        for name, way in ways.items():
            started, work = time.perf_counter(), time.process_time()
            way()
            taken, work = time.perf_counter() - started, time.process_time() - work
            if number:
                seconds[name].append(taken)
                worked[name].append(work)
            if target is not None:
                target.unlink(missing_ok=True)  # to overwrite a file takes longer than to write one
    medians = {name: statistics.median(taken) for name, taken in seconds.items()}
    cpu = {name: statistics.median(taken) for name, taken in worked.items()}
    first, first_cpu = next(iter(medians.values())), next(iter(cpu.values()))
    print(f"\n{title:32}{'median ms':>10}{'× first':>10}{'first ×':>10}{'CPU ms':>10}{'× first':>10}")
    for name, median in medians.items():
        ratios = f"{median / first:10.2f}{first / median:10.2f}"
        print(f"{name:32}{median * 1e3:10.1f}{ratios}{cpu[name] * 1e3:10.1f}{cpu[name] / first_cpu:10.2f}")


def _volume_bytes(files: list[Path]) -> int:
    header = read_slice_headers(files[0])[0]
    return header.rows * header.columns * len(files) * 2


def _report_peak(name: str, way: str, folder: Path, voxels: int) -> None:
    command = [sys.executable, __file__, "--peak", way, "--series", str(folder)]
    peak = int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    print(f"peak memory, {name}, {way}: {peak / MIB:.0f} MiB; the volume is {voxels / MIB:.0f} MiB")


def _print_peak(way: str, folder: Path) -> None:
    """In a fresh process: the highest resident memory, which ru_maxrss would mix with the parent's."""
    if way == "volume":
        with tempfile.TemporaryDirectory() as place:
            _load(_listed(folder), Path(place, "volume.npy"))
    status = Path("/proc/self/status").read_text(encoding="ascii")
    kibibytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    print(int(kibibytes) * 1024)


if __name__ == "__main__":
    main()
