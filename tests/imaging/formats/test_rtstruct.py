"""Structure sets as files hold them, odd and hostile ones among them."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from app.imaging.errors import ImagingError, LimitExceeded, MissingElement, UnsupportedData
from app.imaging.formats import rtstruct
from app.imaging.formats.rtstruct import read_structures
from app.imaging.limits import ReadLimits
from tests.imaging.phantoms import ct_slice, item, write_file
from tests.imaging.rtsamples import contour, square, structure_set
from tests.shared_data import shared

TRIANGLE = [(1.5, 2, 30), (4, 2, 30), (1.5, -6.25, 30)]


@pytest.fixture
def read(tmp_path):
    def from_dataset(dataset):
        return read_structures(write_file(tmp_path / "rt.dcm", dataset))

    return from_dataset


def said(structures):
    return [str(warning) for warning in structures.warnings]


def test_names_colours_types_and_points(read) -> None:
    dataset = structure_set({"Tumor <b>ñ</b>": [contour(TRIANGLE), contour([(1, 2, 3)], "POINT")]})
    dataset.RTROIObservationsSequence = [item(ReferencedROINumber=1, RTROIInterpretedType="GTV")]
    found = read(dataset)
    (roi,) = found.rois
    assert (roi.number, roi.name, roi.kind) == (1, "Tumor <b>ñ</b>", "GTV")
    assert roi.color_rgb == (1, 2, 255)
    assert roi.types == ("CLOSED_PLANAR", "POINT")
    assert_array_equal(roi.contours[0], TRIANGLE)
    assert found.frame_of_reference_uid == "1.2.826.0.1.3680043.10.1.3"
    assert found.series_uid == "1.2.826.0.1.3680043.10.1.2"
    assert found.sop_uids == ("1.2.826.0.1.3680043.10.1.2.1", "1.2.826.0.1.3680043.10.1.2.2")
    assert said(found) == []


def test_xor_and_interpolated_contours_are_closed_and_untyped_ones_too(read) -> None:
    kinds = ("CLOSEDPLANAR_XOR", "INTERPOLATED_PLANAR", None)
    (roi,) = read(structure_set({"a": [contour(TRIANGLE, kind) for kind in kinds]})).rois
    assert roi.types == ("CLOSEDPLANAR_XOR", "CLOSED_PLANAR", "CLOSED_PLANAR")


def test_repeated_first_point_is_dropped(read) -> None:
    (roi,) = read(structure_set({"a": [contour([*TRIANGLE, TRIANGLE[0]])]})).rois
    assert_array_equal(roi.contours[0], TRIANGLE)


def test_odd_contours_are_left_out_and_counted(read) -> None:
    texts = ("1 2 nan 4 5 6 7 8 9", "1 2 3 4 5 6 7 8", "1 2 1e9 4 5 6 7 8 9", "a b c", "1 2  4 5 6 7 8 9")
    short = (TRIANGLE[:2], [TRIANGLE[0], TRIANGLE[1], TRIANGLE[0]])
    kinds = ("OPEN_PLANAR", "OPEN_NONPLANAR", "SPLINE")
    odd = [contour(""), item(ContourGeometricType="CLOSED_PLANAR")]
    odd += [contour(points) for points in (*short, *texts)]
    odd += [contour(TRIANGLE, kind) for kind in kinds]
    found = read(structure_set({"good": [contour(TRIANGLE)], "bad": odd}))
    assert [roi.name for roi in found.rois] == ["good"]
    assert said(found) == [
        "1 ROIs have no contour and are left out (numbers 2).",
        "2 contours are empty.",
        "2 closed contours have fewer than three points; they are left out.",
        "5 contours have coordinates that are no numbers; they are left out.",
        "2 open contours enclose nothing and are left out.",
        "1 contours are of an unknown type and are left out.",
    ]


def test_described_rois_without_contour_items_are_told(read) -> None:
    dataset = structure_set({"a": [contour(TRIANGLE)], "b": [], "c": []})
    del dataset.ROIContourSequence[2]
    del dataset.ROIContourSequence[1].ContourSequence
    assert said(read(dataset)) == ["2 ROIs have no contour and are left out (numbers 2, 3)."]


@pytest.mark.parametrize("without", ["StructureSetROISequence", "ReferencedFrameOfReferenceSequence"])
def test_contours_need_no_description(read, without: str) -> None:
    (roi,) = read(structure_set({"a": [contour(TRIANGLE)]}, **{without: None})).rois
    assert len(roi.contours) == 1


def test_images_named_by_contours_only(read) -> None:
    dataset = structure_set({"a": [contour(TRIANGLE, image="1.5.5"), contour(TRIANGLE, image="1.5.6")]})
    del dataset.ReferencedFrameOfReferenceSequence[0].RTReferencedStudySequence
    assert read(dataset).sop_uids == ("1.5.5", "1.5.6")


@pytest.mark.parametrize("colour", [[300, 0, 0], [-1, 2, 3], [1, 2], None])
def test_odd_colours_are_none(read, colour) -> None:
    dataset = structure_set({"a": [contour(TRIANGLE)]})
    dataset.ROIContourSequence[0].ROIDisplayColor = colour
    assert read(dataset).rois[0].color_rgb is None


def test_sets_without_any_contour_are_refused(read) -> None:
    for rois in ({}, {"a": []}, {"a": [contour(TRIANGLE[:2])]}):
        with pytest.raises(MissingElement, match="no contours"):
            read(structure_set(rois))


def test_other_objects_are_refused(read) -> None:
    with pytest.raises(UnsupportedData, match="no RT Structure Set"):
        read(ct_slice())


def test_four_hundred_rois_are_read(read) -> None:
    found = read(structure_set({f"ROI {n}": [contour(TRIANGLE)] for n in range(400)}))
    assert len(found.rois) == 400


@pytest.mark.parametrize(
    ("bound", "match"),
    [
        ("MOST_ROIS", "3 ROIs"),
        ("MOST_CONTOURS", "2 contours"),
        ("MOST_POINTS", "2 points"),
        ("MAX_BYTES", "at most 2"),
    ],
)
def test_counts_are_bounded(read, monkeypatch: pytest.MonkeyPatch, bound: str, match: str) -> None:
    monkeypatch.setattr(rtstruct, bound, 2)
    with pytest.raises(LimitExceeded, match=match):
        read(structure_set({name: [contour(TRIANGLE)] for name in "abc"}))


def test_limits_of_the_caller_hold(tmp_path) -> None:
    path = write_file(tmp_path / "rt.dcm", structure_set({"a": [contour(TRIANGLE)] * 50}))
    with pytest.raises(LimitExceeded):
        read_structures(path, ReadLimits(max_elements=60))


def test_text_in_place_of_a_sequence_is_no_crash(read) -> None:
    dataset = structure_set({"a": [contour(TRIANGLE)]})
    dataset.add_new(0x30060020, "LO", "text")
    assert read(dataset).rois[0].name == ""
    dataset.add_new(0x30060039, "LO", "text")
    with pytest.raises(ImagingError):
        read(dataset)


def test_contour_data_of_another_type_is_no_number(read) -> None:
    broken = contour(TRIANGLE)
    del broken[0x30060050]
    broken.add_new(0x30060050, "FD", [1.0, 2.0, 3.0])
    found = read(structure_set({"a": [contour(TRIANGLE), broken]}))
    assert said(found) == ["1 contours have coordinates that are no numbers; they are left out."]


def test_damaged_anywhere_it_is_read_or_refused_by_name(tmp_path) -> None:
    path = write_file(tmp_path / "rt.dcm", structure_set({"a": [contour(square((0, 0), (5, 5), 30))] * 2}))
    data = path.read_bytes()
    rng = np.random.default_rng(3)
    for _ in range(300):
        broken = bytearray(data)
        for at in rng.integers(140, len(data), 3):
            broken[at] = rng.integers(256)
        path.write_bytes(bytes(broken[: rng.integers(200, len(data))] if rng.random() < 0.2 else broken))
        try:
            found = read_structures(path)
        except ImagingError:
            continue
        assert all(np.isfinite(points).all() for roi in found.rois for points in roi.contours)


@pytest.mark.parametrize(
    ("name", "contours", "points"),
    [
        ("ct-lung-ibsi-rtstruct-nifti/rtstruct.dcm", {"GTV-1": 26}, 9635),
        ("ct-chest-lung1-rtstruct/LUNG1-001-rtstruct.dcm",
         {"GTV-1": 21, "Spinal-Cord": 84, "Lung-Left": 139, "Lung-Right": 114}, 66372),
        ("pet-sts-rtstruct/rtstruct.dcm", {"GTV_Mass": 32, "GTV_Edema": 43}, 50826),
    ],
)  # fmt: skip
def test_real_sets(name: str, contours: dict[str, int], points: int) -> None:
    found = read_structures(shared(f"data/{name}"))
    assert {roi.name: len(roi.contours) for roi in found.rois} == contours
    assert sum(len(one) for roi in found.rois for one in roi.contours) == points


def test_real_set_with_a_roi_without_contour() -> None:
    found = read_structures(shared("data/zoo/rt/rtss.dcm"))
    assert len(found.rois) == 9
    assert said(found) == ["1 ROIs have no contour and are left out (numbers 2)."]
    assert len(found.sop_uids) == 98
