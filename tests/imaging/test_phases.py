"""Several images at one place: what tells the volumes of one part apart."""

import pytest

from app.imaging.errors import ImagingError
from app.imaging.plan import plan_volume
from tests.imaging.splitting import labels, split


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
