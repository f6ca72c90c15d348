"""What stacks and what does not, with the numbers that the message names."""

from dataclasses import replace

import numpy as np
import pytest

from app.imaging.errors import LimitExceeded, Message, NotAVolume
from app.imaging.geometry import orientation_letters, world_from_index
from app.imaging.limits import ReadLimits
from app.imaging.volume import plan_volume, read_slice_header, read_slice_headers, stack_order
from tests.imaging.phantoms import OBLIQUE, counting_pixels, ct_slice, write_series
from tests.shared_data import shared


def headers_of(folder, slices):
    return [read_slice_header(path) for path in write_series(folder, slices)]


def refusal(headers):
    with pytest.raises(NotAVolume) as fault:
        plan_volume(headers)
    return str(fault.value)


def shared_headers(folder, pattern="*.dcm"):
    return [read_slice_header(path) for path in sorted(shared(f"data/{folder}").rglob(pattern))]


def test_slices_are_sorted_by_position_whatever_their_numbers_say(tmp_path):
    order = (2, 0, 3, 1)
    plan = plan_volume(headers_of(tmp_path, [ct_slice(k, InstanceNumber=9 - k) for k in order]))
    assert [header.instance_number for header in plan.slices] == [9, 8, 7, 6]
    assert plan.shape_ijk == (5, 4, 4)
    assert plan.affine == (
        (0.5, 0.0, 0.0, 10.0),
        (0.0, 2.0, 0.0, -20.0),
        (0.0, 0.0, 3.0, 30.0),
        (0.0, 0.0, 0.0, 1.0),
    )


def test_k_increases_along_the_normal_of_a_flipped_acquisition(tmp_path):
    # Rows to the left, columns to the front: the normal points to the feet.
    flipped = [ct_slice(k, orientation=(1, 0, 0, 0, -1, 0)) for k in range(3)]
    plan = plan_volume(headers_of(tmp_path, flipped))
    assert [row[2] for row in plan.affine] == [0, 0, -3, 0]
    assert [row[3] for row in plan.affine] == [10, -20, 36, 1]


def test_oblique_slices_are_stacked_along_their_normal(tmp_path):
    tilted = [ct_slice(k, orientation=OBLIQUE, position=(1, -1.8 * k, 2.4 * k)) for k in range(3)]
    plan = plan_volume(headers_of(tmp_path, tilted))
    assert [row[2] for row in plan.affine[:3]] == pytest.approx([0, -1.8, 2.4])
    assert [row[1] for row in plan.affine[:3]] == pytest.approx([0, 1.6, 1.2])


@pytest.mark.parametrize(
    ("orientation", "letters", "second"),
    [
        ((1, 0, 0, 0, 1, 0), "LPS", (0.5, 2, 3)),  # HFS
        ((-1, 0, 0, 0, -1, 0), "RAS", (-0.5, -2, 3)),  # HFP
        ((0, 1, 0, -1, 0, 0), "PRS", (-2, 0.5, 3)),  # HFDL
        ((0, -1, 0, 1, 0, 0), "ALS", (2, -0.5, 3)),  # HFDR
        ((-1, 0, 0, 0, 1, 0), "RPI", (-0.5, 2, -3)),  # FFS
        ((0, 1, 0, 0, 0, -1), "PIR", (-3, 0.5, -2)),  # sagittal
        ((1, 0, 0, 0, 0, -1), "LIP", (0.5, 3, -2)),  # coronal
    ],
)
def test_however_the_patient_lies_cosines_alone_decide(tmp_path, orientation, letters, second):
    normal = np.cross(orientation[:3], orientation[3:])
    slices = [ct_slice(k, orientation=orientation, position=3.0 * k * normal) for k in (2, 0, 1)]
    plan = plan_volume(headers_of(tmp_path, slices))
    assert orientation_letters(plan.affine) == letters
    np.testing.assert_allclose(world_from_index(plan.affine, (1, 1, 1)), second, atol=1e-9)
    assert plan.resampling is None


def test_remarks_on_the_headers_are_warnings_once(tmp_path):
    remark = Message("Something was wrong.")
    headers = [replace(h, remarks=(remark,)) for h in headers_of(tmp_path, [ct_slice(k) for k in range(3)])]
    assert plan_volume(headers).warnings == (remark,)


