"""What a series is split into: every image in one part, each part named by what it is."""

from dataclasses import replace
from pathlib import Path
from time import process_time

import numpy as np
import pytest

from app.imaging.dimensions import FrameDimensions
from app.imaging.errors import ImagingError
from app.imaging.parts import split_series
from app.imaging.plan import plan_volume
from app.imaging.slices import read_slice_headers
from tests.imaging.phantoms import OBLIQUE, ct_slice, write_file
from tests.shared_data import shared

AXIAL, CORONAL, SAGITTAL = (1, 0, 0, 0, 1, 0), (1, 0, 0, 0, 0, -1), (0, 1, 0, 0, 0, -1)


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    path = write_file(tmp_path_factory.mktemp("one") / "im.dcm", ct_slice())
    return read_slice_headers(path)[0]


@pytest.fixture
def image(template):
    """A header with another place and other dimensions; numbers count up."""
    numbers = iter(range(1, 10**6))

    def make(position, *, size=None, dimensions=None, unit=None, **fields):
        number = next(numbers)
        fields = {
            "instance_number": number,
            "sop_instance_uid": f"1.2.{number}",
            "path": Path(f"/im{number}"),
        } | fields
        if size:
            fields["layout"] = replace(template.layout, rows=size[1], columns=size[0])
        if unit is not None:
            fields["rescale"] = replace(template.rescale, unit=unit)
        position = tuple(map(float, position)) if position is not None else None
        return replace(
            template, position=position, dimensions=FrameDimensions(**(dimensions or {})), **fields
        )

    return make


def split(headers):
    """The parts, after a check that no image was lost or doubled, in any order of the images."""
    parts = split_series(headers)
    given = sorted(header.sop_instance_uid + f"#{header.frame}" for header in headers)
    assert sorted(h.sop_instance_uid + f"#{h.frame}" for part in parts for h in part.headers) == given
    backwards = split_series(headers[::-1])
    assert [str(part.label) for part in backwards] == [str(part.label) for part in parts]
    return parts


def labels(parts):
    return [str(part.label) for part in parts]


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


# Several images at one place.


def volume(image, values, count=4, step=5.0):
    """Images at *count* places; at each one for each dict of dimensions."""
    return [image((0, 0, step * k), dimensions=value) for k in range(count) for value in values]


@pytest.mark.parametrize(
    ("dimensions", "kind", "unit", "values"),
    [
        ([{"temporal_position": n} for n in (3, 1, 2)], "time", "", (1, 2, 3)),
        (
            [{"temporal_position": n, "acquisition_seconds": 7.5 * n} for n in (3, 1, 2)],
            "time", "s", (0, 7.5, 15),
        ),
        ([{"b_value": b} for b in (1000.0, 0.0, 50.0)], "b_value", "s/mm²", (0, 50, 1000)),
        ([{"echo_time_ms": t} for t in (4.92, 2.46)], "echo", "ms", (2.46, 4.92)),
        ([{"trigger_time_ms": t} for t in (30.0, 0.0)], "cardiac", "ms", (0, 30)),
        ([{"cardiac_percent": p} for p in (40.0, 75.0)], "cardiac", "%", (40, 75)),
        ([{"image_kind": kind} for kind in "PM"], "kind", "", ("M", "P")),
        ([{"kernel": kernel} for kernel in ("B70f", "B30f")], "kind", "", ("B30f", "B70f")),
        ([{"acquisition_number": n} for n in (4, 5)], "acquisition", "", (4, 5)),
        ([{"dimension_index": (1, n, 7)} for n in (2, 1)], "frame", "", (1, 2)),
        ([{}, {}], "copy", "", (1, 2)),
    ],
)  # fmt: skip
def test_phases_by_what_separates_them(image, dimensions, kind, unit, values):
    (part,) = split(volume(image, dimensions))
    assert (part.dimension.kind, part.dimension.unit, part.dimension.values) == (kind, unit, values)
    assert [[header.position[2] for header in phase] for phase in part.phases] == [[0, 5, 10, 15]] * len(
        values
    )
    assert all(plan_volume(phase).resampling is None for phase in part.phases)
    if kind != "copy":
        for phase in part.phases:
            assert len({header.dimensions for header in phase}) == 1


def test_kernels_that_numbers_would_mix(image):
    """Sharp and soft images in turn, numbered now this way round and now that."""
    headers = [
        image((0, 0, 5 * k), dimensions={"kernel": "BS"[(n + k) % 2]}) for k in range(6) for n in (0, 1)
    ]
    (part,) = split(headers)
    assert [{header.dimensions.kernel for header in phase} for phase in part.phases] == [{"B"}, {"S"}]


