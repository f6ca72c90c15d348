"""Segments as label maps: NIfTI (.nii.gz) and segmentations of 3D Slicer (.seg.nrrd).

A voxel holds the number of its segment, uint8 while all numbers fit. Segments that overlap take as many
volumes as it needs for none to cover another: a fourth axis, the last of a NIfTI, the first of an NRRD, as
3D Slicer has it. NIfTI is RAS and has no names: :func:`snap_labels` tells them in a file of its own. The
.seg.nrrd is LPS and has names, colours and codes.

References
----------
NIfTI-1.1, nifti1.h (qform and sform); NRRD 5; 3D Slicer, developer guide, segmentation NRRD file format;
ITK-SNAP label description file.
"""

import gzip
from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.imaging.anatomy import UNNAMED, category_of
from app.imaging.errors import N_, LimitExceeded
from app.imaging.formats.grid import lps_from_ras
from app.imaging.formats.sourceimages import label_text
from app.imaging.labellayers import MOST_LAYER_BYTES, Layer, pack_layers
from app.imaging.segments import Grid, Segment

_LEVEL = 1  # empty space packs at any level; the least takes a third of the time
_LABELS_INTENT = 1002
_GREY = (127, 127, 127)
_TOO_LARGE = N_(
    "The label map would take %(size)s bytes; at most %(limit)s are written. Choose fewer segments."
)


def nifti_bytes(segments: Sequence[Segment], grid: Grid) -> bytes:
    """*segments* as .nii.gz; four-dimensional where they overlap.

    Raises
    ------
    LimitExceeded
        They overlap so much that the file would not fit into memory elsewhere.
    """
    import nibabel

    layers, dtype = _layers(segments, grid)
    header: Any = nibabel.Nifti1Header()  # type: ignore[no-untyped-call]
    header.set_data_dtype(dtype)
    header.set_data_shape((*grid.shape_ijk, len(layers)) if len(layers) > 1 else grid.shape_ijk)
    affine_ras = lps_from_ras(grid.matrix)  # the same two signs lead both ways
    header.set_qform(affine_ras, code=1)
    header.set_sform(affine_ras, code=1)
    header.set_xyzt_units("mm")
    header["descrip"] = b"Triplano segments"
    header["intent_code"] = _LABELS_INTENT
    header["cal_max"] = max((segment.number for segment in segments), default=0)
    header["vox_offset"] = 352
    header["magic"] = b"n+1"
    file = BytesIO()
    with gzip.GzipFile("", "wb", _LEVEL, file, mtime=0) as packed:
        packed.write(header.binaryblock + b"\0\0\0\0")
        for layer in layers:
            for plane in _planes(layer, grid, dtype):
                packed.write(plane.tobytes())
    return file.getvalue()


def nrrd_bytes(segments: Sequence[Segment], grid: Grid) -> bytes:
    """*segments* as .seg.nrrd, with names, colours and codes.

    Raises
    ------
    LimitExceeded
        As of :func:`nifti_bytes`.
    """
    layers, dtype = _layers(segments, grid)
    is_flat = len(layers) == 1
    sizes = grid.shape_ijk if is_flat else (len(layers), *grid.shape_ijk)
    directions = [_vector(grid.matrix[:3, axis]) for axis in range(3)]
    fields = {
        "type": "unsigned char" if dtype == np.uint8 else "unsigned short",
        "dimension": str(len(sizes)),
        "space": "left-posterior-superior",
        "sizes": " ".join(map(str, sizes)),
        "space directions": " ".join(directions if is_flat else ["none", *directions]),
        "kinds": "domain domain domain" if is_flat else "list domain domain domain",
        "endian": "little",
        "encoding": "gzip",
        "space origin": _vector(grid.matrix[:3, 3]),
    }
    of_number = {number: n for n, layer in enumerate(layers) for number in layer.numbers}
    keys = {
        "Segmentation_ContainedRepresentationNames": "Binary labelmap|",
        "Segmentation_ReferenceImageExtentOffset": "0 0 0",
        "Segmentation_SourceRepresentation": "Binary labelmap",
    }
    for place, segment in enumerate(segments):
        keys |= _slicer_keys(place, segment, of_number.get(segment.number, 0))
    head = ["NRRD0004", "# Complete NRRD file format specification at:"]
    head += ["# http://teem.sourceforge.net/nrrd/format.html"]
    head += [f"{field}: {text}" for field, text in fields.items()]
    head += [f"{key}:={text}" for key, text in keys.items()]
    file = BytesIO()
    # UTF-8, as 3D Slicer writes and reads names; pynrrd would write ASCII only.
    file.write(("\n".join(head) + "\n\n").encode())
    with gzip.GzipFile("", "wb", _LEVEL, file, mtime=0) as packed:
        for planes in zip(*(_planes(layer, grid, dtype) for layer in layers), strict=True):
            packed.write(np.stack(planes, axis=-1).tobytes())
    return file.getvalue()


