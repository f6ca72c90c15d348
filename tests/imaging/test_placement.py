"""Masks brought to a volume's grid: against SimpleITK's nearest neighbour, and by hand."""

import numpy as np
import pytest
import SimpleITK

from app.imaging import placement
from app.imaging.errors import LimitExceeded
from app.imaging.placement import NoOverlap, OtherFrame, UnknownPlace, place
from app.imaging.segments import BoxMask, Grid, LabelImage, Segment

SHAPE = (11, 9, 7)  # i, j, k
AXIAL = np.diag([0.8, 0.9, 2.5, 1.0])
AXIAL[:3, 3] = (-10, 20, 30)


def blob():
    """(k, j, i) bool, asymmetric in every way: an arm along each axis, a hole, an island."""
    mask = np.zeros(SHAPE[::-1], bool)
    mask[1:6, 2:7, 3:8] = True
    mask[3, 4, 5] = False
    mask[2, 3, 8:11] = mask[2, 7:9, 3] = mask[6, 2, 3] = True
    mask[0, 0, 10] = True
    return mask


def turned(degrees, axis):
    a, b = [other for other in range(3) if other != axis]
    turn = np.eye(3)
    turn[a, a] = turn[b, b] = np.cos(np.radians(degrees))
    turn[a, b] = -np.sin(np.radians(degrees))
    turn[b, a] = -turn[a, b]
    return turn


def grid(shape_ijk, steps, origin, frame=""):
    affine = np.eye(4)
    affine[:3, :3], affine[:3, 3] = steps, origin
    return Grid.of(shape_ijk, affine, frame)


def label_image(mask=None, source=None, **more):
    source = source or Grid.of(SHAPE, AXIAL)
    segment = Segment(4, "Blob", BoxMask.of(blob() if mask is None else mask), (1, 2, 3))
    return LabelImage("nrrd", source, (segment,), **more)


def by_itk(mask, source, target):
    """What SimpleITK gives for *mask* on *target*, (k, j, i)."""

    def described(image, one):
        steps = one.matrix[:3, :3]
        lengths = np.linalg.norm(steps, axis=0)
        image.SetSpacing(lengths.tolist())
        image.SetDirection((steps / lengths).ravel().tolist())
        image.SetOrigin(one.matrix[:3, 3].tolist())
        return image

    image = described(SimpleITK.GetImageFromArray(mask.astype(np.uint8)), source)
    like = described(SimpleITK.Image([int(n) for n in target.shape_ijk], SimpleITK.sitkUInt8), target)
    found = SimpleITK.Resample(image, like, SimpleITK.Transform(), SimpleITK.sitkNearestNeighbor)
    return SimpleITK.GetArrayFromImage(found).astype(bool)


def texts(placed):
    return [str(warning) for warning in placed.warnings]


def test_the_same_grid_is_exact_and_keeps_everything():
    placed = place(label_image(), Grid.of(SHAPE, AXIAL))
    assert placed.placement == "exact"
    assert placed.warnings == ()
    (segment,) = placed.segments
    assert (segment.number, segment.name, segment.color_rgb) == (4, "Blob", (1, 2, 3))
    np.testing.assert_array_equal(segment.mask.full(SHAPE[::-1]), blob())


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (2, 0, 1), (2, 1, 0), (0, 2, 1), (1, 2, 0)])
@pytest.mark.parametrize("flips", [(), (0,), (1, 2), (0, 1, 2)])
def test_axes_in_any_order_and_direction_are_exact(order, flips):
    # Target axis n runs along source axis order[n], from its other end where n is among flips.
    affine = np.eye(4)
    origin = AXIAL[:3, 3].copy()
    shape = [SHAPE[axis] for axis in order]
    for n, axis in enumerate(order):
        sign = -1 if n in flips else 1
        affine[:3, n] = sign * AXIAL[:3, axis]
        if sign < 0:
            origin += AXIAL[:3, axis] * (SHAPE[axis] - 1)
    affine[:3, 3] = origin
    target = Grid.of(shape, affine)
    placed = place(label_image(), target)
    assert placed.placement == "exact"
    found = placed.segments[0].mask.full(target.shape_kji)
    np.testing.assert_array_equal(found, by_itk(blob(), Grid.of(SHAPE, AXIAL), target))
    assert found.sum() == blob().sum()


