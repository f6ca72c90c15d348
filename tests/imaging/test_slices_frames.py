"""Frames of nuclear medicine, dose and cine: where vectors say they lie, and how long they stay."""

import numpy as np
import pytest

from app.imaging.pixels import read_frame
from app.imaging.sliceheader import stack_order
from app.imaging.slices import read_slice_headers
from tests.imaging.phantoms import AXIAL, OBLIQUE, counting_pixels, ct_slice, item, multi_frame, write_file
from tests.shared_data import shared

DOSE, NM = "1.2.840.10008.5.1.4.1.1.481.2", "1.2.840.10008.5.1.4.1.1.20"
US_CINE = "1.2.840.10008.5.1.4.1.1.3.1"
GRID, SLICES, TIMES = 0x3004000C, 0x00540080, 0x00181065


def image(count, sop_class, modality, **elements):
    pixels = np.array([counting_pixels(k).astype(np.uint16) for k in range(count)])
    return multi_frame(pixels, SOPClassUID=sop_class, Modality=modality, **elements)


def headers_of(tmp_path, dataset):
    return read_slice_headers(write_file(tmp_path / "m.dcm", dataset))


def dose(offsets, orientation=AXIAL, count=3, **elements):
    return image(
        count,
        DOSE,
        "RTDOSE",
        FrameIncrementPointer=GRID,
        ImagePositionPatient=[10, 20, 30],
        ImageOrientationPatient=list(orientation),
        GridFrameOffsetVector=list(offsets),
        **{"PixelSpacing": [2, 3], "DoseGridScaling": "0.0025", "DoseUnits": "GY", **elements},
    )


def test_relative_offsets_of_a_dose_go_along_the_normal(tmp_path):
    # Turned by 3-4-5: the normal of (1, 0, 0) and (0, 0.8, 0.6) is (0, −0.6, 0.8).
    headers = headers_of(tmp_path, dose([0, 5, -10], OBLIQUE))
    expected = [(10, 20, 30), (10, 17, 34), (10, 26, 22)]
    np.testing.assert_allclose([header.position for header in headers], expected, atol=1e-12)


def test_offsets_that_begin_with_z_are_z(tmp_path):
    # The normal points to the feet here, and relative offsets would go the other way.
    flipped = (-1, 0, 0, 0, 1, 0)
    headers = headers_of(tmp_path, dose([30, 32.5, 37], flipped))
    assert [header.position for header in headers] == [(10, 20, 30), (10, 20, 32.5), (10, 20, 37)]


def test_relative_offsets_of_a_flipped_dose_go_down(tmp_path):
    headers = headers_of(tmp_path, dose([0, 2.5, 7], (-1, 0, 0, 0, 1, 0)))
    assert [header.position for header in headers] == [(10, 20, 30), (10, 20, 27.5), (10, 20, 23)]


@pytest.mark.parametrize("offsets", [[4, 5, 6], [0, 5], [0, 1, 1e9]])
def test_offsets_that_mean_nothing_place_no_frame(tmp_path, offsets):
    headers = headers_of(tmp_path, dose(offsets))
    assert [header.position for header in headers] == [None] * 3
    assert "(3004,000C)" in str(headers[0].remarks[0])


def test_oblique_planes_have_no_z_of_their_own(tmp_path):
    assert headers_of(tmp_path, dose([30, 35, 40], OBLIQUE))[1].position is None


def test_more_offsets_than_other_elements_have_values(tmp_path):
    headers = headers_of(tmp_path, dose([2.5 * k for k in range(150)], count=150))
    assert headers[149].position == (10, 20, 402.5)


def test_a_single_dose_plane_lies_where_it_says(tmp_path):
    header = headers_of(tmp_path, dose([4], count=1))[0]
    assert (header.position, header.remarks) == ((10, 20, 30), ())


def test_a_broken_spacing_is_said_of_every_frame(tmp_path):
    headers = headers_of(tmp_path, dose([0, 1, 9], PixelSpacing=[0, 0]))
    assert [str(header.remarks[0]) for header in headers] == [
        "Pixel Spacing (0028,0030) is not a size in millimetres."
    ] * 3


def test_dose_is_in_gray(tmp_path):
    path = write_file(tmp_path / "d.dcm", dose([0, 1, 2]))
    frame = read_frame(path, 2)
    # Stored 223, times 0.0025 Gy.
    assert frame.values[2, 3] == pytest.approx(0.5575)
    assert (frame.unit, frame.slope, frame.intercept) == ("Gy", 0.0025, 0)