def test_a_sharp_kernel_of_the_lungs_alone_is_no_part_of_the_soft_volume(image):
    kernels = {k: ["SHARP", "SOFT"] if 3 <= k < 6 else ["SOFT"] for k in range(12)}
    headers = [
        image((0, 0, 5 * k), dimensions={"kernel": name}) for k, names in kernels.items() for name in names
    ]
    parts = split(headers)
    assert [[{h.dimensions.kernel for h in part.headers}, len(part.headers)] for part in parts] == [
        [{"SOFT"}, 12], [{"SHARP"}, 3],
    ]  # fmt: skip


def test_numbers_do_not_blend_weightings(image):
    """Repeated b = 0 whose place among the others changes from slice to slice: no volume can be told."""
    orders = ((0, 1000, 0), (1000, 0, 0))
    headers = [
        image((0, 0, 2 * k), dimensions={"b_value": float(b)}) for k in range(6) for b in orders[k % 2]
    ]
    (part,) = split(headers)
    assert (len(part.headers), part.dimension) == (18, None)
    with pytest.raises(ImagingError, match="18 images lie at 6 positions"):
        plan_volume(part.headers)


def test_heart_phases_of_two_paces_are_in_their_order(image):
    """The heart beat faster up to slice 2: only the trigger time 0 is shared by all slices."""
    headers = [
        image((0, 0, 8 * k), dimensions={"trigger_time_ms": float((30 if k < 3 else 32) * n)})
        for k in range(6)
        for n in range(10)
    ]
    (part,) = split(headers)
    assert (part.dimension.kind, part.dimension.values[:3]) == ("cardiac", (0, 31, 62))
    assert [len(phase) for phase in part.phases] == [6] * 10
    assert [h.dimensions.trigger_time_ms for h in part.phases[9]] == [270, 270, 270, 288, 288, 288]


def test_what_was_scanned_again_later_is_not_set_into_the_first_scan(image):
    """Four places once more after contrast, numbered before the first scan's."""
    headers = [
        image((0, 0, 5 * k), dimensions={"acquisition_seconds": second + k})
        for k in range(12)
        for second in ((160, 100) if 3 <= k < 7 else (100,))
    ]
    first, copies = split(headers)
    assert [header.dimensions.acquisition_seconds for header in first.headers] == list(range(100, 112))
    assert [header.dimensions.acquisition_seconds for header in copies.headers] == [163, 164, 165, 166]


@pytest.mark.parametrize("step", [0.625, 0.75])
def test_a_label_names_the_step_and_not_its_rounding(image, step):
    (part,) = split([image((0, 0, round(step * k + 1e-9, 1))) for k in range(25)])
    assert labels([part]) == [f"Axial, 25 images every {step} mm"]