def test_a_corner_voxel_goes_where_its_position_says():
    # 0, 0, 10 of the file (k, j, i) lies at −10 + 10 · 0.8 = −2, 20, 30 mm: the first voxel of this grid.
    mask = np.zeros(SHAPE[::-1], bool)
    mask[0, 0, 10] = True
    target = grid((3, 4, 5), np.diag([-0.8, 0.9, 2.5]), (-2, 20, 30))
    (segment,) = place(label_image(mask), target).segments
    assert segment.mask.box_ijk == ((0, 0, 0), (1, 1, 1))


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("finer", grid((30, 25, 20), np.diag([0.31, 0.37, 0.83]), (-10.1, 19.9, 29.7))),
        ("coarser", grid((6, 5, 4), np.diag([1.7, 1.9, 4.1]), (-9.83, 20.1, 30.2))),
        ("reversed", grid((14, 12, 9), np.diag([-0.61, -0.7, -2.03]), (-1.6, 27.4, 45.3))),
        ("swapped", grid((9, 20, 14), np.diag([2.03, 0.4, 0.61])[:, [2, 0, 1]][:, [2, 1, 0]], (-10, 20, 30))),
        ("oblique", grid((25, 22, 18), turned(33, 0) @ turned(17, 2) * 0.71, (-9, 17, 28))),
        ("oblique, anisotropic", grid((20, 20, 9), turned(-24, 1) * [0.6, 0.7, 2.1], (-13, 20, 27))),
        ("mirrored", grid((20, 20, 9), turned(-24, 1) * [-0.6, 0.7, 2.1], (-2, 20, 27))),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_other_grids_are_as_simpleitk_has_them(name, target):
    source = Grid.of(SHAPE, AXIAL)
    placed = place(label_image(), target)
    assert placed.placement == "resampled"
    found = placed.segments[0].mask.full(target.shape_kji)
    assert found.sum() > 10
    np.testing.assert_array_equal(found, by_itk(blob(), source, target))


def test_an_oblique_file_on_a_straight_volume_is_as_simpleitk_has_it():
    source = grid(SHAPE, turned(41, 0) @ turned(-12, 1) * [0.8, 0.9, 2.5], (-10, 20, 30))
    target = grid((40, 60, 50), np.eye(3) * 0.5, (-12, 5, 25))
    placed = place(label_image(source=source), target)
    found = placed.segments[0].mask.full(target.shape_kji)
    np.testing.assert_array_equal(found, by_itk(blob(), source, target))


def test_a_sheared_grid_is_placed_by_its_whole_affine():
    # Each slice lies 1 mm further to the left: voxel (k, j, i) of the file is at x = i + k.
    source = grid((6, 4, 3), [[1, 0, 1], [0, 1, 0], [0, 0, 2]], (0, 0, 0))
    mask = np.zeros((3, 4, 6), bool)
    mask[2, 1, 3] = True
    target = grid((10, 4, 5), np.eye(3), (0, 0, 0))
    (segment,) = place(label_image(mask, source), target).segments
    assert segment.mask.full((5, 4, 10))[4, 1, 5]


def test_a_thick_voxel_that_reaches_into_a_thin_volume_is_placed():
    # Its centre is 2 mm below the only slice, its upper face 0.5 mm above it.
    source = grid((4, 4, 1), np.diag([1, 1, 5]), (0, 0, -2))
    target = grid((4, 4, 1), np.diag([1, 1, 1]), (0, 0, 0))
    placed = place(label_image(np.ones((1, 4, 4), bool), source), target)
    assert placed.placement == "resampled"
    assert placed.segments[0].mask.count == 16


