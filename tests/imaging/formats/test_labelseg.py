"""DICOM segmentations: which voxels are whose, where they lie, and files that contradict themselves."""

import highdicom
import numpy as np
import pydicom
import pytest
from highdicom.color import CIELabColor
from highdicom.seg import SegmentAlgorithmTypeValues, SegmentDescription
from highdicom.sr.coding import CodedConcept

from app.imaging.errors import (
    ImagingError,
    InvalidElement,
    LimitExceeded,
    MissingElement,
    NotAVolume,
    TruncatedFile,
    UnsupportedData,
)
from app.imaging.formats.labelcolor import rgb_from_cielab
from app.imaging.formats.labelfile import read_labels
from app.imaging.limits import ReadLimits
from app.imaging.placement import OtherFrame, place
from app.imaging.segments import Code, Grid
from app.imaging.volume import plan_volume, read_slice_header
from tests.imaging.formats.segsamples import COLUMNS, ROWS, described, frame, saved, seg, shape, stack
from tests.imaging.phantoms import FRAME_UID, OBLIQUE, SERIES_UID, ct_slice, item, write_series
from tests.shared_data import shared


def texts(image):
    return " | ".join(map(str, image.warnings))


def full(image, number=None):
    segment = next(one for one in image.segments if number in (None, one.number))
    return segment.mask.full(image.grid.shape_kji)


def refused(tmp_path, dataset, kind, said, **more):
    with pytest.raises(kind, match=said):
        read_labels(saved(tmp_path, dataset), **more)


# --- where voxels lie ------------------------------------------------------------------------------


@pytest.mark.parametrize("columns", [8, 7, 16, 5 + 4])
def test_frames_make_a_volume_by_their_positions(tmp_path, columns):
    masks = np.array([shape(k, columns) for k in (2, 0, 1)])
    image = read_labels(saved(tmp_path, seg(masks, [frame((10, -20, z)) for z in (36, 30, 33)])))
    assert image.grid.shape_ijk == (columns, ROWS, 3)
    assert image.grid.matrix == pytest.approx(
        np.array([[0.5, 0, 0, 10], [0, 2, 0, -20], [0, 0, 3, 30], [0, 0, 0, 1]])
    )
    assert (image.kind, image.series_uid, image.grid.frame_of_reference_uid) == ("seg", SERIES_UID, FRAME_UID)
    assert image.segments[0].mask.box_ijk == ((1, 1, 0), (min(7, columns), 3, 3))
    np.testing.assert_array_equal(full(image), np.array([shape(k, columns) for k in range(3)]) != 0)
    assert image.warnings == ()


def test_frames_that_were_left_out_are_empty_slices(tmp_path):
    masks = np.array([shape(0), shape(1), shape(2)])
    dataset = seg(masks, [frame((10, -20, z)) for z in (30, 36, 45)])
    image = read_labels(saved(tmp_path, dataset))
    assert image.grid.shape_ijk == (COLUMNS, ROWS, 6)
    assert full(image).sum((1, 2)).tolist() == [5, 0, 5, 0, 0, 5]


def test_without_a_stated_step_the_thickness_tells_it(tmp_path):
    masks = np.array([shape(0), shape(1), shape(2)])
    measures = {"PixelMeasuresSequence": {"PixelSpacing": [2, 0.5], "SliceThickness": 3}}
    dataset = seg(masks, [frame((10, -20, z)) for z in (30, 36, 45)], shared=measures)
    image = read_labels(saved(tmp_path, dataset))
    assert full(image).sum((1, 2)).tolist() == [5, 0, 5, 0, 0, 5]


def test_a_stated_step_that_the_positions_do_not_keep_is_not_used(tmp_path):
    image = read_labels(saved(tmp_path, stack(step=2.2)))
    assert image.grid.matrix[2, 2] == pytest.approx(3)
    assert full(image).sum((1, 2)).tolist() == [5, 5, 5]


def test_one_frame_is_as_thick_as_it_says(tmp_path):
    assert read_labels(saved(tmp_path, stack(1))).grid.matrix[2, 2] == 3
    measures = {"PixelMeasuresSequence": {"PixelSpacing": [2, 0.5], "SliceThickness": 4}}
    assert read_labels(saved(tmp_path, stack(1, shared=measures))).grid.matrix[2, 2] == 4


