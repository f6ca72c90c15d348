"""Millimetres and by what right: cross-sections, projections, ultrasound regions, and none at all."""

import pytest
from pydicom.dataset import Dataset

from app.imaging.slices import read_slice_header
from tests.imaging.phantoms import ct_slice, enhanced, item, write_file
from tests.shared_data import shared

CR = "1.2.840.10008.5.1.4.1.1.1"
XA = "1.2.840.10008.5.1.4.1.1.12.1"
MG = "1.2.840.10008.5.1.4.1.1.1.2"
TOMOSYNTHESIS = "1.2.840.10008.5.1.4.1.1.13.1.3"
SECONDARY = "1.2.840.10008.5.1.4.1.1.7"
US = "1.2.840.10008.5.1.4.1.1.6.1"
BARE = dict.fromkeys(("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing"))


def header_of(tmp_path, dataset):
    return read_slice_header(write_file(tmp_path / "one.dcm", dataset))


def projection(tmp_path, modality="CR", sop_class=CR, **elements):
    dataset = ct_slice(0, Modality=modality, SOPClassUID=sop_class, **{**BARE, **elements})
    return header_of(tmp_path, dataset)


def test_a_cross_section_is_measured_in_the_patient(tmp_path):
    header = header_of(tmp_path, ct_slice(0, spacing=(2.0, 0.5)))
    assert (header.spacing, header.spacing_source, header.remarks) == ((2.0, 0.5), "patient", ())


def test_imager_pixel_spacing_alone_is_the_detectors(tmp_path):
    header = projection(tmp_path, ImagerPixelSpacing=[0.2, 0.15])
    assert (header.spacing, header.spacing_source, header.magnification) == ((0.2, 0.15), "detector", None)


def test_a_stated_magnification_corrects_the_detectors_spacing(tmp_path):
    header = projection(
        tmp_path,
        "MG",
        MG,
        ImagerPixelSpacing=[0.09, 0.072],
        EstimatedRadiographicMagnificationFactor=1.8,
    )
    assert header.spacing == pytest.approx((0.05, 0.04))
    assert (header.spacing_source, header.magnification) == ("magnified", 1.8)


def test_distances_to_detector_and_patient_give_the_magnification(tmp_path):
    # 1200 mm to the detector, 800 mm to the patient: things look one and a half times as large.
    header = projection(
        tmp_path,
        "XA",
        XA,
        ImagerPixelSpacing=[0.3, 0.3],
        DistanceSourceToDetector=1200,
        DistanceSourceToPatient=800,
    )
    assert header.spacing == pytest.approx((0.2, 0.2))
    assert (header.spacing_source, header.magnification) == ("magnified", 1.5)


@pytest.mark.parametrize(
    ("detector", "patient"), [(0, 800), (1200, 0), (800, 1200), (-1200, -800), (1e9, 1), (1200, 1e-9)]
)
def test_absurd_distances_leave_the_detectors_spacing(tmp_path, detector, patient):
    header = projection(
        tmp_path,
        "XA",
        XA,
        ImagerPixelSpacing=[0.3, 0.3],
        DistanceSourceToDetector=detector,
        DistanceSourceToPatient=patient,
    )
    assert (header.spacing, header.spacing_source) == ((0.3, 0.3), "detector")


@pytest.mark.parametrize("factor", [0, -1.5, 0.5, 1e9])
def test_an_absurd_magnification_is_remarked_upon_and_not_used(tmp_path, factor):
    header = projection(
        tmp_path, ImagerPixelSpacing=[0.3, 0.3], EstimatedRadiographicMagnificationFactor=factor
    )
    assert (header.spacing, header.spacing_source) == ((0.3, 0.3), "detector")
    assert "magnification" in str(header.remarks[0])


@pytest.mark.parametrize("kind", ["GEOMETRY", "FIDUCIAL", None])
def test_calibrated_pixel_spacing_goes_before_the_detectors(tmp_path, kind):
    # Also without a type: values unlike the detector's were corrected (PS3.3 10.7.1.3).
    elements = {"PixelSpacingCalibrationType": kind} if kind else {}
    header = projection(tmp_path, ImagerPixelSpacing=[0.2, 0.2], PixelSpacing=[0.16, 0.16], **elements)
    assert (header.spacing, header.spacing_source) == ((0.16, 0.16), "magnified")
    assert header.magnification == pytest.approx(1.25)


def test_pixel_spacing_that_repeats_the_detectors_is_not_the_patients(tmp_path):
    header = projection(tmp_path, ImagerPixelSpacing=[0.148, 0.148], PixelSpacing=[0.1484, 0.1484])
    assert (header.spacing, header.spacing_source) == ((0.148, 0.148), "detector")