@pytest.mark.parametrize(
    ("slices", "step"),
    [((4,), 1.0), ((4,), 12.5), ((2, 4, 6), 5.0), ((1, 7), 15.0), ((6, 3), -7.5)],
    ids=str,
)
def test_a_file_of_some_of_the_volumes_slices_fills_no_others(slices, step):
    # Slices of 2.5 mm. What is between those of the file is empty, whatever it says of its step.
    whole = np.ones((len(slices), 9, 11), bool)
    whole[:, 0, :4] = False
    steps = AXIAL[:3, :3] * [1, 1, step / 2.5]
    source = grid((11, 9, len(slices)), steps, AXIAL[:3, 3] + slices[0] * AXIAL[:3, 2])
    target = Grid.of((11, 9, 8), AXIAL)
    placed = place(label_image(whole, source), target, on_these_slices=True)
    expected = np.zeros((8, 9, 11), bool)
    expected[list(slices)] = whole
    np.testing.assert_array_equal(placed.segments[0].mask.full((8, 9, 11)), expected)
    assert (placed.placement, placed.warnings) == ("exact", ())


def test_slices_beside_those_of_the_volume_are_resampled_even_so():
    source = grid((11, 9, 2), AXIAL[:3, :3] * [1, 1, 2], AXIAL[:3, 3] + 0.4 * AXIAL[:3, 2])
    target = Grid.of((11, 9, 8), AXIAL)
    placed = place(label_image(np.ones((2, 9, 11), bool), source), target, on_these_slices=True)
    assert placed.placement == "resampled"
    assert placed.segments[0].mask.box_ijk == ((0, 0, 0), (11, 9, 4))


def test_slabs_do_not_show(monkeypatch):
    target = grid((25, 22, 18), turned(33, 0) @ turned(17, 2) * 0.71, (-9, 17, 28))
    whole = place(label_image(), target)
    monkeypatch.setattr("app.imaging.maskresampling._AT_ONCE", 100)
    pieces = place(label_image(), target)
    assert whole.warnings == pieces.warnings
    np.testing.assert_array_equal(whole.segments[0].mask.voxels, pieces.segments[0].mask.voxels)


def test_resampling_says_from_which_spacing_to_which():
    placed = place(label_image(), grid((30, 25, 20), np.diag([0.31, 0.37, 0.83]), (-10.1, 19.9, 29.7)))
    (said,) = texts(placed)
    assert said.startswith(
        "Resampled from voxels of 0.8 × 0.9 × 2.5 mm to voxels of 0.31 × 0.37 × 0.83 mm: each voxel of the "
        "volume takes the nearest one of the file."
    )


@pytest.mark.parametrize(
    ("aside", "placement", "said"),
    [(0.0009, "exact", ""), (0.02, "exact", "up to 0.02 of a voxel"), (0.11, "resampled", "Resampled from")],
)
def test_a_grid_that_is_the_same_within_the_digits_of_its_positions(aside, placement, said):
    moved = AXIAL.copy()
    moved[0, 3] += 0.8 * aside
    placed = place(label_image(), Grid.of(SHAPE, moved))
    assert placed.placement == placement
    assert said in " ".join(texts(placed))
    assert bool(said) == bool(placed.warnings)
    np.testing.assert_array_equal(placed.segments[0].mask.full(SHAPE[::-1]), blob())


def test_what_lies_outside_is_cut_and_counted():
    # The volume ends before the arm of three voxels at i = 8, 9, 10 and the island at i = 10.
    placed = place(label_image(), Grid.of((8, 9, 7), AXIAL))
    assert placed.placement == "exact"
    assert texts(placed) == [f"4 of {blob().sum()} voxels lie outside the volume and were left out."]
    np.testing.assert_array_equal(placed.segments[0].mask.full((7, 9, 8)), blob()[:, :, :8])


def test_what_lies_outside_another_grid_is_counted_in_voxels_of_the_file():
    # Centres up to x = −10 + 7 · 0.8 = −4.4 mm lie inside; those of i = 8, 9, 10 from −3.6 mm on do not.
    target = grid((11, 40, 90), np.diag([0.57, 0.5, 0.5]), (-10, 15, 20))
    assert f"4 of {blob().sum()} voxels lie outside the volume" in texts(place(label_image(), target))[1]