def test_an_oblique_segmentation_lies_on_its_images(tmp_path):
    # Normal of the 3-4-5 triangle: (0, −0.6, 0.8).
    positions = [(1, -1.8 * k, 2.4 * k) for k in range(3)]
    images = [ct_slice(k, orientation=OBLIQUE, position=p) for k, p in enumerate(positions)]
    plan = plan_volume([read_slice_header(path) for path in write_series(tmp_path, images)])
    masks = np.array([np.eye(4, 5) for _ in range(2)])
    dataset = seg(masks, [frame(positions[k]) for k in (2, 1)], orientation=OBLIQUE)
    placed = place(read_labels(saved(tmp_path, dataset)), Grid.of(plan.shape_ijk, plan.affine, FRAME_UID))
    assert placed.placement == "exact"
    assert placed.warnings == ()
    found = placed.segments[0].mask.full((3, 4, 5))
    np.testing.assert_array_equal(found, np.array([np.zeros((4, 5)), masks[0], masks[1]]) != 0)


def test_a_tilted_gantry_shears_the_grid(tmp_path):
    # Planes turned about x, moved along z alone: 1 mm along the normal moves a frame by (0, 0, 1/0.8).
    image = read_labels(
        saved(tmp_path, seg(
            np.array([shape(0), shape(1), shape(2)]),
            [frame((10, -20, 30 + 5 * k)) for k in range(3)], orientation=OBLIQUE, step=4.0,
        ))
    )  # fmt: skip
    assert image.grid.matrix[:3, 2] == pytest.approx([0, 0, 5])
    assert image.grid.matrix[:3, 1] == pytest.approx([0, 1.6, 1.2])
    assert full(image).sum() == 15


def test_uneven_frames_fill_what_their_neighbours_leave(tmp_path):
    # At 0, 2, 4.2 and 7 mm, fine slices every 2 mm: the third frame ends half way to the fourth, at 5.6 mm.
    masks = np.array([shape(0), shape(1), shape(2), shape(0)])
    dataset = seg(masks, [frame((0, 0, z)) for z in (0, 2, 4.2, 7)], step=None)
    image = read_labels(saved(tmp_path, dataset))
    assert "lie unevenly" in texts(image)
    found = full(image)
    assert found.sum((1, 2)).min() == 5
    assert image.grid.matrix[2, 2] == pytest.approx(2)
    np.testing.assert_array_equal(found[0], masks[0] != 0)
    np.testing.assert_array_equal(found[3], masks[3] != 0)


def test_positions_of_few_digits_are_one_even_grid(tmp_path):
    heights = [round(3.27 * k, 1) for k in range(60)]
    masks = np.array([shape(k % 3) for k in range(60)])
    image = read_labels(saved(tmp_path, seg(masks, [frame((0, 0, z)) for z in heights], step=3.3)))
    assert image.grid.shape_ijk == (COLUMNS, ROWS, 60)
    assert image.grid.matrix[2, 2] == pytest.approx(3.27, abs=1e-3)


# --- kinds -----------------------------------------------------------------------------------------


def test_overlapping_segments_stay_apart(tmp_path):
    masks = np.array([shape(0), shape(0), shape(1)])
    frames = [frame((0, 0, 0), 1), frame((0, 0, 0), 4), frame((0, 0, 3), 4)]
    image = read_labels(saved(tmp_path, seg(masks, frames, [described(1), described(4, "Four")])))
    assert [(one.number, one.name, one.mask.count) for one in image.segments] == [
        (1, "S1", 5),
        (4, "Four", 10),
    ]
    assert full(image, 1)[0].sum() == full(image, 4)[0].sum() == 5


def test_fractions_count_from_half_on(tmp_path):
    values = np.zeros((1, ROWS, COLUMNS), np.uint8)
    values[0, 0, :4] = (127, 128, 255, 1)
    image = read_labels(saved(tmp_path, seg(values, [frame((0, 0, 0))], kind="FRACTIONAL")))
    assert np.argwhere(full(image)).tolist() == [[0, 0, 1], [0, 0, 2]]
    assert "from half on" in texts(image)
    # Of 100, 50 is half.
    values[0, 0, :4] = (49, 50, 100, 1)
    dataset = seg(values, [frame((0, 0, 0))], kind="FRACTIONAL", MaximumFractionalValue=100)
    assert np.argwhere(full(read_labels(saved(tmp_path, dataset)))).tolist() == [[0, 0, 1], [0, 0, 2]]


