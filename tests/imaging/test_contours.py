"""Structure sets on the grids of volumes: by position, on any planes, and real ones with known volumes."""

import json
import zipfile
from dataclasses import replace

import nibabel
import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813 - as everywhere
from numpy.testing import assert_array_equal

from app.imaging.contours import fill_structures, outlines
from app.imaging.contourvoxels import Filling
from app.imaging.errors import LimitExceeded
from app.imaging.formats.rtstruct import Roi, StructureSet, read_structures
from app.imaging.placement import NoOverlap, OtherFrame
from app.imaging.segments import BoxMask, Grid
from app.imaging.slices import read_slice_headers
from app.imaging.volume import plan_volume
from tests.imaging.rtsamples import CLOSED, square
from tests.shared_data import shared

PLAIN = Grid.of((12, 10, 8), np.diag([1.0, 1.0, 3.0, 1.0]), "1.2")
# Rows run to the head and the front, slices to the right; voxels of 0.5 × 2 × 4 mm, first at (50, 9, −7).
SAGITTAL = Grid.of((30, 20, 10), [[0, 0, -4, 50], [0, -2, 0, 9], [0.5, 0, 0, -7], [0, 0, 0, 1]], "1.2")


def tilted(spacing, seed, shape=(24, 20, 16)):
    """A grid in a direction of its own, of either handedness."""
    turn, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))
    affine = np.eye(4)
    affine[:3, :3] = turn * spacing
    affine[:3, 3] = (-30, 12.5, 80)
    return Grid.of(shape, affine, "1.2")


def structures(*contours, kind=CLOSED, frame="1.2", name="a"):
    points = tuple(np.asarray(one, float) for one in contours)
    roi = Roi(3, name, (1, 2, 3), "", points, (kind,) * len(points), frame)
    return StructureSet((roi,), frame, "", ())


def only(placed, grid):
    (segment,) = placed.segments
    return segment.mask.full(grid.shape_kji)


def said(placed):
    return [str(warning) for warning in placed.warnings]


def lps(grid, indices):
    return np.asarray(indices, float) @ grid.matrix[:3, :3].T + grid.matrix[:3, 3]


def test_contour_fills_the_centres_it_holds_on_its_slice() -> None:
    placed = fill_structures(structures(square((1.6, 2.5), (4.4, 4.5), 6)), PLAIN)
    assert_array_equal(np.argwhere(only(placed, PLAIN)),
                       [(2, j, i) for j in (3, 4) for i in (2, 3, 4)])  # fmt: skip
    assert placed.placement == "exact"
    assert placed.warnings == ()
    (segment,) = placed.segments
    assert (segment.number, segment.name, segment.color_rgb) == (3, "a", (1, 2, 3))


def test_hole_of_both_kinds_and_several_contours_a_slice() -> None:
    ring = [square((0.5, 0.5), (5.5, 5.5), 3), square((2.5, 2.5), (3.5, 3.5), 3)]
    other = square((7.5, 7.5), (9.5, 8.5), 3)
    for kind in (CLOSED, "CLOSEDPLANAR_XOR"):
        found = only(fill_structures(structures(*ring, other, kind=kind), PLAIN), PLAIN)
        assert found.sum() == 25 - 1 + 2
        assert not found[1, 3, 3]


def test_points_become_the_voxels_they_lie_in() -> None:
    points = [[(3.4, 4.6, 7.4)], [(0, 0, -1.6)], [(11.4, 9.4, 22.4)]]
    placed = fill_structures(structures(*points, kind="POINT"), PLAIN)
    assert_array_equal(np.argwhere(only(placed, PLAIN)), [(2, 5, 3), (7, 9, 11)])
    assert said(placed) == ["1 contours lie outside the images and are left out."]


def test_slices_are_found_within_half_a_spacing_and_no_farther() -> None:
    contours = [square((1.5, 1.5), (3.5, 3.5), z) for z in (-1.6, -1.4, 22.4, 22.6, 99)]
    placed = fill_structures(structures(*contours), PLAIN)
    assert np.flatnonzero(only(placed, PLAIN).any(axis=(1, 2))).tolist() == [0, 7]
    assert "3 contours lie outside the images and are left out." in said(placed)


def test_contours_beside_and_across_the_border_are_told() -> None:
    contours = [square((20, 1), (25, 4), 3), square((9.5, 1.5), (30, 3.5), 3)]
    placed = fill_structures(structures(*contours), PLAIN)
    assert_array_equal(np.argwhere(only(placed, PLAIN)), [(1, j, i) for j in (2, 3) for i in (10, 11)])
    assert said(placed) == [
        "1 contours lie outside the images and are left out.",
        "1 contours reach beyond the images and are cut there.",
    ]


