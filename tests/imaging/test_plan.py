"""What stacks and what does not, with the numbers that the message names."""

import pytest

from app.imaging.errors import LimitExceeded, NotAVolume
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


def test_small_jitter_of_the_table_is_tolerated(tmp_path):
    places = (0, 3.27, 6.54, 9.73, 13.02)
    plan = plan_volume(headers_of(tmp_path, [ct_slice(k, position=(0, 0, z)) for k, z in enumerate(places)]))
    assert plan.affine[2][2] == pytest.approx(3.255)


def test_one_image(tmp_path):
    assert refusal(headers_of(tmp_path, [ct_slice()])) == "The series has 1 image; a volume needs at least 2."


def test_no_image():
    assert refusal([]) == "The series has no images."


def test_missing_slice_is_located(tmp_path):
    found = refusal(headers_of(tmp_path, [ct_slice(k) for k in (0, 1, 2, 4, 5)]))
    assert found == (
        "Uneven slice spacing: 6.000 mm between slices 3 and 4, 3.000 mm elsewhere; 1 of 4 gaps differ."
    )


def test_two_images_at_one_position(tmp_path):
    found = refusal(headers_of(tmp_path, [ct_slice(k // 2) for k in range(6)]))
    assert found == "6 images lie at 3 positions: some positions hold more than one image."


def test_all_images_at_one_position(tmp_path):
    assert "2 images lie at 1 positions" in refusal(headers_of(tmp_path, [ct_slice(), ct_slice()]))


def test_sheared_slices_name_their_tilt(tmp_path):
    sheared = [ct_slice(k, position=(0, 4.0 * k, 3.0 * k)) for k in range(3)]
    assert refusal(headers_of(tmp_path, sheared)) == "The slices are sheared: gantry tilt of 53.1°."


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


def test_real_gantry_tilt():
    assert "gantry tilt of 18.5°" in refusal(shared_headers("ct-head-ge-gantry-tilt"))


@pytest.mark.parametrize(
    ("folder", "reason"),
    [
        ("missing-slice-ct", "10.000 mm between slices 3 and 4, 5.000 mm elsewhere"),
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


def test_real_multi_frame():
    header = read_slice_header(shared("data/zoo/multiframe/emri_small.dcm"))
    assert refusal([header]) == "A multi-frame image of 10 frames is shown as a stack."


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
