"""One compressed frame to samples: the decoders of several packages, for each transfer syntax.

All ways run in one process, interleaved round by round, so that a busy machine slows them alike: read the
ratios, not the milliseconds. Before timing, the samples of all ways are compared; "differs" tells the
largest difference.
A package that is not installed is left out; none but imagecodecs is needed to run the application. Its
quicker decoder of HTJ2K ("ic_htj2k") is not used: see app/imaging/decoders.py.

    python benchmarks/decoders.py                    the transfer syntax samples of ../shared/data
    python benchmarks/decoders.py --threads 2        several threads at once: who frees the GIL
"""

import argparse
import io
import os
import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pydicom
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.encaps import generate_frames
from pydicom.pixels.decoders.base import get_decoder

SHARED = Path(os.environ.get("TRIPLANO_SHARED", Path(__file__).resolve().parents[2] / "shared"))
ZOO = SHARED / "data" / "zoo"
CT = "transfer-syntaxes/CTImage_"
Way = Callable[[bytes], NDArray[Any]]


@dataclass(frozen=True)
class Case:
    """One sample file and the packages that may read it."""

    title: str
    file: str
    ways: tuple[str, ...]


CASES = (
    Case("RLE, 16 bits", f"{CT}RLELossless_1.2.840.10008.1.2.5.dcm", ("ic_rle", "rle")),
    Case("RLE, colour", "photometric/YBR_FULL-RLE.dcm", ("ic_rle", "rle")),
    Case("JPEG .50, grey", f"{CT}JPEGProcess1_1.2.840.10008.1.2.4.50.dcm", ("ic_jpeg", "pillow", "gdcm")),
    Case("JPEG .50, colour", "photometric/TestPattern_JPEG-Baseline_YBR422.dcm", ("ic_jpeg", "pillow")),
    Case("JPEG .51, 12 bits", f"{CT}JPEGProcess2_4_1.2.840.10008.1.2.4.51.dcm", ("ic_jpeg",)),
    Case(
        "JPEG lossless .57",
        f"{CT}JPEGProcess14_1.2.840.10008.1.2.4.57.dcm",
        ("ic_jpeg", "ic_sof3", "ic_ljpeg", "gdcm"),
    ),
    Case(
        "JPEG lossless .70",
        f"{CT}JPEGProcess14SV1_1.2.840.10008.1.2.4.70.dcm",
        ("ic_jpeg", "ic_sof3", "ic_ljpeg", "gdcm"),
    ),
    Case("JPEG-LS .80", f"{CT}JPEGLSLossless_1.2.840.10008.1.2.4.80.dcm", ("ic_ls", "pyjpegls", "gdcm")),
    Case("JPEG-LS .81", f"{CT}JPEGLSLossy_1.2.840.10008.1.2.4.81.dcm", ("ic_ls", "pyjpegls", "gdcm")),
    Case("JPEG-LS, colour", "photometric/TestPattern_JPEG-LS-Lossless.dcm", ("ic_ls", "pyjpegls", "gdcm")),
    Case(
        "JPEG 2000 .90",
        f"{CT}JPEG2000LosslessOnly_1.2.840.10008.1.2.4.90.dcm",
        ("ic_j2k", "openjpeg", "gdcm"),
    ),
    Case("JPEG 2000 .91", f"{CT}JPEG2000_1.2.840.10008.1.2.4.91.dcm", ("ic_j2k", "openjpeg", "gdcm")),
    Case("JPEG 2000, colour", "photometric/examples_jpeg2k.dcm", ("ic_j2k", "openjpeg", "pillow", "gdcm")),
    Case(
        "HTJ2K .201, colour", "transfer-syntaxes/HTJ2KLossless_08_RGB.dcm", ("ic_j2k", "ic_htj2k", "openjpeg")
    ),
)


