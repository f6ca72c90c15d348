"""Broken enhanced images: each ends in a named fault or in headers, never in anything else."""

import random

import pytest
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from app.imaging.errors import ImagingError, LimitExceeded
from app.imaging.limits import ReadLimits
from app.imaging.pixels import read_frame
from app.imaging.slices import read_slice_header, read_slice_headers
from tests.imaging.phantoms import OBLIQUE, enhanced, item

FRAME = {
    "PlanePositionSequence": {"ImagePositionPatient": [1, 2, 3]},
    "PlaneOrientationSequence": {"ImageOrientationPatient": list(OBLIQUE)},
    "PixelMeasuresSequence": {"PixelSpacing": [2.0, 0.5]},
    "PixelValueTransformationSequence": {"RescaleSlope": 2, "RescaleIntercept": 1, "RescaleType": "US"},
    "FrameContentSequence": {"StackID": "1", "DimensionIndexValues": [1, 2]},
    "FrameVOILUTSequence": {"WindowCenter": 40, "WindowWidth": 400},
    "MRDiffusionSequence": {
        "DiffusionBValue": 800.0,
        "DiffusionGradientDirectionSequence": {"DiffusionGradientOrientation": [0.0, 0.0, 1.0]},
    },
}


def contents(tmp_path, syntax):
    dataset = enhanced([FRAME, FRAME, FRAME], {})
    dataset.file_meta.TransferSyntaxUID = syntax
    path = tmp_path / "whole.dcm"
    dataset.save_as(path, implicit_vr=syntax == ImplicitVRLittleEndian, little_endian=True)
    return path.read_bytes()


def outcome(path):
    """The headers of the file at *path*, or the fault that it ended in; nothing else may come of it."""
    try:
        headers = read_slice_headers(path)
        for header in headers[:3]:
            assert read_slice_header(path, header.frame) == header
            read_frame(path, header.frame)
    except ImagingError as fault:
        return fault
    return headers


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
def test_truncated_at_every_tenth(tmp_path, syntax):
    whole = contents(tmp_path, syntax)
    path = tmp_path / "cut.dcm"
    for tenth in range(10):
        path.write_bytes(whole[: len(whole) * tenth // 10])
        assert isinstance(outcome(path), ImagingError)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
def test_changed_bytes_end_in_headers_or_in_a_named_fault(tmp_path, syntax, seed):
    chance = random.Random(seed)
    whole = contents(tmp_path, syntax)
    path = tmp_path / "changed.dcm"
    for _ in range(60):
        changed = bytearray(whole)
        for _ in range(chance.choice((1, 2, 8))):
            changed[chance.randrange(200, len(changed))] = chance.randrange(256)
        path.write_bytes(changed)
        outcome(path)


@pytest.mark.parametrize("group", sorted(FRAME))
def test_each_group_missing_in_turn(tmp_path, group):
    frame = {name: elements for name, elements in FRAME.items() if name != group}
    path = tmp_path / "one.dcm"
    enhanced([frame, FRAME], {}).save_as(path, enforce_file_format=True)
    first, second = read_slice_headers(path)
    assert second.position == (1, 2, 3)
    missing = {
        "PlanePositionSequence": first.position,
        "PlaneOrientationSequence": first.orientation,
        "PixelMeasuresSequence": first.spacing,
        "PixelValueTransformationSequence": None if first.slope == 1 else first.slope,
        "FrameContentSequence": first.dimensions.stack_id or None,
        "FrameVOILUTSequence": first.windows or None,
        "MRDiffusionSequence": first.dimensions.b_value,
    }
    assert [name for name, value in missing.items() if value is None] == [group]


@pytest.mark.parametrize(
    ("group", "keyword", "value", "field"),
    [
        ("PlanePositionSequence", "ImagePositionPatient", [1e9, 0, 0], "position"),
        ("PlanePositionSequence", "ImagePositionPatient", [1, 2], "position"),
        ("PlaneOrientationSequence", "ImageOrientationPatient", [0] * 6, "orientation"),
        ("PlaneOrientationSequence", "ImageOrientationPatient", [1, 0, 0, 1, 0, 0], "orientation"),
        ("PlaneOrientationSequence", "ImageOrientationPatient", [1e200, 0, 0, 0, 1, 0], "orientation"),
        ("PixelMeasuresSequence", "PixelSpacing", [0, 1], "spacing"),
        ("PixelMeasuresSequence", "PixelSpacing", [-1, -1], "spacing"),
        ("PixelMeasuresSequence", "PixelSpacing", [1e9, 1e9], "spacing"),
    ],
    ids=range(8),
)
def test_an_absurd_value_of_one_frame_is_absent_there_with_a_remark(tmp_path, group, keyword, value, field):
    path = tmp_path / "one.dcm"
    enhanced([FRAME | {group: {keyword: value}}, FRAME], {}).save_as(path, enforce_file_format=True)
    first, second = read_slice_headers(path)
    assert getattr(first, field) is None
    assert getattr(second, field) is not None
    assert len(first.remarks) == 1
    assert second.remarks == ()


def test_too_many_elements_of_one_frame_are_refused(tmp_path):
    dataset = enhanced([FRAME], {})
    for element in range(400):
        dataset.PerFrameFunctionalGroupsSequence[0].add_new(0x00091000 + element, "LO", "x")
    path = tmp_path / "wide.dcm"
    dataset.save_as(path, enforce_file_format=True)
    assert len(read_slice_headers(path)) == 1
    with pytest.raises(LimitExceeded, match="more than 300 elements"):
        read_slice_headers(path, ReadLimits(max_siblings=300))


def test_five_thousand_items_for_one_frame_are_not_read(tmp_path):
    dataset = enhanced([FRAME], {})
    dataset.PerFrameFunctionalGroupsSequence.extend([item() for _ in range(5_000)])
    path = tmp_path / "many.dcm"
    dataset.save_as(path, enforce_file_format=True)
    assert [header.position for header in read_slice_headers(path)] == [(1, 2, 3)]


def test_too_many_elements_of_the_file_are_refused(tmp_path):
    dataset = enhanced([FRAME], {})
    for element in range(400):
        dataset.add_new(0x00091000 + element, "LO", "x")
    path = tmp_path / "wide.dcm"
    dataset.save_as(path, enforce_file_format=True)
    with pytest.raises(LimitExceeded, match="more than 300 elements"):
        read_slice_headers(path, ReadLimits(max_siblings=300))