def test_what_lies_outside_an_oblique_volume_is_counted_voxel_by_voxel():
    target = grid((9, 10, 8), turned(33, 0) @ turned(-17, 2) * [0.7, -0.6, 1.1], (-8, 27, 32))
    source = Grid.of(SHAPE, AXIAL)
    outside = 0
    for k, j, i in np.argwhere(blob()):
        place_ijk = np.linalg.solve(target.matrix, source.matrix @ (i, j, k, 1))[:3]
        outside += not np.all((place_ijk > -0.5) & (place_ijk < np.array(target.shape_ijk) - 0.5))
    assert 0 < outside < blob().sum()
    assert texts(place(label_image(), target))[1].startswith(f"{outside} of {blob().sum()} voxels")


@pytest.mark.parametrize("spacing", [1.0, 1.1])
def test_masks_beside_the_volume_are_refused(spacing):
    far = AXIAL.copy() * [spacing, 1, 1, 1]
    far[0, 3] = 200
    with pytest.raises(NoOverlap, match="No voxel of the segmentation") as caught:
        place(label_image(), Grid.of(SHAPE, far))
    assert caught.value.code == "no_overlap"


def test_a_segment_too_small_for_the_grid_is_said_to_be_gone():
    mask = blob()
    speck = np.zeros_like(mask)
    speck[3, 4, 5] = True
    image = label_image()
    image = LabelImage("seg", image.grid, (*image.segments, Segment(2, "Speck", BoxMask.of(speck))))
    # Centres at x = −9.2 + 1.6 n: the voxels i = 1, 3, 5 …; at y = 20.9 + 1.8 n: j = 1, 3, 5 …
    placed = place(image, grid((5, 4, 7), np.diag([1.6, 1.8, 2.5]), (-9.2, 20.9, 30)))
    assert placed.segments[1].mask.count == 0
    assert "1 of 2 segments have no voxel left" in texts(placed)[-1]


def test_another_frame_of_reference_is_refused_or_assumed_and_said():
    image = label_image(source=Grid.of(SHAPE, AXIAL, "1.2.3"))
    target = Grid.of(SHAPE, AXIAL, "1.2.4")
    with pytest.raises(OtherFrame, match="another frame of reference") as caught:
        place(image, target)
    assert caught.value.code == "other_frame"
    placed = place(image, target, assume_same_place=True)
    assert "placed by its coordinates" in texts(placed)[0]
    assert placed.segments[0].mask.count == blob().sum()
    assert place(image, Grid.of(SHAPE, AXIAL)).warnings == ()  # nothing to compare with


def test_a_file_without_a_place_is_refused_or_taken_voxel_by_voxel():
    elsewhere = grid(SHAPE, np.eye(3), (0, 0, 0))
    image = label_image(source=elsewhere, is_placed=False)
    with pytest.raises(UnknownPlace, match="does not say how it lies") as caught:
        place(image, Grid.of(SHAPE, AXIAL))
    assert caught.value.code == "unknown_place"
    placed = place(image, Grid.of(SHAPE, AXIAL), assume_same_place=True)
    assert "one by one" in texts(placed)[0]
    np.testing.assert_array_equal(placed.segments[0].mask.full(SHAPE[::-1]), blob())
    with pytest.raises(UnknownPlace, match="11 × 9 × 7 voxels are not the 12 × 9 × 7"):
        place(image, Grid.of((12, 9, 7), AXIAL), assume_same_place=True)


def test_no_voxels_at_all_overlap_nothing():
    with pytest.raises(NoOverlap):
        place(label_image(np.zeros(SHAPE[::-1], bool)), Grid.of(SHAPE, AXIAL))


def test_masks_too_large_for_the_volume_are_refused_before_they_are_made(monkeypatch):
    monkeypatch.setattr(placement, "MOST_BOX_BYTES", 1000)
    with pytest.raises(LimitExceeded, match="at most 1000"):
        place(label_image(), grid((30, 25, 20), np.diag([0.31, 0.37, 0.83]), (-10.1, 19.9, 29.7)))
