"""Reports of measurements: what is written, as pydicom and highdicom read it, and what comes back."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

from app.imaging.errors import ImagingError, LimitExceeded, NotDicom, UnsupportedData
from app.imaging.formats.measurementreading import ReadReport, read_report
from app.imaging.formats.measurementreport import ReportedMark, ReportFrame, write_report
from app.imaging.formats.reportcodes import unit_code
from app.imaging.markvalues import Measure, mark_measures
from tests.imaging.phantoms import FRAME_UID, SERIES_UID, STUDY_UID, ct_slice

AXIAL = {"right_lps": [1, 0, 0], "down_lps": [0, 1, 0]}
CT_CLASS = "1.2.840.10008.5.1.4.1.1.2"
ID = "0b8c6f5e-6a7d-4c3b-9a52-0f1e2d3c4b5a"
OBLIQUE = {"right_lps": [1, 0, 0], "down_lps": [0, 0.8, 0.6]}

MARKS: dict[str, list[list[float]]] = {
    "length": [[10.123456, -20, 30], [13.1, -16.7, 30]],
    "bidirectional": [[10, -20, 30], [12, -20, 30], [11, -21, 30], [11, -19.5, 30]],
    "angle": [[10, -20, 30], [12, -20, 30], [12, -16, 30]],
    "cobb": [[10, -20, 30], [12, -20, 30], [12, -16, 30], [10, -14, 30]],
    "ellipse": [[11, -17, 33], [13.5, -17, 33], [11, -16, 33]],
    "rectangle": [[10, -20, 30], [12, -20, 30], [12, -16, 30], [10, -16, 30]],
    "freehand": [[10, -20, 30], [12, -20, 30], [12.7, -18.1, 30], [12, -16, 30]],
    "arrow": [[10, -20, 30], [12, -20, 30]],
    "probe": [[10.1, -20.2, 30.3]],
    "keyimage": [[499.987654, -499.123456, 1234.5678]],
}


def made(kind: str, points: Any, **more: Any) -> dict[str, Any]:
    return {
        "id": ID, "kind": kind, "space": "patient", "points": points, "plane": AXIAL, "label": "", "phase": 0
    } | more  # fmt: skip


def written(*marks: ReportedMark, modality: str = "CT", **elements: Any) -> bytes:
    frame = ReportFrame("2.25.1", "2.25.2", FRAME_UID, modality, "0.1.0")
    return write_report(marks, [ct_slice(k, **elements) for k in range(2)], frame)


def reported(mark: dict[str, Any], *statistics: Measure, image: Any = None) -> ReportedMark:
    return ReportedMark(mark, (*mark_measures(mark), *statistics), image)


def read_back(folder: Path, data: bytes) -> ReadReport:
    path = folder / "report.dcm"
    path.write_bytes(data)
    return read_report(path)


def items(dataset: Dataset) -> list[Dataset]:
    """All content items, depth first."""
    found = []
    for item in dataset.get("ContentSequence", ()):
        found += [item, *items(item)]
    return found


def named(data: bytes, meaning: str) -> list[Dataset]:
    document = pydicom.dcmread(io.BytesIO(data))
    return [i for i in items(document) if i.ConceptNameCodeSequence[0].CodeMeaning == meaning]


@pytest.mark.parametrize("kind", MARKS)
def test_every_kind_comes_back(kind: str, tmp_path: Path) -> None:
    mark = made(kind, MARKS[kind], label="Nódulo de la língula", phase=3)
    (found,) = read_back(tmp_path, written(reported(mark))).marks
    assert (found.id, found.kind, found.label, found.phase) == (ID, kind, "Nódulo de la língula", 3)
    assert found.frame_of_reference_uid == FRAME_UID
    # Graphic Data are floats of 32 bits: at 1234 mm from the origin their steps are 0.00012 mm.
    assert np.abs(np.array(found.points) - np.array(mark["points"])).max() <= 1e-4


def test_the_half_axes_of_an_ellipse_keep_their_order(tmp_path: Path) -> None:
    points = [[11, -17, 33], [11.5, -17, 33], [11, -12, 33]]  # the second one is the longer
    (found,) = read_back(tmp_path, written(reported(made("ellipse", points)))).marks
    assert np.allclose(found.points, points, atol=1e-6)


def test_a_region_on_an_oblique_plane_stays_flat(tmp_path: Path) -> None:
    right, down, corner = np.array([1, 0, 0]), np.array([0, 0.8, 0.6]), np.array([1.1, -2.3, 400.7])
    points = [list(corner + x * right + y * down) for x, y in ((0, 0), (7, 0.3), (9, 5), (2, 8))]
    data = written(reported(made("freehand", points, plane=OBLIQUE)))
    assert named(data, "Image Region")[0].GraphicType == "POLYGON"
    (found,) = read_back(tmp_path, data).marks
    assert np.abs(np.array(found.points) - points).max() <= 1e-4


def test_a_mark_without_a_label_has_none_afterwards(tmp_path: Path) -> None:
    data = written(reported(made("probe", [[1, 2, 3]])))
    assert named(data, "Tracking Identifier")[0].TextValue == "Triplano probe"
    assert read_back(tmp_path, data).marks[0].label == ""


def test_numbers_carry_codes_and_units() -> None:
    mark = made("rectangle", [[0, 0, 0], [4, 0, 0], [4, 3, 0], [0, 3, 0]])
    data = written(reported(mark, Measure("mean", -120.25, "HU"), Measure("std", 11.5, "HU")))
    numbers = []
    for item in (i for i in items(pydicom.dcmread(io.BytesIO(data))) if i.ValueType == "NUM"):
        name, value = item.ConceptNameCodeSequence[0], item.MeasuredValueSequence[0]
        derivation = [i.ConceptCodeSequence[0].CodeValue for i in items(item)]
        unit = value.MeasurementUnitsCodeSequence[0]
        row = (name.CodeValue, float(value.NumericValue), unit.CodeValue, unit.CodingSchemeDesignator)
        numbers.append((*row, *derivation))
    assert numbers == [
        ("42798000", 12.0, "mm2", "UCUM"),
        ("131191004", 14.0, "mm", "UCUM"),
        ("112031", -120.25, "[hnsf'U]", "UCUM", "373098007"),
        ("112031", 11.5, "[hnsf'U]", "UCUM", "386136009"),
    ]


def test_units_that_ucum_does_not_know_are_annotations() -> None:
    assert unit_code("US") == ("{US}", "UCUM", "US")
    assert unit_code("°") == ("deg", "UCUM", "degree")
    assert unit_code("{}") == ("1", "UCUM", "no units")


def test_patient_and_study_are_those_of_the_images() -> None:
    odd = {"PatientName": "Yáñez^Ñuño", "SpecificCharacterSet": "ISO_IR 100", "StudyDate": "20240230"}
    data = written(reported(made("probe", [[1, 2, 3]])), PatientSex="?", StudyDescription="Tórax", **odd)
    document = pydicom.dcmread(io.BytesIO(data))
    assert document.SOPClassUID == "1.2.840.10008.5.1.4.1.1.88.34"
    assert (document.StudyInstanceUID, document.Modality) == (STUDY_UID, "SR")
    assert str(document.PatientName) == "Yáñez^Ñuño"
    assert (document.PatientID, document.PatientSex) == ("PH-1", "?")
    assert (document.StudyDate, document.StudyDescription) == ("20240230", "Tórax")
    assert document.SpecificCharacterSet == "ISO_IR 192"


def test_nobody_is_named_but_the_program() -> None:
    document = pydicom.dcmread(io.BytesIO(written(reported(made("probe", [[1, 2, 3]])))))
    assert not [item for item in items(document) if item.ValueType == "PNAME"]
    assert document.Manufacturer == "Triplano"
    assert "OperatorsName" not in document
    assert "VerifyingObserverSequence" not in document


def test_highdicom_reads_the_report() -> None:
    from highdicom import sr

    marks = [reported(made(kind, points)) for kind, points in MARKS.items()]
    document = pydicom.dcmread(io.BytesIO(written(*marks)))
    content = sr.Comprehensive3DSR.from_dataset(document).content
    assert len(content.get_planar_roi_measurement_groups()) == 6
    assert len(content.get_image_measurement_groups()) == 4


def test_marks_on_an_image_refer_to_it(tmp_path: Path) -> None:
    uid = f"{SERIES_UID}.1"
    region = made("ellipse", [[3, 4], [5, 4], [3, 5]], space="image", spacing_mm=None)
    line = made("length", [[0, 0], [3, 4]], space="image", spacing_mm=None)
    image = (CT_CLASS, uid, 7)
    data = written(reported(region, image=image), reported(line, image=image))
    # The centre of the first pixel is (0.5, 0.5) in the standard.
    assert named(data, "Image Region")[0].GraphicData == [1.5, 4.5, 5.5, 4.5, 3.5, 3.5, 3.5, 5.5]
    length = named(data, "Length")[0].MeasuredValueSequence[0]
    assert float(length.NumericValue) == 5
    assert length.MeasurementUnitsCodeSequence[0].CodeValue == "{pixels}"
    first, second = read_back(tmp_path, data).marks
    assert first.image == (uid, 6)
    assert first.frame_of_reference_uid is None
    assert np.allclose(first.points, [[3, 4], [5, 4], [3, 5]])
    assert np.allclose(second.points, [[0, 0], [3, 4]])


def test_a_mark_in_the_patient_needs_its_space() -> None:
    frame = ReportFrame("2.25.1", "2.25.2", None, "CT", "0.1.0")
    with pytest.raises(ValueError, match="frame of reference"):
        write_report([reported(made("probe", [[1, 2, 3]]))], [ct_slice(0)], frame)


# Reports of other programs


def code(value: str, scheme: str, meaning: str) -> list[Dataset]:
    coded = Dataset()
    coded.CodeValue, coded.CodingSchemeDesignator, coded.CodeMeaning = value, scheme, meaning
    return [coded]


def content(kind: str, name: tuple[str, str, str], children: Any = (), **more: Any) -> Dataset:
    item = Dataset()
    item.RelationshipType, item.ValueType, item.ConceptNameCodeSequence = "CONTAINS", kind, code(*name)
    for keyword, value in more.items():
        setattr(item, keyword, value)
    if children:
        item.ContentSequence = list(children)
    return item


def scoord(shape: str, data: list[float], uid: str = f"{SERIES_UID}.1") -> Dataset:
    image = content("IMAGE", ("", "", ""))
    image.ReferencedSOPSequence = [Dataset()]
    image.ReferencedSOPSequence[0].ReferencedSOPClassUID = CT_CLASS
    image.ReferencedSOPSequence[0].ReferencedSOPInstanceUID = uid
    return content("SCOORD", ("", "", ""), [image], GraphicType=shape, GraphicData=data)


def num(name: tuple[str, str, str], unit: str, *children: Dataset) -> Dataset:
    value = Dataset()
    value.NumericValue, value.MeasurementUnitsCodeSequence = "1", code(unit, "UCUM", unit)
    return content("NUM", name, children, MeasuredValueSequence=[value])


def group(*children: Dataset, identifier: str = "Cornerstone3DTools@^0.1.0:Length") -> Dataset:
    tracking = content("TEXT", ("112039", "DCM", "Tracking Identifier"), TextValue=identifier)
    uid = content("UIDREF", ("112040", "DCM", "Tracking Unique Identifier"), UID="1.2.3.4")
    return content("CONTAINER", ("125007", "DCM", "Measurement Group"), [tracking, uid, *children])


def report(*groups: Dataset) -> bytes:
    document = pydicom.dcmread(io.BytesIO(written(reported(made("probe", [[1, 2, 3]])))))
    document.ContentSequence = [
        content("CONTAINER", ("126010", "DCM", "Imaging Measurements"), groups)
    ]  # fmt: skip
    data = io.BytesIO()
    document.save_as(data)
    return data.getvalue()


LENGTH, ANGLE = ("410668003", "SCT", "Length"), ("1483009", "SCT", "Angle")
AREA = ("42798000", "SCT", "Area")


@pytest.mark.parametrize(
    ("name", "unit", "shape", "data", "kind", "points"),
    [
        (LENGTH, "mm", "POLYLINE", [0.5, 0.5, 3.5, 4.5], "length", [[0, 0], [3, 4]]),
        (ANGLE, "deg", "POLYLINE", [1, 1, 2, 1, 2, 5], "angle", [[0.5, 0.5], [1.5, 0.5], [1.5, 4.5]]),
        (ANGLE, "deg", "POLYLINE", [0.5, 0.5, 1.5, 0.5, 1.5, 0.5, 1.5, 4.5], "angle",
         [[0, 0], [1, 0], [1, 4]]),
        (ANGLE, "deg", "POLYLINE", [0.5, 0.5, 1.5, 0.5, 0.5, 2.5, 1.5, 4.5], "cobb",
         [[0, 0], [1, 0], [0, 2], [1, 4]]),
        (AREA, "mm2", "ELLIPSE", [1.5, 4.5, 5.5, 4.5, 3.5, 3.5, 3.5, 5.5], "ellipse",
         [[3, 4], [5, 4], [3, 5]]),
        (AREA, "mm2", "CIRCLE", [3.5, 4.5, 5.5, 4.5], "ellipse", [[3, 4], [5, 4], [3, 6]]),
        (AREA, "mm2", "POLYLINE", [0.5, 0.5, 3.5, 0.5, 3.5, 2.5, 0.5, 2.5, 0.5, 0.5], "rectangle",
         [[0, 0], [3, 0], [3, 2], [0, 2]]),
        (AREA, "mm2", "POLYLINE", [0.5, 0.5, 3.5, 0.5, 4.5, 2.5, 0.5, 2.5, 0.5, 0.5], "freehand",
         [[0, 0], [3, 0], [4, 2], [0, 2]]),
    ],
)  # fmt: skip
def test_measurements_of_other_programs(
    name: Any, unit: str, shape: str, data: list[float], kind: str, points: Any, tmp_path: Path
) -> None:
    found = read_back(tmp_path, report(group(num(name, unit, scoord(shape, data)))))
    assert found.skipped == ()
    assert (found.marks[0].kind, found.marks[0].label) == (kind, "")
    assert found.marks[0].image == (f"{SERIES_UID}.1", 0)
    assert np.allclose(found.marks[0].points, points)


def test_two_diameters_of_ohif(tmp_path: Path) -> None:
    short = num(("G-A186", "SRT", "Short Axis"), "mm", scoord("POLYLINE", [2.5, 0.5, 2.5, 1.5]))
    long = num(("G-A185", "SRT", "Long Axis"), "mm", scoord("POLYLINE", [0.5, 0.5, 9.5, 0.5]))
    finding = content("CODE", ("121071", "DCM", "Finding"))
    finding.ConceptCodeSequence = code("CORNERSTONEFREETEXT", "CORNERSTONEJS", "Nodule")
    (mark,) = read_back(tmp_path, report(group(finding, short, long))).marks
    assert (mark.kind, mark.label) == ("bidirectional", "Nodule")
    assert np.allclose(mark.points, [[0, 0], [9, 0], [2, 0], [2, 1]])


def test_the_same_report_gives_the_same_ids(tmp_path: Path) -> None:
    data = report(group(num(LENGTH, "mm", scoord("POLYLINE", [0.5, 0.5, 3.5, 4.5]))))
    ids = {read_back(tmp_path, data).marks[0].id for _ in range(2)}
    assert len(ids) == 1
    assert ids.pop()[14] == "4"


@pytest.mark.parametrize(
    ("children", "template"),
    [
        ([num(LENGTH, "mm")], "A measurement has no coordinates."),
        ([num(LENGTH, "mm", scoord("MULTIPOINT", [1, 1, 2, 2, 3, 3]))],
         "A measurement of the shape %(shape)s cannot be drawn."),
        ([num(LENGTH, "mm", scoord("POLYLINE", [1, 1, 2]))],
         "A measurement has coordinates that are no numbers."),
        ([num(LENGTH, "mm", scoord("POLYLINE", [1, 1, float("nan"), 4]))],
         "A measurement has coordinates that are no numbers."),
        ([scoord("POLYLINE", [1, 1, 2, 2, 1, 3, 1, 1]), scoord("POLYLINE", [5, 1, 2, 2, 1, 3, 5, 1])],
         "A measurement of several regions is not a plane mark."),
    ],
)  # fmt: skip
def test_what_is_no_mark_is_skipped_with_the_reason(
    children: list[Dataset], template: str, tmp_path: Path
) -> None:
    good = group(num(LENGTH, "mm", scoord("POLYLINE", [0.5, 0.5, 3.5, 4.5])))
    found = read_back(tmp_path, report(group(*children), good))
    assert [message.template for message in found.skipped] == [template]
    assert len(found.marks) == 1


def test_an_image_is_no_report(tmp_path: Path) -> None:
    path = tmp_path / "image.dcm"
    ct_slice(0).save_as(path, enforce_file_format=True)
    with pytest.raises(UnsupportedData):
        read_report(path)


def test_a_report_of_something_else(tmp_path: Path) -> None:
    document = pydicom.dcmread(io.BytesIO(report()))
    document.ContentSequence = [content("TEXT", ("121073", "DCM", "Impression"), TextValue="-")]
    document.save_as(tmp_path / "text.dcm")
    with pytest.raises(UnsupportedData):
        read_report(tmp_path / "text.dcm")


def test_text_is_no_dicom(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("id,length\n1,2\n" * 20)
    with pytest.raises(NotDicom):
        read_report(tmp_path / "notes.txt")


def test_a_tree_without_end_is_refused(tmp_path: Path) -> None:
    inner = content("TEXT", ("1", "2", "3"))
    for _ in range(60):
        inner = content("CONTAINER", ("1", "2", "3"), [inner])
    (tmp_path / "deep.dcm").write_bytes(report(group(inner)))
    with pytest.raises(LimitExceeded):
        read_report(tmp_path / "deep.dcm")


@pytest.mark.parametrize("length", [200, 1000, 2500])
def test_half_a_report_is_refused(length: int, tmp_path: Path) -> None:
    (tmp_path / "half.dcm").write_bytes(written(reported(made("length", MARKS["length"])))[:length])
    with pytest.raises(ImagingError):
        read_report(tmp_path / "half.dcm")