def test_label_maps_take_the_number_of_their_voxels(tmp_path):
    values = np.zeros((2, ROWS, COLUMNS), np.uint8)
    values[0, 0, 0], values[0, 1, 1:3], values[1, 5, 7] = 2, 5, 9
    dataset = seg(
        values,
        [frame((0, 0, 0), None), frame((0, 0, 3), None)],
        [described(0, "Background"), described(2), described(5), described(7)],
        kind="LABELMAP",
    )
    image = read_labels(saved(tmp_path, dataset))
    assert [(one.number, one.name, one.mask.count) for one in image.segments] == [
        (2, "S2", 1), (5, "S5", 2), (7, "S7", 0), (9, "", 1),
    ]  # fmt: skip
    assert "1 of 3 described segments have no voxel" in texts(image)
    assert "1 labels among the voxels are not described" in texts(image)


def test_colours_of_the_palette_are_those_of_label_maps_without_others(tmp_path):
    values = np.zeros((1, ROWS, COLUMNS), np.uint8)
    values[0, 0, :2] = (1, 2)
    segments = [described(1), described(2, RecommendedDisplayCIELabValue=[41661, 41167, 40792])]
    dataset = seg(values, [frame((0, 0, 0), None)], segments, kind="LABELMAP")
    dataset.PhotometricInterpretation = "PALETTE COLOR"
    for colour, entries in (("Red", (0, 10, 1)), ("Green", (0, 20, 2)), ("Blue", (0, 30, 3))):
        name = f"{colour}PaletteColorLookupTable"
        setattr(dataset, f"{name}Descriptor", [3, 0, 8])
        dataset[f"{name}Descriptor"].VR = "US"
        setattr(dataset, f"{name}Data", bytes(entries) + b"\0")
    image = read_labels(saved(tmp_path, dataset))
    assert [one.color_rgb for one in image.segments] == [(10, 20, 30), (221, 130, 101)]


COLOURS = [(221, 130, 101), (0, 0, 0), (255, 255, 255), (1, 200, 90), (0, 0, 255), (128, 174, 128)]


@pytest.mark.parametrize("rgb", COLOURS)
def test_colours_come_back_as_highdicom_wrote_them(rgb):
    found = rgb_from_cielab(CIELabColor.from_rgb(*rgb).value)
    assert np.abs(np.subtract(found, rgb)).max() <= 1


@pytest.mark.parametrize("stored", [(), (1, 2), (1, 2, 3, 4), (-1, 0, 0), (70000, 0, 0)])
def test_what_is_no_colour_is_none(stored):
    assert rgb_from_cielab(stored) is None


