"""Enhanced multi-frame images: which group speaks for which frame, in every encoding, and at what cost."""

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from app.imaging import values
from app.imaging.errors import ImagingError, LimitExceeded
from app.imaging.functionalgroups import FunctionalGroups
from app.imaging.limits import ReadLimits
from app.imaging.pixels import read_frame
from app.imaging.slices import read_slice_header, read_slice_headers
from app.imaging.structure import read_structure
from tests.imaging.phantoms import OBLIQUE, enhanced, item, write_file
from tests.shared_data import shared

PHILIPS = "data/zoo/multiframe/philips-enhanced-mr"
SHARED = {
    "PlaneOrientationSequence": {"ImageOrientationPatient": list(OBLIQUE)},
    "PixelMeasuresSequence": {"PixelSpacing": [2.0, 0.5]},
    "PixelValueTransformationSequence": {"RescaleSlope": 1, "RescaleIntercept": 0, "RescaleType": "US"},
}


def plane(*position_lps):
    return {"PlanePositionSequence": {"ImagePositionPatient": list(position_lps)}}


def three_frames():
    """Frames out of spatial order; the second has its own spacing, slope and window."""
    own = {
        "PixelMeasuresSequence": {"PixelSpacing": [1.0, 0.25]},
        "PixelValueTransformationSequence": {
            "RescaleSlope": 3,
            "RescaleIntercept": -7,
            "RescaleType": "HU",
        },
        "FrameVOILUTSequence": {
            "WindowCenter": 40,
            "WindowWidth": 0.5,
            "VOILUTFunction": "LINEAR_EXACT",
            "WindowCenterWidthExplanation": "NARROW",
        },
    }
    return [plane(1.5, 2, 6), plane(1.5, 3, 2) | own, plane(1.5, 4, -2)]


def test_each_frame_has_its_own_groups_before_the_shared_ones(tmp_path):
    headers = read_slice_headers(write_file(tmp_path / "e.dcm", enhanced(three_frames(), SHARED)))
    assert [header.frame for header in headers] == [0, 1, 2]
    assert [header.position for header in headers] == [(1.5, 2, 6), (1.5, 3, 2), (1.5, 4, -2)]
    assert [header.orientation for header in headers] == [OBLIQUE] * 3
    assert [header.spacing for header in headers] == [(2.0, 0.5), (1.0, 0.25), (2.0, 0.5)]
    assert [header.slope for header in headers] == [1, 3, 1]
    assert [header.rescale.unit for header in headers] == ["", "HU", ""]
    window = {"center": 40.0, "width": 0.5, "explanation": "NARROW", "function": "LINEAR_EXACT"}
    assert [header.windows for header in headers] == [(), (window,), ()]
    assert {header.spacing_source for header in headers} == {"patient"}


def test_a_frame_is_decoded_with_its_own_rescale(tmp_path):
    path = write_file(tmp_path / "e.dcm", enhanced(three_frames(), SHARED))
    # Stored: 100·k + 10·row + column.
    assert [read_frame(path, k).values[2, 3] for k in range(3)] == [23, 3 * 123 - 7, 223]
    assert [read_frame(path, k).unit for k in range(3)] == ["", "HU", ""]


@pytest.mark.parametrize("lengths", ["stated", "undefined"])
@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian])
def test_every_encoding_says_the_same(tmp_path, syntax, lengths):
    plain = read_slice_headers(write_file(tmp_path / "plain.dcm", enhanced(three_frames(), SHARED)))
    dataset = enhanced(three_frames(), SHARED)
    if lengths == "undefined":
        make_undefined(dataset)
    path = tmp_path / "other.dcm"
    little = syntax != ExplicitVRBigEndian
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.save_as(path, implicit_vr=syntax == ImplicitVRLittleEndian, little_endian=little)
    found = read_slice_headers(path)
    for field in ("position", "orientation", "spacing", "rescale", "windows", "dimensions"):
        assert [getattr(header, field) for header in found] == [getattr(header, field) for header in plain]


def make_undefined(dataset):
    """Write all sequences and items of *dataset* with delimiters in place of lengths."""
    for element in dataset:
        if element.VR == "SQ":
            element.is_undefined_length = True
            for nested in element.value:
                nested.is_undefined_length_sequence_item = True
                make_undefined(nested)


