"""The LINEAR function against the standard's own examples, a slow twin, and values worked out by hand."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_windowing

from app.imaging.errors import InvalidElement
from app.imaging.lookup import LookupTable
from app.imaging.voi import VoiLut
from app.imaging.window import (
    PRESETS,
    Window,
    default_display,
    default_window,
    to_grey,
    window_around,
    window_table,
)


def slow_grey(x, center, width):
    """PS3.3 C.11.2.1.2.1, its pseudo-code word by word for an output of 0 to 255."""
    if math.isnan(x):
        return 0
    if x <= center - 0.5 - (width - 1) / 2:
        return 0
    if x > center - 0.5 + (width - 1) / 2:
        return 255
    return math.floor(((x - (center - 0.5)) / (width - 1) + 0.5) * 255 + 0.5)


@pytest.mark.parametrize(
    ("center", "width", "value", "grey"),
    [
        # The examples in the note of C.11.2.1.2.1: c = 2048 and w = 4096, w = 1; c = 0 and w = 100, w = 1.
        (2048, 4096, 0, 0),
        (2048, 4096, 2047, 127),
        (2048, 4096, 2048, 128),
        (2048, 4096, 4095, 255),
        (2048, 4096, 4096, 255),
        (2048, 1, 2047, 0),
        (2048, 1, 2048, 255),
        (0, 100, -50, 0),
        (0, 100, -49, 3),
        (0, 100, 0, 129),
        (0, 100, 49, 255),
        (0, 1, -1, 0),
        (0, 1, 0, 255),
        # Soft tissue: (100 − 39.5) / 399 + 0.5 = 0.65163; × 255 = 166.17.
        (40, 400, -160, 0),
        (40, 400, 40, 128),
        (40, 400, 100, 166),
        (40, 400, 239, 255),
    ],
)
@pytest.mark.parametrize("dtype", [np.int16, np.int32, np.float32])
def test_examples_worked_by_hand(center, width, value, grey, dtype):
    assert to_grey(np.array([[value]], dtype), Window(center, width)).tolist() == [[grey]]


@pytest.mark.parametrize(
    ("function", "center", "width", "value", "grey"),
    [
        # Centre 127.5 and width 255 change nothing between 0 and 255. 1024 / 4096 × 255 = 63.75.
        ("LINEAR_EXACT", 127.5, 255, 0, 0),
        ("LINEAR_EXACT", 127.5, 255, 17, 17),
        ("LINEAR_EXACT", 127.5, 255, 255, 255),
        ("LINEAR_EXACT", 2048, 4096, 0, 0),
        ("LINEAR_EXACT", 2048, 4096, 1024, 64),
        ("LINEAR_EXACT", 2048, 4096, 2048, 128),
        ("LINEAR_EXACT", 2048, 4096, 4096, 255),
        ("LINEAR_EXACT", 2048, 4096, 4095, 255),
        ("LINEAR_EXACT", 2048, 4096, 4080, 254),  # 4080 / 4096 × 255 = 254.004
        # As narrow as no LINEAR window can be: 10 is the middle, black and white at its sides.
        ("LINEAR_EXACT", 10, 0.5, 9, 0),
        ("LINEAR_EXACT", 10, 0.5, 10, 128),
        ("LINEAR_EXACT", 10, 0.5, 11, 255),
        # e² = 7.389, e⁻² = 0.13534: 255 / 8.389 = 30.40 and 255 / 1.13534 = 224.60.
        # e⁴ = 54.598: 255 / 55.598 = 4.586, and 255 − 4.586 = 250.41.
        ("SIGMOID", 100, 50, 100, 128),
        ("SIGMOID", 100, 50, 75, 30),
        ("SIGMOID", 100, 50, 125, 225),
        ("SIGMOID", 100, 50, 50, 5),
        ("SIGMOID", 100, 50, 150, 250),
        ("SIGMOID", 100, 50, -30000, 0),
        ("SIGMOID", 100, 50, 30000, 255),
        ("SIGMOID", 100, 0.01, -30000, 0),
    ],
)
@pytest.mark.parametrize("dtype", [np.int16, np.int32, np.float32])
@pytest.mark.filterwarnings("error")
def test_other_functions_worked_by_hand(function, center, width, value, grey, dtype):
    window = Window(center, width, function=function)
    assert to_grey(np.array([[value]], dtype), window).tolist() == [[grey]]
    assert to_grey(np.array([[value]], dtype), window, inverted=True).tolist() == [[255 - grey]]


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
def test_greys_are_those_of_pydicom_within_its_rounding(function):
    dataset = Dataset()
    dataset.WindowCenter, dataset.WindowWidth, dataset.VOILUTFunction = 37, 411, function
    dataset.PhotometricInterpretation, dataset.PixelRepresentation = "MONOCHROME2", 1
    dataset.BitsStored, dataset.BitsAllocated = 8, 8
    plane = np.arange(-400, 400, dtype=np.int16).reshape(20, 40)
    # Its output for signed 8 bits runs from −128 to 127, unrounded.
    expected = np.floor(apply_windowing(plane, dataset) + 128 + 0.5)
    np.testing.assert_array_equal(to_grey(plane, Window(37, 411, function=function)), expected)


def test_the_ends_of_the_other_functions():
    plane = np.array([[np.nan, np.inf, -np.inf]], np.float32)
    for function in ("LINEAR_EXACT", "SIGMOID"):
        window = Window(40, 400, function=function)
        assert to_grey(plane, window).tolist() == [[0, 255, 0]]
        assert to_grey(plane, window, inverted=True).tolist() == [[0, 0, 255]]


@pytest.mark.parametrize("seed", range(4))
def test_table_and_arithmetic_equal_the_slow_twin(seed):
    rng = np.random.default_rng(seed)
    center, width = round(rng.uniform(-500, 500), 1), round(rng.uniform(1, 3000), 1)
    plane = rng.integers(-32768, 32768, (20, 30)).astype(np.int16)
    plane[:10] = rng.integers(center - width, center + width, (10, 30))
    expected = [[slow_grey(int(x), center, width) for x in row] for row in plane]
    assert to_grey(plane, Window(center, width)).tolist() == expected
    assert to_grey(plane.astype(np.float32), Window(center, width)).tolist() == expected


def test_fractional_values_of_pet_are_windowed_without_a_table():
    plane = np.array([[0.0, 1.25, 2.5, 5.0]], np.float32)
    # Centre 2.5, width 5: (1.25 − 2) / 4 + 0.5 = 0.3125, × 255 = 79.69; (2.5 − 2) / 4 + 0.5 = 0.625, 159.4.
    assert to_grey(plane, Window(2.5, 5)).tolist() == [[0, 80, 159, 255]]


@pytest.mark.filterwarnings("error")
def test_not_a_number_is_black_and_infinity_is_the_end_of_the_scale():
    plane = np.array([[np.nan, np.inf, -np.inf, 3.0e38]], np.float32)
    assert to_grey(plane, Window(40, 400)).tolist() == [[0, 255, 0, 255]]
    assert to_grey(plane, Window(40, 400), inverted=True).tolist() == [[0, 0, 255, 0]]
    assert to_grey(plane, Window(40, 1)).tolist() == [[0, 255, 0, 255]]


def test_monochrome1_is_the_negative():
    plane = np.array([[-160, 100, 239]], np.int16)
    assert to_grey(plane, Window(40, 400), inverted=True).tolist() == [[255, 89, 0]]


def test_strided_planes_give_what_their_copies_give():
    volume = np.random.default_rng(1).integers(-1024, 3000, (7, 8, 9)).astype(np.int16)
    for view in (volume[3], volume[::-1, 2, :], volume[::-1, :, 5].T, volume[:, ::-2, 0]):
        grey = to_grey(view, PRESETS["lung"])
        assert grey.flags.c_contiguous
        assert np.array_equal(grey, to_grey(view.copy(), PRESETS["lung"]))


def test_the_shared_table_cannot_be_written_to():
    table = window_table(Window(40, 400))
    assert window_table(Window(40, 400)) is table
    with pytest.raises(ValueError, match="read-only"):
        table[0] = 1


@pytest.mark.parametrize(
    ("center", "width"), [(40, 0), (40, 0.5), (40, -3), (40, math.nan), (math.inf, 400), (40, math.inf)]
)
def test_a_window_that_cannot_be_meant_is_refused(center, width):
    with pytest.raises(InvalidElement, match=r"\(0028,105[01]\)"):
        Window(center, width)


@pytest.mark.parametrize("width", [0, -1, math.nan, math.inf])
@pytest.mark.parametrize("function", ["LINEAR_EXACT", "SIGMOID"])
def test_widths_of_the_other_functions_are_above_zero(function, width):
    assert Window(0, 0.001, function=function).width == 0.001
    with pytest.raises(InvalidElement, match=r"\(0028,1051\) .* a number above 0"):
        Window(0, width, function=function)


def test_an_unknown_function_is_refused_without_quoting_it():
    with pytest.raises(InvalidElement, match=r"\(0028,1056\) is none of LINEAR, LINEAR_EXACT, SIGMOID"):
        Window(40, 400, function="JANE DOE")


def header(windows=(), modality="CT", unit="HU", percentiles=(-20.0, 220.0)):
    return SimpleNamespace(windows=windows, modality=modality, unit=unit, percentiles=percentiles)


def test_the_stored_window_comes_first():
    stored = [
        {"center": 50, "width": 0, "explanation": "BROKEN"},
        {"center": -600, "width": 1500, "explanation": "LUNG"},
    ]
    assert default_window(header(stored)) == Window(-600, 1500, "LUNG")


def test_the_stored_function_is_kept_and_an_unknown_one_passed_over():
    stored = [
        {"center": 50, "width": 10, "explanation": "", "function": "CUBIC"},
        {"center": 0.5, "width": 0.25, "explanation": "", "function": "SIGMOID"},
    ]
    assert default_window(header(stored)) == Window(0.5, 0.25, "", "SIGMOID")


def test_a_voi_lut_comes_before_the_stored_window():
    lut = VoiLut(LookupTable(-10, 8, bytes([0, 0, 255, 0, 9, 0])), "MAMMO")
    described = header([{"center": 50, "width": 100, "explanation": ""}])
    assert default_display(described, [lut]) is lut
    assert default_display(described) == Window(50, 100)
    # −10 to −8, the inputs of its three entries, as a window from black to white.
    assert window_around(lut) == Window(-8.5, 3, "MAMMO")


def test_pet_in_suv_opens_from_0_to_5():
    window = default_window(header(modality="PT", unit="SUVbw", percentiles=(0.0, 3.0)))
    assert (window.center, window.width, window.function) == (2.5, 5, "LINEAR_EXACT")
    # 1.25 of 5 is a quarter: 63.75; 4.9 / 5 × 255 = 249.9.
    plane = np.array([[0.0, 1.25, 2.5, 4.9, 5.0, 17.0]], np.float32)
    assert to_grey(plane, window).tolist() == [[0, 64, 128, 250, 255, 255]]


def test_pet_that_is_not_in_suv_opens_between_its_percentiles():
    window = default_window(header(modality="PT", unit="BQML", percentiles=(0.0, 9000.0)))
    assert (window.center, window.width, window.function) == (4500.5, 9001.0, "LINEAR")


def test_a_narrow_range_can_be_narrowed_further():
    window = default_window(header(modality="MR", unit="", percentiles=(-0.25, 0.75)))
    assert (window.center, window.width, window.function) == (0.25, 1.0, "LINEAR_EXACT")
    assert to_grey(np.array([[-0.25, 0.25, 0.75]], np.float32), window).tolist() == [[0, 128, 255]]


def test_ct_without_a_window_opens_in_soft_tissue():
    assert default_window(header()) == Window(40, 400, "Soft tissue")


def test_other_data_open_between_their_percentiles():
    window = default_window(header(modality="MR", unit=""))
    # −20 is black and 220 is white: (220 − (100.5 − 0.5)) / 240 + 0.5 = 1.
    assert (window.center, window.width) == (100.5, 241.0)
    assert to_grey(np.array([[-20, 100, 220]], np.int16), window).tolist() == [[0, 128, 255]]
    assert default_window(header(modality="MR", percentiles=())).width == 256


def test_a_flat_image_still_has_a_window():
    assert default_window(header(modality="MR", percentiles=(7.0, 7.0))) == Window(7.5, 1.0)


def test_presets_are_the_usual_ones():
    known = {name: (window.center, window.width) for name, window in PRESETS.items()}
    assert list(known)[:4] == ["soft_tissue", "lung", "bone", "brain"]
    assert known["soft_tissue"] == (40, 400)
    assert known["lung"] == (-600, 1500)
    assert known["bone"] == (480, 2500)
    assert known["brain"] == (40, 80)
