"""What a series is split into: every image in one part, each part named by what it is."""

from dataclasses import replace
from time import process_time

import numpy as np
import pytest

from app.imaging.dimensions import FrameDimensions
from app.imaging.errors import ImagingError
from app.imaging.parts import split_series
from app.imaging.plan import plan_volume
from app.imaging.slices import read_slice_headers
from tests.imaging.phantoms import OBLIQUE
from tests.imaging.splitting import labels, split
from tests.shared_data import shared

AXIAL, CORONAL, SAGITTAL = (1, 0, 0, 0, 1, 0), (1, 0, 0, 0, 0, -1), (0, 1, 0, 0, 0, -1)


def shared_parts(folder):
    headers = []
    root = shared(f"data/{folder}")
    for path in sorted(root.rglob("*")) if root.is_dir() else [root]:
        if path.is_file():
            try:
                headers += read_slice_headers(path)
            except ImagingError:
                assert path.suffix in (".txt", ".gz")
    return split(headers)


# Real series.


def test_scout_and_reference_beside_tilted_slices():
    parts = shared_parts("zoo/series-quirks/scout-dose-and-tilted-ct")
    assert [(part.role, len(part.headers)) for part in parts] == [
        ("images", 4), ("localizer", 1), ("localizer", 1),
    ]  # fmt: skip
    assert labels(parts) == [
        "Axial, 4 images every 2.37 mm",
        "Sagittal localizers (1): 1",
        "Sagittal localizers (2): 1",
    ]
    assert plan_volume(parts[0].phases[0]).resampling.tilt_degrees == 18.5


def test_mixed_orientations_are_two_stacks():
    parts = shared_parts("zoo/series-quirks/mixed-orientation-mr")
    assert labels(parts) == ["Sagittal, 2 images every 3.3 mm", "Axial, 2 images every 4.4 mm"]
    assert [plan_volume(part.phases[0]).shape_ijk for part in parts] == [(288, 288, 2)] * 2


def test_functional_mr_of_ge_is_two_volumes():
    (part,) = shared_parts("zoo/series-quirks/4d-fmri-ge")
    assert [[header.instance_number for header in phase] for phase in part.phases] == [
        [1, 2, 3, 4], [43, 44, 45, 46],
    ]  # fmt: skip
    assert (part.dimension.kind, part.dimension.values) == ("copy", (1.0, 2.0))
    assert [plan_volume(phase).shape_ijk for phase in part.phases] == [(64, 64, 4)] * 2


def test_diffusion_of_philips_is_four_volumes():
    (part,) = shared_parts("zoo/series-quirks/4d-dti-philips")
    assert [[header.instance_number for header in phase] for phase in part.phases] == [
        [33, 99], [34, 100], [35, 101], [36, 102],
    ]  # fmt: skip
    assert (part.dimension.kind, part.dimension.unit) == ("b_value", "s/mm²")
    assert part.dimension.values == (
        "0", "1000 [-1.00 0.03 0.00]", "1000 [-0.03 -1.00 0.00]", "1000 [0.00 0.00 1.00]",
    )  # fmt: skip


def test_colour_stays_colour():
    (part,) = shared_parts("zoo/series-quirks/rgb-volume-mr")
    assert (part.role, str(part.label), part.may_be_volume) == ("colour", "Colour images: 4", False)


@pytest.mark.parametrize(
    ("folder", "label", "count"),
    [
        ("zoo/series-quirks/missing-slice-ct", "Axial, 4 images every 5 mm", 4),
        ("zoo/series-quirks/oblique-mr-japanese-charset", "Oblique, 4 images every 4 mm", 4),
        ("zoo/rt/oblique-ct", "Axial, 3 images every 4.5 mm", 3),
        ("ct-head-ge-gantry-tilt/ct", "Axial, 28 images every 4 mm", 28),
        ("pet-sts-rtstruct/pet", "Axial, 267 images every 3.27 mm", 267),
        ("ct-lung-ibsi-rtstruct-nifti/ct", "Axial, 60 images every 3 mm", 60),
    ],
)
def test_real_series_that_are_one_stack(folder, label, count):
    (part,) = shared_parts(folder)
    assert (str(part.label), len(part.phases), len(part.headers)) == (label, 1, count)