def test_dimensions_of_diffusion_time_echo_and_heart(tmp_path):
    frame = plane(0, 0, 0) | {
        "FrameContentSequence": {
            "StackID": "2",
            "DimensionIndexValues": [2, 7, 1],
            "TemporalPositionIndex": 7,
            "FrameAcquisitionNumber": 4,
            "FrameAcquisitionDateTime": "20210102000130.250000",
        },
        "MRDiffusionSequence": {
            "DiffusionBValue": 800.0,
            "DiffusionGradientDirectionSequence": {"DiffusionGradientOrientation": [0.6, -0.8, 0.0]},
        },
        "MREchoSequence": {"EffectiveEchoTime": 4.25},
        "CardiacSynchronizationSequence": {
            "NominalPercentageOfCardiacPhase": 35.0,
            "NominalCardiacTriggerDelayTime": 280.5,
        },
        "MRImageFrameTypeSequence": {
            "FrameType": ["ORIGINAL", "PRIMARY", "CINE", "NONE"],
            "ComplexImageComponent": "PHASE",
        },
    }
    second = frame | {
        "FrameContentSequence": {"FrameAcquisitionDateTime": "20210101235930"},
        "MRImageFrameTypeSequence": {"FrameType": ["DERIVED", "PRIMARY", "DIXON", "WATER"]},
    }
    headers = read_slice_headers(write_file(tmp_path / "d.dcm", enhanced([frame, second], SHARED)))
    first, other = (header.dimensions for header in headers)
    assert (first.stack_id, first.dimension_index, first.temporal_position) == ("2", (2, 7, 1), 7)
    assert (first.b_value, first.gradient) == (800.0, (0.6, -0.8, 0.0))
    assert (first.echo_time_ms, first.cardiac_percent, first.trigger_time_ms) == (4.25, 35.0, 280.5)
    assert (first.image_kind, other.image_kind) == ("P", "WATER")
    assert first.acquisition_number == 4
    # Two minutes and a quarter of a second lie between them, and midnight.
    assert first.acquisition_seconds - other.acquisition_seconds == 120.25
    assert headers[0].image_type == ("ORIGINAL", "PRIMARY", "CINE", "NONE")


def test_a_time_offset_and_a_segment(tmp_path):
    frames = [
        {
            "TemporalPositionSequence": {"TemporalPositionTimeOffset": 2.5},
            "SegmentIdentificationSequence": {"ReferencedSegmentNumber": 3},
        }
    ]
    header = read_slice_header(write_file(tmp_path / "s.dcm", enhanced(frames, SHARED)))
    assert (header.dimensions.acquisition_seconds, header.dimensions.stack_id) == (2.5, "3")


def test_regions_of_a_frame_go_before_those_of_the_file(tmp_path):
    def region(delta_cm):
        return {
            "RegionLocationMinX0": 0,
            "RegionLocationMinY0": 0,
            "RegionLocationMaxX1": 4,
            "RegionLocationMaxY1": 3,
            "PhysicalUnitsXDirection": 3,
            "PhysicalUnitsYDirection": 3,
            "PhysicalDeltaX": delta_cm,
            "PhysicalDeltaY": delta_cm,
        }

    frames = [{"SequenceOfUltrasoundRegions": region(0.02)}, {}]
    dataset = enhanced(frames, {}, modality="US", SequenceOfUltrasoundRegions=region(0.05))
    headers = read_slice_headers(write_file(tmp_path / "u.dcm", dataset))
    assert [header.spacing for header in headers] == [(0.2, 0.2), (0.5, 0.5)]
    assert [header.regions[0].per_pixel_x for header in headers] == [0.02, 0.05]


def test_frames_without_an_item_have_the_shared_groups_and_no_place(tmp_path):
    dataset = enhanced(three_frames()[:1], SHARED, count=3)
    headers = read_slice_headers(write_file(tmp_path / "short.dcm", dataset))
    assert [header.position for header in headers] == [(1.5, 2, 6), None, None]
    assert [header.spacing for header in headers] == [(2.0, 0.5)] * 3


def test_one_position_for_several_frames_places_none(tmp_path):
    frames = [{"FrameContentSequence": {"StackID": "1"}}] * 2
    dataset = enhanced(frames, SHARED, ImagePositionPatient=[1, 2, 3])
    headers = read_slice_headers(write_file(tmp_path / "one.dcm", dataset))
    assert [header.position for header in headers] == [None, None]
    assert "given once for 2 frames" in str(headers[0].remarks[0])


@pytest.mark.parametrize("group", sorted(SHARED))
@pytest.mark.parametrize("fault", ["absent", "empty", "no sequence", "nonsense"])
def test_a_broken_group_leaves_its_elements_absent(tmp_path, group, fault):
    dataset = enhanced([plane(0, 0, 0), plane(0, 0, 5)], SHARED)
    shared_item = dataset.SharedFunctionalGroupsSequence[0]
    if fault == "absent":
        delattr(shared_item, group)
    elif fault == "empty":
        setattr(shared_item, group, [])
    elif fault == "no sequence":
        tag = shared_item[group].tag
        del shared_item[tag]
        shared_item.add_new(tag, "OB", b"\0" * 8)
    else:
        broken = Dataset()
        for element in shared_item[group].value[0]:
            broken.add_new(element.tag, "OB", b"\xff" * 6)
        setattr(shared_item, group, [broken])
    headers = read_slice_headers(write_file(tmp_path / "broken.dcm", dataset))
    assert [header.position for header in headers] == [(0, 0, 0), (0, 0, 5)]
    expected = {
        "PlaneOrientationSequence": headers[0].orientation,
        "PixelMeasuresSequence": headers[0].spacing,
        "PixelValueTransformationSequence": None if headers[0].slope == 1 else "another slope",
    }[group]
    if group != "PixelValueTransformationSequence" or fault != "nonsense":
        assert expected is None
    else:
        assert not headers[0].rescale.is_usable


