"""NIfTI label maps: whole numbers, also where they are stored as floats or scaled.

Segments that overlap stand in several volumes, each label in one of them; or each volume is a mask of ones,
and the segments count as the volumes do.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from app.imaging.errors import UnsupportedData
from app.imaging.formats.labelnrrd import NO_SEGMENTS, ONE_VOLUME, UNPLACED, told
from app.imaging.formats.labelvoxels import check_count, read_layers
from app.imaging.formats.nifti import read_nifti
from app.imaging.limits import DEFAULT_LIMITS, ReadLimits
from app.imaging.segments import BoxMask, Grid, LabelImage, Segment


def read_label_nifti(path: Path, limits: ReadLimits = DEFAULT_LIMITS) -> LabelImage:
    """The segments of the NIfTI file at *path*.

    Raises
    ------
    ImagingError
        It is no label map, damaged, or beyond the limits.
    """
    volume_file = read_nifti(path, limits)
    masks = _joined(read_layers(volume_file, limits))
    if not masks:
        raise UnsupportedData(NO_SEGMENTS)
    return LabelImage(
        "nifti",
        Grid.of(volume_file.shape_ijk, volume_file.affine_lps),
        tuple(Segment(label, "", mask) for label, mask in masks.items()),
        is_placed=not any(warning.template in UNPLACED for warning in volume_file.warnings),
        warnings=told(volume_file),
    )


def _joined(layers: Sequence[Mapping[int, BoxMask]]) -> dict[int, BoxMask]:
    """The masks of all volumes by label.

    Raises
    ------
    UnsupportedData
        A label stands in several volumes, which then are moments and not masks.
    """
    check_count(sum(len(layer) for layer in layers))
    labels = [label for layer in layers for label in layer]
    if len(set(labels)) == len(labels) and (labels or len(layers) == 1):
        return {label: mask for layer in layers for label, mask in layer.items()}
    if set(labels) != {1}:
        raise UnsupportedData(ONE_VOLUME, count=len(layers))
    return {number: layer[1] for number, layer in enumerate(layers, 1) if layer}
