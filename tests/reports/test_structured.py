"""Measurements out as a structured report, and in again."""

import io
from typing import Any

import numpy as np
import pydicom
import pytest
from flask import Flask

from app.archive import workspaces
from app.models import Mark, db
from tests.conftest import sign_in
from tests.imaging.formats.test_measurementreport import LENGTH, content, group, num, report, scoord
from tests.imaging.phantoms import FRAME_UID, SERIES_UID, STUDY_UID, ct_slice
from tests.reports.conftest import AXIAL, Marker, mark_id
from tests.viewer.conftest import Reader, reader_of

KINDS: dict[str, Any] = {
    "length": [[10, -20, 33], [12, -16, 33]],
    "bidirectional": [[10, -20, 33], [12, -20, 33], [11, -20, 33], [11, -19.5, 33]],
    "angle": [[10, -20, 33], [12, -20, 33], [12, -16, 33]],
    "cobb": [[10, -20, 33], [12, -20, 33], [12, -16, 33], [10, -14, 33]],
    "ellipse": [[11, -17, 33], [11.4, -17, 33], [11, -15, 33]],
    "rectangle": [[10, -20, 33], [12, -20, 33], [12, -16, 33], [10, -16, 33]],
    "freehand": [[10, -20, 33], [12, -20, 33], [12.1, -18, 33], [12, -16, 33]],
    "arrow": [[10, -20, 33], [12, -20, 33]],
    "probe": [[10.1, -20, 33]],
    "keyimage": [[11, -17, 33]],
}


def drawn(marker: Marker) -> dict[str, Any]:
    return {
        mark_id(n): marker.put(n, kind, points, label=f"{kind} ñ")
        for n, (kind, points) in enumerate(KINDS.items(), start=1)
    }


def exported(marker: Marker, query: str = "") -> bytes:
    answer = marker.get(f"marks.dcm{query}")
    assert answer.status_code == 200, answer.text
    return bytes(answer.data)


def imported(marker: Marker, data: bytes, query: str = "") -> Any:
    head = b'--edge\r\nContent-Disposition: form-data; name="file"; filename="report.dcm"\r\n\r\n'
    body = head + data + b"\r\n--edge--\r\n"
    kind = "multipart/form-data; boundary=edge"
    return marker.post(f"marks/import{query}", data=body, content_type=kind)


def forget(marker: Marker) -> None:
    with marker.reader.app.app_context():
        db.session.query(Mark).delete()
        db.session.commit()


def test_all_marks_come_back_as_they_were(marker: Marker) -> None:
    marks = drawn(marker)
    data = exported(marker)
    forget(marker)
    answer = imported(marker, data)
    assert answer.status_code == 200, answer.text
    assert answer.json["skipped"] == []
    assert {mark["id"] for mark in answer.json["marks"]} == set(marks)
    for mark in answer.json["marks"]:
        before = marks[mark["id"]]
        assert (mark["kind"], mark["label"], mark["space"]) == (before["kind"], before["label"], "patient")
        assert np.abs(np.array(mark["points"]) - before["points"]).max() <= 1e-4
        assert {name: mark["plane"][name] for name in AXIAL} == AXIAL
    again = marker.get("workspace?part=0").json["marks"]
    assert {mark["id"] for mark in again} == set(marks)


def test_importing_twice_changes_nothing(marker: Marker) -> None:
    marker.put(1, "length", KINDS["length"])
    data = exported(marker)
    assert len(imported(marker, data).json["marks"]) == 1
    assert len(imported(marker, data).json["marks"]) == 1
    assert len(marker.get("workspace?part=0").json["marks"]) == 1


def test_the_report_joins_the_study(marker: Marker) -> None:
    drawn(marker)
    document = pydicom.dcmread(io.BytesIO(exported(marker)))
    assert (document.StudyInstanceUID, document.PatientID) == (STUDY_UID, "PH-1")
    assert str(document.PatientName) == "Phantom^Hand"
    assert document.SeriesInstanceUID.startswith("2.25.")
    (evidence,) = document.get("CurrentRequestedProcedureEvidenceSequence") or (
        document.PertinentOtherEvidenceSequence
    )
    (series,) = evidence.ReferencedSeriesSequence
    assert series.SeriesInstanceUID == SERIES_UID
    # Slice 1, on which all of them lie, and no other.
    assert [one.ReferencedSOPInstanceUID for one in series.ReferencedSOPSequence] == [f"{SERIES_UID}.2"]