def test_gap_between_islands_stays_and_one_missing_contour_too() -> None:
    contours = [square((1.5, 1.5), (3.5, 3.5), z) for z in (0, 3, 9, 12, 21)]
    placed = fill_structures(structures(*contours), PLAIN)
    assert np.flatnonzero(only(placed, PLAIN).any(axis=(1, 2))).tolist() == [0, 1, 3, 4, 7]
    assert placed.placement == "exact"


def test_sets_of_thicker_slices_are_carried_half_way_and_said_so() -> None:
    grid = Grid.of((6, 6, 20), np.eye(4), "1.2")
    wide, narrow = square((0.5, 0.5), (4.5, 4.5), 5), square((1.5, 1.5), (2.5, 2.5), 9)
    placed = fill_structures(structures(wide, narrow), grid)
    # 4 mm apart: slices 3 to 6 are the first one's, 7 to 10 the other's.
    assert only(placed, grid).sum(axis=(1, 2)).tolist() == [0] * 3 + [16] * 4 + [1] * 4 + [0] * 9
    assert placed.placement == "resampled"
    assert said(placed) == [
        "1 ROIs were drawn on other planes than the slices; each contour is carried half-way to the next."
    ]


def test_islands_farther_apart_than_any_slice_is_thick_stay_islands() -> None:
    grid = Grid.of((6, 6, 20), np.eye(4), "1.2")
    low, high = square((0.5, 0.5), (4.5, 4.5), 2), square((1.5, 1.5), (2.5, 2.5), 13)
    placed = fill_structures(structures(low, high), grid)
    assert np.argwhere(only(placed, grid).any(axis=(1, 2))).ravel().tolist() == [2, 13]
    assert (placed.placement, placed.warnings) == ("exact", ())


@pytest.mark.parametrize(("stated", "slices"), [(4, range(3, 11)), (1, (5, 9)), (0.5, (5, 9))])
def test_stated_distance_of_planes_tells_what_is_a_gap(stated, slices) -> None:
    grid = Grid.of((6, 6, 20), np.eye(4), "1.2")
    (roi,) = structures(*(square((0.5, 0.5), (4.5, 4.5), z) for z in (5, 9))).rois
    placed = fill_structures(StructureSet((replace(roi, plane_distance_mm=stated),), "1.2", "", ()), grid)
    assert np.flatnonzero(only(placed, grid).any(axis=(1, 2))).tolist() == list(slices)


def test_sets_of_thinner_slices_fill_each_slice_once() -> None:
    contours = [square((1.5, 1.5), (3.5, 3.5), z) for z in np.arange(6, 13, 1.0)]
    placed = fill_structures(structures(*contours), PLAIN)
    assert only(placed, PLAIN).sum(axis=(1, 2)).tolist() == [0, 0, 4, 4, 4, 0, 0, 0]
    assert len(placed.warnings) == 1


def test_sagittal_set_on_axial_slices() -> None:
    # Planes x = 2, 3, 4; y from 2 to 5; z from 4.5 to 13.5 mm: slices 2, 3 and 4.
    contours = [[(x, 1.5, 4.5), (x, 5.5, 4.5), (x, 5.5, 13.5), (x, 1.5, 13.5)] for x in (2, 3, 4)]
    placed = fill_structures(structures(*contours), PLAIN)
    expected = np.zeros(PLAIN.shape_kji, bool)
    expected[2:5, 2:6, 2:5] = True
    assert_array_equal(only(placed, PLAIN), expected)
    assert placed.placement == "resampled"


def test_coronal_planes_two_voxels_apart_on_a_reversed_sagittal_grid() -> None:
    # y = 5, 1 and −3 are rows j = 2, 4 and 6; each stands for two rows. x 38…46: k = 1, 2, 3; z: i = 4…7.
    contours = [[(37, y, -5.1), (47, y, -5.1), (47, y, -3.4), (37, y, -3.4)] for y in (5, 1, -3)]
    placed = fill_structures(structures(*contours), SAGITTAL)
    expected = np.zeros(SAGITTAL.shape_kji, bool)
    expected[1:4, 1:7, 4:8] = True
    assert_array_equal(only(placed, SAGITTAL), expected)