def test_enhanced_mr_is_a_volume_of_its_frames():
    (part,) = shared_parts("zoo/multiframe/philips-enhanced-mr")
    assert str(part.label) == "Sagittal, 8 images every 1.2 mm"
    assert plan_volume(part.phases[0]).shape_ijk == (256, 256, 8)


def test_dose_is_a_volume_of_its_frames():
    (part,) = shared_parts("zoo/multiframe/rtdose.dcm")
    assert (part.role, str(part.label)) == ("images", "Axial, 15 images every 5 mm")


def test_cine_is_a_stack_with_its_time():
    headers = read_slice_headers(shared("data/zoo/multiframe/examples_ybr_color.dcm"))
    (part,) = split(list(headers))
    assert (part.role, str(part.label)) == ("cine", "Cine frames (33.333 ms): 30")


# What sets images apart.


@pytest.mark.parametrize(
    ("orientation", "word"),
    [
        (AXIAL, "Axial"), (CORONAL, "Coronal"), (SAGITTAL, "Sagittal"), (OBLIQUE, "Oblique"),
        ((1, 0, 0, 0, 0.9483237, -0.3173047), "Axial"), ((-1, 0, 0, 0, -1, 0), "Axial"),
        ((0, 1, 0, -1, 0, 0), "Axial"), ((0, -1, 0, 0, 0, -1), "Sagittal"),
    ],
)  # fmt: skip
def test_the_plane_word_comes_from_the_cosines(image, orientation, word):
    normal = np.cross(orientation[:3], orientation[3:])
    (part,) = split([image(normal * 2.5 * k, orientation=orientation) for k in range(4)])
    assert str(part.label) == f"{word}, 4 images every 2.5 mm"


def test_the_largest_volume_comes_first(image):
    small = [image((0, 0, 5 * k), orientation=CORONAL) for k in range(3)]
    small = [replace(header, position=(0.0, 5.0 * k, 0.0)) for k, header in enumerate(small)]
    large = [image((0, 0, 5 * k)) for k in range(6)]
    assert labels(split(small + large)) == [
        "Axial, 6 images every 5 mm",
        "Coronal, 3 images every 5 mm",
    ]


def test_sizes_and_pixel_spacings_set_apart(image):
    parts = split(
        [image((0, 0, 5 * k)) for k in range(6)]
        + [image((0, 0, 5 * k), size=(7, 9)) for k in range(5)]
        + [image((0, 0, 5 * k), size=(7, 9), spacing=(1.0, 1.0)) for k in range(5)]
    )
    assert sorted(labels(parts)) == [
        "Axial (1 × 1 mm), 5 images every 5 mm",
        "Axial (2 × 0.5 mm), 5 images every 5 mm",
        "Axial, 6 images every 5 mm",
    ]


def test_frames_of_reference_and_units_set_apart(image):
    parts = split(
        [image((0, 0, 5 * k)) for k in range(4)]
        + [image((0, 0, 5 * k), frame_of_reference_uid="1.9") for k in range(4)]
        + [image((0, 0, 5 * k), unit="BQML") for k in range(4)]
    )
    assert labels(parts) == [f"Axial ({n}), 4 images every 5 mm" for n in (1, 2, 3)]


def test_dose_pages_screens_and_unplaced_images_are_no_volume(image):
    stack = [image((0, 0, 5 * k)) for k in range(4)]
    capture = "1.2.840.10008.5.1.4.1.1.7"
    others = [
        image(None, sop_class_uid=capture, image_type=("DERIVED", "SECONDARY", "SCREEN SAVE")),
        image(None, sop_class_uid=capture),
        image(None, image_type=("DERIVED", "SECONDARY", "DOSE_INFO")),
        image((0, 0, 0), image_type=("ORIGINAL", "PRIMARY", "LOCALIZER"), orientation=CORONAL),
        image(None, orientation=None),
    ]
    assert labels(split(stack + others)) == [
        "Axial, 4 images every 5 mm",
        "1 image without position",
        "Coronal localizers: 1",
        "Screen captures: 2",
        "Dose pages: 1",
    ]


def test_a_few_images_across_a_stack_of_many_are_localizers(image):
    stack = [image((0, 0, k)) for k in range(30)]
    across = [image((0, k, 0), orientation=CORONAL) for k in range(3)]
    parts = split(stack + across)
    assert [(part.role, len(part.headers)) for part in parts] == [("images", 30), ("localizer", 3)]


