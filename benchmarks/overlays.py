"""Overlays: RTSTRUCT to masks beside dcmrtstruct2nii and platipy, a large SEG, statistics of segments.

All ways of one table run in one process, interleaved round by round, so that a busy machine slows them alike:
read the ratios, not the milliseconds. Before timing, the voxels are counted. What is not there (the shared
test data, a peer) is skipped and said so. Peers are not among the requirements; where they lie in a folder of
their own, name it.

    python benchmarks/overlays.py                       five rounds
    python benchmarks/overlays.py --quick               two rounds, a smaller SEG
    python benchmarks/overlays.py --peers FOLDER        dcmrtstruct2nii and platipy, as pip --target puts them
"""

import argparse
import contextlib
import copy
import io
import logging
import os
import statistics
import sys
import tempfile
import time
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pydicom

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from app.imaging.contours import fill_structures
from app.imaging.formats.labelfile import read_labels
from app.imaging.formats.rtstruct import read_structures
from app.imaging.labellayers import pack_layers
from app.imaging.placement import place
from app.imaging.png import encode_grey
from app.imaging.reslice import extract_plane, plane_geometry
from app.imaging.segments import Grid, Segment
from app.imaging.segmentstatistics import segment_statistics
from app.imaging.volume import build_volume, load_volume, plan_volume, read_slice_headers
from app.imaging.window import Window, to_grey

SHARED = Path(os.environ.get("TRIPLANO_SHARED", Path(__file__).resolve().parents[2] / "shared"))
CHEST = SHARED / "data/ct-chest-lung1-rtstruct"
REFERENCE = {"GTV-1": 54639, "Spinal-Cord": 15618, "Lung-Left": 795750, "Lung-Right": 1036805}
FILL_GOAL_S, SEG_GOAL_S = 1.0, 3.0
Ways = dict[str, Callable[[], Any]]