def test_the_mean_in_the_report_is_the_servers(marker: Marker) -> None:
    box = [[10.25, -19, 33], [11.25, -19, 33], [11.25, -15, 33], [10.25, -15, 33]]
    marker.put(1, "rectangle", box, statistics={"mean": 12})
    document = pydicom.dcmread(io.BytesIO(exported(marker)))
    numbers = [
        float(item.MeasuredValueSequence[0].NumericValue)
        for item in document.ContentSequence[-1].ContentSequence[0].ContentSequence
        if item.ValueType == "NUM"
    ]
    assert numbers[:3] == [4.0, 10.0, -907.5]


def test_nothing_to_export_is_said(marker: Marker) -> None:
    answer = marker.get("marks.dcm")
    assert (answer.status_code, answer.json["error"]["code"]) == (409, "conflict")


def test_images_without_a_place_take_marks_on_pixels(stack: Reader) -> None:
    marker = Marker(stack)
    image = {"space": "image", "image": 1, "spacing_mm": [0.5, 2], "plane": {"name": "stack", "index": 1}}
    marker.put(1, "ellipse", [[3, 2], [5, 2], [3, 4]], **image)
    data = exported(marker)
    forget(marker)
    (mark,) = imported(marker, data).json["marks"]
    assert (mark["space"], mark["image"], mark["spacing_mm"]) == ("image", 1, [0.5, 2.0])
    assert mark["points"] == [[3, 2], [5, 2], [3, 4]]


def test_pixels_of_other_programs_find_their_place_in_the_patient(marker: Marker) -> None:
    # From the centre of pixel (1, 0) to that of (3, 2) of the third image, in the standard's coordinates.
    line = num(LENGTH, "mm", scoord("POLYLINE", [1.5, 0.5, 3.5, 2.5], f"{SERIES_UID}.3"))
    (mark,) = imported(marker, report(group(line))).json["marks"]
    assert (mark["kind"], mark["space"]) == ("length", "patient")
    assert mark["points"] == [[10.5, -20, 36], [11.5, -16, 36]]
    assert (mark["plane"]["name"], mark["plane"]["index"]) == ("axial", 2)


def test_a_mark_across_the_slices_lies_on_the_plane_that_holds_it(marker: Marker) -> None:
    marker.put(1, "length", [[11, -18, 30], [11, -14, 36]], plane=None)
    data = exported(marker)
    (mark,) = imported(marker, data).json["marks"]
    assert (mark["plane"]["name"], mark["plane"]["index"]) == ("sagittal", 2)
    assert mark["plane"]["origin_lps"] == [11, -20, 36]  # seen from the left, the head above


def test_a_mark_on_no_plane_gets_its_own(marker: Marker) -> None:
    marker.put(1, "freehand", [[10, -20, 30], [12, -18, 33], [11, -14, 36]], plane=None)
    data = exported(marker)
    (mark,) = imported(marker, data).json["marks"]
    plane = mark["plane"]
    assert (plane["name"], plane["index"]) == ("oblique", None)
    away = (np.array(mark["points"]) - plane["origin_lps"]) @ plane["normal_lps"]
    assert np.abs(away).max() < 1e-4


def foreign(data: bytes, uid: str) -> bytes:
    """The same report in another frame of reference."""
    assert data.count(FRAME_UID.encode()) >= 1
    return data.replace(FRAME_UID.encode(), uid.encode())


def test_another_frame_of_reference_is_refused(marker: Marker) -> None:
    marker.put(1, "length", KINDS["length"])
    answer = imported(marker, foreign(exported(marker), FRAME_UID[:-1] + "9"))
    assert (answer.status_code, answer.json["error"]["code"]) == (409, "foreign_report")
    assert len(marker.get("workspace?part=0").json["marks"]) == 1


def test_images_of_another_series_are_refused(marker: Marker) -> None:
    line = num(LENGTH, "mm", scoord("POLYLINE", [1.5, 0.5, 3.5, 2.5], "1.2.3.4.5"))
    assert imported(marker, report(group(line))).status_code == 409