def test_names_and_codes_are_text_in_the_character_set_of_the_file(tmp_path):
    code = {"CodeValue": "64033007", "CodingSchemeDesignator": "SCT", "CodeMeaning": "Kidney"}
    long = {"LongCodeValue": "urn:x", "CodingSchemeDesignator": "99X", "CodeMeaning": "<i>x</i>"}
    segments = [
        described(1, "Riñón <b>izq</b>", SegmentedPropertyTypeCodeSequence=code),
        described(2, "x" * 60, SegmentedPropertyTypeCodeSequence=long),
        described(3, "three"),
    ]
    masks = np.array([shape()] * 3)
    image = read_labels(saved(tmp_path, seg(masks, [frame((0, 0, 0), n) for n in (1, 2, 3)], segments)))
    assert [one.name for one in image.segments] == ["Riñón <b>izq</b>", "x" * 60, "three"]
    assert [one.code for one in image.segments] == [
        Code("64033007", "SCT", "Kidney"), Code("urn:x", "99X", "<i>x</i>"), None,
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["BINARY", "FRACTIONAL", "LABELMAP"])
@pytest.mark.parametrize(
    "orientation", [(1, 0, 0, 0, 1, 0), OBLIQUE, (0, 1, 0, 0, 0, -1)], ids=["axial", "oblique", "sagittal"]
)
def test_what_highdicom_writes_comes_back_on_its_images(tmp_path, kind, orientation):
    normal = np.cross(orientation[:3], orientation[3:])
    images = [
        ct_slice(
            k, pixels=np.zeros((ROWS, COLUMNS), np.int16), orientation=orientation,
            position=(np.array((10, -20, 30)) + 3 * k * normal).tolist(),
            PatientBirthDate="", PatientSex="", AccessionNumber="", StudyID="", StudyDate="", StudyTime="",
            SliceThickness=3,
        )
        for k in range(4)
    ]  # fmt: skip
    masks = np.zeros((4, ROWS, COLUMNS, 2), np.uint8)
    masks[1:3, 1:4, 2:6, 0] = masks[2, 2, 3:8, 1] = masks[3, 5, 7, 1] = 1
    masks[2, 2, 3:6, 0] = 0  # label maps cannot overlap
    concept = CodedConcept("10200004", "SCT", "Liver")
    segments = [
        SegmentDescription(
            n, f"Segment {n}", concept, concept, SegmentAlgorithmTypeValues.MANUAL,
            display_color=CIELabColor.from_rgb(200, 10 * n, 30),
        )
        for n in (1, 2)
    ]  # fmt: skip
    made = highdicom.seg.Segmentation(
        source_images=images, pixel_array=masks, segmentation_type=kind, segment_descriptions=segments,
        series_instance_uid="1.2.3.4", series_number=1, sop_instance_uid="1.2.3.5", instance_number=1,
        manufacturer="M", manufacturer_model_name="M", software_versions="1", device_serial_number="1",
    )  # fmt: skip
    path = tmp_path / "made.dcm"
    made.save_as(path)
    headers = [read_slice_header(one) for one in write_series(tmp_path / "ct", images)]
    plan = plan_volume(headers)
    placed = place(read_labels(path), Grid.of(plan.shape_ijk, plan.affine, FRAME_UID))
    assert placed.placement == "exact"
    assert [one.color_rgb for one in placed.segments] == [(200, 10, 30), (200, 20, 30)]
    assert placed.segments[0].code == Code("10200004", "SCT", "Liver")
    for n, segment in enumerate(placed.segments):
        np.testing.assert_array_equal(segment.mask.full((4, ROWS, COLUMNS)), masks[..., n] != 0)


# --- real files ------------------------------------------------------------------------------------


def test_the_liver_of_dcmqi_is_the_same_from_dicom_and_nrrd():
    folder = shared("data/seg-ct-liver-dcmqi")
    plan = plan_volume([read_slice_header(path) for path in sorted((folder / "ct").glob("*.dcm"))])
    grid = Grid.of(plan.shape_ijk, plan.affine, plan.slices[0].frame_of_reference_uid or "")
    one, other = (
        place(read_labels(folder / name), grid) for name in ("seg/liver.dcm", "nrrd/liver_seg.nrrd")
    )
    assert (one.placement, other.placement, one.warnings, other.warnings) == ("exact", "exact", (), ())
    assert one.segments[0].mask.count == 107_098
    np.testing.assert_array_equal(*(placed.segments[0].mask.full(grid.shape_kji) for placed in (one, other)))
    liver = one.segments[0]
    assert (liver.name, liver.color_rgb, liver.code) == (
        "Liver",
        (221, 130, 101),
        Code("T-62000", "SRT", "Liver"),
    )


def test_five_overlapping_segments_of_dcmqi_are_those_of_the_nrrds():
    folder = shared("data/seg-ct-liver-dcmqi")
    image = read_labels(folder / "seg/partial_overlaps.dcm")
    assert [one.name for one in image.segments] == ["GREEN", "ORANGE", "PURPLE", "LIGHT_BLUE", "DARK_BLUE"]
    assert image.segments[0].color_rgb == (128, 174, 128)
    want = {}
    for n in (1, 2, 3):
        other = place(read_labels(folder / f"nrrd/partial_overlaps-{n}.nrrd"), image.grid)
        want |= {one.number: one.mask for one in other.segments}
    assert sorted(want) == [1, 2, 3, 4, 5]
    for one in image.segments:
        assert one.mask.box_ijk == want[one.number].box_ijk
        np.testing.assert_array_equal(one.mask.voxels, want[one.number].voxels)