def main() -> int:
    """Measure what can be, print the tables; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="two rounds, a smaller SEG")
    parser.add_argument("--peers", type=Path, default=Path("/tmp/rtpeers"), help="folder of the peers")
    options = parser.parse_args()
    rounds = 2 if options.quick else 5
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    _find_peers(options.peers)
    with tempfile.TemporaryDirectory() as place_name:
        folder = Path(place_name)
        held = [_structures(folder / "chest", rounds), _segmentation(folder / "seg", rounds, options.quick)]
    return int(not all(held))


def _find_peers(folder: Path) -> None:
    if folder.is_dir():
        sys.path.append(str(folder))
    # Both were written for pydicom 2, which had this name too.
    if not hasattr(pydicom, "read_file"):
        pydicom.read_file = pydicom.dcmread


def _structures(folder: Path, rounds: int) -> bool:
    """The structure set of the chest CT: 4 regions, 358 contours on 134 slices of 512 × 512."""
    if not CHEST.is_dir():
        print("RTSTRUCT: skipped, the shared test data is absent")
        return True
    with zipfile.ZipFile(CHEST / "LUNG1-001-ct.zip") as packed:
        packed.extractall(folder)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    headers = [header for path in files for header in read_slice_headers(path)]
    plan = plan_volume(headers)
    volume = folder / "volume.npy"
    header = build_volume(plan, volume)
    grid = Grid.of(plan.shape_ijk, plan.affine, headers[0].frame_of_reference_uid or "")
    source = CHEST / "LUNG1-001-rtstruct.dcm"
    read = read_structures(source)
    ways: Ways = {
        "ours: file to masks": lambda: fill_structures(read_structures(source), grid),
        "  of it reading": lambda: read_structures(source),
        "  of it filling": lambda: fill_structures(read, grid),
        "pydicom: file to numbers": lambda: _numbers(source),
        **_peer_ways(source, files[0].parent),
    }
    print("RTSTRUCT of the chest CT, 4 regions on 134 slices; voxels:")
    for name, way in ways.items():
        if counts := _counts(way()):
            print(f"  {name.strip():34}" + ", ".join(_beside(counts)))
    medians = _report("RTSTRUCT to masks", ways, rounds, "ours: file to masks")
    placed = fill_structures(read, grid)
    array = load_volume(volume, header).array
    _report_statistics(placed.segments, grid, array, rounds)
    _report_slices(placed.segments, grid, array, rounds)
    return _goal("RTSTRUCT to masks", medians["ours: file to masks"], FILL_GOAL_S)


def _numbers(source: Path) -> int:
    """What reading alone costs when pydicom converts the coordinates."""
    total = 0
    for roi in pydicom.dcmread(source).ROIContourSequence:
        for contour in roi.ContourSequence:
            total += len(np.array(contour.ContourData, float))
    return total


def _peer_ways(source: Path, folder: Path) -> Ways:
    """The peers that are there, given the images already read; none writes a file."""
    ways: Ways = {}
    try:
        import SimpleITK as sitk  # noqa: N813 - as everywhere

        reader = sitk.ImageSeriesReader()
        image = sitk.ReadImage(reader.GetGDCMSeriesFileNames(str(folder)))
    except (ImportError, RuntimeError) as fault:
        print(f"dcmrtstruct2nii, platipy: skipped, {fault}")
        return ways
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # it asks to be cited
            from dcmrtstruct2nii.adapters.convert.rtstructcontour2mask import DcmPatientCoords2Mask
            from dcmrtstruct2nii.adapters.input.contours.rtstructinputadapter import RtStructInputAdapter
    except ImportError as fault:
        print(f"dcmrtstruct2nii: skipped, {fault}")
    else:

        def by_dcmrtstruct2nii() -> dict[str, Any]:
            regions = RtStructInputAdapter().ingest(str(source))
            convert = DcmPatientCoords2Mask().convert
            return {one["name"]: convert(one["sequence"], image, 0, 1) for one in regions}

        ways["dcmrtstruct2nii"] = by_dcmrtstruct2nii
    try:
        from platipy.dicom.io.rtstruct_to_nifti import transform_point_set_from_dicom_struct
    except ImportError as fault:
        print(f"platipy: skipped, {fault}")
    else:

        def by_platipy() -> dict[str, Any]:
            masks, names = transform_point_set_from_dicom_struct(image, pydicom.dcmread(source))
            return dict(zip(names, masks, strict=True))

        ways["platipy"] = by_platipy
    return ways


def _counts(found: Any) -> dict[str, int]:
    if isinstance(found, dict):
        import SimpleITK as sitk  # noqa: N813 - as everywhere

        return {name: int(np.count_nonzero(sitk.GetArrayViewFromImage(mask))) for name, mask in found.items()}
    segments = getattr(found, "segments", ())
    return {segment.name: segment.mask.count for segment in segments}


def _beside(counts: dict[str, int]) -> list[str]:
    """Counts, and how far they are from the reference that comes with the data."""
    found = ((name, counts.get(name, 0), wanted) for name, wanted in REFERENCE.items())
    return [f"{name} {count} ({count / wanted - 1:+.2%})" for name, count, wanted in found]


def _report_statistics(segments: tuple[Segment, ...], grid: Grid, array: Any, rounds: int) -> None:
    """Sizes, values, surface and diameter of the four regions; SimpleITK computes what it has of that."""
    ways: Ways = {"ours": lambda: [segment_statistics(one.mask, grid, array, "HU") for one in segments]}
    try:
        import SimpleITK as sitk  # noqa: N813 - as everywhere
    except ImportError as fault:
        print(f"SimpleITK: skipped, {fault}")
    else:
        values = sitk.GetImageFromArray(np.asarray(array))
        labels = np.zeros(grid.shape_kji, np.uint8)
        for number, segment in enumerate(segments, 1):
            labels[segment.mask.slices_kji][segment.mask.voxels] = number
        image = sitk.GetImageFromArray(labels)

        def by_simpleitk() -> None:
            intensity = sitk.LabelIntensityStatisticsImageFilter()
            intensity.Execute(image, values)
            shape = sitk.LabelShapeStatisticsImageFilter()
            shape.ComputeFeretDiameterOff()  # it would take minutes
            shape.ComputePerimeterOn()
            shape.Execute(image)

        ways["SimpleITK, without diameter"] = by_simpleitk
    _report("statistics of 4 regions, 1.9 million voxels", ways, rounds, "ours")


def _report_slices(segments: tuple[Segment, ...], grid: Grid, array: Any, rounds: int) -> None:
    """What the labels of a slice add to its picture where the server draws."""
    layer = pack_layers(segments, grid.shape_kji)[0]
    axial, window = plane_geometry(grid.shape_ijk, grid.matrix, "axial"), Window(40, 400)
    i0, j0, k0 = layer.origin_ijk
    chosen = range(k0, k0 + layer.labels.shape[0], 8)

    def picture() -> None:
        for k in chosen:
            encode_grey(to_grey(extract_plane(array, axial, k), window))

    def labels() -> None:
        for k in chosen:
            whole = np.zeros(grid.shape_kji[1:], np.uint8)
            box = layer.labels[k - k0]
            whole[j0 : j0 + box.shape[0], i0 : i0 + box.shape[1]] = box
            encode_grey(whole)

    ways: Ways = {"picture of a slice to PNG": picture, "its labels to PNG": labels}
    _report(f"axial slices, {len(chosen)} of them", ways, rounds, "picture of a slice to PNG")


def _segmentation(folder: Path, rounds: int, quick: bool) -> bool:
    """A binary SEG of 40 segments on 384 slices of 512 × 512, written by highdicom."""
    try:
        source = _write_segmentation(folder, (96, 256, 256) if quick else (384, 512, 512))
    except ImportError as fault:
        print(f"SEG: skipped, {fault}")
        return True
    import highdicom

    grid = read_labels(source).grid
    ways: Ways = {
        "ours: file to segments on the volume": lambda: place(read_labels(source), grid),
        "bare read": source.read_bytes,
        "pydicom: frames as bytes a voxel": lambda: pydicom.dcmread(source).pixel_array,
        "highdicom: one volume of labels": lambda: (
            highdicom.seg.segread(source).get_volume(combine_segments=True, skip_overlap_checks=True).array
        ),
    }
    found = place(read_labels(source), grid)
    frames = pydicom.dcmread(source, stop_before_pixels=True).NumberOfFrames
    size = source.stat().st_size / 1e6
    print(f"SEG: {len(found.segments)} segments, grid {grid.shape_ijk}, {frames} frames, {size:.0f} MB")
    medians = _report("SEG", ways, rounds, "ours: file to segments on the volume")
    return quick or _goal("SEG", medians["ours: file to segments on the volume"], SEG_GOAL_S)


def _write_segmentation(folder: Path, shape: tuple[int, int, int]) -> Path:
    """Forty balls on a lattice, each its own segment; none touches another."""
    from highdicom.seg import (
        SegmentAlgorithmTypeValues,
        Segmentation,
        SegmentationTypeValues,
        SegmentDescription,
    )
    from highdicom.sr.coding import CodedConcept

    from app.imaging.synthetic import thorax_series

    folder.mkdir()
    slices, rows, columns = shape
    template = next(iter(thorax_series(1)))
    template.PixelData = b""
    sources = []
    for k in range(slices):
        one = copy.deepcopy(template)
        one.SOPInstanceUID, one.InstanceNumber = f"1.2.826.0.1.3680043.10.1.99.{k}", k + 1
        one.Rows, one.Columns = rows, columns
        one.ImagePositionPatient, one.PixelSpacing = [0, 0, k], [0.8, 0.8]
        sources.append(one)
    labels = np.zeros(shape, np.uint8)
    numbers = iter(range(1, 41))
    reach = np.array(shape) // np.array([10, 16, 16])
    for k in np.linspace(reach[0], slices - reach[0] - 1, 4).astype(int):
        for n in range(10):
            j, i = np.array([rows, columns]) * (np.array(divmod(n, 5)) * 2 + 1) // np.array([4, 10])
            box = np.s_[k - reach[0] : k + reach[0], j - reach[1] : j + reach[1], i - reach[2] : i + reach[2]]
            places = np.meshgrid(*(np.linspace(-1, 1, 2 * one) for one in reach), indexing="ij", sparse=True)
            labels[box][sum(place * place for place in places) < 1] = next(numbers)
    tissue = CodedConcept("85756007", "SCT", "Tissue")
    described = [
        SegmentDescription(n, f"Ball {n}", tissue, tissue, SegmentAlgorithmTypeValues.MANUAL)
        for n in range(1, 41)
    ]
    made = Segmentation(
        source_images=sources, pixel_array=labels, segmentation_type=SegmentationTypeValues.BINARY,
        segment_descriptions=described, series_instance_uid="1.2.826.0.1.3680043.10.1.98", series_number=9,
        sop_instance_uid="1.2.826.0.1.3680043.10.1.98.1", instance_number=1, manufacturer="Benchmark",
        manufacturer_model_name="Benchmark", software_versions="1", device_serial_number="1",
    )  # fmt: skip
    path = folder / "seg.dcm"
    made.save_as(path)
    return path


def _report(title: str, ways: Ways, rounds: int, reference: str) -> dict[str, float]:
    """Time the ways in turn, print them; the medians of their CPU seconds."""
    walls, cpus = ({name: [] for name in ways} for _ in range(2))
    for _ in range(rounds):
        for name, way in ways.items():
            wall, cpu = time.perf_counter(), time.process_time()
            way()
            cpus[name].append(time.process_time() - cpu)
            walls[name].append(time.perf_counter() - wall)
    wall_of, cpu_of = ({n: statistics.median(found) for n, found in one.items()} for one in (walls, cpus))
    print(f"\n{title}; {rounds} rounds, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print(f"{'way':42}{'median s':>10}{'CPU s':>8}{'× (CPU)':>10}")
    for name in ways:
        ratio = cpu_of[name] / cpu_of[reference]
        print(f"{name:42}{wall_of[name]:10.3f}{cpu_of[name]:8.3f}{ratio:10.2f}")
    print()
    return cpu_of


def _goal(name: str, cpu: float, goal: float) -> bool:
    """Judged by CPU time, of which one thread on an idle machine needs no less: others share these cores."""
    held = cpu <= goal
    print(f"goal, {name}: {cpu:.2f} s of CPU, at most {goal:g} wanted: {'ok' if held else 'MISSED'}\n")
    return held


if __name__ == "__main__":
    sys.exit(main())
