"""Values and bytes by chance, the same ones each time: by hypothesis, and the fuzzer's short form."""

import struct

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.imaging.bad_input.cases import edited
from tests.imaging.bad_input.damage import elements_of, retyped, revalued, text
from tests.imaging.bad_input.fuzz import findings
from tests.imaging.bad_input.sound import series

EXAMPLES = settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
NUMBERS = st.one_of(
    st.floats(width=32).map(lambda number: f"{number:g}"),
    st.integers(-(2**40), 2**40).map(str),
    st.sampled_from(("NaN", "-0", "1e999", "1e-400", "", " ", "0x10", "1_000", "１", "1,5", "+", "--1")),
)
LISTS = st.lists(NUMBERS, max_size=8).map(lambda numbers: text(*numbers))
TYPES = st.sampled_from(
    (
        *("AE", "AS", "AT", "CS", "DA", "DS", "DT", "FD", "FL", "IS", "LO", "OB"),
        *("OW", "PN", "SH", "SL", "SQ", "SS", "TM", "UI", "UL", "UN", "US", "UT"),
    )
)
GEOMETRY = (
    "PixelSpacing", "ImageOrientationPatient", "ImagePositionPatient", "SpacingBetweenSlices",
    "GridFrameOffsetVector", "ImagerPixelSpacing",
)  # fmt: skip
SCALING = ("RescaleSlope", "RescaleIntercept", "DoseGridScaling", "WindowCenter", "WindowWidth")


def with_value(kind, keywords, value):
    """The series with *value* in each of the first elements called one of *keywords*."""
    paths = [found.path for found in elements_of(series(kind)[0]) if found.keyword in keywords]
    return [edited(kind, path, lambda data, at: revalued(data, at, value)) for path in paths]


@pytest.mark.parametrize("kind", ["ct", "enhanced-mr", "dose", "nm", "dx"])
def test_geometry_by_chance(reader, kind):
    @EXAMPLES
    @given(LISTS)
    def check(value):
        for files in with_value(kind, GEOMETRY, value)[:3]:
            assert reader.read(files).wrong == []

    check()


@pytest.mark.parametrize("kind", ["ct", "pet", "enhanced-ct", "dose", "overlays"])
def test_scaling_by_chance(reader, kind):
    @EXAMPLES
    @given(LISTS)
    def check(value):
        for files in with_value(kind, SCALING, value)[:3]:
            assert reader.read(files).wrong == []

    check()


@pytest.mark.parametrize("kind", ["ct", "pet", "us", "overlays", "palette", "jpeg-ls"])
def test_any_element_of_any_type_by_chance(reader, kind):
    whole = series(kind)
    paths = [found.path for found in elements_of(whole[0]) if found.tag >> 16 > 2]

    @EXAMPLES
    @given(st.sampled_from(paths), TYPES, st.binary(max_size=40))
    def check(path, vr, value):
        assert reader.read(edited(kind, path, lambda data, at: retyped(data, at, vr, value))).wrong == []

    check()


@pytest.mark.parametrize("kind", ["ct", "us", "jpeg-2000", "palette"])
def test_pixel_layouts_by_chance(reader, kind):
    names = (
        "SamplesPerPixel", "PlanarConfiguration", "Rows", "Columns", "BitsAllocated", "BitsStored", "HighBit",
        "PixelRepresentation",
    )  # fmt: skip
    first = series(kind)[0]
    known = [found.path for found in elements_of(first) if found.keyword in names]
    small = st.one_of(
        st.sampled_from((0, 1, 2, 3, 7, 8, 9, 12, 15, 16, 31, 32, 63, 64)), st.integers(0, 65535)
    )

    @EXAMPLES
    @given(st.dictionaries(st.sampled_from(known), small, min_size=1, max_size=4))
    def check(values):
        data = first
        for path, value in values.items():
            element = next(found for found in elements_of(data) if found.path == path)
            data = revalued(data, element, struct.pack("<H", value))
        assert reader.read([data]).wrong == []

    check()


@pytest.mark.parametrize("seed", range(4))
def test_changed_bytes_come_to_a_good_end(reader, seed):
    assert [(name, answer.wrong) for name, _files, answer in findings(reader, seed, 100)] == []