def test_a_segmentation_of_other_images_is_refused_before_anybody_is_asked(tmp_path):
    image = read_labels(saved(tmp_path, stack(FrameOfReferenceUID="1.2.3.99")))
    with pytest.raises(OtherFrame):
        place(image, Grid.of((5, 4, 3), np.eye(4), FRAME_UID))


# --- what contradicts itself -----------------------------------------------------------------------


def test_functional_groups_that_are_not_those_of_the_frames_are_refused(tmp_path):
    fewer, more = stack(), stack()
    del fewer.PerFrameFunctionalGroupsSequence[2]
    more.PerFrameFunctionalGroupsSequence.append(frame((0, 0, 99)))
    none = stack()
    del none.PerFrameFunctionalGroupsSequence
    for dataset in (fewer, more, none):
        refused(tmp_path, dataset, InvalidElement, "has 3 frames and functional groups for more or for fewer")


@pytest.mark.parametrize(
    ("group", "kind", "said"),
    [
        (
            "PlanePositionSequence",
            MissingElement,
            r"Image Position \(Patient\) \(0020,0032\) is missing in frame 2",
        ),
        ("SegmentIdentificationSequence", MissingElement, "Frame 2 does not say to which segment"),
    ],
)
def test_a_frame_without_its_group_is_refused(tmp_path, group, kind, said):
    dataset = stack()
    del dataset.PerFrameFunctionalGroupsSequence[1][group]
    refused(tmp_path, dataset, kind, said)


@pytest.mark.parametrize(
    ("group", "elements", "kind", "said"),
    [
        (
            "PlaneOrientation",
            {"ImageOrientationPatient": [1, 0, 0, 1, 0, 0]},
            InvalidElement,
            "cannot be used",
        ),
        (
            "PlaneOrientation",
            {"ImageOrientationPatient": [2, 0, 0, 0, 2, 0]},
            InvalidElement,
            "cannot be used",
        ),
        ("PlaneOrientation", {"ImageOrientationPatient": [1, 0, 0]}, InvalidElement, "cannot be used"),
        ("PlaneOrientation", {}, MissingElement, "Image Orientation"),
        ("PixelMeasures", {"PixelSpacing": [-1, 1]}, InvalidElement, "-1 mm cannot be meant"),
        ("PixelMeasures", {"PixelSpacing": [0, 1]}, InvalidElement, "0 mm cannot be meant"),
        ("PixelMeasures", {"PixelSpacing": [1, "1e5"]}, InvalidElement, "cannot be meant"),
        ("PixelMeasures", {}, MissingElement, "Pixel Spacing"),
    ],
    ids=str,
)
def test_a_plane_that_cannot_be_meant_is_refused(tmp_path, group, elements, kind, said):
    refused(tmp_path, stack(shared={f"{group}Sequence": elements}), kind, said)


@pytest.mark.parametrize("step", [float("nan"), -3, 0, 1e9])
def test_a_step_that_cannot_be_meant_is_not_used(tmp_path, step):
    dataset = stack()
    dataset.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0].SpacingBetweenSlices = step
    assert read_labels(saved(tmp_path, dataset)).grid.matrix[2, 2] == pytest.approx(3)


def test_groups_that_contradict_the_shared_ones_are_refused(tmp_path):
    dataset = stack()
    own = dataset.PerFrameFunctionalGroupsSequence[2]
    own.PlaneOrientationSequence = [item(ImageOrientationPatient=list(OBLIQUE))]
    refused(tmp_path, dataset, InvalidElement, r"Image Orientation \(Patient\).* another for frame 3")
    own.PlaneOrientationSequence = [item(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])]
    assert read_labels(saved(tmp_path, dataset)).segments[0].mask.count == 15


def test_frames_of_several_directions_or_pixel_sizes_are_refused(tmp_path):
    dataset = stack()
    del dataset.SharedFunctionalGroupsSequence[0].PlaneOrientationSequence
    for n, own in enumerate(dataset.PerFrameFunctionalGroupsSequence):
        own.PlaneOrientationSequence = [
            item(ImageOrientationPatient=list(OBLIQUE if n == 1 else (1, 0, 0, 0, 1, 0)))
        ]
    refused(tmp_path, dataset, InvalidElement, "of frame 2 is not that of frame 1")