def test_images_of_many_directions_are_one_stack(image):
    turned = [
        image((0, 0, 0), orientation=(np.cos(n / 4), np.sin(n / 4), 0.0, 0.0, 0.0, -1.0)) for n in range(6)
    ]
    (part,) = split(turned)
    assert (part.role, str(part.label)) == ("mixed", "Images of many directions: 6")


# Several stacks of one direction.


def test_stations_far_apart_are_two_parts(image):
    parts = split([image((0, 0, z)) for z in (0, 5, 10, 15, 200, 205, 210)])
    assert [len(part.headers) for part in parts] == [4, 3]


def test_two_spacings_too_unlike_to_even_are_two_parts(image):
    parts = split([image((0, 0, z)) for z in (0, 1, 2, 3, 4, 14, 24, 34)])
    assert sorted(labels(parts)) == ["Axial, 3 images every 10 mm", "Axial, 5 images every 1 mm"]


def test_pairs_are_no_stations(image):
    (part,) = split([image((0, 0, z)) for z in (0, 5, 60, 65, 120, 125)])
    with pytest.raises(ImagingError, match="more than 4 times"):
        plan_volume(part.headers)


@pytest.mark.parametrize("places", [(0, 5, 10, 15, 200), (-200, 0, 5, 10, 15)])
def test_one_stray_image_leaves_the_volume_whole(image, places):
    parts = split([image((0, 0, z)) for z in places])
    assert [(part.role, len(part.headers)) for part in parts] == [("images", 4), ("single", 1)]


def test_a_missing_slice_sets_nothing_apart(image):
    (part,) = split([image((0, 0, z)) for z in (0, 5, 10, 20, 25, 30)])
    assert len(part.headers) == 6


def test_stacks_side_by_side_share_heights_but_not_columns(image):
    """Two knees."""
    parts = split([image((x, 0, 4 * k)) for k in range(5) for x in (-90, 60)])
    assert [{header.position[0] for header in part.headers} for part in parts] == [{-90.0}, {60.0}]


def test_overlapping_stations_are_told_apart_by_acquisition(image):
    upper = [image((0, 0, 5 * k), dimensions={"acquisition_number": 1}) for k in range(8)]
    lower = [image((0, 0, 32 + 5 * k), dimensions={"acquisition_number": 2}) for k in range(8)]
    parts = split(upper + lower)
    assert sorted(tuple(header.position[2] for header in part.headers) for part in parts) == [
        (0, 5, 10, 15, 20, 25, 30, 35), (32, 37, 42, 47, 52, 57, 62, 67),
    ]  # fmt: skip


def test_volumes_that_moved_between_them_are_not_mixed(image):
    """Functional MR that follows the head: each volume lies a little elsewhere."""
    moves = (0.0, 0.4, -0.7, 1.1, 0.2)
    headers = [
        image((0, 0, 3 * k + move), dimensions={"acquisition_number": n})
        for n, move in enumerate(moves, 1)
        for k in range(8)
    ]
    parts = split(headers)
    assert [len({h.dimensions.acquisition_number for h in part.headers}) for part in parts] == [1] * 5
    nameless = [replace(h, dimensions=FrameDimensions(), instance_number=None) for h in headers]
    (part,) = split(nameless)
    with pytest.raises(ImagingError, match="Uneven slice spacing"):
        plan_volume(part.headers)


def test_interleaved_acquisitions_of_one_block_stay_one(image):
    headers = [image((0, 0, 3 * k), dimensions={"acquisition_number": k % 2}) for k in range(10)]
    (part,) = split([replace(header, modality="MR") for header in headers])
    assert len(part.phases) == 1


@pytest.mark.parametrize("field", ["acquisition_number", "kernel"])
def test_ct_scans_half_a_step_apart_are_not_one(image, field):
    """Before and after contrast, or soft and sharp: evenly spaced together by chance."""
    first, second = {"acquisition_number": (1, 2), "kernel": ("B30f", "B70f")}[field]
    plain = [image((0, 0, 5 * k), dimensions={field: first}) for k in range(6)]
    other = [image((0, 0, 5 * k + 2.5), dimensions={field: second}) for k in range(6)]
    parts = split(plain + other)
    assert labels(parts) == ["Axial (1), 6 images every 5 mm", "Axial (2), 6 images every 5 mm"]
    assert [{getattr(h.dimensions, field) for h in part.headers} for part in parts] == [{first}, {second}]


