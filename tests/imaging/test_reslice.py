"""Planes of an asymmetric phantom whose voxel value is 100·k + 10·j + i: which voxel stands where."""

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813 - the name its own examples use

from app.imaging.errors import ImagingError
from app.imaging.geometry import orientation_letters
from app.imaging.reslice import PLANES, extract_plane, plane_geometry

SHAPE_IJK = (5, 4, 3)
VOLUME = (
    100 * np.arange(3)[:, None, None] + 10 * np.arange(4)[None, :, None] + np.arange(5)[None, None, :]
).astype(np.int16)


def affine(i, j, k, spacing=(0.5, 2.0, 3.0), origin=(10.0, -20.0, 30.0)):
    matrix = np.eye(4)
    matrix[:3, :3] = np.array([i, j, k], float).T * spacing
    matrix[:3, 3] = origin
    return matrix


AXIAL = affine((1, 0, 0), (0, 1, 0), (0, 0, 1))
PRONE = affine((-1, 0, 0), (0, -1, 0), (0, 0, 1))
FEET_DOWNWARDS = affine((1, 0, 0), (0, -1, 0), (0, 0, -1))
SAGITTAL = affine((0, 1, 0), (0, 0, -1), (-1, 0, 0))
CORONAL = affine((1, 0, 0), (0, 0, -1), (0, 1, 0))
OBLIQUE = affine((1, 0, 0), (0, 0.8, 0.6), (0, -0.6, 0.8))
ALL = {
    "axial": AXIAL,
    "prone": PRONE,
    "feet": FEET_DOWNWARDS,
    "sagittal": SAGITTAL,
    "coronal": CORONAL,
    "oblique": OBLIQUE,
}

AXIAL_LETTERS = {"left": "R", "right": "L", "top": "A", "bottom": "P"}
CORONAL_LETTERS = {"left": "R", "right": "L", "top": "H", "bottom": "F"}
SAGITTAL_LETTERS = {"left": "A", "right": "P", "top": "H", "bottom": "F"}


def corners(matrix, plane, index):
    """Values at top left, top right and bottom left of the screen."""
    view = extract_plane(VOLUME, plane_geometry(SHAPE_IJK, matrix, plane), index)
    return int(view[0, 0]), int(view[0, -1]), int(view[-1, 0])


@pytest.mark.parametrize("name", ["axial", "prone", "feet", "sagittal", "coronal"])
def test_straight_series_of_any_direction_has_the_radiological_letters(name):
    letters = [plane_geometry(SHAPE_IJK, ALL[name], plane).letters for plane in PLANES]
    assert letters == [AXIAL_LETTERS, CORONAL_LETTERS, SAGITTAL_LETTERS]


@pytest.mark.parametrize(
    ("name", "plane", "index", "expected"),
    [
        # i to the left, j to the back, k to the head: the head is on top, so k is upside down.
        ("axial", "axial", 1, (100, 104, 130)),
        ("axial", "coronal", 3, (230, 234, 30)),
        ("axial", "sagittal", 4, (204, 234, 4)),
        # i to the right, j to the front.
        ("prone", "axial", 1, (134, 130, 104)),
        ("prone", "coronal", 3, (234, 230, 34)),
        ("prone", "sagittal", 4, (234, 204, 34)),
        # j to the front, k to the feet.
        ("feet", "axial", 0, (30, 34, 0)),
        ("feet", "coronal", 0, (0, 4, 200)),
        ("feet", "sagittal", 1, (31, 1, 231)),
        # i to the back, j to the feet, k to the right.
        ("sagittal", "sagittal", 2, (200, 204, 230)),
        ("sagittal", "axial", 3, (230, 30, 234)),
        ("sagittal", "coronal", 4, (204, 4, 234)),
        # i to the left, j to the feet, k to the back.
        ("coronal", "coronal", 2, (200, 204, 230)),
        ("coronal", "axial", 3, (30, 34, 230)),
        ("coronal", "sagittal", 4, (4, 204, 34)),
        # j to the back and up, k to the head and forward.
        ("oblique", "axial", 1, (100, 104, 130)),
        ("oblique", "coronal", 3, (230, 234, 30)),
    ],
)
def test_corner_voxels_stand_where_the_patient_has_them(name, plane, index, expected):
    assert corners(ALL[name], plane, index) == expected


def test_sizes_spacings_and_matrices_of_an_axial_series():
    axial, coronal, sagittal = (plane_geometry(SHAPE_IJK, AXIAL, plane) for plane in PLANES)
    assert [(g.count, g.width, g.height) for g in (axial, coronal, sagittal)] == [
        (3, 5, 4),
        (4, 5, 3),
        (5, 4, 3),
    ]
    assert [(g.spacing_x_mm, g.spacing_y_mm) for g in (axial, coronal, sagittal)] == [
        (0.5, 2.0),
        (0.5, 3.0),
        (2.0, 3.0),
    ]
    assert axial.to_ijk == ((1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0))
    assert coronal.to_ijk == ((1, 0, 0, 0), (0, 0, 1, 0), (0, -1, 0, 2))
    assert coronal.from_ijk == ((1, 0, 0, 0), (0, 0, -1, 2), (0, 1, 0, 0))
    assert sagittal.to_ijk == ((0, 0, 1, 0), (1, 0, 0, 0), (0, -1, 0, 2))
    assert [g.is_acquired for g in (axial, coronal, sagittal)] == [True, False, False]
    assert not any(g.oblique for g in (axial, coronal, sagittal))


