"""Colour tables against Matplotlib's own figures and DICOM's well-known palette."""

import matplotlib
import numpy as np
import pydicom
import pytest
from pydicom.data import get_palette_files

from app.imaging.colormap import COLORMAPS, apply, colormap_table


@pytest.mark.parametrize("name", COLORMAPS)
def test_every_table_is_256_colours_and_shared(name):
    table = colormap_table(name)
    assert table.shape == (256, 3)
    assert table.dtype == np.uint8
    assert colormap_table(name) is table
    with pytest.raises(ValueError, match="read-only"):
        table[0, 0] = 1


def test_gray_is_the_identity():
    assert np.array_equal(colormap_table("gray"), np.repeat(np.arange(256)[:, None], 3, axis=1))


@pytest.mark.parametrize(
    ("name", "theirs"),
    [("viridis", "viridis"), ("jet", "jet"), ("spectral", "nipy_spectral"), ("bone", "bone")],
)
def test_tables_are_matplotlibs(name, theirs):
    for value in (0, 37, 128, 255):
        red, green, blue, _ = matplotlib.colormaps[theirs](value, bytes=True)
        assert colormap_table(name)[value].tolist() == [red, green, blue]


def test_viridis_begins_and_ends_as_published():
    assert colormap_table("viridis")[[0, 255]].tolist() == [[68, 1, 84], [253, 231, 36]]


def test_pet_is_the_standards_hot_iron():
    (path,) = [file for file in get_palette_files("hotiron.dcm") if file.endswith("hotiron.dcm")]
    palette = pydicom.dcmread(path)
    channels = [
        np.frombuffer(palette[f"{colour}PaletteColorLookupTableData"].value, np.uint8)
        for colour in ("Red", "Green", "Blue")
    ]
    assert np.array_equal(colormap_table("pet"), np.stack(channels, axis=1))


def test_apply_colours_each_pixel():
    grey = np.array([[0, 255], [128, 64]], np.uint8)
    assert apply(grey, "pet").tolist() == [[[0, 0, 0], [255, 255, 255]], [[255, 0, 0], [128, 0, 0]]]


def test_an_unknown_name_is_refused():
    with pytest.raises(ValueError, match="unknown colour map 'turbo'"):
        colormap_table("turbo")