def test_two_frames_of_one_segment_at_one_place_are_refused(tmp_path):
    dataset = stack()
    dataset.PerFrameFunctionalGroupsSequence[2] = frame((10, -20, 30))
    refused(tmp_path, dataset, InvalidElement, "Frames 1 and 3 of the segmentation are of the same segment")


def test_tiles_and_frames_beside_one_another_are_refused(tmp_path):
    dataset = stack()
    dataset.PerFrameFunctionalGroupsSequence[2] = frame((100, -20, 30))
    refused(tmp_path, dataset, NotAVolume, "side by side")
    dataset.PerFrameFunctionalGroupsSequence[2] = frame((100, -20, 36))
    refused(tmp_path, dataset, NotAVolume, "do not lie behind one another")


def test_segments_that_are_not_described_or_described_twice_are_refused(tmp_path):
    refused(tmp_path, stack(segments=[described(2)]), InvalidElement, "belongs to segment 1, which")
    refused(tmp_path, stack(segments=[described(1), described(1)]), InvalidElement, "same Segment Number")
    refused(tmp_path, stack(segments=[]), MissingElement, "describes no segment")
    refused(tmp_path, stack(segments=[item(SegmentLabel="x")]), MissingElement, "Segment Number")


def test_a_segmentation_without_a_voxel_is_refused(tmp_path):
    dataset = seg(np.zeros((1, ROWS, COLUMNS)), [frame((0, 0, 0))])
    refused(tmp_path, dataset, UnsupportedData, "no segment: all its voxels are 0")


def test_other_objects_and_kinds_are_refused(tmp_path):
    refused(
        tmp_path, stack(SOPClassUID="1.2.840.10008.5.1.4.1.1.66.5"), UnsupportedData, "no segmentation but"
    )
    refused(tmp_path, ct_slice(), UnsupportedData, "no segmentation but “CT Image Storage”")
    refused(tmp_path, stack(SegmentationType="<b>"), InvalidElement, "Segmentation Type")
    fraction = seg(
        np.ones((1, ROWS, COLUMNS)), [frame((0, 0, 0))], kind="FRACTIONAL", MaximumFractionalValue=None
    )
    refused(tmp_path, fraction, MissingElement, "Maximum Fractional Value")


def test_four_hundred_segments_are_read_and_more_than_the_limit_refused(tmp_path):
    many = [described(n) for n in range(1, 401)]
    masks = np.array([shape(n % 3) for n in range(400)])
    image = read_labels(saved(tmp_path, seg(masks, [frame((0, 0, 3 * n), n + 1) for n in range(400)], many)))
    assert [one.mask.count for one in image.segments] == [5] * 400
    refused(tmp_path, stack(segments=[described(n) for n in range(1, 600)]), LimitExceeded, "513 segments")


def test_claims_beyond_the_limits_and_missing_pixels_are_refused(tmp_path):
    limits = ReadLimits(max_frames=2)
    refused(tmp_path, stack(), LimitExceeded, "3 frames", limits=limits)
    refused(tmp_path, stack(NumberOfFrames=2_000_000_000, Rows=65535), LimitExceeded, "claims")
    refused(tmp_path, stack(NumberOfFrames=4), TruncatedFile, "Truncated")
    # One segment in two corners of 20 000 slices.
    far = seg(np.array([shape(0), shape(1)]), [frame((0, 0, 0)), frame((0, 0, 60_000))])
    refused(
        tmp_path, far, LimitExceeded, "boxes of the segments", limits=ReadLimits(max_pixels_bytes=100_000)
    )
    assert full(read_labels(saved(tmp_path, far))).shape == (20_001, ROWS, COLUMNS)
    farther = seg(np.array([shape(0), shape(1)]), [frame((0, 0, 0)), frame((0, 0, 600_000))])
    refused(tmp_path, farther, LimitExceeded, "200001 slices")


def test_cut_anywhere_it_is_refused_by_name(tmp_path):
    path = saved(tmp_path, stack())
    data = path.read_bytes()
    for tenth in range(10):
        path.write_bytes(data[: len(data) * tenth // 10])
        with pytest.raises(ImagingError):
            read_labels(path)


def test_pydicom_agrees_on_the_bits(tmp_path):
    path = saved(tmp_path, stack())
    np.testing.assert_array_equal(full(read_labels(path)), pydicom.dcmread(path).pixel_array != 0)
