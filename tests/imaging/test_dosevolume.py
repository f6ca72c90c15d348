"""Dose–volume histograms of phantoms that can be worked out by hand, and beside dicompyler-core's."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from app.imaging.contours import fill_structures
from app.imaging.doselines import isodose_lines
from app.imaging.dosevolume import dose_volume, sample_dose
from app.imaging.formats.rtdose import Dose
from app.imaging.formats.rtstruct import Roi, StructureSet
from app.imaging.placement import OtherFrame
from app.imaging.segments import BoxMask, Grid
from tests.imaging.rtsamples import CLOSED, square

UNIT = Grid.of((10, 10, 10), np.eye(4), "1.2")


def ramp(shape=(10, 10, 10), grid=UNIT):
    """1 Gy a voxel along i, from 0 on."""
    return Dose(grid, np.broadcast_to(np.arange(shape[2], dtype=np.float32), shape).copy())


def box(mask_shape, origin=(0, 0, 0)):
    return BoxMask(origin, np.ones(mask_shape, bool))


def test_ramp_by_hand() -> None:
    # Ten voxels of each of 0 … 9 Gy.
    found = dose_volume(box((1, 10, 10)), UNIT, ramp())
    assert found.volume_ml == found.covered_ml == pytest.approx(0.1)
    assert (found.least, found.mean, found.largest) == (0, 4.5, 9)
    assert [found.dose_at(share) for share in (2, 5, 10, 11, 50, 95, 98, 100)] == [9, 9, 9, 8, 5, 0, 0, 0]
    assert [found.share_of(gray) for gray in (0, 0.5, 1, 5, 9, 9.1)] == pytest.approx(
        [1, 0.9, 0.9, 0.5, 0.1, 0]
    )


def test_histogram_by_hand() -> None:
    found = dose_volume(box((1, 10, 10)), UNIT, ramp(), bins=10)
    assert_array_equal(found.edges, np.arange(11))
    assert_allclose(found.cumulative, [1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0], atol=1e-12)
    assert_allclose(found.differential, [0.1] * 10)


@pytest.mark.parametrize(("largest", "step"), [(9.0, 0.02), (70.2, 0.2), (0.004, 0.00001), (500.0, 2.0)])
def test_edges_are_round_and_go_beyond_the_highest(largest: float, step: float) -> None:
    values = np.full((10, 10, 10), largest, np.float32)
    found = dose_volume(box((1, 1, 1)), UNIT, Dose(UNIT, values))
    assert found.edges[1] == pytest.approx(step)
    assert len(found.edges) <= 502
    assert found.cumulative[-1] == 0
    assert found.cumulative[0] == 1


def test_region_without_dose_is_flat() -> None:
    found = dose_volume(box((2, 2, 2)), UNIT, Dose(UNIT, np.zeros((10, 10, 10), np.float32)))
    assert (found.largest, found.mean, found.dose_at(98)) == (0, 0, 0)
    assert found.cumulative.tolist() == [1, 0]


def test_dose_is_taken_between_its_centres_in_all_directions() -> None:
    # 2·x + 3·y − z + 50 is linear: every point between the centres has exactly this.
    affine = np.array([[0, 0, 4, -8], [0, -2.5, 0, 11], [3, 0, 0, -9], [0, 0, 0, 1]], float)
    grid = Grid.of((7, 8, 5), affine)
    i, j, k = np.meshgrid(np.arange(7), np.arange(8), np.arange(5), indexing="ij")
    points = np.stack([i, j, k], -1) @ affine[:3, :3].T + affine[:3, 3]
    values = (points @ [2, 3, -1] + 50).transpose(2, 1, 0).astype(np.float32)
    asked = np.random.default_rng(1).uniform((-8, -6.5, -9), (8, 11, 9), (200, 3))
    assert_allclose(sample_dose(Dose(grid, values), asked), asked @ [2, 3, -1] + 50, rtol=1e-5)


def test_dose_ends_with_its_voxels() -> None:
    asked = np.array([(-0.5, 0, 0), (-0.51, 0, 0), (9.5, 3, 3), (9.6, 3, 3), (4, 4, 9.51)], float)
    assert_array_equal(sample_dose(ramp(), asked), [0, np.nan, 9, np.nan, np.nan])


def test_what_the_dose_does_not_reach_is_left_out_and_told() -> None:
    large = Grid.of((30, 10, 10), np.eye(4), "1.2")
    found = dose_volume(box((1, 1, 6), (6, 0, 0)), large, ramp())
    assert found.volume_ml == pytest.approx(0.006)
    assert found.covered_ml == pytest.approx(0.004)
    assert found.mean == 7.5
    assert dose_volume(box((1, 1, 6), (20, 0, 0)), large, ramp()) is None
    assert dose_volume(BoxMask.of(np.zeros((3, 3, 3), bool)), large, ramp()) is None


def test_other_frame_of_reference_is_refused() -> None:
    with pytest.raises(OtherFrame):
        dose_volume(box((1, 1, 1)), Grid.of((3, 3, 3), np.eye(4), "9.9"), ramp())


def test_finer_grid_samples_the_same_dose() -> None:
    fine = Grid.of(
        (40, 40, 40), [[0.25, 0, 0, -0.375], [0, 0.25, 0, 0], [0, 0, 0.25, 0], [0, 0, 0, 1]], "1.2"
    )
    found = dose_volume(box((4, 4, 40)), fine, ramp())
    # x from −0.375 to 9.375 mm in quarters; held at 0 and 9 beyond the outermost centres.
    assert found.mean == pytest.approx(4.5)
    assert found.volume_ml == pytest.approx(0.01)


def test_shares_beyond_the_volume_are_a_mistake() -> None:
    found = dose_volume(box((1, 1, 1)), UNIT, ramp())
    for percent in (0, -1, 101):
        with pytest.raises(ValueError, match="percent"):
            found.dose_at(percent)


def test_isodose_line_lies_between_the_centres() -> None:
    plane = np.broadcast_to(np.arange(6, dtype=np.float32), (4, 6)).copy()
    lines = isodose_lines(plane, [2.25, 99])
    assert lines[99.0] == ()
    (line,) = lines[2.25]
    assert_allclose(line[:, 0], 2.25)
    assert sorted(line[:, 1]) == [0, 1, 2, 3]


def test_isodose_of_a_peak_is_closed_and_missing_dose_ends_lines() -> None:
    rows, columns = np.mgrid[:9, :9]
    cone = (10 - np.hypot(rows - 4, columns - 4)).astype(np.float32)
    (ring,) = isodose_lines(cone, [8])[8.0]
    assert_array_equal(ring[0], ring[-1])
    assert_allclose(np.hypot(*(ring - 4).T), 2, atol=0.1)
    cone[:, :4] = np.nan
    (half,) = isodose_lines(cone, [8])[8.0]
    assert half[:, 0].min() == 4
    assert isodose_lines(cone[:1], [8]) == {8.0: ()}


def test_box_in_a_slope_beside_dicompyler_core() -> None:
    """Numbers of dicompyler-core 0.5.6 for these contours and this dose; its bins are 0.01 Gy wide.

    It counts pixels of the dose grid, so the mask is filled on that.
    """
    grid = Grid.of((40, 40, 20), np.diag([2.0, 2.0, 3.0, 1.0]), "1.2")
    contours = tuple(square((20.5, 20.5), (50.5, 60.5), 3.0 * k) for k in range(4, 14))
    roi = Roi(1, "a", None, "", contours, (CLOSED,) * 10, "1.2")
    (segment,) = fill_structures(StructureSet((roi,), "1.2", "", ()), grid).segments
    values = np.broadcast_to(np.arange(40, dtype=np.float32), (20, 40, 40)).copy()
    found = dose_volume(segment.mask, grid, Dose(grid, values))
    assert found.volume_ml == pytest.approx(36.0)
    assert found.least == pytest.approx(11.01, abs=0.011)
    assert found.mean == pytest.approx(18.005, abs=0.006)
    assert found.largest == pytest.approx(25.01, abs=0.011)
    assert found.dose_at(95) == pytest.approx(11.01, abs=0.011)
    assert found.dose_at(50) == pytest.approx(18.01, abs=0.011)
    assert found.share_of(15) * found.volume_ml == pytest.approx(26.40)
    assert found.dose_at(2) == 25.0  # the hottest of 15 columns; dicompyler-core's 24.01 misses it


def test_voxels_of_the_images_sample_between_the_dose_s_own() -> None:
    grid = Grid.of((80, 80, 20), np.diag([1.0, 1.0, 3.0, 1.0]), "1.2")
    values = np.broadcast_to(np.arange(40, dtype=np.float32), (20, 40, 40)).copy()
    dose = Dose(Grid.of((40, 40, 20), np.diag([2.0, 2.0, 3.0, 1.0]), "1.2"), values)
    found = dose_volume(box((10, 40, 30), (21, 21, 4)), grid, dose)
    # Half a gray a millimetre, from x = 21 to 50.
    assert (found.least, found.mean, found.largest) == (10.5, 17.75, 25.0)
    assert found.dose_at(50) == 18.0
    assert found.volume_ml == pytest.approx(36.0)