@pytest.mark.parametrize("elements", [{"DoseUnits": "RELATIVE"}, {"DoseUnits": "RADS"}])
def test_dose_in_no_known_unit_has_none(tmp_path, elements):
    assert headers_of(tmp_path, dose([0, 1, 2], **elements))[0].rescale.unit == ""


def test_dose_without_scaling_is_a_bare_number(tmp_path):
    dataset = dose([0, 1, 2])
    del dataset.DoseGridScaling
    rescale = headers_of(tmp_path, dataset)[0].rescale
    assert (rescale.slope, rescale.unit) == (1, "")


@pytest.mark.parametrize("scaling", ["0", "NaN"])
def test_absurd_dose_scaling_is_unusable(tmp_path, scaling):
    dataset = dose([0, 1, 2])
    dataset.DoseGridScaling = None
    dataset.add_new(0x3004000E, "UN", scaling.encode() + b" " * (len(scaling) % 2))
    assert not headers_of(tmp_path, dataset)[0].rescale.is_usable


def test_real_dose():
    headers = read_slice_headers(shared("data/zoo/multiframe/rtdose.dcm"))
    assert headers[0].position == (189.43125, 199.43125, -761.87)
    assert headers[14].position == pytest.approx((189.43125, 199.43125, -691.87))
    assert [header.frame for header in stack_order(headers)] == list(range(15))
    assert {header.rescale.slope for header in headers} == {1e-6}


def nuclear(slices, spacing, kind="RECON TOMO", orientation=OBLIQUE, **elements):
    detector = {"ImagePositionPatient": [10, 20, 30], "ImageOrientationPatient": list(orientation)}
    vectors = {"SliceVector": slices, "FrameIncrementPointer": SLICES} if slices else {}
    return image(
        len(slices or elements["TimeSliceVector"]),
        NM,
        "NM",
        ImageType=["ORIGINAL", "PRIMARY", kind, "EMISSION"],
        PixelSpacing=[2, 3],
        SpacingBetweenSlices=spacing,
        DetectorInformationSequence=detector,
        **{**vectors, **elements},
    )


def test_reconstructed_slices_lie_along_the_normal_by_their_number(tmp_path):
    headers = headers_of(tmp_path, nuclear([1, 3, 2], 5))
    expected = [(10, 20, 30), (10, 14, 38), (10, 17, 34)]
    np.testing.assert_allclose([header.position for header in headers], expected, atol=1e-12)
    assert headers[2].orientation == OBLIQUE


def test_negative_spacing_leads_against_the_normal(tmp_path):
    headers = headers_of(tmp_path, nuclear([1, 2], -5))
    np.testing.assert_allclose(headers[1].position, (10, 23, 26), atol=1e-12)


@pytest.mark.parametrize("spacing", [0, 1e9, -1e9])
def test_absurd_slice_spacing_places_no_slice(tmp_path, spacing):
    headers = headers_of(tmp_path, nuclear([1, 2], spacing))
    assert [header.position for header in headers] == [None, None]
    assert "(0018,0088)" in str(headers[1].remarks[0])


@pytest.mark.parametrize(
    "missing", ["SpacingBetweenSlices", "DetectorInformationSequence", "ImageType", "SliceVector"]
)
def test_each_missing_element_of_a_reconstruction(tmp_path, missing):
    dataset = nuclear([1, 2], 5)
    delattr(dataset, missing)
    positions = [header.position for header in headers_of(tmp_path, dataset)]
    if missing == "SliceVector":  # frames are slices in their order then
        np.testing.assert_allclose(positions, [(10, 20, 30), (10, 17, 34)], atol=1e-12)
    else:
        assert positions == [None, None]


def test_a_single_slice_needs_no_spacing(tmp_path):
    dataset = nuclear([1], 5)
    del dataset.SpacingBetweenSlices
    assert headers_of(tmp_path, dataset)[0].position == (10, 20, 30)


def test_projections_of_a_gamma_camera_have_no_place(tmp_path):
    assert headers_of(tmp_path, nuclear([1, 2], 5, kind="TOMO"))[1].position is None


def test_gated_slices_know_their_part_of_the_heart_beat(tmp_path):
    dataset = nuclear([1, 2, 1, 2], 5, kind="RECON GATED TOMO", TimeSlotVector=[1, 1, 2, 2])
    headers = headers_of(tmp_path, dataset)
    assert [header.dimensions.cardiac_percent for header in headers] == [0, 0, 50, 50]
    np.testing.assert_allclose(headers[3].position, (10, 17, 34), atol=1e-12)