def test_what_cannot_be_read_is_listed(marker: Marker) -> None:
    good = num(LENGTH, "mm", scoord("POLYLINE", [1.5, 0.5, 3.5, 2.5]))
    odd = num(LENGTH, "mm", scoord("MULTIPOINT", [1, 1, 2, 2]))
    other = num(LENGTH, "mm", scoord("POLYLINE", [1, 1, 2, 2], "1.2.3.4.5"))
    answer = imported(marker, report(group(good), group(odd), group(other)))
    assert len(answer.json["marks"]) == 1
    assert [one["reason"] for one in answer.json["skipped"]] == [
        "A measurement of the shape MULTIPOINT cannot be drawn.",
        "A measurement was made on an image that is not part of this series.",
    ]


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"", 422, "not_dicom"),
        (b"id,length\r\n1,2\r\n" * 40, 422, "not_dicom"),
        (b"\0" * (4 * 1024 * 1024 + 1), 413, "limit_exceeded"),
    ],
)
def test_what_is_no_report_is_refused(marker: Marker, data: bytes, status: int, code: str) -> None:
    answer = imported(marker, data)
    assert (answer.status_code, answer.json["error"]["code"]) == (status, code)


def test_an_image_is_no_report(marker: Marker) -> None:
    written = io.BytesIO()
    ct_slice(0).save_as(written, enforce_file_format=True)
    answer = imported(marker, written.getvalue())
    assert (answer.status_code, answer.json["error"]["code"]) == (422, "unsupported")


def test_without_a_file(marker: Marker) -> None:
    answer = marker.post("marks/import", data={"other": "x"})
    assert (answer.status_code, answer.json["error"]["field"]) == (400, "file")