def main() -> int:
    """Compare and time every case, print a table for each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=7, help="rounds of all ways, at least 5")
    parser.add_argument("--threads", type=int, default=1, help="frames decoded at once")
    options = parser.parse_args()
    print(f"{'case':20}{'way':11}{'ms a frame':>11}{'x first':>9}  differs")
    for case in CASES:
        path = ZOO / case.file
        if not path.exists():
            print(f"{case.title:20}absent: {case.file}")
            continue
        _report(case, path, max(5, options.rounds), options.threads)
    return 0


def _report(case: Case, path: Path, rounds: int, threads: int) -> None:
    dataset = pydicom.dcmread(path)
    frame = next(generate_frames(dataset.PixelData, number_of_frames=int(dataset.get("NumberOfFrames") or 1)))
    ways: dict[str, Way] = {}
    decoded: dict[str, NDArray[Any]] = {}
    for name in case.ways:
        try:
            way = _way(name, dataset)
            decoded[name] = way(frame)
            ways[name] = way
        except Exception as fault:
            print(f"{case.title:20}{name:11} left out: {type(fault).__name__} {str(fault)[:60]}")
    times: dict[str, list[float]] = {name: [] for name in ways}
    with ThreadPoolExecutor(threads) as pool:
        for _ in range(rounds):
            for name, way in ways.items():
                begun = time.perf_counter()
                list(pool.map(way, [frame] * (4 * threads)))
                times[name].append((time.perf_counter() - begun) * 1000 / (4 * threads))
    medians = {name: statistics.median(found) for name, found in times.items()}
    first = next(iter(ways))
    for name, median in medians.items():
        print(
            f"{case.title:20}{name:11}{median:11.2f}{median / medians[first]:9.2f}"
            f"  {_difference(decoded[first], decoded[name])}"
        )


def _difference(one: NDArray[Any], other: NDArray[Any]) -> str:
    """The largest difference of the samples' low 16 bits, signs left aside; two arrangements are one."""
    if one.size != other.size:
        return f"{one.shape} against {other.shape}"
    apart = one.astype(np.int64).reshape(-1) - other.astype(np.int64).reshape(-1)
    return str(int(np.abs((apart + 2**15) % 2**16 - 2**15).max()))


def _way(name: str, dataset: Dataset) -> Way:
    """One way to decode a frame of *dataset*, or ImportError."""
    if name.startswith("ic_"):
        return _imagecodecs_way(name, dataset)
    if name == "pillow":
        return lambda frame: np.asarray(Image.open(io.BytesIO(frame)))
    if name == "pyjpegls":
        import jpeg_ls

        return lambda frame: np.frombuffer(jpeg_ls.decode_pixel_data(frame)[0], _samples(dataset))
    if name == "openjpeg":
        import openjpeg

        return lambda frame: np.asarray(openjpeg.decode(io.BytesIO(frame)))
    if name == "rle":
        return _rle_way(dataset)
    return _gdcm_way(dataset)


def _samples(dataset: Dataset) -> np.dtype[Any]:
    return np.dtype(f"<u{dataset.BitsAllocated // 8}")


def _interleaved(planes: NDArray[Any], dataset: Dataset) -> NDArray[Any]:
    shape = (dataset.SamplesPerPixel, dataset.Rows, dataset.Columns)
    return np.ascontiguousarray(planes.reshape(shape).transpose(1, 2, 0))


def _rle_way(dataset: Dataset) -> Way:
    from rle.utils import decode_pixel_data

    def decode(frame: bytes) -> NDArray[Any]:
        found = decode_pixel_data(frame, dataset, version=1)
        return _interleaved(np.frombuffer(found.tobytes(), _samples(dataset)), dataset)

    return decode


def _imagecodecs_way(name: str, dataset: Dataset) -> Way:
    kind = _samples(dataset)

    def rle(frame: bytes) -> NDArray[Any]:
        return _interleaved(np.frombuffer(imagecodecs.dicomrle_decode(frame, kind), kind), dataset)

    return {
        "ic_rle": rle,
        "ic_jpeg": imagecodecs.jpeg8_decode,
        "ic_sof3": imagecodecs.jpegsof3_decode,
        "ic_ljpeg": imagecodecs.ljpeg_decode,
        "ic_ls": imagecodecs.jpegls_decode,
        "ic_j2k": imagecodecs.jpeg2k_decode,
        "ic_htj2k": imagecodecs.htj2k_decode,
    }[name]


def _gdcm_way(dataset: Dataset) -> Way:
    """GDCM through pydicom, which has the glue for it."""
    decoder = get_decoder(dataset.file_meta.TransferSyntaxUID)
    if "gdcm" not in decoder.available_plugins:
        raise ImportError("no gdcm for this syntax")
    options = {
        "rows": dataset.Rows,
        "columns": dataset.Columns,
        "number_of_frames": 1,
        "samples_per_pixel": dataset.SamplesPerPixel,
        "photometric_interpretation": dataset.PhotometricInterpretation,
        "planar_configuration": int(dataset.get("PlanarConfiguration") or 0),
        "pixel_representation": dataset.PixelRepresentation,
        "bits_allocated": dataset.BitsAllocated,
        "bits_stored": dataset.BitsStored,
        "pixel_keyword": "PixelData",
        "pixel_vr": "OB",
    }

    def decode(frame: bytes) -> NDArray[Any]:
        encapsulated = pydicom.encaps.encapsulate([frame])
        return np.asarray(
            decoder.as_array(encapsulated, index=0, decoding_plugin="gdcm", raw=True, **options)[0]
        )

    return decode


if __name__ == "__main__":
    sys.exit(main())