def test_pixel_spacing_alone_says_not_at_which_depth(tmp_path):
    header = projection(tmp_path, PixelSpacing=[0.2, 0.2])
    assert (header.spacing, header.spacing_source) == ((0.2, 0.2), "detector")
    assert "does not say at which depth" in str(header.remarks[0])


def test_modality_alone_makes_a_projection_of_a_secondary_capture(tmp_path):
    header = projection(tmp_path, "DX", SECONDARY, ImagerPixelSpacing=[0.2, 0.2])
    assert header.spacing_source == "detector"


def test_a_film_scan_measures_the_film(tmp_path):
    header = projection(tmp_path, "OT", SECONDARY, NominalScannedPixelSpacing=[0.1, 0.1])
    assert (header.spacing, header.spacing_source) == ((0.1, 0.1), "detector")


def test_tomosynthesis_is_a_cross_section_although_mammography(tmp_path):
    shared_groups = {
        "PlaneOrientationSequence": {"ImageOrientationPatient": [0, 1, 0, 0, 0, -1]},
        "PixelMeasuresSequence": {"PixelSpacing": [0.1, 0.1]},
    }
    frames = [{"PlanePositionSequence": {"ImagePositionPatient": [0, 0, 1]}}]
    header = header_of(tmp_path, enhanced(frames, shared_groups, sop_class=TOMOSYNTHESIS, modality="MG"))
    assert (header.spacing, header.spacing_source) == ((0.1, 0.1), "patient")


def test_enhanced_angiography_states_detector_and_isocentre_by_frame(tmp_path):
    frames = [
        {
            "FramePixelDataPropertiesSequence": {"ImagerPixelSpacing": [0.3, 0.3]},
            "XRayGeometrySequence": {"DistanceSourceToDetector": 1000, "DistanceSourceToIsocenter": 750},
        }
    ]
    header = header_of(tmp_path, enhanced(frames, sop_class="1.2.840.10008.5.1.4.1.1.12.1.1", modality="XA"))
    assert header.spacing == pytest.approx((0.225, 0.225))
    assert header.spacing_source == "magnified"


@pytest.mark.parametrize("modality", ["CT", "CR", "US", "OT"])
def test_without_any_spacing_there_are_only_pixels(tmp_path, modality):
    header = projection(tmp_path, modality, SECONDARY)
    assert (header.spacing, header.spacing_source, header.pixel_aspect) == (None, "none", None)


@pytest.mark.parametrize(
    "raw", ["0\\0", "-1\\-1", "NaN\\NaN", "1e9\\1e9", "1\\0", "inf\\1", "1", "1\\1\\1", "one\\two"]
)
@pytest.mark.parametrize(
    ("keyword", "modality"), [("PixelSpacing", "CT"), ("PixelSpacing", "CR"), ("ImagerPixelSpacing", "CR")]
)
def test_an_absurd_spacing_is_none_and_says_why(tmp_path, keyword, modality, raw):
    dataset = ct_slice(0, Modality=modality, **BARE)
    tag = 0x00280030 if keyword == "PixelSpacing" else 0x00181164
    padded = raw.encode() + b" " * (len(raw) % 2)
    path = write_file(tmp_path / "one.dcm", with_raw(dataset, tag, padded))
    header = read_slice_header(path)
    assert (header.spacing, header.spacing_source) == (None, "none")
    assert str(header.remarks[0]).endswith("is not a size in millimetres.")


def with_raw(dataset, tag, raw):
    """*dataset* with a decimal string that pydicom itself would not write."""
    dataset.add_new(tag, "OB", raw)
    dataset[tag].VR = "UN"
    return dataset


def test_pixel_aspect_ratio_gives_shape_without_millimetres(tmp_path):
    header = projection(tmp_path, "OT", SECONDARY, PixelAspectRatio=[4, 3])
    assert (header.spacing, header.pixel_aspect) == (None, (4.0, 3.0))


@pytest.mark.parametrize("ratio", [[1, 1], [0, 1], [-4, 3], [1, 1000000]])
def test_an_idle_or_absurd_aspect_ratio_is_none(tmp_path, ratio):
    assert projection(tmp_path, "OT", SECONDARY, PixelAspectRatio=ratio).pixel_aspect is None


