"""What the child reads of files of masks, contours and dose: numbers and texts as JSON, voxels as files.

Arrays never go through a line of JSON. Masks are put on the grid of the volume here, so that neither the
file's own voxels nor their unpacking ever touch the web process.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from app.imaging.dicomfile import RT_STRUCTURE_SET
from app.imaging.errors import N_, LimitExceeded, Message, MissingElement, NotDicom, UnsupportedData
from app.imaging.formats.sniff import file_format
from app.imaging.labellayers import Layer, pack_layers
from app.imaging.limits import ReadLimits
from app.imaging.placement import Placed, place
from app.imaging.references import KINDS, read_reference
from app.imaging.segments import Grid, Segment
from app.imaging.values import clean_text
from app.storage.store import write_synced

MOST_SEGMENTS = 1000
MOST_NAME = 128
_MOST_NUMBER = 65_535  # of a label in the formats that are written
MOST_MASK_BYTES = 512 * 1024 * 1024
_TOO_MANY = N_("The file has %(found)s segments; at most %(limit)s are taken.")
_NONE = N_("The file holds no segment.")
_OTHER_SERIES = N_(
    "It was drawn on another series in the same frame of reference: what is seen here may lie a little apart."
)
_NO_FORMAT = N_(
    "The file is neither DICOM nor NRRD nor NIfTI. "
    "Choose a DICOM SEG, an RTSTRUCT, or masks as NRRD or NIfTI."
)
_NOT_LABELS = N_("An RT Dose holds no segments; it is shown as dose.")


def answer(request: Mapping[str, Any], limits: ReadLimits) -> dict[str, Any]:
    """What *request* asks of the file at its ``path``: "reference", "labels" or "dose".

    Raises
    ------
    ImagingError
    """
    readers: dict[str, Callable[[Mapping[str, Any], ReadLimits], dict[str, Any]]] = {
        "reference": _reference,
        "labels": _labels,
        "dose": _dose,
    }
    return readers[request["read"]](request, limits)


def grid_from_json(stored: Mapping[str, Any]) -> Grid:
    """The grid that :func:`grid_as_json` wrote."""
    return Grid.of(stored["shape_ijk"], stored["affine"], stored["frame_of_reference_uid"])


def grid_as_json(grid: Grid) -> dict[str, Any]:
    """A grid for a row, or for a line to another process."""
    return asdict(grid)


def layer_plan(layers: Sequence[Layer]) -> list[dict[str, Any]]:
    """What is told of layers: ``index``, ``box`` [[i0, j0, k0], [i1, j1, k1]], ``segments``, ``bytes``."""
    plan = []
    for index, layer in enumerate(layers):
        end = [start + size for start, size in zip(layer.origin_ijk, layer.labels.shape[::-1], strict=True)]
        plan.append(
            {
                "index": index,
                "box": [list(layer.origin_ijk), end],
                "segments": list(layer.numbers),
                "bytes": int(layer.labels.size),
            }
        )
    return plan


def _reference(request: Mapping[str, Any], limits: ReadLimits) -> dict[str, Any]:
    return {"reference": read_reference(Path(request["path"]), limits).as_json()}


def _labels(request: Mapping[str, Any], limits: ReadLimits) -> dict[str, Any]:
    """The segments on the grid ``target``, a mask file each under ``into``."""
    target, into = grid_from_json(request["target"]), Path(request["into"])
    series_uid = request["series_uid"]
    kind, drawn_on, placed = _placed(
        Path(request["path"]), target, limits, assume=bool(request["assume"]), series_uid=series_uid
    )
    warnings = list(placed.warnings)
    if drawn_on and drawn_on != series_uid:
        warnings.append(Message(_OTHER_SERIES))
    segments = _numbered(placed.segments)
    files = [_written(segment, into) for segment in segments]
    if sum(one["size"] for one in files) > MOST_MASK_BYTES:
        raise LimitExceeded(N_("The masks take more than %(limit)s bytes."), limit=f"{MOST_MASK_BYTES:,}")
    return {
        "labels": {
            "kind": kind,
            "placement": placed.placement,
            "warnings": [warning.as_json() for warning in warnings],
            "segments": files,
            "layers": layer_plan(pack_layers(segments, target.shape_kji)),
        }
    }


def _placed(
    path: Path, target: Grid, limits: ReadLimits, *, assume: bool, series_uid: str
) -> tuple[str, str, Placed]:
    """Kind, UID of the series that it was drawn on (or ""), and the segments on *target*, of *series_uid*."""
    if file_format(path) == "dicom":
        kind = _dicom_kind(path, limits)
        if kind == RT_STRUCTURE_SET:
            from app.imaging.contours import fill_structures
            from app.imaging.formats.rtstruct import read_structures

            structures = read_structures(path, limits)
            _check_count(len(structures.rois))
            return (
                "rtstruct",
                structures.series_uid,
                fill_structures(structures, target, assume_same_place=assume),
            )
        if KINDS.get(kind) == "rtdose":
            raise UnsupportedData(_NOT_LABELS)
    from app.imaging.formats.labelfile import read_labels

    image = read_labels(path, limits)
    _check_count(len(image.segments))
    is_on_series = bool(series_uid) and image.series_uid == series_uid
    placed = place(image, target, assume_same_place=assume, on_these_slices=is_on_series)
    return image.kind, image.series_uid, placed


def _dicom_kind(path: Path, limits: ReadLimits) -> str:
    """The SOP Class UID of the file; "" where it is another object than those known here."""
    from app.imaging import values
    from app.imaging.structure import read_structure

    try:
        header = values.decode_elements(read_structure(path, limits), (0x00080016,))
    except NotDicom:
        raise NotDicom(_NO_FORMAT) from None  # what a file of images lacks is no help here
    return values.uid(header, "SOPClassUID") or ""


def _check_count(found: int) -> None:
    if not found:
        raise MissingElement(_NONE)
    if found > MOST_SEGMENTS:
        raise LimitExceeded(_TOO_MANY, found=f"{found:,}", limit=f"{MOST_SEGMENTS:,}")


def _numbered(segments: Sequence[Segment]) -> tuple[Segment, ...]:
    """*segments* with a number of its own each: those of the file where they will do."""
    numbers = [segment.number for segment in segments]
    if len(set(numbers)) == len(numbers) and all(0 < number <= _MOST_NUMBER for number in numbers):
        return tuple(segments)
    return tuple(replace(segment, number=number) for number, segment in enumerate(segments, start=1))


def _written(segment: Segment, into: Path) -> dict[str, Any]:
    """The row of a segment; its mask lies in the file that it names."""
    stored = segment.mask.to_bytes()
    file = into / f"{segment.number}.mask"
    write_synced(file, stored)
    code = segment.code
    return {
        "number": segment.number,
        "name": clean_text(segment.name, MOST_NAME),
        "color_rgb": segment.color_rgb,
        "code": None if code is None else {name: clean_text(text, 64) for name, text in asdict(code).items()},
        "box": segment.mask.box_ijk,
        "voxels": segment.mask.count,
        "size": len(stored),
    }


def _dose(request: Mapping[str, Any], limits: ReadLimits) -> dict[str, Any]:
    """The dose as ``dose.npy`` (k, j, i) float32 Gy under ``into``, and what is known of it."""
    from app.imaging.formats.rtdose import read_dose

    dose = read_dose(Path(request["path"]), limits)
    np.save(Path(request["into"]) / "dose.npy", np.ascontiguousarray(dose.values_gy, np.float32))
    facts = {
        "grid": grid_as_json(dose.grid),
        "kind": dose.kind,
        "unit": dose.unit,
        "summation": dose.summation,
        "max_gy": dose.largest,
        "warnings": [warning.as_json() for warning in dose.warnings],
    }
    return {"dose": facts}