def test_ct_scans_half_a_step_apart_with_a_slice_missing_or_two_scans_each(image):
    def scan(number, offset, places=range(6)):
        dimensions = {"acquisition_number": number}
        return [image((0, 0, 5 * k + offset), dimensions=dimensions) for k in places]

    parts = split(scan(1, 0, (0, 1, 3, 4, 5)) + scan(2, 2.5))
    assert [{h.dimensions.acquisition_number for h in part.headers} for part in parts] == [{2}, {1}]
    parts = split(scan(1, 0) + scan(2, 2.5) + scan(3, 0) + scan(4, 2.5))
    assert [part.dimension.values for part in parts] == [(1, 3), (2, 4)]


@pytest.mark.parametrize("offset", [0, 1.7, 2.5])
def test_a_place_watched_for_contrast_is_no_slice_of_the_scan(image, offset):
    watched = [image((0, 0, 30 + offset), dimensions={"acquisition_number": 1}) for _ in range(8)]
    scan = [image((0, 0, 5 * k), dimensions={"acquisition_number": 2}) for k in range(12)]
    first, other = split(watched + scan)
    assert ({h.dimensions.acquisition_number for h in first.headers}, len(first.headers)) == ({2}, 12)
    assert (plan_volume(first.headers).resampling, first.warnings) == (None, ())
    assert [str(other.label), len(other.headers)] == ["Images at one place: 8", 8]


def test_a_slice_taken_again_fills_its_place(image):
    (part,) = split(
        [image((0, 0, 5 * k), dimensions={"acquisition_number": 1 + (k == 4)}) for k in range(10)]
    )
    assert plan_volume(part.headers).resampling is None


def test_ct_taken_block_by_block_stays_one(image):
    """Four slices a rotation, each rotation an acquisition."""
    (part,) = split([image((0, 0, 3 * k), dimensions={"acquisition_number": k // 4}) for k in range(16)])
    assert len(part.phases) == 1


def test_thick_slices_among_thin_ones_are_told_apart(image):
    """Two reconstructions: every 1 mm, then every 5 mm at places that the thin ones have too."""
    thin = [image((0, 0, k)) for k in range(21)]
    thick = [image((0, 0, 5 * k)) for k in range(5)]
    parts = split(thin + thick)
    assert labels(parts) == ["Axial, 21 images every 1 mm", "Axial, 5 images every 5 mm"]


# Hostile numbers.


def test_thousands_of_directions_are_bounded(image):
    random = np.random.default_rng(1)
    headers = []
    for _ in range(3000):
        row, column = np.linalg.qr(random.normal(size=(3, 2)))[0].T
        headers.append(image(random.normal(size=3), orientation=(*row, *column)))
    assert len(split_series(headers)) <= 64


def test_thousands_of_places_at_one_height_are_bounded(image):
    random = np.random.default_rng(2)
    headers = [image((*random.normal(scale=100, size=2), 0)) for _ in range(5000)]
    started = process_time()
    (part,) = split_series(headers)
    assert len(part.headers) == 5000
    assert process_time() - started < 20


def test_many_volumes_are_bounded_and_nothing_is_lost(image):
    headers = [image((0, 0, 5 * k), frame_of_reference_uid=f"1.{n}") for n in range(100) for k in range(3)]
    parts = split(headers)
    assert (len(parts), parts[-1].role) == (64, "mixed")


def test_no_images():
    assert split_series([]) == []


@pytest.mark.parametrize("seed", range(12))
def test_no_soup_of_images_loses_one(image, seed):
    random = np.random.default_rng(seed)

    def some(*values):
        return values[random.integers(0, len(values))]

    headers = [
        image(
            some(None, (0, 0, 3.0 * random.integers(0, 9)), (0, 0, 3.0 * n), random.normal(size=3)),
            orientation=some(AXIAL, AXIAL, AXIAL, CORONAL, None),
            spacing=some((1.0, 1.0), (1.0, 1.0), None),
            instance_number=some(None, int(random.integers(0, 40)), n),
            unit=some("HU", "HU", "BQML"),
            dimensions={
                "temporal_position": some(None, 1, 2),
                "echo_time_ms": some(None, 12.0, 28.0),
                "image_kind": some("", "M", "P"),
                "acquisition_number": some(None, 1, 2),
            },
        )
        for n in range(60)
    ]
    for part in split(headers):
        assert part.dimension is None or len(part.dimension.values) == len(part.phases) > 1