def test_axial_and_sagittal_contours_of_one_roi_are_both_filled() -> None:
    axial = square((1.5, 1.5), (3.5, 3.5), 3)
    sagittal = [(8, 2.5, 4), (8, 6.5, 4), (8, 6.5, 13), (8, 2.5, 13)]
    found = only(fill_structures(structures(axial, sagittal), PLAIN), PLAIN)
    assert found[:, :, :5].sum() == 4
    assert_array_equal(np.argwhere(found[:, :, 5:]), [(k, j, 3) for k in (2, 3, 4) for j in range(3, 7)])


@pytest.mark.parametrize("seed", range(4))
def test_oblique_set_is_what_each_voxel_asked_by_itself_would_say(seed: int) -> None:
    """Planes of one direction through a grid of another: every voxel is asked for its plane and polygon."""
    from matplotlib.path import Path as Outline

    grid = tilted((1.1, 0.9, 2.3), seed)
    rng = np.random.default_rng(seed + 100)
    basis, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    middle = lps(grid, [12, 10, 8])
    step = 1.7
    angles = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    shapes, contours = [], []
    for n in range(7):
        radius = rng.uniform(5, 9, 12)
        flat = np.column_stack([radius * np.cos(angles), radius * np.sin(angles)])
        shapes.append(Outline(flat))
        contours.append(middle + flat @ basis[:, :2].T + (n - 3) * step * basis[:, 2])
    placed = fill_structures(structures(*contours), grid)
    found = only(placed, grid)
    k, j, i = np.indices(grid.shape_kji).reshape(3, -1)
    local = (lps(grid, np.column_stack([i, j, k])) - middle) @ basis
    plane = np.floor(local[:, 2] / max(step, np.abs(basis[:, 2] @ grid.matrix[:3, :3]).max()) + 0.5)
    if np.abs(basis[:, 2] @ grid.matrix[:3, :3]).max() > step:
        # Voxels are coarser than the planes: only the reach at both ends is theirs.
        reach = np.abs(basis[:, 2] @ grid.matrix[:3, :3]).max() / 2
        plane = np.clip(np.floor(local[:, 2] / step + 0.5), -3, 3)
        plane[np.abs(local[:, 2]) >= 3 * step + reach] = 9
    expected = np.zeros(len(plane), bool)
    for n, shape in enumerate(shapes):
        expected |= (plane == n - 3) & shape.contains_points(local[:, :2])
    differing = np.count_nonzero(found.ravel() != expected)
    assert expected.sum() > 100
    assert differing <= 2  # a centre on a border between two planes


def test_oblique_cylinder_has_its_volume() -> None:
    grid = Grid.of((60, 60, 60), np.diag([1.0, 1.0, 1.0, 1.0]), "1.2")
    normal = np.array([2, 3, 6]) / 7
    right = np.array([3, -6, 2]) / 7
    down = np.array([6, 2, -3]) / 7
    turn = np.linspace(0, 2 * np.pi, 200, endpoint=False)[:, None]
    circle = 30 + 12 * (np.cos(turn) * right + np.sin(turn) * down)
    contours = [circle + n * 2.5 * normal for n in range(-4, 5)]
    placed = fill_structures(structures(*contours), grid)
    # π · 12² · 22.5 mm³ = 10 179
    assert only(placed, grid).sum() == pytest.approx(10179, rel=0.01)
    assert placed.placement == "resampled"


def test_oblique_hole_counts_where_it_is_carried_into_the_images() -> None:
    # Planes tilted by 45° about i, 4 voxels apart; the first lies 3 mm along k below the grid where its hole
    # is, and half of its reach lies within.
    grid = Grid.of((12, 12, 12), np.eye(4), "1.2")
    down = np.array([0, 1, 1]) / np.sqrt(2)
    normal = np.array([0, -1, 1]) / np.sqrt(2)
    flat = np.array([(1.5, -8), (9.5, -8), (9.5, 8), (1.5, 8)])
    hole = np.array([(3.5, -8), (7.5, -8), (7.5, -1.2), (3.5, -1.2)])
    contours = [
        np.array([0, 3, 0]) + n * 4 * normal + shape[:, :1] * [1, 0, 0] + shape[:, 1:] * down
        for n in range(3)
        for shape in (flat, hole)
    ]
    found = only(fill_structures(structures(*contours), grid), grid)
    k, j, i = np.indices(grid.shape_kji)
    across = (k - (j - 3)) / np.sqrt(2)
    along = (k + (j - 3)) / np.sqrt(2)
    inside = (across >= -2) & (across < 10) & (i > 1.5) & (i < 9.5) & (np.abs(along) < 8)
    inside &= ~((i > 3.5) & (i < 7.5) & (along < -1.2))
    assert_array_equal(found, inside)