def test_small_jitter_of_the_table_is_tolerated(tmp_path):
    places = (0, 3.27, 6.54, 9.73, 13.02)
    plan = plan_volume(headers_of(tmp_path, [ct_slice(k, position=(0, 0, z)) for k, z in enumerate(places)]))
    assert plan.affine[2][2] == pytest.approx(3.255)


def test_one_image(tmp_path):
    assert refusal(headers_of(tmp_path, [ct_slice()])) == "There is only 1 image; a volume needs at least 2."


def test_no_image():
    assert refusal([]) == "The series has no images."


def test_a_missing_slice_is_filled_with_a_warning_that_locates_it(tmp_path):
    # Was refused as a stack until volumes could be resampled; the warning keeps the numbers.
    plan = plan_volume(headers_of(tmp_path, [ct_slice(k) for k in (0, 1, 2, 4, 5)]))
    assert plan.shape_ijk == (5, 4, 6)
    assert [row[2] for row in plan.affine[:3]] == [0, 0, 3]
    assert "3.000 mm, but between slices 3–4: 6.000 mm" in str(plan.warnings[0])
    assert str(plan.warnings[1]).startswith("Slices in a gap, where no image was taken: 1.")


def test_a_gap_of_more_than_four_distances_is_not_filled(tmp_path):
    found = refusal(headers_of(tmp_path, [ct_slice(k) for k in (0, 1, 2, 7, 8)]))
    assert found == (
        "Uneven slice spacing: 15.000 mm between slices 3 and 4, 3.000 mm elsewhere. "
        "A gap of more than 4 times the usual distance is not filled."
    )


def test_a_volume_that_would_be_mostly_made_up_is_refused(tmp_path):
    found = refusal(headers_of(tmp_path, [ct_slice(k) for k in (0, 1, 5, 9, 13, 14)]))
    assert found == (
        "Uneven slice spacing: between slices 2–5: 12.000 mm, 3.000 mm elsewhere. "
        "9 of 15 slices would have to be made up."
    )


def test_distances_without_a_plan_are_refused(tmp_path):
    """Slices of volumes that moved between them would be mixed."""
    places = (0, 3, 4.1, 7, 9.5, 12.5, 15.5, 17.2, 20, 23)
    found = refusal(headers_of(tmp_path, [ct_slice(k, position=(0, 0, z)) for k, z in enumerate(places)]))
    assert found == (
        "Uneven slice spacing: 1.100 mm between slices 2 and 3, 3.000 mm elsewhere; 4 of 9 gaps differ."
    )


@pytest.mark.parametrize("step", [0.625, 0.75, 1.25])
def test_positions_written_to_a_tenth_of_a_millimetre_are_even(tmp_path, step):
    places = [round(step * k + 1e-9, 1) for k in range(25)]
    plan = plan_volume(headers_of(tmp_path, [ct_slice(k, position=(0, 0, z)) for k, z in enumerate(places)]))
    assert (plan.resampling, plan.warnings) == (None, ())
    assert plan.affine[2][2] == pytest.approx(step, abs=1e-9)


def test_directions_that_miss_their_right_angle_are_no_tilt(tmp_path):
    """0.52° between row and column direction and 90°: the slices stand above each other all the same."""
    written = (1, 0, 0, 0.009, 0.99996, 0)
    plan = plan_volume(headers_of(tmp_path, [ct_slice(k, orientation=written) for k in range(4)]))
    assert plan.resampling is None
    assert plan.affine[2][2] == pytest.approx(3, abs=1e-9)


@pytest.mark.parametrize(("thickness", "warned"), [(1.0, True), (1.6, False), (5.0, False), (0, False)])
def test_thin_slices_far_apart_are_warned_of(tmp_path, thickness, warned):
    slices = [ct_slice(k, SliceThickness=thickness) for k in range(4)]
    found = [str(warning) for warning in plan_volume(headers_of(tmp_path, slices)).warnings]
    assert found == warned * [
        "The slices are 1 mm thick and 3 mm apart: what lies between them was not imaged, "
        "and other planes and 3D fill it in."
    ]


def test_the_frames_that_a_segmentation_leaves_out_are_not_made_up(tmp_path):
    slices = [ct_slice(k, Modality="SEG", position=(0, 0, 3 * k)) for k in (0, 1, 2, 5, 6, 7)]
    assert refusal(headers_of(tmp_path, slices)) == (
        "A segmentation with frames left out, or sheared, is not interpolated."
    )