def test_dynamic_frames_count_over_their_phases(tmp_path):
    phases = [
        item(PhaseDelay=500, NumberOfFramesInPhase=2, ActualFrameDuration=1000, PauseBetweenFrames=0),
        item(PhaseDelay=0, NumberOfFramesInPhase=1, ActualFrameDuration=30000, PauseBetweenFrames=10),
    ]
    dataset = nuclear(
        None,
        5,
        kind="DYNAMIC",
        PhaseVector=[1, 1, 2],
        TimeSliceVector=[1, 2, 1],
        EnergyWindowVector=[1, 1, 1],
        DetectorVector=[1, 2, 1],
        PhaseInformationSequence=phases,
    )
    found = [header.dimensions for header in headers_of(tmp_path, dataset)]
    assert [dimensions.temporal_position for dimensions in found] == [1, 2, 3]
    assert [dimensions.acquisition_seconds for dimensions in found] == [0.5, 1.5, 2.5]
    assert [dimensions.stack_id for dimensions in found] == ["detector 1", "detector 2", "detector 1"]


def test_real_heart_without_a_position_stays_a_stack():
    headers = read_slice_headers(shared("data/zoo/multiframe/NM-MONO2-16-13x-heart"))
    assert {header.position for header in headers} == {None}
    assert [header.frame for header in stack_order(headers)] == list(range(13))


def test_a_mosaic_is_not_one_slice(tmp_path):
    kind = ["ORIGINAL", "PRIMARY", "M", "ND", "MOSAIC"]
    header = headers_of(tmp_path, ct_slice(0, Modality="MR", ImageType=kind))[0]
    assert (header.position, header.orientation, header.spacing) == (None, AXIAL, (2.0, 0.5))
    assert "mosaic" in str(header.remarks[0])


@pytest.mark.parametrize(
    "name", ["rtdose.dcm", "philips-enhanced-mr/IM-0001-0170-0001.dcm", "eCT_Supplemental.dcm"]
)
def test_frames_lie_where_simpleitk_puts_them(name):
    sitk = pytest.importorskip("SimpleITK")
    path = shared(f"data/zoo/multiframe/{name}")
    image = sitk.ReadImage(str(path))
    for header in read_slice_headers(path):
        across, down = np.array(header.orientation[:3]), np.array(header.orientation[3:])
        point = np.array(header.position) + 4 * header.spacing[1] * across + 9 * header.spacing[0] * down
        truth = np.array(image.TransformIndexToPhysicalPoint((4, 9, header.frame)))
        np.testing.assert_allclose(point, truth, atol=1e-4)


@pytest.mark.parametrize(
    ("elements", "milliseconds"),
    [
        ({"FrameTime": 40}, [40, 40, 40]),
        ({"CineRate": 25}, [40, 40, 40]),
        ({"RecommendedDisplayFrameRate": 20}, [50, 50, 50]),
        ({"FrameTime": 40, "CineRate": 10, "RecommendedDisplayFrameRate": 10}, [40, 40, 40]),
        ({"FrameTimeVector": [0, 30, 70], "FrameIncrementPointer": TIMES}, [30, 70, 70]),
        ({"FrameTime": 40, "FrameTimeVector": [0, 30, 70], "FrameIncrementPointer": TIMES}, [30, 70, 70]),
        ({"FrameTime": 40, "FrameTimeVector": [0, 30]}, [40, 40, 40]),
        ({"FrameTime": 0, "CineRate": 0}, [None] * 3),
        ({"FrameTime": -5}, [None] * 3),
        ({"FrameTime": 1e9, "RecommendedDisplayFrameRate": 10}, [100] * 3),
        ({}, [None] * 3),
    ],
    ids=range(11),
)
def test_how_long_a_frame_stays(tmp_path, elements, milliseconds):
    headers = headers_of(tmp_path, image(3, US_CINE, "US", **elements))
    assert [header.frame_time_ms for header in headers] == milliseconds


def test_real_cines():
    assert read_slice_headers(shared("data/zoo/multiframe/HasFragmentSequence.dcm"))[95].frame_time_ms == 33
    assert read_slice_headers(shared("data/zoo/multiframe/US-PAL-8-10x-echo"))[0].frame_time_ms == 76
    cine = read_slice_headers(shared("data/zoo/multiframe/examples_ybr_color.dcm"))
    assert {header.frame_time_ms for header in cine} == {33.333}
    assert len(cine) == 30