def test_single_oblique_contour_is_one_layer_without_holes() -> None:
    grid = Grid.of((40, 40, 40), np.eye(4), "1.2")
    right, down = np.array([1, 0, 0]), np.array([0, 0.6, 0.8])
    plate = 20 + np.array([(-10.5, -8), (10.5, -8), (10.5, 8), (-10.5, 8)]) @ np.stack([right, down])
    found = only(fill_structures(structures(plate), grid), grid)
    # Each column along z, the axis that is nearest to the normal's, is met once or not at all: 21 × 9 or 10.
    assert set(np.unique(found.sum(axis=1))) <= {0, 1}
    assert found.sum() in (21 * 12, 21 * 13)


@pytest.mark.parametrize("spacing", [(1, 1, 1), (0.5, 2, 4), (3, 0.7, 1.3), (-0.5, 2, 4)])
@pytest.mark.parametrize("seed", range(3))
def test_outlines_of_any_mask_fill_it_again_on_any_grid(spacing, seed: int) -> None:
    """Holes, islands, single voxels, diagonal touches; coordinates as a file has them, of 16 characters."""
    grid = tilted(spacing, seed)
    mask = np.random.default_rng(seed).random(grid.shape_kji) > (0.3, 0.6, 0.99)[seed]
    mask[4:6] = False
    written = [
        np.array([float(f"{value:.16g}"[:16]) for value in contour.ravel()]).reshape(-1, 3)
        for found in outlines(BoxMask.of(mask), grid)
        for contour in found.contours_lps
    ]
    placed = fill_structures(structures(*written), grid)
    assert_array_equal(only(placed, grid), mask)
    assert placed.placement == "exact"


@pytest.mark.parametrize("seed", range(3))
def test_as_simpleitk_places_the_voxels(seed: int) -> None:
    grid = tilted((0.8, -1.3, 2.5), seed)
    image = sitk.Image(grid.shape_ijk, sitk.sitkUInt8)
    image.SetOrigin(grid.matrix[:3, 3].tolist())
    image.SetSpacing([0.8, 1.3, 2.5])
    image.SetDirection((grid.matrix[:3, :3] / [0.8, 1.3, 2.5]).ravel().tolist())
    corners = [(4.6, 3.6, 7), (15.4, 3.6, 7), (15.4, 9.4, 7), (4.6, 9.4, 7)]
    points = [image.TransformContinuousIndexToPhysicalPoint(corner) for corner in corners]
    found = np.argwhere(only(fill_structures(structures(points), grid), grid))
    assert_array_equal(found, [(7, j, i) for j in range(4, 10) for i in range(5, 16)])


def test_bent_contours_are_left_out() -> None:
    bent = [(1, 1, 0), (8, 1, 9), (8, 8, 0), (1, 8, 9)]
    placed = fill_structures(structures(bent, square((1.5, 1.5), (3.5, 3.5), 3)), PLAIN)
    assert only(placed, PLAIN).sum() == 4
    assert said(placed) == ["1 contours do not lie in a plane and are left out."]


def test_contours_in_a_hundred_directions_end_in_bounded_time() -> None:
    rng = np.random.default_rng(5)
    contours = [rng.uniform(0, 9, (3, 3)) for _ in range(3000)]
    placed = fill_structures(structures(*contours), PLAIN)
    assert any("do not lie in a plane" in text for text in said(placed))


def test_region_between_the_centres_is_empty_and_told() -> None:
    placed = fill_structures(structures(square((1.2, 1.2), (1.8, 1.8), 3)), PLAIN)
    assert placed.segments[0].mask.count == 0
    assert said(placed) == ["1 ROIs hold no voxel: no voxel centre lies within their contours."]


def test_set_beside_the_images_is_refused() -> None:
    with pytest.raises(NoOverlap):
        fill_structures(structures(square((100, 0), (110, 9), 3)), PLAIN)
    with pytest.raises(NoOverlap):
        fill_structures(structures(square((0, 0), (9, 9), 300)), PLAIN)


def test_other_frames_of_reference_are_refused_or_assumed_when_asked() -> None:
    other = structures(square((1.5, 1.5), (3.5, 3.5), 3), frame="9.9")
    with pytest.raises(OtherFrame):
        fill_structures(other, PLAIN)
    placed = fill_structures(other, PLAIN, assume_same_place=True)
    assert only(placed, PLAIN).sum() == 4
    assert "another frame of reference" in said(placed)[0]


def test_rois_of_another_frame_among_others_are_left_out() -> None:
    mixed = structures(square((1.5, 1.5), (3.5, 3.5), 3)).rois + structures([(0, 0, 0)], frame="9.9").rois
    placed = fill_structures(StructureSet(mixed, "", "", ()), PLAIN)
    assert [segment.mask.count for segment in placed.segments] == [4]
    assert said(placed) == ["1 ROIs belong to another frame of reference and are left out."]