def test_distances_that_drift_are_evened(tmp_path):
    # Each within 5 % of 3 mm, but the middle one lies 0.65 mm from where even steps would have it.
    places = [3.0 * k for k in range(11)] + [30 + 3.13 * k for k in range(1, 11)]
    plan = plan_volume(headers_of(tmp_path, [ct_slice(k, position=(0, 0, z)) for k, z in enumerate(places)]))
    assert (plan.resampling.kind, plan.resampling.gaps, plan.shape_ijk[2]) == ("spacing", (), 21)
    assert str(plan.warnings[0]).startswith("The slice spacing drifts around 3.065 mm.")


def test_two_images_at_one_position(tmp_path):
    found = refusal(headers_of(tmp_path, [ct_slice(k // 2) for k in range(6)]))
    assert found == "6 images lie at 3 positions: some positions hold more than one image."


def test_all_images_at_one_position(tmp_path):
    assert "2 images lie at 1 positions" in refusal(headers_of(tmp_path, [ct_slice(), ct_slice()]))


def test_slices_sheared_like_no_gantry_are_refused(tmp_path):
    sheared = [ct_slice(k, position=(0, 4.0 * k, 3.0 * k)) for k in range(3)]
    found = refusal(headers_of(tmp_path, sheared))
    assert found == "The slices are sheared by 53.1°, more than the 45° that are straightened."


def test_a_tilted_stack_is_planned_upright(tmp_path):
    # Was refused as a stack until volumes could be resampled; the warning names the tilt.
    sheared = [ct_slice(k, position=(0, 3.0 * k, 4.0 * k)) for k in range(3)]
    plan = plan_volume(headers_of(tmp_path, sheared))
    assert str(plan.warnings[0]).startswith("Gantry tilt of 36.9° corrected")
    assert plan.shape_ijk == (5, 4 + 3, 3)  # 6 mm are 3 rows of 2 mm
    assert [row[2] for row in plan.affine] == [0, 0, 4, 0]
    assert plan.resampling.as_json() == {
        "kind": "tilt", "tilt_degrees": 36.87, "usual_mm": 4.0, "step_mm": 4.0, "gaps": [], "made_up": 0,
    }  # fmt: skip


def test_a_sheared_stack_of_mr_has_no_gantry(tmp_path):
    sheared = [ct_slice(k, position=(0, 3.0 * k, 4.0 * k), Modality="MR") for k in range(3)]
    plan = plan_volume(headers_of(tmp_path, sheared))
    assert str(plan.warnings[0]).startswith("Slices sheared by 36.9° straightened: ")


def test_a_tilted_volume_beyond_the_limit_is_refused_before_it_is_made(tmp_path):
    sheared = [ct_slice(k, position=(0, 3.0 * k, 4.0 * k)) for k in range(3)]
    headers = headers_of(tmp_path, sheared)
    with pytest.raises(LimitExceeded):
        plan_volume(headers, ReadLimits(max_volume_bytes=5 * 4 * 3 * 4))


def test_a_slice_beside_the_line_is_found(tmp_path):
    moved = [ct_slice(k, position=(0.5 if k == 2 else 0, 0, 3 * k)) for k in range(5)]
    assert refusal(headers_of(tmp_path, moved)) == "Slice 3 lies 0.500 mm beside the line of the others."


def test_mixed_sizes(tmp_path):
    slices = [ct_slice(0), ct_slice(1), ct_slice(2, pixels=counting_pixels(2, 6, 5))]
    assert refusal(headers_of(tmp_path, slices)) == "The images have 2 different sizes: 5 × 4, 5 × 6."


def test_mixed_pixel_spacings(tmp_path):
    slices = [ct_slice(0), ct_slice(1, spacing=(2.0, 0.6))]
    assert "2 different pixel spacings: 2 × 0.5 mm, 2 × 0.6 mm" in refusal(headers_of(tmp_path, slices))


def test_mixed_orientations(tmp_path):
    slices = [ct_slice(0), ct_slice(1), ct_slice(2, orientation=OBLIQUE)]
    assert refusal(headers_of(tmp_path, slices)) == "The images have 2 different orientations."


def test_mixed_frames_of_reference(tmp_path):
    slices = [ct_slice(0), ct_slice(1, FrameOfReferenceUID="1.2.3")]
    assert refusal(headers_of(tmp_path, slices)) == "The images belong to 2 frames of reference."


def test_localizers_are_counted(tmp_path):
    slices = [ct_slice(0, ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"]), ct_slice(1), ct_slice(2)]
    assert refusal(headers_of(tmp_path, slices)) == "1 of 3 images are localizers."


@pytest.mark.parametrize(
    ("keyword", "name"),
    [
        ("ImagePositionPatient", "Image Position (Patient) (0020,0032)"),
        ("ImageOrientationPatient", "Image Orientation (Patient) (0020,0037)"),
        ("PixelSpacing", "Pixel Spacing (0028,0030)"),
    ],
)
def test_missing_geometry_is_counted(tmp_path, keyword, name):
    slices = [ct_slice(0), ct_slice(1, **{keyword: None}), ct_slice(2, **{keyword: None})]
    assert refusal(headers_of(tmp_path, slices)) == f"{name} is missing or unusable in 2 of 3 images."


@pytest.mark.parametrize("spacing", [(0, 0), (-1, 1), (1, 1e9)])
def test_spacings_that_cannot_be_meant_are_unusable(tmp_path, spacing):
    slices = [ct_slice(k, spacing=spacing) for k in range(2)]
    assert "unusable in 2 of 2 images" in refusal(headers_of(tmp_path, slices))


def test_spacing_that_is_not_a_number_is_unusable(tmp_path):
    paths = write_series(tmp_path, [ct_slice(k, spacing=(0.25, 0.75)) for k in range(2)])
    for path in paths:
        path.write_bytes(path.read_bytes().replace(b"0.25\\0.75", b"NaN \\0.75"))
    assert "Pixel Spacing" in refusal([read_slice_header(path) for path in paths])


@pytest.mark.parametrize("orientation", [(1, 0, 0, 1, 0, 0), (0, 0, 0, 0, 0, 0), (2, 0, 0, 0, 1, 0)])
def test_directions_that_span_no_plane_are_unusable(tmp_path, orientation):
    slices = [ct_slice(k, orientation=orientation) for k in range(2)]
    assert "Image Orientation" in refusal(headers_of(tmp_path, slices))


def test_slopes_of_zero_are_unusable(tmp_path):
    slices = [ct_slice(0), ct_slice(1, slope=0)]
    assert "Rescale Slope (0028,1053)" in refusal(headers_of(tmp_path, slices))


def test_a_volume_beyond_the_limit_is_refused(tmp_path):
    headers = headers_of(tmp_path, [ct_slice(k) for k in range(3)])
    with pytest.raises(LimitExceeded):
        plan_volume(headers, ReadLimits(max_volume_bytes=100))


def test_projections_have_no_millimetres_of_the_patient(tmp_path):
    headers = headers_of(tmp_path, [ct_slice(k) for k in range(2)])
    projected = [replace(header, spacing_source="detector") for header in headers]
    assert refusal(projected).startswith("2 of 2 images are projections")


@pytest.mark.parametrize(
    ("folder", "reason"),
    [
        ("mixed-orientation-mr", "2 different orientations"),
        ("4d-fmri-ge", "8 images lie at 4 positions"),
        ("4d-dti-philips", "8 images lie at 2 positions"),
        ("rgb-volume-mr", "4 of 4 images are in colour"),
    ],
)
def test_real_series_that_are_no_volume(folder, reason):
    paths = [path for path in shared(f"data/zoo/series-quirks/{folder}").rglob("*") if path.is_file()]
    assert reason in refusal([read_slice_header(path) for path in paths])


def test_real_scout_among_slices():
    folder = shared("data/zoo/series-quirks/scout-dose-and-tilted-ct")
    paths = [path for path in folder.rglob("*") if path.is_file()]
    assert refusal([read_slice_header(path) for path in paths]) == "1 of 6 images are localizers."


def test_a_stack_follows_positions(tmp_path):
    headers = headers_of(tmp_path, [ct_slice(k, InstanceNumber=1) for k in (2, 0, 1)])
    assert [header.path.name for header in stack_order(headers)] == ["im001.dcm", "im002.dcm", "im000.dcm"]


def test_a_stack_without_positions_follows_instance_numbers(tmp_path):
    headers = headers_of(
        tmp_path, [ct_slice(k, InstanceNumber=9 - k, ImagePositionPatient=None) for k in range(3)]
    )
    assert [header.path.name for header in stack_order(headers)] == ["im002.dcm", "im001.dcm", "im000.dcm"]


def test_a_stack_shows_each_frame():
    path = shared("data/zoo/multiframe/emri_small.dcm")
    headers = read_slice_headers(path)
    assert [header.frame for header in stack_order(headers[::-1])] == list(range(10))