def test_the_work_grows_with_the_frames_and_no_faster(tmp_path):
    def steps(count):
        frames = [plane(0, 0, k) | {"FrameContentSequence": {"StackID": str(k)}} for k in range(count)]
        path = write_file(tmp_path / f"{count}.dcm", enhanced(frames, SHARED))
        structure = read_structure(path)
        header = values.decode_elements(structure, ())
        groups = FunctionalGroups(structure, header)
        assert len(list(groups.frames(count))) == count
        return groups.reader._count

    assert steps(400) / steps(200) == pytest.approx(2, abs=0.05)


def test_more_frames_than_are_read_are_refused(tmp_path):
    path = write_file(tmp_path / "many.dcm", enhanced([plane(0, 0, 0)] * 4, SHARED))
    with pytest.raises(LimitExceeded, match="4 frames"):
        read_slice_headers(path, ReadLimits(max_frames=3))


def test_a_frame_that_is_not_there_is_refused(tmp_path):
    path = write_file(tmp_path / "e.dcm", enhanced(three_frames(), SHARED))
    with pytest.raises(ImagingError, match="Frame 4 was asked for, the image has 3"):
        read_slice_header(path, 3)


@pytest.mark.parametrize(
    "name",
    [
        "eCT_Supplemental.dcm",
        "emri_small.dcm",
        "emri_small_big_endian.dcm",
        "rtdose.dcm",
        "NM-MONO2-16-13x-heart",
        "examples_ybr_color.dcm",
        "parametric_map_float.dcm",
        "philips-enhanced-mr/IM-0001-0170-0001.dcm",
    ],
)
def test_one_frame_is_read_as_among_all(name):
    path = shared(f"data/zoo/multiframe/{name}")
    headers = read_slice_headers(path)
    assert [read_slice_header(path, frame) for frame in range(len(headers))] == list(headers)


def test_philips_frames_lie_and_measure_as_the_nifti_says():
    nibabel = pytest.importorskip("nibabel")
    image = nibabel.load(shared(f"{PHILIPS}/001_ground_truth.nii.gz"))
    path = shared(f"{PHILIPS}/IM-0001-0170-0001.dcm")
    truth = np.asarray(image.dataobj)[..., 0]
    for header in read_slice_headers(path):
        across, down = np.array(header.orientation[:3]), np.array(header.orientation[3:])
        between_rows, between_columns = header.spacing
        # A point off the axes: column 7, row 90 of the frame, in RAS.
        point_lps = np.array(header.position) + 7 * between_columns * across + 90 * between_rows * down
        point_ras = image.affine @ [7, 90, header.frame, 1]
        np.testing.assert_allclose(point_lps * [-1, -1, 1], point_ras[:3], atol=2e-4)
        found = read_frame(path, header.frame).values
        np.testing.assert_allclose(found, truth[:, :, header.frame].T, rtol=1e-6)


def test_enhanced_ct_perfusion_map_is_not_called_hounsfield():
    first, second = read_slice_headers(shared("data/zoo/multiframe/eCT_Supplemental.dcm"))
    said = "A supplemental palette colours parts of the image: they are shown in grey."
    assert [str(remark) for remark in second.remarks] == [said]
    assert (first.position, second.position) == ((99.5, -301.5, -159.0), (99.5, -301.5, -149.0))
    # The patient's left is on the left of the picture: rows run to the right.
    assert first.orientation == (-1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
    assert (first.rescale.intercept, first.rescale.unit, first.real_world_unit) == (-1024, "", "ml/100ml/s")
    assert first.dimensions.image_kind == "RCBF"


def test_segmentation_frames_lie_on_the_slices_they_segment():
    folder = shared("data/seg-ct-liver-dcmqi")
    path = next(folder.rglob("partial_overlaps.dcm"))
    headers = read_slice_headers(path)
    images = [read_slice_headers(next(folder.rglob(f"0{n}.dcm")))[0] for n in (1, 2, 3)]
    places = {image.position for image in images}
    assert {header.position for header in headers} <= places
    assert {header.spacing for header in headers} == {(0.810547, 0.810547)}
    assert len({header.dimensions.stack_id for header in headers}) == 5


def test_an_unread_nested_item_does_no_harm(tmp_path):
    """Private sequences of any depth lie among the groups of Philips' files."""
    frame = item(**plane(0, 0, 1))
    frame.add_new(0x2005140F, "SQ", [item(PlanePositionSequence={"ImagePositionPatient": [9, 9, 9]})])
    dataset = enhanced([], SHARED, count=1)
    dataset.PerFrameFunctionalGroupsSequence = [frame]
    make_undefined(dataset)
    assert read_slice_header(write_file(tmp_path / "p.dcm", dataset)).position == (0, 0, 1)