def test_unknown_frame_is_taken_for_the_images_and_said_so() -> None:
    placed = fill_structures(structures(square((1.5, 1.5), (3.5, 3.5), 3), frame=""), PLAIN)
    assert "names no frame of reference" in said(placed)[0]


@pytest.mark.parametrize("numbers", [(1, 1), (0, 4), (-1, 2), (1, 70_000)])
def test_numbers_that_are_none_are_counted_anew(numbers) -> None:
    (roi,) = structures(square((1.5, 1.5), (3.5, 3.5), 3)).rois
    rois = tuple(Roi(n, roi.name, None, "", roi.contours, roi.types, "1.2") for n in numbers)
    placed = fill_structures(StructureSet(rois, "1.2", "", ()), PLAIN)
    assert [segment.number for segment in placed.segments] == [1, 2]


def test_memory_of_all_masks_is_bounded() -> None:
    (roi,) = structures(square((-1, -1), (12, 10), 0), square((-1, -1), (12, 10), 21)).rois
    many = StructureSet((roi,) * 400, "1.2", "", ())
    with pytest.raises(LimitExceeded, match="more than 100000 bytes"):
        fill_structures(many, PLAIN, most_voxels=100_000)
    oblique = [(0, 0, 0), (11, 0, 0), (11, 9, 21), (0, 9, 21)]
    with pytest.raises(LimitExceeded):
        Filling(PLAIN, 50).fill(structures(oblique).rois[0])


def series_grid(files):
    headers = [header for path in sorted(files) for header in read_slice_headers(path)]
    plan = plan_volume(headers)
    return Grid.of(plan.shape_ijk, plan.affine, headers[0].frame_of_reference_uid or "")


def volumes_ml(placed, grid):
    voxel = abs(np.linalg.det(grid.matrix[:3, :3])) / 1000
    return {segment.name: segment.mask.count * voxel for segment in placed.segments}


def test_ibsi_contours_fill_the_very_voxels_of_its_nifti_mask() -> None:
    folder = shared("data/ct-lung-ibsi-rtstruct-nifti")
    image = nibabel.load(folder / "reference/mask.nii.gz")
    grid = Grid.of(image.shape, np.diag([-1.0, -1.0, 1.0, 1.0]) @ image.affine)
    placed = fill_structures(read_structures(folder / "rtstruct.dcm"), grid)
    assert placed.segments[0].mask.count == 125_256
    assert_array_equal(only(placed, grid), np.asarray(image.dataobj).T > 0)
    assert placed.placement == "exact"


def test_ibsi_contours_on_its_own_series() -> None:
    folder = shared("data/ct-lung-ibsi-rtstruct-nifti")
    grid = series_grid((folder / "ct").iterdir())
    placed = fill_structures(read_structures(folder / "rtstruct.dcm"), grid)
    assert placed.segments[0].mask.count == 125_256
    assert placed.warnings == ()


def test_chest_ct_has_the_reference_volumes(tmp_path) -> None:
    folder = shared("data/ct-chest-lung1-rtstruct")
    with zipfile.ZipFile(folder / "LUNG1-001-ct.zip") as packed:
        packed.extractall(tmp_path)
    grid = series_grid(path for path in tmp_path.rglob("*") if path.is_file())
    placed = fill_structures(read_structures(folder / "LUNG1-001-rtstruct.dcm"), grid)
    reference = json.loads((folder / "roi-reference-computed.json").read_text())
    counts = {segment.name: segment.mask.count for segment in placed.segments}
    assert counts == {name: one["voxels"] for name, one in reference.items()}
    wanted = {"GTV-1": 156.3, "Spinal-Cord": 44.7, "Lung-Left": 2277, "Lung-Right": 2966}
    assert volumes_ml(placed, grid) == pytest.approx(wanted, rel=0.005)
    assert placed.placement == "exact"


def test_pet_on_nearly_even_slices_has_the_reference_volumes() -> None:
    folder = shared("data/pet-sts-rtstruct")
    grid = series_grid((folder / "pet").iterdir())
    placed = fill_structures(read_structures(folder / "rtstruct.dcm"), grid)
    assert volumes_ml(placed, grid) == pytest.approx({"GTV_Mass": 366.1, "GTV_Edema": 579.0}, rel=0.005)
    assert [segment.mask.count for segment in placed.segments] == [5095, 8058]
    assert placed.placement == "exact"
