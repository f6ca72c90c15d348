"""NIfTI label maps: whole numbers, also where they are stored as floats or scaled."""

from pathlib import Path

from app.imaging.errors import UnsupportedData
from app.imaging.formats.labelnrrd import NO_SEGMENTS, ONE_VOLUME, UNPLACED, told
from app.imaging.formats.labelvoxels import read_layers
from app.imaging.formats.nifti import read_nifti
from app.imaging.limits import DEFAULT_LIMITS, ReadLimits
from app.imaging.segments import Grid, LabelImage, Segment


def read_label_nifti(path: Path, limits: ReadLimits = DEFAULT_LIMITS) -> LabelImage:
    """The segments of the NIfTI file at *path*.

    Raises
    ------
    ImagingError
        It is no label map, damaged, or beyond the limits.
    """
    volume_file = read_nifti(path, limits)
    if volume_file.phase_count > 1:
        raise UnsupportedData(ONE_VOLUME, count=volume_file.phase_count)
    (masks,) = read_layers(volume_file, limits)
    if not masks:
        raise UnsupportedData(NO_SEGMENTS)
    return LabelImage(
        "nifti",
        Grid.of(volume_file.shape_ijk, volume_file.affine_lps),
        tuple(Segment(label, "", mask) for label, mask in masks.items()),
        is_placed=not any(warning.template in UNPLACED for warning in volume_file.warnings),
        warnings=told(volume_file),
    )