def region(unit_x=3, unit_y=3, delta_x=0.05, delta_y=0.02, corners=(0, 0, 4, 3), **elements):
    keywords = (
        "RegionLocationMinX0",
        "RegionLocationMinY0",
        "RegionLocationMaxX1",
        "RegionLocationMaxY1",
    )
    found = item(
        RegionSpatialFormat=1,
        RegionDataType=1,
        PhysicalUnitsXDirection=unit_x,
        PhysicalUnitsYDirection=unit_y,
        PhysicalDeltaX=delta_x,
        PhysicalDeltaY=delta_y,
        **dict(zip(keywords, corners, strict=True)),
    )
    for keyword, value in elements.items():
        if value is None:
            delattr(found, keyword)
        else:
            setattr(found, keyword, value)
    return found


def ultrasound(tmp_path, *regions, **elements) -> Dataset:
    return projection(tmp_path, "US", US, SequenceOfUltrasoundRegions=list(regions), **elements)


def test_a_region_in_centimetres_gives_millimetres_by_axis(tmp_path):
    header = ultrasound(tmp_path, region())
    # 0.05 cm a column, 0.02 cm a row; spacing is between rows first.
    assert header.spacing == pytest.approx((0.2, 0.5))
    assert header.spacing_source == "region"
    assert header.regions[0].mm_per_pixel == pytest.approx((0.2, 0.5))


def test_a_region_goes_before_pixel_spacing(tmp_path):
    assert ultrasound(tmp_path, region(), PixelSpacing=[9, 9]).spacing == pytest.approx((0.2, 0.5))


def test_a_doppler_curve_has_its_units_and_no_millimetres(tmp_path):
    header = ultrasound(tmp_path, region(unit_x=4, unit_y=7, delta_x=0.004, delta_y=-0.5))
    found = header.regions[0]
    assert (found.unit_x, found.unit_y, found.per_pixel_x, found.per_pixel_y) == ("s", "cm/s", 0.004, -0.5)
    assert (found.mm_per_pixel, header.spacing, header.spacing_source) == (None, None, "none")


def test_regions_of_two_scales_give_no_spacing_to_the_whole(tmp_path):
    header = ultrasound(tmp_path, region(corners=(0, 0, 1, 3)), region(0x3, 0x3, 0.1, 0.1, (2, 0, 4, 3)))
    assert [found.mm_per_pixel[1] for found in header.regions] == pytest.approx([0.5, 1.0])
    assert (header.spacing, header.spacing_source) == (None, "none")
    assert "different scales" in str(header.remarks[0])


@pytest.mark.parametrize(
    "broken",
    [
        {"PhysicalDeltaX": None},
        {"PhysicalDeltaX": 0.0},
        {"PhysicalDeltaY": float("nan")},
        {"PhysicalDeltaY": 1e30},
        {"RegionLocationMinX0": None},
        {"RegionLocationMaxX1": 60},
        {"RegionLocationMinY0": 4},
    ],
)
def test_a_broken_region_is_left_out_and_said(tmp_path, broken):
    header = ultrasound(tmp_path, region(**broken))
    assert (header.regions, header.spacing) == ((), None)
    assert "it is not used" in str(header.remarks[0])


@pytest.mark.parametrize("delta", [1e-9, 1e5])
def test_a_region_of_no_patients_size_gives_no_millimetres(tmp_path, delta):
    assert ultrasound(tmp_path, region(delta_x=delta, delta_y=delta)).spacing is None


def test_real_ultrasound_regions():
    header = read_slice_header(shared("data/zoo/photometric/YBR_FULL-RLE.dcm"))
    whole, tissue = header.regions
    assert (whole.unit_x, whole.mm_per_pixel) == ("", None)
    assert (tissue.min_x, tissue.min_y, tissue.max_x, tissue.max_y) == (84, 48, 483, 415)
    assert header.spacing == pytest.approx((0.0953678518,) * 2)
    assert header.spacing_source == "region"


def test_real_cropped_ultrasound_is_not_measured_by_the_regions_of_the_original():
    # 350 rows, but the region ends in row 518.
    header = read_slice_header(shared("data/zoo/photometric/examples_palette.dcm"))
    assert header.spacing is None
    assert any("outside the picture" in str(remark) for remark in header.remarks)


def test_real_curve_below_a_picture():
    header = read_slice_header(shared("data/zoo/photometric/no-pixel-spacing.dcm"))
    assert [found.unit_x for found in header.regions] == ["cm", "s", "s"]
    assert header.spacing == pytest.approx((0.33054208902600,) * 2)


def test_real_radiograph_and_its_aspect():
    assert read_slice_header(shared("data/zoo/photometric/color-pl.dcm")).pixel_aspect == (4.0, 3.0)
    header = read_slice_header(next(shared("data/zoo/dicomdir").rglob("6154")))
    assert (header.spacing, header.spacing_source) == ((0.1, 0.1), "detector")