def test_the_acquired_plane_of_a_sagittal_series_is_the_sagittal_one():
    assert [plane_geometry(SHAPE_IJK, SAGITTAL, plane).is_acquired for plane in PLANES] == [
        False,
        False,
        True,
    ]


def test_oblique_series_says_so_in_its_letters():
    geometry = plane_geometry(SHAPE_IJK, OBLIQUE, "axial")
    assert geometry.letters == {"left": "R", "right": "L", "top": "AF", "bottom": "PH"}
    assert plane_geometry(SHAPE_IJK, OBLIQUE, "coronal").letters["top"] == "HA"
    assert geometry.oblique
    assert geometry.tilt_degrees == pytest.approx(36.870, abs=1e-3)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("plane", PLANES)
def test_every_pixel_lies_where_simpleitk_puts_its_voxel(name, plane):
    matrix = ALL[name]
    image = sitk.GetImageFromArray(VOLUME)
    spacing = np.linalg.norm(matrix[:3, :3], axis=0)
    image.SetSpacing(spacing.tolist())
    image.SetOrigin(matrix[:3, 3].tolist())
    image.SetDirection((matrix[:3, :3] / spacing).ravel().tolist())
    geometry = plane_geometry(SHAPE_IJK, matrix, plane)
    to_ijk = np.array(geometry.to_ijk)
    for index in range(geometry.count):
        view = extract_plane(VOLUME, geometry, index)
        assert view.shape == (geometry.height, geometry.width)
        for (y, x), value in np.ndenumerate(view):
            ijk = to_ijk @ (x, y, index, 1)
            assert image.GetPixel([int(n) for n in ijk]) == value
            point = image.TransformIndexToPhysicalPoint([int(n) for n in ijk])
            assert np.allclose(matrix[:3] @ (*ijk, 1), point)
            assert np.allclose(np.array(geometry.from_ijk) @ (*ijk, 1), (x, y, index))


def test_no_rotation_whatever_mirrors_a_plane():
    into_the_screen = {"axial": (0, 0, 1), "coronal": (0, 1, 0), "sagittal": (-1, 0, 0)}
    rng = np.random.default_rng(5)
    for _ in range(300):
        rotation = np.linalg.qr(rng.standard_normal((3, 3)))[0]
        rotation *= np.sign(np.linalg.det(rotation))
        matrix = affine(*rotation.T)
        taken = set()
        for plane, expected in into_the_screen.items():
            geometry = plane_geometry(SHAPE_IJK, matrix, plane)
            steps = matrix[:3, :3] @ np.array(geometry.to_ijk)[:, :3]
            assert np.dot(np.cross(steps[:, 0], steps[:, 1]), expected) > 0
            taken.add(geometry.axes_ijk[2])
        assert taken == {0, 1, 2}


def test_a_plane_is_a_view_and_keeps_colour():
    geometry = plane_geometry(SHAPE_IJK, AXIAL, "sagittal")
    assert np.shares_memory(extract_plane(VOLUME, geometry, 0), VOLUME)
    colour = np.stack([VOLUME, VOLUME + 1, VOLUME + 2], axis=-1)
    assert extract_plane(colour, geometry, 4)[0, 0].tolist() == [204, 205, 206]


@pytest.mark.parametrize("index", [-1, 3])
def test_a_slice_beyond_the_stack_is_refused_with_its_range(index):
    geometry = plane_geometry(SHAPE_IJK, AXIAL, "axial")
    with pytest.raises(ImagingError, match="slices 0 to 2"):
        extract_plane(VOLUME, geometry, index)


def test_geometry_goes_through_json():
    import json

    stored = json.loads(json.dumps(plane_geometry(SHAPE_IJK, OBLIQUE, "sagittal").as_json()))
    assert stored["to_ijk"] == [[0, 0, 1, 0], [1, 0, 0, 0], [0, -1, 0, 2]]
    assert stored["plane"] == "sagittal"
    assert stored["oblique"] is True


def test_letters_of_a_volume_and_its_planes_agree_at_45_degrees() -> None:
    """A tie: rows and slices lean to the back and to the head alike; noise must not part the two answers."""
    half = np.sqrt(0.5)
    for noise in (-1e-12, 0.0, 1e-12):
        columns = np.array([[1, 0, 0], [0, half + noise, -half], [0, half, half + noise]])
        affine = np.eye(4)
        affine[:3, :3] = columns
        planes = {name: plane_geometry((4, 4, 4), affine, name) for name in PLANES}
        assert orientation_letters(affine) == "LPS"
        assert [planes[name].axes_ijk[2] for name in ("sagittal", "coronal", "axial")] == [0, 1, 2]
