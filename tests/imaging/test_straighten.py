"""Tilt and uneven spacing undone: known angles, distances and places, and other programs' results."""

import json
import tracemalloc

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813 - the name its own examples use
from scipy import ndimage
from scipy.ndimage import map_coordinates

from app.imaging.geometry import index_from_world, world_from_index
from app.imaging.pixels import read_frame
from app.imaging.straighten import StraightPlane, made_up_slices, mixed, moved_plane, nearest_slices
from app.imaging.volume import (
    VolumeHeader,
    build_volume,
    load_volume,
    plan_volume,
    read_slice_header,
    stored_value,
)
from tests.imaging.phantoms import ct_slice, write_series
from tests.imaging.tilted import BALL, centroids, write_tilted
from tests.shared_data import shared

# A column of voxels 2.5 × 2 mm, slices every 4 mm.
HALF_VOXEL = (1.25, 1.0, 2.0)


def build(paths, folder):
    plan = plan_volume([read_slice_header(path) for path in paths])
    return plan, load_volume(folder / "v.npy", build_volume(plan, folder / "v.npy"))


@pytest.fixture(scope="module")
def straight(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tilted")
    return build(write_tilted(folder / "in"), folder)


def upright_rod(points):
    return np.stack((np.full(points.shape[:-1], -30.0), np.zeros(points.shape[:-1]), points[..., 2]), -1)


def slanted_rod(points):
    return np.stack((np.full(points.shape[:-1], 20.0), points[..., 2] - 10, points[..., 2]), -1)


def test_tilt_and_two_spacings_are_named_with_their_numbers(straight):
    plan, volume = straight
    assert volume.header.shape_ijk == (64, 105, 37)
    assert volume.header.spacing_mm == pytest.approx((2.5, 2.0, 4.00245), abs=1e-4)
    resampling = volume.header.resampling
    assert (resampling["kind"], resampling["made_up"]) == ("tilt+spacing", 0)
    assert resampling["tilt_degrees"] == pytest.approx(18.5, abs=0.001)
    assert [(gap["first"], gap["last"]) for gap in resampling["gaps"]] == [(14, 15), (15, 28)]
    assert [gap["millimetres"] for gap in resampling["gaps"]] == pytest.approx([1.0811, 6.9986], abs=1e-3)
    assert [str(warning) for warning in plan.warnings] == [
        "Gantry tilt of 18.5° corrected: each slice was moved within its own plane, so that lengths and "
        "angles are true.",
        "Uneven slice spacing: 4.002 mm, but between slices 14–15: 1.081 mm, 15–28: 6.999 mm. Resampled to "
        "one slice every 4.002 mm, interpolated from its neighbours.",
    ]


def test_the_grid_stands_upright(straight):
    axes = straight[1].affine[:3, :3] / np.linalg.norm(straight[1].affine[:3, :3], axis=0)
    np.testing.assert_allclose(axes.T @ axes, np.eye(3), atol=1e-6)
    assert np.linalg.det(axes) == pytest.approx(1)


def test_a_rod_along_z_comes_out_where_it_stood(straight):
    found = centroids(straight[1], upright_rod)
    assert len(found) > 30
    away = np.array([point - (-30, 0, point[2]) for point in found.values()])
    assert np.all(np.abs(away) < HALF_VOXEL)
    assert np.abs(away).max() < 0.05


def test_a_rod_at_45_degrees_stays_at_45_degrees(straight):
    found = np.array(list(centroids(straight[1], slanted_rod).values()))
    assert len(found) > 20
    assert np.all(np.abs(found - np.stack((0 * found[:, 0] + 20, found[:, 2] - 10, found[:, 2]), 1)) < 0.6)
    direction = np.linalg.svd(found - found.mean(axis=0))[2][0]
    cosine = abs(direction @ np.array((0, 0, 1.0)))
    assert np.degrees(np.arccos(cosine)) == pytest.approx(45, abs=0.1)


def test_the_rods_keep_their_distance(straight):
    one, other = centroids(straight[1], upright_rod), centroids(straight[1], slanted_rod)
    across = [other[k][0] - one[k][0] for k in one if k in other]
    assert np.mean(across) == pytest.approx(50.0, abs=0.1)


def test_the_ball_lies_where_it_lay(straight):
    _, volume = straight
    indices = np.argwhere(np.asarray(volume.array) > 100)
    points = world_from_index(volume.affine, indices[:, ::-1])
    near = np.linalg.norm(points - BALL, axis=1) < 14
    weights = np.asarray(volume.array)[tuple(indices[near].T)].astype(float)
    np.testing.assert_allclose(np.average(points[near], axis=0, weights=weights), BALL, atol=0.6)


def test_nothing_is_cut_off(straight):
    plan, volume = straight
    corners = [(0, 0), (63, 0), (0, 79), (63, 79)]
    for header in plan.slices:
        for column, row in corners:
            point = (
                np.array(header.position)
                + np.array(header.orientation[:3]) * column * 2.5
                + np.array(header.orientation[3:]) * row * 2.0
            )
            i, j, _k = index_from_world(volume.affine, point)
            assert -0.01 <= i <= 63.01
            assert -0.01 <= j <= 104.01


def test_an_even_tilted_stack_is_only_moved_in_its_planes(tmp_path):
    # The triangle 3-4-5: steps of 5 mm along z are 4 mm along the normal and 3 mm along the rows.
    orientation = (1, 0, 0, 0, 0.8, -0.6)
    slices = [
        ct_slice(k, orientation=orientation, position=(0, 0, 5.0 * k), spacing=(3, 1)) for k in range(3)
    ]
    plan, volume = build(write_series(tmp_path / "in", slices), tmp_path)
    assert plan.resampling.kind == "tilt"
    assert volume.header.spacing_mm == pytest.approx((1, 3, 4))
    assert volume.header.shape_ijk == (5, 6, 3)
    # Each slice is one row of 3 mm higher than the last; nothing is interpolated.
    fill = -1024
    assert volume.array[:, :, 0].tolist() == [
        [fill, fill, -1024, -1014, -1004, -994],
        [fill, -924, -914, -904, -894, fill],
        [-824, -814, -804, -794, fill, fill],
    ]
    assert (volume.header.resampling["fill_value"], volume.header.resampling["filled_voxels"]) == (-1024, 30)
    # Voxel (0, 2) of slice 0 is its first: (0, 0, 0); two slices up and two rows back stands (0, 0, 10).
    np.testing.assert_allclose(world_from_index(volume.affine, (0, 2, 0)), (0, 0, 0), atol=1e-9)
    np.testing.assert_allclose(world_from_index(volume.affine, (0, 0, 2)), (0, 0, 10), atol=1e-9)


def test_outside_is_black_where_low_values_are_white(tmp_path):
    orientation = (1, 0, 0, 0, 0.8, -0.6)
    inverse = {"spacing": (3, 1), "PhotometricInterpretation": "MONOCHROME1"}
    slices = [ct_slice(k, orientation=orientation, position=(0, 0, 5.0 * k), **inverse) for k in range(3)]
    _plan, volume = build(write_series(tmp_path / "in", slices), tmp_path)
    # The highest value, 100·2 + 10·3 + 4 − 1024, is shown black.
    assert (volume.header.inverted, volume.header.resampling["fill_value"]) == (True, -790)
    assert volume.array[2, 5, 0] == -790


def test_a_missing_slice_is_filled_and_said(tmp_path):
    slices = [ct_slice(k) for k in (0, 1, 3, 4)]
    plan, volume = build(write_series(tmp_path / "in", slices), tmp_path)
    assert volume.array[:, 3, 4].tolist() == [-990, -890, -790, -690, -590]
    assert volume.header.spacing_mm == (0.5, 2.0, 3.0)
    assert (volume.header.original_count, volume.header.resampling["made_up"]) == (4, 1)
    assert [str(warning) for warning in plan.warnings] == [
        "Uneven slice spacing: 3.000 mm, but between slices 2–3: 6.000 mm. Resampled to one slice every "
        "3.000 mm, interpolated from its neighbours.",
        "Slices in a gap, where no image was taken: 1. What they show is made up.",
    ]
    assert [uid.rsplit(".", 1)[1] for uid in volume.header.sop_instance_uids] == ["1", "2", "2", "4", "5"]


def test_values_between_slices_are_rounded_once(tmp_path):
    places = (0.0, 3.0, 6.0, 10.5)
    values = (0, 1, 0, 9)
    slices = [
        ct_slice(n, pixels=np.full((4, 5), value, np.int16), intercept=0, position=(0, 0, place))
        for n, (place, value) in enumerate(zip(places, values, strict=True))
    ]
    _, volume = build(write_series(tmp_path / "in", slices), tmp_path)
    # 10.5 mm in 4 steps (3.5 nearest to 4) of 2.625: at 2.625, 5.25 and 7.875: 0.875, 0.25, 3.75.
    assert volume.header.spacing_mm[2] == 2.625
    assert volume.array[:, 0, 0].tolist() == [0, 1, 0, 4, 9]


def test_fractions_stay_float(tmp_path):
    slices = [ct_slice(k, slope=0.5, intercept=0) for k in (0, 1, 3)]
    _, volume = build(write_series(tmp_path / "in", slices), tmp_path)
    assert volume.array.dtype == np.float32
    assert volume.array[:, 3, 4].tolist() == [17, 67, 117, 167]


def test_padding_is_not_mixed_with_tissue(tmp_path):
    def padded(k):
        pixels = np.full((4, 5), 100, np.int16)
        pixels[0] = -2000
        position = (0, 0, 5.0 * k)
        return ct_slice(
            k, pixels=pixels, intercept=0, orientation=(1, 0, 0, 0, 0.8, -0.6), position=position,
            spacing=(2, 1), PixelPaddingValue=-2000,
        )  # fmt: skip

    # Slices move by 1.5 rows each: between padding and tissue there is no value in between.
    _, volume = build(write_series(tmp_path / "in", [padded(k) for k in range(3)]), tmp_path)
    assert set(np.unique(volume.array).tolist()) == {-2000, 100}
    assert volume.header.padding_value == -2000
    assert volume.header.percentiles == (100, 100)


def test_a_resampled_value_leads_back_to_no_stored_one(straight):
    assert stored_value(straight[1].header, 500, 3) is None


def test_the_header_of_a_resampled_volume_survives_json(straight):
    header = straight[1].header
    assert VolumeHeader.from_json(json.loads(json.dumps(header.as_json()))) == header


@pytest.fixture(scope="module")
def head(tmp_path_factory):
    paths = sorted(shared("data/ct-head-ge-gantry-tilt/ct").glob("*.dcm"))
    return build(paths, tmp_path_factory.mktemp("head"))


def test_real_head_stands_upright_at_true_scale(head):
    plan, volume = head
    # dcm2niix makes 512 × 611 of it too, and 144.09 mm between the first slice and the last.
    assert volume.header.shape_ijk == (512, 611, 37)
    assert 36 * volume.header.spacing_mm[2] == pytest.approx(144.088, abs=0.001)
    assert volume.header.resampling["kind"] == "tilt+spacing"
    assert volume.header.resampling["filled_voxels"] == 1875456
    assert volume.header.original_count == len(plan.slices) == 28
    normal = volume.affine[:3, 2] / np.linalg.norm(volume.affine[:3, 2])
    assert normal == pytest.approx((0, 0.3173047, 0.9483237), abs=1e-6)


@pytest.mark.parametrize(
    ("index_ijk", "hounsfield"),
    [
        ((256, 160, 0), -985), ((200, 250, 0), -340), ((300, 350, 0), 8), ((256, 430, 0), 1017),
        ((200, 150, 36), -1004), ((300, 250, 36), -830), ((256, 330, 36), 941), ((180, 300, 36), -434),
    ],
)  # fmt: skip
def test_real_head_equals_dcm2niix_in_its_outer_slices(head, index_ijk, hounsfield):
    """Values of dcm2niix 1.0.20220720, head_Tilt_Eq_1.nii, voxel (i, 610 − j, 0 or 55)."""
    i, j, k = index_ijk
    assert head[1].array[k, j, i] == hounsfield


def test_real_head_against_an_obvious_twin(head):
    """Random voxels looked up in the two original images around them."""
    plan, volume = head
    originals = [read_frame(header.path).values.astype(float) for header in plan.slices]
    places = plan.places_ijk()
    random = np.random.default_rng(5)
    for _ in range(400):
        i, j, k = random.integers(0, 512), random.integers(110, 500), random.integers(0, 37)
        below = int(np.clip(np.searchsorted(places[:, 2], k, side="right") - 1, 0, 26))
        weight = (k - places[below, 2]) / (places[below + 1, 2] - places[below, 2])
        values = [
            map_coordinates(originals[n], [[j - places[n, 1]], [i - places[n, 0]]], order=1, mode="nearest")[
                0
            ]
            for n in (below, below + 1)
        ]
        if min(values) > -1050:  # the scanner's padding, -1500, is not mixed
            expected = values[0] * (1 - weight) + values[1] * weight
            assert volume.array[k, j, i] == pytest.approx(expected, abs=1.1)


def test_a_plane_is_moved_by_parts_of_a_voxel():
    plane = np.array([[0.0, 10.0], [20.0, 30.0]])
    moved = moved_plane(plane, 0.25, 1.0, 3, 4)
    nan = np.nan
    np.testing.assert_array_equal(
        moved.values, [[nan, nan, nan], [0, 7.5, nan], [20, 27.5, nan], [nan, nan, nan]]
    )
    assert moved.outside == 8


def test_a_plane_moved_out_of_sight_is_empty():
    moved = moved_plane(np.ones((2, 2)), -5, 0, 3, 3)
    assert np.isnan(moved.values).all()
    assert moved.outside == 9


def test_mixing_leaves_the_nearer_one_alone_where_the_other_has_nothing():
    below, above = StraightPlane(np.array([[1.0, np.nan]]), 1), StraightPlane(np.array([[3.0, 5.0]]), 0)
    assert mixed(below, above, 0.75).values.tolist() == [[2.5, 5.0]]
    found = mixed(below, above, 0.25)
    assert (found.values[0, 0], np.isnan(found.values[0, 1]), found.outside) == (1.5, True, 1)


def test_gaps_count_as_made_up_only_far_from_originals():
    assert made_up_slices(np.array([0.0, 1, 2, 5, 6]), 7) == 2
    assert made_up_slices(np.array([0.0, 1.75, 3.5]), 4) == 0
    assert nearest_slices(np.array([(0, 0, 0.0), (0, 0, 1.75), (0, 0, 3.5)]), 4) == [0, 1, 1, 2]


@pytest.mark.parametrize("orientation", [(1, 0, 0, 0, 1, 0), (1, 0, 0, 0, -1, 0), (0, 1, 0, 0, 0, -1)])
def test_uneven_stacks_of_any_direction_keep_places(tmp_path, orientation):
    normal = np.cross(orientation[:3], orientation[3:])
    slices = [
        ct_slice(k, orientation=orientation, position=5 + normal * along)
        for k, along in enumerate((0, 2, 4, 8, 10))
    ]
    _, volume = build(write_series(tmp_path / "in", slices[::-1]), tmp_path)
    assert volume.array[:, 1, 2].tolist() == [-1012, -912, -812, -762, -712, -612]
    np.testing.assert_allclose(world_from_index(volume.affine, (0, 0, 5)), 5 + normal * 10, atol=1e-9)


def test_slices_that_are_said_to_be_interpolated_are(tmp_path):
    """Distances of 10.4 and 9.6 mm: the middle slice lies 1.6 mm above its even place."""
    places = (0, 10.4, 20.8, 31.2, 41.6, 51.2, 60.8, 70.4, 80)
    slices = [ct_slice(k, position=(0, 0, z)) for k, z in enumerate(places)]
    plan, volume = build(write_series(tmp_path / "in", slices), tmp_path)
    assert "interpolated" in str(plan.warnings[0])
    # Values rise by 100 a slice; 40 mm is at 3 + (40 − 31.2) / 10.4 = 3.846 slices: −1024 + 384.6, rounded.
    assert volume.array[4, 0, 0] == -639


def test_memory_stays_within_half_of_the_volume_more(tmp_path):
    """A stack straightened to twice its size is written plane by plane."""
    pixels = np.zeros((200, 200), np.int16)
    steps = [3.0 * k for k in range(30)] + [90.0 + 6 * k for k in range(30)]
    paths = write_series(
        tmp_path / "in", [ct_slice(k, pixels=pixels, position=(0, 0.2 * z, z)) for k, z in enumerate(steps)]
    )
    plan = plan_volume([read_slice_header(path) for path in paths])
    tracemalloc.start()
    build_volume(plan, tmp_path / "v.npy")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1.5 * 2 * np.prod(plan.shape_ijk)


def test_real_tilted_slices_equal_simpleitk(tmp_path):
    """SimpleITK resamples the sheared index space through the matrix that straightens it."""
    folder = shared("data/zoo/series-quirks/scout-dose-and-tilted-ct")
    plan, volume = build(sorted(folder.rglob("S2010_*")), tmp_path)
    stored = np.stack([read_frame(header.path).values for header in plan.slices]).astype(np.float64)
    # Written from the files: spacing 0.482421875 mm, steps of 2.5 mm along z, corner of the first slice.
    sheared = np.array(
        [[0.482421875, 0, 0], [0, 0.9483237 * 0.482421875, 0], [0, -0.3173047 * 0.482421875, 2.5]]
    )
    corner = np.array((-123.5, -15.64097, 742.345191756896))
    inverse = np.linalg.inv(sheared)
    move = sitk.AffineTransform(3)
    move.SetMatrix((inverse @ volume.affine[:3, :3]).ravel().tolist())
    move.SetTranslation((inverse @ (volume.affine[:3, 3] - corner)).tolist())
    outside = -99999.0
    found = sitk.GetArrayFromImage(
        sitk.Resample(
            sitk.GetImageFromArray(stored), volume.header.shape_ijk, move, sitk.sitkLinear,
            (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), (1.0, 0, 0, 0, 1, 0, 0, 0, 1), outside,
        )
    )  # fmt: skip
    inside = (found != outside) & (ndimage.minimum_filter(found, (1, 3, 3)) > -1100)
    assert inside.sum() > 800_000
    assert np.abs(volume.array[inside] - found[inside]).max() <= 1.0
    assert volume.header.shape_ijk == (512, 517, 4)