def snap_labels(segments: Sequence[Segment]) -> bytes:
    """Numbers, colours and names as ITK-SNAP reads them beside a NIfTI label map."""
    lines = ["# Label file of Triplano: number, red, green, blue, opacity, visible, in 3D, name"]
    lines.append('0 0 0 0 0 0 0 "Clear Label"')
    for segment in segments:
        red, green, blue = segment.color_rgb or _GREY
        name = label_text(segment.name, f"Segment {segment.number}").replace('"', "'")
        lines.append(f'{segment.number} {red} {green} {blue} 1 1 1 "{name}"')
    return ("\n".join(lines) + "\n").encode()


def _layers(segments: Sequence[Segment], grid: Grid) -> tuple[tuple[Layer, ...], np.dtype[Any]]:
    """The volumes that the segments take, at least one, and the type of their voxels."""
    numbers = [segment.number for segment in segments]
    if len(set(numbers)) < len(numbers) or not all(0 < number < 65536 for number in numbers):
        raise ValueError("segments have numbers of their own, from 1")
    layers = pack_layers(segments, grid.shape_kji)
    dtype = np.dtype(np.uint8 if max(numbers, default=0) < 256 else "<u2")
    size = max(1, len(layers)) * int(np.prod(grid.shape_ijk)) * dtype.itemsize
    if size > MOST_LAYER_BYTES:
        raise LimitExceeded(_TOO_LARGE, size=size, limit=MOST_LAYER_BYTES)
    return layers or (Layer((), (0, 0, 0), np.zeros((0, 0, 0), np.uint8)),), dtype


def _planes(layer: Layer, grid: Grid, dtype: np.dtype[Any]) -> Iterator[NDArray[Any]]:
    """Each slice of the grid, (rows, columns), in the numbers of the segments."""
    table = np.array([0, *layer.numbers]).astype(dtype)
    depth, height, width = layer.labels.shape
    i, j, first = layer.origin_ijk
    for k in range(grid.shape_ijk[2]):
        plane = np.zeros(grid.shape_kji[1:], dtype)
        if first <= k < first + depth:
            plane[j : j + height, i : i + width] = table[layer.labels[k - first]]
        yield plane


def _vector(parts: NDArray[np.float64]) -> str:
    return "(" + ",".join(repr(float(part) + 0.0) for part in parts) + ")"


def _slicer_keys(place: int, segment: Segment, layer: int) -> dict[str, str]:
    """What 3D Slicer wants to know of the segment at *place* in its list."""
    color = " ".join(f"{value / 255:.6g}" for value in segment.color_rgb or _GREY)
    (i0, j0, k0), (i1, j1, k1) = segment.mask.box_ijk
    extent = f"{i0} {i1 - 1} {j0} {j1 - 1} {k0} {k1 - 1}"
    keys = {
        "Color": color,
        "ColorAutoGenerated": "0" if segment.color_rgb else "1",
        "Extent": extent,
        "ID": f"Segment_{segment.number}",
        "LabelValue": str(segment.number),
        "Layer": str(layer),
        "Name": label_text(segment.name, f"Segment {segment.number}"),
        "NameAutoGenerated": "0" if segment.name else "1",
        "Tags": f"TerminologyEntry:{_terminology(segment)}|",
    }
    return {f"Segment{place}_{key}": text for key, text in keys.items()}


def _terminology(segment: Segment) -> str:
    """Context ~ category ~ type ~ modifier ~ region context ~ region ~ modifier, parts set off by ^."""
    codes = (category_of(segment.code), segment.code or UNNAMED)
    category, kind = ("^".join(map(_word, (code.scheme, code.value, code.meaning))) for code in codes)
    context = "Segmentation category and type - DICOM master list"
    return "~".join((context, category, kind, "^^", "Anatomic codes - DICOM master list", "^^", "^^"))


def _word(text: str) -> str:
    """*text* without the signs that set parts off."""
    return label_text(text.translate(str.maketrans("^~|:", "    ")), "")
