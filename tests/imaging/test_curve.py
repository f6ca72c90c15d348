"""Curves of greys: numbers worked out by hand, numpy's interpolation, and the exact window."""

import numpy as np
import pytest

from app.imaging.curve import Curve, InvalidCurve
from app.imaging.window import Window, to_grey, window_around, window_table

LUNG = Curve(((-1000.0, 0.0), (-600.0, 128.5), (400.0, 255.0)))


@pytest.mark.parametrize(
    ("value", "grey"),
    [
        (-32768, 0),
        (-1000, 0),
        (-999, 0),  # 128.5 / 400 = 0.32
        (-998, 1),  # 0.64
        (-800, 64),  # 64.25
        (-601, 128),  # 128.18
        (-600, 129),  # 128.5 goes up
        (-100, 192),  # 128.5 + 126.5 / 2 = 191.75
        (399, 255),
        (400, 255),
        (32767, 255),
    ],
)
@pytest.mark.parametrize("dtype", [np.int16, np.int32, np.float32, np.float64])
def test_a_curve_goes_straight_from_point_to_point(value: int, grey: int, dtype: type) -> None:
    assert to_grey(np.array([[value]], dtype), LUNG).tolist() == [[grey]]


def test_what_is_no_number_is_black_and_infinities_are_the_ends() -> None:
    falling = Curve(((0.0, 200.0), (10.0, 40.0)))
    plane = np.array([np.nan, -np.inf, np.inf, 5], np.float32)
    assert to_grey(plane, falling).tolist() == [0, 200, 40, 120]
    assert to_grey(plane, falling, inverted=True).tolist() == [0, 55, 215, 135]


def test_a_curve_may_fall_and_rise() -> None:
    valley = Curve(((0.0, 255.0), (10.0, 0.0), (20.0, 255.0)))
    # 255 × 0.7 = 178.5 up to 179, both ways.
    assert valley.greys(np.array([3, 10, 17])).tolist() == [179, 0, 179]


def test_curves_agree_with_numpy_within_the_rounding() -> None:
    random = np.random.default_rng(7)
    for _ in range(20):
        count = int(random.integers(2, 33))
        values = np.sort(random.choice(4000, count, replace=False) - 1500.25)
        greys = random.uniform(0, 255, count)
        curve = Curve(tuple(zip(values.tolist(), greys.tolist(), strict=True)))
        asked = random.uniform(-2000, 3000, 5000)
        exact = np.interp(asked, values, greys)
        assert np.abs(curve.greys(asked) - exact).max() <= 0.5 + 1e-9


def test_a_ramp_is_the_exact_window() -> None:
    every = np.arange(-32768, 32768).astype(np.int16)
    # Of odd widths, where no value falls on the half between two greys: there the last bit of each decides.
    for low, high, window in (
        (0.0, 255.0, Window(127.5, 255, function="LINEAR_EXACT")),
        (-160.0, 241.0, Window(40.5, 401, function="LINEAR_EXACT")),
    ):
        ramp = Curve(((low, 0.0), (high, 255.0)))
        assert (to_grey(every, ramp) == to_grey(every, window)).all()
        assert (to_grey(every.astype(np.float32), ramp) == to_grey(every, window)).all()


def test_large_planes_are_worked_out_in_parts() -> None:
    plane = np.linspace(-1000, 400, 3 * (1 << 20) + 5, dtype=np.float32).reshape(1, -1)
    greys = LUNG.greys(plane)
    assert greys.shape == plane.shape
    assert greys[0, :: 1 << 20].tolist() == LUNG.greys(plane[0, :: 1 << 20]).tolist()


def test_equal_curves_share_a_table() -> None:
    again = Curve(((-1000.0, 0.0), (-600.0, 128.5), (400.0, 255.0)))
    assert window_table(LUNG) is window_table(again)
    assert LUNG.key == "-1000.0:0.0,-600.0:128.5,400.0:255.0"


def test_the_window_around_a_curve_goes_from_its_first_to_its_last_point() -> None:
    assert window_around(LUNG) == Window(-300, 1400, function="LINEAR_EXACT")


@pytest.mark.parametrize(
    ("points", "said"),
    [
        ([(0, 0)], "2 to 32 points, not 1"),
        ([(n, 0) for n in range(33)], "2 to 32 points, not 33"),
        ([(0, 0), (0, 255)], "0 comes after 0"),
        ([(5, 0), (4, 255)], "4 comes after 5"),
        ([(0, -1), (1, 255)], "grey -1"),
        ([(0, 0), (1, 256)], "grey 256"),
        ([(0, float("nan")), (1, 255)], "grey nan"),
        ([(float("nan"), 0), (1, 255)], "stands at nan"),
        ([(0, 0), (float("inf"), 255)], "stands at inf"),
        ([(-2e9, 0), (1, 255)], "stands at -2e+09"),
    ],
)
def test_what_is_no_curve_is_named(points: list[tuple[float, float]], said: str) -> None:
    with pytest.raises(InvalidCurve, match=said.replace("+", r"\+")):
        Curve(tuple(points))