def test_numbers_without_a_plan_tell_no_volumes_apart(image):
    numbers = (5, 11, 2, 3, 12, 1, 7, 9, 10, 4, 8, 6)
    headers = [image((0, 0, 5 * (n // 2)), instance_number=number) for n, number in enumerate(numbers)]
    (part,) = split(headers)
    assert part.dimension is None
    with pytest.raises(ImagingError, match="12 images lie at 6 positions"):
        plan_volume(part.headers)


def test_numbers_place_by_place_are_a_guess_that_is_told(image):
    (part,) = split([image((0, 0, 5 * k)) for k in range(6) for _ in range(2)])
    assert (len(part.phases), [str(warning) for warning in part.warnings]) == (
        2,
        [
            "Only the order of the Instance Numbers tells these volumes apart: "
            "an image may be in a volume where it does not belong."
        ],
    )
    (part,) = split([image((0, 0, 5 * k)) for _ in range(2) for k in range(6)])
    assert (len(part.phases), part.warnings) == (2, ())


def test_images_of_a_low_dose_are_no_dose_page(image):
    kind = ("ORIGINAL", "PRIMARY", "AXIAL", "LOW_DOSE")
    (part,) = split([image((0, 0, 3 * k), image_type=kind) for k in range(4)])
    assert part.role == "images"


def test_slices_timed_one_by_one_are_ordered_at_each_place(image):
    headers = [
        image((0, 0, 3 * k), dimensions={"acquisition_seconds": 2.0 * n + 0.3 * k})
        for n in (1, 0, 2)
        for k in (2, 0, 1)
    ]
    (part,) = split(headers)
    assert (part.dimension.kind, part.dimension.values) == ("time", (0, 2, 4))
    times = [[header.dimensions.acquisition_seconds for header in phase] for phase in part.phases]
    assert times == [[0, 0.3, 0.6], [2, 2.3, 2.6], [4, 4.3, 4.6]]


def test_an_incomplete_phase_is_a_part_of_its_own(image):
    headers = volume(image, [{"temporal_position": n} for n in (1, 2, 3)])
    parts = split([h for h in headers if not (h.dimensions.temporal_position == 2 and h.position[2] == 5)])
    assert [(part.role, len(part.phases), len(part.headers)) for part in parts] == [
        ("images", 2, 8), ("incomplete", 1, 3),
    ]  # fmt: skip
    assert str(parts[1].label) == "Images of an incomplete volume (2): 3"
    assert str(parts[0].warnings[0]) == "Incomplete volumes left out: 1. They are listed apart."
    assert parts[0].dimension.values == (1, 3)


def test_a_run_of_numbers_that_breaks_off_is_incomplete(image):
    """An interrupted functional MR: volumes of 4 images numbered through, the third of 2."""
    parts = split([image((0, 0, 3 * (n % 4))) for n in range(10)])
    assert [(part.role, len(part.phases), len(part.headers)) for part in parts] == [
        ("images", 2, 8), ("incomplete", 1, 2),
    ]  # fmt: skip


def test_phases_that_nothing_tells_apart_are_never_mixed(image):
    """Numbers that say nothing, and one image missing: which volume lacks it cannot be known."""
    numbers = iter((7, 3, 9, 14, 2, 30, 11))
    headers = [image((0, 0, 3 * (n % 3)), instance_number=next(numbers)) for n in range(7)]
    (part,) = split(headers)
    assert len(part.phases) == 1
    with pytest.raises(ImagingError, match="7 images lie at 3 positions"):
        plan_volume(part.phases[0])


def test_near_duplicates_are_copies_and_no_gap(image):
    parts = split([image((0, 0, z)) for z in (0, 3, 6, 6.005, 9, 12)])
    assert [(part.role, len(part.headers)) for part in parts] == [("images", 5), ("copies", 1)]
    assert str(parts[1].label) == "Copies, at the places of other images: 1"
    assert str(parts[0].warnings[0]) == (
        "Images left out, as others lie at their places: 1. They are listed apart."
    )
    assert plan_volume(parts[0].phases[0]).resampling is None


def test_echoes_over_time_are_a_part_each(image):
    headers = volume(
        image, [{"echo_time_ms": e, "temporal_position": t} for e in (12.0, 28.0) for t in (1, 2, 3)]
    )
    parts = split(headers)
    assert labels(parts) == [
        "Axial (12 ms), 4 images every 5 mm",
        "Axial (28 ms), 4 images every 5 mm",
    ]
    assert [part.dimension.values for part in parts] == [(1, 2, 3)] * 2


def test_repeated_diffusion_volumes_are_named_by_their_weight(image):
    """Two without weighting and two with: told apart by time, named by b-value."""
    weights = [{"b_value": b, "temporal_position": n} for n, b in enumerate((0.0, 1000.0, 0.0, 1000.0), 1)]
    (part,) = split(volume(image, weights))
    assert (part.dimension.kind, part.dimension.values) == ("b_value", (0, 1000, 0, 1000))


def test_magnitude_and_phase_keep_their_units(image):
    headers = [
        image((0, 0, 3 * k), unit=unit, dimensions={"image_kind": kind})
        for k in range(4)
        for kind, unit in (("M", ""), ("P", "rad"))
    ]
    (part,) = split(headers)
    assert [{header.rescale.unit for header in phase} for phase in part.phases] == [{""}, {"rad"}]


def test_a_cine_of_one_slice_is_a_stack(image):
    (part,) = split([image((0, 0, 0), dimensions={"trigger_time_ms": 40.0 * n}) for n in range(6)])
    assert (len(part.phases), part.dimension, str(part.label)) == (1, None, "Images at one place: 6")


def test_frames_of_one_file_are_in_order_of_position(image):
    stack = [image((0, 0, z), frame=frame, sop_instance_uid="1.2.3") for frame, z in enumerate((6, 0, 3, 9))]
    (part,) = split(stack)
    assert [header.frame for header in part.phases[0]] == [1, 2, 0, 3]


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