def test_what_is_too_much_is_listed_and_the_rest_is_kept(
    marker: Marker, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (1, 2, 3):
        marker.put(number, "length", [[11, -17, 33], [12, -17, 33]])
    written = marker.get("marks.dcm").data
    for number in (1, 2, 3):
        marker.reader.client.delete(f"/api/v1/marks/{mark_id(number)}", headers=marker.token())
    monkeypatch.setattr(workspaces, "MOST_MARKS", 2)
    answer = imported(marker, written)
    assert answer.status_code == 200
    assert [mark["id"] for mark in answer.json["marks"]] == [mark_id(1), mark_id(2)]
    assert "at most 2 are kept" in answer.json["skipped"][0]["reason"]


def test_nothing_of_the_file_stays(marker: Marker) -> None:
    imported(marker, b"no report")
    incoming = marker.reader.app.extensions["store"].incoming
    assert list(incoming.glob("report-*")) == []


def test_another_readers_mark_of_the_same_id_is_not_touched(app: Flask, people: dict[str, Any]) -> None:
    """Bob has the same images: what Alice gave him becomes his own under other ids."""
    alice = Marker(reader_of(app, people["alice"], (ct_slice(k) for k in range(3))))
    alice.put(1, "length", KINDS["length"])
    data = exported(alice)
    theirs = reader_of(app, people["bob"], (ct_slice(k) for k in range(3)))
    bob = Marker(Reader(app, sign_in(app, "bob"), theirs.series_id))
    (mark,) = imported(bob, data).json["marks"]
    assert mark["id"] != mark_id(1)
    (again,) = imported(bob, data).json["marks"]
    assert again["id"] == mark["id"]
    assert [one["id"] for one in alice.get("workspace?part=0").json["marks"]] == [mark_id(1)]


def test_a_mark_on_an_image_with_a_place_comes_back_on_its_image(app: Flask, people: dict[str, Any]) -> None:
    """Images that lie across each other are a stack: there marks are drawn on pixels."""
    images = [ct_slice(0), ct_slice(1)]
    images[1].ImageOrientationPatient = [0, 1, 0, 0, 0, -1]
    marker = Marker(reader_of(app, people["alice"], images))
    image = {"space": "image", "image": 0, "spacing_mm": [0.5, 2], "plane": None}
    marker.put(1, "length", [[0, 0], [4, 0]], **image)
    data = exported(marker)
    forget(marker)
    (mark,) = imported(marker, data).json["marks"]
    assert (mark["space"], mark["image"], mark["spacing_mm"]) == ("image", 0, [0.5, 2.0])
    assert mark["points"] == [[0, 0], [4, 0]]


def scoord3d(shape: str, data: list[float]) -> pydicom.Dataset:
    return content(
        "SCOORD3D", ("", "", ""), GraphicType=shape, GraphicData=data, ReferencedFrameOfReferenceUID=FRAME_UID
    )


def test_points_in_the_patient_are_pixels_of_a_stacks_image(app: Flask, people: dict[str, Any]) -> None:
    images = [ct_slice(0), ct_slice(1)]
    images[1].ImageOrientationPatient = [0, 1, 0, 0, 0, -1]
    marker = Marker(reader_of(app, people["alice"], images))
    on_first = num(LENGTH, "mm", scoord3d("POLYLINE", [10.5, -18, 30, 11.5, -14, 30]))
    across = num(LENGTH, "mm", scoord3d("POLYLINE", [10.5, -18, 30, 11.5, -14, 30.4]))
    answer = imported(marker, report(group(on_first), group(across))).json
    (mark,) = answer["marks"]
    assert (mark["space"], mark["points"]) == ("image", [[1, 1], [3, 3]])
    assert answer["skipped"] == [{"reason": "A measurement lies on none of these images."}]


def test_a_slanting_line_keeps_its_length(marker: Marker) -> None:
    """Both ends lie within half a slice of 3 mm: seen along the slice's normal it would lose 0.6 mm."""
    slanting = [[10, -20, 32], [12, -18, 34]]
    marker.put(1, "length", slanting, plane=None)
    data = exported(marker)
    forget(marker)
    imported(marker, data)
    (mark,) = marker.get("marks.json").json["marks"]
    assert mark["measures"][0]["value"] == pytest.approx(3.4641016, abs=1e-5)


def test_the_longer_axis_is_the_long_one(marker: Marker) -> None:
    """However the two were drawn: the second line was dragged to 4 mm, the first has 1 mm."""
    marker.put(1, "bidirectional", [[10, -20, 33], [11, -20, 33], [10.5, -20, 33], [10.5, -16, 33]])
    wanted = [("long_axis", 4.0), ("short_axis", 1.0)]
    for _time in range(2):
        (mark,) = marker.get("marks.json").json["marks"]
        assert [(one["name"], one["value"]) for one in mark["measures"]] == wanted
        data = exported(marker)
        forget(marker)
        imported(marker, data)
    assert mark["points"][:2] == [[10.5, -20, 33], [10.5, -16, 33]]


def test_marks_on_a_volumes_original_images_are_exported(marker: Marker) -> None:
    image = {"space": "image", "image": 2, "spacing_mm": [0.5, 2], "plane": None}
    marker.put(1, "length", [[0, 0], [4, 0]], **image)
    data = exported(marker)
    forget(marker)
    (there,) = imported(marker, data, "?as=stack").json["marks"]
    assert (there["space"], there["image"], there["points"]) == ("image", 2, [[0, 0], [4, 0]])
    forget(marker)
    (mark,) = imported(marker, data).json["marks"]
    assert (mark["space"], mark["points"]) == ("patient", [[10, -20, 36], [12, -20, 36]])


def test_a_line_that_leaves_its_ultrasound_region_gets_no_length(app: Flask, people: dict[str, Any]) -> None:
    image = ct_slice(0)
    image.SOPClassUID, image.Modality = "1.2.840.10008.5.1.4.1.1.6.1", "US"
    del image.PixelSpacing, image.ImagePositionPatient, image.ImageOrientationPatient
    region = pydicom.Dataset()
    region.RegionSpatialFormat, region.RegionDataType, region.RegionFlags = 1, 1, 0
    region.RegionLocationMinX0, region.RegionLocationMinY0 = 1, 0
    region.RegionLocationMaxX1, region.RegionLocationMaxY1 = 3, 3
    region.PhysicalUnitsXDirection = region.PhysicalUnitsYDirection = 3
    region.PhysicalDeltaX, region.PhysicalDeltaY = 0.05, -0.05
    image.SequenceOfUltrasoundRegions = [region]
    marker = Marker(reader_of(app, people["alice"], [image]))
    inside = num(LENGTH, "mm", scoord("POLYLINE", [1.5, 0.5, 3.5, 0.5], image.SOPInstanceUID))
    leaving = num(LENGTH, "mm", scoord("POLYLINE", [0.5, 0.5, 3.5, 0.5], image.SOPInstanceUID))
    marks = [imported(marker, report(group(one))).json["marks"][0] for one in (inside, leaving)]
    assert [mark["spacing_mm"] for mark in marks] == [[0.5, 0.5], None]
